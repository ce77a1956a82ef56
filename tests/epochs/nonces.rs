//! No (key, nonce) pair twice: managers, streams and epochs that could get in one another's way.

use std::collections::BTreeSet;

use frameseal::{CallStorage, EpochConfig, Error};

use crate::call::{
    ALICE_AND_BOB, Device, SUITE, id, insider, kid, leaf, ms, nonce_of, over_both, pair,
};

over_both!(
    two_managers_for_one_member_with_disjoint_contexts_share_no_pair,
    two_managers_with_the_same_contexts_share_all,
    a_restarted_manager_begins_with_a_new_epoch,
    a_call_that_fails_uses_no_counter,
    every_stream_counts_for_itself,
    our_own_index_is_refused_on_receive,
    loopback_opens_our_own_frames_by_name_only,
    the_index_that_is_ours_belongs_to_its_epoch,
);

/// Key id, counter, and whose key.
type Pairs = BTreeSet<(u64, u64)>;

fn note(pairs: &mut Pairs, frame: &[u8]) {
    let nonce = nonce_of(frame);
    assert!(pairs.insert(nonce), "{nonce:?} a second time");
}

fn two_managers_for_one_member_with_disjoint_contexts_share_no_pair<S: CallStorage>() {
    let config = EpochConfig::new(SUITE);
    let telephone = config.clone().with_contexts(0..2, 4);
    let tablet = config.clone().with_contexts(2..4, 4);
    let mut devices =
        [telephone, tablet].map(|config| Device::<S>::joined(0, config, ALICE_AND_BOB));
    let mut bob = Device::<S>::joined(1, config, ALICE_AND_BOB);
    let mut pairs = Pairs::new();
    let kind = frameseal::StreamKind::Independent;
    for epoch in 1..4 {
        for device in &mut devices {
            device.add(epoch, epoch, ALICE_AND_BOB).unwrap();
            device.manager.activate(id(epoch), ms(epoch)).unwrap();
        }
        bob.add(epoch, epoch, ALICE_AND_BOB).unwrap();
        for round in 0..3 {
            for device in &mut devices {
                let frame = device.seal(epoch);
                note(&mut pairs, &frame);
                assert_eq!(bob.open(epoch, &frame), Ok((leaf(0, 1), epoch)), "{round}");
                if let Ok(stream) = device.manager.open_stream(kind) {
                    note(&mut pairs, &device.seal_on(epoch, stream).unwrap());
                    device.manager.close_stream(stream).unwrap();
                }
            }
        }
    }
    assert!(pairs.len() >= 18);
}

/// What one object cannot know, and its documentation says: this is why contexts must be disjoint.
fn two_managers_with_the_same_contexts_share_all<S: CallStorage>() {
    let make = || Device::<S>::joined(0, EpochConfig::new(SUITE), ALICE_AND_BOB);
    let (mut one, mut other) = (make(), make());
    assert_eq!(one.seal(0), other.seal(0));
}

fn a_restarted_manager_begins_with_a_new_epoch<S: CallStorage>() {
    let mut pairs = Pairs::new();
    let (mut alice, mut bob) = pair::<S>();
    for _ in 0..3 {
        note(&mut pairs, &alice.seal(0));
    }
    // The process dies; its counters with it. The next one commits before it sends, and is not
    // given the epoch in which it may have sent.
    drop(alice);
    let mut alice = Device::<S>::new(0);
    assert_eq!(alice.try_seal(5), Err(Error::NoSendingKey));
    bob.add(5, 2, ALICE_AND_BOB).unwrap();
    alice.add(5, 2, ALICE_AND_BOB).unwrap();
    for _ in 0..3 {
        let frame = alice.seal(5);
        note(&mut pairs, &frame);
        bob.open(5, &frame).unwrap();
    }
    assert_eq!(
        alice.add(5, 1, ALICE_AND_BOB),
        Err(Error::EpochTooOld(id(1)))
    );
}

