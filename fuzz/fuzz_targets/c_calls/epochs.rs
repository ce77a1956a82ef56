//! The model of what one device knows of the group: which epochs are surely here, which surely
//! gone, and in which it may send. It is written from the header file, not from the library, so some
//! moments lie between two bounds; between them both outcomes are taken.

use std::collections::{BTreeMap, HashSet};

/// Behind this no clock comes.
const LAST: u64 = u64::MAX - 1;

/// An epoch of the group, as its MLS engine tells it.
#[derive(Clone)]
pub(crate) struct Epoch {
    pub(crate) group: u64,
    pub(crate) epoch: u64,
    pub(crate) base_key: Vec<u8>,
    /// Leaf index and identity.
    pub(crate) members: Vec<(u32, Vec<u8>)>,
}

/// The times of a configuration.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) switch: u32,
    pub(crate) from: u64,
    pub(crate) by: u64,
    pub(crate) retire_after: u64,
    pub(crate) overlap: u64,
    pub(crate) max_epochs: usize,
    pub(crate) low_mask: u64,
}

/// An epoch that was added here.
pub(crate) struct Here {
    /// Which of the world's.
    pub(crate) which: usize,
    pub(crate) group: u64,
    pub(crate) epoch: u64,
    /// When, at the earliest and at the latest.
    pub(crate) added: (u64, u64),
    /// On each leaf, since which epoch.
    pub(crate) roster: BTreeMap<u32, u64>,
    pub(crate) own: Option<u32>,
    removal: bool,
    /// Sending may be here from then on, and must be here or further at the latest then.
    may_send: u64,
    must_send: u64,
    ready: HashSet<(u32, u64)>,
    gone: bool,
    pub(crate) opened: u64,
    pub(crate) failed: u64,
}

pub(crate) struct Epochs {
    times: Times,
    pub(crate) here: Vec<Here>,
    /// The latest time that was said in any call, and in one that surely did what was due.
    pub(crate) latest: u64,
    pub(crate) done: u64,
    identities: BTreeMap<u32, Vec<u8>>,
}

pub(crate) const READY: u32 = 1;
pub(crate) const AFTER: u32 = 2;
pub(crate) const AT_KEY_FRAME: u32 = 3;

fn due(start: u64, after: u64) -> u64 {
    start.saturating_add(after).min(LAST)
}

impl Epochs {
    pub(crate) fn new(times: Times) -> Self {
        Self {
            times,
            here: Vec::new(),
            latest: 0,
            done: 0,
            identities: BTreeMap::new(),
        }
    }

    /// A call said what time it is.
    pub(crate) fn said(&mut self, now: u64) {
        self.latest = self.latest.max(now.min(LAST));
    }

    /// And did what was due then.
    pub(crate) fn passed(&mut self, now: u64) {
        self.said(now);
        self.done = self.done.max(now.min(LAST));
        for at in 0..self.here.len() {
            self.here[at].gone |= self.ends_by(at) <= self.done;
        }
    }

    /// When this epoch is gone at the latest.
    pub(crate) fn ends_by(&self, at: usize) -> u64 {
        let later = self.here.iter().skip(at + 1);
        let ends = later.map(|later| {
            let moved = due(later.must_send, self.times.retire_after);
            let moved = if later.must_send > LAST {
                u64::MAX
            } else {
                moved
            };
            match later.removal {
                true => moved.min(due(later.added.1, self.times.overlap)),
                false => moved,
            }
        });
        ends.min().unwrap_or(u64::MAX)
    }

    pub(crate) fn is_gone(&self, at: usize) -> bool {
        self.here[at].gone
    }

    /// Whether nothing can have ended it by now.
    pub(crate) fn is_here(&self, at: usize) -> bool {
        let later = self.here.iter().skip(at + 1);
        let mut ends = later.flat_map(|later| {
            let removal = later.removal;
            let end = removal.then(|| due(later.added.0, self.times.overlap));
            end.into_iter()
                .chain([due(later.may_send, self.times.retire_after)])
        });
        !self.here[at].gone && ends.all(|end| self.latest < end)
    }

    /// The library said that it is gone; it may not have been too early.
    #[track_caller]
    pub(crate) fn found_gone(&mut self, at: usize) {
        assert!(!self.is_here(at), "an epoch went too early");
        self.here[at].gone = true;
    }

