//! How much one key may protect, and how many forgeries may be tried against it: what the limits
//! are when none are given, that they refuse the first frame beyond, and that nothing resets them.

#[cfg(feature = "alloc")]
use frameseal::Growing;
use frameseal::{
    CipherSuite, Counter, DecryptorCore, EncryptionKey, EncryptorCore, Error, Fixed, ForgeryPolicy,
    KeyId, ReceiveConfig, SendConfig, Storage, UsageLimits,
};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KID: KeyId = KeyId::new(7);
const OTHER_KID: KeyId = KeyId::new(8);
const KEY: [u8; 16] = [0x42; 16];

fn encryptor<S: Storage>(limits: UsageLimits) -> EncryptorCore<S> {
    let config = SendConfig::standard().with_limits(limits);
    let mut encryptor = EncryptorCore::with_config(SUITE, config);
    encryptor.add_key(KID, &KEY).unwrap();
    encryptor.use_key(KID).unwrap();
    encryptor
}

fn send<S: Storage>(encryptor: &mut EncryptorCore<S>, len: usize) -> Result<Vec<u8>, Error> {
    let mut frame = vec![0; len + SUITE.max_overhead()];
    let written = encryptor.encrypt(b"", &vec![0x5a; len], &mut frame)?;
    frame.truncate(written);
    Ok(frame)
}

fn decryptor<S: Storage>(failed_opens: u64, policy: ForgeryPolicy) -> DecryptorCore<S> {
    let config = ReceiveConfig::for_suite(SUITE).with_forgery(failed_opens, policy);
    let mut decryptor = DecryptorCore::with_config(SUITE, config);
    decryptor.add_key(KID, &KEY).unwrap();
    decryptor.add_key(OTHER_KID, &KEY).unwrap();
    decryptor
}

/// A frame of `key_id`, and a forgery of it.
fn frame_and_forgery(key_id: KeyId) -> (Vec<u8>, Vec<u8>) {
    let mut sender = EncryptionKey::new(SUITE, key_id, &KEY).unwrap();
    let mut frame = vec![0; sender.sealed_len(5).unwrap()];
    sender.encrypt(b"", b"frame", &mut frame).unwrap();
    let mut forgery = frame.clone();
    forgery[3] ^= 1;
    (frame, forgery)
}

fn open<S: Storage>(decryptor: &mut DecryptorCore<S>, frame: &[u8]) -> Result<(), Error> {
    decryptor.decrypt(b"", &mut frame.to_vec()).map(|_| ())
}

#[test]
fn the_limits_are_the_documented_ones_when_none_are_given() {
    let limits = SendConfig::standard().limits;
    assert_eq!(limits, UsageLimits::standard());
    assert_eq!((limits.frames, limits.bytes), (1 << 32, 1 << 38));
    for suite in CipherSuite::ALL {
        let config = ReceiveConfig::for_suite(suite);
        let expected = match suite.tag_len() {
            4 => 1 << 22,
            8 => 1 << 34,
            _ => 1 << 40,
        };
        assert_eq!(config.failed_opens, expected, "{suite}");
        assert_eq!(config.forgery, ForgeryPolicy::Signal, "{suite}");
    }
}

