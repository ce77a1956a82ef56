//! The call: everything that happens, in order of virtual time.
//!
//! This file has the world and its loop; `group`, `frames` and `attacks` have what happens in it.

mod attacks;
mod frames;
mod group;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use frameseal::KidLayout;

use super::attackers::{Forger, RemovedMember, ReplayingForwarder};
use super::changes::{Change, Changes};
use super::checks::{Checks, Levels};
use super::delivery_service::{Commit, DeliveryService, Kind, Process};
use super::device::{Device, SharedPacket};
use super::ledger::{Ledger, Totals};
use super::network::Link;
use super::nonces::Nonces;
use super::population::{self, Step};
use super::queue::{Millis, Queue};
use super::random::Random;
use super::settings::Settings;

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
