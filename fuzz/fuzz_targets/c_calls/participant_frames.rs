//! Frames of a call with sender keys, and the keys that joiners are given.

use core::ptr::null_mut;

use frameseal_fuzz::Input;

use crate::arena::Grown;
use crate::capi;
use crate::chain::Fate;
use crate::opening::{self, OpenCall};
use crate::participant::Own;
use crate::participants::{Origin, Participants};
use crate::results::*;
use crate::sealing::{self, InPlaceCall, Lengths, SealCall};

type Keys = *mut capi::frameseal_sender_keys;

impl Participants {
    pub(crate) fn seal(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let one = &mut self.all[at];
        let keys = one.handle;
        let mut sealed_len = |payload_len| {
            let mut len = 77;
            // SAFETY: the handle is alive, and the place a local.
            let result =
                unsafe { capi::frameseal_sender_keys_sealed_len(keys, payload_len, &mut len) };
            match documented("sender_keys_sealed_len", result) {
                OK => Ok(len),
                error => Err(error),
            }
        };
        let told = sealed_len(1).err();
        let arena = &mut self.arena;
        let lengths = Lengths {
            of_frame: &mut sealed_len,
            suite: self.suite,
            stream: false,
        };
        let sealed = if input.below(4) == 0 {
            let mut call = |call: &InPlaceCall<'_>| seal_in_place(keys, call);
            sealing::seal_in_place(arena, input, lengths, &mut call)
        } else {
            sealing::seal(arena, input, lengths, &mut |call| seal(keys, call))
        };
        let Some(sealed) = sealed else { return };
        assert_eq!(told.unwrap_or(OK), sealed.result, "the length was told");
        let Some(own) = &mut one.own else {
            return assert_eq!(sealed.result, NO_SENDING_KEY);
        };
        if one.max_frames > 0 && own.counter >= one.max_frames {
            return assert_eq!(sealed.result, USAGE_LIMIT);
        }
        assert_eq!(sealed.result, OK);
        let generation = &self.generations[own.which];
        let header = opening::header(&sealed.frame).expect("a sealed frame has a header");
        let key_id = key_id(generation.bits, generation.number, own.step);
        assert_eq!((header.key_id, header.counter), (key_id, own.counter));
        own.counter += 1;
        let (which, step) = (own.which, own.step);
        let base_key = generation.keys[step].clone();
        self.frames.add(sealed, &base_key, Origin { which, step });
    }

    pub(crate) fn open_frame(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let Some(arrival) = self.frames.arrive(input) else {
            return;
        };
        let frame = &self.frames.all[arrival.at];
        let generation = &self.generations[frame.origin.which];
        // Whose it is; now and then it is said to be somebody else's.
        let by = generation.by as u64;
        let member = if input.below(16) == 0 {
            input.below(4) as u64
        } else {
            by
        };
        let (now, one) = (self.now, &mut self.all[at]);
        let keys = one.handle;
        let payload_len = opening::payload_len(self.suite, &arrival.bytes, |data, len, told| {
            // SAFETY: the handle is alive; the frame and the place are locals, or refused.
            let asked = unsafe { capi::frameseal_sender_keys_payload_len(keys, data, len, told) };
            documented("sender_keys_payload_len", asked)
        });
        let given = opening::Given {
            frame: &arrival.bytes,
            metadata: &arrival.metadata,
            secret: &frame.payload,
            payload_len,
        };
        let opened = opening::open(&mut self.arena, input, given, &mut |call| {
            open(keys, now, member, call)
        });
        let Some(opened) = opened else { return };
        let result = opened.result;
        one.said(now);
        let (latest, done) = (one.latest, one.done.max(now));
        let Some(chain) = one.members.get_mut(&member) else {
            // Which of two errors comes first, nobody promises.
            let early = !arrival.genuine && result == SYNTAX;
            return assert!(result == UNKNOWN_MEMBER || early);
        };
        one.done = done;
        if !arrival.genuine || member != by {
            assert!(
                result != OK && result != UNKNOWN_MEMBER,
                "what was changed opened"
            );
            return;
        }
        let (which, step) = (frame.origin.which, frame.origin.step as u64);
        let fate = chain.fate(which, step, latest, done);
        let again = chain.opened.contains(&arrival.at);
        match result {
            OK => {
                assert!(fate != Fate::Refused, "a key that is not, or no more, held");
                assert!(chain.opened.insert(arrival.at), "opened twice");
                assert_eq!(opened.payload, frame.payload);
                if let Some(info) = opened.info {
                    let told = (info.key_id, info.counter);
                    assert_eq!(told, (frame.key_id, frame.counter));
                    assert_eq!((info.generation, info.step), (generation.number, step));
                }
                let held = chain.held.iter().position(|held| held.which == which);
                chain.advance(held.expect("it opened"), step, (now, latest));
            }
            REPLAY if again => {}
            UNKNOWN_KEY_ID | AUTHENTICATION | REPLAY => assert!(fate != Fate::Opens, "{result}"),
            other => panic!("a genuine frame: {other}"),
        }
    }

