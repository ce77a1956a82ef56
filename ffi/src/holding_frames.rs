//! How frames go into a holding buffer of C and come out: opened, by what they wait for.

use frameseal_core::{Error, Header, KeyId, KnownKeys, Timestamp};

use super::decryptor::frameseal_decryptor;
use super::entry::enter;
use super::growing::{Answers, Growing, size_until};
use super::holding_buffer::frameseal_holding_buffer;
use super::metadata::{Pieces, frameseal_slice};
use super::open_info::frameseal_open_info;
use super::opening::{Open, OpenFacts, OpenInfo};
use super::out::{object, refuse_overlap};
use super::receiver::{frameseal_received_info, frameseal_receiver};
use super::result::{Failure, frameseal_result};
use super::sender_key_frames::{OfMember, frameseal_step_info};
use super::sender_keys::frameseal_sender_keys;
use super::span::Span;

/// A frame that waited. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_held_frame {
    /// `sizeof (frameseal_held_frame)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// The key id that it names.
    pub key_id: u64,
    /// When it came.
    pub arrived_ms: u64,
    /// Bytes of the metadata that came with it, all pieces joined.
    pub metadata_len: usize,
    /// Bytes of its payload.
    pub payload_len: usize,
    /// What opening it answered: `FRAMESEAL_OK`, or why it is lost.
    pub result: frameseal_result,
    /// 1 when there was a frame whose key has come, 0 when there was none: then all else is 0.
    pub found: u8,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_held_frame {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_held_frame, found) + 1);
}

/// Copies a frame for which `frameseal_decryptor_decrypt` answered `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`,
/// with its metadata in `metadata_count` pieces, at most `FRAMESEAL_MAX_SLICES`.
///
/// - `FRAMESEAL_ERROR_SYNTAX`: it is not a frame of the suite
/// - `FRAMESEAL_ERROR_CAPACITY`: a limit is reached; the frame is lost, what waits is as it was
/// - `FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR`: its key has come since: decrypt it
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_hold_for_decryptor(
    buffer: *mut frameseal_holding_buffer,
    decryptor: *const frameseal_decryptor,
    now_ms: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    sealed: *const u8,
    sealed_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let decryptor = unsafe { object(decryptor) }?;
        // SAFETY: C promises that all of it can be read and does not change during the call.
        let frame = unsafe { Arrived::gather(metadata, metadata_count, sealed, sealed_len) }?;
        frame.hold(handle, now_ms, decryptor.keys())
    })
}

/// As `frameseal_holding_buffer_hold_for_decryptor`, for a frame that waits for its epoch: one for
/// which `frameseal_receiver_decrypt` answered `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`. Give the buffer the
/// bits of the call's key ids, so that quotas are for each leaf.
///
/// - `FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR`: its epoch is here, since another thread has added it, or
///   with nobody on the frame's leaf: decrypt it once more, and drop it if that fails
/// - otherwise as that
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_hold_for_receiver(
    buffer: *mut frameseal_holding_buffer,
    receiver: *const frameseal_receiver,
    now_ms: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    sealed: *const u8,
    sealed_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let receiver = unsafe { object(receiver) }?;
        // SAFETY: C promises that all of it can be read and does not change during the call.
        let frame = unsafe { Arrived::gather(metadata, metadata_count, sealed, sealed_len) }?;
        frame.hold(handle, now_ms, receiver.at(now_ms)?.receiver)
    })
}

/// As `frameseal_holding_buffer_hold_for_decryptor`, for a frame of this member that waits for its
/// generation, or for the member's first key: one for which `frameseal_sender_keys_decrypt` answered
/// `FRAMESEAL_ERROR_UNKNOWN_KEY_ID` or `FRAMESEAL_ERROR_UNKNOWN_MEMBER`. The buffer is for frames of
/// this member only.
///
/// - `FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR`: its generation, or a newer one, is here: decrypt it once
///   more, and drop it if that fails
/// - otherwise as that
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_hold_for_member(
    buffer: *mut frameseal_holding_buffer,
    keys: *const frameseal_sender_keys,
    member: u64,
    now_ms: u64,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    sealed: *const u8,
    sealed_len: usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let keys = unsafe { object(keys) }?;
        // SAFETY: C promises that all of it can be read and does not change during the call.
        let frame = unsafe { Arrived::gather(metadata, metadata_count, sealed, sealed_len) }?;
        frame.hold(handle, now_ms, &keys.of_member(member, now_ms)?)
    })
}

