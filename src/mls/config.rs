//! What an application chooses for a call with MLS, with safe defaults.
//!
//! Under `mls/`. It starts from the defaults and is changed by name, so a choice that weakens
//! something is visible in the code that makes it.

use core::ops::Range;
use core::time::Duration;

use crate::cipher_suite::CipherSuite;
use crate::config::{ReceiveConfig, SendConfig};
use crate::error::Error;
use crate::holding::HoldingConfig;
use crate::kid_layout::KidLayout;
use crate::monitor::DEFAULT_STALE_AFTER;
use crate::policy::Policy;

/// When sending moves to a new epoch. A removal moves it at once, whatever is chosen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendSwitch {
    /// When all members have acknowledged it (`peer_ready`), or after this time at the latest.
    WhenReady(Duration),
    /// After this time, whatever was acknowledged.
    After(Duration),
    /// At the first key frame of a video stream after the first time, or at the second one at the
    /// latest; streams without key frames at the first. At once when all have acknowledged it.
    AtKeyFrame(Duration, Duration),
    /// When the application says so (`activate`), and never by itself.
    WhenTold,
}

impl SendSwitch {
    /// From when on sending may move, and by when it must.
    pub(crate) fn delays(self) -> (Duration, Duration) {
        match self {
            Self::WhenReady(delay) | Self::After(delay) => (delay, delay),
            Self::AtKeyFrame(from, by) => (from.min(by), by),
            Self::WhenTold => (Duration::MAX, Duration::MAX),
        }
    }
}

/// How a call with MLS is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EpochConfig {
    /// The cipher suite of all frames.
    pub suite: CipherSuite,
    /// The fields of a key id; all members use the same.
    pub layout: KidLayout,
    /// Whether each epoch's index bits are the smallest for its leaf count (RFC 9605 §5.2) instead
    /// of those of `layout`.
    pub index_bits_by_leaves: bool,
    /// What the call insists on.
    pub policy: Policy,
    /// When sending moves to a new epoch.
    pub send_switch: SendSwitch,
    /// How long frames of an epoch are accepted after sending moved on.
    pub retire_after: Duration,
    /// How long frames of older epochs are accepted after a removal.
    pub removal_overlap: Duration,
    /// Epochs that may be live at once; the oldest one retires for a new one.
    pub max_epochs: usize,
    /// Contexts that this manager gives to its streams. A second manager for the same member must
    /// have others.
    pub own_contexts: Range<u64>,
    /// Contexts that are accepted of each member: those below this number.
    pub streams_per_member: u64,
    /// Whether frames of our own index are opened, as for a test call with oneself.
    pub loopback: bool,
    /// How sending keys are set up.
    pub send: SendConfig,
    /// How receiving keys are set up.
    pub receive: ReceiveConfig,
    /// Receiving keys that are kept expanded, at best more than there are active senders: a key
    /// beyond it is derived again when it is needed, after a search for the one to drop. Its replay
    /// window stays.
    pub max_cached_keys: usize,
    /// After how long without a frame a status expires.
    pub stale_after: Duration,
}

impl EpochConfig {
    /// The defaults: [`KidLayout::STANDARD`], [`Policy::Standard`], sending with a new epoch when
    /// all members are ready or after 2 seconds, old epochs kept for 10 seconds and for 2 after a
    /// removal, 256 epochs, 16 streams for each member, 4,096 keys expanded; a status expires after
    /// 10 seconds.
    #[must_use]
    pub const fn new(suite: CipherSuite) -> Self {
        Self {
            suite,
            layout: KidLayout::STANDARD,
            index_bits_by_leaves: false,
            policy: Policy::Standard,
            send_switch: SendSwitch::WhenReady(Duration::from_secs(2)),
            retire_after: Duration::from_secs(10),
            removal_overlap: Policy::Standard.removal_overlap(),
            max_epochs: 256,
            own_contexts: 0..16,
            streams_per_member: 16,
            loopback: false,
            send: SendConfig::standard(),
            receive: ReceiveConfig::for_suite(suite),
            max_cached_keys: 4096,
            stale_after: DEFAULT_STALE_AFTER,
        }
    }

