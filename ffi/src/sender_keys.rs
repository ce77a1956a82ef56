//! The sender keys of C: the handle and our own key. The others' keys are in
//! [`super::sender_key_members`], frames in [`super::sender_key_frames`], keys on their way to
//! others in [`super::sender_key_sealing`].

use std::sync::{Mutex, MutexGuard};

use frameseal_core::{Error, RatchetBits, SenderKeys, UsageLimits};

use super::entry::{enter, enter_or};
use super::fork::Birth;
use super::growing;
use super::kept::Kept;
use super::out::{Out, object, refuse_overlap};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result, invalid};
use super::sender_key_config::{frameseal_sender_keys_config, sender_keys_config};
use super::span::Span;

/// All sender keys of one participant (RFC 9605 section 5.1): our own key, which ratchets when
/// somebody joins and rolls when somebody leaves, and the keys of the others. Opaque.
///
/// - Made by `frameseal_sender_keys_new`, owned by the application, freed by it with
///   `frameseal_sender_keys_free`.
/// - Every function may be called from any thread; calls on one object wait for each other.
/// - Members are known by numbers that the application gives. Key ids are unique only for each
///   sender, so whoever opens a frame says whose it is. Nobody who leaves is remembered: a member
///   who comes back gets another number, or begins a newer generation.
/// - Time is what the application says, in milliseconds of a clock that is not set back.
/// - It owns our counters. After a restart, begin a new generation with a new base key.
/// - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
///   be freed. What `frameseal_encryptor` says of forks holds here, too.
#[derive(Debug)]
pub struct frameseal_sender_keys {
    birth: Birth,
    pub(super) limits: UsageLimits,
    /// A lock, because two threads inside at once would seal two frames with one nonce.
    keys: Kept<Mutex<SenderKeys>>,
}

impl frameseal_sender_keys {
    /// The keys, for one call: not in a child of the process that made them, and not after a call
    /// that panicked inside.
    #[inline]
    pub(super) fn lock(&self) -> Result<MutexGuard<'_, SenderKeys>, Failure> {
        self.birth.check()?;
        self.keys.lock().map_err(|_| Failure::Internal)
    }
}

/// The most base key bytes that can come out of `frameseal_sender_keys_joiner_key` or
/// `frameseal_sealed_key_open`.
pub const FRAMESEAL_MAX_BASE_KEY_LEN: usize = 96;
/// Ratchet bits of a sender who never ratchets: its key id is the generation.
pub const FRAMESEAL_NO_RATCHET: u32 = 0;
/// The most ratchet bits.
pub const FRAMESEAL_MAX_RATCHET_BITS: u32 = 32;
/// Ratchet bits for when there is no reason for others.
pub const FRAMESEAL_STANDARD_RATCHET_BITS: u32 = 8;

const _: () = assert!(RatchetBits::new(FRAMESEAL_MAX_RATCHET_BITS).is_ok());
const _: () = assert!(RatchetBits::new(FRAMESEAL_MAX_RATCHET_BITS + 1).is_err());
const _: () = assert!(RatchetBits::STANDARD.bits() == FRAMESEAL_STANDARD_RATCHET_BITS);

/// Ratchet bits as C gives them.
pub(super) fn ratchet_bits(bits: u32) -> Result<RatchetBits, Failure> {
    match bits {
        FRAMESEAL_NO_RATCHET => Ok(RatchetBits::NONE),
        bits => Ok(RatchetBits::new(bits)?),
    }
}

/// Reads a base key and does something with it and the keys.
///
/// # Safety
/// As C promises: the handle is one or NULL, and the bytes are readable.
unsafe fn with_base_key(
    keys: *mut frameseal_sender_keys,
    base_key: *const u8,
    base_key_len: usize,
    f: impl FnOnce(&mut SenderKeys, &[u8]) -> Result<(), Failure>,
) -> frameseal_result {
    enter(|| {
        // SAFETY: the promise of the caller.
        let handle = unsafe { object(keys) }?;
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        let mut keys = handle.lock()?;
        f(&mut keys, base_key)
    })
}

