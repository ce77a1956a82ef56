//! What keys cost: to set one up beside the crate `hkdf`, and to use 8,192 of them in turn beside the
//! key objects of other crates.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml --features keys --bench keys`. With keys
//! that come from far away, memory counts as much as arithmetic: an expanded key must be small and in
//! one piece. `--quick` takes fewer rounds; with `--check` the run fails when a limit of
//! `benches/README.md` is exceeded.

use std::hint::black_box;
use std::process::ExitCode;

use aes_gcm::aead::{AeadInOut, KeyInit};
use frameseal::hazmat::Aead;
use frameseal::{
    Backend, CipherSuite, EncryptionKey, EpochConfig, EpochManager, EpochUpdate, GroupTag, KeyId,
    Member, SendConfig, Timestamp,
};
use frameseal_peers::aeads::{Nonces, aws_lc_key, ring_key, seal_with_aws_lc, seal_with_ring};
use frameseal_peers::peer::{AAD, METADATA};
use frameseal_peers::{Case, Limits, interleave};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KEYS: usize = 8_192;
const SIZE: usize = 160;
const NOW: Timestamp = Timestamp::from_millis(0);

fn main() -> ExitCode {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let rounds = if has("--quick") { 31 } else { 101 };
    let mut limits = Limits::default();
    set_up(rounds, &mut limits);
    println!();
    in_turn(rounds, &mut limits);
    limits.report(has("--check"))
}

/// A key for each of many senders, from one base key.
fn set_up(rounds: usize, limits: &mut Limits) {
    println!("{SUITE}, one key (ns, medians of {rounds} rounds; ratio to `hkdf`)\n");
    println!("| what | time | ratio |\n|---|---|---|");
    let mut others = derived_by_hkdf();
    let mut rows = [
        (
            "`EpochManager::prepare`: a further sender of an epoch, ready to decrypt",
            prepared(),
        ),
        (
            "`EncryptionKey::new`: a first key, ready to encrypt",
            made_anew(),
        ),
        (
            "an AEAD key alone, expanded: `hazmat::Aead::new`",
            expanded(),
        ),
    ];
    let mut cases = vec![&mut others];
    cases.extend(rows.iter_mut().map(|(_, case)| case));
    interleave(&mut cases, rounds);
    let time = others.nanoseconds();
    println!("| crate `hkdf`: an extract and two expands, no AEAD key | {time:.0} | 1 |");
    for (name, case) in &rows {
        let (time, ratio) = (case.nanoseconds(), case.ratio_to(&others));
        println!("| {name} | {time:.0} | {ratio:.2} |");
    }
    // What is left of a sender's first frame when the extract is made once for each epoch.
    let ratio = rows[0].1.excess_over(&rows[2].1) / time;
    limits.check(ratio <= 0.95, || {
        format!("prepare without the expansion: {ratio:.2} of `hkdf`, 0.95 allowed")
    });
}

const BATCH: u32 = 1_000;

fn derived_by_hkdf() -> Case<'static> {
    Case::new(
        BATCH as usize,
        (),
        |()| (),
        |(), index| {
            let (mut key, mut salt) = ([0; 16], [0; 12]);
            let base_key = black_box([7; 16]);
            let secret = hkdf::Hkdf::<sha2::Sha256>::new(Some(&[]), &base_key);
            for (label, out) in [
                (b"SFrame 1.0 Secret key ".as_slice(), &mut key[..]),
                (b"SFrame 1.0 Secret salt ".as_slice(), &mut salt[..]),
            ] {
                let key_id = (index as u64).to_be_bytes();
                secret
                    .expand_multi_info(&[label, &key_id, &SUITE.id().to_be_bytes()], out)
                    .expect("short enough");
            }
            black_box((key, salt));
        },
    )
}

fn manager(identities: &[[u8; 4]]) -> EpochManager {
    let named = identities.iter().zip(0..);
    let members: Vec<Member<'_>> = named
        .map(|(identity, index)| Member { index, identity })
        .collect();
    let mut manager = EpochManager::new(EpochConfig::new(SUITE)).expect("a good configuration");
    let update = EpochUpdate {
        group: GroupTag::new(1),
        epoch: 1,
        base_key: &[7; 16],
        own_index: Some(0),
        leaf_count: BATCH + 1,
        members: &members,
    };
    manager.add_epoch(NOW, &update).expect("the first epoch");
    manager
}

fn prepared() -> Case<'static> {
    let identities: Vec<_> = (0..=BATCH).map(u32::to_be_bytes).collect();
    let fresh = move || manager(&identities);
    Case::new(
        BATCH as usize,
        fresh(),
        move |manager| *manager = fresh(),
        |manager, index| {
            let index = u32::try_from(index).expect("small") + 1;
            manager.prepare(NOW, index, 0).expect("room for everybody");
        },
    )
}

fn made_anew() -> Case<'static> {
    Case::new(
        BATCH as usize,
        (),
        |()| (),
        |(), index| {
            let key = EncryptionKey::new(SUITE, KeyId::new(index as u64), black_box(&[7; 16]));
            black_box(key.expect("a good key"));
        },
    )
}

