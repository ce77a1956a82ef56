//! The frames of a simulated call, from the sender over the bad network to every receiver.

use std::rc::Rc;

use frameseal::Header;

use super::{Event, World, device, device_mut};
use crate::world::delivery_service::Process;
use crate::world::device::{Fate, SharedPacket};
use crate::world::judge::{Arrival, Judge};
use crate::world::ledger::Outcome;
use crate::world::network::Link;
use crate::world::packet::{Maker, Packet, Tag};
use crate::world::queue::Millis;

/// Between two frames of a device: 5 a second.
pub(super) const FRAME_EVERY: Millis = 200;

impl<L: Link> World<L> {
    pub(super) fn next_frame(&mut self, of: Process) {
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

    pub(super) fn note_nonce(&mut self, base_key: [u8; 16], sealed: &[u8]) {
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
    pub(super) fn forward(&mut self, from: Process, packet: &SharedPacket) {
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

    pub(super) fn transmit(&mut self, to: Process, packet: &SharedPacket) {
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

    pub(super) fn send_clear(&mut self, from: Process, index: u32) {
        let tag = Tag::FORGED;
        let packet = Rc::new(Packet {
            tag,
            content: tag.payload().to_vec(),
            clear_from: Some(index),
        });
        self.forward(from, &packet);
    }

    pub(super) fn arrive(&mut self, to: Process, packet: &SharedPacket, replayed: bool) {
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

    pub(super) fn judge(&mut self, arrival: Arrival, to: Process, fate: Fate) {
        let overlap = self.settings.rules().overlap;
        let mut judge = Judge {
            checks: &mut self.checks,
            ledger: &mut self.ledger,
            changes: &mut self.changes,
            overlap,
        };
        judge.judge(arrival, device_mut(&mut self.devices, to), fate);
    }

    pub(super) fn wake(&mut self, of: Process) {
        if let Some(device) = device(&mut self.devices, of)
            && device.wakes == Some(self.now)
        {
            device.wakes = None;
            device.wake(self.now, &mut self.checks);
            self.plan_wake(of);
        }
    }

    /// Plans when an idle device looks after itself.
    pub(super) fn plan_wake(&mut self, of: Process) {
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
}
