//! The vectors of the independent implementation in `tests/interop`: where the official ones do
//! not go.
//!
//! The official frames have one key id, one counter, one metadata and one payload. These have all
//! suites at every boundary of header values and block sizes, metadata up to 5,000 bytes, and the
//! ratchet of RFC 9605 §5.1, for which no official vector exists. The Rust code must seal the very
//! same bytes, and open them.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/modes.rs"]
mod modes;
#[path = "../src/test_vectors.rs"]
mod test_vectors;

use frames::{key_at, pattern};
use frameseal::{BaseKey, CipherSuite};
use sha2::{Digest, Sha256};
use test_vectors::{Record, records};

/// The inputs of a frame.
struct Frame {
    suite: CipherSuite,
    base_key: Vec<u8>,
    kid: u64,
    ctr: u64,
    metadata: Vec<u8>,
    payload: Vec<u8>,
}

impl Frame {
    fn of(record: &Record) -> Self {
        let pattern_of = |name: &str| {
            let len = usize::try_from(record.number(&format!("{name}_len"))).unwrap();
            pattern(record.number(&format!("{name}_seed")), len)
        };
        Self {
            suite: suite(record),
            base_key: record.bytes("base_key"),
            kid: record.number("kid"),
            ctr: record.number("ctr"),
            metadata: pattern_of("metadata"),
            payload: pattern_of("payload"),
        }
    }

    /// Seals the frame in every buffer mode, and opens what came out in every mode too.
    fn seal_and_open(&self) -> Vec<u8> {
        let key = || key_at(self.suite, self.kid, &self.base_key, self.ctr);
        let sealed = modes::seal_every_way(key, &self.metadata, &self.payload);
        let expected = (self.ctr, self.payload.as_slice());
        let (suite, base_key) = (self.suite, &self.base_key);
        modes::open_every_way(suite, self.kid, base_key, &self.metadata, &sealed, expected);
        sealed
    }
}

fn suite(record: &Record) -> CipherSuite {
    let id = u16::try_from(record.number("cipher_suite")).unwrap();
    CipherSuite::try_from(id).unwrap()
}

#[test]
fn all_264_short_frames_have_the_same_bytes() {
    let records = records(include_str!("vectors/independent.txt"));
    assert_eq!(records.len(), 264);
    for suite in CipherSuite::ALL {
        let of_suite = |r: &&Record| r.number("cipher_suite") == u64::from(suite.id());
        assert_eq!(records.iter().filter(of_suite).count(), 33, "{suite}");
    }
    for record in &records {
        let sealed = Frame::of(record).seal_and_open();
        assert_eq!(sealed, record.bytes("sealed"), "{record:?}");
    }
}

#[test]
fn all_208_long_frames_have_the_same_bytes() {
    let records = records(include_str!("vectors/independent_long.txt"));
    assert_eq!(records.len(), 208);
    for record in &records {
        let sealed = Frame::of(record).seal_and_open();
        assert_eq!(sealed.len() as u64, record.number("sealed_len"));
        let digest = Sha256::digest(&sealed).to_vec();
        assert_eq!(digest, record.bytes("sealed_sha256"), "{record:?}");
    }
}

#[test]
fn all_16_ratchet_chains_and_stream_keys_are_the_same() {
    let records = records(include_str!("vectors/independent_keys.txt"));
    assert_eq!(records.len(), 16);
    for record in &records {
        let (suite, base_key) = (suite(record), record.bytes("base_key"));
        let mut current = base_key.clone();
        for step in 1..=4 {
            let next = BaseKey::ratchet(suite, &current).unwrap();
            current = next.as_ref().to_vec();
            assert_eq!(
                current,
                record.bytes(&format!("ratcheted_{step}")),
                "{suite}"
            );
        }
        let payload = record.bytes("payload");
        let (kid, ctr) = (record.number("kid"), record.number("ctr"));
        let sealed = frames::seal_at(suite, kid, &current, ctr, b"", &payload);
        assert_eq!(sealed, record.bytes("sealed"), "under the ratcheted key");

        let ssrc = u32::try_from(record.number("ssrc")).unwrap();
        let stream_key = BaseKey::for_ssrc(suite, &base_key, ssrc).unwrap();
        assert_eq!(stream_key.as_ref(), record.bytes("stream_key"));
        let ratcheted = BaseKey::ratchet(suite, stream_key.as_ref()).unwrap();
        assert_eq!(ratcheted.as_ref(), record.bytes("stream_key_ratcheted_1"));
    }
}
