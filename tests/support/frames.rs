//! Frames at counters that a test chooses, made through the public API alone.
//!
//! The library owns the counters, so a test that wants counter 0x4567 does what an application does
//! after a restart: it resumes behind 0x4566.

#![allow(dead_code, reason = "no test needs all of it")]

use frameseal::{CipherSuite, Counter, EncryptionKey, KeyId};

/// A sending key whose next frame has the counter `ctr`.
pub(crate) fn key_at(suite: CipherSuite, kid: u64, base_key: &[u8], ctr: u64) -> EncryptionKey {
    let key_id = KeyId::new(kid);
    let Some(before) = ctr.checked_sub(1) else {
        return EncryptionKey::new(suite, key_id, base_key).unwrap();
    };
    let before = Counter::new(before);
    let mut key = EncryptionKey::resume_after(suite, key_id, base_key, before).unwrap();
    let last = key.reserve(u64::MAX).unwrap();
    key.confirm(last).unwrap();
    key
}

/// One frame of the key that `key_at` would make.
pub(crate) fn seal_at(
    suite: CipherSuite,
    kid: u64,
    base_key: &[u8],
    ctr: u64,
    metadata: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let mut sealed = vec![0; payload.len() + suite.max_overhead()];
    let len = key_at(suite, kid, base_key, ctr)
        .encrypt(metadata, payload, &mut sealed)
        .unwrap();
    sealed.truncate(len);
    sealed
}

/// Bytes that are easy to make again: byte `i` is `seed + 7 i + floor(i / 256)`, modulo 256.
pub(crate) fn pattern(seed: u64, len: usize) -> Vec<u8> {
    (0..len as u64)
        .map(|i| seed.wrapping_add(7 * i + (i >> 8)).to_le_bytes()[0])
        .collect()
}
