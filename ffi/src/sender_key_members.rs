//! The others' sender keys in C: who is there, which generations are known, what became of them.

use core::time::Duration;

use frameseal_core::{Counter, Error, Timestamp};

use super::entry::enter;
use super::growing::{Answers, Growing, size_until};
use super::out::{Out, object, refuse_overlap};
use super::result::frameseal_result;
use super::sender_keys::{frameseal_sender_keys, ratchet_bits};
use super::span::Span;

/// How far our own sender key has come. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_own_sender_key {
    /// `sizeof (frameseal_own_sender_key)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// The generation.
    pub generation: u64,
    /// The ratchet step in it, counted in full.
    pub step: u64,
    /// The key id of the next frame.
    pub key_id: u64,
    /// The counter of the next frame; 0 when `exhausted`.
    pub next_counter: u64,
    /// Frames sealed in this step.
    pub frames: u64,
    /// Bytes sealed in this step, counted as in `frameseal_encryptor_config`.
    pub bytes: u64,
    /// Names the key of this step in logs without revealing it: print it with 8 hexadecimal digits.
    pub fingerprint: u32,
    /// How many low bits of our key ids carry the step.
    pub ratchet_bits: u32,
    /// 1 when the last counter, 2^64 - 1, was used, else 0.
    pub exhausted: u8,
}

/// What is held of one member's sender keys. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_member_sender_key {
    /// `sizeof (frameseal_member_sender_key)`. Fields that a later version adds are not touched by
    /// an earlier library: initialise them.
    pub struct_size: usize,
    /// The newest generation.
    pub generation: u64,
    /// The latest step of it that authenticated, or that it began with.
    pub step: u64,
    /// Frames that named a step ahead and did not authenticate, since it last moved.
    pub failed_ahead: u64,
    /// How many generations are held.
    pub generations: usize,
    /// How many steps are held, of all generations together.
    pub steps: usize,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_own_sender_key {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_own_sender_key, exhausted) + 1);
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_member_sender_key {
    const FIRST_SIZE: usize = size_until::<Self>(
        core::mem::offset_of!(frameseal_member_sender_key, steps) + size_of::<usize>(),
    );
}

/// Adds a member who sends, at a generation and step with the base key of that step. For a member
/// who is here, as `frameseal_sender_keys_add_generation`.
///
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: the base key is, was or would become our own
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the base key does not have 16 to
///   `FRAMESEAL_MAX_BASE_KEY_LEN` bytes or is all zeros, generation and step do not fit the key id, the
///   ratchet bits do not exist or differ from those of a member who is here, or a pointer or length cannot be
///   right
/// - for a member who is here, as `frameseal_sender_keys_add_generation`
///
/// A call that fails changes nothing. The base key is not kept where it is: wipe it when you need it
/// no more. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_add_member(
    keys: *mut frameseal_sender_keys,
    now_ms: u64,
    member: u64,
    ratchet_bits: u32,
    generation: u64,
    step: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        let base_key = Span::new(base_key, base_key_len)?;
        let bits = self::ratchet_bits(ratchet_bits)?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        let now = Timestamp::from_millis(now_ms);
        let mut keys = handle.lock()?;
        Ok(keys.add_member(now, member, bits, generation, step, base_key)?)
    })
}

/// Adds a newer generation of a member, who rolls. Its frames can be opened at once, those of older
/// generations for `retain_generation_ms` of the configuration.
///
/// A key that is here already changes nothing. For a later step of a generation that is here, the
/// key must follow from the one that is here.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_GENERATION_TOO_OLD`: it is older than the newest, and not here
/// - `FRAMESEAL_ERROR_KEY_ID_IN_USE`: another base key is here for this generation, or the base key
///   is, was or would become our own
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: as `frameseal_sender_keys_add_member`; or more than 4,096
///   steps from the one that is here
///
/// A call that fails changes nothing. The base key is not kept where it is. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_add_generation(
    keys: *mut frameseal_sender_keys,
    now_ms: u64,
    member: u64,
    generation: u64,
    step: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        let base_key = Span::new(base_key, base_key_len)?;
        // SAFETY: the same; the slice does not outlive the call.
        let base_key = unsafe { base_key.as_slice() };
        let now = Timestamp::from_millis(now_ms);
        let mut keys = handle.lock()?;
        Ok(keys.add_generation(now, member, generation, step, base_key)?)
    })
}

