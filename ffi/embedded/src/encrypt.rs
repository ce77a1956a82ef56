//! Sealing frames with an encryptor in memory of the caller: to another buffer, which may overlap, or
//! in place.

use core::ops::Range;

use frameseal_core::{Error, Metadata};

use super::encryptor::frameseal_encryptor;
use super::entry::enter;
use super::in_place::InPlace;
use super::placed::{Guard, lock};
use super::result::frameseal_result;
use super::sealing::{Frame, Seal, seal};
use super::span::Span;

/// Seals `payload` into `out` as header, ciphertext and tag, with the key in use, and writes how
/// many bytes that are to `*out_len`.
///
/// `payload` and `out` may overlap in any way, or be the same. `metadata` is authenticated and not
/// sent: the receiver must pass the same bytes.
///
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`, `FRAMESEAL_ERROR_COUNTER_EXHAUSTED`,
///   `FRAMESEAL_ERROR_RESERVATION_NEEDED`, `FRAMESEAL_ERROR_USAGE_LIMIT`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right, `metadata` or
///   `out_len` overlaps `out` (or `payload`, where that overlaps `out`), or no frame can have that
///   payload
///
/// A call that fails uses no counter and leaves `out` as it was. Keeps no pointer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_encrypt(
    encryptor: *mut frameseal_encryptor,
    metadata: *const u8,
    metadata_len: usize,
    payload: *const u8,
    payload_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        let metadata = Span::new(metadata, metadata_len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let metadata = unsafe { metadata.as_slice() };
        let frame = Frame {
            metadata: metadata.into(),
            payload: Span::new(payload, payload_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { seal(&frame, || lock(encryptor)) }
    })
}

/// Seals a part of `buffer` where it is: the payload of `payload_len` bytes that begins
/// `payload_offset` bytes behind the start of `buffer`. The sealed frame ends up around it, and
/// its place in `buffer` is written to `*frame_offset` and `*frame_len`.
///
/// Needs headroom for the header in front of the payload and tailroom for the tag behind it:
/// `FRAMESEAL_MAX_HEADER_LEN` and `FRAMESEAL_MAX_TAG_LEN` always suffice.
///
/// - `FRAMESEAL_ERROR_HEADROOM_TOO_SMALL`: `*frame_offset` is set to the bytes that must lie in
///   front of the payload
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*frame_len` is set to the capacity that `buffer` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: also when the payload is not inside the buffer, or
///   `metadata`, `frame_offset` or `frame_len` overlaps the buffer, or the latter two each other
/// - otherwise as `frameseal_encryptor_encrypt`
///
/// A call that fails uses no counter and leaves the buffer as it was. Keeps no pointer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_encryptor_encrypt_in_place(
    encryptor: *mut frameseal_encryptor,
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
        unsafe { frame.seal(|| lock(encryptor)) }
    })
}

impl Seal for Guard<'_, frameseal_encryptor> {
    #[inline]
    fn encrypt(
        &mut self,
        metadata: Metadata<'_>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        (**self).encrypt(metadata, payload, out)
    }

    fn encrypt_within(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        (**self).encrypt_within(metadata, buffer, payload, out_start)
    }

    fn encrypt_in_place(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error> {
        (**self).encrypt_in_place(metadata, buffer, payload)
    }

    fn room(&mut self, payload_len: usize, _beyond: bool) -> Result<usize, Error> {
        // Nothing changes while the call has the keys.
        self.sealed_len(payload_len)
    }
}
