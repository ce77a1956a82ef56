//! Interoperation with the crate `sframe`, a second implementation of RFC 9605 in Rust: suites 1 to
//! 5 with static keys, frames both ways.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/random.rs"]
mod random;

use frames::{pattern, seal_at};
use frameseal::{CipherSuite, DecryptionKey, KeyId, SyntaxError};
use random::Random;
use sframe::CipherSuite as Theirs;
use sframe::frame::{EncryptedFrameView, MediaFrameView, SingleUseCounter};
use sframe::header::SframeHeader;
use sframe::key;

const SUITES: [(CipherSuite, Theirs); 5] = [
    (
        CipherSuite::Aes128CtrHmacSha256_80,
        Theirs::AesCtr128HmacSha256_80,
    ),
    (
        CipherSuite::Aes128CtrHmacSha256_64,
        Theirs::AesCtr128HmacSha256_64,
    ),
    (
        CipherSuite::Aes128CtrHmacSha256_32,
        Theirs::AesCtr128HmacSha256_32,
    ),
    (CipherSuite::Aes128GcmSha256_128, Theirs::AesGcm128Sha256),
    (CipherSuite::Aes256GcmSha512_128, Theirs::AesGcm256Sha512),
];

/// Header values around every change of length.
const VALUES: [u64; 12] = [
    0,
    7,
    8,
    255,
    256,
    0xffff,
    0x1_0000,
    0xff_ffff_ffff,
    1 << 48,
    1 << 63,
    u64::MAX - 1,
    u64::MAX,
];
const PAYLOADS: [usize; 14] = [
    0, 1, 15, 16, 17, 20, 63, 64, 100, 160, 241, 1200, 4097, 100_000,
];
const METADATA: [usize; 6] = [0, 1, 14, 47, 300, 5000];

struct Case {
    ours: CipherSuite,
    theirs: Theirs,
    base_key: Vec<u8>,
    kid: u64,
    ctr: u64,
    metadata: Vec<u8>,
    payload: Vec<u8>,
}

impl Case {
    fn sealed_by_us(&self) -> Vec<u8> {
        let (metadata, payload) = (&self.metadata, &self.payload);
        seal_at(
            self.ours,
            self.kid,
            &self.base_key,
            self.ctr,
            metadata,
            payload,
        )
    }

    fn sealed_by_them(&self) -> Vec<u8> {
        let key = key::EncryptionKey::derive_from(self.theirs, self.kid, &self.base_key).unwrap();
        let mut counter = SingleUseCounter::new(self.ctr);
        MediaFrameView::try_with_meta_data(&mut counter, &self.payload, &self.metadata)
            .unwrap()
            .encrypt(&key)
            .unwrap()
            .sframe_cipher_text()
            .to_vec()
    }

    fn opened_by_us(&self, sealed: &[u8]) -> Vec<u8> {
        let key_id = KeyId::new(self.kid);
        let mut key = DecryptionKey::new(self.ours, key_id, &self.base_key).unwrap();
        let mut buffer = sealed.to_vec();
        let opened = key.decrypt(self.metadata.as_slice(), &mut buffer).unwrap();
        assert_eq!(opened.counter.value(), self.ctr);
        opened.payload.to_vec()
    }

    fn opened_by_them(&self, sealed: &[u8]) -> Vec<u8> {
        let key = key::DecryptionKey::derive_from(self.theirs, self.kid, &self.base_key).unwrap();
        let frame = EncryptedFrameView::try_with_meta_data(sealed, &self.metadata).unwrap();
        frame.decrypt(&key).unwrap().payload().to_vec()
    }

    fn check(&self) {
        let (ours, theirs) = (self.sealed_by_us(), self.sealed_by_them());
        let Self {
            ours: suite,
            kid,
            ctr,
            ..
        } = self;
        assert_eq!(ours, theirs, "{suite}, key id {kid}, counter {ctr}");
        assert_eq!(self.opened_by_us(&theirs), self.payload);
        assert_eq!(self.opened_by_them(&ours), self.payload);
    }
}

#[test]
fn frames_of_every_size_and_metadata_are_the_same_and_open_both_ways() {
    for (ours, theirs) in SUITES {
        for (i, payload_len) in PAYLOADS.into_iter().enumerate() {
            for (j, metadata_len) in METADATA.into_iter().enumerate() {
                let seed = (i * METADATA.len() + j) as u64;
                Case {
                    ours,
                    theirs,
                    base_key: pattern(seed, 16 + 16 * (i % 3)),
                    kid: 0x123,
                    ctr: 0x4567 + seed,
                    metadata: pattern(seed + 1, metadata_len),
                    payload: pattern(seed + 2, payload_len),
                }
                .check();
            }
        }
    }
}

#[test]
fn every_pair_of_boundary_key_ids_and_counters_opens_both_ways() {
    for (ours, theirs) in SUITES {
        for kid in VALUES {
            for ctr in VALUES {
                Case {
                    ours,
                    theirs,
                    base_key: pattern(kid, 16),
                    kid,
                    ctr,
                    metadata: pattern(3, 5),
                    payload: pattern(4, 20),
                }
                .check();
            }
        }
    }
}

#[test]
fn five_hundred_random_frames_open_both_ways() {
    let mut random = Random::new(9605);
    for _ in 0..500 {
        let (ours, theirs) = random.pick(&SUITES);
        let key_len = 16 + random.below(49);
        let (metadata_len, payload_len) = (random.below(400), random.below(2000));
        Case {
            ours,
            theirs,
            base_key: random.bytes(key_len),
            kid: random.header_value(),
            ctr: random.header_value(),
            metadata: random.bytes(metadata_len),
            payload: random.bytes(payload_len),
        }
        .check();
    }
}

#[test]
fn both_read_the_same_headers() {
    let mut random = Random::new(43);
    let mut refused = 0;
    for _ in 0..20_000 {
        let len = 1 + random.below(20);
        let bytes = random.bytes(len);
        match (
            frameseal::Header::parse(&bytes),
            SframeHeader::deserialize(&bytes),
        ) {
            (Ok((ours, _)), Ok(theirs)) => {
                assert_eq!(ours.key_id.value(), theirs.key_id());
                assert_eq!(ours.counter.value(), theirs.counter());
            }
            // Longer forms than needed are a matter of policy: an encoder must not write them, and
            // what a decoder does is not said (RFC 9605 §4.3).
            (Err(SyntaxError::NonMinimalHeader), Ok(_)) => refused += 1,
            (Err(SyntaxError::TruncatedHeader), Err(_)) => {}
            (ours, theirs) => panic!("{bytes:02x?}: {ours:?}, {theirs:?}"),
        }
    }
    assert!(refused > 0, "the numbers meet that case too");
}
