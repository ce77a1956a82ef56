//! The crypto seam: seal and open in place, with one expanded key, a nonce, and associated data in
//! parts.
//!
//! The layer above (`frame_key.rs`) knows nothing of ciphers, and the files here know nothing of
//! frames: headers come as bytes. The seam is the one operation that SFrame needs, not a
//! general-purpose AEAD trait, so that an implementation can be fast at 20 to 160 bytes.
//!
//! - [`gcm`]: AES-GCM, composed from `aes` and the GHASH of [`ghash`]
//! - [`ghash`]: the hash of AES-GCM, from `polyval`
//! - [`ctr_hmac`]: the AEAD of RFC 9605 §4.5.1, from `aes` and the HMAC of [`hmac`]
//! - [`keystream`]: counter mode, under both
//! - `reference`: AES-GCM by the crate `aes-gcm` (feature `aes-gcm`)
//! - `aws_lc`: AES-GCM by AWS-LC (feature `aws-lc`)
//! - `kernel`: AES-GCM by the crate `frameseal-kernel` (feature `kernel`)

#[cfg(feature = "aws-lc")]
pub(crate) mod aws_lc;
pub(crate) mod ctr_hmac;
pub(crate) mod gcm;
pub(crate) mod ghash;
pub(crate) mod hmac;
#[cfg(feature = "kernel")]
pub(crate) mod kernel;
pub(crate) mod keystream;
#[cfg(feature = "aes-gcm")]
pub(crate) mod reference;

use aes::{Aes128Enc, Aes256Enc};

use crate::cipher_suite::{CipherSuite, MAX_TAG_LEN, NONCE_LEN};
use crate::error::Error;
use crate::header::Counter;
use crate::metadata::Metadata;
use crate::number;
use ctr_hmac::CtrHmac;
use gcm::Gcm;
use hmac::{Sha256, Sha512};

/// A nonce of 96 bits, as a number: so it stays in registers.
#[derive(Clone, Copy)]
pub(crate) struct Nonce(u128);

impl Nonce {
    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8; NONCE_LEN]) -> Self {
        Self(
            bytes
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u128::from(*byte)),
        )
    }

    /// `sframe_salt XOR encode_big_endian(CTR, Nn)` (RFC 9605 §4.4.3).
    #[inline]
    pub(crate) fn with_counter(self, counter: Counter) -> Self {
        Self(self.0 ^ u128::from(counter.value()))
    }

    #[inline]
    pub(crate) fn to_bytes(self) -> [u8; NONCE_LEN] {
        let [_, _, _, _, nonce @ ..] = self.0.to_be_bytes();
        nonce
    }

    /// The nonce and a block counter of 32 bits.
    #[inline]
    pub(crate) fn counter_block(self, counter: u32) -> [u8; 16] {
        ((self.0 << 32) | u128::from(counter)).to_be_bytes()
    }
}

impl zeroize::Zeroize for Nonce {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// A tag of `Nt` bytes, followed by zeros.
pub(crate) type Tag = [u8; MAX_TAG_LEN];

/// Which implementation computes the AEAD of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// The crates `aes`, `polyval` and `sha2`, composed for the sizes of media frames. The default.
    RustCrypto,
    /// With the feature `aes-gcm`: the crate `aes-gcm` for the suites 4 and 5, slower for short
    /// frames, and the reference that the default is tested against. A wrong tag costs it less work than a right one, against
    /// RFC 9605 §4.4.4, so it is for comparing rather than for calls. Its keys are larger, and
    /// frames with more than 256 bytes of header and metadata are still taken by the default. The
    /// other suites stay with [`Backend::RustCrypto`].
    #[cfg(feature = "aes-gcm")]
    AesGcm,
    /// With the feature `aws-lc`: AWS-LC for long frames of the suites 4 and 5, at 0.2 to
    /// 0.65 of the default's time from 10 kB on. Its keys are on its own heap. **A long frame that does not authenticate is
    /// lost when it is opened in place**: zeros are left where it was.
    ///
    /// Frames of up to 240 bytes, which cost less that way, are taken by the default; with the
    /// feature `kernel`, where it runs, those of up to 16 KiB by the kernel. They also take frames
    /// with more than 256 bytes of header and metadata. The other suites stay with
    /// [`Backend::RustCrypto`].
    #[cfg(feature = "aws-lc")]
    AwsLc,
    /// With the feature `kernel`: the crate `frameseal-kernel` for the suites 4 and 5, on x86-64
    /// processors with AVX-512, VAES and VPCLMULQDQ: made for short frames. Its keys are larger. A
    /// wrong tag costs it the work of a right one up to 2,048 bytes, and up to twice as much above
    /// (RFC 9605 §4.4.4). On other processors, and for the other suites, keys are those of
    /// [`Backend::RustCrypto`].
    #[cfg(feature = "kernel")]
    Kernel,
}

