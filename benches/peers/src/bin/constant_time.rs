//! Whether the time of the AEADs depends on what is secret, by the method of dudect (Reparaz,
//! Balasch and Verbauwhede, 2017): two kinds of input in random order, and Welch's t-test on the
//! times.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --features constant-time --bin
//! constant_time`; `-- --filter NAME` runs some. A t-value above 5 is a difference that was seen;
//! a smaller one only says that it was not, with so many frames on this machine. `control` compares
//! byte by byte until the first difference, and must be seen.

use dudect_bencher::rand::RngExt;
use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};
use frameseal::hazmat::Aead;
use frameseal::{Backend, CipherSuite};

/// Each is timed once.
const FRAMES: usize = 200_000;
/// An audio frame.
const SIZE: usize = 160;
const AAD: [u8; 11] = [0x99; 11];

type Body = [u8; SIZE];

fn random<const N: usize>(rng: &mut BenchRng) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.fill_with(|| rng.random());
    bytes
}

fn nonce(frame: usize) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&(frame as u64).to_be_bytes());
    nonce
}

fn class(rng: &mut BenchRng) -> Class {
    if rng.random() {
        Class::Left
    } else {
        Class::Right
    }
}

fn aead(suite: CipherSuite, backend: Backend, rng: &mut BenchRng) -> Aead {
    let key = random::<96>(rng);
    Aead::new(suite, backend, &key[..suite.key_len()]).expect("Nk bytes")
}

/// Tags that are wrong in the first byte, or in the last.
fn wrong_tags(suite: CipherSuite, backend: Backend, runner: &mut CtRunner, rng: &mut BenchRng) {
    let aead = aead(suite, backend, rng);
    let mut frames: Vec<(Class, Body, [u8; 16])> = Vec::new();
    for frame in 0..FRAMES {
        let (class, mut body, mut tag) = (class(rng), random(rng), [0; 16]);
        let tag_len = suite.tag_len();
        let sealed = aead.seal_in_place(&nonce(frame), &AAD, &mut body, &mut tag[..tag_len]);
        sealed.expect("good arguments");
        let wrong = match class {
            Class::Left => 0,
            Class::Right => tag_len - 1,
        };
        tag[wrong] ^= 1;
        frames.push((class, body, tag));
    }
    for (frame, (class, body, tag)) in frames.iter().enumerate() {
        runner.run_one(*class, || {
            let mut body = *body;
            let tag = &tag[..suite.tag_len()];
            let opened = aead.open_in_place(&nonce(frame), &AAD, &mut body, tag);
            assert!(opened.is_err());
            body
        });
    }
}

/// Payloads of zeros, or random ones.
fn payloads(suite: CipherSuite, backend: Backend, runner: &mut CtRunner, rng: &mut BenchRng) {
    let aead = aead(suite, backend, rng);
    let mut frames: Vec<(Class, Body)> = Vec::new();
    for _ in 0..FRAMES {
        // Drawn for both, so that both are prepared alike.
        let (class, mut body) = (class(rng), random(rng));
        if matches!(class, Class::Left) {
            body = [0; SIZE];
        }
        frames.push((class, body));
    }
    for (frame, (class, body)) in frames.iter().enumerate() {
        runner.run_one(*class, || {
            let (mut body, mut tag) = (*body, [0; 16]);
            let tag = &mut tag[..suite.tag_len()];
            let sealed = aead.seal_in_place(&nonce(frame), &AAD, &mut body, tag);
            sealed.expect("good arguments");
            body
        });
    }
}

/// Keys of zeros, or random ones: key schedule, powers of H, and a frame.
fn keys(suite: CipherSuite, backend: Backend, runner: &mut CtRunner, rng: &mut BenchRng) {
    let mut all: Vec<(Class, [u8; 96])> = Vec::new();
    for _ in 0..FRAMES / 2 {
        let (class, mut key) = (class(rng), random(rng));
        if matches!(class, Class::Left) {
            key = [0; 96];
        }
        all.push((class, key));
    }
    for (class, key) in &all {
        runner.run_one(*class, || {
            let aead = Aead::new(suite, backend, &key[..suite.key_len()]).expect("Nk bytes");
            let (mut body, mut tag) = ([0x5a; SIZE], [0; 16]);
            let tag = &mut tag[..suite.tag_len()];
            let sealed = aead.seal_in_place(&nonce(0), &AAD, &mut body, tag);
            sealed.expect("good arguments");
            body
        });
    }
}

/// Not constant: stops at the first byte that differs.
fn control(runner: &mut CtRunner, rng: &mut BenchRng) {
    let tag: Body = random(rng);
    let mut tags = Vec::new();
    for _ in 0..FRAMES {
        let (class, mut wrong) = (class(rng), tag);
        let at = match class {
            Class::Left => 0,
            Class::Right => SIZE - 1,
        };
        wrong[at] ^= 1;
        tags.push((class, wrong));
    }
    for (class, wrong) in &tags {
        let same = || {
            wrong
                .iter()
                .zip(&tag)
                .all(|(a, b)| std::hint::black_box(a == b))
        };
        runner.run_one(*class, same);
    }
}

/// Functions of one suite and backend, named for what is compared.
macro_rules! cases {
    ($($name:ident: $what:ident, $suite:ident, $backend:ident;)+) => {
        $(fn $name(runner: &mut CtRunner, rng: &mut BenchRng) {
            $what(CipherSuite::$suite, Backend::$backend, runner, rng);
        })+
        ctbench_main!(control, $($name),+);
    };
}

// The kernel is the default where the processor lacks its instructions.
cases! {
    gcm_128_wrong_tags: wrong_tags, Aes128GcmSha256_128, RustCrypto;
    gcm_128_payloads: payloads, Aes128GcmSha256_128, RustCrypto;
    gcm_128_keys: keys, Aes128GcmSha256_128, RustCrypto;
    gcm_256_wrong_tags: wrong_tags, Aes256GcmSha512_128, RustCrypto;
    gcm_256_payloads: payloads, Aes256GcmSha512_128, RustCrypto;
    gcm_256_keys: keys, Aes256GcmSha512_128, RustCrypto;
    ctr_hmac_128_wrong_tags: wrong_tags, Aes128CtrHmacSha256_80, RustCrypto;
    ctr_hmac_128_payloads: payloads, Aes128CtrHmacSha256_80, RustCrypto;
    ctr_hmac_128_keys: keys, Aes128CtrHmacSha256_80, RustCrypto;
    ctr_hmac_256_wrong_tags: wrong_tags, Aes256CtrHmacSha512_80, RustCrypto;
    ctr_hmac_256_payloads: payloads, Aes256CtrHmacSha512_80, RustCrypto;
    ctr_hmac_256_keys: keys, Aes256CtrHmacSha512_80, RustCrypto;
    kernel_128_wrong_tags: wrong_tags, Aes128GcmSha256_128, Kernel;
    kernel_128_payloads: payloads, Aes128GcmSha256_128, Kernel;
    kernel_128_keys: keys, Aes128GcmSha256_128, Kernel;
}
