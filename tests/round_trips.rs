//! What is sealed opens again, and is the same frame however the buffers lie.
//!
//! Random payloads, key ids, counters and metadata go through every way to seal and every way to
//! open, for all suites and backends. The ways to seal must agree byte by byte, and sizes must be
//! as announced.

#[path = "support/backends.rs"]
mod backends;

use backends::{BACKENDS, backends_of, leaves_zeros};
use frameseal::{
    Backend, CipherSuite, Counter, Error, KeyId, MAX_HEADER_LEN, Metadata, ReceiveConfig,
    SendConfig, fixed,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

const FILL: u8 = 0xee;

/// Everything that determines a frame.
#[derive(Clone, Debug)]
struct Frame {
    suite: CipherSuite,
    backend: Backend,
    key_id: KeyId,
    counter: u64,
    payload: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Seal {
    Apart,
    InPlace,
    Within,
}
const SEALS: [Seal; 3] = [Seal::Apart, Seal::InPlace, Seal::Within];

#[derive(Clone, Copy, Debug)]
enum Open {
    InPlace,
    Apart,
    Within,
    #[cfg(feature = "std")]
    Shared,
    #[cfg(feature = "alloc")]
    Growing,
}
const OPENS: &[Open] = &[
    Open::InPlace,
    Open::Apart,
    Open::Within,
    #[cfg(feature = "std")]
    Open::Shared,
    #[cfg(feature = "alloc")]
    Open::Growing,
];

impl Frame {
    fn base_key(&self) -> [u8; 32] {
        [self.suite.id().to_be_bytes()[1]; 32]
    }

    /// An encryptor whose next frame has the counter.
    fn sender(&self) -> fixed::Encryptor<1> {
        let config = SendConfig::standard().with_backend(self.backend);
        let mut sender = fixed::Encryptor::with_config(self.suite, config);
        match self.counter.checked_sub(1) {
            None => sender.add_key(self.key_id, &self.base_key()).unwrap(),
            Some(last) => {
                let last = Counter::new(last);
                sender
                    .resume_key_after(self.key_id, &self.base_key(), last)
                    .unwrap();
                let reserved = sender.reserve(self.key_id, 1).unwrap();
                assert_eq!(reserved, Counter::new(self.counter));
                sender.confirm(self.key_id, reserved).unwrap();
            }
        }
        sender.use_key(self.key_id).unwrap();
        sender
    }

    fn seal<'m>(&self, mode: Seal, metadata: impl Into<Metadata<'m>>) -> Vec<u8> {
        let mut sender = self.sender();
        let len = self.payload.len();
        let announced = sender.sealed_len(len).unwrap();
        let (buffer, range) = match mode {
            Seal::Apart => {
                let mut out = vec![FILL; announced];
                let written = sender.encrypt(metadata, &self.payload, &mut out).unwrap();
                (out, 0..written)
            }
            Seal::InPlace => {
                let mut buffer = vec![FILL; MAX_HEADER_LEN];
                buffer.extend(&self.payload);
                buffer.extend([FILL; 16]);
                let payload = MAX_HEADER_LEN..MAX_HEADER_LEN + len;
                let sealed = sender.encrypt_in_place(metadata, &mut buffer, payload);
                (buffer, sealed.unwrap())
            }
            Seal::Within => {
                let mut buffer = self.payload.clone();
                buffer.resize(3 + announced, FILL);
                let sealed = sender.encrypt_within(metadata, &mut buffer, 0..len, 3);
                (buffer, sealed.unwrap())
            }
        };
        let frame = buffer[range].to_vec();
        assert_eq!(frame.len(), announced);
        assert!(frame.len() - len <= self.suite.max_overhead());
        frame
    }

    fn receive_config(&self) -> ReceiveConfig {
        ReceiveConfig::for_suite(self.suite).with_backend(self.backend)
    }

    /// Opens and compares everything.
    fn check_open<'m>(&self, mode: Open, metadata: impl Into<Metadata<'m>>, frame: &[u8]) {
        let mut receiver = fixed::Decryptor::<1>::with_config(self.suite, self.receive_config());
        receiver.add_key(self.key_id, &self.base_key()).unwrap();
        let announced = receiver.payload_len(frame).unwrap();
        assert_eq!(announced, self.payload.len());
        let mut buffer = frame.to_vec();
        let mut out = vec![FILL; announced];
        #[cfg(feature = "std")]
        let shared = frameseal::SharedDecryptor::with_config(self.suite, self.receive_config());
        #[cfg(feature = "alloc")]
        let mut growing = frameseal::Decryptor::with_config(self.suite, self.receive_config());
        let opened = match mode {
            Open::InPlace => receiver.decrypt(metadata, &mut buffer),
            Open::Apart => receiver.decrypt_to(metadata, frame, &mut out),
            Open::Within => {
                let len = buffer.len();
                receiver.decrypt_within(metadata, &mut buffer, 0..len, 0)
            }
            #[cfg(feature = "std")]
            Open::Shared => {
                shared.add_key(self.key_id, &self.base_key()).unwrap();
                shared.decrypt(metadata, &mut buffer)
            }
            #[cfg(feature = "alloc")]
            Open::Growing => {
                growing.add_key(self.key_id, &self.base_key()).unwrap();
                growing.decrypt(metadata, &mut buffer)
            }
        };
        let opened = opened.unwrap();
        assert!(opened.payload == self.payload, "another payload");
        assert_eq!(opened.key_id, self.key_id);
        assert_eq!(opened.counter, Counter::new(self.counter));
    }

    /// Every way to seal, then every way to open.
    fn check(&self, metadata: &[u8]) -> Vec<u8> {
        let frame = self.seal(SEALS[0], metadata);
        for mode in SEALS {
            assert!(self.seal(mode, metadata) == frame, "{mode:?} differs");
        }
        for mode in OPENS {
            self.check_open(*mode, metadata, &frame);
        }
        frame
    }
}

