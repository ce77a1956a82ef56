//! Sealing frames with an encryptor in memory of the caller, to another buffer, which may overlap.

use core::ops::Range;

use frameseal_core::Error;

use super::encryptor::frameseal_encryptor;
use super::entry::enter;
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
            metadata: &[metadata],
            payload: Span::new(payload, payload_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { seal(&frame, || lock(encryptor)) }
    })
}

impl Seal for Guard<'_, frameseal_encryptor> {
    #[inline]
    fn encrypt(
        &mut self,
        metadata: &[&[u8]],
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        (**self).encrypt(metadata, payload, out)
    }

    fn encrypt_within(
        &mut self,
        metadata: &[&[u8]],
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error> {
        (**self).encrypt_within(metadata, buffer, payload, out_start)
    }

    fn room(&mut self, payload_len: usize, _beyond: bool) -> Result<usize, Error> {
        // Nothing changes while the call has the keys.
        self.sealed_len(payload_len)
    }
}
