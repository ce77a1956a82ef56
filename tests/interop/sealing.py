#!/usr/bin/env python3
"""A second implementation of sealed sender keys: HPKE (RFC 9180) in mode auth, and the messages
that the module documentation of `src/sender_keys/sealing` describes.

    sealing.py vectors    prints the vector file `sealing.txt`
    sealing.py check      verifies the official vector in `hpke_auth.txt`
    sealing.py seal       seals the base keys that it reads from standard input
    sealing.py open       opens the messages that it reads from standard input

Input and output have the format of `sframe.py`. Fields: call, sender, recipient (ids), cipher_suite,
ratchet_bits, then

- `seal`: sender_secret, recipient_public, generation, step, base_key, random; out comes message
- `open`: recipient_secret, sender_public, message; out come generation, step, base_key, or refused

Only DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. Only the first message of a context is
ever sealed, so the nonce is the base nonce. For tests only.
"""

import hashlib
import hmac
import os
import sys

sys.dont_write_bytecode = True  # no caches in the source tree

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sframe import records, write
from sets import data, number, pattern

VECTORS = os.path.join(os.path.dirname(__file__), "..", "vectors")

KEM_ID, KDF_ID, AEAD_ID = 0x0020, 0x0001, 0x0001
MODE_AUTH = 0x02
KEM_SUITE = b"KEM" + KEM_ID.to_bytes(2, "big")
HPKE_SUITE = b"HPKE" + b"".join(i.to_bytes(2, "big") for i in (KEM_ID, KDF_ID, AEAD_ID))

INFO = b"frameseal sender key 1"
EPHEMERAL_LABEL = b"frameseal ephemeral 1 "


class Refused(Exception):
    pass


# --- HKDF with labels: RFC 9180 section 4 -------------------------------------------------------


def labeled_extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(suite, prk, label, info, length):
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    out, block = b"", b""
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:length]


# --- DHKEM(X25519, HKDF-SHA256): sections 4.1 and 7.1 -------------------------------------------


def derive_secret(ikm):
    prk = labeled_extract(KEM_SUITE, b"", b"dkp_prk", ikm)
    return labeled_expand(KEM_SUITE, prk, b"sk", b"", 32)


def public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def dh(secret, public_key):
    try:
        private = X25519PrivateKey.from_private_bytes(secret)
        return private.exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError:  # all zero
        raise Refused("low order") from None


def kem_secret(first, second, context):
    prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", first + second)
    return labeled_expand(KEM_SUITE, prk, b"shared_secret", context, 32)


def auth_encap(recipient_public, sender_secret, ikm_e):
    secret_e = derive_secret(ikm_e)
    enc = public(secret_e)
    context = enc + recipient_public + public(sender_secret)
    first, second = dh(secret_e, recipient_public), dh(sender_secret, recipient_public)
    return kem_secret(first, second, context), enc


def auth_decap(enc, recipient_secret, sender_public):
    context = enc + public(recipient_secret) + sender_public
    first, second = dh(recipient_secret, enc), dh(recipient_secret, sender_public)
    return kem_secret(first, second, context)


# --- Key schedule and single-shot: sections 5.1 and 6.1 -----------------------------------------


def key_and_nonce(shared_secret, info):
    psk_id_hash = labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
    info_hash = labeled_extract(HPKE_SUITE, b"", b"info_hash", info)
    context = bytes([MODE_AUTH]) + psk_id_hash + info_hash
    secret = labeled_extract(HPKE_SUITE, shared_secret, b"secret", b"")
    key = labeled_expand(HPKE_SUITE, secret, b"key", context, 16)
    return key, labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12)


def seal_auth(recipient_public, info, aad, plaintext, sender_secret, ikm_e):
    shared_secret, enc = auth_encap(recipient_public, sender_secret, ikm_e)
    key, nonce = key_and_nonce(shared_secret, info)
    return enc + AESGCM(key).encrypt(nonce, plaintext, aad)


def open_auth(sealed, recipient_secret, info, aad, sender_public):
    shared_secret = auth_decap(sealed[:32], recipient_secret, sender_public)
    key, nonce = key_and_nonce(shared_secret, info)
    try:
        return AESGCM(key).decrypt(nonce, sealed[32:], aad)
    except InvalidTag:
        raise Refused("does not authenticate") from None


# --- Sealed sender keys -------------------------------------------------------------------------


def vec(value):
    return len(value).to_bytes(2, "big") + value


