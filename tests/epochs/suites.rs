//! Keys of an epoch, for every suite: those that the key schedule gives for the exported base key and
//! the key id, with no step in between (RFC 9605 §5.2). The key schedule itself is held to official
//! and independent vectors elsewhere.

use frameseal::{
    CipherSuite, EncryptionKey, EpochConfig, EpochManager, EpochUpdate, KidLayout, Member,
    StreamKind,
};

use crate::call::{GROUP, ms};

#[test]
fn a_frame_of_an_epoch_is_that_of_a_single_key_with_its_key_id() {
    const EPOCH: u64 = 0x1_23;
    let members = [0, 3, 7].map(|index| Member {
        index,
        identity: b"somebody",
    });
    for suite in CipherSuite::ALL {
        let base_key: Vec<u8> = (1..).take(suite.key_len()).collect();
        let mut manager = EpochManager::new(EpochConfig::new(suite)).unwrap();
        let update = EpochUpdate {
            group: GROUP,
            epoch: EPOCH,
            base_key: &base_key,
            own_index: Some(3),
            leaf_count: 8,
            members: &members,
        };
        manager.add_epoch(ms(0), &update).unwrap();
        for context in 0..3 {
            let stream = manager.open_stream(StreamKind::Independent).unwrap();
            let key_id = KidLayout::STANDARD.key_id(EPOCH, 3, context).unwrap();
            let mut single = EncryptionKey::new(suite, key_id, &base_key).unwrap();
            for payload in [b"".as_slice(), b"a frame", &[0x5a; 500]] {
                let (mut sealed, mut expected) = ([0; 600], [0; 600]);
                let len = manager.encrypt(ms(0), stream, b"metadata", payload, &mut sealed);
                let expected_len = single.encrypt(b"metadata", payload, &mut expected);
                assert_eq!(len, expected_len);
                assert_eq!(sealed, expected, "{suite}, context {context}");
            }
        }
    }
}
