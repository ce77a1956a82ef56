//! The live epochs of a call: which may come, which one sends, and when each goes.
//!
//! Under `mls/`. Only times and numbers are decided here; keys, members and streams are the
//! manager's business. Epochs are added in ascending order, and no epoch comes back: so no counter
//! can start again under a key that has been used.

use core::time::Duration;

use crate::config::ReceiveConfig;
use crate::error::Error;
use crate::header::KeyId;
use crate::key_schedule::{EpochSecret, Fingerprint};
use crate::kid_layout::KidLayout;
use crate::member::EpochId;
use crate::stats::FrameStats;
use crate::storage::Storage;
use crate::table::Table;
use crate::time::Timestamp;
use crate::usage::ForgeryPolicy;

use super::roster::Serial;
use super::storage::CallStorage;

/// Base keys that are remembered, by their fingerprint: the same one for another epoch would start
/// its counters again. MLS never makes one twice; an application that counts wrong might bring it.
const REMEMBERED_KEYS: usize = 64;

/// Never, as a time.
pub(crate) const NEVER: Timestamp = Timestamp::from_millis(u64::MAX);

pub(crate) struct Epoch<S: CallStorage> {
    pub(crate) id: EpochId,
    pub(crate) layout: KidLayout,
    pub(crate) own_index: Option<u32>,
    pub(crate) secret: S::Ptr<EpochSecret>,
    pub(crate) added: Timestamp,
    /// From when on sending may move here.
    pub(crate) send_from: Timestamp,
    /// When it must have.
    pub(crate) send_by: Timestamp,
    /// When its keys are wiped.
    pub(crate) retire_at: Timestamp,
    /// Other members who have not acknowledged it.
    pub(crate) unready: u32,
    /// What frames of it did.
    pub(crate) stats: FrameStats,
    /// What failed in the name of those who were not heard in it.
    pub(crate) unheard: S::Lock<Unheard>,
}

/// Frames that did not authenticate, in the name of members who were not heard in an epoch. They
/// count together, since anybody can send them: no place is kept for each.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    failed: u64,
    /// The key id of the latest.
    latest: KeyId,
    told: bool,
    folded: u64,
}

impl Unheard {
    pub(crate) fn failed(&mut self, key_id: KeyId) {
        self.failed = self.failed.saturating_add(1);
        self.latest = key_id;
    }

    /// Whether no more such frames are tried.
    pub(crate) fn is_stopped(&self, config: &ReceiveConfig) -> bool {
        config.forgery == ForgeryPolicy::StopKey && self.is_at_limit(config)
    }

    fn is_at_limit(&self, config: &ReceiveConfig) -> bool {
        self.failed >= config.failed_opens.max(1)
    }

    /// Whether the limit was reached and nobody was told.
    pub(crate) fn has_alarm(&self, config: &ReceiveConfig) -> bool {
        !self.told && self.is_at_limit(config)
    }

    /// The key id to tell, once.
    pub(crate) fn take_alarm(&mut self, config: &ReceiveConfig) -> Option<KeyId> {
        let alarm = self.has_alarm(config);
        self.told |= alarm;
        alarm.then_some(self.latest)
    }

    /// How many failed since this was last asked.
    pub(crate) fn fold(&mut self) -> u64 {
        let news = self.unfolded();
        self.folded = self.failed;
        news
    }

    /// The same, to look at.
    pub(crate) fn unfolded(&self) -> u64 {
        self.failed.saturating_sub(self.folded)
    }
}

/// Whether an epoch may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is here already.
    Known,
    /// It is newer than all others.
    New { new_group: bool },
}

pub(crate) struct Epochs<S: CallStorage> {
    live: <S::Epochs as Storage>::Table<Serial, Epoch<S>>,
    /// The latest that was ever added.
    latest: Option<(Serial, EpochId)>,
    /// The keys of those that were added last, live ones included.
    used: [Option<Fingerprint>; REMEMBERED_KEYS],
    /// The latest in which somebody was missing who was there before.
    pub(crate) last_removal: Serial,
    /// Where all sending must be.
    pub(crate) current: Option<Serial>,
    /// Where sending may be.
    pub(crate) eligible: Option<Serial>,
}

impl<S: CallStorage> Epochs<S> {
    pub(crate) fn new() -> Self {
        Self {
            live: S::Epochs::table(),
            latest: None,
            used: [None; REMEMBERED_KEYS],
            last_removal: 0,
            current: None,
            eligible: None,
        }
    }

    /// Whether an epoch with this key may be added.
    pub(crate) fn admit(&self, id: EpochId, fingerprint: Fingerprint) -> Result<Admission, Error> {
        if let Some((_, epoch)) = self.live.iter().find(|(_, epoch)| epoch.id == id) {
            return if epoch.secret.fingerprint == fingerprint {
                Ok(Admission::Known)
            } else {
                Err(Error::Fork(id))
            };
        }
        if self.latest.is_some_and(|(_, latest)| id <= latest) {
            return Err(Error::EpochTooOld(id));
        }
        let is_this = |used: &Fingerprint| *used == fingerprint;
        if self.used.iter().flatten().any(is_this)
            || self
                .iter()
                .any(|(_, epoch)| is_this(&epoch.secret.fingerprint))
        {
            return Err(Error::InvalidArgument(
                "this base key was added for another epoch",
            ));
        }
        let group = self.latest.map(|(_, latest)| latest.group);
        Ok(Admission::New {
            new_group: group != Some(id.group),
        })
    }

