//! One participant of a call with sender keys: its own sending side, and a receiving side for each
//! of the others.
//!
//! Under `sender_keys/`. It holds the directions apart: a base key that sends here is refused for
//! receiving, and the other way round (RFC 9605 §4.4.1).

use core::ops::Range;

use super::chain_config::ChainConfig;
use super::directions::{Head, check_never_received, check_not_ours};
use super::opened_step::OpenedStep;
use super::ratchet_bits::RatchetBits;
use super::receiving_chain::ReceivingChainCore;
use super::sending_chain::{JoinerKey, SendingChain};
use crate::cipher_suite::CipherSuite;
use crate::config::SendConfig;
use crate::error::Error;
use crate::header::KeyId;
use crate::metadata::Metadata;
use crate::storage::Storage;
use crate::table::Table;
use crate::time::{Clock, Timestamp};

/// All sender keys of one participant. [`SenderKeys`](crate::SenderKeys) grows,
/// [`fixed::SenderKeys`](crate::fixed::SenderKeys) has a fixed capacity; both are this type. `S`
/// stores the members, `C` the steps of each.
///
/// Members are known by the number that the application gave them, that of
/// [`MemberId::Application`](crate::MemberId::Application). Key ids are unique only for each sender
/// (RFC 9605 §5.1), so whoever decrypts says whose frame it is.
///
/// Nobody who leaves is remembered. Give a member who comes back another number, or let it begin a
/// newer generation: with the same base key under the same number, frames that were accepted
/// before are accepted once more.
pub struct SenderKeysCore<S: Storage, C: Storage = S> {
    suite: CipherSuite,
    send: SendConfig,
    receive: ChainConfig,
    own: Option<S::Cell<SendingChain>>,
    /// What our own key ids were made with last; generations only go up, also after a stop.
    last: Option<(RatchetBits, u64)>,
    members: S::Table<u64, S::Cell<ReceivingChainCore<C>>>,
    clock: Clock,
}

impl<S: Storage, C: Storage> SenderKeysCore<S, C> {
    /// Without keys.
    #[must_use]
    pub fn new(suite: CipherSuite) -> Self {
        Self::with_config(suite, SendConfig::standard(), ChainConfig::for_suite(suite))
    }

    /// Without keys; those that are added will have these configurations.
    #[must_use]
    pub fn with_config(suite: CipherSuite, send: SendConfig, receive: ChainConfig) -> Self {
        Self {
            suite,
            send,
            receive,
            own: None,
            last: None,
            members: S::table(),
            clock: Clock::default(),
        }
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.suite
    }

    /// Begins to send, at step 0 of a generation.
    ///
    /// # Errors
    /// - [`Error::InvalidArgument`] when a chain is there already (see [`Self::roll`]), when the
    ///   ratchet bits differ from those that were used before, and as [`SendingChain::new`]
    /// - [`Error::GenerationTooOld`] when the generation is not higher than all that were used here
    /// - [`Error::KeyIdInUse`] when the base key receives here, or leads to one that does
    pub fn start_sending(
        &mut self,
        bits: RatchetBits,
        generation: u64,
        base_key: &[u8],
    ) -> Result<(), Error> {
        if self.own.is_some() {
            return Err(Error::InvalidArgument("sending has begun; roll instead"));
        }
        if let Some((used, last)) = self.last {
            if used != bits {
                return Err(Error::InvalidArgument("the ratchet bits of a sender stay"));
            }
            if generation <= last {
                return Err(Error::GenerationTooOld(generation));
            }
        }
        let chain = SendingChain::with_config(self.suite, bits, generation, base_key, self.send)?;
        check_never_received(
            self.suite,
            || self.heads(),
            generation,
            base_key,
            chain.key_id(),
        )?;
        self.own = Some(S::cell(chain));
        self.last = Some((bits, generation));
        Ok(())
    }

    /// Goes to the next step, as [`SendingChain::ratchet`].
    ///
    /// # Errors
    /// As there, and [`Error::NoSendingKey`] before [`Self::start_sending`].
    pub fn ratchet(&mut self) -> Result<(), Error> {
        self.own_mut()?.ratchet()
    }

