//! Frames in the clear: only by name, for a while, and never again once a member was end-to-end
//! encrypted.

use std::time::Duration;

use frameseal::{
    EncryptionStatus as Level, EpochConfig, Error, Event, InjectedFrames, MAX_PASSTHROUGH,
    MemberId, Plain, Policy, StatusReason,
};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, forged, id, insider, leaf, ms, over_all, pair, seconds,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    nothing_passes_in_the_clear_by_itself,
    passthrough_is_limited_in_time_and_shown,
    the_first_frame_that_authenticates_closes_the_door_for_good,
    the_door_stays_closed_in_later_epochs,
    forged_frames_close_no_door,
    a_downgrade_is_told_and_has_to_be_followed_by_permission,
    under_the_strict_policy_there_is_no_door,
    of_those_who_are_no_members_nothing_passes,
    a_failed_open_is_no_reason_to_pass,
    what_a_server_puts_in_raises_nothing,
    sending_in_the_clear_is_limited_and_shown,
    our_own_door_closes_with_our_first_sealed_frame,
    our_own_door_closes_although_the_stream_was_closed_at_once,
    our_own_downgrade_holds_until_we_seal_again,
    a_clock_that_steps_back_hides_no_frame_in_the_clear,
    a_clock_that_steps_back_does_not_hide_what_we_send_in_the_clear,
    our_own_leaf_passes_nothing,
);

const BOB: MemberId = leaf_1();
const REFUSED: Error = Error::PassthroughRefused;

const fn leaf_1() -> MemberId {
    MemberId::Leaf {
        group: crate::call::GROUP,
        index: 1,
        joined: 1,
    }
}

fn pass<S: Kind>(device: &mut Device<S>, now: u64) -> Result<Plain, Error> {
    let none = InjectedFrames::default();
    device.manager.pass(ms(now), BOB, b"in the clear", none)
}

fn nothing_passes_in_the_clear_by_itself<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    assert_eq!(pass(&mut alice, 0), Err(REFUSED));
    assert_eq!(alice.manager.send_in_the_clear(ms(0)), Err(REFUSED));
    assert_eq!(alice.level(BOB, 0), Level::Unknown);
    let too_long = MAX_PASSTHROUGH + Duration::from_millis(1);
    let refused = alice.manager.allow_passthrough(ms(0), BOB, too_long);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
}

fn passthrough_is_limited_in_time_and_shown<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let minute = seconds(60);
    alice
        .manager
        .allow_passthrough(ms(1000), BOB, minute)
        .unwrap();
    assert_eq!(alice.level(BOB, 1000), Level::Unknown, "nothing has passed");
    assert_eq!(pass(&mut alice, 60_999), Ok(Plain::Passthrough));
    assert_eq!(alice.level(BOB, 60_999), Level::TransportOnly);
    assert_eq!(alice.room(60_999), Level::TransportOnly);
    assert_eq!(pass(&mut alice, 61_000), Err(REFUSED));
    let stats = alice.manager.member_stats(BOB).unwrap();
    assert_eq!((stats.passed, stats.opened), (1, 0));

    alice
        .manager
        .allow_passthrough(ms(61_000), BOB, minute)
        .unwrap();
    alice.manager.end_passthrough(BOB).unwrap();
    assert_eq!(pass(&mut alice, 61_001), Err(REFUSED));
}

fn the_first_frame_that_authenticates_closes_the_door_for_good<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let minute = seconds(60);
    alice.manager.allow_passthrough(ms(0), BOB, minute).unwrap();
    pass(&mut alice, 0).unwrap();
    alice.open(1, &bob.seal(1)).unwrap();
    assert_eq!(pass(&mut alice, 1), Err(REFUSED));
    let again = alice.manager.allow_passthrough(ms(1), BOB, minute);
    assert_eq!(again, Err(REFUSED), "a server could have asked for it");
    assert_eq!(alice.level(BOB, 1), Level::EndToEnd);
    assert_eq!(alice.manager.member_stats(BOB).unwrap().passed, 1);
}

fn the_door_stays_closed_in_later_epochs<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    for epoch in 2..6 {
        let now = epoch * 20_000;
        alice.add(now, epoch, ALICE_AND_BOB).unwrap();
        // The keys and windows of the epoch in which he was heard are gone.
        alice.events(now + 15_000);
        assert_eq!(alice.live(), [epoch]);
        let allowed = alice.manager.allow_passthrough(ms(now), BOB, seconds(60));
        assert_eq!(allowed, Err(REFUSED));
        assert_eq!(pass(&mut alice, now), Err(REFUSED));
    }
}

