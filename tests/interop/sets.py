"""The vectors that the second implementation adds to the official ones, and how they are checked.

The official vectors have one key id, one counter, one metadata and one plaintext. These go where
they do not: every suite with every boundary of header values, every block boundary of payloads,
empty and long metadata, base keys of several lengths, ratchet chains, per-stream keys. Everything
is computed from small numbers, so the output is always the same.
"""

import hashlib

import rfc9605 as sf
import verification

# Where the encoding of a header value changes its length, and both ends of the range.
BOUNDARIES = sorted(
    {0, 1, 7, 8, 9, 2**63, sf.MAX - 1, sf.MAX}
    | {2**bits - 1 for bits in range(8, 64, 8)}
    | {2**bits for bits in range(8, 64, 8)}
)
SHORT_PAYLOADS = [0, 1, 15, 16, 17, 20, 31, 32, 33, 48, 64]
LONG_PAYLOADS = [100, 160, 239, 240, 241, 255, 256, 257, 1023, 1024, 1025, 1200, 2049, 16384, 100003]
METADATA = [0, 1, 14, 42, 43, 47, 64, 300, 5000]
BASE_KEYS = [16, 32, 48]
RATCHET_STEPS = 4
CHAIN_STEPS = 4


def pattern(seed, length):
    """Bytes that anybody can make again: byte i is seed + 7 i + floor(i / 256), modulo 256."""
    return bytes((seed + 7 * i + (i >> 8)) & 0xFF for i in range(length))


def frames():
    """Short frames, in full."""
    for suite in sf.SUITES.values():
        # Key ids and counters: each boundary once, paired differently for each suite.
        for i, kid in enumerate(BOUNDARIES):
            ctr = BOUNDARIES[(i * 5 + suite.id * 3) % len(BOUNDARIES)]
            base_key = pattern(i, BASE_KEYS[i % 3])
            yield frame(suite, base_key, kid, ctr, (i, 4), (i + 1, 8))
        for i, payload_len in enumerate(SHORT_PAYLOADS):
            base_key = pattern(100 + i, BASE_KEYS[i % 3])
            yield frame(suite, base_key, 0x123, 0x4567 + i, (i, METADATA[i % 4]), (i, payload_len))


def long_frames():
    """Long frames and long metadata, as SHA-256."""
    for suite in sf.SUITES.values():
        shapes = [(3, payload_len) for payload_len in LONG_PAYLOADS]
        shapes += [(metadata_len, 20) for metadata_len in METADATA]
        shapes += [(300, 1200), (5000, 1200)]
        for i, (metadata_len, payload_len) in enumerate(shapes):
            base_key = pattern(i, BASE_KEYS[i % 3])
            whole = frame(suite, base_key, 7 + i, 2**32 - 1 + i, (i, metadata_len), (i, payload_len))
            sealed = bytes.fromhex(whole.pop("sealed"))
            whole["sealed_len"] = len(sealed)
            whole["sealed_sha256"] = hashlib.sha256(sealed).hexdigest()
            yield whole


def frame(suite, base_key, kid, ctr, metadata, payload):
    """`metadata` and `payload` are (seed, length) of a pattern."""
    sealed = sf.encrypt(suite, base_key, kid, ctr, pattern(*metadata), pattern(*payload))
    return {
        "cipher_suite": suite.id,
        "base_key": base_key.hex(),
        "kid": kid,
        "ctr": ctr,
        "metadata_seed": metadata[0],
        "metadata_len": metadata[1],
        "payload_seed": payload[0],
        "payload_len": payload[1],
        "sealed": sealed.hex(),
    }


def keys():
    """Ratchet chains (RFC 9605 section 5.1), and a stream key that ratchets."""
    for suite in sf.SUITES.values():
        for base_key in (pattern(1, 16), pattern(2, 48)):
            ssrc = 0xDEADBEEF
            stream_key = sf.stream_key(suite, base_key, ssrc)
            record = {"cipher_suite": suite.id, "base_key": base_key.hex(), "ssrc": ssrc}
            for step in range(1, RATCHET_STEPS + 1):
                record[f"ratcheted_{step}"] = sf.ratcheted(suite, base_key, step).hex()
            record["stream_key"] = stream_key.hex()
            record["stream_key_ratcheted_1"] = sf.ratchet(suite, stream_key).hex()
            # Generation 5 of a sender with R = 3, at step 4: KID = (5 << 3) + 4.
            last = sf.ratcheted(suite, base_key, RATCHET_STEPS)
            record["kid"] = (5 << 3) + RATCHET_STEPS
            record["ctr"] = 0
            record["payload"] = pattern(9, 12).hex()
            record["sealed"] = sf.encrypt(suite, last, record["kid"], 0, b"", pattern(9, 12)).hex()
            yield record