/// Makes sender keys without a key. `config` is read during the call only.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `config` has a suite, flag or number that does not exist or
///   the size of no such structure, or a pointer cannot be right
///
/// On success the caller owns `*keys`, until `frameseal_sender_keys_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_new(
    config: *const frameseal_sender_keys_config,
    keys: *mut *mut frameseal_sender_keys,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(keys) }?;
        if config.is_null() {
            return Err(invalid("the configuration is NULL"));
        }
        // SAFETY: the same.
        let config = unsafe { growing::read(config) }?;
        let (suite, send, receive) = sender_keys_config(&config)?;
        let handle = frameseal_sender_keys {
            birth: Birth::now()?,
            limits: send.limits,
            keys: Kept::new(Mutex::new(SenderKeys::with_config(suite, send, receive))),
        };
        give(place, handle);
        Ok(())
    })
}

/// Wipes all keys and frees the object; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where the copy is not freed and wiped but stays until the child ends if another thread was inside
/// a call on it when the process forked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_free(keys: *mut frameseal_sender_keys) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(keys) });
}

/// Begins to send, at step 0 of a generation. `ratchet_bits` is how many low bits of our key ids
/// carry the ratchet step: 1 to `FRAMESEAL_MAX_RATCHET_BITS`, or `FRAMESEAL_NO_RATCHET`; the
/// receivers must know it, and it stays for as long as this object lives.
///
/// - `FRAMESEAL_ERROR_GENERATION_TOO_OLD`: the generation is not higher than all that were used here
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: the base key, or one that it leads to or follows from, receives
///   or received here, or we sent with it before
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: sending has begun (see `frameseal_sender_keys_roll`), the
///   ratchet bits are others than before, the generation does not fit the key id, the base key does
///   not have 16 to `FRAMESEAL_MAX_BASE_KEY_LEN` bytes, or a pointer or length cannot be right
///
/// A call that fails changes nothing. The base key is not kept where it is: wipe it when you need it
/// no more. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_start_sending(
    keys: *mut frameseal_sender_keys,
    ratchet_bits: u32,
    generation: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    let begin = |keys: &mut SenderKeys, key: &[u8]| {
        let bits = self::ratchet_bits(ratchet_bits)?;
        Ok(keys.start_sending(bits, generation, key)?)
    };
    // SAFETY: C promises that pointers are what the header file says.
    unsafe { with_base_key(keys, base_key, base_key_len, begin) }
}

/// Goes to the next ratchet step: a new base key that is derived from the present one. To be called
/// when somebody joins, before `frameseal_sender_keys_joiner_key`.
///
/// Receivers follow by themselves, but at most `max_forward` steps of their configuration (32 by
/// default, and never more than half of those that the ratchet bits tell apart) between two frames of
/// ours that they open. If we may have gone further, as when many join while we are silent, roll
/// (`frameseal_sender_keys_roll`), or give them the key of the newer step as a joiner is given it. A
/// sealed key of the same generation is not opened twice: where keys are sealed, roll.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: the next base key is one that a member was added with, who knows
///   ours and offered a later one of it: roll instead
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: with `FRAMESEAL_NO_RATCHET`, or a pointer cannot be right
///
/// A call that fails changes nothing. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_ratchet(
    keys: *mut frameseal_sender_keys,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(keys) }?;
        Ok(handle.lock()?.ratchet()?)
    })
}

/// Says which generation and base key `frameseal_sender_keys_roll` will go to. To be called before
/// anybody is given that key: from now on nobody can have it, or one that it leads to within 32
/// steps, added as theirs, which would keep us from rolling or ratcheting.
///
/// One key is announced at a time: another one replaces it, as when somebody else leaves before we
/// roll. Whoever joins before we roll is given both keys, the present one too.
///
/// Errors are those of `frameseal_sender_keys_roll`. A call that fails changes nothing. The base key
/// is not kept where it is. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_announce(
    keys: *mut frameseal_sender_keys,
    generation: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    let begin = |keys: &mut SenderKeys, key: &[u8]| Ok(keys.announce(generation, key)?);
    // SAFETY: C promises that pointers are what the header file says.
    unsafe { with_base_key(keys, base_key, base_key_len, begin) }
}

