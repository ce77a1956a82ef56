//! How the fuzz targets read their input: as a program of small commands, byte by byte.
//!
//! Every byte string is a program, so a mutation of one is one again, and the seeds can be written
//! by hand (`seeds.py`). Bytes that are missing at the end are zero.

/// What is left of the input.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// The whole input.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all of it was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// One byte, as a choice of so many.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// One of these, by one byte.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Two bytes, little-endian, as a number from 0 to `most`.
    pub fn up_to(&mut self, most: usize) -> usize {
        usize::from(u16::from_le_bytes([self.byte(), self.byte()])) % (most + 1)
    }

    /// Eight bytes, little-endian.
    pub fn number(&mut self) -> u64 {
        u64::from_le_bytes(core::array::from_fn(|_| self.byte()))
    }

    /// The next `len` bytes, or as many as are left.
    pub fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// A payload of this length, different from others in most bytes.
#[must_use]
pub fn payload(len: usize, number: u64) -> Vec<u8> {
    (0..len as u64)
        .map(|at| (at.wrapping_mul(37) ^ number.wrapping_mul(101)).to_le_bytes()[0] | 1)
        .collect()
}