    /// What a joiner is given, and what participants say of their keys.
    pub(crate) fn tell(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let one = &self.all[at];
        let own = one.own;
        let capacity = input.pick(&[96, 96, 64, 15, 0]);
        let mut out = [0x5a; 96];
        let (mut generation, mut step, mut len) = (71, 72, 73);
        // SAFETY: the handle is alive, and the places are locals.
        let result = unsafe {
            let (generation, step) = (&raw mut generation, &raw mut step);
            let (to, len) = (out.as_mut_ptr(), &raw mut len);
            let wrong = capi::frameseal_sender_keys_joiner_key(
                one.handle, generation, generation, to, capacity, len,
            );
            assert_eq!(wrong, INVALID, "places that overlap");
            capi::frameseal_sender_keys_joiner_key(one.handle, generation, step, to, capacity, len)
        };
        documented("sender_keys_joiner_key", result);
        self.check_own(one.handle, own);
        let Some(own) = own else {
            assert_eq!(
                (result, generation, step, len),
                (NO_SENDING_KEY, 71, 72, 73)
            );
            return assert_eq!(out, [0x5a; 96]);
        };
        let sent = &self.generations[own.which];
        let key = &sent.keys[own.step];
        if key.len() > capacity {
            assert_eq!(
                (result, generation, step, len),
                (BUFFER_TOO_SMALL, 71, 72, key.len())
            );
            return assert_eq!(out, [0x5a; 96]);
        }
        assert_eq!(
            (result, generation, step),
            (OK, sent.number, own.step as u64)
        );
        assert_eq!((&out[..len], &out[len..]), (&key[..], &[0x5a; 96][len..]));
        for (member, chain) in &one.members {
            let mut held = Grown::<capi::frameseal_member_sender_key>::new(true);
            // SAFETY: as above.
            let result = unsafe {
                capi::frameseal_sender_keys_member_key(one.handle, *member, &raw mut held.known)
            };
            held.check_behind();
            assert_eq!(result, OK);
            let (held, newest) = (held.known, chain.newest());
            assert_eq!(
                (held.generation, held.step),
                (newest.generation, newest.head)
            );
            let here = |at: &usize| chain.is_here(*at, one.latest);
            let sure = (0..chain.held.len()).filter(here).count();
            assert!((sure..=chain.held.len()).contains(&held.generations));
            assert!(held.steps >= held.generations);
        }
    }

    fn check_own(&self, keys: Keys, own: Option<Own>) {
        let mut told = Grown::<capi::frameseal_own_sender_key>::new(true);
        let before = told.bytes();
        // SAFETY: as above.
        let result = unsafe {
            assert_eq!(
                capi::frameseal_sender_keys_own_key(keys, null_mut()),
                INVALID
            );
            capi::frameseal_sender_keys_own_key(keys, &raw mut told.known)
        };
        documented("sender_keys_own_key", result);
        told.check_behind();
        let Some(own) = own else {
            assert_eq!(result, NO_SENDING_KEY);
            return assert!(told.bytes() == before);
        };
        let (sent, told) = (&self.generations[own.which], told.known);
        let id = key_id(sent.bits, sent.number, own.step);
        assert_eq!(
            (told.generation, told.step, told.key_id),
            (sent.number, own.step as u64, id)
        );
        assert_eq!((told.next_counter, told.frames), (own.counter, own.counter));
        assert_eq!((told.ratchet_bits, told.exhausted), (sent.bits, 0));
    }
}

fn key_id(bits: u32, generation: u64, step: usize) -> u64 {
    (generation << bits) | (step as u64 & ((1 << bits) - 1))
}

fn seal(keys: Keys, call: &SealCall<'_>) -> i32 {
    let ((payload, size), (out, capacity)) = (call.payload, call.out);
    let out_len = call.out_len;
    // SAFETY: the handle is alive; what the call does not refuse is in the arena or a local.
    let result = unsafe {
        match call.metadata.as_pieces() {
            Some((pieces, count)) => capi::frameseal_sender_keys_encrypt_slices(
                keys, pieces, count, payload, size, out, capacity, out_len,
            ),
            None => {
                let (data, len) = call.metadata.as_whole();
                capi::frameseal_sender_keys_encrypt(
                    keys, data, len, payload, size, out, capacity, out_len,
                )
            }
        }
    };
    documented("sender_keys_encrypt", result)
}

fn seal_in_place(keys: Keys, call: &InPlaceCall<'_>) -> i32 {
    let (data, len) = call.metadata.as_whole();
    let ((buffer, capacity), (offset, size)) = (call.buffer, call.payload);
    let (at, frame_len) = (call.frame_offset, call.frame_len);
    // SAFETY: the same.
    let result = unsafe {
        capi::frameseal_sender_keys_encrypt_in_place(
            keys, data, len, buffer, capacity, offset, size, at, frame_len,
        )
    };
    documented("sender_keys_encrypt_in_place", result)
}

fn open(keys: Keys, now: u64, member: u64, call: &OpenCall<'_, capi::frameseal_step_info>) -> i32 {
    let ((sealed, len), (out, capacity)) = (call.sealed, call.out);
    let (out_len, info) = (call.out_len, call.info);
    // SAFETY: the handle is alive; what the call does not refuse is in the arena or a local.
    let result = unsafe {
        match call.metadata.as_pieces() {
            Some((pieces, count)) => capi::frameseal_sender_keys_decrypt_slices(
                keys, now, member, pieces, count, sealed, len, out, capacity, out_len, info,
            ),
            None => {
                let (data, size) = call.metadata.as_whole();
                capi::frameseal_sender_keys_decrypt(
                    keys, now, member, data, size, sealed, len, out, capacity, out_len, info,
                )
            }
        }
    };
    documented("sender_keys_decrypt", result)
}
