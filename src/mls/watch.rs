//! What the manager tells: status, statistics, events, and when it wants to be asked again.
//!
//! Under `mls/`, a part of the epoch manager. What frames did is kept with each sender and taken
//! over from there when somebody asks, so that the media path writes nothing that is shared.

use core::time::Duration;

use crate::config::ReceiveConfig;
use crate::error::Error;
use crate::event::Event;
use crate::member::{EpochId, MemberId};
use crate::monitor::{MonitorCore, Plain};
use crate::passthrough::InjectedFrames;
use crate::stats::FrameStats;
use crate::status::Status;
use crate::storage::Storage;
use crate::table::Table;
use crate::time::Timestamp;

use super::epoch::{Epoch, NEVER, Unheard};
use super::manager::{Came, EpochManagerCore, is_member};
use super::send::StreamSlot;
use super::sender::SenderState;
use super::storage::{CallStorage, Lock};
use super::stream::StreamNotes;

/// When wiping is tried again after a stream was busy.
const WIPE_AGAIN: Duration = Duration::from_millis(1);
/// Statistics are not taken over for events more often.
const FOLD_INTERVAL: Duration = Duration::from_millis(100);

impl<S: CallStorage> EpochManagerCore<S> {
    /// How well the frames of a member are protected. Of ourselves nothing is received but in
    /// loopback, so that is unknown; what we send counts in [`Self::room_status`].
    ///
    /// What frames did is taken over when somebody asks, or polls at [`Self::next_deadline`]. Who does
    /// neither for seconds may see [`EncryptionStatus::Broken`] up to two seconds late.
    ///
    /// [`EncryptionStatus::Broken`]: crate::EncryptionStatus::Broken
    pub fn status(&mut self, member: MemberId, now: Timestamp) -> Status {
        let now = self.tick(now);
        self.fold_member(member);
        self.monitor.status(member, now)
    }

    /// The status of everybody of whom something is known, as [`MonitorCore::statuses`]: cheaper
    /// than [`Self::status`] for one after the other.
    pub fn statuses(&mut self, now: Timestamp) -> impl Iterator<Item = (MemberId, Status)> {
        let now = self.tick(now);
        self.fold();
        self.monitor.statuses(now)
    }

    /// How well the call is protected: as well as the weakest of those who are heard, and no better
    /// than what we send ourselves.
    pub fn room_status(&mut self, now: Timestamp) -> Status {
        let now = self.tick(now);
        self.fold();
        self.watch_age(now);
        self.monitor.room_status(now)
    }

    /// What the frames of a member did, in all epochs; `None` before the first was heard.
    #[must_use]
    pub fn member_stats(&self, member: MemberId) -> Option<FrameStats> {
        let mut stats = self.monitor.member_stats(member)?;
        for (_, sender) in self.senders.iter() {
            if sender.claim.member == member {
                stats.add(&sender.state.read(|state| state.unfolded()));
            }
        }
        Some(stats)
    }

    /// What the frames of a live epoch did.
    #[must_use]
    pub fn epoch_stats(&self, epoch: EpochId) -> Option<FrameStats> {
        let serial = self.epochs.find(epoch)?;
        let mut stats = self.epochs.get(serial)?.stats;
        for (_, sender) in self.senders.iter() {
            if sender.claim.serial == serial {
                stats.add(&sender.state.read(|state| state.unfolded()));
            }
        }
        let unheard = self.epochs.get(serial)?.unheard.read(Unheard::unfolded);
        stats.failed_opens = stats.failed_opens.saturating_add(unheard);
        Some(stats)
    }

    /// Says that the identity of a member was compared, for example by a pair code.
    ///
    /// # Errors
    /// [`Error::UnknownMember`] when that member is not in the newest epoch.
    pub fn set_verified(&mut self, member: MemberId, verified: bool) -> Result<(), Error> {
        let (MemberId::Leaf { index, joined, .. }, true) = (member, self.is_member(member)) else {
            return Err(Error::UnknownMember);
        };
        self.roster.set_verified(index, joined, verified);
        self.monitor.set_unverified(self.roster.unverified());
        // One who was not heard yet has no record; the roster remembers.
        let _ = self.monitor.set_verified(member, verified);
        Ok(())
    }

