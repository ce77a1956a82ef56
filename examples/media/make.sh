#!/bin/sh
# Makes the two media files of the `call` example from ffmpeg's own test sources, and nothing else.
#
# One thread and `bitexact` leave no version string, no date and no random serial number in the
# files, so the same versions of ffmpeg, libvpx and libopus make the same bytes again.
set -eu
cd "$(dirname "$0")"

# Five seconds of VP8 with a key frame each second.
ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=25:duration=5 \
    -c:v libvpx -b:v 250k -g 25 -threads 1 \
    -fflags +bitexact -flags:v +bitexact video.ivf

# Five seconds of Opus in frames of 20 ms.
ffmpeg -v error -y -f lavfi -i sine=frequency=440:sample_rate=48000:duration=5 \
    -c:a libopus -b:a 32k -frame_duration 20 \
    -fflags +bitexact -flags:a +bitexact audio.opus
