#!/bin/sh
# Shows that the core needs nothing under it, and that it cannot panic.
#
#   tests/freestanding.sh         links and runs programs without std, allocator and libc (2 minutes)
#   tests/freestanding.sh bare    builds the core for a microcontroller, where a toolchain is there
#
# One line for each check; ends with 1 when one of them fails. Linux on x86-64.
set -u

root=$(cd "$(dirname "$0")/.." && pwd)
# Given to cargo by name, and no flags from outside: the proof needs those of .cargo/config.toml.
target=${CARGO_TARGET_DIR:-$root/target}/freestanding
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

ok() { echo "ok    $1"; }
fail() {
    echo "FAIL  $1"
    sed 's/^/      /' "$log" | cut -c1-200 | tail -n 20
    failed=1
}

# build PROGRAM [OPTION...]
build() {
    program=$1
    shift
    (cd "$root/tests/freestanding" &&
        cargo build --locked --release --target-dir "$target" --bin "$program" "$@") >"$log" 2>&1
}

# The check named $1 holds if the build of the rest fails with a text that has $2 in it.
refused() {
    name=$1 reason=$2
    shift 2
    if build "$@"; then
        fail "$name: it was built"
    elif grep -q "$reason" "$log"; then
        ok "$name"
    else
        fail "$name: not built, but for another reason"
    fi
}

# The check named $1 holds if the program $2 runs and ends with 0.
runs() {
    "$target/release/$2" >"$log" 2>&1
    status=$?
    if [ $status -eq 0 ]; then ok "$1"; else fail "$1: ended with $status"; fi
}

linked() {
    if build links; then
        ok "a program links without std, allocator and libc"
        runs "all of the core does its work there, with all suites" links
        if nm "$target/release/links" >"$log" && grep -q ' program$' "$log" &&
            ! grep -iE '_alloc|malloc|realloc|calloc| U ' "$log"; then
            ok "it has no symbol of an allocator, and none that is undefined"
        else
            fail "it has no symbol of an allocator, and none that is undefined"
        fi
    else
        fail "a program links without std, allocator and libc"
    fi
    refused "control: a program that allocates does not build" \
        'no global memory allocator' links --features allocate
}

panic_free() {
    if build no_panic; then
        ok "no call into the core can reach a panic"
        runs "the program that shows it reaches its end" no_panic
    else
        fail "no call into the core can reach a panic"
    fi
    refused "control: a program with one panic does not link" \
        'undefined symbol: frameseal_panic_is_reachable\|undefined reference to .frameseal_panic_is_reachable' \
        no_panic --features provoke
}

# A Cortex-M4: 32 bits, no operating system, no 64-bit atomics. The precompiled target if it is
# there, else the toolchain of Debian's packages rustc-web, cargo-web and rust-web-src.
bare() {
    machine=thumbv7em-none-eabihf
    name="the core builds for $machine"
    options="--locked --release --no-default-features --package frameseal --target $machine"
    if rustup target list --installed 2>/dev/null | grep -q "^$machine\$"; then
        command="cargo build $options"
    elif [ -x /usr/bin/cargo ] && [ -f "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]; then
        command="env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo build -Zbuild-std=core $options"
    else
        echo "skip  $name: neither that target nor Debian's rustc-web, cargo-web and rust-web-src are installed"
        return
    fi
    if (cd "$root" && $command --target-dir "$target") >"$log" 2>&1; then ok "$name"; else fail "$name"; fi
}

case ${1:-} in
'')
    # Both at once, on two processors; each is reported below.
    build links --bin no_panic
    linked
    panic_free
    ;;
bare) bare ;;
*)
    echo "usage: $0 [bare]" >&2
    exit 2
    ;;
esac
exit $failed
