//! Opening frames with a decryptor: to another buffer, to an overlapping one, or to the very same one.

use core::ops::Range;

use frameseal_core::{Error, Metadata, SharedDecryptor};

use super::decryptor::frameseal_decryptor;
use super::entry::enter;
use super::metadata::{Pieces, frameseal_slice};
use super::open_info::{Facts, frameseal_open_info};
use super::opening::{Frame, Open, open};
use super::out::object;
use super::result::frameseal_result;
use super::span::Span;

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
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(decryptor) }?;
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
        unsafe { open(&frame, || Ok(handle.keys())) }
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
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(decryptor) }?;
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
        unsafe { open(&frame, || Ok(handle.keys())) }
    })
}

impl Open for &SharedDecryptor {
    type Facts = Facts;
    type Info = frameseal_open_info;

    fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        SharedDecryptor::payload_len(self, sealed)
    }

    #[inline(always)]
    fn decrypt_to(
        &self,
        metadata: Metadata<'_>,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<Facts, Error> {
        SharedDecryptor::decrypt_to(self, metadata, sealed, out).map(Facts::from)
    }

    #[inline]
    fn decrypt_within(
        &self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Facts, Error> {
        SharedDecryptor::decrypt_within(self, metadata, buffer, sealed, out_start).map(Facts::from)
    }
}
