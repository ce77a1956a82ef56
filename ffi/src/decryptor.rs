//! The decryptor of C: the handle and its keys. What it does with frames is in [`super::decrypt`].

use frameseal_core::{
    CipherSuite, ForgeryPolicy, KeyId, ReceiveConfig, ReplayProtection, SharedDecryptor,
};

use super::backend::{backend, frameseal_backend};
use super::entry::{enter, enter_or};
use super::growing::{self, Growing, size_until};
use super::kept::Shared;
use super::out::{Out, object, refuse_overlap};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result, invalid};
use super::span::Span;
use super::suite::frameseal_suite;

/// Opens frames, with keys that the application brings. Opaque.
///
/// - Made by `frameseal_decryptor_new`, owned by the application, freed by it with
///   `frameseal_decryptor_free`.
/// - Every function may be called from any thread. Frames are opened at the same time on as many
///   threads as call; only their bookkeeping takes turns. Of two threads with the same frame, one
///   gets `FRAMESEAL_ERROR_REPLAY`.
/// - After `fork`, the child's copy still opens frames, if no other thread was inside a call on it
///   when the process forked.
#[derive(Debug)]
pub struct frameseal_decryptor {
    decryptor: Shared<SharedDecryptor>,
}

impl frameseal_decryptor {
    /// The keys, for a call that neither adds nor removes one.
    #[inline]
    pub(super) fn keys(&self) -> &SharedDecryptor {
        &self.decryptor
    }
}

/// Accepts every counter any number of times. For applications that refuse replayed frames by
/// themselves.
pub const FRAMESEAL_REPLAY_PROTECTION_OFF: u32 = 1;
/// Refuses every further frame of a key that has raised the forgery alarm, with
/// `FRAMESEAL_ERROR_POLICY`. Anybody who can send bytes can raise it.
pub const FRAMESEAL_STOP_KEY_ON_FORGERY: u32 = 2;
/// The largest replay window. It takes a bit of memory for each counter and each key.
pub const FRAMESEAL_MAX_REPLAY_WINDOW: u32 = 1_048_576;

/// How a decryptor's keys are set up. Initialise all of it to zero, then `struct_size`, then what
/// shall not be the default.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_decryptor_config {
    /// `sizeof (frameseal_decryptor_config)`.
    pub struct_size: usize,
    /// How many counters the window covers, the highest accepted one among them: one that is this
    /// many or more below it is refused. At most `FRAMESEAL_MAX_REPLAY_WINDOW`; rounded up to a
    /// power of two, at least 64; 0 for the default, 1,024.
    pub replay_window: u32,
    /// `FRAMESEAL_REPLAY_PROTECTION_OFF` and `FRAMESEAL_STOP_KEY_ON_FORGERY`, or 0.
    pub flags: u32,
    /// Failed opens of one key that raise the forgery alarm; 0 for the default, which depends on
    /// the length of the tag: 2^22 for 32 bits, 2^34 for 64 bits, 2^40 for more.
    pub failed_opens: u64,
    /// Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
    /// default.
    pub backend: frameseal_backend,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_decryptor_config {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_decryptor_config, backend) + 4);
}

/// Makes a decryptor without keys and with the default protections.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or a pointer cannot be right
///
/// On success the caller owns `*decryptor`, until `frameseal_decryptor_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_new(
    suite: frameseal_suite,
    decryptor: *mut *mut frameseal_decryptor,
) -> frameseal_result {
    // SAFETY: the promises of C to this function are those to that one.
    unsafe { frameseal_decryptor_new_with_config(suite, core::ptr::null(), decryptor) }
}

/// As `frameseal_decryptor_new`, with protections that are chosen. `config` may be NULL for the
/// defaults; it is read during the call only.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when `struct_size` is not one of this structure, a
///   flag or field that this version does not know is not zero, the backend is not in this build,
///   the replay window is too large, or a replay window is asked for and turned off
///
/// On success the caller owns `*decryptor`, until `frameseal_decryptor_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_new_with_config(
    suite: frameseal_suite,
    config: *const frameseal_decryptor_config,
    decryptor: *mut *mut frameseal_decryptor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(decryptor) }?;
        // SAFETY: the same.
        let config = unsafe { growing::read(config) }?;
        let suite = CipherSuite::try_from(suite)?;
        let decryptor = SharedDecryptor::with_config(suite, receive_config(suite, &config)?);
        let decryptor = Shared::new(decryptor);
        give(place, frameseal_decryptor { decryptor });
        Ok(())
    })
}

