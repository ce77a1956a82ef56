//! The sending side of sender keys: one sender's own key, which ratchets and rolls.
//!
//! Under `sender_keys/`. Both moves only go up, so a key id never comes again with the same key.

use core::ops::Range;

use super::directions::{AHEAD, equal, follows, leads_to};
use super::ratchet_bits::{NO_RATCHET, RatchetBits};
use super::steps::MAX_COMPARED;
use crate::cipher_suite::CipherSuite;
use crate::config::SendConfig;
use crate::encryption_key::{EncryptionKey, SendingKeyStatus};
use crate::error::Error;
use crate::header::KeyId;
use crate::key_schedule::BaseKey;
use crate::metadata::Metadata;

/// A sender's own base key, at one generation and step (RFC 9605 §5.1), and the key that encrypts
/// with it. Allocates nothing; wiped on drop. Moving it leaves a copy of its bytes behind, so build
/// it where it will stay.
///
/// ```
/// use frameseal::{CipherSuite, KeyId, RatchetBits, SendingChain};
///
/// # let (first, second, mut buffer) = ([0x42; 16], [0x43; 16], [0; 64]);
/// let suite = CipherSuite::Aes128GcmSha256_128;
/// let mut alice = SendingChain::new(suite, RatchetBits::STANDARD, 0, &first)?;
/// alice.encrypt(b"", b"a frame", &mut buffer)?;
/// alice.ratchet()?; // somebody joins
/// assert_eq!(alice.key_id(), KeyId::new(1));
/// alice.roll(1, &second)?; // somebody leaves
/// assert_eq!(alice.key_id(), KeyId::new(0x100));
/// # Ok::<(), frameseal::Error>(())
/// ```
///
/// It owns the counters of its key ids, so it cannot be cloned:
///
/// ```compile_fail,E0599
/// use frameseal::{CipherSuite, RatchetBits, SendingChain};
///
/// let suite = CipherSuite::Aes128GcmSha256_128;
/// let chain = SendingChain::new(suite, RatchetBits::STANDARD, 0, &[1; 16])?;
/// let twin = chain.clone();
/// # Ok::<(), frameseal::Error>(())
/// ```
///
/// **After a restart, begin a new generation** with a new base key. A chain is not resumed: its
/// counters are not durable, and a step that was stored may be older than the last frame sent.
///
/// After 2^R steps of one generation a key id comes again, with the counter at 0 and another key,
/// since the base key was ratcheted: no nonce comes again with the same key.
#[derive(Debug)]
pub struct SendingChain {
    bits: RatchetBits,
    config: SendConfig,
    generation: u64,
    step: u64,
    base_key: BaseKey,
    key: EncryptionKey,
}

/// What somebody who joins needs to receive from now on: never more than that.
#[derive(Debug)]
#[non_exhaustive]
pub struct JoinerKey<'a> {
    /// The generation.
    pub generation: u64,
    /// The ratchet step in it, counted in full.
    pub step: u64,
    /// The base key of this step. Earlier ones do not follow from it.
    pub base_key: &'a BaseKey,
}

impl<'a> JoinerKey<'a> {
    /// The key that a generation begins with, to be handed out before [`SendingChain::roll`], and
    /// after [`SenderKeysCore::announce`](crate::SenderKeysCore::announce).
    #[must_use]
    pub const fn of_new_generation(generation: u64, base_key: &'a BaseKey) -> Self {
        Self {
            generation,
            step: 0,
            base_key,
        }
    }
}

impl SendingChain {
    /// A chain at step 0 of a generation.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the base key does not have 16 to 96 bytes or is all zeros, or
    /// the generation does not fit 64 - R bits.
    pub fn new(
        suite: CipherSuite,
        bits: RatchetBits,
        generation: u64,
        base_key: &[u8],
    ) -> Result<Self, Error> {
        Self::with_config(suite, bits, generation, base_key, SendConfig::standard())
    }

