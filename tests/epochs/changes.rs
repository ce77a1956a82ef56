//! Epochs come, displace one another, and go.

use frameseal::{EpochConfig, Error, Event, KidLayout, SendSwitch, StreamKind};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, base_key, id, insider, kid, leaf, ms, nonce_of, over_all, pair,
    seconds,
};
use crate::frames::seal_at;
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    an_epoch_is_received_with_at_once_and_sent_with_later,
    frames_of_an_epoch_open_until_it_retires_ten_seconds_after_the_switch,
    the_same_epoch_again_restarts_no_counter,
    an_epoch_that_waits_can_be_told_again_too,
    epochs_out_of_order_are_refused_and_nothing_changes,
    low_order_bits_are_taken_over_and_sending_moves_first,
    an_older_epoch_with_the_same_bits_is_refused,
    a_gap_may_displace_an_epoch_that_waits_and_sending_goes_on,
    a_gap_may_displace_an_epoch_that_only_some_streams_came_to,
    the_oldest_epoch_makes_room_for_one_more_than_are_allowed,
    one_epoch_at_once_is_enough_to_talk,
    every_epoch_has_its_own_index_bits_if_asked,
    an_epoch_without_our_leaf_is_only_received,
);

fn an_epoch_is_received_with_at_once_and_sent_with_later<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    assert_eq!(bob.open(1000, &alice.seal(1000)), Ok((leaf(0, 1), 1)));

    bob.add(1001, 2, ALICE_AND_BOB).unwrap();
    bob.manager.activate(id(2), ms(1001)).unwrap();
    assert_eq!(alice.open(1001, &bob.seal(1001)), Ok((leaf(1, 1), 2)));
    assert_eq!(alice.manager.sending_epoch(), Some(id(1)));
}

fn frames_of_an_epoch_open_until_it_retires_ten_seconds_after_the_switch<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let [early, late, too_late] = [0, 1, 2].map(|now| alice.seal(now));
    bob.add(1000, 2, ALICE_AND_BOB).unwrap();
    bob.open(2999, &early).unwrap();
    // The switch is at 3000 although nobody looked.
    bob.open(12_999, &late).unwrap();
    assert_eq!(bob.live(), [1, 2]);
    let unknown = Err(Error::UnknownKeyId(kid(1, 0, 0)));
    assert_eq!(bob.open(13_000, &too_late), unknown);
    assert_eq!(bob.live(), [2]);
    assert!(bob.events(13_000).contains(&Event::EpochRetired(id(1))));
}

fn the_same_epoch_again_restarts_no_counter<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    for counter in 0..3 {
        let frame = alice.seal(5);
        assert_eq!(nonce_of(&frame).1, counter);
        bob.open(5, &frame).unwrap();
    }
    let seen = alice.seal(5);
    bob.open(5, &seen).unwrap();
    alice.events(5);
    bob.events(5);
    for (now, people) in [
        (6, ALICE_AND_BOB),
        (7, &[(0, "alice"), (1, "eve")]),
        (8, &[]),
    ] {
        let before = (alice.state(now), bob.state(now));
        assert_eq!(alice.add(now, 1, people), Ok(()));
        assert_eq!(bob.add(now, 1, people), Ok(()));
        assert_eq!((alice.state(now), bob.state(now)), before);
        assert_eq!((alice.events(now), bob.events(now)), (vec![], vec![]));
    }
    assert_eq!(nonce_of(&alice.seal(9)).1, 4);
    assert_eq!(bob.open(9, &seen), Err(Error::Replay));
}

fn an_epoch_that_waits_can_be_told_again_too<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    alice.add(2999, 2, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.sends_in(2999, alice.audio), 1);
    assert_eq!(
        alice.sends_in(3000, alice.audio),
        2,
        "the delay began with the first"
    );
    alice.add(3001, 1, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.sends_in(3001, alice.audio), 2, "never back");
}

