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
use super::keystream::{self, ALL, Cipher, SHORT_PATH};
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
    #[inline(never)]
    pub(crate) fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        if let Some(tag) = self.seal_short(nonce, aad, body) {
            return tag;
        }
        let mut mac = self.start(nonce, aad, body.len());
        keystream::encrypt_then::<C, 0>(&self.cipher, nonce, body, |chunk| mac.update(chunk));
        self.cut(mac.finish())
    }

    #[inline(never)]
    pub(crate) fn open(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
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
    fn start(&self, nonce: Nonce, aad: &Aad<'_>, body_len: usize) -> Mac<'_, H> {
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
    fn seal_short(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Option<Tag> {
        let mut message: Message = [0; _];
        let part = begin::<H>(&mut message, nonce, aad, body.len(), self.tag_len)?;
        keystream::encrypt_short::<C, 0>(&self.cipher, nonce, body, |at, block| {
            put(&mut message, part.start + BLOCK * at, block.to_be_bytes());
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
    fn short_code(&self, nonce: Nonce, aad: &Aad<'_>, body: &[u8]) -> Option<Tag> {
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
/// enough room for everything, or short frames have no path of their own here.
#[inline(always)]
fn begin<H: Sha2>(
    message: &mut Message,
    nonce: Nonce,
    aad: &Aad<'_>,
    body_len: usize,
    tag_len: usize,
) -> Option<Range<usize>> {
    let start = aad.len().checked_add(FIXED)?;
    let end = start.checked_add(body_len)?;
    let short = SHORT_PATH && body_len <= keystream::SHORT * BLOCK;
    if !short || end > ROOM - 1 - H::LENGTH_LEN {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::hmac::{Sha256, Sha512};
    use crate::metadata::Metadata;
    use ::hmac::{Hmac, Mac};
    use aes::{Aes128Enc, Aes256Enc};
    use ctr::cipher::{KeyIvInit, StreamCipher};

    const NONCE: [u8; 12] = *b"a nonce, 12!";

    /// RFC 9605 §4.5.1, word for word.
    fn expected<R: KeyInit + Mac>(
        auth_key: &[u8],
        tag_len: usize,
        aad: &[u8],
        body: &mut [u8],
        encrypt: impl FnOnce(&mut [u8]),
    ) -> Vec<u8> {
        encrypt(body);
        let mut mac = <R as KeyInit>::new_from_slice(auth_key).unwrap();
        for len in [aad.len(), body.len(), tag_len] {
            mac.update(&(len as u64).to_be_bytes());
        }
        mac.update(&NONCE);
        mac.update(aad);
        mac.update(body);
        mac.finalize().into_bytes()[..tag_len].to_vec()
    }

    fn compare<C: Cipher + KeyInit + KeySizeUser, H: Sha2, R: KeyInit + Mac>(
        key: &CtrHmac<C, H>,
        auth_key: &[u8],
        encrypt: impl Fn(&mut [u8]),
    ) {
        let nonce = Nonce::from_bytes(&NONCE);
        let bytes: Vec<u8> = (0..200).map(|i| i ^ 0x5c).collect();
        // Around every block, and around the ends of the room for a message in one piece.
        let lengths = [0, 1, 15, 16, 17, 20, 100, 160]
            .into_iter()
            .chain(236..=258);
        let cases = lengths.flat_map(|len| (0..=140).map(move |metadata| (len, metadata)));
        for ((len, metadata_len), header_len) in cases.zip([1, 5, 16, 17].into_iter().cycle()) {
            let (header, metadata) = bytes[..header_len + metadata_len].split_at(header_len);
            let parts = [&metadata[..metadata_len / 3], &metadata[metadata_len / 3..]];
            let aad = Aad::new(header, number::from_bytes(header), Metadata::from(&parts));
            let plain: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let (mut body, mut reference) = (plain.clone(), plain.clone());
            let joined = [header, metadata].concat();
            let code = expected::<R>(auth_key, key.tag_len, &joined, &mut reference, &encrypt);

            let what = (len, metadata_len, header_len);
            let tag = key.seal(nonce, &aad, &mut body);
            assert_eq!(tag[..key.tag_len], code, "{what:?}");
            assert_eq!(body, reference, "{what:?}");
            let mut wrong = tag;
            wrong[0] ^= 1;
            assert!(!key.open(nonce, &aad, &mut body, &wrong), "{what:?}");
            assert_eq!(body, reference, "{what:?}");
            assert!(key.open(nonce, &aad, &mut body, &tag), "{what:?}");
            assert_eq!(body, plain, "{what:?}");
        }
    }

    #[test]
    fn messages_in_one_piece_and_in_parts_have_the_tags_of_the_specification() {
        let mut iv = [0; 16];
        iv[..12].copy_from_slice(&NONCE);
        let (enc_key, auth_key) = ([3; 16], [4; 32]);
        let key = CtrHmac::<Aes128Enc, Sha256>::new(&enc_key, &auth_key, 10);
        compare::<_, _, Hmac<sha2::Sha256>>(&key, &auth_key, |body| {
            ctr::Ctr32BE::<Aes128Enc>::new(&enc_key.into(), &iv.into()).apply_keystream(body);
        });
        let (enc_key, auth_key) = ([5; 32], [6; 64]);
        let key = CtrHmac::<Aes256Enc, Sha512>::new(&enc_key, &auth_key, 10);
        compare::<_, _, Hmac<sha2::Sha512>>(&key, &auth_key, |body| {
            ctr::Ctr32BE::<Aes256Enc>::new(&enc_key.into(), &iv.into()).apply_keystream(body);
        });
    }
}