    /// The same under another policy, with its removal overlap: to be called before
    /// [`Self::with_overlaps`].
    #[must_use]
    pub const fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self.removal_overlap = policy.removal_overlap();
        self
    }

    /// The same with another layout of key ids.
    #[must_use]
    pub const fn with_layout(mut self, layout: KidLayout) -> Self {
        self.layout = layout;
        self
    }

    /// The same with the index bits of each epoch sized by its leaf count.
    #[must_use]
    pub const fn with_index_bits_by_leaves(mut self) -> Self {
        self.index_bits_by_leaves = true;
        self
    }

    /// The same with another time at which sending moves.
    #[must_use]
    pub const fn with_send_switch(mut self, send_switch: SendSwitch) -> Self {
        self.send_switch = send_switch;
        self
    }

    /// The same with other times for which old epochs are accepted: after sending moved on, and
    /// after a removal.
    #[must_use]
    pub const fn with_overlaps(mut self, retire_after: Duration, removal: Duration) -> Self {
        self.retire_after = retire_after;
        self.removal_overlap = removal;
        self
    }

    /// The same with other contexts for this manager's streams, and for what is accepted.
    #[must_use]
    pub fn with_contexts(mut self, own: Range<u64>, streams_per_member: u64) -> Self {
        self.own_contexts = own;
        self.streams_per_member = streams_per_member;
        self
    }

    /// The same with another number of live epochs.
    #[must_use]
    pub const fn with_max_epochs(mut self, max_epochs: usize) -> Self {
        self.max_epochs = max_epochs;
        self
    }

    /// The same with another number of keys that are kept expanded.
    #[must_use]
    pub const fn with_max_cached_keys(mut self, max_cached_keys: usize) -> Self {
        self.max_cached_keys = max_cached_keys;
        self
    }

    /// The same, opening frames of our own index.
    #[must_use]
    pub const fn with_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// The same with other settings for keys.
    #[must_use]
    pub const fn with_keys(mut self, send: SendConfig, receive: ReceiveConfig) -> Self {
        self.send = send;
        self.receive = receive;
        self
    }

    /// The same with another time after which a status expires.
    #[must_use]
    pub const fn with_stale_after(mut self, stale_after: Duration) -> Self {
        self.stale_after = stale_after;
        self
    }

    /// Limits for a [`HoldingBufferCore`](crate::HoldingBufferCore) of this call, with a quota for
    /// each sender index of an epoch: whoever names many contexts of one member takes no more.
    ///
    /// With [`Self::with_index_bits_by_leaves`] the index has other bits in other epochs, so each
    /// key id has a quota of its own, unless [`HoldingConfig::with_layout`] is given one.
    #[must_use]
    pub const fn holding_config(&self) -> HoldingConfig {
        let config = HoldingConfig::for_suite(self.suite);
        if self.index_bits_by_leaves {
            return config;
        }
        config.with_layout(self.layout)
    }

    /// The layout with the most bits of index that an epoch can have.
    pub(crate) fn widest_layout(&self) -> KidLayout {
        let widest = KidLayout::new(self.layout.epoch_bits(), 32);
        match widest {
            Ok(widest) if self.index_bits_by_leaves => widest,
            _ => self.layout,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.policy.check_suite(self.suite)?;
        if self.policy == Policy::Strict && self.removal_overlap > Duration::ZERO {
            return Err(Error::InvalidArgument(
                "the strict policy has no overlap after a removal",
            ));
        }
        if self.max_epochs == 0 || self.own_contexts.is_empty() || self.max_cached_keys == 0 {
            return Err(Error::InvalidArgument(
                "at least one epoch, one context and one key are needed",
            ));
        }
        // Both ends of what may ever be written into a key id.
        let highest = self.own_contexts.end.max(self.streams_per_member);
        let highest = highest.saturating_sub(1);
        self.layout.key_id(0, 0, highest).map(|_| ())
    }

    /// The layout of an epoch.
    pub(crate) fn layout_for(&self, leaf_count: u32) -> Result<KidLayout, Error> {
        if self.index_bits_by_leaves {
            return KidLayout::for_leaves(self.layout.epoch_bits(), leaf_count);
        }
        if u64::from(leaf_count) > self.layout.leaves() {
            return Err(Error::InvalidArgument(
                "the tree has more leaves than a key id has indexes",
            ));
        }
        Ok(self.layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holding_buffer_of_the_call_has_its_suite_and_layout() {
        let suite = CipherSuite::Aes256GcmSha512_128;
        let config = EpochConfig::new(suite).with_layout(KidLayout::new(4, 6).unwrap());
        let expected = HoldingConfig::for_suite(suite).with_layout(config.layout);
        assert_eq!(config.holding_config(), expected);
        let by_leaves = config.with_index_bits_by_leaves();
        assert_eq!(by_leaves.holding_config(), HoldingConfig::for_suite(suite));
    }
}
