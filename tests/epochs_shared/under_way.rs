//! What happens to a frame under whose feet the epoch changes: it takes long, and meanwhile another
//! thread goes on.
//!
//! A frame of a megabyte leaves time for that, but whether the threads met cannot be forced from
//! outside. So each scenario is tried until they did, which shows in the result.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use frameseal::{
    EpochConfig, EpochId, Error, Event, KidLayout, Policy, SharedEpochManager, SharedStream,
    StreamKind,
};

use crate::{GROUP, SUITE, add, call, ms};

const LARGE: usize = 1_000_000;
const TRIES: usize = 50;

/// Runs `slow` on another thread, and `meanwhile` on this one when it has begun; what `slow` gave,
/// and whether it was still at it when `meanwhile` was done.
fn overtake<R: Send>(slow: impl FnOnce() -> R + Send, meanwhile: impl FnOnce()) -> (R, bool) {
    let (begun, done) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let slow = scope.spawn(|| {
            begun.store(true, Ordering::Release);
            let result = slow();
            done.store(true, Ordering::Release);
            result
        });
        while !begun.load(Ordering::Acquire) {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(1));
        meanwhile();
        let met = !done.load(Ordering::Acquire);
        (slow.join().unwrap(), met)
    })
}

fn events(call: &SharedEpochManager, now: u64) -> Vec<Event> {
    std::iter::from_fn(|| call.poll_event(ms(now))).collect()
}

fn sealed(stream: &mut SharedStream, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; payload.len() + 64];
    let len = stream.encrypt(ms(0), b"", payload, &mut frame).unwrap();
    frame.truncate(len);
    frame
}

#[test]
fn the_key_of_a_stream_that_was_busy_is_wiped_when_it_is_not() {
    let (payload, mut out) = (vec![0; LARGE], vec![0; LARGE + 64]);
    let strict = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    for _ in 0..TRIES {
        let alice = call(0, strict.clone());
        let mut stream = alice.open_stream(StreamKind::Independent).unwrap();
        stream.prepare(ms(0)).unwrap();
        events(&alice, 0);
        overtake(
            || stream.encrypt(ms(0), b"", &payload, &mut out).unwrap(),
            || {
                // A removal without an overlap: epoch 1 is gone.
                add(&alice, 10, 2, 0, 2);
                let retired = Event::EpochRetired(EpochId::new(GROUP, 1));
                assert!(events(&alice, 10).contains(&retired));
            },
        );
        if stream.status().is_none() {
            continue; // It was not busy then.
        }
        assert_eq!(alice.next_deadline(), Some(ms(11)), "to try it again");
        assert_eq!(events(&alice, 11), []);
        assert!(stream.status().is_none(), "nobody sends, and it is wiped");
        assert_ne!(alice.next_deadline(), Some(ms(12)), "that was all");
        return;
    }
    panic!("they never met");
}

#[test]
fn a_first_frame_whose_epoch_retires_meanwhile_is_wiped_and_its_sender_gets_no_place() {
    let strict = EpochConfig::new(SUITE).with_policy(Policy::Strict);
    let bob = call(1, EpochConfig::new(SUITE));
    let mut stream = bob.open_stream(StreamKind::Independent).unwrap();
    let frame = sealed(&mut stream, &vec![9; LARGE]);
    for _ in 0..TRIES {
        let alice = call(0, strict.clone());
        let (receiver, mut copy) = (alice.receiver(), frame.clone());
        let (opened, _) = overtake(
            || receiver.decrypt(ms(0), b"", &mut copy).map(|_| ()),
            || add(&alice, 10, 2, 0, 2),
        );
        match opened {
            // Too late, or too early, to meet.
            Ok(()) => {}
            Err(Error::UnknownKeyId(_)) => assert!(copy == frame, "as it was"),
            Err(error) => {
                assert_eq!(error, Error::Replay);
                let body = copy.len() - LARGE - 16..copy.len() - 16;
                assert!(copy[body].iter().all(|byte| *byte == 0), "no plaintext");
                let member = alice.member_at(1).unwrap();
                assert_eq!(alice.member_stats(member), None);
                return;
            }
        }
    }
    panic!("they never met");
}

#[test]
fn a_key_that_was_derived_again_is_not_put_under_another_epoch_with_the_same_bits() {
    let config = EpochConfig::new(SUITE).with_layout(KidLayout::new(1, 8).unwrap());
    // Bob and Carl in epoch 1, then in epoch 3, whose low-order bit is the same.
    let [bob, carl] = [1, 2].map(|index| call(index, config.clone()));
    let streams = [&bob, &carl].map(|call| call.open_stream(StreamKind::Independent).unwrap());
    let [mut bobs, mut carls] = streams;
    let large = vec![9; LARGE];
    let first = [
        sealed(&mut bobs, b"x"),
        sealed(&mut carls, b"x"),
        sealed(&mut bobs, &large),
    ];
    for (index, call) in [(1, &bob), (2, &carl)] {
        add(call, 0, 3, index, 3);
    }
    let then = [
        sealed(&mut bobs, b"x"),
        sealed(&mut carls, b"x"),
        sealed(&mut bobs, b"x"),
    ];
    for _ in 0..TRIES {
        let alice = call(0, config.clone().with_max_cached_keys(1));
        let receiver = alice.receiver();
        let open = |frame: &[u8]| {
            let mut frame = frame.to_vec();
            receiver.decrypt(ms(0), b"", &mut frame).map(|_| ())
        };
        // Carl's key takes the place of Bob's, which the large frame needs again.
        open(&first[0]).unwrap();
        open(&first[1]).unwrap();
        let mut copy = first[2].clone();
        let (opened, met) = overtake(
            || receiver.decrypt(ms(0), b"", &mut copy).map(|_| ()),
            || {
                add(&alice, 0, 3, 0, 3);
                open(&then[0]).unwrap();
                open(&then[1]).unwrap();
            },
        );
        // Bob's key of epoch 3 is not at hand either; the one of epoch 1 must not be.
        assert_eq!(open(&then[2]), Ok(()));
        if met && opened.is_ok() {
            return;
        }
    }
    panic!("they never met");
}
