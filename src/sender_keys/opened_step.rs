//! What the receiving side of a sender tells: about a frame, and about itself.
//!
//! Under `sender_keys/`: values only.

use crate::decryption_key::Opened;
use crate::header::{Counter, KeyId};

/// A frame of a sender key that has authenticated and is decrypted.
#[derive(PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedStep<'b> {
    /// The plaintext, as [`Opened::payload`].
    pub payload: &'b mut [u8],
    /// The key that sealed the frame.
    pub key_id: KeyId,
    /// The number of the frame under that key.
    pub counter: Counter,
    /// The generation of the key.
    pub generation: u64,
    /// The ratchet step of the key, counted in full.
    pub step: u64,
}

impl<'b> OpenedStep<'b> {
    #[inline(always)]
    pub(super) fn new(opened: Opened<'b>, generation: u64, step: u64) -> Self {
        let Opened {
            payload,
            key_id,
            counter,
        } = opened;
        Self {
            payload,
            key_id,
            counter,
            generation,
            step,
        }
    }
}

impl core::fmt::Debug for OpenedStep<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Not the payload: what is logged is not end-to-end protected any more.
        f.debug_struct("OpenedStep")
            .field("payload_len", &self.payload.len())
            .field("key_id", &self.key_id)
            .field("counter", &self.counter)
            .field("generation", &self.generation)
            .field("step", &self.step)
            .finish()
    }
}

/// A snapshot of the receiving side of one sender, for diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivingChainStatus {
    /// The newest generation.
    pub generation: u64,
    /// The latest step of it that authenticated, or that it began with.
    pub step: u64,
    /// How many generations are held.
    pub generations: usize,
    /// How many steps are held, of all generations together.
    pub steps: usize,
    /// Frames that named a step ahead and did not authenticate, since the chain last moved.
    pub failed_ahead: u64,
}
