//! The C ABI of frameseal: what `include/frameseal.h` declares.
//!
//! The core has no `unsafe`; this crate has all of it, and does nothing else than what a language
//! border needs: it checks pointers and lengths, makes references of them, calls the core, and
//! gives results back. The comments of the public items are written for C programmers: cbindgen
//! copies them into the header.
//!
//! - the border: [`entry`] contains panics, [`span`], [`out`] and [`growing`] turn pointers into
//!   something safe, [`buffers`] sorts out overlap, [`fork`] notices a fork
//! - the functions: [`version`], [`result`], [`suite`], [`header`], [`base_key`], [`encryptor`]
//!   with [`encrypt`], [`decryptor`] with [`decrypt`]
#![deny(
    unsafe_op_in_unsafe_fn,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(
    non_camel_case_types,
    reason = "the types have the names that they have in C"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header says once, at its top, what every pointer must be"
)]

mod base_key;
mod buffers;
mod decrypt;
mod decryptor;
mod encrypt;
mod encryptor;
mod entry;
mod fork;
mod growing;
mod header;
mod key_status;
mod metadata;
mod opening;
mod out;
mod result;
mod sealing;
mod span;
mod suite;
mod version;

pub use base_key::*;
pub use decrypt::*;
pub use decryptor::*;
pub use encrypt::*;
pub use encryptor::*;
pub use header::*;
pub use key_status::*;
pub use metadata::*;
pub use result::*;
pub use suite::*;
pub use version::*;
