//! A key for receiving: opens frames, and remembers which it has accepted.
//!
//! Third layer. The order is fixed in one function, [`receive`]: read the header, ask the replay
//! window, open, then record (RFC 9605 §9.3). Nothing that has not authenticated changes any state
//! but a saturating counter of failures.

use core::ops::Range;

use crate::cipher_suite::CipherSuite;
use crate::config::ReceiveConfig;
use crate::crypto::Backend;
use crate::error::Error;
use crate::frame_key::{FrameKey, Layout, Place};
use crate::header::{Counter, KeyId};
use crate::key_schedule::Fingerprint;
use crate::metadata::Metadata;
use crate::replay::{ReplayProtection, ReplayWindow, Replayed, WindowBits, fixed_bits};
use crate::usage::ForgeryPolicy;

/// A frame that has authenticated and is decrypted.
///
/// The key id says that a holder of this key sealed the frame, not which one: every member of a
/// group that shares a key can (RFC 9605 §7.2).
#[derive(PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened<'b> {
    /// The plaintext, a part of the buffer that was given: behind the header for `decrypt`, at the
    /// start of `out` for `decrypt_to`, at `out_start` for `decrypt_within`.
    pub payload: &'b mut [u8],
    /// The key that sealed the frame.
    pub key_id: KeyId,
    /// The number of the frame under that key.
    pub counter: Counter,
}

impl core::fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Not the payload: what is logged is not end-to-end protected any more.
        f.debug_struct("Opened")
            .field("payload_len", &self.payload.len())
            .field("key_id", &self.key_id)
            .field("counter", &self.counter)
            .finish()
    }
}

/// A snapshot of a receiving key, for diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivingKeyStatus {
    /// Names the key in logs without revealing it.
    pub fingerprint: Fingerprint,
    /// Whether the key is there, or was removed and only its window is remembered.
    pub active: bool,
    /// The highest counter that was accepted; `None` before the first, or without a window.
    pub highest_counter: Option<Counter>,
    /// Frames opened.
    pub opened: u64,
    /// Frames that named this key and did not authenticate.
    pub failed_opens: u64,
    /// Frames refused as replayed or too old.
    pub replayed: u64,
}

/// One key that decrypts (RFC 9605 §4.4.1), with a window of 1,024 counters. Allocates nothing;
/// wiped on drop. Moving it leaves a copy of its bytes behind, so build it where it will stay.
///
/// It cannot encrypt; an [`EncryptionKey`](crate::EncryptionKey) cannot decrypt.
#[derive(Debug)]
pub struct DecryptionKey<B: WindowBits = [u64; 16]> {
    key: FrameKey,
    state: ReceiveState<B>,
}

impl DecryptionKey {
    /// Derives the key of `key_id` from a base key (RFC 9605 §4.4.2).
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the base key has fewer than 16 bytes or is all zeros.
    pub fn new(suite: CipherSuite, key_id: KeyId, base_key: &[u8]) -> Result<Self, Error> {
        Self::with_config(suite, key_id, base_key, &ReceiveConfig::for_suite(suite))
    }

    /// As [`Self::new`], with a configuration that the caller chooses.
    ///
    /// # Errors
    /// As [`Self::new`], and [`Error::InvalidArgument`] for a window of more than 1,024 counters.
    pub fn with_config(
        suite: CipherSuite,
        key_id: KeyId,
        base_key: &[u8],
        config: &ReceiveConfig,
    ) -> Result<Self, Error> {
        let key = FrameKey::derive(suite, config.backend, key_id, base_key)?;
        let bits = fixed_bits(config.replay)?;
        Ok(Self::from_parts(key, ReceiveState::new(config, bits)))
    }
}

impl<B: WindowBits> DecryptionKey<B> {
    pub(crate) fn from_parts(key: FrameKey, state: ReceiveState<B>) -> Self {
        Self { key, state }
    }

    /// Takes out what must not be forgotten; `empty` takes its place.
    pub(crate) fn replace_state(&mut self, empty: ReceiveState<B>) -> ReceiveState<B> {
        core::mem::replace(&mut self.state, empty)
    }

