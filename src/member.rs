//! Who takes part: members, not places.
//!
//! Bottom of the layers. Status, statistics and verification belong to a member. Leaf indexes of
//! MLS are used again, so an index alone does not name anybody (RFC 9420 §7.7, §12.1.1).

/// Tells one MLS group from another that was made anew and counts its epochs from 0 again.
///
/// The application chooses it: a number that goes up whenever the group is made anew, for example
/// 1, 2, 3 as it sees them. Epochs of a lower tag count as older, so that no group comes back, and
/// no counter starts again under a key that was used. It stays on this device: members need not
/// have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GroupTag(u64);

impl GroupTag {
    /// Wraps the number; every `u64` is valid.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// An epoch of an MLS group (RFC 9420), by its full number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EpochId {
    /// Which group.
    pub group: GroupTag,
    /// The number of the epoch in it.
    pub epoch: u64,
}

impl EpochId {
    /// The epoch of this number in a group.
    #[must_use]
    pub const fn new(group: GroupTag, epoch: u64) -> Self {
        Self { group, epoch }
    }
}

/// A member of a call. Whoever takes a place that somebody left is another member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MemberId {
    /// A leaf of an MLS group, from the epoch on in which this member came to it.
    Leaf {
        /// Which group.
        group: GroupTag,
        /// The leaf index, which is the sender index of RFC 9605 §5.2.
        index: u32,
        /// The epoch in which the member was first seen on this leaf.
        joined: u64,
    },
    /// A number that the application gave, and gives to nobody else in this call.
    Application(u64),
}
