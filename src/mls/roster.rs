//! Who is on which leaf, and since when: membership without cryptography and without a list for
//! each epoch.
//!
//! Under `mls/`. Members are stored once, with the epoch in which they came; those who left, until
//! the last epoch that they were in has retired. Leaf indexes are used again, even inside one
//! commit, so who an index is depends on the epoch (RFC 9420 §12.1.1).

use crate::error::Error;
use crate::storage::Storage;
use crate::table::Table;

use super::update::{EpochUpdate, MAX_IDENTITY_LEN, Member};

/// Epochs in the order in which they were added, from 1 on.
pub(crate) type Serial = u32;

pub(crate) struct Roster<M: Storage> {
    present: M::Table<u32, Leaf>,
    /// By leaf index and the epoch in which they were gone.
    departed: M::Table<(u32, Serial), Stay>,
    count: u32,
    unverified: u32,
}

/// Since when a member is on a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) since: Serial,
    /// The number of that epoch in its group.
    pub(crate) joined: u64,
}

#[derive(Clone, Copy)]
struct Leaf {
    identity: [u8; MAX_IDENTITY_LEN],
    identity_len: u8,
    verified: bool,
    /// The latest epoch that the member has acknowledged.
    ready: Serial,
    /// The latest epoch that has the member.
    seen: Serial,
    // A `Stay`, without its padding: with the index, a member takes 64 bytes.
    since: Serial,
    joined: u64,
}

/// What an update changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Members after it.
    pub(crate) members: usize,
    pub(crate) joined: usize,
    pub(crate) left: usize,
}

impl<M: Storage> Roster<M> {
    pub(crate) fn new() -> Self {
        Self {
            present: M::table(),
            departed: M::table(),
            count: 0,
            unverified: 0,
        }
    }

