//! What the application is told about a call: one structure for all kinds of events.

use core::ffi::{CStr, c_char};

use frameseal_core::{Event, Status, Timestamp};

use super::call_status::{
    frameseal_encryption_status, frameseal_status_reason, level_number, reason_number,
};
use super::growing::{Growing, size_until};
use super::identity::{frameseal_epoch_id, frameseal_member_id};

/// What happened.
///
/// The numbers keep their meaning in later versions, which may add further ones: skip an event that
/// you do not know.
pub type frameseal_event_kind = u32;

/// There is no event.
pub const FRAMESEAL_EVENT_NONE: frameseal_event_kind = 0;
/// The sending key changed and video receivers may lack what they need to go on: the encoder, if
/// there is one for video, should make a key frame. With `FRAMESEAL_SEND_AT_KEY_FRAME` also when
/// streams may move that wait for one, and not after they all did. Not repeated within half a second.
pub const FRAMESEAL_EVENT_KEY_FRAME_NEEDED: frameseal_event_kind = 1;
/// The first frame of `member` authenticated.
pub const FRAMESEAL_EVENT_MEMBER_FIRST_HEARD: frameseal_event_kind = 2;
/// The status of `member` changed to `level`, for `reason`.
pub const FRAMESEAL_EVENT_STATUS_CHANGED: frameseal_event_kind = 3;
/// The status of the call changed to `level`, for `reason`.
pub const FRAMESEAL_EVENT_ROOM_STATUS_CHANGED: frameseal_event_kind = 4;
/// Frames of `epoch` can be received.
pub const FRAMESEAL_EVENT_EPOCH_ADDED: frameseal_event_kind = 5;
/// All sending has moved to `epoch`.
pub const FRAMESEAL_EVENT_EPOCH_ACTIVATED: frameseal_event_kind = 6;
/// The keys of `epoch` were wiped; a stream that was sealing a frame wipes its own when it is done.
pub const FRAMESEAL_EVENT_EPOCH_RETIRED: frameseal_event_kind = 7;
/// Since `at_ms`, nothing is sent that a removed member could open; `epoch` is the first without
/// the member.
pub const FRAMESEAL_EVENT_SEND_CUT_OFF: frameseal_event_kind = 8;
/// Since `at_ms`, nothing is accepted that a member could have forged who was removed in `epoch`, or
/// in one before it.
pub const FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED: frameseal_event_kind = 9;
/// `member`, whose frames were end-to-end encrypted, may send in the clear from now on, since the
/// application said so.
pub const FRAMESEAL_EVENT_DOWNGRADE: frameseal_event_kind = 10;
/// Of `member`, `count` more frames were refused as replayed.
pub const FRAMESEAL_EVENT_REPLAY_BURST: frameseal_event_kind = 11;
/// The key of `key_id` has seen as many failed opens as its configuration allows.
pub const FRAMESEAL_EVENT_FORGERY_LIMIT: frameseal_event_kind = 12;
/// The sending key of `key_id` has protected nearly as much as its limits allow: a new epoch
/// or generation is needed.
pub const FRAMESEAL_EVENT_USAGE_LIMIT_NEAR: frameseal_event_kind = 13;
/// The application should start a new epoch: the current one grows too old, or it was asked for.
pub const FRAMESEAL_EVENT_REKEY_NEEDED: frameseal_event_kind = 14;
/// `count` more frames came whose key is not here, the latest under `key_id`.
pub const FRAMESEAL_EVENT_UNKNOWN_KEY_ID: frameseal_event_kind = 15;
/// More happened than could be remembered: `count` events are missing. Ask for the status anew.
pub const FRAMESEAL_EVENT_MERGED: frameseal_event_kind = 16;
/// We may send in the clear from now on, since the application said so.
pub const FRAMESEAL_EVENT_SENDING_DOWNGRADE: frameseal_event_kind = 17;

/// Something that the application may want to act upon. Set `struct_size` before every call. Fields
/// that the comment of its kind does not name are 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_event {
    /// `sizeof (frameseal_event)`. Fields that a later version adds are not touched by an earlier
    /// library: initialise them.
    pub struct_size: usize,
    /// One of the `FRAMESEAL_EVENT_` numbers.
    pub kind: frameseal_event_kind,
    /// One of the `FRAMESEAL_STATUS_` numbers.
    pub level: frameseal_encryption_status,
    /// One of the `FRAMESEAL_REASON_` numbers.
    pub reason: frameseal_status_reason,
    /// Always 0.
    pub reserved: u32,
    /// Which epoch.
    pub epoch: frameseal_epoch_id,
    /// Which member.
    pub member: frameseal_member_id,
    /// Which key.
    pub key_id: u64,
    /// How many.
    pub count: u64,
    /// When, on the clock of the application.
    pub at_ms: u64,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_event {
    const FIRST_SIZE: usize = size_until::<Self>(core::mem::offset_of!(frameseal_event, at_ms) + 8);
}

