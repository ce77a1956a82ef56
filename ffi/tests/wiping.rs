//! Keys are gone from memory when they are dropped or removed.
//!
//! Looking at memory that is not a value any more takes `unsafe`, which the core and its tests do
//! not have, so this is here. The test derives the secrets of a key by itself, expands them with
//! the same crates as the core, and looks for the result in a living object. A place is the key's
//! own if flipping a bit there changes what the key does; those places are looked at again when
//! the key should be gone.
//!
//! Other copies are in the gaps between the fields of a value, which take up what was on the stack
//! when the value was moved there. How many depends on the optimiser, and an optimised build has
//! none: there, the whole memory is searched.
#![allow(missing_docs, reason = "tests")]

use core::mem::MaybeUninit;
use core::ptr;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128Enc, Aes256Enc};
use frameseal_core::{CipherSuite, DecryptionKey, EncryptionKey, Error, KeyId, Opened, fixed};
use ghash::GHash;

const KEY_ID: KeyId = KeyId::new(7);
const BASE_KEY: [u8; 32] = *b"0123456789abcdefghijklmnopqrstuv";
/// One for each kind of AEAD key: AES-128 with HMAC-SHA-256, both GCMs, AES-256 with HMAC-SHA-512.
const SUITES: [CipherSuite; 4] = [
    CipherSuite::Aes128CtrHmacSha256_80,
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes256GcmSha512_128,
    CipherSuite::Aes256CtrHmacSha512_80,
];

#[test]
fn a_dropped_key_leaves_no_secret() {
    for suite in SUITES {
        let make = || Held::new(EncryptionKey::new(suite, KEY_ID, &BASE_KEY).unwrap());
        let seal = |key: &mut EncryptionKey| {
            let mut out = vec![0; FRAME_LEN];
            key.encrypt(b"", PAYLOAD, &mut out).unwrap();
            out
        };
        check(suite, make, seal, Held::dropped);

        let make = || Held::new(DecryptionKey::new(suite, KEY_ID, &BASE_KEY).unwrap());
        let open = |key: &mut DecryptionKey| answer(key.decrypt(b"", &mut frame(suite)));
        check(suite, make, open, Held::dropped);
    }
}

#[test]
fn a_removed_sending_key_leaves_no_secret_and_nor_does_a_dropped_encryptor() {
    for suite in SUITES {
        let make = || {
            let mut sender = Held::new(fixed::Encryptor::<1>::new(suite));
            sender.value().add_key(KEY_ID, &BASE_KEY).unwrap();
            sender.value().use_key(KEY_ID).unwrap();
            sender
        };
        let seal = |sender: &mut fixed::Encryptor<1>| {
            let mut out = vec![0; FRAME_LEN];
            sender.encrypt(b"", PAYLOAD, &mut out).unwrap();
            out
        };
        check(suite, make, seal, Held::dropped);
        check(suite, make, seal, |mut sender| {
            sender.value().remove_key(KEY_ID).unwrap();
            sender.bytes()
        });
    }
}

#[test]
fn a_removed_receiving_key_leaves_no_secret_and_nor_does_a_dropped_decryptor() {
    for suite in SUITES {
        let make = || {
            let mut receiver = Held::new(fixed::Decryptor::<1>::new(suite));
            receiver.value().add_key(KEY_ID, &BASE_KEY).unwrap();
            receiver
        };
        let open =
            |receiver: &mut fixed::Decryptor<1>| answer(receiver.decrypt(b"", &mut frame(suite)));
        check(suite, make, open, Held::dropped);
        check(suite, make, open, |mut receiver| {
            receiver.value().remove_key(KEY_ID).unwrap();
            receiver.bytes()
        });
        check(suite, make, open, |mut receiver| {
            receiver.value().forget_key(KEY_ID).unwrap();
            receiver.bytes()
        });
    }
}

/// Long enough that every round key and every power of `H` that is kept is used.
const PAYLOAD: &[u8] = &[0x55; 3000];
const FRAME_LEN: usize = PAYLOAD.len() + 32;

fn frame(suite: CipherSuite) -> Vec<u8> {
    let mut key = EncryptionKey::new(suite, KEY_ID, &BASE_KEY).unwrap();
    let mut out = vec![0; FRAME_LEN];
    let len = key.encrypt(b"", PAYLOAD, &mut out).unwrap();
    out.truncate(len);
    out
}