def envelope_aad(record, sender_public, recipient_public, generation, step):
    return (
        vec(data(record, "call"))
        + vec(data(record, "sender"))
        + vec(sender_public)
        + vec(data(record, "recipient"))
        + vec(recipient_public)
        + generation.to_bytes(8, "big")
        + step.to_bytes(8, "big")
        + number(record, "ratchet_bits").to_bytes(1, "big")
        + number(record, "cipher_suite").to_bytes(2, "big")
    )


def seal(record):
    secret, recipient = data(record, "sender_secret"), data(record, "recipient_public")
    generation, step = number(record, "generation"), number(record, "step")
    base_key, random = data(record, "base_key"), data(record, "random")
    aad = envelope_aad(record, public(secret), recipient, generation, step)
    ikm_e = hmac.digest(random, EPHEMERAL_LABEL + secret + aad + base_key, "sha256")
    prefix = b"\x01" + generation.to_bytes(8, "big") + step.to_bytes(8, "big")
    return prefix + seal_auth(recipient, INFO, aad, base_key, secret, ikm_e)


def open_message(record):
    secret, sender = data(record, "recipient_secret"), data(record, "sender_public")
    message = data(record, "message")
    if message[0] != 1:
        raise Refused("version")
    generation, step = (int.from_bytes(message[at : at + 8], "big") for at in (1, 9))
    aad = envelope_aad(record, sender, public(secret), generation, step)
    return generation, step, open_auth(message[17:], secret, INFO, aad, sender)


def opened(record):
    try:
        generation, step, base_key = open_message(record)
    except Refused as reason:
        return {"refused": reason}
    return {"generation": generation, "step": step, "base_key": base_key.hex()}


def vectors():
    shapes = [(0, 0, 0), (1, 3, 1), (2**56 - 1, 2**64 - 1, 255), (258, 256, 32), (7, 255, 5)]
    for suite in range(1, 9):
        for i, (generation, step, id_len) in enumerate(shapes):
            seed = 16 * suite + i
            sender = derive_secret(hashlib.sha256(b"sender %d" % seed).digest())
            recipient = derive_secret(hashlib.sha256(b"recipient %d" % seed).digest())
            record = {
                "call": pattern(seed, id_len).hex(),
                "sender": pattern(seed + 1, id_len).hex(),
                "recipient": pattern(seed + 2, 255 - id_len).hex(),
                "cipher_suite": suite,
                "ratchet_bits": 8,
                "sender_secret": sender.hex(),
                "sender_public": public(sender).hex(),
                "recipient_secret": recipient.hex(),
                "recipient_public": public(recipient).hex(),
                "generation": generation,
                "step": step,
                "base_key": pattern(seed + 3, [16, 32, 48, 64, 96][i]).hex(),
                "random": hashlib.sha256(b"random %d" % seed).hexdigest(),
            }
            record["message"] = seal(record).hex()
            yield record


def check_official():
    with open(os.path.join(VECTORS, "hpke_auth.txt"), encoding="ascii") as file:
        (record,) = records(file)
    secrets = {who: derive_secret(data(record, f"ikm_{who}")) for who in "ers"}
    for who, secret in secrets.items():
        assert secret == data(record, f"sk_{who}") and public(secret) == data(record, f"pk_{who}")
    shared_secret, enc = auth_encap(public(secrets["r"]), secrets["s"], data(record, "ikm_e"))
    assert enc == data(record, "enc") and shared_secret == data(record, "shared_secret")
    args = (data(record, "info"), data(record, "aad"))
    sealed = seal_auth(
        public(secrets["r"]), *args, data(record, "pt"), secrets["s"], data(record, "ikm_e")
    )
    assert sealed == enc + data(record, "ct")
    assert open_auth(sealed, secrets["r"], *args, public(secrets["s"])) == data(record, "pt")
    print("hpke_auth.txt: right")


def main(arguments):
    match arguments:
        case ["vectors"]:
            print("# Sealed sender keys of all suites.")
            print("# Made by `python3 tests/interop/sealing.py vectors`, an independent")
            print("# implementation; the README beside this file says what the fields mean.")
            print()
            for record in vectors():
                write(record)
        case ["check"]:
            check_official()
        case ["seal"]:
            for record in records(sys.stdin):
                write({"message": seal(record).hex()})
        case ["open"]:
            for record in records(sys.stdin):
                write(opened(record))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
