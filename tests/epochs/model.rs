//! What an epoch manager must do, in the plainest form: lists that are searched, and no key.
//!
//! Written from the documentation, not from the code: who is a member when, which epoch is live,
//! which one sends, and so whether a frame opens.

use std::collections::{BTreeMap, BTreeSet};

use frameseal::{EpochId, Error, KeyId, KidLayout, MemberId, SendSwitch};

use crate::model_frames::Stream;

/// Who is on which leaf.
pub(crate) type Roster = Vec<(u32, usize)>;

/// An epoch, as everybody in it is told.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) id: EpochId,
    pub(crate) roster: Roster,
}

/// What the model has to know of a configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) layout: KidLayout,
    pub(crate) switch: SendSwitch,
    pub(crate) max_epochs: usize,
    pub(crate) contexts: (u64, u64),
    pub(crate) streams_per_member: u64,
}

const RETIRE_AFTER: u64 = 10_000;
const REMOVAL_OVERLAP: u64 = 2000;
const NEVER: u64 = u64::MAX;

#[derive(Debug)]
pub(crate) struct Epoch {
    /// Its place in the history.
    pub(crate) order: usize,
    pub(crate) own: u32,
    send_from: u64,
    send_by: u64,
    retire_at: u64,
    acknowledged: BTreeSet<u32>,
    pub(crate) windows: BTreeMap<KeyId, BTreeSet<u64>>,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) settings: Settings,
    person: usize,
    pub(crate) clock: u64,
    /// Every epoch that was ever added, with who was in it.
    pub(crate) history: Vec<Commit>,
    pub(crate) live: Vec<Epoch>,
    pub(crate) current: Option<usize>,
    pub(crate) eligible: Option<usize>,
    pub(crate) streams: BTreeMap<u64, Stream>,
}

impl Model {
    pub(crate) fn new(settings: Settings, person: usize) -> Self {
        Self {
            settings,
            person,
            clock: 0,
            history: Vec::new(),
            live: Vec::new(),
            current: None,
            eligible: None,
            streams: BTreeMap::new(),
        }
    }

    pub(crate) fn id(&self, order: usize) -> EpochId {
        self.history[order].id
    }

    pub(crate) fn low_bits(&self, order: usize) -> u64 {
        self.settings.layout.low_bits(self.id(order).epoch)
    }

    fn on_leaf(&self, order: usize, index: u32) -> Option<usize> {
        let roster = &self.history[order].roster;
        let found = roster.iter().find(|(leaf, _)| *leaf == index);
        found.map(|(_, person)| *person)
    }

    /// Since which epoch of the history the one who is on a leaf has been there.
    fn since(&self, order: usize, index: u32) -> Option<usize> {
        let person = self.on_leaf(order, index)?;
        let group = self.id(order).group;
        let stays = |earlier: &usize| {
            self.id(*earlier).group == group && self.on_leaf(*earlier, index) == Some(person)
        };
        (0..=order).rev().take_while(stays).last()
    }

    pub(crate) fn live(&self) -> BTreeSet<EpochId> {
        self.live.iter().map(|epoch| self.id(epoch.order)).collect()
    }

    pub(crate) fn sending(&self) -> Option<EpochId> {
        self.current.map(|order| self.id(order))
    }

    pub(crate) fn member_at(&self, index: u32) -> Option<MemberId> {
        self.member(self.live.iter().map(|epoch| epoch.order).max()?, index)
    }

    pub(crate) fn member(&self, order: usize, index: u32) -> Option<MemberId> {
        let since = self.since(order, index)?;
        Some(MemberId::Leaf {
            group: self.id(order).group,
            index,
            joined: self.id(since).epoch,
        })
    }

    pub(crate) fn tick(&mut self, now: u64) -> u64 {
        self.clock = self.clock.max(now);
        let now = self.clock;
        let due = |time: fn(&Epoch) -> u64| {
            let due = self.live.iter().filter(|epoch| time(epoch) <= now);
            due.map(|epoch| epoch.order).max()
        };
        self.eligible = self.eligible.max(due(|epoch| epoch.send_from));
        let current = due(|epoch| epoch.send_by);
        if current > self.current {
            self.current = current;
            let is_it = |epoch: &&Epoch| Some(epoch.order) == current;
            let moved_at = self.live.iter().find(is_it).unwrap().send_by;
            for epoch in &mut self.live {
                if Some(epoch.order) < current {
                    epoch.retire_at = epoch.retire_at.min(moved_at + RETIRE_AFTER);
                }
            }
        }
        self.drop_epochs(|epoch| epoch.retire_at <= now);
        now
    }

