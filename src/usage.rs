//! How much one key may protect, and how many forgeries may be tried against it.
//!
//! Third layer. RFC 9605 names no limits; these follow draft-irtf-cfrg-aead-limits, whose bounds
//! for one key are: confidentiality, `p = σ² / 2^129` for `σ` blocks of AES altogether; forgery,
//! `p = v / 2^(8 Nt)` for `v` failed opens under a tag of `Nt` bytes with HMAC, and about
//! `p = v (L + 1) / 2^(8 Nt)` with GCM, where the longest frame has `L` blocks of 16 bytes,
//! metadata included.

use crate::cipher_suite::CipherSuite;
use crate::error::Error;
use crate::header::KeyId;

/// Limits for each sending key, which stops when it reaches one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageLimits {
    /// Frames that may be encrypted under one key.
    pub frames: u64,
    /// Bytes that may be encrypted under one key, each frame rounded up to blocks of 16 bytes and
    /// counted with one block more.
    pub bytes: u64,
}

impl UsageLimits {
    /// The limits that are used when none are given.
    ///
    /// - bytes: 2^38, that is 2^34 blocks, for a distinguishing advantage of 2^-61: six days of
    ///   video at 4 Mbit/s
    /// - frames: 2^32, more than a year of audio at 100 frames a second
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            frames: 1 << 32,
            bytes: 1 << 38,
        }
    }

    /// The same limits with another number of frames.
    #[must_use]
    pub const fn with_frames(mut self, frames: u64) -> Self {
        self.frames = frames;
        self
    }

    /// Whether seven eighths of a limit are used.
    #[inline]
    pub(crate) const fn near(self, frames: u64, bytes: u64) -> bool {
        frames >= self.frames - self.frames / 8 || bytes >= self.bytes - self.bytes / 8
    }

    /// The same limits with another number of bytes.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }
}

/// Failed opens of one key that raise the forgery alarm when no other number is given.
///
/// 2^22 for tags of 32 bits: a forgery has then succeeded with a probability of 2^-10. 2^34 for 64
/// bits (2^-30), 2^40 for 80 bits (2^-40) and for the 128 bits of GCM (below 2^-50 for the longest
/// frame that there can be, of 2^32 blocks).
pub(crate) const fn default_failed_opens(suite: CipherSuite) -> u64 {
    match suite.tag_len() {
        4 => 1 << 22,
        8 => 1 << 34,
        _ => 1 << 40,
    }
}

/// What happens when a key has seen as many failed opens as its configuration allows.
///
/// Anybody who can send bytes can cause failed opens, so stopping a key lets an attacker stop it;
/// with a tag of 32 bits that can still be the better choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ForgeryPolicy {
    /// Raise the forgery alarm once, and go on.
    #[default]
    Signal,
    /// Raise the alarm and refuse every further frame of the key with [`Error::Policy`].
    StopKey,
}

/// What a sending key has protected so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Usage {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
}

impl Usage {
    /// What the usage is after one more frame.
    ///
    /// # Errors
    /// [`Error::UsageLimit`] when a limit forbids that frame.
    #[inline(always)]
    pub(crate) fn after(
        self,
        payload_len: usize,
        limits: UsageLimits,
        key_id: KeyId,
    ) -> Result<Self, Error> {
        let blocks = (payload_len as u64).div_ceil(16).saturating_add(1);
        let charged = blocks.saturating_mul(16);
        let next = Self {
            frames: self.frames.saturating_add(1),
            bytes: self.bytes.saturating_add(charged),
        };
        if next.frames > limits.frames || next.bytes > limits.bytes {
            return Err(Error::UsageLimit(key_id));
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: UsageLimits = UsageLimits {
        frames: 3,
        bytes: 100,
    };

    #[test]
    fn a_frame_is_charged_in_blocks_with_one_more() {
        let charged = |len| Usage::default().after(len, LIMITS, KeyId::new(0)).unwrap();
        for (len, bytes) in [(0, 16), (1, 32), (15, 32), (16, 32), (17, 48), (32, 48)] {
            assert_eq!(charged(len).bytes, bytes, "{len} bytes");
        }
    }

    #[test]
    fn each_limit_refuses_the_first_frame_beyond_it() {
        let id = KeyId::new(7);
        let mut usage = Usage::default();
        for _ in 0..3 {
            usage = usage.after(1, LIMITS, id).unwrap();
        }
        assert_eq!(usage.after(0, LIMITS, id), Err(Error::UsageLimit(id)));

        let usage = Usage::default().after(80, LIMITS, id).unwrap();
        assert_eq!(usage.bytes, 96);
        assert_eq!(usage.after(0, LIMITS, id), Err(Error::UsageLimit(id)));
        assert!(Usage::default().after(85, LIMITS, id).is_err());
    }
}