    /// Says that everybody compared the code of this epoch: all identities in it are verified. Who
    /// joins later is not.
    ///
    /// # Errors
    /// [`Error::UnknownEpoch`] unless it is the newest.
    pub fn set_epoch_verified(&mut self, epoch: EpochId) -> Result<(), Error> {
        let Some((serial, newest)) = self
            .epochs
            .newest()
            .filter(|(_, newest)| newest.id == epoch)
        else {
            return Err(Error::UnknownEpoch(epoch));
        };
        self.roster.set_all_verified();
        self.monitor.set_unverified(0);
        self.monitor
            .verify_where(|member| is_member(&self.roster, newest, serial, member));
        Ok(())
    }

    /// Asks for a new epoch, for example after a device was lost: raises [`Event::RekeyNeeded`], upon
    /// which the application commits.
    pub fn force_rekey(&mut self) {
        self.monitor.push(Event::RekeyNeeded);
    }

    /// Lets frames of a member pass in the clear for `duration`, as
    /// [`MonitorCore::allow_passthrough`](crate::MonitorCore::allow_passthrough).
    ///
    /// # Errors
    /// As there, [`Error::UnknownMember`] for our own leaf, and [`Error::Capacity`] when all fixed
    /// places are taken.
    pub fn allow_passthrough(
        &mut self,
        now: Timestamp,
        member: MemberId,
        duration: Duration,
    ) -> Result<(), Error> {
        let now = self.tick(now);
        self.fold_member(member);
        self.known(member)?;
        self.monitor.allow_passthrough(now, member, duration)
    }

    /// As [`MonitorCore::end_passthrough`](crate::MonitorCore::end_passthrough).
    ///
    /// # Errors
    /// As there.
    pub fn end_passthrough(&mut self, member: MemberId) -> Result<(), Error> {
        self.monitor.end_passthrough(member)
    }

    /// As [`MonitorCore::downgrade`](crate::MonitorCore::downgrade).
    ///
    /// # Errors
    /// As there.
    pub fn downgrade(&mut self, member: MemberId) -> Result<(), Error> {
        self.fold_member(member);
        self.known(member)?;
        self.monitor.downgrade(member)
    }

    /// Whether a frame that came in the clear from this member may be played, as
    /// [`MonitorCore::pass`](crate::MonitorCore::pass).
    ///
    /// # Errors
    /// As there.
    pub fn pass(
        &mut self,
        now: Timestamp,
        member: MemberId,
        frame: &[u8],
        injected: InjectedFrames<'_>,
    ) -> Result<Plain, Error> {
        let now = self.tick(now);
        self.fold_member(member);
        self.known(member)?;
        self.monitor.pass(now, member, frame, injected)
    }

    /// As [`MonitorCore::allow_sending_in_the_clear`](crate::MonitorCore::allow_sending_in_the_clear).
    ///
    /// # Errors
    /// As there.
    pub fn allow_sending_in_the_clear(
        &mut self,
        now: Timestamp,
        duration: Duration,
    ) -> Result<(), Error> {
        let now = self.tick(now);
        self.fold_streams();
        self.monitor.allow_sending_in_the_clear(now, duration)
    }

    /// As [`MonitorCore::downgrade_sending`](crate::MonitorCore::downgrade_sending).
    ///
    /// # Errors
    /// As there.
    pub fn downgrade_sending(&mut self) -> Result<(), Error> {
        self.fold_streams();
        self.monitor.downgrade_sending()
    }

    /// As [`MonitorCore::send_in_the_clear`](crate::MonitorCore::send_in_the_clear).
    ///
    /// # Errors
    /// As there.
    pub fn send_in_the_clear(&mut self, now: Timestamp) -> Result<(), Error> {
        let now = self.tick(now);
        self.fold_streams();
        self.monitor.send_in_the_clear(now)
    }

