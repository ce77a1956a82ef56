//! The call: everything that happens, in order of virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use frameseal::{Header, KidLayout};

use super::attackers::{Forger, Knowledge, RemovedMember, ReplayingForwarder};
use super::changes::{Change, Changes};
use super::checks::{Checks, Levels};
use super::delivery_service::{Commit, DeliveryService, Kind, Process};
use super::device::{Device, SharedPacket};
use super::judge::{Arrival, Judge};
use super::ledger::{Ledger, Outcome, Totals};
use super::network::Link;
use super::nonces::Nonces;
use super::packet::{Maker, Packet, Tag};
use super::population::{self, Step};
use super::queue::{Millis, Queue};
use super::random::Random;
use super::settings::Settings;

/// Between two frames of a device: 5 a second.
const FRAME_EVERY: Millis = 200;
const FORGE_EVERY: Millis = 40;
const REMOVED_FORGE_EVERY: Millis = 150;
/// How long a removed member goes on.
const REMOVED_FOR: Millis = 20_000;
/// How long an old client sends in the clear, and is let.
const CLEAR_FOR: Millis = 6_000;
const CLEAR_ALLOWED: Millis = 8_000;
/// After the last frame, until all are accounted for.
const AFTERMATH: Millis = 25_000;

enum Event {
    Step(Step),
    /// A person whose process died is back, or is removed.
    Gone {
        process: Process,
        back: bool,
    },
    Commit {
        to: Process,
        commit: Rc<Commit>,
    },
    Acknowledge {
        to: Process,
        index: u32,
        epoch: u64,
    },
    Frame(Process),
    Wake(Process),
    Arrive {
        to: Process,
        packet: SharedPacket,
        replayed: bool,
    },
    Forge,
    RemovedForge,
    Settle,
}

/// A run, when it is over.
pub(crate) struct Outcomes {
    pub(crate) checks: Checks,
    pub(crate) levels: Levels,
    pub(crate) totals: Totals,
    pub(crate) changes: Changes,
    /// Keys by base key and key id, and intervals of counters.
    pub(crate) nonces: (usize, usize),
    /// Hostile packets, by whom.
    pub(crate) forged: u64,
    pub(crate) forged_by_removed: u64,
    pub(crate) replayed: u64,
    /// Frames that a removed member could still read, since their senders had not been told.
    pub(crate) read_before_cut_off: u64,
    pub(crate) processes: usize,
}

struct World<L> {
    settings: Settings,
    layout: KidLayout,
    now: Millis,
    queue: Queue<Event>,
    service: DeliveryService,
    epoch: u64,
    devices: Vec<Option<Device>>,
    /// The processes that are alive, with their leaves.
    alive: Vec<(Process, u32)>,
    /// Processes that died and are still in the group.
    dead: BTreeMap<Process, u32>,
    old_clients: BTreeSet<Process>,
    people: Random,
    habits: Random,
    link: L,
    forger: Forger,
    removed: Vec<RemovedMember>,
    replays: ReplayingForwarder,
    ledger: Ledger,
    nonces: Nonces,
    checks: Checks,
    changes: Changes,
    reported: usize,
    forged: u64,
    forged_by_removed: u64,
    replayed: u64,
    read_before_cut_off: u64,
    arrivals: Vec<Millis>,
}

/// Runs a call. `tell` gets every change when all about it is known.
pub(crate) fn run(settings: &Settings, tell: &mut dyn FnMut(&Change)) -> Outcomes {
    let link = settings.faults.link(settings.seed);
    let mut world = World::new(settings.clone(), link);
    world.start();
    while let Some((at, event)) = world.queue.next() {
        world.now = at;
        world.happen(event, tell);
    }
    world.finish(tell)
}

