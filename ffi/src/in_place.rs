//! Sealing a frame where its payload lies: the same for an encryptor, a stream and sender keys.

use frameseal_core::{Error, Metadata};

use super::metadata;
use super::out::{Out, refuse_overlap};
use super::result::{Failure, invalid};
use super::sealing::Seal;
use super::span::Span;

/// The arguments as C gives them, but for the metadata, which may come in pieces.
pub(super) struct InPlace<'a> {
    pub(super) metadata: Metadata<'a>,
    pub(super) buffer: *mut u8,
    pub(super) buffer_capacity: usize,
    pub(super) payload_offset: usize,
    pub(super) payload_len: usize,
    pub(super) frame_offset: *mut usize,
    pub(super) frame_len: *mut usize,
}

impl InPlace<'_> {
    /// Seals with what `sealer` gives, which is asked when all arguments have been checked.
    ///
    /// # Safety
    /// The buffer and both places for answers must be writable, and nobody else may use them during
    /// the call.
    #[inline]
    pub(super) unsafe fn seal<S: Seal>(
        &self,
        sealer: impl FnOnce() -> Result<S, Failure>,
    ) -> Result<(), Failure> {
        // SAFETY: the promise of the caller.
        let offset_place = unsafe { Out::new(self.frame_offset) }?;
        // SAFETY: the same.
        let len_place = unsafe { Out::new(self.frame_len) }?;
        let buffer = Span::new(self.buffer, self.buffer_capacity)?;
        let payload_end = self
            .payload_offset
            .checked_add(self.payload_len)
            .ok_or_else(|| invalid("the payload ends beyond memory"))?;
        refuse_overlap(buffer, &[offset_place.span(), len_place.span()])?;
        metadata::refuse_overlap(self.metadata, buffer)?;
        let mut sealer = sealer()?;
        // SAFETY: the promise of the caller; no other reference of this call is to the buffer, as
        // just checked.
        let bytes = unsafe { buffer.as_mut_slice() };
        let payload = self.payload_offset..payload_end;
        let sealed = sealer.encrypt_in_place(self.metadata, bytes, payload);
        sealer.finish();
        match sealed {
            Ok(frame) => {
                offset_place.set(frame.start);
                len_place.set(frame.len());
                Ok(())
            }
            Err(error) => {
                match error {
                    Error::HeadroomTooSmall { needed } => offset_place.set(needed),
                    Error::BufferTooSmall { needed } => len_place.set(needed),
                    _ => {}
                }
                Err(error.into())
            }
        }
    }
}
