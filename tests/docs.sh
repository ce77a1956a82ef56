#!/usr/bin/env bash
# Holds the documents of the C and C++ library to what the library is: every example in them is a
# whole program that compiles without a warning and succeeds; every function of the header is in a
# table of exactly one page; every result and its number are on the page of errors; and no name is
# used that the header does not have. Needs gcc and g++, and target/release/libframeseal.a, which
# `cargo build --release -p frameseal-ffi` makes; takes clang as well, if it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
library=${CARGO_TARGET_DIR:-target}/release/libframeseal.a
header=include/frameseal.h
pages=(docs/c/*.md docs/cpp-in-fifteen-minutes.md)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# same NAME EXPECTED FOUND: two lists, sorted.
same() {
  diff "$2" "$3" >"$work/difference" || {
    cat "$work/difference" >&2
    fail "$1 (< the header, > the pages)"
  }
  echo "ok: $1: $(wc -l <"$2")"
}

every_function_is_on_one_page() {
  grep -o 'frameseal_[a-z0-9_]*(' $header | tr -d '(' | sort -u >"$work/functions"
  # Not unique: a function that is in two tables differs, too.
  sed -nE 's/^\| `(frameseal_[a-z0-9_]+)` \|.*/\1/p' docs/c/*.md | sort >"$work/listed"
  same "functions, each in one table" "$work/functions" "$work/listed"
}

every_result_is_explained() {
  sed -nE 's/^#define (FRAMESEAL_OK|FRAMESEAL_ERROR_[A-Z_]+) ([0-9]+)$/\1 \2/p' $header | sort \
    >"$work/results"
  sed -nE 's/^\| `(FRAMESEAL_[A-Z_]+)` \| ([0-9]+) \| [^ ].*\|$/\1 \2/p' docs/c/errors.md | sort \
    >"$work/explained"
  same "results, with what to do" "$work/results" "$work/explained"
}

# The tables name errors without FRAMESEAL_ERROR_, and only those that there are.
the_errors_in_tables_exist() {
  local name
  for name in $(sed -nE 's/^\| `frameseal_[a-z0-9_]+` \|.*\|.*\|(.*)\|$/\1/p' docs/c/*.md |
    grep -oE '\b[A-Z][A-Z_]+\b' | sort -u); do
    grep -q "^FRAMESEAL_ERROR_$name " "$work/results" || fail "no error is named $name"
  done
  # What ends in _ stands for several names, as FRAMESEAL_ERROR_ does.
  grep -ohE '\b(frameseal|FRAMESEAL)_[A-Za-z0-9_]*[A-Za-z0-9]\b' "${pages[@]}" | sort -u |
    grep -vxE 'FRAMESEAL_(REPOSITORY|EXCEPTIONS)' >"$work/names"
  grep -oE '\b(frameseal|FRAMESEAL)_[A-Za-z0-9_]+\b' $header | sort -u >"$work/known"
  comm -23 "$work/names" "$work/known" >"$work/unknown"
  [ ! -s "$work/unknown" ] || fail "not in $header:" $(cat "$work/unknown")
  echo "ok: names of the header: $(wc -l <"$work/names")"
}

every_link_leads_somewhere() {
  local page link
  for page in "${pages[@]}"; do
    awk '/^```/ { code = !code } !code' "$page" >"$work/prose"
    for link in $(grep -oE '\]\([^)#:]+' "$work/prose" | cut -c3-); do
      [ "$link" = https ] || [ -e "$(dirname "$page")/$link" ] || fail "$page links $link"
    done
  done
}

# Each block of C or C++ to a file of its own, PAGE-NUMBER.c or .cpp.
extract() {
  local page
  for page in "${pages[@]}"; do
    awk -v name="$work/$(basename "$page" .md)" '
      /^```(c|cpp)$/ { file = name "-" ++count "." substr($0, 4); next }
      /^```$/ { if (file != "") close(file); file = "" }
      file != "" { print >file }' "$page"
  done
  ls "$work"/*-[0-9]*.{c,cpp} >"$work/examples"
  # A page of a group without an example is no page of a group.
  for page in docs/c/*.md; do
    [ "$page" = docs/c/README.md ] || grep -q "/$(basename "$page" .md)-1.c$" "$work/examples" ||
      fail "$page has no example in C"
  done
}

# try FILE: compiles and runs it, and says what went wrong. C with clang as well; of the headers for
# C++, tests/c.sh sees to that.
try() {
  local flags=(-Wall -Wextra -Wpedantic -Wconversion -Werror -Iinclude) compiler=(gcc -std=c11)
  grep -q '^int main(' "$1" || { echo "$1 is not a whole program"; return 1; }
  case $1 in
    *.cpp) compiler=(g++ -std=c++17) ;;
    *)
      if command -v clang >/dev/null; then
        clang -std=c11 "${flags[@]}" -fsyntax-only "$1" || return 1
      fi
      ;;
  esac
  "${compiler[@]}" "${flags[@]}" "$1" "$library" -lpthread -ldl -lm -o "$1.program" || return 1
  "$1.program" || { echo "$1 ended with $?"; return 1; }
}

every_example_runs() {
  local example
  extract
  while read -r example; do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
    (try "$example" >"$example.said" 2>&1 || echo failed >"$example.failed") &
  done <"$work/examples"
  wait
  for example in "$work"/*.failed; do
    [ -e "$example" ] || continue
    cat "${example%.failed}.said" >&2
    fail "the example $(basename "${example%.failed}")"
  done
  echo "ok: examples: $(wc -l <"$work/examples")"
}

[ -e "$library" ] || fail "there is no $library: cargo build --release -p frameseal-ffi"
every_function_is_on_one_page
every_result_is_explained
the_errors_in_tables_exist
every_link_leads_somewhere
every_example_runs
