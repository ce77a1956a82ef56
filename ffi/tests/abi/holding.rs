//! The holding buffer: frames that came before their key, opened when it has come.

use std::ptr;

use super::capi::*;
use super::device::{Device, checked, received_info};
use super::participant::*;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;
const NOTHING: frameseal_result = FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR;

pub(crate) struct Waiting(pub(crate) *mut frameseal_holding_buffer);

impl Drop for Waiting {
    fn drop(&mut self) {
        // SAFETY: not used after this.
        unsafe { frameseal_holding_buffer_free(self.0) };
    }
}

pub(crate) fn holding_config() -> frameseal_holding_config {
    frameseal_holding_config {
        struct_size: size_of::<frameseal_holding_config>(),
        max_bytes: 0,
        sender_bytes: 0,
        max_age_ms: 0,
        max_frames: 0,
        sender_frames: 0,
        epoch_bits: 0,
        index_bits: 0,
    }
}

fn no_frame() -> frameseal_held_frame {
    frameseal_held_frame {
        struct_size: size_of::<frameseal_held_frame>(),
        key_id: u64::MAX,
        arrived_ms: u64::MAX,
        metadata_len: usize::MAX,
        payload_len: usize::MAX,
        result: i32::MAX,
        found: u8::MAX,
    }
}

/// A frame that came out, with its metadata and payload.
pub(crate) struct Out {
    pub(crate) frame: frameseal_held_frame,
    pub(crate) metadata: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self::with_config(&holding_config()).unwrap()
    }

    pub(crate) fn with_config(config: &frameseal_holding_config) -> Result<Self, i32> {
        let mut handle = ptr::null_mut();
        // SAFETY: a configuration and a place for a handle.
        let result = unsafe { frameseal_holding_buffer_new(GCM, config, &raw mut handle) };
        assert_eq!(handle.is_null(), result != FRAMESEAL_OK);
        checked(result, ()).map(|()| Self(handle))
    }

    pub(crate) fn hold(&self, now: u64, receiver: &Receiver, frame: &[u8]) -> frameseal_result {
        let metadata = ["ro", "om"].map(|piece| frameseal_slice {
            data: piece.as_ptr(),
            len: piece.len(),
        });
        let (pieces, frame, len) = (metadata.as_ptr(), frame.as_ptr(), frame.len());
        // SAFETY: live handles and slices.
        unsafe {
            frameseal_holding_buffer_hold_for_decryptor(
                self.0, receiver.0, now, pieces, 2, frame, len,
            )
        }
    }

    /// With buffers of these sizes.
    pub(crate) fn open_in(&self, now: u64, receiver: &Receiver, sizes: [usize; 2]) -> (i32, Out) {
        let [mut metadata, mut payload] = sizes.map(|size| vec![0xaa; size]);
        let (mut frame, mut info) = (no_frame(), open_info());
        // SAFETY: live handles, slices, and places for the answers.
        let result = unsafe {
            frameseal_holding_buffer_open_with_decryptor(
                self.0,
                receiver.0,
                now,
                metadata.as_mut_ptr(),
                metadata.len(),
                payload.as_mut_ptr(),
                payload.len(),
                &raw mut frame,
                &raw mut info,
            )
        };
        if (result, frame.found, frame.result) == (FRAMESEAL_OK, 1, FRAMESEAL_OK) {
            metadata.truncate(frame.metadata_len);
            payload.truncate(frame.payload_len);
            assert_eq!(
                (info.key_id, info.payload_len),
                (frame.key_id, frame.payload_len)
            );
        }
        let out = Out {
            frame,
            metadata,
            payload,
        };
        (result, out)
    }

    fn open(&self, now: u64, receiver: &Receiver) -> Option<Out> {
        let (result, out) = self.open_in(now, receiver, [64, 64]);
        assert_eq!(result, FRAMESEAL_OK);
        (out.frame.found == 1).then_some(out)
    }

    pub(crate) fn stats(&self) -> frameseal_holding_stats {
        let mut stats = frameseal_holding_stats {
            struct_size: size_of::<frameseal_holding_stats>(),
            frames: 99,
            bytes: 99,
            held: 99,
            released: 99,
            expired: 99,
            refused: 99,
        };
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_holding_buffer_stats(self.0, &raw mut stats) };
        assert_eq!(result, FRAMESEAL_OK);
        stats
    }

    fn deadline(&self) -> Option<u64> {
        let (mut pending, mut at) = (false, 0);
        let (a, b) = (&raw mut pending, &raw mut at);
        // SAFETY: a live handle and places for the answers.
        let result = unsafe { frameseal_holding_buffer_next_deadline(self.0, a, b) };
        assert_eq!(result, FRAMESEAL_OK);
        pending.then_some(at)
    }
}

