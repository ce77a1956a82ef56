//! Statistics of fixed size: how many frames of whom did what.
//!
//! A low layer: values only. All counters saturate.

use crate::time::Timestamp;

/// What frames of one member, or of one epoch, did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameStats {
    /// Frames that authenticated and were decrypted.
    pub opened: u64,
    /// Frames that did not authenticate.
    pub failed_opens: u64,
    /// Frames refused as replayed or too old.
    pub replayed: u64,
    /// Frames that passed in the clear, as the application allowed.
    pub passed: u64,
    /// Frames that a server put in, byte for byte as the application allowed (silence).
    pub injected: u64,
    /// When a frame last authenticated.
    pub last_authenticated: Option<Timestamp>,
}

impl FrameStats {
    pub(crate) fn add(&mut self, more: &Self) {
        for (sum, more) in [
            (&mut self.opened, more.opened),
            (&mut self.failed_opens, more.failed_opens),
            (&mut self.replayed, more.replayed),
            (&mut self.passed, more.passed),
            (&mut self.injected, more.injected),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.last_authenticated = self.last_authenticated.max(more.last_authenticated);
    }

    /// What came after `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            opened: self.opened.saturating_sub(earlier.opened),
            failed_opens: self.failed_opens.saturating_sub(earlier.failed_opens),
            replayed: self.replayed.saturating_sub(earlier.replayed),
            passed: self.passed.saturating_sub(earlier.passed),
            injected: self.injected.saturating_sub(earlier.injected),
            last_authenticated: self.last_authenticated,
        }
    }
}
