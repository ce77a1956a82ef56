//! One table: every suite and frame size, frameseal with each of its backends beside their bare
//! AEADs, the bare crates `aws-lc-rs` and `ring`, the crate `sframe`, and for suites with HMAC the
//! hash alone.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --features backends --bench backends`.
//! Everything in place, with the same length of associated data and a fresh nonce for each frame;
//! `sframe` from buffer to buffer, which is what it has. `--quick` takes fewer rounds, `--svg FILE`
//! draws AES_128_GCM_SHA256_128 beside bare `aws-lc-rs`. With `--check` the run fails when a limit
//! of `benches/README.md` is exceeded; those of the kernel only hold where it runs.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use frameseal::{Backend, CipherSuite, DecryptionKey, EncryptionKey, KeyId};
use frameseal::{ReceiveConfig, SendConfig};
use frameseal_peers::aeads::{
    aws_lc_open, aws_lc_seal, bare_open, bare_seal, ring_open, ring_seal,
};
use frameseal_peers::peer::{self, BASE_KEY, KID, METADATA};
use frameseal_peers::plot::Plot;
use frameseal_peers::{Buffer, Case, Limits, batch, interleave, padded, rounds_for};

const SIZES: [usize; 6] = [20, 100, 160, 1_200, 10_000, 100_000];
const BACKENDS: [(Backend, &str); 3] = [
    (Backend::RustCrypto, "RustCrypto"),
    (Backend::AwsLc, "AWS-LC"),
    (Backend::Kernel, "kernel"),
];
const AWS_LC: &str = "aws-lc-rs";
const RING: &str = "ring";
const SFRAME: &str = "sframe";
/// The hash alone of the suites with CTR and HMAC, over as many bytes.
const HASH: &str = "SHA-2";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let rounds = if has("--quick") { 31 } else { 101 };
    let mut limits = Limits::default();
    let mut plot = Plot::default();
    let columns = columns();
    println!("nanoseconds, medians: seal or encrypt / open or decrypt; - where there is none\n");
    println!("| suite | bytes | {} |", columns.join(" | "));
    println!("|---|---{}|", "|---".repeat(columns.len()));
    for suite in CipherSuite::ALL {
        for size in SIZES {
            let row = Row::measure(suite, size, rounds_for(rounds, size));
            println!("| {suite} | {size} | {} |", row.cells(&columns).join(" | "));
            row.check(&mut limits);
            if suite == CipherSuite::Aes128GcmSha256_128 {
                row.draw(&mut plot);
            }
        }
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--svg") {
        let path = arguments.get(at + 1).expect("--svg needs a file");
        let title = "AES_128_GCM_SHA256_128, encrypt, beside bare aws-lc-rs";
        plot.save(title, Path::new(path))
            .expect("the file can be written");
    }
    limits.report(has("--check"))
}

fn bare(backend: &str) -> String {
    format!("{backend}, bare AEAD")
}

/// The heads of the columns behind suite and size.
fn columns() -> Vec<String> {
    let ours = BACKENDS
        .iter()
        .flat_map(|(_, name)| [bare(name), (*name).into()]);
    ours.chain([AWS_LC, RING, SFRAME, HASH].map(Into::into))
        .collect()
}

/// What one implementation does with frames of one size.
struct Entry {
    column: String,
    seal: Case<'static>,
    open: Case<'static>,
}

/// All that have a suite, at one size.
struct Row {
    suite: CipherSuite,
    size: usize,
    entries: Vec<Entry>,
}

impl Row {
    fn measure(suite: CipherSuite, size: usize, rounds: usize) -> Self {
        let mut entries = entries(suite, size);
        let mut cases: Vec<_> = entries
            .iter_mut()
            .flat_map(|entry| [&mut entry.seal, &mut entry.open])
            .collect();
        interleave(&mut cases, rounds);
        Self {
            suite,
            size,
            entries,
        }
    }

