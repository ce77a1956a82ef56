//! How much a holding buffer holds, for whom and how long; and what it has done.
//!
//! Under `holding/`. The limits are what keeps a forger, who can name any key id, from using memory
//! without end or the places of others.

use core::time::Duration;

use crate::cipher_suite::CipherSuite;
use crate::header::KeyId;
use crate::kid_layout::KidLayout;

/// The most frames that a growing buffer is ever made for, 65,536.
pub const MAX_HELD_FRAMES: usize = 1 << 16;

/// What a holding buffer takes. Bytes are those of frames and their metadata together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HoldingConfig {
    /// The suite of the call: what is shorter than its tag is not held.
    pub suite: CipherSuite,
    /// Whose a frame is: with a layout, that of its epoch bits and sender index; without one, that
    /// of its key id.
    pub layout: Option<KidLayout>,
    /// Frames in all, at most [`MAX_HELD_FRAMES`] or the fixed capacity.
    pub max_frames: usize,
    /// Bytes in all.
    pub max_bytes: usize,
    /// Frames of one sender.
    pub sender_frames: usize,
    /// Bytes of one sender.
    pub sender_bytes: usize,
    /// How long a frame is held.
    pub max_age: Duration,
}

impl HoldingConfig {
    /// The defaults: 2 seconds, 1,024 frames and 4 MiB in all, 128 frames and 512 KiB for each key
    /// id. One sender's video at 2 Mbit/s and audio fit for a second and a half.
    #[must_use]
    pub const fn for_suite(suite: CipherSuite) -> Self {
        Self {
            suite,
            layout: None,
            max_frames: 1024,
            max_bytes: 4 << 20,
            sender_frames: 128,
            sender_bytes: 512 << 10,
            max_age: Duration::from_secs(2),
        }
    }

    /// The same with quotas for each sender index and epoch of MLS, whatever the context.
    #[must_use]
    pub const fn with_layout(mut self, layout: KidLayout) -> Self {
        self.layout = Some(layout);
        self
    }

    /// The same with other limits for all frames together.
    #[must_use]
    pub const fn with_limits(mut self, frames: usize, bytes: usize) -> Self {
        self.max_frames = frames;
        self.max_bytes = bytes;
        self
    }

    /// The same with other limits for the frames of one sender.
    #[must_use]
    pub const fn with_sender_limits(mut self, frames: usize, bytes: usize) -> Self {
        self.sender_frames = frames;
        self.sender_bytes = bytes;
        self
    }

    /// The same with another age at which frames are dropped.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Whose quota a frame counts against.
    pub(super) fn sender_of(&self, key_id: KeyId) -> u64 {
        match self.layout {
            Some(layout) => {
                let parts = layout.parts(key_id);
                (u64::from(parts.index) << layout.epoch_bits()) | parts.epoch_bits
            }
            None => key_id.value(),
        }
    }
}

/// What a holding buffer holds and has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HoldingStats {
    /// Frames that wait now.
    pub frames: usize,
    /// Bytes that wait now, metadata included.
    pub bytes: usize,
    /// Frames that were taken in.
    pub held: u64,
    /// Frames that were given back when their key had come.
    pub released: u64,
    /// Frames that were dropped because their key did not come in time.
    pub expired: u64,
    /// Frames that were refused because a limit was reached.
    pub refused: u64,
}