    /// As [`Self::new`], with limits (for each step) and an implementation of the AEAD that the
    /// caller chooses.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_config(
        suite: CipherSuite,
        bits: RatchetBits,
        generation: u64,
        base_key: &[u8],
        config: SendConfig,
    ) -> Result<Self, Error> {
        let base_key = BaseKey::new(base_key)?;
        let key_id = bits.key_id(generation, 0)?;
        Ok(Self {
            bits,
            config,
            generation,
            step: 0,
            key: EncryptionKey::with_config(suite, key_id, base_key.as_ref(), &config)?,
            base_key,
        })
    }

    /// Goes to the next step: a new base key that is derived from this one, a new key id, counters
    /// from 0. What was there before is wiped. To be called when somebody joins, before
    /// [`Self::joiner_key`].
    ///
    /// Receivers follow at most [`ChainConfig::max_forward`](crate::ChainConfig::max_forward) steps
    /// (32 by default, and never more than half of the 2^R) between two frames that they open. After
    /// more steps than that without a frame, or with frames that may have been lost, begin a new
    /// generation ([`Self::roll`]), or hand out the key of the present step again. A sealed key of
    /// the same generation is not opened twice (feature `hpke`): then it must be a new one.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] with [`RatchetBits::NONE`]; nothing is changed then.
    pub fn ratchet(&mut self) -> Result<(), Error> {
        let (step, base_key) = self.next_step()?;
        self.move_to(self.generation, step, base_key)
    }

    /// The step that [`Self::ratchet`] goes to, and its base key.
    pub(super) fn next_step(&self) -> Result<(u64, BaseKey), Error> {
        if self.bits == RatchetBits::NONE {
            return Err(NO_RATCHET);
        }
        let step = self.step.checked_add(1).ok_or(NO_RATCHET)?;
        Ok((
            step,
            BaseKey::ratchet(self.suite(), self.base_key.as_ref())?,
        ))
    }

    /// Begins a new generation, at step 0, with a base key that does not follow from an earlier
    /// one. What was there before is wiped. To be called when somebody left, and after every
    /// restart; those who stay must have been given the base key.
    ///
    /// # Errors
    /// - [`Error::GenerationTooOld`] when the generation is not higher than the present one
    /// - [`Error::KeyIdInUse`] when the base key is that of the present generation, one of its last
    ///   4,096 steps, or one of its next 32: who was removed would know it
    /// - as [`Self::new`]
    ///
    /// Nothing is changed then.
    pub fn roll(&mut self, generation: u64, base_key: &[u8]) -> Result<(), Error> {
        let base_key = BaseKey::new(base_key)?;
        self.check_next(generation, &base_key)?;
        self.move_to(generation, 0, base_key)
    }

    /// Refuses what [`Self::roll`] refuses.
    pub(super) fn check_next(&self, generation: u64, base_key: &BaseKey) -> Result<(), Error> {
        if generation <= self.generation {
            return Err(Error::GenerationTooOld(generation));
        }
        let key_id = self.bits.key_id(generation, 0)?;
        let is_ours = |key: &BaseKey| Ok(self.has_key(key));
        if leads_to(self.suite(), base_key, self.compared_steps(), is_ours)?
            || self.leads_to(base_key, AHEAD)?
        {
            return Err(Error::KeyIdInUse(key_id));
        }
        Ok(())
    }

    fn move_to(&mut self, generation: u64, step: u64, base_key: BaseKey) -> Result<(), Error> {
        let key_id = self.bits.key_id(generation, step)?;
        let config = &self.config;
        // The assignments drop, and so wipe, what was there.
        self.key = EncryptionKey::with_config(self.suite(), key_id, base_key.as_ref(), config)?;
        self.base_key = base_key;
        self.generation = generation;
        self.step = step;
        Ok(())
    }

    /// What somebody who joins is given, over a channel that is end-to-end encrypted. Call
    /// [`Self::ratchet`] first, so that frames sent before stay closed to the joiner.
    #[must_use]
    pub fn joiner_key(&self) -> JoinerKey<'_> {
        JoinerKey {
            generation: self.generation,
            step: self.step,
            base_key: &self.base_key,
        }
    }

    /// Whether this is our present base key.
    pub(super) fn has_key(&self, base_key: &BaseKey) -> bool {
        equal(base_key, &self.base_key)
    }

    /// Whether our present base key leads to this one in so many steps.
    pub(super) fn leads_to(&self, base_key: &BaseKey, steps: u64) -> Result<bool, Error> {
        follows(self.suite(), &self.base_key, base_key, steps)
    }

    /// How many steps of this generation are compared.
    pub(super) fn compared_steps(&self) -> u64 {
        self.step.min(MAX_COMPARED)
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.key.suite()
    }

    /// How many bits of the key id carry the step.
    #[must_use]
    pub fn ratchet_bits(&self) -> RatchetBits {
        self.bits
    }

    /// The present generation.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The present ratchet step, counted in full.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The key id of the next frame.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key.key_id()
    }

    /// How far the key of the present step has come.
    #[must_use]
    pub fn status(&self) -> SendingKeyStatus {
        self.key.status()
    }

    /// As [`EncryptionKey::sealed_len`].
    ///
    /// # Errors
    /// As there.
    pub fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        self.key.sealed_len(payload_len)
    }

    /// As [`EncryptionKey::encrypt`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn encrypt<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        self.key.encrypt(metadata, payload, out)
    }

    /// As [`EncryptionKey::encrypt_in_place`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn encrypt_in_place<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        self.key.encrypt_in_place(metadata, buffer, payload)
    }

    /// As [`EncryptionKey::encrypt_within`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn encrypt_within<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        self.key
            .encrypt_within(metadata, buffer, payload, out_start)
    }
}
