//! Receiving on any number of threads.
//!
//! Under `mls/shared/`. A sender is looked up under a lock that readers share; its window has a
//! lock of its own, held while it is asked and again while it is changed. Keys are derived and
//! frames are opened under no lock.

use core::ops::Range;
use std::boxed::Box;
use std::sync::{Arc, Mutex};

use crate::decryption_key::{ReceiveState, StateAccess, receive};
use crate::error::Error;
use crate::frame_key::{FrameKey, Layout, Place};
use crate::header::KeyId;
use crate::holding::KnownKeys;
use crate::metadata::Metadata;
use crate::status::Failing;
use crate::table::Table;
use crate::time::Timestamp;

use super::near::Known;
use super::{Call, State, lock};
use crate::mls::epoch::Unheard;
use crate::mls::receive::derive;
use crate::mls::sender::{Claim, Received};
use crate::mls::storage::SharedCall;

/// Opens the frames of a call; cheap to clone, and shared between threads. It lives as long as it
/// is needed, also after the manager was dropped.
///
/// Of two threads with the same frame one gets [`Error::Replay`], and what it opened is wiped. A
/// frame that is being opened while its epoch retires may still be opened.
#[derive(Clone)]
pub struct EpochReceiver {
    call: Arc<Call>,
}

/// What a frame can be opened with.
enum Found {
    Sender(Known),
    /// A sender that was heard before, but whose key had to go.
    Evicted {
        claim: Claim,
        key: Arc<FrameKey>,
        state: Arc<Mutex<State>>,
    },
    /// A sender that was not heard.
    Unheard {
        claim: Claim,
        key: Arc<FrameKey>,
        unheard: Arc<Mutex<Unheard>>,
    },
}

impl EpochReceiver {
    pub(super) fn new(call: &Arc<Call>) -> Self {
        Self {
            call: Arc::clone(call),
        }
    }

    /// As [`EpochManagerCore::decrypt`](crate::EpochManagerCore::decrypt).
    ///
    /// # Errors
    /// As there. If another thread was faster with the same frame, or its epoch was retired in the
    /// meantime, [`Error::Replay`] leaves zeros where the ciphertext was.
    pub fn decrypt<'b, 'm>(
        &self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        sealed: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        self.open(now, metadata.into(), Place::Here(sealed))
    }

    /// As [`EpochManagerCore::decrypt_to`](crate::EpochManagerCore::decrypt_to).
    ///
    /// # Errors
    /// As there. If another thread was faster with the same frame, or its epoch was retired in the
    /// meantime, [`Error::Replay`] leaves zeros in `out`.
    pub fn decrypt_to<'b, 'm>(
        &self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        self.open(now, metadata.into(), Place::Apart { sealed, out })
    }

    /// As [`EpochManagerCore::decrypt_within`](crate::EpochManagerCore::decrypt_within).
    ///
    /// # Errors
    /// As there. If another thread was faster with the same frame, or its epoch was retired in the
    /// meantime, [`Error::Replay`] leaves no plaintext.
    pub fn decrypt_within<'b, 'm>(
        &self,
        now: Timestamp,
        metadata: impl Into<Metadata<'m>>,
        buffer: &'b mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Received<'b>, Error> {
        let place = Place::Within {
            buffer,
            sealed,
            out_start,
        };
        self.open(now, metadata.into(), place)
    }

    /// Bytes of the payload that this frame claims to have, exactly. Needs no key.
    ///
    /// # Errors
    /// [`Error::Syntax`] when it is not a frame.
    pub fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        self.call.read().payload_len(sealed)
    }

    /// Whether the epoch that a key id names is live, so that a frame of it need not wait.
    #[must_use]
    pub fn has_epoch_of(&self, key_id: KeyId) -> bool {
        self.call.read().has_epoch_of(key_id)
    }

