//! What the kernel must do, as functions that run in a test and on a bare machine alike.
//!
//! Every operation is compared with the crate `aes-gcm`. Randomness is a function of the seed. A
//! check panics where something is wrong.

pub(crate) mod against;
pub(crate) mod failures;
pub(crate) mod pages;
pub(crate) mod random;
#[cfg(target_arch = "x86_64")]
pub(crate) mod secrets;
pub(crate) mod vectors;
