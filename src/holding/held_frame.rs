//! A frame on its way out of a holding buffer.
//!
//! Under `holding/`. It borrows the place that it lay in and wipes it when the caller is done, so
//! that neither frame nor plaintext stays there.

use super::frame_store::FrameBytes;
use crate::header::KeyId;
use crate::time::Timestamp;

/// A frame that waited and whose key has come. What is in it, opened or not, is wiped on drop.
pub struct HeldFrame<'h> {
    held: Held,
    bytes: &'h mut dyn FrameBytes,
}

impl<'h> HeldFrame<'h> {
    pub(super) fn new(held: Held, bytes: &'h mut dyn FrameBytes) -> Self {
        Self { held, bytes }
    }

    /// The key id that it names.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.held.key_id
    }

    /// When it came.
    #[must_use]
    pub fn arrived(&self) -> Timestamp {
        self.held.arrived
    }

    /// The metadata that came with it, in one slice.
    #[must_use]
    pub fn metadata(&self) -> &[u8] {
        let bytes = self.bytes.bytes();
        bytes.get(..self.held.metadata_len).unwrap_or_default()
    }

    /// The frame, to be decrypted in place.
    #[must_use]
    pub fn sealed_mut(&mut self) -> &mut [u8] {
        self.split_mut().1
    }

    /// Metadata and frame at once, as decrypting wants them.
    #[must_use]
    pub fn split_mut(&mut self) -> (&[u8], &mut [u8]) {
        let bytes = self.bytes.bytes_mut();
        let both = bytes.get_mut(..self.held.len).unwrap_or_default();
        match both.split_at_mut_checked(self.held.metadata_len) {
            Some((metadata, sealed)) => (metadata, sealed),
            None => (&[], &mut []),
        }
    }
}

impl Drop for HeldFrame<'_> {
    fn drop(&mut self) {
        self.bytes.release();
    }
}

impl core::fmt::Debug for HeldFrame<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HeldFrame")
            .field("key_id", &self.held.key_id)
            .field("arrived", &self.held.arrived)
            .field("len", &self.held.len)
            .finish_non_exhaustive()
    }
}

/// What is known of a frame that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(super) number: u64,
    pub(super) arrived: Timestamp,
    pub(super) key_id: KeyId,
    pub(super) sender: u64,
    pub(super) metadata_len: usize,
    /// Of metadata and frame together.
    pub(super) len: usize,
}