#[test]
fn frames_wait_for_their_key_and_come_out_opened_in_order() {
    let (sender, receiver, waiting) =
        (Sender::with_key(GCM, 7), Receiver::new(GCM), Waiting::new());
    for (now, payload) in [(10, b"one"), (20, b"two")] {
        let frame = sender.encrypt(b"room", payload).unwrap();
        assert_eq!(
            receiver.decrypt(b"room", &frame).map(|_| ()),
            Err(FRAMESEAL_ERROR_UNKNOWN_KEY_ID)
        );
        assert_eq!(waiting.hold(now, &receiver, &frame), FRAMESEAL_OK);
    }
    assert_eq!(waiting.deadline(), Some(2010));
    let (_, none) = waiting.open_in(20, &receiver, [0, 0]);
    let nothing = none.frame;
    assert_eq!((nothing.found, nothing.key_id, nothing.result), (0, 0, 0));
    assert_eq!(
        (
            nothing.arrived_ms,
            nothing.metadata_len,
            nothing.payload_len
        ),
        (0, 0, 0)
    );

    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    for (arrived, payload) in [(10, b"one"), (20, b"two")] {
        let out = waiting.open(30, &receiver).unwrap();
        assert_eq!(
            (out.metadata, out.payload),
            (b"room".to_vec(), payload.to_vec())
        );
        assert_eq!((out.frame.key_id, out.frame.arrived_ms), (7, arrived));
    }
    assert!(waiting.open(30, &receiver).is_none());
    let stats = waiting.stats();
    assert_eq!(
        (stats.frames, stats.bytes, stats.held, stats.released),
        (0, 0, 2, 2)
    );
    let known = sender.encrypt(b"room", b"three").unwrap();
    assert_eq!(
        waiting.hold(30, &receiver, &known),
        NOTHING,
        "nothing to wait for"
    );
}

#[test]
fn a_frame_whose_key_came_overtakes_one_whose_key_did_not() {
    let (receiver, waiting) = (Receiver::new(GCM), Waiting::new());
    for key_id in [7, 8] {
        let frame = Sender::with_key(GCM, key_id).encrypt(b"room", b"x");
        assert_eq!(waiting.hold(0, &receiver, &frame.unwrap()), FRAMESEAL_OK);
    }
    assert_eq!(receiver.add_key(8, &BASE_KEY), FRAMESEAL_OK);
    let out = waiting.open(0, &receiver).unwrap();
    assert_eq!((out.frame.key_id, out.frame.result), (8, FRAMESEAL_OK));
    assert!(waiting.open(0, &receiver).is_none());
    assert_eq!(waiting.stats().frames, 1);
}

#[test]
fn a_frame_waits_on_when_the_buffers_are_too_small() {
    let (sender, receiver, waiting) =
        (Sender::with_key(GCM, 7), Receiver::new(GCM), Waiting::new());
    let frame = sender.encrypt(b"room", b"payload").unwrap();
    assert_eq!(waiting.hold(0, &receiver, &frame), FRAMESEAL_OK);
    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    for sizes in [[0, 0], [3, 64], [64, 6], [4, 6], [3, 7]] {
        let (result, out) = waiting.open_in(0, &receiver, sizes);
        assert_eq!(result, FRAMESEAL_ERROR_BUFFER_TOO_SMALL, "{sizes:?}");
        assert_eq!((out.frame.metadata_len, out.frame.payload_len), (4, 7));
        assert_eq!((out.frame.found, out.frame.key_id), (u8::MAX, 7));
        assert!(
            out.metadata
                .iter()
                .chain(&out.payload)
                .all(|byte| *byte == 0xaa)
        );
    }
    assert_eq!((waiting.stats().frames, waiting.stats().released), (1, 0));
    let (result, out) = waiting.open_in(0, &receiver, [4, 7]);
    assert_eq!((result, out.payload), (FRAMESEAL_OK, b"payload".to_vec()));
}

