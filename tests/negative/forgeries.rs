//! The forgery alarm of a key, and the policy that stops one.

use frameseal::{
    CipherSuite, Decryptor, Error, ForgeryPolicy, KeyId, ReceiveConfig, SharedDecryptor, fixed,
};

use crate::frames::seal_at;
use crate::receiver::{BASE_KEY, CTR, KEY_ID, METADATA, PAYLOAD, accept, refuse};

const SUITE: CipherSuite = CipherSuite::Aes128CtrHmacSha256_32;
const OTHER: KeyId = KeyId::new(9);

fn config(policy: ForgeryPolicy) -> ReceiveConfig {
    ReceiveConfig::for_suite(SUITE).with_forgery(3, policy)
}

fn genuine(kid: KeyId, ctr: u64) -> Vec<u8> {
    seal_at(SUITE, kid.value(), &BASE_KEY, ctr, METADATA, PAYLOAD)
}

fn forged(kid: KeyId, ctr: u64) -> Vec<u8> {
    let mut sealed = genuine(kid, ctr);
    *sealed.last_mut().unwrap() ^= 1;
    sealed
}

macro_rules! forgery_tests {
    ($module:ident, $table:ty) => {
        #[allow(unused_mut, reason = "one of the tables is shared")]
        mod $module {
            use super::*;

            fn bob(policy: ForgeryPolicy) -> $table {
                let mut bob = <$table>::with_config(SUITE, config(policy));
                bob.add_key(KEY_ID, &BASE_KEY).unwrap();
                bob.add_key(OTHER, &BASE_KEY).unwrap();
                bob
            }

            /// Forged frames of a key, one buffer mode each.
            fn attack(bob: &mut $table, kid: KeyId, times: usize) {
                for _ in 0..times {
                    let refused = bob.decrypt(METADATA, &mut forged(kid, CTR)).map(drop);
                    assert_eq!(refused, Err(Error::Authentication));
                }
            }

            #[test]
            fn an_alarm_is_told_once_and_the_key_goes_on() {
                let mut bob = bob(ForgeryPolicy::Signal);
                attack(&mut bob, KEY_ID, 2);
                assert_eq!(bob.poll_forgery_alarm(), None, "not yet");
                attack(&mut bob, KEY_ID, 1);
                assert_eq!(bob.poll_forgery_alarm(), Some(KEY_ID));
                assert_eq!(bob.poll_forgery_alarm(), None);
                attack(&mut bob, KEY_ID, 10);
                assert_eq!(bob.poll_forgery_alarm(), None, "never again");
                accept(&mut bob, METADATA, &genuine(KEY_ID, CTR), PAYLOAD);
            }

            #[test]
            fn the_alarms_of_two_keys_are_both_told() {
                let mut bob = bob(ForgeryPolicy::Signal);
                attack(&mut bob, OTHER, 3);
                attack(&mut bob, KEY_ID, 3);
                let mut told = [bob.poll_forgery_alarm(), bob.poll_forgery_alarm()];
                told.sort();
                assert_eq!(told, [Some(OTHER), Some(KEY_ID)]);
                assert_eq!(bob.poll_forgery_alarm(), None);
            }

            #[test]
            fn a_stopped_key_refuses_all_its_frames_and_no_others() {
                let mut bob = bob(ForgeryPolicy::StopKey);
                accept(&mut bob, METADATA, &genuine(KEY_ID, CTR - 1), PAYLOAD);
                attack(&mut bob, KEY_ID, 3);
                for sealed in [
                    genuine(KEY_ID, CTR),
                    forged(KEY_ID, CTR),
                    genuine(KEY_ID, CTR - 1),
                ] {
                    refuse(&mut bob, METADATA, &sealed, Error::Policy(KEY_ID));
                }
                assert_eq!(bob.poll_forgery_alarm(), Some(KEY_ID));
                assert_eq!(bob.poll_forgery_alarm(), None);
                refuse(
                    &mut bob,
                    METADATA,
                    &genuine(KEY_ID, CTR),
                    Error::Policy(KEY_ID),
                );
                let other = bob.decrypt(METADATA, &mut genuine(OTHER, 1)).map(drop);
                assert_eq!(other, Ok(()));
            }

            #[test]
            fn a_stopped_key_stays_stopped_when_it_is_removed_and_added_again() {
                let mut bob = bob(ForgeryPolicy::StopKey);
                attack(&mut bob, KEY_ID, 3);
                bob.add_key(KEY_ID, &BASE_KEY).unwrap();
                refuse(
                    &mut bob,
                    METADATA,
                    &genuine(KEY_ID, CTR),
                    Error::Policy(KEY_ID),
                );
                bob.remove_key(KEY_ID).unwrap();
                assert_eq!(
                    bob.poll_forgery_alarm(),
                    Some(KEY_ID),
                    "also of a removed key"
                );
                bob.add_key(KEY_ID, &BASE_KEY).unwrap();
                refuse(
                    &mut bob,
                    METADATA,
                    &genuine(KEY_ID, CTR),
                    Error::Policy(KEY_ID),
                );
            }

            #[test]
            fn what_is_no_failed_open_raises_no_alarm() {
                let mut bob = bob(ForgeryPolicy::StopKey);
                let sealed = genuine(KEY_ID, CTR);
                accept(&mut bob, METADATA, &sealed, PAYLOAD);
                for _ in 0..10 {
                    refuse(&mut bob, METADATA, &sealed, Error::Replay);
                    let unknown = Error::UnknownKeyId(KeyId::new(77));
                    refuse(&mut bob, METADATA, &genuine(KeyId::new(77), 0), unknown);
                    assert!(bob.decrypt(METADATA, &mut [0x91]).is_err());
                }
                assert_eq!(bob.poll_forgery_alarm(), None);
                accept(&mut bob, METADATA, &genuine(KEY_ID, CTR + 1), PAYLOAD);
            }
        }
    };
}
forgery_tests!(growing, Decryptor);
forgery_tests!(fixed_capacity, fixed::Decryptor<2>);
forgery_tests!(shared, SharedDecryptor);

#[test]
fn the_defaults_follow_the_length_of_the_tag_and_stop_nothing() {
    for suite in CipherSuite::ALL {
        let config = ReceiveConfig::for_suite(suite);
        let expected = match suite.tag_len() {
            4 => 1 << 22,
            8 => 1 << 34,
            _ => 1 << 40,
        };
        assert_eq!(config.failed_opens, expected, "{suite}");
        assert_eq!(config.forgery, ForgeryPolicy::Signal);
    }
}
