//! Replays, and forgeries that try to move the replay window (RFC 9605 §9.3).

use frameseal::{CipherSuite, Error, Header, KeyId, ReceiveConfig, ReplayProtection};

use crate::frames::seal_at;
use crate::receiver::{
    BASE_KEY, CTR, KEY_ID, KID, METADATA, PAYLOAD, accept, for_each, refuse, tables,
};

/// The frame with another counter in its header, as a forger would write it.
fn with_counter(sealed: &[u8], ctr: u64) -> Vec<u8> {
    let (header, len) = Header::parse(sealed).unwrap();
    let forged = Header::new(header.key_id, ctr.into()).encode();
    [forged.as_bytes(), &sealed[len..]].concat()
}

#[test]
fn a_frame_is_opened_once() {
    for_each(|_, alice, bob| {
        let frames = [(); 5].map(|()| alice.seal(METADATA, PAYLOAD));
        for order in [4, 0, 3, 1, 2] {
            accept(bob, METADATA, &frames[order], PAYLOAD);
            refuse(bob, METADATA, &frames[order], Error::Replay);
        }
        for frame in &frames {
            refuse(bob, METADATA, frame, Error::Replay);
        }
    });
}

#[test]
fn a_frame_below_the_window_is_refused() {
    for_each(|suite, _, bob| {
        let seal = |ctr| seal_at(suite, KID, &BASE_KEY, ctr, METADATA, PAYLOAD);
        accept(bob, METADATA, &seal(CTR - 500), PAYLOAD);
        for old in [0, 1, CTR - 500 - 1024, CTR - 500 - 5000] {
            refuse(bob, METADATA, &seal(old), Error::Replay);
        }
        accept(bob, METADATA, &seal(CTR - 500 - 1023), PAYLOAD);
    });
}

#[test]
fn a_forged_counter_does_not_move_the_window() {
    for_each(|_, alice, bob| {
        let first = alice.seal(METADATA, PAYLOAD);
        let second = alice.seal(METADATA, PAYLOAD);
        accept(bob, METADATA, &first, PAYLOAD);
        for ctr in [
            CTR + 2,
            CTR + 1024,
            CTR + 5000,
            1 << 40,
            u64::MAX - 1,
            u64::MAX,
        ] {
            refuse(
                bob,
                METADATA,
                &with_counter(&second, ctr),
                Error::Authentication,
            );
            let highest = bob.status(KEY_ID).unwrap().highest_counter;
            assert_eq!(highest, Some(CTR.into()));
        }
        accept(bob, METADATA, &second, PAYLOAD);
    });
}

#[test]
fn a_forged_frame_does_not_use_up_its_counter() {
    for_each(|_, alice, bob| {
        for _ in 0..3 {
            let genuine = alice.seal(METADATA, PAYLOAD);
            let mut forged = genuine.clone();
            *forged.last_mut().unwrap() ^= 1;
            refuse(bob, METADATA, &forged, Error::Authentication);
            accept(bob, METADATA, &genuine, PAYLOAD);
        }
    });
}

#[test]
fn a_forged_first_frame_does_not_start_the_window() {
    for_each(|_, alice, bob| {
        let genuine = alice.seal(METADATA, PAYLOAD);
        refuse(
            bob,
            METADATA,
            &with_counter(&genuine, u64::MAX),
            Error::Authentication,
        );
        assert_eq!(bob.status(KEY_ID).unwrap().highest_counter, None);
        accept(bob, METADATA, &genuine, PAYLOAD);
    });
}

#[test]
fn a_forgery_with_an_accepted_counter_is_a_replay_and_no_failed_open() {
    for_each(|_, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        accept(bob, METADATA, &sealed, PAYLOAD);
        let mut forged = sealed.clone();
        *forged.last_mut().unwrap() ^= 1;
        refuse(bob, METADATA, &forged, Error::Replay);
        refuse(bob, b"other metadata", &sealed, Error::Replay);
    });
}

#[test]
fn a_buffer_that_is_too_small_does_not_use_up_the_frame() {
    for_each(|_, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        let before = bob.status(KEY_ID);
        let needed = PAYLOAD.len();
        for len in [0, 1, needed - 1] {
            let mut out = vec![0xee; len];
            let refused = bob.decrypt_to(METADATA, &sealed, &mut out).map(drop);
            assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
            assert!(out.iter().all(|byte| *byte == 0xee));
        }
        let mut buffer = sealed.clone();
        for start in [sealed.len() - needed + 1, sealed.len(), usize::MAX - needed] {
            let whole = 0..sealed.len();
            let refused = bob.decrypt_within(METADATA, &mut buffer, whole, start);
            let needed = start + needed;
            assert_eq!(refused.map(drop), Err(Error::BufferTooSmall { needed }));
            assert_eq!(buffer, sealed);
        }
        // No buffer can be large enough.
        let refused = bob.decrypt_within(METADATA, &mut buffer, 0..sealed.len(), usize::MAX);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))));
        assert_eq!(buffer, sealed);
        assert_eq!(bob.status(KEY_ID), before);
        accept(bob, METADATA, &sealed, PAYLOAD);
    });
}

#[test]
#[allow(clippy::reversed_empty_ranges, reason = "one of the mistakes")]
fn a_range_that_is_not_in_the_buffer_is_refused() {
    for_each(|_, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        let before = bob.status(KEY_ID);
        let mut buffer = sealed.clone();
        let len = sealed.len();
        for range in [
            0..len + 1,
            len..len + 1,
            9..3,
            0..usize::MAX,
            usize::MAX..usize::MAX,
        ] {
            let refused = bob
                .decrypt_within(METADATA, &mut buffer, range, 0)
                .map(drop);
            assert!(matches!(refused, Err(Error::InvalidArgument(_))));
            assert_eq!(buffer, sealed);
        }
        assert_eq!(bob.status(KEY_ID), before);
        accept(bob, METADATA, &sealed, PAYLOAD);
    });
}

#[test]
fn without_protection_a_frame_opens_again_but_a_forgery_does_not() {
    for suite in CipherSuite::ALL {
        let config = ReceiveConfig::for_suite(suite).with_replay(ReplayProtection::Off);
        for mut bob in tables(suite, config) {
            let sealed = seal_at(suite, KID, &BASE_KEY, CTR, METADATA, PAYLOAD);
            for _ in 0..3 {
                accept(&mut *bob, METADATA, &sealed, PAYLOAD);
            }
            let mut forged = sealed.clone();
            *forged.last_mut().unwrap() ^= 1;
            refuse(&mut *bob, METADATA, &forged, Error::Authentication);
        }
    }
}

#[test]
fn the_window_of_one_key_says_nothing_about_another() {
    let suite = CipherSuite::Aes256GcmSha512_128;
    let mut bob = frameseal::Decryptor::new(suite);
    for kid in [1, 2] {
        bob.add_key(KeyId::new(kid), &BASE_KEY).unwrap();
    }
    for kid in [1, 2] {
        let mut sealed = seal_at(suite, kid, &BASE_KEY, 5, b"", PAYLOAD);
        assert!(bob.decrypt(b"", &mut sealed).is_ok());
    }
}
