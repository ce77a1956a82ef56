//! Base keys that one participant seals to another, what becomes of the message on the way, and what
//! the other opens.

use core::ptr::{null, null_mut};

use frameseal_fuzz::Input;

use crate::arena::UNTOUCHED;
use crate::capi;
use crate::participants::Participants;
use crate::results::*;

const KEY_LEN: usize = capi::FRAMESEAL_SEALING_KEY_LEN;
const OVERHEAD: usize = capi::FRAMESEAL_SEALED_KEY_OVERHEAD;
const FILLED: u8 = 0x5a;
const ROOM: usize = 256;
/// An id that is too long by a byte.
const LONG_ID: [u8; 256] = [7; capi::FRAMESEAL_MAX_ENVELOPE_ID_LEN + 1];

/// A key pair, made from these random bytes.
struct Pair {
    secret: [u8; KEY_LEN],
    public: [u8; KEY_LEN],
}

impl Pair {
    fn new(random: u8) -> Self {
        let random = [random; KEY_LEN];
        let (mut secret, mut public) = ([FILLED; KEY_LEN], [FILLED; KEY_LEN]);
        let (read, len) = (random.as_ptr(), KEY_LEN);
        let (to, public_to) = (secret.as_mut_ptr(), public.as_mut_ptr());
        // SAFETY: locals of that length, or refused.
        unsafe {
            let make = capi::frameseal_sealing_key_pair;
            assert_eq!(make(read, len - 1, to, len, public_to, len), INVALID);
            assert_eq!(make(read, len, to, len, to, len), INVALID);
            assert_eq!(make(null(), len, to, len, public_to, len), INVALID);
            assert_eq!(make(read, len, to, len, public_to, len), OK);
        }
        Self { secret, public }
    }
}

/// What is sealed.
struct Content {
    bits: u32,
    generation: u64,
    step: u64,
    key: Vec<u8>,
}

/// What both sides say of the message.
#[derive(Clone, Copy)]
struct Ids<'a> {
    call: &'a [u8],
    sender: &'a [u8],
    recipient: &'a [u8],
}

impl Ids<'_> {
    fn envelope(&self, suite: u16, ratchet_bits: u32) -> capi::frameseal_key_envelope {
        let slice = |bytes: &[u8]| {
            let (data, len) = (bytes.as_ptr(), bytes.len());
            capi::frameseal_slice { data, len }
        };
        capi::frameseal_key_envelope {
            struct_size: size_of::<capi::frameseal_key_envelope>(),
            call: slice(self.call),
            sender: slice(self.sender),
            recipient: slice(self.recipient),
            ratchet_bits,
            suite,
            reserved: 0,
        }
    }
}

