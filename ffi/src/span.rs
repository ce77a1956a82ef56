//! A pointer with a length, checked, and not a reference yet.
//!
//! References promise the compiler things (valid, aligned, not aliased) that C does not promise
//! us. So every buffer is first a [`Span`]: two numbers that can be compared with other spans
//! without any promise. Only when all comparisons of a call are done are slices made.

use core::ptr::NonNull;

use super::result::{Failure, invalid};

#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Of no bytes, if C's was NULL.
    pointer: NonNull<u8>,
    /// Never reaches the end of all memory, so that where the span ends is a number.
    len: usize,
}

impl Span {
    const EMPTY: Self = Self {
        pointer: NonNull::dangling(),
        len: 0,
    };

    /// `len` bytes at `pointer`, which is NULL only if `len` is 0.
    #[inline(always)]
    pub(super) fn new(pointer: *const u8, len: usize) -> Result<Self, Failure> {
        // No slice may be longer than half of memory.
        if len > isize::MAX.unsigned_abs() {
            return Err(invalid("a length that no memory has"));
        }
        // So many bytes there are from here to the end of all memory; at NULL, none.
        let room = pointer.addr().wrapping_neg();
        if len >= room {
            return Self::without_room(pointer, len);
        }
        // SAFETY: there is more room than none, so it is not NULL.
        let pointer = unsafe { NonNull::new_unchecked(pointer.cast_mut()) };
        Ok(Self { pointer, len })
    }

    #[cold]
    fn without_room(pointer: *const u8, len: usize) -> Result<Self, Failure> {
        match len {
            0 => Ok(Self::EMPTY),
            _ if pointer.is_null() => Err(invalid("NULL with a length")),
            _ => Err(invalid("a length that goes beyond the end of memory")),
        }
    }

    /// The bytes of an object that a pointer points to; none at NULL.
    #[inline]
    pub(super) fn of<T>(pointer: *const T) -> Self {
        match NonNull::new(pointer.cast_mut()) {
            Some(pointer) => Self {
                pointer: pointer.cast(),
                len: size_of::<T>(),
            },
            None => Self::EMPTY,
        }
    }

    /// The first `len` bytes, or all where there are fewer.
    #[inline]
    pub(super) fn first(self, len: usize) -> Self {
        Self {
            len: self.len.min(len),
            ..self
        }
    }

    #[inline]
    pub(super) fn of_slice(bytes: &[u8]) -> Self {
        Self {
            pointer: NonNull::from(bytes).cast(),
            len: bytes.len(),
        }
    }

    #[inline(always)]
    pub(super) fn start(self) -> usize {
        self.pointer.addr().get()
    }

    /// Where the first byte behind it is. Objects of C do not reach the end of memory either.
    #[inline(always)]
    pub(super) fn end(self) -> usize {
        self.start().wrapping_add(self.len)
    }

    #[inline(always)]
    pub(super) fn len(self) -> usize {
        self.len
    }

    /// So many bytes from the same start on, or as many as memory has there.
    #[inline]
    pub(super) fn with_len(self, len: usize) -> Self {
        let len = len.min(!self.start());
        Self { len, ..self }
    }

    /// Whether there is a byte that belongs to both.
    #[inline(always)]
    pub(super) fn overlaps(self, other: Self) -> bool {
        if self.start() >= other.end() || other.start() >= self.end() {
            return false;
        }
        self.overlaps_unless_empty(other)
    }

    /// An empty one may lie inside the other, and has no byte.
    #[cold]
    fn overlaps_unless_empty(self, other: Self) -> bool {
        self.len > 0 && other.len > 0
    }

    /// The shortest span that covers both; for spans that overlap, so that all of it is one object.
    #[inline]
    pub(super) fn union(self, other: Self) -> Self {
        let first = if self.start() <= other.start() {
            self
        } else {
            other
        };
        Self {
            pointer: first.pointer,
            len: self.end().max(other.end()).saturating_sub(first.start()),
        }
    }

    /// The bytes, to read.
    ///
    /// # Safety
    /// The span must be valid for reads for as long as the slice is used, and nothing may write to
    /// it meanwhile.
    #[inline(always)]
    pub(super) unsafe fn as_slice<'a>(self) -> &'a [u8] {
        // SAFETY: not NULL, and not too long, as checked in `new`; the rest is the caller's promise,
        // and no bytes need none.
        unsafe { core::slice::from_raw_parts(self.pointer.as_ptr(), self.len) }
    }

    /// The bytes, to write.
    ///
    /// # Safety
    /// The span must be valid for reads and writes for as long as the slice is used, and nothing
    /// else may read or write it meanwhile.
    #[inline(always)]
    pub(super) unsafe fn as_mut_slice<'a>(self) -> &'a mut [u8] {
        // SAFETY: not NULL, and not too long, as checked in `new`; the rest is the caller's promise,
        // and no bytes need none.
        unsafe { core::slice::from_raw_parts_mut(self.pointer.as_ptr(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: usize, len: usize) -> Span {
        Span::new(core::ptr::without_provenance(start), len).unwrap_or(Span::of_slice(&[]))
    }

    #[test]
    fn null_is_empty_or_refused() {
        assert!(Span::new(core::ptr::null(), 0).is_ok());
        assert!(Span::new(core::ptr::null(), 1).is_err());
    }

    #[test]
    fn lengths_that_no_memory_has_are_refused() {
        let byte = 0u8;
        assert!(Span::new(&raw const byte, isize::MAX.unsigned_abs() + 1).is_err());
        assert!(Span::new(&raw const byte, usize::MAX).is_err());
        assert!(Span::new(core::ptr::without_provenance(usize::MAX - 3), 4).is_err());
        assert!(Span::new(core::ptr::without_provenance(usize::MAX - 3), 3).is_ok());
    }

    #[test]
    fn spans_overlap_when_they_share_a_byte() {
        for (a, b, shared) in [
            (at(100, 10), at(110, 5), false),
            (at(100, 10), at(109, 5), true),
            (at(100, 10), at(95, 5), false),
            (at(100, 10), at(95, 6), true),
            (at(100, 10), at(100, 10), true),
            (at(100, 10), at(102, 2), true),
            (at(100, 10), at(105, 0), false),
            (at(105, 0), at(105, 0), false),
            (at(0, 0), at(100, 10), false),
            (at(usize::MAX - 8, 8), at(usize::MAX - 1, 1), true),
            (at(usize::MAX - 8, 8), at(1, 10), false),
        ] {
            assert_eq!(a.overlaps(b), shared, "{a:?} {b:?}");
            assert_eq!(b.overlaps(a), shared, "{b:?} {a:?}");
        }
    }

    #[test]
    fn a_union_covers_both() {
        for (a, b) in [(at(100, 10), at(105, 20)), (at(100, 30), at(105, 20))] {
            for union in [a.union(b), b.union(a)] {
                assert_eq!(union.start(), 100);
                assert_eq!(union.end(), a.end().max(b.end()));
            }
        }
    }
}
