//! The receiving side of sender keys, for one sender.
//!
//! Under `sender_keys/`. A frame has exactly one candidate key: the step that its key id names, held
//! or so many steps forward of its generation's head. A step ahead is derived beside the chain, and
//! the chain moves only when the frame has authenticated; until then at most that one candidate is
//! kept, so that a frame repeated costs no second derivation.

use core::ops::Range;

use super::chain_config::ChainConfig;
use super::directions::{Head, Origin};
use super::opened_step::{OpenedStep, ReceivingChainStatus};
use super::ratchet_bits::RatchetBits;
use super::steps::{Setup, Step, Steps, ratcheted, same_chain};
use crate::cipher_suite::CipherSuite;
use crate::decryption_key::{ReceiveState, ReceivingKeyStatus};
use crate::error::Error;
use crate::frame_key::{Layout, Place};
use crate::header::KeyId;
use crate::key_schedule::BaseKey;
use crate::metadata::Metadata;
use crate::storage::Storage;
use crate::time::{Clock, Timestamp};
use crate::usage::ForgeryPolicy;

/// What is held of one sender's keys (RFC 9605 §5.1). [`ReceivingChain`](crate::ReceivingChain)
/// grows, [`fixed::ReceivingChain`](crate::fixed::ReceivingChain) has a fixed capacity; both are
/// this type. Keys are wiped when they are retired and on drop.
///
/// It starts at any generation and step. A frame that is up to
/// [`ChainConfig::max_forward`] steps ahead moves it, when it has authenticated; skipped and
/// superseded steps are kept for late frames, for a bounded time and number. Each step has a replay
/// window, which lives as long as the step; a step that is gone never comes back.
///
/// A frame that does not authenticate changes nothing but counters of failures. The work of a
/// forged one is bounded by [`ChainConfig::max_forward`] derivations.
///
/// ```
/// use frameseal::{CipherSuite, RatchetBits, ReceivingChain, SendingChain, Timestamp};
///
/// # let (base_key, mut buffer) = ([0x42; 16], [0; 64]);
/// let (suite, bits) = (CipherSuite::Aes128GcmSha256_128, RatchetBits::STANDARD);
/// let mut alice = SendingChain::new(suite, bits, 7, &base_key)?;
/// let mut bob = ReceivingChain::new(suite, bits, 7, 0, &base_key)?;
/// alice.ratchet()?;
/// alice.ratchet()?;
/// let len = alice.encrypt(b"", b"a frame", &mut buffer)?;
/// let opened = bob.decrypt(Timestamp::from_millis(1000), b"", &mut buffer[..len])?;
/// assert_eq!((opened.generation, opened.step), (7, 2));
/// # Ok::<(), frameseal::Error>(())
/// ```
pub struct ReceivingChainCore<S: Storage> {
    steps: Steps<S>,
    clock: Clock,
    /// The step ahead that a frame last named and that nothing has authenticated for. Never more
    /// than this one.
    candidate: Option<Step<S>>,
    failed_ahead: u64,
    alarm_told: bool,
    #[cfg(test)]
    derived_candidates: u64,
}

impl<S: Storage> ReceivingChainCore<S> {
    /// The receiving side of a sender that is at this generation and step, with the base key of
    /// that step. Whoever is there from the beginning starts at step 0; a joiner starts where the
    /// sender is.
    ///
    /// # Errors
    /// - [`Error::InvalidArgument`] when the base key does not have 16 to 96 bytes or is all zeros, the
    ///   generation does not fit 64 - R bits, or the replay window is larger than a fixed capacity
    ///   allows
    /// - [`Error::Capacity`] when the fixed capacity is 0
    pub fn new(
        suite: CipherSuite,
        bits: RatchetBits,
        generation: u64,
        step: u64,
        base_key: &[u8],
    ) -> Result<Self, Error> {
        let config = ChainConfig::for_suite(suite);
        Self::with_config(suite, bits, generation, step, base_key, config)
    }

