//! AES-GCM by AWS-LC, through the crate `aws-lc-rs`: assembly for long frames, where it is the
//! fastest there is. For short ones its call costs more than the others, which take them: the
//! kernel where it is built in and runs, else the composed implementation.
//!
//! It takes the associated data as one slice, so header and metadata are joined on the stack up to
//! a limit; what is longer goes to the others too, which take any length in parts.

use aes::{Aes128Enc, Aes256Enc};
use aws_lc_rs::aead::{self, LessSafeKey, UnboundKey};

use super::gcm::{self, Gcm};
#[cfg(feature = "kernel")]
use super::kernel::Kernel;
use super::keystream::Cipher;
use super::{Aad, JOINED, Nonce, Tag};
use crate::error::Error;

/// A key of AWS-LC, on its heap and wiped there, beside the one for short frames. `K` is the number
/// of round keys.
pub(crate) struct AwsLc<C: Cipher, const K: usize> {
    long: LessSafeKey,
    short: Short<C, K>,
}

/// What takes the other frames.
#[cfg_attr(
    feature = "kernel",
    expect(
        clippy::large_enum_variant,
        reason = "keys are flat, and there is no allocator"
    )
)]
enum Short<C: Cipher, const K: usize> {
    Composed(Gcm<C>),
    #[cfg(feature = "kernel")]
    Kernel(Kernel<K>),
}

impl AwsLc<Aes128Enc, 11> {
    pub(crate) fn aes_128(key: &[u8; 16]) -> Result<Self, Error> {
        #[cfg(feature = "kernel")]
        if let Some(short) = frameseal_kernel::Aes128Gcm::new(key) {
            return Self::new(&aead::AES_128_GCM, key, Short::Kernel(Kernel(short)));
        }
        Self::new(&aead::AES_128_GCM, key, Short::Composed(Gcm::new(key)))
    }
}

impl AwsLc<Aes256Enc, 15> {
    pub(crate) fn aes_256(key: &[u8; 32]) -> Result<Self, Error> {
        #[cfg(feature = "kernel")]
        if let Some(short) = frameseal_kernel::Aes256Gcm::new(key) {
            return Self::new(&aead::AES_256_GCM, key, Short::Kernel(Kernel(short)));
        }
        Self::new(&aead::AES_256_GCM, key, Short::Composed(Gcm::new(key)))
    }
}

impl<C: Cipher, const K: usize> AwsLc<C, K> {
    fn new(
        algorithm: &'static aead::Algorithm,
        key: &[u8],
        short: Short<C, K>,
    ) -> Result<Self, Error> {
        let key = UnboundKey::new(algorithm, key);
        let key = key.map_err(|_| Error::InvalidArgument("an AEAD key must have Nk bytes"))?;
        Ok(Self {
            long: LessSafeKey::new(key),
            short,
        })
    }

    /// The kernel, if it takes bodies of this length.
    #[cfg(feature = "kernel")]
    #[inline]
    pub(crate) fn kernel(&self, body_len: usize) -> Option<&Kernel<K>> {
        match &self.short {
            Short::Kernel(key) if body_len <= self.short.longest() => Some(key),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        if body.len() <= self.short.longest() {
            return self.short.seal(nonce, aad, body);
        }
        let mut joined = [0; JOINED];
        let Some(aad_bytes) = aad.join(&mut joined) else {
            return self.short.seal(nonce, aad, body);
        };
        let mut tag = Tag::default();
        let (nonce, aad) = (nonce_of(nonce), aead::Aad::from(aad_bytes));
        let sealed = self
            .long
            .seal_in_place_scatter(nonce, aad, body, &[], &mut tag);
        if sealed.is_err() {
            // Only for bodies longer than a frame can be. Nothing that could be opened, and nothing
            // in the clear.
            body.fill(0);
            tag = Tag::default();
        }
        tag
    }

    /// A wrong tag leaves zeros where AWS-LC opens, which decrypts before it compares.
    #[inline]
    pub(crate) fn open(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        if body.len() <= self.short.longest() {
            return self.short.open(nonce, aad, body, tag);
        }
        let mut joined = [0; JOINED];
        let Some(aad_bytes) = aad.join(&mut joined) else {
            return self.short.open(nonce, aad, body, tag);
        };
        let (nonce, aad) = (nonce_of(nonce), aead::Aad::from(aad_bytes));
        let opened = self.long.open_in_place_separate_tag(nonce, aad, tag, body);
        let right = opened.is_ok();
        if !right {
            body.fill(0);
        }
        right
    }
}

impl<C: Cipher, const K: usize> Short<C, K> {
    /// The longest body that it is given, in bytes; the same for every key of a process. Up to these
    /// lengths they were measured to be faster than AWS-LC, the kernel on a processor of AMD.
    #[inline]
    fn longest(&self) -> usize {
        match self {
            Self::Composed(_) => gcm::SHORT,
            #[cfg(feature = "kernel")]
            Self::Kernel(_) => 16_384,
        }
    }

    #[inline]
    fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        match self {
            Self::Composed(key) => key.seal(nonce, aad, body),
            #[cfg(feature = "kernel")]
            Self::Kernel(key) => key.seal(nonce, aad, body),
        }
    }

    #[inline]
    fn open(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        match self {
            Self::Composed(key) => key.open(nonce, aad, body, tag),
            #[cfg(feature = "kernel")]
            Self::Kernel(key) => key.open(nonce, aad, body, tag),
        }
    }
}

fn nonce_of(nonce: Nonce) -> aead::Nonce {
    aead::Nonce::assume_unique_for_key(nonce.to_bytes())
}
