#!/usr/bin/env bash
# The C library as an application gets it: installed and found by CMake and by pkg-config, and as a
# folder of the application's own sources; static and shared. Needs cmake 3.16, pkg-config, make or
# ninja, and Linux. Cargo builds once for all, and once with the kernel, in a folder of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
cargo_target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/packaging
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

for tool in cmake pkg-config readelf nm; do
  command -v $tool >/dev/null || fail "there is no $tool"
done

# quietly COMMAND...: shows the output only when it fails.
quietly() {
  "$@" >"$work/output" 2>&1 || {
    cat "$work/output"
    fail "$*"
  }
}

runs() {
  quietly "$@"
  echo "ok: ${*##*/}: $(tail -n 1 "$work/output")"
}

needs() { readelf -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'; }

# That PROGRAM runs, and was linked with the shared library or not.
shared() {
  runs "$1"
  needs "$1" | grep -qx "$soname" || fail "$1 does not ask for $soname"
}
static() {
  runs "$1"
  if needs "$1" | grep -q frameseal; then fail "$1 asks for the shared library"; fi
}

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
# Before 1.0 the minor version belongs to the name.
case $version in
  0.*) abi=${version%.*} ;;
  *) abi=${version%%.*} ;;
esac
soname=libframeseal.so.$abi

# The application: one program with whatever frameseal::frameseal is, one with each library.
application=$work/application
mkdir "$application"
cp examples/c/seal.c "$application"
echo '#include <frameseal.h>' >"$application/header.c"
cat >"$application/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(application LANGUAGES C)
set(CMAKE_C_STANDARD 11)
set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
if(FRAMESEAL_SOURCES)
  add_subdirectory("${FRAMESEAL_SOURCES}" library)
else()
  find_package(frameseal "${FRAMESEAL_WANTED}" CONFIG REQUIRED COMPONENTS static shared)
endif()
foreach(library frameseal static shared)
  add_executable(${library} seal.c header.c)
  target_link_libraries(${library} PRIVATE frameseal::${library})
endforeach()
END

# configure NAME OPTIONS...: the application, in the folder NAME.
configure() {
  local name=$1
  shift
  cmake -S "$application" -B "$work/$name" -DCMAKE_BUILD_TYPE=Release "$@"
}

installed() {
  quietly cmake -S ffi -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib \
    -DFRAMESEAL_CARGO_TARGET_DIR="$cargo_target"
  quietly cmake --build "$work/build"
  quietly cmake --install "$work/build" --prefix "$work/first"
  # What is installed does not know where.
  mv "$work/first" "$work/prefix"
  prefix=$work/prefix
  diff <(cd include && find . -type f | sort) <(cd "$prefix/include" && find . -type f | sort) ||
    fail "not all headers are installed"
}

the_shared_library_shows_only_the_header() {
  local library=$prefix/lib/libframeseal.so
  [ "$(readlink -f "$library")" = "$(realpath "$library.$version")" ] || fail "no $library.$version"
  [ "$(readlink -f "$prefix/lib/$soname")" = "$(realpath "$library.$version")" ] || fail "no $soname"
  readelf -dW "$library" | grep -q "soname: \[$soname\]" || fail "$library has another soname"
  nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sort >"$work/exported"
  grep -o 'frameseal_[a-z0-9_]*(' ffi/abi/symbols.txt | sed "s/(/@@FRAMESEAL_$abi/" | sort \
    >"$work/declared"
  diff "$work/declared" "$work/exported" || fail "$library exports something else"
  echo "ok: $soname: $(wc -l <"$work/exported") functions of the node FRAMESEAL_$abi"
}

cmake_finds_it() {
  quietly configure found -DCMAKE_PREFIX_PATH="$prefix" -DFRAMESEAL_WANTED="$abi"
  quietly cmake --build "$work/found"
  static "$work/found/frameseal"
  static "$work/found/static"
  shared "$work/found/shared"
  quietly configure found_shared -DCMAKE_PREFIX_PATH="$prefix" -DFRAMESEAL_WANTED="$abi" \
    -DBUILD_SHARED_LIBS=ON
  quietly cmake --build "$work/found_shared" --target frameseal
  shared "$work/found_shared/frameseal"
  local other
  for other in 0.0.9 0.99 99; do
    if configure "not_$other" -DCMAKE_PREFIX_PATH="$prefix" -DFRAMESEAL_WANTED=$other \
      >"$work/output" 2>&1; then
      fail "$version is taken for $other"
    fi
    grep -q "compatible with requested version" "$work/output" || fail "refused, but why?"
  done
  echo "ok: other versions are refused"
}

