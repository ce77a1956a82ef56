//! Which epoch and which member, as C names them.

use frameseal_core::{EpochId, GroupTag, MemberId};

use super::out::argument;
use super::result::{Failure, invalid};

/// An epoch of an MLS group (RFC 9420), by its full number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct frameseal_epoch_id {
    /// Which group: a number that the application chooses and that goes up whenever the group is
    /// made anew, for example 1, 2, 3. It stays on this device.
    pub group: u64,
    /// The number of the epoch in it.
    pub epoch: u64,
}

/// `kind` of a `frameseal_member_id` that names nobody.
pub const FRAMESEAL_MEMBER_NONE: u32 = 0;
/// `kind` of a member who is on a leaf of an MLS group.
pub const FRAMESEAL_MEMBER_LEAF: u32 = 1;
/// `kind` of a member whom the application numbers itself, as a monitor's are.
pub const FRAMESEAL_MEMBER_APPLICATION: u32 = 2;

/// A member of a call. Leaves are used again: whoever comes to a leaf that somebody left is another
/// member, with another `joined`. `frameseal_epoch_manager_member_at` tells who is there now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct frameseal_member_id {
    /// Which group.
    pub group: u64,
    /// The epoch in which the member was first seen on this leaf.
    pub joined: u64,
    /// The leaf index, which is the sender index of RFC 9605 section 5.2.
    pub index: u32,
    /// `FRAMESEAL_MEMBER_LEAF`; or `FRAMESEAL_MEMBER_APPLICATION`, and then all else but `number`
    /// is 0; or `FRAMESEAL_MEMBER_NONE`, and then all else is 0.
    pub kind: u32,
    /// The number that the application gave, for `FRAMESEAL_MEMBER_APPLICATION`; else 0.
    pub number: u64,
}

impl From<EpochId> for frameseal_epoch_id {
    fn from(id: EpochId) -> Self {
        Self {
            group: id.group.value(),
            epoch: id.epoch,
        }
    }
}

impl From<MemberId> for frameseal_member_id {
    fn from(member: MemberId) -> Self {
        match member {
            MemberId::Leaf {
                group,
                index,
                joined,
            } => Self {
                group: group.value(),
                joined,
                index,
                kind: FRAMESEAL_MEMBER_LEAF,
                number: 0,
            },
            MemberId::Application(number) => Self {
                kind: FRAMESEAL_MEMBER_APPLICATION,
                number,
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

/// The epoch that C names by this address.
///
/// # Safety
/// A pointer that is not NULL must be valid for reading during the call.
pub(super) unsafe fn epoch_id(pointer: *const frameseal_epoch_id) -> Result<EpochId, Failure> {
    // SAFETY: the promise of the caller; integers only.
    let id = unsafe { argument(pointer) }?;
    Ok(EpochId::new(GroupTag::new(id.group), id.epoch))
}

/// The member that C names by this address.
///
/// # Safety
/// A pointer that is not NULL must be valid for reading during the call.
pub(super) unsafe fn member_id(pointer: *const frameseal_member_id) -> Result<MemberId, Failure> {
    // SAFETY: the promise of the caller; integers only.
    let member = unsafe { argument(pointer) }?;
    match told_member(member) {
        Some(leaf @ MemberId::Leaf { .. }) => Ok(leaf),
        _ => Err(invalid("names no leaf")),
    }
}

/// The member that C was told of; `None` for a kind that does not exist.
pub(super) fn told_member(member: frameseal_member_id) -> Option<MemberId> {
    match member.kind {
        FRAMESEAL_MEMBER_LEAF => Some(MemberId::Leaf {
            group: GroupTag::new(member.group),
            index: member.index,
            joined: member.joined,
        }),
        FRAMESEAL_MEMBER_APPLICATION => Some(MemberId::Application(member.number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_back_as_it_was_named() {
        let member = MemberId::Leaf {
            group: GroupTag::new(u64::MAX),
            index: 7,
            joined: 1 << 40,
        };
        let named = frameseal_member_id::from(member);
        // SAFETY: the address of a local.
        assert_eq!(unsafe { member_id(&raw const named) }, Ok(member));
        let numbered = frameseal_member_id::from(MemberId::Application(3));
        assert_eq!(
            (numbered.kind, numbered.number),
            (FRAMESEAL_MEMBER_APPLICATION, 3)
        );
        for other in [numbered, frameseal_member_id::default()] {
            // SAFETY: the address of a local.
            assert!(unsafe { member_id(&raw const other) }.is_err(), "no leaf");
        }
    }
}
