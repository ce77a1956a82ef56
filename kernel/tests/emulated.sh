#!/bin/sh
# Runs the checks of the kernel on an emulated processor that has AVX-512, VAES and VPCLMULQDQ.
#
#   kernel/tests/emulated.sh                     all checks, and that other processors get no key
#   kernel/tests/emulated.sh random COUNT SEED   that many random operations against `aes-gcm`
#   kernel/tests/emulated.sh count               instructions of a call, ours and those of `aes-gcm`
#
# Bochs emulates the machine, and the program runs on it without an operating system: see
# `emulated/`. Needs Debian's packages `bochs` and `binutils`, and installs nothing; says what is
# missing and ends with 0 where it cannot run. TIME_LIMIT is in seconds, 900 for each machine
# without it: ten million instructions take a second of an idle core.
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
limit=${TIME_LIMIT:-900}
target=${CARGO_TARGET_DIR:-$folder/../../target}/kernel-emulated
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS

skip() {
    echo "SKIPPED: $1"
    exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "builds on Linux on x86-64 only"
for tool in bochs-bin as ld objcopy timeout; do
    command -v $tool >/dev/null || skip "no $tool here (Debian: bochs, binutils, coreutils)"
done
bochs-bin --help cpu 2>&1 | grep -q '^tigerlake' || skip "this Bochs has no processor with VAES"
bios=/usr/share/bochs
[ -r $bios/BIOS-bochs-latest ] || skip "no $bios/BIOS-bochs-latest (Debian: bochsbios)"

letter=a
case ${1:-all} in
all) ;;
random)
    letter=r
    export FRAMESEAL_KERNEL_OPERATIONS="$2" FRAMESEAL_KERNEL_SEED="$3"
    ;;
count) letter=c ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 1
    ;;
esac

cargo build --quiet --locked --release --manifest-path "$folder/emulated/Cargo.toml" \
    --target-dir "$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
as --64 -o boot.o "$folder/emulated/boot.s"
ld -Ttext=0x7c00 --oformat binary -o boot.bin boot.o
objcopy -O binary -R .bss "$target/release/emulated" program.bin

# machine NAME PROCESSOR LETTER: runs the program, tells what it says, fails if it does not pass.
machine() {
    echo "== $1"
    cat boot.bin program.bin >disk.img
    printf %s "$3" | dd of=disk.img bs=1 seek=509 conv=notrunc status=none
    truncate -s $((4 * 16 * 63 * 512)) disk.img
    cat >bochsrc <<END
cpu: model=$2, ips=50000000, reset_on_triple_fault=0
memory: guest=128, host=128
romimage: file=$bios/BIOS-bochs-latest
vgaromimage: file=$bios/VGABIOS-lgpl-latest
ata0-master: type=disk, path=disk.img, mode=flat, cylinders=4, heads=16, spt=63
boot: disk
port_e9_hack: enabled=1
display_library: rfb, options="timeout=0"
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=0
plugin_ctrl: unmapped=1, biosdev=1, extfpuirq=1, speaker=0, parallel=0, serial=0, e1000=0, es1370=0, sb16=0, ne2k=0, usb_uhci=0, gameport=0, iodebug=0
log: bochs.log
panic: action=fatal
error: action=report
info: action=ignore
END
    # Debian's Bochs has a debugger, which waits for a word.
    echo c >commands
    debugger=
    if bochs-bin --help 2>&1 | grep -q '^  -rc '; then debugger="-rc commands"; fi
    # shellcheck disable=SC2086
    timeout "$limit" bochs-bin -q -f bochsrc $debugger </dev/null >output 2>&1 || true
    grep -a -E '^(ok|[0-9]+:|bytes|key|PASSED)' output || true
    grep -a -A 4 '^FAILED' output || true
    if ! grep -a -q '^PASSED' output; then
        echo "FAILED on $2: a check failed, or $limit seconds (TIME_LIMIT) were too few"
        tail -n 3 bochs.log
        exit 1
    fi
}

machine "a processor with VAES and AVX-512" tigerlake "$letter"
if [ "$letter" = a ]; then
    machine "the same, its AVX-512 state not enabled by the operating system" tigerlake o
    machine "a processor with AVX-512 and without VAES" corei7_skylake_x n
    machine "a processor without AVX-512" corei7_haswell_4770 n
fi
