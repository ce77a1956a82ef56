//! One derived key, expanded, in no direction yet: what sending and receiving keys have in common.
//!
//! Third layer, under `encryption_key.rs` and `decryption_key.rs`. It builds nonce and associated
//! data (RFC 9605 §4.4.3) and knows where in a buffer header, ciphertext and tag lie. Everything
//! for one frame is on the stack; metadata is never copied.

use core::ops::Range;

use zeroize::Zeroize;

use crate::cipher_suite::CipherSuite;
use crate::crypto::{Aad, AeadKey, Backend, Nonce, Tag};
use crate::error::{Error, SyntaxError};
use crate::header::{Counter, Header, KeyId};
use crate::key_schedule::{EpochSecret, Fingerprint, FrameSecrets};
use crate::metadata::Metadata;
use crate::number;

pub(crate) struct FrameKey {
    pub(crate) suite: CipherSuite,
    pub(crate) key_id: KeyId,
    pub(crate) fingerprint: Fingerprint,
    /// `sframe_salt`: the nonce of counter 0.
    salt: Nonce,
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
        Self::from_secrets(suite, backend, key_id, &secrets)
    }

    /// The key of one sender's stream in an epoch (RFC 9605 §5.2).
    pub(crate) fn of_epoch(
        backend: Backend,
        key_id: KeyId,
        epoch: &EpochSecret,
    ) -> Result<Self, Error> {
        let secrets = FrameSecrets::of_epoch(key_id, epoch)?;
        Self::from_secrets(epoch.suite, backend, key_id, &secrets)
    }

    fn from_secrets(
        suite: CipherSuite,
        backend: Backend,
        key_id: KeyId,
        secrets: &FrameSecrets,
    ) -> Result<Self, Error> {
        let key = secrets.key.get(..suite.key_len()).unwrap_or_default();
        Ok(Self {
            suite,
            key_id,
            fingerprint: secrets.fingerprint,
            salt: Nonce::from_bytes(&secrets.salt),
            aead: AeadKey::new(suite, backend, key)?,
        })
    }

    pub(crate) fn backend(&self) -> Backend {
        self.aead.backend()
    }

    /// Encrypts `payload` to `body`, or what lies there, under a counter that nobody used before, and
    /// writes the tag.
    #[inline(always)]
    pub(crate) fn seal(
        &self,
        counter: Counter,
        aad: &Aad<'_>,
        payload: Option<&[u8]>,
        body: &mut [u8],
        tag: &mut [u8],
    ) {
        let nonce = self.salt.with_counter(counter);
        let computed = match payload {
            Some(payload) => self.aead.seal_to(nonce, aad, payload, body),
            None => self.aead.seal(nonce, aad, body),
        };
        match tag.first_chunk_mut() {
            Some(tag) => *tag = computed.to_be_bytes(),
            None => number::write(computed, tag),
        }
    }

    /// Authenticates the frame and decrypts it; see [`Plaintext`].
    ///
    /// Nothing is written before the room for the result is known to suffice. After a failed
    /// authentication the buffer holds ciphertext.
    #[inline(always)]
    pub(crate) fn open<'b>(
        &self,
        layout: &Layout,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Plaintext<'b>, Error> {
        match place {
            Place::Here(sealed) => self
                .open_in_place(layout, metadata, sealed)
                .map(Plaintext::There),
            Place::Apart { sealed, out } => {
                let body = out
                    .get_mut(..layout.body_len)
                    .ok_or(Error::BufferTooSmall {
                        needed: layout.body_len,
                    })?;
                let (header, rest) = sealed.split_at_checked(layout.header_len).ok_or(CUT)?;
                let (ciphertext, tag) = rest.split_at_checked(layout.body_len).ok_or(CUT)?;
                let (nonce, tag) = (self.nonce(layout), tag_of(tag));
                let aad = aad_of(header, metadata);
                self.aead.open_to(nonce, &aad, ciphertext, body, &tag)?;
                Ok(Plaintext::There(body))
            }
            Place::Within {
                buffer,
                sealed,
                out_start,
            } => {
                let needed = out_start
                    .checked_add(layout.body_len)
                    .ok_or(Error::InvalidArgument("the output ends beyond memory"))?;
                if needed > buffer.len() {
                    return Err(Error::BufferTooSmall { needed });
                }
                let start = sealed.start.saturating_add(layout.header_len);
                let frame = buffer.get_mut(sealed).ok_or(CUT)?;
                self.open_in_place(layout, metadata, frame)?;
                Ok(Plaintext::ToMove {
                    body: start..start.saturating_add(layout.body_len),
                    buffer,
                    out_start,
                })
            }
        }
    }

    #[inline(always)]
    fn open_in_place<'b>(
        &self,
        layout: &Layout,
        metadata: Metadata<'_>,
        sealed: &'b mut [u8],
    ) -> Result<&'b mut [u8], Error> {
        let (header, rest) = sealed.split_at_mut_checked(layout.header_len).ok_or(CUT)?;
        let (body, tag) = rest.split_at_mut_checked(layout.body_len).ok_or(CUT)?;
        let (nonce, tag) = (self.nonce(layout), tag_of(tag));
        self.aead
            .open(nonce, &aad_of(header, metadata), body, &tag)?;
        Ok(body)
    }

    #[inline(always)]
    fn nonce(&self, layout: &Layout) -> Nonce {
        self.salt.with_counter(layout.header.counter)
    }
}

