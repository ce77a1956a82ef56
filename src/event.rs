//! What the application is told about a call, in the order in which it asks.
//!
//! A low layer: values only. Nothing calls back; events wait until they are polled. An edge (a
//! member was heard, a status changed) is told once and is not lost when nobody polls for a while:
//! several changes of the same thing become one event with the latest value.

use crate::header::KeyId;
use crate::member::{EpochId, MemberId};
use crate::status::Status;
use crate::time::Timestamp;

/// Something that the application may want to act upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The sending key changed and video receivers may lack what they need to go on: the encoder,
    /// if there is one for video, should make a key frame. With [`SendSwitch::AtKeyFrame`] also when
    /// streams may move that wait for one, and not after they all did. Not repeated within half a
    /// second.
    ///
    /// [`SendSwitch::AtKeyFrame`]: crate::SendSwitch::AtKeyFrame
    KeyFrameNeeded,
    /// The first frame of a member authenticated.
    MemberFirstHeard(MemberId),
    /// The status of a member changed. Of a member who left it is not told again: whoever is in no
    /// live epoch any more has none.
    StatusChanged {
        /// Whose.
        member: MemberId,
        /// The new one.
        status: Status,
    },
    /// The status of the call changed.
    RoomStatusChanged(Status),
    /// Frames of this epoch can be received.
    EpochAdded(EpochId),
    /// All sending has moved to this epoch.
    EpochActivated(EpochId),
    /// The keys of this epoch were wiped; a stream that was sealing a frame wipes its own when it is
    /// done.
    EpochRetired(EpochId),
    /// Since this time, nothing is sent that a removed member could open.
    SendCutOff {
        /// The first epoch without the member.
        epoch: EpochId,
        /// When sending moved to it.
        at: Timestamp,
    },
    /// Since this time, nothing is accepted that a member could have forged who was removed in this
    /// epoch, or in one before it.
    ReceiveOverlapEnded {
        /// The first epoch without the member.
        epoch: EpochId,
        /// When the last key that the member knew was wiped.
        at: Timestamp,
    },
    /// A member whose frames were end-to-end encrypted may send in the clear from now on, since the
    /// application said so.
    Downgrade(MemberId),
    /// We may send in the clear from now on, since the application said so.
    SendingDowngrade,
    /// Many frames of a member were refused as replayed.
    ReplayBurst {
        /// Whose frames.
        member: MemberId,
        /// How many since this was last told.
        count: u64,
    },
    /// A key has seen as many failed opens as its configuration allows.
    ForgeryLimit(KeyId),
    /// A sending key has protected nearly as much as its limits allow: a new epoch or generation is
    /// needed.
    UsageLimitNear(KeyId),
    /// The application should start a new epoch: the current one grows too old, or it was asked
    /// for.
    RekeyNeeded,
    /// Frames came whose key is not here.
    UnknownKeyId {
        /// The key id of the latest.
        key_id: KeyId,
        /// How many since this was last told.
        count: u64,
    },
    /// More happened than could be remembered: so many of the oldest events were dropped. Statuses and
    /// statistics are complete all the same; ask for them anew.
    Merged(u64),
}

/// Events that wait, at most `N`. When it is full the oldest are merged into a count.
#[derive(Debug)]
pub(crate) struct EventQueue<const N: usize> {
    waiting: [Option<Event>; N],
    first: usize,
    len: usize,
    merged: u64,
}

impl<const N: usize> EventQueue<N> {
    pub(crate) const fn new() -> Self {
        Self {
            waiting: [None; N],
            first: 0,
            len: 0,
            merged: 0,
        }
    }

    pub(crate) fn push(&mut self, event: Event) {
        let already = self
            .waiting
            .iter()
            .flatten()
            .any(|waiting| *waiting == event);
        if already {
            return;
        }
        if self.len == N {
            self.take_first();
            self.merged = self.merged.saturating_add(1);
        }
        let at = (self.first + self.len) % N.max(1);
        if let Some(place) = self.waiting.get_mut(at) {
            *place = Some(event);
            self.len += 1;
        }
    }

    /// The next event: first how many were merged, if any were.
    pub(crate) fn pop(&mut self) -> Option<Event> {
        match core::mem::take(&mut self.merged) {
            0 => self.take_first(),
            merged => Some(Event::Merged(merged)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0 && self.merged == 0
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn take_first(&mut self) -> Option<Event> {
        let event = self.waiting.get_mut(self.first)?.take()?;
        self.first = (self.first + 1) % N.max(1);
        self.len = self.len.saturating_sub(1);
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(count: u64) -> Event {
        Event::UnknownKeyId {
            key_id: KeyId::new(1),
            count,
        }
    }

    #[test]
    fn events_come_out_in_order_and_what_does_not_fit_is_counted() {
        let mut queue = EventQueue::<3>::new();
        for count in 0..5 {
            queue.push(unknown(count));
            queue.push(unknown(count));
        }
        let out: Vec<_> = core::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(out, [Event::Merged(2), unknown(2), unknown(3), unknown(4)]);
        assert!(queue.is_empty());
        queue.push(Event::KeyFrameNeeded);
        assert_eq!(queue.pop(), Some(Event::KeyFrameNeeded));
        assert_eq!(queue.pop(), None);
    }
}