    /// What [`Self::apply`] would change; in a new group everybody is new.
    pub(crate) fn changes(&self, update: &EpochUpdate<'_>, new_group: bool) -> Changes {
        let stay = |member: &&Member<'_>| {
            let leaf = self.present.get(member.index);
            !new_group && leaf.is_some_and(|leaf| leaf.is(member))
        };
        let members = update.members.len();
        let stay = update.members.iter().filter(stay).count();
        Changes {
            members,
            joined: members - stay,
            left: (self.count as usize).saturating_sub(stay),
        }
    }

    /// Whether the members fit.
    pub(crate) fn check_room(&self, changes: Changes) -> Result<(), Error> {
        let places = self.present.room().saturating_add(self.count as usize);
        if changes.members > places {
            return Err(Error::Capacity(places));
        }
        Ok(())
    }

    /// Whether those who leave can be remembered; if not, epochs must retire first.
    pub(crate) fn remembers(&self, changes: Changes) -> bool {
        changes.left <= self.departed.room()
    }

    /// Takes over the members of an epoch. Capacity has been checked.
    pub(crate) fn apply(
        &mut self,
        update: &EpochUpdate<'_>,
        changes: Changes,
        serial: Serial,
        new_group: bool,
    ) {
        let Self {
            present, departed, ..
        } = self;
        for member in update.members {
            if let Some(leaf) = present.get_mut(member.index)
                && !new_group
                && leaf.is(member)
            {
                leaf.seen = serial;
            }
        }
        // Those who are gone make room for those who come.
        present.retain_all(|index, leaf| {
            if leaf.seen != serial {
                // There is room, or no epoch is left that would ask.
                let _ = departed.insert((index, serial), leaf.stay());
            }
            leaf.seen == serial
        });
        let stay = Stay {
            since: serial,
            joined: update.epoch,
        };
        present.reserve(changes.joined);
        for member in update.members {
            if present.get_mut(member.index).is_none() {
                let own = update.own_index == Some(member.index);
                let _ = present.insert(member.index, Leaf::new(member, stay, own));
            }
        }
        self.count = u32::try_from(update.members.len()).unwrap_or(u32::MAX);
        self.count_unverified();
    }

    /// Who is on a leaf in an epoch.
    pub(crate) fn find(&self, index: u32, serial: Serial) -> Option<Stay> {
        if let Some(leaf) = self.present.get(index)
            && leaf.since <= serial
        {
            return Some(leaf.stay());
        }
        // Stays on one leaf do not overlap: the first that ended later is the one, or none is.
        let ((leaf, _), stay) = self
            .departed
            .first_from((index, serial.saturating_add(1)))?;
        (leaf == index && stay.since <= serial).then_some(*stay)
    }

    /// Forgets those who left before the oldest live epoch; whether there was anybody.
    pub(crate) fn forget_before(&mut self, oldest: Serial) -> bool {
        let mut any = false;
        self.departed.retain_all(|(_, gone), _| {
            any |= gone <= oldest;
            gone > oldest
        });
        any
    }

    /// Notes that a member has an epoch: which epochs it had acknowledged before, if that is news.
    pub(crate) fn acknowledge(&mut self, index: u32, serial: Serial) -> Option<Serial> {
        let leaf = self.present.get_mut(index)?;
        let before = leaf.ready.max(leaf.since.saturating_sub(1));
        if serial <= before {
            return None;
        }
        leaf.ready = serial;
        Some(before)
    }

    /// Marks the member that is on a leaf now, if it has been there since this epoch of its group.
    pub(crate) fn set_verified(&mut self, index: u32, joined: u64, verified: bool) -> bool {
        let found = match self.present.get_mut(index) {
            Some(leaf) if leaf.joined == joined => {
                leaf.verified = verified;
                true
            }
            _ => false,
        };
        self.count_unverified();
        found
    }

    /// Marks everybody.
    pub(crate) fn set_all_verified(&mut self) {
        for (_, leaf) in self.present.iter_mut() {
            leaf.verified = true;
        }
        self.count_unverified();
    }

    pub(crate) fn is_verified(&self, index: u32, joined: u64) -> bool {
        self.present
            .get(index)
            .is_some_and(|leaf| leaf.verified && leaf.joined == joined)
    }

    /// Members now.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Members now whose identity was not compared.
    pub(crate) fn unverified(&self) -> u32 {
        self.unverified
    }

    /// Everybody who is a member now: leaf index, since when, identity.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Stay, &[u8])> {
        self.present
            .iter()
            .map(|(index, leaf)| (index, leaf.stay(), leaf.identity()))
    }

    fn count_unverified(&mut self) {
        let unverified = self.present.iter().filter(|(_, leaf)| !leaf.verified);
        self.unverified = u32::try_from(unverified.count()).unwrap_or(u32::MAX);
    }
}

impl Leaf {
    fn new(member: &Member<'_>, stay: Stay, own: bool) -> Self {
        let mut identity = [0; MAX_IDENTITY_LEN];
        for (to, from) in identity.iter_mut().zip(member.identity) {
            *to = *from;
        }
        Self {
            identity,
            // Checked with the update.
            identity_len: u8::try_from(member.identity.len()).unwrap_or(u8::MAX),
            // We need not compare our own identity.
            verified: own,
            ready: 0,
            seen: stay.since,
            since: stay.since,
            joined: stay.joined,
        }
    }

    fn stay(&self) -> Stay {
        Stay {
            since: self.since,
            joined: self.joined,
        }
    }

    fn identity(&self) -> &[u8] {
        self.identity
            .get(..usize::from(self.identity_len))
            .unwrap_or(&self.identity)
    }

    fn is(&self, member: &Member<'_>) -> bool {
        self.identity() == member.identity
    }
}

