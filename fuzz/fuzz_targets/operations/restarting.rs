//! An application that adds, removes and resumes sending keys, stores what `reserve` answers, and
//! is started anew at any moment.

use std::collections::BTreeMap;

use frameseal_core::{CipherSuite, Counter, Encryptor, Error, KeyId, SendingKeyStatus, fixed};
use frameseal_fuzz::{Input, payload};

use crate::ledger::{Ledger, agree};
use crate::{BASE_KEYS, KEY_IDS, MOST_COMMANDS};

const METADATA: &[u8] = b"camera";

pub(crate) fn run(suite: CipherSuite, input: &mut Input<'_>) {
    let mut application = Application::new(suite);
    for _ in 0..MOST_COMMANDS {
        if input.is_empty() {
            break;
        }
        application.command(input);
    }
}

struct Application {
    suite: CipherSuite,
    growing: Encryptor,
    fixed: fixed::Encryptor<3>,
    /// Which base key each key id has had since the start.
    bound: BTreeMap<KeyId, usize>,
    /// What is on the disk: the last answer of `reserve`, and keys that it must not use again.
    stored: BTreeMap<(usize, KeyId), Counter>,
    ledger: Ledger,
}

impl Application {
    fn new(suite: CipherSuite) -> Self {
        Self {
            suite,
            growing: Encryptor::new(suite),
            fixed: fixed::Encryptor::new(suite),
            bound: BTreeMap::new(),
            stored: BTreeMap::new(),
            ledger: Ledger::new(suite),
        }
    }

    fn command(&mut self, input: &mut Input<'_>) {
        let key_id = input.pick(&KEY_IDS);
        match input.below(16) {
            0 => self.add(key_id, input.below(BASE_KEYS.len())),
            1 => self.resume(key_id, input),
            2 => self.remove(key_id),
            3 => self.restart(),
            4 => self.reserve(key_id, input),
            5 => self.confirm(key_id, input),
            6 | 7 => self.choose(key_id),
            command => self.encrypt(command, input),
        }
    }

    /// Whether the application may bring this key as a new one: not if frames were sealed with it
    /// before the last start, since nobody knows how many.
    fn may_add(&self, base_key: usize, key_id: KeyId) -> bool {
        self.bound.get(&key_id) == Some(&base_key)
            || !(self.stored.contains_key(&(base_key, key_id))
                || self.ledger.has_used(base_key, key_id))
    }

    fn add(&mut self, key_id: KeyId, base_key: usize) {
        if !self.may_add(base_key, key_id) {
            return;
        }
        let bytes = BASE_KEYS[base_key];
        let added = agree(
            self.growing.add_key(key_id, bytes),
            self.fixed.add_key(key_id, bytes),
        );
        self.bind(key_id, base_key, added);
    }

    fn resume(&mut self, key_id: KeyId, input: &mut Input<'_>) {
        let base_key = input.below(BASE_KEYS.len());
        let wanted = match input.below(4) {
            0 => input.byte().into(),
            1 => u64::MAX - u64::from(input.byte()),
            _ => input.number(),
        };
        let last = match self.stored.get(&(base_key, key_id)) {
            Some(stored) => (*stored).max(Counter::new(wanted)),
            None if self.may_add(base_key, key_id) => Counter::new(wanted),
            None => return,
        };
        let bytes = BASE_KEYS[base_key];
        let resumed = agree(
            self.growing.resume_key_after(key_id, bytes, last),
            self.fixed.resume_key_after(key_id, bytes, last),
        );
        if resumed.is_ok() {
            self.store(base_key, key_id, last);
        }
        self.bind(key_id, base_key, resumed);
    }

    fn bind(&mut self, key_id: KeyId, base_key: usize, added: Result<(), Error>) {
        let bound = self.bound.get(&key_id).copied();
        match added {
            Ok(()) => assert_eq!(*self.bound.entry(key_id).or_insert(base_key), base_key),
            Err(Error::KeyIdInUse(id)) => assert!(id == key_id && bound != Some(base_key)),
            Err(Error::InvalidArgument(_)) => assert!(BASE_KEYS[base_key].len() < 16),
            Err(error) => panic!("{error}"),
        }
    }

    fn store(&mut self, base_key: usize, key_id: KeyId, last: Counter) {
        // As it comes: the library never answers less than before.
        self.stored.insert((base_key, key_id), last);
    }

    fn remove(&mut self, key_id: KeyId) {
        let before = self.status(key_id);
        let removed = agree(
            self.growing.remove_key(key_id),
            self.fixed.remove_key(key_id),
        );
        assert_eq!(removed.is_ok(), before.is_some_and(|status| status.active));
        if removed.is_ok() {
            assert_ne!(self.growing.key_in_use(), Some(key_id));
            let after = self.status(key_id).unwrap();
            assert!(!after.active && after.next_counter == before.unwrap().next_counter);
        }
    }

