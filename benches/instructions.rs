//! Work for `benches/instructions.sh`, which counts the instructions of each function here: a number
//! that is the same on a busy machine, where times say little.
//!
//! Every case is a function of its own, so that the counter can tell them apart by name, and does
//! one thing [`TIMES`] times, after everything it needs has been made. The bare AEAD has the same
//! length of associated data as the frame.

use std::hint::black_box;

use frameseal::hazmat::Aead;
use frameseal::{
    Backend, CipherSuite, Decryptor, Encryptor, EpochConfig, EpochManager, EpochUpdate, GroupTag,
    KeyId, Member, StreamKind, Timestamp,
};

/// How often each function does its work; the script divides by it.
const TIMES: usize = 64;
const KEY_ID: KeyId = KeyId::new(0x123);
const METADATA: &[u8] = b"audio1";
/// Room for the header in front of a payload.
const HEADROOM: usize = 32;
/// As many bytes as header and metadata have.
const AAD: &[u8] = &[0x5a; 5 + METADATA.len()];
const NONCE: [u8; 12] = [7; 12];

/// Everything that the functions of one case need.
struct Case {
    size: usize,
    aead: Aead,
    encryptor: Encryptor,
    decryptor: Decryptor,
    buffer: Vec<u8>,
    body: Vec<u8>,
    tag: Vec<u8>,
    bodies: Vec<Vec<u8>>,
    frames: Vec<Vec<u8>>,
}

impl Case {
    fn new(suite: CipherSuite, size: usize) -> Self {
        let key = vec![0x42; suite.key_len()];
        let aead = Aead::new(suite, Backend::RustCrypto, &key).expect("a good key");
        let mut encryptor = Encryptor::new(suite);
        encryptor.add_key(KEY_ID, &key).expect("a good key");
        encryptor.use_key(KEY_ID).expect("just added");
        let mut decryptor = Decryptor::new(suite);
        decryptor.add_key(KEY_ID, &key).expect("a good key");
        let payload = vec![0x5a; size];
        let mut seal = || {
            let mut frame = vec![0; size + suite.max_overhead()];
            let len = encryptor.encrypt(METADATA, &payload, &mut frame);
            frame.truncate(len.expect("room for everything"));
            frame
        };
        // Counters below 256 have shorter headers.
        for _ in 0..256 {
            seal();
        }
        let frames: Vec<_> = (0..TIMES).map(|_| seal()).collect();
        let (mut body, mut tag) = (payload.clone(), vec![0; suite.tag_len()]);
        aead.seal_in_place(&NONCE, AAD, &mut body, &mut tag)
            .expect("right lengths");
        Self {
            size,
            aead,
            encryptor,
            decryptor,
            buffer: vec![0x5a; HEADROOM + size + suite.tag_len()],
            bodies: vec![body.clone(); TIMES],
            body,
            tag,
            frames,
        }
    }
}

/// A module for each case, with the same four functions.
macro_rules! cases {
    ($($name:ident: $suite:ident, $size:literal;)*) => {
        $(mod $name {
            use super::*;

            /// Shown to the optimizer, which would make one function of equal ones.
            const NAME: &str = stringify!($name);

            #[inline(never)]
            fn bare_seal(case: &mut Case) {
                black_box(NAME);
                for _ in 0..TIMES {
                    let (body, tag) = (black_box(&mut case.body), &mut case.tag);
                    case.aead.seal_in_place(&NONCE, AAD, body, tag).expect("right lengths");
                }
            }

            #[inline(never)]
            fn bare_open(case: &mut Case) {
                black_box(NAME);
                for body in &mut case.bodies {
                    let opened = case.aead.open_in_place(&NONCE, AAD, black_box(body), &case.tag);
                    opened.expect("sealed just now");
                }
            }

            #[inline(never)]
            fn encrypt(case: &mut Case) {
                black_box(NAME);
                for _ in 0..TIMES {
                    let payload = HEADROOM..HEADROOM + case.size;
                    let buffer = black_box(case.buffer.as_mut_slice());
                    let sealed = case.encryptor.encrypt_in_place(METADATA, buffer, payload);
                    black_box(sealed.expect("room for everything"));
                }
            }

            #[inline(never)]
            fn decrypt(case: &mut Case) {
                black_box(NAME);
                for frame in &mut case.frames {
                    let opened = case.decryptor.decrypt(METADATA, black_box(frame));
                    black_box(opened.expect("sealed just now").payload.len());
                }
            }

            pub(super) fn run() {
                let mut case = Case::new(CipherSuite::$suite, $size);
                // The bodies for opening were sealed before.
                bare_open(&mut case);
                bare_seal(&mut case);
                encrypt(&mut case);
                decrypt(&mut case);
            }
        })*

        fn frames() {
            $($name::run();)*
        }
    };
}

