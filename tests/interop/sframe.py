#!/usr/bin/env python3
"""The command line of the second implementation of SFrame (see `rfc9605.py`).

    sframe.py vectors frames|long|keys|ratchet   prints a vector file
    sframe.py check FILE...               verifies vector files, ours and the official ones
    sframe.py seal                        seals the frames that it reads from standard input
    sframe.py open                        opens the frames that it reads from standard input

Vector files, input and output have one format: records of `name = value` lines, with a blank line
between records and `#` for comments; numbers are decimal, byte strings hexadecimal.

- input of `seal`: cipher_suite, base_key, kid, ctr, metadata, payload; a line `sealed` comes out
- input of `open`: cipher_suite, base_key, kid, metadata, sealed; lines `ctr` and `payload` come
  out, or a line `refused`

Needs Python 3.10 and the package `cryptography`. For tests only.
"""

import sys

sys.dont_write_bytecode = True  # no caches in the source tree

import rfc9605 as sf
import sets


def records(lines):
    record = {}
    for line in lines:
        line = line.strip()
        if line.startswith("#"):
            continue
        if line:
            name, _, value = line.partition("=")
            record[name.strip()] = value.strip()
        elif record:
            yield record
            record = {}
    if record:
        yield record


def write(record):
    for name, value in record.items():
        print(f"{name} = {value}".rstrip())
    print()


def print_vectors(name):
    make, what = sets.SETS[name]
    print(f"# {what}")
    print(f"# Made by `python3 tests/interop/sframe.py vectors {name}`, an independent")
    print("# implementation; the README beside this file says what the fields mean.")
    print()
    for record in make():
        write(record)


def check(paths):
    failed = 0
    for path in paths:
        with open(path, encoding="ascii") as file:
            results = [(i, is_right(record)) for i, record in enumerate(records(file), 1)]
        wrong = [i for i, right in results if not right]
        failed += len(wrong) + (not results)
        print(f"{path}: {len(results)} records, wrong: {wrong or 'none'}")
    return 1 if failed else 0


def is_right(record):
    try:
        return sets.check(record)
    except sf.Refused:
        return False


def seal(record):
    suite, base_key = sets.suite_of(record), sets.data(record, "base_key")
    kid, ctr = sets.number(record, "kid"), sets.number(record, "ctr")
    metadata, payload = sets.data(record, "metadata"), sets.data(record, "payload")
    return {"sealed": sf.encrypt(suite, base_key, kid, ctr, metadata, payload).hex()}


def open_frame(record):
    suite, base_key = sets.suite_of(record), sets.data(record, "base_key")
    kid, metadata = sets.number(record, "kid"), sets.data(record, "metadata")
    try:
        payload, ctr = sf.decrypt(suite, base_key, kid, metadata, sets.data(record, "sealed"))
    except sf.Refused as reason:
        return {"refused": reason}
    return {"ctr": ctr, "payload": payload.hex()}


def main(arguments):
    match arguments:
        case ["vectors", name] if name in sets.SETS:
            print_vectors(name)
        case ["check", _, *_]:
            return check(arguments[1:])
        case ["seal"]:
            for record in records(sys.stdin):
                write(seal(record))
        case ["open"]:
            for record in records(sys.stdin):
                write(open_frame(record))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
