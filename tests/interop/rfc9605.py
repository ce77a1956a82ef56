"""SFrame (RFC 9605) a second time, written from the text of the RFC and from nothing else.

It exists so that the Rust crate has somebody to disagree with: two readings of one text that
produce the same bytes are both likely to be right. It is slow, has no replay protection and keeps
no counters, so it must never protect real media. Only AES, HMAC and HKDF-Expand come from the
package `cryptography`; everything of SFrame is here.
"""

import hmac as constant_time
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MAX = 2**64 - 1


class Refused(Exception):
    """The bytes are not a frame, or do not authenticate."""


# --- Cipher suites: RFC 9605 section 4.5 and the IANA registry "SFrame Cipher Suites" ------------


@dataclass(frozen=True)
class Suite:
    id: int
    hash: hashes.HashAlgorithm
    nh: int  # bytes of the hash output
    nka: int  # bytes of the AES key inside a CTR-HMAC key; 0 for GCM
    nk: int  # bytes of the AEAD key
    nn: int  # bytes of the nonce
    nt: int  # bytes of the tag


SHA256, SHA512 = hashes.SHA256(), hashes.SHA512()
SUITES = {
    suite.id: suite
    for suite in [
        Suite(0x0001, SHA256, 32, 16, 48, 12, 10),
        Suite(0x0002, SHA256, 32, 16, 48, 12, 8),
        Suite(0x0003, SHA256, 32, 16, 48, 12, 4),
        Suite(0x0004, SHA256, 32, 0, 16, 12, 16),
        Suite(0x0005, SHA512, 64, 0, 32, 12, 16),
        Suite(0x0006, SHA512, 64, 32, 96, 12, 10),
        Suite(0x0007, SHA512, 64, 32, 96, 12, 8),
        Suite(0x0008, SHA512, 64, 32, 96, 12, 4),
    ]
}


# --- The header: section 4.3 -------------------------------------------------------------------


def encode_header(kid, ctr):
    """Config byte `X KKK Y CCC`, then the key id, then the counter, each in its fewest bytes."""
    k, kid_bytes = _encode_value(kid)
    c, ctr_bytes = _encode_value(ctr)
    return bytes([k << 4 | c]) + kid_bytes + ctr_bytes


def _encode_value(value):
    if not 0 <= value <= MAX:
        raise ValueError("key ids and counters have 64 bits")
    if value < 8:
        return value, b""
    data = value.to_bytes(8, "big").lstrip(b"\0")
    return 0b1000 | (len(data) - 1), data


def decode_header(frame):
    """(kid, ctr, bytes of the header). Refuses forms that are longer than needed."""
    if not frame:
        raise Refused("empty")
    config, at = frame[0], 1
    kid, at = _decode_value(frame, config >> 4, at)
    ctr, at = _decode_value(frame, config & 0x0F, at)
    if frame[:at] != encode_header(kid, ctr):
        raise Refused("header longer than needed")
    return kid, ctr, at


def _decode_value(frame, half, at):
    if half < 8:
        return half, at
    end = at + (half & 7) + 1
    if end > len(frame):
        raise Refused("header cut off")
    return int.from_bytes(frame[at:end], "big"), end


# --- The key schedule: section 4.4.2, and the derivations around it -----------------------------


def extract(suite, salt, ikm):
    """HKDF-Extract of RFC 5869 section 2.2."""
    mac = hmac.HMAC(salt or bytes(suite.nh), suite.hash)
    mac.update(ikm)
    return mac.finalize()


def expand(suite, prk, info, length):
    """HKDF-Expand of RFC 5869 section 2.3."""
    return HKDFExpand(algorithm=suite.hash, length=length, info=info).derive(prk)


def derive_key_salt(suite, kid, base_key):
    secret = extract(suite, b"", base_key)
    binding = kid.to_bytes(8, "big") + suite.id.to_bytes(2, "big")
    key = expand(suite, secret, b"SFrame 1.0 Secret key " + binding, suite.nk)
    salt = expand(suite, secret, b"SFrame 1.0 Secret salt " + binding, suite.nn)
    return key, salt


