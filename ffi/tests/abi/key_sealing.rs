//! Base keys sealed to each participant: what goes in comes out, and only there.

use std::ptr;

use super::capi::*;
use super::device::checked;
use super::participant::*;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;
const LEN: usize = FRAMESEAL_SEALING_KEY_LEN;

struct Pair {
    secret: [u8; LEN],
    public: [u8; LEN],
}

fn pair(seed: u8) -> Pair {
    let (mut secret, mut public, random) = ([0; LEN], [0; LEN], [seed; LEN]);
    // SAFETY: slices.
    let result = unsafe {
        let (to, also) = (secret.as_mut_ptr(), public.as_mut_ptr());
        frameseal_sealing_key_pair(random.as_ptr(), LEN, to, LEN, also, LEN)
    };
    assert_eq!(result, FRAMESEAL_OK);
    Pair { secret, public }
}

fn slice(bytes: &'static [u8]) -> frameseal_slice {
    frameseal_slice {
        data: bytes.as_ptr(),
        len: bytes.len(),
    }
}

fn envelope() -> frameseal_key_envelope {
    frameseal_key_envelope {
        struct_size: size_of::<frameseal_key_envelope>(),
        call: slice(b"call 7"),
        sender: slice(b"alice"),
        recipient: slice(b"bob"),
        ratchet_bits: BITS,
        suite: GCM,
        reserved: 0,
    }
}

fn seal_joiner_key(
    keys: &Participant,
    envelope: &frameseal_key_envelope,
    from: &Pair,
    to: &[u8],
    room: usize,
) -> Result<Vec<u8>, (i32, usize)> {
    let (random, mut out, mut len) = ([9; LEN], vec![0xaa; room], 0);
    // SAFETY: a live handle, slices and a place for the length.
    let result = unsafe {
        frameseal_sender_keys_seal_joiner_key(
            keys.0,
            envelope,
            from.secret.as_ptr(),
            LEN,
            to.as_ptr(),
            to.len(),
            random.as_ptr(),
            LEN,
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
        )
    };
    if result == FRAMESEAL_OK {
        out.truncate(len);
        return Ok(out);
    }
    assert!(out.iter().all(|byte| *byte == 0xaa || *byte == 0));
    Err((result, len))
}

fn open(
    envelope: &frameseal_key_envelope,
    to: &Pair,
    from: &[u8; LEN],
    last: Option<u64>,
    message: &[u8],
) -> Result<JoinerKey, i32> {
    let (mut generation, mut step, mut len) = (u64::MAX, u64::MAX, 0);
    let mut base_key = vec![0xaa; FRAMESEAL_MAX_BASE_KEY_LEN];
    let last = last.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: slices and places for the answers.
    let result = unsafe {
        frameseal_sealed_key_open(
            envelope,
            to.secret.as_ptr(),
            LEN,
            from.as_ptr(),
            LEN,
            last,
            message.as_ptr(),
            message.len(),
            &raw mut generation,
            &raw mut step,
            base_key.as_mut_ptr(),
            base_key.len(),
            &raw mut len,
        )
    };
    if result != FRAMESEAL_OK {
        assert_eq!((generation, step, len), (u64::MAX, u64::MAX, 0));
        assert!(base_key.iter().all(|byte| *byte == 0xaa));
    }
    base_key.truncate(len);
    let key = JoinerKey {
        generation,
        step,
        base_key,
    };
    checked(result, key)
}

#[test]
fn a_joiner_opens_the_key_that_was_sealed_to_it_and_receives() {
    let (from, to) = (pair(1), pair(2));
    let alice = Participant::sending(&BASE_KEY);
    assert_eq!(alice.ratchet(), FRAMESEAL_OK);
    let message = seal_joiner_key(&alice, &envelope(), &from, &to.public, 256).unwrap();
    assert_eq!(message.len(), 32 + FRAMESEAL_SEALED_KEY_OVERHEAD);
    let key = open(&envelope(), &to, &from.public, None, &message).unwrap();
    assert_eq!((key.generation, key.step), (0, 1));
    assert_eq!(key.base_key, alice.joiner_key().unwrap().base_key);
    let bob = Participant::new();
    let added = bob.add_member(ALICE, BITS, key.generation, key.step, &key.base_key);
    assert_eq!(added, FRAMESEAL_OK);
    let frame = alice.encrypt(b"frame").unwrap();
    assert!(bob.decrypt(0, ALICE, &frame).is_ok());
}