    fn drop_epochs(&mut self, gone: impl Fn(&Epoch) -> bool) {
        let streams = &mut self.streams;
        self.live.retain(|epoch| {
            if !gone(epoch) {
                return true;
            }
            for stream in streams.values_mut() {
                if stream.key.is_some_and(|(order, _)| order == epoch.order) {
                    stream.leave();
                }
            }
            false
        });
    }

    pub(crate) fn add_epoch(&mut self, now: u64, commit: &Commit) -> Result<(), Error> {
        // Time passes, whatever becomes of the update.
        self.clock = self.clock.max(now);
        if self.live().contains(&commit.id) {
            return Ok(());
        }
        if self.history.last().is_some_and(|last| last.id >= commit.id) {
            return Err(Error::EpochTooOld(commit.id));
        }
        let now = self.tick(now);
        let removal = self.history.last().is_some_and(|last| {
            let stays = |member: &(u32, usize)| commit.roster.contains(member);
            last.id.group != commit.id.group || !last.roster.iter().all(stays)
        });
        let order = self.history.len();
        self.history.push(commit.clone());
        let low_bits = self.low_bits(order);
        let displaced: Vec<_> = self.live.iter().map(|epoch| epoch.order).collect();
        for other in displaced {
            if self.low_bits(other) == low_bits {
                self.drop_epochs(|epoch| epoch.order == other);
            }
        }
        while self.live.len() >= self.settings.max_epochs {
            let oldest = self.live.iter().map(|epoch| epoch.order).min();
            self.drop_epochs(|epoch| Some(epoch.order) == oldest);
        }
        let is_live = |order| self.live.iter().any(|epoch| Some(epoch.order) == order);
        let at_once = removal
            || !is_live(self.current)
            || !is_live(self.eligible)
            || commit.roster.len() == 1;
        let (from, by) = match self.settings.switch {
            _ if at_once => (now, now),
            SendSwitch::WhenReady(delay) | SendSwitch::After(delay) => {
                let at = now + u64::try_from(delay.as_millis()).unwrap();
                (at, at)
            }
            SendSwitch::AtKeyFrame(from, by) => (
                now + u64::try_from(from.as_millis()).unwrap(),
                now + u64::try_from(by.as_millis()).unwrap(),
            ),
            _ => (NEVER, NEVER),
        };
        if removal {
            for epoch in &mut self.live {
                epoch.retire_at = epoch.retire_at.min(now + REMOVAL_OVERLAP);
            }
        }
        let own = commit.roster.iter().find(|(_, who)| *who == self.person);
        self.live.push(Epoch {
            order,
            own: own.unwrap().0,
            send_from: from,
            send_by: by,
            retire_at: NEVER,
            acknowledged: BTreeSet::new(),
            windows: BTreeMap::new(),
        });
        self.tick(now);
        Ok(())
    }

    fn find(&self, id: EpochId) -> Result<usize, Error> {
        let found = self.live.iter().find(|epoch| self.id(epoch.order) == id);
        found
            .map(|epoch| epoch.order)
            .ok_or(Error::UnknownEpoch(id))
    }

    fn send_now(&mut self, order: usize) {
        let now = self.clock;
        for epoch in &mut self.live {
            if epoch.order == order {
                epoch.send_from = epoch.send_from.min(now);
                epoch.send_by = epoch.send_by.min(now);
            }
        }
        self.tick(now);
    }

    pub(crate) fn peer_ready(&mut self, index: u32, id: EpochId, now: u64) -> Result<(), Error> {
        self.tick(now);
        let order = self.find(id)?;
        let own = |epoch: &&Epoch| epoch.order == order && epoch.own == index;
        if self.live.iter().any(|epoch| own(&epoch)) || self.on_leaf(order, index).is_none() {
            return Err(Error::UnknownMember);
        }
        // Who has an epoch has all before it, back to the one in which they came.
        let since = self.since(order, index);
        for epoch in &mut self.live {
            if Some(epoch.order) >= since && epoch.order <= order {
                epoch.acknowledged.insert(index);
            }
        }
        let complete = self.live.iter().filter(|epoch| {
            let mut roster = self.history[epoch.order].roster.iter();
            roster.all(|(leaf, _)| *leaf == epoch.own || epoch.acknowledged.contains(leaf))
        });
        let complete = complete.map(|epoch| epoch.order).max();
        let waits = matches!(
            self.settings.switch,
            SendSwitch::WhenTold | SendSwitch::After(_)
        );
        if complete > self.current && !waits {
            self.send_now(complete.unwrap());
        }
        Ok(())
    }

    pub(crate) fn activate(&mut self, id: EpochId, now: u64) -> Result<(), Error> {
        self.tick(now);
        let order = self.find(id)?;
        if Some(order) < self.current {
            return Err(Error::EpochTooOld(id));
        }
        self.send_now(order);
        Ok(())
    }
}
