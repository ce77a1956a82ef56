//! The honest light: how well each member and the call are protected, from what frames did.
//!
//! Fourth layer, beside the objects that hold keys, and for any of them: an application with keys
//! of its own, or with sender keys, shows each result of `decrypt` to a [`MonitorCore`]; an epoch
//! manager has one inside. It holds no keys and sees no frames, only outcomes, and it believes whose
//! they are: where key ids do not tell that, the application must know the member of a stream from
//! something that servers cannot change.
//!
//! This file has members and statuses; `passing.rs` frames in the clear, `telling.rs` events,
//! `inside.rs` what an epoch manager asks of the one inside it.

mod inside;
mod passing;
mod telling;

use core::time::Duration;

use crate::encryption_key::SendingKeyStatus;
use crate::error::Error;
use crate::event::{Event, EventQueue};
use crate::header::KeyId;
use crate::member::MemberId;
use crate::member_record::MemberRecord;
use crate::passthrough::Passthrough;
use crate::policy::Policy;
use crate::stats::FrameStats;
use crate::status::{Circumstances, EncryptionStatus, Failing, Status, StatusReason, Weakest};
use crate::storage::Storage;
use crate::strangers::Strangers;
use crate::table::Table;
use crate::time::{Clock, Timestamp};
use crate::usage::UsageLimits;

pub use passing::Plain;

/// Events that wait at most.
const EVENTS: usize = 32;

/// Sending keys of which it is remembered that their limits are near.
const NEAR_LIMITS: usize = 8;

/// After how long without a frame the status of a member expires when nothing else is said.
pub const DEFAULT_STALE_AFTER: Duration = Duration::from_secs(10);

/// Watches over the members of a call. [`Monitor`](crate::Monitor) grows,
/// [`fixed::Monitor`](crate::fixed::Monitor) has a fixed capacity; both are this type.
///
/// ```
/// use frameseal::{CipherSuite, Decryptor, EncryptionStatus, Encryptor, KeyId, MemberId, Monitor};
/// use frameseal::{Policy, Timestamp};
///
/// # let suite = CipherSuite::Aes128GcmSha256_128;
/// # let (mut alice, mut decryptor) = (Encryptor::new(suite), Decryptor::new(suite));
/// # alice.add_key(KeyId::new(7), &[1; 16])?;
/// # alice.use_key(KeyId::new(7))?;
/// # decryptor.add_key(KeyId::new(7), &[1; 16])?;
/// # let mut frame = [0; 64];
/// # let len = alice.encrypt(b"", b"hello", &mut frame)?;
/// # let frame = &mut frame[..len];
/// let mut monitor = Monitor::new(Policy::Standard);
/// let alice = MemberId::Application(1);
/// monitor.add_member(alice)?;
///
/// let now = Timestamp::from_millis(20); // of the application's monotonic clock
/// let opened = decryptor.decrypt(b"", frame);
/// monitor.observe(now, alice, &opened)?;
/// assert_eq!(monitor.status(alice, now).level, EncryptionStatus::EndToEnd);
/// assert_eq!(monitor.room_status(now).level, EncryptionStatus::EndToEnd);
/// # Ok::<(), frameseal::Error>(())
/// ```
#[derive(Debug)]
pub struct MonitorCore<S: Storage> {
    policy: Policy,
    stale_after: Duration,
    clock: Clock,
    members: S::Table<MemberId, MemberRecord>,
    own: OwnSending,
    /// Until when keys that a removed member knows are accepted.
    overlap_until: Option<Timestamp>,
    /// Members whose identities were not compared, those who were never heard included.
    unverified: Unverified,
    key_too_old: bool,
    /// The sending keys of which it was told last that their limits are near.
    near_limit: [Option<KeyId>; NEAR_LIMITS],
    unknown: UnknownKeys,
    strangers: Strangers,
    events: EventQueue<EVENTS>,
    /// The member that was told of last: the next are looked for behind.
    told_last: Option<MemberId>,
    room_told: Option<(Status, Timestamp)>,
}

