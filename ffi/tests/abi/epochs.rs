//! A call whose keys move, through the C functions: epochs come and go, people join and leave.

use super::capi::*;
use super::device::*;
use super::support::pattern;

#[test]
fn a_frame_says_who_sealed_it_in_which_epoch() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    let payload = pattern(100);
    let frame = bob.encrypt(5, &payload).unwrap();
    let (opened, info) = alice.decrypt(5, &frame).unwrap();
    assert_eq!(opened, payload);
    // 8 bits of epoch, 16 of index.
    assert_eq!((info.key_id, info.counter), ((1 << 8) | 1, 0));
    assert_eq!((info.context, info.payload_len), (0, 100));
    assert_eq!(info.epoch, id(1));
    let expected = frameseal_member_id {
        group: GROUP,
        joined: 1,
        index: 1,
        kind: FRAMESEAL_MEMBER_LEAF,
        number: 0,
    };
    assert_eq!(info.member, expected);
    assert_eq!(alice.member_at(1), Ok(expected));
    assert_eq!(alice.member_at(2), Err(FRAMESEAL_ERROR_UNKNOWN_MEMBER));
    let again = alice.decrypt(5, &frame).map(|_| ());
    assert_eq!(again, Err(FRAMESEAL_ERROR_REPLAY));
    let own = alice.encrypt(5, b"own").unwrap();
    let reflected = alice.decrypt(5, &own).map(|_| ());
    assert_eq!(reflected, Err(FRAMESEAL_ERROR_POLICY));
}

#[test]
fn an_unknown_key_id_is_told_and_nothing_else() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    assert_eq!(bob.add(0, 2, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(bob.activate(0, 2), FRAMESEAL_OK);
    let frame = bob.encrypt(0, b"early").unwrap();
    let (mut out, mut len, mut info) = ([0xaa; 64], 99, received_info());
    // SAFETY: a live handle, slices, and places for the answers.
    let result = unsafe {
        frameseal_receiver_decrypt(
            alice.receiver,
            0,
            b"room".as_ptr(),
            4,
            frame.as_ptr(),
            frame.len(),
            out.as_mut_ptr(),
            64,
            &raw mut len,
            &raw mut info,
        )
    };
    assert_eq!(result, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    assert_eq!((info.key_id, info.counter), ((1 << 8) | 2, u64::MAX));
    assert_eq!((info.member.kind, info.payload_len), (0, usize::MAX));
    assert_eq!((out, len), ([0xaa; 64], 99));
}

#[test]
fn nothing_is_sent_before_the_first_epoch() {
    let alice = Device::new(0);
    let none = FRAMESEAL_ERROR_NO_SENDING_KEY;
    assert_eq!(alice.encrypt(0, b"frame"), Err(none));
    assert_eq!(alice.sending_epoch(), Err(FRAMESEAL_ERROR_UNKNOWN_EPOCH));
    assert_eq!(alice.deadline(), None);
    assert!(alice.events(0).is_empty());
    assert_eq!(alice.add(0, 1, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(alice.sending_epoch(), Ok(1));
    assert!(alice.encrypt(0, b"frame").is_ok());
}

#[test]
fn sending_moves_when_all_are_ready_and_the_old_keys_go_in_time() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    alice.events(0);
    assert_eq!(alice.add(1000, 2, &[0, 1, 2]), FRAMESEAL_OK);
    assert_eq!(bob.add(1000, 2, &[0, 1, 2]), FRAMESEAL_OK);
    assert_eq!(alice.sending_epoch(), Ok(1), "nobody has said so");
    let kinds: Vec<_> = alice.events(1000).iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&FRAMESEAL_EVENT_EPOCH_ADDED));
    assert_eq!(alice.deadline(), Some(3000));
    assert_eq!(alice.peer_ready(1100, 1, 2), FRAMESEAL_OK);
    assert_eq!(
        alice.peer_ready(1100, 0, 2),
        FRAMESEAL_ERROR_UNKNOWN_MEMBER,
        "ourselves"
    );
    assert_eq!(alice.peer_ready(1100, 1, 3), FRAMESEAL_ERROR_UNKNOWN_EPOCH);
    assert_eq!(alice.sending_epoch(), Ok(1));
    assert_eq!(alice.peer_ready(1200, 2, 2), FRAMESEAL_OK);
    assert_eq!(alice.sending_epoch(), Ok(2));
    let kinds: Vec<_> = alice.events(1200).iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&FRAMESEAL_EVENT_EPOCH_ACTIVATED));
    assert!(kinds.contains(&FRAMESEAL_EVENT_KEY_FRAME_NEEDED));

    // Bob still sends with the old one, and alice opens it until ten seconds after she moved.
    let late = bob.encrypt(1300, b"late").unwrap();
    let too_late = bob.encrypt(1300, b"too late").unwrap();
    assert_eq!(alice.decrypt(11_199, &late).unwrap().1.epoch, id(1));
    let refused = alice.decrypt(11_200, &too_late).map(|_| ());
    assert_eq!(refused, Err(FRAMESEAL_ERROR_UNKNOWN_KEY_ID));
    let events = alice.events(11_200);
    let retired = events
        .iter()
        .find(|event| event.kind == FRAMESEAL_EVENT_EPOCH_RETIRED);
    assert_eq!(retired.unwrap().epoch, id(1));
    assert!(alice.epoch_stats(1).is_err());
}

