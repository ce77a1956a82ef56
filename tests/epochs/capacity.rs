//! Fixed storage that is full: an error that says so, and nothing is lost.

use frameseal::{EpochConfig, Error, FixedCall, KidLayout, Policy, StreamKind};

use crate::call::{
    ALICE_AND_BOB, Device, People, SUITE, WITH_CARL, base_key, id, insider, leaf, ms, nonce_of,
};
use crate::frames::seal_at;

/// Two epochs, three members, two streams received, two sent.
type Small = FixedCall<2, 3, 2, 2>;

fn small() -> Device<Small> {
    Device::joined(0, EpochConfig::new(SUITE), WITH_CARL)
}

#[test]
fn too_many_members_are_refused_and_nothing_changes() {
    let mut alice = small();
    alice.seal(0);
    alice.events(0);
    let before = alice.state(0);
    let four: People<'_> = &[(0, "alice"), (1, "bob"), (2, "carl"), (3, "dave")];
    let others: People<'_> = &[(4, "eve"), (5, "fred"), (6, "gina"), (7, "hugo")];
    for people in [four, others] {
        assert_eq!(alice.add(0, 2, people), Err(Error::Capacity(3)));
        assert_eq!(alice.state(0), before);
        assert_eq!(alice.events(0), []);
    }
    // One in for one out fits, and all at once as well.
    alice
        .add(0, 2, &[(0, "alice"), (1, "bob"), (3, "dave")])
        .unwrap();
    alice
        .add(0, 3, &[(4, "eve"), (5, "fred"), (6, "gina")])
        .unwrap();
    assert_eq!(alice.manager.members().count(), 3);
}

#[test]
fn a_third_sender_is_refused_before_any_key_is_derived_and_the_others_go_on() {
    let mut alice = small();
    for (index, context) in [(1, 0), (2, 0)] {
        alice.open(0, &insider(id(1), index, context, 0)).unwrap();
    }
    let before = alice.state(0);
    let third = insider(id(1), 1, 1, 0);
    for _ in 0..3 {
        assert_eq!(alice.open(0, &third), Err(Error::Capacity(2)));
        assert_eq!(alice.manager.prepare(ms(0), 1, 1), Err(Error::Capacity(2)));
    }
    assert_eq!(alice.state(0), before);
    for index in [1, 2] {
        alice.open(0, &insider(id(1), index, 0, 1)).unwrap();
    }
    // When the epoch has gone there is room again.
    alice.add(0, 2, WITH_CARL).unwrap();
    let next = insider(id(2), 1, 1, 0);
    assert_eq!(alice.open(11_999, &next), Err(Error::Capacity(2)));
    assert_eq!(alice.open(12_000, &next), Ok((leaf(1, 1), 2)));
}

#[test]
fn a_third_stream_is_refused_and_the_others_go_on() {
    let mut alice = small();
    let second = alice.manager.open_stream(StreamKind::Independent).unwrap();
    for _ in 0..2 {
        let third = alice.manager.open_stream(StreamKind::Independent);
        assert_eq!(third, Err(Error::Capacity(2)));
    }
    alice.seal_on(0, second).unwrap();
    alice.manager.close_stream(second).unwrap();
    let again = alice.manager.open_stream(StreamKind::Independent);
    assert_eq!(again, Err(Error::Capacity(2)), "its place remembers it");
    assert_eq!(nonce_of(&alice.seal(0)), (1, 0));
    alice.add(0, 2, WITH_CARL).unwrap();
    alice.manager.activate(id(2), ms(0)).unwrap();
    let again = alice.manager.open_stream(StreamKind::Independent).unwrap();
    assert_eq!(nonce_of(&alice.seal_on(0, again).unwrap()).1, 0);
}

#[test]
fn a_third_epoch_retires_the_oldest_and_sending_goes_on() {
    let mut alice = small();
    for epoch in 2..20 {
        alice.add(epoch, epoch, WITH_CARL).unwrap();
        assert_eq!(alice.live(), [epoch - 1, epoch]);
        let frame = alice.seal(epoch);
        assert!(nonce_of(&frame).0 >= epoch - 1);
        for live in [epoch - 1, epoch] {
            let frame = insider(id(live), 1, 0, epoch);
            assert_eq!(alice.open(epoch, &frame), Ok((leaf(1, 1), live)));
        }
    }
}

