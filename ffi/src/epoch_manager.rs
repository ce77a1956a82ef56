//! The epoch manager of C: the handle, and the epochs that come and go. What it tells is in
//! [`super::epoch_watch`], what it lets pass in the clear in [`super::passthrough`].

use frameseal_core::{Error, SharedEpochManager, Timestamp};

use super::entry::{enter, enter_or};
use super::epoch_config::{epoch_config, frameseal_epoch_config};
use super::epoch_update::{frameseal_epoch_update, with_update};
use super::fork::Birth;
use super::growing;
use super::identity::{epoch_id, frameseal_epoch_id, frameseal_member_id};
use super::kept::OfProcess;
use super::out::{Out, object};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result, invalid};

/// A member's side of a call whose keys come from MLS (RFC 9605 section 5.2). Opaque.
///
/// It is fed with a `frameseal_epoch_update` for every accepted epoch, by any MLS engine. It
/// receives with a new epoch at once, sends with it when the others are ready, and wipes the old
/// one after a while; after a removal it sends with the new epoch at once. Frames are sealed by the
/// streams and opened by the receivers that are opened from it.
///
/// - Made by `frameseal_epoch_manager_new`, owned by the application, freed by it with
///   `frameseal_epoch_manager_free`. Its streams and receivers live on without it, and are closed
///   by the application as well.
/// - Every function may be called from any thread, at the same time as others.
/// - Time is what the application says, in milliseconds of a clock that is not set back.
/// - It owns the counters. A second manager for the same member, in another process or on another
///   device with the same leaf, must have other contexts (`own_contexts_start`, `own_contexts_end`).
///   A process that starts anew or is restored from a snapshot must not go on in an epoch in which
///   it may have sent: it commits first, and feeds only the new epoch (RFC 9605 section 9.1).
/// - After `fork`, every call on the child's copy, and on those of its streams and receivers,
///   answers `FRAMESEAL_ERROR_FORKED`, but that they can be freed and closed. What
///   `frameseal_encryptor` says of forks holds here, too.
#[derive(Debug)]
pub struct frameseal_epoch_manager {
    manager: OfProcess<SharedEpochManager>,
}

impl frameseal_epoch_manager {
    /// The manager, for one call: not in a child of the process that made it. There it would give
    /// out contexts that the parent gives out, too, and its locks may be held by threads that were
    /// not copied.
    #[inline]
    pub(super) fn check(&self) -> Result<&SharedEpochManager, Failure> {
        self.manager.get()
    }

    /// What streams and receivers are copies in that of, when a process is forked.
    pub(super) const fn birth(&self) -> Birth {
        self.manager.birth()
    }
}

/// Makes a manager without epochs. `config` is read during the call only.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `config` contradicts itself (no epoch, no context, contexts
///   that do not fit the key ids, an overlap under `FRAMESEAL_POLICY_STRICT`), has a number that
///   does not exist or the size of no such structure, or a pointer cannot be right
///
/// On success the caller owns `*manager`, until `frameseal_epoch_manager_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_new(
    config: *const frameseal_epoch_config,
    manager: *mut *mut frameseal_epoch_manager,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(manager) }?;
        if config.is_null() {
            return Err(invalid("the configuration is NULL"));
        }
        // SAFETY: the same.
        let config = unsafe { growing::read(config) }?;
        let config = epoch_config(&config)?;
        let birth = Birth::now()?;
        let manager = OfProcess::new(birth, SharedEpochManager::new(config)?);
        give(place, frameseal_epoch_manager { manager });
        Ok(())
    })
}

/// Frees the manager; NULL is allowed and does nothing. Keys are wiped when the last of its streams
/// and receivers is closed, too.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where its copy of the keys is not wiped but stays until the child ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_free(manager: *mut frameseal_epoch_manager) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(manager) });
}