impl<L: Link> World<L> {
    fn new(settings: Settings, link: L) -> Self {
        let seed = settings.seed;
        let layout = KidLayout::new(settings.epoch_bits, 16).expect("valid widths");
        Self {
            layout,
            now: 0,
            queue: Queue::new(),
            service: DeliveryService::new(seed, settings.spread),
            epoch: 0,
            devices: Vec::new(),
            alive: Vec::new(),
            dead: BTreeMap::new(),
            old_clients: BTreeSet::new(),
            people: Random::of(seed, "people"),
            habits: Random::of(seed, "habits"),
            link,
            forger: Forger::new(seed, layout),
            removed: Vec::new(),
            replays: ReplayingForwarder::new(seed),
            ledger: Ledger::default(),
            nonces: Nonces::default(),
            checks: Checks::new(settings.covers_changes()),
            changes: Changes::new(),
            reported: 0,
            forged: 0,
            forged_by_removed: 0,
            replayed: 0,
            read_before_cut_off: 0,
            arrivals: Vec::new(),
            settings,
        }
    }

    fn start(&mut self) {
        let first: Vec<Process> = (0..self.settings.members).collect();
        let commit = self.service.start(&first);
        for process in first {
            self.begin(process, &commit);
        }
        self.announce(&commit);
        for (at, step) in population::plan(&self.settings) {
            self.queue.plan(at, Event::Step(step));
        }
        self.queue.plan(1_000, Event::Forge);
        self.queue.plan(1_000, Event::RemovedForge);
        self.queue.plan(1_000, Event::Settle);
    }

    fn happen(&mut self, event: Event, tell: &mut dyn FnMut(&Change)) {
        match event {
            Event::Step(Step::JoinOrLeave) => {
                let size = self.alive.len() + self.dead.len();
                let leave = size > self.settings.members;
                self.change(if leave { Kind::Leave } else { Kind::Join });
            }
            Event::Step(Step::Update) => self.change(Kind::Update),
            Event::Step(Step::Crash { back, after }) => self.crash(back, after),
            Event::Gone { process, back } => self.gone(process, back),
            Event::Commit { to, commit } => self.commit_arrives(to, &commit),
            Event::Acknowledge { to, index, epoch } => {
                if let Some(device) = device(&mut self.devices, to) {
                    device.acknowledged(self.now, index, epoch, &mut self.checks);
                    self.plan_wake(to);
                }
            }
            Event::Frame(of) => self.next_frame(of),
            Event::Wake(of) => self.wake(of),
            Event::Arrive {
                to,
                packet,
                replayed,
            } => self.arrive(to, &packet, replayed),
            Event::Forge => self.forge(),
            Event::RemovedForge => self.forge_with_old_keys(),
            Event::Settle => self.settle(tell),
        }
    }

    // The group.

    /// A new process on a leaf of the commit that adds it.
    fn begin(&mut self, process: Process, commit: &Commit) {
        let index = commit.index_of(process).expect("it was added");
        self.devices.resize_with(process, || None);
        let device = Device::new(&self.settings, process, index);
        self.devices.push(Some(device));
        self.alive.push((process, index));
    }

    /// A process ends. Its device is gone, whatever comes.
    fn end(&mut self, process: Process) -> Option<Device> {
        self.alive.retain(|(other, _)| *other != process);
        self.ledger.ended(self.now, process);
        self.devices.get_mut(process)?.take()
    }

    /// Brings a commit to everybody who is a member after it.
    fn announce(&mut self, commit: &Rc<Commit>) {
        self.epoch = commit.epoch;
        self.changes.add(commit);
        for (_, process) in commit.members() {
            if self.devices.get(process).is_some_and(Option::is_some) {
                let at = self.service.arrival(self.now, process);
                let commit = commit.clone();
                self.queue.plan(
                    at,
                    Event::Commit {
                        to: process,
                        commit,
                    },
                );
            }
        }
    }

    fn change(&mut self, kind: Kind) {
        let commit = match kind {
            Kind::Join => self.add(kind, None),
            Kind::Leave => {
                let Some(process) = self.pick_started() else {
                    return;
                };
                let commit = self.service.change(self.now, kind, Some(process), None);
                if let Some(device) = self.end(process) {
                    let keys = device.kept_keys().to_vec();
                    let until = self.now + REMOVED_FOR;
                    let (seed, layout) = (self.settings.seed, self.layout);
                    let removed = RemovedMember::new(seed, commit.epoch, until, layout, keys);
                    self.removed.push(removed);
                }
                commit
            }
            _ => self.service.change(self.now, kind, None, None),
        };
        self.announce(&commit);
    }

