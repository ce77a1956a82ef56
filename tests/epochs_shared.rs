//! The epoch manager for several threads: nothing is accepted twice, no nonce is used twice, and
//! nobody waits for ever, while epochs come and go under the media threads.

#![cfg(feature = "std")]

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use frameseal::{
    CipherSuite, EncryptionStatus, EpochConfig, EpochId, EpochUpdate, Error, Event, GroupTag,
    Header, InjectedFrames, Member, Policy, SendSwitch, SharedEpochManager, StreamKind, Timestamp,
};

#[path = "epochs_shared/under_way.rs"]
mod under_way;

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const GROUP: GroupTag = GroupTag::new(1);

fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn add(call: &SharedEpochManager, now: u64, epoch: u64, own: u32, people: u32) {
    let members: Vec<_> = (0..people)
        .map(|index| Member {
            index,
            identity: b"somebody",
        })
        .collect();
    let mut base_key = [7; 16];
    base_key[..8].copy_from_slice(&epoch.to_be_bytes());
    let update = EpochUpdate {
        group: GROUP,
        epoch,
        base_key: &base_key,
        own_index: Some(own),
        leaf_count: people,
        members: &members,
    };
    call.add_epoch(ms(now), &update).unwrap();
}

fn call(own: u32, config: EpochConfig) -> SharedEpochManager {
    let call = SharedEpochManager::new(config).unwrap();
    add(&call, 0, 1, own, 3);
    call
}

#[test]
fn handles_streams_and_receivers_can_go_to_other_threads() {
    fn check<T: Send>() {}
    fn check_shared<T: Send + Sync + Clone>() {}
    check::<frameseal::SharedStream>();
    check_shared::<SharedEpochManager>();
    check_shared::<frameseal::EpochReceiver>();
}

#[test]
fn of_threads_with_the_same_frame_exactly_one_opens_it() {
    const THREADS: usize = 4;
    let alice = call(0, EpochConfig::new(SUITE));
    let bob = call(1, EpochConfig::new(SUITE));
    let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
    // The first round races for the place of a sender that was not heard yet.
    for round in 0..200 {
        if round % 50 == 0 {
            add(&alice, 0, 2 + round, 0, 3);
            add(&bob, 0, 2 + round, 1, 3);
            alice
                .activate(EpochId::new(GROUP, 2 + round), ms(0))
                .unwrap();
        }
        let mut frame = vec![0; 64];
        let len = stream.encrypt(ms(0), b"", b"once", &mut frame).unwrap();
        frame.truncate(len);
        let start = Arc::new(Barrier::new(THREADS));
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (receiver, start, mut frame) =
                    (bob.receiver(), Arc::clone(&start), frame.clone());
                thread::spawn(move || {
                    start.wait();
                    let opened = receiver.decrypt(ms(0), b"", &mut frame).map(|_| ());
                    (opened, frame)
                })
            })
            .collect();
        let mut opened = 0;
        for thread in threads {
            let (result, frame) = thread.join().unwrap();
            match result {
                Ok(()) => opened += 1,
                Err(error) => {
                    assert_eq!(error, Error::Replay);
                    let leaked = frame.windows(4).any(|part| part == b"once");
                    assert!(!leaked, "plaintext of a frame that lost");
                }
            }
        }
        assert_eq!(opened, 1, "round {round}");
    }
    let member = bob.member_at(0).unwrap();
    assert_eq!(bob.member_stats(member).unwrap().opened, 200);
}

#[test]
fn media_goes_on_and_no_nonce_comes_twice_while_epochs_change_under_it() {
    const SENDERS: usize = 3;
    let config = EpochConfig::new(SUITE)
        .with_send_switch(SendSwitch::After(Duration::ZERO))
        .with_overlaps(Duration::from_secs(1), Duration::ZERO);
    let (alice, bob) = (call(0, config.clone()), call(1, config));
    let done = Arc::new(AtomicBool::new(false));
    let clock = Arc::new(AtomicU64::new(0));
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
            let (receiver, done, clock) = (bob.receiver(), Arc::clone(&done), Arc::clone(&clock));
            thread::spawn(move || {
                let (mut sealed, mut opened) = (Vec::new(), 0);
                while !done.load(Ordering::Relaxed) {
                    let now = ms(clock.load(Ordering::Relaxed));
                    let mut frame = [0; 64];
                    let len = stream.encrypt(now, b"", b"media", &mut frame).unwrap();
                    let header = Header::parse(&frame[..len]).unwrap().0;
                    // Fewer than 256 epochs, so a key id stands for one key.
                    sealed.push((header.key_id, header.counter));
                    // Bob has every epoch before alice.
                    match receiver.decrypt(now, b"", &mut frame[..len]) {
                        Ok(_) => opened += 1,
                        Err(error) => assert!(matches!(error, Error::UnknownKeyId(_)), "{error}"),
                    }
                }
                (sealed, opened)
            })
        })
        .collect();
    for epoch in 2..200 {
        let now = clock.fetch_add(100, Ordering::Relaxed) + 100;
        add(&bob, now, epoch, 1, 3);
        add(&alice, now, epoch, 0, 3);
        while alice.poll_event(ms(now)).is_some() {}
        while bob.poll_event(ms(now)).is_some() {}
        thread::sleep(Duration::from_micros(500));
    }
    done.store(true, Ordering::Relaxed);
    let (mut pairs, mut frames, mut opened_all) = (HashSet::new(), 0, 0);
    for sender in senders {
        let (sealed, opened) = sender.join().unwrap();
        frames += sealed.len();
        opened_all += opened;
        for (key_id, counter) in sealed {
            assert!(pairs.insert((key_id, counter)), "{key_id} {counter} twice");
        }
    }
    assert_eq!(pairs.len(), frames);
    assert!(frames > 1000, "only {frames} frames were sent");
    // A frame can be on its way for as long as its thread sleeps, but hardly one is.
    assert!(
        opened_all * 10 >= frames * 9,
        "{opened_all} of {frames} opened"
    );
}