impl frameseal_event {
    /// Nothing, as a structure of this size.
    pub(super) const fn none(struct_size: usize) -> Self {
        Self {
            struct_size,
            kind: FRAMESEAL_EVENT_NONE,
            level: 0,
            reason: 0,
            reserved: 0,
            epoch: frameseal_epoch_id { group: 0, epoch: 0 },
            member: frameseal_member_id {
                group: 0,
                joined: 0,
                index: 0,
                kind: 0,
                number: 0,
            },
            key_id: 0,
            count: 0,
            at_ms: 0,
        }
    }

    pub(super) fn tell(&mut self, event: Option<Event>) {
        *self = Self::none(self.struct_size);
        let Some(event) = event else {
            return;
        };
        match event {
            Event::KeyFrameNeeded => self.kind = FRAMESEAL_EVENT_KEY_FRAME_NEEDED,
            Event::MemberFirstHeard(member) => {
                self.kind = FRAMESEAL_EVENT_MEMBER_FIRST_HEARD;
                self.member = member.into();
            }
            Event::StatusChanged { member, status } => {
                self.kind = FRAMESEAL_EVENT_STATUS_CHANGED;
                self.member = member.into();
                self.tell_status(status);
            }
            Event::RoomStatusChanged(status) => {
                self.kind = FRAMESEAL_EVENT_ROOM_STATUS_CHANGED;
                self.tell_status(status);
            }
            Event::EpochAdded(epoch) => self.of_epoch(FRAMESEAL_EVENT_EPOCH_ADDED, epoch),
            Event::EpochActivated(epoch) => self.of_epoch(FRAMESEAL_EVENT_EPOCH_ACTIVATED, epoch),
            Event::EpochRetired(epoch) => self.of_epoch(FRAMESEAL_EVENT_EPOCH_RETIRED, epoch),
            Event::SendCutOff { epoch, at } => {
                self.of_epoch(FRAMESEAL_EVENT_SEND_CUT_OFF, epoch);
                self.at(at);
            }
            Event::ReceiveOverlapEnded { epoch, at } => {
                self.of_epoch(FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED, epoch);
                self.at(at);
            }
            Event::Downgrade(member) => {
                self.kind = FRAMESEAL_EVENT_DOWNGRADE;
                self.member = member.into();
            }
            Event::SendingDowngrade => self.kind = FRAMESEAL_EVENT_SENDING_DOWNGRADE,
            Event::ReplayBurst { member, count } => {
                self.kind = FRAMESEAL_EVENT_REPLAY_BURST;
                self.member = member.into();
                self.count = count;
            }
            Event::ForgeryLimit(key_id) => {
                self.kind = FRAMESEAL_EVENT_FORGERY_LIMIT;
                self.key_id = key_id.value();
            }
            Event::UsageLimitNear(key_id) => {
                self.kind = FRAMESEAL_EVENT_USAGE_LIMIT_NEAR;
                self.key_id = key_id.value();
            }
            Event::RekeyNeeded => self.kind = FRAMESEAL_EVENT_REKEY_NEEDED,
            Event::UnknownKeyId { key_id, count } => {
                self.kind = FRAMESEAL_EVENT_UNKNOWN_KEY_ID;
                self.key_id = key_id.value();
                self.count = count;
            }
            Event::Merged(count) => {
                self.kind = FRAMESEAL_EVENT_MERGED;
                self.count = count;
            }
            // A kind that the core has gained and this table has not: one that C is not told.
            _ => {
                self.kind = FRAMESEAL_EVENT_MERGED;
                self.count = 1;
            }
        }
    }

    fn of_epoch(&mut self, kind: frameseal_event_kind, epoch: frameseal_core::EpochId) {
        self.kind = kind;
        self.epoch = epoch.into();
    }

    fn tell_status(&mut self, status: Status) {
        self.level = level_number(status.level);
        self.reason = reason_number(status.reason);
    }

    fn at(&mut self, at: Timestamp) {
        self.at_ms = at.as_millis();
    }
}

/// A short English text for a kind of event, for logs.
///
/// Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_event_text(kind: frameseal_event_kind) -> *const c_char {
    text(kind).as_ptr()
}

