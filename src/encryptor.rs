//! The sending side of an application that brings its own keys: key ids to sending keys.
//!
//! Fourth layer. Adding a key and sending with it are two calls, so that a new key can be given to
//! the receivers first (RFC 9605 §4.4.1). A removed key leaves its key id, fingerprint and counter
//! behind: whatever an application adds, removes and adds again, no nonce comes twice.

use core::ops::Range;

use crate::cipher_suite::CipherSuite;
use crate::config::SendConfig;
use crate::crypto::Backend;
use crate::encryption_key::{EncryptionKey, Ledger, SendingKeyStatus};
use crate::error::Error;
use crate::frame_key::FrameKey;
use crate::header::{Counter, KeyId};
use crate::key_schedule::Fingerprint;
use crate::metadata::Metadata;
use crate::sending_counter::SendingCounter;
use crate::storage::Storage;
use crate::table::Table;

/// Sending keys by key id, one of them in use. [`Encryptor`](crate::Encryptor) grows,
/// [`fixed::Encryptor`](crate::fixed::Encryptor) has a fixed capacity; both are this type.
///
/// Encrypting allocates nothing and takes `&mut self`: for several threads put it into a `Mutex`, or
/// give each thread an encryptor with key ids of its own. Keys are wiped when they are removed and
/// on drop.
///
/// A key id is bound to its first base key for as long as the encryptor lives. Where key ids wrap,
/// as those of MLS do with the low bits of the epoch (RFC 9605 §5.2), and when a fixed table is
/// full: make a new encryptor, for new base keys.
///
/// # Across restarts
/// Counters that a crash must not repeat are reserved before the first frame:
///
/// ```
/// # use frameseal::{CipherSuite, Counter, Encryptor, Error, KeyId};
/// # let (suite, id, base_key) = (CipherSuite::Aes128GcmSha256_128, KeyId::new(7), [0x42; 16]);
/// # let disk = core::cell::Cell::new(Counter::new(0));
/// # let store = |last| disk.set(last); // to a disk, and synchronised
/// let mut sender = Encryptor::new(suite);
/// sender.add_key(id, &base_key)?;
/// let last = sender.reserve(id, 1000)?;
/// store(last);
/// sender.confirm(id, last)?; // 1,000 frames may be sent; then again
/// sender.use_key(id)?;
///
/// // Every later life. A key that may have sent frames without this must not be used again.
/// # let stored = disk.get();
/// let mut sender = Encryptor::new(suite);
/// sender.resume_key_after(id, &base_key, stored)?;
/// let last = sender.reserve(id, 1000)?;
/// store(last);
/// sender.confirm(id, last)?;
/// sender.use_key(id)?;
/// # Ok::<(), Error>(())
/// ```
///
/// It owns counters, so it cannot be cloned:
///
/// ```compile_fail,E0599
/// let encryptor = frameseal::Encryptor::new(frameseal::CipherSuite::Aes128GcmSha256_128);
/// let twin = encryptor.clone();
/// ```
///
/// ```compile_fail,E0599
/// let encryptor = frameseal::fixed::Encryptor::<4>::new(frameseal::CipherSuite::Aes128GcmSha256_128);
/// let twin = encryptor.clone();
/// ```
///
/// Two encryptors that were given the same base key and key id would use the same nonces, and
/// neither can know: give every sender, process and device a base key or key id of its own (RFC
/// 9605 §4.4.1). The same holds for a process that was forked or restored from a snapshot: it must
/// have a new key, not the old counter.
pub struct EncryptorCore<S: Storage> {
    suite: CipherSuite,
    config: SendConfig,
    keys: S::Table<KeyId, Slot<S>>,
    /// The key that encrypts; always one that is active.
    current: Option<KeyId>,
}

/// A key id that is or was in use.
enum Slot<S: Storage> {
    Active(S::Cell<EncryptionKey>),
    Retired {
        fingerprint: Fingerprint,
        ledger: Ledger,
    },
}

