//! What there is to tell is told by `next_deadline`, whatever frames and questions came before.

use frameseal::{
    EncryptionStatus as Level, EpochConfig, Event, FixedCall, Policy, ReceiveConfig, SendConfig,
    SendSwitch,
};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, WITH_CARL, forged, id, insider, leaf, ms, over_all, pair, seconds,
};
use crate::kinds::{Alike, Kind};

over_all!(
    a_frame_that_passes_a_deadline_leaves_one_for_its_events,
    an_epoch_that_is_too_old_is_told_though_a_frame_was_refused_for_it_before,
    a_forgery_limit_is_told_soon_whoever_looked_before,
    a_forgery_limit_of_an_epoch_that_retires_is_not_lost,
    a_stream_that_goes_on_failing_is_seen_by_who_asks_seldom,
    a_room_that_is_better_again_is_told_soon,
    failures_before_a_member_is_heard_are_not_counted_whoever_asks,
);

/// What is told to an application that asks at every deadline until then, with the times.
fn told_until<S: Kind>(alice: &mut Device<S>, mut now: u64, end: u64) -> Vec<(u64, Event)> {
    let mut told = Vec::new();
    for _ in 0..200 {
        match alice.manager.next_deadline() {
            Some(at) if at <= ms(end) => now = at.as_millis().max(now),
            _ => return told,
        }
        told.extend(alice.events(now).into_iter().map(|event| (now, event)));
    }
    panic!("deadlines without end: {told:?}");
}

fn a_frame_that_passes_a_deadline_leaves_one_for_its_events<S: Kind>() {
    // An epoch retires; the overlap after a removal ends.
    for (people, at) in [(ALICE_AND_BOB, 13_000), (WITH_CARL, 3_000)] {
        let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), people);
        alice.events(0);
        alice.add(1_000, 2, ALICE_AND_BOB).unwrap();
        told_until(&mut alice, 1_000, at - 1);
        assert_eq!(alice.manager.next_deadline(), Some(ms(at)));
        alice.seal(at);
        let told = told_until(&mut alice, at, at);
        assert!(told.contains(&(at, Event::EpochRetired(id(1)))), "{told:?}");
        let epoch = id(2);
        let ended = Event::ReceiveOverlapEnded { epoch, at: ms(at) };
        assert_eq!(told.contains(&(at, ended)), at == 3_000, "{told:?}");
    }
}

fn an_epoch_that_is_too_old_is_told_though_a_frame_was_refused_for_it_before<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    let age = u64::try_from(Policy::Strict.max_key_age().unwrap().as_millis()).unwrap();
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    alice.events(0);
    alice.events(age - 100);
    assert!(alice.try_seal(age).is_err());
    let told = told_until(&mut alice, age, age);
    let broken = |event: &Event| matches!(event, Event::RoomStatusChanged(status) if status.level == Level::Broken);
    assert!(told.iter().any(|(_, event)| broken(event)), "{told:?}");
}

/// Three failed opens of a key raise its alarm.
fn limited() -> EpochConfig {
    let mut receive = ReceiveConfig::for_suite(SUITE);
    receive.failed_opens = 3;
    EpochConfig::new(SUITE)
        .with_keys(SendConfig::standard(), receive)
        .with_send_switch(SendSwitch::WhenTold)
        .with_max_epochs(16)
}

fn forge<S: Kind>(alice: &mut Device<S>, now: u64, epoch: u64) {
    for counter in 50..53 {
        assert!(alice.open(now, &forged(epoch, 1, 0, counter)).is_err());
    }
}

fn a_forgery_limit_is_told_soon_whoever_looked_before<S: Kind>() {
    for (heard, crowded) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut alice = Device::<S>::joined(0, limited(), ALICE_AND_BOB);
        if heard {
            alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
        }
        alice.events(0);
        alice.events(200);
        // So much waits that an alarm finds no room beside it.
        for epoch in 2..if crowded { 17 } else { 2 } {
            alice.add(201, epoch, ALICE_AND_BOB).unwrap();
        }
        alice.manager.force_rekey();
        forge(&mut alice, 210, 1);
        alice.level(leaf(1, 1), 211);
        alice.room(211);
        let mut told = Vec::from_iter(alice.events(220));
        told.extend(told_until(&mut alice, 220, 420).into_iter().map(|it| it.1));
        let alarms = told
            .iter()
            .filter(|it| matches!(it, Event::ForgeryLimit(_)));
        assert_eq!(alarms.count(), 1, "{heard} {crowded}: {told:?}");
    }
}

