//! What servers still see of a call that is end-to-end encrypted: an inventory for the people in it.
//!
//! Top layer, the call. SFrame hides what is said and shown. It does not hide its own header, sizes
//! or timing (RFC 9605 §7.1), and what a key id tells depends on how keys are numbered (§9.2). The
//! inventory is made from the configuration that is in use, so it changes when that does.
//!
//! "Visible" means to the servers that forward the frames. Transport encryption hides all of it
//! from the networks in between, but for sizes, timing and addresses.
//!
//! ```
//! use frameseal::{CipherSuite, Keying, KidLayout, VisibleConfig, VisibleId, VisibleMetadata};
//!
//! let suite = CipherSuite::Aes128GcmSha256_128;
//! let config = VisibleConfig::new(suite, Keying::Mls(KidLayout::STANDARD)).with_clear_bytes(10);
//! let inventory = VisibleMetadata::new(config);
//! for item in inventory.items().filter(|item| item.visible) {
//!     println!("- {}", item.text);
//! }
//! assert!(inventory.item(VisibleId::SenderIndex).visible);
//! assert_eq!(inventory.item(VisibleId::ClearBytes).amount, Some(10));
//! assert!(!inventory.item(VisibleId::MediaInTheClear).visible);
//! ```

#[cfg(feature = "json")]
use alloc::string::String;

use crate::cipher_suite::CipherSuite;
use crate::encryptor::EncryptorCore;
#[cfg(feature = "json")]
use crate::json::Object;
use crate::keying::Keying;
use crate::mls::{CallStorage, EpochConfig, EpochManagerCore};
use crate::sender_keys::SendingChain;
use crate::storage::Storage;
use crate::time::Timestamp;

/// The configuration that decides what servers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VisibleConfig {
    /// The cipher suite.
    pub suite: CipherSuite,
    /// How key ids are made.
    pub keying: Keying,
    /// The most bytes of a frame that the application leaves in the clear, such as codec headers.
    pub clear_bytes: usize,
    /// Senders, ourselves included, who may pass in the clear now.
    pub passthrough_senders: usize,
}

impl VisibleConfig {
    /// Nothing in the clear.
    #[must_use]
    pub const fn new(suite: CipherSuite, keying: Keying) -> Self {
        Self {
            suite,
            keying,
            clear_bytes: 0,
            passthrough_senders: 0,
        }
    }

    /// The same with so many bytes of each frame in the clear.
    #[must_use]
    pub const fn with_clear_bytes(mut self, bytes: usize) -> Self {
        self.clear_bytes = bytes;
        self
    }

    /// The same with so many senders who may pass in the clear, ourselves included.
    #[must_use]
    pub const fn with_passthrough_senders(mut self, senders: usize) -> Self {
        self.passthrough_senders = senders;
        self
    }
}

impl<S: Storage> From<&EncryptorCore<S>> for VisibleConfig {
    /// With [`Keying::Plain`], since the application numbers the keys of an encryptor itself.
    fn from(encryptor: &EncryptorCore<S>) -> Self {
        Self::new(encryptor.suite(), Keying::Plain)
    }
}

impl From<&SendingChain> for VisibleConfig {
    fn from(chain: &SendingChain) -> Self {
        Self::new(chain.suite(), Keying::SenderKeys(chain.ratchet_bits()))
    }
}

impl From<&EpochConfig> for VisibleConfig {
    /// Where the bits of the index follow the leaves, with the most that there can be.
    fn from(config: &EpochConfig) -> Self {
        Self::new(config.suite, Keying::Mls(config.widest_layout()))
    }
}

impl<S: CallStorage> EpochManagerCore<S> {
    /// What decides what servers see of this call now, who may pass in the clear included.
    #[must_use]
    pub fn visible_config(&self, now: Timestamp) -> VisibleConfig {
        let passthrough = self.monitor.passthrough_senders(now);
        let newest = self.epochs.newest().map(|(_, newest)| newest.layout);
        let layout = newest.unwrap_or_else(|| self.config.widest_layout());
        VisibleConfig::new(self.config.suite, Keying::Mls(layout))
            .with_passthrough_senders(passthrough)
    }
}

/// Something that a server may see. The names do not change from version to version; more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VisibleId {
    /// The key id of each frame.
    KeyIds,
    /// The leaf index of the sender in the key id. Amount: its bits.
    SenderIndex,
    /// The low bits of the epoch's number in the key id. Amount: the bits.
    EpochCount,
    /// The context in the key id. Amount: the bits that are left for it.
    StreamContext,
    /// The generation of the sender's key in the key id.
    Generation,
    /// The ratchet step in the key id. Amount: its bits.
    RatchetSteps,
    /// The counter of each frame.
    FrameCounters,
    /// The size of each frame.
    FrameSizes,
    /// The time of each frame.
    Timing,
    /// The bytes that the suite adds. Amount: those of the tag.
    SuiteOverhead,
    /// Bytes of frames that the application leaves in the clear. Amount: the most of one frame.
    ClearBytes,
    /// Whole frames of senders who may pass in the clear. Amount: how many senders.
    MediaInTheClear,
    /// Who takes part.
    Membership,
    /// What the transport adds.
    TransportHeaders,
    /// Network addresses.
    NetworkAddresses,
}

/// One line of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VisibleItem {
    /// What it is about.
    pub id: VisibleId,
    /// What a product can show, in English: what servers see if this is visible.
    pub text: &'static str,
    /// Whether they see it now.
    pub visible: bool,
    /// How much, in the unit that [`VisibleId`] names.
    pub amount: Option<u64>,
}

/// The inventory of what servers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleMetadata {
    config: VisibleConfig,
}