    /// One more process, perhaps in place of one that died, in one commit.
    fn add(&mut self, kind: Kind, dead: Option<Process>) -> Rc<Commit> {
        let process = self.devices.len();
        let commit = self.service.change(self.now, kind, dead, Some(process));
        self.begin(process, &commit);
        if self.settings.mixed_clients && self.people.chance(400) {
            self.old_clients.insert(process);
        }
        commit
    }

    fn crash(&mut self, back: bool, after: Millis) {
        let Some(process) = self.pick_started() else {
            return;
        };
        if let Some(device) = self.end(process) {
            self.dead.insert(process, device.index);
            self.queue
                .plan(self.now + after, Event::Gone { process, back });
        }
    }

    fn gone(&mut self, process: Process, back: bool) {
        self.dead.remove(&process);
        let commit = if back {
            self.add(Kind::Return, Some(process))
        } else {
            self.service
                .change(self.now, Kind::Evict, Some(process), None)
        };
        self.announce(&commit);
    }

    /// Somebody who is in the call, but never one of the last three.
    fn pick_started(&mut self) -> Option<Process> {
        let started: Vec<_> = self
            .alive
            .iter()
            .filter(|(process, _)| {
                let device = self.devices.get(*process).and_then(Option::as_ref);
                device.is_some_and(|device| device.first_epoch.is_some())
            })
            .map(|(process, _)| *process)
            .collect();
        (started.len() > 3).then(|| self.people.pick(&started).copied())?
    }

    fn commit_arrives(&mut self, to: Process, commit: &Rc<Commit>) {
        let Some(device) = device(&mut self.devices, to) else {
            return;
        };
        let first = device.first_epoch.is_none();
        device.commit(self.now, commit, &mut self.checks);
        if let Some(added) = commit.added
            && added != to
            && self.old_clients.contains(&added)
            && let Some(index) = commit.index_of(added)
        {
            device.allow(self.now, index, self.now + CLEAR_ALLOWED);
        }
        if self.habits.chance(100) {
            let members = device.oracle.newest_members();
            let everyone = self.habits.chance(300);
            let who = if everyone {
                None
            } else {
                self.habits.pick(&members).copied()
            };
            if everyone || who.is_some() {
                device.verify(self.now, who, &mut self.checks);
            }
        }
        if first {
            if self.old_clients.contains(&to) {
                device.begin_in_the_clear(self.now, self.now + CLEAR_FOR);
            }
            let phase = self.habits.below(FRAME_EVERY);
            self.queue.plan(self.now + phase, Event::Frame(to));
        }
        let index = device.index;
        while let Some((tag, fate)) =
            device_mut(&mut self.devices, to).receive_held(self.now, &mut self.checks)
        {
            let arrival = Arrival {
                now: self.now,
                tag,
                replayed: false,
                held: true,
            };
            self.judge(arrival, to, fate);
        }
        if self.settings.acknowledge {
            self.acknowledge(to, index, commit);
        }
        self.plan_wake(to);
    }

    fn acknowledge(&mut self, from: Process, index: u32, commit: &Commit) {
        for (_, to) in commit.members().filter(|(_, to)| *to != from) {
            let at = self.now + 20 + self.habits.below(200);
            let epoch = commit.epoch;
            self.queue.plan(at, Event::Acknowledge { to, index, epoch });
        }
    }

    // Frames.

