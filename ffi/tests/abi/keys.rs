//! The life of a key: added, used, removed, resumed, exhausted.

use super::capi::*;
use super::support::*;

fn status(sender: &Sender, key_id: u64) -> Result<frameseal_sending_key_status, i32> {
    let mut status = frameseal_sending_key_status {
        struct_size: size_of::<frameseal_sending_key_status>(),
        next_counter: 0,
        frames: 0,
        bytes: 0,
        fingerprint: 0,
        active: 0,
        exhausted: 0,
    };
    // SAFETY: a live handle and a structure that says its size.
    match unsafe { frameseal_encryptor_key_status(sender.0, key_id, &raw mut status) } {
        FRAMESEAL_OK => Ok(status),
        error => Err(error),
    }
}

fn reserve(sender: &Sender, key_id: u64, count: u64) -> Result<u64, i32> {
    let mut last = 99;
    // SAFETY: a live handle and a place for the answer.
    match unsafe { frameseal_encryptor_reserve(sender.0, key_id, count, &raw mut last) } {
        FRAMESEAL_OK => Ok(last),
        error => {
            assert_eq!(last, 99);
            Err(error)
        }
    }
}

fn confirm(sender: &Sender, key_id: u64, last: u64) -> frameseal_result {
    // SAFETY: a live handle.
    unsafe { frameseal_encryptor_confirm(sender.0, key_id, last) }
}

fn resume(sender: &Sender, key_id: u64, last: u64) -> frameseal_result {
    let (key, len) = (BASE_KEY.as_ptr(), BASE_KEY.len());
    // SAFETY: a live handle and a slice.
    unsafe { frameseal_encryptor_resume_key_after(sender.0, key_id, key, len, last) }
}

fn remove(sender: &Sender, key_id: u64) -> frameseal_result {
    // SAFETY: a live handle.
    unsafe { frameseal_encryptor_remove_key(sender.0, key_id) }
}

