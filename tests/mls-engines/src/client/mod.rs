//! Members of either engine behind one trait; what travels between them is bytes.
//!
//! The clients play a delivery service that orders commits: a commit is made, then either accepted
//! ([`Client::accept`], and [`Client::process`] at all others) or dropped ([`Client::drop_pending`]).

mod mls_rs_client;
mod openmls_client;

use frameseal::{CipherSuite, GroupTag};

pub use mls_rs_client::MlsRs;
pub use openmls_client::{OpenMls, Settings};

use crate::{Error, OwnedUpdate};

/// Which engine a client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// `mls-rs`, with its provider on `RustCrypto`.
    MlsRs,
    /// `openmls`, with its provider on `RustCrypto`.
    OpenMls,
}

impl Engine {
    /// A client with this name that is in no group.
    ///
    /// # Errors
    /// Those of the engine; the same for all that follow.
    pub fn client(self, name: &str) -> Result<Box<dyn Client>, Error> {
        Ok(match self {
            Self::MlsRs => Box::new(MlsRs::new(name)?),
            Self::OpenMls => Box::new(OpenMls::new(name, Settings::SHARED)?),
        })
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::MlsRs => Self::OpenMls,
            Self::OpenMls => Self::MlsRs,
        }
    }
}

/// What a commit changes. With neither it renews the committer's own leaf.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Key packages of those who join.
    pub add: Vec<Vec<u8>>,
    /// Leaf indexes of those who go.
    pub remove: Vec<u32>,
}

/// A commit on its way to the delivery service.
#[derive(Clone, Debug)]
pub struct Commit {
    /// For everybody in the group.
    pub message: Vec<u8>,
    /// For those who join, if somebody does.
    pub welcome: Option<Vec<u8>>,
}

/// What a commit of somebody else did to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// We are in the next epoch.
    NewEpoch,
    /// We are no longer in the group.
    Removed,
}

/// A member of a group, or somebody who wants to be. One group for each client at a time.
#[allow(clippy::missing_errors_doc, reason = "those of the engine everywhere")]
pub trait Client {
    /// Which engine it runs.
    fn engine(&self) -> Engine;

    /// Makes a group in which it is alone.
    fn create_group(&mut self, group_id: &[u8]) -> Result<(), Error>;
    /// A key package for one join.
    fn key_package(&mut self) -> Result<Vec<u8>, Error>;
    /// Joins by the welcome of a commit.
    fn join(&mut self, welcome: &[u8]) -> Result<(), Error>;
    /// What somebody needs who joins by an external commit.
    fn group_info(&mut self) -> Result<Vec<u8>, Error>;
    /// Joins by an external commit, which is returned.
    fn join_externally(&mut self, group_info: &[u8]) -> Result<Vec<u8>, Error>;

    /// Makes a commit and stays in the epoch until it is accepted.
    fn commit(&mut self, changes: &Changes) -> Result<Commit, Error>;
    /// The delivery service took the commit.
    fn accept(&mut self) -> Result<(), Error>;
    /// The delivery service took another.
    fn drop_pending(&mut self) -> Result<(), Error>;
    /// Proposes that a member goes.
    fn propose_removal(&mut self, index: u32) -> Result<Vec<u8>, Error>;
    /// How many proposals wait for a commit.
    fn pending_proposals(&self) -> Result<usize, Error>;
    /// Somebody else's accepted commit.
    fn process(&mut self, commit: &[u8]) -> Result<Effect, Error>;
    /// Somebody else's proposal.
    fn process_proposal(&mut self, proposal: &[u8]) -> Result<(), Error>;

    /// Its leaf.
    fn index(&self) -> Result<u32, Error>;
    /// The epoch for frameseal.
    fn to_update(&self, tag: GroupTag, suite: CipherSuite) -> Result<OwnedUpdate, Error>;
    /// `MLS-Exporter(label, "", len)` (RFC 9420 §8.5).
    fn export(&self, label: &str, len: usize) -> Result<Vec<u8>, Error>;
    /// The epoch authenticator (RFC 9420 §8.7).
    fn epoch_authenticator(&self) -> Result<Vec<u8>, Error>;
    /// Forgets what the exporter of this epoch needs.
    fn delete_exporter(&mut self) -> Result<(), Error>;
}

/// A client was asked for something that needs a group.
const NO_GROUP: &str = "the client is in no group";
