//! Opening frames from C: to another buffer, to an overlapping one, or to the very same one.

use frameseal_core::{Counter, Error, KeyId, Opened};

use super::buffers::{Buffers, written};
use super::decryptor::frameseal_decryptor;
use super::entry::enter;
use super::growing::{Answers, Growing};
use super::metadata::{self, Pieces, frameseal_slice};
use super::out::{Out, object, refuse_overlap};
use super::result::{Failure, frameseal_result};
use super::span::Span;

/// What was authenticated with a frame. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_open_info {
    /// `sizeof (frameseal_open_info)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// The key that sealed the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it
    /// is a claim of whoever sent the bytes.
    pub key_id: u64,
    /// The number of the frame under that key.
    pub counter: u64,
    /// Bytes of the payload.
    pub payload_len: usize,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_open_info {
    const FIRST_SIZE: usize =
        (size_of::<usize>().next_multiple_of(align_of::<u64>()) + 16 + size_of::<usize>())
            .next_multiple_of(align_of::<u64>());
}

/// Opens the frame in `sealed`, writes its payload to `out` and the payload's length to `*out_len`.
///
/// `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
/// frame, from the same address on. Where they overlap, all of `sealed` may be written to, so no
/// other thread may use it during the call; of the frame's ciphertext, what the payload does not
/// cover is then overwritten with zeros. `metadata` must be what the sender passed. `info` may
/// be NULL; if it is not, its `struct_size` must be set.
///
/// - `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`, `FRAMESEAL_ERROR_POLICY`
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: `info->key_id` is set to the key id of the frame
/// - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
///   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
///   `out_len` overlaps `info`
///
/// A call that fails leaves no payload in `out`. It leaves `out` as it was, but for an
/// authentication failure (ciphertext) and for the thread that loses a race for the same frame
/// (`FRAMESEAL_ERROR_REPLAY`, zeros). Keeps no pointer. Any thread, several at once.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_decrypt(
    decryptor: *const frameseal_decryptor,
    metadata: *const u8,
    metadata_len: usize,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
    info: *mut frameseal_open_info,
) -> frameseal_result {
    enter(|| {
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = Frame {
            decryptor,
            metadata: &[metadata],
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame) }
    })
}

/// As `frameseal_decryptor_decrypt`, with metadata in `metadata_count` pieces, at most
/// `FRAMESEAL_MAX_SLICES`. They mean what their concatenation means.
///
/// Results and rules are those of `frameseal_decryptor_decrypt`. Any thread, several at once.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_decrypt_slices(
    decryptor: *const frameseal_decryptor,
    metadata: *const frameseal_slice,
    metadata_count: usize,
    sealed: *const u8,
    sealed_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
    info: *mut frameseal_open_info,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the slices and their bytes can be read and do not change during
        // the call.
        let pieces = unsafe { Pieces::gather(metadata, metadata_count) }?;
        let frame = Frame {
            decryptor,
            metadata: pieces.as_slices(),
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame) }
    })
}

/// The arguments of opening a frame.
struct Frame<'a> {
    decryptor: *const frameseal_decryptor,
    metadata: &'a [&'a [u8]],
    sealed: Span,
    out: Span,
    out_len: *mut usize,
    info: *mut frameseal_open_info,
}

/// # Safety
/// The handle must be one; `sealed` must be readable, `out` and what the other pointers point to
/// writable, and nobody else may write to the former or use the latter during the call.
#[inline]
unsafe fn open(frame: &Frame<'_>) -> Result<(), Failure> {
    // SAFETY: the promise of the caller.
    let handle = unsafe { object(frame.decryptor) }?;
    // SAFETY: the same.
    let place = unsafe { Out::new(frame.out_len) }?;
    let info = if frame.info.is_null() {
        None
    } else {
        // SAFETY: the same.
        Some(unsafe { Answers::new(frame.info) }?)
    };
    let written = written(frame.sealed, frame.out);
    let info_span = info.as_ref().map_or(Span::EMPTY, Answers::span);
    refuse_overlap(written, &[place.span(), info_span])?;
    metadata::refuse_overlap(frame.metadata, written)?;
    // SAFETY: the promise of the caller; the metadata shares no byte with what is written.
    let buffers = unsafe { Buffers::new(frame.sealed, frame.out) };
    match decrypt(handle, frame.metadata, buffers) {
        Ok(opened) => {
            if let Some(info) = info {
                info.update(|info| {
                    info.key_id = opened.key_id.value();
                    info.counter = opened.counter.value();
                    info.payload_len = opened.payload_len;
                });
            }
            place.set(opened.payload_len);
            Ok(())
        }
        Err(error) => {
            match error {
                Error::BufferTooSmall { needed } => place.set(needed),
                Error::UnknownKeyId(key_id) => {
                    if let Some(info) = info {
                        info.update(|info| info.key_id = key_id.value());
                    }
                }
                _ => {}
            }
            Err(error.into())
        }
    }
}

/// [`Opened`] without the reference.
struct Facts {
    key_id: KeyId,
    counter: Counter,
    payload_len: usize,
}

#[inline]
fn decrypt(
    handle: &frameseal_decryptor,
    metadata: &[&[u8]],
    buffers: Buffers<'_>,
) -> Result<Facts, Error> {
    let decryptor = &handle.decryptor;
    let facts = |opened: Opened<'_>| Facts {
        key_id: opened.key_id,
        counter: opened.counter,
        payload_len: opened.payload.len(),
    };
    match buffers {
        Buffers::Apart { input, out } => decryptor.decrypt_to(metadata, input, out).map(facts),
        Buffers::Joined {
            all,
            input,
            out_start,
            out_capacity,
        } => {
            let sealed = all.get(input.clone()).unwrap_or_default();
            if decryptor.payload_len(sealed)? <= out_capacity {
                let opened = decryptor.decrypt_within(metadata, all, input, out_start);
                return opened.map(facts);
            }
            // Refused for sure, with no room: so the errors come in the order that they have for
            // buffers apart.
            decryptor.decrypt_to(metadata, sealed, &mut []).map(facts)
        }
    }
}
