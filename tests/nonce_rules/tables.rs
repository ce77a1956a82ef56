//! The rules about many keys: what is added, removed, resumed and chosen, in any order, never makes
//! a counter come twice.

use frameseal::{
    Counter, DecryptionKey, EncryptorCore, Error, Fixed, Header, KeyId, SendConfig, Storage, fixed,
};

use super::{KEY, KID, PAYLOAD, SUITE, Sender, opened_counter};

const OTHER_KID: KeyId = KeyId::new(900);
const OTHER_KEY: [u8; 16] = [0x43; 16];

/// Makes each rule a test for every kind of table.
macro_rules! rules_of_every_table {
    ($($rule:ident)*) => {
        mod fixed_table { $(#[test] fn $rule() { super::$rule::<super::Fixed<2>>(); })* }
        #[cfg(feature = "alloc")]
        mod growing_table { $(#[test] fn $rule() { super::$rule::<frameseal::Growing>(); })* }
    };
}
rules_of_every_table! {
    a_removed_key_that_comes_back_goes_on_where_it_was
    the_same_key_again_changes_nothing
    another_key_under_a_used_key_id_is_refused
    exhaustion_outlives_removal_and_resumption
    resuming_moves_forward_and_never_back
    a_reservation_outlives_removal
    only_a_key_that_is_here_can_be_used
    removing_the_key_in_use_leaves_none_in_use
    one_base_key_under_two_key_ids_is_two_keys
}

fn a_removed_key_that_comes_back_goes_on_where_it_was<S: Storage>() {
    let mut encryptor = EncryptorCore::<S>::fresh();
    let mut expected = 0;
    for round in 0..4 {
        for _ in 0..round {
            assert_eq!(encryptor.send(), Ok(expected));
            expected += 1;
        }
        let before = encryptor.key_status(KID).unwrap();
        encryptor.remove_key(KID).unwrap();
        let removed = encryptor.key_status(KID).unwrap();
        assert!(!removed.active);
        assert_eq!(removed.next_counter, before.next_counter);
        encryptor.add_key(KID, &KEY).unwrap();
        encryptor.use_key(KID).unwrap();
        assert_eq!(encryptor.key_status(KID), Some(before));
    }
    assert_eq!(encryptor.send(), Ok(expected));
}

fn the_same_key_again_changes_nothing<S: Storage>() {
    let mut encryptor = EncryptorCore::<S>::fresh();
    for expected in 0..20 {
        assert_eq!(encryptor.send(), Ok(expected));
        let before = encryptor.key_status(KID);
        encryptor.add_key(KID, &KEY).unwrap();
        assert_eq!(encryptor.key_status(KID), before);
        assert_eq!(encryptor.key_in_use(), Some(KID));
    }
}

fn another_key_under_a_used_key_id_is_refused<S: Storage>() {
    let mut encryptor = EncryptorCore::<S>::fresh();
    assert_eq!(encryptor.send(), Ok(0));
    let refuses = |encryptor: &mut EncryptorCore<S>| {
        let before = encryptor.key_status(KID);
        let last = Counter::new(1_000);
        let in_use = Err(Error::KeyIdInUse(KID));
        assert_eq!(encryptor.add_key(KID, &OTHER_KEY), in_use);
        assert_eq!(encryptor.resume_key_after(KID, &OTHER_KEY, last), in_use);
        // A longer base key that begins the same is another one.
        assert_eq!(encryptor.add_key(KID, &[0x42; 17]), in_use);
        assert!(encryptor.add_key(KID, &KEY[..15]).is_err(), "too short");
        assert_eq!(encryptor.key_status(KID), before);
    };
    refuses(&mut encryptor);
    assert_eq!(encryptor.send(), Ok(1));
    encryptor.remove_key(KID).unwrap();
    refuses(&mut encryptor);
    encryptor.add_key(KID, &KEY).unwrap();
    encryptor.use_key(KID).unwrap();
    assert_eq!(encryptor.send(), Ok(2));
}

fn exhaustion_outlives_removal_and_resumption<S: Storage>() {
    let exhausted = Err(Error::CounterExhausted(KID));
    let mut encryptor = EncryptorCore::<S>::resumed_after(u64::MAX - 1);
    Sender::reserve(&mut encryptor, 1).unwrap();
    Sender::confirm(&mut encryptor, u64::MAX).unwrap();
    assert_eq!(encryptor.send(), Ok(u64::MAX));
    assert_eq!(encryptor.send(), exhausted);
    for last in [0, 5, u64::MAX - 1, u64::MAX] {
        let last = Counter::new(last);
        encryptor.resume_key_after(KID, &KEY, last).unwrap();
        assert_eq!(encryptor.send(), exhausted, "resumed while active");
        encryptor.remove_key(KID).unwrap();
        encryptor.add_key(KID, &KEY).unwrap();
        encryptor.use_key(KID).unwrap();
        assert_eq!(encryptor.send(), exhausted, "removed and added");
        encryptor.remove_key(KID).unwrap();
        encryptor.resume_key_after(KID, &KEY, last).unwrap();
        encryptor.use_key(KID).unwrap();
        assert_eq!(encryptor.send(), exhausted, "removed and resumed");
        assert_eq!(Sender::reserve(&mut encryptor, 1), exhausted);
    }
}

fn resuming_moves_forward_and_never_back<S: Storage>() {
    // Of a key that is active, and of one that was removed.
    for removed in [false, true] {
        let mut encryptor = EncryptorCore::<S>::fresh();
        for expected in 0..5 {
            assert_eq!(encryptor.send(), Ok(expected));
        }
        for (last, expected) in [(0, 5), (3, 5), (4, 5), (5, 6), (2, 6), (99, 100)] {
            if removed {
                encryptor.remove_key(KID).unwrap();
            }
            let last = Counter::new(last);
            encryptor.resume_key_after(KID, &KEY, last).unwrap();
            encryptor.use_key(KID).unwrap();
            let status = encryptor.key_status(KID).unwrap();
            assert_eq!(status.next_counter, Some(Counter::new(expected)));
            assert_eq!(
                encryptor.send(),
                Err(Error::ReservationNeeded(KID)),
                "what resumes is durable"
            );
        }
        assert_eq!(Sender::reserve(&mut encryptor, 1), Ok(100));
        Sender::confirm(&mut encryptor, 100).unwrap();
        assert_eq!(encryptor.send(), Ok(100));
    }
}

fn a_reservation_outlives_removal<S: Storage>() {
    let mut encryptor = EncryptorCore::<S>::fresh();
    Sender::reserve(&mut encryptor, 2).unwrap();
    Sender::confirm(&mut encryptor, 1).unwrap();
    assert_eq!(encryptor.send(), Ok(0));
    assert_eq!(Sender::reserve(&mut encryptor, 2), Ok(3));
    encryptor.remove_key(KID).unwrap();
    encryptor.add_key(KID, &KEY).unwrap();
    encryptor.use_key(KID).unwrap();
    assert_eq!(encryptor.send(), Ok(1));
    assert_eq!(encryptor.send(), Err(Error::ReservationNeeded(KID)));
    assert!(Sender::confirm(&mut encryptor, 4).is_err());
    Sender::confirm(&mut encryptor, 3).unwrap();
    assert_eq!(encryptor.send(), Ok(2));
}

fn only_a_key_that_is_here_can_be_used<S: Storage>() {
    let unknown = Err(Error::UnknownKeyId(OTHER_KID));
    let refuses = |encryptor: &mut EncryptorCore<S>| {
        assert_eq!(encryptor.use_key(OTHER_KID), unknown);
        assert_eq!(encryptor.remove_key(OTHER_KID), unknown);
        assert_eq!(encryptor.confirm(OTHER_KID, Counter::new(0)), unknown);
        let reserved = encryptor.reserve(OTHER_KID, 1);
        assert_eq!(reserved, Err(Error::UnknownKeyId(OTHER_KID)));
        assert_eq!(encryptor.key_in_use(), Some(KID));
    };
    let mut encryptor = EncryptorCore::<S>::fresh();
    refuses(&mut encryptor);
    assert_eq!(encryptor.send(), Ok(0));
    encryptor.add_key(OTHER_KID, &OTHER_KEY).unwrap();
    assert_eq!(encryptor.send(), Ok(1), "adding is not using");
    encryptor.remove_key(OTHER_KID).unwrap();
    refuses(&mut encryptor);
    assert_eq!(encryptor.send(), Ok(2));
}

fn removing_the_key_in_use_leaves_none_in_use<S: Storage>() {
    let mut encryptor = EncryptorCore::<S>::fresh();
    encryptor.add_key(OTHER_KID, &OTHER_KEY).unwrap();
    assert_eq!(encryptor.send(), Ok(0));
    encryptor.remove_key(KID).unwrap();
    assert_eq!(encryptor.key_in_use(), None);
    let none = Error::NoSendingKey;
    let mut buffer = [0; 64];
    assert_eq!(encryptor.send(), Err(none));
    assert_eq!(encryptor.in_place(&mut buffer, 20..25), Err(none));
    assert_eq!(encryptor.within(&mut buffer, 20..25, 0), Err(none));
    assert_eq!(encryptor.sealed_len(5), Err(none));
    encryptor.add_key(KID, &KEY).unwrap();
    assert_eq!(encryptor.send(), Err(none), "coming back is not being used");
    let other = encryptor.key_status(OTHER_KID).unwrap();
    assert_eq!(other.next_counter, Some(Counter::new(0)));
    encryptor.use_key(KID).unwrap();
    assert_eq!(encryptor.send(), Ok(1));
}

fn one_base_key_under_two_key_ids_is_two_keys<S: Storage>() {
    // Both header fields are in the config byte, so that the frames have the same shape.
    let (one, two) = (KeyId::new(1), KeyId::new(2));
    let mut encryptor = EncryptorCore::<S>::with_config(SUITE, SendConfig::standard());
    let mut seal = |key_id| {
        encryptor.add_key(key_id, &KEY).unwrap();
        encryptor.use_key(key_id).unwrap();
        let mut out = [0; 64];
        let len = encryptor.encrypt(b"", PAYLOAD, &mut out).unwrap();
        (out, len)
    };
    let ((frame_one, len), (frame_two, _)) = (seal(one), seal(two));
    assert_ne!(frame_one[1..len], frame_two[1..len]);
    let mut under_two = frame_one;
    let header = Header::new(two, Counter::new(0)).encode();
    under_two[..1].copy_from_slice(header.as_bytes());
    let mut key = DecryptionKey::new(SUITE, two, &KEY).unwrap();
    let opened = key.decrypt(b"", &mut under_two[..len]);
    assert_eq!(opened, Err(Error::Authentication));
    for (key_id, mut frame) in [(one, frame_one), (two, frame_two)] {
        assert_eq!(opened_counter(key_id, &KEY, &mut frame[..len]), 0);
    }
}

#[test]
fn a_full_table_is_an_error_and_evicts_nothing() {
    let mut encryptor = fixed::Encryptor::<2>::fresh();
    encryptor.add_key(OTHER_KID, &OTHER_KEY).unwrap();
    let refuses = |encryptor: &mut fixed::Encryptor<2>| {
        let third = KeyId::new(3);
        let before = [KID, OTHER_KID].map(|id| encryptor.key_status(id));
        let last = Counter::new(5);
        let full = Err(Error::Capacity(2));
        assert_eq!(encryptor.add_key(third, &KEY), full);
        assert_eq!(encryptor.resume_key_after(third, &KEY, last), full);
        assert_eq!(encryptor.key_status(third), None);
        let after = [KID, OTHER_KID].map(|id| encryptor.key_status(id));
        assert_eq!(after, before);
    };
    assert_eq!(encryptor.send(), Ok(0));
    refuses(&mut encryptor);
    // A removed key keeps its place: what it must not forget is there.
    encryptor.remove_key(OTHER_KID).unwrap();
    refuses(&mut encryptor);
    assert_eq!(encryptor.send(), Ok(1));
    encryptor.remove_key(KID).unwrap();
    refuses(&mut encryptor);
    encryptor.add_key(KID, &KEY).unwrap();
    encryptor.use_key(KID).unwrap();
    assert_eq!(encryptor.send(), Ok(2));
}
