//! How well members and the call are protected, and what frames did, under attack and without.

use std::collections::BTreeSet;

use frameseal::{
    EncryptionStatus as Level, EpochConfig, Error, InjectedFrames, MemberId, StatusReason,
};

use crate::call::{
    ALICE_AND_BOB, Device, People, SUITE, WITH_CARL, forged, id, insider, leaf, ms, over_all,
    seconds,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    a_status_comes_from_frames_and_expires,
    the_room_is_as_weak_as_its_weakest_speaker,
    forged_frames_alone_break_a_status_after_two_seconds,
    forged_frames_on_another_stream_do_not_break_a_member_who_is_heard,
    forged_frames_in_a_new_epoch_do_not_break_a_member_who_is_heard,
    the_room_agrees_with_its_members_about_forged_frames,
    a_broken_status_heals_with_a_frame_or_with_time,
    statistics_are_kept_by_member_and_by_epoch,
    failures_are_counted_for_senders_who_were_never_heard,
    single_forged_frames_far_apart_break_nobody,
    forged_names_do_not_hide_a_member_whose_frames_all_fail,
    the_list_of_statuses_says_what_each_status_says,
    who_left_is_not_remembered_for_frames_in_their_name,
    asking_to_pass_does_not_heal_a_member_who_is_broken,
    forged_names_do_not_hide_what_fails_of_a_member_who_was_heard,
    frames_of_before_an_overlap_do_not_vouch_for_later_ones,
);

fn heard<S: Kind>() -> Device<S> {
    let mut alice = Device::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
    alice
}

const BOB: MemberId = MemberId::Leaf {
    group: crate::call::GROUP,
    index: 1,
    joined: 1,
};

fn a_status_comes_from_frames_and_expires<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_stale_after(seconds(3));
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    assert_eq!(alice.level(BOB, 0), Level::Unknown);
    assert_eq!(alice.room(0), Level::Unknown);
    alice.open(1000, &insider(id(1), 1, 0, 0)).unwrap();
    let status = alice.manager.status(BOB, ms(3999));
    assert_eq!(
        (status.level, status.reason),
        (Level::EndToEnd, StatusReason::Authenticated)
    );
    let status = alice.manager.status(BOB, ms(4000));
    assert_eq!(
        (status.level, status.reason),
        (Level::Stale, StatusReason::Silent)
    );
    assert_eq!(alice.room(4000), Level::Stale);
    assert_eq!(alice.level(leaf(7, 7), 4000), Level::Unknown, "nobody");
}

fn the_room_is_as_weak_as_its_weakest_speaker<S: Kind>() {
    let mut alice = heard::<S>();
    let carl = leaf(2, 1);
    assert_eq!(alice.room(0), Level::EndToEnd, "Carl says nothing");
    let manager = &mut alice.manager;
    manager.allow_passthrough(ms(0), carl, seconds(60)).unwrap();
    manager
        .pass(ms(10), carl, b"x", Default::default())
        .unwrap();
    assert_eq!(alice.level(BOB, 10), Level::EndToEnd);
    assert_eq!(alice.room(10), Level::TransportOnly);
    alice.open(20, &insider(id(1), 2, 0, 0)).unwrap();
    assert_eq!(alice.room(20), Level::EndToEnd);
    // One who went silent does not weaken those who speak.
    alice.open(15_000, &insider(id(1), 2, 0, 1)).unwrap();
    assert_eq!(alice.level(BOB, 15_000), Level::Stale);
    assert_eq!(alice.room(15_000), Level::EndToEnd);
}

/// One forged frame every 100 ms, and whatever else happens then.
fn attack<S: Kind>(
    alice: &mut Device<S>,
    (epoch, context): (u64, u64),
    until: u64,
    mut meanwhile: impl FnMut(&mut Device<S>, u64),
) {
    for now in (100..=until).step_by(100) {
        assert!(alice.open(now, &forged(epoch, 1, context, 999)).is_err());
        meanwhile(alice, now);
    }
}

