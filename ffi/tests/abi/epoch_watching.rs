//! What C is told of a call: status, statistics, verification, passthrough and events.

use super::capi::*;
use super::device::*;

fn alice_and_bob() -> (Device, Device, frameseal_member_id) {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    let member = alice.member_at(1).unwrap();
    (alice, bob, member)
}

#[test]
fn a_status_follows_what_authenticates() {
    let (alice, bob, member) = alice_and_bob();
    let unknown = alice.status(0, &member);
    assert_eq!(
        (unknown.level, unknown.reason),
        (FRAMESEAL_STATUS_UNKNOWN, FRAMESEAL_REASON_NOTHING_RECEIVED)
    );
    let unheard = FRAMESEAL_ERROR_UNKNOWN_MEMBER;
    assert_eq!(alice.member_stats(&member).map(|_| ()), Err(unheard));
    let frame = bob.encrypt(10, b"hi").unwrap();
    assert!(alice.decrypt(10, &frame).is_ok());
    assert!(alice.decrypt(10, &frame).is_err());
    let mut forged = bob.encrypt(10, b"ho").unwrap();
    *forged.last_mut().unwrap() ^= 1;
    let refused = alice.decrypt(11, &forged).map(|_| ());
    assert_eq!(refused, Err(FRAMESEAL_ERROR_AUTHENTICATION));

    let heard = alice.status(20, &member);
    assert_eq!(
        (heard.level, heard.reason),
        (FRAMESEAL_STATUS_END_TO_END, FRAMESEAL_REASON_AUTHENTICATED)
    );
    assert_eq!(alice.room_status(20).level, FRAMESEAL_STATUS_END_TO_END);
    for stats in [
        alice.member_stats(&member).unwrap(),
        alice.epoch_stats(1).unwrap(),
    ] {
        let counts = (stats.opened, stats.failed_opens, stats.replayed);
        assert_eq!(counts, (1, 1, 1));
        assert_eq!(
            (stats.has_last_authenticated, stats.last_authenticated_ms),
            (1, 10)
        );
    }
    assert_eq!(
        alice.status(10_010, &member).level,
        FRAMESEAL_STATUS_STALE,
        "after ten seconds without a frame"
    );
}

