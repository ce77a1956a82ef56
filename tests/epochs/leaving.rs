//! Who was removed: what they can still do, for how long, and what is said meanwhile.

use frameseal::{
    EncryptionStatus as Level, EpochConfig, Error, Event, Policy, SendSwitch, StatusReason,
    StreamKind,
};

use crate::call::{
    ALICE_AND_BOB, Device, People, SUITE, WITH_CARL, id, insider, kid, leaf, ms, over_all, seconds,
    three,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    after_a_removal_nothing_is_sent_that_the_removed_member_opens,
    the_removed_member_forges_others_until_the_overlap_ends_and_not_after,
    the_status_says_so_while_the_overlap_runs,
    under_the_strict_policy_there_is_no_overlap,
    epochs_that_wait_are_bounded_by_the_removal_too,
    a_second_removal_prolongs_nothing_that_the_first_one_bounded,
    frames_that_the_removed_member_may_have_sealed_are_no_evidence_later,
    what_was_heard_before_a_removal_counts_for_as_long_as_a_status_lasts,
    a_frame_that_who_left_may_have_made_outweighs_what_was_heard_before,
    at_the_last_time_of_all_the_overlap_ends,
    an_overlap_without_old_keys_is_over_at_once,
    a_displaced_epoch_ends_the_overlap,
    a_leaf_reused_in_one_commit_inherits_nothing,
    who_leaves_and_comes_back_is_a_new_member,
    who_leaves_twice_leaves_twice,
    when_we_were_removed_we_send_nothing_more,
);

fn after_a_removal_nothing_is_sent_that_the_removed_member_opens<S: Kind>() {
    for switch in [
        SendSwitch::WhenReady(seconds(60)),
        SendSwitch::After(seconds(60)),
        SendSwitch::AtKeyFrame(seconds(60), seconds(90)),
        SendSwitch::WhenTold,
    ] {
        let config = EpochConfig::new(SUITE).with_send_switch(switch);
        let mut alice = Device::<S>::joined(0, config, WITH_CARL);
        let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
        let [_, mut bob, mut carl] = three::<S>();
        carl.open(5, &alice.seal(5)).unwrap();
        carl.open(5, &alice.seal_on(5, video).unwrap()).unwrap();
        alice.events(5);

        alice.add(10, 2, ALICE_AND_BOB).unwrap();
        let cut_off = Event::SendCutOff {
            epoch: id(2),
            at: ms(10),
        };
        assert!(alice.events(10).contains(&cut_off));
        bob.add(10, 2, ALICE_AND_BOB).unwrap();
        for stream in [alice.audio, video] {
            let frame = alice.seal_on(10, stream).unwrap();
            let unknown = Err(Error::UnknownKeyId(kid(2, 0, S::Manager::context(stream))));
            assert_eq!(carl.open(10, &frame), unknown);
            assert_eq!(bob.open(10, &frame), Ok((leaf(0, 1), 2)));
        }
    }
}

fn the_removed_member_forges_others_until_the_overlap_ends_and_not_after<S: Kind>() {
    let [mut alice, _, mut carl] = three::<S>();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    // Carl has the base key of epoch 1, so he can seal as Bob, and as himself.
    assert_eq!(
        alice.open(2999, &insider(id(1), 1, 0, 0)),
        Ok((leaf(1, 1), 1))
    );
    assert_eq!(alice.open(2999, &carl.seal(2999)), Ok((leaf(2, 1), 1)));
    for (index, frame) in [(1, insider(id(1), 1, 0, 1)), (2, carl.seal(3000))] {
        let unknown = Err(Error::UnknownKeyId(kid(1, index, 0)));
        assert_eq!(alice.open(3000, &frame), unknown);
    }
    // He is on no leaf of the new one, and does not have its key either.
    let nobody = Err(Error::UnknownKeyId(kid(2, 2, 0)));
    assert_eq!(alice.open(3000, &insider(id(2), 2, 0, 0)), nobody);
}

