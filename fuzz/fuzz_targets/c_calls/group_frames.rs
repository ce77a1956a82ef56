//! Frames of a call with MLS: streams seal them, receivers open them.

use frameseal_fuzz::Input;

use crate::capi;
use crate::device::{Device, OWN_CONTEXTS};
use crate::frames::Arrival;
use crate::group::{Group, Origin};
use crate::opening::{self, OpenCall};
use crate::results::*;
use crate::sealing::{self, InPlaceCall, Lengths, SealCall};
use crate::trust::Member;

/// A stream seals no more under the strict policy when its epoch is that old.
const DAY: u64 = 86_400_000;

impl Group {
    pub(crate) fn seal(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let (now, arena) = (self.now, &mut self.arena);
        let device = &mut self.devices[at];
        if device.streams.is_empty() {
            return;
        }
        let number = input.below(device.streams.len());
        let stream = device.streams[number].handle;
        if input.below(4) == 0 {
            // SAFETY: the stream is alive.
            unsafe {
                assert_eq!(capi::frameseal_stream_mark_key_frame(stream), OK);
                let prepared = capi::frameseal_stream_prepare(stream, now);
                documented("stream_prepare", prepared);
            }
        }
        let mut sealed_len = |payload_len| {
            let mut len = 77;
            // SAFETY: the same, and the place is a local.
            let result =
                unsafe { capi::frameseal_stream_sealed_len(stream, now, payload_len, &mut len) };
            match documented("stream_sealed_len", result) {
                OK => Ok(len),
                error => {
                    assert_eq!(len, 77);
                    Err(error)
                }
            }
        };
        let told = sealed_len(1).err();
        let lengths = Lengths {
            of_frame: &mut sealed_len,
            suite: device.setup.suite,
            stream: true,
        };
        let sealed = if input.below(4) == 0 {
            let mut call = |call: &InPlaceCall<'_>| seal_in_place(stream, now, call);
            sealing::seal_in_place(arena, input, lengths, &mut call)
        } else {
            sealing::seal(arena, input, lengths, &mut |call| seal(stream, now, call))
        };
        device.epochs.passed(now);
        let Some(sealed) = sealed else { return };
        let result = sealed.result;
        assert!(result == OK || Some(result) == told, "the length was told");
        check_refusal(device, number, now, result);
        if result != OK {
            return;
        }
        let header = opening::header(&sealed.frame).expect("a sealed frame has a header");
        let epoch = check_epoch(device, number, header.key_id);
        let stream = &mut device.streams[number];
        let counter = match stream.last {
            Some((last, counter)) if last == epoch => counter + 1,
            last => {
                assert!(
                    last.is_none_or(|(last, _)| last < epoch),
                    "a stream only moves on"
                );
                0
            }
        };
        assert_eq!(header.counter, counter, "each counter is used, in order");
        stream.last = Some((epoch, counter));
        device.trust.own.close();
        let here = &device.epochs.here[epoch];
        let origin = Origin {
            which: here.which,
            leaf: device.leaf,
            context: stream.context,
        };
        let base_key = self.history[here.which].base_key.clone();
        self.frames.add(sealed, &base_key, origin);
    }

    pub(crate) fn open_frame(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let Some(arrival) = self.frames.arrive(input) else {
            return;
        };
        let now = self.now;
        let device = &mut self.devices[at];
        let receiver = device.receivers[input.below(device.receivers.len())];
        let secret = &self.frames.all[arrival.at].payload;
        let suite = device.setup.suite;
        let payload_len = opening::payload_len(suite, &arrival.bytes, |data, len, told| {
            // SAFETY: the receiver is alive; the frame and the place are locals, or refused.
            let asked = unsafe { capi::frameseal_receiver_payload_len(receiver, data, len, told) };
            documented("receiver_payload_len", asked)
        });
        let given = opening::Given {
            frame: &arrival.bytes,
            metadata: &arrival.metadata,
            secret,
            payload_len,
        };
        let opened = opening::open(&mut self.arena, input, given, &mut |call| {
            open(receiver, now, call)
        });
        let Some(opened) = opened else { return };
        device.epochs.passed(now);
        self.check_opened(at, &arrival, &opened);
    }

