//! frameseal beside the bare AEAD crates and the crate `sframe`, at the sizes of media frames.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml` compares with `sframe` on the same
//! RustCrypto crates; `benches/peers/ring.sh` with its `ring` backend. Four tables: what the SFrame
//! layer adds to its own bare AEAD, what a wrong tag costs beside a right one, frameseal beside
//! `sframe`, and frameseal beside the bare crates. With `--layer-only` the first one alone, with
//! `--tags-only` the second. With `--check` the run fails when a documented limit is exceeded.
//! `--quick` takes fewer rounds. `--svg FILE` draws the ratios to `sframe`.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use aes_gcm::aead::{AeadInOut, KeyInit};
use ctr::cipher::{InnerIvInit, StreamCipherCore};
use frameseal::hazmat::Aead;
use frameseal::{
    Backend, CipherSuite, Decryptor, Encryptor, KeyId, ReceiveConfig, ReplayProtection,
};
use frameseal_peers::peer::{self, AAD, BASE_KEY, KID, METADATA};
use frameseal_peers::plot::Plot;
use frameseal_peers::{Buffer, Case, Limits, batch, interleave, padded, rounds_for};
use hmac::{Hmac, Mac};

const SIZES: [(usize, &str); 7] = [
    (20, "Opus, 20 B"),
    (100, "Opus, 100 B"),
    (160, "Opus, 160 B"),
    (1_200, "RTP packet, 1.2 kB"),
    (10_000, "720p delta, 10 kB"),
    (100_000, "1080p key, 100 kB"),
    (1_000_000, "4K key, 1 MB"),
];

#[cfg(feature = "ring")]
const PEER: &str = "sframe (ring)";
#[cfg(feature = "openssl")]
const PEER: &str = "sframe (openssl)";
#[cfg(feature = "rust-crypto")]
const PEER: &str = "sframe (rust-crypto)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let rounds = if has("--quick") { 31 } else { 101 };
    let mut limits = Limits::default();
    if has("--tags-only") {
        wrong_tags(rounds, &mut limits);
        return limits.report(has("--check"));
    }
    layer_cost(rounds, &mut limits);
    if has("--layer-only") {
        return limits.report(has("--check"));
    }
    wrong_tags(rounds, &mut limits);
    let plot = beside_peer(rounds, &mut limits);
    if let Some(at) = arguments.iter().position(|argument| argument == "--svg") {
        let path = arguments.get(at + 1).expect("--svg needs a file");
        plot.save(&format!("encrypt, beside {PEER}"), Path::new(path))
            .expect("the file can be written");
    }
    beside_crates(rounds);
    limits.report(has("--check"))
}

fn sender(suite: CipherSuite) -> Encryptor {
    let mut encryptor = Encryptor::new(suite);
    encryptor
        .add_key(KeyId::new(KID), &BASE_KEY)
        .expect("a good key");
    encryptor.use_key(KeyId::new(KID)).expect("just added");
    encryptor
}

fn receiver(suite: CipherSuite) -> Decryptor {
    // The bare AEAD and `sframe` have no window here either; with one, see `benches/frames.rs`.
    let config = ReceiveConfig::for_suite(suite).with_replay(ReplayProtection::Off);
    let mut decryptor = Decryptor::with_config(suite, config);
    decryptor
        .add_key(KeyId::new(KID), &BASE_KEY)
        .expect("a good key");
    decryptor
}

fn receiver_with_window(suite: CipherSuite) -> Decryptor {
    let mut decryptor = Decryptor::new(suite);
    decryptor
        .add_key(KeyId::new(KID), &BASE_KEY)
        .expect("a good key");
    decryptor
}

/// Our own AEAD alone, in place, with a fresh nonce for each frame and as much associated data as
/// a frame has: a header of 5 bytes (a key id of two bytes, a counter of two) and the metadata.
struct Bare {
    aead: Aead,
    nonce: u64,
    tag_len: usize,
}

impl Bare {
    fn new(suite: CipherSuite) -> Self {
        let key = vec![0x17; suite.key_len()];
        Self {
            aead: Aead::new(suite, Backend::RustCrypto, &key).expect("Nk bytes"),
            nonce: 0,
            tag_len: suite.tag_len(),
        }
    }

