//! One derived key, expanded, in no direction yet: what sending and receiving keys have in common.
//!
//! Third layer, under `encryption_key.rs` and `decryption_key.rs`. It builds nonce and associated
//! data (RFC 9605 §4.4.3) and knows where in a buffer header, ciphertext and tag lie. Everything
//! for one frame is on the stack; metadata is never copied.

use core::ops::Range;

use zeroize::Zeroize;

use crate::cipher_suite::{CipherSuite, NONCE_LEN};
use crate::crypto::{Aad, AeadKey, Backend, Nonce, Tag};
use crate::error::{Error, SyntaxError};
use crate::header::{Counter, Header, KeyId};
use crate::key_schedule::{Fingerprint, FrameSecrets};
use crate::metadata::Metadata;

pub(crate) struct FrameKey {
    pub(crate) suite: CipherSuite,
    pub(crate) key_id: KeyId,
    pub(crate) fingerprint: Fingerprint,
    /// `sframe_salt` as a number of 96 bits.
    salt: u128,
    aead: AeadKey,
}

impl FrameKey {
    pub(crate) fn derive(
        suite: CipherSuite,
        backend: Backend,
        key_id: KeyId,
        base_key: &[u8],
    ) -> Result<Self, Error> {
        let secrets = FrameSecrets::derive(suite, key_id, base_key)?;
        let key = secrets.key.get(..suite.key_len()).unwrap_or_default();
        let mut salt = [0; 16];
        for (to, from) in salt.iter_mut().skip(16 - NONCE_LEN).zip(&*secrets.salt) {
            *to = *from;
        }
        let derived = Self {
            suite,
            key_id,
            fingerprint: secrets.fingerprint,
            salt: u128::from_be_bytes(salt),
            aead: AeadKey::new(suite, backend, key)?,
        };
        salt.zeroize();
        Ok(derived)
    }

    pub(crate) fn backend(&self) -> Backend {
        self.aead.backend()
    }

    /// Encrypts `body` in place under a counter that nobody used before, and writes the tag.
    #[inline]
    pub(crate) fn seal(
        &self,
        counter: Counter,
        header: &[u8],
        metadata: Metadata<'_>,
        body: &mut [u8],
        tag: &mut [u8],
    ) {
        let computed = self
            .aead
            .seal(&self.nonce(counter), Aad { header, metadata }, body);
        for (to, from) in tag.iter_mut().zip(computed) {
            *to = from;
        }
    }

    /// Authenticates the frame and decrypts it to where `place` wants it; the plaintext.
    ///
    /// Nothing is written before the room for the result is known to suffice. After a failed
    /// authentication the buffer holds ciphertext.
    #[inline]
    pub(crate) fn open<'b>(
        &self,
        layout: &Layout,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<&'b mut [u8], Error> {
        match place {
            Place::Here(sealed) => self.open_in_place(layout, metadata, sealed),
            Place::Apart { sealed, out } => {
                let body = out
                    .get_mut(..layout.body_len)
                    .ok_or(Error::BufferTooSmall {
                        needed: layout.body_len,
                    })?;
                let (header, rest) = sealed.split_at_checked(layout.header_len).ok_or(CUT)?;
                let (ciphertext, tag) = rest.split_at_checked(layout.body_len).ok_or(CUT)?;
                body.copy_from_slice(ciphertext);
                self.open_body(layout, Aad { header, metadata }, body, tag)?;
                Ok(body)
            }
            Place::Within {
                buffer,
                sealed,
                out_start,
            } => {
                let end = out_start.saturating_add(layout.body_len);
                if end > buffer.len() {
                    return Err(Error::BufferTooSmall { needed: end });
                }
                let start = sealed.start.saturating_add(layout.header_len);
                let frame = buffer.get_mut(sealed).ok_or(CUT)?;
                self.open_in_place(layout, metadata, frame)?;
                buffer.copy_within(start..start.saturating_add(layout.body_len), out_start);
                buffer.get_mut(out_start..end).ok_or(CUT)
            }
        }
    }

    #[inline]
    fn open_in_place<'b>(
        &self,
        layout: &Layout,
        metadata: Metadata<'_>,
        sealed: &'b mut [u8],
    ) -> Result<&'b mut [u8], Error> {
        let (header, rest) = sealed.split_at_mut_checked(layout.header_len).ok_or(CUT)?;
        let (body, tag) = rest.split_at_mut_checked(layout.body_len).ok_or(CUT)?;
        self.open_body(layout, Aad { header, metadata }, body, tag)?;
        Ok(body)
    }

    #[inline]
    fn open_body(
        &self,
        layout: &Layout,
        aad: Aad<'_>,
        body: &mut [u8],
        received: &[u8],
    ) -> Result<(), Error> {
        let mut tag = Tag::default();
        for (to, from) in tag.iter_mut().zip(received) {
            *to = *from;
        }
        let nonce = self.nonce(layout.header.counter);
        self.aead.open(&nonce, aad, body, &tag)
    }

    /// `sframe_salt XOR encode_big_endian(CTR, Nn)` (RFC 9605 §4.4.3).
    #[inline]
    fn nonce(&self, counter: Counter) -> Nonce {
        let mixed = (self.salt ^ u128::from(counter.value())).to_be_bytes();
        let [_, _, _, _, nonce @ ..] = mixed;
        nonce
    }
}

impl Drop for FrameKey {
    /// The AEAD key wipes itself.
    fn drop(&mut self) {
        self.salt.zeroize();
    }
}

impl core::fmt::Debug for FrameKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FrameKey")
            .field("suite", &self.suite)
            .field("key_id", &self.key_id)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// Where the parts of a sealed frame lie, as read from its header. Not authenticated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) header: Header,
    pub(crate) header_len: usize,
    /// Bytes of ciphertext, and so of plaintext.
    pub(crate) body_len: usize,
}

impl Layout {
    #[inline]
    pub(crate) fn parse(suite: CipherSuite, sealed: &[u8]) -> Result<Self, Error> {
        let (header, header_len) = Header::parse(sealed)?;
        let body_len = sealed
            .len()
            .checked_sub(header_len + suite.tag_len())
            .ok_or(SyntaxError::ShorterThanTag)?;
        // No conformant sender makes such a frame; its block counter would have repeated.
        if body_len as u64 > suite.max_payload_len() {
            return Err(Error::InvalidArgument("longer than a frame can be"));
        }
        Ok(Self {
            header,
            header_len,
            body_len,
        })
    }
}

/// Where a sealed frame is, and where its plaintext shall go.
pub(crate) enum Place<'s, 'b> {
    /// The plaintext replaces the ciphertext.
    Here(&'b mut [u8]),
    /// To another buffer; the frame stays as it is.
    Apart { sealed: &'s [u8], out: &'b mut [u8] },
    /// To another place of the same buffer, which may overlap the frame.
    Within {
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    },
}

impl Place<'_, '_> {
    /// The sealed frame.
    #[inline]
    pub(crate) fn sealed(&self) -> Result<&[u8], Error> {
        match self {
            Self::Here(sealed) => Ok(sealed),
            Self::Apart { sealed, .. } => Ok(sealed),
            Self::Within { buffer, sealed, .. } => buffer
                .get(sealed.clone())
                .ok_or(Error::InvalidArgument("the range is not in the buffer")),
        }
    }
}

/// Never seen: a layout is read from the very bytes that it is used on.
const CUT: Error = Error::Syntax(SyntaxError::TruncatedHeader);