/// Numbers of every length in bits.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => (any::<u64>(), 0..64u32).prop_map(|(value, shift)| value >> shift),
        1 => select(vec![0, 7, 8, 0xff, 0x100, u64::MAX - 1, u64::MAX]),
    ]
}

fn frame() -> impl Strategy<Value = Frame> {
    let payload = prop_oneof![
        vec(any::<u8>(), 0..70),
        vec(any::<u8>(), 200..300),
        vec(any::<u8>(), 1000..1100),
        vec(any::<u8>(), 0..5000),
    ];
    let suite = select(CipherSuite::ALL.as_slice());
    (suite, select(BACKENDS), number(), number(), payload).prop_map(
        |(suite, backend, key_id, counter, payload)| Frame {
            suite,
            backend,
            key_id: KeyId::new(key_id),
            counter,
            payload,
        },
    )
}

fn metadata() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        vec(any::<u8>(), 0..80),
        // Around the sizes at which an implementation may change its way.
        vec(any::<u8>(), 220..260),
        vec(any::<u8>(), 0..6000),
    ]
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(9605),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn every_way_to_seal_and_to_open_agrees(frame in frame(), metadata in metadata()) {
        frame.check(&metadata);
    }

    #[test]
    fn metadata_in_slices_is_what_it_is_in_one(
        frame in frame(),
        metadata in metadata(),
        cuts in vec(any::<Index>(), 0..9),
        mode in select(SEALS.as_slice()),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(metadata.len() + 1)).collect();
        cuts.extend([0, metadata.len()]);
        cuts.sort_unstable();
        // Equal cuts leave empty slices between them.
        let slices: Vec<&[u8]> = cuts.windows(2).map(|cut| &metadata[cut[0]..cut[1]]).collect();
        prop_assert_eq!(slices.concat(), metadata.clone());

        let sealed = frame.seal(mode, slices.as_slice());
        prop_assert!(sealed == frame.seal(mode, metadata.as_slice()));
        for open in OPENS {
            frame.check_open(*open, slices.as_slice(), &sealed);
            frame.check_open(*open, metadata.as_slice(), &sealed);
        }
    }

    #[test]
    fn other_metadata_do_not_open_a_frame(
        frame in frame(),
        metadata in metadata(),
        other in metadata(),
    ) {
        prop_assume!(metadata != other);
        let mut sealed = frame.seal(Seal::Apart, metadata.as_slice());
        let before = sealed.clone();
        let mut receiver = fixed::Decryptor::<1>::with_config(frame.suite, frame.receive_config());
        receiver.add_key(frame.key_id, &frame.base_key()).unwrap();
        let opened = receiver.decrypt(other.as_slice(), &mut sealed);
        prop_assert_eq!(opened, Err(Error::Authentication));
        prop_assert!(leaves_zeros(frame.backend, frame.payload.len()) || sealed == before);
        // What was sealed is in none of them; AWS-LC leaves zeros (`gcm_backends.rs`).
        let payload = &frame.payload;
        let shown = |bytes: &[u8]| bytes.windows(payload.len()).any(|part| part == payload);
        prop_assert!(payload.len() < 16 || !shown(&sealed));
    }
}

/// Frames of one suite and backend with a payload that follows a pattern.
fn patterned(suite: CipherSuite, backend: Backend, len: usize) -> Frame {
    Frame {
        suite,
        backend,
        key_id: KeyId::new(u64::MAX),
        counter: u64::MAX,
        payload: (0..len).map(|at| (at % 251).to_le_bytes()[0]).collect(),
    }
}

#[test]
fn every_short_size_and_large_frames_make_the_round_trip() {
    for suite in CipherSuite::ALL {
        for backend in backends_of(suite) {
            for len in 0..=130 {
                patterned(suite, *backend, len).check(b"meta");
            }
            for len in [65_535, 65_536, 100_001, 1 << 20] {
                patterned(suite, *backend, len).check(b"meta");
            }
        }
    }
}

#[test]
fn the_announced_overhead_is_reached_and_never_exceeded() {
    for suite in CipherSuite::ALL {
        // The longest header there is.
        let longest = patterned(suite, Backend::RustCrypto, 100);
        let frame = longest.seal(Seal::Apart, b"");
        assert_eq!(frame.len(), 100 + suite.max_overhead());
        // And the shortest.
        let shortest = Frame {
            key_id: KeyId::new(0),
            counter: 0,
            ..longest
        };
        let frame = shortest.seal(Seal::Apart, b"");
        assert_eq!(frame.len(), 100 + 1 + suite.tag_len());
    }
}