#[test]
fn sending_needs_a_key_that_was_chosen() {
    let sender = Sender::new(GCM);
    let none = FRAMESEAL_ERROR_NO_SENDING_KEY;
    assert_eq!(sender.encrypt(b"", b"frame"), Err(none));
    assert_eq!(sender.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    assert_eq!(sender.encrypt(b"", b"frame"), Err(none));
    assert_eq!(sender.use_key(8), FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    assert_eq!(sender.use_key(7), FRAMESEAL_OK);
    assert!(sender.encrypt(b"", b"frame").is_ok());
    let short = sender.add_key(8, &BASE_KEY[..15]);
    assert_eq!(short, FRAMESEAL_ERROR_INVALID_ARGUMENT);
    assert_eq!(
        sender.add_key(7, &[1; 16]),
        FRAMESEAL_ERROR_KEY_ID_IN_USE,
        "another key"
    );
}

#[test]
fn a_removed_key_comes_back_where_its_counter_was() {
    let sender = Sender::with_key(GCM, 7);
    for _ in 0..3 {
        sender.encrypt(b"", b"frame").unwrap();
    }
    assert_eq!(remove(&sender, 7), FRAMESEAL_OK);
    assert_eq!(remove(&sender, 7), FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    let removed = status(&sender, 7).unwrap();
    assert_eq!((removed.active, removed.frames), (0, 3));
    assert_eq!(
        sender.encrypt(b"", b"frame"),
        Err(FRAMESEAL_ERROR_NO_SENDING_KEY)
    );
    assert_eq!(sender.add_key(7, &[1; 16]), FRAMESEAL_ERROR_KEY_ID_IN_USE);
    assert_eq!(sender.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    assert_eq!(sender.use_key(7), FRAMESEAL_OK);
    let back = status(&sender, 7).unwrap();
    assert_eq!((back.active, back.next_counter, back.exhausted), (1, 3, 0));
    assert_eq!(back.fingerprint, removed.fingerprint);
    assert_ne!(back.fingerprint, 0);
    assert_eq!(sender.encrypt(b"", b"frame").unwrap()[0], 0x73);
    assert_eq!(
        status(&sender, 8).unwrap_err(),
        FRAMESEAL_ERROR_UNKNOWN_KEY_ID
    );
}

#[test]
fn both_ends_show_the_same_fingerprint() {
    let (sender, receiver) = (Sender::with_key(GCM, 7), Receiver::with_key(GCM, 7));
    let shown = status(&sender, 7).unwrap().fingerprint;
    assert_eq!(shown, receiver.status(7).unwrap().fingerprint);
}

#[test]
fn durable_counters_are_reserved_confirmed_and_resumed() {
    let sender = Sender::with_key(GCM, 7);
    assert_eq!(reserve(&sender, 8, 10), Err(FRAMESEAL_ERROR_UNKNOWN_KEY_ID));
    assert_eq!(
        reserve(&sender, 7, 0),
        Err(FRAMESEAL_ERROR_INVALID_ARGUMENT)
    );
    assert_eq!(confirm(&sender, 7, 1), FRAMESEAL_ERROR_INVALID_ARGUMENT);
    assert_eq!(reserve(&sender, 7, 2), Ok(1));
    let needed = FRAMESEAL_ERROR_RESERVATION_NEEDED;
    assert_eq!(sender.encrypt(b"", b"frame"), Err(needed));
    assert_eq!(confirm(&sender, 7, 1), FRAMESEAL_OK);
    assert!(sender.encrypt(b"", b"frame").is_ok());
    drop(sender);

    let sender = Sender::new(GCM);
    assert_eq!(resume(&sender, 7, 1), FRAMESEAL_OK);
    assert_eq!(sender.use_key(7), FRAMESEAL_OK);
    assert_eq!(sender.encrypt(b"", b"frame"), Err(needed));
    assert_eq!(reserve(&sender, 7, 1), Ok(2));
    assert_eq!(confirm(&sender, 7, 2), FRAMESEAL_OK);
    assert_eq!(sender.encrypt(b"", b"frame").unwrap()[0], 0x72);
}

#[test]
fn the_last_counter_is_used_once() {
    let sender = Sender::new(GCM);
    assert_eq!(resume(&sender, 7, u64::MAX - 1), FRAMESEAL_OK);
    assert_eq!(sender.use_key(7), FRAMESEAL_OK);
    assert_eq!(reserve(&sender, 7, 100), Ok(u64::MAX));
    assert_eq!(confirm(&sender, 7, u64::MAX), FRAMESEAL_OK);
    assert!(sender.encrypt(b"", b"frame").is_ok());
    assert_eq!(
        sender.encrypt(b"", b"frame"),
        Err(FRAMESEAL_ERROR_COUNTER_EXHAUSTED)
    );
    assert_eq!(status(&sender, 7).unwrap().exhausted, 1);
}

#[test]
fn a_forgotten_receiving_key_frees_its_key_id() {
    let receiver = Receiver::with_key(GCM, 7);
    // SAFETY: a live handle.
    let remove = || unsafe { frameseal_decryptor_remove_key(receiver.0, 7) };
    // SAFETY: a live handle.
    let forget = || unsafe { frameseal_decryptor_forget_key(receiver.0, 7) };
    assert_eq!(remove(), FRAMESEAL_OK);
    assert_eq!(remove(), FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    assert_eq!(receiver.status(7).unwrap().active, 0);
    assert_eq!(receiver.add_key(7, &[1; 16]), FRAMESEAL_ERROR_KEY_ID_IN_USE);
    assert_eq!(forget(), FRAMESEAL_OK);
    assert_eq!(forget(), FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    assert_eq!(
        receiver.status(7).unwrap_err(),
        FRAMESEAL_ERROR_UNKNOWN_KEY_ID
    );
    assert_eq!(receiver.add_key(7, &[1; 16]), FRAMESEAL_OK);
}