#[test]
fn events_say_what_their_kind_promises_and_nothing_else() {
    let (alice, bob, member) = alice_and_bob();
    let added = &alice.events(0)[0];
    assert_eq!(
        (added.kind, added.epoch, added.member),
        (
            FRAMESEAL_EVENT_EPOCH_ADDED,
            id(1),
            frameseal_member_id::default()
        )
    );
    assert_eq!(
        (added.level, added.reason, added.key_id, added.count),
        (0, 0, 0, 0)
    );
    let frame = bob.encrypt(200, b"hi").unwrap();
    assert!(alice.decrypt(200, &frame).is_ok());
    let events = alice.events(200);
    let find = |kind| events.iter().find(|event| event.kind == kind).unwrap();
    assert_eq!(find(FRAMESEAL_EVENT_MEMBER_FIRST_HEARD).member, member);
    let changed = find(FRAMESEAL_EVENT_STATUS_CHANGED);
    assert_eq!(
        (changed.member, changed.level, changed.reason),
        (
            member,
            FRAMESEAL_STATUS_END_TO_END,
            FRAMESEAL_REASON_AUTHENTICATED
        )
    );
    let room = find(FRAMESEAL_EVENT_ROOM_STATUS_CHANGED);
    assert_eq!(
        (room.member.kind, room.level),
        (FRAMESEAL_MEMBER_NONE, FRAMESEAL_STATUS_END_TO_END)
    );

    // SAFETY: a live handle.
    let result = unsafe { frameseal_epoch_manager_force_rekey(alice.manager) };
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!(alice.events(200)[0].kind, FRAMESEAL_EVENT_REKEY_NEEDED);

    // A frame of an epoch that is not here.
    assert_eq!(bob.add(300, 2, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(bob.activate(300, 2), FRAMESEAL_OK);
    let frame = bob.encrypt(300, b"early").unwrap();
    assert!(alice.decrypt(300, &frame).is_err());
    let unknown = &alice.events(300)[0];
    assert_eq!(
        (unknown.kind, unknown.key_id, unknown.count),
        (FRAMESEAL_EVENT_UNKNOWN_KEY_ID, (1 << 8) | 2, 1)
    );
}

#[test]
fn an_event_is_not_taken_by_a_call_that_fails() {
    let alice = Device::in_call(0, &[0, 1]);
    let mut event = no_event();
    for size in [0, 1, size_of::<frameseal_event>() - 1, 4097, usize::MAX] {
        event.struct_size = size;
        // SAFETY: a live handle; the size is what must be refused.
        let result =
            unsafe { frameseal_epoch_manager_poll_event(alice.manager, 0, &raw mut event) };
        assert_eq!(result, FRAMESEAL_ERROR_INVALID_ARGUMENT);
        assert_eq!(event.kind, u32::MAX);
    }
    assert_eq!(alice.events(0)[0].kind, FRAMESEAL_EVENT_EPOCH_ADDED);
}

#[test]
fn a_call_is_verified_when_everybody_is() {
    let (alice, bob, member) = alice_and_bob();
    let frame = bob.encrypt(0, b"hi").unwrap();
    assert!(alice.decrypt(0, &frame).is_ok());
    // SAFETY: a live handle and a member.
    let verify = |verified| unsafe {
        frameseal_epoch_manager_set_verified(alice.manager, &raw const member, verified)
    };
    assert_eq!(verify(true), FRAMESEAL_OK);
    let verified = FRAMESEAL_STATUS_END_TO_END_VERIFIED;
    assert_eq!(alice.status(1, &member).level, verified);
    assert_eq!(alice.room_status(1).level, verified);
    assert_eq!(verify(false), FRAMESEAL_OK);
    assert_eq!(alice.room_status(1).level, FRAMESEAL_STATUS_END_TO_END);
    let newest = id(1);
    // SAFETY: a live handle and an epoch.
    let all = |epoch: &frameseal_epoch_id| unsafe {
        frameseal_epoch_manager_set_epoch_verified(alice.manager, epoch)
    };
    assert_eq!(all(&id(2)), FRAMESEAL_ERROR_UNKNOWN_EPOCH);
    assert_eq!(all(&newest), FRAMESEAL_OK);
    assert_eq!(alice.room_status(1).level, verified);
    let nobody = frameseal_member_id {
        joined: 9,
        ..member
    };
    // SAFETY: a live handle and a member.
    let result =
        unsafe { frameseal_epoch_manager_set_verified(alice.manager, &raw const nobody, true) };
    assert_eq!(result, FRAMESEAL_ERROR_UNKNOWN_MEMBER);
}

#[test]
fn passthrough_is_an_exception_by_name_that_encryption_ends() {
    let (alice, bob, member) = alice_and_bob();
    let refused = FRAMESEAL_ERROR_PASSTHROUGH_REFUSED;
    let silence = [0xf8, 0xff, 0xfe];
    let injected = frameseal_slice {
        data: silence.as_ptr(),
        len: 3,
    };
    let pass = |now, frame: &[u8]| {
        let mut plain = 0;
        // SAFETY: a live handle, a member, slices, and a place for the answer.
        let result = unsafe {
            frameseal_epoch_manager_pass(
                alice.manager,
                now,
                &raw const member,
                frame.as_ptr(),
                frame.len(),
                &raw const injected,
                1,
                &raw mut plain,
            )
        };
        checked(result, plain)
    };
    // SAFETY: a live handle and a member.
    let allow = |now, duration| unsafe {
        frameseal_epoch_manager_allow_passthrough(alice.manager, now, &raw const member, duration)
    };
    assert_eq!(pass(0, b"clear"), Err(refused));
    assert_eq!(pass(0, &silence), Ok(FRAMESEAL_PLAIN_INJECTED));
    let too_long = FRAMESEAL_MAX_PASSTHROUGH_MS + 1;
    assert_eq!(allow(0, too_long), FRAMESEAL_ERROR_INVALID_ARGUMENT);
    assert_eq!(allow(0, 1000), FRAMESEAL_OK);
    assert_eq!(pass(1, b"clear"), Ok(FRAMESEAL_PLAIN_PASSTHROUGH));
    assert_eq!(
        alice.status(1, &member).level,
        FRAMESEAL_STATUS_TRANSPORT_ONLY
    );
    // SAFETY: a live handle and a member.
    let ended =
        unsafe { frameseal_epoch_manager_end_passthrough(alice.manager, &raw const member) };
    assert_eq!((ended, pass(2, b"clear")), (FRAMESEAL_OK, Err(refused)));

    assert!(alice.decrypt(3, &bob.encrypt(3, b"hi").unwrap()).is_ok());
    assert_eq!(allow(4, 1000), refused, "they can encrypt");
    alice.events(4);
    // SAFETY: a live handle and a member.
    let result = unsafe { frameseal_epoch_manager_downgrade(alice.manager, &raw const member) };
    assert_eq!((result, allow(5, 1000)), (FRAMESEAL_OK, FRAMESEAL_OK));
    let downgrade = &alice.events(5)[0];
    assert_eq!(
        (downgrade.kind, downgrade.member),
        (FRAMESEAL_EVENT_DOWNGRADE, member)
    );
    let stats = alice.member_stats(&member).unwrap();
    assert_eq!((stats.passed, stats.injected), (1, 1));
}

#[test]
fn our_own_sending_in_the_clear_is_an_exception_too() {
    let alice = Device::in_call(0, &[0, 1]);
    let manager = alice.manager;
    let refused = FRAMESEAL_ERROR_PASSTHROUGH_REFUSED;
    // SAFETY: live handles only.
    unsafe {
        assert_eq!(
            frameseal_epoch_manager_send_in_the_clear(manager, 0),
            refused
        );
        let allowed = frameseal_epoch_manager_allow_sending_in_the_clear(manager, 0, 1000);
        assert_eq!(allowed, FRAMESEAL_OK);
        let sent = frameseal_epoch_manager_send_in_the_clear(manager, 1);
        assert_eq!(sent, FRAMESEAL_OK);
        let room = alice.room_status(2);
        assert_eq!(
            (room.level, room.reason),
            (
                FRAMESEAL_STATUS_TRANSPORT_ONLY,
                FRAMESEAL_REASON_SENDING_IN_THE_CLEAR
            )
        );
        alice.encrypt(3, b"encrypted").unwrap();
        assert_eq!(
            frameseal_epoch_manager_send_in_the_clear(manager, 4),
            refused
        );
        let downgraded = frameseal_epoch_manager_downgrade_sending(manager);
        assert_eq!(downgraded, FRAMESEAL_OK);
        let again = frameseal_epoch_manager_allow_sending_in_the_clear(manager, 5, 1000);
        assert_eq!(again, FRAMESEAL_OK);
    }
}
