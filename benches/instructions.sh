#!/usr/bin/env bash
# Counts the instructions that frames cost, and compares them with benches/instructions.txt.
#   benches/instructions.sh           fails when a count is more than 2 % above the written one, or
#                                     the SFrame layer costs more than LAYER above its bare AEAD
#   benches/instructions.sh --write   writes the counts down instead
# Counts are of the AES-NI path with a software SHA: valgrind hides newer instructions, so they are
# the same on every x86-64 processor, however busy. They belong to one version of Rust.
set -euo pipefail
cd "$(dirname "$0")/.."

# Instructions that header, nonce, key look-up, counter and replay window may cost.
readonly LAYER=230
readonly TIMES=64
readonly written=benches/instructions.txt

command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 2; }
program=$(cargo bench -q --bench instructions --features hazmat --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*instructions[^"]*\)".*/\1/p' | tail -n 1)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
valgrind -q --tool=callgrind --callgrind-out-file="$folder/out" "$program" --bench
callgrind_annotate --inclusive=yes --threshold=100 "$folder/out" >"$folder/all"

# "12,345 (1.2%)  ???:instructions::case::what'2 [...]" to "case::what 192"
awk -v times="$TIMES" '
  match($0, /instructions::[a-z0-9_]+::(bare_seal|bare_open|encrypt|decrypt|first_frame[a-z0-9_]*|frame_of[a-z0-9_]*|add_an[a-z0-9_]*)/) {
    name = substr($0, RSTART + 14, RLENGTH - 14)
    count = $1
    gsub(",", "", count)
    if (!(name in seen)) { seen[name] = 1; printf "%s %d\n", name, count / times }
  }' "$folder/all" | sort >"$folder/counts"
[ "$(wc -l <"$folder/counts")" -eq 43 ] || { echo "cases are missing:"; cat "$folder/counts"; exit 2; } >&2

if [ "${1:-}" = --write ]; then
  { rustc --version; cat "$folder/counts"; } >"$written"
  cat "$written"
  exit 0
fi

failed=0
if [ "$(head -n 1 "$written")" = "$(rustc --version)" ]; then
  tail -n +2 "$written" | join - "$folder/counts" | awk '
    { mark = $3 > $2 * 1.02 + 2 ? "MORE" : $3 < $2 * 0.98 - 2 ? "less" : "same" }
    { printf "%-62s %8d %8d  %s\n", $1, $2, $3, mark; failed += mark == "MORE" }
    END { exit failed > 0 }' || failed=1
else
  echo "the counts in $written are of another Rust: only the layer is checked"
fi
awk -v layer="$LAYER" '
  { count[$1] = $2 }
  END {
    for (name in count) {
      bare = name
      if (!sub(/::encrypt$/, "::bare_seal", bare) && !sub(/::decrypt$/, "::bare_open", bare)) continue
      more = count[name] - count[bare]
      mark = more > layer ? "MORE" : "ok"
      printf "%-62s %+8d  %s\n", name " above " (bare ~ /seal/ ? "seal" : "open"), more, mark
      failed += mark == "MORE"
    }
    exit failed > 0
  }' "$folder/counts" | sort || failed=1
exit $failed
