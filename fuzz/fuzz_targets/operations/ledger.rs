//! Which nonces were used, and that each frame is what it says.

use std::collections::{BTreeMap, BTreeSet};

use frameseal_core::{CipherSuite, DecryptionKey, Error, Header, KeyId};

use crate::BASE_KEYS;

pub(crate) struct Ledger {
    suite: CipherSuite,
    used: BTreeSet<(usize, KeyId, u64)>,
    /// Receivers for each base key and key id, to tell which base key sealed a frame.
    receivers: BTreeMap<(usize, KeyId), DecryptionKey>,
}

impl Ledger {
    pub(crate) fn new(suite: CipherSuite) -> Self {
        Self {
            suite,
            used: BTreeSet::new(),
            receivers: BTreeMap::new(),
        }
    }

    /// Writes a frame down that must come from this key, and must be the first with its nonce.
    pub(crate) fn record(
        &mut self,
        base_key: usize,
        key_id: KeyId,
        metadata: &[u8],
        payload: &[u8],
        frame: &[u8],
    ) {
        let (header, _) = Header::parse(frame).unwrap();
        assert_eq!(header.key_id, key_id, "the key in use");
        let counter = header.counter.value();
        assert!(
            self.used.insert((base_key, key_id, counter)),
            "nonce reuse: {header:?}"
        );
        let receiver = self.receivers.entry((base_key, key_id)).or_insert_with(|| {
            DecryptionKey::new(self.suite, key_id, BASE_KEYS[base_key]).unwrap()
        });
        match receiver.decrypt(metadata, &mut frame.to_vec()) {
            Ok(opened) => assert_eq!(opened.payload, payload),
            // Counters only go up, so no frame is ever too old for its receiver.
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether a frame was ever sealed with this key.
    pub(crate) fn has_used(&self, base_key: usize, key_id: KeyId) -> bool {
        self.receivers.contains_key(&(base_key, key_id))
    }
}

/// What a call says must not depend on where keys are stored; the result of one of both.
pub(crate) fn agree<T: PartialEq + core::fmt::Debug>(
    growing: Result<T, Error>,
    fixed: Result<T, Error>,
) -> Result<T, Error> {
    assert_eq!(growing, fixed, "growing, fixed");
    growing
}
