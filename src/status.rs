//! How well a member, or the whole call, is protected right now.
//!
//! A low layer: values and one pure function, no keys. A status is computed from frames that
//! really authenticated, or were let pass in the clear, never from signalling. What has not been
//! shown is [`EncryptionStatus::Unknown`]; what was shown long ago expires.

use core::time::Duration;

use crate::time::Timestamp;

/// How well media is protected; the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EncryptionStatus {
    /// Frames come and do not authenticate, or the sending key is older than the policy allows.
    Broken,
    /// Frames pass with transport encryption only: servers can read them.
    TransportOnly,
    /// Nothing has authenticated yet.
    Unknown,
    /// Nothing has authenticated for a while.
    Stale,
    /// End-to-end encrypted, but with keys that a member has who was removed, and who can forge the
    /// others with them: until the overlap ends, and until frames with newer keys came.
    OverlapAfterRemoval,
    /// End-to-end encrypted: only members have the keys.
    EndToEnd,
    /// End-to-end encrypted, and the identities were compared.
    EndToEndVerified,
}

/// Why a status is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusReason {
    /// Frames authenticate.
    Authenticated,
    /// Frames authenticate, and the identity was compared.
    Verified,
    /// No frame came.
    NothingReceived,
    /// Frames passed in the clear, as the application allowed.
    Passthrough,
    /// Frames came that do not authenticate.
    DoesNotAuthenticate,
    /// Frames came whose key is not here.
    NoKey,
    /// Frames authenticated, but none of late.
    Silent,
    /// A removed member has keys that are still accepted, or that the latest frames were sealed with.
    RemovedMemberHasKeys,
    /// We send in the clear ourselves, as the application allowed.
    SendingInTheClear,
    /// The epoch is older than the policy allows.
    EpochTooOld,
}

/// A status with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Status {
    /// How well it is protected.
    pub level: EncryptionStatus,
    /// Why.
    pub reason: StatusReason,
}

impl Status {
    pub(crate) const UNKNOWN: Self = Self {
        level: EncryptionStatus::Unknown,
        reason: StatusReason::NothingReceived,
    };

    pub(crate) const fn new(level: EncryptionStatus, reason: StatusReason) -> Self {
        Self { level, reason }
    }
}

/// What frames of one member have shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// When a frame last authenticated.
    pub(crate) authenticated: Option<Timestamp>,
    /// When a frame last passed in the clear.
    pub(crate) passed: Option<Timestamp>,
    /// When a frame last authenticated with a key that nobody had who had been removed by then.
    pub(crate) exclusive: Option<Timestamp>,
    /// Since when and until when frames failed, with none that authenticated in between.
    pub(crate) failing: Option<Failing>,
    /// Whether that was for want of a key.
    pub(crate) no_key: bool,
    /// Whether the member's identity was compared.
    pub(crate) verified: bool,
}

/// A run of frames that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failing {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

impl Failing {
    /// One frame.
    pub(crate) fn at(time: Timestamp) -> Self {
        Self {
            first: time,
            last: time,
        }
    }

    /// What is left of the run behind this time. When it began there is not known, but a run has no
    /// longer pauses, so it is taken to be as late as it can have been.
    pub(crate) fn after(self, time: Option<Timestamp>) -> Option<Self> {
        let first = match time {
            Some(time) if self.first <= time => self.last.min(time.plus(BROKEN_AFTER)),
            _ => self.first,
        };
        (Some(self.last) > time).then_some(Self { first, ..self })
    }

    /// The run with more of it; the later of the two when there was a pause between them.
    pub(crate) fn and(self, more: Self) -> Self {
        let (early, late) = if self.first <= more.first {
            (self, more)
        } else {
            (more, self)
        };
        if late.first.since(early.last) > BROKEN_AFTER {
            return late;
        }
        Self {
            first: early.first,
            last: early.last.max(late.last),
        }
    }
}

/// What the status depends on besides the member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    pub(crate) now: Timestamp,
    /// After how long without a frame a status expires.
    pub(crate) stale_after: Duration,
    /// Whether keys that a removed member knows are accepted now.
    pub(crate) overlap: bool,
}

/// How long frames must go on failing, with none that authenticates, before that is called broken:
/// so that a forged frame does not flash a warning.
pub(crate) const BROKEN_AFTER: Duration = Duration::from_secs(2);

impl Evidence {
    pub(crate) fn status(&self, at: Circumstances) -> Status {
        use EncryptionStatus as Level;
        use StatusReason as Reason;

        let recent = |time: Timestamp| at.now.since(time) < at.stale_after;
        if let Some(passed) = self.passed
            && recent(passed)
            && self.authenticated.is_none_or(|time| time <= passed)
        {
            return Status::new(Level::TransportOnly, Reason::Passthrough);
        }
        let broken = if self.no_key {
            Status::new(Level::Broken, Reason::NoKey)
        } else {
            Status::new(Level::Broken, Reason::DoesNotAuthenticate)
        };
        let failing = self.failing.is_some_and(|failing| {
            recent(failing.last) && failing.last.since(failing.first) >= BROKEN_AFTER
        });
        match self.authenticated {
            _ if failing => broken,
            None => Status::UNKNOWN,
            Some(time) if !recent(time) => Status::new(Level::Stale, Reason::Silent),
            Some(_) if at.overlap || self.exclusive < self.authenticated => {
                Status::new(Level::OverlapAfterRemoval, Reason::RemovedMemberHasKeys)
            }
            Some(_) if self.verified => Status::new(Level::EndToEndVerified, Reason::Verified),
            Some(_) => Status::new(Level::EndToEnd, Reason::Authenticated),
        }
    }
}