fn epochs_out_of_order_are_refused_and_nothing_changes<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.add(0, 5, ALICE_AND_BOB).unwrap();
    alice.add(0, 9, ALICE_AND_BOB).unwrap();
    alice.events(0);
    let before = alice.state(0);
    for epoch in [8, 7, 6, 4, 2, 0] {
        let too_old = Err(Error::EpochTooOld(id(epoch)));
        assert_eq!(alice.add(0, epoch, ALICE_AND_BOB), too_old);
    }
    assert_eq!(alice.state(0), before);
    assert_eq!(alice.events(0), []);
    // Not even when it has been forgotten that they were here.
    alice.manager.activate(id(9), ms(1)).unwrap();
    alice.events(60_000);
    assert_eq!(alice.live(), [9]);
    for epoch in [1, 5, 8] {
        let too_old = Err(Error::EpochTooOld(id(epoch)));
        assert_eq!(alice.add(60_000, epoch, ALICE_AND_BOB), too_old);
    }
}

/// Sixteen epochs at once.
fn few_bits() -> EpochConfig {
    EpochConfig::new(SUITE).with_layout(KidLayout::new(4, 8).unwrap())
}

fn low_order_bits_are_taken_over_and_sending_moves_first<S: Kind>() {
    let mut alice = Device::<S>::joined(0, few_bits(), ALICE_AND_BOB);
    alice.seal(0);
    alice.events(0);
    alice.add(10, 17, ALICE_AND_BOB).unwrap();
    let events = alice.events(10);
    let order: Vec<_> = events
        .into_iter()
        .filter(|event| *event != Event::KeyFrameNeeded)
        .collect();
    assert_eq!(
        order,
        [
            Event::EpochRetired(id(1)),
            Event::EpochAdded(id(17)),
            Event::EpochActivated(id(17))
        ]
    );
    // The same key id, the same counter, another key.
    let frame = alice.seal(10);
    assert_eq!(nonce_of(&frame), (1, 0));
    assert_eq!(
        frame,
        seal_at(SUITE, 1, &base_key(id(17)), 0, b"room", b"payload")
    );
    let mut bob = Device::<S>::joined(1, few_bits(), ALICE_AND_BOB);
    assert_eq!(bob.open(10, &frame), Err(Error::Authentication));
    bob.add(11, 17, ALICE_AND_BOB).unwrap();
    assert_eq!(bob.open(11, &frame), Ok((leaf(0, 1), 17)));
}

fn an_older_epoch_with_the_same_bits_is_refused<S: Kind>() {
    let mut alice = Device::<S>::joined(0, few_bits(), ALICE_AND_BOB);
    alice.add(0, 19, ALICE_AND_BOB).unwrap();
    let before = alice.state(0);
    let too_old = Err(Error::EpochTooOld(id(3)));
    assert_eq!(alice.add(0, 3, ALICE_AND_BOB), too_old);
    assert_eq!(alice.state(0), before);
}

fn a_gap_may_displace_an_epoch_that_waits_and_sending_goes_on<S: Kind>() {
    let mut alice = Device::<S>::joined(0, few_bits(), ALICE_AND_BOB);
    assert_eq!(nonce_of(&alice.seal(0)), (1, 0));
    alice.add(0, 2, ALICE_AND_BOB).unwrap();
    alice.add(1, 18, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.live(), [1, 18]);
    assert_eq!(nonce_of(&alice.seal(1)), (1, 1), "still epoch 1");
    assert_eq!(nonce_of(&alice.seal(2001)), (2, 0));
}