impl Backend {
    /// Which one really serves a suite on this processor when this one is asked for.
    #[must_use]
    pub fn serving(self, suite: CipherSuite) -> Self {
        match (suite.ctr_key_len(), self) {
            (Some(_), _) => Self::RustCrypto,
            #[cfg(feature = "kernel")]
            (None, Self::Kernel) if !frameseal_kernel::is_available() => Self::RustCrypto,
            (None, backend) => backend,
        }
    }
}

/// The associated data of a frame: its header and its metadata (RFC 9605 §4.4.3).
pub(crate) struct Aad<'a> {
    header: &'a [u8],
    metadata: Metadata<'a>,
    /// Bytes of everything.
    len: usize,
    /// Everything as a big-endian number with zeros behind it, if it fits; else the first 16 bytes of
    /// the header.
    number: u128,
}

impl<'a> Aad<'a> {
    /// The number is that of the first 16 bytes of the header, big-endian, with zeros behind.
    // Inlined, with all that goes through the metadata: most callers know that there is one piece.
    // What follows takes a reference: a copy would load together what was just stored in parts, for
    // which the processor waits.
    #[inline(always)]
    pub(crate) fn new(header: &'a [u8], header_number: u128, metadata: Metadata<'a>) -> Self {
        debug_assert_eq!(header_number, number::from_bytes(header));
        let len = header.len().saturating_add(metadata.len());
        let mut number = header_number;
        if len <= size_of::<u128>() {
            let mut bytes = header.len();
            let (first, rest) = metadata.slices();
            let mut append = |part: &[u8]| {
                number |= number::behind(bytes, number::from_bytes(part));
                bytes += part.len();
            };
            append(first);
            for part in rest {
                append(part);
            }
        }
        Self {
            header,
            metadata,
            len,
            number,
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Everything as a big-endian number with zeros behind it, if it fits.
    #[inline(always)]
    fn as_number(&self) -> Option<u128> {
        (self.len <= size_of::<u128>()).then_some(self.number)
    }

    #[inline]
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        core::iter::once(self.header).chain(self.metadata.parts())
    }

    /// Copies everything to the start of `to`, if it fits, and says how many bytes that were.
    #[inline]
    pub(crate) fn copy_to(&self, to: &mut [u8]) -> Option<usize> {
        let mut used = 0usize;
        for part in self.parts() {
            let end = used.checked_add(part.len())?;
            to.get_mut(used..end)?.copy_from_slice(part);
            used = end;
        }
        Some(used)
    }

    /// Everything in one slice, for implementations that take only one; none if it is longer than
    /// the room.
    #[cfg(any(feature = "aes-gcm", feature = "aws-lc"))]
    #[inline]
    fn join<'r>(&self, room: &'r mut [u8; JOINED]) -> Option<&'r [u8]> {
        let len = self.copy_to(room)?;
        room.get(..len)
    }
}

/// The longest header and 239 bytes of metadata.
#[cfg(any(feature = "aes-gcm", feature = "aws-lc"))]
const JOINED: usize = 256;

