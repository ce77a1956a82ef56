#!/usr/bin/env python3
"""Writes the seed corpora: `fuzz/corpus/<target>/`, from the test vectors and from short programs.

The targets read their input as commands (`src/lib.rs`), so a seed here is a list of them. Always
writes the same files; run it again after a command has changed, and commit what it wrote.
"""

import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "tests" / "vectors"


def vectors(name):
    """The records of a vector file: `field = value` lines, a blank line between records."""
    records = [{}]
    for line in (VECTORS / name).read_text().splitlines():
        if not line.strip():
            records.append({})
        elif not line.startswith("#"):
            field, value = line.split("=", 1)
            records[-1][field.strip()] = value.strip()
    return [record for record in records if record]


def write(target, name, *parts):
    """A seed of numbers, which are bytes, and byte strings."""
    data = b"".join(bytes([part]) if isinstance(part, int) else part for part in parts)
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def u16(number):
    return number.to_bytes(2, "little")


def u64(number):
    return number.to_bytes(8, "little")


def header_parse():
    for at, vector in enumerate(vectors("header.txt")):
        if at % 7 == 0:
            write("header_parse", f"vector-{at}", bytes.fromhex(vector["encoded"]))
    write("header_parse", "empty")
    refused = ["80", "8007", "0807", "880707", "900001", "0f00010101010101", "ff" + "ff" * 15]
    for text in refused:
        write("header_parse", f"refused-{text[:16]}", bytes.fromhex(text))


def decrypt():
    here, apart = bytes([0]), bytes([1, 4])
    within = bytes([2, 9]) + u16(3) + bytes([5, 9])
    # Commands: 1 again, 2 lost, 3 as it is, 4 changed, 6 cut, 7 longer, 8 other metadata, 9 other
    # header. Then sender and choice of length, then what the command needs, then the place.
    for suite in range(8):
        start = suite % 7
        in_order = [bytes([3, sender, 4 + sender]) + place
                    for sender in (0, 1) for place in (here, apart, within)]
        write("decrypt", f"in-order-{suite}", suite, start, *in_order)
        write("decrypt", f"replayed-{suite}", suite, start,
              bytes([2, 0, 1, 2, 0, 2, 3, 0, 6]), here,
              *(bytes([1]) + u16(at) + here for at in (1, 0, 1, 2, 3)))
        # Frames 0 to 128 are lost on the way, 129 comes, then the oldest: 128 behind it, and 129.
        write("decrypt", f"window-{suite}", suite, start,
              bytes([2, 0, 7, 3, 0, 6]), here, *(bytes([1]) + u16(at) + here for at in (1, 0, 2, 2)))
        # Frames 0, 66 and 193 come, then 128, whose place in the window frame 0 had before.
        write("decrypt", f"laps-{suite}", suite, start, bytes([3, 0, 4]), here,
              bytes([2, 0, 3, 2, 0, 2, 3, 0, 4]), here, bytes([2, 0, 4, 3, 0, 4]), here,
              bytes([1]) + u16(128) + here)
        write("decrypt", f"forged-{suite}", suite, start,
              bytes([4, 0, 4, 0]) + u16(30) + bytes([1]), here,
              bytes([4, 1, 5, 1]) + u16(0) + bytes([1]) + u16(9) + bytes([0x80]), apart,
              bytes([6, 0, 4]) + u16(12), within,
              bytes([7, 1, 4, 3, 1, 2, 3, 4]), here,
              bytes([8, 0, 6, 2]), apart,
              bytes([9, 1, 7]) + u16(0), within)
        write("decrypt", f"long-{suite}", suite, start,
              *(bytes([3, 0, length]) + here for length in (7, 8, 9, 10)))
    for vector in vectors("sframe.txt"):
        frame = bytes.fromhex(vector["ct"])
        suite = int(vector["cipher_suite"]) - 1
        write("decrypt", f"vector-{suite}", suite, 0, bytes([0, len(frame)]), frame, 1, here)


