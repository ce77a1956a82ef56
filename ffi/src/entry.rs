//! The one place through which C enters: a panic ends here and becomes a result.
//!
//! The library has no panic that it knows of. Were there one, unwinding into C would be undefined,
//! so every function runs inside one of these.

use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::result::{FRAMESEAL_OK, Failure, frameseal_result};

/// Runs what a function does and turns its outcome into a number.
#[inline]
pub(super) fn enter(body: impl FnOnce() -> Result<(), Failure>) -> frameseal_result {
    let answer = contained(|| match body() {
        Ok(()) => FRAMESEAL_OK,
        Err(failure) => failed(failure),
    });
    answer.unwrap_or_else(|| failed(Failure::Internal))
}

#[cold]
fn failed(failure: Failure) -> frameseal_result {
    super::last_error::remember(failure);
    failure.code()
}

/// Runs what a function does that has no result to answer with; `fallback` stands for a panic.
#[inline]
pub(super) fn enter_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    contained(body).unwrap_or(fallback)
}

/// `None` for a panic.
#[inline]
fn contained<T>(body: impl FnOnce() -> T) -> Option<T> {
    // Unwind safety: after a panic nothing of the call is used again but an encryptor or a stream,
    // which is marked as lost then, and a decryptor, receiver or epoch manager, whose state changes
    // in single steps under locks of the core.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(answer) => Some(answer),
        Err(payload) => {
            // Dropping it could panic again, outside of the net.
            core::mem::forget(payload);
            None
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "panics are what is tested")]
mod tests {
    use super::super::last_error::frameseal_last_error_text;
    use super::super::result::{FRAMESEAL_ERROR_FORKED, FRAMESEAL_ERROR_INTERNAL};
    use super::*;

    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("again");
        }
    }

    #[test]
    fn a_panic_becomes_an_internal_error() {
        assert_eq!(enter(|| panic!("once")), FRAMESEAL_ERROR_INTERNAL);
        assert_eq!(enter_or(7, || panic!("once")), 7);
    }

    #[test]
    fn a_payload_that_panics_when_it_is_dropped_is_contained_too() {
        let thrown = || std::panic::panic_any(PanicsWhenDropped);
        assert_eq!(enter(thrown), FRAMESEAL_ERROR_INTERNAL);
    }

    #[test]
    fn the_text_of_the_last_error_is_that_of_the_panic() {
        let text = || {
            let text = frameseal_last_error_text();
            // SAFETY: the text is the library's and ends with a zero byte.
            unsafe { core::ffi::CStr::from_ptr(text) }.to_owned()
        };
        enter(|| Err(Failure::Forked));
        let before = text();
        enter(|| panic!("once"));
        assert_ne!(text(), before);
        enter(|| Err(Failure::Internal));
        let internal = text();
        enter(|| Err(Failure::Forked));
        enter(|| panic!("once"));
        assert_eq!(text(), internal);
    }

    #[test]
    fn without_a_panic_the_outcome_is_passed_on() {
        assert_eq!(enter(|| Ok(())), FRAMESEAL_OK);
        assert_eq!(enter(|| Err(Failure::Forked)), FRAMESEAL_ERROR_FORKED);
        assert_eq!(enter_or(7, || 8), 8);
    }
}