impl<M: Storage> core::fmt::Debug for Roster<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Identities are personal data.
        f.debug_struct("Roster")
            .field("count", &self.count)
            .field("unverified", &self.unverified)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::GroupTag;

    type Small = crate::storage::Fixed<4>;

    fn apply(
        roster: &mut Roster<Small>,
        epoch: u64,
        serial: Serial,
        members: &[(u32, &str)],
    ) -> Changes {
        let members: Vec<_> = members
            .iter()
            .map(|(index, identity)| Member {
                index: *index,
                identity: identity.as_bytes(),
            })
            .collect();
        let update = EpochUpdate {
            group: GroupTag::new(1),
            epoch,
            base_key: &[],
            own_index: Some(0),
            leaf_count: 8,
            members: &members,
        };
        let changes = roster.changes(&update, false);
        roster.check_room(changes).unwrap();
        roster.apply(&update, changes, serial, false);
        changes
    }

    #[test]
    fn a_leaf_that_is_reused_in_one_commit_belongs_to_two_members() {
        let mut roster = Roster::new();
        apply(&mut roster, 10, 1, &[(0, "alice"), (1, "bob")]);
        let changes = apply(&mut roster, 11, 2, &[(0, "alice"), (1, "dave")]);
        assert_eq!((changes.joined, changes.left), (1, 1));
        let stay = |serial| roster.find(1, serial).map(|stay| stay.joined);
        assert_eq!((stay(1), stay(2)), (Some(10), Some(11)));
        assert_eq!(roster.find(0, 2).map(|stay| stay.joined), Some(10));
        roster.forget_before(2);
        assert_eq!(roster.find(1, 1), None);
    }

    #[test]
    fn members_are_not_found_before_they_came_nor_after_they_left() {
        let mut roster = Roster::new();
        apply(&mut roster, 1, 1, &[(0, "alice")]);
        apply(&mut roster, 2, 2, &[(0, "alice"), (7, "bob")]);
        let changes = apply(&mut roster, 3, 3, &[(0, "alice")]);
        assert_eq!((changes.joined, changes.left), (0, 1));
        let there = [1, 2, 3].map(|serial| roster.find(7, serial).is_some());
        assert_eq!(there, [false, true, false]);
    }

    #[test]
    fn verification_belongs_to_the_member_and_not_to_the_leaf() {
        let mut roster = Roster::new();
        apply(&mut roster, 1, 1, &[(0, "alice"), (1, "bob")]);
        assert_eq!(roster.unverified(), 1, "we need not verify ourselves");
        assert!(roster.set_verified(1, 1, true));
        assert_eq!(roster.unverified(), 0);
        apply(&mut roster, 2, 2, &[(0, "alice"), (1, "mallory")]);
        assert_eq!(roster.unverified(), 1);
        assert!(!roster.set_verified(1, 1, true), "that was bob");
        assert!(!roster.is_verified(1, 2));
    }

    #[test]
    fn an_acknowledgement_counts_once_and_only_from_joining_on() {
        let mut roster = Roster::new();
        apply(&mut roster, 1, 1, &[(0, "alice"), (1, "bob")]);
        assert_eq!(roster.acknowledge(1, 3), Some(0));
        assert_eq!(roster.acknowledge(1, 2), None);
        assert_eq!(roster.acknowledge(5, 1), None);
        apply(&mut roster, 2, 4, &[(0, "alice"), (1, "bob"), (2, "eve")]);
        assert_eq!(roster.acknowledge(2, 4), Some(3));
    }

    #[test]
    fn who_leaves_makes_room_for_who_comes_and_more_is_an_error() {
        let mut roster = Roster::<Small>::new();
        apply(&mut roster, 1, 1, &[(0, "a"), (1, "b"), (2, "c"), (3, "d")]);
        apply(&mut roster, 2, 2, &[(0, "a"), (1, "b"), (2, "c"), (4, "e")]);
        assert!(roster.find(4, 2).is_some() && roster.find(3, 1).is_some());
        let five = Changes {
            members: 5,
            ..Changes::default()
        };
        assert_eq!(roster.check_room(five), Err(Error::Capacity(4)));
    }
}
