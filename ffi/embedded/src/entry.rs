//! The one place through which C enters: an outcome becomes a number here.
//!
//! The ordinary library contains panics here. This one has none that can be reached, which
//! `tests/embedded.sh` checks; see [`super::panic`].

use super::result::{FRAMESEAL_OK, Failure, frameseal_result};

/// Runs what a function does and turns its outcome into a number.
#[inline]
pub(super) fn enter(body: impl FnOnce() -> Result<(), Failure>) -> frameseal_result {
    match body() {
        Ok(()) => FRAMESEAL_OK,
        Err(failure) => failure.code(),
    }
}

/// Runs what a function does that has no result to answer with. The fallback is for libraries in
/// which a panic can be caught.
#[inline]
pub(super) fn enter_or<T>(_fallback: T, body: impl FnOnce() -> T) -> T {
    body()
}
