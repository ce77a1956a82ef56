//! Answers of which there can be any number: an array of the caller, whose elements may grow in
//! later versions.
//!
//! Elements do not begin with their size, which would be said once for each. The caller says it
//! once: `entry_size` is what `sizeof` was when the caller was compiled.

use frameseal_core::Error;

use super::out::{Out, refuse_overlap};
use super::result::{Failure, invalid};
use super::span::Span;

/// Sizes beyond this are not an element from any version.
const MAX_SIZE: usize = 4096;

/// An element of an array that a call fills.
///
/// # Safety
/// `repr(C)`, integers only.
pub(super) unsafe trait Entry {
    /// Bytes that the element had in its first version.
    const FIRST_SIZE: usize;
}

/// An array of the caller, and the place for how many elements there are.
#[derive(Debug)]
pub(super) struct Entries<T> {
    entries: *mut T,
    entry_size: usize,
    capacity: usize,
    count: Out<usize>,
}

impl<T: Entry> Entries<T> {
    /// # Safety
    /// `capacity` elements of that size and the count must be writable, and nobody else may use
    /// them during the call.
    pub(super) unsafe fn new(
        entries: *mut T,
        entry_size: usize,
        capacity: usize,
        count: *mut usize,
    ) -> Result<Self, Failure> {
        let fits = (T::FIRST_SIZE..=MAX_SIZE).contains(&entry_size);
        if !fits || !entry_size.is_multiple_of(align_of::<T>()) {
            return Err(invalid("entry_size is not the size of the structure"));
        }
        let bytes = capacity
            .checked_mul(entry_size)
            .ok_or_else(|| invalid("longer than memory can be"))?;
        let written = Span::new(entries.cast(), bytes)?;
        if !entries.is_aligned() {
            return Err(invalid("the entries are misaligned"));
        }
        // SAFETY: the promise of the caller.
        let count = unsafe { Out::new(count) }?;
        refuse_overlap(written, &[count.span()])?;
        Ok(Self {
            entries,
            entry_size,
            capacity,
            count,
        })
    }

    /// Writes the list and its length, or, if it does not fit, its length only. Of elements that
    /// are larger than this version's, the rest is zero.
    pub(super) fn tell(self, list: &[T]) -> Result<(), Failure> {
        let needed = list.len();
        if needed > self.capacity {
            self.count.set(needed);
            return Err(Error::BufferTooSmall { needed }.into());
        }
        let known = self.entry_size.min(size_of::<T>());
        let places = self.entries.cast::<u8>();
        for (at, entry) in list.iter().enumerate() {
            let from = core::ptr::from_ref(entry).cast::<u8>();
            // SAFETY: `at` is below the capacity, and so many elements fit in memory.
            let place = unsafe { places.add(at.saturating_mul(self.entry_size)) };
            // SAFETY: an element of the caller, by whose promise it is writable.
            unsafe { place.write_bytes(0, self.entry_size) };
            // SAFETY: the same; both have `known` bytes, and the list is another object.
            unsafe { place.copy_from_nonoverlapping(from, known) };
        }
        self.count.set(needed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(C)]
    struct Pair {
        first: u32,
        second: u32,
    }

    // SAFETY: `repr(C)`, integers only.
    unsafe impl Entry for Pair {
        const FIRST_SIZE: usize = 4;
    }

    const LIST: [Pair; 2] = [
        Pair {
            first: 1,
            second: 2,
        },
        Pair {
            first: 3,
            second: 4,
        },
    ];

    /// What is written to so many elements of so many numbers each.
    fn told(size: usize, capacity: usize) -> (Result<(), Failure>, [u32; 8], usize) {
        let (mut numbers, mut count) = ([9; 8], 9);
        // SAFETY: the numbers have room for all sizes and capacities below.
        let entries = unsafe {
            let numbers = (&raw mut numbers).cast();
            Entries::<Pair>::new(numbers, size * 4, capacity, &raw mut count)
        };
        let result = entries.and_then(|entries| entries.tell(&LIST));
        (result, numbers, count)
    }

    #[test]
    fn elements_of_older_and_newer_callers_are_filled() {
        let (result, numbers, count) = told(2, 3);
        assert_eq!((result, count), (Ok(()), 2));
        assert_eq!(numbers, [1, 2, 3, 4, 9, 9, 9, 9]);
        assert_eq!(told(1, 2).1, [1, 3, 9, 9, 9, 9, 9, 9], "older");
        assert_eq!(told(3, 2).1, [1, 2, 0, 3, 4, 0, 9, 9], "newer");
    }

    #[test]
    fn a_list_that_does_not_fit_is_not_written() {
        for capacity in [0, 1] {
            let (result, numbers, count) = told(2, capacity);
            let needed = 2;
            let small = Failure::Core(Error::BufferTooSmall { needed });
            assert_eq!((result, numbers, count), (Err(small), [9; 8], 2));
        }
    }

    #[test]
    fn arrays_that_cannot_be_right_are_refused() {
        let (mut numbers, mut count) = ([9u32; 8], 9);
        let entries = (&raw mut numbers).cast::<Pair>();
        let bad = [
            (entries, 0, 1),
            (entries, 3, 1),
            (entries, 6, 1),
            (entries, MAX_SIZE + 4, 0),
            (entries, 8, usize::MAX / 4),
            (core::ptr::null_mut(), 8, 1),
            (entries.cast::<u8>().wrapping_add(1).cast(), 8, 1),
        ];
        for (entries, size, capacity) in bad {
            // SAFETY: refused before anything is written.
            let made = unsafe { Entries::new(entries, size, capacity, &raw mut count) };
            assert!(made.is_err(), "{size} {capacity}");
        }
        let inside = entries.cast::<usize>();
        // SAFETY: the same.
        assert!(unsafe { Entries::new(entries, 8, 2, inside) }.is_err());
        // SAFETY: the same.
        assert!(unsafe { Entries::new(entries, 8, 2, core::ptr::null_mut()) }.is_err());
        let none = core::ptr::null_mut::<Pair>();
        // SAFETY: no elements.
        assert!(unsafe { Entries::new(none, 8, 0, &raw mut count) }.is_ok());
    }
}
