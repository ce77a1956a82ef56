//! What a sealed key is bound to, as one string of bytes.
//!
//! Under `sender_keys/sealing/`. Every part that has no fixed length is preceded by its length, so two
//! different envelopes never give the same bytes.

use super::auth_mode::KEY_LEN;
use super::{Envelope, MAX_ID_LEN, SealingPublicKey};
use crate::error::Error;

/// Three ids and two public keys with their lengths, generation, step, `R`, suite.
const MAX_AAD_LEN: usize = 3 * (2 + MAX_ID_LEN) + 2 * (2 + KEY_LEN) + 8 + 8 + 1 + 2;

/// All that a message is bound to, in one piece.
pub(super) struct Aad {
    bytes: [u8; MAX_AAD_LEN],
    len: usize,
}

impl Aad {
    /// `keys` are the public keys of sender and recipient.
    pub(super) fn new(
        envelope: &Envelope<'_>,
        keys: [&SealingPublicKey; 2],
        generation: u64,
        step: u64,
    ) -> Result<Self, Error> {
        let [sender_key, recipient_key] = keys;
        let mut aad = Self {
            bytes: [0; MAX_AAD_LEN],
            len: 0,
        };
        aad.vec(envelope.call)?;
        aad.vec(envelope.sender)?;
        aad.vec(&sender_key.0)?;
        aad.vec(envelope.recipient)?;
        aad.vec(&recipient_key.0)?;
        aad.put(&generation.to_be_bytes())?;
        aad.put(&step.to_be_bytes())?;
        // At most 32.
        aad.put(&[u8::try_from(envelope.bits.bits()).unwrap_or_default()])?;
        aad.put(&envelope.suite.id().to_be_bytes())?;
        Ok(aad)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn vec(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let len = u16::try_from(bytes.len())
            .ok()
            .filter(|_| bytes.len() <= MAX_ID_LEN);
        self.put(&len.ok_or(LONG_ID)?.to_be_bytes())?;
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let end = self.len.saturating_add(bytes.len());
        let place = self.bytes.get_mut(self.len..end).ok_or(LONG_ID)?;
        place.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }
}

const LONG_ID: Error = Error::InvalidArgument("an id has at most 255 bytes");
