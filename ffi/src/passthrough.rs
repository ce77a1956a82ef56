//! Frames in the clear, which the application allows by name: for one member or for us, for a while.

use core::time::Duration;

use frameseal_core::{InjectedFrames, MAX_PASSTHROUGH, Plain, Timestamp};

use super::entry::enter;
use super::epoch_manager::frameseal_epoch_manager;
use super::identity::{frameseal_member_id, member_id};
use super::metadata::{Pieces, frameseal_slice};
use super::out::{Out, object};
use super::result::frameseal_result;
use super::span::Span;

/// The longest time for which one call allows passthrough, in milliseconds.
pub const FRAMESEAL_MAX_PASSTHROUGH_MS: u64 = 3_600_000;

const _: () = assert!(FRAMESEAL_MAX_PASSTHROUGH_MS as u128 == MAX_PASSTHROUGH.as_millis());

/// Why a frame in the clear may be played.
pub type frameseal_plain = u32;

/// It is one that a server puts in, and no media of the sender.
pub const FRAMESEAL_PLAIN_INJECTED: frameseal_plain = 1;
/// Passthrough is allowed for this sender now; the status says so.
pub const FRAMESEAL_PLAIN_PASSTHROUGH: frameseal_plain = 2;

pub(super) fn plain_number(plain: Plain) -> frameseal_plain {
    match plain {
        Plain::Injected => FRAMESEAL_PLAIN_INJECTED,
        _ => FRAMESEAL_PLAIN_PASSTHROUGH,
    }
}

/// Lets frames of a member pass in the clear for `duration_ms`, up to
/// `FRAMESEAL_MAX_PASSTHROUGH_MS`: for a client that cannot encrypt yet. The first frame of theirs
/// that authenticates ends it.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when frames of this
///   member have authenticated; see `frameseal_epoch_manager_downgrade`
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer or member cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_allow_passthrough(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    member: *const frameseal_member_id,
    duration_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        let now = Timestamp::from_millis(now_ms);
        let duration = Duration::from_millis(duration_ms);
        Ok(handle.check()?.allow_passthrough(now, member, duration)?)
    })
}

/// Ends what `frameseal_epoch_manager_allow_passthrough` allowed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nothing is known of that member
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or member cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_end_passthrough(
    manager: *mut frameseal_epoch_manager,
    member: *const frameseal_member_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        Ok(handle.check()?.end_passthrough(member)?)
    })
}

/// Accepts that a member whose frames were end-to-end encrypted will send in the clear, after which
/// `frameseal_epoch_manager_allow_passthrough` works again. To be called when people have been told,
/// never because of what a server says. Raises `FRAMESEAL_EVENT_DOWNGRADE`.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or member cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_downgrade(
    manager: *mut frameseal_epoch_manager,
    member: *const frameseal_member_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        Ok(handle.check()?.downgrade(member)?)
    })
}

/// Asks whether a frame that came in the clear from this member may be played, counts it if so, and
/// writes to `*plain` why. Never to be asked about a frame that could not be opened, only about one
/// of which the application knows that it is not encrypted.
///
/// `injected` are `injected_count` frames, at most `FRAMESEAL_MAX_SLICES`, that a server may put in,
/// such as silence, byte for byte: they pass without leave.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: that member is not in the newest epoch
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or member cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_pass(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    member: *const frameseal_member_id,
    frame: *const u8,
    frame_len: usize,
    injected: *const frameseal_slice,
    injected_count: usize,
    plain: *mut frameseal_plain,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let member = unsafe { member_id(member) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(plain) }?;
        let frame = Span::new(frame, frame_len)?;
        let now = Timestamp::from_millis(now_ms);
        let passed = {
            // SAFETY: C promises that the frames can be read and do not change during the call;
            // nothing is written before the end of this block.
            let injected = unsafe { Pieces::gather(injected, injected_count) }?;
            // SAFETY: the same.
            let frame = unsafe { frame.as_slice() };
            let injected = InjectedFrames::new(injected.as_slices());
            handle.check()?.pass(now, member, frame, injected)?
        };
        place.set(plain_number(passed));
        Ok(())
    })
}

/// Lets us send in the clear for `duration_ms`, up to `FRAMESEAL_MAX_PASSTHROUGH_MS`, until the
/// first frame of ours that is end-to-end encrypted.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when we have sent
///   encrypted frames; see `frameseal_epoch_manager_downgrade_sending`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_allow_sending_in_the_clear(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    duration_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(manager) }?;
        let now = Timestamp::from_millis(now_ms);
        let duration = Duration::from_millis(duration_ms);
        Ok(handle.check()?.allow_sending_in_the_clear(now, duration)?)
    })
}

/// As `frameseal_epoch_manager_downgrade`, for our own sending.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_downgrade_sending(
    manager: *mut frameseal_epoch_manager,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(manager) }?;
        Ok(handle.check()?.downgrade_sending()?)
    })
}

/// Asks whether the next frame may be sent in the clear, and counts it if so.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_send_in_the_clear(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(manager) }?;
        let now = Timestamp::from_millis(now_ms);
        Ok(handle.check()?.send_in_the_clear(now)?)
    })
}
