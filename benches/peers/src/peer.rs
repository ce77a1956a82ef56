//! The crate `sframe`, sealing and opening the same frames.

use std::hint::black_box;

use frameseal::CipherSuite;
use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
use sframe::key::{DecryptionKey, EncryptionKey};

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

/// Its name for a suite, if it has that with this backend.
#[must_use]
pub fn suite(suite: CipherSuite) -> Option<sframe::CipherSuite> {
    #[cfg(not(feature = "ring"))]
    match suite {
        CipherSuite::Aes128CtrHmacSha256_80 => {
            return Some(sframe::CipherSuite::AesCtr128HmacSha256_80);
        }
        CipherSuite::Aes128CtrHmacSha256_64 => {
            return Some(sframe::CipherSuite::AesCtr128HmacSha256_64);
        }
        CipherSuite::Aes128CtrHmacSha256_32 => {
            return Some(sframe::CipherSuite::AesCtr128HmacSha256_32);
        }
        _ => {}
    }
    match suite {
        CipherSuite::Aes128GcmSha256_128 => Some(sframe::CipherSuite::AesGcm128Sha256),
        CipherSuite::Aes256GcmSha512_128 => Some(sframe::CipherSuite::AesGcm256Sha512),
        _ => None,
    }
}

/// Opens frames of `size` bytes from buffer to buffer.
#[must_use]
pub fn decrypt<'a>(suite: sframe::CipherSuite, size: usize) -> Case<'a> {
    let key = EncryptionKey::derive_from(suite, KID, BASE_KEY).expect("a good key");
    let opening = DecryptionKey::derive_from(suite, KID, BASE_KEY).expect("a good key");
    let frames: Vec<Vec<u8>> = vec![Vec::new(); batch(size)];
    let state = (
        key,
        MonotonicCounter::default(),
        opening,
        frames,
        padded(size),
    );
    Case::new(
        batch(size),
        state,
        move |(key, counter, _, frames, _)| {
            let plain = vec![0x5a; size];
            for frame in frames {
                MediaFrameView::try_with_meta_data(counter, &plain, &METADATA)
                    .expect("counters left")
                    .encrypt_into(key, frame)
                    .expect("room");
            }
        },
        move |(_, _, opening, frames, out), index| {
            // Its encrypting calls put the metadata in front of the frame.
            let frame = black_box(&frames[index][METADATA.len()..]);
            let sealed = EncryptedFrameView::try_with_meta_data(frame, &METADATA).expect("a frame");
            let opened = sealed.decrypt_into(&*opening, out).expect("sealed by us");
            black_box(opened.payload());
        },
    )
}
