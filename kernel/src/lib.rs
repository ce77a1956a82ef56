//! AES-GCM (NIST SP 800-38D) for short media frames, on x86-64 processors with AVX-512, VAES and
//! VPCLMULQDQ: Intel's since Ice Lake, AMD's since Zen 4.
//!
//! It is made for frames of 20 to 160 bytes with a few bytes of associated data, sealed and opened
//! many times with one key. Round keys and powers of H are computed once and lie flat in the key;
//! masked vectors take frames of any length without a tail; E(J0), the associated data and the
//! block of lengths travel in lanes that the data leaves free, so that a frame of up to 288 bytes
//! is one pass with one reduction. Longer frames run in groups of 512 bytes.
//!
//! On any other processor there is no key: [`Aes128Gcm::new`] and [`Aes256Gcm::new`] are `None`,
//! and the caller takes another implementation.
//!
//! ```
//! use frameseal_kernel::{Aad, Aes128Gcm};
//!
//! if let Some(key) = Aes128Gcm::new(&[7; 16]) {
//!     let (nonce, aad) = ([1; 12], Aad::from(b"header"));
//!     let mut body = *b"a frame";
//!     let tag = key.seal_in_place(&nonce, aad, &mut body)?;
//!     key.open_in_place(&nonce, aad, &mut body, &tag)?;
//!     assert_eq!(&body, b"a frame");
//! }
//! # Ok::<(), frameseal_kernel::Error>(())
//! ```
//!
//! # What it promises
//!
//! - **Nothing before authentication.** What has not authenticated is never left where a caller
//!   can see it. Up to 2,048 bytes the tag is compared before anything is decrypted, and a wrong one
//!   takes the work of a right one: the same bytes are written again. Longer frames are decrypted
//!   on the way, for speed; with a wrong tag they are encrypted again before the call returns, so
//!   such a failure takes up to twice as long as a success. After a failure, bytes in place are as
//!   they were, and an output apart is all zeros.
//! - **Constant time.** No branch and no address depends on a key, on data or on a tag, but for the
//!   one branch on whether a tag was right. Lengths, and where the bytes lie, are not secret.
//! - **Wiping.** A dropped key is overwritten, and every call ends with zeros in all vector
//!   registers. What cannot be promised in Rust: that the compiler stored none of them on the stack
//!   meanwhile, that a move of a key left no copy, and what the operating system keeps of a thread
//!   that it interrupted.
//!
//! A nonce must never be used twice with one key. This crate does not count them.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(test)]
extern crate std;

#[cfg(target_arch = "x86_64")]
mod aad;
#[cfg(target_arch = "x86_64")]
mod ctr;
#[cfg(target_arch = "x86_64")]
mod detect;
#[cfg(target_arch = "x86_64")]
mod gcm;
#[cfg(target_arch = "x86_64")]
mod ghash;
#[cfg(target_arch = "x86_64")]
mod long;
#[cfg(target_arch = "x86_64")]
mod schedule;
#[cfg(target_arch = "x86_64")]
mod small;
#[cfg(target_arch = "x86_64")]
mod span;
#[cfg(target_arch = "x86_64")]
mod wipe;

#[cfg(not(target_arch = "x86_64"))]
mod absent;

#[cfg(not(target_arch = "x86_64"))]
use absent::{Schedule, Span, detect, open, seal};
#[cfg(target_arch = "x86_64")]
use {
    detect::detect,
    gcm::{open, seal},
    schedule::Schedule,
    span::Span,
};

/// The longest plaintext, in bytes (NIST SP 800-38D §5.2.1.1): 2^39 - 256 bits.
pub const MAX_BODY_LEN: u64 = (1 << 36) - 32;
/// The longest associated data, in bytes (NIST SP 800-38D §5.2.1.1): 2^64 - 1 bits.
pub const MAX_AAD_LEN: u64 = (1 << 61) - 1;

/// Whether this processor, under this operating system, has what the keys here need.
#[inline]
#[must_use]
pub fn is_available() -> bool {
    detect().is_some()
}

/// Why a frame was not sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The tag is not that of these bytes.
    Authentication,
    /// The body or the associated data is too long for AES-GCM, or input and output have not the
    /// same length.
    Length,
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Authentication => "authentication failed",
            Self::Length => "a length that AES-GCM cannot have",
        })
    }
}

impl core::error::Error for Error {}

