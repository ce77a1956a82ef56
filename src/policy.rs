//! What a call insists on: two policies, chosen by name.
//!
//! A low layer: values only. `Standard` is for calls that want end-to-end encryption and must live
//! with mixed clients for a while; `Strict` is for those that would rather not talk than talk in
//! the clear, as in telehealth.

use core::time::Duration;

use crate::cipher_suite::CipherSuite;
use crate::error::Error;

/// What a call insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Policy {
    /// End-to-end encryption by default. The application may let single senders pass in the clear
    /// for a while, which the status shows. Keys that a removed member knows are accepted for 2
    /// more seconds, so that frames under way are not lost.
    #[default]
    Standard,
    /// End-to-end encryption or nothing: no passthrough in either direction, no suite whose tags
    /// have fewer than 80 bits, no epoch that is older than a day, and no overlap after a removal.
    Strict,
}

impl Policy {
    /// How long keys that a removed member knows are accepted when the application does not say.
    #[must_use]
    pub const fn removal_overlap(self) -> Duration {
        match self {
            Self::Standard => Duration::from_secs(2),
            Self::Strict => Duration::ZERO,
        }
    }

    /// How old an epoch may be and still be sent with; `None` for any age. Epoch managers hold to it;
    /// generations of sender keys, and keys of the application, are the application's to change.
    #[must_use]
    pub const fn max_key_age(self) -> Option<Duration> {
        match self {
            Self::Standard => None,
            Self::Strict => Some(Duration::from_secs(24 * 60 * 60)),
        }
    }

    /// Whether the application may let senders pass in the clear.
    #[must_use]
    pub const fn allows_passthrough(self) -> bool {
        matches!(self, Self::Standard)
    }

    /// Whether a call under this policy may use the suite.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for suites with short tags under [`Self::Strict`].
    pub const fn check_suite(self, suite: CipherSuite) -> Result<(), Error> {
        if matches!(self, Self::Strict) && suite.tag_len() < 10 {
            return Err(Error::InvalidArgument(
                "the strict policy takes no suite with a short tag",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strict_policy_takes_only_full_size_tags() {
        let taken = CipherSuite::ALL.map(|suite| Policy::Strict.check_suite(suite).is_ok());
        assert_eq!(taken, [true, false, false, true, true, true, false, false]);
        let all = CipherSuite::ALL.map(|suite| Policy::Standard.check_suite(suite).is_ok());
        assert_eq!(all, [true; 8]);
    }
}
