//! Verification codes in C: digits that people compare, to learn that nobody stands between them.

use core::ffi::c_char;

use frameseal_core::{CodeLength, Identity, VerificationCode};

use super::entry::enter;
use super::metadata::frameseal_slice;
use super::out::argument;
use super::result::{Failure, frameseal_result, invalid};
use super::span::Span;
use super::text_out::TextOut;

/// Digits of a code to read aloud; about 99 bits.
pub const FRAMESEAL_CODE_DIGITS: u32 = 30;
/// Digits of the long code, of which the first `FRAMESEAL_CODE_DIGITS` are the short one; about 199
/// bits.
pub const FRAMESEAL_LONG_CODE_DIGITS: u32 = 60;

/// One of two parties whose identities are compared.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_identity {
    /// What both applications call this party, at least one byte: an account name, a device id. Both
    /// must use the same bytes, so text has to be in one normal form.
    pub name: frameseal_slice,
    /// The long-term public key, at least 32 bytes, in the one encoding that both use.
    pub public_key: frameseal_slice,
}

/// Computes the code of an MLS epoch from its epoch authenticator (RFC 9420 section 8.7), 32 to 64
/// bytes, and writes it to `out`: `digits` ASCII digits, `FRAMESEAL_CODE_DIGITS` or
/// `FRAMESEAL_LONG_CODE_DIGITS`, and a zero byte. `*out_len` is the number of digits. Show them in
/// groups of five, with the number of the epoch: the code changes with every epoch.
///
/// Members with the same code are in the same group, at the same epoch, with the same roster. Then
/// call `frameseal_epoch_manager_set_epoch_verified`.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs, which are
///   `digits` and one more
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the authenticator has another length, there is no code of so
///   many digits, a pointer cannot be right, or `out_len` overlaps `out`
///
/// A call that fails leaves `out` as it was. Takes some 4,000 hashes, a few milliseconds on a
/// telephone: not for the media thread. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_verification_code_for_epoch(
    authenticator: *const u8,
    authenticator_len: usize,
    digits: u32,
    out: *mut c_char,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let text = unsafe { TextOut::new(out, out_capacity, out_len) }?;
        let authenticator = Span::new(authenticator, authenticator_len)?;
        let length = code_length(digits)?;
        // SAFETY: C promises that the bytes can be read; the slice is gone before anything is
        // written.
        let code = VerificationCode::for_epoch(unsafe { authenticator.as_slice() }, length)?;
        // SAFETY: C promises that nobody else uses the buffer.
        unsafe { text.tell(code.digits()) }
    })
}

/// Computes the code of two identities, the same on both sides whichever is named first. It does not
/// change with epochs, only when one of the two has a new key.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a name is empty, a key has fewer than 32 bytes, or both
///   parties are the same
/// - otherwise as `frameseal_verification_code_for_epoch`
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_verification_code_for_pair(
    one: *const frameseal_identity,
    other: *const frameseal_identity,
    digits: u32,
    out: *mut c_char,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let text = unsafe { TextOut::new(out, out_capacity, out_len) }?;
        let length = code_length(digits)?;
        let code = {
            // SAFETY: C promises that all of it can be read and does not change during the call;
            // nothing is written before the end of this block.
            let one = unsafe { identity(one) }?;
            // SAFETY: the same.
            let other = unsafe { identity(other) }?;
            VerificationCode::for_pair(one, other, length)?
        };
        // SAFETY: C promises that nobody else uses the buffer.
        unsafe { text.tell(code.digits()) }
    })
}

fn code_length(digits: u32) -> Result<CodeLength, Failure> {
    match digits {
        FRAMESEAL_CODE_DIGITS => Ok(CodeLength::Thirty),
        FRAMESEAL_LONG_CODE_DIGITS => Ok(CodeLength::Sixty),
        _ => Err(invalid("a code has 30 or 60 digits")),
    }
}

/// # Safety
/// A pointer that is not NULL must be valid for reading, and the bytes in it readable and unchanged
/// for as long as the answer is used.
unsafe fn identity<'a>(pointer: *const frameseal_identity) -> Result<Identity<'a>, Failure> {
    // SAFETY: the promise of the caller; integers and raw pointers only.
    let identity = unsafe { argument(pointer) }?;
    let bytes = |slice: frameseal_slice| {
        let span = Span::new(slice.data, slice.len)?;
        // SAFETY: the promise of the caller.
        Ok::<&'a [u8], Failure>(unsafe { span.as_slice() })
    };
    Ok(Identity {
        name: bytes(identity.name)?,
        public_key: bytes(identity.public_key)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_digits_are_those_of_the_core() {
        for length in [CodeLength::Thirty, CodeLength::Sixty] {
            let digits = u32::try_from(length.digits()).unwrap_or(0);
            assert_eq!(code_length(digits), Ok(length));
        }
        for digits in [0, 29, 31, 59, 61, u32::MAX] {
            assert!(code_length(digits).is_err());
        }
    }
}
