#!/usr/bin/env bash
# Builds the C library for devices without allocator and operating system, and runs the C programs of
# ffi/embedded/tests and examples/c/embedded.c with it:
#   tests/embedded.sh host    on this computer: with sanitizers, under valgrind, and without a libc
#   tests/embedded.sh arm     on an emulated Cortex-M4 without an operating system
#   tests/embedded.sh         both; the second one only where its tools are, but always with
#                             FRAMESEAL_REQUIRE_EMBEDDED=1
# One line for each check; ends with 1 when one of them fails. Linux on x86-64. The Arm part needs
# Debian's clang, lld-22 and qemu-system-arm, and rustc-web, cargo-web and rust-web-src where rustup
# has no thumbv7em-none-eabihf.
set -euo pipefail
cd "$(dirname "$0")/.."
# The proof needs flags of its own, and nothing needs others from outside.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS

tests=ffi/embedded/tests
target=$(realpath -m "${CARGO_TARGET_DIR:-target}/embedded")
machine=thumbv7em-none-eabihf
programs=(examples/c/embedded.c "$tests"/{frames,placing,keys,vectors}.c)
warnings=(-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME COMMAND...: shows what the command says when it fails, and ends. Not run as the condition
# of the `if`: there a function would go on behind a line that failed.
check() {
  local name=$1
  shift
  "$@" >"$work/output" 2>&1 &
  if ! wait $!; then
    tail -n 20 "$work/output"
    echo "FAIL  $name"
    exit 1
  fi
  echo "ok    $name"
}

# The vectors of tests/vectors/sframe.txt as C.
write_vectors() {
  awk '
    function bytes(hex,  text, at) {
      for (at = 1; at < length(hex); at += 2) text = text "0x" substr(hex, at, 2) ","
      return "{" text "}, " length(hex) / 2 ", "
    }
    function finish() {
      if (!it["cipher_suite"]) return
      print "  {" it["cipher_suite"] ", " it["kid"] "u, " it["ctr"] "u, " bytes(it["base_key"])
      print "   " bytes(it["metadata"]) bytes(it["pt"]) bytes(it["ct"]) "},"
      delete it
    }
    BEGIN {
      print "/* Written from tests/vectors/sframe.txt. */\nstruct vector {"
      print "  frameseal_suite suite;\n  uint64_t key_id, counter;\n  uint8_t base_key[32];"
      print "  size_t base_key_len;\n  uint8_t metadata[32];\n  size_t metadata_len;"
      print "  uint8_t payload[64];\n  size_t payload_len;\n  uint8_t sealed[96];\n  size_t sealed_len;"
      print "};\nstatic const struct vector vectors[] = {"
    }
    NF == 3 && $2 == "=" { it[$1] = $3; next }
    NF == 0 { finish() }
    END { finish(); print "};" }' tests/vectors/sframe.txt >"$work/vectors.h"
}

# Every function of the header is called by some program, so that all are linked and run.
every_function_is_called() {
  local function missing=0
  for function in $(grep -o 'frameseal_[a-z0-9_]*(' include/frameseal_embedded.h | sort -u); do
    if ! grep -qF "$function" "${programs[@]}"; then
      echo "no program calls ${function%(}"
      missing=1
    fi
  done
  return $missing
}

# The example of the documentation is the one that runs here.
the_document_shows_the_example() {
  awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' docs/embedded.md >"$work/shown.c"
  diff "$work/shown.c" <(sed '1,/^ \*\/$/d' examples/c/embedded.c)
}

# Application code compiles for both libraries: what both have, they declare alike, but that here no
# handle is `const`.
both_headers_declare_the_same() {
  local header
  for header in frameseal frameseal_embedded; do
    awk 'BEGIN { RS = "\\*/" } { sub(/\/\*.*/, ""); printf "%s ", $0 }' "include/$header.h" |
      awk '/^extern "C"/ { on = 1; next } /^#|^}|^ *FRAMESEAL_MUST_USE/ { next } on' |
      tr -s ' \n' ' ' | tr ';' '\n' | grep -o '[a-z].*(.*)' |
      sed -E 's/const (struct frameseal_(en|de)cryptor)/\1/' | sort >"$work/$header.declared"
    sed 's/(.*//; s/.*[ *]//' "$work/$header.declared" | sort >"$work/$header.names"
  done
  comm -12 "$work"/frameseal{,_embedded}.names >"$work/both.names"
  test "$(wc -l <"$work/both.names")" -gt 25
  for header in frameseal frameseal_embedded; do
    grep -wF -f "$work/both.names" "$work/$header.declared" |
      grep -E "($(paste -sd'|' "$work/both.names"))\(" >"$work/$header.both"
  done
  diff "$work/frameseal.both" "$work/frameseal_embedded.both"
}

# build OUTPUT-DIRECTORY [CARGO OPTION...]: the library for this computer.
build_host() {
  local directory=$1
  shift
  cargo build -q --locked --release --manifest-path ffi/embedded/Cargo.toml --target-dir \
    "$directory" "$@"
}

# The same for the microcontroller: with the precompiled target if it is there, else with Debian's
# toolchain.
build_arm() {
  local directory=$1 command=(cargo)
  shift
  if ! rustup target list --installed 2>/dev/null | grep -q "^$machine\$"; then
    command=(env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo -Zbuild-std=core)
  fi
  "${command[@]}" build -q --locked --release --manifest-path ffi/embedded/Cargo.toml \
    --target "$machine" --target-dir "$directory" "$@"
}

# How far the optimizer must look to see that no panic can be reached; tests/freestanding says more.
as_proof() {
  RUSTFLAGS="-Cllvm-args=-inline-threshold=4000 -Cllvm-args=-unroll-threshold=1500" \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=3 "$@"
}

# panic_free LINKER ARCHIVE: with all functions of the library linked, and what they cannot reach
# dropped, nothing is there that panics.
panic_free() {
  local linker=$1 archive=$2 functions
  functions=$(nm --defined-only "$archive" 2>/dev/null |
    awk '$2 == "T" && $3 ~ /^frameseal_/ { print $3 }' | sort -u)
  test "$(wc -w <<<"$functions")" -ge \
    "$(grep -o 'frameseal_[a-z0-9_]*(' include/frameseal_embedded.h | sort -u | wc -l)"
  # shellcheck disable=SC2046
  "$linker" --gc-sections -e frameseal_version $(printf -- '-u %s ' $functions) \
    "$work/linked_with.o" "$archive" -o "$work/all"
  nm "$work/all" >"$work/symbols"
  grep -q ' T frameseal_decryptor_decrypt$' "$work/symbols"
  ! grep -iE 'panic|unwrap_failed|slice.*fail|rust_begin_unwind' "$work/symbols"
}

proofs() { # NAME BUILD LINKER RELEASE-DIRECTORY
  local name=$1 build=$2 linker=$3 release=$4
  check "$name: builds for the proof" as_proof "$build" "$target/proof"
  check "$name: no function can reach a panic" \
    panic_free "$linker" "$target/proof/$release/libframeseal_embedded.a"
}

# compile COMPILER SOURCE OUTPUT [OPTION...]: a program with its platform, without warnings.
compile() {
  local compiler=$1 source=$2 output=$3
  shift 3
  "$compiler" "${warnings[@]}" -Iinclude -I"$work" "$source" "$@" -o "$output"
}

host() {
  local source name compiler library=$target/release/libframeseal_embedded.a
  check "every function is called" every_function_is_called
  check "docs/embedded.md shows examples/c/embedded.c" the_document_shows_the_example
  check "both headers declare what both have alike" both_headers_declare_the_same
  check "the library builds without std" build_host "$target"
  check "clippy" cargo clippy -q --locked --release --manifest-path ffi/embedded/Cargo.toml \
    --target-dir "$target" --all-features -- -D warnings
  echo '#include "frameseal.h"' >"$work/header.cpp"
  for compiler in g++ clang++; do
    check "the header is C++, too, for $compiler" "$compiler" -std=c++17 "${warnings[@]:1}" \
      -DFRAMESEAL_NO_ALLOC -Iinclude -fsyntax-only "$work/header.cpp"
  done
  for source in "${programs[@]}"; do
    name=$(basename "$source" .c)
    # The last one is for valgrind, too, which cannot read what clang says for debuggers.
    for compiler in clang gcc; do
      compile "$compiler" "$source" "$work/$name" -O1 -g $tests/hosted.c "$library"
      check "$name, $compiler" "$work/$name"
    done
    check "$name under valgrind" valgrind -q --error-exitcode=1 "$work/$name"
    compile clang "$source" "$work/$name" -O1 -g -fsanitize=address,undefined \
      -fno-sanitize-recover=all $tests/hosted.c "$library"
    check "$name, sanitized" "$work/$name"
    gcc "${warnings[@]}" -O1 -ffreestanding -fno-builtin -fno-stack-protector -c $tests/linux.c \
      -o "$work/linux.o"
    compile gcc "$source" "$work/$name" -O1 -ffreestanding -fno-stack-protector -nostdlib -static \
      -no-pie -Wl,--gc-sections "$work/linux.o" "$library"
    check "$name without libc" "$work/$name"
  done
  compile gcc $tests/figures.c "$work/figures" -O1 $tests/hosted.c "$library"
  check "figures" "$work/figures"
  grep bytes "$work/output"
  # What the library wants from outside on this computer, and what that wants itself.
  echo 'int main(void) { return 0; }' | gcc -ffreestanding -c -x c - -o "$work/main.o"
  ld -r "$work/linux.o" "$work/main.o" -o "$work/linked_with.o"
  proofs host build_host ld release
  check "control: the library with a panic builds" as_proof build_host "$target/proof" \
    --features provoke
  if panic_free ld "$target/proof/release/libframeseal_embedded.a" >"$work/output" 2>&1 ||
    ! grep -q panicking "$work/output"; then
    echo "FAIL  control: a panic that can be reached is found"
    exit 1
  fi
  echo "ok    control: a panic that can be reached is found"
}

# Why the Arm part cannot run here; nothing when it can.
missing_for_arm() {
  local tool sysroot
  for tool in clang ld.lld-22 qemu-system-arm; do
    command -v "$tool" >/dev/null || echo "no $tool"
  done
  if ! rustup target list --installed 2>/dev/null | grep -q "^$machine\$"; then
    sysroot=$(/usr/bin/rustc --print sysroot 2>/dev/null || true)
    if [ ! -x /usr/bin/cargo ] || [ ! -e "$sysroot/lib/rustlib/src/rust/library/Cargo.lock" ]; then
      echo "no Rust for $machine"
    fi
  fi
}

# compile_arm SOURCE OUTPUT LIBRARY: for the emulated machine.
compile_arm() {
  local source=$1 output=$2 library=$3 object objects=()
  for object in "$source" $tests/machine.c; do
    clang --target=$machine -mcpu=cortex-m4 "${warnings[@]}" -Os -ffreestanding -ffunction-sections \
      -fdata-sections -Iinclude -I"$work" -I$tests -c "$object" -o "$work/$(basename "$object").o"
    objects+=("$work/$(basename "$object").o")
  done
  ld.lld-22 --gc-sections -T $tests/machine.ld "${objects[@]}" "$library" -o "$output"
}

run_arm() {
  timeout 300 qemu-system-arm -M mps2-an386 -nographic -icount shift=0 \
    -semihosting-config enable=on,target=native -kernel "$1" </dev/null
}

arm() {
  local source name missing library=$target/$machine/release/libframeseal_embedded.a
  missing=$(missing_for_arm | paste -sd, | sed 's/,/, /g')
  if [ -n "$missing" ]; then
    if [ "${FRAMESEAL_REQUIRE_EMBEDDED:-0}" = 1 ]; then
      echo "FAIL  the emulated Cortex-M4: $missing"
      exit 1
    fi
    echo "skip  the emulated Cortex-M4: $missing"
    return
  fi
  check "Cortex-M4: the library builds" build_arm "$target"
  for source in "${programs[@]}" $tests/interrupts.c $tests/figures.c; do
    name=$(basename "$source" .c)
    check "Cortex-M4: $name compiles and links" compile_arm "$source" "$work/$name.elf" "$library"
    check "Cortex-M4: $name runs" run_arm "$work/$name.elf"
  done
  cat "$work/output"
  echo "bytes of code and constants of examples/c/embedded.c, all suites in it:" \
    "$(size -A "$work/embedded.elf" | awk '$1 == ".text" { print $2 }')"
  : >"$work/empty.c"
  clang --target=$machine -c "$work/empty.c" -o "$work/linked_with.o"
  proofs Cortex-M4 build_arm ld.lld-22 "$machine/release"
}

write_vectors
case ${1:-all} in
  host) host ;;
  arm) FRAMESEAL_REQUIRE_EMBEDDED=1 arm ;;
  all)
    host
    arm
    ;;
  *)
    echo "usage: tests/embedded.sh [host|arm]" >&2
    exit 2
    ;;
esac