fn answer(opened: Result<Opened<'_>, Error>) -> Vec<u8> {
    opened.map_or_else(
        |error| error.to_string().into(),
        |opened| opened.payload.into(),
    )
}

/// `make` makes an object with a key, `behaviour` shows what it does with the key, and `wipe` ends
/// the key and tells what the memory of the object holds afterwards.
fn check<T>(
    suite: CipherSuite,
    make: impl Fn() -> Held<T>,
    behaviour: impl Fn(&mut T) -> Vec<u8>,
    wipe: impl Fn(Held<T>) -> Vec<u8>,
) {
    let before = make().bytes();
    let expected = behaviour(make().value());
    let after = wipe(make());
    assert_eq!(before.len(), after.len());
    for part in secrets(suite) {
        let is_own = |place: &(usize, &Vec<u8>)| {
            let mut changed = make();
            changed.flip(place.0);
            behaviour(changed.value()) != expected
        };
        let own: Vec<_> = places(&before, &part.pieces)
            .into_iter()
            .filter(is_own)
            .collect();
        assert!(
            own.len() >= part.at_least,
            "{suite}, {}: {} places found, so this looks for the wrong bytes",
            part.name,
            own.len()
        );
        for (at, piece) in own {
            let left = &after[at..at + piece.len()];
            assert_ne!(left, piece, "{suite}: the {} are still at {at}", part.name);
        }
        if !cfg!(debug_assertions) {
            let copies = places(&after, &part.pieces);
            assert!(copies.is_empty(), "{suite}, {}: {copies:?}", part.name);
        }
    }
}

/// Where the pieces are in the memory.
fn places<'a>(memory: &[u8], pieces: &'a [Vec<u8>]) -> Vec<(usize, &'a Vec<u8>)> {
    let mut places = Vec::new();
    for piece in pieces {
        let windows = memory.windows(piece.len()).enumerate();
        let found = windows.filter(|(_, window)| window == piece);
        places.extend(found.map(|(at, _)| (at, piece)));
    }
    places
}

/// A value in memory that stays ours, and readable, when the value is dropped.
struct Held<T> {
    memory: Box<MaybeUninit<T>>,
}

impl<T> Held<T> {
    fn new(value: T) -> Self {
        let mut memory = Box::new(MaybeUninit::zeroed());
        memory.write(value);
        Self { memory }
    }

    fn value(&mut self) -> &mut T {
        // SAFETY: only `dropped` takes the value out, and it takes `self`.
        unsafe { self.memory.assume_init_mut() }
    }

    /// Every byte, gaps too.
    fn bytes(&self) -> Vec<u8> {
        let start = self.memory.as_ptr().cast::<u8>();
        (0..size_of::<T>())
            // SAFETY: inside of our memory, which was zeroed first. Volatile, so that the compiler
            // neither skips it nor draws conclusions from it.
            .map(|at| unsafe { start.add(at).read_volatile() })
            .collect()
    }

    fn flip(&mut self, at: usize) {
        assert!(at < size_of::<T>());
        let start = self.memory.as_mut_ptr().cast::<u8>();
        // SAFETY: inside of our memory, and a byte of a secret, where any value is valid.
        unsafe { *start.add(at) ^= 1 };
    }

    /// What is in the memory after the value was dropped.
    fn dropped(mut self) -> Vec<u8> {
        // SAFETY: the value is there, and is not used any more.
        unsafe { ptr::drop_in_place(self.memory.as_mut_ptr()) };
        self.bytes()
    }
}

/// A secret as it lies in memory.
struct Part {
    name: &'static str,
    /// Pieces of the secret; random enough that they are nowhere by accident.
    pieces: Vec<Vec<u8>>,
    /// So many of them a key has. A crate chooses one of several representations when the program
    /// runs, and the memory that the others would take holds anything.
    at_least: usize,
}

/// The secrets of a key. On a thread of its own, so that this test leaves none of them on the stack
/// that the objects are made on.
fn secrets(suite: CipherSuite) -> Vec<Part> {
    let thread = std::thread::spawn(move || compute_secrets(suite));
    thread.join().unwrap()
}

