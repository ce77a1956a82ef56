//! The types of a fixed capacity do exactly what the growing ones do, until they are full; and how
//! large they are.
//!
//! The same random scripts run on tables that just suffice, on larger ones and on growing ones.
//! Every answer, status, frame and buffer goes into a transcript, and the transcripts are equal.

use core::fmt::Write as _;

use frameseal::{
    CipherSuite, Counter, DecryptorCore, EncryptorCore, Error, Fixed, ForgeryPolicy, KeyId,
    KeyRingCore, ReceiveConfig, ReplayProtection, SendConfig, Storage, UsageLimits, fixed,
};

#[path = "support/random.rs"]
mod random;
use random::Random;

/// Not in order, so that sorted and unsorted tables differ inside.
const KIDS: [KeyId; 5] = [
    KeyId::new(900),
    KeyId::new(7),
    KeyId::new(u64::MAX),
    KeyId::new(0),
    KeyId::new(8),
];
const KEYS: [[u8; 16]; 2] = [[0x0a; 16], [0x0b; 16]];
const STEPS: u32 = 400;

/// A sender and a receiver with the same keys, and what was said.
struct Script<S: Storage> {
    sender: EncryptorCore<S>,
    receiver: DecryptorCore<S>,
    /// Frames that were sealed, to be opened in any order, several times, and damaged.
    frames: Vec<Vec<u8>>,
    transcript: String,
}

impl<S: Storage> Script<S> {
    fn run(seed: u64) -> String {
        let mut random = Random::new(seed);
        let suite = random.pick(&CipherSuite::ALL);
        let limits = UsageLimits::standard().with_frames(3 + random.next() % 30);
        let send = SendConfig::standard().with_limits(limits);
        let windows = [64, 100, 1024].map(ReplayProtection::Window);
        let window = random.pick(&[windows.as_slice(), &[ReplayProtection::Off]].concat());
        let policy = random.pick(&[ForgeryPolicy::Signal, ForgeryPolicy::StopKey]);
        let receive = ReceiveConfig::for_suite(suite)
            .with_replay(window)
            .with_forgery(1 + random.next() % 8, policy);
        let mut script = Self {
            sender: EncryptorCore::with_config(suite, send),
            receiver: DecryptorCore::with_config(suite, receive),
            frames: Vec::new(),
            transcript: String::new(),
        };
        for _ in 0..STEPS {
            script.step(&mut random);
        }
        script.transcript
    }

    fn step(&mut self, random: &mut Random) {
        let key_id = random.pick(&KIDS);
        // Another key under the same key id is the exception.
        let key = KEYS[usize::from(random.below(20) == 0)];
        let counter = Counter::new(random.pick(&[0, 3, 70, 2000, u64::MAX - 2]));
        let said = match random.below(22) {
            0 | 1 => format!("{:?}", self.sender.add_key(key_id, &key)),
            2 => format!("{:?}", self.sender.resume_key_after(key_id, &key, counter)),
            3 => format!("{:?}", self.sender.remove_key(key_id)),
            4..=6 => format!("{:?}", self.sender.use_key(key_id)),
            7 | 8 => {
                let last = self.sender.reserve(key_id, random.next() % 30);
                let confirmed = last.map(|last| self.sender.confirm(key_id, last));
                format!("{last:?} {confirmed:?}")
            }
            9..=13 => self.seal(random),
            14 | 15 => format!("{:?}", self.receiver.add_key(key_id, &key)),
            16 if random.below(4) == 0 => format!("{:?}", self.receiver.forget_key(key_id)),
            16 => format!("{:?}", self.receiver.remove_key(key_id)),
            17 => format!("{:?}", self.receiver.poll_forgery_alarm()),
            _ => self.open(random),
        };
        writeln!(self.transcript, "{said}").unwrap();
        let in_use = self.sender.key_in_use();
        writeln!(
            self.transcript,
            "{in_use:?} {:?}",
            self.sender.sealed_len(9)
        )
        .unwrap();
        for key_id in KIDS {
            let sending = self.sender.key_status(key_id);
            let receiving = self.receiver.key_status(key_id);
            writeln!(self.transcript, "{sending:?} {receiving:?}").unwrap();
        }
    }

