//! What a key becomes: round keys (FIPS 197 §5.2) and powers of H, flat, in one object.
//!
//! `aeskeygenassist` is slow on the processors that this crate is for, so `SubWord` is done by the
//! last round of AES itself: with all four columns equal, `ShiftRows` changes nothing, and what is
//! left is `SubBytes` and the addition of the round constant.

use core::arch::asm;
use core::arch::x86_64::*;

use crate::detect::Proof;
use crate::wipe::wipe_registers;
use crate::{ctr, ghash};

/// Powers of H that a key keeps: as many as one reduction takes blocks.
pub(crate) const POWERS: usize = 20;

/// Powers above them, four apart.
const FAR: usize = 3;

/// The round keys and the powers of H. `K` is the number of round keys: 11 for AES-128, 15 for
/// AES-256.
///
/// The order of the fields matters: vectors of four powers are loaded from any place in `powers`,
/// and may end up to three blocks behind it, in `rounds`. What is loaded there is multiplied by
/// zero. What short frames need lies together.
#[repr(C, align(16))]
pub(crate) struct Schedule<const K: usize> {
    /// H^32, H^28 and H^24: with the others, every fourth power for a group of a long frame.
    far: [[u8; 16]; FAR],
    /// H^20, …, H^2, H, in the form that `ghash.rs` multiplies by.
    powers: [[u8; 16]; POWERS],
    rounds: [[u8; 16]; K],
}

impl Schedule<11> {
    pub(crate) fn new(_: Proof, key: &[u8; 16]) -> Self {
        let mut schedule = Self::zero();
        // SAFETY: a `Proof` says that the processor has every instruction set of `detect.rs`.
        unsafe { schedule.expand_128(key) };
        schedule
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,aes,vaes,vpclmulqdq,bmi2")]
    fn expand_128(&mut self, key: &[u8; 16]) {
        const RCON: [i32; 10] = [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];
        let mut last = load(key);
        store(&mut self.rounds[0], last);
        for (round, rcon) in self.rounds[1..].iter_mut().zip(RCON) {
            last = _mm_xor_si128(spread(last), sub_rotated_word(last, rcon));
            store(round, last);
        }
        self.add_powers();
    }
}

impl Schedule<15> {
    pub(crate) fn new(_: Proof, key: &[u8; 32]) -> Self {
        let mut schedule = Self::zero();
        // SAFETY: a `Proof` says that the processor has every instruction set of `detect.rs`.
        unsafe { schedule.expand_256(key) };
        schedule
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,aes,vaes,vpclmulqdq,bmi2")]
    fn expand_256(&mut self, key: &[u8; 32]) {
        const RCON: [i32; 7] = [1, 2, 4, 8, 0x10, 0x20, 0x40];
        let ([even, odd], _) = key.as_chunks::<16>() else {
            return;
        };
        let (mut even, mut odd) = (load(even), load(odd));
        let (pairs, last) = self.rounds.as_chunks_mut::<2>();
        for (pair, rcon) in pairs.iter_mut().zip(RCON) {
            store(&mut pair[0], even);
            store(&mut pair[1], odd);
            even = _mm_xor_si128(spread(even), sub_rotated_word(odd, rcon));
            odd = _mm_xor_si128(spread(odd), sub_word(even));
        }
        store(&mut last[0], even);
        self.add_powers();
    }
}

impl<const K: usize> Schedule<K> {
    fn zero() -> Self {
        Self {
            far: [[0; 16]; FAR],
            powers: [[0; 16]; POWERS],
            rounds: [[0; 16]; K],
        }
    }

