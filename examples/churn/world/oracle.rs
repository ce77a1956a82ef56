//! What the status of every member and of the room must be: computed again, in the simplest way,
//! from a record of what authenticated, failed and passed, and when.
//!
//! Nothing here comes from the library but the names of the answers.

use std::collections::BTreeMap;

use frameseal::{EncryptionStatus as Level, Header, StatusReason as Reason};

use super::delivery_service::Commit;
use super::expected_epochs::{ExpectedEpochs, Rules};
use super::queue::Millis;

/// A status expires when nothing was heard for so long.
const STALE_AFTER: Millis = 10_000;
/// Failures that go on for so long are told.
const BROKEN_AFTER: Millis = 2_000;
/// Bits of the index in a key id.
const INDEX_BITS: u32 = 16;

/// A leaf, and the epoch in which its member was first seen there.
pub(crate) type MemberKey = (u32, u64);

pub(crate) type Expected = (Level, Reason);

/// Of whom nothing is known.
pub(crate) const UNHEARD: Expected = (Level::Unknown, Reason::NothingReceived);

/// What must be said of everybody, sorted, and of the room.
pub(crate) struct Statuses {
    pub(crate) members: Vec<(MemberKey, Expected)>,
    pub(crate) room: Expected,
}

impl Default for Statuses {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            room: UNHEARD,
        }
    }
}

/// What is known of one member.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    authenticated: Option<Millis>,
    /// The same, of frames whose keys nobody had who was removed.
    exclusive: Option<Millis>,
    passed: Option<Millis>,
    /// The first and the last failure since a frame last authenticated.
    failed: Option<(Millis, Millis)>,
    verified: bool,
    passes_until: Millis,
    /// A frame has authenticated, so none may pass in the clear any more.
    closed: bool,
}

/// The record of one device.
pub(crate) struct Oracle {
    own: u32,
    rules: Rules,
    pub(crate) epochs: ExpectedEpochs,
    /// The epoch of the latest removal.
    last_removal: u64,
    members: BTreeMap<MemberKey, Record>,
    /// We sent in the clear, and with end-to-end encryption.
    own_passed: Option<Millis>,
    own_sealed: Option<Millis>,
    /// Until when the answers below hold.
    until: Millis,
    overlap: bool,
    statuses: Statuses,
}

impl Oracle {
    pub(crate) fn new(own: u32, rules: Rules) -> Self {
        Self {
            own,
            rules,
            epochs: ExpectedEpochs::new(rules),
            last_removal: 0,
            members: BTreeMap::new(),
            own_passed: None,
            own_sealed: None,
            until: 0,
            overlap: false,
            statuses: Statuses::default(),
        }
    }

    pub(crate) fn told(&mut self, now: Millis, commit: &Commit) {
        self.epochs.add(now, self.own, commit);
        if self.epochs.newest().is_some_and(|told| told.removal) {
            self.last_removal = commit.epoch;
        }
        let newest = self.epochs.newest().into_iter();
        for (index, _, joined) in newest.flat_map(|told| &told.members) {
            if *index != self.own {
                self.members.entry((*index, *joined)).or_default();
            }
        }
        self.until = 0;
    }

    pub(crate) fn acknowledged(&mut self, now: Millis, index: u32, epoch: u64) {
        self.epochs.acknowledged(now, index, epoch);
        self.until = 0;
    }

    /// A frame of this epoch authenticated.
    pub(crate) fn authenticated(&mut self, now: Millis, member: MemberKey, epoch: u64) {
        let exclusive = epoch >= self.last_removal;
        if let Some(record) = self.members.get_mut(&member) {
            record.authenticated = Some(now);
            if exclusive {
                record.exclusive = Some(now);
            }
            record.failed = None;
            record.closed = true;
        }
    }

    /// A frame did not authenticate; whom it named, if anybody.
    pub(crate) fn failed(&mut self, now: Millis, sealed: &[u8]) -> Option<MemberKey> {
        let member = self.named_by(now, sealed)?;
        let record = self.members.get_mut(&member)?;
        // In a millisecond in which a frame authenticated, others that did not say nothing.
        if record.authenticated == Some(now) {
            return Some(member);
        }
        let goes_on = |(_, last): &(Millis, Millis)| now - last <= BROKEN_AFTER;
        let run = record.failed.filter(goes_on);
        record.failed = Some((run.map_or(now, |(first, _)| first), now));
        Some(member)
    }

    pub(crate) fn passed(&mut self, now: Millis, member: MemberKey) {
        if let Some(record) = self.members.get_mut(&member) {
            record.passed = Some(now);
        }
    }

    pub(crate) fn allow_passthrough(&mut self, until: Millis, member: MemberKey) {
        if let Some(record) = self.members.get_mut(&member) {
            record.passes_until = until;
        }
    }

    pub(crate) fn may_pass(&self, now: Millis, member: MemberKey) -> bool {
        let record = self.members.get(&member);
        record.is_some_and(|record| now < record.passes_until && !record.closed)
    }

    pub(crate) fn verified(&mut self, member: MemberKey) {
        if let Some(record) = self.members.get_mut(&member) {
            record.verified = true;
        }
    }

