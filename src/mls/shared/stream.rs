//! A stream that is sent from a thread of its own.
//!
//! Under `mls/shared/`. As long as no epoch comes or goes, a frame takes only the stream's own
//! lock, for which nobody waits: what others ask for is noted apart.

use core::ops::Range;
use std::sync::{Arc, Mutex};

use crate::encryption_key::{EncryptionKey, SendingKeyStatus};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::table::Table;
use crate::time::Timestamp;
use crate::usage::UsageLimits;

use super::{Call, lock};
use crate::mls::roster::Serial;
use crate::mls::send::{NO_STREAM, StreamSlot};
use crate::mls::stream::{StreamCore, StreamId, StreamKind, StreamNotes};

/// A stream that is sent: it owns a context and a counter, and may live on another thread than the
/// manager that opened it. Dropping it closes it.
///
/// It cannot be cloned:
///
/// ```compile_fail,E0599
/// # use frameseal::{CipherSuite, EpochConfig, SharedEpochManager, StreamKind};
/// # let config = EpochConfig::new(CipherSuite::Aes128GcmSha256_128);
/// # let manager = SharedEpochManager::new(config).unwrap();
/// let stream = manager.open_stream(StreamKind::Independent).unwrap();
/// let twin = stream.clone();
/// ```
pub struct SharedStream {
    call: Arc<Call>,
    id: StreamId,
    core: Arc<Mutex<StreamCore>>,
    notes: Arc<Mutex<StreamNotes>>,
    plan: Option<Plan>,
}

/// Where the next frames are sent, as long as nothing changes.
#[derive(Clone, Copy)]
struct Plan {
    serial: Serial,
    /// Of the call, when this was decided.
    version: usize,
    until: Timestamp,
    limits: UsageLimits,
}

impl SharedStream {
    pub(super) fn open(call: &Arc<Call>, kind: StreamKind) -> Result<Self, Error> {
        call.change(|core| {
            let id = core.open_stream(kind)?;
            let Some(StreamSlot::Open(open)) = core.streams.get(id.0) else {
                return Err(NO_STREAM);
            };
            Ok(Self {
                call: Arc::clone(call),
                id,
                core: Arc::clone(&open.core),
                notes: Arc::clone(&open.notes),
                plan: None,
            })
        })
    }

    /// The context that key ids of the stream carry (RFC 9605 §5.2).
    #[must_use]
    pub fn context(&self) -> u64 {
        self.id.context()
    }

    /// Says that the next frame is a key frame, with which the stream may move to a new epoch.
    pub fn mark_key_frame(&mut self) {
        lock(&self.core).mark_key_frame();
        self.plan = None;
    }

    /// Derives the key for the epoch that the stream sends in now, so that the next frame need not.
    ///
    /// # Errors
    /// As [`Self::encrypt`].
    pub fn prepare(&mut self, now: Timestamp) -> Result<(), Error> {
        self.with_key(now, |_| Ok(()), false)
    }

    /// The key that the stream sends with, if it has one already.
    #[must_use]
    pub fn status(&self) -> Option<SendingKeyStatus> {
        lock(&self.core).key().map(EncryptionKey::status)
    }

    /// As [`EpochManagerCore::encrypt`](crate::EpochManagerCore::encrypt).
    ///
    /// # Errors
    /// As there.
    pub fn encrypt<'m>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let metadata = metadata.into();
        self.with_key(now, |key| key.encrypt(metadata, payload, out), true)
    }

    /// As [`EpochManagerCore::encrypt_in_place`](crate::EpochManagerCore::encrypt_in_place).
    ///
    /// # Errors
    /// As there.
    pub fn encrypt_in_place<'m>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        let metadata = metadata.into();
        let seal = |key: &mut EncryptionKey| key.encrypt_in_place(metadata, buffer, payload);
        self.with_key(now, seal, true)
    }

    /// As [`EpochManagerCore::encrypt_within`](crate::EpochManagerCore::encrypt_within).
    ///
    /// # Errors
    /// As there.
    pub fn encrypt_within<'m>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        let metadata = metadata.into();
        let seal =
            |key: &mut EncryptionKey| key.encrypt_within(metadata, buffer, payload, out_start);
        self.with_key(now, seal, true)
    }

    /// Bytes that the next frame will have when it is sealed, exactly.
    ///
    /// # Errors
    /// As [`Self::encrypt`].
    pub fn sealed_len(&mut self, now: Timestamp, payload_len: usize) -> Result<usize, Error> {
        self.with_key(now, |key| key.sealed_len(payload_len), false)
    }

    fn with_key<R>(
        &mut self,
        now: Timestamp,
        f: impl FnOnce(&mut EncryptionKey) -> Result<R, Error>,
        seals: bool,
    ) -> Result<R, Error> {
        let shared = Arc::clone(&self.core);
        let (plan, mut core) = loop {
            let plan = match self.plan {
                Some(plan) if now < plan.until => plan,
                _ => self.decide(now)?,
            };
            let mut core = lock(&shared);
            // Asked again under the lock: since that was decided the epoch may have retired, or a
            // member may have been removed.
            if self.call.version() == plan.version && core.key_in(plan.serial).is_some() {
                break (plan, core);
            }
            self.plan = None;
        };
        let key = core.key_in(plan.serial).ok_or(Error::NoSendingKey)?;
        let done = f(key)?;
        let near_limit = seals.then(|| core.sent(plan.limits));
        drop(core);
        if let Some(near_limit) = near_limit {
            lock(&self.notes).sent(now, near_limit);
        }
        Ok(done)
    }

    /// Looks where to send, and gets the key for it.
    #[cold]
    fn decide(&mut self, now: Timestamp) -> Result<Plan, Error> {
        self.plan = None;
        let call = self.call.current(now);
        let now = call.clock.at(now);
        let mut core = lock(&self.core);
        let serial = core.target(call.targets()).ok_or(Error::NoSendingKey)?;
        let epoch = call.epochs.get(serial).ok_or(Error::NoSendingKey)?;
        epoch.enter(serial, self.id, &mut core, &call.config)?;
        epoch.check_age(now, self.id, &call.config)?;
        let plan = Plan {
            serial,
            version: call.version,
            until: call.due,
            limits: call.config.send.limits,
        };
        self.plan = Some(plan);
        Ok(plan)
    }
}

impl Drop for SharedStream {
    fn drop(&mut self) {
        let id = self.id;
        // It is open, since nobody else can close it.
        let _ = self.call.change(|core| core.close_stream(id));
    }
}

impl core::fmt::Debug for SharedStream {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SharedStream")
            .field("context", &self.id.context())
            .finish_non_exhaustive()
    }
}
