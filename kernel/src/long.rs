//! Frames of more than 288 bytes: groups of four vectors, and at most five vectors behind them.
//!
//! While the cipher works on a group, GHASH works on another: the one before it when sealing, the
//! same one when opening. Both have units of their own in the processor.

use core::arch::x86_64::*;

use crate::ctr::{self, Counters, encrypt, last_round, round, whiten};
use crate::ghash::{Products, reversed, reversed_block, sum_of_lanes};
use crate::schedule::Schedule;
use crate::small::{Ends, equal};
use crate::span::Span;

/// Up to this length, in bytes, a frame is verified before it is decrypted. Longer ones are
/// decrypted on the way, and encrypted again if the tag was wrong: one pass is faster where the
/// processor cannot see far enough ahead to overlap two.
pub(crate) const VERIFIED_FIRST: usize = 2048;

/// Bytes in a group, and blocks.
const GROUP: usize = 256;
const GROUP_BLOCKS: usize = GROUP / 16;

/// The number of groups. Behind them there are 3 to 18 blocks: with the lengths at least four, so
/// that what the groups leave in four lanes meets a power of H in each.
#[inline]
fn groups(span: Span) -> usize {
    (span.blocks() - 3) / GROUP_BLOCKS
}

/// Encrypts, and returns the tag.
///
/// # Safety
/// As for [`Span::new`], and the frame is longer than `small::MAX_LEN`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn seal<const K: usize>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    ends: Ends,
    span: Span,
) -> __m128i {
    let start = counters;
    // SAFETY: groups lie within the span, by their number; for the rest the caller vouches.
    unsafe {
        let stream = encrypt(schedule, counters.take::<4>());
        let mut sealed = xor(load_group(span, 0), stream);
        sealed[0] = _mm512_maskz_mov_epi8(span.mask(0), sealed[0]);
        store_group(span, 0, sealed);
        let mut hashed = reversed_group(sealed, _mm512_zextsi128_si512(ends.first));
        for group in 1..groups(span) {
            let (stream, carried) = encrypt_and_hash(schedule, counters.take::<4>(), hashed);
            let sealed = xor(load_group(span, GROUP * group), stream);
            store_group(span, GROUP * group, sealed);
            hashed = reversed_group(sealed, carried);
        }
        let carried = hash_group(schedule, hashed);
        let hash = rest::<K, Seal>(schedule, counters, ends, span, carried);
        _mm_xor_si128(hash, e_j0(schedule, start))
    }
}

/// Compares the tag, and only if it is right decrypts. Else nothing is written.
///
/// # Safety
/// As for [`seal`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn verify_and_open<const K: usize>(
    schedule: &Schedule<K>,
    counters: Counters,
    ends: Ends,
    span: Span,
    tag: __m128i,
) -> bool {
    let mut carried = _mm512_zextsi128_si512(ends.first);
    // SAFETY: groups lie within the span, by their number; for the rest the caller vouches.
    let hash = unsafe {
        for group in 0..groups(span) {
            let sealed = load_group(span, GROUP * group);
            carried = hash_group(schedule, reversed_group(sealed, carried));
        }
        rest::<K, Verify>(schedule, counters, ends, span, carried)
    };
    let right = equal(_mm_xor_si128(hash, e_j0(schedule, counters)), tag);
    if right {
        ctr::apply(schedule, counters, span);
    }
    right
}

/// Decrypts and compares the tag. If it is wrong, the places written hold plaintext that nobody
/// wrote: the caller must undo it.
///
/// # Safety
/// As for [`seal`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn open<const K: usize>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    ends: Ends,
    span: Span,
    tag: __m128i,
) -> bool {
    let start = counters;
    let mut carried = _mm512_zextsi128_si512(ends.first);
    // SAFETY: groups lie within the span, by their number; for the rest the caller vouches.
    let hash = unsafe {
        for group in 0..groups(span) {
            let sealed = load_group(span, GROUP * group);
            let hashed = reversed_group(sealed, carried);
            let (stream, hash) = encrypt_and_hash(schedule, counters.take::<4>(), hashed);
            carried = hash;
            store_group(span, GROUP * group, xor(sealed, stream));
        }
        rest::<K, Open>(schedule, counters, ends, span, carried)
    };
    equal(_mm_xor_si128(hash, e_j0(schedule, start)), tag)
}

/// E(J0), computed again rather than kept: through the groups, no register is free for it, and it
/// must not go to the stack.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vaes")]
fn e_j0<const K: usize>(schedule: &Schedule<K>, mut start: Counters) -> __m128i {
    let [stream] = encrypt(schedule.again(), start.take::<1>());
    _mm512_castsi512_si128(stream)
}

/// What is done with the vectors behind the groups.
trait Work {
    /// The data is encrypted or decrypted.
    const CIPHER: bool;
    /// What is hashed is what the cipher makes.
    const SEAL: bool;
}

