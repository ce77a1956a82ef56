//! AES-GCM by the crate `aes-gcm`: the second backend of the suites 4 and 5, and the reference
//! that the composed one is tested against.
//!
//! `aes-gcm` takes the associated data as one slice, so header and metadata are joined on the
//! stack up to a limit; what is longer goes to the composed implementation, which takes any length
//! in parts.

use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::cipher::consts::{U12, U16};
use aes_gcm::aes::cipher::{BlockCipherEncrypt, BlockSizeUser, Key, KeySizeUser};

use super::gcm::Gcm;
use super::{Aad, JOINED, Nonce, Tag};

/// A key of the crate `aes-gcm`, beside the composed one for long metadata.
pub(crate) struct Reference<C>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    crate_key: AesGcm<C, U12>,
    composed: Gcm<C>,
}

impl<C> Reference<C>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + KeySizeUser,
{
    pub(crate) fn new<const N: usize>(key: &[u8; N]) -> Self
    where
        for<'a> &'a Key<C>: From<&'a [u8; N]>,
    {
        Self {
            crate_key: AesGcm::from(C::new(key.into())),
            composed: Gcm::new(key),
        }
    }

    pub(crate) fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        let mut joined = [0; JOINED];
        if let Some(aad) = aad.join(&mut joined)
            && let Ok(tag) = self.crate_key.encrypt_inout_detached(
                &nonce.to_bytes().into(),
                aad,
                (&mut *body).into(),
            )
        {
            return tag.into();
        }
        // Refused lengths are refused before anything is written.
        self.composed.seal(nonce, aad, body)
    }

    pub(crate) fn open(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let mut joined = [0; JOINED];
        match aad.join(&mut joined) {
            Some(aad) => self
                .crate_key
                .decrypt_inout_detached(&nonce.to_bytes().into(), aad, body.into(), tag.into())
                .is_ok(),
            None => self.composed.open(nonce, aad, body, tag),
        }
    }
}
