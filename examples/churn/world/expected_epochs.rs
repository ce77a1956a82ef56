//! Which epochs a device must have, and which it must send in: computed anew from what it was
//! told, without looking at the library.

use std::collections::BTreeSet;

use super::delivery_service::{Commit, Process};
use super::queue::Millis;

/// How long frames of an epoch are accepted after sending moved on.
const RETIRE_AFTER: Millis = 10_000;

/// What the device chose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// After how long sending moves to a new epoch.
    pub(crate) delay: Millis,
    /// How long frames of older epochs are accepted after a removal.
    pub(crate) overlap: Millis,
    /// Bits of the epoch in a key id.
    pub(crate) epoch_bits: u32,
}

/// An epoch that the device was told of.
pub(crate) struct Told {
    pub(crate) epoch: u64,
    pub(crate) base_key: [u8; 16],
    added: Millis,
    pub(crate) removal: bool,
    /// Sending moved at once.
    at_once: bool,
    /// When the last of the others had acknowledged it.
    ready: Option<Millis>,
    /// Who is on which leaf, and the epoch in which this device first saw them there.
    pub(crate) members: Vec<(u32, Process, u64)>,
    waiting_for: BTreeSet<u32>,
}

/// Everything that a device was told, while it can still matter.
pub(crate) struct ExpectedEpochs {
    rules: Rules,
    told: Vec<Told>,
}

impl ExpectedEpochs {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            told: Vec::new(),
        }
    }

    /// The device at leaf `own` is told of an epoch.
    pub(crate) fn add(&mut self, now: Millis, own: u32, commit: &Commit) {
        let newest = self.told.last();
        let joined = |index, process| {
            let before = newest.and_then(|told| told.find(index));
            before
                .filter(|(other, _)| *other == process)
                .map_or(commit.epoch, |(_, joined)| joined)
        };
        let members: Vec<_> = commit
            .members()
            .map(|(index, process)| (index, process, joined(index, process)))
            .collect();
        let stays = |(index, process): (u32, Process)| {
            members
                .iter()
                .any(|(other, on_it, _)| (*other, *on_it) == (index, process))
        };
        let removal = newest.is_some_and(|told| !told.leaves().all(stays));
        // Of two epochs with the same bits, the older one goes (RFC 9605 §5.2).
        let same_bits = |epoch: u64| {
            let different: u64 = epoch ^ commit.epoch;
            different.is_multiple_of(1 << self.rules.epoch_bits)
        };
        let sending = self.sending(now);
        let sending_lost = sending.is_none_or(same_bits);
        self.told.retain(|told| !same_bits(told.epoch));
        let others: BTreeSet<_> = members.iter().map(|(index, ..)| *index).collect();
        let waiting_for: BTreeSet<_> = others.into_iter().filter(|index| *index != own).collect();
        self.told.push(Told {
            epoch: commit.epoch,
            base_key: commit.base_key,
            added: now,
            removal,
            at_once: removal || sending_lost || waiting_for.is_empty(),
            ready: None,
            members,
            waiting_for,
        });
    }

    /// A member says that it has an epoch, and so all before.
    pub(crate) fn acknowledged(&mut self, now: Millis, index: u32, epoch: u64) {
        let joined = self.on_leaf(index, epoch);
        for told in self.told.iter_mut().filter(|told| told.epoch <= epoch) {
            let same = told.find(index).map(|(_, joined)| joined) == joined;
            if same && told.waiting_for.remove(&index) && told.waiting_for.is_empty() {
                told.ready = Some(now);
            }
        }
    }

    /// The epoch that all sending is in.
    pub(crate) fn sending(&self, now: Millis) -> Option<u64> {
        let moved = self.told.iter().filter(|told| self.moved(told) <= now);
        moved.map(|told| told.epoch).max()
    }

    /// The epochs that can be received, the oldest first.
    pub(crate) fn live(&self, now: Millis) -> impl Iterator<Item = &Told> {
        let told = self.told.iter().enumerate();
        told.filter(move |(at, _)| self.retires(*at) > now)
            .map(|(_, told)| told)
    }

    /// Forgets what is past: the oldest epochs, when they have retired.
    pub(crate) fn forget(&mut self, now: Millis) {
        let retired = (0..self.told.len()).take_while(|at| self.retires(*at) <= now);
        let retired = retired.count();
        self.told.drain(..retired);
    }

    /// Whether keys are accepted that a removed member knows.
    pub(crate) fn overlap(&self, now: Millis) -> bool {
        let oldest = self.live(now).map(|told| told.epoch).min();
        let removals = self.told.iter().filter(|told| told.removal);
        let latest = removals.map(|told| told.epoch).max();
        latest > oldest
    }

    /// When the next change happens by itself.
    pub(crate) fn next_change(&self, now: Millis) -> Millis {
        let retires = (0..self.told.len()).map(|at| self.retires(at));
        let moves = self.told.iter().map(|told| self.moved(told));
        let coming = retires.chain(moves).filter(|at| *at > now);
        coming.min().unwrap_or(Millis::MAX)
    }

    pub(crate) fn newest(&self) -> Option<&Told> {
        self.told.last()
    }

    /// The epoch in which this device first saw the member that is on a leaf in `epoch`.
    fn on_leaf(&self, index: u32, epoch: u64) -> Option<u64> {
        let told = self.told.iter().find(|told| told.epoch == epoch)?;
        told.find(index).map(|(_, joined)| joined)
    }

    fn moved(&self, told: &Told) -> Millis {
        if told.at_once {
            return told.added;
        }
        let by = told.added + self.rules.delay;
        by.min(told.ready.unwrap_or(by))
    }

    fn retires(&self, at: usize) -> Millis {
        let newer = &self.told[at + 1..];
        let moved = newer.iter().map(|told| self.moved(told) + RETIRE_AFTER);
        let removals = newer.iter().filter(|told| told.removal);
        let removed = removals.map(|told| told.added + self.rules.overlap);
        moved.chain(removed).min().unwrap_or(Millis::MAX)
    }
}

impl Told {
    /// Who is on a leaf, and since when.
    pub(crate) fn find(&self, index: u32) -> Option<(Process, u64)> {
        let member = self.members.iter().find(|(other, ..)| *other == index)?;
        Some((member.1, member.2))
    }

    fn leaves(&self) -> impl Iterator<Item = (u32, Process)> {
        self.members
            .iter()
            .map(|(index, process, _)| (*index, *process))
    }
}