    fn next_frame(&mut self, of: Process) {
        let now = self.now;
        let pauses = self.settings.pauses;
        let Some(device) = device(&mut self.devices, of) else {
            return;
        };
        if now < self.settings.length {
            self.queue.plan(now + FRAME_EVERY, Event::Frame(of));
        }
        if pauses && self.habits.chance(5) {
            device.silent_until = now + 1_000 + self.habits.below(14_000);
        }
        if now < device.silent_until {
            return;
        }
        let index = device.index;
        if now < device.clear_until {
            if device.send_in_the_clear(now, &mut self.checks) {
                self.send_clear(of, index);
            }
            return;
        }
        let tag = Tag(self.ledger.next_number());
        let Some(sealed) = device.seal(now, tag, &mut self.checks) else {
            return;
        };
        let first_epoch = device.first_epoch == Some(sealed.epoch);
        let newest = device.newest;
        if device.sent_in < sealed.epoch {
            device.sent_in = sealed.epoch;
            if !first_epoch {
                self.changes.first_sent(now, sealed.epoch);
            }
        }
        self.note_nonce(sealed.base_key, &sealed.content);
        let receivers = self.alive.iter().map(|(process, _)| *process);
        let receivers = receivers.filter(|process| *process != of);
        self.ledger
            .sent(now, (of, index), sealed.epoch, first_epoch, receivers);
        let packet = Rc::new(Packet {
            tag,
            content: sealed.content,
            clear_from: None,
        });
        self.read_with_old_keys(&packet, newest);
        self.forger.see(&packet);
        self.forward(of, &packet);
        self.plan_wake(of);
    }

    fn note_nonce(&mut self, base_key: [u8; 16], sealed: &[u8]) {
        let header = Header::parse(sealed).map(|(header, _)| header);
        let new = header.is_ok_and(|header| {
            let (key_id, counter) = (header.key_id.value(), header.counter.value());
            self.nonces.note(base_key, key_id, counter)
        });
        self.checks
            .nonces
            .holds(new, || format!("{header:?} again"));
    }

    /// To everybody else, each over the bad network, and some again by the replaying forwarder.
    fn forward(&mut self, from: Process, packet: &SharedPacket) {
        for place in 0..self.alive.len() {
            let (to, _) = self.alive[place];
            if to != from {
                self.transmit(to, packet);
            }
        }
        if let Some((to, later)) = self.replays.again(&self.alive) {
            self.replayed += 1;
            let event = Event::Arrive {
                to,
                packet: packet.clone(),
                replayed: true,
            };
            self.queue.plan(self.now + later, event);
        }
    }

    fn transmit(&mut self, to: Process, packet: &SharedPacket) {
        self.arrivals.clear();
        self.link.send(self.now, &mut self.arrivals);
        for at in &self.arrivals {
            let event = Event::Arrive {
                to,
                packet: packet.clone(),
                replayed: false,
            };
            self.queue.plan(*at, event);
        }
    }

    fn send_clear(&mut self, from: Process, index: u32) {
        let tag = Tag::FORGED;
        let packet = Rc::new(Packet {
            tag,
            content: tag.payload().to_vec(),
            clear_from: Some(index),
        });
        self.forward(from, &packet);
    }

    fn arrive(&mut self, to: Process, packet: &SharedPacket, replayed: bool) {
        let Some(device) = device(&mut self.devices, to) else {
            if let Maker::Member(number) = packet.tag.maker() {
                self.ledger.note(number, to, Outcome::Gone);
            }
            return;
        };
        let fate = device.receive(self.now, packet, &mut self.checks);
        if packet.clear_from.is_none() {
            let arrival = Arrival {
                now: self.now,
                tag: packet.tag,
                replayed,
                held: false,
            };
            self.judge(arrival, to, fate);
        }
    }

    fn judge(&mut self, arrival: Arrival, to: Process, fate: super::device::Fate) {
        let overlap = self.settings.rules().overlap;
        let mut judge = Judge {
            checks: &mut self.checks,
            ledger: &mut self.ledger,
            changes: &mut self.changes,
            overlap,
        };
        judge.judge(arrival, device_mut(&mut self.devices, to), fate);
    }

    fn wake(&mut self, of: Process) {
        if let Some(device) = device(&mut self.devices, of)
            && device.wakes == Some(self.now)
        {
            device.wakes = None;
            device.wake(self.now, &mut self.checks);
            self.plan_wake(of);
        }
    }

    /// Plans when an idle device looks after itself.
    fn plan_wake(&mut self, of: Process) {
        if self.now >= self.settings.length {
            return;
        }
        if let Some(device) = device(&mut self.devices, of)
            && let Some(at) = device.next_deadline(self.now)
            && device.wakes.is_none_or(|planned| at < planned)
        {
            device.wakes = Some(at);
            self.queue.plan(at, Event::Wake(of));
        }
    }

