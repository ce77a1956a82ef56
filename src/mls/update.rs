//! What an MLS engine tells the epoch manager: a new epoch, with its key and its members.
//!
//! Under `mls/`. No engine is named here: the same plain structure is filled from any of them.

use crate::error::Error;
use crate::member::{EpochId, GroupTag};

/// The longest identity of a member, in bytes. Longer ones are hashed by the application.
pub const MAX_IDENTITY_LEN: usize = 32;

/// A new epoch of the group (RFC 9420), once its commit was accepted.
///
/// Only accepted epochs: one's own commit may lose against another for the same epoch, so it must
/// not be told before the delivery service has taken it.
#[derive(Clone, Copy)]
pub struct EpochUpdate<'a> {
    /// Goes up when the group is made anew.
    pub group: GroupTag,
    /// The full number of the epoch.
    pub epoch: u64,
    /// `MLS-Exporter("SFrame 1.0 Base Key", "", Nk)` (RFC 9605 §5.2): exactly
    /// [`CipherSuite::key_len`](crate::CipherSuite::key_len) bytes. It is copied; the caller wipes
    /// its own.
    pub base_key: &'a [u8],
    /// Our own leaf; `None` to receive only.
    pub own_index: Option<u32>,
    /// Leaves of the tree, blank ones included: all indexes are below it.
    pub leaf_count: u32,
    /// Everybody in the group, ourselves too, in ascending order of leaf index.
    pub members: &'a [Member<'a>],
}

/// A leaf of the group and who is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// The leaf index.
    pub index: u32,
    /// What tells this member from others, 1 to [`MAX_IDENTITY_LEN`] bytes: for example a hash of
    /// the credential and signature key of the leaf. A leaf with another identity than before is
    /// another member.
    pub identity: &'a [u8],
}

impl EpochUpdate<'_> {
    /// The epoch by group and number.
    #[must_use]
    pub fn id(&self) -> EpochId {
        EpochId::new(self.group, self.epoch)
    }

    /// Everything about it that can be wrong by itself.
    pub(crate) fn check(&self, key_len: usize) -> Result<(), Error> {
        let refuse = |what| Err(Error::InvalidArgument(what));
        if self.base_key.len() != key_len {
            return refuse("the base key of an epoch must have Nk bytes");
        }
        let mut previous = None;
        for member in self.members {
            if previous.is_some_and(|previous| previous >= member.index) {
                return refuse("members must come in ascending order of index");
            }
            if member.index >= self.leaf_count {
                return refuse("a member's index must be below the leaf count");
            }
            if member.identity.is_empty() || member.identity.len() > MAX_IDENTITY_LEN {
                return refuse("an identity has 1 to 32 bytes; hash longer ones");
            }
            previous = Some(member.index);
        }
        if let Some(own) = self.own_index
            && self
                .members
                .binary_search_by_key(&own, |member| member.index)
                .is_err()
        {
            return refuse("the own index is not among the members");
        }
        Ok(())
    }
}

impl core::fmt::Debug for EpochUpdate<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EpochUpdate")
            .field("group", &self.group)
            .field("epoch", &self.epoch)
            .field("own_index", &self.own_index)
            .field("leaf_count", &self.leaf_count)
            .field("members", &self.members.len())
            .finish_non_exhaustive()
    }
}
