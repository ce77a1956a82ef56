//! A call with sender keys: two or three participants, and what they send with. What they are given
//! of each other is in `participant_keys.rs`, what frames do in `participant_frames.rs`.

use core::ptr::null_mut;

use frameseal_fuzz::Input;

use crate::arena::Arena;
use crate::capi;
use crate::frames::Frames;
use crate::participant::{Own, Participant};
use crate::results::*;

/// A generation that somebody began to send with: its base key, and those of the steps so far.
pub(crate) struct Generation {
    pub(crate) by: usize,
    pub(crate) bits: u32,
    pub(crate) number: u64,
    pub(crate) keys: Vec<Vec<u8>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) which: usize,
    pub(crate) step: usize,
}

pub(crate) struct Participants {
    pub(crate) suite: u16,
    pub(crate) all: Vec<Participant>,
    pub(crate) generations: Vec<Generation>,
    pub(crate) frames: Frames<Origin>,
    pub(crate) arena: Arena,
    pub(crate) now: u64,
    keys_made: u8,
}

const STEPS: [u64; 6] = [0, 1, 500, 1999, 2000, 10_000];

impl Participants {
    pub(crate) fn open(input: &mut Input<'_>) -> Self {
        let mut made = Self {
            suite: input.pick(&[4, 1, 2, 5, 6, 7]),
            all: Vec::new(),
            generations: Vec::new(),
            frames: Frames::new(),
            arena: Arena::new(),
            now: 1000,
            keys_made: 0,
        };
        for _ in 0..2 + input.below(2) {
            let participant = Participant::new(made.suite, input);
            made.all.push(participant);
        }
        made
    }

    pub(crate) fn pass_time(&mut self, input: &mut Input<'_>) {
        self.now = match input.below(8) {
            0 => self.now.saturating_sub(input.pick(&STEPS)),
            _ => self.now.saturating_add(input.pick(&STEPS)),
        };
        let at = input.below(self.all.len());
        let one = &mut self.all[at];
        let (mut pending, mut deadline) = (true, 77);
        // SAFETY: the handle is alive; the places are locals.
        unsafe {
            assert_eq!(
                capi::frameseal_sender_keys_poll(null_mut(), self.now),
                INVALID
            );
            assert_eq!(capi::frameseal_sender_keys_poll(one.handle, self.now), OK);
            one.passed(self.now);
            let told = capi::frameseal_sender_keys_next_deadline(
                one.handle,
                &raw mut pending,
                &raw mut deadline,
            );
            assert_eq!(told, OK);
        }
        assert!(pending || deadline == 77);
        assert!(!pending || deadline > one.latest, "what is due is done");
        for chain in one.members.values() {
            for (at, held) in chain.held.iter().enumerate() {
                let ends = held.ends.1 < u64::MAX && chain.is_here(at, one.latest);
                assert!(
                    !ends || (pending && deadline <= held.ends.1),
                    "an end is told of"
                );
            }
        }
    }

    fn new_key(&mut self, input: &mut Input<'_>) -> Vec<u8> {
        self.keys_made += 1;
        vec![self.keys_made; input.pick(&[16, 32, 64, 96])]
    }

