//! One participant of a call with sender keys: its own sending side, and a receiving side for each
//! of the others.
//!
//! Under `sender_keys/`. It holds the directions apart: a base key that sends here is refused for
//! receiving, and the other way round (RFC 9605 §4.4.1).

use core::ops::Range;

use super::chain_config::ChainConfig;
use super::directions::{
    Head, ReceivedPast, Remembered, check_never_used, check_not_ours, check_not_reached,
};
use super::opened_step::OpenedStep;
use super::ratchet_bits::RatchetBits;
use super::receiving_chain::ReceivingChainCore;
use super::sending_chain::{JoinerKey, SendingChain};
use super::steps::MAX_COMPARED;
use crate::cipher_suite::CipherSuite;
use crate::config::SendConfig;
use crate::error::Error;
use crate::header::KeyId;
use crate::key_schedule::BaseKey;
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
///
/// A base key sends or receives, never both (RFC 9605 §4.4.1): else our own frames, sent back to
/// us, would open as somebody else's. Base keys are compared with all that are ratcheted from them,
/// whatever generation, step and ratchet bits are said of them. Of keys that are wiped, fingerprints
/// are remembered, of the last 16 generations in each direction; [`Self::start_sending`],
/// [`Self::ratchet`] and [`Self::add_member`] say what is compared. Another object, and this one
/// after a restart, knows nothing of it.
pub struct SenderKeysCore<S: Storage, C: Storage = S> {
    suite: CipherSuite,
    send: SendConfig,
    receive: ChainConfig,
    own: Option<S::Cell<SendingChain>>,
    /// What others were given already, and we will roll to.
    next: Option<S::Cell<SendingChain>>,
    /// What our own key ids were made with last; generations only go up, also after a stop.
    last: Option<(RatchetBits, u64)>,
    sent: Remembered,
    received: Remembered,
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
            next: None,
            last: None,
            sent: Remembered::new(),
            received: Remembered::new(),
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
    /// - [`Error::KeyIdInUse`] when the base key receives or received here, or we sent with it before
    ///
    /// Refused are the keys of each generation that is received (of its last 4,096 steps), those
    /// that lead to one of them within 32 steps, and those that follow from its latest within
    /// [`ChainConfig::max_forward`] steps, at most 32. The same, but for those that follow, holds
    /// for the last 16 generations that were superseded or whose member was removed, as far as they
    /// had come then, and for the last 16 of our own. Further away nothing is looked for: a member's
    /// key that many steps later would become ours is found by [`Self::ratchet`].
    ///
    /// This derives two keys for each step that the longest of them came, and where the base key is
    /// as long as a ratcheted one (`Nh` bytes), up to 32 for each member.
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
        self.check_never_used(base_key, chain.key_id())?;
        self.own = Some(S::cell(chain));
        self.last = Some((bits, generation));
        Ok(())
    }

    /// Goes to the next step, as [`SendingChain::ratchet`], which says how far receivers follow.
    ///
    /// # Errors
    /// - as there, and [`Error::NoSendingKey`] before [`Self::start_sending`]
    /// - [`Error::KeyIdInUse`] when the next base key is one that a member was added with, or with a
    ///   generation: whoever knows our key can offer a later one of it. Roll instead
    ///
    /// Nothing is changed then.
    pub fn ratchet(&mut self) -> Result<(), Error> {
        let own = self.sending().ok_or(Error::NoSendingKey)?;
        let (step, next) = own.next_step()?;
        let key_id = own.ratchet_bits().key_id(own.generation(), step)?;
        let next = next.fingerprint(self.suite)?;
        check_not_reached(self.heads(), &self.received, next, key_id)?;
        self.own_mut()?.ratchet()?;
        // Of a generation of many steps, each stretch is remembered as if it were one.
        match &self.own {
            Some(own) if step.is_multiple_of(MAX_COMPARED) => self.sent.sent(own),
            _ => Ok(()),
        }
    }

    /// Says which generation and base key [`Self::roll`] will go to, before anybody is given them:
    /// from now on nobody can have that key, or one that it leads to within 32 steps, added as
    /// theirs, which would keep us from rolling or ratcheting.
    ///
    /// One key is announced at a time: another one replaces it, as when somebody else leaves before
    /// we roll. Whoever joins before we roll is given both keys, the present one too.
    ///
    /// # Errors
    /// As [`Self::roll`]; nothing is changed then.
    pub fn announce(&mut self, generation: u64, base_key: &[u8]) -> Result<(), Error> {
        let own = self.sending().ok_or(Error::NoSendingKey)?;
        let bits = own.ratchet_bits();
        own.check_next(generation, &BaseKey::new(base_key)?)?;
        let next = SendingChain::with_config(self.suite, bits, generation, base_key, self.send)?;
        self.check_never_used(base_key, next.key_id())?;
        self.next = Some(S::cell(next));
        Ok(())
    }

    /// Begins a new generation, as [`SendingChain::roll`]. Before the base key is handed out, say so
    /// with [`Self::announce`].
    ///
    /// # Errors
    /// As there, [`Error::NoSendingKey`] before [`Self::start_sending`], and
    /// - [`Error::KeyIdInUse`] as from there: when the base key receives or received here, or we sent
    ///   with it in an earlier generation
    /// - [`Error::InvalidArgument`] when another generation or base key was announced, which is what
    ///   the others have
    pub fn roll(&mut self, generation: u64, base_key: &[u8]) -> Result<(), Error> {
        let bits = self.own_mut()?.ratchet_bits();
        let key_id = bits.key_id(generation, 0)?;
        let announced = match &self.next {
            Some(next) => next.generation() == generation && next.has_key(&BaseKey::new(base_key)?),
            None => false,
        };
        if !announced && self.next.is_some() {
            return Err(Error::InvalidArgument(
                "another generation or base key was announced",
            ));
        }
        if !announced {
            self.check_never_used(base_key, key_id)?;
        }
        let mut sent = self.sent;
        let own = self.own_mut()?;
        sent.sent(own)?;
        own.roll(generation, base_key)?;
        self.sent = sent;
        self.next = None;
        self.last = Some((bits, generation));
        Ok(())
    }

    /// Wipes our own key. Its generation is remembered: whoever begins again begins higher, and with
    /// another base key.
    pub fn stop_sending(&mut self) {
        if let Some(own) = &self.own {
            // Never an error: the key is one that was made.
            self.sent.sent(own).ok();
        }
        self.own = None;
        self.next = None;
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
    /// - [`Error::KeyIdInUse`] when the base key is, was or would become our own
    /// - [`Error::InvalidArgument`] as [`ReceivingChainCore::new`], and when the ratchet bits of a
    ///   member who is here differ
    /// - for a member who is here, as [`ReceivingChainCore::add_generation`]
    ///
    /// Refused are the keys of our present generation and of the last 16 before it. (A generation of
    /// more than 4,096 steps counts as one for each 4,096.) Refused are also those that our present
    /// key leads to: within 32 steps, or where it is said to be ahead of us in our own generation,
    /// within so many, up to 4,096. One that lies further ahead is taken, and [`Self::ratchet`]
    /// refuses to come to it. A key from before the first of ours is not looked for: nobody can make
    /// it.
    ///
    /// This derives two keys for each step that the longest of our generations came.
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
        self.check_not_ours(bits, generation, step, base_key)?;
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
    /// As there, [`Error::UnknownMember`], and [`Error::KeyIdInUse`] as from [`Self::add_member`].
    pub fn add_generation(
        &mut self,
        now: Timestamp,
        member: u64,
        generation: u64,
        step: u64,
        base_key: &[u8],
    ) -> Result<(), Error> {
        let now = self.clock.advance(now);
        let chain = self.chain_mut(member)?;
        // What is refused anyway costs no derivation.
        chain.check_generation(generation)?;
        let bits = chain.ratchet_bits();
        self.check_not_ours(bits, generation, step, base_key)?;
        let past = self.newest_of(member)?;
        let chain = self.chain_mut(member)?;
        let before = chain.status().generation;
        chain.add_generation(now, generation, step, base_key)?;
        if chain.status().generation != before
            && let Some(past) = past
        {
            self.received.received(past);
        }
        Ok(())
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
        // Its older generations were remembered when they were superseded.
        if let Some(past) = self.newest_of(member)? {
            self.received.received(past);
        }
        self.members.remove(member);
        Ok(())
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

    /// What is to be remembered of the newest generation of a member.
    fn newest_of(&self, member: u64) -> Result<Option<ReceivedPast>, Error> {
        let chain = self.members.get(member).ok_or(Error::UnknownMember)?;
        let head = chain.newest_head();
        head.map(|head| ReceivedPast::of(self.suite, head))
            .transpose()
    }

    fn check_never_used(&self, base_key: &[u8], key_id: KeyId) -> Result<(), Error> {
        let remembered = [&self.sent, &self.received];
        let config = &self.receive;
        let heads = || self.heads();
        check_never_used(self.suite, heads, remembered, config, base_key, key_id)
    }

    fn check_not_ours(
        &self,
        bits: RatchetBits,
        generation: u64,
        step: u64,
        base_key: &[u8],
    ) -> Result<(), Error> {
        let named = (bits, generation, step);
        check_not_ours(self.suite, self.sending(), &self.sent, named, base_key)?;
        match self.next.as_deref() {
            Some(next) => {
                check_not_ours(self.suite, Some(next), &Remembered::new(), named, base_key)
            }
            None => Ok(()),
        }
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
