//! What an MLS engine tells of a new epoch, as C passes it on.

use frameseal_core::{EpochUpdate, GroupTag, Member};

use super::growing::{self, Growing, size_until};
use super::result::{Failure, invalid};
use super::span::Span;

/// The longest identity of a member, in bytes. Longer ones are hashed by the application.
pub const FRAMESEAL_MAX_IDENTITY_LEN: usize = 32;
/// `own_index` of somebody who only receives.
pub const FRAMESEAL_RECEIVE_ONLY: u32 = 0xffff_ffff;

const _: () = assert!(FRAMESEAL_MAX_IDENTITY_LEN == frameseal_core::MAX_IDENTITY_LEN);

/// A leaf of the group and who is on it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_member {
    /// The leaf index.
    pub index: u32,
    /// What tells this member from others: for example a hash of the credential and signature key
    /// of the leaf. The same in every epoch: a leaf with another identity than before is another
    /// member, and the one before counts as removed.
    pub identity: *const u8,
    /// Bytes of it, 1 to `FRAMESEAL_MAX_IDENTITY_LEN`.
    pub identity_len: usize,
}

/// A new epoch of the group (RFC 9420), once its commit was accepted. Initialise all of it to zero,
/// then `struct_size`, then the rest.
///
/// Only accepted epochs: one's own commit may lose against another for the same epoch, so it must
/// not be told before the delivery service has taken it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct frameseal_epoch_update {
    /// `sizeof (frameseal_epoch_update)`.
    pub struct_size: usize,
    /// As in `frameseal_epoch_id`.
    pub group: u64,
    /// The full number of the epoch.
    pub epoch: u64,
    /// `MLS-Exporter("SFrame 1.0 Base Key", "", Nk)` (RFC 9605 section 5.2). It is copied: wipe
    /// your own.
    pub base_key: *const u8,
    /// Bytes of it: exactly `frameseal_suite_key_len`.
    pub base_key_len: usize,
    /// Everybody in the group, ourselves too, in ascending order of leaf index.
    pub members: *const frameseal_member,
    /// How many there are.
    pub member_count: usize,
    /// Leaves of the tree, blank ones included: all indexes are below it.
    pub leaf_count: u32,
    /// Our own leaf, or `FRAMESEAL_RECEIVE_ONLY`.
    ///
    /// **Never leave it out: 0 is not "none", it is leaf 0.** A device that is not on leaf 0 and says
    /// so seals with the keys and nonces of the member there, which destroys the protection of both.
    pub own_index: u32,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers and raw pointers only.
unsafe impl Growing for frameseal_epoch_update {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_epoch_update, own_index) + 4);
}

/// Calls `f` with the update that C passes by this address.
///
/// # Safety
/// A pointer that is not NULL must be to a structure of the size that it says, and everything that
/// it points to must be readable and unchanged during the call.
pub(super) unsafe fn with_update<R>(
    pointer: *const frameseal_epoch_update,
    f: impl FnOnce(&EpochUpdate<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    if pointer.is_null() {
        return Err(invalid("the update is NULL"));
    }
    // SAFETY: the promise of the caller.
    let update = unsafe { growing::read(pointer) }?;
    let base_key = Span::new(update.base_key, update.base_key_len)?;
    // SAFETY: the promise of the caller.
    let members = unsafe { members(&update) }?;
    f(&EpochUpdate {
        group: GroupTag::new(update.group),
        epoch: update.epoch,
        // SAFETY: the promise of the caller; the slice does not outlive the call.
        base_key: unsafe { base_key.as_slice() },
        own_index: (update.own_index != FRAMESEAL_RECEIVE_ONLY).then_some(update.own_index),
        leaf_count: update.leaf_count,
        members: &members,
    })
}

/// # Safety
/// The members must be readable, and their identities readable and unchanged for as long as the
/// answer is used.
unsafe fn members<'a>(update: &frameseal_epoch_update) -> Result<Vec<Member<'a>>, Failure> {
    let (members, count) = (update.members, update.member_count);
    if usize::try_from(update.leaf_count).is_ok_and(|leaves| count > leaves) {
        return Err(invalid("more members than leaves"));
    }
    let bytes = count
        .checked_mul(size_of::<frameseal_member>())
        .ok_or_else(|| invalid("longer than memory can be"))?;
    Span::new(members.cast(), bytes)?;
    if !members.is_aligned() {
        return Err(invalid("the members are misaligned"));
    }
    let mut list = Vec::with_capacity(count);
    for at in 0..count {
        // SAFETY: `at` is below the count, of which all are readable by the promise of the caller;
        // not NULL and aligned, as checked.
        let member = unsafe { members.add(at).read() };
        let identity = Span::new(member.identity, member.identity_len)?;
        if member.identity_len > FRAMESEAL_MAX_IDENTITY_LEN {
            return Err(invalid("an identity has at most 32 bytes"));
        }
        list.push(Member {
            index: member.index,
            // SAFETY: the promise of the caller.
            identity: unsafe { identity.as_slice() },
        });
    }
    Ok(list)
}

impl core::fmt::Debug for frameseal_epoch_update {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Not where the key is.
        f.debug_struct("frameseal_epoch_update")
            .field("group", &self.group)
            .field("epoch", &self.epoch)
            .field("member_count", &self.member_count)
            .finish_non_exhaustive()
    }
}
