//! Where a call writes its answers, and the handles that it works on.

use super::result::{Failure, invalid};
use super::span::Span;

/// A place for one value: checked, written at most once, at the very end of a call.
#[derive(Debug)]
pub(super) struct Out<T> {
    pointer: *mut T,
}

impl<T> Out<T> {
    /// # Safety
    /// A pointer that is not NULL must be valid for writing a `T` during the call.
    #[inline]
    pub(super) unsafe fn new(pointer: *mut T) -> Result<Self, Failure> {
        if pointer.is_null() {
            return Err(invalid("a place for an answer is NULL"));
        }
        if !pointer.is_aligned() {
            return Err(invalid("a place for an answer is misaligned"));
        }
        Ok(Self { pointer })
    }

    #[inline]
    pub(super) fn span(&self) -> Span {
        Span::of(self.pointer)
    }

    #[inline]
    pub(super) fn set(self, value: T) {
        // SAFETY: not NULL and aligned, as checked in `new`, whose caller promised the rest.
        unsafe { self.pointer.write(value) }
    }
}

/// Refuses places for answers that share memory with each other or with what the call writes to.
#[inline(always)]
pub(super) fn refuse_overlap(written: Span, answers: &[Span]) -> Result<(), Failure> {
    let mut rest = answers;
    while let [first, others @ ..] = rest {
        if first.overlaps(written) || others.iter().any(|other| first.overlaps(*other)) {
            return Err(invalid("places that are written to overlap"));
        }
        rest = others;
    }
    Ok(())
}

/// A small structure that C passes by its address, copied.
///
/// # Safety
/// A pointer that is not NULL must be valid for reading a `T` during the call, and any bytes must
/// be a valid `T`.
pub(super) unsafe fn argument<T: Copy>(pointer: *const T) -> Result<T, Failure> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(invalid("an argument is NULL or misaligned"));
    }
    // SAFETY: not NULL and aligned, as checked; the rest is the promise of the caller.
    Ok(unsafe { pointer.read() })
}

/// The object behind a handle.
///
/// # Safety
/// A pointer that is not NULL must be a handle of this type that has not been freed, and must not
/// be freed during the call.
#[inline]
pub(super) unsafe fn object<'a, T>(handle: *const T) -> Result<&'a T, Failure> {
    if !handle.is_aligned() {
        return Err(invalid("not a handle"));
    }
    // SAFETY: NULL, or aligned as just checked and valid by the promise of the caller. Objects are
    // never borrowed mutably: what changes in them is behind locks.
    unsafe { handle.as_ref() }.ok_or_else(|| invalid("the handle is NULL"))
}
