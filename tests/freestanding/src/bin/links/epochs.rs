//! Keys from MLS, with the fixed tables: a call of three from which one is removed.

use frameseal::{
    CipherSuite, EncryptionStatus, EpochConfig, EpochId, EpochUpdate, Error, Event, GroupTag,
    KnownKeys, Member, MemberId, StreamId, StreamKind, Timestamp, fixed,
};
use frameseal_freestanding::{check, value};

type Manager = fixed::EpochManager<2, 3, 4, 1>;

const GROUP: GroupTag = GroupTag::new(1);
const METADATA: &[u8] = b"room 7, camera";
const EVERYBODY: [Member<'static>; 3] = [
    Member {
        index: 0,
        identity: b"alice",
    },
    Member {
        index: 1,
        identity: b"bob",
    },
    Member {
        index: 2,
        identity: b"carol",
    },
];
const WITHOUT_CAROL: &[Member<'static>] = &[EVERYBODY[0], EVERYBODY[1]];

pub fn all(suite: CipherSuite) {
    let mut alice = value!(Manager::new(EpochConfig::new(suite)));
    let mut bob = value!(Manager::new(EpochConfig::new(suite)));
    both_add(&mut alice, &mut bob, now(0), 1, &EVERYBODY);
    let camera = value!(alice.open_stream(StreamKind::KeyFrames));
    check!(alice.open_stream(StreamKind::Independent).is_err());
    hears(&mut alice, &mut bob, camera, now(1), 1);
    sending_waits_until_all_are_ready(&mut alice, &mut bob, camera);
    a_removal_moves_it_at_once(&mut alice, &mut bob, camera);
    what_is_told(&mut bob);
    check!(value!(bob.member_at(0).ok_or(())) == alice_id());
}

fn now(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn epoch_id(epoch: u64) -> EpochId {
    EpochId::new(GROUP, epoch)
}

fn alice_id() -> MemberId {
    MemberId::Leaf {
        group: GROUP,
        index: 0,
        joined: 1,
    }
}

fn both_add(
    alice: &mut Manager,
    bob: &mut Manager,
    now: Timestamp,
    epoch: u64,
    members: &[Member<'_>],
) {
    let base_key = [epoch.to_le_bytes()[0]; 128];
    let update = |own_index, key_len| EpochUpdate {
        group: GROUP,
        epoch,
        base_key: base_key.get(..key_len).unwrap_or_default(),
        own_index: Some(own_index),
        leaf_count: 3,
        members,
    };
    let key_len = alice.suite().key_len();
    check!(alice.add_epoch(now, &update(0, key_len + 1)).is_err());
    value!(alice.add_epoch(now, &update(0, key_len)));
    value!(bob.add_epoch(now, &update(1, key_len)));
}

/// A frame of Alice opens at Bob's, as one of this epoch, and once.
fn hears(alice: &mut Manager, bob: &mut Manager, stream: StreamId, now: Timestamp, epoch: u64) {
    let mut buffer = [0; 64];
    let len = value!(alice.encrypt(now, stream, METADATA, b"frame", &mut buffer));
    let frame = buffer.get(..len).unwrap_or_default();
    let mut out = [0; 64];
    let received = value!(bob.decrypt_to(now, METADATA, frame, &mut out));
    check!(received.payload == b"frame" && received.member == alice_id());
    check!(received.epoch == epoch_id(epoch) && bob.is_known(received.key_id));
    let again = bob.decrypt_to(now, METADATA, frame, &mut out).err();
    check!(again == Some(Error::Replay));
}

fn sending_waits_until_all_are_ready(alice: &mut Manager, bob: &mut Manager, stream: StreamId) {
    both_add(alice, bob, now(100), 2, &EVERYBODY);
    value!(bob.prepare(now(101), 0, stream.context()));
    hears(alice, bob, stream, now(102), 1);
    value!(alice.peer_ready(1, epoch_id(2), now(103)));
    hears(alice, bob, stream, now(104), 1);
    value!(alice.peer_ready(2, epoch_id(2), now(105)));
    hears(alice, bob, stream, now(106), 2);
}

fn a_removal_moves_it_at_once(alice: &mut Manager, bob: &mut Manager, stream: StreamId) {
    both_add(alice, bob, now(200), 3, WITHOUT_CAROL);
    hears(alice, bob, stream, now(201), 3);
    let level = bob.status(alice_id(), now(202)).level;
    check!(level == EncryptionStatus::OverlapAfterRemoval);
    while let Some(due) = bob.next_deadline().filter(|due| *due < now(5000)) {
        while bob.poll_event(due).is_some() {}
    }
    hears(alice, bob, stream, now(5000), 3);
    let level = bob.status(alice_id(), now(5001)).level;
    check!(level == EncryptionStatus::EndToEnd);
    value!(bob.set_epoch_verified(epoch_id(3)));
    let level = bob.room_status(now(5002)).level;
    check!(level == EncryptionStatus::EndToEndVerified);
}

fn what_is_told(bob: &mut Manager) {
    bob.force_rekey();
    let told = core::iter::from_fn(|| bob.poll_event(now(9000)));
    check!({ told }.any(|event| event == Event::RekeyNeeded));
    check!(
        bob.member_stats(alice_id())
            .is_some_and(|stats| stats.opened == 6)
    );
}
