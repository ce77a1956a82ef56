//! The decryptor of C in memory of the caller: the handle and its keys. What it does with frames is
//! in [`super::decrypt`].

use core::ffi::c_void;
use core::mem::MaybeUninit;

use frameseal_core::{CipherSuite, Error, KeyId, fixed};

use super::capacity::{FRAMESEAL_RECEIVING_KEYS, WINDOW_WORDS};
use super::entry::enter;
use super::growing::Answers;
use super::key_usage::frameseal_receiving_key_status;
use super::out::{Out, refuse_overlap};
use super::placed::{Handle, Placed, lock, memory_for, place, wipe};
use super::result::{Failure, frameseal_result};
use super::span::Span;
use super::suite::frameseal_suite;

/// Opens frames, with keys that the application brings. Opaque.
///
/// - Made by `frameseal_decryptor_place` in memory of the application, ended by
///   `frameseal_decryptor_wipe`. In between, that memory must not be moved, copied or written to.
/// - One call at a time; a second one that comes meanwhile, from an interrupt or another task, is
///   refused.
/// - It remembers which frames it has accepted. After a restart it does not: use new keys then.
#[derive(Debug)]
pub struct frameseal_decryptor {
    placed: Placed<fixed::Decryptor<FRAMESEAL_RECEIVING_KEYS, WINDOW_WORDS>>,
}

impl Handle for frameseal_decryptor {
    type Keys = fixed::Decryptor<FRAMESEAL_RECEIVING_KEYS, WINDOW_WORDS>;
    const KIND: usize = 0x09E2_1E55;

    #[inline]
    fn placed(&self) -> &Placed<Self::Keys> {
        &self.placed
    }

    fn make(suite: CipherSuite, place: &mut MaybeUninit<Self::Keys>) {
        place.write(fixed::Decryptor::new(suite));
    }
}

/// Bytes of memory that a decryptor takes, wherever they begin; at most
/// `FRAMESEAL_DECRYPTOR_SIZE_MAX`. At any time.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_decryptor_size() -> usize {
    memory_for::<frameseal_decryptor>()
}

/// Makes a decryptor without keys in the `size` bytes at `memory`, which may begin anywhere and hold
/// anything; of them, only as many are written to as it takes. Each key will have a replay window of
/// `FRAMESEAL_REPLAY_WINDOW` counters.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `size` is less than `frameseal_decryptor_size()`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, a pointer or size cannot be
///   right, or `decryptor` lies in the memory
///
/// The memory belongs to the decryptor until `frameseal_decryptor_wipe`. If a decryptor was there
/// that was not wiped, it is now.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_place(
    memory: *mut c_void,
    size: usize,
    suite: frameseal_suite,
    decryptor: *mut *mut frameseal_decryptor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { place(memory, size, suite, decryptor) }
    })
}

/// Wipes all keys and everything else that the decryptor wrote to its memory, and gives the memory
/// back; NULL is allowed and does nothing.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no decryptor is there, or another call is using it; nothing
///   was wiped then
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_wipe(
    decryptor: *mut frameseal_decryptor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        unsafe { wipe(decryptor) }
    })
}

/// Adds a key; frames of it can be opened at once.
///
/// The same key again changes nothing; after `frameseal_decryptor_remove_key` it comes back with
/// its replay window.
///
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id; see
///   `frameseal_decryptor_forget_key`
/// - `FRAMESEAL_ERROR_CAPACITY`: all `FRAMESEAL_RECEIVING_KEYS` places are taken
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
///   pointer or length cannot be right
///
/// The base key is not kept: wipe it when you need it no more.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_add_key(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    enter(|| {
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: C promises that pointers are what the header file says.
        let mut keys = unsafe { lock(decryptor) }?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        Ok(keys.add_key(KeyId::new(key_id), base_key)?)
    })
}

/// Wipes a key, and remembers key id and replay window, so that frames which were accepted are not
/// accepted again if the key comes back. Its place stays taken.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_remove_key(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        Ok(unsafe { lock(decryptor) }?.remove_key(KeyId::new(key_id))?)
    })
}

/// Wipes a key and everything about it, and frees its place.
///
/// If the same base key is ever added again under this key id, frames that were accepted before
/// are accepted once more: forget only keys that will never come back.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: nothing is known of this key id
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_forget_key(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        Ok(unsafe { lock(decryptor) }?.forget_key(KeyId::new(key_id))?)
    })
}

/// Tells the next key that has seen very many failed opens (2^22 with tags of 32 bits, 2^34 of 64
/// bits, else 2^40): `*raised` is set to whether there is one, and if so `*key_id` to which. Each is
/// told once.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_poll_forgery_alarm(
    decryptor: *mut frameseal_decryptor,
    raised: *mut bool,
    key_id: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let raised_place = unsafe { Out::new(raised) }?;
        // SAFETY: the same.
        let key_id_place = unsafe { Out::new(key_id) }?;
        refuse_overlap(raised_place.span(), &[key_id_place.span()])?;
        // SAFETY: the same.
        let alarm = unsafe { lock(decryptor) }?.poll_forgery_alarm();
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
/// Keeps no pointer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_payload_len(
    decryptor: *mut frameseal_decryptor,
    sealed: *const u8,
    sealed_len: usize,
    payload_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(payload_len) }?;
        let sealed = Span::new(sealed, sealed_len)?;
        // SAFETY: the same.
        let keys = unsafe { lock(decryptor) }?;
        // SAFETY: the same; the slice is not used after the last line that reads it.
        let len = keys.payload_len(unsafe { sealed.as_slice() })?;
        place.set(len);
        Ok(())
    })
}

/// Tells what a receiving key has seen, also when it was removed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here, or was forgotten
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_key_status(
    decryptor: *mut frameseal_decryptor,
    key_id: u64,
    status: *mut frameseal_receiving_key_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let answers = unsafe { Answers::new(status) }?;
        let key_id = KeyId::new(key_id);
        // SAFETY: the same.
        let key = unsafe { lock(decryptor) }?.key_status(key_id);
        let key = key.ok_or(Failure::Core(Error::UnknownKeyId(key_id)))?;
        answers.update(|status| status.tell(&key));
        Ok(())
    })
}