    /// All that was in memory is gone; keys come back behind what is on the disk.
    fn restart(&mut self) {
        self.growing = Encryptor::new(self.suite);
        self.fixed = fixed::Encryptor::new(self.suite);
        self.bound.clear();
    }

    fn choose(&mut self, key_id: KeyId) {
        let active = self.status(key_id).is_some_and(|status| status.active);
        let chosen = agree(self.growing.use_key(key_id), self.fixed.use_key(key_id));
        assert_eq!(chosen.is_ok(), active);
    }

    fn reserve(&mut self, key_id: KeyId, input: &mut Input<'_>) {
        let count = input.pick(&[0, 1, 2, 7, 1000, u64::MAX]);
        let reserved = agree(
            self.growing.reserve(key_id, count),
            self.fixed.reserve(key_id, count),
        );
        if let Ok(last) = reserved {
            self.store(self.bound[&key_id], key_id, last);
        }
    }

    /// Confirms what is stored, or a counter that may never have been reserved.
    fn confirm(&mut self, key_id: KeyId, input: &mut Input<'_>) {
        let stored = self
            .bound
            .get(&key_id)
            .and_then(|base_key| self.stored.get(&(*base_key, key_id)));
        let stored = stored.copied().unwrap_or_default();
        let last = match input.below(4) {
            0 => Counter::new(stored.value().saturating_add(1)),
            1 => Counter::new(input.number()),
            _ => stored,
        };
        let confirmed = agree(
            self.growing.confirm(key_id, last),
            self.fixed.confirm(key_id, last),
        );
        assert!(
            confirmed.is_err() || last <= stored,
            "beyond what was stored"
        );
    }

    fn encrypt(&mut self, command: usize, input: &mut Input<'_>) {
        let in_use = self.growing.key_in_use();
        assert_eq!(in_use, self.fixed.key_in_use());
        let payload = payload(input.below(40), command as u64);
        let needed = agree(
            self.growing.sealed_len(payload.len()),
            self.fixed.sealed_len(payload.len()),
        );
        let before = in_use.and_then(|key_id| self.status(key_id));
        let whole = needed.unwrap_or(60);
        let capacity = input.pick(&[whole, whole + 5, whole - 1, whole - 2, payload.len() / 2, 0]);
        let sealed = self.seal(command, &payload, capacity);
        match sealed {
            Ok(frame) => {
                let key_id = in_use.unwrap();
                assert_eq!(Ok(frame.len()), needed);
                let base_key = self.bound[&key_id];
                self.ledger
                    .record(base_key, key_id, METADATA, &payload, &frame);
            }
            Err(error) => {
                let room = matches!(
                    error,
                    Error::BufferTooSmall { .. } | Error::HeadroomTooSmall { .. }
                );
                assert!(room || needed.is_err(), "{error}");
                let after = in_use.and_then(|key_id| self.status(key_id));
                assert_eq!(after, before, "a failed call uses nothing");
            }
        }
    }

    /// One frame, in one of the buffer modes; both encryptors make the same one.
    fn seal(&mut self, command: usize, payload: &[u8], capacity: usize) -> Result<Vec<u8>, Error> {
        macro_rules! seal {
            ($encryptor:expr) => {{
                // In the modes within one buffer, the payload is at its end.
                let (len, at) = match (command % 3, capacity.max(payload.len())) {
                    (0, _) => (capacity, 0..0),
                    (_, len) => (len, len - payload.len()..len),
                };
                let mut buffer = vec![0xa5; len];
                buffer[at.clone()].copy_from_slice(&payload[..at.len()]);
                if command % 3 == 1 {
                    buffer.resize(buffer.len() + capacity % 20, 0xa5);
                }
                let untouched = buffer.clone();
                let sealed = match command % 3 {
                    0 => $encryptor
                        .encrypt(METADATA, payload, &mut buffer)
                        .map(|len| 0..len),
                    1 => $encryptor.encrypt_in_place(METADATA, &mut buffer, at),
                    _ => $encryptor.encrypt_within(METADATA, &mut buffer, at, capacity % 3),
                };
                if sealed.is_err() {
                    assert_eq!(buffer, untouched, "a failed call writes nothing");
                }
                sealed.map(|range| buffer[range].to_vec())
            }};
        }
        agree(seal!(self.growing), seal!(self.fixed))
    }

    fn status(&self, key_id: KeyId) -> Option<SendingKeyStatus> {
        let status = self.growing.key_status(key_id);
        assert_eq!(status, self.fixed.key_status(key_id));
        status
    }
}
