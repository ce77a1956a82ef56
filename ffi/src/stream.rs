//! A stream that is sent, in C: the handle, and how it seals frames.

use core::ops::Range;

use frameseal_core::{CipherSuite, Error, Metadata, SharedStream, StreamKind, Timestamp};

use super::entry::{enter, enter_or};
use super::epoch_manager::frameseal_epoch_manager;
use super::in_place::InPlace;
use super::kept::OfProcess;
use super::metadata::{Pieces, frameseal_slice};
use super::out::{Out, object};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result, invalid};
use super::sealing::{Frame, Seal, seal};
use super::span::Span;
use super::turns::{Turn, Turns};

/// What a stream carries, which decides when it can move to a new epoch.
pub type frameseal_stream_kind = u32;

/// Every frame can be decoded by itself, as with audio.
pub const FRAMESEAL_STREAM_INDEPENDENT: frameseal_stream_kind = 1;
/// Frames need earlier ones, back to a key frame, as with video.
pub const FRAMESEAL_STREAM_KEY_FRAMES: frameseal_stream_kind = 2;

/// A stream that is sent: it owns a context of the key ids and a counter, and moves from epoch to
/// epoch as its manager decides. Opaque.
///
/// - Made by `frameseal_stream_open`, owned by the application, closed by it with
///   `frameseal_stream_close`, before or after its manager is freed.
/// - Every function may be called from any thread; calls on one stream wait for each other, those
///   on two streams do not.
/// - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
///   be closed.
#[derive(Debug)]
pub struct frameseal_stream {
    suite: CipherSuite,
    context: u64,
    /// A lock, because two threads inside at once would seal two frames with one nonce.
    stream: OfProcess<Turns<SharedStream>>,
}

impl frameseal_stream {
    /// The stream, for one call: not in a child of the process that opened it, and not after a call
    /// that panicked inside.
    fn with<R>(&self, f: impl FnOnce(&mut SharedStream) -> R) -> Result<R, Failure> {
        self.stream.get()?.with(f)
    }

    #[inline]
    fn at(&self, now: Timestamp) -> Result<AtTime<'_>, Failure> {
        let (stream, suite) = (self.stream.get()?.take()?, self.suite);
        Ok(AtTime { stream, suite, now })
    }
}

/// A stream, for one frame.
struct AtTime<'a> {
    stream: Turn<'a, SharedStream>,
    suite: CipherSuite,
    now: Timestamp,
}

impl Seal for AtTime<'_> {
    #[inline]
    fn encrypt(
        &mut self,
        metadata: Metadata<'_>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        self.stream.encrypt(self.now, metadata, payload, out)
    }

    fn encrypt_within(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        self.stream
            .encrypt_within(self.now, metadata, buffer, payload, out_start)
    }

    fn encrypt_in_place(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        self.stream
            .encrypt_in_place(self.now, metadata, buffer, payload)
    }

    fn room(&mut self, payload_len: usize, beyond: bool) -> Result<usize, Error> {
        let exact = self.stream.sealed_len(self.now, payload_len)?;
        if !beyond {
            // If the epoch changes before the frame is sealed, the end of the memory bounds it.
            return Ok(exact);
        }
        // The payload's memory goes on behind the output, so nothing bounds the frame if a change
        // of epoch makes its header longer: there must be room for every header.
        Ok(payload_len.saturating_add(self.suite.max_overhead()))
    }

    #[inline]
    fn finish(self) {
        self.stream.give_back();
    }
}

/// Opens a stream: it gets a context that no other stream has, or had in an epoch that can still
/// send. `kind` is one of the `FRAMESEAL_STREAM_` numbers.
///
/// - `FRAMESEAL_ERROR_CAPACITY`: all contexts of the manager's configuration are taken; those of
///   closed streams are free again after the next change of epoch
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the kind does not exist, or a pointer cannot be right
///
/// On success the caller owns `*stream`, until `frameseal_stream_close`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_open(
    manager: *mut frameseal_epoch_manager,
    kind: frameseal_stream_kind,
    stream: *mut *mut frameseal_stream,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(stream) }?;
        let kind = match kind {
            FRAMESEAL_STREAM_INDEPENDENT => StreamKind::Independent,
            FRAMESEAL_STREAM_KEY_FRAMES => StreamKind::KeyFrames,
            _ => return Err(invalid("an unknown kind of stream")),
        };
        let manager = handle.check()?;
        let opened = manager.open_stream(kind)?;
        let stream = frameseal_stream {
            suite: manager.suite(),
            context: opened.context(),
            stream: OfProcess::new(handle.birth(), Turns::new(opened)),
        };
        give(place, stream);
        Ok(())
    })
}

/// Closes the stream and wipes its key; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where its copy of the key is not wiped but stays until the child ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_close(stream: *mut frameseal_stream) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(stream) });
}

/// Tells the context that key ids of the stream carry (RFC 9605 section 5.2): which of our streams
/// it is.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_context(
    stream: *const frameseal_stream,
    context: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(stream) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(context) }?;
        handle.stream.get()?;
        place.set(handle.context);
        Ok(())
    })
}

/// Says that the next frame is a key frame, with which the stream may move to a new epoch. Holds
/// until a frame was sealed. Streams of `FRAMESEAL_STREAM_KEY_FRAMES` with
/// `FRAMESEAL_SEND_AT_KEY_FRAME` need it: one that is never told waits until all members are ready,
/// or `send_by_ms` are over. Otherwise it says that the stream came to a new epoch with a key frame,
/// so that `FRAMESEAL_EVENT_KEY_FRAME_NEEDED` need not ask for another one.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_mark_key_frame(
    stream: *mut frameseal_stream,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(stream) }?;
        handle.with(SharedStream::mark_key_frame)
    })
}

