#!/bin/sh
# frameseal beside the crate `sframe` on its `ring` backend (suites 4 and 5, the ones it has there).
# The features of `sframe` exclude one another, so this is a run of its own.
set -eu
cd "$(dirname "$0")"
exec cargo bench --no-default-features --features ring -- "$@"
