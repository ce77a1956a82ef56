//! The receiving side of an application that brings its own keys: key ids to receiving keys.
//!
//! Fourth layer. A frame has exactly one candidate key, the one its header names; an unknown key
//! id is an error that carries it, so that the caller can hold the frame until the key has come
//! (RFC 9605 §4.4.4). For several threads there is `SharedDecryptor`.

use core::ops::Range;

use crate::cipher_suite::CipherSuite;
use crate::config::ReceiveConfig;
use crate::crypto::Backend;
use crate::decryption_key::{DecryptionKey, Opened, ReceiveState, ReceivingKeyStatus};
use crate::error::Error;
use crate::frame_key::{FrameKey, Layout, Place};
use crate::header::KeyId;
use crate::key_schedule::Fingerprint;
use crate::metadata::Metadata;
use crate::storage::Storage;
use crate::table::Table;

/// Receiving keys by key id. [`Decryptor`](crate::Decryptor) grows,
/// [`fixed::Decryptor`](crate::fixed::Decryptor) has a fixed capacity; both are this type.
///
/// Decrypting allocates nothing and takes `&mut self`; several threads share a `SharedDecryptor`.
/// Keys are wiped when they are removed and on drop.
pub struct DecryptorCore<S: Storage> {
    suite: CipherSuite,
    config: ReceiveConfig,
    keys: S::Table<KeyId, Slot<S>>,
    /// Whether a key has failed to open a frame since all alarms were last told.
    alarms: bool,
}

/// A key id that is or was in use.
enum Slot<S: Storage> {
    Active(S::Cell<DecryptionKey<S::Window>>),
    Retired {
        fingerprint: Fingerprint,
        state: ReceiveState<S::Window>,
    },
}

impl<S: Storage> Slot<S> {
    fn status(&self) -> ReceivingKeyStatus {
        match self {
            Self::Active(key) => key.status(),
            Self::Retired { fingerprint, state } => state.status(*fingerprint, false),
        }
    }
}

impl<S: Storage> DecryptorCore<S> {
    /// A decryptor without keys. Each will have a replay window of 1,024 counters, or with a fixed
    /// capacity, of as many as there is room for.
    #[must_use]
    pub fn new(suite: CipherSuite) -> Self {
        let config = ReceiveConfig::for_suite(suite).with_replay(S::REPLAY);
        Self::with_config(suite, config)
    }

    /// A decryptor without keys, whose keys will have this configuration.
    #[must_use]
    pub fn with_config(suite: CipherSuite, config: ReceiveConfig) -> Self {
        Self {
            suite,
            config,
            keys: S::table(),
            alarms: false,
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

    /// Adds a key; frames of it can be opened at once.
    ///
    /// The same key again changes nothing; after [`Self::remove_key`] it comes back with its
    /// replay window.
    ///
    /// # Errors
    /// - [`Error::KeyIdInUse`] when another base key is, or was, in use under this key id; see
    ///   [`Self::forget_key`]
    /// - [`Error::Capacity`] when all places are taken, by removed keys too
    /// - [`Error::InvalidArgument`] when the base key has fewer than 16 bytes or is all zeros, or the
    ///   configured replay window is larger than a fixed capacity allows
    pub fn add_key(&mut self, key_id: KeyId, base_key: &[u8]) -> Result<(), Error> {
        let key = self.derive(key_id, base_key)?;
        self.add(key)
    }

    pub(crate) fn derive(&self, key_id: KeyId, base_key: &[u8]) -> Result<FrameKey, Error> {
        FrameKey::derive(self.suite, self.config.backend, key_id, base_key)
    }

    pub(crate) fn add(&mut self, key: FrameKey) -> Result<(), Error> {
        let key_id = key.key_id;
        let Some(slot) = self.keys.get_mut(key_id) else {
            self.keys.check_room()?;
            let state = ReceiveState::new(&self.config, S::window(self.config.replay)?);
            let key = DecryptionKey::from_parts(key, state);
            return self.keys.insert(key_id, Slot::Active(S::cell(key)));
        };
        if slot.status().fingerprint != key.fingerprint {
            return Err(Error::KeyIdInUse(key_id));
        }
        if let Slot::Retired { state, .. } = slot {
            let state = core::mem::replace(state, ReceiveState::new(&self.config, None));
            *slot = Slot::Active(S::cell(DecryptionKey::from_parts(key, state)));
        }
        Ok(())
    }

    /// Wipes a key and remembers key id, fingerprint and replay window, so that frames which were
    /// accepted are not accepted again if the key comes back.
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
            state: key.replace_state(ReceiveState::new(&self.config, None)),
        };
        Ok(())
    }

    /// Wipes a key and everything about it, and frees its place.
    ///
    /// If the same base key is ever added again under this key id, frames that were accepted
    /// before are accepted once more: forget only keys that will never come back. What is
    /// remembered of a removed key is about 100 bytes and its window, or in a fixed table its place.
    ///
    /// # Errors
    /// [`Error::UnknownKeyId`] when nothing is known of this key id.
    pub fn forget_key(&mut self, key_id: KeyId) -> Result<(), Error> {
        if self.keys.remove(key_id) {
            Ok(())
        } else {
            Err(Error::UnknownKeyId(key_id))
        }
    }

    /// What a key has seen, also when it was removed; `None` when it was never here.
    #[must_use]
    pub fn key_status(&self, key_id: KeyId) -> Option<ReceivingKeyStatus> {
        self.keys.get(key_id).map(Slot::status)
    }

    /// The next key that has seen as many failed opens as
    /// [`ReceiveConfig::failed_opens`]; each is told once.
    pub fn poll_forgery_alarm(&mut self) -> Option<KeyId> {
        if !self.alarms {
            return None;
        }
        let raised = self.keys.iter_mut().find_map(|(key_id, slot)| {
            let state = match slot {
                Slot::Active(key) => key.state_mut(),
                Slot::Retired { state, .. } => state,
            };
            state.take_alarm().then_some(key_id)
        });
        self.alarms = raised.is_some();
        raised
    }

    /// Bytes of the payload that this frame claims to have, exactly. Needs no key.
    ///
    /// # Errors
    /// [`Error::Syntax`] when it is not a frame.
    pub fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        Layout::parse(self.suite, sealed).map(|layout| layout.body_len)
    }

    /// Decrypts the frame in `sealed` where it is; the payload lies behind the header.
    ///
    /// # Errors
    /// As [`DecryptionKey::decrypt`].
    #[inline]
    pub fn decrypt<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.open(metadata.into(), Place::Here(sealed))
    }

    /// Decrypts `sealed` to the start of `out`.
    ///
    /// # Errors
    /// As [`DecryptionKey::decrypt_to`].
    #[inline]
    pub fn decrypt_to<'b, 'm>(
        &mut self,
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
    /// As [`DecryptionKey::decrypt_within`].
    #[inline]
    pub fn decrypt_within<'b, 'm>(
        &mut self,
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
    fn open<'b>(
        &mut self,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Opened<'b>, Error> {
        let layout = Layout::parse(self.suite, place.sealed()?)?;
        let key_id = layout.header.key_id;
        let Some(Slot::Active(key)) = self.keys.get_mut(key_id) else {
            return Err(Error::UnknownKeyId(key_id));
        };
        let opened = key.open_parsed(&layout, metadata, place);
        if matches!(opened, Err(Error::Authentication)) {
            self.alarms = true;
        }
        opened
    }
}

impl<S: Storage> core::fmt::Debug for DecryptorCore<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Decryptor")
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}