/// The key of one suite's AEAD, expanded: nothing is set up again for a frame. Wiped on drop.
pub(crate) enum AeadKey {
    Aes128Gcm(Gcm<Aes128Enc>),
    Aes256Gcm(Gcm<Aes256Enc>),
    Aes128CtrHmac(CtrHmac<Aes128Enc, Sha256>),
    Aes256CtrHmac(CtrHmac<Aes256Enc, Sha512>),
    #[cfg(feature = "aes-gcm")]
    Aes128GcmReference(reference::Reference<Aes128Enc>),
    #[cfg(feature = "aes-gcm")]
    Aes256GcmReference(reference::Reference<Aes256Enc>),
    #[cfg(feature = "aws-lc")]
    Aes128GcmAwsLc(aws_lc::AwsLc<Aes128Enc, 11>),
    #[cfg(feature = "aws-lc")]
    Aes256GcmAwsLc(aws_lc::AwsLc<Aes256Enc, 15>),
    #[cfg(feature = "kernel")]
    Aes128GcmKernel(kernel::Kernel<11>),
    #[cfg(feature = "kernel")]
    Aes256GcmKernel(kernel::Kernel<15>),
    /// What a dropped key becomes. The other variants have gaps, in which moving a key leaves
    /// whatever was on the stack, copies of the key too; this one has none and covers them all.
    Wiped(#[expect(dead_code, reason = "written, never read")] [u128; LARGEST / 16]),
}

/// Bytes of the largest expanded key.
const LARGEST: usize = {
    let sizes = [
        size_of::<Gcm<Aes128Enc>>(),
        size_of::<Gcm<Aes256Enc>>(),
        size_of::<CtrHmac<Aes128Enc, Sha256>>(),
        size_of::<CtrHmac<Aes256Enc, Sha512>>(),
        #[cfg(feature = "aes-gcm")]
        size_of::<reference::Reference<Aes256Enc>>(),
        #[cfg(feature = "aws-lc")]
        size_of::<aws_lc::AwsLc<Aes256Enc, 15>>(),
        #[cfg(feature = "kernel")]
        size_of::<kernel::Kernel<15>>(),
    ];
    let mut largest = 0;
    let mut left = sizes.as_slice();
    while let Some((first, rest)) = left.split_first() {
        if *first > largest {
            largest = *first;
        }
        left = rest;
    }
    largest.next_multiple_of(16)
};

impl AeadKey {
    /// Drops the key where it is and overwrites its place, gaps included.
    pub(crate) fn wipe(&mut self) {
        *self = Self::Wiped([0; _]);
        zeroize::optimization_barrier(self);
    }
}

/// Calls the same method on whichever key it is.
macro_rules! each_key {
    ($self:expr, $key:ident => $call:expr, $wiped:expr) => {
        match $self {
            AeadKey::Aes128Gcm($key) => $call,
            AeadKey::Aes256Gcm($key) => $call,
            AeadKey::Aes128CtrHmac($key) => $call,
            AeadKey::Aes256CtrHmac($key) => $call,
            #[cfg(feature = "aes-gcm")]
            AeadKey::Aes128GcmReference($key) => $call,
            #[cfg(feature = "aes-gcm")]
            AeadKey::Aes256GcmReference($key) => $call,
            #[cfg(feature = "aws-lc")]
            AeadKey::Aes128GcmAwsLc($key) => $call,
            #[cfg(feature = "aws-lc")]
            AeadKey::Aes256GcmAwsLc($key) => $call,
            #[cfg(feature = "kernel")]
            AeadKey::Aes128GcmKernel($key) => $call,
            #[cfg(feature = "kernel")]
            AeadKey::Aes256GcmKernel($key) => $call,
            AeadKey::Wiped(_) => $wiped,
        }
    };
}

/// Does something with the kernel's key, if it takes bodies of this length: it reads in one place and
/// writes to another.
macro_rules! with_kernel {
    ($self:expr, $len:expr, $key:ident => $what:expr) => {
        #[cfg(feature = "kernel")]
        match $self {
            Self::Aes128GcmKernel($key) => $what,
            Self::Aes256GcmKernel($key) => $what,
            #[cfg(feature = "aws-lc")]
            Self::Aes128GcmAwsLc(both) => {
                if let Some($key) = both.kernel($len) {
                    $what
                }
            }
            #[cfg(feature = "aws-lc")]
            Self::Aes256GcmAwsLc(both) => {
                if let Some($key) = both.kernel($len) {
                    $what
                }
            }
            _ => {}
        }
    };
}

impl AeadKey {
    /// Expands a key of exactly `Nk` bytes.
    pub(crate) fn new(suite: CipherSuite, backend: Backend, key: &[u8]) -> Result<Self, Error> {
        const LENGTH: Error = Error::InvalidArgument("an AEAD key must have Nk bytes");
        let tag_len = suite.tag_len();
        match suite {
            CipherSuite::Aes128GcmSha256_128 => {
                let key: &[u8; 16] = key.try_into().map_err(|_| LENGTH)?;
                Ok(match backend {
                    Backend::RustCrypto => Self::Aes128Gcm(Gcm::<Aes128Enc>::new(key)),
                    #[cfg(feature = "aws-lc")]
                    Backend::AwsLc => Self::Aes128GcmAwsLc(aws_lc::AwsLc::aes_128(key)?),
                    #[cfg(feature = "kernel")]
                    Backend::Kernel => match frameseal_kernel::Aes128Gcm::new(key) {
                        Some(key) => Self::Aes128GcmKernel(kernel::Kernel(key)),
                        None => Self::Aes128Gcm(Gcm::<Aes128Enc>::new(key)),
                    },
                    #[cfg(feature = "aes-gcm")]
                    Backend::AesGcm => Self::Aes128GcmReference(reference::Reference::new(key)),
                })
            }
            CipherSuite::Aes256GcmSha512_128 => {
                let key: &[u8; 32] = key.try_into().map_err(|_| LENGTH)?;
                Ok(match backend {
                    Backend::RustCrypto => Self::Aes256Gcm(Gcm::<Aes256Enc>::new(key)),
                    #[cfg(feature = "aws-lc")]
                    Backend::AwsLc => Self::Aes256GcmAwsLc(aws_lc::AwsLc::aes_256(key)?),
                    #[cfg(feature = "kernel")]
                    Backend::Kernel => match frameseal_kernel::Aes256Gcm::new(key) {
                        Some(key) => Self::Aes256GcmKernel(kernel::Kernel(key)),
                        None => Self::Aes256Gcm(Gcm::<Aes256Enc>::new(key)),
                    },
                    #[cfg(feature = "aes-gcm")]
                    Backend::AesGcm => Self::Aes256GcmReference(reference::Reference::new(key)),
                })
            }
            CipherSuite::Aes128CtrHmacSha256_80
            | CipherSuite::Aes128CtrHmacSha256_64
            | CipherSuite::Aes128CtrHmacSha256_32 => {
                let (enc_key, auth_key) = key.split_first_chunk().ok_or(LENGTH)?;
                let auth_key: &[u8; 32] = auth_key.try_into().map_err(|_| LENGTH)?;
                Ok(Self::Aes128CtrHmac(CtrHmac::<Aes128Enc, _>::new(
                    enc_key, auth_key, tag_len,
                )))
            }
            CipherSuite::Aes256CtrHmacSha512_80
            | CipherSuite::Aes256CtrHmacSha512_64
            | CipherSuite::Aes256CtrHmacSha512_32 => {
                let (enc_key, auth_key) = key.split_first_chunk().ok_or(LENGTH)?;
                let auth_key: &[u8; 64] = auth_key.try_into().map_err(|_| LENGTH)?;
                Ok(Self::Aes256CtrHmac(CtrHmac::<Aes256Enc, _>::new(
                    enc_key, auth_key, tag_len,
                )))
            }
        }
    }

