//! Opening the frames of a call in C, on several threads.

use core::ops::Range;

use frameseal_core::{
    Counter, EpochId, EpochReceiver, Error, KeyId, MemberId, Metadata, Received, Timestamp,
};

use super::entry::{enter, enter_or};
use super::epoch_manager::frameseal_epoch_manager;
use super::growing::{Growing, size_until};
use super::identity::{frameseal_epoch_id, frameseal_member_id};
use super::kept::OfProcess;
use super::metadata::{Pieces, frameseal_slice};
use super::opening::{Frame, Open, OpenFacts, OpenInfo, open};
use super::out::{Out, object};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result};
use super::span::Span;

/// Opens the frames of a call. Opaque.
///
/// - Made by `frameseal_receiver_open`, owned by the application, closed by it with
///   `frameseal_receiver_close`, before or after its manager is freed.
/// - Every function may be called from any thread. Frames are opened at the same time on as many
///   threads as call, with one receiver or with several: all share keys and replay windows. Of two
///   threads with the same frame, one gets `FRAMESEAL_ERROR_REPLAY`.
/// - After `fork`, every call on the child's copy answers `FRAMESEAL_ERROR_FORKED`, but that it can
///   be closed.
#[derive(Debug)]
pub struct frameseal_receiver {
    receiver: OfProcess<EpochReceiver>,
}

impl frameseal_receiver {
    /// Not in a child of the process that opened it, where the locks of the call may be held by
    /// threads that were not copied.
    #[inline]
    pub(super) fn at(&self, now_ms: u64) -> Result<AtTime<'_>, Failure> {
        Ok(AtTime {
            receiver: self.receiver.get()?,
            now: Timestamp::from_millis(now_ms),
        })
    }
}

/// What was authenticated with a frame. Set `struct_size` before every call. The member is whose key
/// sealed it: all members of a group can derive that key, so any of them could have (RFC 9605
/// section 7.2).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_received_info {
    /// `sizeof (frameseal_received_info)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// The key id of the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it is a
    /// claim of whoever sent the bytes.
    pub key_id: u64,
    /// The number of the frame under that key id.
    pub counter: u64,
    /// Whose key sealed it.
    pub member: frameseal_member_id,
    /// Which stream of the member.
    pub context: u64,
    /// Under which epoch.
    pub epoch: frameseal_epoch_id,
    /// Bytes of the payload, which begins where `out` does.
    pub payload_len: usize,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_received_info {
    const FIRST_SIZE: usize = size_until::<Self>(
        core::mem::offset_of!(frameseal_received_info, payload_len) + size_of::<usize>(),
    );
}

/// A receiver, for one frame.
pub(super) struct AtTime<'a> {
    pub(super) receiver: &'a EpochReceiver,
    now: Timestamp,
}

impl Open for AtTime<'_> {
    type Facts = Facts;
    type Info = frameseal_received_info;

    fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        self.receiver.payload_len(sealed)
    }

    #[inline]
    fn decrypt_to(
        &self,
        metadata: Metadata<'_>,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<Facts, Error> {
        let received = self.receiver.decrypt_to(self.now, metadata, sealed, out);
        received.map(Facts::from)
    }

    #[inline]
    fn decrypt_within(
        &self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Facts, Error> {
        self.receiver
            .decrypt_within(self.now, metadata, buffer, sealed, out_start)
            .map(Facts::from)
    }
}

/// [`Received`] without the reference.
pub(super) struct Facts {
    key_id: KeyId,
    counter: Counter,
    member: MemberId,
    context: u64,
    epoch: EpochId,
    payload_len: usize,
}

impl From<Received<'_>> for Facts {
    #[inline]
    fn from(received: Received<'_>) -> Self {
        Self {
            key_id: received.key_id,
            counter: received.counter,
            member: received.member,
            context: received.context,
            epoch: received.epoch,
            payload_len: received.payload.len(),
        }
    }
}

impl OpenFacts<frameseal_received_info> for Facts {
    fn payload_len(&self) -> usize {
        self.payload_len
    }

    fn tell(&self, info: &mut frameseal_received_info) {
        info.key_id = self.key_id.value();
        info.counter = self.counter.value();
        info.member = self.member.into();
        info.context = self.context;
        info.epoch = self.epoch.into();
        info.payload_len = self.payload_len;
    }
}

impl OpenInfo for frameseal_received_info {
    fn tell_unknown(&mut self, key_id: KeyId) {
        self.key_id = key_id.value();
    }
}

/// Makes a receiver for the frames of a call: one for all threads, or one for each.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// On success the caller owns `*receiver`, until `frameseal_receiver_close`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_receiver_open(
    manager: *const frameseal_epoch_manager,
    receiver: *mut *mut frameseal_receiver,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(manager) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(receiver) }?;
        let receiver = OfProcess::new(handle.birth(), handle.check()?.receiver());
        give(place, frameseal_receiver { receiver });
        Ok(())
    })
}

/// Closes the receiver; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where its copy of the call's keys is not wiped but stays until the child ends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_receiver_close(receiver: *mut frameseal_receiver) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(receiver) });
}

/// How many bytes of payload this frame claims to have, exactly. Needs no key.
///
/// - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of the call's suite
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_receiver_payload_len(
    receiver: *const frameseal_receiver,
    sealed: *const u8,
    sealed_len: usize,
    payload_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(receiver) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(payload_len) }?;
        let sealed = Span::new(sealed, sealed_len)?;
        let receiver = handle.at(0)?;
        // SAFETY: the same; the slice is not used after the line that reads it.
        let len = receiver.payload_len(unsafe { sealed.as_slice() })?;
        place.set(len);
        Ok(())
    })
}

/// Opens the frame in `sealed`, writes its payload to `out` and the payload's length to `*out_len`.
///
/// `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
/// frame, from the same address on. Where they overlap, all of `sealed` may be written to, so no
/// other thread may use it during the call; of the frame's ciphertext, what the payload does not
/// cover is then overwritten with zeros. `metadata` must be what the sender passed. `info` may
/// be NULL; if it is not, its `struct_size` must be set.
///
/// - `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: its epoch is not here, or nobody is on that leaf in it;
///   `info->key_id` is set to the key id of the frame
/// - `FRAMESEAL_ERROR_POLICY`: it names our own leaf, a context beyond those that are accepted, or
///   a key that was stopped
/// - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
///   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
///   `out_len` overlaps `info`
///
/// A call that fails leaves no payload in `out`. It leaves `out` as it was, but for an
/// authentication failure (ciphertext) and for a frame that is refused after it was opened, as
/// `FRAMESEAL_ERROR_REPLAY`, because another thread was faster with it or its epoch has gone (zeros).
/// Keeps no pointer. Any thread,
/// several at once.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_receiver_decrypt(
    receiver: *const frameseal_receiver,
    now_ms: u64,
    metadata: *const u8,
    metadata_len: usize,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
    info: *mut frameseal_received_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(receiver) }?;
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = Frame {
            metadata: metadata.into(),
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame, || handle.at(now_ms)) }
    })
}

/// As `frameseal_receiver_decrypt`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
///
/// Results and rules are those of `frameseal_receiver_decrypt`. Any thread, several at once.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_receiver_decrypt_slices(
    receiver: *const frameseal_receiver,
    now_ms: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
    info: *mut frameseal_received_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(receiver) }?;
        // SAFETY: C promises that the slices and their bytes can be read and do not change during
        // the call.
        let pieces = unsafe { Pieces::gather(metadata, metadata_count) }?;
        let frame = Frame {
            metadata: pieces.as_slices().into(),
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame, || handle.at(now_ms)) }
    })
}