    /// As [`Self::new`], with a configuration that the caller chooses.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_config(
        suite: CipherSuite,
        bits: RatchetBits,
        generation: u64,
        step: u64,
        base_key: &[u8],
        config: ChainConfig,
    ) -> Result<Self, Error> {
        let setup = Setup {
            suite,
            bits,
            config,
        };
        let first = first_head(&setup, generation, step, BaseKey::new(base_key)?)?;
        Ok(Self {
            steps: Steps::new(setup, first)?,
            clock: Clock::default(),
            candidate: None,
            failed_ahead: 0,
            alarm_told: false,
            #[cfg(test)]
            derived_candidates: 0,
        })
    }

    /// Adds the base key of a generation that is newer than all others: the sender rolls. Its
    /// frames can be opened at once; those of older generations for
    /// [`ChainConfig::retain_generation`] more.
    ///
    /// A key that is here already changes nothing. For a later step of a generation that is here,
    /// with the key that follows from the one here, the chain moves there. Wherever it moves, failed
    /// opens of steps ahead are counted anew.
    ///
    /// # Errors
    /// - [`Error::GenerationTooOld`] when the generation is older than the newest, and not here
    /// - [`Error::KeyIdInUse`] when another base key is here for this generation
    /// - [`Error::InvalidArgument`] as from [`Self::new`], and when the step is more than 4,096 steps
    ///   from that which is here
    ///
    /// Nothing is changed then.
    pub fn add_generation(
        &mut self,
        now: Timestamp,
        generation: u64,
        step: u64,
        base_key: &[u8],
    ) -> Result<(), Error> {
        let now = self.advance_clock(now);
        let base_key = BaseKey::new(base_key)?;
        let setup = *self.steps.setup();
        let key_id = setup.bits.key_id(generation, step)?;
        if let Some((here, here_key)) = self.steps.head(generation) {
            let here_step = here.number;
            match same_chain(setup.suite, (here_step, here_key), (step, &base_key))? {
                Some(true) if step <= here_step => return Ok(()),
                Some(true) => {
                    let new = head(&setup, generation, step, base_key)?;
                    self.begin_anew();
                    return self.steps.advance(now, new);
                }
                Some(false) => return Err(Error::KeyIdInUse(key_id)),
                None => return Err(Error::InvalidArgument("too many steps from the known one")),
            }
        }
        if generation < self.steps.newest().0 {
            return Err(Error::GenerationTooOld(generation));
        }
        let new = first_head(&setup, generation, step, base_key)?;
        self.begin_anew();
        self.steps.add_generation(now, new)
    }

    /// Refuses a generation that is older than the newest, and not here.
    pub(super) fn check_generation(&self, generation: u64) -> Result<(), Error> {
        if generation < self.steps.newest().0 && self.steps.head(generation).is_none() {
            return Err(Error::GenerationTooOld(generation));
        }
        Ok(())
    }

    /// Accepts old generations for no longer than `within` from now on: to be called after adding
    /// the first generation that somebody who was removed does not know, with
    /// [`Policy::removal_overlap`](crate::Policy::removal_overlap).
    pub fn end_old_generations(&mut self, now: Timestamp, within: core::time::Duration) {
        let now = self.advance_clock(now);
        self.steps
            .end_old_generations(now.plus(within), self.steps.newest().0);
        self.retire_due(now);
    }

    /// Wipes what is due. Every other call with a time does so too; an idle application calls this
    /// when [`Self::next_deadline`] has come.
    pub fn poll(&mut self, now: Timestamp) {
        self.advance_clock(now);
    }

    /// When the next key is due to be wiped.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.steps.deadline()
    }

    /// The next key that has seen as many failed opens as
    /// [`ReceiveConfig::failed_opens`](crate::ReceiveConfig::failed_opens); each is told once.
    /// Failed opens of steps ahead count together, under the key id of the newest head.
    pub fn poll_forgery_alarm(&mut self) -> Option<KeyId> {
        let setup = *self.steps.setup();
        if self.failed_ahead >= setup.config.receive.failed_opens && !self.alarm_told {
            self.alarm_told = true;
            let (generation, step) = self.steps.newest();
            return setup.bits.key_id(generation, step).ok();
        }
        self.steps.iter_mut().find_map(|step| {
            let raised = step.key.state_mut().take_alarm();
            raised.then(|| step.key.key_id())
        })
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.steps.setup().suite
    }

    /// How many bits of the key id carry the step.
    #[must_use]
    pub fn ratchet_bits(&self) -> RatchetBits {
        self.steps.setup().bits
    }

    /// What is held.
    #[must_use]
    pub fn status(&self) -> ReceivingChainStatus {
        let (generation, step) = self.steps.newest();
        ReceivingChainStatus {
            generation,
            step,
            generations: self.steps.heads().count(),
            steps: self.steps.iter().count(),
            failed_ahead: self.failed_ahead,
        }
    }

    /// What the key of a step has seen; `None` when it is not held.
    #[must_use]
    pub fn step_status(&self, generation: u64, step: u64) -> Option<ReceivingKeyStatus> {
        self.steps
            .iter()
            .find(|held| (held.generation, held.number) == (generation, step))
            .map(|held| held.key.status())
    }

    /// The heads of all generations that are held.
    pub(super) fn heads(&self) -> impl Iterator<Item = Head<'_>> {
        self.steps
            .heads()
            .filter_map(|(head, base_key)| Some((head.origin?, head.number, base_key)))
    }

    /// The head of the newest generation.
    pub(super) fn newest_head(&self) -> Option<Head<'_>> {
        let (head, base_key) = self.steps.head(self.steps.newest().0)?;
        Some((head.origin?, head.number, base_key))
    }

    /// Decrypts the frame in `sealed` where it is; the payload lies behind the header.
    ///
    /// # Errors
    /// As [`DecryptionKey::decrypt`](crate::DecryptionKey::decrypt). [`Error::UnknownKeyId`]: the
    /// generation is not here (yet), or the step is gone, or too far ahead.
    #[inline]
    pub fn decrypt<'b, 'm>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<OpenedStep<'b>, Error> {
        self.open(now, metadata.into(), Place::Here(sealed))
    }

    /// Decrypts `sealed` to the start of `out`.
    ///
    /// # Errors
    /// As [`Self::decrypt`] and [`DecryptionKey::decrypt_to`](crate::DecryptionKey::decrypt_to).
    #[inline]
    pub fn decrypt_to<'b, 'm>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<OpenedStep<'b>, Error> {
        self.open(now, metadata.into(), Place::Apart { sealed, out })
    }

    /// Decrypts a frame inside `buffer` to another place of it, which may overlap.
    ///
    /// # Errors
    /// As [`Self::decrypt`] and
    /// [`DecryptionKey::decrypt_within`](crate::DecryptionKey::decrypt_within).
    #[inline]
    pub fn decrypt_within<'b, 'm>(
        &mut self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<OpenedStep<'b>, Error> {
        let place = Place::Within {
            buffer,
            sealed,
            out_start,
        };
        self.open(now, metadata.into(), place)
    }

    #[inline(always)]
    fn open<'b>(
        &mut self,
        now: Timestamp,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<OpenedStep<'b>, Error> {
        let now = self.advance_clock(now);
        let layout = Layout::parse(self.suite(), place.sealed()?)?;
        match self.steps.get_mut(layout.header.key_id) {
            Some(step) => {
                let opened = step.key.open_parsed(&layout, metadata, place)?;
                Ok(OpenedStep::new(opened, step.generation, step.number))
            }
            None => self.open_ahead(now, &layout, metadata, place),
        }
    }

    /// Opens a frame whose step is not held, if it is one ahead, and moves the chain there.
    #[cold]
    fn open_ahead<'b>(
        &mut self,
        now: Timestamp,
        layout: &Layout,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<OpenedStep<'b>, Error> {
        let candidate = self.candidate(layout.header.key_id)?;
        let (generation, number) = (candidate.generation, candidate.number);
        let opened = match candidate.key.open_parsed(layout, metadata, place) {
            Ok(opened) => opened,
            Err(error) => {
                if error == Error::Authentication {
                    self.failed_ahead = self.failed_ahead.saturating_add(1);
                }
                return Err(error);
            }
        };
        // It has authenticated: only now does anything move.
        self.count_anew();
        if let Err(error) = self.move_to_candidate(now) {
            // Never taken: the head that is superseded makes room.
            opened.payload.fill(0);
            return Err(error);
        }
        Ok(OpenedStep::new(opened, generation, number))
    }

    /// Makes the step that authenticated the head of its generation.
    ///
    /// Derived again, so that the candidate is dropped, and wiped, where it is; only the window is
    /// moved.
    fn move_to_candidate(&mut self, now: Timestamp) -> Result<(), Error> {
        let setup = *self.steps.setup();
        let Some(proven) = &mut self.candidate else {
            return Ok(());
        };
        let Some(base_key) = &proven.base_key else {
            return Ok(());
        };
        let base_key = BaseKey::new((**base_key).as_ref())?;
        let mut new: Step<S> = head(&setup, proven.generation, proven.number, base_key)?;
        let empty = ReceiveState::new(&setup.config.receive, None);
        new.key.replace_state(proven.key.replace_state(empty));
        self.forget_candidate();
        self.steps.advance(now, new)
    }

    /// The key of a step ahead: the one that was asked for last, or derived now.
    fn candidate(&mut self, key_id: KeyId) -> Result<&mut Step<S>, Error> {
        let setup = *self.steps.setup();
        let receive = &setup.config.receive;
        let parts = setup.bits.parts(key_id);
        let (head_step, base_key) = self
            .steps
            .head(parts.generation)
            .ok_or(Error::UnknownKeyId(key_id))?;
        let forward = setup.bits.forward(head_step.number, parts.step_bits);
        if forward == 0 || forward > setup.max_forward() {
            return Err(Error::UnknownKeyId(key_id));
        }
        if receive.forgery == ForgeryPolicy::StopKey && self.failed_ahead >= receive.failed_opens {
            return Err(Error::Policy(key_id));
        }
        let number = head_step
            .number
            .checked_add(forward)
            .ok_or(Error::UnknownKeyId(key_id))?;
        let known = |kept: &Step<S>| kept.key.key_id() == key_id;
        if !self.candidate.as_ref().is_some_and(known) {
            // Dropped first, so that it is wiped where it is.
            self.candidate = None;
            let base_key = ratcheted(setup.suite, base_key, forward)?;
            self.candidate = Some(head(&setup, parts.generation, number, base_key)?);
            #[cfg(test)]
            {
                self.derived_candidates += 1;
            }
        }
        self.candidate.as_mut().ok_or(Error::UnknownKeyId(key_id))
    }

    #[inline(always)]
    fn advance_clock(&mut self, now: Timestamp) -> Timestamp {
        let now = self.clock.advance(now);
        self.retire_due(now);
        now
    }

    #[inline(always)]
    fn retire_due(&mut self, now: Timestamp) {
        if self.steps.retire_due(now) {
            self.forget_candidate();
        }
    }

    /// The application says where the sender is: other steps are ahead now, with keys that nobody
    /// has tried to forge for.
    fn begin_anew(&mut self) {
        self.forget_candidate();
        self.count_anew();
    }

    fn count_anew(&mut self) {
        self.failed_ahead = 0;
        self.alarm_told = false;
    }

    /// Its generation may be gone, or its step may not be ahead any more.
    fn forget_candidate(&mut self) {
        self.candidate = None;
    }
}

/// A step that can be the head of its generation.
fn head<S: Storage>(
    setup: &Setup,
    generation: u64,
    number: u64,
    base_key: BaseKey,
) -> Result<Step<S>, Error> {
    let mut step = setup.step(generation, number, &base_key)?;
    step.base_key = Some(S::cell(base_key));
    Ok(step)
}

/// The head of a generation that begins here.
fn first_head<S: Storage>(
    setup: &Setup,
    generation: u64,
    step: u64,
    base_key: BaseKey,
) -> Result<Step<S>, Error> {
    let origin = Origin {
        first: base_key.fingerprint(setup.suite)?,
        step,
    };
    let mut first = head(setup, generation, step, base_key)?;
    first.origin = Some(origin);
    Ok(first)
}

impl<S: Storage> core::fmt::Debug for ReceivingChainCore<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReceivingChain")
            .field("setup", self.steps.setup())
            .field("newest", &self.steps.newest())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "forgery_tests.rs"]
mod forgery_tests;
