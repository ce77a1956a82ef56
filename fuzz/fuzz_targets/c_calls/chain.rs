//! The model of what one participant holds of another's sender keys: generations, how far each has
//! come, and until when what is superseded is kept. As in `epochs.rs`, some moments lie between two
//! bounds.

use std::collections::{BTreeMap, HashSet};

/// What a configuration says of it.
#[derive(Clone, Copy)]
pub(crate) struct Keep {
    pub(crate) forward: u64,
    pub(crate) retained: u64,
    pub(crate) retain_ms: u64,
    pub(crate) generations: usize,
    pub(crate) generation_ms: u64,
}

/// A generation that was added.
pub(crate) struct Held {
    /// Which of the world's.
    pub(crate) which: usize,
    pub(crate) generation: u64,
    first: u64,
    pub(crate) head: u64,
    /// When each step behind the head was superseded, at the earliest and at the latest.
    superseded: BTreeMap<u64, (u64, u64)>,
    /// When the generation ends, if it does.
    pub(crate) ends: (u64, u64),
}

pub(crate) struct Chain {
    pub(crate) bits: u32,
    keep: Keep,
    /// In ascending order.
    pub(crate) held: Vec<Held>,
    pub(crate) opened: HashSet<usize>,
}

/// What may become of a genuine frame that was not opened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Opens,
    MayOpen,
    Refused,
}

impl Chain {
    pub(crate) fn new(bits: u32, keep: Keep) -> Self {
        Self {
            bits,
            keep,
            held: Vec::new(),
            opened: HashSet::new(),
        }
    }

    pub(crate) fn newest(&self) -> &Held {
        self.held.last().expect("a chain has a generation")
    }

    fn forward(&self) -> u64 {
        self.keep.forward.min((1 << self.bits) >> 1)
    }

    /// How many newer ones there are.
    fn age(&self, at: usize) -> usize {
        self.held.len() - 1 - at
    }

    pub(crate) fn is_gone(&self, at: usize, done: u64) -> bool {
        self.age(at) > self.keep.generations || self.held[at].ends.1 <= done
    }

    pub(crate) fn is_here(&self, at: usize, latest: u64) -> bool {
        self.age(at) <= self.keep.generations && latest < self.held[at].ends.0
    }

    /// A generation newer than all.
    pub(crate) fn add(&mut self, which: usize, generation: u64, step: u64, time: (u64, u64)) {
        self.end_old(self.held.len(), time, self.keep.generation_ms);
        self.held.push(Held {
            which,
            generation,
            first: step,
            head: step,
            superseded: BTreeMap::new(),
            ends: (u64::MAX, u64::MAX),
        });
    }

    pub(crate) fn end_old(&mut self, count: usize, (early, late): (u64, u64), within: u64) {
        for held in &mut self.held[..count] {
            held.ends.0 = held.ends.0.min(early.saturating_add(within));
            held.ends.1 = held.ends.1.min(late.saturating_add(within));
        }
    }

    /// A later step of a generation.
    pub(crate) fn advance(&mut self, at: usize, step: u64, time: (u64, u64)) {
        let held = &mut self.held[at];
        for before in held.head..step {
            held.superseded.entry(before).or_insert(time);
        }
        held.head = held.head.max(step);
    }

    /// What becomes of a frame of this generation and step, by the times that may count.
    pub(crate) fn fate(&self, which: usize, step: u64, latest: u64, done: u64) -> Fate {
        let Some(at) = self.held.iter().position(|held| held.which == which) else {
            return Fate::Refused;
        };
        let held = &self.held[at];
        if self.is_gone(at, done) || step < held.first || step > held.head + self.forward() {
            return Fate::Refused;
        }
        let here = self.is_here(at, latest);
        if step >= held.head {
            return if here { Fate::Opens } else { Fate::MayOpen };
        }
        let behind = held.head - step;
        let (early, late) = held.superseded[&step];
        if late.saturating_add(self.keep.retain_ms) <= done {
            return Fate::Refused;
        }
        let told_apart = (1u64 << self.bits).saturating_sub(1 + self.forward());
        let kept = behind <= self.keep.retained.min(told_apart)
            && self.held.len() == 1
            && latest < early.saturating_add(self.keep.retain_ms);
        if kept { Fate::Opens } else { Fate::MayOpen }
    }
}
