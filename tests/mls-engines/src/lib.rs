//! How frameseal gets its keys from an MLS engine (RFC 9605 §5.2), for two engines.
//!
//! [`from_mls_rs`] and [`from_openmls`] are what an application needs: each reads the current epoch
//! of a group into an [`OwnedUpdate`], which the epoch manager takes. The rest is for the tests:
//! [`client`] has members of both engines behind one trait, so that they can be in one group,
//! [`room`] such a group, and [`call`] the frames of a member.

pub mod call;
pub mod client;
pub mod from_mls_rs;
pub mod from_openmls;
mod owned_update;
pub mod room;

pub use owned_update::OwnedUpdate;

/// Whatever an engine reports.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Label of the MLS exporter for the base key of an epoch (RFC 9605 §5.2). Its context is empty.
const LABEL: &str = "SFrame 1.0 Base Key";