#[test]
fn a_forged_frame_is_lost_and_those_behind_it_come_out() {
    let (sender, receiver, waiting) =
        (Sender::with_key(GCM, 7), Receiver::new(GCM), Waiting::new());
    let mut forged = sender.encrypt(b"room", b"one").unwrap();
    *forged.last_mut().unwrap() ^= 1;
    let frame = sender.encrypt(b"room", b"two").unwrap();
    for held in [&forged, &frame, &frame] {
        assert_eq!(waiting.hold(0, &receiver, held), FRAMESEAL_OK);
    }
    assert_eq!(
        waiting.hold(0, &receiver, &frame[..9]),
        FRAMESEAL_ERROR_SYNTAX
    );
    assert_eq!(receiver.add_key(7, &BASE_KEY), FRAMESEAL_OK);
    let results: Vec<_> = std::iter::from_fn(|| waiting.open(0, &receiver))
        .map(|out| {
            let told = out.frame.metadata_len > 0 || out.frame.payload_len > 0;
            assert_eq!(told, out.frame.result == FRAMESEAL_OK);
            assert!(told || out.metadata.iter().all(|byte| *byte == 0xaa));
            out.frame.result
        })
        .collect();
    let expected = [
        FRAMESEAL_ERROR_AUTHENTICATION,
        FRAMESEAL_OK,
        FRAMESEAL_ERROR_REPLAY,
    ];
    assert_eq!(results, expected);
}

#[test]
fn limits_hold_for_each_sender_and_time_ends_all() {
    let mut config = holding_config();
    (config.sender_frames, config.max_age_ms) = (2, 100);
    let (receiver, waiting) = (Receiver::new(GCM), Waiting::with_config(&config).unwrap());
    for (key_id, expected) in [
        (7, FRAMESEAL_OK),
        (7, FRAMESEAL_OK),
        (7, FRAMESEAL_ERROR_CAPACITY),
        (8, FRAMESEAL_OK),
    ] {
        let frame = Sender::with_key(GCM, key_id)
            .encrypt(b"room", b"x")
            .unwrap();
        assert_eq!(waiting.hold(0, &receiver, &frame), expected);
    }
    let stats = waiting.stats();
    assert_eq!((stats.frames, stats.refused, stats.expired), (3, 1, 0));
    assert_eq!(waiting.deadline(), Some(100));
    // SAFETY: a live handle.
    let result = unsafe { frameseal_holding_buffer_poll(waiting.0, 100) };
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!((waiting.stats().expired, waiting.deadline()), (3, None));
    let frame = Sender::with_key(GCM, 7).encrypt(b"room", b"x").unwrap();
    assert_eq!(waiting.hold(100, &receiver, &frame), FRAMESEAL_OK);
    // SAFETY: a live handle.
    let result = unsafe { frameseal_holding_buffer_clear(waiting.0) };
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!((waiting.stats().frames, waiting.stats().expired), (0, 3));
}

#[test]
fn configurations_that_cannot_be_right_are_refused() {
    let changes: &[&dyn Fn(&mut frameseal_holding_config)] = &[
        &|c| c.struct_size -= 1,
        &|c| c.max_frames = FRAMESEAL_MAX_HELD_FRAMES + 1,
        &|c| c.epoch_bits = 17,
        &|c| c.index_bits = 1,
        &|c| (c.epoch_bits, c.index_bits) = (8, 33),
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut config = holding_config();
        change(&mut config);
        let made = Waiting::with_config(&config).map(|_| ());
        assert_eq!(made, Err(INVALID), "change {at}");
    }
}

