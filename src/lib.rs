//! **frameseal seals media frames end to end.** SFrame (RFC 9605): every frame is encrypted and
//! authenticated by its sender and opened by its receivers; servers between them forward it
//! without being able to read or change it.
//!
//! ```
//! use frameseal::{CipherSuite, Decryptor, Encryptor, KeyId};
//!
//! # let (base_key, metadata, frame) = ([0x42; 16], b"", b"an encoded frame");
//! # let mut buffer = [0; 256];
//! let mut alice = Encryptor::new(CipherSuite::Aes128GcmSha256_128);
//! alice.add_key(KeyId::new(7), &base_key)?;
//! alice.use_key(KeyId::new(7))?;
//! let mut bob = Decryptor::new(CipherSuite::Aes128GcmSha256_128);
//! bob.add_key(KeyId::new(7), &base_key)?;
//!
//! let len = alice.encrypt(metadata, frame, &mut buffer)?; // header + ciphertext + tag
//! let opened = bob.decrypt(metadata, &mut buffer[..len])?; // in place, no copy
//! assert_eq!(opened.payload, frame);
//! assert_eq!((opened.key_id, opened.counter.value()), (KeyId::new(7), 0));
//! # Ok::<(), frameseal::Error>(())
//! ```
//!
//! # Which types to use
//! - [`Encryptor`] and [`Decryptor`]: keys by key id, on the heap (feature `alloc`, in `std`)
//! - [`KeyRing`]: both, for one participant, with the directions kept apart
//! - [`SharedDecryptor`]: receiving on several threads (feature `std`)
//! - [`fixed`]: the same without an allocator, with a capacity in the type
//! - [`EpochManager`], and [`SharedEpochManager`] for several threads (feature `std`): keys from the
//!   epochs of an MLS group (RFC 9605 §5.2)
//! - [`SenderKeys`]: keys that ratchet and roll, each sender's own (RFC 9605 §5.1); for a single
//!   sender [`SendingChain`] and [`ReceivingChain`]
//! - [`EncryptionKey`], [`DecryptionKey`]: a single key
//! - [`Header`], [`Inspector`]: what can be read without a key, for those who forward frames
//! - [`Monitor`]: how well each member and the call are protected, and what happened; an epoch
//!   manager has one inside
//! - [`HoldingBuffer`]: frames that came before their key
//! - [`VerificationCode`], [`VisibleMetadata`], [`AuditRecord`]: what a product can show and keep
//!
//! # Features
//! `std` (default) has everything of `alloc`; without features the crate is `no_std` and allocates
//! nothing. `aws-lc`, `kernel` and `aes-gcm` add AES-GCM backends ([`Backend`]), `hazmat` the bare
//! AEADs, `json` the inventory and audit records as JSON, `hpke` base keys sealed to each
//! participant (`sender_keys::sealing`). Features only add.
//!
//! # What it promises, and what it does not
//! The library owns the counters, so a nonce is never used twice by one object. Nothing that has
//! not authenticated changes state. It does not hide key ids, counters, sizes and timing (RFC 9605
//! §7.1), and it does not tell members of one group apart who share a key (§7.2).
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![warn(clippy::std_instead_of_core)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::todo,
    clippy::indexing_slicing
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation
    )
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(all(feature = "std", not(test)))]
extern crate std;

mod audit;
#[cfg(feature = "std")]
mod by_key;
mod cipher_suite;
mod config;
mod crypto;
mod decryption_key;
mod decryptor;
mod encryption_key;
mod encryptor;
mod error;
mod event;
pub mod fixed;
mod frame_key;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod header;
mod holding;
mod inspect;
#[cfg(feature = "json")]
mod json;
mod key_ring;
mod key_schedule;
mod keying;
mod kid_layout;
mod member;
mod member_record;
mod metadata;
mod mls;
mod monitor;
mod number;
mod passthrough;
mod policy;
mod replay;
pub mod sender_keys;
mod sending_counter;
#[cfg(feature = "std")]
mod shared;
mod stats;
mod status;
mod storage;
mod strangers;
mod table;
#[cfg(test)]
mod test_vectors;
mod time;
mod usage;
mod verification;
mod visible_metadata;

