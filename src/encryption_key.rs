//! A key for sending: the one owner of its counter.
//!
//! Third layer. An application with one key can hold an [`EncryptionKey`] itself; with several,
//! an [`Encryptor`](crate::EncryptorCore) holds them. Whatever can be refused is refused before
//! the counter moves; after that nothing can fail, and were it to, the counter would be burnt, not
//! used again (RFC 9605 §9.1).

use core::ops::Range;

use crate::cipher_suite::CipherSuite;
use crate::config::SendConfig;
use crate::crypto::{Aad, Backend};
use crate::error::Error;
use crate::frame_key::{FrameKey, move_within};
use crate::header::{Counter, Header, HeaderNumber, KeyId};
use crate::key_schedule::Fingerprint;
use crate::metadata::Metadata;
use crate::sending_counter::SendingCounter;
use crate::usage::{Usage, UsageLimits};

/// One key that encrypts (RFC 9605 §4.4.1). Allocates nothing; wiped on drop.
/// Moving it leaves a copy of its bytes behind, so build it where it will stay.
///
/// It owns the counter of its key id, so it cannot be cloned:
///
/// ```compile_fail,E0599
/// use frameseal::{CipherSuite, EncryptionKey, KeyId};
///
/// let key = EncryptionKey::new(CipherSuite::Aes128GcmSha256_128, KeyId::new(7), &[1; 16])?;
/// let twin = key.clone();
/// # Ok::<(), frameseal::Error>(())
/// ```
///
/// What one object cannot know: that another one was made from the same base key and key id. Make
/// one, move it to whoever sends, and give every other sender, process and device another base key
/// or key id (RFC 9605 §4.4.1, §9.1).
#[derive(Debug)]
pub struct EncryptionKey {
    key: FrameKey,
    ledger: Ledger,
    limits: UsageLimits,
}

/// What must outlive a key that could come back: how far its counter went and what it protected.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) counter: SendingCounter,
    pub(crate) usage: Usage,
}

impl Ledger {
    pub(crate) const fn new(counter: SendingCounter) -> Self {
        Self {
            counter,
            usage: Usage {
                frames: 0,
                bytes: 0,
            },
        }
    }

    /// Leaves one behind that hands out nothing.
    pub(crate) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::new(SendingCounter::spent()))
    }
}

/// A snapshot of a sending key, for diagnostics and for planning a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendingKeyStatus {
    /// Names the key in logs without revealing it.
    pub fingerprint: Fingerprint,
    /// Whether the key is there, or was removed and only its counter is remembered.
    pub active: bool,
    /// The counter of the next frame; `None` when the last one was used.
    pub next_counter: Option<Counter>,
    /// Frames encrypted.
    pub frames: u64,
    /// Bytes encrypted, counted as in [`UsageLimits::bytes`].
    pub bytes: u64,
}

/// A frame that may be sent: everything is checked, nothing is used up.
struct Next {
    counter: Counter,
    header: HeaderNumber,
    usage: Usage,
}

impl EncryptionKey {
    /// Derives the key of `key_id` from a base key (RFC 9605 §4.4.2). The first frame has the
    /// counter 0; the counter is volatile, see [`Self::reserve`].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the base key has fewer than 16 bytes or is all zeros.
    pub fn new(suite: CipherSuite, key_id: KeyId, base_key: &[u8]) -> Result<Self, Error> {
        Self::with_config(suite, key_id, base_key, &SendConfig::standard())
    }

