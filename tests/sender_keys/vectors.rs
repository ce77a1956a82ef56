//! Chains of all suites against the independent implementation in `tests/interop`: base keys, key
//! ids and frames of each step, past the end of the ratchet bits.

use frameseal::{CipherSuite, RatchetBits, SendingChain};

use crate::test_vectors::{Record, records};
use crate::{Chain, ms};

struct Start {
    suite: CipherSuite,
    bits: RatchetBits,
    generation: u64,
    base_key: Vec<u8>,
}

impl Start {
    fn of(record: &Record) -> Self {
        let number = |name| record.number(name);
        Self {
            suite: CipherSuite::try_from(u16::try_from(number("cipher_suite")).unwrap()).unwrap(),
            bits: RatchetBits::new(u32::try_from(number("ratchet_bits")).unwrap()).unwrap(),
            generation: number("generation"),
            base_key: record.bytes("base_key"),
        }
    }
}

/// The last step; the first chain of a suite has two ratchet bits and so wraps.
const STEPS: u64 = 4;

#[test]
fn all_steps_of_all_suites_have_the_same_keys_key_ids_and_frames() {
    let records = records(include_str!("../vectors/ratchet.txt"));
    assert_eq!(records.len(), 16);
    for suite in CipherSuite::ALL {
        let of_suite = |r: &&Record| r.number("cipher_suite") == u64::from(suite.id());
        assert_eq!(records.iter().filter(of_suite).count(), 2, "{suite}");
    }
    for record in &records {
        let start = Start::of(record);
        let (suite, bits) = (start.suite, start.bits);
        let mut sender = SendingChain::new(suite, bits, start.generation, &start.base_key).unwrap();
        let (metadata, payload) = (record.bytes("metadata"), record.bytes("payload"));
        let mut receivers = vec![];
        for step in 0..=STEPS {
            let field = |name: &str| format!("{name}_{step}");
            let key = sender.joiner_key();
            assert_eq!(
                key.base_key.as_ref(),
                record.bytes(&field("base_key")),
                "{suite}"
            );
            assert_eq!(sender.key_id().value(), record.number(&field("kid")));
            // Whoever joins at this step, and whoever was there before.
            let generation = start.generation;
            let joiner = Chain::new(suite, bits, generation, step, key.base_key.as_ref());
            receivers.push(joiner.unwrap());

            let mut sealed = vec![0; payload.len() + suite.max_overhead()];
            for counter in 0..2 {
                let len = sender
                    .encrypt(metadata.as_slice(), &payload, &mut sealed)
                    .unwrap();
                let expected = record.bytes(&format!("sealed_{step}_{counter}"));
                assert_eq!(sealed[..len], expected, "{suite}");
                for receiver in &mut receivers {
                    let mut frame = expected.clone();
                    let opened = receiver
                        .decrypt(ms(0), metadata.as_slice(), &mut frame)
                        .unwrap();
                    assert_eq!((&*opened.payload, opened.step), (payload.as_slice(), step));
                }
            }
            sender.ratchet().unwrap();
        }
    }
}