fn a_call_that_fails_uses_no_counter<S: CallStorage>() {
    let (mut alice, _) = pair::<S>();
    let stream = alice.audio;
    for counter in 0..3 {
        let mut short = [0xa5; 10];
        let manager = &mut alice.manager;
        let refused = manager.encrypt(ms(0), stream, b"", b"payload", &mut short);
        let needed = 1 + 7 + 16;
        assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
        assert_eq!(short, [0xa5; 10]);
        let cramped = manager.encrypt_in_place(ms(0), stream, b"", &mut [0; 64], 0..7);
        assert!(matches!(cramped, Err(Error::HeadroomTooSmall { .. })));
        let outside = manager.encrypt_within(ms(0), stream, b"", &mut [0; 64], 60..70, 0);
        assert!(matches!(outside, Err(Error::InvalidArgument(_))));
        assert_eq!(manager.sealed_len(ms(0), stream, 7), Ok(needed));
        manager.prepare_stream(ms(0), stream).unwrap();
        assert_eq!(nonce_of(&alice.seal(0)).1, counter);
    }
}

fn every_stream_counts_for_itself<S: CallStorage>() {
    let (mut alice, mut bob) = pair::<S>();
    let kind = frameseal::StreamKind::KeyFrames;
    let video = alice.manager.open_stream(kind).unwrap();
    assert_eq!((alice.audio.context(), video.context()), (0, 1));
    for counter in 0..3 {
        for stream in [alice.audio, video] {
            let frame = alice.seal_on(0, stream).unwrap();
            let key_id = kid(1, 0, stream.context()).value();
            assert_eq!(nonce_of(&frame), (key_id, counter));
            bob.open(0, &frame).unwrap();
        }
    }
}

fn our_own_index_is_refused_on_receive<S: CallStorage>() {
    let (mut alice, _) = pair::<S>();
    let before = alice.state(0);
    let ours = alice.seal(0);
    assert_eq!(alice.open(0, &ours), Err(Error::Policy(kid(1, 0, 0))));
    // Also where no stream of ours sends, and from whoever has the key.
    for context in 0..16 {
        let frame = insider(id(1), 0, context, 99);
        let refused = Err(Error::Policy(kid(1, 0, context)));
        assert_eq!(alice.open(0, &frame), refused);
    }
    let prepared = alice.manager.prepare(ms(0), 0, 0);
    assert_eq!(prepared, Err(Error::Policy(kid(1, 0, 0))));
    // We can still send, and nothing else has changed.
    assert_eq!(nonce_of(&alice.seal(0)).1, 1);
    let mut other = Device::<S>::joined(0, EpochConfig::new(SUITE), ALICE_AND_BOB);
    assert_eq!(other.state(0), before);
    other.seal(0);
    other.seal(0);
    assert_eq!(other.state(0), alice.state(0));
}

fn loopback_opens_our_own_frames_by_name_only<S: CallStorage>() {
    let config = EpochConfig::new(SUITE).with_loopback();
    let mut alice = Device::<S>::joined(0, config, ALICE_AND_BOB);
    for counter in 0..3 {
        let frame = alice.seal(0);
        assert_eq!(nonce_of(&frame).1, counter);
        assert_eq!(alice.open(0, &frame), Ok((leaf(0, 1), 1)));
        assert_eq!(alice.open(0, &frame), Err(Error::Replay));
    }
}

fn the_index_that_is_ours_belongs_to_its_epoch<S: CallStorage>() {
    // We leave leaf 0 and come back on leaf 2, and somebody else gets leaf 0.
    let (mut alice, _) = pair::<S>();
    alice.index = 2;
    alice
        .add(10, 2, &[(0, "carl"), (1, "bob"), (2, "alice")])
        .unwrap();
    let refused = |epoch, index| Err(Error::Policy(kid(epoch, index, 0)));
    assert_eq!(alice.open(10, &insider(id(1), 0, 0, 0)), refused(1, 0));
    assert_eq!(alice.open(10, &insider(id(2), 2, 0, 0)), refused(2, 2));
    let carls = insider(id(2), 0, 0, 0);
    assert_eq!(alice.open(10, &carls), Ok((leaf(0, 2), 2)));
    assert_eq!(nonce_of(&alice.seal(10)), (kid(2, 2, 0).value(), 0));
}