fn forged_frames_close_no_door<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let manager = &mut alice.manager;
    manager.allow_passthrough(ms(0), BOB, seconds(60)).unwrap();
    // For a sender whose key is not at hand, and for one whose key is.
    assert!(alice.open(1, &forged(1, 1, 0, 0)).is_err());
    alice.manager.prepare(ms(1), 1, 0).unwrap();
    assert!(alice.open(1, &forged(1, 1, 0, 0)).is_err());
    assert_eq!(pass(&mut alice, 2), Ok(Plain::Passthrough));
}

fn a_downgrade_is_told_and_has_to_be_followed_by_permission<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    alice.events(0);
    alice.manager.downgrade(BOB).unwrap();
    assert!(alice.events(1).contains(&Event::Downgrade(BOB)));
    assert_eq!(pass(&mut alice, 1), Err(REFUSED));
    let minute = seconds(60);
    alice.manager.allow_passthrough(ms(1), BOB, minute).unwrap();
    assert_eq!(pass(&mut alice, 2), Ok(Plain::Passthrough));
    assert_eq!(alice.level(BOB, 2), Level::TransportOnly);
    // A frame that is end-to-end encrypted closes it again.
    alice.open(3, &bob.seal(3)).unwrap();
    assert_eq!(pass(&mut alice, 3), Err(REFUSED));
    assert_eq!(alice.level(BOB, 3), Level::EndToEnd);
}

fn under_the_strict_policy_there_is_no_door<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    let manager = &mut alice.manager;
    let (now, second) = (ms(0), seconds(1));
    assert_eq!(manager.allow_passthrough(now, BOB, second), Err(REFUSED));
    assert_eq!(manager.downgrade(BOB), Err(REFUSED));
    let own = manager.allow_sending_in_the_clear(now, second);
    assert_eq!(own, Err(REFUSED));
    assert_eq!(manager.downgrade_sending(), Err(REFUSED));
    assert_eq!(manager.send_in_the_clear(now), Err(REFUSED));
    assert_eq!(pass(&mut alice, 0), Err(REFUSED));
}

fn of_those_who_are_no_members_nothing_passes<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let silence: &[&[u8]] = &[&[0xf8, 0xff, 0xfe]];
    for member in [leaf(2, 1), leaf(1, 2), MemberId::Application(1)] {
        let unknown = Error::UnknownMember;
        let manager = &mut alice.manager;
        let allowed = manager.allow_passthrough(ms(0), member, seconds(1));
        assert_eq!(allowed, Err(unknown));
        assert_eq!(manager.downgrade(member), Err(unknown));
        let injected = InjectedFrames::new(silence);
        let passed = manager.pass(ms(0), member, silence[0], injected);
        assert_eq!(passed, Err(unknown));
    }
}

fn a_failed_open_is_no_reason_to_pass<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let frame = bob.seal(0);
    alice.open(0, &frame).unwrap();
    for bad in [frame, forged(1, 1, 0, 9), insider(id(7), 1, 0, 0)] {
        assert!(alice.open(0, &bad).is_err());
        let none = InjectedFrames::default();
        let passed = alice.manager.pass(ms(0), BOB, &bad, none);
        assert_eq!(passed, Err(REFUSED));
    }
}

fn what_a_server_puts_in_raises_nothing<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let silence: &[&[u8]] = &[&[0xf8, 0xff, 0xfe]];
    let injected = InjectedFrames::new(silence);
    for _ in 0..3 {
        let passed = alice.manager.pass(ms(0), BOB, silence[0], injected);
        assert_eq!(passed, Ok(Plain::Injected));
    }
    let other = alice
        .manager
        .pass(ms(0), BOB, &[0xf8, 0xff, 0xff], injected);
    assert_eq!(other, Err(REFUSED));
    assert_eq!(alice.level(BOB, 0), Level::Unknown);
    assert_eq!(alice.manager.member_stats(BOB).unwrap().injected, 3);
}

fn sending_in_the_clear_is_limited_and_shown<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    let manager = &mut alice.manager;
    manager
        .allow_sending_in_the_clear(ms(0), seconds(5))
        .unwrap();
    assert_eq!(manager.room_status(ms(0)).level, Level::EndToEnd);
    manager.send_in_the_clear(ms(4999)).unwrap();
    let room = manager.room_status(ms(4999));
    assert_eq!(room.level, Level::TransportOnly);
    assert_eq!(room.reason, StatusReason::SendingInTheClear);
    assert_eq!(manager.send_in_the_clear(ms(5000)), Err(REFUSED));
    // Others are not to blame for it, and it is shown for as long as a status lasts.
    alice.open(5000, &bob.seal(5000)).unwrap();
    assert_eq!(alice.level(BOB, 14_998), Level::EndToEnd);
    assert_eq!(alice.room(14_998), Level::TransportOnly);
    assert_eq!(alice.room(14_999), Level::EndToEnd);
}

