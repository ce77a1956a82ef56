//! Events: what changed, each thing once and not too often, and when to ask again.
//!
//! Under `monitor/`.

use super::MonitorCore;
use crate::event::Event;
use crate::member::MemberId;
use crate::member_record::{again, past, pending, tell};
use crate::storage::Storage;
use crate::table::Table;
use crate::time::{Timestamp, soonest};

impl<S: Storage> MonitorCore<S> {
    /// The next event, if there is one.
    pub fn poll_event(&mut self, now: Timestamp) -> Option<Event> {
        let now = self.clock.advance(now);
        if let Some(event) = self.events.pop() {
            return Some(event);
        }
        if let Some(event) = self.next_member_event(now) {
            return Some(event);
        }
        let unknown = &mut self.unknown;
        if unknown.count > 0 && past(unknown.told_at, now) {
            unknown.told_at = Some(now);
            return Some(Event::UnknownKeyId {
                key_id: unknown.latest,
                count: core::mem::take(&mut unknown.count),
            });
        }
        let room = self.room_status(now);
        tell(&mut self.room_told, room, now).then_some(Event::RoomStatusChanged(room))
    }

    /// What there is to tell of members: from behind the last one on, then from the start.
    fn next_member_event(&mut self, now: Timestamp) -> Option<Event> {
        let at = self.circumstances(now);
        let last = self.told_last.take();
        let behind = |member: &MemberId| last.is_none_or(|last| *member >= last);
        let mut members = self.members.iter_mut();
        let mut next = members.find_map(|(member, record)| {
            let event = behind(&member).then(|| record.next_event(member, at));
            Some((member, event.flatten()?))
        });
        drop(members);
        if next.is_none() && last.is_some() {
            let mut members = self.members.iter_mut();
            next = members.find_map(|(member, it)| Some((member, it.next_event(member, at)?)));
        }
        let (member, event) = next?;
        self.told_last = Some(member);
        Some(event)
    }

    /// When the next status changes if nothing happens, or something may be told that waits for its
    /// turn; to be polled again then at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let now = self.clock.latest();
        let at = self.circumstances(now);
        let stale = |time: Timestamp| time.plus(self.stale_after);
        let ahead = |time: Option<Timestamp>| time.filter(|time| *time > now);
        let unknown = &self.unknown;
        let own = [
            ahead(self.overlap_until),
            ahead(self.own.door.until()),
            ahead(self.own.passed_at.map(stale)),
            (!self.events.is_empty()).then_some(now),
            pending(self.room_told, self.room_status(now), now),
            (unknown.count > 0).then(|| again(unknown.told_at, now)),
        ];
        let strangers = self.strangers.iter();
        let strangers = strangers.map(|(_, evidence)| evidence.failing);
        let strangers = strangers.map(|failing| ahead(failing.map(|failing| stale(failing.last))));
        let members = self.members.iter();
        let members = members.map(|(_, record)| record.deadline(at));
        soonest(own.into_iter().chain(strangers).chain(members))
    }
}
