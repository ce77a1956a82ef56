//! The attacks on a simulated call, as they are let loose.

use std::rc::Rc;

use super::{Event, World};
use crate::world::attackers::Knowledge;
use crate::world::device::SharedPacket;
use crate::world::network::Link;
use crate::world::packet::{Packet, Tag};
use crate::world::queue::Millis;

const FORGE_EVERY: Millis = 40;
const REMOVED_FORGE_EVERY: Millis = 150;

impl<L: Link> World<L> {
    pub(super) fn read_with_old_keys(&mut self, packet: &SharedPacket, newest: u64) {
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

    pub(super) fn forge(&mut self) {
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

    pub(super) fn forge_with_old_keys(&mut self) {
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
}