/// Our own direction.
#[derive(Debug, Default)]
struct OwnSending {
    door: Passthrough,
    stats: FrameStats,
    passed_at: Option<Timestamp>,
}

/// Frames whose key is not here.
#[derive(Debug, Default)]
struct UnknownKeys {
    latest: KeyId,
    count: u64,
    told_at: Option<Timestamp>,
}

/// Who counts the members that were not verified.
#[derive(Clone, Copy, Debug)]
enum Unverified {
    /// The records here are all members.
    Here,
    /// The epoch manager, which has the roster.
    Roster(u32),
}

impl<S: Storage> MonitorCore<S> {
    /// A monitor without members.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            stale_after: DEFAULT_STALE_AFTER,
            clock: Clock::default(),
            members: S::table(),
            own: OwnSending::default(),
            overlap_until: None,
            unverified: Unverified::Here,
            key_too_old: false,
            near_limit: [None; NEAR_LIMITS],
            unknown: UnknownKeys::default(),
            strangers: Strangers::default(),
            events: EventQueue::new(),
            told_last: None,
            room_told: None,
        }
    }

    /// The same with another time after which a status expires without a frame.
    #[must_use]
    pub fn with_stale_after(mut self, stale_after: Duration) -> Self {
        self.stale_after = stale_after;
        self
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Adds a member who was not heard, even if somebody with the same name was before it was
    /// removed; frames that failed in its name in the last seconds count. One that is here already
    /// stays as it is.
    ///
    /// # Errors
    /// [`Error::Capacity`] when all places are taken.
    pub fn add_member(&mut self, member: MemberId) -> Result<(), Error> {
        // What failed in its name before counts on; a stranger has no record.
        let stranger = self.strangers.evidence(member);
        let record = self.record_or_insert(member)?;
        if let Some(stranger) = stranger {
            record.evidence.failing = stranger.failing;
        }
        Ok(())
    }

    /// Forgets a member who left, and that frames of theirs authenticated: whoever is added with
    /// the same name later may be allowed to pass in the clear. Not for a pause.
    ///
    /// # Errors
    /// [`Error::UnknownMember`].
    pub fn remove_member(&mut self, member: MemberId) -> Result<(), Error> {
        if self.members.remove(member) {
            Ok(())
        } else {
            Err(Error::UnknownMember)
        }
    }

    /// Says that the keys a removed member knows are still accepted, until `end`; for an
    /// application that changes keys itself. The status shows it until then, and of each member
    /// until a frame authenticates behind it.
    pub fn set_removal_overlap(&mut self, end: Option<Timestamp>) {
        self.overlap_until = end;
    }

    /// Shows the monitor what became of a frame of this member.
    ///
    /// Of errors, [`Error::Authentication`], [`Error::Syntax`] and [`Error::UnknownKeyId`] lower the
    /// status if they go on for two seconds; [`Error::Replay`] is counted; the others are the
    /// caller's own mistakes.
    ///
    /// # Errors
    /// [`Error::UnknownMember`].
    pub fn observe<T>(
        &mut self,
        now: Timestamp,
        member: MemberId,
        result: &Result<T, Error>,
    ) -> Result<(), Error> {
        let now = self.clock.advance(now);
        let exclusive = self.overlap_until.is_none_or(|until| now >= until);
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        let mut delta = FrameStats::default();
        let mut failing = None;
        match result {
            Ok(_) => {
                delta.opened = 1;
                delta.last_authenticated = Some(now);
            }
            Err(Error::Replay) => delta.replayed = 1,
            Err(Error::UnknownKeyId(key_id)) => {
                record.had_no_key(now);
                self.unknown_key(*key_id, 1);
                return Ok(());
            }
            Err(Error::Authentication | Error::Syntax(_)) => {
                delta.failed_opens = 1;
                failing = Some(Failing::at(now));
            }
            Err(_) => {}
        }
        record.absorb(&delta, failing, exclusive);
        Ok(())
    }

    /// Shows the monitor that we sent a frame that is end-to-end encrypted.
    pub fn observe_sent(&mut self, now: Timestamp) {
        let now = self.clock.advance(now);
        self.sent(now);
    }

    /// Shows the monitor how far a sending key has come; raises [`Event::UsageLimitNear`] once for
    /// each of the last eight key ids, when seven eighths of a limit are used.
    pub fn observe_sending_key(
        &mut self,
        key_id: KeyId,
        status: &SendingKeyStatus,
        limits: UsageLimits,
    ) {
        let told = self.near_limit.contains(&Some(key_id));
        if !told && limits.near(status.frames, status.bytes) {
            self.near_limit.rotate_right(1);
            if let Some(latest) = self.near_limit.first_mut() {
                *latest = Some(key_id);
            }
            self.events.push(Event::UsageLimitNear(key_id));
        }
    }

    pub(crate) fn sent(&mut self, at: Timestamp) {
        self.seen(at);
        self.own.door.close();
        // What counts is which came last here: threads' clocks differ.
        self.own.passed_at = None;
    }

    /// Says that the identity of a member was compared (or, with `false`, that it changed).
    ///
    /// # Errors
    /// [`Error::UnknownMember`].
    pub fn set_verified(&mut self, member: MemberId, verified: bool) -> Result<(), Error> {
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        record.evidence.verified = verified;
        Ok(())
    }

    /// How well the frames of a member are protected.
    #[must_use]
    pub fn status(&self, member: MemberId, now: Timestamp) -> Status {
        match self.members.get(member) {
            Some(record) => record.evidence.status(self.circumstances(now)),
            None => match self.strangers.evidence(member) {
                Some(evidence) => evidence.status(self.circumstances(now)),
                None => Status::UNKNOWN,
            },
        }
    }

    /// The status of everybody of whom something is known, in no order, for a list of participants.
    /// Of all others it is unknown.
    pub fn statuses(&self, now: Timestamp) -> impl Iterator<Item = (MemberId, Status)> {
        let at = self.circumstances(now);
        let members = self.members.iter();
        let members = members.map(move |(member, record)| (member, record.evidence.status(at)));
        let strangers = self.strangers.iter();
        members.chain(strangers.map(move |(member, evidence)| (member, evidence.status(at))))
    }

    /// How well the call is protected: as well as the weakest of those who are heard, and no better
    /// than what we send ourselves. It is verified when all members are, the silent ones too.
    #[must_use]
    pub fn room_status(&self, now: Timestamp) -> Status {
        use EncryptionStatus as Level;

        let at = self.circumstances(now);
        let mut weakest = Weakest::default();
        for (_, status) in self.statuses(now) {
            weakest.add(status);
        }
        if let Some(passed) = self.own.passed_at
            && at.now.since(passed) < self.stale_after
        {
            let reason = StatusReason::SendingInTheClear;
            weakest.add(Status::new(Level::TransportOnly, reason));
        }
        if self.key_too_old {
            weakest.add(Status::new(Level::Broken, StatusReason::EpochTooOld));
        }
        let status = weakest.status();
        let unverified = match self.unverified {
            Unverified::Here => self
                .members
                .iter()
                .any(|(_, record)| !record.evidence.verified),
            Unverified::Roster(count) => count > 0,
        };
        if status.level == Level::EndToEndVerified && unverified {
            return Status::new(Level::EndToEnd, StatusReason::Authenticated);
        }
        status
    }

    /// What the frames of a member did.
    #[must_use]
    pub fn member_stats(&self, member: MemberId) -> Option<FrameStats> {
        self.members.get(member).map(|record| record.stats)
    }

    fn circumstances(&self, now: Timestamp) -> Circumstances {
        let now = self.clock.at(now);
        Circumstances {
            now,
            stale_after: self.stale_after,
            overlap: self.overlap_until.is_some_and(|until| now < until),
        }
    }
}