/// Adds an epoch. Frames of it are opened from now on; when sending moves to it is what
/// `send_switch` of the configuration says, but at once if a member was removed or the group was
/// made anew. The first epoch sends at once.
///
/// The same epoch with the same key again changes nothing. An older epoch whose low-order bits are
/// the same is removed (RFC 9605 section 5.2).
///
/// - `FRAMESEAL_ERROR_EPOCH_FORK`: the epoch is here with another key. The manager goes on with the
///   key that it had: send nothing more until you know which of the two is right
/// - `FRAMESEAL_ERROR_EPOCH_TOO_OLD`: it is not newer than all that were added before
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has not exactly `frameseal_suite_key_len`
///   bytes or is all zeros, or one of the last 64 epochs had it, so that its counters would start again; members are
///   not in ascending order or not below the leaf count, an identity is empty or too long, the own
///   index is not among the members, something does not fit the key ids, or a pointer, length or
///   `struct_size` cannot be right
///
/// Who was removed from the group gets no base key and frees the manager.
///
/// A call that fails changes nothing. When it returns, no frame is begun any more in an epoch that
/// sending left. Nothing of the update is kept: wipe the base key when you need it no more. Any
/// thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_add_epoch(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    update: *const frameseal_epoch_update,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        let now = Timestamp::from_millis(now_ms);
        // SAFETY: the same, and that nothing of the update changes during the call.
        unsafe {
            with_update(update, |update| {
                Ok(handle.check()?.add_epoch(now, update)?)
            })
        }
    })
}

/// A member says that it has an epoch. When all have said so, sending moves to it, with
/// `FRAMESEAL_SEND_WHEN_READY` and `FRAMESEAL_SEND_AT_KEY_FRAME`.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: the epoch is not live
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nobody is on that leaf in it, or it is our own
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_peer_ready(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    index: u32,
    epoch: *const frameseal_epoch_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let epoch = unsafe { epoch_id(epoch) }?;
        let now = Timestamp::from_millis(now_ms);
        Ok(handle.check()?.peer_ready(index, epoch, now)?)
    })
}

/// The application decides that sending moves to this epoch now.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: the epoch is not live
/// - `FRAMESEAL_ERROR_EPOCH_TOO_OLD`: sending has moved past it, and never moves back
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_activate(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    epoch: *const frameseal_epoch_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let epoch = unsafe { epoch_id(epoch) }?;
        let now = Timestamp::from_millis(now_ms);
        Ok(handle.check()?.activate(epoch, now)?)
    })
}

/// Derives the key of a member's stream in the newest epoch before its first frame, away from the
/// media thread; for members who are expected to send. `context` is which of their streams.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nobody is on that leaf
/// - `FRAMESEAL_ERROR_POLICY`: it is our own leaf, or a context beyond those that are accepted
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: index or context do not fit the key ids, or a pointer
///   cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_prepare(
    manager: *mut frameseal_epoch_manager,
    now_ms: u64,
    index: u32,
    context: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(manager) }?;
        let now = Timestamp::from_millis(now_ms);
        Ok(handle.check()?.prepare(now, index, context)?)
    })
}

/// Asks for a new epoch, for example after a device was lost: raises
/// `FRAMESEAL_EVENT_REKEY_NEEDED`, upon which the application commits.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_force_rekey(
    manager: *mut frameseal_epoch_manager,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(manager) }?;
        handle.check()?.force_rekey();
        Ok(())
    })
}

/// Tells the epoch that all sending is in; streams that wait for a key frame come to it then.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_EPOCH`: no epoch was added yet
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_sending_epoch(
    manager: *const frameseal_epoch_manager,
    epoch: *mut frameseal_epoch_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(epoch) }?;
        let sending = handle.check()?.sending_epoch();
        let none = Error::UnknownEpoch(frameseal_core::EpochId::default());
        place.set(sending.ok_or(none)?.into());
        Ok(())
    })
}

/// Tells who is on a leaf in the newest epoch.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`: nobody is
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_manager_member_at(
    manager: *const frameseal_epoch_manager,
    index: u32,
    member: *mut frameseal_member_id,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(member) }?;
        let there = handle.check()?.member_at(index);
        place.set(there.ok_or(Error::UnknownMember)?.into());
        Ok(())
    })
}
