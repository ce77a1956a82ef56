//! Base keys sealed to each participant: what opens, and every misuse that does not.

use frameseal::sender_keys::sealing::{
    Envelope, MAX_ID_LEN, OpenedKey, SEALED_KEY_OVERHEAD, SealingPublicKey, SealingSecretKey, open,
    seal,
};
use frameseal::{BaseKey, CipherSuite, Error, JoinerKey, RatchetBits, SendingChain};

use crate::test_vectors::{Record, records};
use crate::{Chain, KEY, SUITE, ms, ratchet};

const BITS: RatchetBits = RatchetBits::STANDARD;
const ENVELOPE: Envelope<'_> = Envelope {
    call: b"call 7",
    sender: b"alice",
    recipient: b"bob",
    suite: SUITE,
    bits: BITS,
};

fn secret(seed: u8) -> SealingSecretKey {
    SealingSecretKey::from_random(&[seed; 32])
}

/// Alice and Bob.
fn keys() -> (SealingSecretKey, SealingSecretKey) {
    (secret(1), secret(2))
}

/// What Alice seals to Bob in this envelope: the base key `KEY` of a generation.
fn message_in(envelope: &Envelope<'_>, generation: u64) -> Vec<u8> {
    let (alice, bob) = keys();
    let base_key = BaseKey::new(&KEY).unwrap();
    let key = JoinerKey::of_new_generation(generation, &base_key);
    let mut message = vec![0; KEY.len() + SEALED_KEY_OVERHEAD];
    let to = bob.public_key();
    let len = seal(envelope, &alice, &to, &key, &[3; 32], &mut message).unwrap();
    assert_eq!(len, message.len());
    message
}

/// Bob opens what he believes to be from Alice.
fn open_in(envelope: &Envelope<'_>, last: Option<u64>, message: &[u8]) -> Result<OpenedKey, Error> {
    let (alice, bob) = keys();
    open(envelope, &bob, &alice.public_key(), last, message)
}

fn refused(result: &Result<OpenedKey, Error>) -> bool {
    matches!(result, Err(Error::Authentication))
}

#[test]
fn a_joiner_gets_the_ratcheted_key_and_opens_frames_with_it() {
    let (alice, bob) = keys();
    let mut chain = SendingChain::new(SUITE, BITS, 9, &KEY).unwrap();
    let before = crate::seal(&mut chain);
    ratchet(&mut chain, 2);
    let mut message = [0; 256];
    let (key, to) = (chain.joiner_key(), bob.public_key());
    let len = seal(&ENVELOPE, &alice, &to, &key, &[3; 32], &mut message).unwrap();
    assert_eq!(len, 32 + SEALED_KEY_OVERHEAD);

    let opened = open_in(&ENVELOPE, None, &message[..len]).unwrap();
    assert_eq!((opened.generation, opened.step), (9, 2));
    assert_ne!(opened.base_key.as_ref(), KEY);
    let base_key = opened.base_key.as_ref();
    let mut receiver = Chain::new(SUITE, BITS, 9, opened.step, base_key).unwrap();
    assert_eq!(
        crate::open(&mut receiver, 0, &crate::seal(&mut chain)),
        Ok((9, 2))
    );
    assert_eq!(
        crate::open(&mut receiver, 0, &before),
        crate::unknown(0x900)
    );
}

#[test]
fn a_new_generation_is_handed_out_before_the_roll() {
    let mut chain = SendingChain::new(SUITE, BITS, 1, &[9; 16]).unwrap();
    let mut receiver = Chain::new(SUITE, BITS, 1, 0, &[9; 16]).unwrap();
    let opened = open_in(&ENVELOPE, Some(1), &message_in(&ENVELOPE, 2)).unwrap();
    let (generation, step) = (opened.generation, opened.step);
    receiver
        .add_generation(ms(0), generation, step, opened.base_key.as_ref())
        .unwrap();
    chain.roll(2, &KEY).unwrap();
    assert_eq!(
        crate::open(&mut receiver, 0, &crate::seal(&mut chain)),
        Ok((2, 0))
    );
}

