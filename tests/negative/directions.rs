//! A key serves one direction (RFC 9605 §4.4.1), and no received frame decides which.

use frameseal::{CipherSuite, Counter, Error, Header, KeyId, KeyRing, fixed};

use crate::frames::seal_at;
use crate::receiver::{BASE_KEY, METADATA, PAYLOAD};

const OURS: KeyId = KeyId::new(1);
const THEIRS: KeyId = KeyId::new(2);
const OUR_KEY: [u8; 16] = *b"our sending key.";
const LAST: Counter = Counter::new(9);

macro_rules! ring_tests {
    ($module:ident, $ring:ty) => {
        mod $module {
            use super::*;

            fn ring(suite: CipherSuite) -> $ring {
                let mut ring = <$ring>::new(suite);
                ring.add_sending_key(OURS, &OUR_KEY).unwrap();
                ring.add_receiving_key(THEIRS, &BASE_KEY).unwrap();
                ring.use_key(OURS).unwrap();
                ring
            }

            /// Both directions still do what they did.
            fn works(ring: &mut $ring, ctr: u64) {
                let mut sealed = [0; 200];
                let len = ring.encrypt(METADATA, PAYLOAD, &mut sealed).unwrap();
                assert!(len > PAYLOAD.len());
                let suite = ring.decryptor().suite();
                let mut sealed = seal_at(suite, THEIRS.value(), &BASE_KEY, ctr, METADATA, PAYLOAD);
                assert!(ring.decrypt(METADATA, &mut sealed).unwrap().payload == PAYLOAD);
            }

            #[test]
            fn the_same_key_is_refused_in_the_other_direction() {
                for suite in CipherSuite::ALL {
                    let mut ring = ring(suite);
                    let receiving = ring.add_receiving_key(OURS, &OUR_KEY);
                    assert_eq!(receiving, Err(Error::KeyIdInUse(OURS)));
                    assert_eq!(ring.decryptor().key_status(OURS), None);
                    let sending = ring.add_sending_key(THEIRS, &BASE_KEY);
                    assert_eq!(sending, Err(Error::KeyIdInUse(THEIRS)));
                    let resumed = ring.resume_sending_key_after(THEIRS, &BASE_KEY, LAST);
                    assert_eq!(resumed, Err(Error::KeyIdInUse(THEIRS)));
                    assert_eq!(ring.encryptor().key_status(THEIRS), None);
                    works(&mut ring, 0);
                }
            }

            #[test]
            fn the_same_key_is_refused_in_the_other_direction_after_it_was_removed() {
                for suite in CipherSuite::ALL {
                    let mut ring = ring(suite);
                    ring.remove_sending_key(OURS).unwrap();
                    let receiving = ring.add_receiving_key(OURS, &OUR_KEY);
                    assert_eq!(receiving, Err(Error::KeyIdInUse(OURS)));
                    ring.remove_receiving_key(THEIRS).unwrap();
                    let sending = ring.add_sending_key(THEIRS, &BASE_KEY);
                    assert_eq!(sending, Err(Error::KeyIdInUse(THEIRS)));
                    let resumed = ring.resume_sending_key_after(THEIRS, &BASE_KEY, LAST);
                    assert_eq!(resumed, Err(Error::KeyIdInUse(THEIRS)));
                    assert_eq!(ring.encryptor().key_status(THEIRS), None);

                    ring.add_sending_key(OURS, &OUR_KEY).unwrap();
                    ring.add_receiving_key(THEIRS, &BASE_KEY).unwrap();
                    ring.use_key(OURS).unwrap();
                    works(&mut ring, 0);
                }
            }

            #[test]
            fn a_frame_under_our_own_sending_key_is_not_opened_and_decides_nothing() {
                for suite in CipherSuite::ALL {
                    let mut ring = ring(suite);
                    let mut own = [0; 200];
                    let len = ring.encrypt(METADATA, PAYLOAD, &mut own).unwrap();
                    let sending = ring.encryptor().key_status(OURS);
                    let before = own;
                    let refused = ring.decrypt(METADATA, &mut own[..len]).map(drop);
                    assert_eq!(refused, Err(Error::UnknownKeyId(OURS)));
                    assert_eq!(own, before, "left as it was");
                    let mut out = [0xee; 200];
                    let refused = ring.decrypt_to(METADATA, &own[..len], &mut out).map(drop);
                    assert_eq!(refused, Err(Error::UnknownKeyId(OURS)));
                    assert_eq!(out, [0xee; 200]);

                    assert_eq!(ring.encryptor().key_status(OURS), sending);
                    assert_eq!(ring.encryptor().key_in_use(), Some(OURS));
                    assert_eq!(ring.decryptor().key_status(OURS), None);
                    works(&mut ring, 0);
                }
            }

            #[test]
            fn a_forged_frame_does_not_fix_the_direction_of_a_key_id() {
                for suite in CipherSuite::ALL {
                    let mut ring = ring(suite);
                    let later = KeyId::new(9);
                    for ctr in 0..20u64 {
                        let header = Header::new(later, ctr.into()).encode();
                        let mut forged = [header.as_bytes(), &[0x55; 40]].concat();
                        let refused = ring.decrypt(METADATA, &mut forged).map(drop);
                        assert_eq!(refused, Err(Error::UnknownKeyId(later)));
                    }
                    ring.add_sending_key(later, &BASE_KEY).unwrap();
                    ring.use_key(later).unwrap();
                    works(&mut ring, 0);
                }
            }

            #[test]
            fn a_receiving_key_cannot_be_used_to_send() {
                for suite in CipherSuite::ALL {
                    let mut ring = ring(suite);
                    assert_eq!(ring.use_key(THEIRS), Err(Error::UnknownKeyId(THEIRS)));
                    assert_eq!(ring.encryptor().key_in_use(), Some(OURS), "as before");
                    works(&mut ring, 0);
                }
            }
        }
    };
}
ring_tests!(growing, KeyRing);
ring_tests!(fixed_capacity, fixed::KeyRing<2>);