    fn nonce(&self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.nonce.to_be_bytes());
        nonce
    }

    fn seal(&mut self, body: &mut [u8], tag: &mut [u8]) {
        self.nonce += 1;
        let nonce = self.nonce();
        let parts = [&AAD[..5], &AAD[5..]];
        self.aead
            .seal_in_place(&nonce, &parts, body, tag)
            .expect("good arguments");
    }

    fn open(&mut self, body: &mut [u8], tag: &[u8]) {
        self.nonce += 1;
        let nonce = self.nonce();
        let parts = [&AAD[..5], &AAD[5..]];
        self.aead
            .open_in_place(&nonce, &parts, body, tag)
            .expect("sealed by us");
    }
}

/// Frames of one batch, sealed anew before each round.
struct Pool {
    frames: Vec<Vec<u8>>,
    out: Vec<u8>,
}

impl Pool {
    fn new(size: usize) -> Self {
        Self {
            frames: vec![padded(size); batch(size)],
            out: padded(size),
        }
    }
}

fn encrypt_in_place<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    let state = (sender(suite), Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(encryptor, buffer), _| {
            let range = encryptor
                .encrypt_in_place(METADATA, black_box(buffer), 32..32 + size)
                .expect("room for everything");
            black_box(range);
        },
    )
}

fn encrypt<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    let state = (sender(suite), Buffer::padded(size), Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(encryptor, frame, out), _| {
            let len = encryptor
                .encrypt(METADATA, black_box(&frame[..size]), out)
                .expect("room for everything");
            black_box(&out[..len]);
        },
    )
}

fn bare_seal<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    let state = (Bare::new(suite), Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(bare, buffer), _| {
            let (body, tag) = black_box(buffer).split_at_mut(size);
            let tag_len = bare.tag_len;
            bare.seal(body, &mut tag[..tag_len]);
        },
    )
}

/// Seals the batch with one sender, so that a receiver's window sees rising counters.
fn sealed_pool(encryptor: &mut Encryptor, pool: &mut Pool, lens: &mut Vec<usize>, size: usize) {
    let plain = vec![0x5a; size];
    lens.clear();
    for frame in &mut pool.frames {
        lens.push(encryptor.encrypt(METADATA, &plain, frame).expect("room"));
    }
}

struct Receiving {
    encryptor: Encryptor,
    decryptor: Decryptor,
    pool: Pool,
    lens: Vec<usize>,
}

fn receiving(suite: CipherSuite, size: usize, decryptor: Decryptor) -> Receiving {
    Receiving {
        encryptor: sender(suite),
        decryptor,
        pool: Pool::new(size),
        lens: Vec::new(),
    }
}

fn decrypt_in_place<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    Case::new(
        batch(size),
        receiving(suite, size, receiver_with_window(suite)),
        move |state| {
            sealed_pool(&mut state.encryptor, &mut state.pool, &mut state.lens, size);
        },
        move |state, index| {
            let frame = &mut state.pool.frames[index][..state.lens[index]];
            let opened = state.decryptor.decrypt(METADATA, black_box(frame));
            black_box(opened.expect("sealed by us").payload);
        },
    )
}

/// As [`decrypt_in_place`], and the tag of every frame is wrong in its last bit.
fn refuse_in_place<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    Case::new(
        batch(size),
        receiving(suite, size, receiver_with_window(suite)),
        move |state| {
            sealed_pool(&mut state.encryptor, &mut state.pool, &mut state.lens, size);
            for (frame, len) in state.pool.frames.iter_mut().zip(&state.lens) {
                frame[len - 1] ^= 1;
            }
        },
        move |state, index| {
            let frame = &mut state.pool.frames[index][..state.lens[index]];
            let refused = state.decryptor.decrypt(METADATA, black_box(frame));
            black_box(refused.map(drop).expect_err("a wrong tag"));
        },
    )
}

fn decrypt_to<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    Case::new(
        batch(size),
        receiving(suite, size, receiver(suite)),
        move |state| {
            sealed_pool(&mut state.encryptor, &mut state.pool, &mut state.lens, size);
        },
        move |state, index| {
            let frame = &state.pool.frames[index][..state.lens[index]];
            let opened =
                state
                    .decryptor
                    .decrypt_to(METADATA, black_box(frame), &mut state.pool.out);
            black_box(opened.expect("sealed by us").payload);
        },
    )
}

