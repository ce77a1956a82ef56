#!/usr/bin/env bash
# What a call through the C library costs above the same call in Rust, in one run.
#   benches/c/call_cost.sh [--quick] [--check]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

cargo build -q --release --manifest-path "$root/ffi/Cargo.toml"
FRAMESEAL_LIBRARY=$(realpath "${CARGO_TARGET_DIR:-$root/target}/release/libframeseal.so")
export FRAMESEAL_LIBRARY
cargo bench -q --manifest-path "$root/benches/peers/Cargo.toml" --features c-call --bench c_call -- "$@"
