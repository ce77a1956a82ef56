//! The rule of directions: a base key sends or it receives, never both (RFC 9605 §4.4.1).
//!
//! Under `sender_keys/`. A base key stands for all that are ratcheted from it, and the generation,
//! step and ratchet bits that somebody gives it are only names: with other ones the same key comes
//! under the same key id all the same. So keys are compared by what they lead to. A chain has one
//! way, forward; to find out whether two chains meet, one is walked until it comes to a key that is
//! known of the other:
//!
//! ```text
//! known:    first ─> .. ─> last (a key here, or its fingerprint)
//! offered:             x ─> ..      one of ours: x leads to `last`, in as many steps as were taken
//!                             x     ours one day: `last` leads to x, AHEAD steps are walked
//! ```
//!
//! What lies further ahead than `AHEAD` is found when our own chain comes to it: it comes by every
//! key, so also by the first that was given for receiving. Work and memory are bounded.

use ctutils::CtEq;

use super::chain_config::ChainConfig;
use super::ratchet_bits::RatchetBits;
use super::sending_chain::SendingChain;
use super::steps::MAX_COMPARED;
use crate::cipher_suite::CipherSuite;
use crate::error::Error;
use crate::header::KeyId;
use crate::key_schedule::{BaseKey, Fingerprint};

/// How many steps ahead of a key that is known the other chain is looked for.
pub(super) const AHEAD: u64 = 32;

/// How many generations are remembered of each direction.
const REMEMBERED: usize = 16;

/// Where a generation that is received began here: the fingerprint of its first key, and its step.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) first: Fingerprint,
    pub(super) step: u64,
}

/// A generation that is received: where it began, the step of its head, and the base key there.
pub(super) type Head<'a> = (Origin, u64, &'a BaseKey);

/// What is remembered of a generation whose key is wiped: fingerprints of its first and last key,
/// and the steps between. Nobody can send or receive with them.
#[derive(Clone, Copy)]
struct Past {
    first: Fingerprint,
    last: Fingerprint,
    steps: u64,
}

/// The last generations of one direction, in fixed space; the oldest makes room.
#[derive(Clone, Copy)]
pub(super) struct Remembered {
    past: [Option<Past>; REMEMBERED],
    next: usize,
}

impl Remembered {
    pub(super) const fn new() -> Self {
        Self {
            past: [None; REMEMBERED],
            next: 0,
        }
    }

    /// Remembers our own generation as far as it has come.
    pub(super) fn sent(&mut self, chain: &SendingChain) -> Result<(), Error> {
        let last = chain.joiner_key().base_key.fingerprint(chain.suite())?;
        self.add(Past {
            first: last,
            last,
            steps: chain.step().min(MAX_COMPARED),
        });
        Ok(())
    }

    /// Remembers a generation that was received, as far as it has come.
    pub(super) fn received(&mut self, past: ReceivedPast) {
        self.add(past.0);
    }

    fn add(&mut self, past: Past) {
        if let Some(place) = self.past.get_mut(self.next) {
            *place = Some(past);
        }
        self.next = self.next.saturating_add(1) % REMEMBERED;
    }

    fn iter(&self) -> impl Iterator<Item = &Past> {
        self.past.iter().flatten()
    }

    fn max_steps(&self) -> u64 {
        self.iter().map(|past| past.steps).max().unwrap_or(0)
    }

    fn has(&self, key: Fingerprint) -> bool {
        self.iter()
            .any(|past| past.last == key || past.first == key)
    }

    fn has_key(&self, suite: CipherSuite, key: &BaseKey) -> Result<bool, Error> {
        // Nothing is derived when nothing is remembered.
        Ok(!self.is_empty() && self.has(key.fingerprint(suite)?))
    }

    fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// A generation that was received, ready to be remembered.
#[derive(Clone, Copy)]
pub(super) struct ReceivedPast(Past);

impl ReceivedPast {
    pub(super) fn of(suite: CipherSuite, (origin, step, key): Head<'_>) -> Result<Self, Error> {
        Ok(Self(Past {
            first: origin.first,
            last: key.fingerprint(suite)?,
            steps: steps_here(origin, step),
        }))
    }
}

/// Refuses a key that is offered for receiving if we send or sent with it, or if ours leads to it.
///
/// One from before our first key is not looked for: nobody can make it.
pub(super) fn check_not_ours(
    suite: CipherSuite,
    own: Option<&SendingChain>,
    sent: &Remembered,
    (bits, generation, step): (RatchetBits, u64, u64),
    base_key: &[u8],
) -> Result<(), Error> {
    let key_id = bits.key_id(generation, step)?;
    let offered = BaseKey::new(base_key)?;
    let walk = own.map_or(0, SendingChain::compared_steps);
    let mut ours = leads_to(suite, &offered, walk.max(sent.max_steps()), |key| {
        Ok(own.is_some_and(|own| own.has_key(key)) || sent.has_key(suite, key)?)
    })?;
    if let Some(own) = own {
        // As far as it says that it is ahead, when it says that it is of our generation.
        let same = (own.ratchet_bits(), own.generation()) == (bits, generation);
        let said = step.saturating_sub(own.step()).min(MAX_COMPARED);
        let ahead = if same { said.max(AHEAD) } else { AHEAD };
        ours = ours || own.leads_to(&offered, ahead)?;
    }
    refuse(ours, key_id)
}

/// Refuses a key that is offered for sending if it receives or received here, if it leads to such a
/// one, or if one that receives leads to it; also if an earlier generation of ours had it.
pub(super) fn check_never_used<'a, I: Iterator<Item = Head<'a>>>(
    suite: CipherSuite,
    heads: impl Fn() -> I,
    [sent, received]: [&Remembered; 2],
    config: &ChainConfig,
    base_key: &[u8],
    key_id: KeyId,
) -> Result<(), Error> {
    let offered = BaseKey::new(base_key)?;
    let here = heads().map(|(origin, step, _)| steps_here(origin, step));
    let past = sent.max_steps().max(received.max_steps());
    let walk = here.max().unwrap_or(0).max(past).saturating_add(AHEAD);
    let mut used = leads_to(suite, &offered, walk, |key| {
        if heads().any(|(_, _, head)| equal(head, key)) {
            return Ok(true);
        }
        if sent.is_empty() && received.is_empty() {
            return Ok(false);
        }
        let print = key.fingerprint(suite)?;
        Ok(sent.has(print) || received.has(print))
    })?;
    // As far as the next frame of that member could bring it.
    let ahead = u64::from(config.max_forward).min(AHEAD);
    for (_, _, head) in heads() {
        used = used || follows(suite, head, &offered, ahead)?;
    }
    refuse(used, key_id)
}

/// Refuses the next key of our own chain if it is the first of a generation that is, or was,
/// received.
pub(super) fn check_not_reached<'a>(
    mut heads: impl Iterator<Item = Head<'a>>,
    received: &Remembered,
    next: Fingerprint,
    key_id: KeyId,
) -> Result<(), Error> {
    let reached = heads.any(|(origin, _, _)| origin.first == next) || received.has(next);
    refuse(reached, key_id)
}

fn refuse(used: bool, key_id: KeyId) -> Result<(), Error> {
    if used {
        Err(Error::KeyIdInUse(key_id))
    } else {
        Ok(())
    }
}

/// How many steps of a generation have been here, as far as they are compared.
fn steps_here(origin: Origin, step: u64) -> u64 {
    step.saturating_sub(origin.step).min(MAX_COMPARED)
}

/// Whether `key`, or one of so many that are ratcheted from it, is known.
pub(super) fn leads_to(
    suite: CipherSuite,
    key: &BaseKey,
    steps: u64,
    is_known: impl Fn(&BaseKey) -> Result<bool, Error>,
) -> Result<bool, Error> {
    if is_known(key)? {
        return Ok(true);
    }
    let mut current = BaseKey::new(key.as_ref())?;
    for _ in 0..steps {
        current = BaseKey::ratchet(suite, current.as_ref())?;
        if is_known(&current)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `key` is one of so many that are ratcheted from `early`.
pub(super) fn follows(
    suite: CipherSuite,
    early: &BaseKey,
    key: &BaseKey,
    steps: u64,
) -> Result<bool, Error> {
    // A key of another length was not ratcheted from anything.
    Ok(key.as_ref().len() == suite.hash_len()
        && leads_to(suite, early, steps, |current| Ok(equal(current, key)))?)
}

/// In a time that does not tell where they differ.
pub(super) fn equal(one: &BaseKey, other: &BaseKey) -> bool {
    one.as_ref().ct_eq(other.as_ref()).into()
}
