//! What an epoch manager does with the monitor inside it.
//!
//! Under `monitor/`. Members come and go with epochs here, and what frames did is taken over in
//! sums.

use super::{EVENTS, MonitorCore, Unverified};
use crate::error::Error;
use crate::event::Event;
use crate::header::KeyId;
use crate::member::MemberId;
use crate::member_record::MemberRecord;
use crate::status::Failing;
use crate::storage::Storage;
use crate::table::Table;
use crate::time::Timestamp;

impl<S: Storage> MonitorCore<S> {
    /// A thread saw this time; what is noted from now on is not before it.
    pub(crate) fn seen(&mut self, at: Timestamp) {
        self.clock.advance(at);
    }

    /// Whether the last that we sent was in the clear.
    pub(crate) fn sent_in_the_clear_last(&self) -> bool {
        self.own.passed_at.is_some()
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    pub(crate) fn has_event(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether a member has a record, or could get one: also in place of somebody who does not
    /// stay.
    pub(crate) fn check_room_for(
        &self,
        member: MemberId,
        stays: impl Fn(MemberId) -> bool,
    ) -> Result<(), Error> {
        let full = match self.check_room() {
            Err(full) if self.members.get(member).is_none() => full,
            _ => return Ok(()),
        };
        // Only a fixed table comes here.
        if self.members.iter().any(|(it, _)| !stays(it)) {
            return Ok(());
        }
        Err(full)
    }

    pub(crate) fn check_room(&self) -> Result<(), Error> {
        self.members.check_room()
    }

    /// Forgets one of those who do not stay.
    pub(crate) fn forget_one(&mut self, stays: impl Fn(MemberId) -> bool) {
        let leaver = self.members.iter().map(|(member, _)| member);
        let leaver = { leaver }.find(|member| !stays(*member));
        self.retain(|member| Some(member) != leaver);
    }

    /// Whether an event that repeats can be added without crowding out those that do not.
    pub(crate) fn has_room_for_event(&self) -> bool {
        self.events.len() < EVENTS / 2
    }

    pub(crate) fn record_or_insert(
        &mut self,
        member: MemberId,
    ) -> Result<&mut MemberRecord, Error> {
        if self.members.get(member).is_none() {
            self.members.insert(member, MemberRecord::default())?;
            self.strangers.forget(|other| other != member);
        }
        self.members.get_mut(member).ok_or(Error::UnknownMember)
    }

    pub(crate) fn record(&mut self, member: MemberId) -> Option<&mut MemberRecord> {
        self.members.get_mut(member)
    }

    pub(crate) fn unknown_key(&mut self, key_id: KeyId, count: u64) {
        self.unknown.latest = key_id;
        self.unknown.count = self.unknown.count.saturating_add(count);
    }

    /// So many frames of a stream that was not heard yet did not authenticate.
    pub(crate) fn strangers_failed(&mut self, member: MemberId, run: Failing, count: u64) {
        let Some(record) = self.members.get_mut(member) else {
            self.strangers.failed(member, run);
            return;
        };
        // The member's other streams may be fine, so it is weighed together with them.
        record.failed(run, count);
    }

    /// A frame of a stream that was not heard yet did not authenticate, on a thread that can only
    /// look; whether the member has a record, in which that is noted.
    #[cfg(feature = "std")]
    pub(crate) fn note_failed(&self, member: MemberId, now: Timestamp) -> bool {
        let record = self.members.get(member);
        record.inspect(|record| record.noted.failed(now)).is_some()
    }

    /// Takes over what was noted.
    #[cfg(feature = "std")]
    pub(crate) fn take_noted(&mut self) {
        for (_, record) in self.members.iter_mut() {
            if let Some((run, count)) = record.noted.take() {
                record.failed(run, count);
            }
        }
    }

    /// How many failures are noted, of one member or of all, and not taken over.
    #[cfg(feature = "std")]
    pub(crate) fn noted(&self, member: Option<MemberId>) -> u64 {
        match member {
            Some(member) => self.members.get(member).map_or(0, |it| it.noted.count()),
            None => self.members.iter().map(|(_, it)| it.noted.count()).sum(),
        }
    }

    /// Forgets everybody who is not to be kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(MemberId) -> bool) {
        let events = &mut self.events;
        self.members.retain_all(|member, record| {
            let kept = keep(member);
            if !kept && record.is_unheard_of() {
                events.push(Event::MemberFirstHeard(member));
            }
            kept
        });
        self.strangers.forget(keep);
    }

    /// Marks everybody as verified for whom this holds.
    pub(crate) fn verify_where(&mut self, holds: impl Fn(MemberId) -> bool) {
        for (member, record) in self.members.iter_mut() {
            record.evidence.verified |= holds(member);
        }
    }

    /// From now on the roster says how many members are not verified.
    pub(crate) fn set_unverified(&mut self, count: u32) {
        self.unverified = Unverified::Roster(count);
    }

    pub(crate) fn set_key_too_old(&mut self, too_old: bool) {
        self.key_too_old = too_old;
    }
}
