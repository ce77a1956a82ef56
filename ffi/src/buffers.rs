//! Input and output of one frame: two slices, or one slice over both when they overlap.
//!
//! Rust must never hold a reference for reading and one for writing to the same byte. So when
//! input and output overlap, one slice is made over all of it, and the core moves the bytes inside.

use core::ops::Range;

use super::span::Span;

pub(super) enum Buffers<'a> {
    Apart {
        input: &'a [u8],
        out: &'a mut [u8],
    },
    Joined {
        all: &'a mut [u8],
        input: Range<usize>,
        out_start: usize,
        out_capacity: usize,
    },
}

/// Input and output of a call, not references yet, and whether they overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    input: Span,
    out: Span,
    overlap: bool,
}

impl Pair {
    #[inline(always)]
    pub(super) fn new(input: Span, out: Span) -> Self {
        let overlap = input.overlaps(out);
        Self {
            input,
            out,
            overlap,
        }
    }

    /// Everything that a call with this input and output may write to.
    #[inline(always)]
    pub(super) fn written(&self) -> Span {
        if self.overlap {
            self.input.union(self.out)
        } else {
            self.out
        }
    }

    /// # Safety
    /// The input must be readable and the output writable for as long as this is used; nobody else
    /// may write to the input, or use what [`Self::written`] covers, meanwhile.
    #[inline(always)]
    pub(super) unsafe fn buffers<'a>(self) -> Buffers<'a> {
        let Self { input, out, .. } = self;
        if !self.overlap {
            return Buffers::Apart {
                // SAFETY: the promise of the caller; nothing here writes to the input.
                input: unsafe { input.as_slice() },
                // SAFETY: the promise of the caller, and it shares no byte with the input.
                out: unsafe { out.as_mut_slice() },
            };
        }
        let all = input.union(out);
        let input_start = input.start().saturating_sub(all.start());
        Buffers::Joined {
            input: input_start..input_start.saturating_add(input.len()),
            out_start: out.start().saturating_sub(all.start()),
            out_capacity: out.len(),
            // SAFETY: both overlap, so they are parts of one object, and this is the only
            // reference to it. The caller promised the rest.
            all: unsafe { all.as_mut_slice() },
        }
    }
}
