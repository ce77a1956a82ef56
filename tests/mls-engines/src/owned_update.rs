//! What both engines have in common: an epoch, read from a group and held until it is passed on.

use frameseal::{EpochUpdate, GroupTag, Member};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// An epoch of a group, as its engine knows it. The base key is wiped when this is dropped, and the
/// epoch manager has its own copy: so not kept for longer than the call of [`Self::lend`].
pub struct OwnedUpdate {
    group: GroupTag,
    epoch: u64,
    base_key: Zeroizing<Vec<u8>>,
    own_index: u32,
    roster: Vec<(u32, Identity)>,
}

/// What tells a member from others.
type Identity = [u8; 32];

impl OwnedUpdate {
    /// `roster`: everybody in the group in ascending order of leaf index, which is the order in
    /// which both engines list them.
    pub(crate) fn new(
        group: GroupTag,
        epoch: u64,
        base_key: Zeroizing<Vec<u8>>,
        own_index: u32,
        roster: Vec<(u32, Identity)>,
    ) -> Self {
        Self {
            group,
            epoch,
            base_key,
            own_index,
            roster,
        }
    }

    /// Lends the update to `receiver`, which is most often `|update| call.add_epoch(now, update)`.
    pub fn lend<R>(&self, receiver: impl FnOnce(&EpochUpdate<'_>) -> R) -> R {
        let members: Vec<Member<'_>> = self
            .roster
            .iter()
            .map(|(index, identity)| Member {
                index: *index,
                identity,
            })
            .collect();
        receiver(&EpochUpdate {
            group: self.group,
            epoch: self.epoch,
            base_key: &self.base_key,
            own_index: Some(self.own_index),
            leaf_count: self.leaf_count(),
            members: &members,
        })
    }

    /// Leaves of the tree, blank ones included. The tree is full, and no larger than its last
    /// member needs (RFC 9420 §4.1, §7.7): so a power of two follows from the highest index.
    fn leaf_count(&self) -> u32 {
        match self.roster.last() {
            Some((highest, _)) => (highest + 1).next_power_of_two(),
            None => 0,
        }
    }
}

/// A member is its credential together with its signature key: the same name with another key is
/// another member until the application has verified it.
///
/// `credential` is encoded as in RFC 9420 §5.3, so it says itself where it ends.
pub(crate) fn identity(credential: &[u8], signature_key: &[u8]) -> Identity {
    let hash = Sha256::new().chain_update(credential);
    hash.chain_update(signature_key).finalize().into()
}
