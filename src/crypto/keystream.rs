//! AES counter mode: the part that GCM and RFC 9605 §4.5.1 have in common.
//!
//! Counter block `i` is the 12-byte nonce and a 32-bit big-endian block counter. For a short frame
//! the blocks are made in an array of a fixed size and encrypted with one call, which lets the
//! compiler and the processor overlap them; that is what makes short frames cheap. Long frames go
//! through the crate `ctr`.

use core::hint::black_box;

use aes::Block;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser};
use ctr::CtrCore;
use ctr::cipher::{InnerIvInit, StreamCipherCore};
use ctr::flavors::Ctr32BE;

use super::Nonce;
use crate::number;

/// AES in the encrypting direction, with any key size.
pub(crate) trait Cipher: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> {}
impl<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>> Cipher for C {}

/// The mask that lets [`apply`] and [`xor`] do their work.
pub(crate) const ALL: u8 = 0xff;

const BLOCK: usize = 16;
/// Bytes of a long frame to encrypt and then hash while they are in the cache; whole blocks.
const CHUNK: usize = 4096;
const CHUNK_BLOCKS: u32 = 256;
/// The longest data, in blocks, that is worth a fixed array.
pub(crate) const SHORT: usize = 16;

/// Whether short frames have a path of their own, with a function for each size. Where the cipher is
/// computed without instructions for it, two or four blocks at a time, that gains nothing, and such
/// processors often have little room for code.
pub(crate) const SHORT_PATH: bool = cfg!(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "aarch64"
));

/// The `N` counter blocks from `FIRST` on.
#[inline(always)]
pub(crate) fn counters<const N: usize, const FIRST: u32>(nonce: Nonce) -> [[u8; BLOCK]; N] {
    let mut blocks = [[0; BLOCK]; N];
    for (block, counter) in blocks.iter_mut().zip(FIRST..) {
        *block = nonce.counter_block(counter);
    }
    blocks
}

/// Encrypts the `N` counter blocks from `FIRST` on.
#[inline(always)]
pub(crate) fn blocks<C: Cipher, const N: usize, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
) -> [[u8; BLOCK]; N] {
    let mut blocks = counters::<N, FIRST>(nonce);
    encrypt(cipher, &mut blocks);
    blocks
}

/// Encrypts blocks where they are.
#[inline(always)]
pub(crate) fn encrypt<C: Cipher>(cipher: &C, blocks: &mut [[u8; BLOCK]]) {
    cipher.encrypt_blocks(Block::cast_slice_from_core_mut(blocks));
}

/// Combines `data`, all of a frame, with the keystream from counter block `FIRST` on, in place.
///
/// `mask` is [`ALL`] to do it and zero to leave `data` as it is with the same work.
#[inline]
pub(crate) fn apply<C: Cipher, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
    data: &mut [u8],
    mask: u8,
) {
    match data.len().div_ceil(BLOCK) {
        0..=2 => xor(data, &blocks::<C, 2, FIRST>(cipher, nonce), mask),
        3..=4 => xor(data, &blocks::<C, 4, FIRST>(cipher, nonce), mask),
        5..=8 => xor(data, &blocks::<C, 8, FIRST>(cipher, nonce), mask),
        9..=12 => xor(data, &blocks::<C, 12, FIRST>(cipher, nonce), mask),
        13..=SHORT => xor(data, &blocks::<C, SHORT, FIRST>(cipher, nonce), mask),
        _ if mask == ALL => apply_long(cipher, nonce, FIRST, data),
        _ => {
            // On bytes that nobody looks at.
            let mut scratch = [0; CHUNK];
            for chunk in data.chunks(CHUNK) {
                if let Some(scratch) = scratch.get_mut(..chunk.len()) {
                    apply_long(cipher, nonce, FIRST, scratch);
                }
            }
            black_box(&scratch);
        }
    }
}

/// Encrypts a body of at most [`SHORT`] blocks, from counter block `FIRST` on, and shows the number of
/// each block and what it has become, with zeros behind the last.
#[inline(always)]
pub(crate) fn encrypt_short<C: Cipher, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
    body: &mut [u8],
    show: impl FnMut(usize, u128),
) {
    match body.len().div_ceil(BLOCK) {
        0..=2 => xor_then(body, &blocks::<C, 2, FIRST>(cipher, nonce), show),
        3..=4 => xor_then(body, &blocks::<C, 4, FIRST>(cipher, nonce), show),
        5..=8 => xor_then(body, &blocks::<C, 8, FIRST>(cipher, nonce), show),
        9..=12 => xor_then(body, &blocks::<C, 12, FIRST>(cipher, nonce), show),
        _ => xor_then(body, &blocks::<C, SHORT, FIRST>(cipher, nonce), show),
    }
}

