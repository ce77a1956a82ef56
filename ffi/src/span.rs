//! A pointer with a length, checked, and not a reference yet.
//!
//! References promise the compiler things (valid, aligned, not aliased) that C does not promise
//! us. So every buffer is first a [`Span`]: two numbers that can be compared with other spans
//! without any promise. Only when all comparisons of a call are done are slices made.

use super::result::{Failure, invalid};

#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pointer: *mut u8,
    len: usize,
}

impl Span {
    /// `len` bytes at `pointer`, which is NULL only if `len` is 0.
    #[inline(always)]
    pub(super) fn new(pointer: *const u8, len: usize) -> Result<Self, Failure> {
        let start = pointer.addr();
        // NULL has no bytes, memory has an end, and no slice may be longer than half of it.
        let possible =
            start != 0 && len <= isize::MAX.unsigned_abs() && start.checked_add(len).is_some();
        if !possible && len != 0 {
            return Err(invalid("NULL with a length, or longer than memory can be"));
        }
        Ok(Self {
            pointer: pointer.cast_mut(),
            len,
        })
    }

    /// The bytes of an object that a pointer points to.
    #[inline]
    pub(super) fn of<T>(pointer: *const T) -> Self {
        Self {
            pointer: pointer.cast::<u8>().cast_mut(),
            len: size_of::<T>(),
        }
    }

    /// The first `len` bytes, or all where there are fewer.
    #[inline]
    pub(super) fn first(self, len: usize) -> Self {
        Self {
            pointer: self.pointer,
            len: self.len.min(len),
        }
    }

    #[inline]
    pub(super) fn of_slice(bytes: &[u8]) -> Self {
        Self {
            pointer: bytes.as_ptr().cast_mut(),
            len: bytes.len(),
        }
    }

    #[inline(always)]
    pub(super) fn start(self) -> usize {
        self.pointer.addr()
    }

    #[inline(always)]
    pub(super) fn end(self) -> usize {
        self.start().saturating_add(self.len)
    }

    #[inline(always)]
    pub(super) fn len(self) -> usize {
        self.len
    }

    /// So many bytes from the same start on.
    #[inline(always)]
    pub(super) fn with_len(self, len: usize) -> Self {
        Self { len, ..self }
    }

    /// Whether there is a byte that belongs to both.
    #[inline(always)]
    pub(super) fn overlaps(self, other: Self) -> bool {
        // An empty one ends where it begins, so that nothing lies between the two below.
        self.start().max(other.start()) < self.end().min(other.end())
    }

    /// The shortest span that covers both; for spans that overlap, so that all of it is one object.
    #[inline(always)]
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
        if self.pointer.is_null() {
            return &[];
        }
        // SAFETY: not NULL, and not too long, as checked in `new`; the rest is the caller's promise,
        // and no bytes need none.
        unsafe { core::slice::from_raw_parts(self.pointer, self.len) }
    }

    /// The bytes, to write.
    ///
    /// # Safety
    /// The span must be valid for reads and writes for as long as the slice is used, and nothing
    /// else may read or write it meanwhile.
    #[inline(always)]
    pub(super) unsafe fn as_mut_slice<'a>(self) -> &'a mut [u8] {
        if self.pointer.is_null() {
            return &mut [];
        }
        // SAFETY: not NULL, and not too long, as checked in `new`; the rest is the caller's promise,
        // and no bytes need none.
        unsafe { core::slice::from_raw_parts_mut(self.pointer, self.len) }
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