/// The status of a call from those of its parts: the weakest of them.
///
/// Members who say nothing put nothing at risk: [`EncryptionStatus::Unknown`] and
/// [`EncryptionStatus::Stale`] count only when there is nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weakest {
    speaking: Option<Status>,
    stale: Option<Status>,
}

impl Weakest {
    pub(crate) fn add(&mut self, status: Status) {
        let place = match status.level {
            EncryptionStatus::Unknown => return,
            EncryptionStatus::Stale => &mut self.stale,
            _ => &mut self.speaking,
        };
        if place.is_none_or(|weakest| status.level < weakest.level) {
            *place = Some(status);
        }
    }

    pub(crate) fn status(self) -> Status {
        self.speaking.or(self.stale).unwrap_or(Status::UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EncryptionStatus as Level;
    use StatusReason as Reason;

    fn ms(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn level(evidence: Evidence, now: u64) -> (Level, Reason) {
        let status = evidence.status(Circumstances {
            now: ms(now),
            stale_after: Duration::from_secs(10),
            overlap: false,
        });
        (status.level, status.reason)
    }

    #[test]
    fn nothing_is_known_before_a_frame_authenticates() {
        let nothing = (Level::Unknown, Reason::NothingReceived);
        assert_eq!(level(Evidence::default(), 99), nothing);
    }

    #[test]
    fn a_status_expires_when_no_frame_authenticates() {
        let heard = Evidence {
            authenticated: Some(ms(1000)),
            exclusive: Some(ms(1000)),
            ..Evidence::default()
        };
        assert_eq!(
            level(heard, 10_999),
            (Level::EndToEnd, Reason::Authenticated)
        );
        assert_eq!(level(heard, 11_000), (Level::Stale, Reason::Silent));
    }

    #[test]
    fn forged_frames_between_good_ones_do_not_lower_the_status() {
        let mut attacked = Evidence {
            authenticated: Some(ms(1000)),
            exclusive: Some(ms(1000)),
            failing: Some(Failing::at(ms(1100)).and(Failing::at(ms(3099)))),
            ..Evidence::default()
        };
        assert_eq!(level(attacked, 3099).0, Level::EndToEnd);
        attacked.failing = Some(Failing::at(ms(1100)).and(Failing::at(ms(3100))));
        assert_eq!(
            level(attacked, 3100),
            (Level::Broken, Reason::DoesNotAuthenticate)
        );
        assert_eq!(
            level(attacked, 13_100).0,
            Level::Stale,
            "the failures are past"
        );
    }

    #[test]
    fn single_forged_frames_far_apart_are_no_run() {
        let mut failing = Failing::at(ms(0));
        for at in (1..100).map(|nth| ms(nth * 2001)) {
            failing = failing.and(Failing::at(at));
            assert_eq!((failing.first, failing.last), (at, at));
        }
        assert_eq!(failing.and(Failing::at(ms(0))), failing, "late news");
        let joined = Failing::at(ms(0)).and(Failing::at(ms(2000)));
        assert_eq!((joined.first, joined.last), (ms(0), ms(2000)));
    }

    #[test]
    fn frames_that_a_removed_member_may_have_sealed_are_no_evidence_later() {
        let forged = Evidence {
            authenticated: Some(ms(1999)),
            verified: true,
            ..Evidence::default()
        };
        let overlap = (Level::OverlapAfterRemoval, Reason::RemovedMemberHasKeys);
        assert_eq!(level(forged, 2000), overlap);
        assert_eq!(level(forged, 11_999), (Level::Stale, Reason::Silent));
        let heard_before = Evidence {
            exclusive: Some(ms(1000)),
            ..forged
        };
        assert_eq!(level(heard_before, 2000), overlap, "the latest counts");
        let heard_behind = Evidence {
            authenticated: Some(ms(2001)),
            exclusive: Some(ms(2001)),
            ..forged
        };
        assert_eq!(level(heard_behind, 2001).0, Level::EndToEndVerified);
    }

    #[test]
    fn a_member_whose_frames_never_open_is_broken() {
        let mut stranger = Evidence {
            failing: Some(Failing::at(ms(0)).and(Failing::at(ms(2000)))),
            no_key: true,
            ..Evidence::default()
        };
        assert_eq!(level(stranger, 2000), (Level::Broken, Reason::NoKey));
        stranger.failing = Some(Failing::at(ms(0)));
        assert_eq!(
            level(stranger, 5000).0,
            Level::Unknown,
            "one frame says nothing"
        );
    }

    #[test]
    fn what_passed_in_the_clear_is_said_until_a_frame_authenticates() {
        let mut mixed = Evidence {
            passed: Some(ms(1000)),
            verified: true,
            ..Evidence::default()
        };
        assert_eq!(
            level(mixed, 1001),
            (Level::TransportOnly, Reason::Passthrough)
        );
        mixed.authenticated = Some(ms(1002));
        mixed.exclusive = Some(ms(1002));
        assert_eq!(
            level(mixed, 1003),
            (Level::EndToEndVerified, Reason::Verified)
        );
    }

    #[test]
    fn a_call_is_as_weak_as_its_weakest_speaker() {
        let mut call = Weakest::default();
        assert_eq!(call.status().level, Level::Unknown);
        call.add(Status::new(Level::Stale, Reason::Silent));
        assert_eq!(call.status().level, Level::Stale);
        call.add(Status::new(Level::EndToEndVerified, Reason::Verified));
        assert_eq!(
            call.status().level,
            Level::EndToEndVerified,
            "the silent one says nothing"
        );
        call.add(Status::new(Level::TransportOnly, Reason::Passthrough));
        call.add(Status::new(Level::EndToEnd, Reason::Authenticated));
        assert_eq!(call.status().level, Level::TransportOnly);
    }
}