    /// The number of the next epoch.
    pub(crate) fn next_serial(&self) -> Result<Serial, Error> {
        let latest = self.latest.map_or(0, |(serial, _)| serial);
        latest
            .checked_add(1)
            .ok_or(Error::InvalidArgument("too many epochs for one manager"))
    }

    /// Puts an epoch in; room has been made.
    pub(crate) fn insert(&mut self, serial: Serial, epoch: Epoch<S>) -> Result<(), Error> {
        let (id, fingerprint) = (epoch.id, epoch.secret.fingerprint);
        self.live.insert(serial, epoch)?;
        self.latest = Some((serial, id));
        if let Some(oldest) = self.used.get_mut(serial as usize % REMEMBERED_KEYS) {
            *oldest = Some(fingerprint);
        }
        Ok(())
    }

    /// Takes an epoch out; its secret is wiped.
    pub(crate) fn remove(&mut self, serial: Serial) {
        self.live.remove(serial);
    }

    pub(crate) fn get(&self, serial: Serial) -> Option<&Epoch<S>> {
        self.live.get(serial)
    }

    pub(crate) fn get_mut(&mut self, serial: Serial) -> Option<&mut Epoch<S>> {
        self.live.get_mut(serial)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Serial, &mut Epoch<S>)> {
        self.live.iter_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Serial, &Epoch<S>)> {
        self.live.iter()
    }

    /// The live epoch of this number.
    pub(crate) fn find(&self, id: EpochId) -> Option<Serial> {
        let found = self.live.iter().find(|(_, epoch)| epoch.id == id);
        found.map(|(serial, _)| serial)
    }

    /// The one live epoch whose key ids have these low bits (RFC 9605 §5.2).
    pub(crate) fn with_low_bits(&self, low_bits: u64) -> Option<(Serial, &Epoch<S>)> {
        self.live
            .iter()
            .find(|(_, epoch)| epoch.layout.low_bits(epoch.id.epoch) == low_bits)
    }

    /// How many are live.
    pub(crate) fn len(&self) -> usize {
        self.live.iter().count()
    }

    pub(crate) fn room(&self) -> usize {
        self.live.room()
    }

    pub(crate) fn oldest(&self) -> Option<Serial> {
        self.live.iter().map(|(serial, _)| serial).min()
    }

    pub(crate) fn newest(&self) -> Option<(Serial, &Epoch<S>)> {
        self.live.iter().max_by_key(|(serial, _)| *serial)
    }

    /// Moves sending where it belongs by now; the epoch that all sending has come to, if that is
    /// news. Never moves it down.
    pub(crate) fn advance(&mut self, now: Timestamp, retire_after: Duration) -> Option<Serial> {
        let newest = |due: fn(&Epoch<S>) -> Timestamp| {
            let due = self.live.iter().filter(move |(_, epoch)| due(epoch) <= now);
            due.map(|(serial, _)| serial).max()
        };
        let (eligible, current) = (
            newest(|epoch| epoch.send_from),
            newest(|epoch| epoch.send_by),
        );
        self.eligible = self.eligible.max(eligible);
        if current <= self.current {
            return None;
        }
        self.current = current;
        let moved_at = self.get(current?)?.send_by.min(now);
        for (serial, epoch) in self.live.iter_mut() {
            if Some(serial) < current {
                epoch.retire_at = epoch.retire_at.min(moved_at.due_after(retire_after));
            }
        }
        current
    }

    /// Lets sending move to an epoch at once.
    pub(crate) fn send_now(&mut self, serial: Serial, now: Timestamp) {
        if let Some(epoch) = self.live.get_mut(serial) {
            epoch.send_from = epoch.send_from.min(now);
            epoch.send_by = epoch.send_by.min(now);
        }
    }

    /// Bounds for how long epochs before `serial` are accepted.
    pub(crate) fn retire_before(&mut self, serial: Serial, at: Timestamp) {
        for (other, epoch) in self.live.iter_mut() {
            if other < serial {
                epoch.retire_at = epoch.retire_at.min(at);
            }
        }
    }

    /// An epoch that has to go by now.
    pub(crate) fn expired(&self, now: Timestamp) -> Option<Serial> {
        let expired = self.live.iter().filter(|(_, epoch)| epoch.retire_at <= now);
        expired.map(|(serial, _)| serial).min()
    }

    /// Counts an acknowledgement by a member for all epochs from behind `before` to `serial`.
    pub(crate) fn acknowledged(&mut self, before: Serial, serial: Serial) {
        for (other, epoch) in self.live.iter_mut() {
            if other > before && other <= serial {
                epoch.unready = epoch.unready.saturating_sub(1);
            }
        }
    }

    /// The newest epoch that everybody has, if sending has not come to it yet.
    pub(crate) fn complete(&self) -> Option<Serial> {
        let complete = self.live.iter().filter(|(_, epoch)| epoch.unready == 0);
        let newest = complete.map(|(serial, _)| serial).max();
        newest.filter(|serial| Some(*serial) > self.current)
    }

    /// When something changes by itself.
    pub(crate) fn deadline(&self) -> Timestamp {
        let mut next = NEVER;
        for (serial, epoch) in self.live.iter() {
            next = next.min(epoch.retire_at);
            if Some(serial) > self.current {
                next = next.min(epoch.send_by);
            }
            if Some(serial) > self.eligible {
                next = next.min(epoch.send_from);
            }
        }
        next
    }
}
