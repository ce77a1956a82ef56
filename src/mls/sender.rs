//! One stream of another member in one epoch: its key, its replay window, and what it did.
//!
//! Under `mls/`. A sender gets a place here with the first frame that authenticates. The expanded
//! key may be dropped and derived again; the window stays until the epoch retires.

use crate::config::ReceiveConfig;
use crate::decryption_key::{Opened, ReceiveState};
use crate::error::Error;
use crate::frame_key::FrameKey;
use crate::header::{Counter, KeyId};
use crate::member::{EpochId, MemberId};
use crate::replay::WindowBits;
use crate::stats::FrameStats;
use crate::status::Failing;
use crate::storage::Storage;
use crate::time::Timestamp;

use super::roster::Serial;
use super::storage::CallStorage;

/// A frame of a member that has authenticated and is decrypted.
///
/// The member is whose key sealed it. All members of a group can derive that key, so any of them
/// could have (RFC 9605 §7.2).
#[derive(PartialEq, Eq)]
#[non_exhaustive]
pub struct Received<'b> {
    /// The plaintext, a part of the buffer that was given.
    pub payload: &'b mut [u8],
    /// The key id of the frame.
    pub key_id: KeyId,
    /// The number of the frame under that key id.
    pub counter: Counter,
    /// Whose key sealed it.
    pub member: MemberId,
    /// Which stream of the member.
    pub context: u64,
    /// Under which epoch.
    pub epoch: EpochId,
}

impl core::fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Not the payload: what is logged is not end-to-end protected any more.
        f.debug_struct("Received")
            .field("payload_len", &self.payload.len())
            .field("key_id", &self.key_id)
            .field("counter", &self.counter)
            .field("member", &self.member)
            .field("context", &self.context)
            .field("epoch", &self.epoch)
            .finish()
    }
}

/// Who a frame claims to be from, as far as it can be without a key: a member of a live epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) serial: Serial,
    pub(crate) key_id: KeyId,
    pub(crate) member: MemberId,
    pub(crate) context: u64,
    pub(crate) epoch: EpochId,
}

impl Claim {
    /// The claim has been proved.
    #[inline]
    pub(crate) fn received<'b>(&self, payload: &'b mut [u8], counter: Counter) -> Received<'b> {
        Received {
            payload,
            key_id: self.key_id,
            counter,
            member: self.member,
            context: self.context,
            epoch: self.epoch,
        }
    }

    #[inline]
    pub(crate) fn opened<'b>(&self, opened: Opened<'b>) -> Received<'b> {
        let Opened {
            payload, counter, ..
        } = opened;
        self.received(payload, counter)
    }
}

pub(crate) type Window<S> = <<S as CallStorage>::Senders as Storage>::Window;

pub(crate) struct Sender<S: CallStorage> {
    pub(crate) claim: Claim,
    /// `None` when it was dropped to make room for others.
    pub(crate) key: Option<S::Ptr<FrameKey>>,
    pub(crate) state: S::Lock<SenderState<Window<S>>>,
}

/// What changes with every frame.
#[derive(Debug)]
pub(crate) struct SenderState<B> {
    pub(crate) receive: ReceiveState<B>,
    heard: Option<Timestamp>,
    failing: Option<Failing>,
    /// What has been taken over into the statistics of member and epoch.
    folded: FrameStats,
}

impl<B: WindowBits> SenderState<B> {
    pub(crate) fn new(config: &ReceiveConfig, bits: Option<B>) -> Self {
        Self {
            receive: ReceiveState::new(config, bits),
            heard: None,
            failing: None,
            folded: FrameStats::default(),
        }
    }

    /// Takes note of the outcome of a frame that named this sender.
    #[inline]
    pub(crate) fn note<T>(&mut self, now: Timestamp, outcome: &Result<T, Error>) {
        match outcome {
            Ok(_) => {
                self.heard = self.heard.max(Some(now));
                self.failing = None;
            }
            Err(Error::Authentication) => {
                let failing = Failing::at(now);
                self.failing = Some(self.failing.map_or(failing, |before| before.and(failing)));
            }
            Err(_) => {}
        }
    }

    /// When the last frame authenticated.
    pub(crate) fn heard(&self) -> Option<Timestamp> {
        self.heard
    }

    /// What happened since the last call of this, if anything did.
    pub(crate) fn fold(&mut self) -> Option<(FrameStats, Option<Failing>)> {
        if !self.has_news() {
            return None;
        }
        let news = self.unfolded();
        self.folded = self.total();
        Some((news, self.failing))
    }

    /// The same, to look at.
    pub(crate) fn unfolded(&self) -> FrameStats {
        self.total().since(&self.folded)
    }

    /// Whether anything happened since the last call of [`Self::fold`].
    pub(crate) fn has_news(&self) -> bool {
        let folded = &self.folded;
        let counts = (folded.opened, folded.failed_opens, folded.replayed);
        self.receive.counts() != counts || self.heard != folded.last_authenticated
    }

    fn total(&self) -> FrameStats {
        let (opened, failed_opens, replayed) = self.receive.counts();
        FrameStats {
            opened,
            failed_opens,
            replayed,
            last_authenticated: self.heard,
            ..FrameStats::default()
        }
    }
}
