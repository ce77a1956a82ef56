//! A group that is made anew: its epochs count from 0 again while the old one's are still live.

use frameseal::{EncryptionStatus, EpochId, Error, Event, GroupTag, MemberId};

use crate::call::{
    ALICE_AND_BOB, Device, GROUP, id, insider, kid, leaf, ms, nonce_of, over_all, pair,
};
use crate::kinds::{Alike, Kind, Manager};

over_all!(
    a_new_group_at_the_same_number_is_another_epoch,
    a_new_group_is_sent_with_at_once_and_the_old_one_ends_soon,
    the_old_group_does_not_come_back,
    who_is_in_both_groups_is_two_members,
    verification_does_not_cross_over_between_groups,
);

const NEW: GroupTag = GroupTag::new(2);

fn new(epoch: u64) -> EpochId {
    EpochId::new(NEW, epoch)
}

fn new_leaf(index: u32, joined: u64) -> MemberId {
    MemberId::Leaf {
        group: NEW,
        index,
        joined,
    }
}

fn a_new_group_at_the_same_number_is_another_epoch<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let old = bob.seal(0);
    alice.seal(0);
    for device in [&mut alice, &mut bob] {
        device.add_id(10, new(1), ALICE_AND_BOB).unwrap();
        // The low-order bits are taken.
        assert_eq!(device.manager.live(), [new(1)]);
    }
    let frame = bob.seal(10);
    assert_eq!(nonce_of(&frame), nonce_of(&old), "the same numbers");
    assert_ne!(frame, old, "another key");
    assert_eq!(alice.open(10, &old), Err(Error::Authentication));
    assert_eq!(alice.open(10, &frame), Ok((new_leaf(1, 1), 1)));
}

fn a_new_group_is_sent_with_at_once_and_the_old_one_ends_soon<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    let [soon, late] = [0, 0].map(|now| bob.seal(now));
    alice.events(0);
    alice.add_id(1000, new(0), ALICE_AND_BOB).unwrap();
    assert_eq!(nonce_of(&alice.seal(1000)), (0, 0));
    let cut_off = Event::SendCutOff {
        epoch: new(0),
        at: ms(1000),
    };
    assert!(alice.events(1000).contains(&cut_off));
    assert_eq!(alice.open(2999, &soon), Ok((leaf(1, 1), 1)));
    let unknown = Err(Error::UnknownKeyId(kid(1, 1, 0)));
    assert_eq!(alice.open(3000, &late), unknown);
    let ended = Event::ReceiveOverlapEnded {
        epoch: new(0),
        at: ms(3000),
    };
    assert!(alice.events(3000).contains(&ended));
}

fn the_old_group_does_not_come_back<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.seal(0);
    alice.add_id(10, new(0), ALICE_AND_BOB).unwrap();
    let before = alice.state(10);
    assert_eq!(alice.add(10, 1, ALICE_AND_BOB), Ok(()), "it is still here");
    for epoch in [0, 2, 1000, u64::MAX] {
        let too_old = Err(Error::EpochTooOld(id(epoch)));
        assert_eq!(alice.add(10, epoch, ALICE_AND_BOB), too_old);
    }
    assert_eq!(alice.state(10), before);
    assert_eq!(nonce_of(&alice.seal(10)), (0, 0));
    // Its keys are gone now; were it added again, its counters would start again.
    alice.events(60_000);
    let too_old = Err(Error::EpochTooOld(id(1)));
    assert_eq!(alice.add(60_000, 1, ALICE_AND_BOB), too_old);
}

fn who_is_in_both_groups_is_two_members<S: Kind>() {
    let (mut alice, mut bob) = pair::<S>();
    alice.open(0, &bob.seal(0)).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 0), EncryptionStatus::EndToEnd);
    alice.add_id(10, new(0), ALICE_AND_BOB).unwrap();
    let now_there = [new_leaf(0, 0), new_leaf(1, 0)];
    assert_eq!(alice.manager.listed(), now_there);
    assert_eq!(alice.level(new_leaf(1, 0), 10), EncryptionStatus::Unknown);
    assert_eq!(alice.manager.member_stats(new_leaf(1, 0)), None);
    let stats = alice.manager.member_stats(leaf(1, 1));
    assert_eq!(stats.map(|stats| stats.opened), Some(1));
    // After the overlap, nothing is left of the old group.
    alice.events(2010);
    assert_eq!(alice.manager.member_stats(leaf(1, 1)), None);
    assert_eq!(alice.level(leaf(1, 1), 2010), EncryptionStatus::Unknown);
}

fn verification_does_not_cross_over_between_groups<S: Kind>() {
    let mut alice = Device::<S>::new(0);
    // Bob joined the old group's leaf 1 in epoch 5, Dave the new group's leaf 1 in its epoch 5.
    alice.add(0, 5, ALICE_AND_BOB).unwrap();
    alice.add(0, 6, ALICE_AND_BOB).unwrap();
    let new_people = &[(0, "alice"), (1, "dave")];
    alice.add_id(10, new(5), new_people).unwrap();
    alice.manager.set_verified(new_leaf(1, 5), true).unwrap();
    assert_eq!(
        alice.manager.set_verified(leaf(1, 5), true),
        Err(Error::UnknownMember),
        "of the newest epoch only"
    );
    // Bob's first frame, of the epoch 6 that is in its overlap, and Dave's.
    let frame = insider(EpochId::new(GROUP, 6), 1, 0, 0);
    assert_eq!(alice.open(10, &frame), Ok((leaf(1, 5), 6)));
    let overlap = EncryptionStatus::OverlapAfterRemoval;
    assert_eq!(alice.level(leaf(1, 5), 10), overlap);
    alice.events(2010);
    let frame = insider(new(5), 1, 0, 0);
    assert_eq!(alice.open(2010, &frame), Ok((new_leaf(1, 5), 5)));
    assert_eq!(
        alice.level(new_leaf(1, 5), 2010),
        EncryptionStatus::EndToEndVerified
    );
}
