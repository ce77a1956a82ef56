//! Keys from MLS (RFC 9605 §5.2): epochs that come and go while frames are under way.
//!
//! No MLS engine is inside. Any engine feeds [`EpochUpdate`]s.

mod update;

pub use update::{EpochUpdate, MAX_IDENTITY_LEN, Member};
