//! Audit records in C: what happened in a call and when, without who.
//!
//! A record is made of an event by the core, which decides what of it may be kept, so the event
//! goes the way back from its C structure first.

use core::ffi::{CStr, c_char};

use frameseal_core::{AuditRecord, EpochId, Event, GroupTag, KeyId, MemberId, Timestamp};

use super::call_status::{
    frameseal_encryption_status, frameseal_status_reason, level_number, reason_number, status,
};
use super::entry::enter;
use super::event::*;
use super::growing::{self, Answers, Growing, size_until};
use super::identity::told_member;
use super::result::{Failure, frameseal_result, invalid};
use super::text_out::TextOut;

/// One event, without anything that names a person, a device, a group or a key. Set `struct_size`
/// before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_audit_record {
    /// `sizeof (frameseal_audit_record)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// When it happened, on the clock of the application. Not the time of day.
    pub at_ms: u64,
    /// The number of the epoch that it is about, if `has_epoch`; else 0.
    pub epoch: u64,
    /// How many frames or events, if `has_count`; else 0.
    pub count: u64,
    /// What happened: one of the `FRAMESEAL_EVENT_` numbers.
    pub kind: frameseal_event_kind,
    /// The new status, of a member that is not named or of the call: one of the
    /// `FRAMESEAL_STATUS_` numbers, if `has_status`; else 0.
    pub level: frameseal_encryption_status,
    /// Its reason: one of the `FRAMESEAL_REASON_` numbers, if `has_status`; else 0.
    pub reason: frameseal_status_reason,
    /// 1 when there is an epoch, else 0.
    pub has_epoch: u8,
    /// 1 when there is a status, else 0.
    pub has_status: u8,
    /// 1 when there is a count, else 0.
    pub has_count: u8,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_audit_record {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_audit_record, has_count) + 1);
}

/// Makes the record of an event that was polled at `now_ms`, for an operator to keep: its time, kind,
/// epoch, status and count, and neither member, group nor key id. An event that says when it happened
/// keeps its own time.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: it is `FRAMESEAL_EVENT_NONE` or nothing that a `_poll_event`
///   function tells, or a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_audit_record_of_event(
    event: *const frameseal_event,
    now_ms: u64,
    record: *mut frameseal_audit_record,
) -> frameseal_result {
    enter(|| {
        if event.is_null() {
            return Err(invalid("the event is NULL"));
        }
        // SAFETY: C promises that pointers are what the header file says.
        let told = unsafe { growing::read(event) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(record) }?;
        let event = event_of(&told).ok_or_else(|| invalid("no event"))?;
        let made = AuditRecord::new(Timestamp::from_millis(now_ms), &event);
        answers.update(|record| record.tell(told.kind, &made));
        Ok(())
    })
}

/// Writes the record as one JSON object to `out`, UTF-8 and a zero byte behind it, and its length
/// without that byte to `*out_len`: `at_ms`, `kind` as `frameseal_audit_kind_name` has it, and where
/// there are any `epoch`, `status`, `reason` and `count`.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs, the zero
///   byte included
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: nothing that `frameseal_audit_record_of_event` makes, a
///   pointer or `struct_size` cannot be right, or `out_len` overlaps `out`
///
/// A call that fails leaves `out` as it was. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_audit_record_json(
    record: *const frameseal_audit_record,
    out: *mut c_char,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let text = unsafe { TextOut::new(out, out_capacity, out_len) }?;
        if record.is_null() {
            return Err(invalid("the record is NULL"));
        }
        // SAFETY: the same.
        let record = unsafe { growing::read(record) }?;
        let json = record.made()?.to_json();
        // SAFETY: C promises that nobody else uses the buffer.
        unsafe { text.tell(&json) }
    })
}

/// A stable name for a kind of event, for example `"epoch-added"`: what stands in JSON.
///
/// Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_audit_kind_name(kind: frameseal_event_kind) -> *const c_char {
    name(kind).as_ptr()
}

impl frameseal_audit_record {
    /// Nothing, as a structure of this size.
    const fn none(struct_size: usize) -> Self {
        Self {
            struct_size,
            at_ms: 0,
            epoch: 0,
            count: 0,
            kind: FRAMESEAL_EVENT_NONE,
            level: 0,
            reason: 0,
            has_epoch: 0,
            has_status: 0,
            has_count: 0,
        }
    }

    fn tell(&mut self, kind: frameseal_event_kind, made: &AuditRecord) {
        *self = Self::none(self.struct_size);
        self.kind = kind;
        self.at_ms = made.at.as_millis();
        (self.epoch, self.has_epoch) = optional(made.epoch);
        (self.count, self.has_count) = optional(made.count);
        if let Some(status) = made.status {
            self.level = level_number(status.level);
            self.reason = reason_number(status.reason);
            self.has_status = 1;
        }
    }

