//! The AEAD of the CTR-HMAC suites (RFC 9605 §4.5.1): AES counter mode, then HMAC over everything.
//!
//! ```text
//! tag = HMAC(auth_key, be64(|aad|) ‖ be64(|ct|) ‖ be64(Nt) ‖ nonce ‖ aad ‖ ct)[0..Nt]
//! ```
//!
//! Lengths are in bytes. The first block counter is 0. The tag is compared before anything is
//! decrypted, and a wrong one costs what a right one does.

use aes::cipher::{Key, KeyInit, KeySizeUser};

use super::hmac::{HmacKey, Mac, Sha2};
use super::keystream::{self, ALL, Cipher};
use super::{Aad, Nonce, Tag, tag_mask};

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
        let mut mac = self.start(nonce, aad, body.len());
        keystream::encrypt_then::<C, 0>(&self.cipher, nonce, body, |chunk| mac.update(chunk));
        self.finish(mac)
    }

    #[inline]
    pub(crate) fn open(&self, nonce: Nonce, aad: Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let mut mac = self.start(nonce, aad, body.len());
        mac.update(body);
        let mask = tag_mask(&self.finish(mac), tag);
        keystream::apply::<C, 0>(&self.cipher, nonce, body, mask);
        mask == ALL
    }

    /// Everything that comes before the ciphertext.
    #[inline]
    fn start(&self, nonce: Nonce, aad: Aad<'_>, body_len: usize) -> Mac<'_, H> {
        let mut start = [0; 36];
        let fields = [aad.len() as u64, body_len as u64, self.tag_len as u64];
        let (lengths, end) = start.split_at_mut(24);
        for (to, from) in lengths.as_chunks_mut::<8>().0.iter_mut().zip(fields) {
            *to = from.to_be_bytes();
        }
        end.copy_from_slice(&nonce.to_bytes());
        let mut mac = self.hmac.start();
        mac.update(&start);
        for part in aad.parts() {
            mac.update(part);
        }
        mac
    }

    /// The leftmost `Nt` bytes of the code.
    #[inline]
    fn finish(&self, mac: Mac<'_, H>) -> Tag {
        let mut tag = mac.finish();
        for byte in tag.iter_mut().skip(self.tag_len) {
            *byte = 0;
        }
        tag
    }
}
