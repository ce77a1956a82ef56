//! The keys that a receiver of sender keys holds at one time: the heads of its generations, and
//! steps behind them whose frames may still come.
//!
//! Under `sender_keys/`, below `receiving_chain.rs`. A generation has one head, the latest step that
//! authenticated, and only there a base key. What is superseded goes by time and by number, the
//! oldest first; the head of the newest generation stays.

use super::chain_config::ChainConfig;
use super::directions::Origin;
use super::ratchet_bits::RatchetBits;
use crate::cipher_suite::CipherSuite;
use crate::decryption_key::{DecryptionKey, ReceiveState};
use crate::error::Error;
use crate::frame_key::FrameKey;
use crate::header::KeyId;
use crate::key_schedule::BaseKey;
use crate::storage::Storage;
use crate::table::Table;
use crate::time::Timestamp;

/// One step of one generation.
pub(super) struct Step<S: Storage> {
    pub(super) generation: u64,
    /// Counted in full.
    pub(super) number: u64,
    pub(super) key: S::Cell<DecryptionKey<S::Window>>,
    /// At the head of a generation.
    pub(super) base_key: Option<S::Cell<BaseKey>>,
    /// Where this generation began here; of its head.
    pub(super) origin: Option<Origin>,
    /// When it is wiped; `None` for the head of the newest generation. No step outlives the head of
    /// its generation.
    pub(super) retire_at: Option<Timestamp>,
}

impl<S: Storage> Step<S> {
    fn is_old_generation(&self) -> bool {
        self.base_key.is_some() && self.retire_at.is_some()
    }

    fn retire_by(&mut self, time: Timestamp) {
        self.retire_at = Some(self.retire_at.map_or(time, |earlier| earlier.min(time)));
    }
}

/// What all steps of a sender have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) suite: CipherSuite,
    pub(super) bits: RatchetBits,
    pub(super) config: ChainConfig,
}

impl Setup {
    /// The most steps that a frame may be ahead of its generation's head.
    pub(super) fn max_forward(&self) -> u64 {
        u64::from(self.config.max_forward).min(self.bits.max_forward())
    }

    /// Derives the key of a step; with its base key it can become a head.
    pub(super) fn step<S: Storage>(
        &self,
        generation: u64,
        number: u64,
        base_key: &BaseKey,
    ) -> Result<Step<S>, Error> {
        let receive = &self.config.receive;
        let key_id = self.bits.key_id(generation, number)?;
        let key = FrameKey::derive(self.suite, receive.backend, key_id, base_key.as_ref())?;
        let state = ReceiveState::new(receive, S::window(receive.replay)?);
        Ok(Step {
            generation,
            number,
            key: S::cell(DecryptionKey::from_parts(key, state)),
            base_key: None,
            origin: None,
            retire_at: None,
        })
    }
}

/// All steps that are held, by key id: no two of them have the same one, since what lies too far
/// behind to be told from a step ahead is not kept.
pub(super) struct Steps<S: Storage> {
    held: S::Table<KeyId, Step<S>>,
    setup: Setup,
    /// The newest generation, and the step of its head.
    newest: (u64, u64),
    /// When the next step is to be wiped.
    deadline: Option<Timestamp>,
}

impl<S: Storage> Steps<S> {
    /// `first` is the head of the first generation.
    pub(super) fn new(setup: Setup, first: Step<S>) -> Result<Self, Error> {
        let newest = (first.generation, first.number);
        let mut held = S::table::<KeyId, Step<S>>();
        held.check_room()?;
        held.insert(first.key.key_id(), first)?;
        Ok(Self {
            held,
            setup,
            newest,
            deadline: None,
        })
    }

