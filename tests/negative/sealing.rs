//! Frames that must not be sealed: each refusal uses no counter and writes nothing.

use frameseal::{
    CipherSuite, Counter, EncryptionKey, Encryptor, Error, KeyId, SendConfig, SendingKeyStatus,
    UsageLimits,
};

use crate::frames::{key_at, seal_at};
use crate::receiver::{BASE_KEY, CTR, KEY_ID, KID, METADATA, PAYLOAD};

/// Runs calls that must be refused; then the next frame must be the one that was next before.
fn refuse(key: &mut EncryptionKey, calls: impl FnOnce(&mut EncryptionKey)) -> SendingKeyStatus {
    let before = key.status();
    calls(key);
    assert_eq!(key.status(), before);
    let mut sealed = vec![0; key.sealed_len(PAYLOAD.len()).unwrap()];
    key.encrypt(METADATA, PAYLOAD, &mut sealed).unwrap();
    let ctr = before.next_counter.unwrap().value();
    let expected = seal_at(key.suite(), KID, &BASE_KEY, ctr, METADATA, PAYLOAD);
    assert_eq!(sealed, expected, "no counter is skipped or used again");
    before
}

fn for_each_suite(case: impl Fn(&mut EncryptionKey)) {
    for suite in CipherSuite::ALL {
        case(&mut key_at(suite, KID, &BASE_KEY, CTR));
    }
}

#[test]
fn a_buffer_that_is_too_small_is_refused_with_the_size_it_needs() {
    for_each_suite(|key| {
        refuse(key, |key| {
            let needed = key.sealed_len(PAYLOAD.len()).unwrap();
            for len in 0..needed {
                let mut out = vec![0xee; len];
                let refused = key.encrypt(METADATA, PAYLOAD, &mut out);
                assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
                assert!(out.iter().all(|byte| *byte == 0xee));
            }
        });
    });
}

#[test]
fn headroom_and_tailroom_that_are_too_small_are_refused() {
    for_each_suite(|key| {
        refuse(key, |key| {
            let tag_len = key.suite().tag_len();
            for start in 0..5 {
                let mut buffer = [0x77; 100];
                let refused = key.encrypt_in_place(METADATA, &mut buffer, start..50);
                assert_eq!(refused, Err(Error::HeadroomTooSmall { needed: 5 }));
                assert_eq!(buffer, [0x77; 100]);
            }
            for end in 100 - tag_len + 1..=100 {
                let mut buffer = [0x77; 100];
                let refused = key.encrypt_in_place(METADATA, &mut buffer, 5..end);
                assert_eq!(
                    refused,
                    Err(Error::BufferTooSmall {
                        needed: end + tag_len
                    })
                );
                assert_eq!(buffer, [0x77; 100]);
            }
        });
    });
}

