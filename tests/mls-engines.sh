#!/bin/sh
# Checks the keys that frameseal takes from MLS against two MLS engines, mls-rs and openmls, with
# members of both in one group. Builds some 180 crates: two to three CPU minutes.
set -eu
cd "$(dirname "$0")/.."
exec cargo test --locked --manifest-path tests/mls-engines/Cargo.toml "$@"
