//! What a receiver of sender keys may choose: how far it follows, and what it keeps how long.
//!
//! Under `sender_keys/`. The defaults are meant for frames over the internet.

use core::time::Duration;

use crate::cipher_suite::CipherSuite;
use crate::config::ReceiveConfig;

/// How a [`ReceivingChain`](crate::ReceivingChain) is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainConfig {
    /// How the key of each step is set up. The failed opens of all steps ahead count together, until
    /// the sender is followed to a later step or the application hands over one, or a newer
    /// generation; with [`ForgeryPolicy::StopKey`](crate::ForgeryPolicy::StopKey) nothing else ends
    /// a stop.
    pub receive: ReceiveConfig,
    /// The most steps that a frame may be ahead; with `R` ratchet bits at the most 2^(R-1). A frame
    /// that is further ahead is [`Error::UnknownKeyId`](crate::Error::UnknownKeyId), and costs
    /// nothing. So many derivations are what one forged frame can cost.
    pub max_forward: u32,
    /// The most superseded steps that are kept for late frames, of all generations together.
    pub max_retained: u32,
    /// How long a step is kept after a later one authenticated.
    pub retain: Duration,
    /// The most generations that are kept beside the newest.
    pub max_old_generations: u32,
    /// How long a generation is kept after a newer one was added: as long as the sender may take to
    /// switch, and frames to arrive.
    pub retain_generation: Duration,
}

impl ChainConfig {
    /// The defaults: up to 32 steps forward; 8 superseded steps for 2 seconds; 2 old generations
    /// for 10 seconds.
    #[must_use]
    pub const fn for_suite(suite: CipherSuite) -> Self {
        Self {
            receive: ReceiveConfig::for_suite(suite),
            max_forward: 32,
            max_retained: 8,
            retain: Duration::from_secs(2),
            max_old_generations: 2,
            retain_generation: Duration::from_secs(10),
        }
    }

    /// The same with another setup of the keys.
    #[must_use]
    pub const fn with_receive(mut self, receive: ReceiveConfig) -> Self {
        self.receive = receive;
        self
    }

    /// The same with another number of steps that a frame may be ahead.
    #[must_use]
    pub const fn with_max_forward(mut self, steps: u32) -> Self {
        self.max_forward = steps;
        self
    }

    /// The same, keeping so many superseded steps for so long.
    #[must_use]
    pub const fn with_retained_steps(mut self, steps: u32, time: Duration) -> Self {
        self.max_retained = steps;
        self.retain = time;
        self
    }

    /// The same, keeping so many old generations for so long.
    #[must_use]
    pub const fn with_old_generations(mut self, generations: u32, time: Duration) -> Self {
        self.max_old_generations = generations;
        self.retain_generation = time;
        self
    }
}