    /// Compares with all that the header file promises of this frame at this device.
    pub(crate) fn check_opened(
        &mut self,
        at: usize,
        arrival: &Arrival,
        opened: &opening::Opened<capi::frameseal_received_info>,
    ) {
        let frame = &self.frames.all[arrival.at];
        let device = &mut self.devices[at];
        let result = opened.result;
        let Some(header) = opening::header(&arrival.bytes) else {
            return assert_eq!(result, SYNTAX);
        };
        let epoch = device.epochs.of_key_id(header.key_id);
        if result == UNKNOWN_KEY_ID
            && let Some(epoch) = epoch
            && device.claimed(header.key_id).is_some()
        {
            device.epochs.found_gone(epoch);
        }
        if result == AUTHENTICATION {
            let epoch = epoch.expect("an epoch with that key id");
            assert!(!device.epochs.is_gone(epoch), "its keys are gone");
            device.epochs.here[epoch].failed += 1;
            if let Some(member) = device.claimed(header.key_id) {
                device.trust.of_mut(member).failed += 1;
            }
        }
        if result == REPLAY
            && let Some(member) = device.claimed(header.key_id)
        {
            device.trust.of_mut(member).replayed += 1;
        }
        if !arrival.genuine {
            return assert_ne!(result, OK, "what was changed opened");
        }
        let origin = frame.origin;
        // What it was sealed under, if that is here.
        let sealed_in = epoch.filter(|epoch| device.epochs.here[*epoch].which == origin.which);
        let Some(epoch) = sealed_in.filter(|epoch| !device.epochs.is_gone(*epoch)) else {
            return assert_ne!(result, OK, "a frame of an epoch that is gone, or not here");
        };
        let here = &device.epochs.here[epoch];
        let joined = here.roster.get(&origin.leaf);
        let own = here.own == Some(origin.leaf);
        let again = device.opened.contains(&arrival.at);
        let highest = device.highest.get(&(epoch, header.key_id)).copied();
        let old = highest.is_some_and(|highest| highest >= header.counter + device.window);
        let stopped = device.stop_after > 0 && here.failed >= device.stop_after;
        match result {
            OK => {
                assert!(!again && !old && !own && origin.context < device.contexts);
                let joined = *joined.expect("only members' frames open");
                assert_eq!(opened.payload, frame.payload);
                if let Some(info) = opened.info {
                    let member = info.member;
                    let told = (info.key_id, info.counter, info.context);
                    assert_eq!(told, (header.key_id, header.counter, origin.context));
                    let told = (info.epoch.group, info.epoch.epoch);
                    assert_eq!(told, (here.group, here.epoch));
                    let told = (member.kind, member.group, member.index, member.joined);
                    assert_eq!(told, (1, here.group, origin.leaf, joined));
                    assert_eq!(member.number, 0);
                }
                device.opened.insert(arrival.at);
                let highest = device.highest.entry((epoch, header.key_id)).or_default();
                *highest = header.counter.max(*highest);
                device.epochs.here[epoch].opened += 1;
                let member = (device.epochs.here[epoch].group, joined, origin.leaf);
                let known = device.trust.of_mut(member);
                known.opened += 1;
                known.door.close();
            }
            UNKNOWN_KEY_ID => assert!(joined.is_none() || device.epochs.is_gone(epoch)),
            POLICY => assert!(own || origin.context >= device.contexts || stopped),
            REPLAY => assert!(again || old),
            other => panic!("a genuine frame: {other}"),
        }
    }
}

impl Device {
    /// Who is on the leaf that a key id names, in its epoch.
    fn claimed(&self, key_id: u64) -> Option<Member> {
        let here = &self.epochs.here[self.epochs.of_key_id(key_id)?];
        let index = key_id >> self.setup.epoch_bits & ((1 << self.setup.index_bits) - 1);
        let joined = here.roster.get(&(index as u32))?;
        Some((here.group, *joined, index as u32))
    }
}

