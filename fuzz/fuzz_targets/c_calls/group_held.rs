//! Frames of a call with MLS that come before their epoch: they wait in the holding buffer of the
//! device (`holding.rs`), and open when the epoch has come.

use core::ptr::null_mut;

use frameseal_fuzz::Input;

use crate::arena::Grown;
use crate::capi;
use crate::device::Device;
use crate::group::Group;
use crate::metadata::Given;
use crate::opening::{self, Opened};
use crate::results::*;

type Held = capi::frameseal_held_frame;

impl Group {
    /// A frame that waits, if its epoch is not here.
    pub(crate) fn hold(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let Some(arrival) = self.frames.arrive(input) else {
            return;
        };
        let device = &mut self.devices[at];
        let now = device.holding.at(self.now);
        let given = Given::read(input, &arrival.metadata);
        let (data, len) = given.as_whole();
        let whole = capi::frameseal_slice { data, len };
        let (pieces, count) = given.as_pieces().unwrap_or((&raw const whole, 1));
        let (sealed, len) = (arrival.bytes.as_ptr(), arrival.bytes.len());
        let receiver = device.receivers[0].cast_const();
        let buffer = device.holding.handle;
        // SAFETY: the handles are alive, and all else is a local or refused.
        let result = unsafe {
            let hold = capi::frameseal_holding_buffer_hold_for_receiver;
            let no = hold(null_mut(), receiver, now, pieces, count, sealed, len);
            assert_eq!(no, INVALID);
            let many = hold(buffer, receiver, now, pieces, 17, sealed, len);
            assert_eq!(many, INVALID, "more pieces than there may be");
            hold(buffer, receiver, now, pieces, count, sealed, len)
        };
        documented("holding_buffer_hold_for_receiver", result);
        device.epochs.said(now);
        device.holding.passed();
        let tag = capi::frameseal_suite_tag_len(device.setup.suite);
        let header = opening::header(&arrival.bytes).filter(|header| len >= header.len + tag);
        let Some(header) = header else {
            return assert_eq!(result, SYNTAX);
        };
        if result == NOTHING_TO_WAIT_FOR {
            let epoch = device.epochs.of_key_id(header.key_id);
            let epoch = epoch.expect("an epoch to wait for");
            return assert!(!device.epochs.is_gone(epoch), "an epoch that is gone");
        }
        not_here(device, header.key_id);
        device.holding.offered(arrival, header.key_id, result);
        device.holding.check();
    }

    /// The next frame whose epoch has come.
    pub(crate) fn open_held(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let device = &mut self.devices[at];
        let now = device.holding.at(self.now);
        if input.below(32) == 0 {
            device.holding.clear();
        }
        let mut metadata = vec![0x5a; input.pick(&[128, 128, 20, 0])];
        let mut out = vec![0x5a; input.pick(&[300, 300, 30, 0])];
        let mut held = Grown::<Held>::new(input.below(2) == 0);
        let mut info = Grown::<capi::frameseal_received_info>::new(true);
        let wrong = match input.below(32) {
            0 => {
                held.set_size(input.pick(&[0, 8, 5000]));
                true
            }
            1 => {
                info.set_size(input.pick(&[0, 8, 5000]));
                true
            }
            _ => false,
        };
        let before = (held.bytes(), info.bytes());
        let (buffer, receiver) = (device.holding.handle, device.receivers[0].cast_const());
        let (to, capacity) = (out.as_mut_ptr(), out.len());
        let (metadata_to, room) = (metadata.as_mut_ptr(), metadata.len());
        let (held_to, info_to) = (&raw mut held.known, &raw mut info.known);
        // SAFETY: the handles are alive, and all else is a local or refused.
        let result = unsafe {
            let open = capi::frameseal_holding_buffer_open_with_receiver;
            // The same place for both.
            let joined = open(
                buffer, receiver, now, to, capacity, to, capacity, held_to, info_to,
            );
            assert!(joined == INVALID || capacity == 0);
            if capacity == 0 {
                return;
            }
            open(
                buffer,
                receiver,
                now,
                metadata_to,
                room,
                to,
                capacity,
                held_to,
                info_to,
            )
        };
        documented("holding_buffer_open_with_receiver", result);
        held.check_behind();
        info.check_behind();
        if wrong {
            assert_eq!(result, INVALID);
            return assert!((held.bytes(), info.bytes()) == before);
        }
        device.epochs.said(now);
        device.holding.passed();
        let told = held.known;
        if result == OK && told.found == 0 {
            let nothing = (
                told.key_id,
                told.arrived_ms,
                told.metadata_len,
                told.payload_len,
            );
            assert_eq!((nothing, told.result), ((0, 0, 0, 0), 0));
            assert!(info.bytes() == before.1 && out.iter().all(|byte| *byte == 0x5a));
            none_before(device, usize::MAX);
            return device.holding.check();
        }
        let next = device.holding.waiting.iter();
        let next = next.into_iter().position(|next| next.key_id == told.key_id);
        let next = next.expect("a frame that waits");
        none_before(device, next);
        let waiting = &device.holding.waiting[next];
        let epoch = device.epochs.of_key_id(told.key_id).expect("its epoch");
        assert!(!device.epochs.is_gone(epoch), "an epoch that is gone");
        let tag = capi::frameseal_suite_tag_len(device.setup.suite);
        let header = opening::header(&waiting.arrival.bytes).expect("a header");
        let lengths = (
            waiting.arrival.metadata.len(),
            waiting.arrival.bytes.len() - header.len - tag,
        );
        if result == BUFFER_TOO_SMALL {
            assert_eq!((told.metadata_len, told.payload_len), lengths);
            assert!(lengths.0 > room || lengths.1 > capacity);
            assert!(info.bytes() == before.1 && out.iter().all(|byte| *byte == 0x5a));
            if input.below(2) == 0 {
                // SAFETY: the handle is alive.
                let dropped =
                    unsafe { capi::frameseal_holding_buffer_drop_next(buffer, now, told.key_id) };
                assert_eq!(documented("holding_buffer_drop_next", dropped), OK);
                device.holding.release(next);
            }
            return device.holding.check();
        }
        assert_eq!((result, told.found), (OK, 1));
        assert!(lengths.0 <= room && lengths.1 <= capacity);
        let waiting = device.holding.release(next);
        assert_eq!(told.arrived_ms, waiting.arrived);
        device.holding.check();
        let opens = told.result == OK;
        if opens {
            assert_eq!((told.metadata_len, told.payload_len), lengths);
            assert_eq!(metadata[..lengths.0], waiting.arrival.metadata);
        }
        let kept = if opens { lengths } else { (0, capacity) };
        let untouched = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0x5a);
        assert!(untouched(&metadata[kept.0..]) && untouched(&out[kept.1..]));
        let opened = Opened {
            result: told.result,
            payload: out[..if opens { lengths.1 } else { 0 }].to_vec(),
            info: opens.then_some(info.known),
        };
        self.check_opened(at, &waiting.arrival, &opened);
    }
}

/// The library said that no epoch of this key id is here.
fn not_here(device: &mut Device, key_id: u64) {
    if let Some(epoch) = device.epochs.of_key_id(key_id) {
        device.epochs.found_gone(epoch);
    }
}

/// It said so of all frames that came before this one.
fn none_before(device: &mut Device, end: usize) {
    let earlier = device.holding.waiting.iter().take(end);
    let earlier: Vec<u64> = earlier.map(|waiting| waiting.key_id).collect();
    for key_id in earlier {
        not_here(device, key_id);
    }
}
