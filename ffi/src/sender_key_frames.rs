//! Frames under sender keys in C: sealing with our own key, opening with those of the others.

use core::cell::RefCell;
use core::ops::Range;
use std::sync::MutexGuard;

use frameseal_core::{
    CipherSuite, Counter, Error, Inspection, KeyId, Keying, KnownKeys, Metadata, OpenedStep,
    SenderKeys, Timestamp,
};

use super::entry::enter;
use super::growing::{Growing, size_until};
use super::in_place::InPlace;
use super::metadata::{Pieces, frameseal_slice};
use super::opening::{self, Open, OpenFacts, OpenInfo, open};
use super::out::{Out, object};
use super::result::{Failure, frameseal_result, invalid};
use super::sealing::{self, Seal, seal};
use super::sender_keys::frameseal_sender_keys;
use super::span::Span;

/// What was authenticated with a frame under sender keys. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_step_info {
    /// `sizeof (frameseal_step_info)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// The key id of the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it is a
    /// claim of whoever sent the bytes.
    pub key_id: u64,
    /// The number of the frame under that key.
    pub counter: u64,
    /// The generation of the key.
    pub generation: u64,
    /// The ratchet step of the key, counted in full.
    pub step: u64,
    /// Bytes of the payload, which begins where `out` does.
    pub payload_len: usize,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_step_info {
    const FIRST_SIZE: usize = size_until::<Self>(
        core::mem::offset_of!(frameseal_step_info, payload_len) + size_of::<usize>(),
    );
}

impl Seal for MutexGuard<'_, SenderKeys> {
    #[inline]
    fn encrypt(
        &mut self,
        metadata: Metadata<'_>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        SenderKeys::encrypt(self, metadata, payload, out)
    }

    fn encrypt_within(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        SenderKeys::encrypt_within(self, metadata, buffer, payload, out_start)
    }

    fn encrypt_in_place(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        SenderKeys::encrypt_in_place(self, metadata, buffer, payload)
    }

    fn room(&mut self, payload_len: usize, _beyond: bool) -> Result<usize, Error> {
        // Nothing changes while the lock is held.
        self.sealed_len(payload_len)
    }
}

/// The keys of one member, for one frame.
pub(super) struct OfMember<'a> {
    /// In a cell, since what opens frames is shared elsewhere; here the call has it to itself.
    keys: RefCell<MutexGuard<'a, SenderKeys>>,
    suite: CipherSuite,
    member: u64,
    now: Timestamp,
}

impl frameseal_sender_keys {
    pub(super) fn of_member(&self, member: u64, now_ms: u64) -> Result<OfMember<'_>, Failure> {
        let keys = self.lock()?;
        Ok(OfMember {
            suite: keys.suite(),
            keys: RefCell::new(keys),
            member,
            now: Timestamp::from_millis(now_ms),
        })
    }
}

impl OfMember<'_> {
    /// Whether there is no key of this member to wait for.
    pub(super) fn knows(&self, key_id: KeyId) -> bool {
        self.keys.borrow().keys_of(self.member).is_known(key_id)
    }
}

impl Open for OfMember<'_> {
    type Facts = Facts;
    type Info = frameseal_step_info;

    fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        payload_len(self.suite, sealed)
    }

    #[inline]
    fn decrypt_to(
        &self,
        metadata: Metadata<'_>,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<Facts, Error> {
        let mut keys = self.keys.borrow_mut();
        let opened = keys.decrypt_to(self.now, self.member, metadata, sealed, out);
        opened.map(Facts::from)
    }

    #[inline]
    fn decrypt_within(
        &self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Facts, Error> {
        let mut keys = self.keys.borrow_mut();
        keys.decrypt_within(self.now, self.member, metadata, buffer, sealed, out_start)
            .map(Facts::from)
    }
}

fn payload_len(suite: CipherSuite, sealed: &[u8]) -> Result<usize, Error> {
    let frame = Inspection::read(sealed, Keying::Plain)?;
    Ok(frame.payload_len(suite)?)
}

/// [`OpenedStep`] without the reference.
pub(super) struct Facts {
    key_id: KeyId,
    counter: Counter,
    generation: u64,
    step: u64,
    payload_len: usize,
}

impl From<OpenedStep<'_>> for Facts {
    #[inline]
    fn from(opened: OpenedStep<'_>) -> Self {
        Self {
            key_id: opened.key_id,
            counter: opened.counter,
            generation: opened.generation,
            step: opened.step,
            payload_len: opened.payload.len(),
        }
    }
}

impl OpenFacts<frameseal_step_info> for Facts {
    fn payload_len(&self) -> usize {
        self.payload_len
    }

    fn tell(&self, info: &mut frameseal_step_info) {
        info.key_id = self.key_id.value();
        info.counter = self.counter.value();
        info.generation = self.generation;
        info.step = self.step;
        info.payload_len = self.payload_len;
    }
}

impl OpenInfo for frameseal_step_info {
    fn tell_unknown(&mut self, key_id: KeyId) {
        self.key_id = key_id.value();
    }
}

/// How many bytes the next frame will have when it is sealed, exactly: header, payload and tag.
///
/// With several threads, the next frame may be another thread's; `frameseal_max_overhead` bounds
/// all frames.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`: there is no next frame
/// - `FRAMESEAL_ERROR_USAGE_LIMIT`: the limits of the key forbid a frame with that payload
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: no frame can have that payload, or a pointer cannot be
///   right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_sealed_len(
    keys: *const frameseal_sender_keys,
    payload_len: usize,
    sealed_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(sealed_len) }?;
        if payload_len > isize::MAX.unsigned_abs() {
            return Err(invalid("longer than memory can be"));
        }
        place.set(handle.lock()?.sealed_len(payload_len)?);
        Ok(())
    })
}

