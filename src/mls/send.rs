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
use super::stream::{StreamCore, StreamId, StreamKind, StreamNotes};
use super::watch::fold_notes;

/// A context that a stream has or had.
pub(crate) enum StreamSlot<S: CallStorage> {
    Open(OpenStream<S>),
    /// Nobody has it; it is not given out again before sending is past this epoch.
    Closed(Serial),
}

pub(crate) struct OpenStream<S: CallStorage> {
    pub(crate) kind: StreamKind,
    pub(crate) core: S::Lock<StreamCore>,
    pub(crate) notes: S::Lock<StreamNotes>,
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
        // The lowest, which makes the shortest key ids.
        let contexts = self.config.own_contexts.clone();
        let all = usize::try_from(contexts.end - contexts.start).unwrap_or(usize::MAX);
        let mut candidates = contexts.start.max(self.lowest_context)..contexts.end;
        let free = candidates.find(|context| self.streams.get(*context).is_none());
        let context = free.ok_or(Error::Capacity(all))?;
        let open = StreamSlot::Open(OpenStream {
            kind,
            core: S::lock(StreamCore::new(kind, 0)),
            notes: S::lock(StreamNotes::default()),
        });
        self.streams.insert(context, open)?;
        self.lowest_context = context.saturating_add(1);
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
        let StreamSlot::Open(open) = slot else {
            return Err(NO_STREAM);
        };
        open.notes.with(|notes| fold_notes(notes, monitor));
        // It may have sent in any epoch up to the newest.
        let used_up = open.core.with(StreamCore::leave).max(newest);
        *slot = StreamSlot::Closed(used_up);
        Ok(())
    }

    /// Says that the next frame of this stream is a key frame, with which the stream may move to a
    /// new epoch. One that moved with another frame is asked for a key frame.
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
    /// - [`Error::NoSendingKey`] before the first epoch, and when we are no member of the one that
    ///   sends
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
        let Some(StreamSlot::Open(open)) = streams.get_mut(stream.0) else {
            return Err(NO_STREAM);
        };
        let (done, near_limit) = open.core.with(|core| {
            let serial = core.target(targets).ok_or(Error::NoSendingKey)?;
            let epoch = epochs.get(serial).ok_or(Error::NoSendingKey)?;
            epoch.enter(serial, stream, core, config)?;
            epoch.check_age(now, stream, config)?;
            let key = core.key_in(serial).ok_or(Error::NoSendingKey)?;
            let done = f(key)?;
            let near_limit = seals.then(|| core.sent(config.send.limits));
            Ok::<_, Error>((done, near_limit))
        })?;
        if let Some(near_limit) = near_limit {
            open.notes.with(|notes| notes.sent(now, near_limit));
        }
        Ok(done)
    }

    fn stream(&mut self, stream: StreamId) -> Result<&mut S::Lock<StreamCore>, Error> {
        match self.streams.get_mut(stream.0) {
            Some(StreamSlot::Open(open)) => Ok(&mut open.core),
            _ => Err(NO_STREAM),
        }
    }

    /// Wipes the keys of streams that have not moved on from an epoch which is gone. One that is
    /// sealing a frame is not waited for: it is wiped when it goes on, or when this is tried again.
    pub(crate) fn wipe_streams(&mut self) {
        let Self {
            streams, epochs, ..
        } = self;
        self.wipe_pending = false;
        for (_, slot) in streams.iter_mut() {
            if let StreamSlot::Open(open) = slot {
                let live = |serial| epochs.get(serial).is_some();
                let wiped = open.core.try_with(|core| core.leave_unless(live));
                self.wipe_pending |= wiped.is_none();
            }
        }
    }

    /// Forgets closed streams of epochs that sending has left: their contexts are free again.
    pub(crate) fn free_contexts(&mut self) {
        let sending = self.epochs.current.unwrap_or(0);
        let lowest = &mut self.lowest_context;
        self.streams.retain_all(|context, slot| {
            let free = matches!(slot, StreamSlot::Closed(used_up) if *used_up < sending);
            if free {
                *lowest = context.min(*lowest);
            }
            !free
        });
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
