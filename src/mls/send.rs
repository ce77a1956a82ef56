//! Sending: streams are opened, moved from epoch to epoch, and closed.
//!
//! Under `mls/`, a part of the epoch manager.

use core::ops::Range;

use crate::encryption_key::{EncryptionKey, SendingKeyStatus};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::table::Table;
use crate::time::Timestamp;

use super::manager::EpochManagerCore;
use super::roster::Serial;
use super::storage::{CallStorage, Lock};
use super::stream::{StreamCore, StreamId, StreamKind};
use super::watch::fold_stream;

/// A context that a stream has or had.
pub(crate) enum StreamSlot<S: CallStorage> {
    Open(S::Lock<StreamCore>),
    /// Nobody has it; it is not given out again before sending is past this epoch.
    Closed(Serial),
}

impl<S: CallStorage> EpochManagerCore<S> {
    /// Opens a stream: it gets a context that no other stream has, or had in an epoch that can
    /// still send.
    ///
    /// # Errors
    /// [`Error::Capacity`] when all contexts of [`EpochConfig::own_contexts`], or all fixed places,
    /// are taken. Contexts of closed streams are free again after the next change of epoch.
    ///
    /// [`EpochConfig::own_contexts`]: crate::EpochConfig::own_contexts
    pub fn open_stream(&mut self, kind: StreamKind) -> Result<StreamId, Error> {
        let sending = self.epochs.current.unwrap_or(0);
        let free =
            self.config
                .own_contexts
                .clone()
                .find_map(|context| match self.streams.get(context) {
                    None => Some((context, 0)),
                    Some(StreamSlot::Closed(used_up)) if *used_up < sending => {
                        Some((context, *used_up))
                    }
                    Some(_) => None,
                });
        let contexts = &self.config.own_contexts;
        let all = usize::try_from(contexts.end - contexts.start).unwrap_or(usize::MAX);
        let (context, used_up) = free.ok_or(Error::Capacity(all))?;
        let open = StreamSlot::Open(S::lock(StreamCore::new(kind, used_up)));
        match self.streams.get_mut(context) {
            Some(slot) => *slot = open,
            None => self.streams.insert(context, open)?,
        }
        Ok(StreamId(context))
    }

    /// Closes a stream and wipes its key.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when it is not open.
    pub fn close_stream(&mut self, stream: StreamId) -> Result<(), Error> {
        let newest = self.epochs.newest().map_or(0, |(serial, _)| serial);
        let Self {
            streams, monitor, ..
        } = self;
        let slot = streams.get_mut(stream.0).ok_or(NO_STREAM)?;
        let StreamSlot::Open(core) = slot else {
            return Err(NO_STREAM);
        };
        core.with(|core| fold_stream(core, monitor));
        // It may have sent in any epoch up to the newest.
        let used_up = core.with(StreamCore::leave).max(newest);
        *slot = StreamSlot::Closed(used_up);
        Ok(())
    }

    /// Says that the next frame of this stream is a key frame, with which the stream may move to a
    /// new epoch.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the stream is not open.
    pub fn mark_key_frame(&mut self, stream: StreamId) -> Result<(), Error> {
        self.stream(stream)?.with(StreamCore::mark_key_frame);
        Ok(())
    }

    /// Derives the stream's key for the epoch that it sends in now, so that the next frame need
    /// not.
    ///
    /// # Errors
    /// As [`Self::encrypt`].
    pub fn prepare_stream(&mut self, now: Timestamp, stream: StreamId) -> Result<(), Error> {
        self.with_key(now, stream, |_| Ok(()), false)
    }

    /// The key that the stream sends with, if it has one already.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the stream is not open.
    pub fn stream_status(&mut self, stream: StreamId) -> Result<Option<SendingKeyStatus>, Error> {
        let core = self.stream(stream)?;
        Ok(core.read(|core| core.key().map(EncryptionKey::status)))
    }

