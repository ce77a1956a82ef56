//! The replay protection against a model that is too simple to be wrong.
//!
//! The model keeps every accepted counter in a set and the highest one beside it. Real frames at
//! chosen counters are given to the real receivers, genuine and forged, and after each of them both
//! must have said the same. The walks go around 0, around 2^64 - 1 and across huge gaps.
#![cfg(feature = "std")]

#[path = "support/frames.rs"]
mod frames;

use std::collections::{BTreeMap, HashSet};

use frameseal::{
    CipherSuite, Counter, DecryptionKey, Decryptor, Error, KeyId, Opened, ReceiveConfig,
    ReceivingKeyStatus, ReplayProtection, SharedDecryptor, fixed,
};
use proptest::prelude::*;

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KEY_ID: KeyId = KeyId::new(3);
const BASE_KEY: [u8; 16] = [0x5a; 16];

/// What the replay protection must do, in the words of its documentation.
struct Model {
    /// Counters in the window; `None` accepts everything.
    window: Option<u64>,
    accepted: HashSet<u64>,
    highest: Option<u64>,
}

impl Model {
    fn new(window: Option<u64>) -> Self {
        Self {
            window,
            accepted: HashSet::new(),
            highest: None,
        }
    }

    fn accepts(&self, ctr: u64) -> bool {
        let Some(window) = self.window else {
            return true;
        };
        let too_old = self
            .highest
            .is_some_and(|highest| highest >= ctr && highest - ctr >= window);
        !too_old && !self.accepted.contains(&ctr)
    }

    fn record(&mut self, ctr: u64) {
        self.accepted.insert(ctr);
        self.highest = self.highest.max(Some(ctr));
    }
}

/// What all receivers have in common, for the model.
trait Receiver {
    fn open(&mut self, sealed: &mut [u8]) -> Result<(), Error>;
    fn status(&self) -> ReceivingKeyStatus;
}

fn opened(result: Result<Opened<'_>, Error>) -> Result<(), Error> {
    result.map(drop)
}

impl Receiver for DecryptionKey {
    fn open(&mut self, sealed: &mut [u8]) -> Result<(), Error> {
        opened(self.decrypt(b"", sealed))
    }

    fn status(&self) -> ReceivingKeyStatus {
        self.status()
    }
}

macro_rules! receiver {
    ($type:ty $(, $param:ident)?) => {
        impl$(<const $param: usize>)? Receiver for $type {
            fn open(&mut self, sealed: &mut [u8]) -> Result<(), Error> {
                opened(self.decrypt(b"", sealed))
            }

            fn status(&self) -> ReceivingKeyStatus {
                self.key_status(KEY_ID).unwrap()
            }
        }
    };
}
receiver!(Decryptor);
receiver!(SharedDecryptor);
receiver!(fixed::Decryptor<2, W>, W);

/// A receiver with the window that the model is to have.
type Case = (Box<dyn Receiver>, Option<u64>, &'static str);

fn fixed_receiver<const W: usize>(config: ReceiveConfig) -> Box<dyn Receiver> {
    let mut receiver = fixed::Decryptor::<2, W>::with_config(SUITE, config);
    receiver.add_key(KEY_ID, &BASE_KEY).unwrap();
    Box::new(receiver)
}

/// Every kind of receiver with every window.
fn receivers() -> Vec<Case> {
    let config = |replay| ReceiveConfig::for_suite(SUITE).with_replay(replay);
    let key = DecryptionKey::new(SUITE, KEY_ID, &BASE_KEY).unwrap();
    let off = config(ReplayProtection::Off);
    let mut cases: Vec<Case> = vec![
        (Box::new(key), Some(1024), "DecryptionKey"),
        (fixed_receiver::<1>(off), None, "fixed, off"),
    ];
    // A window is rounded up to a power of two, at least 64.
    for (asked, size) in [
        (0, 64),
        (64, 64),
        (65, 128),
        (1000, 1024),
        (1024, 1024),
        (4096, 4096),
    ] {
        let config = config(ReplayProtection::Window(asked));
        let mut growing = Decryptor::with_config(SUITE, config);
        growing.add_key(KEY_ID, &BASE_KEY).unwrap();
        cases.push((Box::new(growing), Some(size), "Decryptor"));
        let shared = SharedDecryptor::with_config(SUITE, config);
        shared.add_key(KEY_ID, &BASE_KEY).unwrap();
        cases.push((Box::new(shared), Some(size), "SharedDecryptor"));
        cases.push(match size {
            64 => (fixed_receiver::<1>(config), Some(64), "fixed, 1 word"),
            128 => (fixed_receiver::<2>(config), Some(128), "fixed, 2 words"),
            1024 => (fixed_receiver::<16>(config), Some(1024), "fixed, 16 words"),
            _ => (fixed_receiver::<64>(config), Some(4096), "fixed, 64 words"),
        });
    }
    let mut growing = Decryptor::with_config(SUITE, off);
    growing.add_key(KEY_ID, &BASE_KEY).unwrap();
    cases.push((Box::new(growing), None, "Decryptor, off"));
    cases
}

/// One frame that arrives.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    ctr: u64,
    forged: bool,
}