/// Wipes all keys of a member. Our own key is still known to whoever was removed, and those of the
/// others too: roll, and let them roll.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_remove_member(
    keys: *mut frameseal_sender_keys,
    member: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(keys) }?;
        Ok(handle.lock()?.remove_member(member)?)
    })
}

/// Accepts the old generations of all members for no longer than `within_ms` from now on: to be
/// called when somebody was removed and the others have rolled, since that one can forge their old
/// generations.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_end_old_generations(
    keys: *mut frameseal_sender_keys,
    now_ms: u64,
    within_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(keys) }?;
        let now = Timestamp::from_millis(now_ms);
        let within = Duration::from_millis(within_ms);
        handle.lock()?.end_old_generations(now, within);
        Ok(())
    })
}

/// Wipes the keys that are due. Every other call with a time does so too, for the member that it is
/// about; to be called at `frameseal_sender_keys_next_deadline`.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_poll(
    keys: *mut frameseal_sender_keys,
    now_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(keys) }?;
        handle.lock()?.poll(Timestamp::from_millis(now_ms));
        Ok(())
    })
}

/// Tells when the next key is due to be wiped: `*pending` is set to whether there is such a time,
/// and if so `*at_ms` to it.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_next_deadline(
    keys: *const frameseal_sender_keys,
    pending: *mut bool,
    at_ms: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
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

/// Tells the next key that has seen as many failed opens as `failed_opens` of the configuration:
/// `*raised` is set to whether there is one, and if so `*member` and `*key_id` to whose and which.
/// Each is told once; failed opens of steps ahead count together.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_poll_forgery_alarm(
    keys: *mut frameseal_sender_keys,
    raised: *mut bool,
    member: *mut u64,
    key_id: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: the same.
        let raised_place = unsafe { Out::new(raised) }?;
        // SAFETY: the same.
        let member_place = unsafe { Out::new(member) }?;
        // SAFETY: the same.
        let key_id_place = unsafe { Out::new(key_id) }?;
        let places = [member_place.span(), key_id_place.span()];
        refuse_overlap(raised_place.span(), &places)?;
        let alarm = handle.lock()?.poll_forgery_alarm();
        raised_place.set(alarm.is_some());
        if let Some((member, key_id)) = alarm {
            member_place.set(member);
            key_id_place.set(key_id.value());
        }
        Ok(())
    })
}

/// Tells how far our own key has come.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_own_key(
    keys: *const frameseal_sender_keys,
    own: *mut frameseal_own_sender_key,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(own) }?;
        let keys = handle.lock()?;
        let chain = keys.sending().ok_or(Error::NoSendingKey)?;
        let key = chain.status();
        answers.update(|own| {
            own.generation = chain.generation();
            own.step = chain.step();
            own.key_id = chain.key_id().value();
            own.next_counter = key.next_counter.map_or(0, Counter::value);
            own.frames = key.frames;
            own.bytes = key.bytes;
            own.fingerprint = key.fingerprint.shown();
            own.ratchet_bits = chain.ratchet_bits().bits();
            own.exhausted = key.next_counter.is_none().into();
        });
        Ok(())
    })
}

/// Tells what is held of a member's keys.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_member_key(
    keys: *const frameseal_sender_keys,
    member: u64,
    held: *mut frameseal_member_sender_key,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(held) }?;
        let keys = handle.lock()?;
        let status = keys.member(member).ok_or(Error::UnknownMember)?.status();
        answers.update(|held| {
            held.generation = status.generation;
            held.step = status.step;
            held.failed_ahead = status.failed_ahead;
            held.generations = status.generations;
            held.steps = status.steps;
        });
        Ok(())
    })
}