#[test]
fn a_lower_or_equal_generation_is_refused() {
    let message = message_in(&ENVELOPE, 5);
    for last in [5, 6, u64::MAX] {
        let result = open_in(&ENVELOPE, Some(last), &message);
        assert!(matches!(result, Err(Error::GenerationTooOld(5))));
    }
    for last in [None, Some(0), Some(4)] {
        assert_eq!(open_in(&ENVELOPE, last, &message).unwrap().generation, 5);
    }
    // Nor with a number that was raised on the way, or lowered to an old one.
    let mut changed = message;
    changed[8] = 6;
    assert!(refused(&open_in(&ENVELOPE, Some(5), &changed)));
    changed[8] = 4;
    let lowered = open_in(&ENVELOPE, Some(4), &changed);
    assert!(matches!(lowered, Err(Error::GenerationTooOld(4))));
}

#[test]
fn a_message_to_another_recipient_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    let (alice, carol) = (secret(1), secret(4));
    let result = open(&ENVELOPE, &carol, &alice.public_key(), None, &message);
    assert!(refused(&result), "another key");
    let to_carol = Envelope {
        recipient: b"carol",
        ..ENVELOPE
    };
    assert!(refused(&open_in(&to_carol, None, &message)), "another id");
}

#[test]
fn a_message_from_another_sender_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    let (mallory, bob) = (secret(4), secret(2));
    let result = open(&ENVELOPE, &bob, &mallory.public_key(), None, &message);
    assert!(refused(&result), "another key");
    let from_mallory = Envelope {
        sender: b"mallory",
        ..ENVELOPE
    };
    assert!(
        refused(&open_in(&from_mallory, None, &message)),
        "another id"
    );
    // Mallory, a participant, cannot make one that seems to be from Alice.
    let base_key = BaseKey::new(&KEY).unwrap();
    let key = JoinerKey::of_new_generation(2, &base_key);
    let mut forged = [0; 256];
    let to = bob.public_key();
    let len = seal(&ENVELOPE, &mallory, &to, &key, &[3; 32], &mut forged).unwrap();
    assert!(refused(&open_in(&ENVELOPE, None, &forged[..len])));
}

#[test]
fn a_message_of_another_call_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    let other = Envelope {
        call: b"call 8",
        ..ENVELOPE
    };
    assert!(refused(&open_in(&other, None, &message)));
}

#[test]
fn a_message_for_another_suite_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    for suite in CipherSuite::ALL {
        let other = Envelope { suite, ..ENVELOPE };
        assert_eq!(open_in(&other, None, &message).is_ok(), suite == SUITE);
    }
}

#[test]
fn a_message_for_other_ratchet_bits_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    for bits in 1..=32 {
        let bits = RatchetBits::new(bits).unwrap();
        let other = Envelope { bits, ..ENVELOPE };
        assert_eq!(open_in(&other, None, &message).is_ok(), bits == BITS);
    }
    let none = Envelope {
        bits: RatchetBits::NONE,
        ..ENVELOPE
    };
    assert!(refused(&open_in(&none, None, &message)));
}

#[test]
fn bytes_that_move_between_two_ids_give_another_envelope() {
    let moved = Envelope {
        call: b"call 7a",
        sender: b"lice",
        ..ENVELOPE
    };
    assert!(refused(&open_in(&moved, None, &message_in(&ENVELOPE, 1))));
}