    /// Encrypts `payload` into `out`; the number of bytes written.
    ///
    /// # Errors
    /// - [`Error::NoSendingKey`] before the first epoch, and when we are no member of the newest
    /// - [`Error::Policy`] when the epoch is older than the policy allows
    /// - [`Error::InvalidArgument`] when the stream is not open
    /// - as [`EncryptionKey::encrypt`]
    ///
    /// A call that fails uses no counter and leaves `out` as it was.
    pub fn encrypt<'m>(
        &mut self,
        now: Timestamp,
        stream: StreamId,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let metadata = metadata.into();
        let seal = |key: &mut EncryptionKey| key.encrypt(metadata, payload, out);
        self.with_key(now, stream, seal, true)
    }

    /// Encrypts the payload in a range of `buffer` where it is; the range of the sealed frame. As
    /// [`EncryptionKey::encrypt_in_place`].
    ///
    /// # Errors
    /// As [`Self::encrypt`] and there.
    pub fn encrypt_in_place<'m>(
        &mut self,
        now: Timestamp,
        stream: StreamId,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        let metadata = metadata.into();
        let seal = |key: &mut EncryptionKey| key.encrypt_in_place(metadata, buffer, payload);
        self.with_key(now, stream, seal, true)
    }

    /// Encrypts the payload in a range of `buffer` to another place of it, which may overlap. As
    /// [`EncryptionKey::encrypt_within`].
    ///
    /// # Errors
    /// As [`Self::encrypt`] and there.
    pub fn encrypt_within<'m>(
        &mut self,
        now: Timestamp,
        stream: StreamId,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        let metadata = metadata.into();
        let seal =
            |key: &mut EncryptionKey| key.encrypt_within(metadata, buffer, payload, out_start);
        self.with_key(now, stream, seal, true)
    }

    /// Bytes that the next frame of the stream will have when it is sealed, exactly.
    ///
    /// # Errors
    /// As [`Self::encrypt`] and [`EncryptionKey::sealed_len`].
    pub fn sealed_len(
        &mut self,
        now: Timestamp,
        stream: StreamId,
        payload_len: usize,
    ) -> Result<usize, Error> {
        self.with_key(now, stream, |key| key.sealed_len(payload_len), false)
    }

    /// Calls `f` with the key of the epoch that the stream sends in now.
    fn with_key<R>(
        &mut self,
        now: Timestamp,
        stream: StreamId,
        f: impl FnOnce(&mut EncryptionKey) -> Result<R, Error>,
        seals: bool,
    ) -> Result<R, Error> {
        let now = self.tick(now);
        let targets = self.targets();
        let Self {
            streams,
            epochs,
            config,
            ..
        } = self;
        let Some(StreamSlot::Open(core)) = streams.get_mut(stream.0) else {
            return Err(NO_STREAM);
        };
        core.with(|core| {
            let serial = core.target(targets).ok_or(Error::NoSendingKey)?;
            let epoch = epochs.get(serial).ok_or(Error::NoSendingKey)?;
            epoch.enter(serial, stream, core, config)?;
            epoch.check_age(now, stream, config)?;
            let key = core.key_in(serial).ok_or(Error::NoSendingKey)?;
            let done = f(key)?;
            if seals {
                core.sent(now, config.send.limits);
            }
            Ok(done)
        })
    }

    fn stream(&mut self, stream: StreamId) -> Result<&mut S::Lock<StreamCore>, Error> {
        match self.streams.get_mut(stream.0) {
            Some(StreamSlot::Open(core)) => Ok(core),
            _ => Err(NO_STREAM),
        }
    }

    /// Wipes the keys of streams that have not moved on from an epoch which is gone.
    pub(crate) fn wipe_streams_of(&mut self, gone: Serial) {
        for (_, slot) in self.streams.iter_mut() {
            if let StreamSlot::Open(core) = slot {
                core.with(|core| core.leave_epoch(gone));
            }
        }
    }
}

pub(crate) const NO_STREAM: Error = Error::InvalidArgument("this stream is not open");

impl<S: CallStorage> super::epoch::Epoch<S> {
    /// Gives a stream its key in this epoch, if it has not got it yet.
    #[inline]
    pub(crate) fn enter(
        &self,
        serial: Serial,
        stream: StreamId,
        core: &mut StreamCore,
        config: &super::EpochConfig,
    ) -> Result<(), Error> {
        if core.key_in(serial).is_some() {
            return Ok(());
        }
        let own = self.own_index.ok_or(Error::NoSendingKey)?;
        let key_id = self.layout.key_id(self.id.epoch, own, stream.0)?;
        core.enter(serial, key_id, &self.secret, &config.send)
    }

    /// Refuses to send in an epoch that is too old for the policy.
    #[inline]
    pub(crate) fn check_age(
        &self,
        now: Timestamp,
        stream: StreamId,
        config: &super::EpochConfig,
    ) -> Result<(), Error> {
        match config.policy.max_key_age() {
            Some(max) if now.since(self.added) >= max => {
                let own = self.own_index.unwrap_or(0);
                Err(Error::Policy(self.layout.key_id(
                    self.id.epoch,
                    own,
                    stream.0,
                )?))
            }
            _ => Ok(()),
        }
    }
}
