//! Audit records: what happened in a call and when, without who.
//!
//! Top layer, the call. Every [`Event`] can be turned into a record of fixed size that an operator
//! may keep. It has the time, the kind, the epoch's number, the status and the count of the event.
//! It has no member, no leaf index, no address and no key id, which in MLS mode contains the leaf
//! index; and no group tag, by which records of several calls could be joined. Frame contents and
//! keys are not in events at all. Who kept the records under whose name is the application's
//! business.

#[cfg(feature = "json")]
use alloc::string::String;

use crate::event::Event;
#[cfg(feature = "json")]
use crate::json::Object;
use crate::status::Status;
#[cfg(feature = "json")]
use crate::status::{EncryptionStatus, StatusReason};
use crate::time::Timestamp;

/// What kind of event a record is about. The names do not change from version to version; more may
/// come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AuditKind {
    /// The sending key changed, and a key frame was asked for.
    KeyFrameNeeded,
    /// A member was heard for the first time.
    MemberFirstHeard,
    /// The status of some member changed.
    MemberStatusChanged,
    /// The status of the call changed.
    RoomStatusChanged,
    /// Keys of an epoch came.
    EpochAdded,
    /// All sending moved to an epoch.
    EpochActivated,
    /// The keys of an epoch were wiped.
    EpochRetired,
    /// Nothing is sent any more that a removed member could open.
    SendCutOff,
    /// Nothing is accepted any more that a removed member could have forged.
    ReceiveOverlapEnded,
    /// A member may send in the clear from now on.
    Downgrade,
    /// We may send in the clear from now on.
    SendingDowngrade,
    /// Many frames were refused as replayed.
    ReplayBurst,
    /// A key has seen as many failed opens as are allowed.
    ForgeryLimit,
    /// A sending key is nearly used up.
    UsageLimitNear,
    /// A new epoch or generation was asked for.
    RekeyNeeded,
    /// Frames came whose key was not here.
    UnknownKeyId,
    /// Events were lost, since nobody asked for them in time.
    Merged,
}

/// One event, without anything that names a person or a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// When it happened, on the clock that the application gives. Not the time of day.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// The number of the epoch that it is about.
    pub epoch: Option<u64>,
    /// The new status, of a member that is not named or of the call.
    pub status: Option<Status>,
    /// How many frames or events.
    pub count: Option<u64>,
}

impl AuditRecord {
    /// The record of an event that was polled at this time. An event that says when it happened
    /// keeps its own time.
    #[must_use]
    pub fn new(now: Timestamp, event: &Event) -> Self {
        use AuditKind as Kind;

        let plain = |kind| Self {
            at: now,
            kind,
            epoch: None,
            status: None,
            count: None,
        };
        let of_epoch = |kind, epoch| Self {
            epoch: Some(epoch),
            ..plain(kind)
        };
        let of_status = |kind, status| Self {
            status: Some(status),
            ..plain(kind)
        };
        let counted = |kind, count| Self {
            count: Some(count),
            ..plain(kind)
        };
        // Without a wildcard: whoever adds an event decides here what of it may be kept.
        match *event {
            Event::KeyFrameNeeded => plain(Kind::KeyFrameNeeded),
            Event::MemberFirstHeard(_) => plain(Kind::MemberFirstHeard),
            Event::StatusChanged { status, .. } => of_status(Kind::MemberStatusChanged, status),
            Event::RoomStatusChanged(status) => of_status(Kind::RoomStatusChanged, status),
            Event::EpochAdded(id) => of_epoch(Kind::EpochAdded, id.epoch),
            Event::EpochActivated(id) => of_epoch(Kind::EpochActivated, id.epoch),
            Event::EpochRetired(id) => of_epoch(Kind::EpochRetired, id.epoch),
            Event::SendCutOff { epoch, at } => Self {
                at,
                ..of_epoch(Kind::SendCutOff, epoch.epoch)
            },
            Event::ReceiveOverlapEnded { epoch, at } => Self {
                at,
                ..of_epoch(Kind::ReceiveOverlapEnded, epoch.epoch)
            },
            Event::Downgrade(_) => plain(Kind::Downgrade),
            Event::SendingDowngrade => plain(Kind::SendingDowngrade),
            Event::ReplayBurst { count, .. } => counted(Kind::ReplayBurst, count),
            Event::ForgeryLimit(_) => plain(Kind::ForgeryLimit),
            Event::UsageLimitNear(_) => plain(Kind::UsageLimitNear),
            Event::RekeyNeeded => plain(Kind::RekeyNeeded),
            Event::UnknownKeyId { count, .. } => counted(Kind::UnknownKeyId, count),
            Event::Merged(count) => counted(Kind::Merged, count),
        }
    }

