//! What can be chosen when an encryptor or decryptor is made, and what is refused.

use std::ptr;

use super::capi::*;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;

fn receiving() -> frameseal_decryptor_config {
    frameseal_decryptor_config {
        struct_size: size_of::<frameseal_decryptor_config>(),
        replay_window: 0,
        flags: 0,
        failed_opens: 0,
        backend: FRAMESEAL_BACKEND_DEFAULT,
    }
}

fn make(config: *const frameseal_decryptor_config) -> frameseal_result {
    let mut handle = ptr::null_mut();
    // SAFETY: a configuration and a place for a handle.
    let result = unsafe { frameseal_decryptor_new_with_config(GCM, config, &raw mut handle) };
    assert_eq!(handle.is_null(), result != FRAMESEAL_OK);
    // SAFETY: NULL, or not used any more.
    unsafe { frameseal_decryptor_free(handle) };
    result
}

#[test]
fn unregistered_suites_are_refused() {
    for suite in [0, 9, 0xffff] {
        let (mut sender, mut receiver) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: a place for a handle.
        let result = unsafe { frameseal_encryptor_new(suite, &raw mut sender) };
        assert_eq!((result, sender), (INVALID, ptr::null_mut()));
        // SAFETY: a place for a handle.
        let result = unsafe { frameseal_decryptor_new(suite, &raw mut receiver) };
        assert_eq!((result, receiver), (INVALID, ptr::null_mut()));
    }
    // SAFETY: NULL must be refused.
    let result = unsafe { frameseal_encryptor_new(GCM, ptr::null_mut()) };
    assert_eq!(result, INVALID);
    // SAFETY: NULL must be refused.
    let result = unsafe { frameseal_decryptor_new(GCM, ptr::null_mut()) };
    assert_eq!(result, INVALID);
}

#[test]
fn a_configuration_must_say_its_size_and_ask_for_nothing_unknown() {
    assert_eq!(make(ptr::null()), FRAMESEAL_OK);
    assert_eq!(make(&receiving()), FRAMESEAL_OK);
    for size in [0, 8, size_of::<frameseal_decryptor_config>() - 1, 4097] {
        let mut config = receiving();
        config.struct_size = size;
        assert_eq!(make(&config), INVALID, "{size}");
    }
    let mut config = receiving();
    config.flags = 4;
    assert_eq!(make(&config), INVALID);

    #[repr(C)]
    struct Newer {
        known: frameseal_decryptor_config,
        added: u64,
    }
    let mut newer = Newer {
        known: receiving(),
        added: 0,
    };
    newer.known.struct_size = size_of::<Newer>();
    assert_eq!(make((&raw const newer).cast()), FRAMESEAL_OK);
    newer.added = 1 << 63;
    assert_eq!(make((&raw const newer).cast()), INVALID, "we cannot do it");
}

#[test]
fn the_replay_window_has_a_limit_and_is_not_both_chosen_and_turned_off() {
    let mut config = receiving();
    config.replay_window = FRAMESEAL_MAX_REPLAY_WINDOW;
    assert_eq!(make(&config), FRAMESEAL_OK);
    config.replay_window += 1;
    assert_eq!(make(&config), INVALID);
    config.replay_window = 64;
    config.flags = FRAMESEAL_REPLAY_PROTECTION_OFF;
    assert_eq!(make(&config), INVALID);
}

#[test]
fn replay_protection_is_on_unless_it_is_turned_off_by_name() {
    let frame = Sender::with_key(GCM, 7).encrypt(b"", b"frame").unwrap();
    let receiver = Receiver::with_key(GCM, 7);
    assert!(receiver.decrypt(b"", &frame).is_ok());
    let again = receiver.decrypt(b"", &frame).unwrap_err();
    assert_eq!(again, FRAMESEAL_ERROR_REPLAY);
    let status = receiver.status(7).unwrap();
    assert_eq!((status.opened, status.replayed), (1, 1));
    assert_eq!((status.has_highest_counter, status.highest_counter), (1, 0));

    let mut config = receiving();
    config.flags = FRAMESEAL_REPLAY_PROTECTION_OFF;
    let receiver = Receiver::with_config(GCM, &config);
    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    for _ in 0..3 {
        assert!(receiver.decrypt(b"", &frame).is_ok());
    }
    assert_eq!(receiver.status(7).unwrap().has_highest_counter, 0);
}