def operations():
    add, resume, remove, restart, reserve, confirm, use, seal = 0, 1, 2, 3, 4, 5, 6, 9

    def command(key_id, what, *more):
        return bytes([key_id, what, *more])

    frames = b"".join(command(0, seal + mode, 20, 7) for mode in range(6))
    for suite in (0, 2, 3, 4, 7):
        encryptors = suite * 2
        ready = command(0, add, 0) + command(0, use)
        write("operations", f"frames-{suite}", encryptors, ready, frames)
        write("operations", f"removed-{suite}", encryptors, ready, frames,
              command(0, remove), command(0, add, 0), command(0, use), frames,
              command(0, remove), command(0, add, 1), frames)
        write("operations", f"restarted-{suite}", encryptors, ready,
              command(0, reserve, 4), command(0, confirm, 2), frames, command(0, restart),
              command(0, resume, 0, 0, 0), command(0, use), command(0, reserve, 3), frames,
              command(0, confirm, 2), frames)
        write("operations", f"exhausted-{suite}", encryptors,
              command(1, resume, 1, 1, 3), command(1, use), command(1, reserve, 5),
              command(1, confirm, 2), frames)
        # Of a key ring: key id, base key, call.
        ring = suite * 2 + 1
        write("operations", f"ring-{suite}", ring, bytes([0, 0, 0, 0, 0, 2, 0, 1, 2, 1, 0, 3]),
              bytes([0, 0, 4]), bytes([0, 0, 8, 20] * 4), bytes([0, 0, 5, 0, 0, 2, 0, 0, 0]),
              bytes([0, 0, 4]), bytes([0, 0, 9, 5] * 2))


def c_api():
    add_sender, use_sender, add_receiver = bytes([0, 0, 0, 0]), bytes([0, 0, 0, 4]), bytes([12, 0, 0, 0])
    keys = add_sender + use_sender + add_receiver
    own = 5

    def encrypt(payload, out, metadata=b"\x01\x01", answer=own):
        (at, size), (to, room) = payload, out
        return bytes([4]) + metadata + u16(at) + bytes([size]) + u16(to) + bytes([room, answer])

    # The last frame at the same address, or to a region; then answer and structure.
    replace = bytes([14, 1, 0, own, 5])

    def decrypt(out):
        return bytes([14, 1, 1]) + u16(out[0]) + bytes([out[1], own, 5])

    layouts = {
        "apart": ((0, 50), (200, 120)),
        "same": ((100, 50), (100, 120)),
        "forward": ((100, 60), (110, 120)),
        "backward": ((130, 60), (100, 120)),
        "touching": ((0, 50), (49, 120)),
        "beside": ((0, 50), (50, 120)),
        "small": ((0, 50), (200, 20)),
        "null": ((0, 255), (200, 120)),
        "huge": ((0, 253), (200, 120)),
    }
    for at, (name, (payload, out)) in enumerate(layouts.items()):
        suite = at % 8 + 1
        sealed = encrypt(payload, out)
        write("c_api", f"{name}-replace", suite, 0, 0, keys, sealed, replace, replace)
        write("c_api", f"{name}-decrypt", suite, 0, 0, keys, sealed, decrypt((out[0] + 7, 120)),
              sealed, decrypt((500, 120)), sealed, decrypt((500, 3)))
    sealed = encrypt((0, 50), (200, 120))
    pieces = bytes([1, 0, 3, 1, 5, 9])
    write("c_api", "pieces", 4, 0, 0, keys, encrypt((0, 50), (200, 120), pieces), replace)
    write("c_api", "limits", 5, 2, 2, keys, sealed * 7, replace)
    write("c_api", "in-place", 1, 0, 0, keys,
          bytes([10, 1, 1]) + u16(64) + bytes([200, 1, 20, 1, 40, 1]), replace)
    write("c_api", "reserved", 6, 0, 0, keys, bytes([0, 0, 0, 7, 2]), sealed, replace)
    write("c_api", "resumed", 2, 0, 0, bytes([0, 1, 1, 3]), u64(2**64 - 3),
          bytes([0, 1, 1, 7, 2, 0, 1, 1, 4]), sealed * 3)
    for kind in range(5):
        write("c_api", f"stateless-{kind}", 4, 0, 0, keys, sealed,
              bytes([22, kind]) + u16(200) + bytes([80]) + u16(210) + bytes([90, kind, 1]))
    for suite in (0, 9):
        write("c_api", f"no-suite-{suite}", suite, 0, 0)


