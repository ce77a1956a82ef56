//! The group of a simulated call: who comes, goes and dies, and how each is told.

use std::rc::Rc;

use super::{Event, World, device, device_mut};
use crate::world::attackers::RemovedMember;
use crate::world::delivery_service::{Commit, Kind, Process};
use crate::world::device::Device;
use crate::world::judge::Arrival;
use crate::world::network::Link;
use crate::world::queue::Millis;

/// How long a removed member goes on.
const REMOVED_FOR: Millis = 20_000;
/// How long an old client sends in the clear, and is let.
const CLEAR_FOR: Millis = 6_000;
const CLEAR_ALLOWED: Millis = 8_000;

impl<L: Link> World<L> {
    /// A new process on a leaf of the commit that adds it.
    pub(super) fn begin(&mut self, process: Process, commit: &Commit) {
        let index = commit.index_of(process).expect("it was added");
        self.devices.resize_with(process, || None);
        let device = Device::new(&self.settings, process, index);
        self.devices.push(Some(device));
        self.alive.push((process, index));
    }

    /// A process ends. Its device is gone, whatever comes.
    pub(super) fn end(&mut self, process: Process) -> Option<Device> {
        self.alive.retain(|(other, _)| *other != process);
        self.ledger.ended(self.now, process);
        self.devices.get_mut(process)?.take()
    }

    /// Brings a commit to everybody who is a member after it.
    pub(super) fn announce(&mut self, commit: &Rc<Commit>) {
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

    pub(super) fn change(&mut self, kind: Kind) {
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
    pub(super) fn add(&mut self, kind: Kind, dead: Option<Process>) -> Rc<Commit> {
        let process = self.devices.len();
        let commit = self.service.change(self.now, kind, dead, Some(process));
        self.begin(process, &commit);
        if self.settings.mixed_clients && self.people.chance(400) {
            self.old_clients.insert(process);
        }
        commit
    }

    pub(super) fn crash(&mut self, back: bool, after: Millis) {
        let Some(process) = self.pick_started() else {
            return;
        };
        if let Some(device) = self.end(process) {
            self.dead.insert(process, device.index);
            self.queue
                .plan(self.now + after, Event::Gone { process, back });
        }
    }

    pub(super) fn gone(&mut self, process: Process, back: bool) {
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
    pub(super) fn pick_started(&mut self) -> Option<Process> {
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

    pub(super) fn commit_arrives(&mut self, to: Process, commit: &Rc<Commit>) {
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
            let phase = self.habits.below(super::frames::FRAME_EVERY);
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

    pub(super) fn acknowledge(&mut self, from: Process, index: u32, commit: &Commit) {
        for (_, to) in commit.members().filter(|(_, to)| *to != from) {
            let at = self.now + 20 + self.habits.below(200);
            let epoch = commit.epoch;
            self.queue.plan(at, Event::Acknowledge { to, index, epoch });
        }
    }
}
