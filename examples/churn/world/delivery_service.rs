//! A toy delivery service: puts changes of the group into one order, and brings each to every
//! member, in order but late.
//!
//! It stands for MLS (RFC 9420): instead of a key schedule, the base key of an epoch is random.
//! Leaf indexes are given out as there: the lowest blank leaf first, and the tree doubles when it
//! is full and halves when its right half is blank (RFC 9420 §7.7, §7.8).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::queue::Millis;
use super::random::Random;

/// One run of the application on one device. Who comes back is another process.
pub(crate) type Process = usize;

/// Why there is a new epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The call begins.
    Start,
    /// Somebody came.
    Join,
    /// Somebody left, or was made to.
    Leave,
    /// Somebody renewed their keys.
    Update,
    /// Somebody whose process had died came back, on a new leaf; the old one was removed.
    Return,
    /// Somebody whose process had died was removed.
    Evict,
}

impl Kind {
    /// Whether somebody was removed by it.
    pub(crate) fn is_removal(self) -> bool {
        matches!(self, Self::Leave | Self::Return | Self::Evict)
    }
}

/// An accepted commit, as every member sees it.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) epoch: u64,
    pub(crate) kind: Kind,
    pub(crate) at: Millis,
    /// The exported secret of the epoch.
    pub(crate) base_key: [u8; 16],
    /// Who is on which leaf.
    pub(crate) leaves: Vec<Option<Process>>,
    pub(crate) added: Option<Process>,
    pub(crate) removed: Option<Process>,
}

impl Commit {
    /// Members with their leaf indexes.
    pub(crate) fn members(&self) -> impl Iterator<Item = (u32, Process)> {
        (0..)
            .zip(&self.leaves)
            .filter_map(|(index, leaf)| Some((index, (*leaf)?)))
    }

    pub(crate) fn index_of(&self, process: Process) -> Option<u32> {
        self.members()
            .find_map(|(index, other)| (other == process).then_some(index))
    }
}

/// The name under which a process is on a leaf: another one for each process, as a signature key
/// would be.
pub(crate) fn identity(process: Process) -> [u8; 8] {
    (process as u64).to_be_bytes()
}

pub(crate) struct DeliveryService {
    /// The first epoch of the group is 1.
    epoch: u64,
    leaves: Vec<Option<Process>>,
    base_keys: Random,
    lateness: Random,
    /// Commits arrive up to so much later.
    spread: Millis,
    latest_arrival: BTreeMap<Process, Millis>,
}

impl DeliveryService {
    pub(crate) fn new(seed: u64, spread: Millis) -> Self {
        Self {
            epoch: 0,
            leaves: Vec::new(),
            base_keys: Random::of(seed, "base keys"),
            lateness: Random::of(seed, "commits"),
            spread,
            latest_arrival: BTreeMap::new(),
        }
    }

    /// The beginning, with everybody at once.
    pub(crate) fn start(&mut self, members: &[Process]) -> Rc<Commit> {
        for process in members {
            self.add(*process);
        }
        self.commit(0, Kind::Start, None, None)
    }

    /// One commit: who goes, then who comes (RFC 9420 §12.3).
    pub(crate) fn change(
        &mut self,
        at: Millis,
        kind: Kind,
        removed: Option<Process>,
        added: Option<Process>,
    ) -> Rc<Commit> {
        if let Some(removed) = removed {
            self.remove(removed);
        }
        if let Some(added) = added {
            self.add(added);
        }
        self.commit(at, kind, removed, added)
    }

    /// When a commit arrives at a member: never before an earlier one.
    pub(crate) fn arrival(&mut self, at: Millis, process: Process) -> Millis {
        let late = self.lateness.below(self.spread + 1);
        let latest = self.latest_arrival.entry(process).or_default();
        *latest = (*latest).max(at + late);
        *latest
    }

    fn commit(
        &mut self,
        at: Millis,
        kind: Kind,
        removed: Option<Process>,
        added: Option<Process>,
    ) -> Rc<Commit> {
        self.epoch += 1;
        Rc::new(Commit {
            epoch: self.epoch,
            kind,
            at,
            base_key: self.base_keys.bytes(),
            leaves: self.leaves.clone(),
            added,
            removed,
        })
    }

    fn add(&mut self, process: Process) {
        if self.leaves.iter().all(Option::is_some) {
            let width = (self.leaves.len() * 2).max(1);
            self.leaves.resize(width, None);
        }
        let blank = self.leaves.iter_mut().find(|leaf| leaf.is_none());
        *blank.expect("the tree was widened") = Some(process);
    }

    fn remove(&mut self, process: Process) {
        for leaf in &mut self.leaves {
            leaf.take_if(|other| *other == process);
        }
        while self.leaves.len() > 1
            && self.leaves[self.leaves.len() / 2..]
                .iter()
                .all(Option::is_none)
        {
            self.leaves.truncate(self.leaves.len() / 2);
        }
        self.latest_arrival.remove(&process);
    }
}
