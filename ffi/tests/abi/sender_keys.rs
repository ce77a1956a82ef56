//! Sender keys: a key that ratchets when somebody joins and rolls when somebody leaves.

use std::{ptr, thread};

use super::capi::*;
use super::device::checked;
use super::participant::*;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;
const SECOND: [u8; 16] = [2; 16];

#[test]
fn a_joiner_receives_from_now_on_and_those_who_were_there_follow() {
    let (alice, bob) = (
        Participant::sending(&BASE_KEY),
        Participant::knowing_alice(),
    );
    let early = alice.encrypt(b"before").unwrap();
    assert_eq!(alice.ratchet(), FRAMESEAL_OK);
    let given = alice.joiner_key().unwrap();
    assert_eq!((given.generation, given.step), (0, 1));
    assert_eq!(given.base_key.len(), 32, "as long as the hash");
    assert_ne!(given.base_key, BASE_KEY);
    let carol = Participant::new();
    let added = carol.add_member(ALICE, BITS, given.generation, given.step, &given.base_key);
    assert_eq!(added, FRAMESEAL_OK);

    let frame = alice.encrypt(b"a frame").unwrap();
    for receiver in [&bob, &carol] {
        let (payload, info) = receiver.decrypt(0, ALICE, &frame).unwrap();
        assert_eq!(payload, b"a frame");
        assert_eq!((info.generation, info.step, info.key_id), (0, 1, 1));
        assert_eq!((info.counter, info.payload_len), (0, 7));
        let again = receiver.decrypt(0, ALICE, &frame).unwrap_err();
        assert_eq!(again, FRAMESEAL_ERROR_REPLAY);
    }
    assert_eq!(bob.decrypt(0, ALICE, &early).unwrap().0, b"before", "late");
    let closed = carol.decrypt(0, ALICE, &early).unwrap_err();
    assert_eq!(closed, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    let stranger = bob.decrypt(0, 99, &frame).unwrap_err();
    assert_eq!(stranger, FRAMESEAL_ERROR_UNKNOWN_MEMBER);
}

#[test]
fn whoever_left_opens_nothing_more_and_old_generations_end() {
    let (alice, bob) = (
        Participant::sending(&BASE_KEY),
        Participant::knowing_alice(),
    );
    let mallory = Participant::knowing_alice();
    let old = [alice.encrypt(b"1").unwrap(), alice.encrypt(b"2").unwrap()];
    assert_eq!(bob.add_generation(1000, ALICE, 1, &SECOND), FRAMESEAL_OK);
    assert_eq!(alice.roll(1, &SECOND), FRAMESEAL_OK);
    let frame = alice.encrypt(b"a frame").unwrap();
    let (_, info) = bob.decrypt(1000, ALICE, &frame).unwrap();
    assert_eq!((info.generation, info.step, info.key_id), (1, 0, 0x100));
    let left = mallory.decrypt(1000, ALICE, &frame).unwrap_err();
    assert_eq!(left, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);

    assert!(
        bob.decrypt(1000, ALICE, &old[0]).is_ok(),
        "still on its way"
    );
    assert_eq!(bob.deadline(), Some(11_000));
    // SAFETY: a live handle.
    let ended = unsafe { frameseal_sender_keys_end_old_generations(bob.0, 1000, 2000) };
    assert_eq!((ended, bob.deadline()), (FRAMESEAL_OK, Some(3000)));
    assert_eq!(bob.member_key(ALICE).unwrap().generations, 2);
    // SAFETY: a live handle.
    let result = unsafe { frameseal_sender_keys_poll(bob.0, 3000) };
    assert_eq!(result, FRAMESEAL_OK);
    let held = bob.member_key(ALICE).unwrap();
    assert_eq!((held.generations, held.steps, held.generation), (1, 1, 1));
    assert_eq!(bob.deadline(), None);
    let gone = bob.decrypt(3000, ALICE, &old[1]).unwrap_err();
    assert_eq!(gone, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    let late = bob.add_generation(3000, ALICE, 0, &BASE_KEY);
    assert_eq!(late, FRAMESEAL_ERROR_GENERATION_TOO_OLD);

    // SAFETY: a live handle.
    let remove = || unsafe { frameseal_sender_keys_remove_member(bob.0, ALICE) };
    assert_eq!(remove(), FRAMESEAL_OK);
    assert_eq!(remove(), FRAMESEAL_ERROR_UNKNOWN_MEMBER);
    assert_eq!(
        bob.member_key(ALICE).map(|_| ()),
        Err(FRAMESEAL_ERROR_UNKNOWN_MEMBER)
    );
    let nobody = bob.add_generation(3000, ALICE, 2, &BASE_KEY);
    assert_eq!(nobody, FRAMESEAL_ERROR_UNKNOWN_MEMBER);
}

#[test]
fn a_sender_begins_once_and_only_goes_up() {
    let alice = Participant::new();
    let none = FRAMESEAL_ERROR_NO_SENDING_KEY;
    assert_eq!(alice.encrypt(b"frame"), Err(none));
    assert_eq!((alice.ratchet(), alice.roll(1, &SECOND)), (none, none));
    assert_eq!(alice.joiner_key().map(|_| ()), Err(none));
    assert_eq!(alice.own_key().map(|_| ()), Err(none));
    assert_eq!(alice.start(33, 0, &BASE_KEY), INVALID);
    assert_eq!(alice.start(BITS, 1 << 56, &BASE_KEY), INVALID);
    assert_eq!(alice.start(BITS, 0, &BASE_KEY[..15]), INVALID);
    assert_eq!(alice.start(BITS, 3, &BASE_KEY), FRAMESEAL_OK);
    assert_eq!(alice.start(BITS, 4, &SECOND), INVALID, "it has begun");
    assert_eq!(alice.roll(3, &SECOND), FRAMESEAL_ERROR_GENERATION_TOO_OLD);
    alice.encrypt(&[0; 16]).unwrap();
    let own = alice.own_key().unwrap();
    assert_eq!((own.generation, own.step, own.key_id), (3, 0, 0x300));
    assert_eq!((own.frames, own.bytes, own.next_counter), (1, 32, 1));
    assert_eq!((own.ratchet_bits, own.exhausted), (BITS, 0));
    assert_ne!(own.fingerprint, 0);
    // SAFETY: a live handle.
    let result = unsafe { frameseal_sender_keys_stop_sending(alice.0) };
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!(alice.encrypt(b"frame"), Err(none));
    assert_eq!(
        alice.start(BITS, 3, &SECOND),
        FRAMESEAL_ERROR_GENERATION_TOO_OLD
    );
    assert_eq!(alice.start(7, 4, &SECOND), INVALID, "the bits stay");
    assert_eq!(alice.start(BITS, 4, &SECOND), FRAMESEAL_OK);

    let long = [7; FRAMESEAL_MAX_BASE_KEY_LEN + 1];
    assert_eq!(alice.roll(5, &long), INVALID);
    assert_eq!(alice.roll(5, &long[1..]), FRAMESEAL_OK);
    assert_eq!(alice.joiner_key().unwrap().base_key, long[1..]);

    let never = Participant::new();
    assert_eq!(
        never.start(FRAMESEAL_NO_RATCHET, 5, &BASE_KEY),
        FRAMESEAL_OK
    );
    assert_eq!(never.ratchet(), INVALID);
    assert_eq!(never.own_key().unwrap().key_id, 5);
}

#[test]
fn no_key_serves_both_directions() {
    let alice = Participant::sending(&BASE_KEY);
    let in_use = FRAMESEAL_ERROR_KEY_ID_IN_USE;
    assert_eq!(alice.add_member(2, BITS, 0, 0, &BASE_KEY), in_use);
    assert_eq!(alice.ratchet(), FRAMESEAL_OK);
    assert_eq!(
        alice.add_member(2, BITS, 0, 0, &BASE_KEY),
        in_use,
        "leads to it"
    );
    assert_eq!(alice.add_member(2, BITS, 0, 0, &SECOND), FRAMESEAL_OK);
    assert_eq!(alice.roll(1, &SECOND), in_use);
    assert_eq!(
        alice.add_generation(0, 2, 0, &[3; 16]),
        in_use,
        "another key"
    );
    assert_eq!(
        alice.add_member(2, 7, 1, 0, &[3; 16]),
        INVALID,
        "other bits"
    );
}

#[test]
fn forged_frames_raise_one_alarm_and_do_not_move_the_chain() {
    let mut config = keys_config(GCM).unwrap();
    config.failed_opens = 2;
    let bob = Participant::with_config(&config).unwrap();
    assert_eq!(bob.add_member(ALICE, BITS, 0, 0, &BASE_KEY), FRAMESEAL_OK);
    let forger = Participant::sending(&SECOND);
    assert_eq!(forger.ratchet(), FRAMESEAL_OK);
    let poll = || {
        let (mut raised, mut member, mut key_id) = (true, 99, 99);
        let (a, b, c) = (&raw mut raised, &raw mut member, &raw mut key_id);
        // SAFETY: a live handle and places for the answers.
        let result = unsafe { frameseal_sender_keys_poll_forgery_alarm(bob.0, a, b, c) };
        assert_eq!(result, FRAMESEAL_OK);
        (raised, member, key_id)
    };
    for _ in 0..2 {
        assert_eq!(poll(), (false, 99, 99));
        let forged = forger.encrypt(b"forged").unwrap();
        let refused = bob.decrypt(0, ALICE, &forged).unwrap_err();
        assert_eq!(refused, FRAMESEAL_ERROR_AUTHENTICATION);
    }
    assert_eq!(poll(), (true, ALICE, 0));
    assert_eq!(poll(), (false, 99, 99));
    let held = bob.member_key(ALICE).unwrap();
    assert_eq!((held.step, held.steps, held.failed_ahead), (0, 1, 2));
    let frame = Participant::sending(&BASE_KEY).encrypt(b"frame").unwrap();
    assert!(bob.decrypt(0, ALICE, &frame).is_ok());
}

#[test]
fn an_unknown_generation_is_told_and_nothing_else() {
    let (alice, bob) = (
        Participant::sending(&BASE_KEY),
        Participant::knowing_alice(),
    );
    assert_eq!(alice.roll(0xab, &SECOND), FRAMESEAL_OK);
    let frame = alice.encrypt(b"frame").unwrap();
    let (mut out, mut len, mut info) = ([0xaa; 64], 99, step_info());
    // SAFETY: a live handle, slices, and places for the answers.
    let result = unsafe {
        frameseal_sender_keys_decrypt(
            bob.0,
            0,
            ALICE,
            b"room".as_ptr(),
            4,
            frame.as_ptr(),
            frame.len(),
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
            &raw mut info,
        )
    };
    assert_eq!(result, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    assert_eq!(
        (info.key_id, info.counter, info.step),
        (0xab00, u64::MAX, u64::MAX)
    );
    assert_eq!((out, len), ([0xaa; 64], 99));
}

#[test]
fn sizes_are_exact_and_what_is_too_small_is_told() {
    let (alice, bob) = (
        Participant::sending(&BASE_KEY),
        Participant::knowing_alice(),
    );
    let (mut needed, mut exact) = (0, 0);
    let payload = pattern(100);
    // SAFETY: no room is a room of no bytes.
    let result = unsafe {
        let (none, empty) = (ptr::null(), ptr::null_mut());
        frameseal_sender_keys_encrypt(
            alice.0,
            none,
            0,
            payload.as_ptr(),
            100,
            empty,
            0,
            &raw mut needed,
        )
    };
    assert_eq!(result, FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    // SAFETY: a live handle and a place for the length.
    let result = unsafe { frameseal_sender_keys_sealed_len(alice.0, 100, &raw mut exact) };
    assert_eq!((result, exact), (FRAMESEAL_OK, needed));
    // SAFETY: the same.
    let result = unsafe { frameseal_sender_keys_sealed_len(alice.0, usize::MAX, &raw mut exact) };
    assert_eq!((result, exact), (INVALID, needed));
    let frame = alice.encrypt(&payload).unwrap();
    assert_eq!(frame.len(), needed);
    let payload_len = |frame: &[u8], len: &mut usize| {
        // SAFETY: a live handle, a slice and a place for the length.
        unsafe { frameseal_sender_keys_payload_len(bob.0, frame.as_ptr(), frame.len(), len) }
    };
    assert_eq!(
        payload_len(&frame[..10], &mut exact),
        FRAMESEAL_ERROR_SYNTAX
    );
    assert_eq!(payload_len(&frame, &mut exact), FRAMESEAL_OK);
    assert_eq!(exact, 100);

    let (mut generation, mut step, mut room) = (7, 7, [0xaa; 31]);
    // SAFETY: a live handle, a buffer and places for the answers.
    let result = unsafe {
        let (to, len) = (room.as_mut_ptr(), &raw mut needed);
        frameseal_sender_keys_joiner_key(alice.0, &raw mut generation, &raw mut step, to, 31, len)
    };
    assert_eq!((result, needed), (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, 32));
    assert_eq!((generation, step, room), (7, 7, [0xaa; 31]));
}

/// Seals and opens at every distance, in memory that holds just both.
#[test]
fn input_and_output_may_overlap_in_any_way() {
    let payload = pattern(40);
    let sealed = Participant::sending(&BASE_KEY).encrypt(&payload).unwrap();
    for distance in -60isize..=60 {
        let (from, to) = (60, 60usize.strict_add_signed(distance));
        let mut memory = vec![0xaa; 200];
        memory[from..from + 40].copy_from_slice(&payload);
        let alice = Participant::sending(&BASE_KEY);
        let start = memory.as_mut_ptr();
        let mut len = 0;
        // SAFETY: both lie in the memory.
        let result = unsafe {
            let (input, out) = (start.add(from), start.add(to));
            let metadata = frameseal_slice {
                data: b"room".as_ptr(),
                len: 4,
            };
            frameseal_sender_keys_encrypt_slices(
                alice.0,
                &raw const metadata,
                1,
                input,
                40,
                out,
                sealed.len(),
                &raw mut len,
            )
        };
        assert_eq!((result, len), (FRAMESEAL_OK, sealed.len()), "{distance}");
        assert_eq!(memory[to..to + len], sealed, "{distance}");

        let mut memory = vec![0xaa; 200];
        memory[from..from + sealed.len()].copy_from_slice(&sealed);
        let bob = Participant::knowing_alice();
        let start = memory.as_mut_ptr();
        for (capacity, expected) in [(39, FRAMESEAL_ERROR_BUFFER_TOO_SMALL), (40, FRAMESEAL_OK)] {
            // SAFETY: both lie in the memory.
            let result = unsafe {
                let (input, out) = (start.add(from), start.add(to));
                let metadata = frameseal_slice {
                    data: b"room".as_ptr(),
                    len: 4,
                };
                frameseal_sender_keys_decrypt_slices(
                    bob.0,
                    0,
                    ALICE,
                    &raw const metadata,
                    1,
                    input,
                    sealed.len(),
                    out,
                    capacity,
                    &raw mut len,
                    ptr::null_mut(),
                )
            };
            assert_eq!((result, len), (expected, 40), "{distance}");
        }
        assert_eq!(memory[to..to + 40], payload, "{distance}");
    }
}

#[test]
fn threads_seal_with_one_key_and_no_counter_comes_twice() {
    let alice = Participant::sending(&BASE_KEY);
    let frames: Vec<_> = thread::scope(|scope| {
        let seal = || {
            (0..200)
                .map(|_| alice.encrypt(b"x").unwrap())
                .collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(seal)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let bob = Participant::knowing_alice();
    for frame in &frames {
        assert!(bob.decrypt(0, ALICE, frame).is_ok());
    }
    assert_eq!((frames.len(), alice.own_key().unwrap().frames), (800, 800));
}

#[test]
fn configurations_that_cannot_be_right_are_refused() {
    let make = |config: &frameseal_sender_keys_config| {
        Participant::with_config(config).map_or_else(|error| error, |_| FRAMESEAL_OK)
    };
    for suite in SUITES {
        assert_eq!(make(&keys_config(suite).unwrap()), FRAMESEAL_OK);
    }
    assert_eq!(keys_config(0).map(|_| ()), Err(INVALID));
    let changes: &[&dyn Fn(&mut frameseal_sender_keys_config)] = &[
        &|c| c.struct_size -= 1,
        &|c| c.struct_size = 4097,
        &|c| c.suite = 9,
        &|c| c.reserved = 1,
        &|c| c.backend = 4,
        &|c| c.flags = 4,
        &|c| c.replay_window = FRAMESEAL_MAX_REPLAY_WINDOW + 1,
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut config = keys_config(GCM).unwrap();
        change(&mut config);
        assert_eq!(make(&config), INVALID, "change {at}");
    }
    let mut config = keys_config(GCM).unwrap();
    config.max_frames = 1;
    let alice = Participant::with_config(&config).unwrap();
    assert_eq!(alice.start(BITS, 0, &BASE_KEY), FRAMESEAL_OK);
    assert!(alice.encrypt(b"x").is_ok());
    assert_eq!(alice.encrypt(b"x"), Err(FRAMESEAL_ERROR_USAGE_LIMIT));
    assert_eq!(alice.ratchet(), FRAMESEAL_OK);
    assert!(alice.encrypt(b"x").is_ok(), "another key");
}

#[cfg(unix)]
#[test]
fn copied_sender_keys_refuse_in_the_child_and_go_on_in_the_parent() {
    use super::forking::in_a_child;

    let (alice, bob) = (
        Participant::sending(&BASE_KEY),
        Participant::knowing_alice(),
    );
    let frame = alice.encrypt(b"frame").unwrap();
    let (keys, mut len, mut number, mut flag) = (alice.0, 0, 0, false);
    let code = |result: Result<(), i32>| result.map_or_else(|error| error, |()| FRAMESEAL_OK);
    // Everything that takes a handle, one after the other.
    // SAFETY: live handles, and places for the answers.
    let all = || unsafe {
        let refused = [
            code(alice.encrypt(b"frame").map(|_| ())),
            code(bob.decrypt(0, ALICE, &frame).map(|_| ())),
            code(alice.joiner_key().map(|_| ())),
            code(alice.own_key().map(|_| ())),
            code(bob.member_key(ALICE).map(|_| ())),
            alice.start(BITS, 5, &BASE_KEY),
            alice.ratchet(),
            alice.roll(1, &SECOND),
            alice.add_member(9, BITS, 0, 0, &SECOND),
            bob.add_generation(0, ALICE, 1, &SECOND),
            frameseal_sender_keys_stop_sending(keys),
            frameseal_sender_keys_remove_member(keys, ALICE),
            frameseal_sender_keys_end_old_generations(keys, 0, 0),
            frameseal_sender_keys_poll(keys, 0),
            frameseal_sender_keys_next_deadline(keys, &raw mut flag, &raw mut number),
            frameseal_sender_keys_sealed_len(keys, 5, &raw mut len),
            frameseal_sender_keys_payload_len(keys, frame.as_ptr(), frame.len(), &raw mut len),
        ];
        let all = refused.iter().all(|code| *code == FRAMESEAL_ERROR_FORKED);
        frameseal_sender_keys_free(keys);
        if all { FRAMESEAL_OK } else { 99 }
    };
    assert_eq!(in_a_child(all), FRAMESEAL_OK);
    let next = alice.encrypt(b"frame").unwrap();
    assert_eq!(bob.decrypt(0, ALICE, &next).unwrap().1.counter, 1);
    let new_one = || code(checked(FRAMESEAL_OK, Participant::sending(&SECOND)).map(|_| ()));
    assert_eq!(in_a_child(new_one), FRAMESEAL_OK);
}

#[test]
fn an_announced_key_cannot_be_added_as_somebody_elses() {
    let alice = Participant::sending(&BASE_KEY);
    assert_eq!(alice.announce(1, &SECOND), FRAMESEAL_OK);
    let taken = alice.add_member(666, 8, 0, 0, &SECOND);
    assert_eq!(taken, FRAMESEAL_ERROR_KEY_ID_IN_USE);
    assert_eq!(alice.roll(1, &SECOND), FRAMESEAL_OK);
    assert_eq!(
        alice.announce(1, &[3; 16]),
        FRAMESEAL_ERROR_GENERATION_TOO_OLD
    );
}