impl VisibleMetadata {
    /// The inventory of this configuration.
    #[must_use]
    pub const fn new(config: VisibleConfig) -> Self {
        Self { config }
    }

    /// What it was made from.
    #[must_use]
    pub const fn config(&self) -> &VisibleConfig {
        &self.config
    }

    /// Every line, visible or not, always in the same order.
    pub fn items(&self) -> impl Iterator<Item = VisibleItem> + use<> {
        let inventory = *self;
        VisibleId::ALL.into_iter().map(move |id| inventory.item(id))
    }

    /// One line.
    #[must_use]
    pub fn item(&self, id: VisibleId) -> VisibleItem {
        let (visible, amount) = self.state(id);
        VisibleItem {
            id,
            text: id.text(),
            visible,
            amount,
        }
    }

    /// Whether it is visible, and how much of it.
    fn state(&self, id: VisibleId) -> (bool, Option<u64>) {
        use VisibleId as Id;

        let bits = |bits: u32| (bits > 0, Some(u64::from(bits)));
        let count = |count: usize| (count > 0, Some(count as u64));
        match (id, self.config.keying) {
            (Id::SenderIndex, Keying::Mls(layout)) => bits(layout.index_bits()),
            (Id::EpochCount, Keying::Mls(layout)) => bits(layout.epoch_bits()),
            (Id::StreamContext, Keying::Mls(layout)) => bits(layout.context_bits()),
            (Id::RatchetSteps, Keying::SenderKeys(ratchet)) => bits(ratchet.bits()),
            (Id::Generation, Keying::SenderKeys(_)) => (true, None),
            (
                Id::SenderIndex
                | Id::EpochCount
                | Id::StreamContext
                | Id::RatchetSteps
                | Id::Generation,
                _,
            ) => (false, None),
            (Id::SuiteOverhead, _) => (true, Some(self.config.suite.tag_len() as u64)),
            (Id::ClearBytes, _) => count(self.config.clear_bytes),
            (Id::MediaInTheClear, _) => count(self.config.passthrough_senders),
            (
                Id::KeyIds
                | Id::FrameCounters
                | Id::FrameSizes
                | Id::Timing
                | Id::Membership
                | Id::TransportHeaders
                | Id::NetworkAddresses,
                _,
            ) => (true, None),
        }
    }

    /// The inventory as one JSON object: `format`, `version`, `cipher_suite`, `keying`, and the
    /// list `items` with `id`, `visible`, `amount` (a number or null) and `text`.
    #[cfg(feature = "json")]
    #[must_use]
    pub fn to_json(&self) -> String {
        let items = self.items().map(|item| {
            Object::new()
                .text("id", item.id.name())
                .truth("visible", item.visible)
                .optional("amount", item.amount)
                .text("text", item.text)
        });
        Object::new()
            .text("format", "frameseal visible metadata")
            .number("version", 1)
            .text("cipher_suite", self.config.suite.name())
            .text("keying", self.config.keying.name())
            .list("items", items)
            .finish()
    }
}

impl VisibleId {
    /// All of them, in the order of the inventory.
    pub const ALL: [Self; 15] = [
        Self::KeyIds,
        Self::SenderIndex,
        Self::EpochCount,
        Self::StreamContext,
        Self::Generation,
        Self::RatchetSteps,
        Self::FrameCounters,
        Self::FrameSizes,
        Self::Timing,
        Self::SuiteOverhead,
        Self::ClearBytes,
        Self::MediaInTheClear,
        Self::Membership,
        Self::TransportHeaders,
        Self::NetworkAddresses,
    ];

    /// A stable name for records and translations, for example `sender-index`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyIds => "key-ids",
            Self::SenderIndex => "sender-index",
            Self::EpochCount => "epoch-count",
            Self::StreamContext => "stream-context",
            Self::Generation => "generation",
            Self::RatchetSteps => "ratchet-steps",
            Self::FrameCounters => "frame-counters",
            Self::FrameSizes => "frame-sizes",
            Self::Timing => "timing",
            Self::SuiteOverhead => "suite-overhead",
            Self::ClearBytes => "clear-bytes",
            Self::MediaInTheClear => "media-in-the-clear",
            Self::Membership => "membership",
            Self::TransportHeaders => "transport-headers",
            Self::NetworkAddresses => "network-addresses",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::KeyIds => "Which key protects each frame, as a number.",
            Self::SenderIndex => "Which member of the group sent each frame, as a number.",
            Self::EpochCount => "That and when the group changed its keys, as when somebody joins.",
            Self::StreamContext => {
                "Which stream of its sender each frame belongs to, such as camera or screen."
            }
            Self::Generation => "How often each sender began a new key, as when somebody leaves.",
            Self::RatchetSteps => {
                "How often each sender moved its key forward, as when somebody joins."
            }
            Self::FrameCounters => "How many frames each sender has made with its key.",
            Self::FrameSizes => {
                "The exact size of each frame, which differs between speech and silence, and \
                 between a still and a moving picture. Nothing is padded."
            }
            Self::Timing => "When each frame is sent, and so who speaks when and for how long.",
            Self::SuiteOverhead => {
                "How many bytes encryption adds to each frame, which hints at the cipher suite."
            }
            Self::ClearBytes => {
                "Some bytes of each frame that servers need to read, such as codec headers."
            }
            Self::MediaInTheClear => {
                "Everything that some senders say and show: they use transport encryption only."
            }
            Self::Membership => {
                "Who takes part, and when they join and leave: the delivery service connects them."
            }
            Self::TransportHeaders => {
                "What the transport puts around each frame, such as stream numbers, time stamps \
                 and, where they are sent, audio levels."
            }
            Self::NetworkAddresses => "The network address of each device that connects to them.",
        }
    }
}
