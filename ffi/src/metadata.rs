//! Metadata in C: one piece, or several that mean what their concatenation means.

use frameseal_core::Metadata;

use super::result::{Failure, invalid};
use super::span::Span;

/// Some bytes that are only read: one piece of metadata.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_slice {
    /// The bytes; may be NULL when `len` is 0.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

/// The most pieces that metadata may come in. The length of each is not limited.
pub const FRAMESEAL_MAX_SLICES: usize = 16;

/// Metadata in several pieces, gathered on the stack; the bytes are not copied.
pub(super) struct Pieces<'a> {
    pieces: [&'a [u8]; FRAMESEAL_MAX_SLICES],
    count: usize,
}

impl<'a> Pieces<'a> {
    /// # Safety
    /// `count` slices must be readable at `slices`, and the bytes of each must be readable and
    /// unchanged for as long as this is used.
    pub(super) unsafe fn gather(
        slices: *const frameseal_slice,
        count: usize,
    ) -> Result<Self, Failure> {
        if count > FRAMESEAL_MAX_SLICES {
            return Err(invalid("more pieces of metadata than FRAMESEAL_MAX_SLICES"));
        }
        if count > 0 && (slices.is_null() || !slices.is_aligned()) {
            return Err(invalid("the pieces of metadata are NULL or misaligned"));
        }
        let mut pieces: [&[u8]; FRAMESEAL_MAX_SLICES] = [&[]; FRAMESEAL_MAX_SLICES];
        for (at, piece) in pieces.iter_mut().take(count).enumerate() {
            // SAFETY: `at` is below `count`.
            let slice = unsafe { slices.add(at) };
            // SAFETY: not NULL and aligned, as checked; readable by the promise of the caller.
            let slice = unsafe { slice.read() };
            let span = Span::new(slice.data, slice.len)?;
            // SAFETY: the promise of the caller.
            *piece = unsafe { span.as_slice() };
        }
        Ok(Self { pieces, count })
    }

    pub(super) fn as_slices(&self) -> &[&'a [u8]] {
        self.pieces.get(..self.count).unwrap_or_default()
    }
}

/// Refuses metadata that shares memory with what the call writes to.
#[inline(always)]
pub(super) fn refuse_overlap(metadata: Metadata<'_>, written: Span) -> Result<(), Failure> {
    for piece in metadata.parts() {
        if Span::of_slice(piece).overlaps(written) {
            return Err(invalid("metadata overlaps what is written to"));
        }
    }
    Ok(())
}
