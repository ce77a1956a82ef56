//! What C can ask about a key: how far it has come, never what it is.

use frameseal_core::{Error, KeyId};

use super::decryptor::frameseal_decryptor;
use super::encryptor::frameseal_encryptor;
use super::entry::enter;
use super::growing::Answers;
use super::key_usage::{frameseal_receiving_key_status, frameseal_sending_key_status};
use super::out::object;
use super::result::frameseal_result;

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
        let key = encryptor.with(|encryptor| encryptor.key_status(key_id))?;
        let key = key.ok_or(Error::UnknownKeyId(key_id))?;
        answers.update(|status| status.tell(&key));
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
        answers.update(|status| status.tell(&key));
        Ok(())
    })
}