fn expanded() -> Case<'static> {
    Case::new(
        BATCH as usize,
        (),
        |()| (),
        |(), _| {
            let key = Aead::new(SUITE, Backend::RustCrypto, black_box(&[7; 16]));
            black_box(key.expect("a good key"));
        },
    )
}

/// Many keys, each of which seals a frame before the first one does again, in no order that a
/// processor foresees.
fn in_turn(rounds: usize, limits: &mut Limits) {
    println!("{SUITE}, {SIZE} bytes under each of {KEYS} keys in turn (ns; ratio to the first)\n");
    println!(
        "| what | bytes of a key object | one key | {KEYS} keys | ratio |\n|---|---|---|---|---|"
    );
    let mut rows: Vec<Entry> = Vec::new();
    rows.push(Entry::new(
        "frameseal, whole frames",
        encryption_key,
        |key, _, body, _| {
            let sealed = key.encrypt_in_place(METADATA, body, 32..32 + SIZE);
            black_box(sealed.expect("room for everything"));
        },
    ));
    let aead = |_| Aead::new(SUITE, Backend::RustCrypto, &[0x17; 16]).expect("Nk bytes");
    rows.push(Entry::new(
        "frameseal, bare AEAD",
        aead,
        |key, nonce, body, tag| {
            let parts = [&AAD[..5], &AAD[5..]];
            let sealed = key.seal_in_place(&nonce, &parts, &mut body[..SIZE], tag);
            sealed.expect("good arguments");
        },
    ));
    rows.push(Entry::new(
        "crate `aes-gcm`, `Aes128Gcm`",
        |_| aes_gcm::Aes128Gcm::new(&[0x17; 16].into()),
        seal_with_aes_gcm,
    ));
    rows.push(Entry::new(
        "crate `aws-lc-rs`",
        |_| aws_lc_key(16),
        |key, nonce, body, tag| {
            seal_with_aws_lc(key, nonce, &mut body[..SIZE], tag);
        },
    ));
    rows.push(Entry::new(
        "crate `ring`",
        |_| ring_key(16),
        |key, nonce, body, tag| {
            seal_with_ring(key, nonce, &mut body[..SIZE], tag);
        },
    ));
    // Not a key type of the crate, but one that can be put together; no limit is held against it.
    type OnlyEncrypting = aes_gcm::AesGcm<aes::Aes128Enc, aes_gcm::aead::consts::U12>;
    rows.push(Entry::new(
        "crate `aes-gcm`, `AesGcm<Aes128Enc>`",
        |_| OnlyEncrypting::new(&[0x17; 16].into()),
        seal_with_aes_gcm,
    ));
    let mut cases: Vec<_> = rows
        .iter_mut()
        .flat_map(|row| [&mut row.one, &mut row.many])
        .collect();
    interleave(&mut cases, rounds.min(31));
    for row in &rows {
        let (one, many) = (row.one.nanoseconds(), row.many.nanoseconds());
        let ratio = row.many.ratio_to(&rows[0].many);
        println!(
            "| {} | {} | {one:.0} | {many:.0} | {ratio:.2} |",
            row.name, row.bytes
        );
    }
    // Our key objects beside those of the crates, and with all that a frame needs around them.
    for peer in &rows[2..] {
        for (ours, most) in [(&rows[1], 1.0), (&rows[0], 1.1)] {
            let ratio = ours.many.ratio_to(&peer.many);
            limits.check(ratio <= most, || {
                format!(
                    "{}, {KEYS} keys: {ratio:.2} of {}, {most} allowed",
                    ours.name, peer.name
                )
            });
        }
    }
}

fn seal_with_aes_gcm<A: AeadInOut<NonceSize = aes_gcm::aead::consts::U12>>(
    key: &mut A,
    nonce: [u8; 12],
    body: &mut [u8],
    tag: &mut [u8; 16],
) {
    let made = key.encrypt_inout_detached(&nonce.into(), &AAD, (&mut body[..SIZE]).into());
    tag.copy_from_slice(&made.expect("good arguments"));
}

fn encryption_key(index: usize) -> EncryptionKey {
    let key_id = KeyId::new(index as u64);
    let key = EncryptionKey::with_config(SUITE, key_id, &[7; 16], &SendConfig::standard());
    key.expect("a good key")
}

/// A kind of key object: with one, and with many of it.
struct Entry {
    name: &'static str,
    bytes: usize,
    one: Case<'static>,
    many: Case<'static>,
}

impl Entry {
    fn new<K: 'static>(
        name: &'static str,
        key: impl Fn(usize) -> K,
        seal: impl Fn(&mut K, [u8; 12], &mut [u8], &mut [u8; 16]) + Copy + 'static,
    ) -> Self {
        let case = |count: usize| {
            let keys: Vec<K> = (0..count).map(&key).collect();
            let state = (keys, Nonces::default(), vec![0x5a; SIZE + 64], [0; 16]);
            Case::new(
                KEYS,
                state,
                |_| (),
                move |(keys, nonces, body, tag), index| {
                    // Each once, since the multiplier is odd and the count a power of two.
                    let place = index.wrapping_mul(0x9e37_79b1) % keys.len();
                    seal(&mut keys[place], nonces.draw(), black_box(body), tag);
                },
            )
        };
        Self {
            name,
            bytes: size_of::<K>(),
            one: case(1),
            many: case(KEYS),
        }
    }
}