    /// The record that this was told from.
    fn made(&self) -> Result<AuditRecord, Failure> {
        let event = frameseal_event {
            kind: self.kind,
            level: self.level,
            reason: self.reason,
            count: self.count,
            at_ms: self.at_ms,
            epoch: EpochId::new(GroupTag::default(), self.epoch).into(),
            // No record names anybody, so anybody will do.
            member: MemberId::Application(0).into(),
            ..frameseal_event::none(0)
        };
        let event = event_of(&event).ok_or_else(|| invalid("no record"))?;
        let made = AuditRecord::new(Timestamp::from_millis(self.at_ms), &event);
        let has = [
            made.epoch.is_some(),
            made.status.is_some(),
            made.count.is_some(),
        ];
        if [self.has_epoch, self.has_status, self.has_count] != has.map(u8::from) {
            return Err(invalid("no record of this kind"));
        }
        Ok(made)
    }
}

fn optional(number: Option<u64>) -> (u64, u8) {
    (number.unwrap_or(0), number.is_some().into())
}

/// The event that C was told with this structure.
fn event_of(told: &frameseal_event) -> Option<Event> {
    let epoch = EpochId::new(GroupTag::new(told.epoch.group), told.epoch.epoch);
    let (key_id, count) = (KeyId::new(told.key_id), told.count);
    let at = Timestamp::from_millis(told.at_ms);
    let member = || told_member(told.member);
    let status = || status(told.level, told.reason);
    Some(match told.kind {
        FRAMESEAL_EVENT_KEY_FRAME_NEEDED => Event::KeyFrameNeeded,
        FRAMESEAL_EVENT_MEMBER_FIRST_HEARD => Event::MemberFirstHeard(member()?),
        FRAMESEAL_EVENT_STATUS_CHANGED => Event::StatusChanged {
            member: member()?,
            status: status()?,
        },
        FRAMESEAL_EVENT_ROOM_STATUS_CHANGED => Event::RoomStatusChanged(status()?),
        FRAMESEAL_EVENT_EPOCH_ADDED => Event::EpochAdded(epoch),
        FRAMESEAL_EVENT_EPOCH_ACTIVATED => Event::EpochActivated(epoch),
        FRAMESEAL_EVENT_EPOCH_RETIRED => Event::EpochRetired(epoch),
        FRAMESEAL_EVENT_SEND_CUT_OFF => Event::SendCutOff { epoch, at },
        FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED => Event::ReceiveOverlapEnded { epoch, at },
        FRAMESEAL_EVENT_DOWNGRADE => Event::Downgrade(member()?),
        FRAMESEAL_EVENT_REPLAY_BURST => Event::ReplayBurst {
            member: member()?,
            count,
        },
        FRAMESEAL_EVENT_FORGERY_LIMIT => Event::ForgeryLimit(key_id),
        FRAMESEAL_EVENT_USAGE_LIMIT_NEAR => Event::UsageLimitNear(key_id),
        FRAMESEAL_EVENT_REKEY_NEEDED => Event::RekeyNeeded,
        FRAMESEAL_EVENT_UNKNOWN_KEY_ID => Event::UnknownKeyId { key_id, count },
        FRAMESEAL_EVENT_MERGED => Event::Merged(count),
        FRAMESEAL_EVENT_SENDING_DOWNGRADE => Event::SendingDowngrade,
        _ => return None,
    })
}

