//! The bytes of a frame as a row of 64-byte vectors, the first and the last of them masked.
//!
//! GCM needs one block of keystream for the tag, E(J0), before those of the data, and GHASH needs
//! the associated data before the ciphertext. So the row begins with one block that is not data:
//! in the first vector, lane 0 computes E(J0) in the cipher and holds the associated data in GHASH,
//! and lanes 1 to 3 are the first three blocks of the frame. Places are counted in bytes from the
//! start of that block.
//!
//! Masked loads and stores touch no byte that the mask leaves out: neither its content nor, should
//! the page not be there, its address matters.

use core::arch::asm;
use core::arch::x86_64::*;

/// Bytes before the data.
pub(crate) const LEAD: usize = 16;

/// Where a frame is read and where it is written: the same place, or places apart.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    from: *const u8,
    to: *mut u8,
    end: usize,
}

impl Span {
    /// # Safety
    /// As long as the span is used, `len` bytes can be read at `from` and written at `to`, and the
    /// two are equal or do not overlap.
    #[inline]
    pub(crate) unsafe fn new(from: *const u8, to: *mut u8, len: usize) -> Self {
        Self {
            from: from.wrapping_sub(LEAD),
            to: to.wrapping_sub(LEAD),
            end: LEAD + len,
        }
    }

    /// Whether it is written where it is read.
    #[inline]
    pub(crate) fn in_place(self) -> bool {
        core::ptr::eq(self.from, self.to)
    }

    /// The same span, but the compiler cannot know: what was loaded through another one is loaded
    /// again, and not kept on the stack when registers run out.
    #[inline]
    pub(crate) fn again(self) -> Self {
        let mut from = self.from;
        // SAFETY: no instruction; the pointer stays what it is.
        unsafe {
            asm!("/* {0} */", inout(reg) from, options(readonly, nostack, preserves_flags));
        }
        Self { from, ..self }
    }

    /// Where the data ends.
    #[inline]
    pub(crate) fn end(self) -> usize {
        self.end
    }

    /// Blocks, with the one before the data, the last perhaps in part.
    #[inline]
    pub(crate) fn blocks(self) -> usize {
        self.end.div_ceil(16)
    }

    /// The bytes of the vector at `at` that are data.
    #[inline]
    #[target_feature(enable = "bmi2")]
    pub(crate) fn mask(self, at: usize) -> u64 {
        let mask = low_bits(self.end.saturating_sub(at));
        if at == 0 {
            mask & (u64::MAX << LEAD)
        } else {
            mask
        }
    }

    /// The vector at `at`, with zeros for what is not data.
    ///
    /// # Safety
    /// As for [`Span::new`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(crate) unsafe fn load(self, at: usize) -> __m512i {
        let from = self.from.wrapping_add(at).cast();
        // SAFETY: the mask leaves only bytes of the span, which can be read.
        unsafe { _mm512_maskz_loadu_epi8(self.mask(at), from) }
    }

    /// Writes the vector at `at`, but for what is not data.
    ///
    /// # Safety
    /// As for [`Span::new`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    pub(crate) unsafe fn store(self, at: usize, vector: __m512i) {
        let to = self.to.wrapping_add(at).cast();
        // SAFETY: the mask leaves only bytes of the span, which can be written.
        unsafe { _mm512_mask_storeu_epi8(to, self.mask(at), vector) };
    }

    /// The vector at `at`, which is all data.
    ///
    /// # Safety
    /// As for [`Span::new`], and `at` is at least 64, `at + 64` at most [`Span::end`].
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) unsafe fn load_whole(self, at: usize) -> __m512i {
        // SAFETY: all bytes belong to the span, by the condition on `at`.
        unsafe { _mm512_loadu_si512(self.from.wrapping_add(at).cast()) }
    }

    /// Writes the vector at `at`, which is all data.
    ///
    /// # Safety
    /// As for [`Span::load_whole`].
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) unsafe fn store_whole(self, at: usize, vector: __m512i) {
        // SAFETY: all bytes belong to the span, by the condition on `at`.
        unsafe { _mm512_storeu_si512(self.to.wrapping_add(at).cast(), vector) };
    }
}

/// As many ones from below, all 64 at most.
#[inline]
#[target_feature(enable = "bmi2")]
pub(crate) fn low_bits(count: usize) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "64 at most")]
    let count = count.min(64) as u32;
    // With 64 the instruction leaves all bits.
    _bzhi_u64(u64::MAX, count)
}