#[test]
fn a_generation_is_sealed_before_it_is_rolled_to() {
    let (from, to) = (pair(1), pair(2));
    let (second, random, mut message, mut len) = ([2; 16], [9; LEN], [0; 256], 0);
    let envelope = envelope();
    // SAFETY: slices and a place for the length.
    let result = unsafe {
        frameseal_base_key_seal(
            &raw const envelope,
            5,
            second.as_ptr(),
            second.len(),
            from.secret.as_ptr(),
            LEN,
            to.public.as_ptr(),
            LEN,
            random.as_ptr(),
            LEN,
            message.as_mut_ptr(),
            message.len(),
            &raw mut len,
        )
    };
    assert_eq!(
        (result, len),
        (FRAMESEAL_OK, 16 + FRAMESEAL_SEALED_KEY_OVERHEAD)
    );
    let message = &message[..len];
    let key = open(&envelope, &to, &from.public, Some(4), message).unwrap();
    assert_eq!((key.generation, key.step), (5, 0));
    assert_eq!(key.base_key, second);
    let again = open(&envelope, &to, &from.public, Some(5), message);
    assert_eq!(again.map(|_| ()), Err(FRAMESEAL_ERROR_GENERATION_TOO_OLD));
}

#[test]
fn what_was_changed_moved_or_renamed_does_not_open() {
    let (from, to, other) = (pair(1), pair(2), pair(3));
    let alice = Participant::sending(&BASE_KEY);
    let message = seal_joiner_key(&alice, &envelope(), &from, &to.public, 256).unwrap();
    let refused = |envelope: &frameseal_key_envelope, to: &Pair, from: &Pair, message: &[u8]| {
        let opened = open(envelope, to, &from.public, None, message).map(|_| ());
        assert_eq!(opened, Err(FRAMESEAL_ERROR_AUTHENTICATION));
    };
    refused(&envelope(), &other, &from, &message);
    refused(&envelope(), &to, &other, &message);
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 1;
        refused(&envelope(), &to, &from, &changed);
        refused(&envelope(), &to, &from, &message[..at]);
    }
    let changes: &[&dyn Fn(&mut frameseal_key_envelope)] = &[
        &|e| e.call = slice(b"call 8"),
        &|e| e.sender = slice(b"carol"),
        &|e| e.recipient = slice(b"carol"),
        &|e| e.ratchet_bits = 7,
        &|e| e.suite = 5,
    ];
    for change in changes {
        let mut envelope = envelope();
        change(&mut envelope);
        refused(&envelope, &to, &from, &message);
    }
}

#[test]
fn arguments_that_cannot_be_right_are_refused_and_nothing_is_sealed() {
    let (from, to) = (pair(1), pair(2));
    let alice = Participant::sending(&BASE_KEY);
    let needed = 32 + FRAMESEAL_SEALED_KEY_OVERHEAD;
    let small = seal_joiner_key(&alice, &envelope(), &from, &to.public, needed - 1);
    assert_eq!(small, Err((FRAMESEAL_ERROR_BUFFER_TOO_SMALL, needed)));
    let short = seal_joiner_key(&alice, &envelope(), &from, &to.public[..31], 256);
    assert_eq!(short, Err((INVALID, 0)));
    let low_order = seal_joiner_key(&alice, &envelope(), &from, &[0; LEN], 256);
    assert_eq!(low_order, Err((INVALID, 0)));
    let silent = seal_joiner_key(&Participant::new(), &envelope(), &from, &to.public, 256);
    assert_eq!(silent, Err((FRAMESEAL_ERROR_NO_SENDING_KEY, 0)));
    static LONG: [u8; FRAMESEAL_MAX_ENVELOPE_ID_LEN + 1] = [1; _];
    let changes: &[&dyn Fn(&mut frameseal_key_envelope)] = &[
        &|e| e.struct_size -= 1,
        &|e| e.call = slice(&LONG),
        &|e| e.call.data = ptr::null(),
        &|e| e.ratchet_bits = 33,
        &|e| e.ratchet_bits = 7, // those of the keys are others
        &|e| e.suite = 5,
        &|e| e.suite = 9,
        &|e| e.reserved = 1,
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut envelope = envelope();
        change(&mut envelope);
        let sealed = seal_joiner_key(&alice, &envelope, &from, &to.public, 256);
        assert_eq!(sealed, Err((INVALID, 0)), "change {at}");
    }
}
