//! The honest light: how well each member and the call are protected, from what frames did.
//!
//! Fourth layer, beside the objects that hold keys, and for any of them: an application with keys
//! of its own, or with sender keys, shows each result of `decrypt` to a [`MonitorCore`]; an epoch
//! manager has one inside. It holds no keys and sees no frames, only outcomes, and it believes whose
//! they are: where key ids do not tell that, the application must know the member of a stream from
//! something that servers cannot change.

use core::time::Duration;

use crate::encryption_key::SendingKeyStatus;
use crate::error::Error;
use crate::event::{Event, EventQueue};
use crate::header::KeyId;
use crate::member::MemberId;
use crate::member_record::{MemberRecord, again, past, pending, tell};
use crate::passthrough::{InjectedFrames, Passthrough};
use crate::policy::Policy;
use crate::stats::FrameStats;
use crate::status::{Circumstances, EncryptionStatus, Failing, Status, StatusReason, Weakest};
use crate::storage::Storage;
use crate::strangers::Strangers;
use crate::table::Table;
use crate::time::{Clock, Timestamp};
use crate::usage::UsageLimits;

/// Events that wait at most.
const EVENTS: usize = 32;

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
    /// The sending key of which it was told last that its limits are near.
    near_limit: Option<KeyId>,
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
    sealed_at: Option<Timestamp>,
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
            near_limit: None,
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

    /// Adds a member, of whom nothing is known yet; one that is here already stays as it is.
    ///
    /// # Errors
    /// [`Error::Capacity`] when all places are taken.
    pub fn add_member(&mut self, member: MemberId) -> Result<(), Error> {
        self.record_or_insert(member).map(|_| ())
    }

    /// Forgets a member who left.
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
    /// application that changes keys itself. The status shows it until then.
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
        let record = self.members.get_mut(member).ok_or(Error::UnknownMember)?;
        let mut delta = FrameStats::default();
        let mut failing = None;
        let mut no_key = None;
        match result {
            Ok(_) => {
                delta.opened = 1;
                delta.last_authenticated = Some(now);
            }
            Err(Error::Replay) => delta.replayed = 1,
            Err(Error::UnknownKeyId(key_id)) => {
                failing = Some(Failing::at(now));
                no_key = Some(*key_id);
            }
            Err(Error::Authentication | Error::Syntax(_)) => {
                delta.failed_opens = 1;
                failing = Some(Failing::at(now));
            }
            Err(_) => {}
        }
        record.absorb(&delta, failing, no_key.is_some());
        if let Some(key_id) = no_key {
            self.unknown_key(key_id, 1);
        }
        Ok(())
    }

    /// Shows the monitor that we sent a frame that is end-to-end encrypted.
    pub fn observe_sent(&mut self, now: Timestamp) {
        let now = self.clock.advance(now);
        self.sent(now);
    }

    /// Shows the monitor how far a sending key has come; raises [`Event::UsageLimitNear`] once for
    /// each key id, when seven eighths of a limit are used.
    pub fn observe_sending_key(
        &mut self,
        key_id: KeyId,
        status: &SendingKeyStatus,
        limits: UsageLimits,
    ) {
        if self.near_limit != Some(key_id) && limits.near(status.frames, status.bytes) {
            self.near_limit = Some(key_id);
            self.events.push(Event::UsageLimitNear(key_id));
        }
    }

    pub(crate) fn sent(&mut self, at: Timestamp) {
        self.own.door.close();
        self.own.sealed_at = self.own.sealed_at.max(Some(at));
    }

    /// Lets frames of a member pass in the clear for `duration`, up to an hour: for a client that
    /// cannot encrypt yet. The first frame of theirs that authenticates ends it.
    ///
    /// # Errors
    /// - [`Error::PassthroughRefused`] under [`Policy::Strict`], and when frames of this member
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
    /// [`Error::PassthroughRefused`] under [`Policy::Strict`], [`Error::UnknownMember`].
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
    /// Of all others it is [`Status::UNKNOWN`].
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
            && self.own.sealed_at.is_none_or(|sealed| sealed <= passed)
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

    /// Senders, ourselves included, who may pass in the clear now.
    #[must_use]
    pub fn passthrough_senders(&self, now: Timestamp) -> usize {
        let now = now.max(self.clock.latest());
        let open = |door: &Passthrough| door.check(now).is_ok();
        let members = self.members.iter().filter(|(_, record)| open(&record.door));
        members.count() + usize::from(open(&self.own.door))
    }

    /// Frames that we sent in the clear.
    #[must_use]
    pub fn sent_in_the_clear(&self) -> u64 {
        self.own.stats.passed
    }

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
        let changes = [
            self.overlap_until,
            self.own.door.until(),
            self.own.passed_at.map(stale),
        ];
        let strangers = self.strangers.iter();
        let strangers = strangers.filter_map(|(_, evidence)| evidence.failing);
        let unknown = &self.unknown;
        let waiting = [
            pending(self.room_told, self.room_status(now), now),
            (unknown.count > 0).then(|| again(unknown.told_at, now)),
        ];
        changes
            .into_iter()
            .flatten()
            .chain(strangers.map(|failing| stale(failing.last)))
            .filter(|deadline| *deadline > now)
            .chain(waiting.into_iter().flatten())
            .chain(
                self.members
                    .iter()
                    .filter_map(|(_, record)| record.deadline(at)),
            )
            .min()
    }

    // What an epoch manager does with its monitor.

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

    /// A frame of a stream that was not heard yet did not authenticate.
    pub(crate) fn stranger_failed(&mut self, member: MemberId, now: Timestamp) {
        let Some(record) = self.members.get_mut(member) else {
            self.strangers.failed(member, now);
            return;
        };
        // The member's other streams may be fine, so it is weighed together with them.
        let failed = FrameStats {
            failed_opens: 1,
            ..FrameStats::default()
        };
        record.absorb(&failed, Some(Failing::at(now)), false);
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

    fn circumstances(&self, now: Timestamp) -> Circumstances {
        let now = now.max(self.clock.latest());
        Circumstances {
            now,
            stale_after: self.stale_after,
            overlap: self.overlap_until.is_some_and(|until| now < until),
        }
    }
}