/// Takes the next frame, in order of arrival, whose key has come to the decryptor, and opens it:
/// writes its metadata to `metadata` and its payload to `out`, and tells about it in `*frame` and
/// `*info`. To be called when keys were added, until `frame->found` is 0.
///
/// A frame that does not open is lost, this was its one try: `frame->result` says why, and the call
/// itself answers `FRAMESEAL_OK`. `info` may be NULL; if it is not, its `struct_size` must be set. It
/// is written as by `frameseal_decryptor_decrypt`.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: the frame goes on waiting, and so do those behind it;
///   `frame->metadata_len` and `frame->payload_len` are set to the bytes that `metadata` and `out`
///   need, and `frame->key_id` to its key id
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
///   places that are written to overlap
///
/// As many bytes as `sender_bytes` of the configuration always suffice, for `metadata` and for `out`:
/// no frame that is larger waits. Whoever has less calls again with more when a frame is too large,
/// or gives it up with `frameseal_holding_buffer_drop_next`. Anybody can send a large frame that will
/// not open.
///
/// If the frame did not open, `metadata` is as it was, and `out` too, or it holds ciphertext. Keeps
/// no pointer. Any thread; calls on one buffer wait for each other.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_open_with_decryptor(
    buffer: *mut frameseal_holding_buffer,
    decryptor: *const frameseal_decryptor,
    now_ms: u64,
    metadata: *mut u8,
    metadata_capacity: usize,
    out: *mut u8,
    out_capacity: usize,
    frame: *mut frameseal_held_frame,
    info: *mut frameseal_open_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let decryptor = unsafe { object(decryptor) }?;
        let metadata = Span::new(metadata, metadata_capacity)?;
        let out = Span::new(out, out_capacity)?;
        // SAFETY: the same.
        let places = unsafe { Places::new(metadata, out, frame, info) }?;
        let decryptor = decryptor.keys();
        // SAFETY: the same.
        unsafe { places.open_next(handle, now_ms, decryptor, &decryptor) }
    })
}

/// As `frameseal_holding_buffer_open_with_decryptor`, for frames whose epoch has come. Whether their
/// senders are members of it is decided now.
///
/// Results and rules are those of that function; `*info` is written as by
/// `frameseal_receiver_decrypt`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_open_with_receiver(
    buffer: *mut frameseal_holding_buffer,
    receiver: *const frameseal_receiver,
    now_ms: u64,
    metadata: *mut u8,
    metadata_capacity: usize,
    out: *mut u8,
    out_capacity: usize,
    frame: *mut frameseal_held_frame,
    info: *mut frameseal_received_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let receiver = unsafe { object(receiver) }?;
        let metadata = Span::new(metadata, metadata_capacity)?;
        let out = Span::new(out, out_capacity)?;
        // SAFETY: the same.
        let places = unsafe { Places::new(metadata, out, frame, info) }?;
        let receiver = receiver.at(now_ms)?;
        // SAFETY: the same.
        unsafe { places.open_next(handle, now_ms, receiver.receiver, &receiver) }
    })
}

/// As `frameseal_holding_buffer_open_with_decryptor`, for frames of this member whose generation has
/// come.
///
/// Results and rules are those of that function; `*info` is written as by
/// `frameseal_sender_keys_decrypt`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_open_with_member(
    buffer: *mut frameseal_holding_buffer,
    keys: *mut frameseal_sender_keys,
    member: u64,
    now_ms: u64,
    metadata: *mut u8,
    metadata_capacity: usize,
    out: *mut u8,
    out_capacity: usize,
    frame: *mut frameseal_held_frame,
    info: *mut frameseal_step_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let keys = unsafe { object(keys) }?;
        let metadata = Span::new(metadata, metadata_capacity)?;
        let out = Span::new(out, out_capacity)?;
        // SAFETY: the same.
        let places = unsafe { Places::new(metadata, out, frame, info) }?;
        let keys = keys.of_member(member, now_ms)?;
        // SAFETY: the same.
        unsafe { places.open_next(handle, now_ms, &keys, &keys) }
    })
}

/// Wipes the frame of this key id that came first, without opening it: for one that an `_open_`
/// function found too large, whose key id it told, so that those behind it come out. Call it with the
/// time of that call, and before another call that opens.
///
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: no frame of this key id waits
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_drop_next(
    buffer: *mut frameseal_holding_buffer,
    now_ms: u64,
    key_id: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(buffer) }?;
        let (now, key_id) = (Timestamp::from_millis(now_ms), KeyId::new(key_id));
        let mut buffer = handle.lock()?;
        let held = buffer.poll_frame(now, &Only(key_id));
        let held = held.ok_or(Error::UnknownKeyId(key_id))?;
        drop(held);
        Ok(())
    })
}

/// A frame that is to wait.
struct Arrived<'a> {
    metadata: Pieces<'a>,
    sealed: &'a [u8],
}

impl<'a> Arrived<'a> {
    /// # Safety
    /// As [`Pieces::gather`], and the same for the frame.
    unsafe fn gather(
        metadata: *const frameseal_slice,
        metadata_count: usize,
        sealed: *const u8,
        sealed_len: usize,
    ) -> Result<Self, Failure> {
        let sealed = Span::new(sealed, sealed_len)?;
        Ok(Self {
            // SAFETY: the promise of the caller.
            metadata: unsafe { Pieces::gather(metadata, metadata_count) }?,
            // SAFETY: the same.
            sealed: unsafe { sealed.as_slice() },
        })
    }

