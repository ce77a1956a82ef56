//! Frames of keys that are not there or not the right ones, and keys that may not be added.

use frameseal::{
    BaseKey, CipherSuite, DecryptionKey, Decryptor, EncryptionKey, Encryptor, Error, KeyId,
    RatchetBits, ReceiveConfig, ReplayProtection, SendingChain, SharedDecryptor, fixed,
};

use crate::frames::seal_at;
use crate::receiver::{
    Alice, BASE_KEY, CTR, KEY_ID, KID, METADATA, PAYLOAD, accept, for_each, refuse,
};

const OTHER_KEY: [u8; 16] = *b"another base key";

#[test]
fn an_unknown_key_id_is_told_and_nothing_is_kept_of_it() {
    for_each(|suite, _, bob| {
        for kid in [0, 7, 8, KID - 1, KID + 1, KID << 8, u64::MAX] {
            let sealed = seal_at(suite, kid, &BASE_KEY, CTR, METADATA, PAYLOAD);
            let key_id = KeyId::new(kid);
            refuse(bob, METADATA, &sealed, Error::UnknownKeyId(key_id));
            assert_eq!(bob.status(key_id), None);
        }
    });
}

#[test]
fn forged_key_ids_never_fill_a_table() {
    let suite = CipherSuite::Aes128CtrHmacSha256_32;
    let mut bob = fixed::Decryptor::<2>::new(suite);
    bob.add_key(KEY_ID, &BASE_KEY).unwrap();
    for kid in 1000..11_000u64 {
        let mut forged = [
            frameseal::Header::new(KeyId::new(kid), 9.into())
                .encode()
                .as_bytes(),
            &[0; 30],
        ]
        .concat();
        let refused = bob.decrypt(b"", &mut forged).map(drop);
        assert_eq!(refused, Err(Error::UnknownKeyId(KeyId::new(kid))));
        assert_eq!(bob.key_status(KeyId::new(kid)), None);
    }
    assert_eq!(
        bob.add_key(KeyId::new(9), &OTHER_KEY),
        Ok(()),
        "the second place is free"
    );
    accept(
        &mut bob,
        METADATA,
        &Alice::new(suite).seal(METADATA, PAYLOAD),
        PAYLOAD,
    );
}

#[test]
fn another_base_key_under_the_same_key_id_fails() {
    for_each(|suite, _, bob| {
        for payload in [&[][..], PAYLOAD, &[1; 1500]] {
            let sealed = seal_at(suite, KID, &OTHER_KEY, CTR, METADATA, payload);
            refuse(bob, METADATA, &sealed, Error::Authentication);
        }
    });
}

#[test]
fn the_same_base_key_under_another_key_id_fails() {
    // The key id is in the derivation of the key and in the associated data (RFC 9605 §4.4.2).
    for_each(|suite, _, bob| {
        let other = seal_at(suite, KID + 1, &BASE_KEY, CTR, METADATA, PAYLOAD);
        refuse(
            bob,
            METADATA,
            &other,
            Error::UnknownKeyId(KeyId::new(KID + 1)),
        );
        let ours = seal_at(suite, KID, &BASE_KEY, CTR, METADATA, PAYLOAD);
        let renamed = [&ours[..5], &other[5..]].concat();
        refuse(bob, METADATA, &renamed, Error::Authentication);
    });
}

#[test]
fn a_frame_of_another_suite_fails() {
    for_each(|suite, _, bob| {
        for other in CipherSuite::ALL.into_iter().filter(|other| *other != suite) {
            let sealed = seal_at(other, KID, &BASE_KEY, CTR, METADATA, PAYLOAD);
            refuse(bob, METADATA, &sealed, Error::Authentication);
            // With the tag cut or filled up to the length that is expected.
            let mut fitted = sealed.clone();
            fitted.resize(sealed.len() + suite.tag_len() - other.tag_len(), 0);
            refuse(bob, METADATA, &fitted, Error::Authentication);
        }
    });
}

