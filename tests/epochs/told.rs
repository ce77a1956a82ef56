//! Events: what is told, once, in time, and to those who poll only when they are asked to.

use frameseal::{EncryptionStatus as Level, EpochConfig, Error, Event, SendSwitch, Timestamp};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, WITH_CARL, forged, id, insider, kid, leaf, ms, over_all, pair,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    a_change_is_told_in_the_order_in_which_it_happens,
    deadlines_and_polling_alone_wipe_keys_in_time,
    deadlines_and_polling_alone_tell_everything,
    deadlines_and_polling_alone_tell_of_frames_that_fail,
    a_key_frame_is_asked_for_after_every_change_but_not_twice_in_half_a_second,
    an_unknown_key_id_is_told_with_its_count,
    a_burst_of_replays_is_told_and_single_ones_are_not,
    a_new_epoch_can_be_asked_for,
    a_status_that_flaps_is_told_once_a_second,
);

fn a_change_is_told_in_the_order_in_which_it_happens<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let first = [
        Event::EpochAdded(id(1)),
        Event::EpochActivated(id(1)),
        Event::KeyFrameNeeded,
    ];
    assert_eq!(alice.events(0), first);
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.events(1000), [Event::EpochAdded(id(2))]);
    assert_eq!(alice.events(2999), []);
    let switched = [Event::EpochActivated(id(2)), Event::KeyFrameNeeded];
    assert_eq!(alice.events(3000), switched);
    assert_eq!(alice.events(12_999), []);
    assert_eq!(alice.events(13_000), [Event::EpochRetired(id(1))]);
    assert_eq!(alice.events(99_000), []);
}

/// Polls until nothing is left, at every deadline up to `end`; what was told, and when.
fn idle<S: Kind>(device: &mut Device<S>, end: u64) -> Vec<(u64, Event)> {
    let mut told = Vec::new();
    let mut polled = 0;
    while let Some(deadline) = device.manager.next_deadline() {
        let now = deadline.as_millis();
        if now > end {
            break;
        }
        told.extend(device.events(now).into_iter().map(|event| (now, event)));
        polled += 1;
        assert!(polled < 100, "a deadline that does not pass: {now}");
    }
    told
}

fn deadlines_and_polling_alone_wipe_keys_in_time<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.seal(0);
    alice.events(0);
    alice.add(1000, 2, WITH_CARL).unwrap();
    alice.add(2000, 3, WITH_CARL).unwrap();
    alice.add(5000, 4, ALICE_AND_BOB).unwrap();
    alice.events(5000);
    let told = idle(&mut alice, 100_000);
    let (epoch, at) = (id(4), ms(7000));
    assert_eq!(told.len(), 4, "{told:?}");
    for (expected, epoch) in told.iter().zip(1..4) {
        assert_eq!(*expected, (7000, Event::EpochRetired(id(epoch))));
    }
    assert_eq!(told[3], (7000, Event::ReceiveOverlapEnded { epoch, at }));
    assert_eq!(alice.live(), [4]);
    let status = alice.manager.stream_status(alice.audio);
    assert_eq!(status, Ok(None), "its key too");
    assert_eq!(alice.manager.next_deadline(), None);
}

fn deadlines_and_polling_alone_tell_everything<S: Kind>() {
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    alice.events(0);
    // Just after they were asked for, so nothing of it was seen then.
    alice.open(10, &insider(id(1), 1, 0, 0)).unwrap();
    assert!(alice.open(11, &insider(id(77), 1, 0, 0)).is_err());
    alice.events(12);
    let told = idle(&mut alice, 5000);
    let heard = Event::MemberFirstHeard(leaf(1, 1));
    assert!(told.contains(&(100, heard)), "{told:?}");
    // A second stream of unknown frames has to wait its turn, and so has a better status.
    assert!(alice.open(5000, &insider(id(78), 1, 0, 0)).is_err());
    alice.events(5000);
    assert!(alice.open(5001, &insider(id(79), 1, 0, 0)).is_err());
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    alice.manager.set_verified(leaf(2, 1), true).unwrap();
    alice.events(5001);
    alice.manager.set_verified(leaf(2, 1), false).unwrap();
    alice.events(5002);
    alice.manager.set_verified(leaf(2, 1), true).unwrap();
    alice.events(5003);
    let told = idle(&mut alice, 8000);
    let key_id = kid(79, 1, 0);
    let unknown = Event::UnknownKeyId { key_id, count: 1 };
    assert!(told.contains(&(6000, unknown)), "{told:?}");
    let verified = |event: &Event| matches!(event, Event::RoomStatusChanged(room) if room.level == Level::EndToEndVerified);
    assert!(told.iter().any(|(_, event)| verified(event)), "{told:?}");
    // And what expires by itself.
    let told = idle(&mut alice, 100_000);
    let stale = told.iter().filter(|(now, event)| match event {
        Event::StatusChanged { status, .. } => *now == 10_010 && status.level == Level::Stale,
        Event::RoomStatusChanged(room) => *now == 10_010 && room.level == Level::Stale,
        _ => false,
    });
    assert_eq!(stale.count(), 2, "{told:?}");
    assert_eq!(alice.manager.next_deadline(), None);
}

