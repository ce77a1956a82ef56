//! Frames of more than 288 bytes: groups of eight vectors, perhaps one of four, and at most five
//! vectors behind them.
//!
//! While the cipher works on a group, GHASH works on another: the one before it when sealing, the
//! same one when opening. Both have units of their own in the processor. A group of eight has one
//! reduction, on which the next group waits.

use core::arch::x86_64::*;

use crate::ctr::{self, Counters, encrypt, last_round, round, whiten};
use crate::ghash::{Products, reversed, reversed_block, sum_of_lanes};
use crate::schedule::Schedule;
use crate::small::{Ends, equal, if_true};
use crate::span::Span;

/// Up to this length, in bytes, a frame is verified before it is decrypted. Longer ones are
/// decrypted on the way, and encrypted again if the tag was wrong: one pass is faster where the
/// processor cannot see far enough ahead to overlap two.
pub(crate) const VERIFIED_FIRST: usize = 2048;

/// Vectors in a group, and in a small one.
const GROUP: usize = 8;
const SMALL: usize = 4;
/// Bytes in a vector.
const VECTOR: usize = 64;

/// The number of groups, and whether there is a small one. Behind them there are 3 to 18 blocks:
/// with the lengths at least four, so that what the groups leave in four lanes meets a power of H
/// in each.
#[inline]
fn groups(span: Span) -> (usize, bool) {
    let small = (span.blocks() - 3) / (4 * SMALL);
    (small / 2, small % 2 == 1)
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
    let (groups, small) = groups(span);
    let mut carried = _mm512_zextsi128_si512(ends.first);
    let mut at = 0;
    // SAFETY: groups lie within the span, by their number; for the rest the caller vouches.
    unsafe {
        if groups > 0 {
            let stream = encrypt(schedule, counters.take::<GROUP>());
            let sealed = seal_group(span, 0, stream);
            let mut hashed = reversed_group(sealed, carried);
            for group in 1..groups {
                let (stream, hash) = encrypt_and_hash(schedule, counters.take(), &Made(hashed));
                let sealed = seal_group(span, GROUP * VECTOR * group, stream);
                hashed = reversed_group(sealed, hash);
            }
            carried = hash_group(schedule, hashed);
            at = GROUP * VECTOR * groups;
        }
        if small {
            let stream = encrypt(schedule.again(), counters.take::<SMALL>());
            let sealed = seal_group(span, at, stream);
            carried = hash_group(schedule, reversed_group(sealed, carried));
            at += SMALL * VECTOR;
        }
        let hash = rest::<K, Seal>(schedule, counters, ends, span, at, carried);
        _mm_xor_si128(hash, e_j0(schedule, start))
    }
}

