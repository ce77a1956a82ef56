//! Going: epochs that retire, with everything that belongs to them, and members who were removed.
//!
//! Under `mls/`, a part of the epoch manager.

use crate::event::Event;
use crate::member::EpochId;
use crate::table::Table;
use crate::time::Timestamp;

use super::manager::{EpochManagerCore, is_member};
use super::roster::{Changes, Serial};
use super::storage::CallStorage;
use super::watch::{Alarms, fold_sender, fold_unheard};

impl<S: CallStorage> EpochManagerCore<S> {
    /// A member was removed: from now on nothing is sent that they could open.
    pub(super) fn cut_off(&mut self, now: Timestamp, serial: Serial, epoch: EpochId) {
        let end = now.due_after(self.config.removal_overlap);
        // What came until now came from members.
        self.fold();
        self.epochs.last_removal = serial;
        self.epochs.retire_before(serial, end);
        if self.overlaps.check_room().is_err() {
            // They end together with this one, if not before; it is told of for all.
            self.overlaps.retain_all(|_, _| false);
        }
        let _ = self.overlaps.insert(serial, epoch);
        self.monitor.set_removal_overlap(Some(end));
        self.monitor.push(Event::SendCutOff { epoch, at: now });
        self.check_overlap(now);
    }

    /// Tells of every removal since which no older epoch is left: no key that the member knows is
    /// accepted any more.
    fn check_overlap(&mut self, at: Timestamp) {
        let oldest = self.epochs.oldest();
        let Self {
            overlaps, monitor, ..
        } = self;
        let mut running = false;
        overlaps.retain_all(|removed_in, epoch| {
            let runs = oldest.is_some_and(|oldest| oldest < removed_in);
            if !runs {
                let epoch = *epoch;
                monitor.push(Event::ReceiveOverlapEnded { epoch, at });
            }
            running |= runs;
            runs
        });
        if !running {
            monitor.set_removal_overlap(None);
        }
    }

    /// Retires what a new epoch with these low-order bits displaces; whether sending lost its epoch
    /// by that.
    pub(super) fn make_room(&mut self, now: Timestamp, low_bits: u64, changes: Changes) -> bool {
        // Of those who left, nobody asks any more who left before the oldest epoch.
        if let Some(oldest) = self.epochs.oldest() {
            self.departed |= self.roster.forget_before(oldest);
        }
        if !self.roster.remembers(changes) {
            // Who left cannot be told from who came, so no old frame may be opened.
            while let Some(oldest) = self.epochs.oldest() {
                self.retire(oldest, now);
            }
            self.departed = true;
        }
        if let Some((displaced, _)) = self.epochs.with_low_bits(low_bits) {
            self.retire(displaced, now);
        }
        while self.epochs.room() == 0 || self.epochs.len() >= self.config.max_epochs {
            let Some(oldest) = self.epochs.oldest() else {
                break;
            };
            self.retire(oldest, now);
        }
        // Some streams may be in the one, some in the other.
        [self.epochs.current, self.epochs.eligible]
            .into_iter()
            .any(|serial| serial.is_none_or(|serial| self.epochs.get(serial).is_none()))
    }

    /// Wipes an epoch and everything that belongs to it.
    pub(super) fn retire(&mut self, serial: Serial, now: Timestamp) {
        let Some(epoch) = self.epochs.get(serial) else {
            return;
        };
        let (id, layout) = (epoch.id, epoch.layout);
        let (first, last) = sender_keys_of(layout.epoch_bits(), layout.low_bits(id.epoch));
        let Self {
            senders,
            epochs,
            monitor,
            ..
        } = self;
        let mut wiped = 0;
        senders.retain(first, last, |_, sender| {
            // What its last frames did is not lost.
            fold_sender(sender, epochs, monitor, Alarms::All);
            wiped += usize::from(sender.key.is_some());
            false
        });
        if let Some(epoch) = epochs.get_mut(serial) {
            fold_unheard(epoch, &self.config.receive, monitor, Alarms::All);
        }
        self.cached_keys = self.cached_keys.saturating_sub(wiped);
        self.epochs.remove(serial);
        self.wipe_pending = true;
        self.monitor.push(Event::EpochRetired(id));

        let oldest = self.epochs.oldest();
        self.departed |= self.roster.forget_before(oldest.unwrap_or(Serial::MAX));
        self.check_overlap(now);
    }

    /// Forgets who was in no epoch that is left. Not while an epoch is being added: those who stay
    /// must not be forgotten with the epoch that makes room.
    pub(super) fn forget_departed(&mut self) {
        let Self {
            monitor,
            roster,
            epochs,
            ..
        } = self;
        monitor.retain(|member| {
            epochs
                .iter()
                .any(|(serial, epoch)| is_member(roster, epoch, serial, member))
        });
    }
}

/// The first and the last place that a sender of an epoch can have in the table.
fn sender_keys_of(epoch_bits: u32, low_bits: u64) -> (u64, u64) {
    let first = low_bits.rotate_right(epoch_bits);
    (first, first | (u64::MAX >> epoch_bits))
}
