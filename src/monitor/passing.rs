//! Frames in the clear: who may send them, until when, and what that does to the status.
//!
//! Under `monitor/`. Nothing here happens by itself or by what a server says: the application allows
//! it by name, for one sender and for a time.

use core::time::Duration;

use super::MonitorCore;
use crate::error::Error;
use crate::event::Event;
use crate::member::MemberId;
use crate::passthrough::{InjectedFrames, Passthrough};
use crate::storage::Storage;
use crate::table::Table;
use crate::time::Timestamp;

/// Why a frame in the clear may be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plain {
    /// It is one that a server puts in, and no media of the sender.
    Injected,
    /// Passthrough is allowed for this sender now; the status says so.
    Passthrough,
}

impl<S: Storage> MonitorCore<S> {
    /// Lets frames of a member pass in the clear for `duration`, up to an hour: for a client that
    /// cannot encrypt yet. The first frame of theirs that authenticates ends it.
    ///
    /// # Errors
    /// - [`Error::PassthroughRefused`] under [`Policy::Strict`](crate::Policy::Strict), and when frames of this member
    ///   have authenticated; see [`Self::downgrade`]
    /// - [`Error::UnknownMember`], [`Error::InvalidArgument`] for more than an hour
    pub fn allow_passthrough(
        &mut self,
        now: Timestamp,
        member: MemberId,
        duration: Duration,
    ) -> Result<(), Error> {
        let now = self.clock.advance(now);
        let policy = self.policy;
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        record.door.allow(policy, now, duration)
    }

    /// Ends what [`Self::allow_passthrough`] allowed.
    ///
    /// # Errors
    /// [`Error::UnknownMember`].
    pub fn end_passthrough(&mut self, member: MemberId) -> Result<(), Error> {
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        record.door.end();
        Ok(())
    }

    /// Accepts that a member whose frames were end-to-end encrypted will send in the clear, after
    /// which [`Self::allow_passthrough`] works again. To be called when people have been told, never
    /// because of what a server says. Raises [`Event::Downgrade`].
    ///
    /// # Errors
    /// [`Error::PassthroughRefused`] under [`Policy::Strict`](crate::Policy::Strict), [`Error::UnknownMember`].
    pub fn downgrade(&mut self, member: MemberId) -> Result<(), Error> {
        let policy = self.policy;
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        record.door.downgrade(policy)?;
        self.events.push(Event::Downgrade(member));
        Ok(())
    }

    /// Whether a frame that came in the clear from this member may be played. Never to be asked
    /// about a frame that could not be decrypted, only about one of which the application knows
    /// that it is not encrypted.
    ///
    /// # Errors
    /// [`Error::PassthroughRefused`] when it may not, [`Error::UnknownMember`].
    pub fn pass(
        &mut self,
        now: Timestamp,
        member: MemberId,
        frame: &[u8],
        injected: InjectedFrames<'_>,
    ) -> Result<Plain, Error> {
        let now = self.clock.advance(now);
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        if injected.contains(frame) {
            record.stats.injected = record.stats.injected.saturating_add(1);
            return Ok(Plain::Injected);
        }
        record.door.check(now)?;
        record.passed(now);
        Ok(Plain::Passthrough)
    }

    /// Lets us send in the clear for `duration`, up to an hour, until the first frame of ours that
    /// is end-to-end encrypted.
    ///
    /// # Errors
    /// As [`Self::allow_passthrough`].
    pub fn allow_sending_in_the_clear(
        &mut self,
        now: Timestamp,
        duration: Duration,
    ) -> Result<(), Error> {
        let now = self.clock.advance(now);
        self.own.door.allow(self.policy, now, duration)
    }

    /// As [`Self::downgrade`], for our own sending. Raises [`Event::SendingDowngrade`].
    ///
    /// # Errors
    /// As there.
    pub fn downgrade_sending(&mut self) -> Result<(), Error> {
        self.own.door.downgrade(self.policy)?;
        self.events.push(Event::SendingDowngrade);
        Ok(())
    }

    /// Asks whether the next frame may be sent in the clear, and counts it if so.
    ///
    /// # Errors
    /// [`Error::PassthroughRefused`].
    pub fn send_in_the_clear(&mut self, now: Timestamp) -> Result<(), Error> {
        let now = self.clock.advance(now);
        self.own.door.check(now)?;
        self.own.stats.passed = self.own.stats.passed.saturating_add(1);
        self.own.passed_at = Some(now);
        Ok(())
    }

    /// Senders, ourselves included, who may pass in the clear now.
    #[must_use]
    pub fn passthrough_senders(&self, now: Timestamp) -> usize {
        let now = self.clock.at(now);
        let open = |door: &Passthrough| door.check(now).is_ok();
        let members = self.members.iter().filter(|(_, record)| open(&record.door));
        members.count() + usize::from(open(&self.own.door))
    }

    /// Frames that we sent in the clear.
    #[must_use]
    pub fn sent_in_the_clear(&self) -> u64 {
        self.own.stats.passed
    }
}
