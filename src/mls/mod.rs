//! Keys from MLS (RFC 9605 §5.2): epochs that come and go while frames are under way.
//!
//! Fifth layer. No MLS engine is inside: any engine feeds [`EpochUpdate`]s, after every accepted
//! commit one. From then on:
//!
//! ```text
//!   add_epoch        sending moves                           keys are wiped
//!       |                  |                                       |
//!       v                  v                                       v
//!       [ receive with both, send with the old ][ send with the new ]
//! ```
//!
//! After a removal the first part has no length, and the second one is short: frames that are under
//! way are opened for two more seconds, or not at all.
//!
//! - [`update`]: what an engine tells
//! - [`config`]: what an application chooses
//! - [`manager`]: the object; `leaving`, `send`, `receive`, `key_frames` and `watch` are parts of
//!   it
//! - [`epoch`]: which epoch may come, which one sends, when each goes
//! - [`roster`]: who is on which leaf, since when
//! - [`sender`], [`stream`]: one stream that is received, one that is sent
//! - [`storage`]: where all that is kept
//! - `shared`: the manager for several threads

pub(crate) mod config;
pub(crate) mod epoch;
mod key_frames;
mod leaving;
pub(crate) mod manager;
mod receive;
pub(crate) mod roster;
mod send;
pub(crate) mod sender;
#[cfg(feature = "std")]
pub(crate) mod shared;
pub(crate) mod storage;
pub(crate) mod stream;
pub(crate) mod update;
mod watch;

pub use config::{EpochConfig, SendSwitch};
pub use manager::EpochManagerCore;
pub use sender::Received;
#[cfg(feature = "std")]
pub use shared::{EpochReceiver, SharedEpochManager, SharedStream};
pub use storage::{CallStorage, FixedCall};
pub use stream::{StreamId, StreamKind};
pub use update::{EpochUpdate, MAX_IDENTITY_LEN, Member};
