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
programs=(examples/c/seal.c examples/c/seal.cpp examples/c/call.c examples/c/call.cpp
  examples/c/rekey.c
  examples/webrtc/frame_crypto_test.cpp examples/webrtc/mls_frame_crypto_test.cpp
  examples/webrtc/sframe_crypto_test.cpp
  ffi/tests/c/misuse.c ffi/tests/c/hard.c ffi/tests/c/epoch_misuse.c ffi/tests/c/epoch_hard.c
  ffi/tests/c/sender_key_misuse.c ffi/tests/c/beside_misuse.c ffi/tests/c/threads.c
  ffi/tests/cpp/frames.cpp ffi/tests/cpp/calls.cpp ffi/tests/cpp/errors.cpp
  ffi/tests/cpp/values.cpp)
warnings=(-Wall -Wextra -Wpedantic -Werror)
cxx_warnings=("${warnings[@]}" -Wconversion -Wshadow)
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

# Every error is what some test program expects, in C or by its name in C++. Not the internal one: it
# stands for a panic, and no call is known to bring one about.
every_error_is_expected() {
  local error missing=0
  for error in $(sed -n 's/^#define FRAMESEAL_ERROR_\([A-Z_]*\) .*/\1/p' include/frameseal.h); do
    if [ "$error" != INTERNAL ] && ! grep -qwF -e "FRAMESEAL_ERROR_$error" ffi/tests/c/*.[ch] &&
      ! grep -qwF -e "${error,,}" ffi/tests/cpp/*.cpp; then
      echo "no test program expects FRAMESEAL_ERROR_$error" >&2
      missing=1
    fi
  done
  return $missing
}

# Every function and every number of the C header is reached through the C++ headers: their code
# names it, not only a comment.
the_cpp_headers_reach_everything() {
  local name missing=0
  sed 's,//.*,,' include/frameseal.hpp include/frameseal/*.hpp |
    grep -owE '(frameseal|FRAMESEAL)_[A-Za-z0-9_]*' | sort -u >"$work/reached"
  for name in $(grep -o 'frameseal_[a-z0-9_]*(' include/frameseal.h | tr -d '(' | sort -u) \
    $(sed -nE 's/^#define (FRAMESEAL_[A-Z0-9_]+) [0-9].*/\1/p' include/frameseal.h); do
    if ! grep -qxF "$name" "$work/reached"; then
      echo "frameseal.hpp does not reach $name" >&2
      missing=1
    fi
  done
  return $missing
}

