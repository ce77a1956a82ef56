//! Base keys that are derived from base keys: the ratchet, and one for each RTP stream.

use frameseal_core::{BaseKey, CipherSuite, Error};

use super::entry::enter;
use super::out::{Out, refuse_overlap};
use super::result::{Failure, frameseal_result};
use super::span::Span;
use super::suite::frameseal_suite;

/// Derives the next base key of a sender that ratchets (RFC 9605 section 5.1) into `out`, and
/// writes its length, `frameseal_suite_hash_len`, to `*out_len`.
///
/// `out` may overlap `base_key`, so that the new one replaces the old one.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, the base key has fewer than
///   16 bytes or is all zeros, a pointer or length cannot be right, or `out_len` overlaps `out`
///
/// A call that fails leaves `out` as it was. Nothing is kept: wipe both keys when you need them no
/// more. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_base_key_ratchet(
    suite: frameseal_suite,
    base_key: *const u8,
    base_key_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        let base_key = Span::new(base_key, base_key_len)?;
        let out = Span::new(out, out_capacity)?;
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { derive(suite, base_key, out, out_len, BaseKey::ratchet) }
    })
}

/// Derives the base key of one RTP stream (draft-ietf-avtcore-rtp-sframe, per-SSRC keys) into
/// `out`, and writes its length, `frameseal_suite_hash_len`, to `*out_len`.
///
/// Results and rules are those of `frameseal_base_key_ratchet`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_base_key_for_ssrc(
    suite: frameseal_suite,
    base_key: *const u8,
    base_key_len: usize,
    ssrc: u32,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        let base_key = Span::new(base_key, base_key_len)?;
        let out = Span::new(out, out_capacity)?;
        // SAFETY: C promises that pointers are what the header file says.
        unsafe {
            derive(suite, base_key, out, out_len, |suite, base_key| {
                BaseKey::for_ssrc(suite, base_key, ssrc)
            })
        }
    })
}

/// # Safety
/// `base_key` must be readable, `out` and `out_len` writable, and nobody else may use them during
/// the call.
unsafe fn derive(
    suite: frameseal_suite,
    base_key: Span,
    out: Span,
    out_len: *mut usize,
    step: impl FnOnce(CipherSuite, &[u8]) -> Result<BaseKey, Error>,
) -> Result<(), Failure> {
    // SAFETY: the promise of the caller.
    let place = unsafe { Out::new(out_len) }?;
    refuse_overlap(out, &[place.span()])?;
    let suite = CipherSuite::try_from(suite)?;
    // SAFETY: the promise of the caller; this slice ends before the next one begins.
    let derived = step(suite, unsafe { base_key.as_slice() })?;
    // SAFETY: the promise of the caller; no other slice is in use.
    let out = unsafe { out.as_mut_slice() };
    let needed = derived.as_ref().len();
    let Some(to) = out.get_mut(..needed) else {
        place.set(needed);
        return Err(Error::BufferTooSmall { needed }.into());
    };
    to.copy_from_slice(derived.as_ref());
    place.set(needed);
    Ok(())
}
