//! A frame in a holding buffer that is larger than the caller's memory: it is in front, and the
//! caller gives it up.

use super::capi::*;
use super::holding::{Waiting, holding_config};
use super::support::*;

const UNKNOWN: frameseal_result = FRAMESEAL_ERROR_UNKNOWN_KEY_ID;

impl Waiting {
    fn drop_next(&self, now: u64, key_id: u64) -> frameseal_result {
        // SAFETY: a live handle.
        unsafe { frameseal_holding_buffer_drop_next(self.0, now, key_id) }
    }
}

/// A forged frame of 4,000 bytes, and 50 of 5 bytes behind it that will open.
fn a_large_one_in_front(receiver: &Receiver, waiting: &Waiting) {
    let forger = Sender::new(GCM);
    assert_eq!(forger.add_key(7, &[2; 16]), FRAMESEAL_OK);
    assert_eq!(forger.use_key(7), FRAMESEAL_OK);
    let forged = forger.encrypt(b"room", &[0; 4000]).unwrap();
    assert_eq!(waiting.hold(0, receiver, &forged), FRAMESEAL_OK);
    let sender = Sender::with_key(GCM, 7);
    for now in 1..=50 {
        let frame = sender.encrypt(b"room", b"audio").unwrap();
        assert_eq!(waiting.hold(now, receiver, &frame), FRAMESEAL_OK);
    }
    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
}

#[test]
fn a_large_forged_frame_does_not_cost_those_behind_it() {
    let (receiver, waiting) = (Receiver::new(GCM), Waiting::new());
    a_large_one_in_front(&receiver, &waiting);
    let (mut opened, mut too_small) = (0, 0);
    for now in 100..160 {
        let (result, out) = waiting.open_in(now, &receiver, [64, 1500]);
        if result == FRAMESEAL_ERROR_BUFFER_TOO_SMALL {
            too_small += 1;
            assert_eq!((out.frame.key_id, out.frame.payload_len), (7, 4000));
            assert_eq!(waiting.drop_next(now, out.frame.key_id), FRAMESEAL_OK);
        } else if (out.frame.found, out.frame.result) == (1, FRAMESEAL_OK) {
            assert_eq!(out.payload, b"audio");
            opened += 1;
        }
    }
    assert_eq!((opened, too_small), (50, 1));
    assert_eq!((waiting.stats().frames, waiting.stats().expired), (0, 0));
}

#[test]
fn nothing_is_dropped_that_does_not_wait() {
    let (receiver, waiting) = (Receiver::new(GCM), Waiting::new());
    assert_eq!(waiting.drop_next(0, 7), UNKNOWN);
    let frame = Sender::with_key(GCM, 7).encrypt(b"room", b"x").unwrap();
    assert_eq!(waiting.hold(0, &receiver, &frame), FRAMESEAL_OK);
    assert_eq!(
        (waiting.drop_next(0, 8), waiting.stats().frames),
        (UNKNOWN, 1)
    );
    // Its key need not have come.
    assert_eq!(
        (waiting.drop_next(0, 7), waiting.stats().frames),
        (FRAMESEAL_OK, 0)
    );
    assert_eq!(waiting.hold(0, &receiver, &frame), FRAMESEAL_OK);
    assert_eq!(waiting.drop_next(2000, 7), UNKNOWN, "its time is over");
}

#[test]
fn the_bytes_of_one_sender_are_always_enough() {
    const BYTES: usize = 300;
    let mut config = holding_config();
    config.sender_bytes = BYTES as u64;
    let (receiver, sender) = (Receiver::new(GCM), Sender::with_key(GCM, 7));
    let waiting = Waiting::with_config(&config).unwrap();
    // Header, tag and metadata count as well.
    let largest = (0..=BYTES).rev().find(|len| {
        let frame = sender.encrypt(b"room", &vec![1; *len]).unwrap();
        waiting.hold(0, &receiver, &frame) == FRAMESEAL_OK
    });
    assert!(largest.is_some_and(|len| len > BYTES / 2));
    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    let (result, out) = waiting.open_in(0, &receiver, [BYTES, BYTES]);
    assert_eq!((result, out.frame.result), (FRAMESEAL_OK, FRAMESEAL_OK));
    assert_eq!(Some(out.payload.len()), largest);
}
