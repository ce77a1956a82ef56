//! Structures that may grow in later versions: each begins with its size, as its user knows it.
//!
//! A program that was compiled with an older header passes a smaller size, one with a newer header
//! a larger size. New fields go behind the last one, never into padding.

use core::mem::MaybeUninit;

use super::result::{Failure, invalid};
use super::span::Span;

/// Sizes beyond this are not a structure from any version, but a forgotten initialisation.
const MAX_SIZE: usize = 4096;

/// A structure that begins with `size_t struct_size`.
///
/// # Safety
/// `repr(C)`, the first field is a `usize`, and all fields are integers for which zero is valid, raw
/// pointers, or structures of these.
pub(super) unsafe trait Growing: Sized {
    /// Bytes that the structure had in its first version.
    const FIRST_SIZE: usize;
}

/// Reads a structure: NULL and missing fields are zero. Fields that this version does not know must
/// be zero, since they ask for something.
///
/// # Safety
/// A pointer that is not NULL must be valid for reads of as many bytes as the structure says.
pub(super) unsafe fn read<T: Growing>(pointer: *const T) -> Result<T, Failure> {
    let mut copy = MaybeUninit::<T>::zeroed();
    if !pointer.is_null() {
        // SAFETY: not NULL, and the promise of the caller.
        let size = unsafe { declared_size(pointer) }?;
        let known = size.min(size_of::<T>());
        let bytes = pointer.cast::<u8>();
        for at in known..size {
            // SAFETY: `at` is below the size that the structure says.
            let unknown = unsafe { bytes.add(at) };
            // SAFETY: the same.
            if unsafe { unknown.read() } != 0 {
                return Err(invalid("a field that this version does not know is set"));
            }
        }
        let to = copy.as_mut_ptr().cast::<u8>();
        // SAFETY: `known` bytes are there on both sides; the copy is a local.
        unsafe { to.copy_from_nonoverlapping(bytes, known) };
    }
    // SAFETY: `Growing` says that zero is valid for every field, as is whatever C wrote there.
    Ok(unsafe { copy.assume_init() })
}

/// Fills a structure of the caller, of which so many bytes exist; what this version does not know
/// is zero.
///
/// # Safety
/// A pointer that is not NULL must be valid for writing `size` bytes.
pub(super) unsafe fn fill<T: Growing>(
    pointer: *mut T,
    size: usize,
    content: &T,
) -> Result<(), Failure> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(invalid("the structure is NULL or misaligned"));
    }
    check_size::<T>(size)?;
    let theirs = pointer.cast::<u8>();
    let known = size.min(size_of::<T>());
    // SAFETY: aligned and not NULL, as checked; the rest is the promise of the caller.
    unsafe { theirs.write_bytes(0, size) };
    // SAFETY: both have `known` bytes; the content is another object.
    unsafe { theirs.copy_from_nonoverlapping(core::ptr::from_ref(content).cast::<u8>(), known) };
    Ok(())
}

/// Bytes of a structure whose last field ends there; the first size of a structure is that of the
/// last field that its first version had.
pub(super) const fn size_until<T>(end_of_last: usize) -> usize {
    end_of_last.next_multiple_of(align_of::<T>())
}

/// A structure of the caller that a call writes answers to.
#[derive(Debug)]
pub(super) struct Answers<T> {
    pointer: *mut T,
    /// Bytes that both the caller and this version know.
    known: usize,
}

impl<T: Growing> Answers<T> {
    /// # Safety
    /// A pointer that is not NULL must be valid, during the call, for reads and writes of as many
    /// bytes as the structure says.
    pub(super) unsafe fn new(pointer: *mut T) -> Result<Self, Failure> {
        if pointer.is_null() {
            return Err(invalid("the structure is NULL"));
        }
        // SAFETY: not NULL, and the promise of the caller.
        let size = unsafe { declared_size(pointer) }?;
        let known = size.min(size_of::<T>());
        Ok(Self { pointer, known })
    }

    pub(super) fn span(&self) -> Span {
        Span::of(self.pointer).first(self.known)
    }

    /// Changes some fields; all others, and padding, stay as they are.
    pub(super) fn update(self, change: impl FnOnce(&mut T)) {
        let mut copy = MaybeUninit::<T>::zeroed();
        let local = copy.as_mut_ptr().cast::<u8>();
        let theirs = self.pointer.cast::<u8>();
        // SAFETY: both have `known` bytes; the copy is a local.
        unsafe { local.copy_from_nonoverlapping(theirs, self.known) };
        // SAFETY: integers and pointers, of which any bytes are valid.
        change(unsafe { copy.assume_init_mut() });
        // SAFETY: as above.
        unsafe { theirs.copy_from_nonoverlapping(local, self.known) };
    }
}

/// # Safety
/// `pointer` must be valid for reads of a `usize`.
unsafe fn declared_size<T: Growing>(pointer: *const T) -> Result<usize, Failure> {
    if !pointer.is_aligned() {
        return Err(invalid("the structure is misaligned"));
    }
    // SAFETY: aligned as checked, readable by the promise of the caller; `struct_size` is first.
    let size = unsafe { pointer.cast::<usize>().read() };
    check_size::<T>(size)?;
    Ok(size)
}

fn check_size<T: Growing>(size: usize) -> Result<(), Failure> {
    if size < T::FIRST_SIZE || size > MAX_SIZE {
        return Err(invalid("struct_size is not the size of the structure"));
    }
    Ok(())
}
