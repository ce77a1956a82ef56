//! The AES-GCM backends against each other: the composed one, the crate `aes-gcm`, AWS-LC and the
//! kernel.
//!
//! A backend may only change the speed. The composed one takes different paths by size (short,
//! long, chunks) and by how the metadata is cut, so many lengths and cuts are compared. With more than
//! 256 bytes of header and metadata all of them are the composed one, which `vectors_independent.rs`
//! compares there.
#![cfg(all(
    any(feature = "aes-gcm", feature = "aws-lc", feature = "kernel"),
    feature = "alloc"
))]

#[path = "support/backends.rs"]
mod backends;
#[path = "support/frames.rs"]
mod frames;

use backends::{BACKENDS, leaves_zeros};
use frames::pattern;
use frameseal::{
    Backend, CipherSuite, Counter, Decryptor, EncryptionKey, Error, KeyId, Metadata, ReceiveConfig,
    SendConfig,
};

const SUITES: [CipherSuite; 2] = [
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes256GcmSha512_128,
];
const KEY_ID: KeyId = KeyId::new(0x123);
const BASE_KEY: [u8; 32] = [0x2a; 32];

/// A sender and a receiver of each backend, all with the same key and at the same counter.
struct Pair {
    senders: Vec<EncryptionKey>,
    receivers: Vec<(Backend, Decryptor)>,
}

impl Pair {
    fn new(suite: CipherSuite) -> Self {
        Self::with_header(suite, KEY_ID, 0)
    }

    /// Frames whose headers hold this key id and counters from this one on.
    fn with_header(suite: CipherSuite, key_id: KeyId, counter: u64) -> Self {
        let sender = |backend: &Backend| {
            let config = SendConfig::standard().with_backend(*backend);
            let Some(last) = counter.checked_sub(1) else {
                return EncryptionKey::with_config(suite, key_id, &BASE_KEY, &config).unwrap();
            };
            let mut sender = EncryptionKey::resume_after_with_config(
                suite,
                key_id,
                &BASE_KEY,
                Counter::new(last),
                &config,
            )
            .unwrap();
            let last = sender.reserve(1_000).unwrap();
            sender.confirm(last).unwrap();
            sender
        };
        let receiver = |backend: &Backend| {
            let config = ReceiveConfig::for_suite(suite).with_backend(*backend);
            let mut receiver = Decryptor::with_config(suite, config);
            receiver.add_key(key_id, &BASE_KEY).unwrap();
            (*backend, receiver)
        };
        Self {
            senders: BACKENDS.iter().map(sender).collect(),
            receivers: BACKENDS.iter().map(receiver).collect(),
        }
    }

    /// Seals with all, compares, and opens the result with each.
    fn compare(&mut self, metadata: Metadata<'_>, payload: &[u8]) {
        let mut sealed = self.senders.iter_mut().map(|sender| {
            let mut sealed = vec![0; payload.len() + 40];
            let len = sender.encrypt(metadata, payload, &mut sealed).unwrap();
            sealed.truncate(len);
            sealed
        });
        let ours = sealed.next().unwrap();
        let what = (payload.len(), metadata.len());
        for theirs in sealed {
            assert!(ours == theirs, "payload and metadata of {what:?} bytes");
        }
        for (backend, receiver) in &mut self.receivers {
            let tag_bit = what.0 + what.1;
            let mut forged = ours.clone();
            let last = forged.len() - 1 - tag_bit % 16;
            forged[last] ^= 1 << (tag_bit % 8);
            let before = forged.clone();
            let refused = receiver.decrypt(metadata, &mut forged).map(drop);
            assert_eq!(refused, Err(Error::Authentication));
            let header_len = before.len() - 16 - payload.len();
            if leaves_zeros(*backend, payload.len()) && header_len + metadata.len() <= 256 {
                let body = &forged[header_len..before.len() - 16];
                assert!(body.iter().all(|byte| *byte == 0), "zeros are left");
            } else {
                assert!(forged == before, "a refused frame is left as it was");
            }

            let mut sealed = ours.clone();
            let opened = receiver.decrypt(metadata, &mut sealed).unwrap();
            assert!(opened.payload == payload, "{what:?}");
        }
    }
}

/// The kernel needs a processor of its kind.
fn runs_here(backend: Backend) -> bool {
    #[cfg(feature = "kernel")]
    if backend == Backend::Kernel {
        #[cfg(target_arch = "x86_64")]
        return is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("vaes")
            && is_x86_feature_detected!("vpclmulqdq");
        #[cfg(not(target_arch = "x86_64"))]
        return false;
    }
    let _ = backend;
    true
}

