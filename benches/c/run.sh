#!/usr/bin/env bash
# frameseal and another library beside each other, from C.
#   benches/c/run.sh [OPTIONS]                        beside OpenSSL (package libssl-dev)
#   benches/c/run.sh [OPTIONS] FILE.c [LIBRARIES...]  beside what FILE.c wraps (see bench.h)
# --aws-lc measures frameseal with that backend, --kernel with that one (which takes a processor with
# VAES), --kernel --aws-lc with AWS-LC and the kernel beside it; --quick takes fewer rounds, --test one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

arguments=() features=() backend=DEFAULT
while [[ ${1:-} == --* ]]; do
  case $1 in
    --aws-lc) features+=(--features aws-lc) backend=AWS_LC ;;
    --kernel) features+=(--features kernel) backend=KERNEL ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
if [ $# -eq 0 ]; then
  set -- "$here/openssl.c" -lcrypto
fi

cargo build -q --release --manifest-path "$root/ffi/Cargo.toml" "${features[@]}"
library=${CARGO_TARGET_DIR:-$root/target}/release/libframeseal.a
program=$(mktemp)
trap 'rm -f "$program"' EXIT
"${CC:-cc}" -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Wpedantic -Werror \
  -DBACKEND="FRAMESEAL_BACKEND_$backend" -I"$here" -I"$root/include" \
  "$here/bench.c" "$here/frameseal.c" "$@" "$library" -lpthread -ldl -lm -o "$program"
"$program" "${arguments[@]}"
