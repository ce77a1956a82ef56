//! The memory of the C program: one allocation, regions in it that may overlap, and places for
//! answers that may be anywhere, or nowhere.

use core::ops::Range;

use frameseal_fuzz::Input;

/// Bytes; whole words, so that answers can be aligned.
const SIZE: usize = 768;
const WORD: usize = size_of::<usize>();

/// Metadata that lies outside of the memory, so that sender and receiver can agree on it.
pub(crate) const METADATA: [&[u8]; 3] = [b"", b"room 7, camera", &[0x6d; 100]];

pub(crate) struct Memory {
    words: Box<[usize]>,
}

/// A pointer and a length, as C passes them.
#[derive(Clone, Debug)]
pub(crate) enum Region {
    In(Range<usize>),
    /// NULL with this length.
    Null(usize),
    /// From here on, longer than memory can be.
    Huge(usize),
}

/// Where a call writes a number to.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A variable of its own.
    Own,
    /// In the memory, aligned or not.
    At(usize),
    Null,
}

pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    !a.is_empty() && !b.is_empty() && a.start < b.end && b.start < a.end
}

pub(crate) fn union(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

impl Region {
    pub(crate) fn read(input: &mut Input<'_>) -> Self {
        let start = input.up_to(SIZE);
        match input.byte() {
            255 => Self::Null(0),
            254 => Self::Null(start),
            253 => Self::Huge(start),
            len => Self::In(start..(start + usize::from(len)).min(SIZE)),
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        !matches!(self, Self::Null(1..) | Self::Huge(_))
    }

    /// The bytes of it that exist.
    pub(crate) fn range(&self) -> Range<usize> {
        match self {
            Self::In(range) => range.clone(),
            _ => 0..0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::In(range) => range.len(),
            Self::Null(len) => *len,
            Self::Huge(start) if start % 2 == 0 => usize::MAX,
            Self::Huge(_) => isize::MAX.unsigned_abs() + 1,
        }
    }
}

impl Answer {
    pub(crate) fn read(input: &mut Input<'_>) -> Self {
        match input.below(16) {
            0 => Self::Null,
            1..=3 => Self::At(input.up_to(SIZE / WORD - 1) * WORD),
            4 => Self::At(input.up_to(SIZE - WORD)),
            _ => Self::Own,
        }
    }

    pub(crate) fn range(&self) -> Range<usize> {
        match self {
            Self::At(at) => *at..at + WORD,
            _ => 0..0,
        }
    }

    pub(crate) fn is_valid(&self) -> bool {
        match self {
            Self::Own => true,
            Self::At(at) => at % WORD == 0,
            Self::Null => false,
        }
    }

    /// Checks what was answered: in `own`, or in the memory, where `after` says what was expected.
    pub(crate) fn expect(&self, value: Option<usize>, own: usize, after: &mut [u8]) {
        match (self, value) {
            (Self::Own, value) => assert_eq!(own, value.unwrap_or(UNTOUCHED)),
            (Self::At(_), Some(value)) => {
                after[self.range()].copy_from_slice(&value.to_ne_bytes());
            }
            _ => assert_eq!(own, UNTOUCHED),
        }
    }
}

/// What a variable for an answer holds before the call.
pub(crate) const UNTOUCHED: usize = 0x5a5a_5a5a;

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            words: vec![0x3c3c_3c3c; SIZE / WORD].into_boxed_slice(),
        }
    }

    fn base(&mut self) -> *mut u8 {
        self.words.as_mut_ptr().cast()
    }

    pub(crate) fn pointer(&mut self, region: &Region) -> *mut u8 {
        match region {
            // SAFETY: at most one behind the end of the allocation.
            Region::In(range) => unsafe { self.base().add(range.start) },
            Region::Null(_) => core::ptr::null_mut(),
            // SAFETY: the same.
            Region::Huge(start) => unsafe { self.base().add(*start) },
        }
    }

    pub(crate) fn answer(&mut self, answer: &Answer, own: *mut usize) -> *mut usize {
        match answer {
            Answer::Own => own,
            // SAFETY: inside of the allocation.
            Answer::At(at) => unsafe { self.base().add(*at) }.cast(),
            Answer::Null => core::ptr::null_mut(),
        }
    }

    /// A copy of all of it.
    pub(crate) fn copy(&self) -> Vec<u8> {
        self.words
            .iter()
            .flat_map(|word| word.to_ne_bytes())
            .collect()
    }

    /// The program writes something itself.
    pub(crate) fn write(&mut self, input: &mut Input<'_>) {
        let region = Region::read(input);
        let range = region.range();
        let bytes = input.bytes(range.len());
        // SAFETY: inside of the allocation, of which no reference exists.
        unsafe {
            self.base()
                .add(range.start)
                .copy_from(bytes.as_ptr(), bytes.len())
        };
    }
}