fn the_status_says_so_while_the_overlap_runs<S: Kind>() {
    let [mut alice, mut bob, _] = three::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    bob.add(1000, 2, ALICE_AND_BOB).unwrap();
    // Even if the frame is of the new epoch: who knows who made the next one.
    alice.open(1001, &bob.seal(1001)).unwrap();
    for now in [1001, 2999] {
        assert_eq!(alice.level(leaf(1, 1), now), Level::OverlapAfterRemoval);
        assert_eq!(alice.room(now), Level::OverlapAfterRemoval);
    }
    alice.events(2999);
    assert_eq!(alice.manager.next_deadline(), Some(ms(3000)));
    assert_eq!(alice.level(leaf(1, 1), 3000), Level::EndToEnd);
    let ended = Event::ReceiveOverlapEnded {
        epoch: id(2),
        at: ms(3000),
    };
    let events = alice.events(3000);
    assert!(events.contains(&ended) && events.contains(&Event::EpochRetired(id(1))));
    assert_eq!(alice.room(3000), Level::EndToEnd);
}

fn under_the_strict_policy_there_is_no_overlap<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    let mut alice = Device::<S>::joined(0, config, WITH_CARL);
    let frame = insider(id(1), 1, 0, 0);
    alice.open(999, &frame).unwrap();
    alice.events(999);
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    let unknown = Err(Error::UnknownKeyId(kid(1, 1, 0)));
    assert_eq!(alice.open(1000, &insider(id(1), 1, 0, 1)), unknown);
    assert_eq!(alice.live(), [2]);
    let events = alice.events(1000);
    let (epoch, at) = (id(2), ms(1000));
    assert!(events.contains(&Event::SendCutOff { epoch, at }));
    assert!(events.contains(&Event::ReceiveOverlapEnded { epoch, at }));
    assert_eq!(alice.level(leaf(1, 1), 1000), Level::EndToEnd, "no overlap");
}

fn epochs_that_wait_are_bounded_by_the_removal_too<S: Kind>() {
    let [mut alice, ..] = three::<S>();
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.add(0, 3, WITH_CARL).unwrap();
    alice.add(10, 4, ALICE_AND_BOB).unwrap();
    for epoch in 1..4 {
        alice.open(2009, &insider(id(epoch), 1, 0, 0)).unwrap();
    }
    for epoch in 1..4 {
        let refused = alice.open(2010, &insider(id(epoch), 1, 0, 1));
        assert_eq!(refused, Err(Error::UnknownKeyId(kid(epoch, 1, 0))));
    }
    assert_eq!(alice.live(), [4]);
}

fn a_second_removal_prolongs_nothing_that_the_first_one_bounded<S: Kind>() {
    let people: People<'_> = &[(0, "alice"), (1, "bob"), (2, "carl"), (3, "dave")];
    let mut alice = Device::<S>::joined(0, EpochConfig::new(SUITE), people);
    alice.add(1000, 2, WITH_CARL).unwrap();
    alice.add(2000, 3, ALICE_AND_BOB).unwrap();
    alice.events(2999);
    assert_eq!(alice.live(), [1, 2, 3]);
    let ended = Event::ReceiveOverlapEnded {
        epoch: id(2),
        at: ms(3000),
    };
    assert!(alice.events(3000).contains(&ended));
    assert_eq!(alice.live(), [2, 3], "Dave's time is over");
    alice.open(3000, &insider(id(2), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 3999), Level::OverlapAfterRemoval);
    let ended = Event::ReceiveOverlapEnded {
        epoch: id(3),
        at: ms(4000),
    };
    assert!(alice.events(4000).contains(&ended));
    assert_eq!(alice.live(), [3], "Carl's time is over");
    // But the only frame of Bob's may have been Carl's.
    assert_eq!(alice.level(leaf(1, 1), 4000), Level::OverlapAfterRemoval);
    alice.open(4000, &insider(id(3), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 4000), Level::EndToEnd);
}