/// Begins a new generation, at step 0, with a base key that does not follow from an earlier one. To
/// be called when somebody left; those who stay must have been given the base key
/// (`frameseal_base_key_seal`), and before that it is announced
/// (`frameseal_sender_keys_announce`).
///
/// The old generations of the others are still accepted for `retain_generation_ms` of the
/// configuration, 10,000 by default, unless `frameseal_sender_keys_end_old_generations` ends them
/// earlier, and whoever left can forge them until then. A monitor has to be told:
/// `frameseal_monitor_set_removal_overlap`.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: another generation or base key was announced
/// - otherwise as `frameseal_sender_keys_start_sending`
///
/// A call that fails changes nothing. The base key is not kept where it is. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_roll(
    keys: *mut frameseal_sender_keys,
    generation: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    let begin = |keys: &mut SenderKeys, key: &[u8]| Ok(keys.roll(generation, key)?);
    // SAFETY: C promises that pointers are what the header file says.
    unsafe { with_base_key(keys, base_key, base_key_len, begin) }
}

/// Wipes our own key. Its generation is remembered: whoever begins again begins higher, and with
/// another base key.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_stop_sending(
    keys: *mut frameseal_sender_keys,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(keys) }?;
        handle.lock()?.stop_sending();
        Ok(())
    })
}

/// Copies what somebody who joins is given: our base key to `base_key`, its length to
/// `*base_key_len`, and where it belongs to `*generation` and `*step`. Call
/// `frameseal_sender_keys_ratchet` first, so that frames sent before stay closed to the joiner, and
/// give the key only over a channel that is end-to-end encrypted, or let
/// `frameseal_sender_keys_seal_joiner_key` seal it.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*base_key_len` is set to the bytes that `base_key` needs,
///   at most `FRAMESEAL_MAX_BASE_KEY_LEN`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, or what is written to
///   overlaps
///
/// A call that fails leaves `base_key` as it was. The copy is a secret and the caller's: wipe it.
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_joiner_key(
    keys: *const frameseal_sender_keys,
    generation: *mut u64,
    step: *mut u64,
    base_key: *mut u8,
    base_key_capacity: usize,
    base_key_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: the same.
        let places = unsafe { KeyOut::new(generation, step, base_key_len) }?;
        let out = Span::new(base_key, base_key_capacity)?;
        places.refuse_overlap(out)?;
        let keys = handle.lock()?;
        let key = keys.joiner_key()?;
        // SAFETY: C promises that nobody else uses the buffer; it shares no byte with the places.
        let out = unsafe { out.as_mut_slice() };
        places.tell(key.generation, key.step, key.base_key.as_ref(), out)
    })
}

/// Where a base key is told that leaves the library.
pub(super) struct KeyOut {
    generation: Out<u64>,
    step: Out<u64>,
    len: Out<usize>,
}

impl KeyOut {
    /// # Safety
    /// As [`Out::new`], for each of them.
    pub(super) unsafe fn new(
        generation: *mut u64,
        step: *mut u64,
        len: *mut usize,
    ) -> Result<Self, Failure> {
        Ok(Self {
            // SAFETY: the promise of the caller.
            generation: unsafe { Out::new(generation) }?,
            // SAFETY: the same.
            step: unsafe { Out::new(step) }?,
            // SAFETY: the same.
            len: unsafe { Out::new(len) }?,
        })
    }

    pub(super) fn refuse_overlap(&self, written: Span) -> Result<(), Failure> {
        let places = [self.generation.span(), self.step.span(), self.len.span()];
        refuse_overlap(written, &places)
    }

    pub(super) fn tell(
        self,
        generation: u64,
        step: u64,
        base_key: &[u8],
        out: &mut [u8],
    ) -> Result<(), Failure> {
        let needed = base_key.len();
        let Some(to) = out.get_mut(..needed) else {
            self.len.set(needed);
            return Err(Error::BufferTooSmall { needed }.into());
        };
        to.copy_from_slice(base_key);
        self.generation.set(generation);
        self.step.set(step);
        self.len.set(needed);
        Ok(())
    }
}
