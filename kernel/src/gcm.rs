//! AES-GCM (NIST SP 800-38D §7) for one frame: which way it takes, and what is wiped after it.

use crate::ctr::{self, Counters};
use crate::schedule::{Schedule, load, store};
use crate::small::Ends;
use crate::span::{LEAD, Span};
use crate::wipe::wipe_registers;
use crate::{Aad, Nonce, aad, ghash, long, small};

/// Encrypts `span`, and returns the tag.
///
/// `aad_block` is that of `aad`, and stands apart so that it comes in registers.
///
/// # Safety
/// As for [`Span::new`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn seal<const K: usize>(
    schedule: &Schedule<K>,
    nonce: Nonce,
    aad_block: u128,
    aad: &Aad<'_>,
    span: &Span,
    tag: &mut [u8; 16],
) {
    let counters = Counters::new(nonce);
    let span = *span;
    let ends = ends(schedule, aad_block, aad, span);
    // SAFETY: the caller vouches for the span.
    let computed = unsafe {
        if span.end() <= LEAD + small::MAX_LEN {
            small::seal(schedule, counters, ends, span)
        } else {
            long::seal(schedule, counters, ends, span)
        }
    };
    store(tag, computed);
    wipe_registers();
}

/// Decrypts `span`, if the tag is right. If it is not, bytes in place are as they were; to another
/// place, what lies there is not plaintext up to [`long::VERIFIED_FIRST`], and may be above.
///
/// # Safety
/// As for [`Span::new`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,bmi2")]
pub(crate) unsafe fn open<const K: usize>(
    schedule: &Schedule<K>,
    nonce: Nonce,
    aad_block: u128,
    aad: &Aad<'_>,
    span: &Span,
    tag: &[u8; 16],
) -> bool {
    let counters = Counters::new(nonce);
    let span = *span;
    let ends = ends(schedule, aad_block, aad, span);
    let tag = load(tag);
    // SAFETY: the caller vouches for the span.
    let right = unsafe {
        if span.end() <= LEAD + small::MAX_LEN {
            small::open(schedule, counters, ends, span, tag)
        } else if span.end() <= LEAD + long::VERIFIED_FIRST {
            long::verify_and_open(schedule, counters, ends, span, tag)
        } else {
            let right = long::open(schedule, counters, ends, span, tag);
            if !right && span.in_place() {
                ctr::apply(schedule, counters, span, small::if_true(true));
            }
            right
        }
    };
    wipe_registers();
    right
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq,bmi2")]
fn ends<const K: usize>(
    schedule: &Schedule<K>,
    aad_block: u128,
    aad: &Aad<'_>,
    span: Span,
) -> Ends {
    let len = aad.len();
    Ends {
        first: aad::hash(schedule, aad_block, aad, len),
        lengths: ghash::lengths(len as u64, (span.end() - LEAD) as u64),
    }
}