fn frames_that_the_removed_member_may_have_sealed_are_no_evidence_later<S: Kind>() {
    let [mut alice, ..] = three::<S>();
    let bob = leaf(1, 1);
    alice.manager.set_verified(bob, true).unwrap();
    alice.add(20_000, 2, ALICE_AND_BOB).unwrap();
    // Bob says nothing; this may be Carl, who has the key of epoch 1.
    alice.open(21_999, &insider(id(1), 1, 0, 0)).unwrap();
    for now in [21_999, 22_000, 31_998] {
        let status = alice.manager.status(bob, ms(now));
        assert_eq!(status.level, Level::OverlapAfterRemoval, "{now}");
        assert_eq!(status.reason, StatusReason::RemovedMemberHasKeys);
        assert_eq!(alice.room(now), Level::OverlapAfterRemoval, "{now}");
    }
    assert_eq!(alice.level(bob, 31_999), Level::Stale);
    alice.open(32_000, &insider(id(2), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(bob, 32_000), Level::EndToEndVerified);
    assert_eq!(alice.room(32_000), Level::EndToEndVerified);
}

fn what_was_heard_before_a_removal_counts_for_as_long_as_a_status_lasts<S: Kind>() {
    let [mut alice, ..] = three::<S>();
    let bob = leaf(1, 1);
    // Nobody asks for a status before Carl is removed.
    alice.open(19_000, &insider(id(1), 1, 0, 0)).unwrap();
    alice.add(20_000, 2, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.level(bob, 21_999), Level::OverlapAfterRemoval);
    assert_eq!(alice.level(bob, 22_000), Level::EndToEnd);
    assert_eq!(alice.level(bob, 28_999), Level::EndToEnd);
    assert_eq!(alice.level(bob, 29_000), Level::Stale);
}

fn a_frame_that_who_left_may_have_made_outweighs_what_was_heard_before<S: Kind>() {
    let [mut alice, ..] = three::<S>();
    let bob = leaf(1, 1);
    alice.open(19_000, &insider(id(1), 1, 0, 0)).unwrap();
    alice.add(20_000, 2, ALICE_AND_BOB).unwrap();
    alice.open(21_999, &insider(id(1), 1, 0, 1)).unwrap();
    assert_eq!(alice.level(bob, 22_000), Level::OverlapAfterRemoval);
    assert_eq!(alice.level(bob, 31_998), Level::OverlapAfterRemoval);
    assert_eq!(alice.level(bob, 31_999), Level::Stale);
}

fn at_the_last_time_of_all_the_overlap_ends<S: Kind>() {
    let [mut alice, ..] = three::<S>();
    alice.events(u64::MAX);
    alice.add(5, 2, ALICE_AND_BOB).unwrap();
    let told = alice.events(u64::MAX);
    assert!(told.contains(&Event::EpochRetired(id(1))), "{told:?}");
    let unknown = Err(Error::UnknownKeyId(kid(1, 1, 0)));
    assert_eq!(alice.open(u64::MAX, &insider(id(1), 1, 0, 0)), unknown);
    assert_eq!(alice.live(), [2]);
    alice.open(u64::MAX, &insider(id(2), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(leaf(1, 1), u64::MAX), Level::EndToEnd);
}

fn an_overlap_without_old_keys_is_over_at_once<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_max_epochs(1);
    let mut alice = Device::<S>::joined(0, config, WITH_CARL);
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    let (epoch, at) = (id(2), ms(1000));
    let events = alice.events(1000);
    assert!(events.contains(&Event::SendCutOff { epoch, at }));
    assert!(events.contains(&Event::ReceiveOverlapEnded { epoch, at }));
    alice.open(1001, &insider(id(2), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 1001), Level::EndToEnd);
}

fn a_displaced_epoch_ends_the_overlap<S: Kind>() {
    let config = EpochConfig::new(SUITE).with_max_epochs(2);
    let mut alice = Device::<S>::joined(0, config, WITH_CARL);
    alice.add(1000, 2, ALICE_AND_BOB).unwrap();
    alice.events(1000);
    alice.add(1500, 3, ALICE_AND_BOB).unwrap();
    let ended = Event::ReceiveOverlapEnded {
        epoch: id(2),
        at: ms(1500),
    };
    assert!(alice.events(1500).contains(&ended));
    alice.open(1500, &insider(id(3), 1, 0, 0)).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 1500), Level::EndToEnd);
}

