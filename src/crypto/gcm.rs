//! AES-GCM (NIST SP 800-38D), composed from the crates `aes` and `polyval` for media frames.
//!
//! `tag = GHASH_H(aad, ciphertext, lengths) ^ E(J0)` and `ciphertext = plaintext ^ E(J0 + 1), …`,
//! with `H = E(0)` and `J0 = nonce ‖ 1`. For a frame of up to 240 bytes the keystream and `E(J0)`
//! come from one call, and GHASH sees everything as one padded run of blocks. Longer frames, and
//! those with more than 64 bytes of header and metadata, are encrypted and hashed in chunks, or hashed
//! and then decrypted. Nothing here can panic, and a wrong tag costs what a right one does.

use aes::cipher::{Key, KeyInit, KeySizeUser};
use zeroize::Zeroize;

use super::ghash::{Hash, HashKey, Turned, turn, turn_short, turned};
use super::keystream::{self, ALL, Cipher, SHORT_PATH};
use super::{Aad, Nonce, Tag, tag_mask};
use crate::number;

const BLOCK: usize = 16;
/// The longest associated data of the short path, in blocks: any header with 47 bytes of metadata.
const SHORT_AAD: usize = 4;
/// The longest body of the short path, in blocks: 16 with `E(J0)`.
const SHORT_BODY: usize = 15;
/// The same in bytes.
#[cfg(feature = "aws-lc")]
pub(super) const SHORT: usize = SHORT_BODY * BLOCK;

/// An expanded AES-GCM key.
pub(crate) struct Gcm<C: Cipher> {
    cipher: C,
    hash: HashKey,
}

impl<C: Cipher + KeyInit> Gcm<C> {
    pub(crate) fn new<const N: usize>(key: &[u8; N]) -> Self
    where
        for<'a> &'a Key<C>: From<&'a [u8; N]>,
        C: KeySizeUser,
    {
        let cipher = C::new(key.into());
        let mut h = [0; BLOCK];
        cipher.encrypt_block((&mut h).into());
        let hash = HashKey::new(&h);
        h.zeroize();
        Self { cipher, hash }
    }
}

impl<C: Cipher> Gcm<C> {
    #[inline(always)]
    pub(crate) fn seal(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        let short = match body.len().div_ceil(BLOCK) {
            _ if !SHORT_PATH => None,
            0..=3 => self.seal_short::<4, 8>(nonce, aad, body),
            4..=7 => self.seal_short::<8, 12>(nonce, aad, body),
            8..=11 => self.seal_short::<12, 16>(nonce, aad, body),
            12..=SHORT_BODY => self.seal_short::<16, 20>(nonce, aad, body),
            _ => None,
        };
        match short {
            Some(tag) => tag.to_be_bytes(),
            None => self.seal_long(nonce, aad, body),
        }
    }

    #[inline(always)]
    pub(crate) fn open(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let short = match body.len().div_ceil(BLOCK) {
            _ if !SHORT_PATH => None,
            0..=3 => self.open_short::<4, 8>(nonce, aad, body, tag),
            4..=7 => self.open_short::<8, 12>(nonce, aad, body, tag),
            8..=11 => self.open_short::<12, 16>(nonce, aad, body, tag),
            12..=SHORT_BODY => self.open_short::<16, 20>(nonce, aad, body, tag),
            _ => None,
        };
        match short {
            Some(right) => right,
            None => self.open_long(nonce, aad, body, tag),
        }
    }

    /// A body of fewer than `N` blocks, hashed in a run of `RUN`. `None`, and nothing done, when the
    /// associated data is too long for it.
    // A function of its own for each size: in one, the arrays of all of them would be on the stack.
    // The counter blocks are written first: the cipher loads each whole, and so waits until its parts
    // are in the cache.
    // The powers of H are copied before the cipher runs: with a key that comes from far away, the
    // processor then waits for both at once. 8,192 keys in turn take a quarter less.
    #[inline(never)]
    fn seal_short<const N: usize, const RUN: usize>(
        &self,
        nonce: Nonce,
        aad: &Aad<'_>,
        body: &mut [u8],
    ) -> Option<u128> {
        let mut blocks = keystream::counters::<N, 1>(nonce);
        let mut run = [Turned::default(); RUN];
        let start = begin_run(&mut run, aad)?;
        let mut hash = self.hash.start();
        keystream::encrypt(&self.cipher, &mut blocks);
        let (ej0, stream) = blocks.split_first()?;
        let aad_len = aad.len();
        let room = run.get_mut(SHORT_AAD..)?;
        keystream::xor_then(body, stream, |at, block| {
            if let Some(place) = room.get_mut(at) {
                *place = turned(block);
            }
        });
        let Some(run) = end_run(&mut run, start, aad_len, body.len()) else {
            // Never, since the body fits. Going on to the long path would combine the keystream a
            // second time, and a tag without a hash would be E(J0), which makes forgeries.
            body.fill(0);
            return Some(0);
        };
        Some(tag_of(hash.of_run(run), ej0))
    }