fn a_forgery_limit_of_an_epoch_that_retires_is_not_lost<S: Kind>() {
    let mut alice = Device::<S>::joined(0, limited().with_max_epochs(4), ALICE_AND_BOB);
    alice.events(0);
    for epoch in 2..=12 {
        alice.add(201, epoch, ALICE_AND_BOB).unwrap();
    }
    alice.open(205, &insider(id(12), 1, 0, 0)).unwrap();
    forge(&mut alice, 210, 12);
    for epoch in 13..=16 {
        alice.add(211, epoch, ALICE_AND_BOB).unwrap();
    }
    let told = alice.events(220);
    let alarm = |event: &Event| matches!(event, Event::ForgeryLimit(_) | Event::Merged(_));
    assert!(told.iter().any(alarm), "{told:?}");
}

fn a_stream_that_goes_on_failing_is_seen_by_who_asks_seldom<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    for context in [0, 1] {
        alice.open(0, &insider(id(1), 1, context, 0)).unwrap();
    }
    // One stream fails from 50 on; the other is heard at 100, and not again.
    for now in (50..9_000).step_by(50) {
        assert!(alice.open(now, &forged(1, 1, 1, now)).is_err());
        if now == 100 {
            alice.open(now, &insider(id(1), 1, 0, 1)).unwrap();
        }
        // When exactly it began behind the other's frame is not known to who did not ask then.
        if now % 4_200 == 0 {
            assert_eq!(alice.level(leaf(1, 1), now), Level::Broken, "{now}");
        }
    }
}

fn a_room_that_is_better_again_is_told_soon<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.events(0);
    let manager = &mut alice.manager;
    manager
        .allow_sending_in_the_clear(ms(10), seconds(60))
        .unwrap();
    manager.send_in_the_clear(ms(10)).unwrap();
    alice.events(10);
    alice.seal(1_500);
    let told = told_until(&mut alice, 1_500, 1_700);
    let changed = |event: &Event| matches!(event, Event::RoomStatusChanged(_));
    assert!(told.iter().any(|(_, event)| changed(event)), "{told:?}");
}

fn failures_before_a_member_is_heard_are_not_counted_whoever_asks<S: Kind>() {
    for asked in [true, false] {
        let (mut alice, _) = pair::<S>();
        for counter in 0..7 {
            assert!(alice.open(10, &forged(1, 1, 0, counter)).is_err());
        }
        if asked {
            alice.room(11);
        }
        alice.open(20, &insider(id(1), 1, 0, 100)).unwrap();
        alice.room(21);
        let stats = alice.manager.member_stats(leaf(1, 1)).unwrap();
        assert_eq!((stats.opened, stats.failed_opens), (1, 0), "{asked}");
        assert_eq!(alice.manager.epoch_stats(id(1)).unwrap().failed_opens, 7);
    }
}

#[test]
fn the_first_frame_of_one_in_the_place_of_who_left_is_told() {
    let people = |name| [(0, "alice"), (1, name)];
    let mut alice =
        Device::<FixedCall<4, 2, 8, 2>>::joined(0, EpochConfig::new(SUITE), &people("bob"));
    // Who leaves fills the two records that there are.
    for (epoch, name) in [(1, "bob"), (2, "carl"), (3, "dave")] {
        let now = epoch * 300;
        if epoch > 1 {
            alice.add(now, epoch, &people(name)).unwrap();
        }
        alice.events(now);
        alice.open(now + 50, &insider(id(epoch), 1, 0, 0)).unwrap();
        let told = told_until(&mut alice, now + 50, now + 160);
        let heard = Event::MemberFirstHeard(leaf(1, epoch));
        assert!(told.iter().any(|it| it.1 == heard), "{name}: {told:?}");
    }
}