fn a_gap_may_displace_an_epoch_that_only_some_streams_came_to<S: Kind>() {
    let switch = SendSwitch::AtKeyFrame(seconds(1), seconds(9));
    let mut alice = Device::<S>::joined(0, few_bits().with_send_switch(switch), ALICE_AND_BOB);
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    let sends_in = |alice: &mut Device<S>, now, stream| {
        let frame = alice.seal_on(now, stream).unwrap();
        nonce_of(&frame).0 & 0xf
    };
    let audio = alice.audio;
    assert_eq!(sends_in(&mut alice, 2000, audio), 2);
    assert_eq!(sends_in(&mut alice, 2000, video), 1);
    alice.add(2001, 18, ALICE_AND_BOB).unwrap();
    let frame = alice.seal(2001);
    assert_eq!(
        frame,
        seal_at(SUITE, 2, &base_key(id(18)), 0, b"room", b"payload")
    );
}

fn the_oldest_epoch_makes_room_for_one_more_than_are_allowed<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_max_epochs(3);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    for epoch in 2..5 {
        alice.add(0, epoch, ALICE_AND_BOB).unwrap();
    }
    assert_eq!(alice.live(), [2, 3, 4]);
    // Epoch 1 was the one that sends, so sending has moved to the newest.
    assert_eq!(alice.manager.sending_epoch(), Some(id(4)));
    let old = insider(id(1), 1, 0, 0);
    assert_eq!(alice.open(0, &old), Err(Error::UnknownKeyId(kid(1, 1, 0))));
    for epoch in 2..5 {
        assert_eq!(
            alice.open(0, &insider(id(epoch), 1, 0, 0)),
            Ok((leaf(1, 1), epoch))
        );
    }
}

fn one_epoch_at_once_is_enough_to_talk<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_max_epochs(1);
    let mut alice = Device::<S>::joined(0, config.clone(), ALICE_AND_BOB);
    let mut bob = Device::<S>::joined(1, config, ALICE_AND_BOB);
    for epoch in 2..20 {
        alice.add(epoch, epoch, ALICE_AND_BOB).unwrap();
        bob.add(epoch, epoch, ALICE_AND_BOB).unwrap();
        let frame = alice.seal(epoch);
        assert_eq!(bob.open(epoch, &frame), Ok((leaf(0, 1), epoch)));
        assert_eq!(bob.live(), [epoch]);
    }
}

fn every_epoch_has_its_own_index_bits_if_asked<S: Kind>() {
    let config = EpochConfig::new(SUITE)
        .with_layout(KidLayout::new(4, 8).unwrap())
        .with_index_bits_by_leaves();
    let grown = &[(0, "alice"), (1, "bob"), (5, "carl")];
    let mut bob = Device::<S>::joined(1, config.clone(), ALICE_AND_BOB);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    let stream = alice.manager.open_stream(StreamKind::Independent).unwrap();
    // Context 1 over index 0 over the low bits of the epoch: 1 bit of index, then 3 of them.
    let small = alice.seal_on(0, stream).unwrap();
    assert_eq!(nonce_of(&small).0, 0x21);
    alice.add(0, 2, grown).unwrap();
    bob.add(0, 2, grown).unwrap();
    alice.manager.activate(id(2), ms(0)).unwrap();
    let large = alice.seal_on(0, stream).unwrap();
    assert_eq!(nonce_of(&large).0, 0x82);
    assert_eq!(bob.open(0, &large), Ok((leaf(0, 1), 2)));
    assert_eq!(bob.open(0, &small), Ok((leaf(0, 1), 1)));
}

fn an_epoch_without_our_leaf_is_only_received<S: Kind>() {
    let mut alice = Device::<S>::new(0);
    assert_eq!(alice.try_seal(0), Err(Error::NoSendingKey), "no epoch yet");
    alice.add(0, 1, &[(1, "bob"), (2, "carl")]).unwrap();
    assert_eq!(alice.try_seal(0), Err(Error::NoSendingKey));
    let frame = insider(id(1), 1, 0, 0);
    assert_eq!(alice.open(0, &frame), Ok((leaf(1, 1), 1)));
    let frame = insider(id(1), 0, 0, 0);
    let nobody = Err(Error::UnknownKeyId(kid(1, 0, 0)));
    assert_eq!(alice.open(0, &frame), nobody, "nobody is on leaf 0");
}