    #[inline(never)]
    fn open_short<const N: usize, const RUN: usize>(
        &self,
        nonce: Nonce,
        aad: &Aad<'_>,
        body: &mut [u8],
        tag: &Tag,
    ) -> Option<bool> {
        let mut blocks = keystream::counters::<N, 1>(nonce);
        let mut run = [Turned::default(); RUN];
        let start = begin_run(&mut run, aad)?;
        let mut hash = self.hash.start();
        keystream::encrypt(&self.cipher, &mut blocks);
        let (ej0, stream) = blocks.split_first()?;
        let run = complete_run(&mut run, start, aad.len(), body)?;
        let mask = tag_mask(&tag_of(hash.of_run(run), ej0).to_be_bytes(), tag);
        keystream::xor(body, stream, mask);
        Some(mask == ALL)
    }

    fn seal_long(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8]) -> Tag {
        let mut hash = self.hash_aad(aad);
        keystream::encrypt_then::<C, 2>(&self.cipher, nonce, body, |chunk| {
            hash.update_padded(chunk);
        });
        self.finish(nonce, hash, aad, body.len())
    }

    fn open_long(&self, nonce: Nonce, aad: &Aad<'_>, body: &mut [u8], tag: &Tag) -> bool {
        let mut hash = self.hash_aad(aad);
        hash.update_padded(body);
        let mask = tag_mask(&self.finish(nonce, hash, aad, body.len()), tag);
        keystream::apply::<C, 2>(&self.cipher, nonce, body, mask);
        mask == ALL
    }

    /// GHASH of the associated data, padded as a whole, of any length and in any number of parts.
    fn hash_aad(&self, aad: &Aad<'_>) -> Hash {
        let mut hash = self.hash.start();
        if let Some(number) = aad.as_number() {
            if aad.len() > 0 {
                hash.update(&[turned(number)]);
            }
            return hash;
        }
        // Zero behind `used`: a block is begun with zeros, and only ever filled up.
        let mut pending = [0; BLOCK];
        let mut used = 0;
        for mut part in aad.parts() {
            // Fill up the block that an earlier part began.
            if used > 0 {
                let taken = part.len().min(BLOCK - used);
                let (start, rest) = part.split_at_checked(taken).unwrap_or((part, &[]));
                for (to, from) in pending.iter_mut().skip(used).zip(start) {
                    *to = *from;
                }
                used += taken;
                part = rest;
                if used < BLOCK {
                    continue;
                }
                hash.update_padded(&pending);
            }
            let (whole, tail) = part.as_chunks::<BLOCK>();
            hash.update_padded(whole.as_flattened());
            pending = number::of_tail(tail).to_be_bytes();
            used = tail.len();
        }
        if used > 0 {
            hash.update_padded(&pending);
        }
        hash
    }

    fn finish(&self, nonce: Nonce, mut hash: Hash, aad: &Aad<'_>, body_len: usize) -> Tag {
        hash.update(&[lengths(aad.len(), body_len)]);
        let [ej0] = keystream::blocks::<C, 1, 1>(&self.cipher, nonce);
        tag_of(hash.finish(), &ej0).to_be_bytes()
    }
}

impl<C: Cipher> Drop for Gcm<C> {
    /// The cipher wipes its round keys.
    fn drop(&mut self) {
        self.hash.wipe();
    }
}

/// Writes the associated data to the start of a run: the input of GHASH for a short frame, as
/// `… aad | body | lengths …`. The body always starts at the same block, so that copies have constant
/// places; the associated data ends there. Says where it begins, or `None` when it is too long.
#[inline(always)]
fn begin_run(run: &mut [Turned], aad: &Aad<'_>) -> Option<usize> {
    let start = SHORT_AAD.checked_sub(aad.len().div_ceil(BLOCK))?;
    if let Some(number) = aad.as_number() {
        *run.get_mut(SHORT_AAD - 1)? = turned(number);
    } else {
        let mut bytes = [0; SHORT_AAD * BLOCK];
        aad.copy_to(&mut bytes)?;
        turn(&bytes, run.get_mut(start..SHORT_AAD)?);
    }
    Some(start)
}

/// Completes a run with the body and the lengths: what GHASH hashes.
#[inline(always)]
fn complete_run<'a>(
    run: &'a mut [Turned],
    start: usize,
    aad_len: usize,
    body: &[u8],
) -> Option<&'a [Turned]> {
    let (_, room) = run.split_last_mut()?;
    turn_short(body, room.get_mut(SHORT_AAD..)?);
    end_run(run, start, aad_len, body.len())
}

/// Ends a run, behind the body, with the lengths.
#[inline(always)]
fn end_run(run: &mut [Turned], start: usize, aad_len: usize, body_len: usize) -> Option<&[Turned]> {
    let end = SHORT_AAD + body_len.div_ceil(BLOCK);
    *run.get_mut(end)? = lengths(aad_len, body_len);
    run.get(start..=end)
}

/// The last block that GHASH sees: both lengths in bits.
#[inline]
fn lengths(aad_len: usize, body_len: usize) -> Turned {
    let bits = |len: usize| (len as u128).wrapping_mul(8) & u128::from(u64::MAX);
    turned((bits(aad_len) << 64) | bits(body_len))
}

#[inline]
fn tag_of(hash: u128, ej0: &[u8; BLOCK]) -> u128 {
    hash ^ u128::from_be_bytes(*ej0)
}