    /// Which implementation this key uses.
    pub(crate) fn backend(&self) -> Backend {
        match self {
            #[cfg(feature = "aes-gcm")]
            Self::Aes128GcmReference(_) | Self::Aes256GcmReference(_) => Backend::AesGcm,
            #[cfg(feature = "aws-lc")]
            Self::Aes128GcmAwsLc(_) | Self::Aes256GcmAwsLc(_) => Backend::AwsLc,
            #[cfg(feature = "kernel")]
            Self::Aes128GcmKernel(_) | Self::Aes256GcmKernel(_) => Backend::Kernel,
            _ => Backend::RustCrypto,
        }
    }

    /// Encrypts `body` in place and returns the tag, as a big-endian number with zeros behind it: so it
    /// stays in registers.
    #[inline(always)]
    pub(crate) fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> u128 {
        u128::from_be_bytes(each_key!(self, key => key.seal(nonce, aad, body), {
            body.fill(0);
            Tag::default()
        }))
    }

    /// As [`Self::seal`], from `from` to `to`, which have the same length.
    #[inline(always)]
    pub(crate) fn seal_to(&self, nonce: Nonce, aad: &Aad<'_>, from: &[u8], to: &mut [u8]) -> u128 {
        with_kernel!(self, from.len(), key => {
            return u128::from_be_bytes(key.seal_to(nonce, aad, from, to));
        });
        copy(from, to);
        self.seal(nonce, aad, to)
    }