    fn hold(
        &self,
        buffer: &frameseal_holding_buffer,
        now_ms: u64,
        known: &impl KnownKeys,
    ) -> Result<(), Failure> {
        let now = Timestamp::from_millis(now_ms);
        let metadata = self.metadata.as_slices();
        Ok(buffer.lock()?.hold(now, known, metadata, self.sealed)?)
    }
}

/// Where a frame that waited is written to.
struct Places<I> {
    metadata: Span,
    out: Span,
    frame: Answers<frameseal_held_frame>,
    info: Option<Answers<I>>,
}

impl<I: OpenInfo> Places<I> {
    /// # Safety
    /// All must be writable, and nobody else may use them during the call.
    unsafe fn new(
        metadata: Span,
        out: Span,
        frame: *mut frameseal_held_frame,
        info: *mut I,
    ) -> Result<Self, Failure> {
        // SAFETY: the promise of the caller.
        let frame = unsafe { Answers::new(frame) }?;
        let info = if info.is_null() {
            None
        } else {
            // SAFETY: the same.
            Some(unsafe { Answers::new(info) }?)
        };
        let info_span = info.as_ref().map_or(Span::of_slice(&[]), Answers::span);
        refuse_overlap(out, &[metadata, frame.span(), info_span])?;
        Ok(Self {
            metadata,
            out,
            frame,
            info,
        })
    }

    /// # Safety
    /// As [`Self::new`].
    unsafe fn open_next<O: Open<Info = I>>(
        self,
        buffer: &frameseal_holding_buffer,
        now_ms: u64,
        known: &impl KnownKeys,
        opener: &O,
    ) -> Result<(), Failure> {
        let now = Timestamp::from_millis(now_ms);
        let mut buffer = buffer.lock()?;
        let Some((metadata, sealed)) = buffer.peek_frame(now, known) else {
            self.frame.update(|frame| frame.tell(&Told::default()));
            return Ok(());
        };
        let (header, _) = Header::parse(sealed).map_err(Error::from)?;
        // What is no frame for this opener needs no room; it is lost below.
        let (metadata_len, payload_len) = (metadata.len(), opener.payload_len(sealed).unwrap_or(0));
        if metadata_len > self.metadata.len() || payload_len > self.out.len() {
            self.frame.update(|frame| {
                frame.key_id = header.key_id.value();
                frame.metadata_len = metadata_len;
                frame.payload_len = payload_len;
            });
            let needed = payload_len;
            return Err(Error::BufferTooSmall { needed }.into());
        }
        // That very frame, also if another thread adds or removes keys at this moment.
        let Some(mut held) = buffer.poll_frame(now, &Only(header.key_id)) else {
            return Err(Failure::Internal);
        };
        let mut told = Told {
            found: true,
            key_id: held.key_id().value(),
            arrived_ms: held.arrived().as_millis(),
            ..Told::default()
        };
        let (metadata, sealed) = held.split_mut();
        // SAFETY: the promise of the caller; nothing of the buffer is the caller's memory.
        let out = unsafe { self.out.as_mut_slice() };
        match opener.decrypt_to(metadata.into(), sealed, out) {
            Ok(opened) => {
                // SAFETY: the same; it shares no byte with the output.
                let to = unsafe { self.metadata.as_mut_slice() };
                if let Some(to) = to.get_mut(..metadata.len()) {
                    to.copy_from_slice(metadata);
                }
                told.metadata_len = metadata.len();
                told.payload_len = opened.payload_len();
                if let Some(info) = self.info {
                    info.update(|info| opened.tell(info));
                }
            }
            Err(error) => {
                told.result = Failure::Core(error).code();
                if let (Error::UnknownKeyId(key_id), Some(info)) = (error, self.info) {
                    info.update(|info| info.tell_unknown(key_id));
                }
            }
        }
        self.frame.update(|frame| frame.tell(&told));
        Ok(())
    }
}

/// What is told about a frame that waited; by default, that there is none.
#[derive(Default)]
struct Told {
    found: bool,
    key_id: u64,
    arrived_ms: u64,
    metadata_len: usize,
    payload_len: usize,
    result: frameseal_result,
}

impl frameseal_held_frame {
    fn tell(&mut self, told: &Told) {
        self.key_id = told.key_id;
        self.arrived_ms = told.arrived_ms;
        self.metadata_len = told.metadata_len;
        self.payload_len = told.payload_len;
        self.result = told.result;
        self.found = told.found.into();
    }
}

/// Knows this key id and no other, so that the first frame of it comes out.
struct Only(KeyId);

impl KnownKeys for Only {
    fn is_known(&self, key_id: KeyId) -> bool {
        key_id == self.0
    }
}

impl KnownKeys for OfMember<'_> {
    fn is_known(&self, key_id: KeyId) -> bool {
        self.knows(key_id)
    }
}
