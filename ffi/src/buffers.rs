//! Input and output of one frame where they overlap: one slice over both.
//!
//! Rust must never hold a reference for reading and one for writing to the same byte. So where
//! input and output overlap, one slice is made over all of it, and the core moves the bytes inside.

use core::ops::Range;

use super::span::Span;

/// Input and output of a call that overlap, not references yet.
#[derive(Debug)]
pub(super) struct Joined {
    all: Span,
    /// Where the input lies in all of it.
    pub(super) input: Range<usize>,
    pub(super) out_start: usize,
    pub(super) out_capacity: usize,
}

impl Joined {
    /// For spans that overlap.
    pub(super) fn new(input: Span, out: Span) -> Self {
        let all = input.union(out);
        let input_start = input.start().saturating_sub(all.start());
        Self {
            all,
            input: input_start..input_start.saturating_add(input.len()),
            out_start: out.start().saturating_sub(all.start()),
            out_capacity: out.len(),
        }
    }

    /// Everything that a call with this input and output may write to.
    pub(super) fn written(&self) -> Span {
        self.all
    }

    /// The bytes of both.
    ///
    /// # Safety
    /// Both must be valid for reads and writes for as long as the slice is used, and nobody else may
    /// use either meanwhile.
    pub(super) unsafe fn bytes<'a>(&self) -> &'a mut [u8] {
        // SAFETY: both overlap, so they are parts of one object. The caller promised the rest.
        unsafe { self.all.as_mut_slice() }
    }
}
