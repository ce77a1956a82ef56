//! What an epoch manager must do, in the plainest form: lists that are searched, and no key.
//!
//! Written from the documentation, not from the code: who is a member when, which epoch is live,
//! which one sends, and so whether a frame opens.

use std::collections::{BTreeMap, BTreeSet};

use frameseal::{EpochId, Error, KeyId, KidLayout, MemberId, SendSwitch, StreamKind};

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
/// Counters that a window covers.
const WINDOW: u64 = 1024;

#[derive(Debug)]
struct Epoch {
    /// Its place in the history.
    order: usize,
    own: u32,
    send_from: u64,
    send_by: u64,
    retire_at: u64,
    acknowledged: BTreeSet<u32>,
    windows: BTreeMap<KeyId, BTreeSet<u64>>,
}

#[derive(Debug)]
pub(crate) struct Stream {
    kind: StreamKind,
    key_frame: bool,
    /// The epoch of its key, and the counter of its next frame.
    key: Option<(usize, u64)>,
    used_up: Option<usize>,
    open: bool,
}

#[derive(Debug)]
pub(crate) struct Model {
    settings: Settings,
    person: usize,
    clock: u64,
    /// Every epoch that was ever added, with who was in it.
    history: Vec<Commit>,
    live: Vec<Epoch>,
    current: Option<usize>,
    eligible: Option<usize>,
    streams: BTreeMap<u64, Stream>,
}

/// A frame as the model knows it: what its header says, and the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) key_id: KeyId,
    pub(crate) counter: u64,
    /// The epoch whose key sealed it; none for a forged one.
    pub(crate) sealed_in: Option<EpochId>,
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

    fn id(&self, order: usize) -> EpochId {
        self.history[order].id
    }

    fn low_bits(&self, order: usize) -> u64 {
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

    fn member(&self, order: usize, index: u32) -> Option<MemberId> {
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
        if complete > self.current && self.settings.switch != SendSwitch::WhenTold {
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

/// Streams.
impl Model {
    pub(crate) fn open_stream(&mut self, kind: StreamKind) -> Option<u64> {
        let (first, end) = self.settings.contexts;
        let free = (first..end).find(|context| match self.streams.get(context) {
            None => true,
            Some(stream) => !stream.open && stream.used_up < self.current,
        })?;
        let used_up = self.streams.get(&free).and_then(|stream| stream.used_up);
        let stream = Stream {
            kind,
            key_frame: false,
            key: None,
            used_up,
            open: true,
        };
        self.streams.insert(free, stream);
        Some(free)
    }

    pub(crate) fn close_stream(&mut self, context: u64) {
        let newest = self.live.iter().map(|epoch| epoch.order).max();
        let stream = self.streams.get_mut(&context).unwrap();
        stream.leave();
        stream.used_up = stream.used_up.max(newest);
        stream.open = false;
    }

    pub(crate) fn mark_key_frame(&mut self, context: u64) {
        self.streams.get_mut(&context).unwrap().key_frame = true;
    }

    /// In which epoch, under which key id and with which counter the next frame must be sealed.
    pub(crate) fn seal(&mut self, now: u64, context: u64) -> Result<Truth, Error> {
        self.tick(now);
        let stream = self.streams.get_mut(&context).unwrap();
        let waits = stream.kind == StreamKind::KeyFrames && !stream.key_frame;
        let target = if waits {
            self.current
        } else {
            self.eligible.max(self.current)
        };
        let here = stream.key.map(|(order, _)| order);
        let order = target.max(here).ok_or(Error::NoSendingKey)?;
        if Some(order) <= stream.used_up {
            return Err(Error::NoSendingKey);
        }
        if here != Some(order) {
            stream.leave();
            stream.key = Some((order, 0));
        }
        stream.key_frame = false;
        let key = stream.key.as_mut().unwrap();
        let counter = key.1;
        key.1 += 1;
        let live = self.live.iter().find(|epoch| epoch.order == order);
        let (own, id) = (live.unwrap().own, self.history[order].id);
        let key_id = self.settings.layout.key_id(id.epoch, own, context);
        Ok(Truth {
            key_id: key_id.unwrap(),
            counter,
            sealed_in: Some(id),
        })
    }
}

impl Stream {
    fn leave(&mut self) {
        self.used_up = self.used_up.max(self.key.take().map(|(order, _)| order));
    }
}

/// Receiving.
impl Model {
    /// Whether a frame must open, and whose it is then.
    pub(crate) fn open(&mut self, now: u64, frame: Truth) -> Result<(MemberId, EpochId), Error> {
        self.tick(now);
        let unknown = Err(Error::UnknownKeyId(frame.key_id));
        let parts = self.settings.layout.parts(frame.key_id);
        let place = |epoch: &Epoch| self.low_bits(epoch.order) == parts.epoch_bits;
        let Some(place) = self.live.iter().position(place) else {
            return unknown;
        };
        let order = self.live[place].order;
        let id = self.id(order);
        let ours = self.live[place].own == parts.index;
        if ours || parts.context >= self.settings.streams_per_member {
            return Err(Error::Policy(frame.key_id));
        }
        let Some(member) = self.member(order, parts.index) else {
            return unknown;
        };
        let windows = &mut self.live[place].windows;
        if let Some(window) = windows.get(&frame.key_id) {
            let highest = *window.last().unwrap();
            if window.contains(&frame.counter) || frame.counter + WINDOW <= highest {
                return Err(Error::Replay);
            }
        }
        if frame.sealed_in != Some(id) {
            return Err(Error::Authentication);
        }
        let window = windows.entry(frame.key_id).or_default();
        window.insert(frame.counter);
        Ok((member, id))
    }
}