fn forged_frames_alone_break_a_status_after_two_seconds<S: Kind>() {
    // The key at hand, the stream not heard, and the member not heard.
    let mut silent = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    attack(&mut silent, (1, 0), 2000, |_, _| ());
    assert_eq!(silent.level(BOB, 2099), Level::Unknown);
    attack(&mut silent, (1, 0), 2100, |_, _| ());
    assert_eq!(silent.level(BOB, 2100), Level::Broken);
    assert_eq!(silent.room(2100), Level::Broken);
    for context in [0, 3] {
        let mut alice = heard::<S>();
        attack(&mut alice, (1, context), 2000, |_, _| ());
        assert_eq!(alice.level(BOB, 2099), Level::EndToEnd);
        attack(&mut alice, (1, context), 2100, |_, _| ());
        let status = alice.manager.status(BOB, ms(2100));
        assert_eq!(status.level, Level::Broken);
        assert_eq!(status.reason, StatusReason::DoesNotAuthenticate);
        assert_eq!(alice.room(2100), Level::Broken);
    }
}

fn forged_frames_on_another_stream_do_not_break_a_member_who_is_heard<S: Kind>() {
    // Bob is heard on stream 0 all the time; stream 3 was heard once, stream 5 never.
    for context in [3, 5] {
        let mut alice = heard::<S>();
        alice.open(0, &insider(id(1), 1, 3, 0)).unwrap();
        let mut counter = 0;
        attack(&mut alice, (1, context), 10_000, |alice, now| {
            if now % 500 == 0 {
                counter += 1;
                alice.open(now, &insider(id(1), 1, 0, counter)).unwrap();
            }
            assert_eq!(alice.level(BOB, now), Level::EndToEnd, "{context} at {now}");
            assert_eq!(alice.room(now), Level::EndToEnd, "{context} at {now}");
        });
    }
}

fn forged_frames_in_a_new_epoch_do_not_break_a_member_who_is_heard<S: Kind>() {
    let mut alice = heard::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    attack(&mut alice, (2, 0), 8000, |alice, now| {
        alice.open(now, &insider(id(1), 1, 0, now)).unwrap();
        // Nobody asks for a status in between, only in the end.
    });
    assert_eq!(alice.level(BOB, 8000), Level::EndToEnd);
    assert_eq!(alice.room(8000), Level::EndToEnd);
}

