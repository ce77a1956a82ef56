//! The suites with AES-GCM, by backend: frameseal with each of its backends beside their bare AEADs,
//! the bare crates `aws-lc-rs` and `ring`, and the crate `sframe`.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --features backends --bench backends`.
//! Everything in place, with the same length of associated data and a fresh nonce for each frame;
//! `sframe` from buffer to buffer, which is what it has. `--quick` takes fewer rounds. With
//! `--check` the run fails when a limit of `benches/README.md` is exceeded; those of the kernel only
//! hold where it runs.

use std::hint::black_box;
use std::process::ExitCode;

use frameseal::hazmat::Aead;
use frameseal::{Backend, CipherSuite, DecryptionKey, EncryptionKey, KeyId};
use frameseal::{ReceiveConfig, SendConfig};
use frameseal_peers::peer::{self, AAD, BASE_KEY, KID, METADATA};
use frameseal_peers::{Case, Limits, batch, interleave, padded, rounds_for};

const SIZES: [usize; 6] = [20, 100, 160, 1_200, 10_000, 100_000];
const BACKENDS: [Backend; 3] = [Backend::RustCrypto, Backend::AwsLc, Backend::Kernel];

fn main() -> ExitCode {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let rounds = if has("--quick") { 31 } else { 101 };
    let mut limits = Limits::default();
    for suite in [
        CipherSuite::Aes128GcmSha256_128,
        CipherSuite::Aes256GcmSha512_128,
    ] {
        println!("\n{suite}: nanoseconds, seal or encrypt / open or decrypt");
        for size in SIZES {
            row(suite, size, rounds_for(rounds, size), &mut limits);
        }
    }
    limits.report(has("--check"))
}

/// What one implementation does with frames of one size.
struct Entry<'a> {
    name: String,
    seal: Case<'a>,
    open: Option<Case<'a>>,
}

fn row(suite: CipherSuite, size: usize, rounds: usize, limits: &mut Limits) {
    let mut entries = Vec::new();
    for backend in BACKENDS {
        let served = encryption_key(suite, backend).backend();
        if served != backend {
            continue;
        }
        entries.push(Entry {
            name: format!("{backend:?}, bare"),
            seal: bare_seal(suite, backend, size),
            open: Some(bare_open(suite, backend, size)),
        });
        entries.push(Entry {
            name: format!("{backend:?}, frameseal"),
            seal: encrypt(suite, backend, size),
            open: Some(decrypt(suite, backend, size)),
        });
    }
    let bytes = suite.key_len();
    entries.push(Entry {
        name: "aws-lc-rs, bare".into(),
        seal: aws_lc_seal(bytes, size),
        open: Some(aws_lc_open(bytes, size)),
    });
    entries.push(Entry {
        name: "ring, bare".into(),
        seal: ring_seal(bytes, size),
        open: Some(ring_open(bytes, size)),
    });
    entries.push(Entry {
        name: "crate sframe".into(),
        seal: peer::encrypt(sframe_suite(suite), size),
        open: None,
    });
    let mut cases: Vec<&mut Case<'_>> = entries
        .iter_mut()
        .flat_map(|entry| std::iter::once(&mut entry.seal).chain(&mut entry.open))
        .collect();
    interleave(&mut cases, rounds);

    println!("  {size} bytes");
    for entry in &entries {
        let open = entry.open.as_ref();
        let open = open.map_or("-".into(), |open| format!("{:.0}", open.nanoseconds()));
        println!(
            "    {:26} {:>8.0} / {open:>8}",
            entry.name,
            entry.seal.nanoseconds()
        );
    }
    check(size, &entries, limits);
}