/// Why a stream seals, or why it does not.
fn check_refusal(device: &Device, number: usize, now: u64, result: i32) {
    let epochs = &device.epochs;
    let stream = &device.streams[number];
    let Some((least, most)) = epochs.sending() else {
        return assert_eq!(result, NO_SENDING_KEY, "before the first epoch");
    };
    let among = || (least..=most).filter(|at| !epochs.is_gone(*at));
    match result {
        OK | INVALID => assert_eq!(result, OK, "right arguments"),
        NO_SENDING_KEY => assert!(among().any(|at| epochs.here[at].own.is_none())),
        USAGE_LIMIT => {
            let used = stream.last.map_or(0, |(_, counter)| counter + 1);
            assert!(device.max_frames > 0 && used >= device.max_frames);
        }
        POLICY => {
            let age = |at: usize| epochs.latest.saturating_sub(epochs.here[at].added.0);
            assert!(device.setup.policy == 2 && among().any(|at| age(at) >= DAY));
        }
        other => panic!("a stream answered {other}"),
    }
    if result == OK && device.setup.policy == 2 {
        let young = |at: usize| now.saturating_sub(epochs.here[at].added.1) < DAY;
        assert!(
            (least..epochs.here.len()).any(young),
            "too old for the policy"
        );
    }
}

/// The epoch that a sealed frame names; it must be one that the stream may send in.
fn check_epoch(device: &Device, number: usize, key_id: u64) -> usize {
    let (setup, epochs) = (device.setup, &device.epochs);
    let stream = &device.streams[number];
    let low = key_id & ((1 << setup.epoch_bits) - 1);
    let (least, most) = epochs.sending().expect("a frame was sealed");
    let here = (least..=most)
        .rev()
        .find(|at| (epochs.here[*at].epoch ^ low) & ((1 << setup.epoch_bits) - 1) == 0)
        .expect("an epoch that sending may be in");
    assert!(!epochs.is_gone(here), "sealed in an epoch that is gone");
    let expected = (stream.context << (setup.epoch_bits + setup.index_bits))
        | (u64::from(device.leaf) << setup.epoch_bits)
        | low;
    assert_eq!(key_id, expected, "context, index and epoch");
    assert!(stream.context < OWN_CONTEXTS);
    if let Some((last, counter)) = stream.last
        && last == here
    {
        assert!(device.max_frames == 0 || counter + 1 < device.max_frames);
    }
    here
}

fn seal(stream: *mut capi::frameseal_stream, now: u64, call: &SealCall<'_>) -> i32 {
    let (payload, size) = call.payload;
    let (out, capacity) = call.out;
    // SAFETY: the stream is alive; what the call does not refuse is in the arena or a local.
    let result = unsafe {
        match call.metadata.as_pieces() {
            Some((pieces, count)) => capi::frameseal_stream_encrypt_slices(
                stream,
                now,
                pieces,
                count,
                payload,
                size,
                out,
                capacity,
                call.out_len,
            ),
            None => {
                let (data, len) = call.metadata.as_whole();
                capi::frameseal_stream_encrypt(
                    stream,
                    now,
                    data,
                    len,
                    payload,
                    size,
                    out,
                    capacity,
                    call.out_len,
                )
            }
        }
    };
    documented("stream_encrypt", result)
}

fn seal_in_place(stream: *mut capi::frameseal_stream, now: u64, call: &InPlaceCall<'_>) -> i32 {
    let (data, len) = call.metadata.as_whole();
    let ((buffer, capacity), (offset, size)) = (call.buffer, call.payload);
    let (at, frame_len) = (call.frame_offset, call.frame_len);
    // SAFETY: the same.
    let result = unsafe {
        capi::frameseal_stream_encrypt_in_place(
            stream, now, data, len, buffer, capacity, offset, size, at, frame_len,
        )
    };
    documented("stream_encrypt_in_place", result)
}

fn open(
    receiver: *const capi::frameseal_receiver,
    now: u64,
    call: &OpenCall<'_, capi::frameseal_received_info>,
) -> i32 {
    let ((sealed, len), (out, capacity)) = (call.sealed, call.out);
    let (out_len, info) = (call.out_len, call.info);
    // SAFETY: the receiver is alive; what the call does not refuse is in the arena or a local.
    let result = unsafe {
        match call.metadata.as_pieces() {
            Some((pieces, count)) => capi::frameseal_receiver_decrypt_slices(
                receiver, now, pieces, count, sealed, len, out, capacity, out_len, info,
            ),
            None => {
                let (data, size) = call.metadata.as_whole();
                capi::frameseal_receiver_decrypt(
                    receiver, now, data, size, sealed, len, out, capacity, out_len, info,
                )
            }
        }
    };
    documented("receiver_decrypt", result)
}