struct Seal;
struct Open;
struct Verify;

impl Work for Seal {
    const CIPHER: bool = true;
    const SEAL: bool = true;
}

impl Work for Open {
    const CIPHER: bool = true;
    const SEAL: bool = false;
}

impl Work for Verify {
    const CIPHER: bool = false;
    const SEAL: bool = false;
}

/// The vectors behind the groups and the lengths, with one reduction; returns GHASH of everything.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
unsafe fn rest<const K: usize, W: Work>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    ends: Ends,
    span: Span,
    mut carried: __m512i,
) -> __m128i {
    let mut at = GROUP * groups(span);
    let mut blocks = span.blocks() - at / 16;
    let mut products = Products::of(carried, _mm512_setzero_si512());
    loop {
        // SAFETY: the caller vouches for the span; masks are made for every place.
        let data = unsafe { span.load(at) };
        let mut hashed = data;
        if W::CIPHER {
            let [stream] = encrypt(schedule, counters.take::<1>());
            let output = _mm512_xor_si512(data, stream);
            // SAFETY: as for the load.
            unsafe { span.store(at, output) };
            if W::SEAL {
                hashed = _mm512_maskz_mov_epi8(span.mask(at), output);
            }
        }
        let mut hashed = _mm512_xor_si512(reversed(hashed), carried);
        carried = _mm512_setzero_si512();
        let powers = schedule.powers_from(blocks + 1);
        if blocks < 4 {
            hashed = _mm512_xor_si512(hashed, ends.lengths_behind(blocks));
            products = products.and(hashed, powers);
            break;
        }
        products = products.and(hashed, powers);
        blocks -= 4;
        at += 64;
    }
    reversed_block(sum_of_lanes(products.reduce()))
}

/// Encrypts a group of counter blocks, and adds a group of blocks to GHASH, step by step in turn.
///
/// Powers four apart, and each the same in all lanes: lanes are sums of their own.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vaes,vpclmulqdq")]
fn encrypt_and_hash<const K: usize>(
    schedule: &Schedule<K>,
    mut blocks: [__m512i; 4],
    hashed: [__m512i; 4],
) -> ([__m512i; 4], __m512i) {
    let rounds = schedule.rounds();
    whiten(&mut blocks, &rounds[0]);
    // All round keys and powers together are more than there are registers.
    let powers = schedule.again();
    let mut products = Products::of(hashed[0], powers.power(16));
    for (number, key) in rounds[1..10].iter().enumerate() {
        round(&mut blocks, key);
        match number {
            1 => products = products.and(hashed[1], powers.power(12)),
            3 => products = products.and(hashed[2], powers.power(8)),
            5 => products = products.and(hashed[3], powers.power(4)),
            _ => {}
        }
    }
    for key in &rounds[10..K - 1] {
        round(&mut blocks, key);
    }
    last_round(&mut blocks, &rounds[K - 1]);
    (blocks, products.reduce())
}

/// Adds a group of blocks to GHASH.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
fn hash_group<const K: usize>(schedule: &Schedule<K>, hashed: [__m512i; 4]) -> __m512i {
    Products::of(hashed[0], schedule.power(16))
        .and(hashed[1], schedule.power(12))
        .and(hashed[2], schedule.power(8))
        .and(hashed[3], schedule.power(4))
        .reduce()
}

/// A group as GHASH takes it, with what the groups before it left.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn reversed_group(group: [__m512i; 4], carried: __m512i) -> [__m512i; 4] {
    let [a, b, c, d] = group;
    [
        _mm512_xor_si512(reversed(a), carried),
        reversed(b),
        reversed(c),
        reversed(d),
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor(a: [__m512i; 4], b: [__m512i; 4]) -> [__m512i; 4] {
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a, b);
    [
        _mm512_xor_si512(a0, b0),
        _mm512_xor_si512(a1, b1),
        _mm512_xor_si512(a2, b2),
        _mm512_xor_si512(a3, b3),
    ]
}

/// A group: the first begins with a masked vector, the others are whole.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn load_group(span: Span, at: usize) -> [__m512i; 4] {
    // SAFETY: groups lie within the span, and the caller vouches for it.
    unsafe {
        [
            if at == 0 {
                span.load(0)
            } else {
                span.load_whole(at)
            },
            span.load_whole(at + 64),
            span.load_whole(at + 128),
            span.load_whole(at + 192),
        ]
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn store_group(span: Span, at: usize, group: [__m512i; 4]) {
    let [a, b, c, d] = group;
    // SAFETY: groups lie within the span, and the caller vouches for it.
    unsafe {
        if at == 0 {
            span.store(0, a);
        } else {
            span.store_whole(at, a);
        }
        span.store_whole(at + 64, b);
        span.store_whole(at + 128, c);
        span.store_whole(at + 192, d);
    }
}