/// The names of the core, ended as C wants it.
fn name(kind: frameseal_event_kind) -> &'static CStr {
    match kind {
        FRAMESEAL_EVENT_KEY_FRAME_NEEDED => c"key-frame-needed",
        FRAMESEAL_EVENT_MEMBER_FIRST_HEARD => c"member-first-heard",
        FRAMESEAL_EVENT_STATUS_CHANGED => c"member-status-changed",
        FRAMESEAL_EVENT_ROOM_STATUS_CHANGED => c"room-status-changed",
        FRAMESEAL_EVENT_EPOCH_ADDED => c"epoch-added",
        FRAMESEAL_EVENT_EPOCH_ACTIVATED => c"epoch-activated",
        FRAMESEAL_EVENT_EPOCH_RETIRED => c"epoch-retired",
        FRAMESEAL_EVENT_SEND_CUT_OFF => c"send-cut-off",
        FRAMESEAL_EVENT_RECEIVE_OVERLAP_ENDED => c"receive-overlap-ended",
        FRAMESEAL_EVENT_DOWNGRADE => c"downgrade",
        FRAMESEAL_EVENT_REPLAY_BURST => c"replay-burst",
        FRAMESEAL_EVENT_FORGERY_LIMIT => c"forgery-limit",
        FRAMESEAL_EVENT_USAGE_LIMIT_NEAR => c"usage-limit-near",
        FRAMESEAL_EVENT_REKEY_NEEDED => c"rekey-needed",
        FRAMESEAL_EVENT_UNKNOWN_KEY_ID => c"unknown-key-id",
        FRAMESEAL_EVENT_MERGED => c"merged",
        FRAMESEAL_EVENT_SENDING_DOWNGRADE => c"sending-downgrade",
        _ => c"unknown",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use frameseal_core::AuditKind;

    const LEAF: MemberId = MemberId::Leaf {
        group: GroupTag::new(1),
        index: 2,
        joined: 3,
    };

    fn events() -> Vec<(Event, AuditKind)> {
        use AuditKind as Kind;
        let (epoch, key_id) = (EpochId::new(GroupTag::new(4), 5), KeyId::new(6));
        let (at, count) = (Timestamp::from_millis(7), 8);
        let status = status(20, 4).unwrap();
        let (member, number) = (LEAF, MemberId::Application(9));
        vec![
            (Event::KeyFrameNeeded, Kind::KeyFrameNeeded),
            (Event::MemberFirstHeard(member), Kind::MemberFirstHeard),
            (
                Event::StatusChanged {
                    member: number,
                    status,
                },
                Kind::MemberStatusChanged,
            ),
            (Event::RoomStatusChanged(status), Kind::RoomStatusChanged),
            (Event::EpochAdded(epoch), Kind::EpochAdded),
            (Event::EpochActivated(epoch), Kind::EpochActivated),
            (Event::EpochRetired(epoch), Kind::EpochRetired),
            (Event::SendCutOff { epoch, at }, Kind::SendCutOff),
            (
                Event::ReceiveOverlapEnded { epoch, at },
                Kind::ReceiveOverlapEnded,
            ),
            (Event::Downgrade(member), Kind::Downgrade),
            (Event::ReplayBurst { member, count }, Kind::ReplayBurst),
            (Event::ForgeryLimit(key_id), Kind::ForgeryLimit),
            (Event::UsageLimitNear(key_id), Kind::UsageLimitNear),
            (Event::RekeyNeeded, Kind::RekeyNeeded),
            (Event::UnknownKeyId { key_id, count }, Kind::UnknownKeyId),
            (Event::Merged(count), Kind::Merged),
            (Event::SendingDowngrade, Kind::SendingDowngrade),
        ]
    }

    #[test]
    fn every_event_comes_back_from_c_as_it_was_told() {
        for ((event, kind), number) in events().into_iter().zip(1..) {
            let mut told = frameseal_event::none(0);
            told.tell(Some(event));
            assert_eq!((event_of(&told), told.kind), (Some(event), number));
            assert_eq!(name(number).to_str(), Ok(kind.name()));
        }
        for kind in [0, 18, u32::MAX] {
            let told = frameseal_event {
                kind,
                ..frameseal_event::none(0)
            };
            assert_eq!((event_of(&told), name(kind)), (None, c"unknown"));
        }
    }

    #[test]
    fn records_and_their_json_are_those_of_the_core() {
        let now = Timestamp::from_millis(99);
        for ((event, kind), number) in events().into_iter().zip(1..) {
            let expected = AuditRecord::new(now, &event);
            let mut record = frameseal_audit_record::none(0);
            record.tell(number, &expected);
            let made = record.made().unwrap();
            assert_eq!((made, made.kind), (expected, kind), "{event:?}");
            assert_eq!(made.to_json(), expected.to_json());
        }
    }

    #[test]
    fn a_record_that_no_event_makes_is_refused() {
        let record = |kind| {
            let mut record = frameseal_audit_record::none(0);
            record.kind = kind;
            record
        };
        assert!(record(FRAMESEAL_EVENT_NONE).made().is_err());
        assert!(record(FRAMESEAL_EVENT_REKEY_NEEDED).made().is_ok());
        assert!(record(FRAMESEAL_EVENT_EPOCH_ADDED).made().is_err());
        let changes: [fn(&mut frameseal_audit_record); 3] = [
            |record| record.has_epoch = 1,
            |record| record.has_count = 1,
            |record| record.has_status = 1,
        ];
        for change in changes {
            let mut record = record(FRAMESEAL_EVENT_REKEY_NEEDED);
            change(&mut record);
            assert!(record.made().is_err(), "{record:?}");
        }
    }
}