    /// As [`Self::new`], with limits and an implementation of the AEAD that the caller chooses.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_config(
        suite: CipherSuite,
        key_id: KeyId,
        base_key: &[u8],
        config: &SendConfig,
    ) -> Result<Self, Error> {
        let key = FrameKey::derive(suite, config.backend, key_id, base_key)?;
        let ledger = Ledger::new(SendingCounter::volatile());
        Ok(Self::from_parts(key, ledger, config.limits))
    }

    /// As [`Self::new`], for a key that sent frames before this process began: goes on behind
    /// `last`, the value of [`Self::reserve`] that was stored last.
    ///
    /// The counter is durable: nothing can be encrypted before the next [`Self::reserve`] and
    /// [`Self::confirm`]. Never resume from a snapshot or a backup, which may be older than the
    /// last frame sent; roll to a new key instead (RFC 9605 §9.1). The usage limits count from here
    /// on; what the key protected before this process began is not known.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn resume_after(
        suite: CipherSuite,
        key_id: KeyId,
        base_key: &[u8],
        last: Counter,
    ) -> Result<Self, Error> {
        let config = SendConfig::standard();
        Self::resume_after_with_config(suite, key_id, base_key, last, &config)
    }

    /// As [`Self::resume_after`], with limits and an implementation of the AEAD that the caller
    /// chooses.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn resume_after_with_config(
        suite: CipherSuite,
        key_id: KeyId,
        base_key: &[u8],
        last: Counter,
        config: &SendConfig,
    ) -> Result<Self, Error> {
        let mut key = Self::with_config(suite, key_id, base_key, config)?;
        key.ledger.counter = SendingCounter::durable_after(last);
        Ok(key)
    }

    pub(crate) fn from_parts(key: FrameKey, ledger: Ledger, limits: UsageLimits) -> Self {
        Self {
            key,
            ledger,
            limits,
        }
    }

    /// Takes out what must not be forgotten; the key can encrypt nothing any more.
    pub(crate) fn take_ledger(&mut self) -> Ledger {
        self.ledger.take()
    }

    pub(crate) fn counter_mut(&mut self) -> &mut SendingCounter {
        &mut self.ledger.counter
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

    /// How far the key has come.
    #[must_use]
    pub fn status(&self) -> SendingKeyStatus {
        self.ledger.status(self.key.fingerprint, true)
    }

    /// Bytes that the next frame will have when it is sealed: header, payload and tag, exactly.
    ///
    /// # Errors
    /// [`Error::CounterExhausted`], [`Error::ReservationNeeded`] or [`Error::UsageLimit`] when
    /// there is no next frame with that payload,
    /// [`Error::InvalidArgument`] when no frame can have that payload.
    pub fn sealed_len(&self, payload_len: usize) -> Result<usize, Error> {
        let counter = self.ledger.counter.peek(self.key.key_id)?;
        check_payload_len(self.key.suite, payload_len)?;
        let key_id = self.key.key_id;
        self.ledger.usage.after(payload_len, self.limits, key_id)?;
        let header_len = Header::new(self.key.key_id, counter).encoded_len();
        header_len
            .checked_add(self.key.suite.tag_len())
            .and_then(|added| added.checked_add(payload_len))
            .ok_or(TOO_LONG)
    }

    /// Asks for `count` counters to be set aside and makes the counter durable. Returns the last
    /// of them: store it where a crash cannot lose it, then [`Self::confirm`] it, and only then
    /// are they used (RFC 9605 §9.1). After a restart, [`Self::resume_after`] it.
    ///
    /// Never answers less than before: asking again before confirming answers the same, or more when
    /// more is asked for. Never replace what is stored by a smaller number; several threads must take
    /// turns at reserving, storing and confirming. Counters that were confirmed earlier stay
    /// usable meanwhile; those of a counter that was volatile do not. Near the end of the range
    /// fewer than `count` may be left.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when `count` is 0, [`Error::CounterExhausted`] when no counter
    /// is left to set aside.
    pub fn reserve(&mut self, count: u64) -> Result<Counter, Error> {
        self.ledger.counter.reserve(count, self.key.key_id)
    }

    /// Says that `last` has been stored: all counters up to it may be used.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when [`Self::reserve`] never returned `last` or more.
    pub fn confirm(&mut self, last: Counter) -> Result<(), Error> {
        self.ledger.counter.confirm(last)
    }

    /// Encrypts `payload` into `out` as `header ‖ ciphertext ‖ tag`; the number of bytes written.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] with the bytes that `out` needs, and as
    /// [`Self::encrypt_within`]. A call that fails uses no counter and leaves `out` as it was.
    #[inline(always)]
    pub fn encrypt<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let metadata = metadata.into();
        let next = self.next(payload.len())?;
        let (header, rest) = self.split(&next, 0, payload.len(), out)?;
        let (body, tag) = rest.split_at_mut_checked(payload.len()).ok_or(TOO_LONG)?;
        Ok(self.seal(&next, metadata, header, Some(payload), body, tag))
    }

    /// Encrypts the payload in the range `payload` of `buffer` where it is; the range of the
    /// sealed frame, whose header ends where the payload begins.
    ///
    /// Needs headroom for the header in front of the payload and tailroom for the tag behind it:
    /// [`MAX_HEADER_LEN`](crate::MAX_HEADER_LEN) and [`CipherSuite::tag_len`] always suffice.
    ///
    /// # Errors
    /// [`Error::HeadroomTooSmall`], [`Error::BufferTooSmall`] with the bytes that `buffer` needs,
    /// and as [`Self::encrypt_within`]. A call that fails uses no counter and leaves `buffer` as
    /// it was.
    #[inline]
    pub fn encrypt_in_place<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        let metadata = metadata.into();
        let payload_len = range_len(&payload, buffer)?;
        let next = self.next(payload_len)?;
        let header_len = next.header.len;
        let start = payload
            .start
            .checked_sub(header_len)
            .ok_or(Error::HeadroomTooSmall { needed: header_len })?;
        let (header, rest) = self.split(&next, start, payload_len, buffer)?;
        let (body, tag) = rest.split_at_mut_checked(payload_len).ok_or(TOO_LONG)?;
        let len = self.seal(&next, metadata, header, None, body, tag);
        Ok(start..start.saturating_add(len))
    }

    /// Encrypts the payload in the range `payload` of `buffer` to the place that begins at
    /// `out_start` of the same buffer, which may overlap the payload in any way; the range of the
    /// sealed frame.
    ///
    /// # Errors
    /// - [`Error::BufferTooSmall`] with the bytes that `buffer` needs
    /// - [`Error::InvalidArgument`] when the range is not in the buffer, or longer than
    ///   [`CipherSuite::max_payload_len`]
    /// - [`Error::CounterExhausted`], [`Error::ReservationNeeded`], [`Error::UsageLimit`]
    ///
    /// A call that fails uses no counter and leaves `buffer` as it was.
    #[inline]
    pub fn encrypt_within<'m>(
        &mut self,
        metadata: impl Into<Metadata<'m>>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        let metadata = metadata.into();
        let payload_len = range_len(&payload, buffer)?;
        let next = self.next(payload_len)?;
        // Once for the check, since the payload must not move before it.
        self.split(&next, out_start, payload_len, buffer)?;
        let body_start = out_start.saturating_add(next.header.len);
        move_within(buffer, payload.start, payload_len, body_start).ok_or(TOO_LONG)?;
        let (header, rest) = self.split(&next, out_start, payload_len, buffer)?;
        let (body, tag) = rest.split_at_mut_checked(payload_len).ok_or(TOO_LONG)?;
        let len = self.seal(&next, metadata, header, None, body, tag);
        Ok(out_start..out_start.saturating_add(len))
    }

    /// Everything that can be refused, but for the room in the buffer.
    #[inline(always)]
    fn next(&self, payload_len: usize) -> Result<Next, Error> {
        let key_id = self.key.key_id;
        check_payload_len(self.key.suite, payload_len)?;
        let counter = self.ledger.counter.peek(key_id)?;
        let usage = self.ledger.usage.after(payload_len, self.limits, key_id)?;
        let header = Header::new(key_id, counter).to_number();
        Ok(Next {
            counter,
            header,
            usage,
        })
    }

    /// The places of the header, and of body and tag together, from `start` of `buffer` on.
    #[inline(always)]
    fn split<'b>(
        &self,
        next: &Next,
        start: usize,
        payload_len: usize,
        buffer: &'b mut [u8],
    ) -> Result<(&'b mut [u8], &'b mut [u8]), Error> {
        let header_len = next.header.len;
        let end = start
            .checked_add(header_len + self.key.suite.tag_len())
            .and_then(|end| end.checked_add(payload_len))
            .ok_or(TOO_LONG)?;
        buffer
            .get_mut(start..end)
            .and_then(|frame| frame.split_at_mut_checked(header_len))
            .ok_or(Error::BufferTooSmall { needed: end })
    }

    /// Uses up the counter, then seals; bytes of the sealed frame. Cannot fail.
    #[inline(always)]
    fn seal(
        &mut self,
        next: &Next,
        metadata: Metadata<'_>,
        header: &mut [u8],
        payload: Option<&[u8]>,
        body: &mut [u8],
        tag: &mut [u8],
    ) -> usize {
        self.ledger.counter.advance();
        self.ledger.usage = next.usage;
        next.header.write(header);
        let aad = Aad::new(header, next.header.first, metadata);
        self.key.seal(next.counter, &aad, payload, body, tag);
        header.len() + body.len() + tag.len()
    }
}

impl Ledger {
    pub(crate) fn status(&self, fingerprint: Fingerprint, active: bool) -> SendingKeyStatus {
        SendingKeyStatus {
            fingerprint,
            active,
            next_counter: self.counter.next(),
            frames: self.usage.frames,
            bytes: self.usage.bytes,
        }
    }
}

const TOO_LONG: Error = Error::InvalidArgument("longer than a frame can be");

#[inline]
fn check_payload_len(suite: CipherSuite, payload_len: usize) -> Result<(), Error> {
    if payload_len as u64 > suite.max_payload_len() {
        return Err(TOO_LONG);
    }
    Ok(())
}

#[inline]
fn range_len(range: &Range<usize>, buffer: &[u8]) -> Result<usize, Error> {
    buffer
        .get(range.clone())
        .map(<[u8]>::len)
        .ok_or(Error::InvalidArgument("the range is not in the buffer"))
}
