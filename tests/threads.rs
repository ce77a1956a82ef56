//! One `SharedDecryptor` on several threads: each frame is opened exactly once.
//!
//! Threads get the same frames at the same time. One of them opens a frame; whoever comes second
//! gets `Replay`, and no plaintext stays in its buffer, even if it had already decrypted.
#![cfg(feature = "std")]

#[path = "support/frames.rs"]
mod frames;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use frames::{pattern, seal_at};
use frameseal::{
    CipherSuite, DecryptionKey, Decryptor, EncryptionKey, Encryptor, Error, ForgeryPolicy, KeyId,
    KeyRing, ReceiveConfig, SharedDecryptor, fixed,
};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KEY_ID: KeyId = KeyId::new(5);
const BASE_KEY: [u8; 16] = [0x33; 16];

fn shared() -> SharedDecryptor {
    let shared = SharedDecryptor::new(SUITE);
    shared.add_key(KEY_ID, &BASE_KEY).unwrap();
    shared
}

fn seal(ctr: u64, payload: &[u8]) -> Vec<u8> {
    seal_at(SUITE, KEY_ID.value(), &BASE_KEY, ctr, b"room", payload)
}

/// Runs `work` on so many threads, which begin together; what each returned.
fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(threads);
    let run = &|i| {
        barrier.wait();
        work(i)
    };
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|i| scope.spawn(move || run(i))).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap())
            .collect()
    })
}

/// Whether one of some runs of 16 bytes of `secret`, its end among them, is in `buffer`.
fn shows(buffer: &[u8], secret: &[u8]) -> bool {
    let starts = (0..8).map(|i| i * (secret.len() - 16) / 7);
    let mut probes = starts.map(|start| &secret[start..start + 16]);
    probes.any(|probe| buffer.windows(16).any(|window| window == probe))
}

/// How a frame is given to the decryptor.
#[derive(Clone, Copy, Debug)]
enum Mode {
    InPlace,
    ToAnother,
    /// To a place of the same buffer in front of the frame, this far from its beginning.
    Within(usize),
}

/// What became of a frame, and of the buffer that the caller can see afterwards.
struct Outcome {
    result: Result<(), Error>,
    before: Vec<u8>,
    after: Vec<u8>,
}

fn open(shared: &SharedDecryptor, mode: Mode, sealed: &[u8], payload_len: usize) -> Outcome {
    let start = match mode {
        Mode::Within(start) => start,
        _ => 0,
    };
    let before = match mode {
        Mode::InPlace => sealed.to_vec(),
        Mode::ToAnother => vec![0xee; payload_len],
        Mode::Within(_) => [&vec![0xee; start], sealed].concat(),
    };
    let mut after = before.clone();
    let range = start..start + sealed.len();
    let result = match mode {
        Mode::InPlace => shared.decrypt(b"room", &mut after),
        Mode::ToAnother => shared.decrypt_to(b"room", sealed, &mut after),
        Mode::Within(_) => shared.decrypt_within(b"room", &mut after, range, 0),
    };
    Outcome {
        result: result.map(drop),
        before,
        after,
    }
}

/// Has two threads open the same frames until some pair has really met: both had decrypted before
/// either recorded. The loser of such a race has written to its buffer, a late thread has not.
fn race(mode: Mode) {
    const ROUNDS: u64 = 1000;
    let payload = pattern(1, PAYLOAD_LEN);
    let shared = shared();
    for ctr in 0..ROUNDS {
        let sealed = seal(ctr, &payload);
        let outcomes = together(2, |_| open(&shared, mode, &sealed, payload.len()));
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.iter().partition(|o| o.result.is_ok());
        assert_eq!(won.len(), 1, "frame {ctr}");
        assert!(
            shows(&won[0].after, &payload),
            "plaintext is found where it is"
        );
        assert_eq!(lost[0].result, Err(Error::Replay));
        assert!(
            !shows(&lost[0].after, &payload),
            "{mode:?}: plaintext of a replayed frame"
        );
        if lost[0].after != lost[0].before {
            return;
        }
    }
    panic!("{mode:?}: no two threads ever met in {ROUNDS} rounds");
}

