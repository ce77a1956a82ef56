//! The AEAD of the CTR-HMAC suites (RFC 9605 §4.5.1): AES counter mode, then HMAC over everything.
//!
//! ```text
//! tag = HMAC(auth_key, be64(|aad|) ‖ be64(|ct|) ‖ be64(Nt) ‖ nonce ‖ aad ‖ ct)[0..Nt]
//! ```
//!
//! Lengths are in bytes. The first block counter is 0. The tag is compared before anything is
//! decrypted, and a wrong one costs what a right one does.

use core::ops::Range;

use aes::cipher::{Key, KeyInit, KeySizeUser};

use super::hmac::{HmacKey, Mac, Sha2};
use super::keystream::{self, ALL, Cipher};
use super::{Aad, Nonce, Tag, tag_mask};
use crate::number;

/// An expanded key of a CTR-HMAC suite. Its parts wipe themselves.
pub(crate) struct CtrHmac<C, H: Sha2> {
    cipher: C,
    hmac: HmacKey<H>,
    tag_len: usize,
}

impl<C: Cipher + KeyInit + KeySizeUser, H: Sha2> CtrHmac<C, H> {
    pub(crate) fn new<const N: usize>(enc_key: &[u8; N], auth_key: &[u8], tag_len: usize) -> Self
    where
        for<'a> &'a Key<C>: From<&'a [u8; N]>,
    {
        Self {
            cipher: C::new(enc_key.into()),
            hmac: HmacKey::new(auth_key),
            tag_len,
        }
    }
}

impl<C: Cipher, H: Sha2> CtrHmac<C, H> {
    #[inline]
    pub(crate) fn seal(&self, nonce: Nonce, aad: Aad<'_>, body: &mut [u8]) -> Tag {
        if let Some(tag) = self.seal_short(nonce, aad, body) {
            return tag;
        }
        let mut mac = self.start(nonce, aad, body.len());
        keystream::encrypt_then::<C, 0>(&self.cipher, nonce, body, |chunk| mac.update(chunk));
        self.cut(mac.finish())
    }

    #[inline]
    pub(crate) fn open(&self, nonce: Nonce, aad: Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let computed = self.short_code(nonce, aad, body).unwrap_or_else(|| {
            let mut mac = self.start(nonce, aad, body.len());
            mac.update(body);
            self.cut(mac.finish())
        });
        let mask = tag_mask(&computed, tag);
        keystream::apply::<C, 0>(&self.cipher, nonce, body, mask);
        mask == ALL
    }

    /// Everything that comes before the ciphertext.
    #[inline]
    fn start(&self, nonce: Nonce, aad: Aad<'_>, body_len: usize) -> Mac<'_, H> {
        let start = lengths_and_nonce(aad.len(), body_len, self.tag_len, nonce);
        let mut mac = self.hmac.start();
        mac.update(&start);
        for part in aad.parts() {
            mac.update(part);
        }
        mac
    }

    /// Seals a frame whose message for HMAC fits in a [`Message`]; else does nothing.
    #[inline(always)]
    fn seal_short(&self, nonce: Nonce, aad: Aad<'_>, body: &mut [u8]) -> Option<Tag> {
        let mut message: Message = [0; _];
        let part = begin::<H>(&mut message, nonce, aad, body.len(), self.tag_len)?;
        keystream::encrypt_short::<C, 0>(&self.cipher, nonce, body, |at, block| {
            put(&mut message, part.start + BLOCK * at, block);
        });
        let code = self.hmac.code_of(&mut message, part.end);
        Some(self.cut(code.unwrap_or_else(|| {
            // Never, since there is room. Nothing that could be opened, and nothing in the clear.
            body.fill(0);
            Tag::default()
        })))
    }

    /// The tag of such a frame.
    #[inline(always)]
    fn short_code(&self, nonce: Nonce, aad: Aad<'_>, body: &[u8]) -> Option<Tag> {
        let mut message: Message = [0; _];
        let part = begin::<H>(&mut message, nonce, aad, body.len(), self.tag_len)?;
        let (whole, tail) = body.as_chunks();
        for (at, block) in whole.iter().enumerate() {
            put(&mut message, part.start + BLOCK * at, *block);
        }
        if !tail.is_empty() {
            let last = number::of_tail(body).to_be_bytes();
            put(&mut message, part.end - tail.len(), last);
        }
        let code = self.hmac.code_of(&mut message, part.end)?;
        Some(self.cut(code))
    }

    /// The leftmost `Nt` bytes of the code.
    #[inline]
    fn cut(&self, code: Tag) -> Tag {
        let kept = !number::behind(self.tag_len, u128::MAX);
        (u128::from_be_bytes(code) & kept).to_be_bytes()
    }
}

/// Everything that HMAC hashes of a short frame, in one piece: so that the hash is called once, and
/// no part of it goes through a buffer a second time. A block more than [`ROOM`], so that the last
/// one can be written whole.
type Message = [u8; ROOM + BLOCK];

/// Bytes of a message with its padding, in whole blocks of either hash: a body of
/// [`keystream::SHORT`] blocks, any header, and 58 bytes of metadata.
const ROOM: usize = 384;
const BLOCK: usize = 16;
/// Bytes of the lengths and the nonce.
const FIXED: usize = 36;

/// Writes what comes before the ciphertext, and says where that goes; `None` when there is not
/// enough room for everything.
#[inline(always)]
fn begin<H: Sha2>(
    message: &mut Message,
    nonce: Nonce,
    aad: Aad<'_>,
    body_len: usize,
    tag_len: usize,
) -> Option<Range<usize>> {
    let start = aad.len().checked_add(FIXED)?;
    let end = start.checked_add(body_len)?;
    if body_len > keystream::SHORT * BLOCK || end > ROOM - 1 - H::LENGTH_LEN {
        return None;
    }
    let (fixed, rest) = message.split_first_chunk_mut()?;
    *fixed = lengths_and_nonce(aad.len(), body_len, tag_len, nonce);
    match aad.as_number() {
        Some(number) => *rest.first_chunk_mut()? = number.to_be_bytes(),
        None => {
            aad.copy_to(rest)?;
        }
    }
    Some(start..end)
}

#[inline(always)]
fn put(message: &mut Message, at: usize, block: [u8; BLOCK]) {
    if let Some(to) = message.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *to = block;
    }
}

#[inline(always)]
fn lengths_and_nonce(aad_len: usize, body_len: usize, tag_len: usize, nonce: Nonce) -> [u8; FIXED] {
    let mut start = [0; FIXED];
    let fields = [aad_len as u64, body_len as u64, tag_len as u64];
    let (lengths, end) = start.split_at_mut(24);
    for (to, from) in lengths.as_chunks_mut::<8>().0.iter_mut().zip(fields) {
        *to = from.to_be_bytes();
    }
    end.copy_from_slice(&nonce.to_bytes());
    start
}