    /// Begins to send, or announces or begins a new generation.
    pub(crate) fn begin(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let what = input.below(4);
        let fresh = self.new_key(input);
        let one = &self.all[at];
        let last = one
            .last
            .map_or(0, |(_, generation)| generation.saturating_add(1));
        let mut bits = one
            .last
            .map_or(input.pick(&[8, 2, 1, 0, 32]), |(bits, _)| bits);
        let (mut key, mut generation) = (fresh, last.saturating_add(input.below(3) as u64));
        let mut reasons = Vec::new();
        match input.below(16) {
            0 => generation = last.wrapping_sub(1),
            1 => bits = input.pick(&[33, u32::MAX]),
            2 => bits ^= 4,
            3 => key.truncate(input.below(16)),
            4 => key.resize(97, 1),
            5 | 6 => {
                // A key that this one sent or receives with.
                let known = self.key_known_to(at, input);
                if let Some(known) = known {
                    key = known;
                    reasons.push(KEY_ID_IN_USE);
                }
            }
            _ => {}
        }
        if let (true, Some((number, announced)), false) = (
            what == 3 && input.below(4) > 0,
            &one.announced,
            one.own.is_none(),
        ) {
            (generation, key) = (*number, announced.clone());
            bits = one.last.expect("it sends").0;
            reasons.clear();
        }
        let starts = what < 2;
        if !(16..=96).contains(&key.len()) || (starts && bits > 32) {
            reasons.push(INVALID);
        }
        let fit = |bits: u32| bits == 0 || (bits <= 32 && generation <= u64::MAX >> bits);
        let used_bits = one.last.map_or(bits, |(bits, _)| bits);
        if !fit(if starts { bits } else { used_bits }) {
            reasons.push(INVALID);
        }
        if one.last.is_some_and(|(_, last)| generation <= last) {
            reasons.push(GENERATION_TOO_OLD);
        }
        if starts && (one.own.is_some() || bits != used_bits) {
            reasons.push(INVALID);
        }
        if !starts && one.own.is_none() {
            reasons.push(NO_SENDING_KEY);
        }
        if what == 3
            && let Some(announced) = &one.announced
            && *announced != (generation, key.clone())
        {
            reasons.push(INVALID);
        }
        let (handle, data, len) = (one.handle, key.as_ptr(), key.len());
        // SAFETY: the handle is alive, and the key a local.
        let (name, result) = unsafe {
            match what {
                0 | 1 => (
                    "sender_keys_start_sending",
                    capi::frameseal_sender_keys_start_sending(handle, bits, generation, data, len),
                ),
                2 => (
                    "sender_keys_announce",
                    capi::frameseal_sender_keys_announce(handle, generation, data, len),
                ),
                _ => (
                    "sender_keys_roll",
                    capi::frameseal_sender_keys_roll(handle, generation, data, len),
                ),
            }
        };
        documented(name, result);
        if result != OK {
            return assert!(
                reasons.contains(&result),
                "{name}: {result}, not {reasons:?}"
            );
        }
        assert!(reasons.is_empty(), "{name} must answer one of {reasons:?}");
        let one = &mut self.all[at];
        if what == 2 {
            one.announced = Some((generation, key));
            return;
        }
        one.announced = None;
        one.last = Some((used_bits, generation));
        one.own = Some(Own {
            which: self.generations.len(),
            step: 0,
            counter: 0,
        });
        self.generations.push(Generation {
            by: at,
            bits: used_bits,
            number: generation,
            keys: vec![key],
        });
    }

    fn key_known_to(&self, at: usize, input: &mut Input<'_>) -> Option<Vec<u8>> {
        if input.below(2) == 0 {
            // Of one of its last generations, any step.
            let mut sent = self.generations.iter().rev().filter(|other| other.by == at);
            let sent = sent.nth(input.below(4))?;
            return Some(sent.keys[input.below(sent.keys.len())].clone());
        }
        let chain = self.all[at].members.values().next()?;
        let newest = chain.newest();
        Some(self.generations[newest.which].keys[newest.head as usize].clone())
    }

    pub(crate) fn ratchet_or_stop(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let one = &mut self.all[at];
        if input.below(8) == 0 {
            // SAFETY: the handle is alive.
            let result = unsafe { capi::frameseal_sender_keys_stop_sending(one.handle) };
            assert_eq!(documented("sender_keys_stop_sending", result), OK);
            (one.own, one.announced) = (None, None);
            return;
        }
        // SAFETY: the same; NULL is refused.
        let result = unsafe {
            assert_eq!(capi::frameseal_sender_keys_ratchet(null_mut()), INVALID);
            capi::frameseal_sender_keys_ratchet(one.handle)
        };
        let result = documented("sender_keys_ratchet", result);
        let Some(own) = &mut one.own else {
            return assert_eq!(result, NO_SENDING_KEY);
        };
        let generation = &mut self.generations[own.which];
        if generation.bits == 0 {
            return assert_eq!(result, INVALID);
        }
        assert_eq!(result, OK);
        (own.step, own.counter) = (own.step + 1, 0);
        if generation.keys.len() == own.step {
            let next = ratcheted(self.suite, &generation.keys[own.step - 1]);
            generation.keys.push(next);
        }
    }
}

/// The base key of the next step, by the function for applications that ratchet themselves.
fn ratcheted(suite: u16, key: &[u8]) -> Vec<u8> {
    let (mut next, mut len) = ([0; 64], 0);
    // SAFETY: locals.
    let result = unsafe {
        let to = next.as_mut_ptr();
        capi::frameseal_base_key_ratchet(suite, key.as_ptr(), key.len(), to, 64, &raw mut len)
    };
    assert_eq!(result, OK);
    next[..len].to_vec()
}
