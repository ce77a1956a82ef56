//! Frames that came before their key wait here, if the application wants that.
//!
//! Fourth layer, beside the tables of keys and apart from them: it holds copies of frames and
//! metadata, and no key. Media overtakes the messages that bring its keys, above all around a
//! change of epoch; RFC 9605 §4.4.4 lets a receiver buffer such frames.
//!
//! What waits has not authenticated, and anybody can send it. So only frames whose key is not here
//! yet are taken; each sender has a quota, so that a forger who names one sender takes no places
//! from another; when there is no place the new frame is refused, never an older one dropped; and
//! all is dropped when its time is over. A forger who names many senders can still fill the buffer:
//! then frames are lost as they would be without one. Whether a sender is (still) a member is
//! decided when a frame is released and decrypted, not when it comes.
//!
//! ```
//! use frameseal::{CipherSuite, Decryptor, Error, HoldingBuffer, HoldingConfig, KeyId, Timestamp};
//!
//! # let suite = CipherSuite::Aes128GcmSha256_128;
//! # let mut alice = frameseal::Encryptor::new(suite);
//! # alice.add_key(KeyId::new(7), &[0x42; 16])?;
//! # alice.use_key(KeyId::new(7))?;
//! # let mut buffer = [0; 64];
//! # let len = alice.encrypt(b"metadata", b"an early frame", &mut buffer)?;
//! # let frame = &mut buffer[..len];
//! # let now = Timestamp::from_millis(1000);
//! let mut bob = Decryptor::new(suite);
//! let mut waiting = HoldingBuffer::new(HoldingConfig::for_suite(suite));
//!
//! if let Err(Error::UnknownKeyId(_)) = bob.decrypt(b"metadata", frame) {
//!     // What is refused here is lost, as it would be without a buffer: no reason to stop.
//!     let _ = waiting.hold(now, &bob, b"metadata", frame);
//! }
//! // Some milliseconds later the key comes.
//! bob.add_key(KeyId::new(7), &[0x42; 16])?;
//! while let Some(mut held) = waiting.poll_frame(now, &bob) {
//!     let (metadata, sealed) = held.split_mut();
//!     assert_eq!(bob.decrypt(metadata, sealed)?.payload, b"an early frame");
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! With sender keys, key ids are unique only for each sender: one buffer for each member, with
//! [`SenderKeys::keys_of`](crate::SenderKeysCore::keys_of).

mod config;
mod frame_store;
mod held_frame;

pub use config::{HoldingConfig, HoldingStats, MAX_HELD_FRAMES};
pub use frame_store::{FixedFrames, FrameStorage};
pub use held_frame::HeldFrame;

use frame_store::FrameBytes;
use held_frame::Held;

use crate::decryptor::DecryptorCore;
use crate::error::Error;
use crate::frame_key::Layout;
use crate::header::KeyId;
use crate::metadata::Metadata;
#[cfg(feature = "std")]
use crate::shared::SharedDecryptor;
use crate::storage::Storage;
use crate::time::{Clock, Timestamp};

/// Whose keys frames wait for.
pub trait KnownKeys {
    /// Whether frames with this key id can be opened now, or never will be: whether there is
    /// nothing to wait for.
    fn is_known(&self, key_id: KeyId) -> bool;
}

impl<S: Storage> KnownKeys for DecryptorCore<S> {
    /// Whether the key is here and active.
    fn is_known(&self, key_id: KeyId) -> bool {
        self.key_status(key_id).is_some_and(|status| status.active)
    }
}

#[cfg(feature = "std")]
impl KnownKeys for SharedDecryptor {
    /// Whether the key is here and active.
    fn is_known(&self, key_id: KeyId) -> bool {
        self.key_status(key_id).is_some_and(|status| status.active)
    }
}

/// Frames that wait for their keys. [`HoldingBuffer`](crate::HoldingBuffer) has each frame in
/// memory of its own, [`fixed::HoldingBuffer`](crate::fixed::HoldingBuffer) in slots of a fixed
/// size; both are this type.
///
/// Every call looks at all places once, which for the default 1,024 takes some microseconds. Its
/// table of places is made at the start; after that the growing one allocates a frame's copy and
/// nothing else.
pub struct HoldingBufferCore<S: FrameStorage> {
    config: HoldingConfig,
    clock: Clock,
    slots: S::Slots,
    /// The number of the next frame, in order of arrival.
    next_number: u64,
    stats: HoldingStats,
}

impl<S: FrameStorage> HoldingBufferCore<S> {
    /// An empty buffer.
    #[must_use]
    pub fn new(config: HoldingConfig) -> Self {
        Self {
            config,
            clock: Clock::default(),
            slots: S::slots(config.max_frames.min(MAX_HELD_FRAMES)),
            next_number: 0,
            stats: HoldingStats::default(),
        }
    }

    /// The limits.
    #[must_use]
    pub fn config(&self) -> &HoldingConfig {
        &self.config
    }