#[test]
fn frames_wait_for_their_epoch_and_are_opened_by_the_receiver() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    let mut config = holding_config();
    (config.epoch_bits, config.index_bits) = (8, 16);
    let waiting = Waiting::with_config(&config).unwrap();
    assert_eq!(alice.add(10, 2, &[0, 1]), FRAMESEAL_OK);
    assert_eq!(alice.activate(10, 2), FRAMESEAL_OK);
    let frame = alice.encrypt(10, b"early").unwrap();
    assert_eq!(
        bob.decrypt(10, &frame).map(|_| ()),
        Err(FRAMESEAL_ERROR_UNKNOWN_KEY_ID)
    );
    let metadata = frameseal_slice {
        data: b"room".as_ptr(),
        len: 4,
    };
    let hold = || {
        let (pieces, frame, len) = (&raw const metadata, frame.as_ptr(), frame.len());
        // SAFETY: live handles and slices.
        unsafe {
            frameseal_holding_buffer_hold_for_receiver(
                waiting.0,
                bob.receiver,
                10,
                pieces,
                1,
                frame,
                len,
            )
        }
    };
    let open = || {
        let (mut held, mut info) = (no_frame(), received_info());
        let (mut metadata, mut payload) = ([0; 16], [0; 16]);
        // SAFETY: live handles, slices, and places for the answers.
        let result = unsafe {
            frameseal_holding_buffer_open_with_receiver(
                waiting.0,
                bob.receiver,
                20,
                metadata.as_mut_ptr(),
                16,
                payload.as_mut_ptr(),
                16,
                &raw mut held,
                &raw mut info,
            )
        };
        assert_eq!(result, FRAMESEAL_OK);
        (held, info, payload)
    };
    assert_eq!((hold(), open().0.found), (FRAMESEAL_OK, 0));
    assert_eq!(bob.add(20, 2, &[0, 1]), FRAMESEAL_OK);
    let (held, info, payload) = open();
    assert_eq!(
        (held.found, held.result, held.payload_len),
        (1, FRAMESEAL_OK, 5)
    );
    assert_eq!(
        (&payload[..5], info.member.index, info.epoch.epoch),
        (&b"early"[..], 0, 2)
    );
    assert_eq!(hold(), NOTHING, "its epoch is here");
}

#[test]
fn frames_wait_for_the_generation_of_their_sender() {
    let (alice, bob) = (Participant::sending(&BASE_KEY), Participant::new());
    let waiting = Waiting::new();
    let metadata = frameseal_slice {
        data: b"room".as_ptr(),
        len: 4,
    };
    let hold = |frame: &[u8]| {
        let (pieces, frame, len) = (&raw const metadata, frame.as_ptr(), frame.len());
        // SAFETY: live handles and slices.
        unsafe {
            frameseal_holding_buffer_hold_for_member(
                waiting.0, bob.0, ALICE, 0, pieces, 1, frame, len,
            )
        }
    };
    let open = || {
        let (mut held, mut info) = (no_frame(), step_info());
        let (mut metadata, mut payload) = ([0; 16], [0; 16]);
        let (a, b) = (metadata.as_mut_ptr(), payload.as_mut_ptr());
        let (c, d) = (&raw mut held, &raw mut info);
        // SAFETY: live handles, slices, and places for the answers.
        let result = unsafe {
            frameseal_holding_buffer_open_with_member(
                waiting.0, bob.0, ALICE, 0, a, 16, b, 16, c, d,
            )
        };
        assert_eq!(result, FRAMESEAL_OK);
        (held.found == 1).then_some((held.result, info.generation))
    };
    assert_eq!(
        hold(&alice.encrypt(b"0").unwrap()),
        FRAMESEAL_OK,
        "no member yet"
    );
    assert_eq!(alice.roll(1, &[2; 16]), FRAMESEAL_OK);
    assert_eq!(hold(&alice.encrypt(b"1").unwrap()), FRAMESEAL_OK);
    assert_eq!(open(), None);
    assert_eq!(bob.add_member(ALICE, BITS, 0, 0, &BASE_KEY), FRAMESEAL_OK);
    assert_eq!((open(), open()), (Some((FRAMESEAL_OK, 0)), None));
    assert_eq!(bob.add_generation(0, ALICE, 1, &[2; 16]), FRAMESEAL_OK);
    assert_eq!((open(), open()), (Some((FRAMESEAL_OK, 1)), None));
    assert_eq!(
        hold(&alice.encrypt(b"1").unwrap()),
        NOTHING,
        "its generation is here"
    );
}