/// Makes each rule a test for both kinds of tables.
macro_rules! for_both_tables {
    ($($rule:ident)*) => {
        mod fixed_table { $(#[test] fn $rule() { super::$rule::<super::Fixed<2>>(); })* }
        #[cfg(feature = "alloc")]
        mod growing_table { $(#[test] fn $rule() { super::$rule::<super::Growing>(); })* }
    };
}
for_both_tables! {
    the_frame_limit_refuses_the_first_frame_beyond_it
    the_byte_limit_refuses_the_first_frame_beyond_it
    usage_outlives_removal
    each_key_has_limits_of_its_own
    the_alarm_is_told_once_for_each_key
    a_signal_stops_nothing
    a_stopped_key_refuses_even_good_frames
    a_stopped_key_stays_stopped_when_it_is_removed_and_comes_back
    frames_that_no_key_tried_to_open_raise_no_alarm
    no_failed_open_allowed_is_the_first_one
}

fn the_frame_limit_refuses_the_first_frame_beyond_it<S: Storage>() {
    let mut encryptor = encryptor::<S>(UsageLimits::standard().with_frames(3));
    for frames in 1..=3 {
        send(&mut encryptor, 10).unwrap();
        assert_eq!(encryptor.key_status(KID).unwrap().frames, frames);
    }
    let before = encryptor.key_status(KID);
    let refused = Err(Error::UsageLimit(KID));
    for len in [0, 10, 1000] {
        assert_eq!(send(&mut encryptor, len), refused);
    }
    let mut buffer = [0; 100];
    let in_place = encryptor.encrypt_in_place(b"", &mut buffer, 20..30);
    assert_eq!(in_place, Err(Error::UsageLimit(KID)));
    let within = encryptor.encrypt_within(b"", &mut buffer, 20..30, 0);
    assert_eq!(within, Err(Error::UsageLimit(KID)));
    assert_eq!(buffer, [0; 100]);
    assert_eq!(encryptor.key_status(KID), before);

    let none = UsageLimits::standard().with_frames(0);
    assert_eq!(send(&mut self::encryptor::<S>(none), 0), refused);
}

fn the_byte_limit_refuses_the_first_frame_beyond_it<S: Storage>() {
    // Rounded up to blocks of 16 bytes, and one block more.
    for (len, charged) in [(0, 16), (1, 32), (16, 32), (17, 48), (1000, 1024)] {
        let limit = |bytes| encryptor::<S>(UsageLimits::standard().with_bytes(bytes));
        let mut enough = limit(charged);
        send(&mut enough, len).unwrap();
        assert_eq!(enough.key_status(KID).unwrap().bytes, charged);
        let refused = Err(Error::UsageLimit(KID));
        assert_eq!(send(&mut enough, 0), refused);

        let mut too_little = limit(charged - 1);
        assert_eq!(send(&mut too_little, len), refused);
        let status = too_little.key_status(KID).unwrap();
        assert_eq!((status.frames, status.bytes), (0, 0));
        assert_eq!(status.next_counter, Some(Counter::new(0)));
    }
}

fn usage_outlives_removal<S: Storage>() {
    let mut encryptor = encryptor::<S>(UsageLimits::standard().with_frames(3));
    for _ in 0..3 {
        send(&mut encryptor, 10).unwrap();
        let before = encryptor.key_status(KID);
        encryptor.remove_key(KID).unwrap();
        encryptor.add_key(KID, &KEY).unwrap();
        encryptor.use_key(KID).unwrap();
        assert_eq!(encryptor.key_status(KID), before);
    }
    let refused = Err(Error::UsageLimit(KID));
    assert_eq!(send(&mut encryptor, 10), refused);
    // Going on behind a later counter is no new key either.
    encryptor
        .resume_key_after(KID, &KEY, Counter::new(50))
        .unwrap();
    let last = encryptor.reserve(KID, 5).unwrap();
    encryptor.confirm(KID, last).unwrap();
    assert_eq!(send(&mut encryptor, 10), refused);
}

fn each_key_has_limits_of_its_own<S: Storage>() {
    let mut encryptor = encryptor::<S>(UsageLimits::standard().with_frames(1));
    send(&mut encryptor, 10).unwrap();
    assert_eq!(send(&mut encryptor, 10), Err(Error::UsageLimit(KID)));
    encryptor.add_key(OTHER_KID, &KEY).unwrap();
    encryptor.use_key(OTHER_KID).unwrap();
    send(&mut encryptor, 10).unwrap();
    assert_eq!(send(&mut encryptor, 10), Err(Error::UsageLimit(OTHER_KID)));
}

fn the_alarm_is_told_once_for_each_key<S: Storage>() {
    let mut decryptor = decryptor::<S>(3, ForgeryPolicy::Signal);
    let forge = |decryptor: &mut DecryptorCore<S>, key_id| {
        let (_, forgery) = frame_and_forgery(key_id);
        assert_eq!(open(decryptor, &forgery), Err(Error::Authentication));
    };
    for _ in 0..2 {
        forge(&mut decryptor, KID);
        assert_eq!(decryptor.poll_forgery_alarm(), None);
    }
    forge(&mut decryptor, KID);
    assert_eq!(decryptor.poll_forgery_alarm(), Some(KID));
    for _ in 0..10 {
        forge(&mut decryptor, KID);
        assert_eq!(decryptor.poll_forgery_alarm(), None);
    }
    assert_eq!(decryptor.key_status(KID).unwrap().failed_opens, 13);

    // Another key that nobody has asked about for a while, and a key that was removed since.
    for _ in 0..5 {
        forge(&mut decryptor, OTHER_KID);
    }
    decryptor.remove_key(OTHER_KID).unwrap();
    assert_eq!(decryptor.poll_forgery_alarm(), Some(OTHER_KID));
    assert_eq!(decryptor.poll_forgery_alarm(), None);
    decryptor.add_key(OTHER_KID, &KEY).unwrap();
    forge(&mut decryptor, OTHER_KID);
    assert_eq!(decryptor.poll_forgery_alarm(), None, "told before removal");
}

fn a_signal_stops_nothing<S: Storage>() {
    let mut decryptor = decryptor::<S>(1, ForgeryPolicy::Signal);
    let (frame, forgery) = frame_and_forgery(KID);
    for _ in 0..5 {
        assert_eq!(open(&mut decryptor, &forgery), Err(Error::Authentication));
    }
    assert_eq!(open(&mut decryptor, &frame), Ok(()));
}

fn a_stopped_key_refuses_even_good_frames<S: Storage>() {
    let mut decryptor = decryptor::<S>(2, ForgeryPolicy::StopKey);
    let (frame, forgery) = frame_and_forgery(KID);
    assert_eq!(open(&mut decryptor, &forgery), Err(Error::Authentication));
    assert_eq!(open(&mut decryptor, &frame), Ok(()), "not yet");
    assert_eq!(open(&mut decryptor, &forgery), Err(Error::Replay), "seen");
    let mut sender = EncryptionKey::new(SUITE, KID, &KEY).unwrap();
    let mut next = || {
        let mut frame = vec![0; sender.sealed_len(5).unwrap()];
        sender.encrypt(b"", b"frame", &mut frame).unwrap();
        frame
    };
    let (_, second, third) = (next(), next(), next());
    let mut forgery = second.clone();
    forgery[4] ^= 1;
    assert_eq!(open(&mut decryptor, &forgery), Err(Error::Authentication));

    let status = decryptor.key_status(KID).unwrap();
    for told in [Some(KID), None] {
        for frame in [&second, &third, &forgery] {
            // In every way to open, with nothing written.
            let stopped = Err(Error::Policy(KID));
            let mut buffer = frame.clone();
            let opened = decryptor.decrypt(b"", &mut buffer).map(|_| ());
            assert_eq!((opened, &buffer), (stopped, frame));
            let range = 0..frame.len();
            let opened = decryptor.decrypt_within(b"", &mut buffer, range, 0);
            assert_eq!(opened.map(|_| ()), stopped);
            assert_eq!(buffer, *frame);
            let mut out = [0xee; 5];
            let opened = decryptor.decrypt_to(b"", frame, &mut out).map(|_| ());
            assert_eq!((opened, out), (stopped, [0xee; 5]));
        }
        assert_eq!(decryptor.poll_forgery_alarm(), told);
    }
    assert_eq!(decryptor.key_status(KID), Some(status));
    let (other, _) = frame_and_forgery(OTHER_KID);
    assert_eq!(open(&mut decryptor, &other), Ok(()), "another key goes on");
}

fn a_stopped_key_stays_stopped_when_it_is_removed_and_comes_back<S: Storage>() {
    let mut decryptor = decryptor::<S>(1, ForgeryPolicy::StopKey);
    let (frame, forgery) = frame_and_forgery(KID);
    assert_eq!(open(&mut decryptor, &forgery), Err(Error::Authentication));
    decryptor.remove_key(KID).unwrap();
    assert_eq!(open(&mut decryptor, &frame), Err(Error::UnknownKeyId(KID)));
    decryptor.add_key(KID, &KEY).unwrap();
    assert_eq!(open(&mut decryptor, &frame), Err(Error::Policy(KID)));
}

fn frames_that_no_key_tried_to_open_raise_no_alarm<S: Storage>() {
    let mut decryptor = decryptor::<S>(1, ForgeryPolicy::StopKey);
    let (frame, _) = frame_and_forgery(KID);
    let (unknown, _) = frame_and_forgery(KeyId::new(99));
    assert!(open(&mut decryptor, &unknown).is_err());
    assert!(open(&mut decryptor, &frame[..5]).is_err(), "syntax");
    assert!(decryptor.decrypt_to(b"", &frame, &mut []).is_err(), "room");
    assert_eq!(open(&mut decryptor, &frame), Ok(()));
    assert_eq!(open(&mut decryptor, &frame), Err(Error::Replay));
    assert_eq!(decryptor.poll_forgery_alarm(), None);
    assert_eq!(decryptor.key_status(KID).unwrap().failed_opens, 0);
}

/// The alarm at 0 failed opens is that at the first one, and does not stop a key before it.
fn no_failed_open_allowed_is_the_first_one<S: Storage>() {
    let mut decryptor = decryptor::<S>(0, ForgeryPolicy::StopKey);
    let (frame, forgery) = frame_and_forgery(KID);
    let (good, _) = frame_and_forgery(OTHER_KID);
    assert_eq!(open(&mut decryptor, &good), Ok(()), "nothing failed yet");
    assert_eq!(decryptor.poll_forgery_alarm(), None);
    assert_eq!(open(&mut decryptor, &forgery), Err(Error::Authentication));
    assert_eq!(decryptor.poll_forgery_alarm(), Some(KID));
    assert_eq!(open(&mut decryptor, &frame), Err(Error::Policy(KID)));
}

#[test]
fn a_single_key_that_resumes_keeps_the_limits_that_it_is_given() {
    let limits = UsageLimits::standard().with_frames(2);
    let config = SendConfig::standard().with_limits(limits);
    let stored = Counter::new(40);
    let mut key =
        EncryptionKey::resume_after_with_config(SUITE, KID, &KEY, stored, &config).unwrap();
    let mut frame = [0; 40];
    let early = key.encrypt(b"", b"frame", &mut frame);
    assert_eq!(early, Err(Error::ReservationNeeded(KID)));
    let last = key.reserve(10).unwrap();
    key.confirm(last).unwrap();
    for counter in [41, 42] {
        let next = key.status().next_counter;
        assert_eq!(next, Some(Counter::new(counter)));
        key.encrypt(b"", b"frame", &mut frame).unwrap();
    }
    let beyond = key.encrypt(b"", b"frame", &mut frame);
    assert_eq!(beyond, Err(Error::UsageLimit(KID)));

    // Without a configuration, the standard limits.
    let mut key = EncryptionKey::resume_after(SUITE, KID, &KEY, stored).unwrap();
    let last = key.reserve(10).unwrap();
    key.confirm(last).unwrap();
    for _ in 0..10 {
        key.encrypt(b"", b"frame", &mut frame).unwrap();
    }
}

#[cfg(feature = "std")]
#[test]
fn a_shared_decryptor_tells_the_alarm_of_each_key_once() {
    let config = ReceiveConfig::for_suite(SUITE).with_forgery(2, ForgeryPolicy::StopKey);
    let decryptor = frameseal::SharedDecryptor::with_config(SUITE, config);
    let open = |frame: &[u8]| {
        let mut buffer = frame.to_vec();
        decryptor.decrypt(b"", &mut buffer).map(|_| ())
    };
    for key_id in [KID, OTHER_KID] {
        decryptor.add_key(key_id, &KEY).unwrap();
        let (frame, forgery) = frame_and_forgery(key_id);
        assert_eq!(open(&forgery), Err(Error::Authentication));
        assert_eq!(open(&forgery), Err(Error::Authentication));
        assert_eq!(open(&frame), Err(Error::Policy(key_id)));
        decryptor.clone().remove_key(key_id).unwrap();
        decryptor.add_key(key_id, &KEY).unwrap();
        assert_eq!(open(&frame), Err(Error::Policy(key_id)));
    }
    let mut told = [(); 4].map(|()| decryptor.poll_forgery_alarm());
    told.sort();
    assert_eq!(told, [None, None, Some(KID), Some(OTHER_KID)]);

    let third = KeyId::new(9);
    decryptor.add_key(third, &KEY).unwrap();
    let (frame, forgery) = frame_and_forgery(third);
    assert_eq!(open(&forgery), Err(Error::Authentication));
    assert_eq!(decryptor.poll_forgery_alarm(), None, "one is not two");
    assert_eq!(open(&frame), Ok(()));
}
