//! What an application may choose for its keys, with safe defaults.
//!
//! Third layer. Both structures start from the defaults and are changed by name, so a choice that
//! weakens something is visible in the code that makes it.

use crate::cipher_suite::CipherSuite;
use crate::crypto::Backend;
use crate::replay::ReplayProtection;
use crate::usage::{ForgeryPolicy, UsageLimits, default_failed_opens};

/// How sending keys are set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendConfig {
    /// When a key has protected enough.
    pub limits: UsageLimits,
    /// Which implementation computes the AEAD.
    pub backend: Backend,
}

impl SendConfig {
    /// The defaults: [`UsageLimits::standard`] and [`Backend::RustCrypto`].
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            limits: UsageLimits::standard(),
            backend: Backend::RustCrypto,
        }
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: UsageLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with another implementation of the AEAD.
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }
}

/// How receiving keys are set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiveConfig {
    /// Which counters are refused.
    pub replay: ReplayProtection,
    /// Failed opens of one key that raise the forgery alarm. 0 acts as 1: the first one does. (In C,
    /// 0 stands for the default.)
    pub failed_opens: u64,
    /// What happens then.
    pub forgery: ForgeryPolicy,
    /// Which implementation computes the AEAD.
    pub backend: Backend,
}

impl ReceiveConfig {
    /// The defaults: [`ReplayProtection::DEFAULT`], [`ForgeryPolicy::Signal`] and
    /// [`Backend::RustCrypto`]. Failed opens: 2^22 for tags of 32 bits (a forgery has then
    /// succeeded with a probability of 2^-10), 2^34 for 64 bits (2^-30), and 2^40 for longer ones.
    #[must_use]
    pub const fn for_suite(suite: CipherSuite) -> Self {
        Self {
            replay: ReplayProtection::DEFAULT,
            failed_opens: default_failed_opens(suite),
            forgery: ForgeryPolicy::Signal,
            backend: Backend::RustCrypto,
        }
    }

    /// The same with another replay protection.
    #[must_use]
    pub const fn with_replay(mut self, replay: ReplayProtection) -> Self {
        self.replay = replay;
        self
    }

    /// The same with another number of failed opens and another consequence.
    #[must_use]
    pub const fn with_forgery(mut self, failed_opens: u64, policy: ForgeryPolicy) -> Self {
        self.failed_opens = failed_opens;
        self.forgery = policy;
        self
    }

    /// The same with another implementation of the AEAD.
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }
}