    fn seal(&mut self, random: &mut Random) -> String {
        let len = random.pick(&[0, 1, 20, 100]);
        let mut buffer = vec![0x5a; 20 + len + random.pick(&[0, 16])];
        let sealed = match random.below(3) {
            0 => self
                .sender
                .encrypt(b"meta", &vec![0x5a; len], &mut buffer)
                .map(|written| 0..written),
            1 => {
                let start = random.pick(&[0, 17]);
                let payload = start..start + len;
                self.sender.encrypt_in_place(b"meta", &mut buffer, payload)
            }
            _ => self
                .sender
                .encrypt_within(b"meta", &mut buffer, 2..2 + len, 0),
        };
        if let Ok(frame) = &sealed {
            self.frames.push(buffer[frame.clone()].to_vec());
        }
        format!("{sealed:?} {buffer:02x?}")
    }

    fn open(&mut self, random: &mut Random) -> String {
        if self.frames.is_empty() {
            return String::new();
        }
        let mut frame = {
            // Of the last few: older ones are outside the windows soon enough.
            let from = self.frames.len().saturating_sub(6);
            self.frames[from + random.below(self.frames.len() - from)].clone()
        };
        if random.below(4) == 0 {
            let at = random.below(frame.len());
            frame[at] ^= 1 << random.below(8);
        }
        let mut out = [0xee; 60];
        let opened = match random.below(3) {
            0 => format!("{:?}", self.receiver.decrypt(b"meta", &mut frame)),
            1 => format!("{:?}", self.receiver.decrypt_to(b"meta", &frame, &mut out)),
            _ => {
                let range = 0..frame.len();
                let opened = self.receiver.decrypt_within(b"meta", &mut frame, range, 1);
                format!("{opened:?}")
            }
        };
        format!("{opened} {frame:02x?} {out:02x?}")
    }
}

/// The same on a key ring.
fn run_ring<S: Storage>(seed: u64) -> String {
    let mut random = Random::new(seed);
    let suite = random.pick(&CipherSuite::ALL);
    let mut ring = KeyRingCore::<S>::new(suite);
    let mut peer = KeyRingCore::<S>::new(suite);
    let mut transcript = String::new();
    for _ in 0..STEPS {
        let key_id = random.pick(&KIDS);
        let key = KEYS[usize::from(random.below(20) == 0)];
        let said = match random.below(12) {
            0 => {
                let sending = ring.add_sending_key(key_id, &key);
                format!("{sending:?} {:?}", peer.add_receiving_key(key_id, &key))
            }
            1 => {
                let receiving = ring.add_receiving_key(key_id, &key);
                format!("{receiving:?} {:?}", peer.add_sending_key(key_id, &key))
            }
            2 => format!("{:?}", ring.remove_sending_key(key_id)),
            3 => format!("{:?}", ring.remove_receiving_key(key_id)),
            4 | 5 => format!("{:?} {:?}", ring.use_key(key_id), peer.use_key(key_id)),
            _ => {
                let mut buffer = [0x5a; 80];
                let sealed = ring.encrypt(b"", b"frame", &mut buffer);
                // What comes back to its sender is of no key that receives.
                let mut echo = buffer;
                let echo = ring.decrypt(b"", &mut echo[..sealed.unwrap_or(0)]);
                let back = echo.map(|opened| opened.counter);
                let frame = &mut buffer[..sealed.unwrap_or(0)];
                let opened = format!("{:?}", peer.decrypt(b"", frame));
                format!("{sealed:?} {back:?} {opened} {buffer:02x?}")
            }
        };
        let in_use = ring.encryptor().key_in_use();
        let status = ring.decryptor().key_status(key_id);
        writeln!(transcript, "{said} {in_use:?} {status:?}").unwrap();
    }
    transcript
}

/// Fails at the first line that differs.
fn assert_same(one: &str, other: &str) {
    for (number, (one, other)) in one.lines().zip(other.lines()).enumerate() {
        assert_eq!(one, other, "line {number}");
    }
    assert_eq!(one.len(), other.len());
}

#[test]
fn tables_of_every_capacity_answer_the_same_until_they_are_full() {
    for seed in 0..60 {
        // 16 words are the 1,024 counters of the largest window of the scripts.
        let just_enough = Script::<Fixed<5>>::run(seed);
        assert!(!just_enough.contains("Capacity"), "room for all key ids");
        assert_same(&just_enough, &Script::<Fixed<9>>::run(seed));
        #[cfg(feature = "alloc")]
        assert_same(&just_enough, &Script::<frameseal::Growing>::run(seed));

        let ring = run_ring::<Fixed<5>>(seed);
        assert_same(&ring, &run_ring::<Fixed<9>>(seed));
        #[cfg(feature = "alloc")]
        assert_same(&ring, &run_ring::<frameseal::Growing>(seed));
    }
}

