#!/usr/bin/env bash
# Builds the C library, compiles the C and C++ programs against it, and runs them.
#   tests/c.sh plain      gcc and clang, static and shared library, no warnings
#   tests/c.sh asan       AddressSanitizer and UBSan in C and C++, and in Rust where nightly is there
#   tests/c.sh valgrind   the ordinary build under valgrind
#   tests/c.sh all        everything (also without an argument)
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
media=examples/media/video.ivf
programs=(examples/c/seal.c examples/c/seal.cpp examples/c/call.c examples/c/rekey.c
  ffi/tests/c/misuse.c ffi/tests/c/hard.c ffi/tests/c/epoch_misuse.c ffi/tests/c/epoch_hard.c
  ffi/tests/c/sender_key_misuse.c ffi/tests/c/beside_misuse.c)
warnings=(-Wall -Wextra -Wpedantic -Werror)
system_libraries=(-lpthread -ldl -lm)

# Every function of the header is called by some program, so that all are linked and run.
every_function_is_called() {
  local function missing=0
  for function in $(grep -o 'frameseal_[a-z0-9_]*(' include/frameseal.h | sort -u); do
    # A declaration or a call: in the header's comments names stand without arguments.
    if ! grep -qF "$function" "${programs[@]}"; then
      echo "no C program calls ${function%(}" >&2
      missing=1
    fi
  done
  return $missing
}

# compile SOURCE OUTPUT C-COMPILER C++-COMPILER [FLAGS AND LIBRARIES...]
compile() {
  local source=$1 output=$2 cc=$3 cxx=$4
  shift 4
  case $source in
    *.c) "$cc" -std=c11 -g -O1 "${warnings[@]}" -Iinclude "$source" "$@" -o "$output" ;;
    *.cpp) "$cxx" -std=c++17 -g -O1 "${warnings[@]}" -Iinclude "$source" "$@" -o "$output" ;;
  esac
}

# run PROGRAM [COMMAND IN FRONT...]: shows the output only when it fails.
run() {
  local program=$1 arguments=()
  shift
  case $program in
    */call.c*) arguments=("$media") ;;
  esac
  if ! "$@" "$program" "${arguments[@]}" >"$work/output" 2>&1; then
    cat "$work/output"
    echo "FAILED: $* $program" >&2
    return 1
  fi
  echo "ok: $(basename "$program") $*: $(tail -n 1 "$work/output")"
}

build_release() {
  cargo build -q --release -p frameseal-ffi
  static=$target/release/libframeseal.a
  shared=$(realpath "$target/release")
}

# Everything that the shared library offers begins with frameseal_.
only_our_symbols() {
  local others
  others=$(nm -D --defined-only "$target/release/libframeseal.so" |
    awk '$2 ~ /[TDBRW]/ && $3 !~ /^frameseal_/ { print $3 }')
  if [ -n "$others" ]; then
    echo "libframeseal.so also exports: $others" >&2
    return 1
  fi
}

plain() {
  build_release
  only_our_symbols
  tests/abi.sh
  local compilers cc cxx source name
  for compilers in "gcc g++" "clang clang++"; do
    read -r cc cxx <<<"$compilers"
    # The header alone, first in its file, in both languages.
    echo '#include "frameseal.h"' >"$work/header.c"
    cp "$work/header.c" "$work/header.cpp"
    compile "$work/header.c" "$work/header.c.o" "$cc" "$cxx" -c
    compile "$work/header.cpp" "$work/header.cpp.o" "$cc" "$cxx" -c
    for source in "${programs[@]}"; do
      name=$work/$(basename "$source").$cc
      compile "$source" "$name.static" "$cc" "$cxx" "$static" "${system_libraries[@]}"
      run "$name.static"
      compile "$source" "$name.shared" "$cc" "$cxx" -L"$shared" -lframeseal -lpthread \
        -Wl,-rpath,"$shared"
      run "$name.shared"
    done
  done
  the_harness_measures
}

# One round of benches/c, in which all that is sealed must open.
the_harness_measures() {
  if [ ! -e /usr/include/openssl/evp.h ]; then
    echo "no libssl-dev: benches/c is not run"
    return
  fi
  benches/c/run.sh --test >"$work/output"
  grep -c '^| AES_' "$work/output" | sed 's/^/ok: benches\/c, rows: /'
}

asan() {
  build_release
  local libraries=("$static") nightly=x86_64-unknown-linux-gnu source name cc library
  # Rust's sanitizer runtime and clang's are the same one; the program brings it.
  if cargo +nightly --version >/dev/null 2>&1; then
    RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=$target/asan \
      cargo +nightly build -q -p frameseal-ffi --target "$nightly"
    libraries+=("$target/asan/$nightly/debug/libframeseal.a")
  else
    echo "no nightly toolchain: the Rust side is not sanitized"
  fi
  local flags=(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  for library in "${libraries[@]}"; do
    for source in "${programs[@]}"; do
      name=$work/$(basename "$source").asan
      compile "$source" "$name" clang clang++ "${flags[@]}" "$library" "${system_libraries[@]}"
      ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 run "$name"
    done
  done
}

under_valgrind() {
  build_release
  local source name
  for source in "${programs[@]}"; do
    name=$work/$(basename "$source").valgrind
    compile "$source" "$name" gcc g++ "$static" "${system_libraries[@]}"
    run "$name" valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=all
  done
}

every_function_is_called
case ${1:-all} in
  plain) plain ;;
  asan) asan ;;
  valgrind) under_valgrind ;;
  all)
    plain
    asan
    under_valgrind
    ;;
  *)
    echo "usage: tests/c.sh [plain|asan|valgrind|all]" >&2
    exit 2
    ;;
esac