/// Gives all receivers the same frames and compares each with its model.
fn compare(arrivals: &[Arrival]) {
    let mut sealed = BTreeMap::new();
    for Arrival { ctr, .. } in arrivals {
        let seal = || frames::seal_at(SUITE, KEY_ID.value(), &BASE_KEY, *ctr, b"", b"");
        sealed.entry(*ctr).or_insert_with(seal);
    }
    for (mut receiver, window, name) in receivers() {
        let mut model = Model::new(window);
        let (mut accepted, mut forged_seen, mut replayed) = (0, 0, 0);
        for (i, Arrival { ctr, forged }) in arrivals.iter().enumerate() {
            let mut frame = sealed[ctr].clone();
            if *forged {
                *frame.last_mut().unwrap() ^= 0x10;
            }
            let expected = match (model.accepts(*ctr), forged) {
                (false, _) => Err(Error::Replay),
                (true, true) => Err(Error::Authentication),
                (true, false) => Ok(()),
            };
            let what = format!("{name}, window {window:?}, arrival {i}: {ctr}");
            assert_eq!(receiver.open(&mut frame), expected, "{what}");
            match expected {
                Ok(()) => {
                    model.record(*ctr);
                    accepted += 1;
                }
                Err(Error::Replay) => replayed += 1,
                Err(_) => forged_seen += 1,
            }
            let status = receiver.status();
            assert_eq!(
                (status.opened, status.replayed),
                (accepted, replayed),
                "{what}"
            );
            assert_eq!(status.failed_opens, forged_seen, "{what}");
            let highest = window.and(model.highest).map(Counter::new);
            assert_eq!(status.highest_counter, highest, "{what}");
        }
    }
}

/// A step of a walk: from the counter before, or from an end of the range.
fn steps() -> impl Strategy<Value = (i128, bool)> {
    let distance = prop_oneof![
        8 => -3..=3i128,
        4 => -70..=70i128,
        4 => prop::sample::select(vec![-65, -64, -63, 63, 64, 65, 127, 128, 129, -127, -128]),
        4 => -1100..=1100i128,
        2 => prop::sample::select(vec![-1025, -1024, -1023, 1023, 1024, 1025, 960, 1088]),
        2 => -4200..=4200i128,
        2 => prop::sample::select(vec![-4097, -4096, -4095, 4095, 4096, 4097]),
        1 => -(1i128 << 40)..=1i128 << 40,
        1 => -(1i128 << 64)..=1i128 << 64,
    ];
    // One frame in five is forged.
    (distance, prop::bool::weighted(0.2))
}

/// Counters from `start` on, step by step; a step beyond an end of the range stops there.
fn walk(start: u64, steps: &[(i128, bool)]) -> Vec<Arrival> {
    let mut at = i128::from(start);
    steps
        .iter()
        .map(|(distance, forged)| {
            at = (at + distance).clamp(0, i128::from(u64::MAX));
            let ctr = u64::try_from(at).unwrap();
            Arrival {
                ctr,
                forged: *forged,
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(9605),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_receiver_agrees_with_the_model(
        start in prop_oneof![
            0..100u64,
            (1 << 32) - 50..(1u64 << 32) + 50,
            any::<u64>(),
            u64::MAX - 100..=u64::MAX,
        ],
        steps in prop::collection::vec(steps(), 1..120),
    ) {
        compare(&walk(start, &steps));
    }
}

#[test]
fn both_ends_of_the_counter_range_agree_with_the_model() {
    let max = u64::MAX;
    let genuine = |ctr| Arrival { ctr, forged: false };
    for window in [64, 128, 1024, 4096] {
        let around_zero = [
            0,
            0,
            1,
            window - 1,
            0,
            window,
            1,
            0,
            window + 1,
            2,
            1,
            max,
            max,
            0,
        ];
        compare(&around_zero.map(genuine));
        let around_max = [
            max - window,
            max,
            max - window,
            max - window + 1,
            max,
            max - 1,
            0,
            max,
        ];
        compare(&around_max.map(genuine));
    }
}

#[test]
fn a_stream_that_is_shuffled_within_the_window_loses_nothing() {
    // Blocks of 64 backwards: each counter comes once, up to 63 behind the highest.
    let arrivals: Vec<Arrival> = (0..20u64)
        .flat_map(|block| (0..64).rev().map(move |i| block * 64 + i))
        .map(|ctr| Arrival { ctr, forged: false })
        .collect();
    compare(&arrivals);
    for (mut receiver, _, name) in receivers() {
        for Arrival { ctr, .. } in &arrivals {
            let mut frame = frames::seal_at(SUITE, KEY_ID.value(), &BASE_KEY, *ctr, b"", b"");
            assert_eq!(receiver.open(&mut frame), Ok(()), "{name}, {ctr}");
        }
    }
}