    pub(crate) fn all_verified(&mut self) {
        for member in self.newest_members() {
            self.verified(member);
        }
    }

    pub(crate) fn sent(&mut self, now: Millis) {
        self.own_sealed = Some(now);
    }

    pub(crate) fn sent_in_the_clear(&mut self, now: Millis) {
        self.own_passed = Some(now);
    }

    /// Who is on a leaf in the newest epoch.
    pub(crate) fn member_at(&self, index: u32) -> Option<MemberKey> {
        let (_, joined) = self.epochs.newest()?.find(index)?;
        Some((index, joined))
    }

    /// Everybody in the newest epoch besides the device itself.
    pub(crate) fn newest_members(&self) -> Vec<MemberKey> {
        let newest = self.epochs.newest().into_iter();
        newest
            .flat_map(|told| &told.members)
            .map(|(index, _, joined)| (*index, *joined))
            .filter(|(index, _)| *index != self.own)
            .collect()
    }

    pub(crate) fn status(&mut self, now: Millis, member: MemberKey) -> Expected {
        self.refresh(now);
        match self.members.get(&member) {
            Some(record) => record.status(now, self.overlap),
            None => UNHEARD,
        }
    }

    /// The status of everybody, and of the room.
    pub(crate) fn take_statuses(&mut self, now: Millis) -> Statuses {
        self.refresh(now);
        let mut statuses = core::mem::take(&mut self.statuses);
        let of_members = self.members.iter();
        let of_members = of_members.map(|(member, it)| (*member, it.status(now, self.overlap)));
        statuses.members.clear();
        statuses.members.extend(of_members);
        statuses.room = self.room_status(now, &statuses.members);
        statuses
    }

    /// Takes the list back, so that it is not allocated anew.
    pub(crate) fn give_back(&mut self, statuses: Statuses) {
        self.statuses = statuses;
    }

    fn room_status(&self, now: Millis, members: &[(MemberKey, Expected)]) -> Expected {
        let sends_clear = self.own_passed.is_some_and(|passed| {
            now - passed < STALE_AFTER && self.own_sealed.is_none_or(|sealed| sealed <= passed)
        });
        let ours = sends_clear.then_some((Level::TransportOnly, Reason::SendingInTheClear));
        let all = || members.iter().map(|(_, status)| *status).chain(ours);
        let speaks = |(level, _): &Expected| !matches!(level, Level::Unknown | Level::Stale);
        let weakest = all().filter(speaks).min_by_key(|(level, _)| *level);
        let Some(weakest) = weakest else {
            let stale = all().find(|(level, _)| *level == Level::Stale);
            return stale.unwrap_or(UNHEARD);
        };
        // A verified call has no member whose identity was not compared, silent ones included.
        let verified = || {
            let members = self.newest_members();
            members.iter().all(|member| self.members[member].verified)
        };
        if weakest.0 == Level::EndToEndVerified && !verified() {
            return (Level::EndToEnd, Reason::Authenticated);
        }
        weakest
    }

    /// Whom a key id names: low bits of the epoch, index, context (RFC 9605 §5.2).
    fn named_by(&self, now: Millis, sealed: &[u8]) -> Option<MemberKey> {
        let (header, _) = Header::parse(sealed).ok()?;
        let (key_id, bits) = (header.key_id.value(), self.rules.epoch_bits);
        let low = |value: u64| value % (1 << bits);
        let index = u32::try_from((key_id >> bits) % (1 << INDEX_BITS)).ok()?;
        let mut live = self.epochs.live(now);
        let told = live.find(|told| low(told.epoch) == low(key_id))?;
        let (_, joined) = told.find(index)?;
        Some((index, joined))
    }

    /// Lets time pass: who is in no epoch that is left is forgotten.
    fn refresh(&mut self, now: Millis) {
        if now < self.until {
            return;
        }
        self.epochs.forget(now);
        self.overlap = self.epochs.overlap(now);
        let epochs = &self.epochs;
        self.members.retain(|(index, joined), _| {
            let mut live = epochs.live(now);
            live.any(|told| told.find(*index).is_some_and(|(_, since)| since == *joined))
        });
        self.until = self.epochs.next_change(now);
    }
}

impl Record {
    fn status(&self, now: Millis, overlap: bool) -> Expected {
        let recent = |at: Millis| now - at < STALE_AFTER;
        if let Some(passed) = self.passed
            && recent(passed)
            && self.authenticated.is_none_or(|at| at <= passed)
        {
            return (Level::TransportOnly, Reason::Passthrough);
        }
        if let Some((first, last)) = self.failed
            && recent(last)
            && last - first >= BROKEN_AFTER
        {
            return (Level::Broken, Reason::DoesNotAuthenticate);
        }
        match self.authenticated {
            None => UNHEARD,
            Some(at) if !recent(at) => (Level::Stale, Reason::Silent),
            Some(_) if overlap || self.exclusive < self.authenticated => {
                (Level::OverlapAfterRemoval, Reason::RemovedMemberHasKeys)
            }
            Some(_) if self.verified => (Level::EndToEndVerified, Reason::Verified),
            Some(_) => (Level::EndToEnd, Reason::Authenticated),
        }
    }
}
