//! Bare AEADs that seal and open what a frame has: frameseal's own by backend, and the crates
//! `aws-lc-rs` and `ring`. In place, with the same length of associated data and a fresh nonce each.

use std::hint::black_box;

use frameseal::hazmat::Aead;
use frameseal::{Backend, CipherSuite};

use crate::peer::AAD;
use crate::{Buffer, Case, batch};

/// Nonces that count up, as those of frames do.
#[derive(Default)]
pub struct Nonces(u64);

impl Nonces {
    /// The next one, in the last eight bytes.
    pub fn draw(&mut self) -> [u8; 12] {
        self.0 += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.0.to_be_bytes());
        nonce
    }
}

/// A case that seals `size` bytes in place with a bare AEAD; `seal` gets the nonce, the body, and
/// where the tag goes.
fn sealing<'a, K: 'a>(
    key: K,
    size: usize,
    mut seal: impl FnMut(&K, [u8; 12], &mut [u8], &mut [u8; 16]) + 'a,
) -> Case<'a> {
    let state = (key, Nonces::default(), Buffer::padded(size), [0; 16]);
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(key, nonces, buffer, tag), _| {
            let body = black_box(&mut buffer[32..32 + size]);
            seal(key, nonces.draw(), body, tag);
        },
    )
}

/// A case that opens what `seal` sealed.
fn opening<'a, K: 'a>(
    key: K,
    size: usize,
    mut seal: impl FnMut(&K, [u8; 12], &mut [u8], &mut [u8; 16]) + 'a,
    mut open: impl FnMut(&K, [u8; 12], &mut [u8], &[u8; 16]) + 'a,
) -> Case<'a> {
    let frames = vec![(vec![0; size], [0; 16]); batch(size)];
    let state = (key, 0, frames);
    Case::new(
        batch(size),
        state,
        move |(key, first, frames)| {
            let mut nonces = Nonces(*first);
            for (body, tag) in frames {
                body.fill(0x5a);
                seal(key, nonces.draw(), body, tag);
            }
        },
        move |(key, first, frames), index| {
            let mut nonces = Nonces(*first + index as u64);
            let (body, tag) = black_box(&mut frames[index]);
            open(key, nonces.draw(), body, tag);
        },
    )
}

/// An AEAD, and the length of its tags.
fn aead(suite: CipherSuite, backend: Backend) -> (Aead, usize) {
    let aead = Aead::new(suite, backend, &vec![0x17; suite.key_len()]);
    (aead.expect("Nk bytes"), suite.tag_len())
}

fn seal_bare(
    (aead, tag_len): &(Aead, usize),
    nonce: [u8; 12],
    body: &mut [u8],
    tag: &mut [u8; 16],
) {
    aead.seal_in_place(&nonce, &AAD, body, &mut tag[..*tag_len])
        .expect("good arguments");
}

/// Seals frames of `size` bytes with the AEAD of a suite and a backend.
#[must_use]
pub fn bare_seal<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    sealing(aead(suite, backend), size, seal_bare)
}

/// Opens such frames.
#[must_use]
pub fn bare_open<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    opening(
        aead(suite, backend),
        size,
        seal_bare,
        |(aead, tag_len), nonce, body, tag| {
            aead.open_in_place(&nonce, &AAD, body, &tag[..*tag_len])
                .expect("sealed by us");
        },
    )
}

/// A key of so many bytes of `aws-lc-rs`.
#[must_use]
pub fn aws_lc_key(bytes: usize) -> aws_lc_rs::aead::LessSafeKey {
    use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
    let algorithm = if bytes == 16 {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    LessSafeKey::new(UnboundKey::new(algorithm, &vec![0x17; bytes]).expect("Nk bytes"))
}

/// Seals in place with it.
pub fn seal_with_aws_lc(
    key: &aws_lc_rs::aead::LessSafeKey,
    nonce: [u8; 12],
    body: &mut [u8],
    tag: &mut [u8; 16],
) {
    use aws_lc_rs::aead::{Aad, Nonce};
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_scatter(nonce, Aad::from(AAD), body, &[], tag)
        .expect("good arguments");
}

/// Seals frames with AES-GCM of `aws-lc-rs`, with a key of so many bytes.
#[must_use]
pub fn aws_lc_seal<'a>(bytes: usize, size: usize) -> Case<'a> {
    sealing(aws_lc_key(bytes), size, seal_with_aws_lc)
}

/// Opens such frames.
#[must_use]
pub fn aws_lc_open<'a>(bytes: usize, size: usize) -> Case<'a> {
    use aws_lc_rs::aead::{Aad, Nonce};
    opening(
        aws_lc_key(bytes),
        size,
        seal_with_aws_lc,
        |key, nonce, body, tag| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.open_in_place_separate_tag(nonce, Aad::from(AAD), tag, body)
                .expect("sealed by us");
        },
    )
}

/// A key of so many bytes of `ring`.
#[must_use]
pub fn ring_key(bytes: usize) -> ring::aead::LessSafeKey {
    use ring::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
    let algorithm = if bytes == 16 {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    LessSafeKey::new(UnboundKey::new(algorithm, &vec![0x17; bytes]).expect("Nk bytes"))
}

/// Seals in place with it.
pub fn seal_with_ring(
    key: &ring::aead::LessSafeKey,
    nonce: [u8; 12],
    body: &mut [u8],
    tag: &mut [u8; 16],
) {
    use ring::aead::{Aad, Nonce};
    let nonce = Nonce::assume_unique_for_key(nonce);
    let made = key.seal_in_place_separate_tag(nonce, Aad::from(AAD), body);
    tag.copy_from_slice(made.expect("good arguments").as_ref());
}

/// Seals frames with AES-GCM of `ring`, with a key of so many bytes.
#[must_use]
pub fn ring_seal<'a>(bytes: usize, size: usize) -> Case<'a> {
    sealing(ring_key(bytes), size, seal_with_ring)
}

/// Opens such frames.
#[must_use]
pub fn ring_open<'a>(bytes: usize, size: usize) -> Case<'a> {
    use ring::aead::{Aad, Nonce, Tag};
    opening(
        ring_key(bytes),
        size,
        seal_with_ring,
        |key, nonce, body, tag| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.open_in_place_separate_tag(nonce, Aad::from(AAD), Tag::from(*tag), body, 0..)
                .expect("sealed by us");
        },
    )
}
