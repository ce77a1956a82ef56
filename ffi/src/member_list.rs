//! Lists of members: how well each is protected, and who is in the newest epoch.

use frameseal_core::{MemberId, Status, Timestamp};

use super::call_status::{
    frameseal_encryption_status, frameseal_status_reason, level_number, reason_number,
};
use super::entry::enter;
use super::epoch_manager::frameseal_epoch_manager;
use super::epoch_update::FRAMESEAL_MAX_IDENTITY_LEN;
use super::identity::frameseal_member_id;
use super::list::{Entries, Entry};
use super::monitor::frameseal_monitor;
use super::out::object;
use super::result::frameseal_result;

/// How well one member is protected. It may grow in later versions, so functions that fill an array
/// of it take `sizeof (frameseal_member_status)` as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct frameseal_member_status {
    /// Which member.
    pub member: frameseal_member_id,
    /// How well: one of the `FRAMESEAL_STATUS_` numbers.
    pub level: frameseal_encryption_status,
    /// Why: one of the `FRAMESEAL_REASON_` numbers.
    pub reason: frameseal_status_reason,
}

/// Somebody who is in the newest epoch. It may grow in later versions, so functions that fill an
/// array of it take `sizeof (frameseal_present_member)` as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct frameseal_present_member {
    /// Which member.
    pub member: frameseal_member_id,
    /// What the epoch's update gave as identity, and zeros behind it.
    pub identity: [u8; FRAMESEAL_MAX_IDENTITY_LEN],
    /// Bytes of it.
    pub identity_len: usize,
}

// SAFETY: `repr(C)`, integers only.
unsafe impl Entry for frameseal_member_status {
    const FIRST_SIZE: usize = size_of::<Self>();
}

// SAFETY: `repr(C)`, integers only.
unsafe impl Entry for frameseal_present_member {
    const FIRST_SIZE: usize = size_of::<Self>();
}

impl frameseal_member_status {
    fn new((member, status): (MemberId, Status)) -> Self {
        Self {
            member: member.into(),
            level: level_number(status.level),
            reason: reason_number(status.reason),
        }
    }
}

impl frameseal_present_member {
    fn new(member: MemberId, identity: &[u8]) -> Self {
        let mut present = Self {
            member: member.into(),
            identity: [0; FRAMESEAL_MAX_IDENTITY_LEN],
            identity_len: identity.len(),
        };
        // No identity is longer: the update was refused.
        for (to, from) in present.identity.iter_mut().zip(identity) {
            *to = *from;
        }
        present
    }
}

/// Tells how well everybody is protected of whom something is known; of all others, and of our own
/// leaf, it is `FRAMESEAL_STATUS_UNKNOWN`. One call costs less than
/// `frameseal_epoch_manager_status` for each.
///
/// Fills `entries`, in no particular order, and sets `*count` to how many there are. `entry_size` is
/// `sizeof (frameseal_member_status)`, `capacity` how many fit; with 0, `entries` may be NULL.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*count` is set to how many there are now, and nothing else
///   is written; by the next call there may be more
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `entry_size` cannot be right, or `count`
///   overlaps `entries`
///
/// Media threads that look up a sender wait for it, as for `frameseal_epoch_manager_room_status`. Any
/// thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_statuses(
    manager: *const frameseal_epoch_manager,
    now_ms: u64,
    entries: *mut frameseal_member_status,
    entry_size: usize,
    capacity: usize,
    count: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let entries = unsafe { Entries::new(entries, entry_size, capacity, count) }?;
        let statuses = handle.check()?.statuses(Timestamp::from_millis(now_ms));
        let statuses = statuses.into_iter();
        let list: Vec<_> = statuses.map(frameseal_member_status::new).collect();
        entries.tell(&list)
    })
}

/// As `frameseal_epoch_manager_statuses`, for all members of a monitor, which are those of
/// `FRAMESEAL_MEMBER_APPLICATION`.
///
/// Results and rules are those of that function, but that no media thread waits. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_statuses(
    monitor: *const frameseal_monitor,
    now_ms: u64,
    entries: *mut frameseal_member_status,
    entry_size: usize,
    capacity: usize,
    count: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let entries = unsafe { Entries::new(entries, entry_size, capacity, count) }?;
        let monitor = handle.lock()?;
        let statuses = monitor.statuses(Timestamp::from_millis(now_ms));
        let list: Vec<_> = statuses.map(frameseal_member_status::new).collect();
        entries.tell(&list)
    })
}

/// Tells everybody who is in the newest epoch, ourselves included, in ascending order of leaf index.
/// Nobody is before the first epoch.
///
/// Fills `entries` and sets `*count` to how many there are. `entry_size` is
/// `sizeof (frameseal_present_member)`, `capacity` how many fit; with 0, `entries` may be NULL.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*count` is set to how many there are now, and nothing else
///   is written; by the next call there may be more
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `entry_size` cannot be right, or `count`
///   overlaps `entries`
///
/// No media thread waits for it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_members(
    manager: *const frameseal_epoch_manager,
    entries: *mut frameseal_present_member,
    entry_size: usize,
    capacity: usize,
    count: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let entries = unsafe { Entries::new(entries, entry_size, capacity, count) }?;
        let mut list = Vec::new();
        handle.check()?.for_each_member(|member, identity| {
            list.push(frameseal_present_member::new(member, identity));
        });
        list.sort_unstable_by_key(|present| present.member.index);
        entries.tell(&list)
    })
}