fn bare_open<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    let tag_len = suite.tag_len();
    let state = (Bare::new(suite), Pool::new(size));
    Case::new(
        batch(size),
        state,
        move |(bare, pool)| {
            let first = bare.nonce;
            for frame in &mut pool.frames {
                frame[..size].fill(0x5a);
                let (body, tag) = frame.split_at_mut(size);
                bare.seal(body, &mut tag[..tag_len]);
            }
            bare.nonce = first;
        },
        move |(bare, pool), index| {
            let (body, tag) = black_box(&mut pool.frames[index]).split_at_mut(size);
            bare.open(body, &tag[..tag_len]);
        },
    )
}

fn crate_seal<'a>(suite: CipherSuite, size: usize) -> Case<'a> {
    if suite.ctr_key_len().is_none() {
        let nonce = 0u64;
        if suite == CipherSuite::Aes128GcmSha256_128 {
            let key = aes_gcm::Aes128Gcm::new(&[0x17; 16].into());
            gcm_case(key, nonce, size)
        } else {
            let key = aes_gcm::Aes256Gcm::new(&[0x17; 32].into());
            gcm_case(key, nonce, size)
        }
    } else if suite.hash_len() == 32 {
        let hmac =
            <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&[0x18; 32]).expect("any length");
        ctr_hmac_case(aes::Aes128Enc::new(&[0x17; 16].into()), hmac, suite, size)
    } else {
        let hmac =
            <Hmac<sha2::Sha512> as KeyInit>::new_from_slice(&[0x18; 64]).expect("any length");
        ctr_hmac_case(aes::Aes256Enc::new(&[0x17; 32].into()), hmac, suite, size)
    }
}

fn gcm_case<'a, A: AeadInOut + 'a>(key: A, first: u64, size: usize) -> Case<'a> {
    let state = (key, first, Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(key, counter, buffer), _| {
            *counter += 1;
            let mut nonce = aes_gcm::aead::Nonce::<A>::default();
            nonce[4..].copy_from_slice(&counter.to_be_bytes());
            let body = &mut black_box(buffer)[..size];
            let tag = key.encrypt_inout_detached(&nonce, &AAD, body.into());
            black_box(tag.expect("short enough"));
        },
    )
}

fn ctr_hmac_case<'a, C, M>(cipher: C, hmac: M, suite: CipherSuite, size: usize) -> Case<'a>
where
    C: aes::cipher::BlockCipherEncrypt
        + aes::cipher::BlockSizeUser<BlockSize = aes::cipher::consts::U16>
        + 'a,
    M: Mac + Clone + 'a,
{
    let state = (cipher, hmac, 0u64, Buffer::padded(size));
    Case::new(
        batch(size),
        state,
        |_| (),
        move |(cipher, hmac, counter, buffer), _| {
            *counter += 1;
            let mut iv = [0; 16];
            iv[4..12].copy_from_slice(&counter.to_be_bytes());
            let body = &mut black_box(buffer)[..size];
            ctr::CtrCore::<&C, ctr::flavors::Ctr32BE>::inner_iv_init(cipher, (&iv).into())
                .try_apply_keystream_partial((&mut *body).into())
                .expect("short enough");
            let mut mac = hmac.clone();
            for len in [AAD.len(), size, suite.tag_len()] {
                mac.update(&(len as u64).to_be_bytes());
            }
            mac.update(&iv[..12]);
            mac.update(&AAD);
            mac.update(body);
            black_box(mac.finalize().into_bytes());
        },
    )
}

fn layer_cost(rounds: usize, limits: &mut Limits) {
    println!("The SFrame layer over its own bare AEAD, in place, replay window on (ns, medians)\n");
    println!("| suite | frame | bare seal | encrypt | more | bare open | decrypt | more |");
    println!("|---|---|---|---|---|---|---|---|");
    for suite in CipherSuite::ALL {
        for (size, name) in &SIZES[..3] {
            let mut cases = [
                bare_seal(suite, *size),
                encrypt_in_place(suite, *size),
                bare_open(suite, *size),
                decrypt_in_place(suite, *size),
            ];
            interleave(&mut cases.each_mut(), rounds);
            let [seal, encrypt, open, decrypt] = &cases;
            println!(
                "| {suite} | {name} | {:.0} | {:.0} | {:+.0} | {:.0} | {:.0} | {:+.0} |",
                seal.nanoseconds(),
                encrypt.nanoseconds(),
                encrypt.excess_over(seal),
                open.nanoseconds(),
                decrypt.nanoseconds(),
                decrypt.excess_over(open),
            );
            for (what, whole, bare) in [("encrypt", encrypt, seal), ("decrypt", decrypt, open)] {
                let allowed = (bare.nanoseconds() * 0.15).max(15.0);
                let more = whole.excess_over(bare);
                limits.check(*size == 100 || more <= allowed, || {
                    format!("{suite} {name} {what}: {more:.0} ns above the bare AEAD, {allowed:.0} allowed")
                });
            }
        }
    }
}