def c_calls():
    # First byte: 0 for MLS, 8 for sender keys, 14 for a monitor, 15 for what keeps nothing.
    # A frame of an object: command, whose, kind, metadata, pieces, length, content, layout, buffers.
    def seal(command, who, layout=5):
        stream = bytes([0, 1]) if command == 0 else b""
        return bytes([command, who]) + stream + bytes([1, 2, 1, 50, 7, 3, layout, 7, 5, 60])

    # Whose, which frame, how it is changed, by whom it is said to be, metadata, buffers, and nothing
    # wrong with the arguments.
    def arrive(command, who, change=9, layout=5, receiver=b"\x00"):
        return bytes([command, who, 0, change, *receiver, 1, 3, layout, 7, 5, 0, 1, 60])

    # Suite, policy, bits, devices, time; then of each device its configuration; then begin at once.
    device = bytes([0] * 11 + [5, 0])
    strict = bytes([0] * 10 + [5, 0])
    poll, look = bytes([15, 0, 4, 1, 1, 1]), bytes([15, 0, 6, 0, 7, 1])
    tick, update = bytes([13, 2, 6]), bytes([11, 0, 2, 7])
    # At device 1: a frame waits, and comes out; nothing wrong with the arguments.
    hold, open_held = bytes([16, 1, 0, 9, 1]), bytes([18, 1, 9, 0, 0, 0, 9])
    # There too: leaf 0 is verified, may pass in the clear for a second, and passes.
    verify, statuses = bytes([19, 1, 2, 1, 0, 9, 1]), bytes([19, 1, 0])
    differs = bytes([19, 1, 2, 1, 0, 9, 0])
    in_the_clear = bytes([19, 1, 7, 0, 9, 0, 0]) + bytes([19, 1, 7, 0, 9, 0, 4, 1, 1])
    # Leaf 2 goes, or somebody else comes to it.
    commit, remove, replace = bytes([10, 0, 0, 0]), bytes([10, 0, 2, 3]), bytes([10, 0, 2, 5])
    for suite in range(6):
        group = bytes([0, suite, 1, 0, 0, 1, 0]) + device * 3 + bytes([1])
        frames = seal(0, 0) + b"".join(arrive(5, who) for who in (1, 1, 2))
        write("c_calls", f"mls-frames-{suite}", group, frames, look, poll)
        write("c_calls", f"mls-epochs-{suite}", group, frames, commit, update, bytes([11, 1, 2, 7]),
              frames, tick, frames, look, poll)
        write("c_calls", f"mls-removed-{suite}", group, frames, remove, update, bytes([11, 1, 2, 7]),
              arrive(5, 1), tick, tick, arrive(5, 1), poll, look)
        # A frame of the one who was on the leaf before, behind the update that tells of another.
        write("c_calls", f"mls-replaced-{suite}", group, seal(0, 2), replace, update, arrive(5, 0),
              hold, poll, look)
        write("c_calls", f"mls-held-{suite}", group, frames, commit, bytes([11, 0, 2, 7]), tick,
              seal(0, 0), hold, bytes([11, 1, 2, 7]), open_held, arrive(5, 1), statuses)
        write("c_calls", f"mls-trusted-{suite}", group, verify, frames, statuses, differs, statuses)
        write("c_calls", f"mls-clear-{suite}", group, in_the_clear, frames, in_the_clear, statuses,
              poll)
        # Two frames of one sender where one may wait, and one whose time is over.
        ahead = frames + commit + bytes([11, 0, 2, 7]) + tick + seal(0, 0)
        limited = bytes([0, suite, 1, 0, 0, 1, 0]) + device + device[:-1] + bytes([16]) + device
        write("c_calls", f"mls-held-full-{suite}", limited, bytes([1]), ahead, hold, seal(0, 0), hold,
              tick, hold, tick, open_held, bytes([11, 1, 2, 7]), open_held)
        write("c_calls", f"mls-forged-{suite}", group, seal(0, 0),
              *(arrive(5, 1, change) for change in range(6)), arrive(5, 1))
    write("c_calls", "mls-strict", bytes([0, 0, 0, 0, 0, 1, 0]), strict * 3, bytes([1]),
          seal(0, 0), arrive(5, 1), remove, update, seal(0, 0), arrive(5, 1), poll)
    write("c_calls", "mls-freed", bytes([0, 0, 1, 0, 0, 1, 0]), device * 3, bytes([1]),
          bytes([15, 0, 3, 0]), seal(0, 0), arrive(5, 1), bytes([15, 1, 3, 1, 0]))

    # Suite and participants, then of each its configuration.
    alone = bytes([0, 0, 0, 0, 0, 0, 9])
    start, give = bytes([0, 0, 0, 0, 0, 0, 9]), bytes([4, 1, 0, 0, 1, 9])

    # A key of participant 0 is sealed, with something wrong or not, and opened after this generation.
    def sealed(wrong, last):
        content = bytes(32)
        opened = bytes([0, 15, last]) + bytes(1 if last else 0)
        return bytes([16, 0, 1, wrong]) + content + (opened if wrong == 23 else b"")

    # Generation 7 is sealed, arrives as generation 6, and that was the last.
    lowered = bytes([16, 0, 0, 0, 2, 0, 23]) + bytes(32) + bytes([0, 0, 8, 0, 2])
    ratchet, roll = bytes([2, 0, 1]), bytes([0, 0, 3, 0, 1, 0, 9, 0])
    for suite in range(6):
        call = bytes([8, suite, 0]) + alone * 2
        frames = seal(9, 0) + arrive(12, 1, receiver=b"\x01") * 2
        write("c_calls", f"sender-keys-frames-{suite}", call, start, give, frames)
        write("c_calls", f"sender-keys-ratchet-{suite}", call, start, give, ratchet, frames, ratchet,
              bytes([8, 0, 0]), give, frames)
        write("c_calls", f"sender-keys-roll-{suite}", call, start, give, frames, roll, give, frames,
              bytes([7, 1, 5, 1]), frames)
        write("c_calls", f"sender-keys-sealed-{suite}", call, start, ratchet,
              *(sealed(wrong, last) for wrong, last in ((23, 5), (23, 0), (6, 5), (0, 5))), lowered)
        write("c_calls", f"sender-keys-own-{suite}", call, start, bytes([4, 0, 0, 0, 1, 9]), frames)
    write("c_calls", "monitor", 14, 0, bytes([0, 0, 0, 7, 0, 0, 7, 3, 0, 3, 3, 0, 7, 2, 0, 2]))
    write("c_calls", "inspect", 15, 0, bytes([8, 16, 3, 4, 0, 0, 30]), bytes(30))
    write("c_calls", "visible", 15, 7, bytes([3, 4, 0, 0, 5]))
    write("c_calls", "code", 15, 15, bytes([9] * 40))
    write("c_calls", "epoch-code", 15, 14, bytes([40]), bytes([9] * 40))


if __name__ == "__main__":
    shutil.rmtree(HERE / "corpus", ignore_errors=True)
    for target in (header_parse, decrypt, operations, c_api, c_calls):
        target()