#[test]
fn a_stream_that_sleeps_through_an_epoch_keeps_no_key_of_it() {
    let config = EpochConfig::new(SUITE).with_overlaps(Duration::from_secs(1), Duration::ZERO);
    let alice = call(0, config);
    let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
    stream.encrypt(ms(0), b"", b"x", &mut [0; 64]).unwrap();
    assert!(stream.status().is_some());
    add(&alice, 10, 2, 0, 3);
    alice.activate(EpochId::new(GROUP, 2), ms(10)).unwrap();
    assert!(
        stream.status().is_some(),
        "its frames may still be on the way"
    );
    while alice.poll_event(ms(10)).is_some() {}
    assert_eq!(alice.next_deadline(), Some(ms(1010)));
    while alice.poll_event(ms(1010)).is_some() {}
    assert!(stream.status().is_none(), "wiped though nobody sent");
    stream.encrypt(ms(1011), b"", b"x", &mut [0; 64]).unwrap();
}

#[test]
fn a_dropped_stream_gives_its_context_back_only_in_a_later_epoch() {
    let config = EpochConfig::new(SUITE).with_contexts(0..1, 16);
    let alice = call(0, config);
    let stream = alice.open_stream(StreamKind::Independent).unwrap();
    let taken = alice.open_stream(StreamKind::Independent).unwrap_err();
    assert_eq!(taken, Error::Capacity(1));
    drop(stream);
    let used = alice.open_stream(StreamKind::Independent).unwrap_err();
    assert_eq!(used, Error::Capacity(1));
    add(&alice, 10, 2, 0, 3);
    alice.activate(EpochId::new(GROUP, 2), ms(10)).unwrap();
    assert_eq!(
        alice
            .open_stream(StreamKind::Independent)
            .unwrap()
            .context(),
        0
    );
}

#[test]
fn an_evicted_key_is_derived_again_and_its_window_still_refuses_replays() {
    let bob = call(1, EpochConfig::new(SUITE).with_max_cached_keys(1));
    let senders = [
        call(0, EpochConfig::new(SUITE)),
        call(2, EpochConfig::new(SUITE)),
    ];
    let mut streams = senders
        .each_ref()
        .map(|call| call.open_stream(StreamKind::Independent).unwrap());
    let receiver = bob.receiver();
    let mut seen = Vec::new();
    for _ in 0..3 {
        for stream in &mut streams {
            let mut frame = vec![0; 64];
            let len = stream.encrypt(ms(0), b"", b"x", &mut frame).unwrap();
            frame.truncate(len);
            seen.push(frame.clone());
            receiver.decrypt(ms(0), b"", &mut frame).unwrap();
        }
    }
    for mut frame in seen {
        let again = receiver.decrypt(ms(0), b"", &mut frame).map(|_| ());
        assert_eq!(again, Err(Error::Replay));
    }
}

