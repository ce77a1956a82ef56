//! The memory of the C program: one allocation of exact size, which AddressSanitizer guards. Every
//! byte of it that a call has no business with must be what it was before.

use core::ops::Range;

/// Bytes; whole words, so that places for answers can be aligned.
pub(crate) const SIZE: usize = 1024;
pub(crate) const WORD: usize = size_of::<usize>();
/// What places for answers hold before a call.
pub(crate) const UNTOUCHED: usize = 0x5a5a_5a5a;

pub(crate) struct Arena {
    words: Box<[usize]>,
}

impl Arena {
    pub(crate) fn new() -> Self {
        Self {
            words: vec![0x3c3c_3c3c_3c3c_3c3c; SIZE / WORD].into_boxed_slice(),
        }
    }

    pub(crate) fn at(&mut self, offset: usize) -> *mut u8 {
        assert!(offset <= SIZE);
        // SAFETY: at most one behind the end of the allocation.
        unsafe { self.words.as_mut_ptr().cast::<u8>().add(offset) }
    }

    pub(crate) fn copy(&self) -> Vec<u8> {
        let words = self.words.iter();
        words.flat_map(|word| word.to_ne_bytes()).collect()
    }

    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= SIZE);
        // SAFETY: inside of the allocation, of which no reference exists.
        unsafe { self.at(offset).copy_from(bytes.as_ptr(), bytes.len()) };
    }
}

pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    !a.is_empty() && !b.is_empty() && a.start < b.end && b.start < a.end
}

pub(crate) fn union(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

/// A structure for answers of the size that it says, with words behind it that no call may touch.
#[derive(Clone)]
#[repr(C)]
pub(crate) struct Grown<T: Copy> {
    pub(crate) known: T,
    behind: [usize; 2],
}

impl<T: Copy> Grown<T> {
    /// All bytes untouched but the size: that of the structure, or a larger one of a later version.
    pub(crate) fn new(later: bool) -> Self {
        let mut made = core::mem::MaybeUninit::<Self>::uninit();
        // SAFETY: integers and raw pointers, of which any bytes are valid; the size is first.
        unsafe {
            made.as_mut_ptr()
                .cast::<u8>()
                .write_bytes(0x5a, size_of::<Self>());
            let size = size_of::<T>() + if later { 2 * WORD } else { 0 };
            made.as_mut_ptr().cast::<usize>().write(size);
            made.assume_init()
        }
    }

    pub(crate) fn set_size(&mut self, size: usize) {
        // SAFETY: the first field of every such structure.
        unsafe { (&raw mut self.known).cast::<usize>().write(size) };
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let start = core::ptr::from_ref(self).cast::<u8>();
        // SAFETY: all of it was initialised, padding too, by `write_bytes`; one by one, so that
        // nothing is assumed of padding.
        (0..size_of::<Self>())
            .map(|at| unsafe { start.add(at).read() })
            .collect()
    }

    /// Whether what no version knows of is as it was.
    pub(crate) fn check_behind(&self) {
        assert!(
            self.behind
                .iter()
                .all(|word| *word == usize::from_ne_bytes([0x5a; WORD]))
        );
    }
}