    /// Copies a frame whose key is not here yet, with its metadata.
    ///
    /// # Errors
    /// - [`Error::Syntax`] when it is not a frame of the suite
    /// - [`Error::NothingToWaitFor`] when there is nothing to wait for: its key has come since, so that
    ///   it can be decrypted, or its epoch or generation is here and has no such key. A frame of
    ///   which `decrypt` has said [`Error::UnknownKeyId`] meanwhile is dropped
    /// - [`Error::Capacity`] when a limit is reached, with that limit in frames or bytes; the frame
    ///   is lost and counted in [`HoldingStats::refused`], and what waits is as it was
    pub fn hold<'m>(
        &mut self,
        now: Timestamp,
        known: &impl KnownKeys,
        metadata: impl Into<Metadata<'m>>,
        sealed: &[u8],
    ) -> Result<(), Error> {
        self.poll(now);
        let key_id = Layout::parse(self.config.suite, sealed)?.header.key_id;
        if known.is_known(key_id) {
            return Err(Error::NothingToWaitFor);
        }
        let stored = self.store(key_id, metadata.into(), sealed);
        match stored {
            Ok(()) => self.stats.held = self.stats.held.saturating_add(1),
            Err(_) => self.stats.refused = self.stats.refused.saturating_add(1),
        }
        stored
    }

    fn store(&mut self, key_id: KeyId, metadata: Metadata<'_>, sealed: &[u8]) -> Result<(), Error> {
        let metadata_len = metadata.len();
        let held = Held {
            number: self.next_number,
            arrived: self.clock.latest(),
            key_id,
            sender: self.config.sender_of(key_id),
            metadata_len,
            len: metadata_len.saturating_add(sealed.len()),
        };
        self.check_limits(&held)?;
        let full = Error::Capacity(self.slots.as_ref().len());
        let free = self.slots.as_mut().iter_mut();
        let slot = free.into_iter().find(|slot| slot.held.is_none());
        let slot = slot.ok_or(full)?;
        slot.bytes.release();
        slot.bytes.store(metadata, sealed, held.len)?;
        slot.held = Some(held);
        self.next_number = self.next_number.saturating_add(1);
        self.stats.frames = self.stats.frames.saturating_add(1);
        self.stats.bytes = self.stats.bytes.saturating_add(held.len);
        Ok(())
    }

    /// Whether one more frame would stay within all limits.
    fn check_limits(&self, new: &Held) -> Result<(), Error> {
        let (mut frames, mut bytes) = (0, new.len);
        for held in self.waiting().filter(|held| held.sender == new.sender) {
            frames += 1;
            bytes = bytes.saturating_add(held.len);
        }
        let limits = &self.config;
        if frames >= limits.sender_frames {
            return Err(Error::Capacity(limits.sender_frames));
        }
        if bytes > limits.sender_bytes {
            return Err(Error::Capacity(limits.sender_bytes));
        }
        if self.stats.frames >= limits.max_frames {
            return Err(Error::Capacity(limits.max_frames));
        }
        if self.stats.bytes.saturating_add(new.len) > limits.max_bytes {
            return Err(Error::Capacity(limits.max_bytes));
        }
        Ok(())
    }

    /// The next frame, in order of arrival, whose key is known now. It is not in the buffer any
    /// more: whether it opens or not, this was its one try.
    ///
    /// To be called when keys were added, until it answers `None`.
    pub fn poll_frame(&mut self, now: Timestamp, known: &impl KnownKeys) -> Option<HeldFrame<'_>> {
        self.poll(now);
        let index = self.next(known)?;
        let slot = self.slots.as_mut().get_mut(index)?;
        // From here on the place is free; the frame is wiped when the caller is done with it.
        let held = slot.held.take()?;
        self.stats.forget(&held);
        self.stats.released = self.stats.released.saturating_add(1);
        Some(HeldFrame::new(held, &mut slot.bytes))
    }

    /// Metadata and sealed bytes of the frame that [`Self::poll_frame`] would give now, which goes
    /// on waiting: to learn how much room it needs.
    pub fn peek_frame(&mut self, now: Timestamp, known: &impl KnownKeys) -> Option<(&[u8], &[u8])> {
        self.poll(now);
        let slot = self.slots.as_ref().get(self.next(known)?)?;
        let held = slot.held.as_ref()?;
        let both = slot.bytes.bytes().get(..held.len)?;
        both.split_at_checked(held.metadata_len)
    }

    /// Where the frame is that came first of those whose key is known.
    fn next(&self, known: &impl KnownKeys) -> Option<usize> {
        let mut first: Option<(u64, usize)> = None;
        for (index, slot) in self.slots.as_ref().iter().enumerate() {
            if let Some(held) = &slot.held
                && first.is_none_or(|(number, _)| held.number < number)
                && known.is_known(held.key_id)
            {
                first = Some((held.number, index));
            }
        }
        first.map(|(_, index)| index)
    }

    /// Drops the frames whose time is over. Every other call does this too; an idle application
    /// calls it at [`Self::next_deadline`].
    pub fn poll(&mut self, now: Timestamp) {
        let now = self.clock.advance(now);
        let max_age = self.config.max_age;
        for slot in self.slots.as_mut() {
            if let Some(held) = slot.held.take_if(|held| now.since(held.arrived) >= max_age) {
                slot.bytes.release();
                self.stats.forget(&held);
                self.stats.expired = self.stats.expired.saturating_add(1);
            }
        }
    }

    /// When the next frame is dropped if its key does not come; `None` when none waits.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        // Not `min`, which is compiled to read the time of places that hold nothing.
        let oldest = self.waiting().fold(None, |oldest, held| match oldest {
            Some(oldest) if oldest <= held.arrived => Some(oldest),
            _ => Some(held.arrived),
        });
        Some(oldest?.plus(self.config.max_age))
    }

    /// Wipes all frames, as when a call ends; they are not counted as expired.
    pub fn clear(&mut self) {
        for slot in self.slots.as_mut() {
            if let Some(held) = slot.held.take() {
                self.stats.forget(&held);
            }
            slot.bytes.release();
        }
    }

    /// What it holds and has done.
    #[must_use]
    pub fn stats(&self) -> HoldingStats {
        self.stats
    }

    fn waiting(&self) -> impl Iterator<Item = &Held> {
        self.slots
            .as_ref()
            .iter()
            .filter_map(|slot| slot.held.as_ref())
    }
}