fn the_room_agrees_with_its_members_about_forged_frames<S: Kind>() {
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    attack(&mut alice, (1, 5), 3000, |_, _| ());
    assert_eq!(alice.level(BOB, 3000), Level::Broken);
    assert_eq!(alice.room(3000), Level::Broken);
    // Once he is heard, what failed before says nothing any more.
    alice.open(3001, &insider(id(1), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(BOB, 3001), Level::EndToEnd);
    assert_eq!(alice.room(3001), Level::EndToEnd);
}

fn a_broken_status_heals_with_a_frame_or_with_time<S: Kind>() {
    let mut alice = heard::<S>();
    attack(&mut alice, (1, 0), 3000, |_, _| ());
    assert_eq!(alice.level(BOB, 3000), Level::Broken);
    alice.open(3100, &insider(id(1), 1, 0, 1)).unwrap();
    assert_eq!(alice.level(BOB, 3100), Level::EndToEnd);

    let mut alice = heard::<S>();
    attack(&mut alice, (1, 0), 3000, |_, _| ());
    assert_eq!(alice.level(BOB, 12_999), Level::Broken);
    assert_eq!(alice.level(BOB, 13_000), Level::Stale);
}

fn statistics_are_kept_by_member_and_by_epoch<S: Kind>() {
    let mut alice = heard::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    // Bob 4 frames in epoch 1, 3 in epoch 2 on another stream; Carl 1 in epoch 2.
    for counter in 1..4 {
        alice
            .open(10 + counter, &insider(id(1), 1, 0, counter))
            .unwrap();
        alice
            .open(20 + counter, &insider(id(2), 1, 1, counter))
            .unwrap();
    }
    alice.open(30, &insider(id(2), 2, 0, 0)).unwrap();
    assert!(alice.open(40, &insider(id(1), 1, 0, 0)).is_err());
    assert!(alice.open(41, &forged(2, 2, 0, 1)).is_err());
    // The same before and after it was taken over, and after an epoch has gone.
    for round in 0..3 {
        let mut of = |member| {
            let stats = alice.manager.member_stats(member).unwrap();
            let last = stats.last_authenticated.unwrap();
            (stats.opened, stats.failed_opens, stats.replayed, last)
        };
        assert_eq!(of(BOB), (7, 0, 1, ms(23)), "{round}");
        assert_eq!(of(leaf(2, 1)), (1, 1, 0, ms(30)), "{round}");
        let mut of = |epoch| {
            let stats = alice.manager.epoch_stats(id(epoch));
            stats.map(|stats| (stats.opened, stats.failed_opens, stats.replayed))
        };
        let first = (round < 2).then_some((4, 0, 1));
        assert_eq!((of(1), of(2)), (first, Some((4, 1, 0))), "{round}");
        alice.room([50, 12_000, 12_000][round]);
    }
    assert_eq!(alice.manager.member_stats(leaf(9, 9)), None);
}

fn failures_are_counted_for_senders_who_were_never_heard<S: Kind>() {
    let mut alice = heard::<S>();
    for context in [0, 4, 5] {
        assert!(alice.open(1, &forged(1, 1, context, 9)).is_err());
        assert!(alice.open(1, &forged(1, 2, context, 9)).is_err());
    }
    let stats = alice.manager.member_stats(BOB).unwrap();
    assert_eq!((stats.opened, stats.failed_opens), (1, 3));
    let stats = alice.manager.epoch_stats(id(1)).unwrap();
    assert_eq!((stats.opened, stats.failed_opens), (1, 6));
    assert_eq!(
        alice.manager.member_stats(leaf(2, 1)),
        None,
        "nothing is stored"
    );
}

fn single_forged_frames_far_apart_break_nobody<S: Kind>() {
    for asked in [false, true] {
        let mut alice = heard::<S>();
        // On a stream that was heard, on another of the same member, and of one who is silent.
        for now in (1..5).map(|nth| nth * 2001) {
            for (index, context) in [(1, 0), (1, 3), (2, 0)] {
                assert!(alice.open(now, &forged(1, index, context, 999)).is_err());
            }
            if asked {
                alice.events(now);
            }
        }
        assert_eq!(alice.level(BOB, 8004), Level::EndToEnd, "{asked}");
        assert_eq!(alice.level(leaf(2, 1), 8004), Level::Unknown, "{asked}");
        assert_eq!(alice.room(8004), Level::EndToEnd, "{asked}");
        // Those who are heard for long, too.
        for now in (9000..60_000).step_by(500) {
            alice.open(now, &insider(id(1), 1, 0, now)).unwrap();
            if now % 9000 == 0 {
                assert!(alice.open(now, &forged(1, 2, 0, 999)).is_err());
            }
            if asked {
                assert_eq!(alice.room(now), Level::EndToEnd, "{now}");
            }
        }
        assert_eq!(alice.room(59_999), Level::EndToEnd, "{asked}");
    }
}

fn forged_names_do_not_hide_a_member_whose_frames_all_fail<S: Kind>() {
    let names: Vec<_> = (0..12).map(|index| format!("member {index}")).collect();
    let people: Vec<_> = (0..).zip(names.iter().map(String::as_str)).collect();
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), &people);
    let frames: Vec<_> = (1..12).map(|index| forged(1, index, 0, 999)).collect();
    let (of_bob, of_others) = frames.split_first().unwrap();
    for now in (0..=4000).step_by(20) {
        assert!(alice.open(now, of_bob).is_err());
        for frame in of_others {
            assert!(alice.open(now + 1, frame).is_err());
        }
        alice.events(now + 1);
    }
    assert_eq!(alice.level(BOB, 4001), Level::Broken);
    assert_eq!(alice.room(4001), Level::Broken);
}

