//! Random sequences of operations on an encryptor, checked for the one thing that must never
//! happen: the same nonce twice under one key (RFC 9605 §9.1).
//!
//! Every sealed frame goes into a [`History`], which knows nothing of how counters are chosen. In
//! parallel a [`Model`] says in the plainest words what each call must answer. The sequences add,
//! remove, resume and exhaust keys, reserve, confirm, hit limits and come with buffers that are
//! too small; a tally at the end shows that all of this did happen.

use std::cell::RefCell;
use std::collections::BTreeMap;

use frameseal::{
    CipherSuite, Counter, DecryptionKey, EncryptorCore, Error, Fixed, KeyId, SendConfig, Storage,
    UsageLimits,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

#[path = "nonce_sequences/model.rs"]
mod model;
use model::Model;

/// Headers of 1 to 17 bytes.
const KIDS: [KeyId; 4] = [
    KeyId::new(0),
    KeyId::new(7),
    KeyId::new(0x1234),
    KeyId::new(u64::MAX),
];
const KEYS: [[u8; 16]; 2] = [[0x0a; 16], [0x0b; 16]];
const CAPACITY: usize = 3;

/// A call; `kid` and `key` are places in `KIDS` and `KEYS`.
#[derive(Clone, Debug)]
enum Op {
    Add {
        kid: usize,
        key: usize,
    },
    Resume {
        kid: usize,
        key: usize,
        last: u64,
    },
    Remove {
        kid: usize,
    },
    Use {
        kid: usize,
    },
    Reserve {
        kid: usize,
        count: u64,
    },
    /// Confirms what was reserved last, off by so many.
    Confirm {
        kid: usize,
        shift: i64,
    },
    /// Encrypts so many bytes with that many bytes too few where `mode` needs them.
    Encrypt {
        mode: Mode,
        len: usize,
        short: usize,
    },
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Apart,
    InPlaceShortTail,
    InPlaceShortHead,
    Within,
}

fn op() -> impl Strategy<Value = Op> {
    // Two keys under one key id are the exception.
    let key = || prop_oneof![9 => Just(0usize), 1 => Just(1usize)];
    let kid = || 0..KIDS.len();
    let last = prop_oneof![
        0..30u64,
        250..260u64,
        (u64::MAX - 6)..=u64::MAX,
        Just(0xffff),
    ];
    let count = prop_oneof![8 => 0..6u64, 1 => Just(u64::MAX)];
    let shift = prop_oneof![3 => Just(0i64), 1 => -3..=2i64];
    let mode = prop_oneof![
        Just(Mode::Apart),
        Just(Mode::InPlaceShortTail),
        Just(Mode::InPlaceShortHead),
        Just(Mode::Within),
    ];
    let short = prop_oneof![3 => Just(0usize), 1 => 1..12usize];
    prop_oneof![
        3 => (kid(), key()).prop_map(|(kid, key)| Op::Add { kid, key }),
        1 => (kid(), key(), last).prop_map(|(kid, key, last)| Op::Resume { kid, key, last }),
        2 => kid().prop_map(|kid| Op::Remove { kid }),
        5 => kid().prop_map(|kid| Op::Use { kid }),
        3 => (kid(), count).prop_map(|(kid, count)| Op::Reserve { kid, count }),
        4 => (kid(), shift).prop_map(|(kid, shift)| Op::Confirm { kid, shift }),
        16 => (mode, 0..70usize, short)
            .prop_map(|(mode, len, short)| Op::Encrypt { mode, len, short }),
    ]
}

fn limits() -> impl Strategy<Value = UsageLimits> {
    let frames = prop_oneof![1..30u64, Just(u64::MAX)];
    let bytes = prop_oneof![1..2000u64, Just(u64::MAX)];
    (frames, bytes).prop_map(|(frames, bytes)| {
        UsageLimits::standard()
            .with_frames(frames)
            .with_bytes(bytes)
    })
}

/// All counters that were ever seen in frames, by key.
#[derive(Default)]
struct History {
    streams: BTreeMap<(usize, usize), (Vec<u64>, DecryptionKey)>,
}

impl History {
    /// Opens the frame with the key it must be of, which proves that the counter in the header is
    /// the one of its nonce, and that this receiver never saw it.
    fn record(&mut self, suite: CipherSuite, kid: usize, key: usize, frame: &mut [u8]) -> u64 {
        let (counters, receiver) = self.streams.entry((kid, key)).or_insert_with(|| {
            let receiver = DecryptionKey::new(suite, KIDS[kid], &KEYS[key]).unwrap();
            (Vec::new(), receiver)
        });
        let opened = receiver.decrypt(b"meta", frame).expect("a new frame");
        assert!(opened.payload.iter().all(|byte| *byte == 0x5a));
        let counter = opened.counter.value();
        assert!(!counters.contains(&counter), "counter {counter} came twice");
        assert!(
            counters.last().is_none_or(|last| *last < counter),
            "counter {counter} went back"
        );
        counters.push(counter);
        counter
    }
}

/// Where `Mode::Within` puts its frames; the payload lies at 0.
const OUT_START: usize = 7;

/// Encrypts, and answers the sealed frame.
fn encrypt<S: Storage>(
    encryptor: &mut EncryptorCore<S>,
    (header, needed): (usize, usize),
    mode: Mode,
    len: usize,
    short: usize,
) -> Result<Vec<u8>, Error> {
    let size = match mode {
        Mode::Apart => needed - short,
        Mode::InPlaceShortTail => needed - short,
        Mode::InPlaceShortHead => needed - short.min(header),
        Mode::Within => OUT_START + needed - short,
    };
    let mut buffer = vec![0x5a; size];
    let range = match mode {
        Mode::Apart => 0..encryptor.encrypt(b"meta", &vec![0x5a; len], &mut buffer)?,
        Mode::InPlaceShortTail => {
            encryptor.encrypt_in_place(b"meta", &mut buffer, header..header + len)?
        }
        Mode::InPlaceShortHead => {
            let start = header - short.min(header);
            encryptor.encrypt_in_place(b"meta", &mut buffer, start..start + len)?
        }
        Mode::Within => encryptor.encrypt_within(b"meta", &mut buffer, 0..len, OUT_START)?,
    };
    Ok(buffer[range].to_vec())
}

type Tally = RefCell<BTreeMap<String, u32>>;

/// Runs a sequence on an encryptor and on the model, and compares after every step.
fn run<S: Storage>(
    capacity: usize,
    suite: CipherSuite,
    limits: UsageLimits,
    ops: &[Op],
    tally: &Tally,
) {
    let config = SendConfig::standard().with_limits(limits);
    let mut encryptor = EncryptorCore::<S>::with_config(suite, config);
    let mut history = History::default();
    let mut model = Model::new(capacity, limits, suite.tag_len());
    for op in ops {
        let none = |()| None;
        let answer = match *op {
            Op::Add { kid, key } => encryptor.add_key(KIDS[kid], &KEYS[key]).map(none),
            Op::Resume { kid, key, last } => {
                let last = Counter::new(last);
                let resumed = encryptor.resume_key_after(KIDS[kid], &KEYS[key], last);
                resumed.map(none)
            }
            Op::Remove { kid } => encryptor.remove_key(KIDS[kid]).map(none),
            Op::Use { kid } => encryptor.use_key(KIDS[kid]).map(none),
            Op::Reserve { kid, count } => encryptor
                .reserve(KIDS[kid], count)
                .map(|last| Some(last.value())),
            Op::Confirm { kid, shift } => {
                let last = Counter::new(model.to_confirm(kid, shift));
                encryptor.confirm(KIDS[kid], last).map(none)
            }
            Op::Encrypt { mode, len, short } => {
                // Taken from the tag, so that the payload always fits.
                let short = short.min(suite.tag_len());
                encrypt(&mut encryptor, model.sizes(len), mode, len, short).map(|mut frame| {
                    let kid = model.in_use.expect("a key in use");
                    let key = model.slots[&kid].key;
                    Some(history.record(suite, kid, key, &mut frame))
                })
            }
        };
        let answer = answer.map_err(|error| match error {
            Error::InvalidArgument(_) => Error::InvalidArgument(""),
            other => other,
        });
        assert_eq!(answer, model.apply(op), "{op:?}");
        count(tally, op, answer);
        for (kid, key_id) in KIDS.iter().enumerate() {
            let status = encryptor.key_status(*key_id).map(|status| {
                let next = status.next_counter.map(Counter::value);
                (status.active, next, status.frames, status.bytes)
            });
            let expected = model.slots.get(&kid);
            let expected = expected.map(|slot| (slot.active, slot.next, slot.frames, slot.bytes));
            assert_eq!(status, expected, "key id {key_id} after {op:?}");
        }
        assert_eq!(encryptor.key_in_use(), model.in_use.map(|kid| KIDS[kid]));
    }
}

fn count(tally: &Tally, op: &Op, answer: Result<Option<u64>, Error>) {
    let first_word = |text: String| text.split([' ', '(']).next().unwrap_or("").to_owned();
    let what = first_word(format!("{op:?}"));
    let how = match answer {
        Ok(Some(u64::MAX)) => "the last counter".to_owned(),
        Ok(_) => "done".to_owned(),
        Err(error) => first_word(format!("{error:?}")),
    };
    *tally
        .borrow_mut()
        .entry(format!("{what}: {how}"))
        .or_default() += 1;
}

fn check<S: Storage>(capacity: usize, cases: u32) -> BTreeMap<String, u32> {
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(9605),
        failure_persistence: None,
        ..Config::default()
    };
    let tally = Tally::default();
    let suite = proptest::sample::select(CipherSuite::ALL.as_slice());
    TestRunner::new(config)
        .run(
            &(suite, limits(), vec(op(), 1..150)),
            |(suite, limits, ops)| {
                run::<S>(capacity, suite, limits, &ops, &tally);
                Ok(())
            },
        )
        .unwrap();
    tally.into_inner()
}