    fn open<'b>(
        &self,
        now: Timestamp,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
    ) -> Result<Received<'b>, Error> {
        let (now, layout, found) = self.find(now, &place)?;
        match found {
            Found::Sender(Known { claim, key, state }) => {
                let opened = receive(&key, Noted { now, state: &state }, &layout, metadata, place)?;
                Ok(claim.opened(opened))
            }
            Found::Evicted { claim, key, state } => {
                let opened = receive(&key, Noted { now, state: &state }, &layout, metadata, place)?;
                self.keep_key(&claim, key);
                Ok(claim.opened(opened))
            }
            Found::Unheard {
                claim,
                key,
                unheard,
            } => {
                let opened = self.open_first(now, &layout, metadata, place, claim, key);
                if opened == Err(Error::Authentication) {
                    lock(&unheard).failed(claim.key_id);
                    if !self.call.read().monitor.note_failed(claim.member, now) {
                        let run = Failing::at(now);
                        lock(&self.call.notes).strangers.failed(claim.member, run);
                    }
                }
                opened
            }
        }
    }

    /// Everything that is needed to open the frame, and the time that counts. A key that is not at
    /// hand is derived after the lock is given back.
    fn find(
        &self,
        now: Timestamp,
        place: &Place<'_, '_>,
    ) -> Result<(Timestamp, Layout, Found), Error> {
        let sealed = place.sealed()?;
        let layout = Layout::parse(self.call.signs.suite, sealed);
        if let Ok(layout) = &layout {
            let (key_id, now) = (layout.header.key_id, self.call.time(now));
            let near = self.call.near.of(key_id);
            if let Some(known) = near.find(key_id, self.call.version(), now) {
                return Ok((now, *layout, Found::Sender(known)));
            }
        }
        let call = self.call.current(now);
        let now = call.clock.at(now);
        let layout = layout?;
        let key_id = layout.header.key_id;
        let sender = call.senders.get(call.place_of(key_id));
        if let Some(sender) = sender
            && let Some(key) = &sender.key
        {
            let known = Known {
                claim: sender.claim,
                key: Arc::clone(key),
                state: Arc::clone(&sender.state),
            };
            let near = self.call.near.of(key_id);
            near.remember(&known, call.version, call.due);
            return Ok((now, layout, Found::Sender(known)));
        }
        let claim = call.claim(key_id).inspect_err(|error| {
            if matches!(error, Error::UnknownKeyId(_)) {
                lock(&self.call.notes).unknown_key(key_id);
            }
        })?;
        call.check_unheard(&claim)?;
        let unknown = Error::UnknownKeyId(key_id);
        let epoch = call.epochs.get(claim.serial).ok_or(unknown)?;
        let (secret, unheard) = (Arc::clone(&epoch.secret), Arc::clone(&epoch.unheard));
        let state = sender.map(|sender| Arc::clone(&sender.state));
        let config = call.config.clone();
        drop(call);
        let key = derive::<SharedCall>(&config, &claim, &secret)?;
        let found = match state {
            Some(state) => Found::Evicted { claim, key, state },
            None => Found::Unheard {
                claim,
                key,
                unheard,
            },
        };
        Ok((now, layout, found))
    }

    /// The first frame of a sender in an epoch: only if it authenticates does the sender get a
    /// place.
    fn open_first<'b>(
        &self,
        now: Timestamp,
        layout: &Layout,
        metadata: Metadata<'_>,
        place: Place<'_, 'b>,
        claim: Claim,
        key: Arc<FrameKey>,
    ) -> Result<Received<'b>, Error> {
        let counter = layout.header.counter;
        let plaintext = key.open(layout, metadata, place)?;
        let recorded = self.call.change(|call| {
            // While the frame was opened, its epoch may have gone, and another thread may have
            // been faster.
            if call.epochs.get(claim.serial).is_none() {
                return Err(Error::Replay);
            }
            match call.senders.get(call.place_of(claim.key_id)) {
                Some(sender) => {
                    let state = Arc::clone(&sender.state);
                    let mut noted = Noted { now, state: &state };
                    Ok(noted.with(|state| state.record(counter))?)
                }
                None => call.add_sender(claim, key, Some((now, counter))),
            }
        });
        if let Err(error) = recorded {
            plaintext.wipe();
            return Err(error);
        }
        Ok(claim.received(plaintext.release(), counter))
    }

    /// Puts the key of a sender back that had to go.
    fn keep_key(&self, claim: &Claim, key: Arc<FrameKey>) {
        self.call.change(|call| {
            let at = call.place_of(claim.key_id);
            let sender = call.senders.get(at);
            if sender.is_some_and(|sender| sender.claim.serial == claim.serial) {
                call.cache_key(at, key);
            }
        });
    }
}

impl KnownKeys for EpochReceiver {
    /// As [`Self::has_epoch_of`].
    fn is_known(&self, key_id: KeyId) -> bool {
        self.has_epoch_of(key_id)
    }
}

impl core::fmt::Debug for EpochReceiver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EpochReceiver").finish_non_exhaustive()
    }
}

/// Locks the state of one sender for each step, and notes what became of the frame.
struct Noted<'a> {
    now: Timestamp,
    state: &'a Mutex<State>,
}

impl StateAccess<Box<[u64]>> for Noted<'_> {
    fn with<R>(&mut self, f: impl FnOnce(&mut ReceiveState<Box<[u64]>>) -> R) -> R {
        let mut state = lock(self.state);
        let (opened, failed, _) = state.receive.counts();
        let result = f(&mut state.receive);
        let (opened_now, failed_now, _) = state.receive.counts();
        if opened_now > opened {
            state.note(self.now, &Ok::<(), Error>(()));
        } else if failed_now > failed {
            state.note(self.now, &Err::<(), Error>(Error::Authentication));
        }
        result
    }
}
