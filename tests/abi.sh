#!/usr/bin/env bash
# Whether the ABI of the C library is what ffi/abi records for this version.
#   tests/abi.sh                        compares
#   FRAMESEAL_WRITE_ABI=1 tests/abi.sh  writes the record, but not that of a released version
#
# symbols.txt has the functions, with names of arguments so that exchanged ones are seen;
# layouts.txt the constants, numbers and structures as a compiler for 64-bit processors sees them.
# A change means another version: an application and a library of one version must fit.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

header=include/frameseal.h
library=${CARGO_TARGET_DIR:-target}/release/libframeseal.so
record=ffi/abi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The header without comments.
code() {
  awk 'BEGIN { RS = "\\*/" } { sub(/\/\*.*/, ""); printf "%s ", $0 }' "$header" | sed 's,//.*,,'
}

constant() { code | awk -v name="$1" '$1 == "#define" && $2 == name { print $3 }'; }

# One line for each function, as in `size_t frameseal_suite_key_len(frameseal_suite suite);`.
symbols() {
  code | awk '/^extern "C"/ { on = 1; next } /^#|^}|^ *FRAMESEAL_(MUST_USE|API)/ { next } on' |
    tr -s ' \n' ' ' | tr ';' '\n' | sed -n 's/^ *\(.*(.*)\) *$/\1;/p' |
    sed 's/^.*\(frameseal_[a-z0-9_]*\)(/\1|&/' | sort -t'|' -k1,1 | cut -d'|' -f2-
}

# A program that prints each constant, number and structure, with its name in front to sort by.
layout_program() {
  code | awk '
    BEGIN {
      print "#include <stdio.h>\n#include \"frameseal.h\""
      print "#define SIGN(type) ((type)-1 < (type)1 ? \"signed\" : \"unsigned\")"
      print "int main(void) {"
    }
    $1 == "#define" && NF == 3 && $2 !~ /^FRAMESEAL_(API|MUST_USE|DEPRECATED|VERSION_NUMBER)/ {
      printf "printf(\"%s|%s = %%lld\\n\", (long long)(%s));\n", $2, $2, $2
    }
    $1 == "typedef" && NF == 3 {
      sub(/;/, "", $3)
      printf "printf(\"%s|%s: %%s, %%zu bytes\\n\", SIGN(%s), sizeof(%s));\n", $3, $3, $3, $3
    }
    $1 == "typedef" && $2 == "struct" && $4 == "{" {
      name = $3
      printf "printf(\"%s|struct %s: %%zu bytes, aligned to %%zu\\n\", ", name, name
      printf "sizeof(%s), _Alignof(%s));\n", name, name
      next
    }
    /^}/ { name = "" }
    name != "" && /;/ {
      match($0, /[a-z0-9_]+(\[[A-Z0-9_]+\])?;/)
      type = substr($0, 1, RSTART - 1)
      gsub(/^ +| +$/, "", type)
      field = substr($0, RSTART, RLENGTH - 1)
      sub(/\[.*/, "", field)
      printf "printf(\"%s|    %s: %s, %%zu bytes at %%zu\\n\", ", name, field, type
      printf "sizeof ((%s *)0)->%s, offsetof(%s, %s));\n", name, field, name, field
    }
    END { print "return 0; }" }'
}

layouts() {
  layout_program >"$work/layout.c"
  "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Wno-type-limits -Iinclude "$work/layout.c" \
    -o "$work/layout" >&2
  "$work/layout" | sort -s -t'|' -k1,1 | cut -d'|' -f2-
}

# What the library exports is what the header declares.
exported() {
  nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ && $2 != "A" { sub(/@.*/, "", $3); print $3 }' |
    sort >"$work/exported"
  grep -o 'frameseal_[a-z0-9_]*(' "$work/symbols.txt" | tr -d '(' | sort >"$work/declared"
  if ! diff -u --label declared --label exported "$work/declared" "$work/exported"; then
    echo "what $library exports is not what $header declares" >&2
    return 1
  fi
}

if [ "$(getconf LONG_BIT)" != 64 ]; then
  echo "not a 64-bit processor: the ABI is not compared"
  exit 0
fi
cargo build -q --release --locked -p frameseal-ffi

number=$(constant FRAMESEAL_VERSION_NUMBER)
version=$((number >> 16)).$((number >> 8 & 255)).$((number & 255))
title="# frameseal $version"
symbols >"$work/functions"
layouts >"$work/types"
{ echo "$title" && cat "$work/functions"; } >"$work/symbols.txt"
{ echo "$title" && cat "$work/types"; } >"$work/layouts.txt"
exported

recorded=$(head -qn 1 "$record"/*.txt | sort -u)
changed=0
for list in symbols.txt layouts.txt; do
  diff -u --label "recorded $list" --label "current $list" "$record/$list" "$work/$list" || changed=1
done

if [ $changed = 0 ]; then
  echo "ok: the ABI is that of frameseal $version: $(wc -l <"$work/functions") functions," \
    "$(grep -c '^struct' "$work/types") structures"
elif [ -n "${FRAMESEAL_WRITE_ABI:-}" ]; then
  if [ "$recorded" = "$title" ] && ! grep -q "^## $version, unreleased" CHANGELOG.md; then
    echo "frameseal $version is released: its ABI stays what it is; change the version" >&2
    exit 1
  fi
  cp "$work/symbols.txt" "$work/layouts.txt" "$record"
  echo "$record is written for frameseal $version"
else
  if [ "$recorded" = "$title" ]; then
    echo "the ABI of $version has changed, so the version must change: in Cargo.toml, and" \
      "FRAMESEAL_VERSION_NUMBER" >&2
  else
    echo "$record is not of frameseal $version" >&2
  fi
  echo "(FRAMESEAL_WRITE_ABI=1 tests/abi.sh writes it anew; before its release, for $version too)" >&2
  exit 1
fi
