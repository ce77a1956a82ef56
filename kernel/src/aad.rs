//! The associated data of a frame, in pieces, up to the block that stands before the ciphertext.

use core::arch::x86_64::*;

use crate::Aad;
use crate::ghash::{multiply, reversed, reversed_block, sum_of_lanes};
use crate::schedule::{Schedule, load, store};
use crate::span::low_bits;

/// All of the associated data as one block, as it is multiplied: its last block, with the hash of
/// those before added to it.
///
/// `len` is the length of `aad`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
pub(crate) fn hash<const K: usize>(schedule: &Schedule<K>, aad: Aad<'_>, len: usize) -> __m128i {
    if len <= 16 && aad.rest.is_empty() {
        let first = piece(aad.first, 0);
        let second = piece(aad.second, aad.first.len());
        return reversed_block(_mm_or_si128(first, second));
    }
    let mut block = [0; 16];
    hash_more(schedule, aad, len, &mut block);
    let hash = load(&block);
    block = [0; 16];
    zeroize::optimization_barrier(&block);
    hash
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

/// The same for more than one block, or more than two pieces. Apart, so that the usual way stays
/// short.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
fn hash_more<const K: usize>(
    schedule: &Schedule<K>,
    aad: Aad<'_>,
    len: usize,
    block: &mut [u8; 16],
) {
    let hash = if len <= 64 && aad.rest.is_empty() {
        hash_vector(schedule, aad, len)
    } else {
        hash_pieces(schedule, aad, len)
    };
    store(block, hash);
}

/// For up to four blocks, in one vector, with the last block in the last lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
fn hash_vector<const K: usize>(schedule: &Schedule<K>, aad: Aad<'_>, len: usize) -> __m128i {
    let zeros = 64 - len.next_multiple_of(16);
    let first = wide_piece(aad.first, zeros);
    let second = wide_piece(aad.second, zeros + aad.first.len());
    let blocks = reversed(_mm512_or_si512(first, second));
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
fn hash_pieces<const K: usize>(schedule: &Schedule<K>, aad: Aad<'_>, len: usize) -> __m128i {
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
        let blocks = _mm512_xor_si512(window(aad, zeros, 64 * at), carried);
        carried = multiply(blocks, powers);
    }
    let last = _mm512_castsi512_si128(window(aad, zeros, 64 * vectors));
    _mm_xor_si128(last, sum_of_lanes(carried))
}

/// The 64 bytes from `at` on of the pieces with `zeros` bytes before them, and zeros behind.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
fn window(aad: Aad<'_>, zeros: usize, at: usize) -> __m512i {
    let mut vector = _mm512_setzero_si512();
    let mut start = zeros;
    for piece in aad.pieces() {
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
