//! Receiving that several threads share.
//!
//! Fourth layer, with `std`. A media engine decrypts on several threads. Each key has its own
//! small lock, held while the replay window is changed, and before that while it is asked unless the
//! frame is newer than all others; never while a frame is decrypted. The table of keys is locked for
//! writing only when keys change.

use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::boxed::Box;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::by_key::ByKey;
use crate::cipher_suite::CipherSuite;
use crate::config::ReceiveConfig;
use crate::crypto::Backend;
use crate::decryption_key::{Opened, ReceiveState, ReceivingKeyStatus, StateAccess, receive};
use crate::error::Error;
use crate::frame_key::{FrameKey, Layout, Place};
use crate::header::{Counter, KeyId};
use crate::key_schedule::Fingerprint;
use crate::metadata::Metadata;
use crate::storage::{Growing, Storage};

type State = ReceiveState<Box<[u64]>>;
type Slots = BTreeMap<KeyId, Slot>;

/// A [`Decryptor`](crate::Decryptor) for several threads: every method takes `&self`, and clones
/// share the same keys.
///
/// Of two threads with the same frame one gets [`Error::Replay`], and what it opened is wiped. A
/// frame that is being opened while its key is removed may still be opened.
#[derive(Clone)]
pub struct SharedDecryptor {
    shared: Arc<Shared>,
}

struct Shared {
    suite: CipherSuite,
    config: ReceiveConfig,
    slots: ByKey<RwLock<Slots>>,
    /// Whether a key has failed to open a frame since all alarms were last told.
    alarms: AtomicBool,
}

/// A key id that is or was in use.
struct Slot {
    fingerprint: Fingerprint,
    seen: Arc<Seen>,
    /// `None` after the key was removed.
    live: Option<Arc<Live>>,
}

/// A key with what it has seen: one object, so that a frame holds on to both at once.
struct Live {
    key: FrameKey,
    seen: Arc<Seen>,
}

/// What a key has seen, which outlives it.
struct Seen {
    state: Mutex<State>,
    /// [`ReceiveState::open_from`] as it was when the state was last changed: it spares frames in
    /// order the lock. Only a hint: what the lock guards decides when the frame is recorded.
    open_from: AtomicU64,
}

impl Seen {
    fn new(state: State) -> Self {
        Self {
            open_from: AtomicU64::new(state.open_from()),
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic, so what a poisoned one guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SharedDecryptor {
    /// A decryptor without keys.
    #[must_use]
    pub fn new(suite: CipherSuite) -> Self {
        Self::with_config(suite, ReceiveConfig::for_suite(suite))
    }

    /// A decryptor without keys, whose keys will have this configuration.
    #[must_use]
    pub fn with_config(suite: CipherSuite, config: ReceiveConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                suite,
                config,
                slots: ByKey::default(),
                alarms: AtomicBool::new(false),
            }),
        }
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.shared.suite
    }