cases! {
    aes_128_ctr_hmac_sha256_80_at_20: Aes128CtrHmacSha256_80, 20;
    aes_128_ctr_hmac_sha256_80_at_160: Aes128CtrHmacSha256_80, 160;
    aes_128_gcm_sha256_128_at_20: Aes128GcmSha256_128, 20;
    aes_128_gcm_sha256_128_at_100: Aes128GcmSha256_128, 100;
    aes_128_gcm_sha256_128_at_160: Aes128GcmSha256_128, 160;
    aes_128_gcm_sha256_128_at_1200: Aes128GcmSha256_128, 1200;
    aes_128_gcm_sha256_128_at_10000: Aes128GcmSha256_128, 10_000;
    aes_256_gcm_sha512_128_at_20: Aes256GcmSha512_128, 20;
    aes_256_gcm_sha512_128_at_160: Aes256GcmSha512_128, 160;
    aes_256_ctr_hmac_sha512_80_at_160: Aes256CtrHmacSha512_80, 160;
}

/// A call with MLS keys: first frames, frames of one sender, of many in rotation, and new epochs.
mod epochs {
    use super::*;

    const MEMBERS: u32 = 64;
    const NOW: Timestamp = Timestamp::from_millis(1);

    fn add(manager: &mut EpochManager, own: u32, epoch: u64) {
        let identities: Vec<_> = (0..MEMBERS).map(u32::to_be_bytes).collect();
        let members: Vec<_> = (0..)
            .zip(&identities)
            .map(|(index, identity)| Member { index, identity })
            .collect();
        let mut base_key = [0x42; 16];
        base_key[..8].copy_from_slice(&epoch.to_be_bytes());
        let update = EpochUpdate {
            group: GroupTag::new(1),
            epoch,
            base_key: &base_key,
            own_index: Some(own),
            leaf_count: MEMBERS,
            members: &members,
        };
        manager.add_epoch(NOW, &update).expect("a new epoch");
    }

    fn manager(own: u32) -> EpochManager {
        let config = EpochConfig::new(CipherSuite::Aes128GcmSha256_128);
        let mut manager = EpochManager::new(config).expect("a good configuration");
        add(&mut manager, own, 1);
        manager
    }

    /// Frames of every other member, in turn.
    fn sealed(rounds: usize) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        let mut senders: Vec<_> = (1..MEMBERS)
            .map(|own| {
                let mut sender = manager(own);
                let stream = sender.open_stream(StreamKind::Independent);
                (sender, stream.expect("the first stream"))
            })
            .collect();
        for _ in 0..rounds {
            for (sender, stream) in &mut senders {
                let mut frame = vec![0; 160];
                let len = sender.encrypt(NOW, *stream, METADATA, &[0x5a; 100], &mut frame);
                frame.truncate(len.expect("room for everything"));
                frames.push(frame);
            }
        }
        frames
    }

    fn open(receiver: &mut EpochManager, frames: &mut [Vec<u8>]) {
        for frame in frames {
            let received = receiver.decrypt(NOW, METADATA, black_box(frame));
            black_box(received.expect("sealed just now").payload.len());
        }
    }

    #[inline(never)]
    fn first_frame_of_100_bytes(receiver: &mut EpochManager, frames: &mut [Vec<u8>]) {
        open(receiver, frames);
    }

    #[inline(never)]
    fn frame_of_100_bytes_in_rotation(receiver: &mut EpochManager, frames: &mut [Vec<u8>]) {
        open(receiver, frames);
    }

    #[inline(never)]
    fn add_an_epoch_of_64_members(receiver: &mut EpochManager) {
        for epoch in 2..2 + TIMES as u64 {
            add(black_box(receiver), 0, epoch);
        }
    }

    pub(super) fn run() {
        let mut receiver = manager(0);
        // One more of the first member, so that there are as many as are counted.
        let mut frames = sealed(4);
        let (first, rest) = frames.split_at_mut(MEMBERS as usize - 1);
        let (one_more, rest) = rest.split_at_mut(1);
        first_frame_of_100_bytes(&mut receiver, first);
        open(&mut receiver, one_more);
        frame_of_100_bytes_in_rotation(&mut receiver, &mut rest[..TIMES]);
        add_an_epoch_of_64_members(&mut receiver);
    }
}

fn main() {
    frames();
    epochs::run();
}
