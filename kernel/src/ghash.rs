//! GHASH (NIST SP 800-38D §6.4), four blocks in a vector.
//!
//! GHASH counts bits from the left, the carry-less multiplication of the processor from the right.
//! As in RFC 8452, appendix A, and in Gueron and Kounavis, "Intel Carry-Less Multiplication
//! Instruction and its Usage for Computing the GCM Mode": blocks are taken with their bytes
//! reversed, the key once multiplied by x, and then GHASH is POLYVAL, whose product
//! `a · b · x^-128` needs no shift: only the reduction modulo `x^128 + x^127 + x^126 + x^121 + 1`
//! from below, which is two multiplications by a constant.
//!
//! A run of blocks `X1 … Xn` becomes `X1·H^n + … + Xn·H`. The products are added before they are
//! reduced, so the run costs one reduction. The four lanes of a vector are four such sums, added at
//! the end. Over longer inputs each lane is a sum of its own, carried on by Horner's rule with
//! H^16: what was carried is added to the next vector, which brings the right powers with it.

use core::arch::x86_64::*;

/// The products of one or more vectors, added and not yet reduced: low halves, middle, high halves.
#[derive(Clone, Copy)]
pub(crate) struct Products {
    low: __m512i,
    middle: __m512i,
    high: __m512i,
}

impl Products {
    /// Of one vector of blocks with one of powers, lane by lane.
    #[inline]
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    pub(crate) fn of(blocks: __m512i, powers: __m512i) -> Self {
        Self {
            low: _mm512_clmulepi64_epi128::<0x00>(blocks, powers),
            middle: _mm512_xor_si512(
                _mm512_clmulepi64_epi128::<0x01>(blocks, powers),
                _mm512_clmulepi64_epi128::<0x10>(blocks, powers),
            ),
            high: _mm512_clmulepi64_epi128::<0x11>(blocks, powers),
        }
    }

    /// With those of one more vector.
    #[inline]
    #[target_feature(enable = "avx512f,vpclmulqdq")]
    pub(crate) fn and(self, blocks: __m512i, powers: __m512i) -> Self {
        Self {
            low: _mm512_xor_si512(self.low, _mm512_clmulepi64_epi128::<0x00>(blocks, powers)),
            middle: xor3(
                self.middle,
                _mm512_clmulepi64_epi128::<0x01>(blocks, powers),
                _mm512_clmulepi64_epi128::<0x10>(blocks, powers),
            ),
            high: _mm512_xor_si512(self.high, _mm512_clmulepi64_epi128::<0x11>(blocks, powers)),
        }
    }

    /// Reduced to 128 bits, lane by lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
    pub(crate) fn reduce(self) -> __m512i {
        // The upper terms of the polynomial: x^63 + x^62 + x^57 of the upper half.
        let poly = _mm512_set1_epi64(0xc2 << 56);
        let low = _mm512_xor_si512(self.low, _mm512_bslli_epi128::<8>(self.middle));
        // Twice: the lower 64 bits are made zero by adding a multiple of the polynomial, and the
        // rest moves down.
        let folded = _mm512_xor_si512(
            _mm512_shuffle_epi32::<0x4e>(low),
            _mm512_clmulepi64_epi128::<0x00>(low, poly),
        );
        let high = xor3(
            self.high,
            _mm512_bsrli_epi128::<8>(self.middle),
            _mm512_shuffle_epi32::<0x4e>(folded),
        );
        _mm512_xor_si512(high, _mm512_clmulepi64_epi128::<0x00>(folded, poly))
    }
}

/// One multiplication, reduced, lane by lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
pub(crate) fn multiply(a: __m512i, b: __m512i) -> __m512i {
    Products::of(a, b).reduce()
}

/// The sum of the four lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
pub(crate) fn sum_of_lanes(lanes: __m512i) -> __m128i {
    let two = _mm256_xor_si256(
        _mm512_castsi512_si256(lanes),
        _mm512_extracti64x4_epi64::<1>(lanes),
    );
    _mm_xor_si128(
        _mm256_castsi256_si128(two),
        _mm256_extracti128_si256::<1>(two),
    )
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi64::<0x96>(a, b, c)
}

/// Four blocks as they are multiplied, from as they are in memory, and back: bytes reversed.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn reversed(blocks: __m512i) -> __m512i {
    let order =
        _mm512_broadcast_i32x4(_mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f));
    _mm512_shuffle_epi8(blocks, order)
}

/// The same for one block.
#[inline]
#[target_feature(enable = "ssse3")]
pub(crate) fn reversed_block(block: __m128i) -> __m128i {
    let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
    _mm_shuffle_epi8(block, order)
}

/// The last block that GHASH sees, as it is multiplied: both lengths in bits.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn lengths(aad_len: u64, body_len: u64) -> __m128i {
    _mm_set_epi64x((aad_len << 3).cast_signed(), (body_len << 3).cast_signed())
}

/// The powers of `h`, which is E(0) in each lane: H^4 to H, H^8 to H^5, …, H^20 to H^17, each
/// vector with the highest power in its lowest lane; and H^32, H^28 and H^24.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq")]
pub(crate) fn powers(h: __m512i) -> ([__m512i; 5], __m512i) {
    // Times x, modulo the polynomial, without a branch: bits move up, the one that leaves the lower
    // half enters the upper one, and the one that leaves the upper half subtracts the polynomial.
    let h = reversed(h);
    let left = _mm512_srli_epi64::<63>(h);
    let carry = _mm512_sub_epi64(_mm512_setzero_si512(), _mm512_shuffle_epi32::<0xee>(left));
    let poly = _mm512_broadcast_i32x4(_mm_set_epi64x(0xc2 << 56, 1));
    let h1 = xor3(
        _mm512_slli_epi64::<1>(h),
        _mm512_bslli_epi128::<8>(left),
        _mm512_and_si512(carry, poly),
    );

    let h2 = multiply(h1, h1);
    let h2_h1 = _mm512_mask_blend_epi64(0b1100_1100, h2, h1);
    // H^4, H^3 from H^2, H.
    let h4_h3 = multiply(h2_h1, h2);
    let h4_to_h1 = _mm512_mask_blend_epi64(0b1111_0000, h4_h3, h2_h1);
    let h4 = _mm512_shuffle_i32x4::<0>(h4_h3, h4_h3);
    let h8_to_h5 = multiply(h4_to_h1, h4);
    let h8 = _mm512_shuffle_i32x4::<0>(h8_to_h5, h8_to_h5);
    let h12_to_h9 = multiply(h4_to_h1, h8);
    let h16_to_h13 = multiply(h8_to_h5, h8);
    let h20_to_h17 = multiply(h12_to_h9, h8);
    // H^12, H^8, H^4 and something else.
    let steps = _mm512_mask_blend_epi64(0b0000_1100, h12_to_h9, h8);
    let steps = _mm512_mask_blend_epi64(0b0011_0000, steps, h4);
    let h20 = _mm512_shuffle_i32x4::<0>(h20_to_h17, h20_to_h17);
    let far = multiply(h20, steps);
    let powers = [h4_to_h1, h8_to_h5, h12_to_h9, h16_to_h13, h20_to_h17];
    (powers, far)
}
