//! The C ABI of frameseal: what `include/frameseal.h` declares.
//!
//! The core has no `unsafe`; this crate has all of it, and does nothing else than what a language
//! border needs: it checks pointers and lengths, makes references of them, calls the core, and
//! gives results back. The comments of the public items are written for C programmers: cbindgen
//! copies them into the header.
//!
//! - the border: [`entry`] contains panics, [`span`], [`out`] and [`growing`] turn pointers into
//!   something safe, [`buffers`] sorts out overlap, [`fork`] notices a fork and [`kept`] what it
//!   leaves half changed, [`turns`] is the lock of what seals, [`owned`] has the objects of C,
//!   [`sealing`] and [`opening`] bring it together for a frame, [`list`] for answers of any number
//! - the functions: [`version`], [`result`], [`last_error`], [`suite`], [`backend`], [`header`], [`base_key`],
//!   [`encryptor`] with [`encrypt`], [`decryptor`] with [`decrypt`]
//! - those for keys from MLS: [`epoch_manager`], set up by [`epoch_config`], fed by
//!   [`epoch_update`], asked by [`epoch_watch`] with [`call_status`] and [`event`], with
//!   [`passthrough`]; [`stream`] and [`receiver`] for its frames; [`identity`] names epochs and
//!   members, [`member_list`] tells all of them
//! - those for sender keys: [`sender_keys`], set up by [`sender_key_config`], with
//!   [`sender_key_members`], [`sender_key_frames`] and [`sender_key_sealing`]
//! - beside any of them: [`monitor`] with [`monitor_watch`] and [`monitor_passthrough`],
//!   [`holding_buffer`] with [`holding_frames`], [`inspector`], [`visible_metadata`],
//!   [`verification_code`] and [`event_audit`]; [`keying`] tells key ids apart, [`text_out`] writes
//!   text
//!
//! What needs neither std nor an allocator is also a part of `embedded/`, the library for devices
//! that have neither: modules that it takes in are listed in its `lib.rs`.
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

mod backend;
mod base_key;
mod buffers;
mod call_status;
mod decrypt;
mod decryptor;
mod encrypt;
mod encryptor;
mod entry;
mod epoch_config;
mod epoch_manager;
mod epoch_update;
mod epoch_watch;
mod event;
mod event_audit;
mod fork;
mod growing;
mod header;
mod holding_buffer;
mod holding_frames;
mod identity;
mod in_place;
mod inspector;
mod kept;
mod key_status;
mod key_usage;
mod keying;
mod last_error;
mod list;
mod member_list;
mod metadata;
mod monitor;
mod monitor_passthrough;
mod monitor_watch;
mod open_info;
mod opening;
mod out;
mod owned;
mod passthrough;
mod receiver;
mod result;
mod sealing;
mod sender_key_config;
mod sender_key_frames;
mod sender_key_members;
mod sender_key_sealing;
mod sender_keys;
mod span;
mod stream;
mod suite;
mod text_out;
mod turns;
mod verification_code;
mod version;
mod visible_metadata;

pub use backend::*;
pub use base_key::*;
pub use call_status::*;
pub use decrypt::*;
pub use decryptor::*;
pub use encrypt::*;
pub use encryptor::*;
pub use epoch_config::*;
pub use epoch_manager::*;
pub use epoch_update::*;
pub use epoch_watch::*;
pub use event::*;
pub use event_audit::*;
pub use header::*;
pub use holding_buffer::*;
pub use holding_frames::*;
pub use identity::*;
pub use inspector::*;
pub use key_status::*;
pub use key_usage::*;
pub use keying::*;
pub use last_error::*;
pub use member_list::*;
pub use metadata::*;
pub use monitor::*;
pub use monitor_passthrough::*;
pub use monitor_watch::*;
pub use open_info::*;
pub use passthrough::*;
pub use receiver::*;
pub use result::*;
pub use sender_key_config::*;
pub use sender_key_frames::*;
pub use sender_key_members::*;
pub use sender_key_sealing::*;
pub use sender_keys::*;
pub use stream::*;
pub use suite::*;
pub use verification_code::*;
pub use version::*;
pub use visible_metadata::*;