#[test]
fn a_chosen_window_is_the_one_that_counts() {
    let sender = Sender::with_key(GCM, 7);
    let frames: Vec<_> = (0..200)
        .map(|_| sender.encrypt(b"", b"x").unwrap())
        .collect();
    let mut config = receiving();
    config.replay_window = 64;
    let receiver = Receiver::with_config(GCM, &config);
    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    assert!(receiver.decrypt(b"", &frames[199]).is_ok());
    assert!(receiver.decrypt(b"", &frames[136]).is_ok());
    let late = receiver.decrypt(b"", &frames[135]).unwrap_err();
    assert_eq!(late, FRAMESEAL_ERROR_REPLAY);
}

#[test]
fn the_forgery_alarm_is_told_once_and_stops_the_key_only_if_asked_to() {
    for (flags, afterwards) in [
        (0, FRAMESEAL_OK),
        (FRAMESEAL_STOP_KEY_ON_FORGERY, FRAMESEAL_ERROR_POLICY),
    ] {
        let sender = Sender::with_key(GCM, 7);
        let frame = sender.encrypt(b"", b"frame").unwrap();
        let mut config = receiving();
        (config.flags, config.failed_opens) = (flags, 3);
        let receiver = Receiver::with_config(GCM, &config);
        assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
        let poll = || {
            let (mut raised, mut key_id) = (true, 99);
            // SAFETY: a live handle and places for the answers.
            let result = unsafe {
                frameseal_decryptor_poll_forgery_alarm(receiver.0, &raw mut raised, &raw mut key_id)
            };
            assert_eq!(result, FRAMESEAL_OK);
            (raised, key_id)
        };
        for _ in 0..3 {
            assert_eq!(poll(), (false, 99));
            let forged = receiver.decrypt(b"other metadata", &frame).unwrap_err();
            assert_eq!(forged, FRAMESEAL_ERROR_AUTHENTICATION);
        }
        assert_eq!(poll(), (true, 7));
        assert_eq!(poll(), (false, 99));
        assert_eq!(receiver.status(7).unwrap().failed_opens, 3);
        let result = receiver.decrypt(b"", &frame);
        assert_eq!(
            result.map_or_else(|error| error, |_| FRAMESEAL_OK),
            afterwards
        );
    }
}

#[test]
fn the_limits_of_a_key_are_those_that_were_chosen() {
    for (max_frames, max_bytes) in [(2, 0), (0, 64)] {
        let config = frameseal_encryptor_config {
            struct_size: size_of::<frameseal_encryptor_config>(),
            max_frames,
            max_bytes,
            backend: FRAMESEAL_BACKEND_DEFAULT,
        };
        let mut handle = ptr::null_mut();
        // SAFETY: a configuration and a place for a handle.
        let result =
            unsafe { frameseal_encryptor_new_with_config(GCM, &raw const config, &raw mut handle) };
        assert_eq!(result, FRAMESEAL_OK);
        let sender = Sender(handle);
        assert_eq!(sender.add_key(7, &BASE_KEY), FRAMESEAL_OK);
        assert_eq!(sender.use_key(7), FRAMESEAL_OK);
        // 16 bytes are charged as 32.
        assert!(sender.encrypt(b"", &[0; 16]).is_ok());
        assert!(sender.encrypt(b"", &[0; 16]).is_ok());
        let third = sender.encrypt(b"", &[0; 16]).unwrap_err();
        assert_eq!(third, FRAMESEAL_ERROR_USAGE_LIMIT);
    }
}
