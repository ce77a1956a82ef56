//! AES counter mode: the part that GCM and RFC 9605 §4.5.1 have in common.
//!
//! Counter block `i` is the 12-byte nonce and a 32-bit big-endian block counter. The blocks of a
//! frame are made in arrays of a fixed size and encrypted with one call, which lets the compiler
//! and the processor overlap them; that is what makes short frames cheap.

use aes::Block;
use aes::cipher::BlockCipherEncrypt;

use super::Nonce;

/// AES in the encrypting direction, with any key size.
pub(crate) trait Cipher:
    BlockCipherEncrypt + aes::cipher::BlockSizeUser<BlockSize = U16>
{
}
impl<C: BlockCipherEncrypt + aes::cipher::BlockSizeUser<BlockSize = U16>> Cipher for C {}

use aes::cipher::consts::U16;

const BLOCK: usize = 16;
/// Blocks for which keystream is made at a time in a long frame: what the widest code path of
/// `aes` takes in one go.
const WIDE: usize = 64;

/// Encrypts the `N` counter blocks from `first` on.
#[inline]
pub(crate) fn blocks<C: Cipher, const N: usize>(
    cipher: &C,
    nonce: &Nonce,
    first: u32,
) -> [[u8; BLOCK]; N] {
    let mut template = [0; BLOCK];
    if let Some(start) = template.first_chunk_mut() {
        *start = *nonce;
    }
    let template = u128::from_be_bytes(template);
    let mut blocks = [[0; BLOCK]; N];
    let mut counter = first;
    for block in &mut blocks {
        *block = (template | u128::from(counter)).to_be_bytes();
        // Wraps only past the last block of the longest frame that a suite allows.
        counter = counter.wrapping_add(1);
    }
    cipher.encrypt_blocks(Block::cast_slice_from_core_mut(&mut blocks));
    blocks
}

/// Combines `data` with the keystream from counter block `first` on, in place.
///
/// `mask` is all ones to do it and zero to leave `data` as it is with the same work.
#[inline]
pub(crate) fn apply<C: Cipher>(cipher: &C, nonce: &Nonce, first: u32, data: &mut [u8], mask: u8) {
    let mut counter = first;
    let (wide, rest) = data.as_chunks_mut::<{ WIDE * BLOCK }>();
    for chunk in wide {
        xor(chunk, &blocks::<C, WIDE>(cipher, nonce, counter), mask);
        counter = counter.wrapping_add(64);
    }
    for chunk in rest.chunks_mut(16 * BLOCK) {
        match chunk.len() {
            0..=64 => xor(chunk, &blocks::<C, 4>(cipher, nonce, counter), mask),
            65..=128 => xor(chunk, &blocks::<C, 8>(cipher, nonce, counter), mask),
            _ => xor(chunk, &blocks::<C, 16>(cipher, nonce, counter), mask),
        }
        counter = counter.wrapping_add(16);
    }
}

/// `data ^= keystream & mask`, over as many bytes as `data` has.
#[inline]
pub(crate) fn xor(data: &mut [u8], keystream: &[[u8; BLOCK]], mask: u8) {
    let wide_mask = u128::from_ne_bytes([mask; BLOCK]);
    let (whole, tail) = data.as_chunks_mut::<BLOCK>();
    let tail_block = keystream.get(whole.len());
    for (block, key) in whole.iter_mut().zip(keystream) {
        let mixed = u128::from_ne_bytes(*block) ^ (u128::from_ne_bytes(*key) & wide_mask);
        *block = mixed.to_ne_bytes();
    }
    if let Some(key) = tail_block {
        for (byte, key) in tail.iter_mut().zip(key) {
            *byte ^= key & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::KeyInit;
    use ctr::cipher::{KeyIvInit, StreamCipher};

    #[test]
    fn every_length_agrees_with_the_ctr_crate() {
        let key = [0x42; 16];
        let nonce: Nonce = core::array::from_fn(|i| 0xf0 | i as u8);
        let cipher = aes::Aes128Enc::new(&key.into());
        for first in [0u32, 2, 0xffff_ff00] {
            let mut iv = [0; 16];
            iv[..12].copy_from_slice(&nonce);
            iv[12..].copy_from_slice(&first.to_be_bytes());
            for len in 0..2300 {
                let plain: Vec<u8> = (0..len).map(|i| i as u8).collect();
                let mut ours = plain.clone();
                apply(&cipher, &nonce, first, &mut ours, 0xff);
                let mut theirs = plain.clone();
                ctr::Ctr32BE::<aes::Aes128Enc>::new(&key.into(), &iv.into())
                    .apply_keystream(&mut theirs);
                assert_eq!(ours, theirs, "{len} bytes from block {first}");

                let mut untouched = plain.clone();
                apply(&cipher, &nonce, first, &mut untouched, 0);
                assert_eq!(untouched, plain, "a zero mask changes nothing");
            }
        }
    }
}
