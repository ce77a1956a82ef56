//! What must be refused, and what a refusal leaves behind: nothing.
//!
//! Each test is one way to be wrong, given to every kind of receiver in every suite and buffer
//! mode. Each checks the kind of error, that no state moved but a counter of failures, that no
//! unverified plaintext is in any buffer, and that the next good frame still opens. The checks are
//! in `receiver.rs`; the other files are the cases.
#![cfg(feature = "std")]

#[path = "../support/frames.rs"]
mod frames;
mod receiver;

mod authentication;
mod codes;
mod directions;
mod forgeries;
mod header;
mod keys;
mod replay;
mod sealing;
mod secrets;
