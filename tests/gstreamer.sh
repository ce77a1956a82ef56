#!/usr/bin/env bash
# The GStreamer elements of examples/gstreamer: built by gcc and clang without warnings, every case
# in a test program, also under valgrind, and the pipelines of their README, with the decoded media
# compared to that of the same pipelines without the elements. Needs Debian's packages
# libgstreamer1.0-dev, gstreamer1.0-tools, gstreamer1.0-plugins-base and gstreamer1.0-plugins-good,
# and make, pkg-config and valgrind.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/examples/gstreamer
library=$(realpath -m "${CARGO_TARGET_DIR:-target}")/release/libframeseal.a
work=$(mktemp -d)
receiver=
trap '[ -z "$receiver" ] || kill "$receiver" 2>/dev/null; rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# quietly COMMAND...: shows the output only when it fails.
quietly() {
  timeout 120 "$@" >"$work/output" 2>&1 || {
    cat "$work/output"
    fail "$*"
  }
}

what_is_needed_is_here() {
  local tool element
  for tool in make pkg-config gcc clang valgrind gst-launch-1.0 gst-inspect-1.0; do
    command -v $tool >/dev/null || fail "there is no $tool"
  done
  for element in vp8enc vp8dec opusenc opusdec rtpgstpay rtpgstdepay rtpjitterbuffer udpsrc; do
    gst-inspect-1.0 --exists $element || fail "GStreamer has no element $element"
  done
}

build_with() {
  make -s -C "$folder" CC="$1" BUILD="$work/$1" FRAMESEAL="$library" CFLAGS='-O1 -g -Werror' \
    all "$work/$1/test"
}

# The plugin shows what GStreamer looks for, and nothing of the library in it.
only_the_plugin_is_exported() {
  local shown
  shown=$(nm -D --defined-only "$work/$1/libgstframeseal.so" | awk '{ print $3 }' | sort | xargs)
  [ "$shown" = "gst_plugin_frameseal_get_desc gst_plugin_frameseal_register" ] ||
    fail "libgstframeseal.so exports: $shown"
}

# use COMPILER: from now on the plugin that it built, in a registry of its own.
use() {
  export GST_PLUGIN_PATH=$work/$1 GST_REGISTRY=$work/$1/registry G_DEBUG=fatal-warnings
}

the_test_program_passes() {
  quietly "$work/$1/test"
  quietly "$work/$1/test" pipelines
  echo "ok: $1: test, test pipelines"
}

# Memory by valgrind; GStreamer's own tracer lists the objects that are still alive at the end. Without
# --fair-sched a thread that does not rest may keep all others from running.
nothing_leaks() {
  GST_TRACERS=leaks GST_DEBUG=GST_TRACER:7 GST_DEBUG_NO_COLOR=1 GST_DEBUG_FILE=$work/leaks \
    G_SLICE=always-malloc quietly valgrind -q --fair-sched=yes --error-exitcode=1 --leak-check=full \
    --show-leak-kinds=definite --errors-for-leak-kinds=definite --num-callers=30 \
    --suppressions=/usr/share/glib-2.0/valgrind/glib.supp \
    --suppressions="$folder/test/valgrind.supp" "$work/gcc/test"
  grep -q 'GST_TRACER' "$work/leaks" || fail "the tracer of leaks did not run"
  if grep 'object-alive, type-name=(string)[^%]' "$work/leaks"; then fail "objects leak"; fi
  echo "ok: nothing leaks"
}

# readme N OUTPUT: the Nth pipeline of the README on one line, with 30 frames or packets, an encoder
# that does the same each time, and its media going to a file.
readme() {
  awk -v wanted="$1" '
    /^```/ { on = $0 == "```sh"; next }
    on && /^gst-launch/ { n++ }
    on && n == wanted { sub(/\\$/, ""); printf "%s ", $0 }' "$folder/README.md" |
    sed -e 's/is-live=true/num-buffers=30/' -e 's/gst-launch-1.0/& -q/' \
      -e 's/vp8enc deadline=1/& cpu-used=-8 threads=1/' \
      -e "s,auto[a-z]*sink,filesink buffer-mode=unbuffered location=$2," -e "s/5004/${port:-5004}/"
}

