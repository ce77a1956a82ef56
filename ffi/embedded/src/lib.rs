//! The C ABI of frameseal for devices that have neither an allocator nor an operating system: what
//! `include/frameseal.h` declares when `FRAMESEAL_NO_ALLOC` is defined.
//!
//! Everything that is the same in the ordinary library is the same file: numbers, texts, structures,
//! and the rules for pointers and overlapping buffers. What differs is how objects come to be. There
//! they are on the heap, behind locks; here they are in memory of the caller, with room for a fixed
//! number of keys, and one call at a time may use one.
//!
//! - of this library: [`placed`] is an object in memory of the caller, [`capacity`] says how much
//!   fits into one, [`entry`] is where C enters, [`panic`] what must not happen; [`encryptor`] with
//!   [`encrypt`], [`decryptor`] with [`decrypt`]
//! - of both: all modules with a path
#![no_std]
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

mod capacity;
mod decrypt;
mod decryptor;
mod encrypt;
mod encryptor;
mod entry;
mod panic;
mod placed;

#[path = "../../src/base_key.rs"]
mod base_key;
#[path = "../../src/buffers.rs"]
mod buffers;
#[path = "../../src/growing.rs"]
#[allow(dead_code, reason = "configurations are read by the ordinary library")]
mod growing;
#[path = "../../src/header.rs"]
mod header;
#[path = "../../src/in_place.rs"]
mod in_place;
#[path = "../../src/key_usage.rs"]
mod key_usage;
#[path = "../../src/metadata.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "metadata comes in one piece here"
)]
mod metadata;
#[path = "../../src/open_info.rs"]
mod open_info;
#[path = "../../src/opening.rs"]
mod opening;
#[path = "../../src/out.rs"]
#[allow(dead_code, reason = "no structure is passed by its address here")]
mod out;
#[path = "../../src/result.rs"]
#[allow(dead_code, reason = "nothing forks here")]
mod result;
#[path = "../../src/sealing.rs"]
mod sealing;
#[path = "../../src/span.rs"]
mod span;
#[path = "../../src/suite.rs"]
mod suite;
#[path = "../../src/version.rs"]
mod version;

pub use base_key::*;
pub use capacity::*;
pub use decrypt::*;
pub use decryptor::*;
pub use encrypt::*;
pub use encryptor::*;
pub use header::*;
pub use key_usage::*;
pub use open_info::*;
pub use result::*;
pub use suite::*;
pub use version::*;