    // Attackers.

    fn read_with_old_keys(&mut self, packet: &SharedPacket, newest: u64) {
        for removed in &mut self.removed {
            let read = removed.reads(packet);
            if newest >= removed.since_epoch {
                let (now, since) = (self.now, removed.since_epoch);
                self.checks.removed_reads.holds(!read, || {
                    format!("{now} ms: who left in epoch {since} reads a frame")
                });
            } else {
                self.read_before_cut_off += u64::from(read);
            }
        }
    }

    fn forge(&mut self) {
        if self.now < self.settings.length {
            self.queue.plan(self.now + FORGE_EVERY, Event::Forge);
        }
        let quiet: Vec<u32> = self.dead.values().copied().collect();
        let mut indexes: Vec<u32> = self.alive.iter().map(|(_, index)| *index).collect();
        indexes.extend(&quiet);
        let known = Knowledge {
            epoch: self.epoch,
            indexes: &indexes,
            quiet: &quiet,
            targets: &self.alive,
        };
        if let Some((to, packet)) = self.forger.forge(self.now, &known) {
            self.forged += 1;
            self.transmit(to, &Rc::new(packet));
        }
        // The forwarder says that a member does not encrypt any more.
        if let Some((to, _)) = self.habits.pick(&self.alive).copied()
            && let Some(index) = self.habits.pick(&indexes)
            && self.habits.chance(50)
        {
            let packet = Packet {
                tag: Tag::FORGED,
                content: vec![0x77; 40],
                clear_from: Some(*index),
            };
            self.transmit(to, &Rc::new(packet));
        }
    }

    fn forge_with_old_keys(&mut self) {
        let now = self.now;
        if now < self.settings.length {
            self.queue
                .plan(now + REMOVED_FORGE_EVERY, Event::RemovedForge);
        }
        self.removed.retain(|removed| now < removed.until);
        let indexes: Vec<u32> = self.alive.iter().map(|(_, index)| *index).collect();
        let mut packets = Vec::new();
        for removed in &mut self.removed {
            packets.extend(removed.forge(&indexes));
        }
        for packet in packets {
            let packet = Rc::new(packet);
            for _ in 0..3 {
                if let Some((to, _)) = self.habits.pick(&self.alive).copied() {
                    self.forged_by_removed += 1;
                    self.transmit(to, &packet);
                }
            }
        }
    }

    // Accounts.

    fn settle(&mut self, tell: &mut dyn FnMut(&Change)) {
        if self.now < self.settings.length + AFTERMATH {
            self.queue.plan(self.now + 1_000, Event::Settle);
        }
        let covered = &mut self.checks.covered;
        let now = self.now;
        self.ledger
            .settle(now, &mut self.changes, |frame, to, lost| {
                if let Some(covered) = covered {
                    covered.holds(!lost, || {
                        let (from, epoch, at) = (frame.sender, frame.epoch, frame.sent);
                        format!("{at} ms: {from} to {to}, in epoch {epoch}")
                    });
                }
            });
        while let Some(change) = self.changes.all().get(self.reported)
            && change.at + AFTERMATH <= now
        {
            tell(change);
            self.reported += 1;
        }
    }

    fn finish(mut self, tell: &mut dyn FnMut(&Change)) -> Outcomes {
        self.settle(tell);
        for change in self.changes.all().iter().skip(self.reported) {
            tell(change);
        }
        Outcomes {
            levels: self.checks.levels,
            checks: self.checks,
            totals: self.ledger.totals,
            changes: self.changes,
            nonces: self.nonces.size(),
            forged: self.forged,
            forged_by_removed: self.forged_by_removed,
            replayed: self.replayed,
            read_before_cut_off: self.read_before_cut_off,
            processes: self.devices.len(),
        }
    }
}

fn device(devices: &mut [Option<Device>], process: Process) -> Option<&mut Device> {
    devices.get_mut(process)?.as_mut()
}

/// One that is known to be alive.
fn device_mut(devices: &mut [Option<Device>], process: Process) -> &mut Device {
    device(devices, process).expect("it is alive")
}
