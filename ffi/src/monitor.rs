//! The monitor of C: the handle, and what it is shown. What it tells is in
//! [`super::monitor_watch`], what it lets pass in the clear in [`super::monitor_passthrough`].

use core::time::Duration;
use std::sync::{Mutex, MutexGuard};

use frameseal_core::{
    DEFAULT_STALE_AFTER, Error, KeyId, MemberId, Monitor, SyntaxError, Timestamp,
};

use super::encryptor::{frameseal_encryptor, frameseal_encryptor_config, send_config};
use super::entry::{enter, enter_or};
use super::epoch_config::{frameseal_policy, known_policy};
use super::growing;
use super::kept::Kept;
use super::out::{Out, object};
use super::owned::{give, take_back};
use super::result::{
    FRAMESEAL_ERROR_AUTHENTICATION, FRAMESEAL_ERROR_REPLAY, FRAMESEAL_ERROR_SYNTAX,
    FRAMESEAL_ERROR_UNKNOWN_KEY_ID, FRAMESEAL_OK, Failure, frameseal_result,
};
use super::sender_keys::frameseal_sender_keys;

/// Watches over the members of a call whose keys the application brings itself, or whose members
/// have sender keys: how well each and the call are protected. An epoch manager has one inside.
/// Opaque.
///
/// It holds no keys and sees no frames, only what became of them: the application shows it the
/// result of every call that opened or sealed a frame. It believes whose they are: where key ids do
/// not tell that, the application must know the member of a stream from something that servers
/// cannot change.
///
/// - Made by `frameseal_monitor_new`, owned by the application, freed by it with
///   `frameseal_monitor_free`.
/// - Every function may be called from any thread; calls on one monitor wait for each other.
/// - Members are known by numbers that the application gives, and gives to nobody else in the call:
///   whoever comes back is another member.
/// - Time is what the application says, in milliseconds of a clock that is not set back.
/// - After `fork`, the child's copy still works, if no other thread was inside a call on it when the
///   process forked.
#[derive(Debug)]
pub struct frameseal_monitor {
    monitor: Kept<Mutex<Monitor>>,
}

impl frameseal_monitor {
    /// The monitor, for one call; not after a call that panicked inside.
    pub(super) fn lock(&self) -> Result<MutexGuard<'_, Monitor>, Failure> {
        self.monitor.lock().map_err(|_| Failure::Internal)
    }
}

/// Makes a monitor without members. `policy` is one of the `FRAMESEAL_POLICY_` numbers; after
/// `stale_after_ms` without a frame a status expires, 0 is for the default, 10,000.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the policy does not exist, or a pointer cannot be right
///
/// On success the caller owns `*monitor`, until `frameseal_monitor_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_new(
    policy: frameseal_policy,
    stale_after_ms: u64,
    monitor: *mut *mut frameseal_monitor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(monitor) }?;
        let stale_after = match stale_after_ms {
            0 => DEFAULT_STALE_AFTER,
            millis => Duration::from_millis(millis),
        };
        let monitor = Monitor::new(known_policy(policy)?).with_stale_after(stale_after);
        let monitor = Kept::new(Mutex::new(monitor));
        give(place, frameseal_monitor { monitor });
        Ok(())
    })
}

/// Frees the monitor; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where the copy is not freed and wiped but stays until the child ends if another thread was inside
/// a call on it when the process forked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_free(monitor: *mut frameseal_monitor) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(monitor) });
}

/// Adds a member, of whom nothing is known yet; one that is here already stays as it is.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_add_member(
    monitor: *mut frameseal_monitor,
    member: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        Ok(handle.lock()?.add_member(MemberId::Application(member))?)
    })
}

/// Forgets a member who left, also that frames of theirs authenticated and that their identity was
/// compared. Whoever is added under the same number again is unknown, and may be allowed to pass in
/// the clear again: give the number to nobody else, and do not remove members for a pause.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_remove_member(
    monitor: *mut frameseal_monitor,
    member: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        Ok(handle
            .lock()?
            .remove_member(MemberId::Application(member))?)
    })
}

/// Says that keys which a removed member knows are still accepted, until `end_ms`, or, with 0, no
/// more: for an application that changes keys itself. The status shows it until then, and of each
/// member until a frame authenticates behind it.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_set_removal_overlap(
    monitor: *mut frameseal_monitor,
    end_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        let end = (end_ms > 0).then_some(Timestamp::from_millis(end_ms));
        handle.lock()?.set_removal_overlap(end);
        Ok(())
    })
}

