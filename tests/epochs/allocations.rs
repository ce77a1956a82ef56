//! Frames allocate nothing once their senders were heard; over fixed storage nothing ever does.

use frameseal::{CallStorage, CipherSuite, EpochConfig, EpochId, EpochManagerCore, EpochUpdate};
use frameseal::{Error, Member, StreamKind};

use crate::call::{Device, Fixed, GROUP, WITH_CARL, forged, id, insider, ms, over_both};
use crate::heap::calls;

over_both!(frames_allocate_nothing_once_everybody_was_heard);

fn frames_allocate_nothing_once_everybody_was_heard<S: CallStorage>() {
    let mut alice = Device::<S>::joined(0, EpochConfig::new(crate::call::SUITE), WITH_CARL);
    alice.add(0, 2, WITH_CARL).unwrap();
    let senders = [(1, 1, 0), (1, 2, 5), (2, 1, 0), (2, 1, 1)];
    let frames =
        |counter| senders.map(|(epoch, index, ctx)| insider(id(epoch), index, ctx, counter));
    for frame in frames(0) {
        alice.open(0, &frame).unwrap();
    }
    alice.seal(0);
    let mut rounds: Vec<_> = (1..20).map(frames).collect();
    let mut again = rounds[7].clone();
    let mut forgery = forged(1, 1, 0, 30);
    let (manager, stream) = (&mut alice.manager, alice.audio);
    let (mut out, mut buffer) = ([0; 64], [0; 64]);
    let made = calls(|| {
        for (now, round) in (10..).zip(&mut rounds) {
            let [one, two, three, four] = round;
            for frame in [one, two] {
                manager.decrypt(ms(now), b"room", frame).unwrap();
            }
            manager
                .decrypt_to(ms(now), b"room", three, &mut out)
                .unwrap();
            let all = 0..four.len();
            manager
                .decrypt_within(ms(now), b"room", four, all, 1)
                .unwrap();
            let forged = manager.decrypt(ms(now), b"room", &mut forgery).map(|_| ());
            assert_eq!(forged, Err(Error::Authentication));
            manager
                .encrypt(ms(now), stream, b"room", b"x", &mut buffer)
                .unwrap();
            manager
                .encrypt_in_place(ms(now), stream, b"", &mut buffer, 20..30)
                .unwrap();
            manager
                .encrypt_within(ms(now), stream, b"", &mut buffer, 0..9, 3)
                .unwrap();
        }
        let replayed = manager.decrypt(ms(99), b"room", &mut again[0]).map(|_| ());
        assert_eq!(replayed, Err(Error::Replay));
        // Asking allocates nothing either.
        let member = crate::call::leaf(1, 1);
        manager.status(member, ms(99));
        manager.room_status(ms(99));
        assert!(manager.member_stats(member).is_some() && manager.epoch_stats(id(1)).is_some());
        while manager.poll_event(ms(99)).is_some() {}
        assert!(manager.next_deadline().is_some());
    });
    assert_eq!(made, 0);
}

/// A whole call: epochs, streams, first frames, a removal, and the end.
#[test]
fn a_call_over_fixed_storage_allocates_nothing_at_all() {
    let members = [(0, "alice"), (1, "bob"), (2, "carl")].map(|(index, name)| Member {
        index,
        identity: name.as_bytes(),
    });
    for suite in CipherSuite::ALL {
        let mut keys = [[0x42; 96]; 8];
        for (epoch, key) in (0..).zip(&mut keys) {
            key[0] = epoch;
        }
        let made = calls(|| {
            let mut alice = EpochManagerCore::<Fixed>::new(EpochConfig::new(suite)).unwrap();
            let mut bob = EpochManagerCore::<Fixed>::new(EpochConfig::new(suite)).unwrap();
            let stream = alice.open_stream(StreamKind::Independent).unwrap();
            for (epoch, key) in (1u64..).zip(&keys) {
                let now = ms(epoch * 1000);
                let update = |own| EpochUpdate {
                    group: GROUP,
                    epoch,
                    base_key: &key[..suite.key_len()],
                    own_index: Some(own),
                    leaf_count: 3,
                    // Carl comes and goes.
                    members: &members[..2 + usize::from(epoch % 2 == 0)],
                };
                alice.add_epoch(now, &update(0)).unwrap();
                bob.add_epoch(now, &update(1)).unwrap();
                let id = EpochId::new(GROUP, epoch);
                alice.peer_ready(1, id, now).unwrap();
                bob.prepare(now, 0, 0).unwrap();
                let other = alice.open_stream(StreamKind::KeyFrames).unwrap();
                for stream in [stream, other] {
                    let mut frame = [0; 64];
                    let len = alice.encrypt(now, stream, b"", b"x", &mut frame).unwrap();
                    bob.decrypt(now, b"", &mut frame[..len]).unwrap();
                }
                alice.close_stream(other).unwrap();
                while alice.poll_event(now).is_some() || bob.poll_event(now).is_some() {}
            }
        });
        assert_eq!(made, 0, "{suite}");
    }
}

/// Between threads, the first call of each makes a place for it; after that no frame allocates.
#[cfg(feature = "std")]
#[test]
fn frames_of_the_shared_manager_allocate_nothing_on_any_thread_that_called_it_before() {
    use frameseal::SharedEpochManager;
    let calls_of = |own: u32| {
        let call = SharedEpochManager::new(EpochConfig::new(crate::call::SUITE)).unwrap();
        let members = [(0, "alice"), (1, "bob")].map(|(index, name)| Member {
            index,
            identity: name.as_bytes(),
        });
        let update = EpochUpdate {
            group: GROUP,
            epoch: 1,
            base_key: &[0x42; 16],
            own_index: Some(own),
            leaf_count: 2,
            members: &members,
        };
        call.add_epoch(ms(0), &update).unwrap();
        call
    };
    let (alice, bob) = (calls_of(0), calls_of(1));
    let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
    let sealed = |stream: &mut frameseal::SharedStream| {
        let mut frame = [0; 64];
        let len = stream.encrypt(ms(1), b"room", b"x", &mut frame).unwrap();
        frame[..len].to_vec()
    };
    let mut rounds = |receiver: frameseal::EpochReceiver| {
        let mut frames: Vec<_> = (0..10).map(|_| sealed(&mut stream)).collect();
        let mut forged = sealed(&mut stream);
        *forged.last_mut().unwrap() ^= 1;
        let mut again = frames[3].clone();
        let mut first = sealed(&mut stream);
        receiver.decrypt(ms(1), b"room", &mut first).unwrap();
        let mut out = [0; 64];
        let mut buffer = [0; 64];
        let made = calls(|| {
            for (index, frame) in frames.iter_mut().enumerate() {
                if index % 2 == 0 {
                    receiver.decrypt(ms(2), b"room", frame).unwrap();
                } else {
                    let opened = receiver.decrypt_to(ms(2), b"room", frame, &mut out);
                    assert_eq!(opened.unwrap().payload, b"x");
                }
            }
            let forged = receiver.decrypt(ms(2), b"room", &mut forged).map(drop);
            assert_eq!(forged, Err(Error::Authentication));
            let replayed = receiver.decrypt(ms(2), b"room", &mut again).map(drop);
            assert_eq!(replayed, Err(Error::Replay));
            for _ in 0..10 {
                stream.encrypt(ms(2), b"", b"x", &mut buffer).unwrap();
            }
        });
        assert_eq!(made, 0);
    };
    rounds(bob.receiver());
    std::thread::scope(|scope| {
        scope.spawn(|| rounds(bob.receiver()));
    });
}