/// Long enough that the threads meet.
const PAYLOAD_LEN: usize = 400_000;

#[test]
fn the_loser_of_a_race_keeps_no_plaintext_in_place() {
    race(Mode::InPlace);
}

#[test]
fn the_loser_of_a_race_keeps_no_plaintext_in_another_buffer() {
    race(Mode::ToAnother);
}

#[test]
fn the_loser_of_a_race_keeps_no_plaintext_in_either_part_of_one_buffer() {
    race(Mode::Within(PAYLOAD_LEN + 32));
}

#[test]
fn the_loser_of_a_race_keeps_no_plaintext_where_result_and_frame_overlap() {
    race(Mode::Within(100));
}

#[test]
fn each_of_many_frames_is_opened_exactly_once() {
    for threads in [2, 4] {
        for suite in CipherSuite::ALL {
            many_frames(suite, threads);
        }
    }
}

fn many_frames(suite: CipherSuite, threads: usize) {
    const FRAMES: u64 = 2000;
    let shared = SharedDecryptor::new(suite);
    shared.add_key(KEY_ID, &BASE_KEY).unwrap();
    let payload = |ctr| pattern(ctr, 40);
    let mut key = EncryptionKey::new(suite, KEY_ID, &BASE_KEY).unwrap();
    let mut seal = |ctr| {
        let mut sealed = vec![0; key.sealed_len(40).unwrap()];
        key.encrypt(b"room", &payload(ctr), &mut sealed).unwrap();
        sealed
    };
    let frames: Vec<Vec<u8>> = (0..FRAMES).map(&mut seal).collect();

    // A thread must not run ahead of another by more than the window, or the other's frames would
    // be too old: they meet after every 500. Nothing in there can panic, since the others would
    // wait for ever.
    let barrier = Barrier::new(threads);
    let clones: Vec<_> = (0..threads).map(|_| shared.clone()).collect();
    let outcomes = together(threads, |thread| {
        let open = |(i, frame): (usize, &Vec<u8>)| {
            if i % 500 == 0 {
                barrier.wait();
            }
            open(&clones[thread], Mode::InPlace, frame, 40)
        };
        frames.iter().enumerate().map(open).collect::<Vec<_>>()
    });

    for (i, ctr) in (0..FRAMES).enumerate() {
        let of_frame = outcomes.iter().map(|of_thread| &of_thread[i]);
        let (won, lost): (Vec<_>, Vec<_>) = of_frame.partition(|o| o.result.is_ok());
        assert_eq!(won.len(), 1, "{suite}, frame {ctr}");
        assert!(shows(&won[0].after, &payload(ctr)));
        for outcome in lost {
            assert_eq!(outcome.result, Err(Error::Replay));
            assert!(!shows(&outcome.after, &payload(ctr)), "{suite}");
        }
    }
    let status = shared.key_status(KEY_ID).unwrap();
    assert_eq!(status.opened, FRAMES);
    assert_eq!(status.replayed, FRAMES * (threads as u64 - 1));
    assert_eq!(status.failed_opens, 0);
}