    pub(super) fn newest(&self) -> (u64, u64) {
        self.newest
    }

    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    pub(super) fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Step<S>> {
        self.held.iter().map(|(_, step)| step)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Step<S>> {
        self.held.iter_mut().map(|(_, step)| step)
    }

    #[inline(always)]
    pub(super) fn get_mut(&mut self, key_id: KeyId) -> Option<&mut Step<S>> {
        self.held.get_mut(key_id)
    }

    /// The head of a generation, with its base key.
    pub(super) fn head(&self, generation: u64) -> Option<(&Step<S>, &BaseKey)> {
        self.heads().find(|(head, _)| head.generation == generation)
    }

    /// The heads of all generations.
    pub(super) fn heads(&self) -> impl Iterator<Item = (&Step<S>, &BaseKey)> {
        self.iter()
            .filter_map(|step| Some((step, &**step.base_key.as_ref()?)))
    }

    /// Makes `new` the head of its generation: a later step of one that is here, after a frame of
    /// it authenticated. The keys of skipped steps are derived, as far as they are kept.
    pub(super) fn advance(&mut self, now: Timestamp, mut new: Step<S>) -> Result<(), Error> {
        let (generation, number) = (new.generation, new.number);
        let superseded = now.plus(self.setup.config.retain);
        let mut before = None;
        if let Some(head) = self
            .iter_mut()
            .find(|step| step.generation == generation && step.base_key.is_some())
        {
            if let Some(base_key) = &head.base_key {
                before = Some((head.number, BaseKey::new((**base_key).as_ref())?));
            }
            // A copy above, so that the key is dropped, and wiped, where it is.
            head.base_key = None;
            new.origin = head.origin;
            new.retire_at = head.retire_at;
            head.retire_by(superseded);
        }
        // First of all what a new key id could be mistaken for.
        self.remove_behind(generation, number);
        self.trim();
        if let Some((old, base_key)) = before {
            self.keep_skipped(&base_key, old, &new, superseded);
        }
        if self.newest.0 == generation {
            self.newest.1 = number;
        }
        self.insert(new)?;
        self.retire_due(now);
        Ok(())
    }

    /// Derives the steps between `old`, whose base key is given, and `new`.
    fn keep_skipped(&mut self, base_key: &BaseKey, old: u64, new: &Step<S>, until: Timestamp) {
        let kept = u64::from(self.setup.config.max_retained).min(self.max_behind());
        let first_kept = new.number.saturating_sub(kept);
        let mut current = BaseKey::ratchet(self.setup.suite, base_key.as_ref());
        for number in old.saturating_add(1)..new.number {
            // Never taken: what could be refused was refused for the head. A step that is not kept
            // costs no more than its late frames.
            let Ok(base_key) = current else { return };
            if number >= first_kept
                && let Ok(mut skipped) = self.setup.step::<S>(new.generation, number, &base_key)
            {
                skipped.retire_at = new.retire_at;
                skipped.retire_by(until);
                self.keep(skipped);
            }
            current = BaseKey::ratchet(self.setup.suite, base_key.as_ref());
        }
    }

    /// Adds a step that is superseded already, unless it is the oldest of too many.
    fn keep(&mut self, skipped: Step<S>) {
        if self.superseded().count() >= self.setup.config.max_retained as usize {
            let place = (skipped.generation, skipped.number);
            if self.superseded().min().is_none_or(|oldest| place < oldest) {
                return;
            }
            self.retire_oldest_step();
        }
        // Never refused: the oldest makes room.
        let _ = self.insert(skipped);
    }

    /// Generation and number of the steps behind the heads.
    fn superseded(&self) -> impl Iterator<Item = (u64, u64)> {
        let behind = self.iter().filter(|step| step.base_key.is_none());
        behind.map(|step| (step.generation, step.number))
    }

    /// Adds a head of a generation that is newer than all others, and gives those an end.
    pub(super) fn add_generation(&mut self, now: Timestamp, new: Step<S>) -> Result<(), Error> {
        let end = now.plus(self.setup.config.retain_generation);
        self.end_old_generations(end, new.generation);
        self.newest = (new.generation, new.number);
        self.trim();
        self.insert(new)?;
        self.retire_due(now);
        Ok(())
    }

    /// Gives all generations before `newest` an end, unless they have an earlier one.
    pub(super) fn end_old_generations(&mut self, end: Timestamp, newest: u64) {
        for step in self.iter_mut().filter(|step| step.generation < newest) {
            step.retire_by(end);
        }
        self.update_deadline();
    }

    /// Wipes what is due; whether anything was.
    #[inline(always)]
    pub(super) fn retire_due(&mut self, now: Timestamp) -> bool {
        let due = self.deadline.is_some_and(|deadline| now >= deadline);
        if due {
            self.remove_where(|step| step.retire_at.is_some_and(|time| now >= time));
        }
        due
    }

    fn insert(&mut self, step: Step<S>) -> Result<(), Error> {
        // Of a table that is full, the oldest makes room; the newest head is not in it twice.
        while let Err(full) = self.held.check_room() {
            if !self.retire_oldest_step() && !self.retire_oldest_generation() {
                return Err(full);
            }
        }
        self.held.insert(step.key.key_id(), step)?;
        self.update_deadline();
        Ok(())
    }

    /// Wipes the steps that lie so far behind `head` that they could be taken for steps ahead.
    fn remove_behind(&mut self, generation: u64, head: u64) {
        let first = head.saturating_sub(self.max_behind());
        self.remove_where(|step| step.generation == generation && step.number < first);
    }

    fn max_behind(&self) -> u64 {
        self.setup.bits.max_behind(self.setup.max_forward())
    }

    /// Wipes what is too much in number, the oldest first.
    fn trim(&mut self) {
        let max_steps = self.setup.config.max_retained as usize;
        while self.superseded().count() > max_steps {
            self.retire_oldest_step();
        }
        let max_generations = self.setup.config.max_old_generations as usize;
        while self.iter().filter(|step| step.is_old_generation()).count() > max_generations {
            self.retire_oldest_generation();
        }
    }

    fn retire_oldest_step(&mut self) -> bool {
        let Some(oldest) = self.superseded().min() else {
            return false;
        };
        self.remove_where(|step| (step.generation, step.number) == oldest);
        true
    }

    fn retire_oldest_generation(&mut self) -> bool {
        let old = self.iter().filter(|step| step.is_old_generation());
        let Some(oldest) = old.map(|step| step.generation).min() else {
            return false;
        };
        self.remove_where(|step| step.generation == oldest);
        true
    }

    fn remove_where(&mut self, dead: impl Fn(&Step<S>) -> bool) {
        self.held
            .retain(KeyId::new(0), KeyId::new(u64::MAX), |_, step| !dead(step));
        self.update_deadline();
    }

    fn update_deadline(&mut self) {
        self.deadline = self.iter().filter_map(|step| step.retire_at).min();
    }
}

/// The most steps between two base keys that are compared, 4,096: milliseconds on a computer.
pub(super) const MAX_COMPARED: u64 = 4096;

/// Whether the earlier one of two base keys, each with its step, leads to the later one. `None`:
/// they are too far apart to say.
pub(super) fn same_chain(
    suite: CipherSuite,
    one: (u64, &BaseKey),
    other: (u64, &BaseKey),
) -> Result<Option<bool>, Error> {
    let (early, late) = if one.0 <= other.0 {
        (one, other)
    } else {
        (other, one)
    };
    if late.0.saturating_sub(early.0) > MAX_COMPARED {
        return Ok(None);
    }
    let derived = ratcheted(suite, early.1, late.0.saturating_sub(early.0))?;
    Ok(Some(
        derived.fingerprint(suite)? == late.1.fingerprint(suite)?,
    ))
}

/// The base key so many steps later.
pub(super) fn ratcheted(
    suite: CipherSuite,
    base_key: &BaseKey,
    steps: u64,
) -> Result<BaseKey, Error> {
    let mut current = BaseKey::new(base_key.as_ref())?;
    for _ in 0..steps {
        current = BaseKey::ratchet(suite, current.as_ref())?;
    }
    Ok(current)
}