fn check(size: usize, entries: &[Entry<'_>], limits: &mut Limits) {
    let find = |name: &str| entries.iter().find(|entry| entry.name == name);
    let pairs = |ours: &Entry<'_>, other: &Entry<'_>| {
        let open = ours.open.as_ref().zip(other.open.as_ref());
        let open = open.map(|(ours, other)| (ours.ratio_to(other), ours.excess_over(other)));
        let seal = (
            ours.seal.ratio_to(&other.seal),
            ours.seal.excess_over(&other.seal),
        );
        [Some(("seal", seal)), open.map(|open| ("open", open))]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    for backend in BACKENDS {
        let (Some(bare), Some(whole)) = (
            find(&format!("{backend:?}, bare")),
            find(&format!("{backend:?}, frameseal")),
        ) else {
            continue;
        };
        for (what, (ratio, excess)) in pairs(whole, bare) {
            limits.check(ratio <= 1.10 || excess <= 12.0, || {
                format!(
                    "{backend:?}, {size} B, {what}: {excess:.0} ns, {ratio:.2} of the bare AEAD"
                )
            });
        }
    }
    let Some(kernel) = find("Kernel, frameseal") else {
        return;
    };
    for (peer, most) in [
        ("aws-lc-rs, bare", if size < 1_000 { 0.6 } else { 0.85 }),
        ("ring, bare", if size < 1_000 { 0.6 } else { 0.85 }),
        ("crate sframe", 0.5),
    ] {
        if size > 1_200 || (size > 160 && peer == "crate sframe") {
            continue;
        }
        let Some(other) = find(peer) else { continue };
        for (what, (ratio, _)) in pairs(kernel, other) {
            println!("      kernel, {what}: {ratio:.2} of {peer}, at most {most}");
            limits.check(ratio <= most, || {
                format!("kernel, {size} B, {what}: {ratio:.2} of {peer}")
            });
        }
    }
}

fn encryption_key(suite: CipherSuite, backend: Backend) -> EncryptionKey {
    let config = SendConfig::standard().with_backend(backend);
    let key = EncryptionKey::with_config(suite, KeyId::new(KID), &BASE_KEY, &config);
    key.expect("a good key")
}

fn encrypt<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    let state = (encryption_key(suite, backend), padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(key, buffer), _| {
            let payload = 32..32 + size;
            let sealed = key.encrypt_in_place(METADATA, black_box(buffer), payload);
            black_box(sealed.expect("room for everything"));
        },
    )
}

fn decrypt<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    let config = ReceiveConfig::for_suite(suite).with_backend(backend);
    let key = DecryptionKey::with_config(suite, KeyId::new(KID), &BASE_KEY, &config);
    let frames: Vec<Vec<u8>> = vec![padded(size); batch(size)];
    let state = (
        encryption_key(suite, backend),
        key.expect("a good key"),
        frames,
        vec![0; batch(size)],
    );
    Case::new(
        batch(size),
        state,
        move |(key, _, frames, lens)| {
            let plain = vec![0x5a; size];
            for (frame, len) in frames.iter_mut().zip(lens) {
                *len = key.encrypt(METADATA, &plain, frame).expect("room");
            }
        },
        move |(_, key, frames, lens), index| {
            let frame = &mut frames[index][..lens[index]];
            let opened = key.decrypt(METADATA, black_box(frame));
            black_box(opened.expect("sealed by us").payload);
        },
    )
}

/// Nonces that count up, as those of frames do.
#[derive(Default)]
struct Nonces(u64);

impl Nonces {
    fn next(&mut self) -> [u8; 12] {
        self.0 += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.0.to_be_bytes());
        nonce
    }
}

/// A case that seals `size` bytes in place with a bare AEAD; `seal` gets the nonce, the body, and
/// where the tag goes.
fn sealing<'a, K: 'a>(
    key: K,
    size: usize,
    mut seal: impl FnMut(&K, [u8; 12], &mut [u8], &mut [u8; 16]) + 'a,
) -> Case<'a> {
    let state = (key, Nonces::default(), vec![0x5a; size], [0; 16]);
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(key, nonces, body, tag), _| seal(key, nonces.next(), black_box(body), tag),
    )
}

/// A case that opens what `seal` sealed.
fn opening<'a, K: 'a>(
    key: K,
    size: usize,
    mut seal: impl FnMut(&K, [u8; 12], &mut [u8], &mut [u8; 16]) + 'a,
    mut open: impl FnMut(&K, [u8; 12], &mut [u8], &[u8; 16]) + 'a,
) -> Case<'a> {
    let frames = vec![(vec![0; size], [0; 16]); batch(size)];
    let state = (key, 0, frames);
    Case::new(
        batch(size),
        state,
        move |(key, first, frames)| {
            let mut nonces = Nonces(*first);
            for (body, tag) in frames {
                body.fill(0x5a);
                seal(key, nonces.next(), body, tag);
            }
        },
        move |(key, first, frames), index| {
            let mut nonces = Nonces(*first + index as u64);
            let (body, tag) = black_box(&mut frames[index]);
            open(key, nonces.next(), body, tag);
        },
    )
}