/// RFC 9605 §4.4.4 wants nothing to be learnt from how long a refusal takes.
fn wrong_tags(rounds: usize, limits: &mut Limits) {
    println!("\nA frame with a wrong tag beside a good one, decrypt in place (ns, medians)\n");
    println!("| suite | frame | right tag | wrong tag | ratio |");
    println!("|---|---|---|---|---|");
    for suite in CipherSuite::ALL {
        for (size, name) in [SIZES[1], SIZES[3], SIZES[5]] {
            let mut cases = [decrypt_in_place(suite, size), refuse_in_place(suite, size)];
            interleave(&mut cases.each_mut(), rounds_for(rounds, size));
            let [right, wrong] = &cases;
            let ratio = wrong.ratio_to(right);
            println!(
                "| {suite} | {name} | {:.0} | {:.0} | {ratio:.2} |",
                right.nanoseconds(),
                wrong.nanoseconds(),
            );
            limits.check((0.8..=1.25).contains(&ratio), || {
                format!("{suite} {name}: a wrong tag takes {ratio:.2} of the time of a right one")
            });
        }
    }
}

fn beside_peer(rounds: usize, limits: &mut Limits) -> Plot {
    let mut plot = Plot::default();
    println!("\nfrom buffer to buffer, beside {PEER} (ns, medians; ratio = frameseal / {PEER})\n");
    println!("| suite | frame | encrypt | peer | ratio | decrypt | peer | ratio |");
    println!("|---|---|---|---|---|---|---|---|");
    for suite in CipherSuite::ALL {
        let Some(peer) = peer::suite(suite) else {
            continue;
        };
        for (size, name) in SIZES {
            let mut cases = [
                encrypt(suite, size),
                peer::encrypt(peer, size),
                decrypt_to(suite, size),
                peer::decrypt(peer, size),
            ];
            interleave(&mut cases.each_mut(), rounds_for(rounds, size));
            let [ours, theirs, opened, their_opened] = &cases;
            println!(
                "| {suite} | {name} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} | {:.2} |",
                ours.nanoseconds(),
                theirs.nanoseconds(),
                ours.ratio_to(theirs),
                opened.nanoseconds(),
                their_opened.nanoseconds(),
                opened.ratio_to(their_opened),
            );
            plot.add(&suite.to_string(), size, ours.ratio_to(theirs));
            if cfg!(feature = "rust-crypto") {
                let allowed = match size {
                    // Without the SHA instructions both spend nearly all of their time in the same
                    // compression function, of which a frame needs most of what `sframe` calls.
                    ..=160 if suite.ctr_key_len().is_some() && !sha_instructions() => 0.75,
                    ..=160 => 0.5,
                    _ => 1.05,
                };
                for (what, a, b) in [("encrypt", ours, theirs), ("decrypt", opened, their_opened)] {
                    let ratio = a.ratio_to(b);
                    limits.check(ratio <= allowed, || {
                        format!("{suite} {name} {what}: {ratio:.2} of {PEER}, {allowed} allowed")
                    });
                }
            }
        }
    }
    plot
}

fn sha_instructions() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    false
}

fn beside_crates(rounds: usize) {
    println!("\nencrypt in place, beside the bare crates aes-gcm, or ctr and hmac (ns, medians)\n");
    println!("| suite | frame | encrypt | bare crates | ratio |");
    println!("|---|---|---|---|---|");
    for suite in CipherSuite::ALL {
        for (size, name) in SIZES {
            let mut cases = [encrypt_in_place(suite, size), crate_seal(suite, size)];
            interleave(&mut cases.each_mut(), rounds_for(rounds, size));
            let [ours, bare] = &cases;
            println!(
                "| {suite} | {name} | {:.0} | {:.0} | {:.2} |",
                ours.nanoseconds(),
                bare.nanoseconds(),
                ours.ratio_to(bare),
            );
        }
    }
}