#[test]
fn who_cannot_be_remembered_as_gone_takes_the_old_epochs_along() {
    // Room for three who are there and three who have left, but four leave within the overlap.
    let mut alice = small();
    alice
        .add(10, 2, &[(0, "alice"), (1, "dave"), (2, "eve")])
        .unwrap();
    assert_eq!(alice.live(), [1, 2]);
    assert_eq!(
        alice.open(10, &insider(id(1), 1, 0, 0)),
        Ok((leaf(1, 1), 1))
    );
    let removed = alice.add(20, 3, &[(0, "alice"), (1, "fred"), (2, "gina")]);
    assert_eq!(removed, Ok(()));
    assert_eq!(
        alice.live(),
        [3],
        "else Dave's frames could be taken for Bob's"
    );
    assert_eq!(
        alice.open(20, &insider(id(3), 1, 0, 0)),
        Ok((leaf(1, 3), 3))
    );
}

#[test]
fn those_who_are_gone_with_their_epochs_take_no_room() {
    let mut alice = small();
    // Each time two leave; the epochs in which they were go 2 seconds later, or at once.
    for round in 0..20 {
        let (now, epoch) = (round * 5000, round + 2);
        let names = [format!("bob{round}"), format!("carl{round}")];
        let people = [(0, "alice"), (1, &*names[0]), (2, &*names[1])];
        alice.add(now, epoch, &people).unwrap();
        assert_eq!(alice.live(), [epoch - 1, epoch], "the overlap is kept");
        let late = insider(id(epoch - 1), 1, 0, 1);
        assert!(alice.open(now + 1000, &late).is_ok(), "{round}");
        assert!(alice.open(now + 2000, &insider(id(epoch), 1, 0, 0)).is_ok());
    }
}

#[test]
fn an_overlap_is_kept_after_one_that_could_not_be() {
    let mut alice = small();
    alice
        .add(10, 2, &[(0, "alice"), (1, "dave"), (2, "eve")])
        .unwrap();
    alice
        .add(20, 3, &[(0, "alice"), (1, "fred"), (2, "gina")])
        .unwrap();
    assert_eq!(alice.live(), [3]);
    // Nobody is left who could ask for those who left then.
    alice
        .add(30, 4, &[(0, "alice"), (1, "hugo"), (2, "ivan")])
        .unwrap();
    assert_eq!(alice.live(), [3, 4]);
    assert_eq!(
        alice.open(30, &insider(id(3), 1, 0, 0)),
        Ok((leaf(1, 3), 3))
    );
}

#[test]
fn a_window_that_does_not_fit_is_refused_at_the_start() {
    type Narrow = FixedCall<2, 2, 2, 1, 1>;
    use frameseal::{EpochManagerCore, ReceiveConfig, ReplayProtection, SendConfig};
    let with = |counters| {
        let replay = ReplayProtection::Window(counters);
        let receive = ReceiveConfig::for_suite(SUITE).with_replay(replay);
        let config = EpochConfig::new(SUITE).with_keys(SendConfig::standard(), receive);
        EpochManagerCore::<Narrow>::new(config)
    };
    assert!(with(64).is_ok());
    assert!(matches!(with(65), Err(Error::InvalidArgument(_))));
}

#[test]
fn the_smallest_manager_talks() {
    type Tiny = FixedCall<1, 2, 1, 1>;
    let config = EpochConfig::new(SUITE)
        .with_policy(Policy::Strict)
        .with_layout(KidLayout::new(1, 1).unwrap());
    let mut alice = Device::<Tiny>::joined(0, config, ALICE_AND_BOB);
    let mut bob = Device::<Tiny>::joined(1, alice.manager.config().clone(), ALICE_AND_BOB);
    for epoch in 2..9 {
        for device in [&mut alice, &mut bob] {
            device.add(epoch, epoch, ALICE_AND_BOB).unwrap();
            assert_eq!(device.live(), [epoch]);
        }
        let frame = alice.seal(epoch);
        let expected = seal_at(
            SUITE,
            epoch % 2,
            &base_key(id(epoch)),
            0,
            b"room",
            b"payload",
        );
        assert_eq!(frame, expected);
        assert_eq!(bob.open(epoch, &frame), Ok((leaf(0, 1), epoch)));
    }
}

#[test]
fn those_who_left_take_no_place_from_a_member_who_speaks() {
    let people = |name| [(0, "alice"), (1, name)];
    let config = EpochConfig::new(SUITE);
    let mut alice = Device::<FixedCall<4, 2, 8, 2>>::joined(0, config, &people("bob"));
    alice.open(0, &insider(id(1), 1, 0, 0)).unwrap();
    // Each takes the leaf of the one before, while the keys of that one are still accepted.
    for (now, epoch, name) in [(500, 2, "carl"), (1000, 3, "dave")] {
        alice.add(now, epoch, &people(name)).unwrap();
        let (member, opened) = alice.open(now, &insider(id(epoch), 1, 0, 0)).unwrap();
        assert_eq!((member, opened), (leaf(1, epoch), epoch));
        assert_eq!(alice.manager.member_stats(member).unwrap().opened, 1);
    }
}