fn compute_secrets(suite: CipherSuite) -> Vec<Part> {
    let (key, salt) = derive(suite);
    let mut parts = vec![salt_part(&salt)];
    match suite.ctr_key_len() {
        Some(16) => {
            parts.push(expanded::<Aes128Enc>(&key[..16], 11));
            parts.push(hmac_part(&key[16..], sha256_state));
        }
        Some(_) => {
            parts.push(expanded::<Aes256Enc>(&key[..32], 15));
            parts.push(hmac_part(&key[32..], sha512_state));
        }
        None if key.len() == 16 => {
            parts.push(expanded::<Aes128Enc>(&key, 11));
            parts.push(ghash_part(&Aes128Enc::new_from_slice(&key).unwrap()));
        }
        None => {
            parts.push(expanded::<Aes256Enc>(&key, 15));
            parts.push(ghash_part(&Aes256Enc::new_from_slice(&key).unwrap()));
        }
    }
    parts
}

/// `sframe_key` and `sframe_salt` (RFC 9605 §4.4.2).
fn derive(suite: CipherSuite) -> (Vec<u8>, Vec<u8>) {
    let expand = |label: &str, len: usize| {
        let mut info = label.as_bytes().to_vec();
        info.extend(KEY_ID.value().to_be_bytes());
        info.extend(suite.id().to_be_bytes());
        let mut out = vec![0; len];
        if suite.hash_len() == 32 {
            let secret = hkdf::Hkdf::<sha2::Sha256>::new(None, &BASE_KEY);
            secret.expand(&info, &mut out).unwrap();
        } else {
            let secret = hkdf::Hkdf::<sha2::Sha512>::new(None, &BASE_KEY);
            secret.expand(&info, &mut out).unwrap();
        }
        out
    };
    let key = expand("SFrame 1.0 Secret key ", suite.key_len());
    (key, expand("SFrame 1.0 Secret salt ", 12))
}

/// Every four bytes of the salt, in both byte orders: it may be kept as bytes or as numbers.
fn salt_part(salt: &[u8]) -> Part {
    let reversed: Vec<u8> = salt.iter().rev().copied().collect();
    let windows = salt.windows(4).chain(reversed.windows(4));
    Part {
        name: "salt",
        pieces: windows.map(<[u8]>::to_vec).collect(),
        // All of one order, if it is kept in one piece.
        at_least: 9,
    }
}

/// The round keys of a block cipher.
fn expanded<C: KeyInit>(key: &[u8], rounds: usize) -> Part {
    Part {
        name: "AES round keys",
        pieces: blocks(&Held::new(C::new_from_slice(key).unwrap()).bytes()),
        at_least: rounds,
    }
}

/// The powers of `H = E(0)`.
fn ghash_part<C: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16>>(cipher: &C) -> Part {
    let mut h = ghash::Block::default();
    cipher.encrypt_block(&mut h);
    let powers = Held::new(GHash::new(&h));
    Part {
        name: "GHASH powers",
        pieces: blocks(&powers.bytes()),
        at_least: 1,
    }
}

/// The states of HMAC after the inner and the outer padded key (RFC 2104).
fn hmac_part(key: &[u8], state: fn(&[u8], u8) -> Vec<u8>) -> Part {
    let both = [state(key, 0x36), state(key, 0x5c)].concat();
    Part {
        name: "HMAC states",
        at_least: both.len() / 8,
        pieces: both.chunks(8).map(<[u8]>::to_vec).collect(),
    }
}

fn sha256_state(key: &[u8], pad: u8) -> Vec<u8> {
    let mut block = [pad; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
    // FIPS 180-4 §5.3.3.
    let mut state = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    sha2::block_api::compress256(&mut state, &[block]);
    state
        .iter()
        .flat_map(|word: &u32| word.to_ne_bytes())
        .collect()
}

fn sha512_state(key: &[u8], pad: u8) -> Vec<u8> {
    let mut block = [pad; 128];
    block.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
    // FIPS 180-4 §5.3.5.
    let mut state = [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
    sha2::block_api::compress512(&mut state, &[block]);
    state
        .iter()
        .flat_map(|word: &u64| word.to_ne_bytes())
        .collect()
}

/// The blocks of 16 bytes that look like key material: zeros, numbers and pointers do not have so
/// many different bytes.
fn blocks(memory: &[u8]) -> Vec<Vec<u8>> {
    let is_random = |block: &&[u8]| {
        let mut sorted = block.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        block.len() == 16 && sorted.len() >= 11
    };
    memory
        .chunks(16)
        .filter(is_random)
        .map(<[u8]>::to_vec)
        .collect()
}
