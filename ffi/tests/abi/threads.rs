//! Several threads on one handle.

use std::collections::BTreeSet;
use std::ptr;
use std::sync::Barrier;
use std::thread;

use super::capi::*;
use super::support::*;

#[test]
fn threads_that_seal_with_one_encryptor_never_share_a_counter() {
    const FRAMES: usize = 500;
    let sender = Sender::with_key(GCM, 7);
    let counters = thread::scope(|scope| {
        let work = || {
            (0..FRAMES)
                .map(|_| counter(&sender.encrypt(b"", b"frame").unwrap()))
                .collect::<Vec<_>>()
        };
        let others: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            all.extend(other.join().unwrap());
        }
        all
    });
    let distinct: BTreeSet<_> = counters.iter().collect();
    assert_eq!(distinct.len(), 4 * FRAMES);
}

fn counter(frame: &[u8]) -> u64 {
    let mut header = frameseal_header {
        key_id: 0,
        counter: 0,
        len: 0,
    };
    // SAFETY: a slice and a place for the answer.
    let result = unsafe { frameseal_header_peek(frame.as_ptr(), frame.len(), &raw mut header) };
    assert_eq!(result, FRAMESEAL_OK);
    header.counter
}

/// Long enough that two threads are inside at the same time, most times.
const LEN: usize = 200_000;

#[test]
fn of_two_threads_with_one_frame_one_wins_and_the_other_has_no_plaintext() {
    let sender = Sender::with_key(GCM, 7);
    let receiver = Receiver::with_key(GCM, 7);
    // Not zero anywhere, unlike wiped bytes.
    let payload: Vec<u8> = pattern(LEN).iter().map(|byte| byte | 1).collect();
    // To another buffer, to the same address, and to another place of the same buffer.
    for out_start in [None, Some(0), Some(1000), Some(LEN / 2)] {
        for _ in 0..20 {
            let frame = sender.encrypt(b"", &payload).unwrap();
            let barrier = Barrier::new(2);
            let race = || {
                let mut buffer = vec![0; frame.len() + LEN];
                buffer[..frame.len()].copy_from_slice(&frame);
                let mut apart = vec![0; LEN];
                let base = buffer.as_mut_ptr();
                let out = out_start.map_or(apart.as_mut_ptr(), |at| base.wrapping_add(at));
                let mut len = 0;
                barrier.wait();
                // SAFETY: a live handle, and everything inside of the two buffers.
                let result = unsafe {
                    frameseal_decryptor_decrypt(
                        receiver.handle(),
                        ptr::null(),
                        0,
                        base,
                        frame.len(),
                        out,
                        LEN,
                        &raw mut len,
                        ptr::null_mut(),
                    )
                };
                (result, [buffer, apart])
            };
            let (one, two) = thread::scope(|scope| {
                let other = scope.spawn(race);
                (race(), other.join().unwrap())
            });
            let (winner, loser) = if one.0 == FRAMESEAL_OK {
                (one, two)
            } else {
                (two, one)
            };
            assert_eq!(winner.0, FRAMESEAL_OK);
            assert_eq!(loser.0, FRAMESEAL_ERROR_REPLAY);
            for buffer in &loser.1 {
                assert!(!contains(buffer, &payload[LEN - 64..]), "{out_start:?}");
                assert!(!contains(buffer, &payload[..64]), "{out_start:?}");
            }
        }
    }
}

fn contains(buffer: &[u8], part: &[u8]) -> bool {
    buffer.windows(part.len()).any(|window| window == part)
}
