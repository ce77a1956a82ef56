//! The bare AEADs of the cipher suites, for vectors, benchmarks and other protocols.
//!
//! Beside the layers, with the feature `hazmat`. Here the caller chooses the nonce, and a nonce
//! that is used twice with one key destroys the protection of both messages. Frames do not need
//! this module: no key that it works with can be taken out of the other types of this crate.

use crate::cipher_suite::{CipherSuite, NONCE_LEN};
use crate::crypto::{Aad, AeadKey, Backend, Nonce};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::number;

/// One AEAD key of a cipher suite, expanded (RFC 9605 §4.5). Wiped on drop.
pub struct Aead {
    suite: CipherSuite,
    key: AeadKey,
}

impl Aead {
    /// Expands a key.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when it has not exactly [`CipherSuite::key_len`] bytes.
    pub fn new(suite: CipherSuite, backend: Backend, key: &[u8]) -> Result<Self, Error> {
        let key = AeadKey::new(suite, backend, key)?;
        Ok(Self { suite, key })
    }

    /// Encrypts `body` in place and writes the tag to `tag`.
    ///
    /// The caller must never use a nonce twice.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when `tag` has not exactly [`CipherSuite::tag_len`] bytes, or
    /// `body` is longer than [`CipherSuite::max_payload_len`]; nothing is written then.
    #[inline]
    pub fn seal_in_place<'a>(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: impl Into<Metadata<'a>>,
        body: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), Error> {
        self.check(body, tag)?;
        let computed = self
            .key
            .seal(Nonce::from_bytes(nonce), &parts(aad.into()), body);
        number::write(computed, tag);
        Ok(())
    }

    /// Compares the tag and, if it is right, decrypts `body` in place.
    ///
    /// # Errors
    /// [`Error::Authentication`] when the tag is wrong, and as [`Self::seal_in_place`]; `body` is
    /// left as it was, but for long ones of `Backend::AwsLc`, where zeros are left.
    #[inline]
    pub fn open_in_place<'a>(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: impl Into<Metadata<'a>>,
        body: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Error> {
        self.check(body, tag)?;
        let received = number::from_bytes(tag).to_be_bytes();
        self.key.open(
            Nonce::from_bytes(nonce),
            &parts(aad.into()),
            body,
            &received,
        )
    }

    fn check(&self, body: &[u8], tag: &[u8]) -> Result<(), Error> {
        if tag.len() != self.suite.tag_len() {
            return Err(Error::InvalidArgument("a tag must have Nt bytes"));
        }
        if body.len() as u64 > self.suite.max_payload_len() {
            return Err(Error::InvalidArgument("longer than a frame can be"));
        }
        Ok(())
    }
}

impl Drop for Aead {
    fn drop(&mut self) {
        self.key.wipe();
    }
}

impl core::fmt::Debug for Aead {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Aead")
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

fn parts(aad: Metadata<'_>) -> Aad<'_> {
    Aad::new(&[], 0, aad)
}
