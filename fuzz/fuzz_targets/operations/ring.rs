//! A participant that adds keys in both directions, with the same key ids and base keys for both.

use std::collections::{BTreeMap, BTreeSet};

use frameseal_core::{CipherSuite, Error, KeyId, KeyRing, fixed};
use frameseal_fuzz::{Input, payload};

use crate::ledger::{Ledger, agree};
use crate::{BASE_KEYS, KEY_IDS, MOST_COMMANDS};

const METADATA: &[u8] = b"microphone";

pub(crate) fn run(suite: CipherSuite, input: &mut Input<'_>) {
    let mut participant = Participant {
        growing: KeyRing::new(suite),
        fixed: fixed::KeyRing::new(suite),
        sending: BTreeMap::new(),
        receiving: BTreeSet::new(),
        ledger: Ledger::new(suite),
    };
    for _ in 0..MOST_COMMANDS {
        if input.is_empty() {
            break;
        }
        participant.command(input);
    }
}

struct Participant {
    growing: KeyRing,
    fixed: fixed::KeyRing<3>,
    /// The base key of each key id that sends or has sent.
    sending: BTreeMap<KeyId, usize>,
    /// The keys that receive or have received.
    receiving: BTreeSet<(KeyId, usize)>,
    ledger: Ledger,
}

impl Participant {
    fn command(&mut self, input: &mut Input<'_>) {
        let key_id = input.pick(&KEY_IDS);
        let base_key = input.below(BASE_KEYS.len());
        let bytes = BASE_KEYS[base_key];
        match input.below(12) {
            0 | 1 => {
                let added = agree(
                    self.growing.add_sending_key(key_id, bytes),
                    self.fixed.add_sending_key(key_id, bytes),
                );
                if added.is_ok() {
                    assert!(
                        !self.receiving.contains(&(key_id, base_key)),
                        "both directions"
                    );
                    assert_eq!(*self.sending.entry(key_id).or_insert(base_key), base_key);
                }
            }
            2 | 3 => {
                let added = agree(
                    self.growing.add_receiving_key(key_id, bytes),
                    self.fixed.add_receiving_key(key_id, bytes),
                );
                if added.is_ok() {
                    assert_ne!(
                        self.sending.get(&key_id),
                        Some(&base_key),
                        "both directions"
                    );
                    self.receiving.insert((key_id, base_key));
                }
            }
            4 => {
                let used = agree(self.growing.use_key(key_id), self.fixed.use_key(key_id));
                assert!(used.is_err() || self.sending.contains_key(&key_id));
            }
            5 => {
                let _ = agree(
                    self.growing.remove_sending_key(key_id),
                    self.fixed.remove_sending_key(key_id),
                );
            }
            6 => {
                let _ = agree(
                    self.growing.remove_receiving_key(key_id),
                    self.fixed.remove_receiving_key(key_id),
                );
            }
            _ => self.send(input),
        }
    }

    /// Seals a frame, and gets it back from the network.
    fn send(&mut self, input: &mut Input<'_>) {
        let in_use = self.growing.encryptor().key_in_use();
        let payload = payload(input.below(40), 0);
        let (mut frame, mut other) = ([0; 100], [0; 100]);
        let sealed = agree(
            self.growing.encrypt(METADATA, &payload, &mut frame),
            self.fixed.encrypt(METADATA, &payload, &mut other),
        );
        let Ok(len) = sealed else {
            return assert_eq!(sealed, Err(Error::NoSendingKey));
        };
        assert_eq!(frame, other);
        let key_id = in_use.unwrap();
        let frame = &mut frame[..len];
        self.ledger
            .record(self.sending[&key_id], key_id, METADATA, &payload, frame);
        let sent = frame.to_vec();
        let echoed = agree(
            self.growing
                .decrypt(METADATA, frame)
                .map(|opened| opened.payload.to_vec()),
            self.fixed
                .decrypt(METADATA, &mut other[..len])
                .map(|opened| opened.payload.to_vec()),
        );
        assert!(
            matches!(echoed, Err(Error::UnknownKeyId(_) | Error::Authentication)),
            "our own frame: {echoed:?}"
        );
        assert_eq!(*frame, *sent);
    }
}