/// Shows the monitor what became of a frame of this member: the result that a `_decrypt` function
/// answered, whatever it is. `key_id` counts only with `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and is what
/// that function told then.
///
/// `FRAMESEAL_ERROR_AUTHENTICATION`, `FRAMESEAL_ERROR_SYNTAX` and `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`
/// lower the status if they go on for two seconds, `FRAMESEAL_ERROR_REPLAY` is counted; other errors
/// are the caller's own mistakes and change nothing.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_observe(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
    member: u64,
    result: frameseal_result,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        let (now, member) = (
            Timestamp::from_millis(now_ms),
            MemberId::Application(member),
        );
        let outcome = outcome(result, KeyId::new(key_id));
        Ok(handle.lock()?.observe(now, member, &outcome)?)
    })
}

/// What a result means, as far as it says something about a frame.
fn outcome(result: frameseal_result, key_id: KeyId) -> Result<(), Error> {
    match result {
        FRAMESEAL_OK => Ok(()),
        // Which syntax error it was makes no difference.
        FRAMESEAL_ERROR_SYNTAX => Err(Error::Syntax(SyntaxError::Empty)),
        FRAMESEAL_ERROR_UNKNOWN_KEY_ID => Err(Error::UnknownKeyId(key_id)),
        FRAMESEAL_ERROR_AUTHENTICATION => Err(Error::Authentication),
        FRAMESEAL_ERROR_REPLAY => Err(Error::Replay),
        _ => Err(Error::InvalidArgument("the caller's own mistake")),
    }
}

/// Shows the monitor that we sent a frame that is end-to-end encrypted. Ends what
/// `frameseal_monitor_allow_sending_in_the_clear` allowed.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_observe_sent(
    monitor: *mut frameseal_monitor,
    now_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        handle.lock()?.observe_sent(Timestamp::from_millis(now_ms));
        Ok(())
    })
}

/// Shows the monitor how far a key of an encryptor has come: raises
/// `FRAMESEAL_EVENT_USAGE_LIMIT_NEAR`, once for each of the last eight key ids, when seven eighths of
/// a limit are used. `config` is what the encryptor was made with, NULL for the defaults. Now and
/// then is enough.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never in the encryptor
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_observe_encryptor(
    monitor: *mut frameseal_monitor,
    encryptor: *const frameseal_encryptor,
    key_id: u64,
    config: *const frameseal_encryptor_config,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let encryptor = unsafe { object(encryptor) }?;
        // SAFETY: the same.
        let limits = send_config(&unsafe { growing::read(config) }?)?.limits;
        let key_id = KeyId::new(key_id);
        // Its lock is given back before the monitor's is taken.
        let status = encryptor.with(|encryptor| encryptor.key_status(key_id))?;
        let status = status.ok_or(Error::UnknownKeyId(key_id))?;
        handle.lock()?.observe_sending_key(key_id, &status, limits);
        Ok(())
    })
}

/// As `frameseal_monitor_observe_encryptor`, for our own sender key at its present step.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_observe_sender_keys(
    monitor: *mut frameseal_monitor,
    keys: *const frameseal_sender_keys,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(monitor) }?;
        // SAFETY: the same.
        let keys = unsafe { object(keys) }?;
        let own = keys
            .lock()?
            .sending()
            .map(|own| (own.key_id(), own.status()));
        let (key_id, status) = own.ok_or(Error::NoSendingKey)?;
        handle
            .lock()?
            .observe_sending_key(key_id, &status, keys.limits);
        Ok(())
    })
}

/// Says that the identity of a member was compared; with `verified` false, that it changed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_monitor_set_verified(
    monitor: *mut frameseal_monitor,
    member: u64,
    verified: bool,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(monitor) }?;
        let member = MemberId::Application(member);
        Ok(handle.lock()?.set_verified(member, verified)?)
    })
}

#[cfg(test)]
mod tests {
    use super::super::result::{FRAMESEAL_ERROR_GENERATION_TOO_OLD, FRAMESEAL_ERROR_POLICY};
    use super::*;

    #[test]
    fn only_what_frames_did_counts() {
        let key_id = KeyId::new(9);
        let failed = [
            (FRAMESEAL_ERROR_SYNTAX, Error::Syntax(SyntaxError::Empty)),
            (FRAMESEAL_ERROR_UNKNOWN_KEY_ID, Error::UnknownKeyId(key_id)),
            (FRAMESEAL_ERROR_AUTHENTICATION, Error::Authentication),
            (FRAMESEAL_ERROR_REPLAY, Error::Replay),
        ];
        assert_eq!(outcome(FRAMESEAL_OK, key_id), Ok(()));
        for (result, error) in failed {
            assert_eq!(outcome(result, key_id), Err(error));
        }
        for other in [
            FRAMESEAL_ERROR_POLICY,
            FRAMESEAL_ERROR_GENERATION_TOO_OLD,
            -1,
            999,
        ] {
            assert!(matches!(
                outcome(other, key_id),
                Err(Error::InvalidArgument(_))
            ));
        }
    }
}