/// What the sequences must have met for the test to mean anything.
const MET: [&str; 15] = [
    "Add: done",
    "Add: KeyIdInUse",
    "Resume: done",
    "Remove: done",
    "Remove: UnknownKeyId",
    "Reserve: the last counter",
    "Reserve: CounterExhausted",
    "Confirm: InvalidArgument",
    "Encrypt: done",
    "Encrypt: the last counter",
    "Encrypt: NoSendingKey",
    "Encrypt: CounterExhausted",
    "Encrypt: ReservationNeeded",
    "Encrypt: UsageLimit",
    "Encrypt: BufferTooSmall",
];

fn assert_met(tally: &BTreeMap<String, u32>, more: &[&str]) {
    for what in MET.iter().chain(more) {
        let times = tally.get(*what).copied().unwrap_or(0);
        assert!(times >= 30, "{what}: only {times} times");
    }
}

#[test]
fn no_sequence_makes_a_fixed_encryptor_use_a_nonce_twice() {
    let tally = check::<Fixed<CAPACITY>>(CAPACITY, 2_000);
    assert_met(&tally, &["Add: Capacity", "Encrypt: HeadroomTooSmall"]);
}

#[cfg(feature = "alloc")]
#[test]
fn no_sequence_makes_a_growing_encryptor_use_a_nonce_twice() {
    let tally = check::<frameseal::Growing>(usize::MAX, 2_000);
    assert_met(&tally, &["Encrypt: HeadroomTooSmall"]);
}

#[test]
#[should_panic(expected = "a new frame")]
fn the_history_notices_a_nonce_that_comes_twice() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let mut history = History::default();
    for _ in 0..2 {
        // Two objects with the same key: what no object can know, and nobody may do.
        let mut encryptor = frameseal::fixed::Encryptor::<1>::new(suite);
        encryptor.add_key(KIDS[1], &KEYS[0]).unwrap();
        encryptor.use_key(KIDS[1]).unwrap();
        let mut frame = [0; 64];
        let len = encryptor.encrypt(b"meta", &[0x5a; 8], &mut frame).unwrap();
        history.record(suite, 1, 0, &mut frame[..len]);
    }
}