/// Associated data in pieces, which mean the same as all of them together in one.
#[derive(Clone, Copy)]
pub struct Aad<'a> {
    /// The first piece, big-endian, with zeros behind.
    block: u128,
    block_len: usize,
    first: &'a [u8],
    second: &'a [u8],
    rest: &'a [&'a [u8]],
}

impl<'a> Aad<'a> {
    /// In two pieces, borrowed, as of a header and metadata, and any number behind them.
    #[inline]
    #[must_use]
    pub fn new(first: &'a [u8], second: &'a [u8], rest: &'a [&'a [u8]]) -> Self {
        Self {
            block: 0,
            block_len: 0,
            first,
            second,
            rest,
        }
    }

    /// The first `len` bytes of a big-endian number, at most 16, and behind them borrowed pieces.
    ///
    /// For a header that was made just now: a processor waits when it loads together what it stored
    /// in parts shortly before.
    #[inline]
    #[must_use]
    pub fn behind(block: u128, len: usize, first: &'a [u8], rest: &'a [&'a [u8]]) -> Self {
        let (second, rest) = match rest.split_first() {
            Some((second, rest)) => (*second, rest),
            None => ([].as_slice(), rest),
        };
        Self {
            block,
            block_len: len.min(16),
            first,
            second,
            rest,
        }
    }

    /// Bytes in all pieces together.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        // The same bytes may stand in many pieces: saturation keeps the sum from wrapping.
        self.borrowed()
            .fold(self.block_len, |sum, piece| sum.saturating_add(piece.len()))
    }

    /// Whether there is no byte.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn borrowed(self) -> impl Iterator<Item = &'a [u8]> {
        [self.first, self.second]
            .into_iter()
            .chain(self.rest.iter().copied())
    }
}

impl<'a> From<&'a [u8]> for Aad<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes, &[], &[])
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Aad<'a> {
    #[inline]
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl core::fmt::Debug for Aad<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The content is the caller's, and may be private.
        f.debug_struct("Aad")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// A key of AES-128-GCM: 544 bytes.
pub type Aes128Gcm = Key<11>;
/// A key of AES-256-GCM: 608 bytes.
pub type Aes256Gcm = Key<15>;

/// An AES-GCM key, expanded, with `K` round keys: [`Aes128Gcm`] or [`Aes256Gcm`].
///
/// Flat: no pointer, no gap, aligned to 16 bytes. It is only there where the processor can use it.
/// Wiped on drop.
#[repr(transparent)]
pub struct Key<const K: usize> {
    schedule: Schedule<K>,
}

impl Aes128Gcm {
    /// Expands a key; `None` on a processor, or under an operating system, that lacks something.
    #[inline]
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Option<Self> {
        let schedule = Schedule::<11>::new(detect()?, key);
        Some(Self { schedule })
    }
}

impl Aes256Gcm {
    /// Expands a key; `None` on a processor, or under an operating system, that lacks something.
    #[inline]
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Option<Self> {
        let schedule = Schedule::<15>::new(detect()?, key);
        Some(Self { schedule })
    }
}

impl<const K: usize> Key<K> {
    /// Encrypts `body` where it is, and returns the tag.
    ///
    /// # Errors
    /// [`Error::Length`], and nothing written, when something is too long.
    #[inline]
    pub fn seal_in_place(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        body: &mut [u8],
    ) -> Result<[u8; 16], Error> {
        check(body.len(), aad)?;
        let place = body.as_mut_ptr();
        // SAFETY: one slice, borrowed for writing until the call is over.
        Ok(unsafe { self.seal_span(nonce, aad, Span::new(place, place, body.len())) })
    }

    /// Encrypts `plaintext` to `ciphertext`, of the same length, and returns the tag.
    ///
    /// # Errors
    /// [`Error::Length`], and nothing written, when the lengths differ or something is too long.
    #[inline]
    pub fn seal(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; 16], Error> {
        check(plaintext.len(), aad)?;
        if plaintext.len() != ciphertext.len() {
            return Err(Error::Length);
        }
        let (from, to) = (plaintext.as_ptr(), ciphertext.as_mut_ptr());
        // SAFETY: two slices of the same length, borrowed until the call is over, the second for
        // writing, which is why they do not overlap.
        Ok(unsafe { self.seal_span(nonce, aad, Span::new(from, to, plaintext.len())) })
    }

