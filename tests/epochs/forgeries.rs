//! Frames that nobody sealed, and frames that come again.

use frameseal::{EpochConfig, Error, Event, ForgeryPolicy, ReceiveConfig, SendConfig};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, WITH_CARL, forged, id, insider, kid, leaf, ms, over_all, pair,
    three,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    a_replay_is_refused_although_the_key_was_evicted,
    forged_frames_evict_nothing,
    contexts_beyond_those_accepted_are_refused,
    a_damaged_first_frame_does_not_spoil_the_next,
    a_forged_counter_does_not_move_the_window,
    a_frame_under_another_epoch_or_sender_does_not_open,
    a_damaged_frame_leaves_ciphertext_in_another_buffer_and_zeros_nowhere,
    the_forgery_limit_is_told_once_for_each_key,
    the_forgery_limits_of_many_keys_at_once_are_all_told,
    a_key_can_be_stopped_at_the_forgery_limit_if_asked,
    forged_frames_of_those_who_were_never_heard_count_together,
    frames_of_members_before_they_came_are_refused,
    a_prepared_sender_is_no_sender_that_was_heard,
);

fn a_replay_is_refused_although_the_key_was_evicted<S: Kind>() {
    for cached in [1, 2] {
        let config = EpochConfig::new(SUITE).with_max_cached_keys(cached);
        let mut alice = Device::<S>::joined(0, config, WITH_CARL);
        alice.add(0, 2, WITH_CARL).unwrap();
        let mut seen = Vec::new();
        // Six keys in turn; each is evicted before it is used again.
        for counter in 0..3 {
            for epoch in [1, 2] {
                for (index, context) in [(1, 0), (2, 0), (1, 3)] {
                    let frame = insider(id(epoch), index, context, counter);
                    assert_eq!(alice.open(counter, &frame), Ok((leaf(index, 1), epoch)));
                    seen.push(frame);
                    for frame in &seen {
                        assert_eq!(alice.open(counter, frame), Err(Error::Replay), "{cached}");
                    }
                }
            }
        }
        let stats = alice.manager.epoch_stats(id(1)).unwrap();
        assert_eq!(stats.opened, 9);
    }
}

fn forged_frames_evict_nothing<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_max_cached_keys(1);
    let mut alice = Device::<S>::joined(0, config, WITH_CARL);
    alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
    for context in 0..16 {
        let refused = alice.open(0, &forged(1, 2, context, 0));
        assert_eq!(refused, Err(Error::Authentication));
    }
    // Bob's key need not be derived again, which on the heap would be seen.
    let mut frame = insider(id(1), 1, 0, 1);
    let manager = &mut alice.manager;
    let made = crate::heap::calls(|| {
        manager.decrypt(ms(0), b"room", &mut frame).unwrap();
    });
    assert_eq!(made, 0);
}

fn contexts_beyond_those_accepted_are_refused<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_contexts(0..1, 2);
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    for context in [0, 1] {
        alice.open(0, &insider(id(1), 1, context, 0)).unwrap();
    }
    let before = alice.state(0);
    for context in [2, 3, 16, (1 << 40) - 1] {
        let mut frame = insider(id(1), 1, context, 0);
        let manager = &mut alice.manager;
        // Before any derivation: on the heap a derived key would be seen.
        let made = crate::heap::calls(|| {
            let refused = manager.decrypt(ms(0), b"room", &mut frame).map(|_| ());
            assert_eq!(refused, Err(Error::Policy(kid(1, 1, context))));
        });
        assert_eq!(made, 0);
        let prepared = alice.manager.prepare(ms(0), 1, context);
        assert_eq!(prepared, Err(Error::Policy(kid(1, 1, context))));
    }
    assert_eq!(alice.state(0), before);
}

fn a_damaged_first_frame_does_not_spoil_the_next<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let frame = bob.seal(0);
    // Behind the three bytes of the header.
    for bit in 0..8 * (frame.len() - 3) {
        let mut damaged = frame.clone();
        damaged[3 + bit / 8] ^= 1 << (bit % 8);
        assert_eq!(alice.open(0, &damaged), Err(Error::Authentication));
    }
    let mut copy = frame.clone();
    let other_room = alice.manager.decrypt(ms(0), b"other", &mut copy);
    assert_eq!(other_room.map(|_| ()), Err(Error::Authentication));
    assert_eq!(alice.open(0, &frame), Ok((leaf(1, 1), 1)));
}

