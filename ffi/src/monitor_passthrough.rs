//! Frames in the clear, for those who have a monitor: allowed by name, for one member or for us, for
//! a while.

use core::time::Duration;

use frameseal_core::{InjectedFrames, MemberId, Timestamp};

use super::entry::enter;
use super::metadata::{Pieces, frameseal_slice};
use super::monitor::frameseal_monitor;
use super::out::{Out, object};
use super::passthrough::{frameseal_plain, plain_number};
use super::result::frameseal_result;
use super::span::Span;

/// Lets frames of a member pass in the clear for `duration_ms`, up to
/// `FRAMESEAL_MAX_PASSTHROUGH_MS`: for a client that cannot encrypt yet. The first frame of theirs
/// that authenticates ends it.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when frames of this
///   member have authenticated; see `frameseal_monitor_downgrade`
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_allow_passthrough(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
    member: u64,
    duration_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        let (now, member) = (
            Timestamp::from_millis(now_ms),
            MemberId::Application(member),
        );
        let duration = Duration::from_millis(duration_ms);
        Ok(handle.lock()?.allow_passthrough(now, member, duration)?)
    })
}

/// Ends what `frameseal_monitor_allow_passthrough` allowed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_end_passthrough(
    monitor: *mut frameseal_monitor,
    member: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        Ok(handle
            .lock()?
            .end_passthrough(MemberId::Application(member))?)
    })
}

/// Accepts that a member whose frames were end-to-end encrypted will send in the clear, after which
/// `frameseal_monitor_allow_passthrough` works again. To be called when people have been told, never
/// because of what a server says. Raises `FRAMESEAL_EVENT_DOWNGRADE`.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_downgrade(
    monitor: *mut frameseal_monitor,
    member: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        Ok(handle.lock()?.downgrade(MemberId::Application(member))?)
    })
}

/// Asks whether a frame that came in the clear from this member may be played, counts it if so, and
/// writes to `*plain` why, one of the `FRAMESEAL_PLAIN_` numbers. Never to be asked about a frame
/// that could not be opened, only about one of which the application knows that it is not encrypted.
///
/// `injected` are `injected_count` frames, at most `FRAMESEAL_MAX_SLICES`, that a server may put in,
/// such as silence, byte for byte: they pass without leave.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: it may not
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_pass(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
    member: u64,
    frame: *const u8,
    frame_len: usize,
    injected: *const frameseal_slice,
    injected_count: usize,
    plain: *mut frameseal_plain,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(plain) }?;
        let frame = Span::new(frame, frame_len)?;
        let (now, member) = (
            Timestamp::from_millis(now_ms),
            MemberId::Application(member),
        );
        let passed = {
            // SAFETY: C promises that the frames can be read and do not change during the call;
            // nothing is written before the end of this block.
            let injected = unsafe { Pieces::gather(injected, injected_count) }?;
            // SAFETY: the same.
            let frame = unsafe { frame.as_slice() };
            let injected = InjectedFrames::new(injected.as_slices());
            handle.lock()?.pass(now, member, frame, injected)?
        };
        place.set(plain_number(passed));
        Ok(())
    })
}

/// Lets us send in the clear for `duration_ms`, up to `FRAMESEAL_MAX_PASSTHROUGH_MS`, until
/// `frameseal_monitor_observe_sent` is shown a frame.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`, and when we have sent
///   encrypted frames; see `frameseal_monitor_downgrade_sending`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: more than an hour, or a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_allow_sending_in_the_clear(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
    duration_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        let now = Timestamp::from_millis(now_ms);
        let duration = Duration::from_millis(duration_ms);
        Ok(handle.lock()?.allow_sending_in_the_clear(now, duration)?)
    })
}

/// As `frameseal_monitor_downgrade`, for our own sending. Raises
/// `FRAMESEAL_EVENT_SENDING_DOWNGRADE`.
///
/// - `FRAMESEAL_ERROR_PASSTHROUGH_REFUSED`: under `FRAMESEAL_POLICY_STRICT`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_downgrade_sending(
    monitor: *mut frameseal_monitor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        Ok(handle.lock()?.downgrade_sending()?)
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
pub unsafe extern "C" fn frameseal_monitor_send_in_the_clear(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        let now = Timestamp::from_millis(now_ms);
        Ok(handle.lock()?.send_in_the_clear(now)?)
    })
}

/// Tells how many senders, ourselves included, may pass in the clear now, and how many frames we
/// sent in the clear so far.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_in_the_clear(
    monitor: *const frameseal_monitor,
    now_ms: u64,
    senders: *mut usize,
    frames_sent: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let senders_place = unsafe { Out::new(senders) }?;
        // SAFETY: the same.
        let frames_place = unsafe { Out::new(frames_sent) }?;
        super::out::refuse_overlap(senders_place.span(), &[frames_place.span()])?;
        let monitor = handle.lock()?;
        senders_place.set(monitor.passthrough_senders(Timestamp::from_millis(now_ms)));
        frames_place.set(monitor.sent_in_the_clear());
        Ok(())
    })
}