/// What an application does to a table of receiving keys, the same for all tables.
macro_rules! table_tests {
    ($module:ident, $table:ty) => {
        mod $module {
            use super::*;

            fn bob(suite: CipherSuite) -> $table {
                #[allow(unused_mut, reason = "one of the tables is shared")]
                let mut bob = <$table>::new(suite);
                bob.add_key(KEY_ID, &BASE_KEY).unwrap();
                bob
            }

            #[test]
            #[allow(unused_mut, reason = "one of the tables is shared")]
            fn another_key_under_a_known_key_id_is_refused_and_the_old_one_stays() {
                for suite in CipherSuite::ALL {
                    let (mut alice, mut bob) = (Alice::new(suite), bob(suite));
                    accept(&mut bob, METADATA, &alice.seal(METADATA, PAYLOAD), PAYLOAD);
                    let before = bob.key_status(KEY_ID);
                    let in_use = Err(Error::KeyIdInUse(KEY_ID));
                    assert_eq!(bob.add_key(KEY_ID, &OTHER_KEY), in_use);
                    assert_eq!(bob.key_status(KEY_ID), before);
                    accept(&mut bob, METADATA, &alice.seal(METADATA, PAYLOAD), PAYLOAD);
                }
            }

            #[test]
            #[allow(unused_mut, reason = "one of the tables is shared")]
            fn the_same_key_again_changes_nothing() {
                for suite in CipherSuite::ALL {
                    let (mut alice, mut bob) = (Alice::new(suite), bob(suite));
                    let sealed = alice.seal(METADATA, PAYLOAD);
                    accept(&mut bob, METADATA, &sealed, PAYLOAD);
                    let before = bob.key_status(KEY_ID);
                    bob.add_key(KEY_ID, &BASE_KEY).unwrap();
                    assert_eq!(bob.key_status(KEY_ID), before);
                    refuse(&mut bob, METADATA, &sealed, Error::Replay);
                }
            }

            #[test]
            #[allow(unused_mut, reason = "one of the tables is shared")]
            fn a_removed_key_opens_nothing_and_comes_back_with_its_window() {
                for suite in CipherSuite::ALL {
                    let (mut alice, mut bob) = (Alice::new(suite), bob(suite));
                    let old = alice.seal(METADATA, PAYLOAD);
                    let new = alice.seal(METADATA, PAYLOAD);
                    accept(&mut bob, METADATA, &old, PAYLOAD);
                    let before = bob.key_status(KEY_ID).unwrap();
                    assert!(before.active);
                    bob.remove_key(KEY_ID).unwrap();

                    let unknown = Error::UnknownKeyId(KEY_ID);
                    let mut after = before;
                    after.active = false;
                    assert_eq!(bob.key_status(KEY_ID), Some(after));
                    refuse(&mut bob, METADATA, &new, unknown);
                    assert_eq!(bob.remove_key(KEY_ID), Err(unknown));
                    let in_use = Err(Error::KeyIdInUse(KEY_ID));
                    assert_eq!(
                        bob.add_key(KEY_ID, &OTHER_KEY),
                        in_use,
                        "also while it is away"
                    );

                    bob.add_key(KEY_ID, &BASE_KEY).unwrap();
                    assert_eq!(bob.key_status(KEY_ID), Some(before));
                    refuse(&mut bob, METADATA, &old, Error::Replay);
                    accept(&mut bob, METADATA, &new, PAYLOAD);
                }
            }

            #[test]
            #[allow(unused_mut, reason = "one of the tables is shared")]
            fn a_forgotten_key_id_is_free_for_any_key() {
                let suite = CipherSuite::Aes128GcmSha256_128;
                for removed_first in [false, true] {
                    let (mut alice, mut bob) = (Alice::new(suite), bob(suite));
                    accept(&mut bob, METADATA, &alice.seal(METADATA, PAYLOAD), PAYLOAD);
                    if removed_first {
                        bob.remove_key(KEY_ID).unwrap();
                    }
                    bob.forget_key(KEY_ID).unwrap();
                    let unknown = Error::UnknownKeyId(KEY_ID);
                    assert_eq!(bob.key_status(KEY_ID), None);
                    assert_eq!(bob.forget_key(KEY_ID), Err(unknown));
                    assert_eq!(bob.remove_key(KEY_ID), Err(unknown));
                    refuse(&mut bob, METADATA, &alice.seal(METADATA, PAYLOAD), unknown);

                    bob.add_key(KEY_ID, &OTHER_KEY).unwrap();
                    let sealed = seal_at(suite, KID, &OTHER_KEY, 0, METADATA, PAYLOAD);
                    accept(&mut bob, METADATA, &sealed, PAYLOAD);
                    let old = alice.seal(METADATA, PAYLOAD);
                    refuse(&mut bob, METADATA, &old, Error::Authentication);
                }
            }
        }
    };
}
table_tests!(growing, Decryptor);
table_tests!(fixed_capacity, fixed::Decryptor<2>);
table_tests!(shared, SharedDecryptor);