fn a_forged_counter_does_not_move_the_window<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    for counter in [1, 1023, 5000, u64::MAX] {
        let refused = alice.open(0, &forged(1, 1, 0, counter));
        assert_eq!(refused, Err(Error::Authentication));
    }
    for _ in 0..3 {
        alice.open(0, &bob.seal(0)).unwrap();
    }
}

fn a_frame_under_another_epoch_or_sender_does_not_open<S: Kind>() {
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    alice.add(0, 2, WITH_CARL).unwrap();
    let frame = insider(id(1), 1, 0, 0);
    // The header names key id in two bytes here: another sender, another epoch.
    for (epoch, index, context) in [(2, 1, 0), (1, 2, 0), (2, 2, 0)] {
        let mut moved = insider(id(epoch), index, context, 0);
        let header = moved.len() - 7 - 16;
        moved[header..].copy_from_slice(&frame[header..]);
        assert_eq!(alice.open(0, &moved), Err(Error::Authentication));
    }
    assert_eq!(alice.open(0, &frame), Ok((leaf(1, 1), 1)));
}

fn a_damaged_frame_leaves_ciphertext_in_another_buffer_and_zeros_nowhere<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    for _ in 0..2 {
        let mut damaged = bob.seal(0);
        *damaged.last_mut().unwrap() ^= 1;
        let mut out = [0xa5; 16];
        let manager = &mut alice.manager;
        let refused = manager.decrypt_to(ms(0), b"room", &damaged, &mut out);
        assert_eq!(refused.map(|_| ()), Err(Error::Authentication));
        assert_ne!(&out[..7], b"payload");
        assert_eq!(out[..7], damaged[damaged.len() - 23..][..7], "ciphertext");
        assert_eq!(out[7..], [0xa5; 9]);
        let mut within = damaged.clone();
        let range = 0..within.len();
        let refused = manager.decrypt_within(ms(0), b"room", &mut within, range, 3);
        assert_eq!(refused.map(|_| ()), Err(Error::Authentication));
        assert_eq!(within, damaged);
        // A good one, so that the second round finds the key at hand.
        alice.open(0, &bob.seal(0)).unwrap();
    }
}

fn limited<S: Kind>(policy: ForgeryPolicy) -> Device<S> {
    let receive = ReceiveConfig::for_suite(SUITE).with_forgery(3, policy);
    let config = EpochConfig::new(SUITE).with_keys(SendConfig::standard(), receive);
    Device::joined(0, config, WITH_CARL)
}

fn the_forgery_limit_is_told_once_for_each_key<S: Kind>() {
    let mut alice = limited::<S>(ForgeryPolicy::Signal);
    for index in [1, 2] {
        alice.open(0, &insider(id(1), index, 0, 0)).unwrap();
    }
    let limits = |alice: &mut Device<S>, now| {
        let mut events = alice.events(now);
        events.retain(|event| matches!(event, Event::ForgeryLimit(_)));
        events
    };
    for _ in 0..2 {
        let _ = alice.open(0, &forged(1, 1, 0, 1));
    }
    assert_eq!(limits(&mut alice, 200), []);
    let _ = alice.open(200, &forged(1, 1, 0, 1));
    let reached = Event::ForgeryLimit(kid(1, 1, 0));
    assert_eq!(limits(&mut alice, 400), [reached]);
    for counter in 1..10 {
        let _ = alice.open(400, &forged(1, 1, 0, 1));
        alice.open(400, &insider(id(1), 1, 0, counter)).unwrap();
        let _ = alice.open(400, &forged(1, 2, 0, 1));
    }
    let reached = Event::ForgeryLimit(kid(1, 2, 0));
    assert_eq!(limits(&mut alice, 600), [reached]);
}

