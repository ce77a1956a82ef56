//! AES-GCM by AWS-LC, through the crate `aws-lc-rs`: assembly for large frames, where it is the
//! fastest there is. For short ones its call costs more than the composed implementation.
//!
//! It takes the associated data as one slice, so header and metadata are joined on the stack up to
//! a limit; what is longer goes to the composed implementation, which takes any length in parts.

use aws_lc_rs::aead::{self, LessSafeKey, UnboundKey};

use super::gcm::Gcm;
use super::keystream::Cipher;
use super::{Aad, JOINED, Nonce, Tag};
use crate::error::Error;

/// A key of AWS-LC, on its heap and wiped there, beside the composed one for long metadata.
pub(crate) struct AwsLc<C: Cipher> {
    key: LessSafeKey,
    composed: Gcm<C>,
}

impl<C: Cipher> AwsLc<C> {
    /// From the bytes of the key, and what the composed implementation makes of them.
    pub(crate) fn new(
        algorithm: &'static aead::Algorithm,
        key: &[u8],
        composed: Gcm<C>,
    ) -> Result<Self, Error> {
        let key = UnboundKey::new(algorithm, key);
        let key = key.map_err(|_| Error::InvalidArgument("an AEAD key must have Nk bytes"))?;
        Ok(Self {
            key: LessSafeKey::new(key),
            composed,
        })
    }

    pub(crate) fn seal(&self, nonce: Nonce, aad: Aad<'_>, body: &mut [u8]) -> Tag {
        let mut joined = [0; JOINED];
        let Some(aad_bytes) = aad.join(&mut joined) else {
            return self.composed.seal(nonce, aad, body);
        };
        let mut tag = Tag::default();
        let (nonce, aad) = (nonce_of(nonce), aead::Aad::from(aad_bytes));
        let sealed = self
            .key
            .seal_in_place_scatter(nonce, aad, body, &[], &mut tag);
        if sealed.is_err() {
            // Only for bodies longer than a frame can be. Nothing that could be opened, and nothing
            // in the clear.
            body.fill(0);
            tag = Tag::default();
        }
        tag
    }

    /// A wrong tag leaves zeros: AWS-LC decrypts before it compares.
    pub(crate) fn open(&self, nonce: Nonce, aad: Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let mut joined = [0; JOINED];
        let Some(aad_bytes) = aad.join(&mut joined) else {
            return self.composed.open(nonce, aad, body, tag);
        };
        let (nonce, aad) = (nonce_of(nonce), aead::Aad::from(aad_bytes));
        let opened = self.key.open_in_place_separate_tag(nonce, aad, tag, body);
        let right = opened.is_ok();
        if !right {
            body.fill(0);
        }
        right
    }
}

fn nonce_of(nonce: Nonce) -> aead::Nonce {
    aead::Nonce::assume_unique_for_key(nonce.to_bytes())
}