#[test]
fn a_public_key_of_low_order_is_refused_both_ways() {
    // The points of small order on the curve and its twist: 0, 1, two of order 8, and p - 1, p,
    // p + 1 (RFC 7748 §7). Each gives a shared secret of zeros.
    let small = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    let (alice, bob) = keys();
    let base_key = BaseKey::new(&KEY).unwrap();
    let key = JoinerKey::of_new_generation(1, &base_key);
    for point in small {
        let record = format!("point = {point}");
        let bytes: [u8; 32] = records(&record)[0].bytes("point").try_into().unwrap();
        let weak = SealingPublicKey::from_bytes(&bytes);
        let mut out = [7; 128];
        let result = seal(&ENVELOPE, &alice, &weak, &key, &[3; 32], &mut out);
        assert!(matches!(result, Err(Error::InvalidArgument(_))), "{point}");
        let left = out.iter().all(|byte| *byte == 0 || *byte == 7);
        assert!(left, "nothing of the base key is left in the buffer");

        let mut message = message_in(&ENVELOPE, 1);
        let from = alice.public_key();
        assert!(refused(&open(&ENVELOPE, &bob, &weak, None, &message)));
        message[17..49].copy_from_slice(&bytes);
        assert!(refused(&open(&ENVELOPE, &bob, &from, None, &message)));
    }
}

#[test]
fn every_changed_byte_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    for at in 0..message.len() {
        for bit in [at % 8, 7] {
            let mut changed = message.clone();
            changed[at] ^= 1 << bit;
            // X25519 ignores the highest bit of a public key, but the key derivation does not.
            assert!(refused(&open_in(&ENVELOPE, None, &changed)), "{at} {bit}");
        }
    }
}

#[test]
fn a_message_that_is_cut_off_or_too_long_is_refused() {
    let message = message_in(&ENVELOPE, 1);
    for len in 0..message.len() {
        assert!(refused(&open_in(&ENVELOPE, None, &message[..len])), "{len}");
    }
    for more in [1, 16, 80, 81, 1000] {
        let longer = [message.clone(), vec![0; more]].concat();
        assert!(refused(&open_in(&ENVELOPE, None, &longer)), "{more} more");
    }
}

#[test]
fn randomness_that_repeats_does_not_repeat_an_ephemeral_key() {
    let ephemeral = |message: &[u8]| message[17..49].to_vec();
    let first = message_in(&ENVELOPE, 1);
    assert_eq!(first, message_in(&ENVELOPE, 1), "the very same message");
    assert_ne!(ephemeral(&first), ephemeral(&message_in(&ENVELOPE, 2)));
    let other = Envelope {
        call: b"call 8",
        ..ENVELOPE
    };
    assert_ne!(ephemeral(&first), ephemeral(&message_in(&other, 1)));
    let (alice, bob) = keys();
    let base_key = BaseKey::new(&[0x99; 16]).unwrap();
    let key = JoinerKey::of_new_generation(1, &base_key);
    let mut message = [0; 128];
    seal(
        &ENVELOPE,
        &alice,
        &bob.public_key(),
        &key,
        &[3; 32],
        &mut message,
    )
    .unwrap();
    assert_ne!(ephemeral(&first), ephemeral(&message));
}

#[test]
fn sizes_and_numbers_that_cannot_be_are_refused() {
    let (alice, bob) = keys();
    let (from, to) = (alice.public_key(), bob.public_key());
    let base_key = BaseKey::new(&KEY).unwrap();
    let key = JoinerKey::of_new_generation(1, &base_key);
    let needed = 16 + SEALED_KEY_OVERHEAD;
    let short = seal(
        &ENVELOPE,
        &alice,
        &to,
        &key,
        &[3; 32],
        &mut vec![0; needed - 1],
    );
    assert_eq!(short, Err(Error::BufferTooSmall { needed }));

    let (longest, long) = ([7; MAX_ID_LEN], [7; MAX_ID_LEN + 1]);
    let with_ids = |id| Envelope {
        call: id,
        sender: id,
        recipient: id,
        ..ENVELOPE
    };
    let message = message_in(&with_ids(&longest), 1);
    assert!(open_in(&with_ids(&longest), None, &message).is_ok());
    let mut out = [0; 256];
    let result = seal(&with_ids(&long), &alice, &to, &key, &[3; 32], &mut out);
    assert!(matches!(result, Err(Error::InvalidArgument(_))));
    let result = open(&with_ids(&long), &bob, &from, None, &message);
    assert!(matches!(result, Err(Error::InvalidArgument(_))));

    let high = JoinerKey::of_new_generation(1 << 56, &base_key);
    let result = seal(&ENVELOPE, &alice, &to, &high, &[3; 32], &mut out);
    assert!(matches!(result, Err(Error::InvalidArgument(_))));
}