fn the_list_of_statuses_says_what_each_status_says<S: Kind>() {
    let people: People<'_> = &[
        (0, "alice"),
        (1, "bob"),
        (2, "carl"),
        (3, "dave"),
        (4, "eve"),
        (5, "fred"),
    ];
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), people);
    // Carl passes in the clear, whoever says to be Dave does not authenticate, Eve is silent, Bob
    // and Fred are heard, and Fred leaves.
    let [carl, dave, fred] = [2, 3, 5].map(|index| leaf(index, 1));
    let manager = &mut alice.manager;
    manager.allow_passthrough(ms(0), carl, seconds(60)).unwrap();
    for now in (0..=3000).step_by(100) {
        assert!(alice.open(now, &forged(1, 3, 0, 999)).is_err());
        alice.events(now);
    }
    let manager = &mut alice.manager;
    let none = Default::default();
    manager.pass(ms(3000), carl, b"plain", none).unwrap();
    for index in [1, 5] {
        alice.open(3000, &insider(id(1), index, 0, 0)).unwrap();
    }
    alice.manager.set_verified(BOB, true).unwrap();
    let mut seen = BTreeSet::new();
    for now in [3000, 3001, 5001, 12_999, 13_000, 99_000] {
        if now == 3001 {
            alice.add(now, 2, &people[..5]).unwrap();
            alice.open(now, &insider(id(2), 1, 0, 0)).unwrap();
        }
        // Before and after each was asked for.
        let early = alice.manager.every_status(ms(now));
        let each: Vec<_> = (0..6)
            .map(|index| leaf(index, 1))
            .map(|member| (member, alice.manager.status(member, ms(now))))
            .collect();
        let list = alice.manager.every_status(ms(now));
        assert_eq!(early, list, "{now}");
        for (member, status) in each {
            let mut listed = list.iter().filter(|(other, _)| *other == member);
            match listed.next() {
                Some((_, listed)) => assert_eq!(*listed, status, "{member:?} at {now}"),
                None => assert_eq!(status.level, Level::Unknown, "{member:?} at {now}"),
            }
            assert_eq!(listed.next(), None, "{member:?} twice at {now}");
            seen.insert((member, status.level));
        }
        assert!(list.len() <= 4, "{list:?}");
    }
    for expected in [
        (BOB, Level::EndToEndVerified),
        (BOB, Level::OverlapAfterRemoval),
        (BOB, Level::Stale),
        (carl, Level::TransportOnly),
        (dave, Level::Broken),
        (fred, Level::EndToEnd),
        (fred, Level::OverlapAfterRemoval),
        (fred, Level::Unknown),
        (leaf(4, 1), Level::Unknown),
    ] {
        assert!(seen.contains(&expected), "{expected:?} in {seen:?}");
    }
}

fn who_left_is_not_remembered_for_frames_in_their_name<S: Kind>() {
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    alice.open(1000, &forged(1, 2, 0, 0)).unwrap_err();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    // Noted, and not asked about before the epoch retires.
    for now in (1000..3000).step_by(100) {
        alice.open(now, &forged(1, 2, 0, now)).unwrap_err();
    }
    alice.open(3000, &forged(1, 2, 0, 9999)).unwrap_err();
    assert_eq!(alice.room(3001), Level::Unknown);
    assert_eq!(alice.manager.every_status(ms(3001)), []);
}

fn asking_to_pass_does_not_heal_a_member_who_is_broken<S: Kind>() {
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), WITH_CARL);
    for now in (0..=2500).step_by(100) {
        alice.open(now, &forged(1, 1, 0, now)).unwrap_err();
    }
    assert_eq!(alice.level(BOB, 2501), Level::Broken);
    let none = InjectedFrames::default();
    let asked = alice.manager.pass(ms(2501), BOB, b"plain", none);
    assert_eq!(asked, Err(Error::PassthroughRefused));
    assert_eq!(alice.level(BOB, 2501), Level::Broken);
    assert_eq!(alice.room(2501), Level::Broken);
}

fn forged_names_do_not_hide_what_fails_of_a_member_who_was_heard<S: Kind>() {
    let names: Vec<_> = (0..16).map(|index: u32| (index, "somebody")).collect();
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), &names);
    alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
    let before = alice.manager.member_stats(BOB).unwrap().failed_opens;
    for now in (100..=3000).step_by(100) {
        for index in 2..12 {
            alice.open(now, &forged(1, index, 0, now)).unwrap_err();
        }
        alice.open(now, &forged(1, 1, 1, now)).unwrap_err();
    }
    let stats = alice.manager.member_stats(BOB).unwrap();
    assert_eq!((before, stats.failed_opens), (0, 30));
    assert_eq!(alice.level(BOB, 3000), Level::Broken);
    let stats = alice.manager.member_stats(BOB).unwrap();
    assert_eq!(stats.failed_opens, 30, "taken over");
}

fn frames_of_before_an_overlap_do_not_vouch_for_later_ones<S: Kind>() {
    let mut alice = heard::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    // Carl could have made it.
    alice.open(2999, &insider(id(1), 1, 0, 1)).unwrap();
    assert_eq!(alice.level(BOB, 3000), Level::OverlapAfterRemoval);
    alice.open(3000, &insider(id(2), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(BOB, 3000), Level::EndToEnd);
}
