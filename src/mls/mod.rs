//! Keys from MLS (RFC 9605 §5.2): epochs that come and go while frames are under way.
//!
//! No MLS engine is inside. Any engine feeds [`EpochUpdate`]s.

mod kid_layout;
mod update;

pub use kid_layout::{KidLayout, KidParts};
pub use update::{EpochUpdate, MAX_IDENTITY_LEN, Member};