#[test]
fn secret_keys_show_nothing() {
    let text = format!("{:?}", secret(0x5a));
    assert_eq!(text, "SealingSecretKey { .. }");
    let stored = *secret(0x5a).as_bytes();
    let again = SealingSecretKey::from_bytes(&stored);
    assert_eq!(again.public_key(), secret(0x5a).public_key());
}

/// The inputs of a record of `sealing.txt`.
struct Case {
    ids: [Vec<u8>; 3],
    suite: CipherSuite,
    bits: RatchetBits,
    generation: u64,
    step: u64,
    base_key: Vec<u8>,
    sender: SealingSecretKey,
    recipient: SealingSecretKey,
    random: [u8; 32],
}

impl Case {
    fn of(record: &Record) -> Self {
        let key = |name| record.bytes(name).try_into().unwrap();
        let small = |name| u16::try_from(record.number(name)).unwrap();
        let secret = |name| SealingSecretKey::from_bytes(&key(name));
        Self {
            ids: ["call", "sender", "recipient"].map(|name| record.bytes(name)),
            suite: CipherSuite::try_from(small("cipher_suite")).unwrap(),
            bits: RatchetBits::new(small("ratchet_bits").into()).unwrap(),
            generation: record.number("generation"),
            step: record.number("step"),
            base_key: record.bytes("base_key"),
            sender: secret("sender_secret"),
            recipient: secret("recipient_secret"),
            random: key("random"),
        }
    }

    fn envelope(&self) -> Envelope<'_> {
        let [call, sender, recipient] = &self.ids;
        Envelope {
            call,
            sender,
            recipient,
            suite: self.suite,
            bits: self.bits,
        }
    }

    fn open(&self, message: &[u8]) -> Result<OpenedKey, Error> {
        let from = self.sender.public_key();
        open(&self.envelope(), &self.recipient, &from, None, message)
    }

    fn seal(&self, key: &JoinerKey<'_>) -> Vec<u8> {
        let mut message = vec![0; key.base_key.as_ref().len() + SEALED_KEY_OVERHEAD];
        let (to, envelope) = (self.recipient.public_key(), self.envelope());
        seal(
            &envelope,
            &self.sender,
            &to,
            key,
            &self.random,
            &mut message,
        )
        .unwrap();
        message
    }
}

#[test]
fn all_40_messages_of_the_independent_implementation_open_and_are_made_again() {
    let records = records(include_str!("../vectors/sealing.txt"));
    assert_eq!(records.len(), 40);
    let mut made = 0;
    for record in &records {
        let case = Case::of(record);
        let public = *case.recipient.public_key().as_bytes();
        assert_eq!(public.as_slice(), record.bytes("recipient_public"));
        let message = record.bytes("message");
        let opened = case.open(&message).unwrap();
        assert_eq!(
            (opened.generation, opened.step),
            (case.generation, case.step)
        );
        assert_eq!(opened.base_key.as_ref(), case.base_key);
        // A key of a later step can only come from a chain; see `interop` for those.
        if case.step == 0 {
            let base_key = BaseKey::new(&case.base_key).unwrap();
            let key = JoinerKey::of_new_generation(case.generation, &base_key);
            assert_eq!(case.seal(&key), message);
            made += 1;
        }
    }
    assert_eq!(made, 8);
}