    /// The epoch in which sending is at least, and at most.
    pub(crate) fn sending(&self) -> Option<(usize, usize)> {
        let newest = |reached: &dyn Fn(&Here) -> bool| self.here.iter().rposition(reached);
        let least = newest(&|here| here.must_send <= self.done)?;
        let most = newest(&|here| here.may_send <= self.latest).unwrap_or(least);
        Some((least, most.max(least)))
    }

    pub(crate) fn find(&self, group: u64, epoch: u64) -> Option<usize> {
        self.here
            .iter()
            .position(|here| (here.group, here.epoch) == (group, epoch))
    }

    /// The one epoch, if any, that a key id with these low bits can be of: the newest such.
    pub(crate) fn of_key_id(&self, key_id: u64) -> Option<usize> {
        let mask = self.times.low_mask;
        self.here
            .iter()
            .rposition(|here| (here.epoch ^ key_id) & mask == 0)
    }

    /// An epoch was added that is newer than all.
    pub(crate) fn add(&mut self, which: usize, epoch: &Epoch, own: Option<u32>, now: u64) {
        let earliest = now.min(LAST);
        self.said(now);
        let before = self.here.last();
        let same_group = before.is_some_and(|before| before.group == epoch.group);
        let mut roster = BTreeMap::new();
        for (index, identity) in &epoch.members {
            let stays = same_group && self.identities.get(index) == Some(identity);
            let joined = before.and_then(|before| before.roster.get(index));
            let joined = joined.filter(|_| stays).copied();
            roster.insert(*index, joined.unwrap_or(epoch.epoch));
        }
        let left = |(index, joined): (&u32, &u64)| !same_group || roster.get(index) != Some(joined);
        let removal = before.is_some_and(|before| before.roster.iter().any(left));
        let others = epoch.members.len() - usize::from(own.is_some());
        let mask = self.times.low_mask;
        let mut displaced = false;
        let mut live: Vec<_> = (0..self.here.len())
            .filter(|at| !self.here[*at].gone)
            .collect();
        for at in live.clone() {
            if (self.here[at].epoch ^ epoch.epoch) & mask == 0 {
                self.here[at].gone = true;
                displaced = true;
                live.retain(|other| *other != at);
            }
        }
        // With room for one or two, only the one before stays.
        let stay = self.times.max_epochs - 1;
        if stay <= 1 {
            for at in live.iter().rev().skip(stay) {
                self.here[*at].gone = true;
                displaced = true;
            }
        }
        let at_once = self.here.is_empty() || removal || others == 0;
        let from = match self.times.switch {
            READY | AFTER => self.times.by,
            AT_KEY_FRAME => self.times.from.min(self.times.by),
            _ => u64::MAX,
        };
        let when = |after| match after {
            u64::MAX => u64::MAX,
            after => due(earliest, after),
        };
        let (may_send, must_send) = if at_once {
            (earliest, self.latest)
        } else {
            let by = match from {
                u64::MAX => u64::MAX,
                _ => due(self.latest, self.times.by),
            };
            (if displaced { earliest } else { when(from) }, by)
        };
        self.identities = epoch.members.iter().cloned().collect();
        self.here.push(Here {
            which,
            group: epoch.group,
            epoch: epoch.epoch,
            added: (earliest, self.latest),
            roster,
            own,
            removal,
            may_send,
            must_send,
            ready: HashSet::new(),
            gone: false,
            opened: 0,
            failed: 0,
        });
        self.passed(now);
    }

    /// A member has an epoch, and so those before it.
    pub(crate) fn ready(&mut self, at: usize, index: u32, now: u64) {
        let newest = &self.here[self.here.len() - 1].roster;
        let joined = self.here[at].roster[&index];
        let still = newest.get(&index) == Some(&joined);
        self.passed(now);
        let switches = matches!(self.times.switch, READY | AT_KEY_FRAME);
        let latest = self.latest;
        for here in &mut self.here[..=at] {
            if still {
                here.ready.insert((index, joined));
            }
            if switches {
                here.may_send = here.may_send.min(now.min(LAST));
                let own = here.own;
                let mut others = here.roster.iter().filter(|(index, _)| Some(**index) != own);
                if others.all(|(index, joined)| here.ready.contains(&(*index, *joined))) {
                    here.must_send = here.must_send.min(latest);
                }
            }
        }
        self.passed(now);
    }

    /// The application moved sending here.
    pub(crate) fn activate(&mut self, at: usize, now: u64) {
        self.said(now);
        let here = &mut self.here[at];
        here.may_send = here.may_send.min(now.min(LAST));
        here.must_send = here.must_send.min(self.latest);
        self.passed(now);
    }
}