#[test]
fn payloads_of_every_length_have_the_same_bytes() {
    for suite in SUITES {
        let mut pair = Pair::new(suite);
        for len in (0..=1100).chain([
            2048,
            2049,
            4096,
            8193,
            10_000,
            16_384,
            16_385,
            65_537,
            100_003,
            (1 << 20) + 4097,
        ]) {
            pair.compare(
                Metadata::from(&pattern(1, len % 5)),
                &pattern(len as u64, len),
            );
        }
    }
}

#[test]
fn metadata_of_every_length_has_the_same_bytes() {
    for suite in SUITES {
        let mut pair = Pair::new(suite);
        for metadata_len in (0..=300).chain([1000, 5000, 100_000]) {
            let metadata = pattern(metadata_len as u64, metadata_len);
            // A payload for the short path, one at its edge, and for the long paths.
            // With the longest, the lengths around what is joined.
            let longest = [0, 1, 16].contains(&metadata_len) || (235..260).contains(&metadata_len);
            for payload_len in [20, 240, 241, 1300, if longest { 9000 } else { 300 }] {
                pair.compare(Metadata::from(&metadata), &pattern(2, payload_len));
            }
        }
    }
}

#[test]
fn metadata_cut_at_every_place_has_the_same_bytes() {
    for suite in SUITES {
        let mut pair = Pair::new(suite);
        for metadata_len in [1, 15, 16, 17, 42, 48, 49, 64, 100, 255, 300] {
            let metadata = pattern(3, metadata_len);
            for cut in 0..=metadata_len {
                let (start, end) = metadata.split_at(cut);
                let parts = [start, &[], end];
                // Long and short payloads, which take the metadata in different ways.
                for payload_len in [20, if metadata_len == 42 { 9000 } else { 300 }] {
                    pair.compare(Metadata::from(&parts), &pattern(4, payload_len));
                }
            }
            let bytes: Vec<&[u8]> = metadata.chunks(1).collect();
            pair.compare(Metadata::from(bytes.as_slice()), &pattern(5, 300));
        }
    }
}

#[test]
fn where_the_metadata_is_cut_changes_nothing() {
    for suite in SUITES {
        let metadata = pattern(6, 97);
        for payload_len in [20, 300] {
            let payload = pattern(7, payload_len);
            let seal = |backend, metadata: Metadata<'_>| {
                let config = SendConfig::standard().with_backend(backend);
                let mut key =
                    EncryptionKey::with_config(suite, KEY_ID, &BASE_KEY, &config).unwrap();
                let mut sealed = vec![0; payload.len() + 40];
                let len = key.encrypt(metadata, &payload, &mut sealed).unwrap();
                sealed.truncate(len);
                sealed
            };
            let whole = seal(Backend::RustCrypto, Metadata::from(&metadata));
            for cut in 0..=metadata.len() {
                let (start, end) = metadata.split_at(cut);
                for backend in BACKENDS {
                    let parts = [start, end];
                    assert_eq!(
                        seal(*backend, Metadata::from(&parts)),
                        whole,
                        "cut at {cut}"
                    );
                }
            }
        }
    }
}

#[test]
fn headers_of_every_length_have_the_same_bytes() {
    // As many bytes, or none behind the first of the header.
    let value = |bytes: u32| {
        bytes
            .checked_sub(1)
            .map_or(5, |behind| 0x91 << (8 * behind))
    };
    for suite in SUITES {
        for (kid, ctr) in (0..=8).flat_map(|kid| (0..=8).map(move |ctr| (kid, ctr))) {
            let mut pair = Pair::with_header(suite, KeyId::new(value(kid)), value(ctr));
            for len in [0, 1, 6, 15, 16, 40, 70] {
                pair.compare(Metadata::from(&pattern(9, len)), &pattern(10, 20 * len));
            }
        }
    }
}

#[test]
fn a_key_says_which_backend_it_really_uses() {
    for suite in CipherSuite::ALL {
        let backend = |wanted| {
            let config = SendConfig::standard().with_backend(wanted);
            let key = EncryptionKey::with_config(suite, KEY_ID, &BASE_KEY, &config).unwrap();
            key.backend()
        };
        for wanted in BACKENDS {
            // Only AES-GCM has others: the suites with CTR and HMAC stay where they are.
            let expected = if SUITES.contains(&suite) && runs_here(*wanted) {
                *wanted
            } else {
                Backend::RustCrypto
            };
            assert_eq!(backend(*wanted), expected, "{suite}");
        }
    }
}