#[test]
fn what_receivers_on_other_threads_see_is_told_by_the_manager() {
    let (alice, bob) = (
        call(0, EpochConfig::new(SUITE)),
        call(1, EpochConfig::new(SUITE)),
    );
    let member = bob.member_at(0).unwrap();
    let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
    let mut frame = [0; 64];
    let len = stream.encrypt(ms(5), b"", b"x", &mut frame).unwrap();
    let receiver = bob.receiver();
    let mut forged = frame;
    forged[len - 1] ^= 1;
    let refused = receiver.decrypt(ms(5), b"", &mut forged[..len]).map(|_| ());
    assert_eq!(refused, Err(Error::Authentication));
    let mut unknown = [
        0x90, 0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    let refused = receiver.decrypt(ms(5), b"", &mut unknown).map(|_| ());
    assert!(matches!(refused, Err(Error::UnknownKeyId(_))));
    assert_eq!(bob.status(member, ms(5)).level, EncryptionStatus::Unknown);
    receiver.decrypt(ms(6), b"", &mut frame[..len]).unwrap();
    assert_eq!(bob.status(member, ms(6)).level, EncryptionStatus::EndToEnd);
    assert_eq!(bob.room_status(ms(6)).level, EncryptionStatus::EndToEnd);
    let events: Vec<_> = std::iter::from_fn(|| bob.poll_event(ms(6))).collect();
    assert!(
        events.contains(&Event::MemberFirstHeard(member)),
        "{events:?}"
    );
    let told = events
        .iter()
        .any(|event| matches!(event, Event::UnknownKeyId { count: 1, .. }));
    assert!(told, "{events:?}");
}

#[test]
fn nobody_waits_for_a_frame_that_is_being_sealed() {
    const LARGE: usize = 8_000_000;
    let alice = call(0, EpochConfig::new(SUITE));
    let mut carl = call(2, EpochConfig::new(SUITE))
        .open_stream(StreamKind::Independent)
        .unwrap();
    let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
    let (payload, mut sealed) = (vec![0; LARGE], vec![0; LARGE + 64]);
    let receiver = alice.receiver();
    // Another process may take the processor at the wrong moment, but not every time.
    let went_on = (0..10).any(|_| {
        let (begun, done) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                begun.store(true, Ordering::Release);
                stream.encrypt(ms(0), b"", &payload, &mut sealed).unwrap();
                done.store(true, Ordering::Release);
            });
            while !begun.load(Ordering::Acquire) {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(2));
            let _ = alice.room_status(ms(0));
            let _ = alice.poll_event(ms(0));
            let _ = alice.next_deadline();
            let mut frame = [0; 64];
            let len = carl.encrypt(ms(0), b"", b"x", &mut frame).unwrap();
            receiver.decrypt(ms(0), b"", &mut frame[..len]).unwrap();
            !done.load(Ordering::Acquire)
        })
    });
    assert!(went_on, "the others waited for the seal");
}

#[test]
fn a_member_who_was_heard_and_removed_between_two_polls_is_told_of() {
    let config = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    let (bob, carl) = (call(1, config.clone()), call(2, config));
    let member = bob.member_at(2).unwrap();
    let mut stream = carl.open_stream(StreamKind::Independent).unwrap();
    let mut frame = [0; 64];
    let len = stream.encrypt(ms(5), b"", b"x", &mut frame).unwrap();
    while bob.poll_event(ms(5)).is_some() {}
    bob.receiver()
        .decrypt(ms(6), b"", &mut frame[..len])
        .unwrap();
    add(&bob, 7, 2, 1, 2);
    let events: Vec<_> = std::iter::from_fn(|| bob.poll_event(ms(7))).collect();
    assert!(
        events.contains(&Event::MemberFirstHeard(member)),
        "{events:?}"
    );
}

#[test]
fn a_member_who_left_does_not_pass_in_the_clear() {
    let bob = call(1, EpochConfig::new(SUITE));
    let carl = bob.member_at(2).unwrap();
    bob.allow_passthrough(ms(0), carl, Duration::from_secs(60))
        .unwrap();
    bob.pass(ms(1), carl, b"plain", InjectedFrames::default())
        .unwrap();
    add(&bob, 2, 2, 1, 2);
    let passed = bob.pass(ms(3), carl, b"plain", InjectedFrames::default());
    assert_eq!(passed, Err(Error::UnknownMember));
}

#[test]
fn the_last_time_of_all_does_not_end_the_call() {
    let bob = call(1, EpochConfig::new(SUITE));
    while bob.poll_event(ms(u64::MAX)).is_some() {}
    add(&bob, u64::MAX, 2, 1, 3);
    let mut stream = bob.open_stream(StreamKind::Independent).unwrap();
    assert!(
        stream
            .encrypt(ms(u64::MAX), b"", b"x", &mut [0; 64])
            .is_ok()
    );
}

#[test]
fn a_thread_whose_clock_lags_does_not_send_in_an_epoch_that_is_too_old() {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let bob = call(1, EpochConfig::new(SUITE).with_policy(Policy::Strict));
    let mut stream = bob.open_stream(StreamKind::Independent).unwrap();
    stream
        .encrypt(ms(DAY - 1), b"", b"x", &mut [0; 64])
        .unwrap();
    while bob.poll_event(ms(DAY)).is_some() {}
    let late = stream.encrypt(ms(DAY - 1), b"", b"x", &mut [0; 64]);
    assert!(matches!(late, Err(Error::Policy(_))), "{late:?}");
}

#[test]
fn a_frame_that_is_sealed_ends_sending_in_the_clear_whatever_its_thread_says_the_time_is() {
    let alice = call(0, EpochConfig::new(SUITE));
    let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
    let duration = Duration::from_secs(60);
    alice
        .allow_sending_in_the_clear(ms(1000), duration)
        .unwrap();
    alice.send_in_the_clear(ms(1000)).unwrap();
    let level = |now| alice.room_status(ms(now)).level;
    assert_eq!(level(1000), EncryptionStatus::TransportOnly);
    stream.encrypt(ms(990), b"", b"x", &mut [0; 64]).unwrap();
    assert_eq!(level(1001), EncryptionStatus::Unknown);
}