#[test]
fn a_removal_cuts_sending_off_at_once_and_receiving_after_two_seconds() {
    let people = [0, 1, 2];
    let alice = Device::in_call(0, &people);
    let (bob, carol) = (Device::in_call(1, &people), Device::in_call(2, &people));
    assert!(alice.decrypt(0, &bob.encrypt(0, b"hi").unwrap()).is_ok());
    assert_eq!(alice.add(500, 2, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(alice.sending_epoch(), Ok(2));
    let frame = alice.encrypt(500, b"without carol").unwrap();
    let refused = carol.decrypt(500, &frame).map(|_| ());
    assert_eq!(refused, Err(FRAMESEAL_ERROR_UNKNOWN_KEY_ID));

    let cut = alice.events(500);
    let cut = cut
        .iter()
        .find(|event| event.kind == FRAMESEAL_EVENT_SEND_CUT_OFF)
        .unwrap();
    assert_eq!((cut.epoch, cut.at_ms), (id(2), 500));
    let member = alice.member_at(1).unwrap();
    let during = alice.status(600, &member);
    assert_eq!(
        (during.level, during.reason),
        (
            FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL,
            FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS
        )
    );
    assert_eq!(alice.deadline(), Some(2500));
    let ended = alice.events(2500);
    let ended = ended
        .iter()
        .find(|event| event.kind == FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED)
        .unwrap();
    assert_eq!((ended.epoch, ended.at_ms), (id(2), 2500));
    assert_eq!(
        alice.status(2500, &member).level,
        FRAMESEAL_STATUS_END_TO_END
    );
}

#[test]
fn an_epoch_again_changes_nothing_another_key_is_a_fork_and_an_older_one_too_old() {
    let alice = Device::in_call(0, &[0, 1]);
    let frame = alice.encrypt(0, b"first").unwrap();
    assert_eq!(peek(&frame).1, 0);
    assert_eq!(alice.add(1, 1, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(peek(&alice.encrypt(1, b"second").unwrap()).1, 1);
    let other = [9; 16];
    let forked = alice.add_with(1, 1, &[0, 1], |update| update.base_key = other.as_ptr());
    assert_eq!(forked, FRAMESEAL_ERROR_EPOCH_FORK);
    assert_eq!(alice.add(1, 0, &[0, 1]), FRAMESEAL_ERROR_EPOCH_TOO_OLD);
    assert_eq!(alice.add(1, 2, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(alice.activate(1, 2), FRAMESEAL_OK);
    assert_eq!(alice.activate(1, 1), FRAMESEAL_ERROR_EPOCH_TOO_OLD);
    assert_eq!(alice.activate(1, 3), FRAMESEAL_ERROR_UNKNOWN_EPOCH);
    assert_eq!(alice.sending_epoch(), Ok(2));
}

#[test]
fn who_receives_only_opens_frames_and_sends_none() {
    let watcher = Device::new(FRAMESEAL_RECEIVE_ONLY);
    assert_eq!(watcher.add(0, 1, &[0, 1]), FRAMESEAL_OK);
    let alice = Device::in_call(0, &[0, 1]);
    let frame = alice.encrypt(0, b"hello").unwrap();
    assert_eq!(watcher.decrypt(0, &frame).unwrap().0, b"hello");
    let none = FRAMESEAL_ERROR_NO_SENDING_KEY;
    assert_eq!(watcher.encrypt(0, b"frame"), Err(none));
}

#[test]
fn a_video_stream_moves_with_its_key_frame_and_streams_have_contexts_of_their_own() {
    let mut config = config();
    config.send_switch = FRAMESEAL_SEND_AT_KEY_FRAME;
    config.send_from_ms = 100;
    config.send_by_ms = 5000;
    config.own_contexts_end = 2;
    let alice = Device::with_config(0, &config);
    let video = alice.open_stream(FRAMESEAL_STREAM_KEY_FRAMES).unwrap();
    let full = alice.open_stream(FRAMESEAL_STREAM_INDEPENDENT);
    assert_eq!(full, Err(FRAMESEAL_ERROR_CAPACITY));
    let mut context = 99;
    // SAFETY: a live handle and a place for the answer.
    let result = unsafe { frameseal_stream_context(video, &raw mut context) };
    assert_eq!((result, context), (FRAMESEAL_OK, 1));

    assert_eq!(alice.add(0, 1, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(alice.add(0, 2, &[0, 1]), FRAMESEAL_OK);
    let epoch_of = |frame: &[u8]| peek(frame).0 & 0xff;
    assert_eq!(epoch_of(&alice.encrypt(200, b"sound").unwrap()), 2);
    assert_eq!(epoch_of(&encrypt(video, 200, b"delta").unwrap()), 1);
    // SAFETY: a live handle.
    let (marked, prepared) = unsafe {
        (
            frameseal_stream_mark_key_frame(video),
            frameseal_stream_prepare(video, 200),
        )
    };
    assert_eq!((marked, prepared), (FRAMESEAL_OK, FRAMESEAL_OK));
    let key_frame = encrypt(video, 200, b"key").unwrap();
    assert_eq!(peek(&key_frame), ((1 << 24) | 2, 0));
    // SAFETY: not used after this.
    unsafe { frameseal_stream_close(video) };
    assert_eq!(
        alice.open_stream(FRAMESEAL_STREAM_INDEPENDENT),
        Err(FRAMESEAL_ERROR_CAPACITY),
        "its context was used in the newest epoch"
    );
}

#[test]
fn streams_and_receivers_outlive_their_manager() {
    let mut alice = Device::in_call(0, &[0, 1]);
    let mut bob = Device::in_call(1, &[0, 1]);
    for device in [&mut alice, &mut bob] {
        // SAFETY: not used after this.
        unsafe { frameseal_epoch_manager_free(device.manager) };
        device.manager = std::ptr::null_mut();
    }
    let frame = alice.encrypt(0, b"still here").unwrap();
    assert_eq!(bob.decrypt(0, &frame).unwrap().0, b"still here");
}

#[test]
fn a_member_can_be_prepared_before_the_first_frame() {
    let alice = Device::in_call(0, &[0, 1]);
    // SAFETY: a live handle.
    let prepare = |index, context| unsafe {
        frameseal_epoch_manager_prepare(alice.manager, 0, index, context)
    };
    assert_eq!(prepare(1, 0), FRAMESEAL_OK);
    assert_eq!(prepare(1, 0), FRAMESEAL_OK);
    assert_eq!(prepare(2, 0), FRAMESEAL_ERROR_UNKNOWN_MEMBER);
    assert_eq!(prepare(0, 0), FRAMESEAL_ERROR_POLICY);
    assert_eq!(prepare(1, 16), FRAMESEAL_ERROR_POLICY);
    assert_eq!(prepare(1 << 16, 0), FRAMESEAL_ERROR_INVALID_ARGUMENT);
    let bob = Device::in_call(1, &[0, 1]);
    assert!(alice.decrypt(0, &bob.encrypt(0, b"hi").unwrap()).is_ok());
}
