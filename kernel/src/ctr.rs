//! Counter mode (NIST SP 800-38D §6.5), four blocks in a vector.

use core::arch::x86_64::*;

use crate::Nonce;
use crate::schedule::{Schedule, broadcast};
use crate::span::Span;

/// The counter blocks of a frame, from `J0 = nonce ‖ 1` on.
///
/// Kept with the 32 counter bits as a number of this processor, so that an addition moves it on.
#[derive(Clone, Copy)]
pub(crate) struct Counters(__m512i);

impl Counters {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(crate) fn new((first_eight, last_four): Nonce) -> Self {
        let last_four = i64::from(last_four);
        let nonce = _mm_set_epi64x(last_four, first_eight.cast_signed());
        let nonce = _mm512_broadcast_i32x4(nonce);
        let first = _mm512_set_epi32(4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0);
        Self(_mm512_or_si512(nonce, first))
    }

    /// The next `N` vectors of counter blocks.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(crate) fn take<const N: usize>(&mut self) -> [__m512i; N] {
        let four = _mm512_broadcast_i32x4(_mm_set_epi32(4, 0, 0, 0));
        // The nonce as it is, the counter in network order.
        let order = _mm512_broadcast_i32x4(_mm_set_epi32(
            0x0c0d_0e0f,
            0x0b0a_0908,
            0x0706_0504,
            0x0302_0100,
        ));
        let mut blocks = [_mm512_setzero_si512(); N];
        for block in &mut blocks {
            *block = _mm512_shuffle_epi8(self.0, order);
            self.0 = _mm512_add_epi32(self.0, four);
        }
        blocks
    }
}

/// `N` vectors of blocks encrypted.
#[inline]
#[target_feature(enable = "avx512f,vaes")]
pub(crate) fn encrypt<const K: usize, const N: usize>(
    schedule: &Schedule<K>,
    mut blocks: [__m512i; N],
) -> [__m512i; N] {
    let rounds = schedule.rounds();
    whiten(&mut blocks, &rounds[0]);
    // Two loops, so that the compiler unrolls both.
    for key in &rounds[1..10] {
        round(&mut blocks, key);
    }
    for key in &rounds[10..K - 1] {
        round(&mut blocks, key);
    }
    last_round(&mut blocks, &rounds[K - 1]);
    blocks
}

/// Adds the first round key.
#[inline]
#[target_feature(enable = "avx512f,vaes")]
pub(crate) fn whiten<const N: usize>(blocks: &mut [__m512i; N], key: &[u8; 16]) {
    let key = broadcast(key);
    for block in blocks {
        *block = _mm512_xor_si512(*block, key);
    }
}

/// A round of AES.
#[inline]
#[target_feature(enable = "avx512f,vaes")]
pub(crate) fn round<const N: usize>(blocks: &mut [__m512i; N], key: &[u8; 16]) {
    let key = broadcast(key);
    for block in blocks {
        *block = _mm512_aesenc_epi128(*block, key);
    }
}

/// The last round of AES.
#[inline]
#[target_feature(enable = "avx512f,vaes")]
pub(crate) fn last_round<const N: usize>(blocks: &mut [__m512i; N], key: &[u8; 16]) {
    let key = broadcast(key);
    for block in blocks {
        *block = _mm512_aesenclast_epi128(*block, key);
    }
}

/// Adds the keystream of a whole frame where `keep` has ones, which has them everywhere or nowhere.
/// A second time takes it away again.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vaes,bmi2")]
pub(crate) fn apply<const K: usize>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    span: Span,
    keep: __m512i,
) {
    // Vectors depend on nothing but their counters: the processor works on several rounds of this
    // loop at once.
    for at in (0..span.end()).step_by(64) {
        let [stream] = encrypt(schedule, counters.take::<1>());
        let kept = _mm512_and_si512(stream, keep);
        // SAFETY: `at` is below the end of the span.
        unsafe { span.store(at, _mm512_xor_si512(span.load(at), kept)) };
    }
}