/// Compares the tag, and only if it is right decrypts. Else the same bytes are written again, with
/// the same work.
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
    let (groups, small) = groups(span);
    let mut carried = _mm512_zextsi128_si512(ends.first);
    let mut at = 0;
    // SAFETY: groups lie within the span, by their number; for the rest the caller vouches.
    let hash = unsafe {
        for _ in 0..groups {
            let sealed = load_group::<GROUP>(span, at);
            carried = hash_group(schedule, reversed_group(sealed, carried));
            at += GROUP * VECTOR;
        }
        if small {
            let sealed = load_group::<SMALL>(span, at);
            carried = hash_group(schedule, reversed_group(sealed, carried));
            at += SMALL * VECTOR;
        }
        rest::<K, Verify>(schedule, counters, ends, span, at, carried)
    };
    let right = equal(_mm_xor_si128(hash, e_j0(schedule, counters)), tag);
    ctr::apply(schedule, counters, span, if_true(right));
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
    let (groups, small) = groups(span);
    let mut carried = _mm512_zextsi128_si512(ends.first);
    let mut at = 0;
    // SAFETY: groups lie within the span, by their number; for the rest the caller vouches.
    let hash = unsafe {
        for _ in 0..groups {
            let received = Received { span, at, carried };
            let (stream, hash) = encrypt_and_hash(schedule, counters.take(), &received);
            carried = hash;
            // Loaded again: the registers do not hold a group twice.
            store_group(span, at, xor(load_group(span.again(), at), stream));
            at += GROUP * VECTOR;
        }
        if small {
            let sealed = load_group::<SMALL>(span, at);
            let stream = encrypt(schedule.again(), counters.take());
            carried = hash_group(schedule, reversed_group(sealed, carried));
            store_group(span, at, xor(sealed, stream));
            at += SMALL * VECTOR;
        }
        rest::<K, Open>(schedule, counters, ends, span, at, carried)
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

/// The vectors from `at` on, behind the groups, and the lengths, with one reduction; returns GHASH of everything.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
unsafe fn rest<const K: usize, W: Work>(
    schedule: &Schedule<K>,
    mut counters: Counters,
    ends: Ends,
    span: Span,
    mut at: usize,
    mut carried: __m512i,
) -> __m128i {
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

/// The vectors of a group as GHASH takes them.
trait Group {
    /// # Safety
    /// The processor has the instructions of [`encrypt_and_hash`], and `number` is below [`GROUP`].
    unsafe fn vector(&self, number: usize) -> __m512i;
}

/// Those of the group that was just sealed.
struct Made([__m512i; GROUP]);

impl Group for Made {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
    unsafe fn vector(&self, number: usize) -> __m512i {
        self.0[number]
    }
}

/// Those of a group that is to be opened, each loaded when it is used: there are not enough
/// registers to have them all at once.
struct Received {
    span: Span,
    at: usize,
    carried: __m512i,
}

impl Group for Received {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
    unsafe fn vector(&self, number: usize) -> __m512i {
        let at = self.at + VECTOR * number;
        // SAFETY: who made this vouches for the group.
        let vector = unsafe {
            if number == 0 {
                self.span.load(at)
            } else {
                self.span.load_whole(at)
            }
        };
        let vector = reversed(vector);
        if number == 0 {
            _mm512_xor_si512(vector, self.carried)
        } else {
            vector
        }
    }
}

/// Encrypts a group of counter blocks, and adds a group of blocks to GHASH, step by step in turn.
///
/// Powers four apart, and each the same in all lanes: lanes are sums of their own. There is one
/// caller for each kind of group, into which the compiler puts it: a call would have everything
/// stored.
///
/// # Safety
/// As for [`Span::new`], if the group belongs to a span.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
unsafe fn encrypt_and_hash<const K: usize>(
    schedule: &Schedule<K>,
    mut blocks: [__m512i; GROUP],
    group: &impl Group,
) -> ([__m512i; GROUP], __m512i) {
    // With a group in the cipher and one in GHASH there is no room for round keys that stay.
    let schedule = schedule.again();
    let rounds = schedule.rounds();
    whiten(&mut blocks, &rounds[0]);
    // What the group before left is in the first vector, and comes late: it is multiplied last.
    // SAFETY: the number is below `GROUP`; for the rest the caller vouches.
    let last = unsafe { group.vector(GROUP - 1) };
    let mut products = Products::of(last, schedule.power(4));
    // Written out: the compiler would leave a loop of this size as it is, and its arrays in memory.
    macro_rules! step {
        ($number:literal) => {
            round(&mut blocks, &rounds[$number]);
            let power = schedule.power(4 * ($number + 1));
            // SAFETY: as above.
            let vector = unsafe { group.vector(GROUP - 1 - $number) };
            products = products.and(vector, power);
        };
    }
    step!(1);
    step!(2);
    step!(3);
    step!(4);
    step!(5);
    step!(6);
    step!(7);
    round(&mut blocks, &rounds[8]);
    round(&mut blocks, &rounds[9]);
    for key in &rounds[10..K - 1] {
        round(&mut blocks, key);
    }
    last_round(&mut blocks, &rounds[K - 1]);
    (blocks, products.reduce())
}

/// Adds a group of blocks to GHASH.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,vpclmulqdq")]
fn hash_group<const K: usize, const N: usize>(
    schedule: &Schedule<K>,
    hashed: [__m512i; N],
) -> __m512i {
    // The first comes last: it waits for the group before.
    let mut products = Products::of(hashed[N - 1], schedule.power(4));
    for number in 1..N {
        products = products.and(hashed[N - 1 - number], schedule.power(4 * (number + 1)));
    }
    products.reduce()
}

/// A group as GHASH takes it, with what the groups before it left.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn reversed_group<const N: usize>(mut group: [__m512i; N], carried: __m512i) -> [__m512i; N] {
    for vector in &mut group {
        *vector = reversed(*vector);
    }
    group[0] = _mm512_xor_si512(group[0], carried);
    group
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor<const N: usize>(mut a: [__m512i; N], b: [__m512i; N]) -> [__m512i; N] {
    for (a, b) in a.iter_mut().zip(b) {
        *a = _mm512_xor_si512(*a, b);
    }
    a
}

/// Encrypts the group at `at` with its keystream; what GHASH takes of it.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn seal_group<const N: usize>(span: Span, at: usize, stream: [__m512i; N]) -> [__m512i; N] {
    // SAFETY: groups lie within the span, and the caller vouches for it.
    unsafe {
        let mut sealed = xor(load_group(span, at), stream);
        store_group(span, at, sealed);
        // What the cipher made in the place of E(J0) is no ciphertext.
        sealed[0] = _mm512_maskz_mov_epi8(span.mask(at), sealed[0]);
        sealed
    }
}

/// A group. The first one begins with a masked vector, and others with a mask that leaves nothing
/// out: a branch would part what the processor shall overlap.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn load_group<const N: usize>(span: Span, at: usize) -> [__m512i; N] {
    let mut group = [_mm512_setzero_si512(); N];
    for (number, vector) in group.iter_mut().enumerate() {
        let at = at + VECTOR * number;
        // SAFETY: groups lie within the span, and the caller vouches for it.
        *vector = unsafe {
            if number == 0 {
                span.load(at)
            } else {
                span.load_whole(at)
            }
        };
    }
    group
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
unsafe fn store_group<const N: usize>(span: Span, at: usize, group: [__m512i; N]) {
    for (number, vector) in group.into_iter().enumerate() {
        let at = at + VECTOR * number;
        // SAFETY: groups lie within the span, and the caller vouches for it.
        unsafe {
            if number == 0 {
                span.store(at, vector);
            } else {
                span.store_whole(at, vector);
            }
        }
    }
}