    /// As [`Self::open`], from `from` to `to`, which have the same length. A wrong tag leaves in `to`
    /// what it leaves in the body there.
    #[inline(always)]
    pub(crate) fn open_to(
        &self,
        nonce: Nonce,
        aad: &Aad<'_>,
        from: &[u8],
        to: &mut [u8],
        tag: &Tag,
    ) -> Result<(), Error> {
        with_kernel!(self, from.len(), key => {
            return if key.open_to(nonce, aad, from, to, tag) {
                Ok(())
            } else {
                Err(Error::Authentication)
            };
        });
        copy(from, to);
        self.open(nonce, aad, to, tag)
    }

    /// Compares the tag, and only if it is right decrypts `body` in place.
    ///
    /// A wrong tag leaves `body` as it was, but for long ones of `Backend::AwsLc`, which leaves
    /// zeros; the work is the same (RFC 9605 §4.4.4), but for `Backend::AesGcm`, and for
    /// `Backend::Kernel` above 2,048 bytes. `tag` holds `Nt` bytes and then zeros.
    #[inline(always)]
    pub(crate) fn open(
        &self,
        nonce: Nonce,
        aad: &Aad<'_>,
        body: &mut [u8],
        tag: &Tag,
    ) -> Result<(), Error> {
        if each_key!(self, key => key.open(nonce, aad, body, tag), false) {
            Ok(())
        } else {
            Err(Error::Authentication)
        }
    }
}

/// Copies a body to a place of the same length.
#[inline(always)]
fn copy(from: &[u8], to: &mut [u8]) {
    // Always the same; so it cannot panic.
    if from.len() == to.len() {
        to.copy_from_slice(from);
    }
}

/// Compares two tags without telling where they differ, as a mask for
/// [`keystream::apply`]: all ones when they are equal, else zero.
#[inline]
pub(crate) fn tag_mask(computed: &Tag, received: &Tag) -> u8 {
    use ctutils::CtEq;
    u128::from_le_bytes(*computed)
        .ct_eq(&u128::from_le_bytes(*received))
        .to_u8_mask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn associated_data_that_fits_is_a_number_however_it_is_cut() {
        let bytes: [u8; 40] = core::array::from_fn(|at| 0xa0 ^ at as u8);
        for len in 0..=40 {
            for header_len in 0..=len.min(17) {
                let (header, metadata) = bytes[..len].split_at(header_len);
                for cut in 0..=metadata.len() {
                    let (first, last) = metadata.split_at(cut);
                    let parts = [first, &[], last];
                    let number = number::from_bytes(header);
                    let aad = Aad::new(header, number, Metadata::from(&parts));
                    let whole = (len <= 16).then(|| number::from_bytes(&bytes[..len]));
                    assert_eq!(aad.as_number(), whole, "{header_len} {cut} {len}");
                    assert_eq!(aad.len(), len);
                    let mut copy = [0; 40];
                    assert_eq!(aad.copy_to(&mut copy), Some(len));
                    assert_eq!(copy[..len], bytes[..len]);
                }
            }
        }
    }
}