#[test]
fn a_full_table_refuses_and_evicts_nothing() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let mut bob = fixed::Decryptor::<2>::new(suite);
    bob.add_key(KEY_ID, &BASE_KEY).unwrap();
    bob.add_key(KeyId::new(1), &OTHER_KEY).unwrap();
    bob.remove_key(KeyId::new(1)).unwrap();
    // A removed key keeps its place, for its window.
    assert_eq!(
        bob.add_key(KeyId::new(2), &OTHER_KEY),
        Err(Error::Capacity(2))
    );
    assert_eq!(bob.key_status(KeyId::new(2)), None);
    assert_eq!(
        bob.add_key(KEY_ID, &BASE_KEY),
        Ok(()),
        "it is there already"
    );
    accept(
        &mut bob,
        METADATA,
        &Alice::new(suite).seal(METADATA, PAYLOAD),
        PAYLOAD,
    );
    bob.forget_key(KeyId::new(1)).unwrap();
    assert_eq!(bob.add_key(KeyId::new(2), &OTHER_KEY), Ok(()));
}

#[test]
fn base_keys_below_sixteen_bytes_or_of_zeros_are_refused_everywhere() {
    for suite in CipherSuite::ALL {
        let shorter = (0..16).map(|len| &BASE_KEY[..len]);
        // As a buffer is that was wiped too early.
        for bad in shorter.chain([&[0; 16][..], &[0; 96]]) {
            let refused =
                |result: Result<(), Error>| matches!(result, Err(Error::InvalidArgument(_)));
            let mut bob = Decryptor::new(suite);
            assert!(refused(bob.add_key(KEY_ID, bad)));
            assert_eq!(bob.key_status(KEY_ID), None);
            assert!(refused(SharedDecryptor::new(suite).add_key(KEY_ID, bad)));
            assert!(refused(
                fixed::Decryptor::<2>::new(suite).add_key(KEY_ID, bad)
            ));
            assert!(refused(Encryptor::new(suite).add_key(KEY_ID, bad)));
            assert!(refused(DecryptionKey::new(suite, KEY_ID, bad).map(drop)));
            assert!(refused(EncryptionKey::new(suite, KEY_ID, bad).map(drop)));
            assert!(refused(BaseKey::new(bad).map(drop)));
            assert!(refused(BaseKey::ratchet(suite, bad).map(drop)));
            assert!(refused(BaseKey::for_ssrc(suite, bad, 7).map(drop)));
            assert!(refused(
                SendingChain::new(suite, RatchetBits::STANDARD, 0, bad).map(drop)
            ));
        }
    }
}

#[test]
fn a_window_that_is_larger_than_the_capacity_is_refused() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let config = ReceiveConfig::for_suite(suite).with_replay(ReplayProtection::Window(1025));
    let mut bob = fixed::Decryptor::<2, 16>::with_config(suite, config);
    let refused = bob.add_key(KEY_ID, &BASE_KEY);
    assert!(matches!(refused, Err(Error::InvalidArgument(_))));
    assert_eq!(
        bob.key_status(KEY_ID),
        None,
        "no key with a smaller window instead"
    );
}

#[test]
fn ids_and_names_that_are_no_registered_suite_are_refused() {
    let refused = (0..=u16::MAX).filter(|id| CipherSuite::try_from(*id).is_err());
    assert_eq!(refused.count(), 0x10000 - 8);
    for id in [0, 9, 0xefff, 0xf000, 0xffff] {
        let result = CipherSuite::try_from(id);
        assert!(matches!(result, Err(Error::InvalidArgument(_))));
    }
    for name in [
        "",
        "AES_128_GCM",
        "aes_128_gcm_sha256_128",
        "AES_128_GCM_SHA256_128 ",
    ] {
        assert!(name.parse::<CipherSuite>().is_err(), "{name:?}");
    }
}
