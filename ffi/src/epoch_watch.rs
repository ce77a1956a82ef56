//! What an epoch manager tells: status, statistics, events, and when it wants to be asked again.

use frameseal_core::{Error, Timestamp};

use super::call_status::{frameseal_frame_stats, frameseal_status};
use super::entry::enter;
use super::epoch_manager::frameseal_epoch_manager;
use super::event::frameseal_event;
use super::growing::Answers;
use super::identity::{epoch_id, frameseal_epoch_id, frameseal_member_id, member_id};
use super::out::{Out, object, refuse_overlap};
use super::result::frameseal_result;

/// Tells how well the frames of a member are protected; `FRAMESEAL_STATUS_UNKNOWN` also for somebody
/// who is no member, and always for our own leaf, of which nothing is received (but with
/// `FRAMESEAL_LOOPBACK`): what we send counts in `frameseal_epoch_manager_room_status`.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, member or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_status(
    manager: *const frameseal_epoch_manager,
    now_ms: u64,
    member: *const frameseal_member_id,
    status: *mut frameseal_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(status) }?;
        let now = Timestamp::from_millis(now_ms);
        let found = handle.check()?.status(member, now);
        answers.update(|status| status.tell(found));
        Ok(())
    })
}

/// Tells how well the call is protected: as well as the weakest of those who are heard, and no
/// better than what we send ourselves.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_room_status(
    manager: *const frameseal_epoch_manager,
    now_ms: u64,
    status: *mut frameseal_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(status) }?;
        let found = handle.check()?.room_status(Timestamp::from_millis(now_ms));
        answers.update(|status| status.tell(found));
        Ok(())
    })
}

/// Tells what the frames of a member did, in all epochs. No media thread waits for it.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: of that member, no frame was heard yet
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, member or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_member_stats(
    manager: *const frameseal_epoch_manager,
    member: *const frameseal_member_id,
    stats: *mut frameseal_frame_stats,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(stats) }?;
        let found = handle.check()?.member_stats(member);
        let found = found.ok_or(Error::UnknownMember)?;
        answers.update(|stats| stats.tell(&found));
        Ok(())
    })
}

/// Tells what the frames of a live epoch did. No media thread waits for it.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: the epoch is not live
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_epoch_stats(
    manager: *const frameseal_epoch_manager,
    epoch: *const frameseal_epoch_id,
    stats: *mut frameseal_frame_stats,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let epoch = unsafe { epoch_id(epoch) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(stats) }?;
        let found = handle.check()?.epoch_stats(epoch);
        let found = found.ok_or(Error::UnknownEpoch(epoch))?;
        answers.update(|stats| stats.tell(&found));
        Ok(())
    })
}

/// Says that the identity of a member was compared; with `verified` false, that it was not.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or member cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_set_verified(
    manager: *mut frameseal_epoch_manager,
    member: *const frameseal_member_id,
    verified: bool,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        Ok(handle.check()?.set_verified(member, verified)?)
    })
}

/// Says that everybody compared the code of this epoch: all identities in it are verified. Who joins
/// later is not.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: it is not the newest
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_set_epoch_verified(
    manager: *mut frameseal_epoch_manager,
    epoch: *const frameseal_epoch_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let epoch = unsafe { epoch_id(epoch) }?;
        Ok(handle.check()?.set_epoch_verified(epoch)?)
    })
}

/// Takes the next event; its `kind` is `FRAMESEAL_EVENT_NONE` when there is none.
///
/// To be called until there is none, after every change and at
/// `frameseal_epoch_manager_next_deadline`, also when no frame comes: it wipes the keys that are
/// due.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right; no event is
///   taken
///
/// Any thread; each event is told once.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_poll_event(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    event: *mut frameseal_event,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(event) }?;
        let next = handle.check()?.poll_event(Timestamp::from_millis(now_ms));
        answers.update(|event| event.tell(next));
        Ok(())
    })
}

/// Tells when something changes by itself: `*pending` is set to whether there is such a time, and if
/// so `*at_ms` to it. Poll events then, so that keys are wiped in time; a time that has come already
/// means at once.
///
/// A frame that another thread seals or opens afterwards can bring that time nearer, also where there
/// was none, and wakes nobody. So a thread that sleeps until then sleeps 100 ms at most and asks
/// again, or asks after frames. More often than that, what frames did is not looked at.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_next_deadline(
    manager: *const frameseal_epoch_manager,
    pending: *mut bool,
    at_ms: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let pending_place = unsafe { Out::new(pending) }?;
        // SAFETY: the same.
        let at_place = unsafe { Out::new(at_ms) }?;
        refuse_overlap(pending_place.span(), &[at_place.span()])?;
        let deadline = handle.check()?.next_deadline();
        pending_place.set(deadline.is_some());
        if let Some(at) = deadline {
            at_place.set(at.as_millis());
        }
        Ok(())
    })
}