pkg_config_finds_it() {
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
  [ "$(pkg-config --modversion frameseal)" = "$version" ] || fail "pkg-config tells another version"
  local sources=("$application/seal.c" "$application/header.c")
  # Unquoted: these are lists of options.
  cc -std=c11 "${sources[@]}" $(pkg-config --cflags --libs frameseal) \
    -Wl,-rpath,"$prefix/lib" -o "$work/pkg_shared"
  shared "$work/pkg_shared"
  cc -std=c11 "${sources[@]}" $(pkg-config --cflags frameseal) \
    $(pkg-config --variable=static_libs frameseal) -o "$work/pkg_static"
  static "$work/pkg_static"
  # Where only the static library is, --static is enough.
  rm "$prefix"/lib/libframeseal.so*
  cc -std=c11 "${sources[@]}" $(pkg-config --static --cflags --libs frameseal) -o "$work/pkg_only"
  static "$work/pkg_only"
}

cmake_builds_it_with_the_application() {
  local options=(-DFRAMESEAL_SOURCES="$root/ffi" -DFRAMESEAL_CARGO_TARGET_DIR="$cargo_target")
  quietly configure within "${options[@]}"
  quietly cmake --build "$work/within" --target frameseal
  static "$work/within/frameseal"
  if find "$work/within" -name 'libframeseal.so*' | grep .; then
    fail "nobody asked for the shared library"
  fi
  quietly cmake --build "$work/within"
  shared "$work/within/shared"
  local before
  before=$(stat -c %Y%n "$work/within/"{static,shared} "$work/within/library/$soname")
  quietly cmake --build "$work/within"
  [ "$before" = "$(stat -c %Y%n "$work/within/"{static,shared} "$work/within/library/$soname")" ] ||
    fail "a second build links again"
  quietly configure within_shared "${options[@]}" -DBUILD_SHARED_LIBS=ON
  quietly cmake --build "$work/within_shared" --target frameseal
  shared "$work/within_shared/frameseal"
  cmake --install "$work/within" --prefix "$work/nothing" >/dev/null
  if find "$work/nothing" -type f 2>/dev/null | grep .; then
    fail "it is installed with an application that did not ask for that"
  fi
}

# From one set of features, or build type, to another and back.
builds_can_be_switched() {
  local sources=$work/switched kernel library
  mkdir "$sources"
  cat >"$sources/kernel.c" <<'END'
#include <frameseal.h>
#include <stdio.h>
int main(void)
{
    frameseal_encryptor_config config = { .struct_size = sizeof config };
    config.backend = FRAMESEAL_BACKEND_KERNEL;
    frameseal_encryptor *encryptor = NULL;
    frameseal_result result = frameseal_encryptor_new_with_config(
        FRAMESEAL_AES_128_GCM_SHA256_128, &config, &encryptor);
    frameseal_encryptor_free(encryptor);
    puts(result == FRAMESEAL_OK ? "ON" : "OFF");
    return 0;
}
END
  cat >"$sources/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(switched LANGUAGES C)
set(CMAKE_C_STANDARD 11)
add_subdirectory("${FRAMESEAL_SOURCES}" library)
foreach(library static shared)
  add_executable(${library} kernel.c)
  target_link_libraries(${library} PRIVATE frameseal::${library})
endforeach()
END
  # The second time, cargo has built both before.
  for kernel in OFF ON OFF ON; do
    quietly cmake -S "$sources" -B "$work/switch" -DFRAMESEAL_SOURCES="$root/ffi" \
      -DFRAMESEAL_CARGO_TARGET_DIR="$cargo_target" -DFRAMESEAL_KERNEL=$kernel
    quietly cmake --build "$work/switch"
    for library in static shared; do
      [ "$("$work/switch/$library")" = $kernel ] || fail "FRAMESEAL_KERNEL=$kernel, $library: not so"
    done
  done
  echo "ok: a build follows FRAMESEAL_KERNEL"
  local type debug
  for type in RelWithDebInfo Release RelWithDebInfo Release; do
    quietly cmake -S "$sources" -B "$work/switch" -DCMAKE_BUILD_TYPE=$type -DFRAMESEAL_KERNEL=OFF
    quietly cmake --build "$work/switch"
    [ "$("$work/switch/static")" = OFF ] || fail "$type: another library"
    debug=$(readelf -SW "$work/switch/library/$soname" | grep -c '\.debug_info' || true)
    [ "$type $debug" = "RelWithDebInfo 1" ] || [ "$type $debug" = "Release 0" ] ||
      fail "$type: $debug sections of debug information"
  done
  echo "ok: a build follows CMAKE_BUILD_TYPE"
}

installed
the_shared_library_shows_only_the_header
cmake_finds_it
cmake_builds_it_with_the_application
builds_can_be_switched
pkg_config_finds_it
