#!/usr/bin/env bash
# The C library from several threads, under ThreadSanitizer: ffi/tests/c/threads.c, with Rust's
# standard library instrumented too, whose locks it would not see otherwise.
#
# That takes the sources of the standard library: those of a nightly toolchain (rust-src), or Debian's
# packages rustc-web, cargo-web and rust-web-src. Where neither is, it says so and ends well, or
# badly if FRAMESEAL_REQUIRE_TSAN is set. Valgrind's helgrind and drd are no substitute: they know
# the locks of pthread, and Rust's are others, so they report hundreds of races that are none.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}/tsan
triple=x86_64-unknown-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sources() { [ -f "$1/lib/rustlib/src/rust/library/Cargo.lock" ]; }
if sources "$(rustc +nightly --print sysroot 2>/dev/null || true)"; then
  build=(cargo +nightly)
elif [ -x /usr/bin/cargo ] && sources "$(/usr/bin/rustc --print sysroot)"; then
  build=(env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo)
else
  echo "skip  ThreadSanitizer: no toolchain here has the sources of the standard library"
  [ -z "${FRAMESEAL_REQUIRE_TSAN:-}" ]
  exit
fi

RUSTFLAGS=-Zsanitizer=thread "${build[@]}" rustc -q --lib --crate-type staticlib \
  -Zbuild-std=std,panic_unwind --manifest-path ffi/Cargo.toml --target "$triple" \
  --target-dir "$target"

# Names that the runtimes of older versions of clang do not have.
cat >"$work/names.c" <<'C'
#include <string.h>
__attribute__((weak)) void *__tsan_memcpy(void *to, const void *from, size_t len) { return memcpy(to, from, len); }
__attribute__((weak)) void *__tsan_memmove(void *to, const void *from, size_t len) { return memmove(to, from, len); }
__attribute__((weak)) void *__tsan_memset(void *to, int byte, size_t len) { return memset(to, byte, len); }
C
clang -std=c11 -g -O1 -fsanitize=thread -Iinclude ffi/tests/c/threads.c "$work/names.c" \
  "$target/$triple/debug/libframeseal.a" -lpthread -ldl -lm -o "$work/threads"

# At fixed addresses: the shadow memory has no room for all that the kernel may choose.
run() { setarch -R "$work/threads" "$@" >"$work/output" 2>&1; }

if ! run; then
  cat "$work/output"
  echo "FAIL  threads.c under ThreadSanitizer"
  exit 1
fi
echo "ok    threads.c under ThreadSanitizer: $(tail -n 1 "$work/output")"

# It would see one: threads that write to one buffer, which the header does not allow. They open the
# same frames, so on a busy machine one may have opened all before the others begin: some tries.
race_is_seen() { ! run race && grep -q 'data race' "$work/output"; }
for _ in {1..20}; do
  if race_is_seen; then
    echo "ok    control: a race in what the library writes is seen"
    exit
  fi
done
cat "$work/output"
echo "FAIL  control: a race was not seen"
exit 1