without_the_elements() { sed -E 's/framesealenc[^!]*! *framesealdec[^!]*! *//'; }

new_key() { od -An -tx1 -N32 /dev/urandom >"$work/base-key.hex"; }

# launch PIPELINE: in the folder with the key.
launch() { (cd "$work" && quietly bash -c "exec $1"); }

# The README's pipeline N makes of media what it makes without the elements: file KIND.plain.
pipeline_changes_nothing() {
  local number=$1 kind=$2 plain
  plain=$(readme "$number" "$kind.plain" | without_the_elements)
  case $plain in *frameseal*) fail "the elements are still in: $plain" ;; esac
  launch "$plain"
  new_key
  launch "$(readme "$number" "$kind.opened")"
  [ -s "$work/$kind.plain" ] || fail "no $kind came out"
  cmp "$work/$kind.plain" "$work/$kind.opened" || fail "$kind changed"
  echo "ok: $kind, $(size_of "$kind.opened") bytes as without the elements"
}

# A port that nobody listens on.
free_port() {
  local port=$((20000 + $$ % 20000))
  while listens_on $port; do
    port=$((port + 1))
  done
  echo $port
}

listens_on() { grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") " /proc/net/udp; }

# wait_for WHAT COMMAND...: for 20 seconds at most.
wait_for() {
  local what=$1 tries
  shift
  for tries in $(seq 200); do
    if "$@"; then return; fi
    sleep 0.1
  done
  cat "$work/receiver.txt" >&2
  fail "$what: not after $((tries / 10)) s"
}

size_of() { stat -c %s "$work/$1" 2>/dev/null; }

all_received() { [ "$(size_of udp.opened)" = "$(size_of video.plain)" ]; }

# The README's receiver and sender, two processes: the frames are those of the first pipeline.
frames_come_over_rtp_and_udp() {
  port=$(free_port)
  new_key
  (cd "$work" && exec bash -c "exec $(readme 3 udp.opened)") >"$work/receiver.txt" 2>&1 &
  receiver=$!
  wait_for "the receiver listens" listens_on "$port"
  launch "$(readme 4 none)"
  wait_for "all frames are received" all_received
  # Its -e makes an interrupt the end of the stream.
  kill -INT "$receiver"
  wait "$receiver" || fail "the receiver ended with an error: $(cat "$work/receiver.txt")"
  receiver=
  cmp "$work/video.plain" "$work/udp.opened" || fail "frames changed over RTP and UDP"
  echo "ok: RTP and UDP, $(size_of udp.opened) bytes of video"
}

has_start_code() { LC_ALL=C grep -qaP '\x9d\x01\x2a\x80\x02\x68\x01' "$1"; }

# What leaves framesealenc: all frames with header and tag, and no VP8 start code with 640 and 360.
nothing_of_vp8_is_on_the_wire() {
  local media plain sealed
  media=$(readme 1 wire | sed 's/! *framesealenc.*//')
  launch "$media ! filesink location=wire.plain"
  new_key
  launch "$media ! framesealenc key-id=7 key-file=base-key.hex ! filesink location=wire.sealed"
  has_start_code "$work/wire.plain" || fail "there is no start code in VP8"
  if has_start_code "$work/wire.sealed"; then fail "a start code is in the sealed stream"; fi
  plain=$(size_of wire.plain)
  sealed=$(size_of wire.sealed)
  # 30 config bytes and tags; from counter 8 on a byte for the counter.
  [ $((sealed - plain)) = $((30 * 17 + 22)) ] || fail "$plain bytes became $sealed"
  echo "ok: on the wire, $plain bytes of VP8 as $sealed"
}

what_is_needed_is_here
cargo build -q --release -p frameseal-ffi
for compiler in clang gcc; do
  build_with $compiler
  use $compiler
  only_the_plugin_is_exported $compiler
  for element in framesealenc framesealdec; do
    quietly gst-inspect-1.0 $element
  done
  the_test_program_passes $compiler
done
pipeline_changes_nothing 1 video
pipeline_changes_nothing 2 audio
nothing_of_vp8_is_on_the_wire
frames_come_over_rtp_and_udp
nothing_leaks