#[test]
fn the_scripts_meet_what_they_shall_compare() {
    let all: String = (0..60).map(Script::<Fixed<5>>::run).collect();
    let rings: String = (0..60).map(run_ring::<Fixed<5>>).collect();
    for (what, times) in [
        ("Opened {", 500),
        ("Err(Authentication)", 100),
        ("Err(Replay)", 100),
        ("Err(Policy", 20),
        ("Err(UnknownKeyId", 100),
        ("Err(KeyIdInUse", 100),
        ("Err(ReservationNeeded", 100),
        ("Err(CounterExhausted", 20),
        ("Err(UsageLimit", 20),
        ("Err(NoSendingKey)", 100),
        ("Err(BufferTooSmall", 100),
        ("Err(HeadroomTooSmall", 100),
    ] {
        let met = all.matches(what).count();
        assert!(met >= times, "{what}: {met} times");
    }
    assert!(rings.matches("Opened {").count() > 500);
}

#[test]
fn a_full_decryptor_is_an_error_and_evicts_nothing() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let mut sender = fixed::Encryptor::<1>::new(suite);
    sender.add_key(KIDS[0], &KEYS[0]).unwrap();
    sender.use_key(KIDS[0]).unwrap();
    let mut receiver = fixed::Decryptor::<2>::new(suite);
    receiver.add_key(KIDS[0], &KEYS[0]).unwrap();
    receiver.add_key(KIDS[1], &KEYS[0]).unwrap();
    let full = Err(Error::Capacity(2));
    assert_eq!(receiver.add_key(KIDS[2], &KEYS[0]), full);
    receiver.add_key(KIDS[1], &KEYS[0]).unwrap();
    receiver.remove_key(KIDS[1]).unwrap();
    assert_eq!(
        receiver.add_key(KIDS[2], &KEYS[0]),
        full,
        "it keeps its place"
    );
    assert_eq!(receiver.key_status(KIDS[2]), None);

    let mut buffer = [0; 64];
    let len = sender.encrypt(b"", b"frame", &mut buffer).unwrap();
    let opened = receiver.decrypt(b"", &mut buffer[..len]).unwrap();
    assert_eq!(opened.payload, b"frame");
    // Forgetting is a decision of the application, and makes room.
    receiver.forget_key(KIDS[1]).unwrap();
    receiver.add_key(KIDS[2], &KEYS[0]).unwrap();
    assert_eq!(receiver.add_key(KIDS[1], &KEYS[0]), full);
}

#[test]
fn a_full_key_ring_says_so_for_each_direction() {
    let mut ring = fixed::KeyRing::<1>::new(CipherSuite::Aes128GcmSha256_128);
    ring.add_sending_key(KIDS[0], &KEYS[0]).unwrap();
    ring.add_receiving_key(KIDS[1], &KEYS[0]).unwrap();
    let full = Err(Error::Capacity(1));
    assert_eq!(ring.add_sending_key(KIDS[2], &KEYS[0]), full);
    assert_eq!(ring.add_receiving_key(KIDS[2], &KEYS[0]), full);
}

#[test]
fn a_table_without_places_is_always_full() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let full = Err(Error::Capacity(0));
    let mut sender = fixed::Encryptor::<0>::new(suite);
    assert_eq!(sender.add_key(KIDS[0], &KEYS[0]), full);
    assert_eq!(
        sender.encrypt(b"", b"", &mut [0; 40]),
        Err(Error::NoSendingKey)
    );
    let mut receiver = fixed::Decryptor::<0>::new(suite);
    assert_eq!(receiver.add_key(KIDS[0], &KEYS[0]), full);
    let unknown = Error::UnknownKeyId(KeyId::new(0));
    assert_eq!(receiver.decrypt(b"", &mut [0; 40]), Err(unknown));
}

#[test]
fn a_window_smaller_than_the_fixed_one_covers_what_was_asked_for() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let window = ReplayProtection::Window(64);
    let config = ReceiveConfig::for_suite(suite).with_replay(window);
    let mut receiver = fixed::Decryptor::<1, 16>::with_config(suite, config);
    receiver.add_key(KIDS[0], &KEYS[0]).unwrap();
    let mut sender = fixed::Encryptor::<1>::new(suite);
    sender.add_key(KIDS[0], &KEYS[0]).unwrap();
    sender.use_key(KIDS[0]).unwrap();
    let mut frames = [[0; 40]; 65];
    let lengths = frames
        .each_mut()
        .map(|frame| sender.encrypt(b"", b"frame", frame).unwrap());
    let mut open = |counter: usize| {
        let frame = &mut frames[counter][..lengths[counter]];
        receiver.decrypt(b"", frame).map(|opened| opened.counter)
    };
    assert_eq!(open(64), Ok(Counter::new(64)));
    assert_eq!(open(1), Ok(Counter::new(1)), "63 below the highest");
    assert_eq!(open(0), Err(Error::Replay), "64 below the highest");
}