pub(super) fn receive_config(
    suite: CipherSuite,
    config: &frameseal_decryptor_config,
) -> Result<ReceiveConfig, Failure> {
    const KNOWN: u32 = FRAMESEAL_REPLAY_PROTECTION_OFF | FRAMESEAL_STOP_KEY_ON_FORGERY;
    if config.flags & !KNOWN != 0 {
        return Err(invalid("an unknown flag"));
    }
    let defaults = ReceiveConfig::for_suite(suite);
    let off = config.flags & FRAMESEAL_REPLAY_PROTECTION_OFF != 0;
    let replay = match (off, config.replay_window) {
        (true, 0) => ReplayProtection::Off,
        (true, _) => return Err(invalid("a replay window that is turned off")),
        (false, 0) => defaults.replay,
        (false, 1..=FRAMESEAL_MAX_REPLAY_WINDOW) => ReplayProtection::Window(config.replay_window),
        (false, _) => return Err(invalid("too large a replay window")),
    };
    let forgery = if config.flags & FRAMESEAL_STOP_KEY_ON_FORGERY == 0 {
        ForgeryPolicy::Signal
    } else {
        ForgeryPolicy::StopKey
    };
    let failed_opens = match config.failed_opens {
        0 => defaults.failed_opens,
        number => number,
    };
    Ok(defaults
        .with_replay(replay)
        .with_forgery(failed_opens, forgery)
        .with_backend(backend(config.backend)?))
}

/// Wipes all keys and frees the decryptor; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where the copy is not freed and wiped but stays until the child ends if another thread was adding
/// or removing a key when the process forked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_free(decryptor: *mut frameseal_decryptor) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(decryptor) });
}

/// Adds a key; frames of it can be opened at once.
///
/// The same key again changes nothing; after `frameseal_decryptor_remove_key` it comes back with
/// its replay window.
///
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id; see
///   `frameseal_decryptor_forget_key`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
///   pointer or length cannot be right
///
/// The base key is not kept: wipe it when you need it no more. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_add_key(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(decryptor) }?;
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        let key_id = KeyId::new(key_id);
        let add = |keys: &SharedDecryptor| keys.add_key(key_id, base_key);
        Ok(handle.decryptor.change(add)?)
    })
}

/// Wipes a key, and remembers key id and replay window, so that frames which were accepted are not
/// accepted again if the key comes back.
///
/// A call that is opening a frame with it on another thread may still succeed; the key is wiped
/// when that call ends.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_remove_key(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(decryptor) }?;
        let remove = |keys: &SharedDecryptor| keys.remove_key(KeyId::new(key_id));
        Ok(handle.decryptor.change(remove)?)
    })
}

/// Wipes a key and everything about it.
///
/// If the same base key is ever added again under this key id, frames that were accepted before
/// are accepted once more: forget only keys that will never come back.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: nothing is known of this key id
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_forget_key(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(decryptor) }?;
        let forget = |keys: &SharedDecryptor| keys.forget_key(KeyId::new(key_id));
        Ok(handle.decryptor.change(forget)?)
    })
}

/// Tells the next key that has seen as many failed opens as `failed_opens` of the configuration:
/// `*raised` is set to whether there is one, and if so `*key_id` to which. Each is told once.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_poll_forgery_alarm(
    decryptor: *mut frameseal_decryptor,
    raised: *mut bool,
    key_id: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(decryptor) }?;
        // SAFETY: the same.
        let raised_place = unsafe { Out::new(raised) }?;
        // SAFETY: the same.
        let key_id_place = unsafe { Out::new(key_id) }?;
        refuse_overlap(raised_place.span(), &[key_id_place.span()])?;
        let alarm = handle.keys().poll_forgery_alarm();
        raised_place.set(alarm.is_some());
        if let Some(key_id) = alarm {
            key_id_place.set(key_id.value());
        }
        Ok(())
    })
}

/// How many bytes of payload this frame claims to have, exactly. Needs no key.
///
/// - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of this decryptor's suite
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_payload_len(
    decryptor: *const frameseal_decryptor,
    sealed: *const u8,
    sealed_len: usize,
    payload_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(decryptor) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(payload_len) }?;
        let sealed = Span::new(sealed, sealed_len)?;
        // SAFETY: the same; the slice is not used after the last line that reads it.
        let len = handle.keys().payload_len(unsafe { sealed.as_slice() })?;
        place.set(len);
        Ok(())
    })
}