def ratchet(suite, base_key):
    """The next base key of a sender that ratchets: section 5.1."""
    return expand(suite, extract(suite, b"", base_key), b"SFrame 1.0 Ratchet", suite.nh)


def ratcheted(suite, base_key, steps):
    for _ in range(steps):
        base_key = ratchet(suite, base_key)
    return base_key


def sender_kid(ratchet_bits, generation, step):
    """The key id of a sender that ratchets: section 5.1."""
    return (generation << ratchet_bits) + step % 2**ratchet_bits


def stream_key(suite, base_key, ssrc):
    """The base key of one RTP stream: draft-ietf-avtcore-rtp-sframe."""
    prk = extract(suite, ssrc.to_bytes(4, "big"), base_key)
    return expand(suite, prk, b"SFrame 1.0 RTP Stream", suite.nh)


# --- The AEADs: section 4.5 --------------------------------------------------------------------


def aead_encrypt(suite, key, nonce, aad, plaintext):
    if suite.nka == 0:
        return AESGCM(key).encrypt(nonce, plaintext, aad)
    enc_key, auth_key = key[: suite.nka], key[suite.nka :]
    ciphertext = _aes_ctr(enc_key, nonce, plaintext)
    return ciphertext + _tag(suite, auth_key, nonce, aad, ciphertext)


def aead_decrypt(suite, key, nonce, aad, sealed):
    if len(sealed) < suite.nt:
        raise Refused("shorter than its tag")
    if suite.nka == 0:
        try:
            return AESGCM(key).decrypt(nonce, sealed, aad)
        except InvalidTag:
            raise Refused("does not authenticate") from None
    enc_key, auth_key = key[: suite.nka], key[suite.nka :]
    ciphertext, tag = sealed[: -suite.nt], sealed[-suite.nt :]
    if not constant_time.compare_digest(tag, _tag(suite, auth_key, nonce, aad, ciphertext)):
        raise Refused("does not authenticate")
    return _aes_ctr(enc_key, nonce, ciphertext)


def _tag(suite, auth_key, nonce, aad, ciphertext):
    """Section 4.5.1: three lengths in bytes, nonce, associated data, ciphertext; cut to Nt."""
    mac = hmac.HMAC(auth_key, suite.hash)
    for length in (len(aad), len(ciphertext), suite.nt):
        mac.update(length.to_bytes(8, "big"))
    mac.update(nonce)
    mac.update(aad)
    mac.update(ciphertext)
    return mac.finalize()[: suite.nt]


def _aes_ctr(key, nonce, data):
    """Section 4.5.1: the first counter block is the nonce and four zero bytes."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(nonce + bytes(4))).encryptor()
    return cipher.update(data) + cipher.finalize()


# --- Frames: sections 4.4.3 and 4.4.4 ----------------------------------------------------------


def encrypt(suite, base_key, kid, ctr, metadata, plaintext):
    key, salt = derive_key_salt(suite, kid, base_key)
    header = encode_header(kid, ctr)
    nonce = form_nonce(suite, salt, ctr)
    return header + aead_encrypt(suite, key, nonce, header + metadata, plaintext)


def decrypt(suite, base_key, kid, metadata, frame):
    """(plaintext, ctr) of a frame of the key `kid`."""
    named, ctr, header_len = decode_header(frame)
    if named != kid:
        raise Refused(f"unknown key id {named}")
    header, sealed = frame[:header_len], frame[header_len:]
    key, salt = derive_key_salt(suite, kid, base_key)
    nonce = form_nonce(suite, salt, ctr)
    return aead_decrypt(suite, key, nonce, header + metadata, sealed), ctr


def form_nonce(suite, salt, ctr):
    return bytes(a ^ b for a, b in zip(salt, ctr.to_bytes(suite.nn, "big")))