#[test]
#[allow(clippy::reversed_empty_ranges, reason = "one of the mistakes")]
fn ranges_that_are_not_in_the_buffer_are_refused() {
    for_each_suite(|key| {
        refuse(key, |key| {
            let mut buffer = [0x77; 100];
            for range in [
                0..101,
                100..101,
                9..3,
                20..usize::MAX,
                usize::MAX..usize::MAX,
            ] {
                let in_place = key.encrypt_in_place(METADATA, &mut buffer, range.clone());
                assert!(matches!(in_place, Err(Error::InvalidArgument(_))));
                let within = key.encrypt_within(METADATA, &mut buffer, range, 0);
                assert!(matches!(within, Err(Error::InvalidArgument(_))));
            }
            let to_the_end = key.encrypt_within(METADATA, &mut buffer, 0..50, 60);
            assert!(matches!(to_the_end, Err(Error::BufferTooSmall { .. })));
            let beyond = key.encrypt_within(METADATA, &mut buffer, 0..50, usize::MAX);
            assert!(beyond.is_err());
            assert_eq!(buffer, [0x77; 100]);
        });
    });
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_payload_that_is_longer_than_any_frame_is_refused() {
    for_each_suite(|key| {
        refuse(key, |key| {
            let max = usize::try_from(key.suite().max_payload_len()).unwrap();
            assert!(key.sealed_len(max).is_ok());
            for len in [max + 1, usize::MAX / 2, usize::MAX] {
                let refused = key.sealed_len(len);
                assert!(matches!(refused, Err(Error::InvalidArgument(_))));
            }
        });
    });
}

#[test]
fn the_last_counter_seals_one_frame_and_then_none() {
    for suite in CipherSuite::ALL {
        let mut key = key_at(suite, KID, &BASE_KEY, u64::MAX);
        let mut sealed = [0; 200];
        key.encrypt(METADATA, PAYLOAD, &mut sealed).unwrap();
        assert_eq!(key.status().next_counter, None);
        let exhausted = Error::CounterExhausted(KEY_ID);
        let mut out = [0xee; 200];
        for _ in 0..3 {
            assert_eq!(key.encrypt(METADATA, PAYLOAD, &mut out), Err(exhausted));
            assert_eq!(
                key.encrypt_in_place(METADATA, &mut out, 50..60),
                Err(exhausted)
            );
            assert_eq!(
                key.encrypt_within(METADATA, &mut out, 50..60, 0),
                Err(exhausted)
            );
            assert_eq!(key.sealed_len(1), Err(exhausted));
            assert_eq!(key.reserve(1), Err(exhausted));
        }
        assert_eq!(out, [0xee; 200]);
    }
}

#[test]
fn a_counter_cannot_be_taken_back() {
    for_each_suite(|key| {
        refuse(key, |key| {
            for earlier in [0, CTR - 1, CTR] {
                // Confirming what was reserved is allowed at any time, and moves nothing back.
                key.confirm(Counter::new(earlier)).unwrap();
                assert_eq!(key.status().next_counter, Some(Counter::new(CTR)));
            }
        });
    });
}

#[test]
fn counters_that_were_not_confirmed_are_not_used() {
    for suite in CipherSuite::ALL {
        let last = Counter::new(CTR);
        let mut key = EncryptionKey::resume_after(suite, KEY_ID, &BASE_KEY, last).unwrap();
        let needed = Err(Error::ReservationNeeded(KEY_ID));
        let mut out = [0xee; 200];
        assert_eq!(key.encrypt(METADATA, PAYLOAD, &mut out), needed);
        let reserved = key.reserve(1).unwrap();
        assert_eq!(
            key.encrypt(METADATA, PAYLOAD, &mut out),
            needed,
            "not stored yet"
        );
        let never = key.confirm(Counter::new(reserved.value() + 1));
        assert!(matches!(never, Err(Error::InvalidArgument(_))));
        assert_eq!(out, [0xee; 200]);
        key.confirm(reserved).unwrap();
        assert!(key.encrypt(METADATA, PAYLOAD, &mut out).is_ok());
        assert_eq!(key.encrypt(METADATA, PAYLOAD, &mut out), needed);
    }
}

#[test]
fn a_key_that_reached_a_usage_limit_seals_nothing_more() {
    for suite in CipherSuite::ALL {
        let by_frames = UsageLimits::standard().with_frames(2);
        // Two frames of four blocks and one more block each.
        let by_bytes =
            UsageLimits::standard().with_bytes(2 * 16 * (PAYLOAD.len() as u64).div_ceil(16) + 32);
        for limits in [by_frames, by_bytes] {
            let config = SendConfig::standard().with_limits(limits);
            let mut key = EncryptionKey::with_config(suite, KEY_ID, &BASE_KEY, &config).unwrap();
            let mut out = [0; 200];
            for _ in 0..2 {
                key.encrypt(METADATA, PAYLOAD, &mut out).unwrap();
            }
            let before = (key.status(), out);
            let refused = key.encrypt(METADATA, PAYLOAD, &mut out);
            assert_eq!(refused, Err(Error::UsageLimit(KEY_ID)));
            assert_eq!((key.status(), out), before);
        }
    }
}

#[test]
fn without_a_key_in_use_nothing_is_sealed() {
    for suite in CipherSuite::ALL {
        let mut alice = Encryptor::new(suite);
        let mut out = [0xee; 200];
        assert_eq!(
            alice.encrypt(METADATA, PAYLOAD, &mut out),
            Err(Error::NoSendingKey)
        );
        alice.add_key(KEY_ID, &BASE_KEY).unwrap();
        let refused = alice.encrypt(METADATA, PAYLOAD, &mut out);
        assert_eq!(refused, Err(Error::NoSendingKey), "adding is not using");
        assert_eq!(alice.sealed_len(1), Err(Error::NoSendingKey));
        alice.use_key(KEY_ID).unwrap();
        let unknown = KeyId::new(KID + 1);
        assert_eq!(alice.use_key(unknown), Err(Error::UnknownKeyId(unknown)));
        assert_eq!(alice.key_in_use(), Some(KEY_ID), "as before");
        alice.remove_key(KEY_ID).unwrap();
        assert_eq!(
            alice.encrypt(METADATA, PAYLOAD, &mut out),
            Err(Error::NoSendingKey)
        );
        assert_eq!(
            alice.encrypt_in_place(METADATA, &mut out, 50..60),
            Err(Error::NoSendingKey)
        );
        assert_eq!(out, [0xee; 200], "no plaintext in place of a frame");
    }
}