fn text(kind: frameseal_event_kind) -> &'static CStr {
    match kind {
        FRAMESEAL_EVENT_NONE => c"nothing",
        FRAMESEAL_EVENT_KEY_FRAME_NEEDED => c"a key frame is needed",
        FRAMESEAL_EVENT_MEMBER_FIRST_HEARD => c"a member was heard for the first time",
        FRAMESEAL_EVENT_STATUS_CHANGED => c"the status of a member changed",
        FRAMESEAL_EVENT_ROOM_STATUS_CHANGED => c"the status of the call changed",
        FRAMESEAL_EVENT_EPOCH_ADDED => c"an epoch can be received",
        FRAMESEAL_EVENT_EPOCH_ACTIVATED => c"sending moved to an epoch",
        FRAMESEAL_EVENT_EPOCH_RETIRED => c"the keys of an epoch were wiped",
        FRAMESEAL_EVENT_SEND_CUT_OFF => c"a removed member can open nothing more",
        FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED => c"a removed member can forge nothing more",
        FRAMESEAL_EVENT_DOWNGRADE => c"a member may send in the clear again",
        FRAMESEAL_EVENT_REPLAY_BURST => c"many frames were replayed",
        FRAMESEAL_EVENT_FORGERY_LIMIT => c"many frames of a key did not authenticate",
        FRAMESEAL_EVENT_USAGE_LIMIT_NEAR => c"the usage limit of a key is near",
        FRAMESEAL_EVENT_REKEY_NEEDED => c"a new epoch is needed",
        FRAMESEAL_EVENT_UNKNOWN_KEY_ID => c"frames came whose key is not here",
        FRAMESEAL_EVENT_MERGED => c"events are missing",
        FRAMESEAL_EVENT_SENDING_DOWNGRADE => c"we may send in the clear again",
        _ => c"unknown event",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frameseal_core::{EpochId, GroupTag, KeyId, MemberId};

    #[test]
    fn every_kind_of_event_has_its_own_number_and_text() {
        let member = MemberId::Leaf {
            group: GroupTag::new(1),
            index: 2,
            joined: 3,
        };
        let (epoch, key_id) = (EpochId::new(GroupTag::new(4), 5), KeyId::new(6));
        let (at, count) = (Timestamp::from_millis(7), 8);
        let events = [
            Event::KeyFrameNeeded,
            Event::MemberFirstHeard(member),
            Event::Downgrade(member),
            Event::ReplayBurst { member, count },
            Event::EpochAdded(epoch),
            Event::EpochActivated(epoch),
            Event::EpochRetired(epoch),
            Event::SendCutOff { epoch, at },
            Event::ReceiveOverlapEnded { epoch, at },
            Event::ForgeryLimit(key_id),
            Event::UsageLimitNear(key_id),
            Event::RekeyNeeded,
            Event::UnknownKeyId { key_id, count },
            Event::Merged(count),
            Event::SendingDowngrade,
        ];
        // The numbers are part of the ABI: kind, epoch, leaf, key id, count, time.
        let expected = [
            (1, 0, 0, 0, 0, 0),
            (2, 0, 2, 0, 0, 0),
            (10, 0, 2, 0, 0, 0),
            (11, 0, 2, 0, 8, 0),
            (5, 5, 0, 0, 0, 0),
            (6, 5, 0, 0, 0, 0),
            (7, 5, 0, 0, 0, 0),
            (8, 5, 0, 0, 0, 7),
            (9, 5, 0, 0, 0, 7),
            (12, 0, 0, 6, 0, 0),
            (13, 0, 0, 6, 0, 0),
            (14, 0, 0, 0, 0, 0),
            (15, 0, 0, 6, 8, 0),
            (16, 0, 0, 0, 8, 0),
            (17, 0, 0, 0, 0, 0),
        ];
        let mut told = frameseal_event::none(0);
        for (event, fields) in events.into_iter().zip(expected) {
            told.tell(Some(event));
            let found = (
                told.kind,
                told.epoch.epoch,
                told.member.index,
                told.key_id,
                told.count,
                told.at_ms,
            );
            assert_eq!(found, fields, "{event:?}");
        }
        told.tell(None);
        assert_eq!((told.kind, told.count), (FRAMESEAL_EVENT_NONE, 0));
        for kind in 0..=17 {
            assert_ne!(text(kind), text(18), "{kind} has a text");
            assert_ne!(text(kind), text(kind + 1));
        }
    }
}
