//! Limits of a key, by use and by age: told before they are reached, and kept.

use frameseal::{
    EncryptionStatus as Level, EpochConfig, Error, Event, Policy, ReceiveConfig, SendConfig,
    StatusReason, StreamKind, UsageLimits,
};

use crate::call::{ALICE_AND_BOB, Device, SUITE, id, insider, kid, ms, over_all, pair};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    a_limit_that_is_near_is_told_once_for_each_key,
    a_limit_that_is_reached_stops_sending_until_the_next_epoch,
    an_old_epoch_is_told_in_time_and_then_not_sent_with,
);

fn limited<S: Kind>(frames: u64) -> Device<S> {
    let limits = UsageLimits::standard().with_frames(frames);
    let send = SendConfig::standard().with_limits(limits);
    let receive = ReceiveConfig::for_suite(SUITE);
    let config = EpochConfig::new(SUITE).with_keys(send, receive);
    Device::joined(0, config, ALICE_AND_BOB)
}

fn a_limit_that_is_near_is_told_once_for_each_key<S: Kind>() {
    let mut alice = limited::<S>(16);
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    let near = |alice: &mut Device<S>, now| {
        let mut events = alice.events(now);
        events.retain(|event| matches!(event, Event::UsageLimitNear(_)));
        events
    };
    for _ in 0..13 {
        alice.seal(0);
    }
    assert_eq!(near(&mut alice, 1000), []);
    alice.seal(1000);
    let deadline = alice.manager.next_deadline();
    assert_eq!(deadline, Some(ms(1100)), "fourteen of sixteen");
    assert_eq!(
        near(&mut alice, 1100),
        [Event::UsageLimitNear(kid(1, 0, 0))]
    );
    alice.seal(1100);
    alice.seal(1100);
    assert_eq!(near(&mut alice, 1200), []);
    for _ in 0..14 {
        alice.seal_on(1200, video).unwrap();
    }
    // It is not lost with the stream.
    alice.manager.close_stream(video).unwrap();
    assert_eq!(
        near(&mut alice, 1300),
        [Event::UsageLimitNear(kid(1, 0, 1))]
    );
}

fn a_limit_that_is_reached_stops_sending_until_the_next_epoch<S: Kind>() {
    let mut alice = limited::<S>(3);
    for _ in 0..3 {
        alice.seal(0);
    }
    for _ in 0..2 {
        assert_eq!(alice.try_seal(0), Err(Error::UsageLimit(kid(1, 0, 0))));
    }
    // Closing and opening the stream does not begin again.
    alice.manager.close_stream(alice.audio).unwrap();
    let other = alice.manager.open_stream(StreamKind::Independent).unwrap();
    assert_ne!(other, alice.audio);
    alice.add(0, 2, ALICE_AND_BOB).unwrap();
    alice.manager.activate(id(2), ms(0)).unwrap();
    assert_eq!(alice.sends_in(0, other), 2);
}

const DAY: u64 = 86_400_000;

fn an_old_epoch_is_told_in_time_and_then_not_sent_with<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    alice.events(0);
    assert_eq!(alice.manager.next_deadline(), Some(ms(DAY / 8 * 7)));
    let needed = |alice: &mut Device<S>, now| alice.events(now).contains(&Event::RekeyNeeded);
    assert!(!needed(&mut alice, DAY / 8 * 7 - 1));
    assert!(needed(&mut alice, DAY / 8 * 7));
    alice.open(DAY - 900, &insider(id(1), 1, 0, 0)).unwrap();
    assert!(!needed(&mut alice, DAY - 1), "once for each epoch");
    alice.seal(DAY - 1);
    assert_eq!(alice.room(DAY - 1), Level::EndToEnd);
    assert_eq!(alice.manager.next_deadline(), Some(ms(DAY)));

    assert_eq!(alice.try_seal(DAY), Err(Error::Policy(kid(1, 0, 0))));
    let room = alice.manager.room_status(ms(DAY));
    assert_eq!(room.level, Level::Broken);
    assert_eq!(room.reason, StatusReason::EpochTooOld);
    assert!(alice.events(DAY).contains(&Event::RoomStatusChanged(room)));
    alice.open(DAY, &insider(id(1), 1, 0, 1)).unwrap();

    alice.add(DAY + 5, 2, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.room(DAY + 5), Level::Broken, "not sent with yet");
    assert!(alice.try_seal(DAY + 5).is_err());
    alice.manager.activate(id(2), ms(DAY + 5)).unwrap();
    assert_eq!(alice.room(DAY + 5), Level::EndToEnd);
    alice.seal(DAY + 5);
    assert!(needed(&mut alice, 2 * DAY), "for the second as well");
    // Under the standard policy an epoch may grow old.
    let (mut carefree, _) = pair::<S>();
    carefree.events(0);
    assert_eq!(carefree.manager.next_deadline(), None);
    carefree.seal(9 * DAY);
}
