//! A stream that we send: one context, and its key in the epoch that it sends in.
//!
//! Under `mls/`. Each stream counts for itself, so streams need not wait for one another, and a
//! context is never given out twice in an epoch (RFC 9605 §5.2).

use crate::config::SendConfig;
use crate::encryption_key::{EncryptionKey, Ledger};
use crate::error::Error;
use crate::frame_key::FrameKey;
use crate::header::KeyId;
use crate::key_schedule::EpochSecret;
use crate::sending_counter::SendingCounter;
use crate::time::Timestamp;
use crate::usage::UsageLimits;

use super::roster::Serial;

/// Names a stream that we send, of the manager that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub(crate) u64);

impl StreamId {
    /// The context that key ids of the stream carry (RFC 9605 §5.2).
    #[must_use]
    pub const fn context(self) -> u64 {
        self.0
    }
}

/// What a stream carries, which decides when it can move to a new epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StreamKind {
    /// Every frame can be decoded by itself, as with audio.
    #[default]
    Independent,
    /// Frames need earlier ones, back to a key frame, as with video.
    KeyFrames,
}

/// Where sending is and may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Targets {
    pub(crate) current: Option<Serial>,
    pub(crate) eligible: Option<Serial>,
}

#[derive(Debug)]
pub(crate) struct StreamCore {
    kind: StreamKind,
    /// Whether the next frame is a key frame.
    key_frame: bool,
    /// Whether it came to its epoch from an earlier one, and no frame since was marked as a key
    /// frame.
    owes_key_frame: bool,
    /// Epochs up to this one must not be used: another stream had this context in them.
    used_up: Serial,
    key: Option<(Serial, EncryptionKey)>,
}

/// What a stream has to tell. Apart from its key, so that whoever asks need not wait for a frame
/// that is being sealed.
#[derive(Debug, Default)]
pub(crate) struct StreamNotes {
    /// When the last frame was sealed, until that has been asked.
    sent_at: Option<Timestamp>,
    /// The key id whose limits are near, until that has been told.
    near_limit: Option<KeyId>,
    told_near: Option<KeyId>,
}

impl StreamNotes {
    /// A frame was sealed; with the key id, if its limits are near.
    #[inline]
    pub(crate) fn sent(&mut self, now: Timestamp, near_limit: Option<KeyId>) {
        self.sent_at = Some(now);
        self.near_limit = near_limit.or(self.near_limit);
    }

    /// The key whose limits are near, once.
    pub(crate) fn take_near_limit(&mut self) -> Option<KeyId> {
        let near = self.near_limit.take();
        if near == self.told_near {
            return None;
        }
        self.told_near = near.or(self.told_near);
        near
    }

    /// Whether a limit is near, of which nobody has been told.
    pub(crate) fn has_near_limit(&self) -> bool {
        self.near_limit.is_some() && self.near_limit != self.told_near
    }

    /// Whether a frame was sealed since this was last asked.
    pub(crate) fn has_sent(&self) -> bool {
        self.sent_at.is_some()
    }

    /// When the last frame was sealed, if one was since this was last asked.
    pub(crate) fn take_sent_at(&mut self) -> Option<Timestamp> {
        self.sent_at.take()
    }
}

impl StreamCore {
    pub(crate) fn new(kind: StreamKind, used_up: Serial) -> Self {
        Self {
            kind,
            key_frame: false,
            owes_key_frame: false,
            used_up,
            key: None,
        }
    }

    /// The epoch that the next frame is sent in; `None` before there is one.
    #[inline]
    pub(crate) fn target(&self, targets: Targets) -> Option<Serial> {
        let wait = self.kind == StreamKind::KeyFrames && !self.key_frame;
        let target = if wait {
            targets.current
        } else {
            targets.eligible.max(targets.current)
        };
        // Never down again.
        let here = self.key.as_ref().map(|(serial, _)| *serial);
        target.max(here).filter(|serial| *serial > self.used_up)
    }

    /// Whether the stream has sent, and has not come to this epoch with a key frame: who joined
    /// then cannot decode what comes.
    pub(crate) fn is_behind(&self, serial: Serial) -> bool {
        match &self.key {
            Some((here, _)) => *here < serial || self.owes_key_frame,
            // Its key was wiped with its epoch.
            None => self.used_up > 0,
        }
    }

    pub(crate) fn mark_key_frame(&mut self) {
        self.key_frame = true;
    }

    /// The key, if it is that of this epoch.
    #[inline]
    pub(crate) fn key_in(&mut self, serial: Serial) -> Option<&mut EncryptionKey> {
        match &mut self.key {
            Some((here, key)) if *here == serial => Some(key),
            _ => None,
        }
    }

    /// Moves to a newer epoch; the old key is wiped.
    pub(crate) fn enter(
        &mut self,
        serial: Serial,
        key_id: KeyId,
        secret: &EpochSecret,
        config: &SendConfig,
    ) -> Result<(), Error> {
        if serial <= self.used_up {
            return Err(Error::NoSendingKey);
        }
        let key = FrameKey::of_epoch(config.backend, key_id, secret)?;
        let ledger = Ledger::new(SendingCounter::volatile());
        self.owes_key_frame = self.leave() > 0;
        self.key = Some((
            serial,
            EncryptionKey::from_parts(key, ledger, config.limits),
        ));
        Ok(())
    }

    /// A frame was sealed; the key id, if its limits are near.
    #[inline]
    pub(crate) fn sent(&mut self, limits: UsageLimits) -> Option<KeyId> {
        if core::mem::take(&mut self.key_frame) {
            self.owes_key_frame = false;
        }
        let (_, key) = self.key.as_ref()?;
        let status = key.status();
        limits
            .near(status.frames, status.bytes)
            .then_some(key.key_id())
    }

    /// The sending key, to look at.
    pub(crate) fn key(&self) -> Option<&EncryptionKey> {
        self.key.as_ref().map(|(_, key)| key)
    }

    /// Wipes the key if its epoch is gone.
    pub(crate) fn leave_unless(&mut self, live: impl FnOnce(Serial) -> bool) {
        if self.key.as_ref().is_some_and(|(serial, _)| !live(*serial)) {
            self.leave();
        }
    }

    /// Wipes the key, and never sends in its epoch or before it again; the last epoch that is used
    /// up.
    pub(crate) fn leave(&mut self) -> Serial {
        if let Some((serial, _)) = &self.key {
            self.used_up = self.used_up.max(*serial);
        }
        self.key = None;
        self.used_up
    }
}