fn deadlines_and_polling_alone_tell_of_frames_that_fail<S: Kind>() {
    let broken = |(_, event): &(u64, Event)| match event {
        Event::StatusChanged { status, .. } | Event::RoomStatusChanged(status) => {
            status.level == Level::Broken
        }
        _ => false,
    };
    // Bob's stream was heard, another of his was, and he was not.
    for (heard, context) in [(true, 0), (true, 3), (false, 0)] {
        let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
        if heard {
            alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
        }
        alice.events(250);
        let mut told = Vec::new();
        for now in (300..3000).step_by(20) {
            assert!(alice.open(now, &forged(1, 1, context, now)).is_err());
            let due = |at: Timestamp| at <= ms(now);
            for _ in 0..9 {
                if alice.manager.next_deadline().is_some_and(due) {
                    told.extend(alice.events(now).into_iter().map(|event| (now, event)));
                }
            }
        }
        let first = told.iter().find(|told| broken(told));
        let Some((at, _)) = first else {
            panic!("{heard} {context}: {told:?}");
        };
        // Two seconds behind the first, and then not later than asking is worth it.
        assert!((2300..=2400).contains(at), "{heard} {context}: {told:?}");
    }
}

fn a_key_frame_is_asked_for_after_every_change_but_not_twice_in_half_a_second<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_send_switch(SendSwitch::WhenTold);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    let asked = |alice: &mut Device<S>, now| {
        let events = alice.events(now);
        let asked = events
            .iter()
            .filter(|event| **event == Event::KeyFrameNeeded);
        asked.count()
    };
    assert_eq!(asked(&mut alice, 0), 1, "the first key");
    for (now, epoch) in [(1000, 2), (1100, 3), (1499, 4)] {
        alice.add(now, epoch, ALICE_AND_BOB).unwrap();
        alice.manager.activate(id(epoch), ms(now)).unwrap();
        assert_eq!(asked(&mut alice, now), usize::from(now == 1000), "{now}");
    }
    assert_eq!(alice.manager.next_deadline(), Some(ms(1500)));
    assert_eq!(asked(&mut alice, 1500), 1, "once for the two");
    assert_eq!(asked(&mut alice, 2500), 0);
}

fn an_unknown_key_id_is_told_with_its_count<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let unknown = |alice: &mut Device<S>, now| {
        let mut events = alice.events(now);
        events.retain(|event| matches!(event, Event::UnknownKeyId { .. }));
        events
    };
    for epoch in 40..50 {
        let refused = alice.open(0, &insider(id(epoch), 1, 0, 0));
        assert_eq!(refused, Err(Error::UnknownKeyId(kid(epoch, 1, 0))));
    }
    let latest = |epoch, count| Event::UnknownKeyId {
        key_id: kid(epoch, 1, 0),
        count,
    };
    assert_eq!(unknown(&mut alice, 0), [latest(49, 10)]);
    for epoch in 50..53 {
        assert!(alice.open(1, &insider(id(epoch), 1, 0, 0)).is_err());
        assert_eq!(unknown(&mut alice, 999), [], "not so soon again");
    }
    assert_eq!(unknown(&mut alice, 1000), [latest(52, 3)]);
    assert_eq!(unknown(&mut alice, 9000), []);
}

fn a_burst_of_replays_is_told_and_single_ones_are_not<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let frame = bob.seal(0);
    alice.open(0, &frame).unwrap();
    let bursts = |alice: &mut Device<S>, now| {
        let mut events = alice.events(now);
        events.retain(|event| matches!(event, Event::ReplayBurst { .. }));
        events
    };
    let replay = |alice: &mut Device<S>, now, times| {
        for _ in 0..times {
            assert_eq!(alice.open(now, &frame), Err(Error::Replay));
        }
    };
    replay(&mut alice, 0, 15);
    assert_eq!(bursts(&mut alice, 100), []);
    replay(&mut alice, 100, 1);
    let member = leaf(1, 1);
    let burst = |count| Event::ReplayBurst { member, count };
    assert_eq!(bursts(&mut alice, 200), [burst(16)]);
    replay(&mut alice, 200, 500);
    assert_eq!(bursts(&mut alice, 1199), [], "not so soon again");
    assert_eq!(alice.manager.next_deadline(), Some(ms(1200)));
    assert_eq!(bursts(&mut alice, 1300), [burst(500)]);
}

fn a_new_epoch_can_be_asked_for<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.events(0);
    for _ in 0..100 {
        alice.manager.force_rekey();
    }
    assert_eq!(alice.events(0), [Event::RekeyNeeded], "one for all");
    alice.manager.force_rekey();
    assert_eq!(alice.events(0), [Event::RekeyNeeded]);
}

fn a_status_that_flaps_is_told_once_a_second<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    let bob = leaf(1, 1);
    let mut told = 0;
    for now in (0..10_000).step_by(50) {
        alice.open(now, &insider(id(1), 1, 0, now)).unwrap();
        alice.manager.set_verified(bob, now % 100 == 0).unwrap();
        assert!(alice.open(now, &forged(1, 1, 0, now)).is_err());
        told += alice
            .events(now)
            .iter()
            .filter(|event| matches!(event, Event::StatusChanged { .. }))
            .count();
    }
    assert!((10..=21).contains(&told), "{told}");
}
