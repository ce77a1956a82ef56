//! AES counter mode: the part that GCM and RFC 9605 §4.5.1 have in common.
//!
//! Counter block `i` is the 12-byte nonce and a 32-bit big-endian block counter. For a short frame
//! the blocks are made in an array of a fixed size and encrypted with one call, which lets the
//! compiler and the processor overlap them; that is what makes short frames cheap. Long frames go
//! through the crate `ctr`.

use core::hint::black_box;

use aes::Block;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, InOutBuf};
use ctr::CtrCore;
use ctr::cipher::{InnerIvInit, StreamCipherCore};
use ctr::flavors::Ctr32BE;

use super::Nonce;
use crate::number;

/// AES in the encrypting direction, with any key size.
pub(crate) trait Cipher: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> {}
impl<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>> Cipher for C {}

/// Where a body is read and where what it becomes is written: one place, or two of the same length.
pub(crate) type Body<'i, 'o> = InOutBuf<'i, 'o, u8>;

/// The mask that lets [`apply`] and [`xor`] combine a body with the keystream.
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

/// `N` blocks, of which no four lie in two lines of the cache: instructions that take so many at once
/// are slower there, and where the stack begins should not decide on that.
#[repr(align(64))]
pub(crate) struct Blocks<const N: usize>(pub(crate) [[u8; BLOCK]; N]);

/// Encrypts the `N` counter blocks from `FIRST` on.
#[inline(always)]
pub(crate) fn blocks<C: Cipher, const N: usize, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
) -> Blocks<N> {
    let mut blocks = Blocks([[0; BLOCK]; N]);
    for (block, counter) in blocks.0.iter_mut().zip(FIRST..) {
        *block = nonce.counter_block(counter);
    }
    cipher.encrypt_blocks(Block::cast_slice_from_core_mut(&mut blocks.0));
    blocks
}

/// Combines `data`, all of a frame, with the keystream from counter block `FIRST` on.
///
/// `mask` is [`ALL`] to do it, and zero to write what was read with the same work.
#[inline]
pub(crate) fn apply<C: Cipher, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
    data: Body<'_, '_>,
    mask: u8,
) {
    match data.len().div_ceil(BLOCK) {
        0..=2 => xor(data, &blocks::<C, 2, FIRST>(cipher, nonce).0, mask),
        3..=4 => xor(data, &blocks::<C, 4, FIRST>(cipher, nonce).0, mask),
        5..=8 => xor(data, &blocks::<C, 8, FIRST>(cipher, nonce).0, mask),
        9..=12 => xor(data, &blocks::<C, 12, FIRST>(cipher, nonce).0, mask),
        13..=SHORT => xor(data, &blocks::<C, SHORT, FIRST>(cipher, nonce).0, mask),
        _ if mask == ALL => apply_long(cipher, nonce, FIRST, data),
        _ => {
            // On bytes that nobody looks at.
            let mut scratch = [0; CHUNK];
            for chunk in data.get_in().chunks(CHUNK) {
                if let Some(scratch) = scratch.get_mut(..chunk.len()) {
                    apply_long(cipher, nonce, FIRST, scratch.into());
                }
            }
            black_box(&scratch);
            let _ = data.into_out_with_copied_in();
        }
    }
}

/// Encrypts a body of at most [`SHORT`] blocks, from counter block `FIRST` on, and shows the number of
/// each block and what it has become, with zeros behind the last.
#[inline(always)]
pub(crate) fn encrypt_short<C: Cipher, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
    body: Body<'_, '_>,
    show: impl FnMut(usize, u128),
) {
    match body.len().div_ceil(BLOCK) {
        0..=2 => xor_then(body, &blocks::<C, 2, FIRST>(cipher, nonce).0, ALL, show),
        3..=4 => xor_then(body, &blocks::<C, 4, FIRST>(cipher, nonce).0, ALL, show),
        5..=8 => xor_then(body, &blocks::<C, 8, FIRST>(cipher, nonce).0, ALL, show),
        9..=12 => xor_then(body, &blocks::<C, 12, FIRST>(cipher, nonce).0, ALL, show),
        _ => xor_then(body, &blocks::<C, SHORT, FIRST>(cipher, nonce).0, ALL, show),
    }
}

/// Encrypts `body` chunk by chunk, from counter block `FIRST` on, and shows each chunk of
/// ciphertext to `hash` while it is in the cache. All chunks but the last are whole blocks.
#[inline]
pub(crate) fn encrypt_then<C: Cipher, const FIRST: u32>(
    cipher: &C,
    nonce: Nonce,
    mut body: Body<'_, '_>,
    mut hash: impl FnMut(&[u8]),
) {
    if body.len() <= SHORT * BLOCK {
        apply::<C, FIRST>(cipher, nonce, body.reborrow(), ALL);
        return hash(body.get_out());
    }
    let mut counter = FIRST;
    while !body.is_empty() {
        let len = CHUNK.min(body.len());
        let (mut chunk, rest) = body.split_at(len);
        apply_long(cipher, nonce, counter, chunk.reborrow());
        hash(chunk.get_out());
        // Wraps only past the last block of the longest frame that a suite allows.
        counter = counter.wrapping_add(CHUNK_BLOCKS);
        body = rest;
    }
}

