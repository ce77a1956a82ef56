//! What frameseal costs, with criterion: `cargo bench --bench frames`.
//!
//! Encrypt and decrypt for every suite at the sizes of media frames, in place, with reused buffers
//! and the replay window on; key set-up; header encode and parse. `benches/peers` has the ratios to
//! other crates.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use frameseal::{
    CipherSuite, Counter, DecryptionKey, Decryptor, EncryptionKey, Encryptor, Header, KeyId,
};

const KEY_ID: KeyId = KeyId::new(0x123);
const BASE_KEY: [u8; 32] = [0x42; 32];
const METADATA: &[u8] = b"audio1";

/// Payload sizes, named as vendors think of them.
const FRAMES: [(&str, usize); 7] = [
    ("Opus frame, 20 B", 20),
    ("Opus frame, 100 B", 100),
    ("Opus frame, 160 B", 160),
    ("RTP packet, 1.2 kB", 1_200),
    ("720p delta frame, 10 kB", 10_000),
    ("1080p key frame, 100 kB", 100_000),
    ("4K key frame, 1 MB", 1_000_000),
];

/// Room for the header in front of a payload.
const HEADROOM: usize = 32;

fn sender(suite: CipherSuite) -> Encryptor {
    let mut encryptor = Encryptor::new(suite);
    encryptor.add_key(KEY_ID, &BASE_KEY).expect("a good key");
    encryptor.use_key(KEY_ID).expect("just added");
    encryptor
}

fn encrypt(c: &mut Criterion) {
    for suite in CipherSuite::ALL {
        let mut group = c.benchmark_group(format!("encrypt/{suite}"));
        for (name, size) in FRAMES {
            let mut encryptor = sender(suite);
            let mut buffer = vec![0x5a; HEADROOM + size + suite.tag_len()];
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(BenchmarkId::from_parameter(name), |b| {
                b.iter(|| {
                    let payload = HEADROOM..HEADROOM + size;
                    encryptor
                        .encrypt_in_place(METADATA, black_box(&mut buffer), payload)
                        .expect("room for everything")
                });
            });
        }
    }
}

fn decrypt(c: &mut Criterion) {
    for suite in CipherSuite::ALL {
        let mut group = c.benchmark_group(format!("decrypt/{suite}"));
        for (name, size) in FRAMES {
            let mut encryptor = sender(suite);
            let mut decryptor = Decryptor::new(suite);
            decryptor.add_key(KEY_ID, &BASE_KEY).expect("a good key");
            let payload = vec![0x5a; size];
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(BenchmarkId::from_parameter(name), |b| {
                // Each frame can be opened once, so a fresh one is sealed for each, untimed.
                b.iter_batched_ref(
                    || {
                        let mut frame = vec![0; size + suite.max_overhead()];
                        let len = encryptor.encrypt(METADATA, &payload, &mut frame);
                        frame.truncate(len.expect("room for everything"));
                        frame
                    },
                    |frame| {
                        let opened = decryptor.decrypt(METADATA, black_box(frame));
                        opened.expect("sealed just now").payload.len()
                    },
                    batch_size(size),
                );
            });
        }
    }
}

fn batch_size(size: usize) -> BatchSize {
    if size > 10_000 {
        BatchSize::LargeInput
    } else {
        BatchSize::SmallInput
    }
}

fn key_setup(c: &mut Criterion) {
    let mut group = c.benchmark_group("key set-up");
    for suite in CipherSuite::ALL {
        group.bench_function(BenchmarkId::new("sending", suite), |b| {
            b.iter(|| EncryptionKey::new(suite, KEY_ID, black_box(&BASE_KEY)));
        });
        group.bench_function(BenchmarkId::new("receiving", suite), |b| {
            b.iter(|| DecryptionKey::new(suite, KEY_ID, black_box(&BASE_KEY)));
        });
    }
}

fn header(c: &mut Criterion) {
    let mut group = c.benchmark_group("header");
    for (name, kid, ctr) in [
        ("1 byte", 3, 5),
        ("5 bytes", 0x123, 0x4567),
        ("17 bytes", u64::MAX, u64::MAX),
    ] {
        let header = Header::new(KeyId::new(kid), Counter::new(ctr));
        let mut frame = header.encode().as_bytes().to_vec();
        frame.extend([0; 32]);
        group.bench_function(BenchmarkId::new("encode", name), |b| {
            b.iter(|| black_box(header).encode());
        });
        group.bench_function(BenchmarkId::new("parse", name), |b| {
            b.iter(|| Header::parse(black_box(&frame)));
        });
    }
}

criterion_group!(benches, encrypt, decrypt, key_setup, header);
criterion_main!(benches);