fn a_leaf_reused_in_one_commit_inherits_nothing<S: Kind>() {
    let (mut alice, mut bob) = crate::call::pair::<S>();
    for counter in 0..5 {
        let frame = bob.seal(counter);
        alice.open(counter, &frame).unwrap();
        assert_eq!(alice.open(counter, &frame), Err(Error::Replay));
    }
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    assert_eq!(alice.room(5), Level::EndToEndVerified);
    let late = bob.seal(5);

    // One commit: Bob is removed, Dave is added, and gets Bob's leaf.
    let people = &[(0, "alice"), (1, "dave")];
    alice.add(10, 2, people).unwrap();
    let dave = leaf(1, 2);
    assert_eq!(alice.manager.member_at(1), Some(dave));
    assert_eq!(alice.level(dave, 10), Level::Unknown);
    assert_eq!(alice.manager.member_stats(dave), None);
    alice.events(10);
    // The same counters as Bob's.
    for counter in 0..5 {
        let frame = insider(id(2), 1, 0, counter);
        assert_eq!(alice.open(111, &frame), Ok((dave, 2)));
    }
    assert!(alice.events(111).contains(&Event::MemberFirstHeard(dave)));
    let stats = alice.manager.member_stats(dave).unwrap();
    assert_eq!(
        (stats.opened, stats.replayed, stats.failed_opens),
        (5, 0, 0)
    );
    // A late frame of Bob's is Bob's.
    assert_eq!(alice.open(111, &late), Ok((leaf(1, 1), 1)));
    assert_eq!(alice.manager.member_stats(dave).unwrap().opened, 5);
    assert_eq!(alice.manager.member_stats(leaf(1, 1)).unwrap().opened, 6);
    let of_bob = alice.manager.set_verified(leaf(1, 1), true);
    assert_eq!(of_bob, Err(Error::UnknownMember));
    assert_eq!(alice.level(dave, 2010), Level::EndToEnd, "not verified");
    assert_eq!(alice.manager.member_stats(leaf(1, 1)), None, "forgotten");
}

fn who_leaves_and_comes_back_is_a_new_member<S: Kind>() {
    let (mut alice, mut bob) = crate::call::pair::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    alice.add(10, 2, &[(0, "alice")]).unwrap();
    alice.add(20, 3, ALICE_AND_BOB).unwrap();
    assert_eq!(alice.manager.member_at(1), Some(leaf(1, 3)));
    assert_eq!(alice.level(leaf(1, 3), 20), Level::Unknown);
    let nobody = Err(Error::UnknownKeyId(kid(2, 1, 0)));
    assert_eq!(
        alice.open(20, &insider(id(2), 1, 0, 0)),
        nobody,
        "he was away"
    );
    alice.open(2010, &insider(id(3), 1, 0, 0)).unwrap();
    assert_eq!(
        alice.level(leaf(1, 3), 2010),
        Level::EndToEnd,
        "not verified"
    );
}

fn who_leaves_twice_leaves_twice<S: Kind>() {
    // Three people in turn on one leaf, all while the first epoch is live.
    let (mut alice, _) = crate::call::pair::<S>();
    for (epoch, name) in [(2, "carl"), (3, "dave"), (4, "bob")] {
        alice.add(epoch, epoch, &[(0, "alice"), (1, name)]).unwrap();
    }
    for epoch in [4, 2, 1, 3] {
        let frame = insider(id(epoch), 1, 0, 0);
        assert_eq!(alice.open(5, &frame), Ok((leaf(1, epoch), epoch)));
    }
}

fn when_we_were_removed_we_send_nothing_more<S: Kind>() {
    let [mut alice, ..] = three::<S>();
    alice.seal(0);
    alice.add(10, 2, &[(1, "bob"), (2, "carl")]).unwrap();
    assert_eq!(alice.try_seal(10), Err(Error::NoSendingKey));
    let video = alice.manager.open_stream(StreamKind::KeyFrames).unwrap();
    assert_eq!(alice.seal_on(10, video), Err(Error::NoSendingKey));
    let prepared = alice.manager.prepare_stream(ms(10), alice.audio);
    assert_eq!(prepared, Err(Error::NoSendingKey));
}