/// Encrypts `body` chunk by chunk, from counter block `FIRST` on, and shows each chunk of
/// ciphertext to `hash` while it is in the cache. All chunks but the last are whole blocks.
#[inline]
pub(crate) fn encrypt_then<C: Cipher, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
    body: &mut [u8],
    mut hash: impl FnMut(&[u8]),
) {
    if body.len() <= SHORT * BLOCK {
        apply::<C, FIRST>(cipher, nonce, body, ALL);
        return hash(body);
    }
    let mut counter = FIRST;
    for chunk in body.chunks_mut(CHUNK) {
        apply_long(cipher, nonce, counter, chunk);
        hash(chunk);
        // Wraps only past the last block of the longest frame that a suite allows.
        counter = counter.wrapping_add(CHUNK_BLOCKS);
    }
}

fn apply_long<C: Cipher>(cipher: &C, nonce: Nonce, first: u32, data: &mut [u8]) {
    let start = nonce.counter_block(first);
    let mut core = CtrCore::<&C, Ctr32BE>::inner_iv_init(cipher, (&start).into());
    let (whole, tail) = data.as_chunks_mut::<BLOCK>();
    core.apply_keystream_blocks(Block::cast_slice_from_core_mut(whole));
    if !tail.is_empty() {
        let mut block = Block::default();
        core.write_keystream_block(&mut block);
        xor(tail, &[block.into()], ALL);
    }
}

/// `data ^= keystream & mask`, over as many bytes as `data` has.
// The loop, here and below, is over the keystream, of which there is a constant number of blocks, so
// that the compiler unrolls it, whatever it knows of the data.
#[inline(always)]
pub(crate) fn xor(data: &mut [u8], keystream: &[[u8; BLOCK]], mask: u8) {
    let wide_mask = u128::from_ne_bytes([mask; BLOCK]);
    let (whole, tail) = data.as_chunks_mut::<BLOCK>();
    let (whole_len, tail_len) = (whole.len(), tail.len());
    for (at, key) in keystream.iter().enumerate() {
        let Some(block) = whole.get_mut(at) else {
            break;
        };
        let mixed = u128::from_ne_bytes(*block) ^ (u128::from_ne_bytes(*key) & wide_mask);
        *block = mixed.to_ne_bytes();
    }
    let Some(key) = keystream.get(whole_len).filter(|_| tail_len > 0) else {
        return;
    };
    let key = u128::from_be_bytes(*key) & wide_mask;
    if let Some(last) = data.last_chunk_mut::<BLOCK>() {
        // What stands before the tail is combined with zeros.
        let mixed = u128::from_be_bytes(*last) ^ (key >> (8 * (BLOCK - tail_len)));
        *last = mixed.to_be_bytes();
        return;
    }
    for (byte, key) in data.iter_mut().zip(key.to_be_bytes()) {
        *byte ^= key;
    }
}