    pub(crate) fn state_mut(&mut self) -> &mut ReceiveState<B> {
        &mut self.state
    }

    /// The key id.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key.key_id
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.key.suite
    }

    /// Which implementation computes the AEAD.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.key.backend()
    }

    /// What the key has seen.
    #[must_use]
    pub fn status(&self) -> ReceivingKeyStatus {
        self.state.status(self.key.fingerprint, true)
    }

    /// Decrypts the frame in `sealed` where it is; the payload lies behind the header.
    ///
    /// # Errors
    /// - [`Error::Syntax`]: not a frame
    /// - [`Error::UnknownKeyId`]: a frame of another key
    /// - [`Error::Replay`]: accepted before, or too old
    /// - [`Error::Policy`]: the key was stopped, see [`ForgeryPolicy::StopKey`]
    /// - [`Error::Authentication`]: forged, damaged, or other metadata
    ///
    /// All of them leave `sealed` as it was, but `Backend::AwsLc` zeros in place of a long one that
    /// does not authenticate: it never holds unverified plaintext.
    #[inline]
    pub fn decrypt<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.open(metadata.into(), Place::Here(sealed))
    }

    /// Decrypts `sealed` to the start of `out`.
    ///
    /// # Errors
    /// As [`Self::decrypt`], and [`Error::BufferTooSmall`] with the bytes that `out` needs. After
    /// [`Error::Authentication`], `out` holds ciphertext; after the others it is as it was.
    #[inline]
    pub fn decrypt_to<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Opened<'b>, Error> {
        self.open(metadata.into(), Place::Apart { sealed, out })
    }

    /// Decrypts the frame in the range `sealed` of `buffer` to the place that begins at
    /// `out_start` of the same buffer, which may overlap the frame in any way. What the
    /// payload does not cover of the ciphertext is overwritten with zeros: no second copy is left.
    ///
    /// # Errors
    /// As [`Self::decrypt`], [`Error::BufferTooSmall`] with the bytes that `buffer` needs, and
    /// [`Error::InvalidArgument`] when the range is not in the buffer. All of them leave `buffer`
    /// as it was.
    #[inline]
    pub fn decrypt_within<'b, 'm>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Opened<'b>, Error> {
        self.open(
            metadata.into(),
            Place::Within {
                buffer,
                sealed,
                out_start,
            },
        )
    }

    #[inline(always)]
    fn open<'b>(
        &mut self,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Opened<'b>, Error> {
        let layout = Layout::parse(self.key.suite, place.sealed()?)?;
        if layout.header.key_id != self.key.key_id {
            return Err(Error::UnknownKeyId(layout.header.key_id));
        }
        self.open_parsed(&layout, metadata, place)
    }

    /// For a frame whose key id is this key's.
    #[inline(always)]
    pub(crate) fn open_parsed<'b>(
        &mut self,
        layout: &Layout,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Opened<'b>, Error> {
        receive(&self.key, &mut self.state, layout, metadata, place)
    }
}

/// Gives [`receive`] the state of a key: at hand, or behind a lock that is held for a moment.
pub(crate) trait StateAccess<B: WindowBits> {
    fn with<R>(&mut self, f: impl FnOnce(&mut ReceiveState<B>) -> R) -> R;

    /// Whether a frame with this counter may be opened, as far as is known before.
    #[inline]
    fn check(&mut self, key_id: KeyId, counter: Counter) -> Result<(), Error> {
        self.with(|state| state.check(key_id, counter))
    }
}

impl<B: WindowBits> StateAccess<B> for &mut ReceiveState<B> {
    #[inline]
    fn with<R>(&mut self, f: impl FnOnce(&mut ReceiveState<B>) -> R) -> R {
        f(self)
    }
}