    /// The next event, if there is one. To be called until there is none, after every change and at
    /// [`Self::next_deadline`]; it also wipes what is due.
    pub fn poll_event(&mut self, now: Timestamp) -> Option<Event> {
        let now = self.tick(now);
        if self.wipe_pending {
            self.wipe_streams();
        }
        if !self.monitor.has_event() {
            let due = |at: Timestamp| now.since(at) >= FOLD_INTERVAL;
            if self.folded_at.is_none_or(due) {
                self.folded_at = Some(now);
                self.fold();
            }
            self.watch_age(now);
            if self.take_key_frame_wanted(now) {
                return Some(Event::KeyFrameNeeded);
            }
        }
        self.monitor.poll_event(now)
    }

    /// When something changes by itself: poll then, even if no frame comes, so that keys are wiped
    /// in time. A time that has come already means at once.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        // That an epoch is too old is in `due`; here is when that is near.
        let max_age = self.config.policy.max_key_age();
        let untold = self
            .epochs
            .newest()
            .filter(|(serial, _)| self.rekey_told < *serial);
        let rekey = untold
            .zip(max_age)
            .map(|((_, newest), max)| newest.added.plus(max.saturating_sub(max / 8)));
        let fold = self.folded_at.filter(|_| self.has_news());
        // A stream was busy when its key was to be wiped.
        let wipe = self
            .wipe_pending
            .then(|| self.clock.latest().plus(WIPE_AGAIN));
        let next = [
            wipe,
            self.monitor.next_deadline(),
            rekey,
            self.key_frame.deadline(self.clock.latest()),
            fold.map(|at| at.plus(FOLD_INTERVAL)),
        ]
        .into_iter()
        .fold(self.due, |next, at| next.min(at.unwrap_or(NEVER)));
        (next < NEVER).then_some(next)
    }

    /// When what frames did may be taken over again.
    #[cfg(feature = "std")]
    pub(crate) fn next_fold(&self) -> Timestamp {
        let at = self.folded_at.map(|at| at.plus(FOLD_INTERVAL));
        at.unwrap_or(self.clock.latest())
    }

    /// Makes sure that another member of the newest epoch has a record.
    fn known(&mut self, member: MemberId) -> Result<(), Error> {
        let newest = self.epochs.newest().map(|(_, newest)| newest);
        let own = newest.and_then(|newest| newest.own_index);
        let ours = matches!(member, MemberId::Leaf { index, .. } if own == Some(index));
        if !self.is_member(member) || (ours && !self.config.loopback) {
            return Err(Error::UnknownMember);
        }
        if self.monitor.record(member).is_none() {
            self.monitor.add_member(member)?;
        }
        Ok(())
    }

    /// Says in time that a new epoch is needed, and that the one that sends is too old.
    pub(super) fn watch_age(&mut self, now: Timestamp) {
        let (Some(max), Some((serial, newest))) =
            (self.config.policy.max_key_age(), self.epochs.newest())
        else {
            return;
        };
        let soon = now.since(newest.added) >= max.saturating_sub(max / 8);
        let sending = self
            .epochs
            .current
            .and_then(|serial| self.epochs.get(serial));
        let too_old = sending.is_some_and(|epoch| now.since(epoch.added) >= max);
        self.monitor.set_key_too_old(too_old);
        if soon && self.rekey_told < serial {
            self.rekey_told = serial;
            self.monitor.push(Event::RekeyNeeded);
        }
    }

    /// Whether frames did something that was not taken over, or not told.
    fn has_news(&self) -> bool {
        let config = &self.config.receive;
        // Who sent in the clear of late shows a better status after a frame that is not.
        let clear = self.monitor.sent_in_the_clear_last();
        let stream = |notes: &StreamNotes| notes.has_near_limit() || (clear && notes.has_sent());
        let sender = |state: &SenderState<_>| state.has_news() || state.receive.has_alarm();
        let (mut senders, mut epochs) = (self.senders.iter(), self.epochs.iter());
        senders.any(|(_, it)| it.state.read(sender))
            || epochs.any(|(_, epoch)| epoch.unheard.read(|it| it.has_alarm(config)))
            || self.streams.iter().any(|(_, slot)| match slot {
                StreamSlot::Open(open) => open.notes.read(stream),
                StreamSlot::Closed(_) => false,
            })
    }

    /// Takes over what frames did since the last time. Looks at every sender and stream once, if
    /// frames came at all, and waits for no frame that is being sealed.
    pub(crate) fn fold(&mut self) {
        self.fold_streams();
        let came = if S::SHARED {
            Came::Many
        } else {
            self.frames_came
        };
        let Self {
            senders,
            epochs,
            monitor,
            config,
            ..
        } = self;
        match came {
            Came::None => return,
            Came::One(at) => {
                if let Some(sender) = senders.get_mut(at) {
                    fold_sender(sender, epochs, monitor, Alarms::IfRoom);
                }
            }
            Came::Many => {
                for (_, sender) in senders.iter_mut() {
                    fold_sender(sender, epochs, monitor, Alarms::IfRoom);
                }
            }
        }
        for (_, epoch) in epochs.iter_mut() {
            fold_unheard(epoch, &config.receive, monitor, Alarms::IfRoom);
        }
        // What found no room is told the next time.
        self.frames_came = if self.monitor.has_room_for_event() {
            Came::None
        } else {
            Came::Many
        };
    }

    fn fold_streams(&mut self) {
        let Self {
            streams, monitor, ..
        } = self;
        for (_, slot) in streams.iter_mut() {
            if let StreamSlot::Open(open) = slot {
                open.notes.with(|notes| fold_notes(notes, monitor));
            }
        }
    }

    /// Takes over what the frames of one member did.
    fn fold_member(&mut self, member: MemberId) {
        let Self {
            senders,
            epochs,
            monitor,
            ..
        } = self;
        for (_, sender) in senders.iter_mut() {
            if sender.claim.member == member {
                fold_sender(sender, epochs, monitor, Alarms::IfRoom);
            }
        }
    }
}

