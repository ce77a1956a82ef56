//! The key pairs of participants, as bytes.
//!
//! Under `sender_keys/sealing/`. Types of our own around those of the HPKE implementation.

use hpke::{Deserializable, Kem, Serializable};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::auth_mode::{Dh, KEY_LEN};
use crate::error::Error;

/// A participant's secret key, 32 bytes; wiped on drop. Moving it leaves a copy of its bytes behind,
/// so build it where it will stay, such as in a `Box`.
///
/// Whoever gets it opens all that was sealed to it, and seals to this participant in anybody's name:
/// see [the module](super).
pub struct SealingSecretKey(pub(super) [u8; KEY_LEN]);

/// A participant's public key, 32 bytes (X25519, RFC 7748).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SealingPublicKey(pub(super) [u8; KEY_LEN]);

impl SealingSecretKey {
    /// A key pair from 32 secret random bytes, as `DeriveKeyPair` of RFC 9180 §7.1.3.
    #[must_use]
    pub fn from_random(random: &[u8; 32]) -> Self {
        Self::of(&Dh::derive_keypair(random).0)
    }

    /// A secret key that [`Self::as_bytes`] gave.
    #[must_use]
    pub const fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The secret key, to be stored where secrets are.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> SealingPublicKey {
        let mut bytes = [0; KEY_LEN];
        if let Ok(key) = self.key() {
            bytes = Dh::sk_to_pk(&key).to_bytes().into();
        }
        SealingPublicKey(bytes)
    }

    fn of(key: &<Dh as Kem>::PrivateKey) -> Self {
        let mut bytes = key.to_bytes();
        let copy = Self(bytes.into());
        bytes.as_mut_slice().zeroize();
        copy
    }

    pub(super) fn key(&self) -> Result<<Dh as Kem>::PrivateKey, Error> {
        // Never taken: 32 bytes are right.
        Deserializable::from_bytes(&self.0).map_err(|_| Error::Authentication)
    }
}

impl Drop for SealingSecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SealingSecretKey {}

impl core::fmt::Debug for SealingSecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SealingSecretKey").finish_non_exhaustive()
    }
}

impl SealingPublicKey {
    /// A public key that was received. One of low order is found out by
    /// [`seal`](super::seal) and [`open`](super::open).
    #[must_use]
    pub const fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// The public key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn key(&self) -> Result<<Dh as Kem>::PublicKey, Error> {
        // Never taken: 32 bytes are right.
        Deserializable::from_bytes(&self.0).map_err(|_| Error::Authentication)
    }
}