/// A tag as it was received, with zeros behind.
#[inline(always)]
fn tag_of(received: &[u8]) -> Tag {
    match received.first_chunk() {
        Some(whole) => *whole,
        None => number::from_bytes(received).to_be_bytes(),
    }
}

impl Drop for FrameKey {
    /// The AEAD key wipes itself.
    fn drop(&mut self) {
        self.salt.zeroize();
        self.aead.wipe();
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

#[inline(always)]
fn aad_of<'a>(header: &'a [u8], metadata: Metadata<'a>) -> Aad<'a> {
    Aad::new(header, number::from_bytes(header), metadata)
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
    #[inline(always)]
    pub(crate) fn parse(suite: CipherSuite, sealed: &[u8]) -> Result<Self, Error> {
        let (header, header_len) = Header::parse(sealed)?;
        let body_len = sealed
            .len()
            .checked_sub(header_len + suite.tag_len())
            .ok_or(SyntaxError::ShorterThanTag)?;
        // No conformant sender makes such a frame; its block counter would have repeated.
        if body_len as u64 > suite.max_payload_len() {
            return Err(SyntaxError::TooLong.into());
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
    #[inline(always)]
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

/// Moves `len` bytes of the buffer from `from` to `to`, which may overlap; where they are now, or
/// `None` and nothing done when either place is not in the buffer.
///
/// The checks of `copy_within`, in a form that the compiler can see to hold: it cannot panic.
#[inline]
pub(crate) fn move_within(
    buffer: &mut [u8],
    from: usize,
    len: usize,
    to: usize,
) -> Option<&mut [u8]> {
    let end = from.checked_add(len).filter(|end| *end <= buffer.len())?;
    if to > buffer.len().checked_sub(len)? {
        return None;
    }
    buffer.copy_within(from..end, to);
    buffer.get_mut(to..)?.get_mut(..len)
}

/// As [`move_within`], and zeroes what is left at the old place: no second copy stays behind.
#[inline]
fn move_out<'b>(buffer: &'b mut [u8], from: &Range<usize>, to: usize) -> Option<&'b mut [u8]> {
    move_within(buffer, from.start, from.len(), to)?;
    let end = to.saturating_add(from.len());
    // The old place minus the new one, which has the same length.
    let left = if to > from.start {
        from.start..from.end.min(to)
    } else {
        from.start.max(end)..from.end
    };
    buffer.get_mut(left)?.fill(0);
    buffer.get_mut(to..end)
}

/// Plaintext that has authenticated, in one place only: moved to where the caller wants it when
/// its counter has been recorded, or wiped.
pub(crate) enum Plaintext<'b> {
    There(&'b mut [u8]),
    ToMove {
        buffer: &'b mut [u8],
        body: Range<usize>,
        out_start: usize,
    },
}

impl<'b> Plaintext<'b> {
    #[inline(always)]
    pub(crate) fn release(self) -> &'b mut [u8] {
        match self {
            Self::There(body) => body,
            Self::ToMove {
                buffer,
                body,
                out_start,
            } => {
                // The room was checked before the frame was opened.
                move_out(buffer, &body, out_start).unwrap_or_default()
            }
        }
    }

    pub(crate) fn wipe(self) {
        match self {
            Self::There(body) => body.fill(0),
            Self::ToMove { buffer, body, .. } => {
                buffer.get_mut(body).unwrap_or_default().fill(0);
            }
        }
    }
}

/// Never seen: a layout is read from the very bytes that it is used on.
const CUT: Error = Error::Syntax(SyntaxError::TruncatedHeader);
