//! Both directions of one participant, kept apart.
//!
//! Fourth layer. RFC 9605 §4.4.1 wants every base key marked for encryption or for decryption,
//! never both. Separate objects cannot see each other's keys; a key ring holds an encryptor and a
//! decryptor and refuses a key in one direction that serves, or has served, the other. For that it
//! remembers every key id, as long as it lives. A received frame never decides anything about
//! directions.

use core::ops::Range;

use crate::cipher_suite::CipherSuite;
use crate::config::{ReceiveConfig, SendConfig};
use crate::decryption_key::Opened;
use crate::decryptor::DecryptorCore;
use crate::encryptor::EncryptorCore;
use crate::error::Error;
use crate::frame_key::FrameKey;
use crate::header::{Counter, KeyId};
use crate::metadata::Metadata;
use crate::sending_counter::SendingCounter;
use crate::storage::Storage;

/// An encryptor and a decryptor that never share a key. For that it remembers every key id as long
/// as it lives. [`KeyRing`](crate::KeyRing) grows,
/// [`fixed::KeyRing`](crate::fixed::KeyRing) has a fixed capacity; both are this type.
///
/// ```
/// use frameseal::{CipherSuite, Error, KeyId, KeyRing};
///
/// let mut ring = KeyRing::new(CipherSuite::Aes128GcmSha256_128);
/// ring.add_sending_key(KeyId::new(1), &[0x0a; 16])?;
/// ring.add_receiving_key(KeyId::new(2), &[0x0b; 16])?;
/// let refused = ring.add_receiving_key(KeyId::new(1), &[0x0a; 16]);
/// assert_eq!(refused, Err(Error::KeyIdInUse(KeyId::new(1))));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct KeyRingCore<S: Storage> {
    encryptor: EncryptorCore<S>,
    decryptor: DecryptorCore<S>,
}

impl<S: Storage> KeyRingCore<S> {
    /// A key ring without keys. Each receiving key will have a replay window of 1,024 counters, or
    /// with a fixed capacity, of as many as there is room for.
    #[must_use]
    pub fn new(suite: CipherSuite) -> Self {
        let receive = ReceiveConfig::for_suite(suite).with_replay(S::REPLAY);
        Self::with_config(suite, SendConfig::standard(), receive)
    }

    /// A key ring without keys, whose keys will have these configurations.
    #[must_use]
    pub fn with_config(suite: CipherSuite, send: SendConfig, receive: ReceiveConfig) -> Self {
        Self {
            encryptor: EncryptorCore::with_config(suite, send),
            decryptor: DecryptorCore::with_config(suite, receive),
        }
    }

    /// Adds a key for sending, as [`EncryptorCore::add_key`].
    ///
    /// # Errors
    /// As there, and [`Error::KeyIdInUse`] when the same key receives, or was removed from
    /// receiving.
    pub fn add_sending_key(&mut self, key_id: KeyId, base_key: &[u8]) -> Result<(), Error> {
        let key = self.encryptor.derive(key_id, base_key)?;
        self.check_never_received(&key)?;
        self.encryptor.add(key, SendingCounter::volatile)
    }

    /// Adds a key that sent frames before this process began, as
    /// [`EncryptorCore::resume_key_after`].
    ///
    /// # Errors
    /// As [`Self::add_sending_key`].
    pub fn resume_sending_key_after(
        &mut self,
        key_id: KeyId,
        base_key: &[u8],
        last: Counter,
    ) -> Result<(), Error> {
        let key = self.encryptor.derive(key_id, base_key)?;
        self.check_never_received(&key)?;
        self.encryptor.resume(key, last)
    }

    fn check_never_received(&self, key: &FrameKey) -> Result<(), Error> {
        match self.decryptor.key_status(key.key_id) {
            Some(other) if other.fingerprint == key.fingerprint => {
                Err(Error::KeyIdInUse(key.key_id))
            }
            _ => Ok(()),
        }
    }

