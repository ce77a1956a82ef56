#!/usr/bin/env bash
# Everything that a change must pass, in stages. People and CI run the same:
#   tests/check.sh               all stages
#   tests/check.sh fmt clippy    these stages
#   tests/check.sh --list        their names, and those of stages that run only when named
# What must be installed is in CONTRIBUTING.md; `.ci/run` installs it. Each stage has a budget of
# seconds for two idle cores, in the order below, and fails when it takes longer; BUDGET_FACTOR=3
# allows three times as much, for a machine that others use too. The budgets of all stages together
# are bounded as well.
set -euo pipefail
cd "$(dirname "$0")/.."

stage_fmt() {
  cargo fmt --all --check
  for manifest in fuzz benches/peers ffi/embedded tests/freestanding tests/mls-engines; do
    cargo fmt --manifest-path "$manifest/Cargo.toml" --check
  done
}

stage_clippy() {
  # It takes sources of the ordinary C library, and must not fall behind them.
  cargo clippy -q --locked --release --manifest-path ffi/embedded/Cargo.toml -- -D warnings
  cargo clippy --manifest-path benches/peers/Cargo.toml --all-targets --features constant-time,c-call -- -D warnings
  cargo clippy --workspace --all-targets --all-features -- -D warnings
}

stage_docs() {
  RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features --document-private-items -p frameseal
  RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features -p frameseal
}

# The command that the README gives, taken from the README.
stage_test() {
  local command
  command=$(grep -m 1 '^cargo test' README.md)
  echo "README: $command"
  eval "$command"
}

# Each feature alone, none, and all: checked, and the unit and rule tests run. Then the C library for
# platforms where `char` has no sign, or which are no Unix, if their part of Rust is installed.
stage_features() {
  local features target installed
  local all=aes-gcm,hazmat,hpke,json
  for features in "" alloc std aes-gcm aws-lc kernel hazmat hpke json "alloc,$all" "std,$all" \
    "aws-lc,kernel,$all"; do
    echo "features: ${features:-none}"
    cargo clippy -q --no-default-features --features "$features" --lib -- -D warnings
  done
  for features in "" alloc; do
    echo "tests with features: ${features:-none}"
    cargo test -q --no-default-features --features "$features" --lib \
      --test nonce_rules --test round_trips --test bit_flips --test allocations \
      --test fixed_capacity --test vectors
  done
  echo "the kernel as it is released"
  cargo test -q --release -p frameseal-kernel
  installed=$(rustup target list --installed 2>/dev/null || true)
  for target in aarch64-unknown-linux-gnu x86_64-pc-windows-gnu; do
    if grep -qx "$target" <<<"$installed"; then
      echo "the C library for $target"
      cargo check -q --locked -p frameseal-ffi --target "$target"
    else
      echo "not checked for $target, which is not installed"
    fi
  done
}

# The README's commands that show something, its examples in C and C++, and those of docs/c.
stage_readme() {
  local command folder
  mkdir -p target
  while read -r command; do
    echo "README: $command"
    eval "$command" >target/shown.txt
    tail -n 12 target/shown.txt
  done < <(grep '^cargo run' README.md)
  cargo build -q --release -p frameseal-ffi
  tests/docs.sh
  folder=$(mktemp -d)
  awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$folder/readme.c"
  cc -std=c11 -Wall -Wextra -Werror -Iinclude "$folder/readme.c" \
    "${CARGO_TARGET_DIR:-target}/release/libframeseal.a" -lpthread -ldl -lm -o "$folder/readme"
  "$folder/readme"
  awk '/^```cpp$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$folder/readme.cpp"
  c++ -std=c++17 -Wall -Wextra -Werror -Iinclude "$folder/readme.cpp" \
    "${CARGO_TARGET_DIR:-target}/release/libframeseal.a" -lpthread -ldl -lm -o "$folder/readme_cpp"
  "$folder/readme_cpp"
  rm -r "$folder"
}

# Keys from real MLS engines.
stage_mls_engines() {
  tests/mls-engines.sh
  cargo clippy -q --locked --manifest-path tests/mls-engines/Cargo.toml --all-targets -- -D warnings
}

stage_c() { tests/c.sh plain; }
stage_c_asan() { tests/c.sh asan; }
stage_c_valgrind() { tests/c.sh valgrind; }

# That frames cost no more instructions than before.
stage_instructions() { benches/instructions.sh; }

stage_freestanding() { tests/freestanding.sh; }

stage_fuzz() { tests/fuzz.sh "${FUZZ_SECONDS:-20}"; }

# That the benchmarks run, and whether the limits of benches/README.md hold on this machine.
stage_bench() {
  cargo bench -q --bench frames -- --test
  cargo bench -q --manifest-path benches/peers/Cargo.toml -- --quick --check
}

# The kernel on an emulated processor that has its instructions.
stage_kernel() { kernel/tests/emulated.sh; }

# The C library through CMake and pkg-config.
stage_packaging() { tests/packaging.sh; }

# The elements for GStreamer, in pipelines.
stage_gstreamer() { tests/gstreamer.sh; }

# The C library for devices, on the host and on an emulated one.
stage_embedded() { tests/embedded.sh; }

# Handles of C on several threads, under ThreadSanitizer.
stage_threads() { tests/threads.sh; }

# docs/cpp-in-fifteen-minutes.md as it stands, in a fresh Debian.
stage_guide() { tests/guide.sh; }

# name and budget in seconds
stages=(
  "fmt 10"
  "clippy 90"
  "docs 40"
  "test 405"
  "features 190"
  "readme 160"
  "mls_engines 200"
  "c 90"
  "c_asan 105"
  "c_valgrind 95"
  "instructions 75"
  "freestanding 165"
  "fuzz 175"
)
# Seconds that all of them together may be given: whoever waits for a result waits for so long.
readonly WHOLE_BUDGET=1800
# Only when named: a busy machine says little, the emulators take their time, GStreamer is much to
# install, and the others build the C library once more.
extra_stages=("bench 900" "kernel 300" "packaging 300" "gstreamer 120" "embedded 400" "threads 300"
  "guide 900")

names() { printf '%s\n' "${stages[@]%% *}"; }

if [ "${1:-}" = --list ]; then
  names
  printf '%s\n' "${extra_stages[@]%% *}"
  exit 0
fi

if [ "${1:-}" = --stage ]; then
  "stage_$2"
  exit 0
fi

whole=$(printf '%s\n' "${stages[@]}" | awk '{ sum += $2 } END { print sum }')
if [ "$whole" -gt "$WHOLE_BUDGET" ]; then
  echo "the budgets of the stages add up to $whole s, more than $WHOLE_BUDGET s" >&2
  exit 2
fi

wanted=("$@")
if [ ${#wanted[@]} -eq 0 ]; then
  mapfile -t wanted < <(names)
fi

for name in "${wanted[@]}"; do
  budget=$(printf '%s\n' "${stages[@]}" "${extra_stages[@]}" | awk -v name="$name" '$1 == name { print $2 }')
  if [ -z "$budget" ]; then
    echo "no stage named $name; there are:" $(names) >&2
    exit 2
  fi
  budget=$((budget * ${BUDGET_FACTOR:-1}))
  echo "=== $name (at most $budget s)"
  start=$SECONDS
  if ! timeout --foreground --kill-after=10 "$budget" "$0" --stage "$name"; then
    echo "=== $name FAILED after $((SECONDS - start)) s" >&2
    exit 1
  fi
  echo "=== $name passed in $((SECONDS - start)) s"
done