    /// Begins a new generation, as [`SendingChain::roll`].
    ///
    /// # Errors
    /// As there, [`Error::NoSendingKey`] before [`Self::start_sending`], and
    /// [`Error::KeyIdInUse`] when the base key receives here, or leads to one that does.
    pub fn roll(&mut self, generation: u64, base_key: &[u8]) -> Result<(), Error> {
        let bits = self.own_mut()?.ratchet_bits();
        let key_id = bits.key_id(generation, 0)?;
        check_never_received(self.suite, || self.heads(), generation, base_key, key_id)?;
        self.own_mut()?.roll(generation, base_key)?;
        self.last = Some((bits, generation));
        Ok(())
    }

    /// Wipes our own key. Its generation is remembered: whoever begins again begins higher.
    pub fn stop_sending(&mut self) {
        self.own = None;
    }

    /// Our own sending side, to look at.
    #[must_use]
    pub fn sending(&self) -> Option<&SendingChain> {
        self.own.as_deref()
    }

    /// What somebody who joins is given, as [`SendingChain::joiner_key`].
    ///
    /// # Errors
    /// [`Error::NoSendingKey`] before [`Self::start_sending`].
    pub fn joiner_key(&self) -> Result<JoinerKey<'_>, Error> {
        self.sending()
            .map(SendingChain::joiner_key)
            .ok_or(Error::NoSendingKey)
    }

    /// Adds a member who sends, at a generation and step with the base key of that step. For a
    /// member who is here, as [`Self::add_generation`].
    ///
    /// # Errors
    /// - [`Error::Capacity`] when all places for members are taken
    /// - [`Error::KeyIdInUse`] when the base key is our own, leads to it, or follows from it
    /// - [`Error::InvalidArgument`] as [`ReceivingChainCore::new`], and when the ratchet bits of a
    ///   member who is here differ
    /// - for a member who is here, as [`ReceivingChainCore::add_generation`]
    pub fn add_member(
        &mut self,
        now: Timestamp,
        member: u64,
        bits: RatchetBits,
        generation: u64,
        step: u64,
        base_key: &[u8],
    ) -> Result<(), Error> {
        if let Some(chain) = self.members.get(member) {
            if chain.ratchet_bits() != bits {
                return Err(Error::InvalidArgument("the ratchet bits of a sender stay"));
            }
            return self.add_generation(now, member, generation, step, base_key);
        }
        self.members.check_room()?;
        check_not_ours(self.sending(), bits, generation, step, base_key)?;
        self.clock.advance(now);
        let chain = ReceivingChainCore::with_config(
            self.suite,
            bits,
            generation,
            step,
            base_key,
            self.receive,
        )?;
        self.members.insert(member, S::cell(chain))
    }

    /// Adds a newer generation of a member, as [`ReceivingChainCore::add_generation`].
    ///
    /// # Errors
    /// As there, [`Error::UnknownMember`], and [`Error::KeyIdInUse`] when the base key is our own,
    /// leads to it, or follows from it.
    pub fn add_generation(
        &mut self,
        now: Timestamp,
        member: u64,
        generation: u64,
        step: u64,
        base_key: &[u8],
    ) -> Result<(), Error> {
        let now = self.clock.advance(now);
        let bits = self.chain_mut(member)?.ratchet_bits();
        check_not_ours(self.sending(), bits, generation, step, base_key)?;
        self.chain_mut(member)?
            .add_generation(now, generation, step, base_key)
    }

    /// Accepts the old generations of all members for no longer than `within` from now on, as
    /// [`ReceivingChainCore::end_old_generations`]: to be called when somebody was removed and the
    /// others have rolled.
    pub fn end_old_generations(&mut self, now: Timestamp, within: core::time::Duration) {
        let now = self.clock.advance(now);
        for (_, chain) in self.members.iter_mut() {
            chain.end_old_generations(now, within);
        }
    }

    /// Wipes all keys of a member and frees its place.
    ///
    /// Our own key is still known to whoever was removed, and those of the others too: roll, and
    /// let them roll.
    ///
    /// # Errors
    /// [`Error::UnknownMember`].
    pub fn remove_member(&mut self, member: u64) -> Result<(), Error> {
        if self.members.remove(member) {
            Ok(())
        } else {
            Err(Error::UnknownMember)
        }
    }

    /// The receiving side of a member, to look at.
    #[must_use]
    pub fn member(&self, member: u64) -> Option<&ReceivingChainCore<C>> {
        self.members.get(member).map(|chain| &**chain)
    }

    /// The numbers of all members who were added.
    pub fn members(&self) -> impl Iterator<Item = u64> {
        self.members.iter().map(|(member, _)| member)
    }

    /// Wipes what is due; see [`ReceivingChainCore::poll`].
    pub fn poll(&mut self, now: Timestamp) {
        let now = self.clock.advance(now);
        for (_, chain) in self.members.iter_mut() {
            chain.poll(now);
        }
    }

    /// When the next key is due to be wiped.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.members
            .iter()
            .filter_map(|(_, chain)| chain.next_deadline())
            .min()
    }

    /// The next member and key with a forgery alarm, as
    /// [`ReceivingChainCore::poll_forgery_alarm`].
    pub fn poll_forgery_alarm(&mut self) -> Option<(u64, KeyId)> {
        self.members
            .iter_mut()
            .find_map(|(member, chain)| Some((member, chain.poll_forgery_alarm()?)))
    }

    /// As [`SendingChain::sealed_len`].
    ///
    /// # Errors
    /// As there, and [`Error::NoSendingKey`].
    pub fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        self.sending()
            .ok_or(Error::NoSendingKey)?
            .sealed_len(payload_len)
    }

    /// As [`SendingChain::encrypt`].
    ///
    /// # Errors
    /// As there, and [`Error::NoSendingKey`].
    #[inline]
    pub fn encrypt<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        self.own_mut()?.encrypt(metadata, payload, out)
    }

    /// As [`SendingChain::encrypt_in_place`].
    ///
    /// # Errors
    /// As there, and [`Error::NoSendingKey`].
    #[inline]
    pub fn encrypt_in_place<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        self.own_mut()?.encrypt_in_place(metadata, buffer, payload)
    }

    /// As [`SendingChain::encrypt_within`].
    ///
    /// # Errors
    /// As there, and [`Error::NoSendingKey`].
    #[inline]
    pub fn encrypt_within<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        self.own_mut()?
            .encrypt_within(metadata, buffer, payload, out_start)
    }

    /// Decrypts a frame of this member, as [`ReceivingChainCore::decrypt`].
    ///
    /// # Errors
    /// As there, and [`Error::UnknownMember`].
    #[inline]
    pub fn decrypt<'b, 'm>(
        &mut self,
        now: Timestamp,
        member: u64,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<OpenedStep<'b>, Error> {
        let now = self.clock.advance(now);
        self.chain_mut(member)?.decrypt(now, metadata, sealed)
    }

    /// Decrypts a frame of this member, as [`ReceivingChainCore::decrypt_to`].
    ///
    /// # Errors
    /// As there, and [`Error::UnknownMember`].
    #[inline]
    pub fn decrypt_to<'b, 'm>(
        &mut self,
        now: Timestamp,
        member: u64,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<OpenedStep<'b>, Error> {
        let now = self.clock.advance(now);
        self.chain_mut(member)?
            .decrypt_to(now, metadata, sealed, out)
    }

    /// Decrypts a frame of this member, as [`ReceivingChainCore::decrypt_within`].
    ///
    /// # Errors
    /// As there, and [`Error::UnknownMember`].
    #[inline]
    pub fn decrypt_within<'b, 'm>(
        &mut self,
        now: Timestamp,
        member: u64,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<OpenedStep<'b>, Error> {
        let now = self.clock.advance(now);
        self.chain_mut(member)?
            .decrypt_within(now, metadata, buffer, sealed, out_start)
    }

    fn heads(&self) -> impl Iterator<Item = Head<'_>> {
        self.members.iter().flat_map(|(_, chain)| chain.heads())
    }

    fn own_mut(&mut self) -> Result<&mut SendingChain, Error> {
        self.own.as_deref_mut().ok_or(Error::NoSendingKey)
    }

    #[inline(always)]
    fn chain_mut(&mut self, member: u64) -> Result<&mut ReceivingChainCore<C>, Error> {
        match self.members.get_mut(member) {
            Some(chain) => Ok(chain),
            None => Err(Error::UnknownMember),
        }
    }
}

impl<S: Storage, C: Storage> core::fmt::Debug for SenderKeysCore<S, C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SenderKeys")
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}
