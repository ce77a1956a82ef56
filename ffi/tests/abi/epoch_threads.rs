//! Several threads on one stream and on one receiver, while epochs come and go.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use super::capi::*;
use super::device::*;

#[test]
fn threads_that_seal_with_one_stream_never_share_a_counter_while_epochs_change() {
    const FRAMES: usize = 500;
    let alice = Device::in_call(0, &[0, 1]);
    let used = thread::scope(|scope| {
        let seal = || {
            (0..FRAMES)
                .map(|_| peek(&alice.encrypt(0, b"frame").unwrap()))
                .collect::<Vec<_>>()
        };
        let sealing: Vec<_> = (0..3).map(|_| scope.spawn(seal)).collect();
        for epoch in 2..60 {
            assert_eq!(alice.add(0, epoch, &[0, 1]), FRAMESEAL_OK);
            assert_eq!(alice.activate(0, epoch), FRAMESEAL_OK);
            thread::yield_now();
        }
        let mut all = Vec::new();
        for thread in sealing {
            all.extend(thread.join().unwrap());
        }
        all
    });
    let distinct: BTreeSet<_> = used.iter().collect();
    assert_eq!(distinct.len(), 3 * FRAMES);
}

#[test]
fn of_two_threads_with_one_frame_one_opens_it() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    for _ in 0..200 {
        let frame = bob.encrypt(0, b"once").unwrap();
        let start = Barrier::new(2);
        let race = || {
            start.wait();
            alice.decrypt(0, &frame).map(|(payload, _)| payload)
        };
        let (one, two) = thread::scope(|scope| {
            let other = scope.spawn(race);
            (race(), other.join().unwrap())
        });
        let (winner, loser) = if one.is_ok() { (one, two) } else { (two, one) };
        assert_eq!(winner, Ok(b"once".to_vec()));
        assert_eq!(loser, Err(FRAMESEAL_ERROR_REPLAY));
    }
}

#[test]
fn one_receiver_serves_several_threads_while_events_are_polled() {
    const FRAMES: usize = 300;
    let people = [0, 1, 2, 3];
    let alice = Device::in_call(0, &people);
    let senders: Vec<_> = (1..4).map(|i| Device::in_call(i, &people)).collect();
    thread::scope(|scope| {
        let alice = &alice;
        let threads: Vec<_> = senders
            .iter()
            .map(|sender| {
                scope.spawn(move || {
                    for _ in 0..FRAMES {
                        let frame = sender.encrypt(0, b"frame").unwrap();
                        let (_, info) = alice.decrypt(0, &frame).unwrap();
                        assert_eq!(info.member.index, sender.index);
                    }
                })
            })
            .collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            alice.events(0);
            alice.room_status(0);
        }
    });
    assert_eq!(alice.epoch_stats(1).unwrap().opened, 3 * FRAMES as u64);
}