fn aead(suite: CipherSuite, backend: Backend) -> Aead {
    Aead::new(suite, backend, &vec![0x17; suite.key_len()]).expect("Nk bytes")
}

fn seal_bare(aead: &Aead, nonce: [u8; 12], body: &mut [u8], tag: &mut [u8; 16]) {
    let parts = [&AAD[..5], &AAD[5..]];
    aead.seal_in_place(&nonce, &parts, body, tag)
        .expect("good arguments");
}

fn bare_seal<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    sealing(aead(suite, backend), size, seal_bare)
}

fn bare_open<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    opening(
        aead(suite, backend),
        size,
        seal_bare,
        |aead, nonce, body, tag| {
            let parts = [&AAD[..5], &AAD[5..]];
            aead.open_in_place(&nonce, &parts, body, tag)
                .expect("sealed by us");
        },
    )
}

fn aws_lc_key(bytes: usize) -> aws_lc_rs::aead::LessSafeKey {
    use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
    let algorithm = if bytes == 16 {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    LessSafeKey::new(UnboundKey::new(algorithm, &vec![0x17; bytes]).expect("Nk bytes"))
}

fn seal_with_aws_lc(
    key: &aws_lc_rs::aead::LessSafeKey,
    nonce: [u8; 12],
    body: &mut [u8],
    tag: &mut [u8; 16],
) {
    use aws_lc_rs::aead::{Aad, Nonce};
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_scatter(nonce, Aad::from(AAD), body, &[], tag)
        .expect("good arguments");
}

fn aws_lc_seal<'a>(bytes: usize, size: usize) -> Case<'a> {
    sealing(aws_lc_key(bytes), size, seal_with_aws_lc)
}

fn aws_lc_open<'a>(bytes: usize, size: usize) -> Case<'a> {
    use aws_lc_rs::aead::{Aad, Nonce};
    opening(
        aws_lc_key(bytes),
        size,
        seal_with_aws_lc,
        |key, nonce, body, tag| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.open_in_place_separate_tag(nonce, Aad::from(AAD), tag, body)
                .expect("sealed by us");
        },
    )
}

fn ring_key(bytes: usize) -> ring::aead::LessSafeKey {
    use ring::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};
    let algorithm = if bytes == 16 {
        &AES_128_GCM
    } else {
        &AES_256_GCM
    };
    LessSafeKey::new(UnboundKey::new(algorithm, &vec![0x17; bytes]).expect("Nk bytes"))
}

fn seal_with_ring(
    key: &ring::aead::LessSafeKey,
    nonce: [u8; 12],
    body: &mut [u8],
    tag: &mut [u8; 16],
) {
    use ring::aead::{Aad, Nonce};
    let nonce = Nonce::assume_unique_for_key(nonce);
    let made = key.seal_in_place_separate_tag(nonce, Aad::from(AAD), body);
    tag.copy_from_slice(made.expect("good arguments").as_ref());
}

fn ring_seal<'a>(bytes: usize, size: usize) -> Case<'a> {
    sealing(ring_key(bytes), size, seal_with_ring)
}

fn ring_open<'a>(bytes: usize, size: usize) -> Case<'a> {
    use ring::aead::{Aad, Nonce, Tag};
    opening(
        ring_key(bytes),
        size,
        seal_with_ring,
        |key, nonce, body, tag| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.open_in_place_separate_tag(nonce, Aad::from(AAD), Tag::from(*tag), body, 0..)
                .expect("sealed by us");
        },
    )
}

fn sframe_suite(suite: CipherSuite) -> sframe::CipherSuite {
    if suite == CipherSuite::Aes128GcmSha256_128 {
        sframe::CipherSuite::AesGcm128Sha256
    } else {
        sframe::CipherSuite::AesGcm256Sha512
    }
}