fn apply_long<C: Cipher>(cipher: &C, nonce: Nonce, first: u32, data: Body<'_, '_>) {
    let start = nonce.counter_block(first);
    let mut core = CtrCore::<&C, Ctr32BE>::inner_iv_init(cipher, (&start).into());
    let (whole, tail) = data.into_chunks::<U16>();
    core.apply_keystream_blocks_inout(whole);
    if !tail.is_empty() {
        let mut block = Block::default();
        core.write_keystream_block(&mut block);
        xor_tail(tail, &block.into(), ALL);
    }
}

/// Combines `data` with `keystream & mask`, as many bytes as it has.
#[inline(always)]
pub(crate) fn xor(data: Body<'_, '_>, keystream: &[[u8; BLOCK]], mask: u8) {
    xor_then(data, keystream, mask, |_, _| ());
}

/// The same, and shows the number of each block and what it has become, with zeros behind the last.
#[inline(always)]
pub(crate) fn xor_then(
    mut data: Body<'_, '_>,
    keystream: &[[u8; BLOCK]],
    mask: u8,
    mut show: impl FnMut(usize, u128),
) {
    let (whole_len, tail_len) = (data.len() / BLOCK, data.len() % BLOCK);
    // The last 16 bytes and their key, before anything is written: to load across the end of what
    // was just stored would have to wait.
    let last = data.get_in().last_chunk::<BLOCK>().copied();
    let start = data.len().checked_sub(BLOCK);
    let key = start.and_then(|start| keystream.as_flattened().get(start..)?.first_chunk());
    let (whole, tail) = data.reborrow().into_chunks::<U16>();
    for (at, (mut block, key)) in whole.into_iter().zip(keystream).enumerate() {
        let mixed = masked((*block.get_in()).into(), key, mask);
        *block.get_out() = mixed.into();
        show(at, u128::from_be_bytes(mixed));
    }
    if tail.is_empty() {
        return;
    }
    if let (Some(last), Some(key)) = (last, key) {
        let mixed = masked(last, key, mask);
        // Those in front of the tail become once more what they are.
        if let Some(to) = data.get_out().last_chunk_mut() {
            *to = mixed;
        }
        show(
            whole_len,
            u128::from_be_bytes(mixed) << (8 * (BLOCK - tail_len)),
        );
    } else if let Some(key) = keystream.get(whole_len) {
        show(whole_len, xor_tail(tail, key, mask));
    }
}

/// Combines less than a block; what it has become, with zeros behind.
#[inline(always)]
fn xor_tail(mut tail: Body<'_, '_>, key: &[u8; BLOCK], mask: u8) -> u128 {
    let used = !number::behind(tail.len(), u128::MAX);
    let key = u128::from_be_bytes(*key) & u128::from_ne_bytes([mask; BLOCK]) & used;
    let mixed = number::from_bytes(tail.get_in()) ^ key;
    number::write(mixed, tail.get_out());
    mixed
}

/// One block.
#[inline(always)]
fn masked(block: [u8; BLOCK], key: &[u8; BLOCK], mask: u8) -> [u8; BLOCK] {
    let key = u128::from_ne_bytes(*key) & u128::from_ne_bytes([mask; BLOCK]);
    (u128::from_ne_bytes(block) ^ key).to_ne_bytes()
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

        for apart in [false, true] {
            let what = format!("{len} bytes from block {FIRST}, apart: {apart}");
            let mut ours = if apart {
                vec![0x5c; len]
            } else {
                plain.clone()
            };
            let mut give = |f: &mut dyn FnMut(Body<'_, '_>)| {
                if apart {
                    ours.fill(0x5c);
                    f(Body::new(&plain, &mut ours).unwrap());
                } else {
                    ours.copy_from_slice(&plain);
                    f(ours.as_mut_slice().into());
                }
                ours.clone()
            };
            let applied = give(&mut |body| apply::<_, FIRST>(&cipher, nonce, body, ALL));
            assert_eq!(applied, expected, "{what}");

            let mut hashed: Vec<u8> = Vec::new();
            let hash = |chunk: &[u8]| hashed.extend(chunk);
            let mut hash = Some(hash);
            let chunks = give(&mut |body| {
                encrypt_then::<_, FIRST>(&cipher, nonce, body, hash.take().unwrap());
            });
            assert_eq!(chunks, expected, "{what}, in chunks");
            assert_eq!(hashed, expected, "every chunk is shown once, encrypted");

            let untouched = give(&mut |body| apply::<_, FIRST>(&cipher, nonce, body, 0));
            assert_eq!(untouched, plain, "{what}: a zero mask changes nothing");
        }
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
                apply::<_, 2>(&counting, nonce, data.as_mut_slice().into(), mask);
                counting.blocks.get()
            });
            assert_eq!(counted[0], counted[1], "{len}");
            assert!(counted[0] >= len.div_ceil(BLOCK), "{len}");
        }
    }
}
