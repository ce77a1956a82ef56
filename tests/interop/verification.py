#!/usr/bin/env python3
"""Verification codes, computed a second time: by this file alone, from the definition.

    verification.py          prints tests/vectors/verification.txt

The definition (version 1) is in src/verification.rs; nothing here is derived from its code. Needs
Python 3.10 and nothing else. For tests only.
"""

import hashlib
import hmac

VERSION = 1
ITERATIONS = 4096
GROUPS = 12


def length_prefixed(fields):
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def hkdf_sha512(salt, ikm, info, length):
    """RFC 5869, written out."""
    prk = hmac.new(salt or bytes(64), ikm, hashlib.sha512).digest()
    okm, block, i = b"", b"", 0
    while len(okm) < length:
        i += 1
        block = hmac.new(prk, block + info + bytes([i]), hashlib.sha512).digest()
        okm += block
    return okm[:length]


def code(kind, fields, digits):
    label = f"frameseal verification code {kind} {VERSION}".encode("ascii")
    state = hashlib.sha512(length_prefixed([label, *fields])).digest()
    for i in range(1, ITERATIONS + 1):
        state = hashlib.sha512(i.to_bytes(4, "big") + state).digest()
    okm = hkdf_sha512(b"", state, label, 8 * GROUPS)
    numbers = [int.from_bytes(okm[8 * k : 8 * k + 8], "big") % 100000 for k in range(GROUPS)]
    return "".join(f"{number:05}" for number in numbers)[:digits]


def epoch_code(authenticator, digits):
    return code("epoch", [authenticator], digits)


def pair_code(one, other, digits):
    first, second = sorted([one, other])
    return code("pair", [*first, *second], digits)


def pattern(seed, length):
    return bytes((seed + 7 * i + (i >> 8)) & 0xFF for i in range(length))


# --- The vectors --------------------------------------------------------------------------------

AUTHENTICATORS = [bytes(32), b"\xff" * 32, pattern(1, 32), pattern(2, 48), pattern(3, 64), pattern(1, 33)]

PAIRS = [
    ((b"alice", b"\xa1" * 32), (b"bob", b"\xb0" * 32)),
    # The order is that of the names, whatever the keys are.
    ((b"alice", b"\xff" * 32), (b"bob", b"\x00" * 32)),
    # One name is the beginning of the other.
    ((b"a", pattern(4, 32)), (b"ab", pattern(5, 32))),
    # Two devices of one name: the keys decide.
    ((b"carol", pattern(6, 32)), (b"carol", pattern(7, 32))),
    # One key is the beginning of the other.
    ((b"dave", pattern(8, 32)), (b"dave", pattern(8, 33))),
    # Bytes are compared without a sign; names need not be text.
    ((b"\x7f", pattern(9, 32)), (b"\x80\x00", pattern(10, 32))),
    # Long ones: a P-521 key, a name of 300 bytes.
    ((pattern(11, 300), pattern(12, 133)), (b"zoe@example.org", pattern(13, 65))),
]


def records():
    for authenticator in AUTHENTICATORS:
        yield {
            "kind": "epoch",
            "version": VERSION,
            "authenticator": authenticator.hex(),
            "digits_30": epoch_code(authenticator, 30),
            "digits_60": epoch_code(authenticator, 60),
        }
    for one, other in PAIRS:
        yield {
            "kind": "pair",
            "version": VERSION,
            "name_1": one[0].hex(),
            "public_key_1": one[1].hex(),
            "name_2": other[0].hex(),
            "public_key_2": other[1].hex(),
            "digits_30": pair_code(one, other, 30),
            "digits_60": pair_code(other, one, 60),
        }


def check(record):
    """Whether a record of the vector file is right."""
    return record in [{name: str(value) for name, value in made.items()} for made in records()]


def main():
    print("# Verification codes of epochs and of pairs, 30 and 60 digits.")
    print("# Made by `python3 tests/interop/verification.py`, an independent implementation.")
    for record in records():
        print()
        for name, value in record.items():
            print(f"{name} = {value}")


if __name__ == "__main__":
    main()
