//! Frames in the clear: an exception that the application makes by name, for one sender and one
//! direction, for a limited time.
//!
//! A low layer, under `monitor.rs`. For upgrades and downgrades with clients that cannot encrypt
//! yet. Once frames of a sender have been end-to-end encrypted, its door is closed for good: what
//! a server sends must not be able to open it again. Only the application can, by
//! [`Passthrough::downgrade`].

use core::time::Duration;

use crate::error::Error;
use crate::policy::Policy;
use crate::time::Timestamp;

/// The longest time that one call allows. It can be allowed again.
pub const MAX_PASSTHROUGH: Duration = Duration::from_secs(60 * 60);

/// Whether frames of one sender, in one direction, may pass in the clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passthrough {
    until: Option<Timestamp>,
    /// Frames were end-to-end encrypted, and the application has not said since that this ended.
    closed: bool,
}

impl Passthrough {
    /// Lets frames pass from `now` on.
    pub(crate) fn allow(
        &mut self,
        policy: Policy,
        now: Timestamp,
        duration: Duration,
    ) -> Result<(), Error> {
        if duration > MAX_PASSTHROUGH {
            return Err(Error::InvalidArgument(
                "passthrough is allowed for an hour at most",
            ));
        }
        if self.closed || !policy.allows_passthrough() {
            return Err(Error::PassthroughRefused);
        }
        self.until = Some(now.plus(duration));
        Ok(())
    }

    /// Ends what was allowed.
    pub(crate) fn end(&mut self) {
        self.until = None;
    }

    /// A frame was end-to-end encrypted.
    pub(crate) fn close(&mut self) {
        self.until = None;
        self.closed = true;
    }

    /// The application says that end-to-end encryption ended.
    pub(crate) fn downgrade(&mut self, policy: Policy) -> Result<(), Error> {
        if !policy.allows_passthrough() {
            return Err(Error::PassthroughRefused);
        }
        self.closed = false;
        Ok(())
    }

    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Error> {
        match self.until {
            Some(until) if now < until && !self.closed => Ok(()),
            _ => Err(Error::PassthroughRefused),
        }
    }

    /// When it ends.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.until
    }
}

/// Frames that a server may put into a stream, such as silence, as exact byte strings.
///
/// They are no media of the sender, so they pass without a key and never raise a status. A frame
/// that differs in one byte is an ordinary one.
#[derive(Clone, Copy, Debug, Default)]
pub struct InjectedFrames<'a>(&'a [&'a [u8]]);

impl<'a> InjectedFrames<'a> {
    /// These frames and no others. An Opus silence frame is `[0xf8, 0xff, 0xfe]`.
    #[must_use]
    pub const fn new(frames: &'a [&'a [u8]]) -> Self {
        Self(frames)
    }

    /// Whether the frame is one of them.
    #[must_use]
    pub fn contains(&self, frame: &[u8]) -> bool {
        self.0.contains(&frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn nothing_passes_unless_it_is_allowed_and_only_for_its_time() {
        let mut door = Passthrough::default();
        assert_eq!(door.check(ms(0)), Err(Error::PassthroughRefused));
        door.allow(Policy::Standard, ms(1000), MINUTE).unwrap();
        assert_eq!(door.check(ms(60_999)), Ok(()));
        assert_eq!(door.check(ms(61_000)), Err(Error::PassthroughRefused));
        let too_long = MAX_PASSTHROUGH + Duration::from_millis(1);
        assert!(door.allow(Policy::Standard, ms(0), too_long).is_err());
    }

    #[test]
    fn end_to_end_encryption_closes_the_door_until_the_application_downgrades() {
        let mut door = Passthrough::default();
        door.allow(Policy::Standard, ms(0), MINUTE).unwrap();
        door.close();
        assert_eq!(door.check(ms(1)), Err(Error::PassthroughRefused));
        let again = door.allow(Policy::Standard, ms(1), MINUTE);
        assert_eq!(again, Err(Error::PassthroughRefused));
        door.downgrade(Policy::Standard).unwrap();
        assert_eq!(
            door.check(ms(1)),
            Err(Error::PassthroughRefused),
            "not by itself"
        );
        door.allow(Policy::Standard, ms(1), MINUTE).unwrap();
        assert_eq!(door.check(ms(2)), Ok(()));
    }

    #[test]
    fn the_strict_policy_has_no_door() {
        let mut door = Passthrough::default();
        let refused = Err(Error::PassthroughRefused);
        assert_eq!(door.allow(Policy::Strict, ms(0), MINUTE), refused);
        assert_eq!(door.downgrade(Policy::Strict), refused);
    }

    #[test]
    fn injected_frames_are_known_byte_for_byte() {
        let silence = InjectedFrames::new(&[&[0xf8, 0xff, 0xfe]]);
        assert!(silence.contains(&[0xf8, 0xff, 0xfe]));
        assert!(!silence.contains(&[0xf8, 0xff]) && !silence.contains(&[0xf8, 0xff, 0xff]));
        assert!(!InjectedFrames::default().contains(&[]));
    }
}