    /// Which implementation computes the AEAD.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.shared.config.backend.serving(self.shared.suite)
    }

    /// As [`DecryptorCore::add_key`](crate::DecryptorCore::add_key); the key is derived before
    /// anything is locked.
    ///
    /// # Errors
    /// As there; it is never full.
    pub fn add_key(&self, key_id: KeyId, base_key: &[u8]) -> Result<(), Error> {
        let Shared { suite, config, .. } = &*self.shared;
        let key = FrameKey::derive(*suite, config.backend, key_id, base_key)?;
        let bits = Growing::window(config.replay)?;
        let mut slots = self.write(key_id);
        let slot = slots.entry(key_id).or_insert_with(|| Slot {
            fingerprint: key.fingerprint,
            seen: Arc::new(Seen::new(ReceiveState::new(config, bits))),
            live: None,
        });
        if slot.fingerprint != key.fingerprint {
            return Err(Error::KeyIdInUse(key_id));
        }
        if slot.live.is_none() {
            let seen = Arc::clone(&slot.seen);
            slot.live = Some(Arc::new(Live { key, seen }));
        }
        Ok(())
    }

    /// As [`DecryptorCore::remove_key`](crate::DecryptorCore::remove_key). The key is wiped when
    /// the last thread that is decrypting with it has ended that call.
    ///
    /// # Errors
    /// [`Error::UnknownKeyId`] when no such key is here.
    pub fn remove_key(&self, key_id: KeyId) -> Result<(), Error> {
        let removed = self
            .write(key_id)
            .get_mut(&key_id)
            .and_then(|slot| slot.live.take());
        match removed {
            Some(_) => Ok(()),
            None => Err(Error::UnknownKeyId(key_id)),
        }
    }

    /// As [`DecryptorCore::forget_key`](crate::DecryptorCore::forget_key).
    ///
    /// # Errors
    /// [`Error::UnknownKeyId`] when nothing is known of this key id.
    pub fn forget_key(&self, key_id: KeyId) -> Result<(), Error> {
        match self.write(key_id).remove(&key_id) {
            Some(_) => Ok(()),
            None => Err(Error::UnknownKeyId(key_id)),
        }
    }

    /// What a key has seen, also when it was removed; `None` when it was never here.
    #[must_use]
    pub fn key_status(&self, key_id: KeyId) -> Option<ReceivingKeyStatus> {
        let slots = self.read(key_id);
        let slot = slots.get(&key_id)?;
        Some(
            slot.seen
                .lock()
                .status(slot.fingerprint, slot.live.is_some()),
        )
    }

    /// The next key that has seen as many failed opens as
    /// [`ReceiveConfig::failed_opens`]; each is told once.
    #[must_use]
    pub fn poll_forgery_alarm(&self) -> Option<KeyId> {
        if !self.shared.alarms.swap(false, Ordering::AcqRel) {
            return None;
        }
        let raised = self.shared.slots.iter().find_map(|slots| {
            let slots = slots.read().unwrap_or_else(PoisonError::into_inner);
            let mut raised = slots
                .iter()
                .filter(|(_, slot)| slot.seen.lock().take_alarm());
            raised.next().map(|(key_id, _)| *key_id)
        });
        if raised.is_some() {
            // There may be another one.
            self.shared.alarms.store(true, Ordering::Release);
        }
        raised
    }

    /// Bytes of the payload that this frame claims to have, exactly. Needs no key.
    ///
    /// # Errors
    /// [`Error::Syntax`] when it is not a frame.
    pub fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        Layout::parse(self.shared.suite, sealed).map(|layout| layout.body_len)
    }

    /// Decrypts the frame in `sealed` where it is; the payload lies behind the header.
    ///
    /// # Errors
    /// As [`DecryptionKey::decrypt`](crate::DecryptionKey::decrypt). If another thread was faster
    /// with the same frame, [`Error::Replay`] leaves zeros where the ciphertext was.
    pub fn decrypt<'b, 'm>(
        &self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.open(metadata.into(), Place::Here(sealed))
    }

    /// Decrypts `sealed` to the start of `out`.
    ///
    /// # Errors
    /// As [`DecryptionKey::decrypt_to`](crate::DecryptionKey::decrypt_to). If another thread was
    /// faster with the same frame, [`Error::Replay`] leaves zeros in `out`.
    pub fn decrypt_to<'b, 'm>(
        &self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.open(metadata.into(), Place::Apart { sealed, out })
    }

    /// Decrypts a frame inside `buffer` to another place of it, which may overlap. What the
    /// payload does not cover of the ciphertext is overwritten with zeros.
    ///
    /// # Errors
    /// As [`DecryptionKey::decrypt_within`](crate::DecryptionKey::decrypt_within). If another
    /// thread was faster with the same frame, [`Error::Replay`] leaves no plaintext.
    pub fn decrypt_within<'b, 'm>(
        &self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Opened<'b>, Error> {
        let place = Place::Within {
            buffer,
            sealed,
            out_start,
        };
        self.open(metadata.into(), place)
    }

    #[inline(always)]
    fn open<'b>(&self, metadata: Metadata<'_>, place: Place<'_, 'b>) -> Result<Opened<'b>, Error> {
        let layout = Layout::parse(self.shared.suite, place.sealed()?)?;
        let key_id = layout.header.key_id;
        let live = self.find(key_id).ok_or(Error::UnknownKeyId(key_id))?;
        let opened = receive(&live.key, Locked(&live.seen), &layout, metadata, place);
        if matches!(opened, Err(Error::Authentication)) {
            self.shared.alarms.store(true, Ordering::Release);
        }
        opened
    }

    fn find(&self, key_id: KeyId) -> Option<Arc<Live>> {
        self.read(key_id).get(&key_id)?.live.clone()
    }

    // Nothing under this lock can panic either.

    fn read(&self, key_id: KeyId) -> RwLockReadGuard<'_, Slots> {
        let slots = self.shared.slots.of(key_id);
        slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key_id: KeyId) -> RwLockWriteGuard<'_, Slots> {
        let slots = self.shared.slots.of(key_id);
        slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Locks the state of one key for each step, not for the whole call.
struct Locked<'a>(&'a Seen);

impl StateAccess<Box<[u64]>> for Locked<'_> {
    fn with<R>(&mut self, f: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.0.lock();
        let answer = f(&mut state);
        // Under the lock, so that an older value does not replace a newer one.
        self.0.open_from.store(state.open_from(), Ordering::Relaxed);
        answer
    }

    fn check(&mut self, key_id: KeyId, counter: Counter) -> Result<(), Error> {
        let open_from = self.0.open_from.load(Ordering::Relaxed);
        if counter.value() >= open_from && open_from != u64::MAX {
            return Ok(());
        }
        self.with(|state| state.check(key_id, counter))
    }
}

impl core::fmt::Debug for SharedDecryptor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SharedDecryptor")
            .field("suite", &self.shared.suite)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_one_key_do_not_wait_for_the_table_of_another() {
        let decryptor = SharedDecryptor::new(CipherSuite::Aes128GcmSha256_128);
        let [one, other] = [1, 2].map(KeyId::new);
        for key_id in [one, other] {
            decryptor.add_key(key_id, &[7; 16]).unwrap();
        }
        let _changing = decryptor.write(one);
        assert!(decryptor.shared.slots.of(one).try_read().is_err());
        assert!(decryptor.shared.slots.of(other).try_read().is_ok());
    }

    #[test]
    fn alarms_of_all_keys_are_told_once_each() {
        let suite = CipherSuite::Aes128GcmSha256_128;
        let config = ReceiveConfig::for_suite(suite).with_forgery(1, crate::ForgeryPolicy::Signal);
        let decryptor = SharedDecryptor::with_config(suite, config);
        for key_id in 0..40 {
            decryptor.add_key(KeyId::new(key_id), &[7; 16]).unwrap();
        }
        let mut told = std::vec::Vec::new();
        for key_id in [3, 17, 30, 39] {
            let key_id = KeyId::new(key_id);
            let mut key = crate::EncryptionKey::new(suite, key_id, &[7; 16]).unwrap();
            let mut frame = [0; 40];
            let len = key.encrypt(b"", b"x", &mut frame).unwrap();
            frame[len - 1] ^= 1;
            let refused = decryptor.decrypt(b"", &mut frame[..len]).map(drop);
            assert_eq!(refused, Err(Error::Authentication));
        }
        while let Some(key_id) = decryptor.poll_forgery_alarm() {
            told.push(key_id.value());
        }
        told.sort_unstable();
        assert_eq!(told, [3, 17, 30, 39]);
    }
}
