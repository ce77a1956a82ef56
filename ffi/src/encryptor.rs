//! The encryptor of C: the handle and its keys. What it does with frames is in [`super::encrypt`].

use frameseal_core::{CipherSuite, Counter, Encryptor, Error, KeyId, SendConfig, UsageLimits};

use super::backend::{backend, frameseal_backend};
use super::entry::{enter, enter_or};
use super::fork::Birth;
use super::growing::{self, Growing, size_until};
use super::kept::Kept;
use super::out::{Out, object};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result};
use super::span::Span;
use super::suite::frameseal_suite;
use super::turns::{Turn, Turns};

/// Seals frames, with keys that the application brings. Opaque.
///
/// - Made by `frameseal_encryptor_new`, owned by the application, freed by it with
///   `frameseal_encryptor_free`.
/// - Every function may be called from any thread; calls on one encryptor wait for each other.
/// - It owns the counters. Two encryptors that are given the same base key and key id use the same
///   nonces, which destroys the protection: give every encryptor, process and device a base key or
///   key id of its own (RFC 9605 section 4.4.1).
/// - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
///   be freed; a new one can be made, for a new base key or key id. On Linux 4.14 and later, copies
///   made around the C library (`_Fork`, `clone`) are noticed as well; elsewhere `fork` only. A
///   restored snapshot of a machine never is: after that, the application must do the same by
///   itself.
#[derive(Debug)]
pub struct frameseal_encryptor {
    birth: Birth,
    /// A lock, because two threads inside at once would seal two frames with one nonce.
    encryptor: Kept<Turns<Encryptor>>,
}

impl frameseal_encryptor {
    /// The encryptor, for one call: not in a child of the process that made it, where the lock may
    /// be held by a thread that was not copied, and not after a call that panicked inside.
    #[inline]
    pub(super) fn take(&self) -> Result<Turn<'_, Encryptor>, Failure> {
        self.birth.check()?;
        self.encryptor.take()
    }

    /// The same, for what seals nothing.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Encryptor) -> R) -> Result<R, Failure> {
        self.birth.check()?;
        self.encryptor.with(f)
    }
}

/// How an encryptor's keys are set up. Initialise all of it to zero, then `struct_size`, then what
/// shall not be the default.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_encryptor_config {
    /// `sizeof (frameseal_encryptor_config)`.
    pub struct_size: usize,
    /// Frames that may be sealed with one key; 0 for the default, 2^32.
    pub max_frames: u64,
    /// Bytes that may be sealed with one key, each frame rounded up to blocks of 16 bytes and
    /// counted with one block more; 0 for the default, 2^38.
    pub max_bytes: u64,
    /// Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
    /// default.
    pub backend: frameseal_backend,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_encryptor_config {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_encryptor_config, backend) + 4);
}

/// Makes an encryptor without keys and with the default limits.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or a pointer cannot be right
///
/// On success the caller owns `*encryptor`, until `frameseal_encryptor_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_new(
    suite: frameseal_suite,
    encryptor: *mut *mut frameseal_encryptor,
) -> frameseal_result {
    // SAFETY: the promises of C to this function are those to that one.
    unsafe { frameseal_encryptor_new_with_config(suite, core::ptr::null(), encryptor) }
}

/// As `frameseal_encryptor_new`, with limits or another backend. `config` may be NULL for the
/// defaults; it is read during the call only.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when `struct_size` is not one of this structure, a
///   field that this version does not know is not zero, or the backend is not in this build
///
/// On success the caller owns `*encryptor`, until `frameseal_encryptor_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_new_with_config(
    suite: frameseal_suite,
    config: *const frameseal_encryptor_config,
    encryptor: *mut *mut frameseal_encryptor,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(encryptor) }?;
        // SAFETY: the same.
        let config = unsafe { growing::read(config) }?;
        let suite = CipherSuite::try_from(suite)?;
        let birth = Birth::now()?;
        let config = send_config(&config)?;
        let encryptor = Kept::new(Turns::new(Encryptor::with_config(suite, config)));
        give(place, frameseal_encryptor { birth, encryptor });
        Ok(())
    })
}

pub(super) fn send_config(config: &frameseal_encryptor_config) -> Result<SendConfig, Failure> {
    let mut limits = UsageLimits::standard();
    if config.max_frames > 0 {
        limits = limits.with_frames(config.max_frames);
    }
    if config.max_bytes > 0 {
        limits = limits.with_bytes(config.max_bytes);
    }
    let standard = SendConfig::standard().with_limits(limits);
    Ok(standard.with_backend(backend(config.backend)?))
}