    /// The record as one JSON object: `at_ms`, `kind`, and where there are any `epoch`, `status`,
    /// `reason` and `count`.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut object = Object::new()
            .number("at_ms", self.at.as_millis())
            .text("kind", self.kind.name());
        if let Some(epoch) = self.epoch {
            object = object.number("epoch", epoch);
        }
        if let Some(status) = self.status {
            object = object
                .text("status", level_name(status.level))
                .text("reason", reason_name(status.reason));
        }
        if let Some(count) = self.count {
            object = object.number("count", count);
        }
        object.finish()
    }
}

impl AuditKind {
    /// A stable name, for example `epoch-added`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyFrameNeeded => "key-frame-needed",
            Self::MemberFirstHeard => "member-first-heard",
            Self::MemberStatusChanged => "member-status-changed",
            Self::RoomStatusChanged => "room-status-changed",
            Self::EpochAdded => "epoch-added",
            Self::EpochActivated => "epoch-activated",
            Self::EpochRetired => "epoch-retired",
            Self::SendCutOff => "send-cut-off",
            Self::ReceiveOverlapEnded => "receive-overlap-ended",
            Self::Downgrade => "downgrade",
            Self::SendingDowngrade => "sending-downgrade",
            Self::ReplayBurst => "replay-burst",
            Self::ForgeryLimit => "forgery-limit",
            Self::UsageLimitNear => "usage-limit-near",
            Self::RekeyNeeded => "rekey-needed",
            Self::UnknownKeyId => "unknown-key-id",
            Self::Merged => "merged",
        }
    }
}

#[cfg(feature = "json")]
const fn level_name(level: EncryptionStatus) -> &'static str {
    match level {
        EncryptionStatus::Broken => "broken",
        EncryptionStatus::TransportOnly => "transport-only",
        EncryptionStatus::Unknown => "unknown",
        EncryptionStatus::Stale => "stale",
        EncryptionStatus::OverlapAfterRemoval => "overlap-after-removal",
        EncryptionStatus::EndToEnd => "end-to-end",
        EncryptionStatus::EndToEndVerified => "end-to-end-verified",
    }
}