/// Derives the key for the epoch that the stream sends in now, so that the next frame need not.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_POLICY`: as `frameseal_stream_encrypt`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_prepare(
    stream: *mut frameseal_stream,
    now_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(stream) }?;
        Ok(handle.with(|stream| stream.prepare(Timestamp::from_millis(now_ms)))??)
    })
}

/// How many bytes the next frame will have when it is sealed, exactly: header, payload and tag. If
/// the epoch changes meanwhile or another thread seals first, it may be another number;
/// `frameseal_max_overhead` bounds all frames.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_POLICY`,
///   `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`, `FRAMESEAL_ERROR_USAGE_LIMIT`: there is no next frame with
///   that payload
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
///   right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_sealed_len(
    stream: *mut frameseal_stream,
    now_ms: u64,
    payload_len: usize,
    sealed_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(stream) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(sealed_len) }?;
        if payload_len > isize::MAX.unsigned_abs() {
            return Err(invalid("longer than memory can be"));
        }
        let now = Timestamp::from_millis(now_ms);
        place.set(handle.with(|stream| stream.sealed_len(now, payload_len))??);
        Ok(())
    })
}

/// Seals `payload` into `out` as header, ciphertext and tag, in the epoch that the stream sends in
/// now, and writes how many bytes that are to `*out_len`.
///
/// `payload` and `out` may overlap in any way, or be the same. Where they overlap and `payload` ends
/// behind the end of `out`, `out` needs `payload_len` and `frameseal_max_overhead` bytes.
/// `metadata` is authenticated and not sent: the receiver must pass the same bytes.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: before the first epoch, and when we are no member of the
///   epoch that sends
/// - `FRAMESEAL_ERROR_POLICY`: the epoch is older than the policy allows
/// - `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`, `FRAMESEAL_ERROR_USAGE_LIMIT`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, `metadata` or
///   `out_len` overlaps `out` (or `payload`, where that overlaps `out`), or no frame can have that
///   payload
///
/// A call that fails uses no counter and leaves `out` as it was. Keeps no pointer. Any thread; calls
/// on one stream wait for each other.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_encrypt(
    stream: *mut frameseal_stream,
    now_ms: u64,
    metadata: *const u8,
    metadata_len: usize,
    payload: *const u8,
    payload_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(stream) }?;
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = Frame {
            metadata: metadata.into(),
            payload: Span::new(payload, payload_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        let now = Timestamp::from_millis(now_ms);
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { seal(&frame, || handle.at(now)) }
    })
}

/// As `frameseal_stream_encrypt`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means: where one ends is not
/// authenticated.
///
/// Results and rules are those of `frameseal_stream_encrypt`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_encrypt_slices(
    stream: *mut frameseal_stream,
    now_ms: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    payload: *const u8,
    payload_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(stream) }?;
        // SAFETY: C promises that the slices and their bytes can be read and do not change during
        // the call.
        let pieces = unsafe { Pieces::gather(metadata, metadata_count) }?;
        let frame = Frame {
            metadata: pieces.as_slices().into(),
            payload: Span::new(payload, payload_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        let now = Timestamp::from_millis(now_ms);
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { seal(&frame, || handle.at(now)) }
    })
}

/// Seals a part of `buffer` where it is, as `frameseal_encryptor_encrypt_in_place` does: the
/// payload of `payload_len` bytes that begins `payload_offset` bytes behind the start of `buffer`.
/// The place of the sealed frame in `buffer` is written to `*frame_offset` and `*frame_len`.
///
/// - `FRAMESEAL_ERROR_HEADROOM_TOO_SMALL`: `*frame_offset` is set to the bytes that must lie in
///   front of the payload; `FRAMESEAL_MAX_HEADER_LEN` always suffice
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*frame_len` is set to the capacity that `buffer` needs;
///   `FRAMESEAL_MAX_TAG_LEN` bytes behind the payload always suffice
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when the payload is not inside the buffer, or
///   `metadata`, `frame_offset` or `frame_len` overlaps the buffer, or the latter two each other
/// - otherwise as `frameseal_stream_encrypt`
///
/// A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer. Any thread;
/// calls on one stream wait for each other.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_encrypt_in_place(
    stream: *mut frameseal_stream,
    now_ms: u64,
    metadata: *const u8,
    metadata_len: usize,
    buffer: *mut u8,
    buffer_capacity: usize,
    payload_offset: usize,
    payload_len: usize,
    frame_offset: *mut usize,
    frame_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(stream) }?;
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = InPlace {
            metadata: metadata.into(),
            buffer,
            buffer_capacity,
            payload_offset,
            payload_len,
            frame_offset,
            frame_len,
        };
        let now = Timestamp::from_millis(now_ms);
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { frame.seal(|| handle.at(now)) }
    })
}

/// As `frameseal_stream_encrypt_in_place`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
///
/// Results and rules are those of `frameseal_stream_encrypt_in_place`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_stream_encrypt_in_place_slices(
    stream: *mut frameseal_stream,
    now_ms: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    buffer: *mut u8,
    buffer_capacity: usize,
    payload_offset: usize,
    payload_len: usize,
    frame_offset: *mut usize,
    frame_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(stream) }?;
        // SAFETY: C promises that the slices and their bytes can be read and do not change during
        // the call.
        let pieces = unsafe { Pieces::gather(metadata, metadata_count) }?;
        let frame = InPlace {
            metadata: pieces.as_slices().into(),
            buffer,
            buffer_capacity,
            payload_offset,
            payload_len,
            frame_offset,
            frame_len,
        };
        let now = Timestamp::from_millis(now_ms);
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { frame.seal(|| handle.at(now)) }
    })
}