/// Wipes all keys and frees the encryptor; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where the copy is not freed and wiped but stays until the child ends if another thread was inside
/// a call on it when the process forked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_free(encryptor: *mut frameseal_encryptor) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(encryptor) });
}

/// Adds a key, without sending with it yet: give it to the receivers first, then call
/// `frameseal_encryptor_use_key`.
///
/// The same key again changes nothing; after `frameseal_encryptor_remove_key` it comes back with
/// the counter where it was. A key id is bound to its first base key for as long as the encryptor
/// lives: where key ids wrap, as those of MLS do, make a new encryptor for new base keys.
///
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is, or was, in use under this key id
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key has fewer than 16 bytes or is all zeros, or a
///   pointer or length cannot be right
///
/// The base key is not kept: wipe it when you need it no more. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_add_key(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let encryptor = unsafe { object(encryptor) }?;
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        Ok(encryptor.with(|encryptor| encryptor.add_key(KeyId::new(key_id), base_key))??)
    })
}

/// Adds a key that sealed frames before this process began, to go on behind `last`: the value of
/// `frameseal_encryptor_reserve` that was stored last. Nothing can be sealed before the next
/// `frameseal_encryptor_reserve` and `frameseal_encryptor_confirm`.
///
/// Never resume from a snapshot or a backup, which may be older than the last frame that was sent;
/// use a new key instead (RFC 9605 section 9.1). A key that is already here never goes back, only
/// forward.
///
/// - results as those of `frameseal_encryptor_add_key`
///
/// The base key is not kept. Any thread.
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
        // SAFETY: C promises that pointers are what the header file says.
        let encryptor = unsafe { object(encryptor) }?;
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        let (key_id, last) = (KeyId::new(key_id), Counter::new(last));
        Ok(encryptor.with(|encryptor| encryptor.resume_key_after(key_id, base_key, last))??)
    })
}

/// Seals with this key from the next frame on.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here; the key in use stays in use
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_use_key(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let encryptor = unsafe { object(encryptor) }?;
        Ok(encryptor.with(|encryptor| encryptor.use_key(KeyId::new(key_id)))??)
    })
}

/// Wipes a key, and remembers key id and counter for as long as the encryptor lives. If it was in
/// use, none is.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_remove_key(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let encryptor = unsafe { object(encryptor) }?;
        Ok(encryptor.with(|encryptor| encryptor.remove_key(KeyId::new(key_id)))??)
    })
}

/// Asks for `count` counters of a key to be set aside, and makes its counter durable. Writes the
/// last of them to `*last`: store it where a crash cannot lose it, then
/// `frameseal_encryptor_confirm` it, and only then are they used (RFC 9605 section 9.1). After a
/// restart, `frameseal_encryptor_resume_key_after` it.
///
/// Never answers less than before: asking again before confirming answers the same, or more when
/// more is asked for. Never replace what is stored by a smaller number; several threads must take
/// turns at reserving, storing and confirming. Counters that were confirmed earlier stay
/// usable meanwhile; those of a counter that was not durable do not.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`: no counter is left to set aside
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `count` is 0, or a pointer cannot be right
///
/// Any thread.
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
        let encryptor = unsafe { object(encryptor) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(last) }?;
        let last = encryptor.with(|encryptor| encryptor.reserve(KeyId::new(key_id), count))??;
        place.set(last.value());
        Ok(())
    })
}

/// Says that `last` has been stored: all counters of the key up to it may be used.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no such key is here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `frameseal_encryptor_reserve` never answered `last` or
///   more
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_confirm(
    encryptor: *mut frameseal_encryptor,
    key_id: u64,
    last: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let encryptor = unsafe { object(encryptor) }?;
        let (key_id, last) = (KeyId::new(key_id), Counter::new(last));
        Ok(encryptor.with(|encryptor| encryptor.confirm(key_id, last))??)
    })
}

/// How many bytes the next frame will have when it is sealed, exactly: header, payload and tag.
///
/// With several threads, the next frame may be another thread's; `frameseal_max_overhead` bounds
/// all frames.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
///   `FRAMESEAL_ERROR_RESERVATION_NEEDED`: there is no next frame
/// - `FRAMESEAL_ERROR_USAGE_LIMIT`: the limits of the key forbid a frame with that payload
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
///   right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_sealed_len(
    encryptor: *const frameseal_encryptor,
    payload_len: usize,
    sealed_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let encryptor = unsafe { object(encryptor) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(sealed_len) }?;
        if payload_len > isize::MAX.unsigned_abs() {
            return Err(Error::InvalidArgument("longer than memory can be").into());
        }
        place.set(encryptor.with(|encryptor| encryptor.sealed_len(payload_len))??);
        Ok(())
    })
}