    /// The powers of `H = E(0)`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,aes,vaes,vpclmulqdq,bmi2")]
    fn add_powers(&mut self) {
        let [h] = ctr::encrypt(self, [_mm512_setzero_si512()]);
        let (powers, far) = ghash::powers(h);
        let (groups, _) = self.powers.as_chunks_mut::<4>();
        for (to, from) in groups.iter_mut().rev().zip(powers) {
            // SAFETY: `to` has 64 bytes.
            unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), from) };
        }
        store(&mut self.far[0], _mm512_extracti32x4_epi32::<0>(far));
        store(&mut self.far[1], _mm512_extracti32x4_epi32::<1>(far));
        store(&mut self.far[2], _mm512_extracti32x4_epi32::<2>(far));
        wipe_registers();
    }

    /// The same object, but the compiler cannot know: what was loaded through another reference is
    /// loaded again, and not kept on the stack when registers run out.
    #[inline]
    pub(crate) fn again(&self) -> &Self {
        let mut place: *const Self = self;
        // SAFETY: no instruction; the pointer stays what it is.
        unsafe {
            asm!("/* {0} */", inout(reg) place, options(readonly, nostack, preserves_flags));
            &*place
        }
    }

    /// The round keys, in order.
    #[inline]
    pub(crate) fn rounds(&self) -> &[[u8; 16]; K] {
        &self.rounds
    }

    /// H to the power of `exponent`, in all four lanes. At most [`POWERS`], or 24, 28 or 32.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn power(&self, exponent: usize) -> __m512i {
        if exponent > POWERS {
            broadcast(&self.far[(32 - exponent) / 4])
        } else {
            broadcast(&self.powers[POWERS - exponent])
        }
    }

    /// H to the power of `exponent`, and the three powers below it. In lanes whose power would be
    /// below the first there is something else, to be multiplied by zero.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn powers_from(&self, exponent: usize) -> __m512i {
        debug_assert!((1..=POWERS).contains(&exponent));
        let start: *const Self = self;
        // SAFETY: `POWERS - exponent` is at most 19 for what callers ask for, and the 64 bytes from
        // block 19 end with block 22, in `rounds`: in the object, which has no gaps.
        unsafe {
            let place = start.cast::<[u8; 16]>().add(FAR + POWERS - exponent);
            _mm512_loadu_si512(place.cast())
        }
    }
}

impl<const K: usize> Drop for Schedule<K> {
    fn drop(&mut self) {
        // Not byte by byte, which `zeroize` would do; the barrier keeps it from being left out.
        self.far = [[0; 16]; FAR];
        self.powers = [[0; 16]; POWERS];
        self.rounds = [[0; 16]; K];
        zeroize::optimization_barrier(self);
    }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn load(from: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes, and the load needs no alignment.
    unsafe { _mm_loadu_si128(from.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn store(to: &mut [u8; 16], from: __m128i) {
    // SAFETY: 16 bytes, and the store needs no alignment.
    unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), from) }
}

/// One block in all four lanes.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn broadcast(from: &[u8; 16]) -> __m512i {
    _mm512_broadcast_i32x4(load(from))
}

/// Each word added to all words behind it.
#[inline]
#[target_feature(enable = "sse2")]
fn spread(words: __m128i) -> __m128i {
    let words = _mm_xor_si128(words, _mm_slli_si128::<4>(words));
    _mm_xor_si128(words, _mm_slli_si128::<8>(words))
}

/// `SubWord(RotWord(last word)) XOR Rcon`, in every word.
#[inline]
#[target_feature(enable = "aes,ssse3")]
fn sub_rotated_word(words: __m128i, rcon: i32) -> __m128i {
    // Bytes 13, 14, 15, 12.
    let rotated = _mm_shuffle_epi8(words, _mm_set1_epi32(0x0c0f_0e0d));
    _mm_aesenclast_si128(rotated, _mm_set1_epi32(rcon))
}

/// `SubWord(last word)`, in every word.
#[inline]
#[target_feature(enable = "aes,ssse3")]
fn sub_word(words: __m128i) -> __m128i {
    let last = _mm_shuffle_epi32::<0xff>(words);
    _mm_aesenclast_si128(last, _mm_setzero_si128())
}