impl HoldingStats {
    /// A frame that waited waits no more.
    fn forget(&mut self, held: &Held) {
        self.frames = self.frames.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(held.len);
    }
}

impl<S: FrameStorage> Drop for HoldingBufferCore<S> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<S: FrameStorage> core::fmt::Debug for HoldingBufferCore<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HoldingBuffer")
            .field("config", &self.config)
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher_suite::CipherSuite;
    use crate::header::Header;

    /// Everything is known from key id 100 on.
    struct FromHundred;

    impl KnownKeys for FromHundred {
        fn is_known(&self, key_id: KeyId) -> bool {
            key_id.value() >= 100
        }
    }

    struct Everything;

    impl KnownKeys for Everything {
        fn is_known(&self, _key_id: KeyId) -> bool {
            true
        }
    }

    type Buffer = HoldingBufferCore<FixedFrames<4, 64>>;

    fn holding(kids: &[u64]) -> Buffer {
        let config = HoldingConfig::for_suite(CipherSuite::Aes128GcmSha256_128);
        let mut buffer = Buffer::new(config);
        for kid in kids {
            let header = Header::new(KeyId::new(*kid), 1.into()).encode();
            let sealed = [header.as_bytes(), &[0xee; 20]].concat();
            buffer
                .hold(Timestamp::ZERO, &FromHundred, b"private", &sealed)
                .unwrap();
        }
        buffer
    }

    /// Places that hold any byte but zero.
    fn written(buffer: &Buffer) -> usize {
        let slots = buffer.slots.iter();
        slots
            .filter(|slot| slot.bytes.iter().any(|byte| *byte != 0))
            .count()
    }

    #[test]
    fn what_waits_no_more_is_wiped() {
        let mut buffer = holding(&[1, 2, 3]);
        assert_eq!(written(&buffer), 3);
        let mut held = buffer.poll_frame(Timestamp::ZERO, &Everything).unwrap();
        held.sealed_mut().fill(0x77);
        drop(held);
        assert_eq!(written(&buffer), 2, "released, and opened or not");
        buffer.poll(Timestamp::ZERO.plus(buffer.config.max_age));
        assert_eq!(written(&buffer), 0, "expired");
        let mut buffer = holding(&[1, 2, 3]);
        buffer.clear();
        assert_eq!(written(&buffer), 0, "cleared");
    }

    #[test]
    fn a_refused_frame_leaves_nothing_behind() {
        let mut buffer = holding(&[1]);
        let sealed = [0xee; 60];
        assert!(
            buffer
                .hold(Timestamp::ZERO, &FromHundred, b"private", &sealed)
                .is_err()
        );
        assert_eq!(written(&buffer), 1);
    }

    #[test]
    fn a_frame_that_was_looked_at_waits_on_and_is_the_next() {
        let mut buffer = holding(&[7, 3]);
        assert_eq!(buffer.peek_frame(Timestamp::ZERO, &FromHundred), None);
        for _ in 0..2 {
            let (metadata, sealed) = buffer.peek_frame(Timestamp::ZERO, &Everything).unwrap();
            assert_eq!((metadata, sealed.len()), (&b"private"[..], 21));
            let (header, _) = Header::parse(sealed).unwrap();
            assert_eq!(header.key_id, KeyId::new(7));
        }
        assert_eq!((buffer.stats().frames, buffer.stats().released), (2, 0));
        let next = buffer.poll_frame(Timestamp::ZERO, &Everything).unwrap();
        assert_eq!(next.key_id(), KeyId::new(7));
        drop(next);
        let end = Timestamp::ZERO.plus(buffer.config.max_age);
        assert_eq!(buffer.peek_frame(end, &Everything), None, "it has expired");
    }

    #[test]
    fn a_held_frame_can_go_to_another_thread() {
        fn is_send<T: Send>(_: &T) {}
        let mut buffer = holding(&[1]);
        is_send(&buffer);
        is_send(&buffer.poll_frame(Timestamp::ZERO, &Everything).unwrap());
    }
}