#[cfg(feature = "json")]
const fn reason_name(reason: StatusReason) -> &'static str {
    match reason {
        StatusReason::Authenticated => "authenticated",
        StatusReason::Verified => "verified",
        StatusReason::NothingReceived => "nothing-received",
        StatusReason::Passthrough => "passthrough",
        StatusReason::DoesNotAuthenticate => "does-not-authenticate",
        StatusReason::NoKey => "no-key",
        StatusReason::Silent => "silent",
        StatusReason::RemovedMemberHasKeys => "removed-member-has-keys",
        StatusReason::SendingInTheClear => "sending-in-the-clear",
        StatusReason::EpochTooOld => "epoch-too-old",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::KeyId;
    use crate::member::{EpochId, GroupTag, MemberId};

    /// Numbers that would give away whose record it is; none may come out again.
    const LEAF: u32 = 1_000_001;
    const GROUP: u64 = 2_000_002;
    const APPLICATION: u64 = 3_000_003;
    const KEY_ID: u64 = 4_000_004;
    const JOINED: u64 = 5_000_005;

    /// Every event, full of personal data, and what may be kept: epoch, count, own time.
    fn events() -> Vec<(Event, AuditKind, Option<u64>, Option<u64>)> {
        use AuditKind as Kind;
        let group = GroupTag::new(GROUP);
        let leaf = MemberId::Leaf {
            group,
            index: LEAF,
            joined: JOINED,
        };
        let member = MemberId::Application(APPLICATION);
        let (epoch, key_id) = (EpochId::new(group, 7), KeyId::new(KEY_ID));
        let (status, at) = (Status::UNKNOWN, Timestamp::from_millis(50));
        vec![
            (Event::KeyFrameNeeded, Kind::KeyFrameNeeded, None, None),
            (
                Event::MemberFirstHeard(leaf),
                Kind::MemberFirstHeard,
                None,
                None,
            ),
            (
                Event::StatusChanged { member, status },
                Kind::MemberStatusChanged,
                None,
                None,
            ),
            (
                Event::RoomStatusChanged(status),
                Kind::RoomStatusChanged,
                None,
                None,
            ),
            (Event::EpochAdded(epoch), Kind::EpochAdded, Some(7), None),
            (
                Event::EpochActivated(epoch),
                Kind::EpochActivated,
                Some(7),
                None,
            ),
            (
                Event::EpochRetired(epoch),
                Kind::EpochRetired,
                Some(7),
                None,
            ),
            (
                Event::SendCutOff { epoch, at },
                Kind::SendCutOff,
                Some(7),
                None,
            ),
            (
                Event::ReceiveOverlapEnded { epoch, at },
                Kind::ReceiveOverlapEnded,
                Some(7),
                None,
            ),
            (Event::Downgrade(leaf), Kind::Downgrade, None, None),
            (Event::SendingDowngrade, Kind::SendingDowngrade, None, None),
            (
                Event::ReplayBurst {
                    member: leaf,
                    count: 3,
                },
                Kind::ReplayBurst,
                None,
                Some(3),
            ),
            (Event::ForgeryLimit(key_id), Kind::ForgeryLimit, None, None),
            (
                Event::UsageLimitNear(key_id),
                Kind::UsageLimitNear,
                None,
                None,
            ),
            (Event::RekeyNeeded, Kind::RekeyNeeded, None, None),
            (
                Event::UnknownKeyId { key_id, count: 4 },
                Kind::UnknownKeyId,
                None,
                Some(4),
            ),
            (Event::Merged(5), Kind::Merged, None, Some(5)),
        ]
    }

    #[test]
    fn kind_epoch_and_count_are_kept() {
        for (event, kind, epoch, count) in events() {
            let record = AuditRecord::new(Timestamp::from_millis(99), &event);
            let kept = (record.kind, record.epoch, record.count);
            assert_eq!(kept, (kind, epoch, count), "{event:?}");
            let has_status = matches!(
                kind,
                AuditKind::MemberStatusChanged | AuditKind::RoomStatusChanged
            );
            assert_eq!(record.status.is_some(), has_status);
            let has_time = matches!(kind, AuditKind::SendCutOff | AuditKind::ReceiveOverlapEnded);
            assert_eq!(record.at.as_millis(), if has_time { 50 } else { 99 });
        }
    }

    #[test]
    fn nothing_that_names_anybody_is_kept() {
        let personal = [u64::from(LEAF), GROUP, APPLICATION, KEY_ID, JOINED];
        for (event, ..) in events() {
            let record = AuditRecord::new(Timestamp::ZERO, &event);
            let shown = format!("{record:?}");
            for number in personal {
                assert!(!shown.contains(&number.to_string()), "{shown}");
            }
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn a_parser_reads_every_record() {
        for (event, kind, epoch, count) in events() {
            let json = AuditRecord::new(Timestamp::from_millis(99), &event).to_json();
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(read["kind"], kind.name());
            assert_eq!(read["epoch"].as_u64(), epoch);
            assert_eq!(read["count"].as_u64(), count);
            assert!(read["at_ms"].is_u64());
            if json.contains("status\"") {
                assert_eq!(read["status"], "unknown");
                assert_eq!(read["reason"], "nothing-received");
            }
        }
    }
}
