//! Receiving: from a key id to the one key that can open the frame.
//!
//! Under `mls/`, a part of the epoch manager. A sender that was heard has its key and window at
//! hand. For any other claim that names a member of a live epoch, one key is derived and tried;
//! only if the frame authenticates does anything stay (RFC 9605 §5.2).

use core::ops::Range;

use crate::decryption_key::receive;
use crate::error::Error;
use crate::frame_key::{FrameKey, Layout, Place};
use crate::header::{Counter, KeyId};
use crate::holding::KnownKeys;
use crate::key_schedule::EpochSecret;
use crate::member::MemberId;
use crate::metadata::Metadata;
use crate::status::Failing;
use crate::storage::Storage;
use crate::table::Table;
use crate::time::Timestamp;

use super::manager::{Came, EpochManagerCore, is_member, member_id};
use super::sender::{Claim, Received, Sender, SenderState};
use super::storage::{CallStorage, Lock};

impl<S: CallStorage> EpochManagerCore<S> {
    /// Decrypts the frame in `sealed` where it is; the payload lies behind the header.
    ///
    /// # Errors
    /// - [`Error::Syntax`]: not a frame
    /// - [`Error::UnknownKeyId`]: its epoch is not here, or nobody is on that leaf in it
    /// - [`Error::Policy`]: our own index, a context beyond those that are accepted, or the sender was
    ///   stopped ([`ForgeryPolicy::StopKey`](crate::ForgeryPolicy::StopKey))
    /// - [`Error::Replay`]: accepted before, or too old
    /// - [`Error::Capacity`]: a sender that was not heard yet, and all fixed places are taken
    /// - [`Error::Authentication`]: forged, damaged, or other metadata
    ///
    /// All of them leave `sealed` as it was, but `Backend::AwsLc` zeros in place of a long one that
    /// does not authenticate, and nothing but counters of failures has changed.
    #[inline]
    pub fn decrypt<'b, 'm>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        self.open(now, metadata.into(), Place::Here(sealed))
    }

    /// Decrypts `sealed` to the start of `out`.
    ///
    /// # Errors
    /// As [`Self::decrypt`], and [`Error::BufferTooSmall`] with the bytes that `out` needs. After
    /// [`Error::Authentication`], `out` holds ciphertext; after the others it is as it was.
    #[inline]
    pub fn decrypt_to<'b, 'm>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        self.open(now, metadata.into(), Place::Apart { sealed, out })
    }

    /// Decrypts a frame inside `buffer` to another place of it, which may overlap.
    ///
    /// # Errors
    /// As [`Self::decrypt`] and
    /// [`DecryptionKey::decrypt_within`](crate::DecryptionKey::decrypt_within).
    #[inline]
    pub fn decrypt_within<'b, 'm>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Received<'b>, Error> {
        let place = Place::Within {
            buffer,
            sealed,
            out_start,
        };
        self.open(now, metadata.into(), place)
    }

    /// Bytes of the payload that this frame claims to have, exactly. Needs no key.
    ///
    /// # Errors
    /// [`Error::Syntax`] when it is not a frame.
    pub fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        Layout::parse(self.config.suite, sealed).map(|layout| layout.body_len)
    }

    /// Whether the epoch that a key id names is live, so that a frame of it need not wait.
    #[must_use]
    pub fn has_epoch_of(&self, key_id: KeyId) -> bool {
        let low_bits = self.config.layout.low_bits(key_id.value());
        self.epochs.with_low_bits(low_bits).is_some()
    }

    /// Derives the key of a member's stream in the newest epoch before its first frame, away from
    /// the media thread. To be called for members who are expected to send.
    ///
    /// # Errors
    /// [`Error::UnknownMember`] when nobody is on the leaf, [`Error::Policy`] for our own leaf and
    /// for contexts beyond those that are accepted, [`Error::Capacity`] when all fixed places are
    /// taken.
    pub fn prepare(&mut self, now: Timestamp, index: u32, context: u64) -> Result<(), Error> {
        self.tick(now);
        let (_, epoch) = self.epochs.newest().ok_or(Error::UnknownMember)?;
        let key_id = epoch.layout.key_id(epoch.id.epoch, index, context)?;
        if self.senders.get(self.place_of(key_id)).is_some() {
            return Ok(());
        }
        let claim = self.claim(key_id).map_err(|error| match error {
            Error::UnknownKeyId(_) => Error::UnknownMember,
            other => other,
        })?;
        self.check_room_for(&claim)?;
        let key = self.derive(&claim)?;
        self.add_sender(claim, key, None)
    }

    #[inline(always)]
    fn open<'b>(
        &mut self,
        now: Timestamp,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Received<'b>, Error> {
        let now = self.tick(now);
        let layout = Layout::parse(self.config.suite, place.sealed()?)?;
        let at = self.place_of(layout.header.key_id);
        self.frames_came = match self.frames_came {
            Came::None => Came::One(at),
            Came::One(other) if other == at => Came::One(at),
            _ => Came::Many,
        };
        if let Some(sender) = self.senders.get_mut(at)
            && let Some(key) = &sender.key
        {
            let claim = sender.claim;
            return sender.state.with(|state| {
                let opened = receive(key, &mut state.receive, &layout, metadata, place);
                state.note(now, &opened);
                opened.map(|opened| claim.opened(opened))
            });
        }
        self.open_unprepared(now, &layout, metadata, place)
    }

    /// For a sender whose key is not at hand.
    #[cold]
    fn open_unprepared<'b>(
        &mut self,
        now: Timestamp,
        layout: &Layout,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Received<'b>, Error> {
        let key_id = layout.header.key_id;
        let claim = match self.claim(key_id) {
            Ok(claim) => claim,
            Err(error) => {
                if matches!(error, Error::UnknownKeyId(_)) {
                    self.monitor.unknown_key(key_id, 1);
                }
                return Err(error);
            }
        };
        self.check_room_for(&claim)?;
        self.check_unheard(&claim)?;
        let key = self.derive(&claim)?;
        let counter = layout.header.counter;
        let at = self.place_of(key_id);
        if let Some(sender) = self.senders.get_mut(at) {
            // Heard before, but its key had to go.
            let opened = sender.state.with(|state| {
                let opened = receive(&key, &mut state.receive, layout, metadata, place);
                state.note(now, &opened);
                opened
            })?;
            self.cache_key(at, key);
            return Ok(claim.opened(opened));
        }
        let plaintext = match key.open(layout, metadata, place) {
            Ok(plaintext) => plaintext,
            Err(error) => {
                if error == Error::Authentication {
                    self.monitor
                        .strangers_failed(claim.member, Failing::at(now), 1);
                    if let Some(epoch) = self.epochs.get_mut(claim.serial) {
                        epoch.unheard.with(|unheard| unheard.failed(key_id));
                    }
                }
                return Err(error);
            }
        };
        // There is room, and the window is new.
        if let Err(error) = self.add_sender(claim, key, Some((now, counter))) {
            plaintext.wipe();
            return Err(error);
        }
        Ok(claim.received(plaintext.release(), counter))
    }

    /// Who a key id names, without any key: a member of a live epoch, in a context that is
    /// accepted, and not ourselves.
    pub(crate) fn claim(&self, key_id: KeyId) -> Result<Claim, Error> {
        let unknown = Error::UnknownKeyId(key_id);
        let low_bits = self.config.layout.low_bits(key_id.value());
        let (serial, epoch) = self.epochs.with_low_bits(low_bits).ok_or(unknown)?;
        let parts = epoch.layout.parts(key_id);
        let own = epoch.own_index == Some(parts.index);
        if (own && !self.config.loopback) || parts.context >= self.config.streams_per_member {
            return Err(Error::Policy(key_id));
        }
        let stay = self.roster.find(parts.index, serial).ok_or(unknown)?;
        Ok(Claim {
            serial,
            key_id,
            member: member_id(epoch.id.group, parts.index, stay),
            context: parts.context,
            epoch: epoch.id,
        })
    }

    pub(crate) fn check_room_for(&self, claim: &Claim) -> Result<(), Error> {
        if self.senders.get(self.place_of(claim.key_id)).is_none() {
            self.senders.check_room()?;
        }
        self.monitor
            .check_room_for(claim.member, |member| self.is_member(member))
    }

    /// Refuses a sender that was not heard when too many frames of such failed in its epoch and
    /// the policy is to stop then.
    pub(crate) fn check_unheard(&self, claim: &Claim) -> Result<(), Error> {
        if self.senders.get(self.place_of(claim.key_id)).is_some() {
            return Ok(());
        }
        let config = &self.config.receive;
        let epoch = self.epochs.get(claim.serial);
        match epoch.is_some_and(|epoch| epoch.unheard.read(|it| it.is_stopped(config))) {
            true => Err(Error::Policy(claim.key_id)),
            false => Ok(()),
        }
    }

    fn derive(&self, claim: &Claim) -> Result<S::Ptr<FrameKey>, Error> {
        let unknown = Error::UnknownKeyId(claim.key_id);
        let epoch = self.epochs.get(claim.serial).ok_or(unknown)?;
        derive::<S>(&self.config, claim, &epoch.secret)
    }

    /// Gives a sender a place: with the first frame that authenticated, or because the application
    /// said so.
    pub(crate) fn add_sender(
        &mut self,
        claim: Claim,
        key: S::Ptr<FrameKey>,
        heard: Option<(Timestamp, Counter)>,
    ) -> Result<(), Error> {
        let config = &self.config.receive;
        let mut state = SenderState::new(config, S::Senders::window(config.replay)?);
        if let Some((now, counter)) = heard {
            state.receive.record(counter)?;
            state.note(now, &Ok::<(), Error>(()));
        }
        let verified = match claim.member {
            MemberId::Leaf { index, joined, .. } => {
                self.is_member(claim.member) && self.roster.is_verified(index, joined)
            }
            MemberId::Application(_) => false,
        };
        self.make_record_room(claim.member);
        let record = self.monitor.record_or_insert(claim.member)?;
        record.evidence.verified = verified;
        let at = self.place_of(claim.key_id);
        let sender = Sender {
            claim,
            key: None,
            state: S::lock(state),
        };
        self.senders.insert(at, sender)?;
        self.cache_key(at, key);
        Ok(())
    }

    /// Of a full fixed table of records, that of somebody who has left makes room.
    fn make_record_room(&mut self, for_member: MemberId) {
        if self.monitor.check_room().is_err() && self.monitor.record(for_member).is_none() {
            self.fold();
            // The frame that needs the room is not taken over yet.
            self.frames_came = Came::Many;
            let Self {
                monitor,
                roster,
                epochs,
                ..
            } = self;
            if let Some((serial, newest)) = epochs.newest() {
                monitor.forget_one(|member| is_member(roster, newest, serial, member));
            }
        }
    }

    /// Keeps a key expanded; if there are too many, the one that was not used for longest goes.
    pub(crate) fn cache_key(&mut self, at: u64, key: S::Ptr<FrameKey>) {
        if self.cached_keys >= self.config.max_cached_keys {
            let with_key = self
                .senders
                .iter_mut()
                .filter(|(other, sender)| *other != at && sender.key.is_some());
            let idle = with_key.min_by_key(|(_, sender)| sender.state.read(|state| state.heard()));
            if let Some((_, idle)) = idle {
                idle.key = None;
                self.cached_keys = self.cached_keys.saturating_sub(1);
            }
        }
        if let Some(sender) = self.senders.get_mut(at)
            && sender.key.is_none()
        {
            sender.key = Some(key);
            self.cached_keys = self.cached_keys.saturating_add(1);
        }
    }

    /// Where a sender is in the table: its key id, with the epoch's bits on top.
    #[inline]
    pub(crate) fn place_of(&self, key_id: KeyId) -> u64 {
        key_id.value().rotate_right(self.config.layout.epoch_bits())
    }
}

impl<S: CallStorage> KnownKeys for EpochManagerCore<S> {
    /// As [`Self::has_epoch_of`]: a frame waits for its epoch. That its sender is no member of a
    /// live epoch is nothing to wait for.
    fn is_known(&self, key_id: KeyId) -> bool {
        self.has_epoch_of(key_id)
    }
}

/// The two expands that a key id costs.
pub(crate) fn derive<S: CallStorage>(
    config: &super::EpochConfig,
    claim: &Claim,
    secret: &EpochSecret,
) -> Result<S::Ptr<FrameKey>, Error> {
    FrameKey::of_epoch(config.receive.backend, claim.key_id, secret).map(S::ptr)
}