    fn find(&self, column: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.column == column)
    }

    fn cells(&self, columns: &[String]) -> Vec<String> {
        let cell = |entry: &Entry| {
            let (seal, open) = (entry.seal.nanoseconds(), entry.open.nanoseconds());
            format!("{seal:.0} / {open:.0}")
        };
        let cells = columns.iter().map(|column| self.find(column));
        cells.map(|entry| entry.map_or("-".into(), cell)).collect()
    }

    /// The time to encrypt, as a ratio to sealing with bare `aws-lc-rs`.
    fn draw(&self, plot: &mut Plot) {
        let Some(measure) = self.find(AWS_LC) else {
            return;
        };
        for (_, name) in BACKENDS {
            if let Some(ours) = self.find(name) {
                plot.add(name, self.size, ours.seal.ratio_to(&measure.seal));
            }
        }
        for name in [RING, SFRAME] {
            if let Some(other) = self.find(name) {
                plot.add(name, self.size, other.seal.ratio_to(&measure.seal));
            }
        }
    }

    fn check(&self, limits: &mut Limits) {
        let (suite, size) = (self.suite, self.size);
        for (_, name) in BACKENDS {
            let (Some(whole), Some(bare)) = (self.find(name), self.find(&bare(name))) else {
                continue;
            };
            for (what, whole, bare) in pairs(whole, bare) {
                let (ratio, excess) = (whole.ratio_to(bare), whole.excess_over(bare));
                limits.check(ratio <= 1.10 || excess <= 12.0, || {
                    format!("{suite}, {name}, {size} B, {what}: {excess:.0} ns, {ratio:.2} of the bare AEAD")
                });
            }
        }
        if size <= 1_200 {
            self.check_kernel(limits);
        } else {
            self.check_beside_the_hash(limits);
            self.check_long(limits);
        }
    }

    /// With AWS-LC beside the kernel, which takes the shorter ones of these.
    fn check_long(&self, limits: &mut Limits) {
        let (Some(ours), Some(bare), Some(_)) =
            (self.find("AWS-LC"), self.find(AWS_LC), self.find("kernel"))
        else {
            return;
        };
        let (suite, size) = (self.suite, self.size);
        for (what, ours, bare) in pairs(ours, bare) {
            let ratio = ours.ratio_to(bare);
            limits.check(ratio <= 1.05, || {
                format!("{suite}, AWS-LC and kernel, {size} B, {what}: {ratio:.2} of aws-lc-rs, 1.05 allowed")
            });
        }
    }

    fn check_beside_the_hash(&self, limits: &mut Limits) {
        let (Some(whole), Some(hash)) = (self.find("RustCrypto"), self.find(HASH)) else {
            return;
        };
        // What a longer hash leaves is little beside it; no limit is stated for SHA-512.
        if self.suite.hash_len() > 32 {
            return;
        }
        let (suite, size) = (self.suite, self.size);
        for (what, whole, hash) in pairs(whole, hash) {
            let ratio = whole.ratio_to(hash);
            limits.check(ratio <= 1.2, || {
                format!("{suite}, {size} B, {what}: {ratio:.2} of the hash alone, 1.2 allowed")
            });
        }
    }

    fn check_kernel(&self, limits: &mut Limits) {
        let Some(kernel) = self.find("kernel") else {
            return;
        };
        let (suite, size) = (self.suite, self.size);
        let aead = if size < 1_000 { 0.6 } else { 0.85 };
        for (peer, most) in [(AWS_LC, aead), (RING, aead), (SFRAME, 0.5)] {
            // `sframe` is beside it at the sizes of audio.
            let Some(other) = self.find(peer).filter(|_| size < 1_000 || peer != SFRAME) else {
                continue;
            };
            for (what, kernel, other) in pairs(kernel, other) {
                let ratio = kernel.ratio_to(other);
                limits.check(ratio <= most, || {
                    format!(
                        "{suite}, kernel, {size} B, {what}: {ratio:.2} of {peer}, {most} allowed"
                    )
                });
            }
        }
    }
}

fn pairs<'a>(
    one: &'a Entry,
    other: &'a Entry,
) -> [(&'static str, &'a Case<'static>, &'a Case<'static>); 2] {
    [
        ("seal", &one.seal, &other.seal),
        ("open", &one.open, &other.open),
    ]
}

fn entries(suite: CipherSuite, size: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |column: String, seal, open| entries.push(Entry { column, seal, open });
    for (backend, name) in BACKENDS {
        // Another one serves this suite, or this processor.
        if encryption_key(suite, backend).backend() != backend {
            continue;
        }
        add(
            bare(name),
            bare_seal(suite, backend, size),
            bare_open(suite, backend, size),
        );
        add(
            name.into(),
            encrypt(suite, backend, size),
            decrypt(suite, backend, size),
        );
    }
    if suite.ctr_key_len().is_none() {
        let bytes = suite.key_len();
        add(
            AWS_LC.into(),
            aws_lc_seal(bytes, size),
            aws_lc_open(bytes, size),
        );
        add(RING.into(), ring_seal(bytes, size), ring_open(bytes, size));
    }
    if suite.ctr_key_len().is_some() {
        if suite.hash_len() == 32 {
            add(
                HASH.into(),
                hash::<sha2::Sha256>(size),
                hash::<sha2::Sha256>(size),
            );
        } else {
            add(
                HASH.into(),
                hash::<sha2::Sha512>(size),
                hash::<sha2::Sha512>(size),
            );
        }
    }
    if let Some(peer) = peer::suite(suite) {
        add(
            SFRAME.into(),
            peer::encrypt(peer, size),
            peer::decrypt(peer, size),
        );
    }
    entries
}

fn hash<H: sha2::Digest>(size: usize) -> Case<'static> {
    Case::new(
        batch(size),
        vec![0x5a; size],
        |_| (),
        |body, _| {
            black_box(H::digest(black_box(&body[..])));
        },
    )
}

fn encryption_key(suite: CipherSuite, backend: Backend) -> EncryptionKey {
    let config = SendConfig::standard().with_backend(backend);
    let key = EncryptionKey::with_config(suite, KeyId::new(KID), &BASE_KEY, &config);
    key.expect("a good key")
}

fn encrypt<'a>(suite: CipherSuite, backend: Backend, size: usize) -> Case<'a> {
    let state = (encryption_key(suite, backend), Buffer::padded(size));
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