# What docs/libwebrtc.md shows in C++ stands in one of the programs that are compiled.
the_guide_shows_what_is_compiled() {
  local compiled line block='' blocks=0 inside=
  compiled=$(sed 's/^ *//' examples/webrtc/*_test.cpp)
  while IFS= read -r line; do
    case $inside$line in
      '```cpp') inside=yes block= ;;
      'yes```')
        inside= blocks=$((blocks + 1))
        if [[ $'\n'$compiled$'\n' != *$'\n'"$block"* ]]; then
          printf 'docs/libwebrtc.md shows what is in no program:\n%s' "$block" >&2
          return 1
        fi
        ;;
      yes*) block+=${line#"${line%%[! ]*}"}$'\n' ;;
    esac
  done <docs/libwebrtc.md
  [ "$blocks" -gt 0 ]
}

# compile SOURCE OUTPUT C-COMPILER C++-COMPILER [FLAGS...]: to an object, NAME.cpp to several if
# there are further translation units NAME.*.cpp.
compile() {
  local source=$1 output=$2 cc=$3 cxx=$4 unit flags
  shift 4
  case $source in
    *.c) "$cc" -std=c11 -g -O1 "${warnings[@]}" -Iinclude "$source" -c "$@" -o "$output.o" ;;
    *.cpp)
      for unit in "$source" "${source%.cpp}".*.cpp; do
        [ -e "$unit" ] || continue
        flags=("$@")
        case $unit in
          *.no_exceptions.cpp) flags+=(-fno-exceptions -fno-rtti) ;;
          # As libwebrtc compiles them; its SFrame interfaces are in C++20.
          examples/webrtc/*) flags+=(-fno-exceptions -fno-rtti -Iexamples/webrtc/stubs) ;;&
          examples/webrtc/sframe_*) flags+=(-std=c++20) ;;
        esac
        "$cxx" "-std=${cxx_standard:-c++17}" -g1 -O0 "${cxx_warnings[@]}" -Iinclude "$unit" -c \
          "${flags[@]}" -o "$output.$(basename "$unit").o"
      done
      ;;
  esac
}

# each_program COMMAND [ARGUMENTS...]: the command with each program behind it, as many at a time as
# there are processors.
each_program() {
  local source job jobs=()
  for source in "${programs[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
      wait -n
    done
    "$@" "$source" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do
    wait "$job"
  done
}

# compile_for SUFFIX C-COMPILER C++-COMPILER [FLAGS...] SOURCE
compile_for() {
  local suffix=$1 cc=$2 cxx=$3 source=${!#}
  compile "$source" "$work/$(basename "$source").$suffix" "$cc" "$cxx" "${@:4:$#-4}"
}

# link SOURCE PROGRAM OBJECTS C-COMPILER C++-COMPILER [FLAGS AND LIBRARIES...]
link() {
  local source=$1 program=$2 objects=$3 cc=$4 cxx=$5
  shift 5
  case $source in
    *.c) "$cc" "$objects.o" "$@" -o "$program" ;;
    *.cpp) "$cxx" "$objects".*.o "$@" -o "$program" ;;
  esac
}

# run PROGRAM [COMMAND IN FRONT...]: shows the output only when it fails.
run() {
  local program=$1 arguments=()
  shift
  case $program in
    */call.c.*) arguments=("$media") ;;
  esac
  if ! "$@" "$program" "${arguments[@]}" >"$program.output" 2>&1; then
    cat "$program.output"
    echo "FAILED: $* $program" >&2
    return 1
  fi
  echo "ok: $(basename "$program"): $(tail -n 1 "$program.output")"
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

# The headers alone, first in their files, in both languages; those for C++ in every standard, and
# behind one that makes a macro of a name, as Xlib.h does.
the_headers_stand_alone() {
  local cc=$1 cxx=$2 standard lines
  echo '#include "frameseal.h"
FRAMESEAL_DEPRECATED("use another") FRAMESEAL_API FRAMESEAL_MUST_USE int frameseal_old(void);' \
    >"$work/header.c"
  cp "$work/header.c" "$work/header.cpp"
  compile "$work/header.c" "$work/header" "$cc" "$cxx"
  compile "$work/header.cpp" "$work/header" "$cc" "$cxx"
  for standard in c++17 c++20; do
    for lines in '#include "frameseal.hpp"' \
      $'#define Status int\n#include "frameseal.hpp"\nStatus back(frameseal::EncryptionStatus);'; do
      "$cxx" "-std=$standard" "${cxx_warnings[@]}" -Iinclude -fsyntax-only -x c++ - <<<"$lines"
    done
  done
}

# frameseal.h as compilers for Windows see it, with and without the DLL.
the_header_is_good_on_windows() {
  local target shared standard
  for target in x86_64-pc-windows-msvc x86_64-w64-windows-gnu; do
    for shared in -UFRAMESEAL_SHARED -DFRAMESEAL_SHARED; do
      for standard in c++11 c++17 c++20; do
        clang++ "--target=$target" -ffreestanding -nostdlibinc "-std=$standard" "$shared" \
          "${cxx_warnings[@]}" -Iinclude -fsyntax-only "$work/header.cpp"
      done
      clang "--target=$target" -ffreestanding -nostdlibinc -std=c11 "$shared" "${warnings[@]}" \
        -Iinclude -fsyntax-only "$work/header.c"
    done
  done
}

# plain_one C-COMPILER C++-COMPILER SOURCE: with the static library, and with the shared one.
plain_one() {
  local cc=$1 cxx=$2 source=$3
  local name=$work/$(basename "$source").$cc
  link "$source" "$name.static" "$name" "$cc" "$cxx" "$static" "${system_libraries[@]}"
  run "$name.static"
  link "$source" "$name.shared" "$name" "$cc" "$cxx" -L"$shared" -lframeseal -lpthread \
    -Wl,-rpath,"$shared"
  run "$name.shared"
}

# What one pair of compilers makes of all programs.
plain_with() {
  the_headers_stand_alone "$@"
  each_program compile_for "$1" "$@"
  each_program plain_one "$@"
}

plain() {
  build_release
  only_our_symbols
  tests/abi.sh
  plain_with gcc g++
  # Programs of the other standard link with the same library.
  cxx_standard=c++20 plain_with clang clang++
  the_header_is_good_on_windows
  the_harness_measures
}

# One round of benches/c beside each library that is here, in which all that is sealed must open.
the_harness_measures() {
  if [ -e /usr/include/openssl/evp.h ]; then
    one_round_beside OpenSSL
  else
    echo "no libssl-dev: benches/c is not run"
  fi
  if [ -e /usr/include/intel-ipsec-mb.h ]; then
    one_round_beside IPsec benches/c/ipsec_mb.c -lIPSec_MB
  else
    echo "no libipsec-mb-dev: benches/c/ipsec_mb.c is not run"
  fi
}

# one_round_beside NAME [FILE LIBRARIES...]
one_round_beside() {
  local name=$1
  shift
  benches/c/run.sh --test "$@" >"$work/output"
  grep -c '^| AES_' "$work/output" | sed "s/^/ok: benches\/c beside $name, rows: /"
}

asan_flags=(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

# asan_one LIBRARY SOURCE
asan_one() {
  local library=$1 source=$2
  local name=$work/$(basename "$source").asan
  link "$source" "$name" "$name" clang clang++ "${asan_flags[@]}" "$library" \
    "${system_libraries[@]}"
  ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 run "$name"
}

asan() {
  build_release
  local libraries=("$static") nightly=x86_64-unknown-linux-gnu library
  # Rust's sanitizer runtime and clang's are the same one; the program brings it.
  if cargo +nightly --version >/dev/null 2>&1; then
    RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=$target/asan \
      cargo +nightly build -q -p frameseal-ffi --target "$nightly"
    libraries+=("$target/asan/$nightly/debug/libframeseal.a")
  else
    echo "no nightly toolchain: the Rust side is not sanitized"
  fi
  each_program compile_for asan clang clang++ "${asan_flags[@]}"
  for library in "${libraries[@]}"; do
    each_program asan_one "$library"
  done
}

one_under_valgrind() {
  local source=$1
  local name=$work/$(basename "$source").valgrind
  link "$source" "$name" "$name" gcc g++ "$static" "${system_libraries[@]}"
  # Threads take turns: else the one that loops until the others end may keep them from running.
  # What valgrind finds would stand far above the program's last lines.
  run "$name" valgrind -q --fair-sched=try --error-exitcode=1 --leak-check=full \
    --show-leak-kinds=all --log-file="$name.found" || {
    cat "$name.found" >&2
    return 1
  }
}

under_valgrind() {
  build_release
  each_program compile_for valgrind gcc g++
  each_program one_under_valgrind
}

every_function_is_called
every_error_is_expected
the_cpp_headers_reach_everything
the_guide_shows_what_is_compiled
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