pub use audit::{AuditKind, AuditRecord};
pub use cipher_suite::{CipherSuite, MAX_TAG_LEN, NONCE_LEN};
pub use config::{ReceiveConfig, SendConfig};
pub use crypto::Backend;
pub use decryption_key::{DecryptionKey, Opened, ReceivingKeyStatus};
pub use decryptor::DecryptorCore;
pub use encryption_key::{EncryptionKey, SendingKeyStatus};
pub use encryptor::EncryptorCore;
pub use error::{Error, SyntaxError};
pub use event::Event;
pub use header::{Counter, EncodedHeader, Header, KeyId, MAX_HEADER_LEN};
pub use holding::{
    FixedFrames, FrameStorage, HeldFrame, HoldingBufferCore, HoldingConfig, HoldingStats,
    KnownKeys, MAX_HELD_FRAMES,
};
pub use inspect::{Inspection, Inspector, NotSFrame, Verdict};
pub use key_ring::KeyRingCore;
pub use key_schedule::{BaseKey, Fingerprint, MIN_BASE_KEY_LEN};
pub use keying::{KeyIdParts, Keying};
pub use kid_layout::{KidLayout, KidParts};
pub use member::{EpochId, GroupTag, MemberId};
pub use metadata::Metadata;
pub use mls::{
    CallStorage, EpochConfig, EpochManagerCore, EpochUpdate, FixedCall, MAX_IDENTITY_LEN, Member,
    Received, SendSwitch, StreamId, StreamKind,
};
#[cfg(feature = "std")]
pub use mls::{EpochReceiver, SharedEpochManager, SharedStream};
pub use monitor::{DEFAULT_STALE_AFTER, MonitorCore, Plain};
pub use passthrough::{InjectedFrames, MAX_PASSTHROUGH};
pub use policy::Policy;
pub use replay::{ReplayProtection, WindowBits};
pub use sender_keys::{
    ChainConfig, JoinerKey, KeysOf, OpenedStep, RatchetBits, ReceivingChainCore,
    ReceivingChainStatus, SenderKeysCore, SendingChain, StepParts,
};
#[cfg(feature = "std")]
pub use shared::SharedDecryptor;
pub use stats::FrameStats;
pub use status::{EncryptionStatus, Status, StatusReason};
#[cfg(feature = "alloc")]
pub use storage::Growing;
pub use storage::{Fixed, Storage};
pub use time::Timestamp;
pub use usage::{ForgeryPolicy, UsageLimits};
pub use verification::{CodeLength, Identity, VERIFICATION_VERSION, VerificationCode};
pub use visible_metadata::{VisibleConfig, VisibleId, VisibleItem, VisibleMetadata};

/// An encryptor that holds as many keys as are added. Its rules are those of [`EncryptorCore`],
/// above all that no two may have the same base key and key id.
#[cfg(feature = "alloc")]
pub type Encryptor = EncryptorCore<Growing>;

/// A decryptor that holds as many keys as are added. Its rules are those of [`DecryptorCore`].
#[cfg(feature = "alloc")]
pub type Decryptor = DecryptorCore<Growing>;

/// A key ring that holds as many keys as are added. Its rules are those of [`KeyRingCore`].
#[cfg(feature = "alloc")]
pub type KeyRing = KeyRingCore<Growing>;

/// All sender keys of one participant, with as many members as are added. Its rules are those of
/// [`SenderKeysCore`].
#[cfg(feature = "alloc")]
pub type SenderKeys = SenderKeysCore<Growing>;

/// The receiving side of one sender key. Its rules are those of [`ReceivingChainCore`].
#[cfg(feature = "alloc")]
pub type ReceivingChain = ReceivingChainCore<Growing>;

/// A holding buffer that allocates the copies of what it holds. Its rules are those of
/// [`HoldingBufferCore`].
#[cfg(feature = "alloc")]
pub type HoldingBuffer = HoldingBufferCore<Growing>;

/// A monitor for as many members as are added. Its rules are those of [`MonitorCore`].
#[cfg(feature = "alloc")]
pub type Monitor = MonitorCore<Growing>;

/// An epoch manager that grows with the call. Its rules are those of [`EpochManagerCore`].
#[cfg(feature = "alloc")]
pub type EpochManager = EpochManagerCore<Growing>;

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