    /// Adds a key for receiving, as [`DecryptorCore::add_key`].
    ///
    /// # Errors
    /// As there, and [`Error::KeyIdInUse`] when the same key sends, or has sent.
    pub fn add_receiving_key(&mut self, key_id: KeyId, base_key: &[u8]) -> Result<(), Error> {
        let key = self.decryptor.derive(key_id, base_key)?;
        match self.encryptor.key_status(key_id) {
            Some(other) if other.fingerprint == key.fingerprint => Err(Error::KeyIdInUse(key_id)),
            _ => self.decryptor.add(key),
        }
    }

    /// As [`EncryptorCore::use_key`].
    ///
    /// # Errors
    /// As there.
    pub fn use_key(&mut self, key_id: KeyId) -> Result<(), Error> {
        self.encryptor.use_key(key_id)
    }

    /// As [`EncryptorCore::remove_key`].
    ///
    /// # Errors
    /// As there.
    pub fn remove_sending_key(&mut self, key_id: KeyId) -> Result<(), Error> {
        self.encryptor.remove_key(key_id)
    }

    /// As [`DecryptorCore::remove_key`].
    ///
    /// # Errors
    /// As there.
    pub fn remove_receiving_key(&mut self, key_id: KeyId) -> Result<(), Error> {
        self.decryptor.remove_key(key_id)
    }

    /// As [`EncryptorCore::reserve`].
    ///
    /// # Errors
    /// As there.
    pub fn reserve(&mut self, key_id: KeyId, count: u64) -> Result<Counter, Error> {
        self.encryptor.reserve(key_id, count)
    }

    /// As [`EncryptorCore::confirm`].
    ///
    /// # Errors
    /// As there.
    pub fn confirm(&mut self, key_id: KeyId, last: Counter) -> Result<(), Error> {
        self.encryptor.confirm(key_id, last)
    }

    /// As [`DecryptorCore::poll_forgery_alarm`].
    pub fn poll_forgery_alarm(&mut self) -> Option<KeyId> {
        self.decryptor.poll_forgery_alarm()
    }

    /// The sending side, to look at.
    #[must_use]
    pub fn encryptor(&self) -> &EncryptorCore<S> {
        &self.encryptor
    }

    /// The receiving side, to look at.
    #[must_use]
    pub fn decryptor(&self) -> &DecryptorCore<S> {
        &self.decryptor
    }

    /// As [`EncryptorCore::encrypt`].
    ///
    /// # Errors
    /// As there.
    pub fn encrypt<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        self.encryptor.encrypt(metadata, payload, out)
    }

    /// As [`EncryptorCore::encrypt_in_place`].
    ///
    /// # Errors
    /// As there.
    pub fn encrypt_in_place<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        self.encryptor.encrypt_in_place(metadata, buffer, payload)
    }

    /// As [`EncryptorCore::encrypt_within`].
    ///
    /// # Errors
    /// As there.
    pub fn encrypt_within<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        self.encryptor
            .encrypt_within(metadata, buffer, payload, out_start)
    }

    /// As [`DecryptorCore::decrypt`].
    ///
    /// # Errors
    /// As there; a frame of a key that only sends is [`Error::UnknownKeyId`].
    pub fn decrypt<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.decryptor.decrypt(metadata, sealed)
    }

    /// As [`DecryptorCore::decrypt_to`].
    ///
    /// # Errors
    /// As there; a frame of a key that only sends is [`Error::UnknownKeyId`].
    pub fn decrypt_to<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.decryptor.decrypt_to(metadata, sealed, out)
    }

    /// As [`DecryptorCore::decrypt_within`].
    ///
    /// # Errors
    /// As there; a frame of a key that only sends is [`Error::UnknownKeyId`].
    pub fn decrypt_within<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Opened<'b>, Error> {
        self.decryptor
            .decrypt_within(metadata, buffer, sealed, out_start)
    }
}