def ratchet():
    """Sender keys (RFC 9605 section 5.1): base key, key id and two frames of each step. The first
    chain of a suite wraps its two ratchet bits."""
    for suite in sf.SUITES.values():
        for bits, generation, base_key in ((2, 5, pattern(3, 16)), (8, 2**56 - 1, pattern(4, 32))):
            metadata, payload = pattern(5, 14), pattern(6, 33)
            record = {
                "cipher_suite": suite.id,
                "ratchet_bits": bits,
                "generation": generation,
                "base_key": base_key.hex(),
                "metadata": metadata.hex(),
                "payload": payload.hex(),
            }
            for step in range(CHAIN_STEPS + 1):
                step_key = sf.ratcheted(suite, base_key, step)
                kid = sf.sender_kid(bits, generation, step)
                record[f"base_key_{step}"] = step_key.hex()
                record[f"kid_{step}"] = kid
                for ctr in range(2):
                    sealed = sf.encrypt(suite, step_key, kid, ctr, metadata, payload)
                    record[f"sealed_{step}_{ctr}"] = sealed.hex()
            yield record


SETS = {
    "frames": (frames, "Short frames of all suites."),
    "long": (long_frames, "Long frames and long metadata of all suites: SHA-256 of the sealed frame."),
    "ratchet": (ratchet, "Sender keys (RFC 9605 section 5.1): each step of two chains for each suite."),
    "keys": (keys, "Ratchet chains (RFC 9605 section 5.1) and keys of single RTP streams."),
}


# --- Checking files, the official ones too ------------------------------------------------------


def check(record):
    """Whether a record of any of the vector files is right; what is compared follows its fields."""
    if "encoded" in record:
        return check_header(record)
    if "nonce" in record and "sframe_key" not in record:
        return check_aead(record)
    if "sframe_key" in record:
        return check_official_frame(record)
    if "stream_key_a" in record:
        return check_per_ssrc(record)
    if "digits_30" in record:
        return verification.check(record)
    if "ratchet_bits" in record:
        return record in map(text, ratchet())
    if "ratcheted_1" in record:
        return record == text(next(r for r in keys() if same_input(record, r)))
    return check_frame(record)


def number(record, name):
    return int(record[name])


def data(record, name):
    return bytes.fromhex(record[name])


def text(record):
    return {name: str(value) for name, value in record.items()}


def suite_of(record):
    return sf.SUITES[number(record, "cipher_suite")]


def same_input(record, other):
    return all(record[name] == str(other[name]) for name in ("cipher_suite", "base_key", "ssrc"))


def check_header(record):
    kid, ctr, encoded = number(record, "kid"), number(record, "ctr"), data(record, "encoded")
    decoded = sf.decode_header(encoded)
    return sf.encode_header(kid, ctr) == encoded and decoded == (kid, ctr, len(encoded))


def check_aead(record):
    fields = [data(record, name) for name in ("key", "nonce", "aad", "pt", "ct")]
    key, nonce, aad, plaintext, sealed = fields
    suite = suite_of(record)
    sealed_again = sf.aead_encrypt(suite, key, nonce, aad, plaintext)
    opened = sf.aead_decrypt(suite, key, nonce, aad, sealed)
    return sealed_again == sealed and opened == plaintext


def check_official_frame(record):
    suite, kid, ctr = suite_of(record), number(record, "kid"), number(record, "ctr")
    names = ("base_key", "metadata", "pt", "ct", "sframe_key", "sframe_salt", "nonce")
    base_key, metadata, plaintext, sealed, key, salt, nonce = (data(record, n) for n in names)
    return (
        sf.derive_key_salt(suite, kid, base_key) == (key, salt)
        and sf.form_nonce(suite, salt, ctr) == nonce
        and sf.encrypt(suite, base_key, kid, ctr, metadata, plaintext) == sealed
        and sf.decrypt(suite, base_key, kid, metadata, sealed) == (plaintext, ctr)
    )


def check_per_ssrc(record):
    suite, base_key = suite_of(record), data(record, "base_key")
    return all(
        sf.stream_key(suite, base_key, number(record, f"ssrc_{x}")) == data(record, f"stream_key_{x}")
        for x in "ab"
    )


def check_frame(record):
    suite, base_key = suite_of(record), data(record, "base_key")
    kid, ctr = number(record, "kid"), number(record, "ctr")
    metadata = pattern(number(record, "metadata_seed"), number(record, "metadata_len"))
    payload = pattern(number(record, "payload_seed"), number(record, "payload_len"))
    sealed = sf.encrypt(suite, base_key, kid, ctr, metadata, payload)
    if sf.decrypt(suite, base_key, kid, metadata, sealed) != (payload, ctr):
        return False
    if "sealed" in record:
        return data(record, "sealed") == sealed
    digest = hashlib.sha256(sealed).digest()
    return number(record, "sealed_len") == len(sealed) and data(record, "sealed_sha256") == digest
