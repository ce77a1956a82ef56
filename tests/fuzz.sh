#!/bin/sh
# Runs every fuzz target for some seconds, from its seeds: tests/fuzz.sh [SECONDS], 20 if not given.
#
# Ends with 1 when a target does not build, crashes, hangs or does nothing. What crashed it is
# written to fuzz/artifacts/TARGET. Needs a nightly toolchain; installs cargo-fuzz if it is missing.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
seconds=${1:-20}
case $seconds in
*[!0-9]* | '' | 0)
    echo "usage: $0 [SECONDS]" >&2
    exit 2
    ;;
esac
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}/fuzz"
# Looking for uses of dead stack frames would take half of the time, and safe code has none.
export ASAN_OPTIONS="detect_stack_use_after_return=0"
log=$(mktemp)
found=$(mktemp -d)
trap 'rm -rf "$log" "$found"' EXIT

if ! cargo fuzz --version >/dev/null 2>&1; then
    cargo install --locked cargo-fuzz --version 0.13.2
fi

cd "$root"
if ! cargo +nightly fuzz build >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "FAIL  the fuzz targets do not build"
    exit 1
fi

failed=0
for target in $(cargo +nightly fuzz list); do
    # What the fuzzer finds goes to the first folder; the seeds are only read.
    mkdir -p "$found/$target"
    if cargo +nightly fuzz run "$target" "$found/$target" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -max_len=1024 -timeout=20 -print_final_stats=1 >"$log" 2>&1; then
        status=0
    else
        status=1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    seeds=$(find "fuzz/corpus/$target" -type f | wc -l)
    # At least every seed, and something behind them.
    if [ $status -eq 0 ] && [ "${runs:-0}" -gt "$seeds" ] && [ "$seeds" -gt 0 ]; then
        echo "ok    $target: $runs executions in $seconds seconds, from $seeds seeds"
    else
        tail -n 60 "$log"
        echo "FAIL  $target: ${runs:-0} executions"
        failed=1
    fi
done
exit $failed
