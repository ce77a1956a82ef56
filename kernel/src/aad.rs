//! The associated data of a frame, in pieces, up to the block that stands before the ciphertext.

use core::arch::x86_64::*;

use crate::Aad;
use crate::ghash::{multiply, reversed, reversed_block, sum_of_lanes};
use crate::schedule::{Schedule, load, store};
use crate::span::low_bits;

/// All of the associated data as one block, as it is multiplied: its last block, with the hash of
/// those before added to it.
///
/// `block` is that of `aad`, and `len` its length.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
pub(crate) fn hash<const K: usize>(
    schedule: &Schedule<K>,
    block: u128,
    aad: &Aad<'_>,
    len: usize,
) -> __m128i {
    let start = kept(from_number(block), aad.block_len);
    if len <= 16 && aad.rest.is_empty() {
        let first = piece(aad.first, aad.block_len);
        let second = piece(aad.second, aad.block_len + aad.first.len());
        return _mm_or_si128(start, reversed_block(_mm_or_si128(first, second)));
    }
    let mut block = [0; 16];
    store(&mut block, reversed_block(start));
    hash_more(schedule, aad, len, &mut block);
    let hash = load(&block);
    block = [0; 16];
    zeroize::optimization_barrier(&block);
    hash
}

/// A block that is this number, big-endian, as it is multiplied.
#[inline]
#[target_feature(enable = "sse2")]
fn from_number(block: u128) -> __m128i {
    #[expect(clippy::cast_possible_truncation, reason = "each is a half")]
    let (high, low) = ((block >> 64) as u64, block as u64);
    _mm_set_epi64x(high.cast_signed(), low.cast_signed())
}

/// The first `len` bytes of a block as it is multiplied, which are its highest, and zeros.
#[inline]
#[target_feature(enable = "avx512bw,avx512vl,bmi2")]
fn kept(block: __m128i, len: usize) -> __m128i {
    #[expect(clippy::cast_possible_truncation, reason = "16 bits of 32")]
    let mask = !(0xffff_u32 >> len.min(16)) as u16;
    _mm_maskz_mov_epi8(mask, block)
}

/// A piece of at most 16 bytes as a block, behind `before` bytes.
#[inline]
#[target_feature(enable = "avx512bw,avx512vl,bmi2")]
fn piece(piece: &[u8], before: usize) -> __m128i {
    // Nothing is asked of an empty piece: its address may be anything.
    if piece.is_empty() {
        return _mm_setzero_si128();
    }
    #[expect(clippy::cast_possible_truncation, reason = "16 bytes at most")]
    let mask = (low_bits(piece.len()) << before) as u16;
    let start = piece.as_ptr().wrapping_sub(before).cast();
    // SAFETY: the mask leaves only the bytes of the piece, which are within the first 16.
    unsafe { _mm_maskz_loadu_epi8(mask, start) }
}

/// The same for more than one block, or more pieces. Apart, so that the usual way stays short.
/// `block` is the first piece, and becomes the result.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
fn hash_more<const K: usize>(
    schedule: &Schedule<K>,
    aad: &Aad<'_>,
    len: usize,
    block: &mut [u8; 16],
) {
    let start = &block[..aad.block_len];
    let hash = if len <= 64 && aad.rest.is_empty() {
        hash_vector(schedule, start, aad, len)
    } else {
        hash_pieces(schedule, start, aad, len)
    };
    store(block, hash);
}

/// For up to four blocks, in one vector, with the last block in the last lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
fn hash_vector<const K: usize>(
    schedule: &Schedule<K>,
    start: &[u8],
    aad: &Aad<'_>,
    len: usize,
) -> __m128i {
    let mut before = 64 - len.next_multiple_of(16);
    let mut blocks = _mm512_setzero_si512();
    for piece in [start, aad.first, aad.second] {
        blocks = _mm512_or_si512(blocks, wide_piece(piece, before));
        before += piece.len();
    }
    let blocks = reversed(blocks);
    let before = _mm512_maskz_mov_epi64(0b0011_1111, blocks);
    let last = _mm512_extracti32x4_epi32::<3>(blocks);
    let hash = multiply(before, schedule.powers_from(3));
    _mm_xor_si128(last, sum_of_lanes(hash))
}

/// A piece of at most 64 bytes as a vector, behind `before` bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
fn wide_piece(piece: &[u8], before: usize) -> __m512i {
    if piece.is_empty() {
        return _mm512_setzero_si512();
    }
    let mask = low_bits(piece.len()) << before;
    let start = piece.as_ptr().wrapping_sub(before).cast();
    // SAFETY: the mask leaves only the bytes of the piece, which are within the first 64.
    unsafe { _mm512_maskz_loadu_epi8(mask, start) }
}

/// For any number of pieces, and any number of blocks: vectors of four, after as many zero blocks as
/// it takes for the last one to be whole. Zeros in front change nothing in GHASH.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
fn hash_pieces<const K: usize>(
    schedule: &Schedule<K>,
    start: &[u8],
    aad: &Aad<'_>,
    len: usize,
) -> __m128i {
    // Blocks before the last.
    let before = len.saturating_sub(1) / 16;
    let vectors = before.div_ceil(4);
    // Places count those zero bytes too.
    let zeros = 16 * (4 * vectors - before);
    let mut carried = _mm512_setzero_si512();
    for at in 0..vectors {
        let powers = if at + 1 == vectors {
            schedule.powers_from(4)
        } else {
            schedule.power(4)
        };
        let blocks = _mm512_xor_si512(window(start, aad, zeros, 64 * at), carried);
        carried = multiply(blocks, powers);
    }
    let last = _mm512_castsi512_si128(window(start, aad, zeros, 64 * vectors));
    _mm_xor_si128(last, sum_of_lanes(carried))
}

/// The 64 bytes from `at` on of the pieces with `zeros` bytes before them, and zeros behind.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
fn window(block: &[u8], aad: &Aad<'_>, zeros: usize, at: usize) -> __m512i {
    let mut vector = _mm512_setzero_si512();
    let mut start = zeros;
    for piece in core::iter::once(block).chain(aad.borrowed()) {
        let end = start + piece.len();
        let (first, behind) = (start.max(at), end.min(at + 64));
        if first < behind {
            let mask = (u64::MAX << (first - at)) & low_bits(behind - at);
            let from = piece.as_ptr().wrapping_add(at).wrapping_sub(start).cast();
            // SAFETY: the mask leaves only bytes between `start` and `end`, which are the piece.
            let bytes = unsafe { _mm512_maskz_loadu_epi8(mask, from) };
            vector = _mm512_or_si512(vector, bytes);
        }
        start = end;
    }
    reversed(vector)
}
