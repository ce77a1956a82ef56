//! What can be chosen about a run.

use frameseal::Policy;

use super::expected_epochs::Rules;
use super::network::Faults;
use super::queue::Millis;

/// A run: the same settings give the same run, to the last bit.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    /// How many are in the call, roughly: joins and leaves take turns.
    pub(crate) members: usize,
    pub(crate) length: Millis,
    /// How long a device sends with the old epoch after it was told of a new one.
    pub(crate) delay: Millis,
    /// Whether devices hold frames that come before their epoch.
    pub(crate) holding: bool,
    /// Whether members tell each other which epochs they have, so that sending moves earlier.
    pub(crate) acknowledge: bool,
    pub(crate) policy: Policy,
    /// Commits arrive up to so much later.
    pub(crate) spread: Millis,
    /// Between two joins or leaves.
    pub(crate) change_every: Millis,
    pub(crate) faults: Faults,
    /// Whether members are silent at times.
    pub(crate) pauses: bool,
    /// Whether some who join cannot encrypt at first.
    pub(crate) mixed_clients: bool,
    /// Receiving keys that a device keeps expanded.
    pub(crate) cached_keys: usize,
    pub(crate) epoch_bits: u32,
}

impl Settings {
    /// The defaults for so many members and minutes.
    pub(crate) fn new(members: usize, minutes: u64, seed: u64) -> Self {
        Self {
            seed,
            members,
            length: minutes * 60_000,
            delay: 2_000,
            holding: false,
            acknowledge: false,
            policy: Policy::Standard,
            spread: 1_000,
            change_every: 5_000,
            faults: Faults::usual(),
            pauses: false,
            mixed_clients: false,
            cached_keys: 4096,
            epoch_bits: 8,
        }
    }

    /// Whether no frame may be lost to an add or an update: when nobody sends with an epoch that
    /// another has not got yet, or when frames of it wait.
    pub(crate) fn covers_changes(&self) -> bool {
        self.holding || self.delay >= self.spread
    }

    /// What the oracle needs to know of them.
    pub(crate) fn rules(&self) -> Rules {
        let overlap = self.policy.removal_overlap().as_millis();
        Rules {
            delay: self.delay,
            overlap: Millis::try_from(overlap).unwrap_or(Millis::MAX),
            epoch_bits: self.epoch_bits,
        }
    }
}