/// Seals `payload` into `out` as header, ciphertext and tag, with our own key at its present step,
/// and writes how many bytes that are to `*out_len`.
///
/// `payload` and `out` may overlap in any way, or be the same. `metadata` is authenticated and not
/// sent: the receiver must pass the same bytes.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
///   `FRAMESEAL_ERROR_USAGE_LIMIT`: ratchet or roll
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, `metadata` or
///   `out_len` overlaps `out` (or `payload`, where that overlaps `out`), or no frame can have that
///   payload
///
/// A call that fails uses no counter and leaves `out` as it was. Keeps no pointer. Any thread; calls
/// on one object wait for each other.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_encrypt(
    keys: *mut frameseal_sender_keys,
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
        let handle = unsafe { object(keys) }?;
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = sealing::Frame {
            metadata: metadata.into(),
            payload: Span::new(payload, payload_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { seal(&frame, || handle.lock()) }
    })
}

/// As `frameseal_sender_keys_encrypt`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means: where one ends is not
/// authenticated.
///
/// Results and rules are those of `frameseal_sender_keys_encrypt`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_encrypt_slices(
    keys: *mut frameseal_sender_keys,
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
        let handle = unsafe { object(keys) }?;
        // SAFETY: C promises that the slices and their bytes can be read and do not change during
        // the call.
        let pieces = unsafe { Pieces::gather(metadata, metadata_count) }?;
        let frame = sealing::Frame {
            metadata: pieces.as_slices().into(),
            payload: Span::new(payload, payload_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { seal(&frame, || handle.lock()) }
    })
}

/// Seals a part of `buffer` where it is, as `frameseal_encryptor_encrypt_in_place` does, with our own
/// key: the payload of `payload_len` bytes that begins `payload_offset` bytes behind the start of
/// `buffer`.
/// The place of the sealed frame in `buffer` is written to `*frame_offset` and `*frame_len`.
///
/// - `FRAMESEAL_ERROR_HEADROOM_TOO_SMALL`: `*frame_offset` is set to the bytes that must lie in
///   front of the payload; `FRAMESEAL_MAX_HEADER_LEN` always suffice
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*frame_len` is set to the capacity that `buffer` needs;
///   `FRAMESEAL_MAX_TAG_LEN` bytes behind the payload always suffice
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when the payload is not inside the buffer, or
///   `metadata`, `frame_offset` or `frame_len` overlaps the buffer, or the latter two each other
/// - otherwise as `frameseal_sender_keys_encrypt`
///
/// A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer. Any thread;
/// calls on one object wait for each other.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_encrypt_in_place(
    keys: *mut frameseal_sender_keys,
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
        let keys = unsafe { object(keys) }?;
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
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { frame.seal(|| keys.lock()) }
    })
}

/// As `frameseal_sender_keys_encrypt_in_place`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
///
/// Results and rules are those of `frameseal_sender_keys_encrypt_in_place`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_encrypt_in_place_slices(
    keys: *mut frameseal_sender_keys,
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
        let keys = unsafe { object(keys) }?;
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
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { frame.seal(|| keys.lock()) }
    })
}

/// How many bytes of payload this frame claims to have, exactly. Needs no key.
///
/// - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of the suite
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_payload_len(
    keys: *const frameseal_sender_keys,
    sealed: *const u8,
    sealed_len: usize,
    payload_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: the same.
        let place = unsafe { Out::new(payload_len) }?;
        let sealed = Span::new(sealed, sealed_len)?;
        let suite = handle.lock()?.suite();
        // SAFETY: the same; the slice is not used after the line that reads it.
        let len = self::payload_len(suite, unsafe { sealed.as_slice() })?;
        place.set(len);
        Ok(())
    })
}

/// Opens a frame of this member in `sealed`, writes its payload to `out` and the payload's length to
/// `*out_len`. Whose frame it is must be known from elsewhere, such as the stream.
///
/// `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
/// frame, from the same address on. Where they overlap, all of `sealed` may be written to, so no
/// other thread may use it during the call; of the frame's ciphertext, what the payload does not
/// cover is then overwritten with zeros. `metadata` must be what the sender passed. `info` may
/// be NULL; if it is not, its `struct_size` must be set.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_MEMBER`, `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`,
///   `FRAMESEAL_ERROR_POLICY`
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: the generation is not here (yet), or the step is gone, or too
///   far ahead; `info->key_id` is set to the key id of the frame
/// - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
///   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
///   `out_len` overlaps `info`
///
/// A call that fails leaves no payload in `out`. It leaves `out` as it was, but for an
/// authentication failure (ciphertext). Keeps no pointer. Any thread; calls on one object wait for
/// each other.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_decrypt(
    keys: *mut frameseal_sender_keys,
    now_ms: u64,
    member: u64,
    metadata: *const u8,
    metadata_len: usize,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
    info: *mut frameseal_step_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = opening::Frame {
            metadata: metadata.into(),
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame, || handle.of_member(member, now_ms)) }
    })
}

/// As `frameseal_sender_keys_decrypt`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
///
/// Results and rules are those of `frameseal_sender_keys_decrypt`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_decrypt_slices(
    keys: *mut frameseal_sender_keys,
    now_ms: u64,
    member: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
    info: *mut frameseal_step_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        // SAFETY: C promises that the slices and their bytes can be read and do not change during
        // the call.
        let pieces = unsafe { Pieces::gather(metadata, metadata_count) }?;
        let frame = opening::Frame {
            metadata: pieces.as_slices().into(),
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame, || handle.of_member(member, now_ms)) }
    })
}