#[test]
fn frames_are_opened_once_while_keys_come_and_go() {
    const FRAMES: u64 = 3000;
    let shared = shared();
    let frames: Vec<Vec<u8>> = (0..FRAMES)
        .map(|ctr| seal(ctr, &pattern(ctr, 32)))
        .collect();
    let opened: Vec<AtomicUsize> = (0..FRAMES).map(|_| AtomicUsize::new(0)).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let (shared, frames, opened, done) = (&shared, &frames, &opened, &done);
        // One thread takes the key away and brings it back, and fills the table beside it.
        scope.spawn(move || {
            let mut other = 1000;
            while !done.load(Ordering::Relaxed) {
                shared.remove_key(KEY_ID).unwrap();
                shared.add_key(KeyId::new(other), &[9; 16]).unwrap();
                shared.add_key(KEY_ID, &BASE_KEY).unwrap();
                let in_use = Err(Error::KeyIdInUse(KEY_ID));
                assert_eq!(shared.add_key(KEY_ID, &[8; 16]), in_use);
                shared.forget_key(KeyId::new(other)).unwrap();
                other += 1;
            }
        });
        let receivers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(move || {
                    for (i, frame) in frames.iter().enumerate() {
                        // Until the frame was opened here or elsewhere.
                        for attempt in 0.. {
                            assert!(attempt < 10_000_000, "the key never came back");
                            let mut buffer = frame.clone();
                            match shared.decrypt(b"room", &mut buffer) {
                                Ok(_) => {
                                    opened[i].fetch_add(1, Ordering::Relaxed);
                                    break;
                                }
                                Err(Error::Replay) => break,
                                Err(Error::UnknownKeyId(KEY_ID)) => thread::yield_now(),
                                Err(error) => panic!("frame {i}: {error}"),
                            }
                        }
                    }
                })
            })
            .collect();
        let ended: Vec<_> = receivers.into_iter().map(|r| r.join()).collect();
        // Before anything can panic, or the first thread would go on for ever.
        done.store(true, Ordering::Relaxed);
        ended.into_iter().for_each(|receiver| receiver.unwrap());
    });
    let opened: Vec<usize> = opened.iter().map(|n| n.load(Ordering::Relaxed)).collect();
    assert!(opened.iter().all(|count| *count <= 1), "opened twice");
    // A thread that was far ahead has made the other's frames too old, never opened them twice.
    let status = shared.key_status(KEY_ID).unwrap();
    assert_eq!(status.opened, opened.iter().sum::<usize>() as u64);
    assert!(status.opened > 0);
}

#[test]
fn an_alarm_is_told_to_one_thread_only() {
    let config = ReceiveConfig::for_suite(SUITE).with_forgery(4, ForgeryPolicy::StopKey);
    let shared = SharedDecryptor::with_config(SUITE, config);
    shared.add_key(KEY_ID, &BASE_KEY).unwrap();
    let mut forged = seal(0, b"payload");
    forged[3] ^= 1;
    let told = together(4, |_| {
        let mut told = 0;
        for _ in 0..200 {
            let result = shared.decrypt(b"room", &mut forged.clone()).map(drop);
            let expected = [Error::Authentication, Error::Policy(KEY_ID)];
            assert!(expected.contains(&result.unwrap_err()));
            told += usize::from(shared.poll_forgery_alarm() == Some(KEY_ID));
        }
        told
    });
    assert_eq!(told.iter().sum::<usize>(), 1);
    let refused = shared.decrypt(b"room", &mut seal(1, b"genuine")).map(drop);
    assert_eq!(refused, Err(Error::Policy(KEY_ID)));
}

#[test]
fn the_types_can_be_sent_and_shared_between_threads() {
    fn send_and_sync<T: Send + Sync + 'static>() {}
    send_and_sync::<EncryptionKey>();
    send_and_sync::<DecryptionKey>();
    send_and_sync::<Encryptor>();
    send_and_sync::<Decryptor>();
    send_and_sync::<KeyRing>();
    send_and_sync::<fixed::Encryptor<4>>();
    send_and_sync::<fixed::Decryptor<4>>();
    send_and_sync::<fixed::KeyRing<4>>();
    send_and_sync::<SharedDecryptor>();
    send_and_sync::<frameseal::BaseKey>();
    send_and_sync::<frameseal::Metadata<'static>>();
    send_and_sync::<frameseal::Opened<'static>>();
    send_and_sync::<Error>();
    fn can_be_cloned<T: Clone>() {}
    can_be_cloned::<SharedDecryptor>();
}
