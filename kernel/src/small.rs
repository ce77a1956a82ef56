//! Frames of up to 288 bytes: everything in registers, one pass, one reduction.
//!
//! `N` vectors hold the row of `span.rs` and, in the lane behind its last block, the block of
//! lengths: the whole input of GHASH, but for associated data of more than 16 bytes. Each `N` is a
//! function of its own, without a loop.

use core::arch::x86_64::*;

use crate::ctr::{Counters, encrypt};
use crate::ghash::{Products, reversed, reversed_block, sum_of_lanes};
use crate::schedule::{POWERS, Schedule};
use crate::span::Span;

/// The longest body, in bytes. With the blocks of associated data and lengths it makes as many
/// blocks as there are powers of H.
pub(crate) const MAX_LEN: usize = 16 * (POWERS - 2);

/// What stands before and behind the ciphertext in GHASH, as it is multiplied.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    /// The associated data, by `aad::hash`.
    pub(crate) first: __m128i,
    /// The block of lengths.
    pub(crate) lengths: __m128i,
}

impl Ends {
    /// The lengths as a vector with other lanes zero, for a last vector with this number of blocks
    /// of data.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn lengths_behind(self, blocks: usize) -> __m512i {
        _mm512_maskz_broadcast_i32x4(0xf << (4 * (blocks % 4)), self.lengths)
    }
}

/// Encrypts at most [`MAX_LEN`] bytes, and returns the tag.
///
/// # Safety
/// As for [`Span::new`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn seal<const K: usize>(
    schedule: &Schedule<K>,
    counters: Counters,
    ends: Ends,
    span: Span,
) -> __m128i {
    // SAFETY: the caller vouches for the span, and N is what it takes.
    unsafe {
        match span.blocks() / 4 {
            0 => seal_vectors::<K, 1>(schedule, counters, ends, span),
            1 => seal_vectors::<K, 2>(schedule, counters, ends, span),
            2 => seal_vectors::<K, 3>(schedule, counters, ends, span),
            3 => seal_vectors::<K, 4>(schedule, counters, ends, span),
            _ => seal_vectors::<K, 5>(schedule, counters, ends, span),
        }
    }
}

/// Compares the tag of at most [`MAX_LEN`] bytes, and if it is right, decrypts. Else the same bytes
/// are written again.
///
/// # Safety
/// As for [`Span::new`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn open<const K: usize>(
    schedule: &Schedule<K>,
    counters: Counters,
    ends: Ends,
    span: Span,
    tag: __m128i,
) -> bool {
    // SAFETY: the caller vouches for the span, and N is what it takes.
    unsafe {
        match span.blocks() / 4 {
            0 => open_vectors::<K, 1>(schedule, counters, ends, span, tag),
            1 => open_vectors::<K, 2>(schedule, counters, ends, span, tag),
            2 => open_vectors::<K, 3>(schedule, counters, ends, span, tag),
            3 => open_vectors::<K, 4>(schedule, counters, ends, span, tag),
            _ => open_vectors::<K, 5>(schedule, counters, ends, span, tag),
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
unsafe fn seal_vectors<const K: usize, const N: usize>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    ends: Ends,
    span: Span,
) -> __m128i {
    let stream = encrypt(schedule, counters.take::<N>());
    // SAFETY: the caller vouches for the span.
    let mut vectors = unsafe { load::<N>(span) };
    for at in 0..N {
        let sealed = _mm512_xor_si512(vectors[at], stream[at]);
        // What the cipher made in the place of E(J0), and behind the end, is no ciphertext.
        vectors[at] = _mm512_maskz_mov_epi8(span.mask(64 * at), sealed);
    }
    // SAFETY: the caller vouches for the span.
    unsafe { store::<N>(span, vectors) };
    let hash = hash::<K, N>(schedule, vectors, ends, span);
    _mm_xor_si128(hash, _mm512_castsi512_si128(stream[0]))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
unsafe fn open_vectors<const K: usize, const N: usize>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    ends: Ends,
    span: Span,
    tag: __m128i,
) -> bool {
    // SAFETY: the caller vouches for the span.
    let mut vectors = unsafe { load::<N>(span) };
    let stream = encrypt(schedule, counters.take::<N>());
    let hash = hash::<K, N>(schedule, vectors, ends, span);
    let expected = _mm_xor_si128(hash, _mm512_castsi512_si128(stream[0]));
    let right = equal(expected, tag);
    // Not by a branch: the compiler would leave out the keystream where it adds nothing.
    let keep = if_true(right);
    for at in 0..N {
        let kept = _mm512_and_si512(stream[at], keep);
        vectors[at] = _mm512_xor_si512(vectors[at], kept);
    }
    // SAFETY: the caller vouches for the span.
    unsafe { store::<N>(span, vectors) };
    right
}

/// GHASH of everything.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq")]
fn hash<const K: usize, const N: usize>(
    schedule: &Schedule<K>,
    mut vectors: [__m512i; N],
    ends: Ends,
    span: Span,
) -> __m128i {
    let blocks = span.blocks();
    for vector in &mut vectors {
        *vector = reversed(*vector);
    }
    vectors[0] = _mm512_xor_si512(vectors[0], _mm512_zextsi128_si512(ends.first));
    vectors[N - 1] = _mm512_xor_si512(vectors[N - 1], ends.lengths_behind(blocks));
    let mut products = Products::of(vectors[0], schedule.powers_from(blocks + 1));
    #[expect(
        clippy::needless_range_loop,
        reason = "an iterator would keep the array in memory"
    )]
    for at in 1..N {
        products = products.and(vectors[at], schedule.powers_from(blocks + 1 - 4 * at));
    }
    reversed_block(sum_of_lanes(products.reduce()))
}

/// The last two vectors may end early, the first begins late, those between are whole.
const fn whole<const N: usize>(at: usize) -> bool {
    at > 0 && at + 2 < N
}

/// Whether the vector has data; the last one may have nothing but the lengths. Then it is neither
/// loaded nor stored: though a mask leaves out every byte, the processor would let loads from there
/// wait for the store, as of the frame that lies behind this one.
#[inline]
fn has_data<const N: usize>(span: Span, at: usize) -> bool {
    at == 0 || at + 1 < N || span.end() > 64 * at
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn load<const N: usize>(span: Span) -> [__m512i; N] {
    let mut vectors = [_mm512_setzero_si512(); N];
    for (at, vector) in vectors.iter_mut().enumerate() {
        // SAFETY: the caller vouches for the span; `whole` says which vectors are all data.
        unsafe {
            if whole::<N>(at) {
                *vector = span.load_whole(64 * at);
            } else if has_data::<N>(span, at) {
                *vector = span.load(64 * at);
            }
        }
    }
    vectors
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn store<const N: usize>(span: Span, vectors: [__m512i; N]) {
    for (at, vector) in vectors.into_iter().enumerate() {
        // SAFETY: the caller vouches for the span; `whole` says which vectors are all data.
        unsafe {
            if whole::<N>(at) {
                span.store_whole(64 * at, vector);
            } else if has_data::<N>(span, at) {
                span.store(64 * at, vector);
            }
        }
    }
}

/// Ones everywhere, or zeros.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn if_true(condition: bool) -> __m512i {
    _mm512_set1_epi64(-i64::from(condition))
}

/// Whether two tags are the same: all bits are looked at, and where they differ is not told.
#[inline]
#[target_feature(enable = "avx512vl,sse4.1")]
pub(crate) fn equal(a: __m128i, b: __m128i) -> bool {
    let difference = _mm_xor_si128(a, b);
    _mm_testz_si128(difference, difference) == 1
}