/// Which alarms are told.
#[derive(Clone, Copy)]
pub(crate) enum Alarms {
    /// One that finds no room stays raised until the next time.
    IfRoom,
    /// There is no next time.
    All,
}

impl Alarms {
    fn have_room<M: Storage>(self, monitor: &MonitorCore<M>) -> bool {
        matches!(self, Self::All) || monitor.has_room_for_event()
    }
}

/// Takes over what was sent on one stream.
pub(crate) fn fold_notes<M: Storage>(notes: &mut StreamNotes, monitor: &mut MonitorCore<M>) {
    if let Some(at) = notes.take_sent_at() {
        monitor.sent(at);
    }
    if monitor.has_room_for_event()
        && let Some(key_id) = notes.take_near_limit()
    {
        monitor.push(Event::UsageLimitNear(key_id));
    }
}

/// Takes over what failed in the name of those who were not heard.
pub(crate) fn fold_unheard<S: CallStorage>(
    epoch: &mut Epoch<S>,
    config: &ReceiveConfig,
    monitor: &mut MonitorCore<S::Members>,
    alarms: Alarms,
) {
    let room = alarms.have_room(monitor);
    let (failed, alarm) = epoch.unheard.with(|unheard| {
        let alarm = room.then(|| unheard.take_alarm(config)).flatten();
        (unheard.fold(), alarm)
    });
    epoch.stats.failed_opens = epoch.stats.failed_opens.saturating_add(failed);
    if let Some(key_id) = alarm {
        monitor.push(Event::ForgeryLimit(key_id));
    }
}

/// Takes over what the frames of one sender did.
pub(crate) fn fold_sender<S: CallStorage>(
    sender: &mut super::sender::Sender<S>,
    epochs: &mut super::epoch::Epochs<S>,
    monitor: &mut MonitorCore<S::Members>,
    alarms: Alarms,
) {
    let room = alarms.have_room(monitor);
    let (news, alarm) = sender
        .state
        .with(|state| (state.fold(), room && state.receive.take_alarm()));
    if alarm {
        monitor.push(Event::ForgeryLimit(sender.claim.key_id));
    }
    let Some((news, failing)) = news else {
        return;
    };
    if let Some(at) = news.last_authenticated {
        monitor.seen(at);
    }
    // Who was removed has the keys of all epochs before.
    let exclusive = sender.claim.serial >= epochs.last_removal;
    if let Some(record) = monitor.record(sender.claim.member) {
        record.absorb(&news, failing, exclusive);
    }
    if let Some(epoch) = epochs.get_mut(sender.claim.serial) {
        epoch.stats.add(&news);
    }
}
