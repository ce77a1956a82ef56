//! Verification belongs to identities: who joins is not verified, whoever was on the leaf before.

use frameseal::{EncryptionStatus as Level, Error, Event};

use crate::call::{ALICE_AND_BOB, Device, WITH_CARL, id, insider, leaf, over_all, pair};
use crate::kinds::{Alike, Kind};

over_all!(
    a_member_can_be_verified_before_and_after_it_is_heard,
    the_room_is_verified_when_all_are,
    somebody_who_joins_unverified_clears_the_room,
    a_whole_epoch_can_be_verified_at_once,
    an_identity_that_changes_on_a_leaf_is_not_verified,
    verification_lasts_over_epochs,
    verification_can_be_taken_back,
    only_members_of_the_newest_epoch_can_be_verified,
);

fn hear<S: Kind>(alice: &mut Device<S>, epoch: u64, index: u32) {
    alice.open(5, &insider(id(epoch), index, 0, 0)).unwrap();
}

fn a_member_can_be_verified_before_and_after_it_is_heard<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 5), Level::Unknown, "not heard");
    hear(&mut alice, 1, 1);
    assert_eq!(alice.level(leaf(1, 1), 5), Level::EndToEndVerified);
    let (mut alice, _) = pair::<S>();
    hear(&mut alice, 1, 1);
    assert_eq!(alice.level(leaf(1, 1), 5), Level::EndToEnd);
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 5), Level::EndToEndVerified);
}

fn the_room_is_verified_when_all_are<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.add(5, 2, WITH_CARL).unwrap();
    hear(&mut alice, 2, 1);
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 5), Level::EndToEndVerified);
    assert_eq!(alice.room(5), Level::EndToEnd, "Carl listens");
    alice.manager.set_verified(leaf(2, 2), true).unwrap();
    assert_eq!(
        alice.room(5),
        Level::EndToEndVerified,
        "and we know ourselves"
    );
}

fn somebody_who_joins_unverified_clears_the_room<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    hear(&mut alice, 1, 1);
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    assert_eq!(alice.room(5), Level::EndToEndVerified);
    alice.events(5);
    alice.add(6, 2, WITH_CARL).unwrap();
    assert_eq!(alice.room(6), Level::EndToEnd);
    assert_eq!(alice.level(leaf(1, 1), 6), Level::EndToEndVerified);
    let told = alice.events(6);
    let room = told.iter().find_map(|event| match event {
        Event::RoomStatusChanged(status) => Some(status.level),
        _ => None,
    });
    assert_eq!(room, Some(Level::EndToEnd));
}

fn a_whole_epoch_can_be_verified_at_once<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.add(5, 2, WITH_CARL).unwrap();
    hear(&mut alice, 2, 1);
    let old = alice.manager.set_epoch_verified(id(1));
    assert_eq!(old, Err(Error::UnknownEpoch(id(1))), "not the newest");
    assert_eq!(alice.room(5), Level::EndToEnd);
    alice.manager.set_epoch_verified(id(2)).unwrap();
    assert_eq!(alice.room(5), Level::EndToEndVerified);
    hear(&mut alice, 2, 2);
    assert_eq!(alice.level(leaf(2, 2), 5), Level::EndToEndVerified);
    // Who joins later is not.
    let four = &[(0, "alice"), (1, "bob"), (2, "carl"), (3, "dave")];
    alice.add(6, 3, four).unwrap();
    hear(&mut alice, 3, 3);
    assert_eq!(alice.level(leaf(3, 3), 6), Level::EndToEnd);
    assert_eq!(alice.room(6), Level::EndToEnd);
}

fn an_identity_that_changes_on_a_leaf_is_not_verified<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    hear(&mut alice, 1, 1);
    alice.manager.set_epoch_verified(id(1)).unwrap();
    // Another signature key under the same name is another identity.
    alice.add(6, 2, &[(0, "alice"), (1, "bob'")]).unwrap();
    hear(&mut alice, 2, 1);
    alice.events(2006);
    assert_eq!(alice.level(leaf(1, 2), 2006), Level::EndToEnd);
    assert_eq!(alice.room(2006), Level::EndToEnd);
}

fn verification_lasts_over_epochs<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    for epoch in 2..6 {
        alice.add(epoch * 20_000, epoch, ALICE_AND_BOB).unwrap();
    }
    assert_eq!(alice.live(), [4, 5]);
    hear(&mut alice, 5, 1);
    assert_eq!(alice.level(leaf(1, 1), 5), Level::EndToEndVerified);
    assert_eq!(alice.room(5), Level::EndToEndVerified);
}

fn verification_can_be_taken_back<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    hear(&mut alice, 1, 1);
    alice.manager.set_verified(leaf(1, 1), true).unwrap();
    alice.manager.set_verified(leaf(1, 1), false).unwrap();
    assert_eq!(alice.level(leaf(1, 1), 5), Level::EndToEnd);
    assert_eq!(alice.room(5), Level::EndToEnd);
}

fn only_members_of_the_newest_epoch_can_be_verified<S: Kind>() {
    let (mut alice, _) = pair::<S>();
    alice.add(5, 2, &[(0, "alice"), (1, "dave")]).unwrap();
    for member in [leaf(1, 1), leaf(2, 2), leaf(1, 3)] {
        let refused = alice.manager.set_verified(member, true);
        assert_eq!(refused, Err(Error::UnknownMember));
    }
    assert_eq!(alice.manager.set_verified(leaf(1, 2), true), Ok(()));
}