impl Participants {
    /// The key of a participant, or one that it will roll to, goes to another.
    pub(crate) fn seal_key(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.all.len());
        let to = (at + 1) % self.all.len();
        let (ours, theirs) = (Pair::new(at as u8), Pair::new(to as u8));
        let own = input.below(3) > 0;
        let content = match self.all[at].own {
            Some(sending) if own => {
                let sent = &self.generations[sending.which];
                Content {
                    bits: sent.bits,
                    generation: sent.number,
                    step: sending.step as u64,
                    key: sent.keys[sending.step].clone(),
                }
            }
            _ => Content {
                bits: input.pick(&[8, 0, 1, 32]),
                generation: input.pick(&[0, 1, 7, u64::MAX >> 32, u64::MAX]),
                step: 0,
                key: vec![0x6b; input.pick(&[16, 32, 64, 96, 15, 97])],
            },
        };
        let (sender, recipient) = ([at as u8], [to as u8]);
        let ids = Ids {
            call: b"call",
            sender: &sender,
            recipient: &recipient,
        };
        let message = self.seal_to((at, own), &content, (&ours, &theirs), ids, input);
        if let Some(message) = message {
            self.open_sealed(&message, &content, (&ours, &theirs), ids, input);
        }
    }

    /// Seals, after it was refused for whatever is wrong and for too little room.
    fn seal_to(
        &self,
        (at, own): (usize, bool),
        content: &Content,
        (ours, theirs): (&Pair, &Pair),
        mut ids: Ids<'_>,
        input: &mut Input<'_>,
    ) -> Option<Vec<u8>> {
        let one = &self.all[at];
        let wrong = input.below(24);
        match wrong {
            0 => ids.call = &LONG_ID,
            1 => ids.recipient = &LONG_ID,
            _ => {}
        }
        let mut envelope = ids.envelope(self.suite, content.bits);
        let (mut secret_len, mut public) = (KEY_LEN, theirs.public);
        let mut out = [FILLED; ROOM];
        let mut len = UNTOUCHED;
        let mut out_len = &raw mut len;
        match wrong {
            2 => envelope.struct_size = 8,
            3 => envelope.reserved = 1,
            4 => envelope.ratchet_bits = 33,
            5 => secret_len -= 1,
            6 => public = [0; KEY_LEN],
            7 => out_len = null_mut(),
            8 => envelope.suite = input.pick(&[0, 9]),
            9 if own && one.own.is_some() => envelope.ratchet_bits ^= 1,
            10 if own && one.own.is_some() => envelope.suite ^= 1,
            _ => {}
        }
        let made_wrong = match wrong {
            9 | 10 => own && one.own.is_some(),
            wrong => wrong < 9,
        };
        let mut reasons = Vec::new();
        let fits = content.bits == 0 || content.generation <= u64::MAX >> content.bits;
        if made_wrong || !fits || !(16..=96).contains(&content.key.len()) {
            reasons.push(INVALID);
        }
        if own && one.own.is_none() {
            reasons.push(NO_SENDING_KEY);
        }
        let random: [u8; KEY_LEN] = core::array::from_fn(|place| place as u8 ^ input.byte());
        let place = out.as_mut_ptr();
        let call = |capacity| {
            let (secret, public) = (ours.secret.as_ptr(), public.as_ptr());
            let (random, key) = (random.as_ptr(), content.key.as_ptr());
            // SAFETY: the handle is alive, all else is a local, or refused.
            unsafe {
                if own {
                    let result = capi::frameseal_sender_keys_seal_joiner_key(
                        one.handle, &envelope, secret, secret_len, public, KEY_LEN, random,
                        KEY_LEN, place, capacity, out_len,
                    );
                    return documented("sender_keys_seal_joiner_key", result);
                }
                let result = capi::frameseal_base_key_seal(
                    &envelope,
                    content.generation,
                    key,
                    content.key.len(),
                    secret,
                    secret_len,
                    public,
                    KEY_LEN,
                    random,
                    KEY_LEN,
                    place,
                    capacity,
                    out_len,
                );
                documented("base_key_seal", result)
            }
        };
        if !reasons.is_empty() {
            let result = call(ROOM);
            assert!(reasons.contains(&result), "{result}, not {reasons:?}");
            assert_eq!(len, UNTOUCHED);
            assert!(!shows(&out, &content.key), "a call that fails shows no key");
            return None;
        }
        let needed = content.key.len() + OVERHEAD;
        for capacity in [input.below(needed), needed - 1] {
            assert_eq!((call(capacity), len), (BUFFER_TOO_SMALL, needed));
            assert!(!shows(&out, &content.key), "a call that fails shows no key");
            len = UNTOUCHED;
        }
        assert_eq!((call(needed), len), (OK, needed), "the size suffices");
        assert!(!shows(&out, &content.key), "a sealed key is not to be read");
        assert!(out[needed..].iter().all(|byte| *byte == FILLED));
        Some(out[..needed].to_vec())
    }

    /// Opens what came, which may not be what was sealed, nor for this recipient.
    fn open_sealed(
        &self,
        sealed: &[u8],
        content: &Content,
        (sender, recipient): (&Pair, &Pair),
        mut ids: Ids<'_>,
        input: &mut Input<'_>,
    ) {
        let mut message = sealed.to_vec();
        let (mut secret, mut public) = (recipient.secret, sender.public);
        let (mut suite, mut bits) = (self.suite, content.bits);
        let changed = input.below(16);
        match changed {
            0 => {
                let place = input.below(message.len());
                message[place] ^= 1 << input.below(8);
            }
            1 => message.truncate(input.below(message.len())),
            2 => message.push(0),
            3 => ids.call = b"another call",
            4 => (ids.sender, ids.recipient) = (ids.recipient, ids.sender),
            // The same bytes, in other ids.
            5 => ids.call = b"",
            6 => secret = sender.secret,
            7 => public = recipient.public,
            8 => bits = if bits == 8 { 7 } else { 8 },
            9 => suite = if suite == 4 { 5 } else { 4 },
            _ => {}
        }
        let envelope = ids.envelope(suite, bits);
        let generation = content.generation;
        let last = match input.below(6) {
            0 => Some(generation),
            1 => Some(generation.saturating_add(1)),
            2 if generation > 0 => Some(generation - 1),
            _ => None,
        };
        let mut reasons = Vec::new();
        if changed < 10 {
            reasons.push(AUTHENTICATION);
        }
        // Refused by the generation that the message names, before anything is opened: one that was
        // changed on the way may name an old one.
        let named = message.get(1..9).map_or(generation, |bytes| {
            u64::from_be_bytes(bytes.try_into().unwrap())
        });
        if last.is_some_and(|last| named <= last) {
            reasons.push(GENERATION_TOO_OLD);
        }
        let mut key = [FILLED; ROOM];
        let (mut told, mut step, mut len) = (71, 72, UNTOUCHED);
        let key_to = key.as_mut_ptr();
        let mut call = |capacity, len: &mut usize| {
            let last = last.as_ref().map_or(null(), core::ptr::from_ref);
            let (ours, theirs) = (secret.as_ptr(), public.as_ptr());
            let (data, size) = (message.as_ptr(), message.len());
            let (told, step) = (&raw mut told, &raw mut step);
            // SAFETY: locals, of these lengths.
            let result = unsafe {
                capi::frameseal_sealed_key_open(
                    &envelope, ours, KEY_LEN, theirs, KEY_LEN, last, data, size, told, step,
                    key_to, capacity, len,
                )
            };
            documented("sealed_key_open", result)
        };
        let needed = content.key.len();
        if reasons.is_empty() {
            for capacity in [input.below(needed), needed - 1] {
                assert_eq!((call(capacity, &mut len), len), (BUFFER_TOO_SMALL, needed));
                len = UNTOUCHED;
            }
            let opened = (call(needed, &mut len), len);
            assert_eq!(opened, (OK, needed), "the size suffices");
            assert_eq!((told, step), (generation, content.step));
            assert_eq!(key[..needed], content.key);
            return assert!(key[needed..].iter().all(|byte| *byte == FILLED));
        }
        let result = call(ROOM, &mut len);
        assert!(reasons.contains(&result), "{result}, not {reasons:?}");
        assert_eq!((told, step, len), (71, 72, UNTOUCHED));
        assert_eq!(
            key, [FILLED; ROOM],
            "a call that fails leaves all as it was"
        );
    }
}

fn shows(memory: &[u8], key: &[u8]) -> bool {
    memory.windows(key.len()).any(|part| part == key)
}
