//! What a monitor tells: status, statistics, events, and when it wants to be asked again.

use frameseal_core::{Error, MemberId, Timestamp};

use super::call_status::{frameseal_frame_stats, frameseal_status};
use super::entry::enter;
use super::event::frameseal_event;
use super::growing::Answers;
use super::monitor::frameseal_monitor;
use super::out::{Out, object, refuse_overlap};
use super::result::frameseal_result;

/// Tells how well the frames of a member are protected; `FRAMESEAL_STATUS_UNKNOWN` also for somebody
/// who is no member.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_status(
    monitor: *const frameseal_monitor,
    now_ms: u64,
    member: u64,
    status: *mut frameseal_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(status) }?;
        let (now, member) = (
            Timestamp::from_millis(now_ms),
            MemberId::Application(member),
        );
        let found = handle.lock()?.status(member, now);
        answers.update(|status| status.tell(found));
        Ok(())
    })
}

/// Tells how well the call is protected: as well as the weakest of those who are heard, and no
/// better than what we send ourselves. It is verified when all members are, the silent ones too.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_room_status(
    monitor: *const frameseal_monitor,
    now_ms: u64,
    status: *mut frameseal_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(status) }?;
        let found = handle.lock()?.room_status(Timestamp::from_millis(now_ms));
        answers.update(|status| status.tell(found));
        Ok(())
    })
}

/// Tells what the frames of a member did.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_member_stats(
    monitor: *const frameseal_monitor,
    member: u64,
    stats: *mut frameseal_frame_stats,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(stats) }?;
        let found = handle.lock()?.member_stats(MemberId::Application(member));
        let found = found.ok_or(Error::UnknownMember)?;
        answers.update(|stats| stats.tell(&found));
        Ok(())
    })
}

/// Takes the next event; its `kind` is `FRAMESEAL_EVENT_NONE` when there is none. Members are those
/// of `FRAMESEAL_MEMBER_APPLICATION`.
///
/// To be called until there is none, after every change and at `frameseal_monitor_next_deadline`.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right; no event is
///   taken
///
/// Any thread; each event is told once.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_poll_event(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
    event: *mut frameseal_event,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(event) }?;
        let next = handle.lock()?.poll_event(Timestamp::from_millis(now_ms));
        answers.update(|event| event.tell(next));
        Ok(())
    })
}

/// Tells when a status changes by itself: `*pending` is set to whether there is such a time, and if
/// so `*at_ms` to it. Poll events then.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_next_deadline(
    monitor: *const frameseal_monitor,
    pending: *mut bool,
    at_ms: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let pending_place = unsafe { Out::new(pending) }?;
        // SAFETY: the same.
        let at_place = unsafe { Out::new(at_ms) }?;
        refuse_overlap(pending_place.span(), &[at_place.span()])?;
        let deadline = handle.lock()?.next_deadline();
        pending_place.set(deadline.is_some());
        if let Some(at) = deadline {
            at_place.set(at.as_millis());
        }
        Ok(())
    })
}
