//! What C can ask about a key: how far it has come, never what it is.

use frameseal_core::{Counter, Error, Fingerprint, KeyId};

use super::decryptor::frameseal_decryptor;
use super::encryptor::frameseal_encryptor;
use super::entry::enter;
use super::growing::{Answers, Growing};
use super::out::object;
use super::result::frameseal_result;

/// How far a sending key has come. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_sending_key_status {
    /// `sizeof (frameseal_sending_key_status)`. Fields that a later version adds are not touched by
    /// an earlier library: initialise them.
    pub struct_size: usize,
    /// The counter of the next frame; 0 when `exhausted`.
    pub next_counter: u64,
    /// Frames sealed.
    pub frames: u64,
    /// Bytes sealed, counted as in `frameseal_encryptor_config`.
    pub bytes: u64,
    /// Names the key in logs without revealing it: print it with 8 hexadecimal digits.
    pub fingerprint: u32,
    /// 1 when the key is there, 0 when it was removed and only its counter is remembered.
    pub active: u8,
    /// 1 when the last counter, 2^64 - 1, was used, else 0.
    pub exhausted: u8,
}

/// What a receiving key has seen. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_receiving_key_status {
    /// `sizeof (frameseal_receiving_key_status)`. Fields that a later version adds are not touched
    /// by an earlier library: initialise them.
    pub struct_size: usize,
    /// The highest counter that was accepted, if `has_highest_counter`; else 0.
    pub highest_counter: u64,
    /// Frames opened.
    pub opened: u64,
    /// Frames that named this key and did not authenticate.
    pub failed_opens: u64,
    /// Frames refused as replayed or too old.
    pub replayed: u64,
    /// Names the key in logs without revealing it: print it with 8 hexadecimal digits.
    pub fingerprint: u32,
    /// 1 when the key is there, 0 when it was removed and only its window is remembered.
    pub active: u8,
    /// 0 before the first frame and without replay protection, else 1.
    pub has_highest_counter: u8,
}

const COUNTERS: usize = size_of::<usize>().next_multiple_of(align_of::<u64>());

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_sending_key_status {
    const FIRST_SIZE: usize = COUNTERS + 3 * 8 + 8;
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_receiving_key_status {
    const FIRST_SIZE: usize = COUNTERS + 4 * 8 + 8;
}

/// Tells how far a sending key has come, also when it was removed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_key_status(
    encryptor: *const frameseal_encryptor,
    key_id: u64,
    status: *mut frameseal_sending_key_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let encryptor = unsafe { object(encryptor) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(status) }?;
        let key_id = KeyId::new(key_id);
        let key = encryptor.lock()?.key_status(key_id);
        let key = key.ok_or(Error::UnknownKeyId(key_id))?;
        answers.update(|status| {
            status.next_counter = key.next_counter.map_or(0, Counter::value);
            status.frames = key.frames;
            status.bytes = key.bytes;
            status.fingerprint = number(key.fingerprint);
            status.active = key.active.into();
            status.exhausted = key.next_counter.is_none().into();
        });
        Ok(())
    })
}

/// Tells what a receiving key has seen, also when it was removed.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the key was never here, or was forgotten
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_key_status(
    decryptor: *const frameseal_decryptor,
    key_id: u64,
    status: *mut frameseal_receiving_key_status,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(decryptor) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(status) }?;
        let key_id = KeyId::new(key_id);
        let key = handle.keys().key_status(key_id);
        let key = key.ok_or(Error::UnknownKeyId(key_id))?;
        answers.update(|status| {
            status.highest_counter = key.highest_counter.map_or(0, Counter::value);
            status.opened = key.opened;
            status.failed_opens = key.failed_opens;
            status.replayed = key.replayed;
            status.fingerprint = number(key.fingerprint);
            status.active = key.active.into();
            status.has_highest_counter = key.highest_counter.is_some().into();
        });
        Ok(())
    })
}

/// The hexadecimal digits that a fingerprint shows, as a number.
pub(super) fn number(fingerprint: Fingerprint) -> u32 {
    struct Digits(u32);

    impl core::fmt::Write for Digits {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            for digit in text.chars().filter_map(|c| c.to_digit(16)) {
                self.0 = (self.0 << 4) | digit;
            }
            Ok(())
        }
    }

    let mut digits = Digits(0);
    // Writing to a number cannot fail.
    let _ = core::fmt::write(&mut digits, format_args!("{fingerprint}"));
    digits.0
}