/// The same with all of the keystream, and shows the number of each block and what it has become, as a
/// big-endian number, with zeros behind the last.
// Not the function above with nothing to show: to open a frame, whose ciphertext was hashed before,
// that takes longer.
#[inline(always)]
pub(crate) fn xor_then(
    data: &mut [u8],
    keystream: &[[u8; BLOCK]],
    mut show: impl FnMut(usize, u128),
) {
    // Before anything is written: to load across the end of what was just stored would have to wait.
    let last = number::of_tail(data);
    let (whole, tail) = data.as_chunks_mut::<BLOCK>();
    let (whole_len, tail_len) = (whole.len(), tail.len());
    let mut before = 0;
    for (at, key) in keystream.iter().enumerate() {
        let Some(block) = whole.get_mut(at) else {
            break;
        };
        before = u128::from_be_bytes(*block) ^ u128::from_be_bytes(*key);
        *block = before.to_be_bytes();
        show(at, before);
    }
    let Some(key) = keystream.get(whole_len).filter(|_| tail_len > 0) else {
        return;
    };
    let used = !number::behind(tail_len, u128::MAX);
    let mixed = last ^ (u128::from_be_bytes(*key) & used);
    show(whole_len, mixed);
    match data.last_chunk_mut::<BLOCK>() {
        // With the end of the block before it, so that every length is written alike.
        Some(end) => {
            let behind = number::behind(BLOCK - tail_len, mixed);
            *end = ((before << (8 * tail_len)) | behind).to_be_bytes();
        }
        None => number::write(mixed, data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::consts::U1;
    use aes::cipher::{
        BlockCipherEncBackend, BlockCipherEncClosure, InOut, KeyInit, ParBlocksSizeUser,
    };
    use core::cell::Cell;
    use ctr::cipher::{KeyIvInit, StreamCipher};

    fn compare<const FIRST: u32>(len: usize) {
        let key = [0x42; 16];
        let nonce: [u8; 12] = core::array::from_fn(|i| 0xf0 | i as u8);
        let cipher = aes::Aes128Enc::new(&key.into());
        let mut iv = [0; 16];
        iv[..12].copy_from_slice(&nonce);
        iv[12..].copy_from_slice(&FIRST.to_be_bytes());
        let nonce = Nonce::from_bytes(&nonce);

        let plain: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let mut expected = plain.clone();
        ctr::Ctr32BE::<aes::Aes128Enc>::new(&key.into(), &iv.into()).apply_keystream(&mut expected);

        let mut ours = plain.clone();
        apply::<_, FIRST>(&cipher, nonce, &mut ours, ALL);
        assert_eq!(ours, expected, "{len} bytes from block {FIRST}");

        let mut ours = plain.clone();
        let mut hashed: Vec<u8> = Vec::new();
        encrypt_then::<_, FIRST>(&cipher, nonce, &mut ours, |chunk| hashed.extend(chunk));
        assert_eq!(ours, expected, "{len} bytes in chunks");
        assert_eq!(hashed, expected, "every chunk is shown once, encrypted");

        if len <= SHORT * BLOCK {
            let mut ours = plain.clone();
            let mut shown: Vec<u8> = Vec::new();
            encrypt_short::<_, FIRST>(&cipher, nonce, &mut ours, |at, block| {
                assert_eq!(at * BLOCK, shown.len());
                shown.extend(block.to_be_bytes());
            });
            assert_eq!(ours, expected, "{len} bytes block by block");
            let mut padded = expected.clone();
            padded.resize(len.next_multiple_of(BLOCK), 0);
            assert_eq!(shown, padded, "every block is shown once, encrypted");
        }

        let mut untouched = plain.clone();
        apply::<_, FIRST>(&cipher, nonce, &mut untouched, 0);
        assert_eq!(untouched, plain, "a zero mask changes nothing");
    }

    #[test]
    fn every_length_agrees_with_the_ctr_crate() {
        for len in (0..1200).chain([4095, 4096, 4097, 8192, 9001, (1 << 20) + 4097]) {
            compare::<0>(len);
            compare::<2>(len);
        }
    }

    /// Counts the blocks that are encrypted, one by one.
    struct Counting {
        cipher: aes::Aes128Enc,
        blocks: Cell<usize>,
    }

    impl BlockSizeUser for Counting {
        type BlockSize = U16;
    }

    impl ParBlocksSizeUser for &Counting {
        type ParBlocksSize = U1;
    }

    impl BlockCipherEncBackend for &Counting {
        fn encrypt_block(&self, block: InOut<'_, '_, Block>) {
            self.blocks.set(self.blocks.get() + 1);
            self.cipher.encrypt_block_inout(block);
        }
    }

    impl BlockCipherEncrypt for Counting {
        fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = U16>) {
            f.call(&self);
        }
    }

    #[test]
    fn a_mask_of_zero_encrypts_as_many_blocks() {
        let cipher = aes::Aes128Enc::new(&[0x42; 16].into());
        let counting = Counting {
            cipher,
            blocks: Cell::new(0),
        };
        let nonce = Nonce::from_bytes(&[7; 12]);
        for len in [0, 1, 20, 160, 256, 257, 1200, 4096, 4097, 10_000] {
            let mut data = vec![0x5c; len];
            let counted = [ALL, 0].map(|mask| {
                counting.blocks.set(0);
                apply::<_, 2>(&counting, nonce, &mut data, mask);
                counting.blocks.get()
            });
            assert_eq!(counted[0], counted[1], "{len}");
            assert!(counted[0] >= len.div_ceil(BLOCK), "{len}");
        }
    }
}
