//! The crate `sframe`, sealing the same frames.

use std::hint::black_box;

use sframe::frame::{MediaFrameView, MonotonicCounter};
use sframe::key::EncryptionKey;

use crate::{Case, batch, padded};

/// The key id of all frames.
pub const KID: u64 = 0x123;
/// Their metadata.
pub const METADATA: &[u8] = b"audio1";
/// Their base key.
pub const BASE_KEY: [u8; 32] = [0x42; 32];
/// As much associated data as a frame has: a header of 5 bytes and the metadata.
pub const AAD: [u8; 5 + METADATA.len()] = [0x99; 5 + METADATA.len()];

/// Seals frames of `size` bytes from buffer to buffer.
#[must_use]
pub fn encrypt<'a>(suite: sframe::CipherSuite, size: usize) -> Case<'a> {
    let key = EncryptionKey::derive_from(suite, KID, BASE_KEY).expect("a good key");
    let state = (key, MonotonicCounter::default(), padded(size), padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(key, counter, frame, out), _| {
            let payload = black_box(&frame[..size]);
            let sealed = MediaFrameView::try_with_meta_data(counter, &payload, &METADATA)
                .expect("counters left")
                .encrypt_into(key, out)
                .expect("room");
            black_box(sealed.cipher_text());
        },
    )
}