    /// Compares the tag, and decrypts `body` where it is. After an error it is as it was.
    ///
    /// # Errors
    /// [`Error::Authentication`] when the tag is not that of these bytes; [`Error::Length`] when
    /// something is too long.
    #[inline]
    pub fn open_in_place(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        body: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), Error> {
        check(body.len(), aad)?;
        let place = body.as_mut_ptr();
        // SAFETY: one slice, borrowed for writing until the call is over.
        if unsafe { self.open_span(nonce, aad, Span::new(place, place, body.len()), tag) } {
            Ok(())
        } else {
            Err(Error::Authentication)
        }
    }

    /// Compares the tag, and decrypts `ciphertext` to `plaintext`, of the same length.
    ///
    /// # Errors
    /// [`Error::Authentication`], and zeros in `plaintext`, when the tag is not that of these
    /// bytes; [`Error::Length`], and nothing written, when the lengths differ or something is too
    /// long.
    #[inline]
    pub fn open(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        ciphertext: &[u8],
        plaintext: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), Error> {
        check(ciphertext.len(), aad)?;
        if plaintext.len() != ciphertext.len() {
            return Err(Error::Length);
        }
        let (from, to) = (ciphertext.as_ptr(), plaintext.as_mut_ptr());
        // SAFETY: two slices of the same length, borrowed until the call is over, the second for
        // writing, which is why they do not overlap.
        if unsafe { self.open_span(nonce, aad, Span::new(from, to, plaintext.len()), tag) } {
            Ok(())
        } else {
            plaintext.fill(0);
            Err(Error::Authentication)
        }
    }

    /// # Safety
    /// As for `Span::new`.
    #[inline]
    unsafe fn seal_span(&self, nonce: &[u8; 12], aad: Aad<'_>, span: Span) -> [u8; 16] {
        let mut tag = [0; 16];
        // SAFETY: there is a key, so the processor has the instructions; the caller vouches for the
        // span.
        unsafe {
            seal(
                &self.schedule,
                parts(nonce),
                aad.block,
                &aad,
                &span,
                &mut tag,
            );
        };
        tag
    }

    /// # Safety
    /// As for `Span::new`.
    #[inline]
    unsafe fn open_span(&self, nonce: &[u8; 12], aad: Aad<'_>, span: Span, tag: &[u8; 16]) -> bool {
        // SAFETY: there is a key, so the processor has the instructions; the caller vouches for the
        // span.
        unsafe { open(&self.schedule, parts(nonce), aad.block, &aad, &span, tag) }
    }
}

/// A nonce in registers, and with it what was made just now: the first eight bytes and the last four,
/// as they lie in memory.
type Nonce = (u64, u32);

#[inline]
fn parts(nonce: &[u8; 12]) -> Nonce {
    let [a, b, c, d, e, f, g, h, last @ ..] = *nonce;
    (
        u64::from_ne_bytes([a, b, c, d, e, f, g, h]),
        u32::from_ne_bytes(last),
    )
}

impl<const K: usize> core::fmt::Debug for Key<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

#[inline]
fn check(body_len: usize, aad: Aad<'_>) -> Result<(), Error> {
    check_body(body_len as u64)?;
    if aad.len() as u64 > MAX_AAD_LEN {
        return Err(Error::Length);
    }
    Ok(())
}

#[inline]
fn check_body(len: u64) -> Result<(), Error> {
    if len > MAX_BODY_LEN {
        return Err(Error::Length);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_aes_gcm_cannot_have_are_refused() {
        assert_eq!(check_body((1 << 36) - 32), Ok(()));
        assert_eq!(check_body((1 << 36) - 31), Err(Error::Length));
        assert_eq!(check_body(u64::MAX), Err(Error::Length));
        assert_eq!(check(7, Aad::from(b"header")), Ok(()));
    }

    #[test]
    fn pieces_are_counted_together() {
        let rest: [&[u8]; 3] = [b"de", b"", b"f"];
        assert_eq!(Aad::new(b"a", b"bc", &rest).len(), 6);
        assert!(Aad::new(b"", b"", &[b""]).is_empty());
        assert!(!Aad::new(b"", b"", &rest).is_empty());
    }

    #[test]
    fn what_is_secret_is_not_shown() {
        let shown = std::format!("{:?}", Aad::from(b"private"));
        assert_eq!(shown, "Aad { len: 7, .. }");
        if let Some(key) = Aes128Gcm::new(&[1; 16]) {
            assert_eq!(std::format!("{key:?}"), "Key { .. }");
        }
    }
}
