//! The encryptor of C in memory of the caller: the handle and its keys. What it does with frames is
//! in [`super::encrypt`].

use core::ffi::c_void;
use core::mem::MaybeUninit;

use frameseal_core::{CipherSuite, Counter, Error, KeyId, fixed};

use super::capacity::FRAMESEAL_SENDING_KEYS;
use super::entry::enter;
use super::growing::Answers;
use super::key_usage::frameseal_sending_key_status;
use super::out::Out;
use super::placed::{Handle, Placed, lock, memory_for, place, wipe};
use super::result::{Failure, frameseal_result, invalid};
use super::span::Span;
use super::suite::frameseal_suite;

/// Seals frames, with keys that the application brings. Opaque.
///
/// - Made by `frameseal_encryptor_place` in memory of the application, ended by
///   `frameseal_encryptor_wipe`. In between, that memory must not be moved, copied or written to.
/// - One call at a time; a second one that comes meanwhile, from an interrupt or another task, is
///   refused.
/// - It owns the counters. Two encryptors that are given the same base key and key id use the same
///   nonces, which destroys the protection: give every encryptor and device a base key or key id of
///   its own (RFC 9605 section 4.4.1). After a restart: a new key, or counters that were reserved.
#[derive(Debug)]
pub struct frameseal_encryptor {
    placed: Placed<fixed::Encryptor<FRAMESEAL_SENDING_KEYS>>,
}

impl Handle for frameseal_encryptor {
    type Keys = fixed::Encryptor<FRAMESEAL_SENDING_KEYS>;
    const KIND: usize = 0x5EA1_C0DF;

    #[inline]
    fn placed(&self) -> &Placed<Self::Keys> {
        &self.placed
    }

    fn make(suite: CipherSuite, place: &mut MaybeUninit<Self::Keys>) {
        place.write(fixed::Encryptor::new(suite));
    }
}

/// Bytes of memory that an encryptor takes, wherever they begin; at most
/// `FRAMESEAL_ENCRYPTOR_SIZE_MAX`. At any time.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_encryptor_size() -> usize {
    memory_for::<frameseal_encryptor>()
}

/// Makes an encryptor without keys in the `size` bytes at `memory`, which may begin anywhere and hold
/// anything; of them, only as many are written to as it takes. Limits are the defaults of the
/// ordinary library: 2^32 frames and 2^38 bytes with one key.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `size` is less than `frameseal_encryptor_size()`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, a pointer or size cannot be
///   right, or `encryptor` lies in the memory
///
/// The memory belongs to the encryptor until `frameseal_encryptor_wipe`. If an encryptor was there
/// that was not wiped, it is now, and what was said of counters holds for the new one.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_place(
    memory: *mut c_void,
    size: usize,
    suite: frameseal_suite,
    encryptor: *mut *mut frameseal_encryptor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { place(memory, size, suite, encryptor) }
    })
}

/// Wipes all keys and everything else that the encryptor wrote to its memory, and gives the memory
/// back; NULL is allowed and does nothing.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no encryptor is there, or another call is using it; nothing
///   was wiped then
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_wipe(
    encryptor: *mut frameseal_encryptor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        unsafe { wipe(encryptor) }
    })
}

/// Adds a key, without sending with it yet: give it to the receivers first, then call
/// `frameseal_encryptor_use_key`.
///
/// The same key again changes nothing; after `frameseal_encryptor_remove_key` it comes back with
/// the counter where it was. A key id is bound to its first base key, and keeps its place, for as
/// long as the encryptor lives: for more key ids, wipe it and place a new one, for new base keys.
///
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id
/// - `FRAMESEAL_ERROR_CAPACITY`: all `FRAMESEAL_SENDING_KEYS` places are taken
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
///   pointer or length cannot be right
///
/// The base key is not kept: wipe it when you need it no more.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_add_key(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    enter(|| {
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: C promises that pointers are what the header file says.
        let mut keys = unsafe { lock(encryptor) }?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        Ok(keys.add_key(KeyId::new(key_id), base_key)?)
    })
}

/// Adds a key that sealed frames before this start, to go on behind `last`: the value of
/// `frameseal_encryptor_reserve` that was stored last. Nothing can be sealed before the next
/// `frameseal_encryptor_reserve` and `frameseal_encryptor_confirm`.
///
/// Never resume from a backup, which may be older than the last frame that was sent; use a new key
/// instead (RFC 9605 section 9.1). A key that is already here never goes back, only forward.
///
/// - results as those of `frameseal_encryptor_add_key`
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_resume_key_after(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    base_key: *const u8,
    base_key_len: usize,
    last: u64,
) -> frameseal_result {
    enter(|| {
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: C promises that pointers are what the header file says.
        let mut keys = unsafe { lock(encryptor) }?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        Ok(keys.resume_key_after(KeyId::new(key_id), base_key, Counter::new(last))?)
    })
}

/// Seals with this key from the next frame on.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here; the key in use stays in use
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_use_key(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        Ok(unsafe { lock(encryptor) }?.use_key(KeyId::new(key_id))?)
    })
}

/// Wipes a key, and remembers key id and counter for as long as the encryptor lives. If it was in
/// use, none is.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_remove_key(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        Ok(unsafe { lock(encryptor) }?.remove_key(KeyId::new(key_id))?)
    })
}

/// Asks for `count` counters of a key to be set aside, and makes its counter durable. Writes the
/// last of them to `*last`: store it where a loss of power cannot lose it, then
/// `frameseal_encryptor_confirm` it, and only then are they used (RFC 9605 section 9.1). After a
/// restart, `frameseal_encryptor_resume_key_after` it.
///
/// Never answers less than before. Counters that were confirmed earlier stay usable meanwhile; those
/// of a counter that was not durable do not. Never replace what is stored by a smaller number.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`: no counter is left to set aside
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `count` is 0, or a pointer cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_reserve(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    count: u64,
    last: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(last) }?;
        // SAFETY: the same.
        let last = unsafe { lock(encryptor) }?.reserve(KeyId::new(key_id), count)?;
        place.set(last.value());
        Ok(())
    })
}

/// Says that `last` has been stored: all counters of the key up to it may be used.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `frameseal_encryptor_reserve` never answered `last` or
///   more
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_confirm(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    last: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let mut keys = unsafe { lock(encryptor) }?;
        Ok(keys.confirm(KeyId::new(key_id), Counter::new(last))?)
    })
}

/// How many bytes the next frame will have when it is sealed, exactly: header, payload and tag.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
///   `FRAMESEAL_ERROR_RESERVATION_NEEDED`: there is no next frame
/// - `FRAMESEAL_ERROR_USAGE_LIMIT`: the limits of the key forbid a frame with that payload
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
///   right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_sealed_len(
    encryptor: *mut frameseal_encryptor,
    payload_len: usize,
    sealed_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(sealed_len) }?;
        if payload_len > isize::MAX.unsigned_abs() {
            return Err(invalid("longer than memory can be"));
        }
        // SAFETY: the same.
        place.set(unsafe { lock(encryptor) }?.sealed_len(payload_len)?);
        Ok(())
    })
}

/// Tells how far a sending key has come, also when it was removed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_key_status(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    status: *mut frameseal_sending_key_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let answers = unsafe { Answers::new(status) }?;
        let key_id = KeyId::new(key_id);
        // SAFETY: the same.
        let key = unsafe { lock(encryptor) }?.key_status(key_id);
        let key = key.ok_or(Failure::Core(Error::UnknownKeyId(key_id)))?;
        answers.update(|status| status.tell(&key));
        Ok(())
    })
}