fn the_forgery_limits_of_many_keys_at_once_are_all_told<S: Kind>() {
    let receive = ReceiveConfig::for_suite(SUITE).with_forgery(1, ForgeryPolicy::Signal);
    let config = EpochConfig::new(SUITE).with_keys(SendConfig::standard(), receive);
    let mut alice = Device::<S>::joined(0, config.with_contexts(0..1, 15), WITH_CARL);
    for context in 0..15 {
        alice.open(0, &insider(id(1), 1, context, 0)).unwrap();
    }
    alice.events(0);
    // With what else there is to tell, more than what repeats may take room for.
    for epoch in 2..=4 {
        alice.add(0, epoch, WITH_CARL).unwrap();
    }
    for context in 0..15 {
        let _ = alice.open(0, &forged(1, 1, context, 1));
    }
    // Looks at all of them before anybody asks what there is to tell.
    alice.room(0);
    let mut told: Vec<_> = [200, 400, 600]
        .into_iter()
        .flat_map(|now| alice.events(now))
        .filter_map(|event| match event {
            Event::ForgeryLimit(key_id) => Some(key_id.value()),
            _ => None,
        })
        .collect();
    told.sort_unstable();
    let mut expected = Vec::from_iter((0..15).map(|context| kid(1, 1, context).value()));
    expected.sort_unstable();
    assert_eq!(told, expected);
}

fn a_key_can_be_stopped_at_the_forgery_limit_if_asked<S: Kind>() {
    let mut alice = limited::<S>(ForgeryPolicy::StopKey);
    for index in [1, 2] {
        alice.open(0, &insider(id(1), index, 0, 0)).unwrap();
    }
    for _ in 0..3 {
        let refused = alice.open(0, &forged(1, 1, 0, 1));
        assert_eq!(refused, Err(Error::Authentication));
    }
    let stopped = Err(Error::Policy(kid(1, 1, 0)));
    assert_eq!(alice.open(0, &insider(id(1), 1, 0, 1)), stopped);
    alice.open(0, &insider(id(1), 2, 0, 1)).unwrap();
    alice.open(0, &insider(id(1), 1, 1, 0)).unwrap();
}

fn forged_frames_of_those_who_were_never_heard_count_together<S: Kind>() {
    let mut alice = limited::<S>(ForgeryPolicy::StopKey);
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
    alice.events(0);
    for (index, context) in [(1, 5), (2, 0), (2, 7)] {
        let refused = alice.open(1, &forged(1, index, context, 0));
        assert_eq!(refused, Err(Error::Authentication));
    }
    let reached = Event::ForgeryLimit(kid(1, 2, 7));
    assert!(alice.events(200).contains(&reached));
    // Nobody who is new is tried in this epoch; who was heard, and the next epoch, go on.
    let stopped = Err(Error::Policy(kid(1, 2, 0)));
    assert_eq!(alice.open(200, &insider(id(1), 2, 0, 0)), stopped);
    alice.open(200, &insider(id(1), 1, 0, 1)).unwrap();
    alice.open(200, &insider(id(2), 2, 0, 0)).unwrap();
}

fn frames_of_members_before_they_came_are_refused<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    let nobody = Err(Error::UnknownKeyId(kid(1, 2, 0)));
    assert_eq!(alice.open(0, &insider(id(1), 2, 0, 0)), nobody);
    assert_eq!(alice.open(0, &insider(id(2), 2, 0, 0)), Ok((leaf(2, 2), 2)));
}

fn a_prepared_sender_is_no_sender_that_was_heard<S: Kind>() {
    let [mut alice, mut bob, _] = three::<S>();
    alice.manager.prepare(ms(0), 1, 0).unwrap();
    alice.manager.prepare(ms(0), 1, 0).unwrap();
    let nobody = alice.manager.prepare(ms(0), 3, 0);
    assert_eq!(nobody, Err(Error::UnknownMember));
    assert!(
        !alice
            .events(0)
            .contains(&Event::MemberFirstHeard(leaf(1, 1)))
    );
    let mut frame = bob.seal(0);
    let manager = &mut alice.manager;
    let made = crate::heap::calls(|| {
        manager.decrypt(ms(0), b"room", &mut frame).unwrap();
    });
    assert_eq!(made, 0, "the key was there");
    assert!(
        alice
            .events(500)
            .contains(&Event::MemberFirstHeard(leaf(1, 1)))
    );
}