impl<S: Storage> Slot<S> {
    fn status(&self) -> SendingKeyStatus {
        match self {
            Self::Active(key) => key.status(),
            Self::Retired {
                fingerprint,
                ledger,
            } => ledger.status(*fingerprint, false),
        }
    }
}

impl<S: Storage> EncryptorCore<S> {
    /// An encryptor without keys.
    #[must_use]
    pub fn new(suite: CipherSuite) -> Self {
        Self::with_config(suite, SendConfig::standard())
    }

    /// An encryptor without keys, whose keys will have this configuration.
    #[must_use]
    pub fn with_config(suite: CipherSuite, config: SendConfig) -> Self {
        Self {
            suite,
            config,
            keys: S::table(),
            current: None,
        }
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.suite
    }

    /// Which implementation computes the AEAD.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.config.backend.serving(self.suite)
    }

    /// Adds a key, without sending with it yet.
    ///
    /// The same key again changes nothing; after [`Self::remove_key`] it comes back with the
    /// counter where it was.
    ///
    /// # Errors
    /// - [`Error::KeyIdInUse`] when another base key is, or was, in use under this key id
    /// - [`Error::Capacity`] when all places are taken, by removed keys too
    /// - [`Error::InvalidArgument`] when the base key has fewer than 16 bytes or is all zeros
    pub fn add_key(&mut self, key_id: KeyId, base_key: &[u8]) -> Result<(), Error> {
        let key = self.derive(key_id, base_key)?;
        self.add(key, SendingCounter::volatile)
    }

    /// Adds a key that sent frames before this process began, to go on behind `last`: the value of
    /// [`Self::reserve`] that was stored last. Its counter is durable; see
    /// [`EncryptionKey::resume_after`].
    ///
    /// A key that is already here never goes back, only forward.
    ///
    /// # Errors
    /// As [`Self::add_key`].
    pub fn resume_key_after(
        &mut self,
        key_id: KeyId,
        base_key: &[u8],
        last: Counter,
    ) -> Result<(), Error> {
        let key = self.derive(key_id, base_key)?;
        self.resume(key, last)
    }

    pub(crate) fn resume(&mut self, key: FrameKey, last: Counter) -> Result<(), Error> {
        let key_id = key.key_id;
        self.add(key, || SendingCounter::durable_after(last))?;
        // For a key that was here before.
        self.active(key_id)?.counter_mut().resume_after(last);
        Ok(())
    }

    pub(crate) fn derive(&self, key_id: KeyId, base_key: &[u8]) -> Result<FrameKey, Error> {
        FrameKey::derive(self.suite, self.config.backend, key_id, base_key)
    }

    pub(crate) fn add(
        &mut self,
        key: FrameKey,
        counter: impl FnOnce() -> SendingCounter,
    ) -> Result<(), Error> {
        let key_id = key.key_id;
        let limits = self.config.limits;
        let Some(slot) = self.keys.get_mut(key_id) else {
            let key = EncryptionKey::from_parts(key, Ledger::new(counter()), limits);
            self.keys.check_room()?;
            return self.keys.insert(key_id, Slot::Active(S::cell(key)));
        };
        if slot.status().fingerprint != key.fingerprint {
            return Err(Error::KeyIdInUse(key_id));
        }
        if let Slot::Retired { ledger, .. } = slot {
            let ledger = ledger.take();
            *slot = Slot::Active(S::cell(EncryptionKey::from_parts(key, ledger, limits)));
        }
        Ok(())
    }

    /// Encrypts with this key from the next frame on.
    ///
    /// # Errors
    /// [`Error::UnknownKeyId`] when no such key is here; the key in use stays in use.
    pub fn use_key(&mut self, key_id: KeyId) -> Result<(), Error> {
        self.active(key_id)?;
        self.current = Some(key_id);
        Ok(())
    }

    /// The key that encrypts.
    #[must_use]
    pub fn key_in_use(&self) -> Option<KeyId> {
        self.current
    }

    /// Wipes a key and remembers key id, fingerprint and counter, for as long as this encryptor
    /// lives. If it was in use, none is.
    ///
    /// # Errors
    /// [`Error::UnknownKeyId`] when no such key is here.
    pub fn remove_key(&mut self, key_id: KeyId) -> Result<(), Error> {
        let missing = Error::UnknownKeyId(key_id);
        let slot = self.keys.get_mut(key_id).ok_or(missing)?;
        let Slot::Active(key) = slot else {
            return Err(missing);
        };
        // The assignment drops the key where it is, so that it is wiped where it is.
        *slot = Slot::Retired {
            fingerprint: key.status().fingerprint,
            ledger: key.take_ledger(),
        };
        if self.current == Some(key_id) {
            self.current = None;
        }
        Ok(())
    }

    /// How far a key has come, also when it was removed; `None` when it was never here.
    #[must_use]
    pub fn key_status(&self, key_id: KeyId) -> Option<SendingKeyStatus> {
        self.keys.get(key_id).map(Slot::status)
    }

    /// As [`EncryptionKey::reserve`], for the key of `key_id`.
    ///
    /// # Errors
    /// As there, and [`Error::UnknownKeyId`] when no such key is here.
    pub fn reserve(&mut self, key_id: KeyId, count: u64) -> Result<Counter, Error> {
        self.active(key_id)?.reserve(count)
    }

    /// As [`EncryptionKey::confirm`], for the key of `key_id`.
    ///
    /// # Errors
    /// As there, and [`Error::UnknownKeyId`] when no such key is here.
    pub fn confirm(&mut self, key_id: KeyId, last: Counter) -> Result<(), Error> {
        self.active(key_id)?.confirm(last)
    }

    /// Bytes that the next frame will have when it is sealed, exactly.
    ///
    /// # Errors
    /// [`Error::NoSendingKey`] and as [`EncryptionKey::sealed_len`].
    pub fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        let current = self.current.ok_or(Error::NoSendingKey)?;
        match self.keys.get(current) {
            Some(Slot::Active(key)) => key.sealed_len(payload_len),
            _ => Err(Error::NoSendingKey),
        }
    }

    /// Encrypts `payload` into `out` with the key in use; the number of bytes written.
    ///
    /// # Errors
    /// [`Error::NoSendingKey`] and as [`EncryptionKey::encrypt`].
    #[inline(always)]
    pub fn encrypt<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        self.sending_key()?.encrypt(metadata, payload, out)
    }

    /// Encrypts a part of `buffer` where it is, with the key in use; the range of the sealed frame.
    ///
    /// # Errors
    /// [`Error::NoSendingKey`] and as [`EncryptionKey::encrypt_in_place`].
    #[inline]
    pub fn encrypt_in_place<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        self.sending_key()?
            .encrypt_in_place(metadata, buffer, payload)
    }

    /// Encrypts a part of `buffer` to another place of it, which may overlap, with the key in use;
    /// the range of the sealed frame.
    ///
    /// # Errors
    /// [`Error::NoSendingKey`] and as [`EncryptionKey::encrypt_within`].
    #[inline]
    pub fn encrypt_within<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        self.sending_key()?
            .encrypt_within(metadata, buffer, payload, out_start)
    }

    #[inline(always)]
    fn sending_key(&mut self) -> Result<&mut EncryptionKey, Error> {
        let current = self.current.ok_or(Error::NoSendingKey)?;
        self.active(current).map_err(|_| Error::NoSendingKey)
    }

    #[inline(always)]
    fn active(&mut self, key_id: KeyId) -> Result<&mut EncryptionKey, Error> {
        match self.keys.get_mut(key_id) {
            Some(Slot::Active(key)) => Ok(key),
            _ => Err(Error::UnknownKeyId(key_id)),
        }
    }
}

impl<S: Storage> core::fmt::Debug for EncryptorCore<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Encryptor")
            .field("suite", &self.suite)
            .field("key_in_use", &self.current)
            .finish_non_exhaustive()
    }
}