/// Seals 64 * W + 1 frames, opens the last, and then the first two.
fn open_across_a_default_window<const W: usize>(
    mut open: impl FnMut(&mut [u8]) -> Result<Counter, Error>,
) {
    let mut sender = fixed::Encryptor::<1>::new(CipherSuite::Aes128GcmSha256_128);
    sender.add_key(KIDS[0], &KEYS[0]).unwrap();
    sender.use_key(KIDS[0]).unwrap();
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for _ in 0..=64 * W {
        let mut frame = vec![0; 40];
        let len = sender.encrypt(b"", b"frame", &mut frame).unwrap();
        frame.truncate(len);
        frames.push(frame);
    }
    let last = 64 * W as u64;
    assert_eq!(open(&mut frames[64 * W]), Ok(Counter::new(last)));
    assert_eq!(open(&mut frames[1]), Ok(Counter::new(1)), "the lowest");
    assert_eq!(open(&mut frames[0]), Err(Error::Replay), "below it");
}

fn check_default_window<const W: usize>() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let mut receiver = fixed::Decryptor::<1, W>::new(suite);
    receiver.add_key(KIDS[0], &KEYS[0]).unwrap();
    open_across_a_default_window::<W>(|frame| {
        receiver.decrypt(b"", frame).map(|opened| opened.counter)
    });
    let mut ring = fixed::KeyRing::<1, W>::new(suite);
    ring.add_receiving_key(KIDS[0], &KEYS[0]).unwrap();
    open_across_a_default_window::<W>(|frame| {
        ring.decrypt(b"", frame).map(|opened| opened.counter)
    });
}

#[test]
fn a_window_that_nobody_chose_is_as_large_as_there_is_room_for() {
    check_default_window::<1>();
    check_default_window::<8>();
    check_default_window::<16>();
    check_default_window::<64>();
}

#[test]
fn a_window_larger_than_the_fixed_one_is_refused() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let with = |replay| ReceiveConfig::for_suite(suite).with_replay(replay);
    let added = |counters| {
        let config = with(ReplayProtection::Window(counters));
        fixed::Decryptor::<1, 2>::with_config(suite, config).add_key(KIDS[0], &KEYS[0])
    };
    for fits in [0, 1, 64, 65, 128] {
        assert_eq!(added(fits), Ok(()), "{fits} counters");
    }
    for too_large in [129, 1024, u32::MAX] {
        let refused = matches!(added(too_large), Err(Error::InvalidArgument(_)));
        assert!(refused, "{too_large} counters");
    }
    let mut off = fixed::Decryptor::<1, 1>::with_config(suite, with(ReplayProtection::Off));
    assert_eq!(off.add_key(KIDS[0], &KEYS[0]), Ok(()));
    // A refusal takes no place.
    let large = with(ReplayProtection::Window(129));
    let mut small = fixed::Decryptor::<1, 2>::with_config(suite, large);
    assert!(small.add_key(KIDS[0], &KEYS[0]).is_err());
    assert_eq!(small.key_status(KIDS[0]), None);
}

/// What a device must have room for. Most of a place is the expanded key of the largest suite; how
/// large that is depends on the target and the backends.
#[test]
fn a_place_for_a_key_has_a_bounded_size() {
    let sender = size_of::<fixed::Encryptor<1>>();
    let receiver = size_of::<fixed::Decryptor<1>>();
    let receivers = size_of::<fixed::Decryptor<9>>();
    let place = (receivers - receiver) / 8;
    let further = (size_of::<fixed::Encryptor<9>>() - sender) / 8;
    println!("fixed::Encryptor<1>: {sender} bytes, {further} for each further key");
    println!("fixed::Decryptor<1>: {receiver} bytes, {place} for each further key");
    let limit = if cfg!(feature = "aes-gcm") {
        4096
    } else {
        1536
    };
    assert!(sender <= limit, "{sender}");
    assert!(receiver <= limit, "{receiver}");
    // A wider window costs its bits and nothing else.
    let wide = size_of::<fixed::Decryptor<1, 64>>();
    assert_eq!(wide - receiver, (64 - 16) * 8);
}