/// Opens one frame with the key that its header names.
///
/// Of several callers with the same frame at once, all may open it, one records it, and the others
/// wipe what they opened.
#[inline(always)]
pub(crate) fn receive<'b, B: WindowBits>(
    key: &FrameKey,
    mut state: impl StateAccess<B>,
    layout: &Layout,
    metadata: Metadata<'_>,
    place: Place<'_, 'b>,
) -> Result<Opened<'b>, Error> {
    let counter = layout.header.counter;
    state.check(key.key_id, counter)?;
    let plaintext = match key.open(layout, metadata, place) {
        Ok(plaintext) => plaintext,
        Err(error) => {
            if error == Error::Authentication {
                state.with(ReceiveState::count_failure);
            }
            return Err(error);
        }
    };
    if let Err(replayed) = state.with(|state| state.record(counter)) {
        plaintext.wipe();
        return Err(replayed.into());
    }
    Ok(Opened {
        payload: plaintext.release(),
        key_id: key.key_id,
        counter,
    })
}

/// What a receiving key has seen: it outlives the key until the key id is forgotten.
#[derive(Debug)]
pub(crate) struct ReceiveState<B> {
    window: Option<ReplayWindow<B>>,
    opened: u64,
    failed_opens: u64,
    replayed: u64,
    max_failed_opens: u64,
    forgery: ForgeryPolicy,
    alarm: Alarm,
}

/// The forgery alarm of a key: raised once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alarm {
    Quiet,
    Raised,
    Told,
}

impl<B: WindowBits> ReceiveState<B> {
    /// `bits` are the bits of the window, all zero, or `None` for no replay protection.
    pub(crate) fn new(config: &ReceiveConfig, bits: Option<B>) -> Self {
        Self {
            window: match (config.replay, bits) {
                (ReplayProtection::Window(counters), Some(bits)) => {
                    Some(ReplayWindow::new(bits, counters))
                }
                _ => None,
            },
            opened: 0,
            failed_opens: 0,
            replayed: 0,
            max_failed_opens: config.failed_opens,
            forgery: config.forgery,
            alarm: Alarm::Quiet,
        }
    }

    #[inline]
    pub(crate) fn check(&mut self, key_id: KeyId, counter: Counter) -> Result<(), Error> {
        if self.alarm != Alarm::Quiet && self.forgery == ForgeryPolicy::StopKey {
            return Err(Error::Policy(key_id));
        }
        match &self.window {
            Some(window) => window.check(counter).map_err(|replayed| {
                self.replayed = self.replayed.saturating_add(1);
                replayed.into()
            }),
            None => Ok(()),
        }
    }

    #[inline]
    pub(crate) fn record(&mut self, counter: Counter) -> Result<(), Replayed> {
        if let Some(window) = &mut self.window
            && let Err(replayed) = window.record(counter)
        {
            self.replayed = self.replayed.saturating_add(1);
            return Err(replayed);
        }
        self.opened = self.opened.saturating_add(1);
        Ok(())
    }

    /// The lowest counter from which on [`Self::check`] lets every one pass; `u64::MAX` for none.
    #[cfg(feature = "std")]
    pub(crate) fn open_from(&self) -> u64 {
        if self.alarm != Alarm::Quiet && self.forgery == ForgeryPolicy::StopKey {
            return u64::MAX;
        }
        let highest = self.window.as_ref().and_then(ReplayWindow::highest);
        highest.map_or(0, |counter| counter.value().saturating_add(1))
    }

    #[cold]
    pub(crate) fn count_failure(&mut self) {
        self.failed_opens = self.failed_opens.saturating_add(1);
        if self.failed_opens >= self.max_failed_opens && self.alarm == Alarm::Quiet {
            self.alarm = Alarm::Raised;
        }
    }

    /// Frames opened, not authenticated, and replayed.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.opened, self.failed_opens, self.replayed)
    }

    /// Whether the alarm was raised and nobody was told.
    pub(crate) fn has_alarm(&self) -> bool {
        self.alarm == Alarm::Raised
    }

    /// Whether the alarm was raised since this was last asked.
    pub(crate) fn take_alarm(&mut self) -> bool {
        let raised = self.has_alarm();
        if raised {
            self.alarm = Alarm::Told;
        }
        raised
    }

    pub(crate) fn status(&self, fingerprint: Fingerprint, active: bool) -> ReceivingKeyStatus {
        ReceivingKeyStatus {
            fingerprint,
            active,
            highest_counter: self.window.as_ref().and_then(ReplayWindow::highest),
            opened: self.opened,
            failed_opens: self.failed_opens,
            replayed: self.replayed,
        }
    }
}
