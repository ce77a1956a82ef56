#!/usr/bin/env bash
# The full run of the simulator: 50 members, 30 minutes of virtual time, a join or leave every 5 s.
#   tests/simulator.sh [SEED]     1 if not given
# Three calls: with send delay and holding buffer, in full; then shorter ones with only one of them.
# Ends with 1 when a check of a call fails, or when the first takes more than 3 minutes of CPU time;
# BUDGET_FACTOR=3 allows three times as much. docs/simulation.md has the results.
set -euo pipefail
cd "$(dirname "$0")/.."

seed=${1:-1}
budget=$((180 * ${BUDGET_FACTOR:-1}))
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/simulator"
cargo build -q --release --example churn

# User and system time of all that was run so far. `times` knows only what its own shell ran, so it
# must not be in a subshell.
cpu_seconds() {
  times >"$target/simulator/times"
  seconds=$(tail -n 1 "$target/simulator/times" | awk '{ split($1, user, /[ms]/)
    split($2, sys, /[ms]/); printf "%d", (user[1] + sys[1]) * 60 + user[2] + sys[2] }')
}

# Names the call, and passes the rest to it. Only the accounts are printed, not the timeline.
call() {
  local name=$1
  shift
  local command=(--members 50 --seed "$seed" "$@")
  echo "=== churn ${command[*]}"
  local failed=0
  "$target/release/examples/churn" "${command[@]}" --svg "$target/simulator/$name.svg" \
    >"$target/simulator/$name.txt" || failed=1
  sed -n '/frames times receivers$/,$p' "$target/simulator/$name.txt"
  return $failed
}

cpu_seconds
before=$seconds
call full --minutes 30 --holding
cpu_seconds
used=$((seconds - before))
call delay --minutes 3
call holding --minutes 3 --delay 0 --holding

echo "=== the full call: $used s of CPU time; at most $budget s"
# No time at all was not measured.
[ "$used" -gt 0 ] && [ "$used" -le "$budget" ]