fn our_own_door_closes_with_our_first_sealed_frame<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let manager = &mut alice.manager;
    manager
        .allow_sending_in_the_clear(ms(0), seconds(60))
        .unwrap();
    manager.send_in_the_clear(ms(0)).unwrap();
    alice.seal(1);
    let manager = &mut alice.manager;
    assert_eq!(manager.send_in_the_clear(ms(1)), Err(REFUSED));
    let again = manager.allow_sending_in_the_clear(ms(1), seconds(60));
    assert_eq!(again, Err(REFUSED));
    assert_eq!(manager.room_status(ms(1)).level, Level::Unknown);
}

fn our_own_door_closes_although_the_stream_was_closed_at_once<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let manager = &mut alice.manager;
    manager
        .allow_sending_in_the_clear(ms(0), seconds(60))
        .unwrap();
    alice.seal(1);
    let manager = &mut alice.manager;
    manager.close_stream(alice.audio).unwrap();
    assert_eq!(manager.send_in_the_clear(ms(2)), Err(REFUSED));
}

fn our_own_downgrade_holds_until_we_seal_again<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.seal(1);
    let manager = &mut alice.manager;
    manager.downgrade_sending().unwrap();
    assert!(alice.events(2).contains(&Event::SendingDowngrade));
    let manager = &mut alice.manager;
    assert_eq!(
        manager.send_in_the_clear(ms(2)),
        Err(REFUSED),
        "not by itself"
    );
    manager
        .allow_sending_in_the_clear(ms(2), seconds(60))
        .unwrap();
    for now in 2..5 {
        manager.send_in_the_clear(ms(now)).unwrap();
    }
    assert_eq!(alice.room(5), Level::TransportOnly);
    alice.seal(5);
    assert_eq!(alice.manager.send_in_the_clear(ms(5)), Err(REFUSED));
}

fn a_clock_that_steps_back_hides_no_frame_in_the_clear<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.open(1_000_000, &insider(id(1), 1, 0, 0)).unwrap();
    alice.manager.downgrade(BOB).unwrap();
    let (back, minute) = (ms(999_000), seconds(60));
    alice.manager.allow_passthrough(back, BOB, minute).unwrap();
    assert_eq!(pass(&mut alice, 999_000), Ok(Plain::Passthrough));
    assert_eq!(alice.level(BOB, 999_001), Level::TransportOnly);
    assert_eq!(alice.room(999_001), Level::TransportOnly);
}

fn a_clock_that_steps_back_does_not_hide_what_we_send_in_the_clear<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.seal(1_000_000);
    let (back, minute) = (ms(999_000), seconds(60));
    let manager = &mut alice.manager;
    manager.downgrade_sending().unwrap();
    manager.allow_sending_in_the_clear(back, minute).unwrap();
    manager.send_in_the_clear(back).unwrap();
    let room = manager.room_status(ms(999_001));
    assert_eq!(room.level, Level::TransportOnly);
    assert_eq!(room.reason, StatusReason::SendingInTheClear);
}

fn our_own_leaf_passes_nothing<S: Kind>() {
    let (ours, unknown) = (leaf(0, 1), Error::UnknownMember);
    let silence: &[&[u8]] = &[&[0xf8, 0xff, 0xfe]];
    let injected = InjectedFrames::new(silence);
    let (mut alice, _) = pair::<S>();
    let manager = &mut alice.manager;
    let allowed = manager.allow_passthrough(ms(0), ours, seconds(1));
    assert_eq!(allowed, Err(unknown));
    assert_eq!(manager.downgrade(ours), Err(unknown));
    let passed = manager.pass(ms(0), ours, silence[0], injected);
    assert_eq!(passed, Err(unknown));
    assert_eq!(manager.member_stats(ours), None, "nothing is stored");
    // Who asks to hear themselves may.
    let config = EpochConfig::new(SUITE).with_loopback();
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    let manager = &mut alice.manager;
    manager.allow_passthrough(ms(0), ours, seconds(1)).unwrap();
    let passed = manager.pass(ms(0), ours, b"plain", injected);
    assert_eq!(passed, Ok(Plain::Passthrough));
}
