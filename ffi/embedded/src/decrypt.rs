//! Opening frames with a decryptor in memory of the caller: to another buffer, to an overlapping
//! one, or to the very same one.

use core::cell::{RefCell, RefMut};
use core::ops::Range;

use frameseal_core::{Error, Metadata};

use super::decryptor::frameseal_decryptor;
use super::entry::enter;
use super::open_info::{Facts, frameseal_open_info};
use super::opening::{Frame, Open, open};
use super::placed::{Guard, lock};
use super::result::frameseal_result;
use super::span::Span;

/// Opens the frame in `sealed`, writes its payload to `out` and the payload's length to `*out_len`.
///
/// `sealed` and `out` may overlap in any way; with `out` equal to `sealed` the payload replaces the
/// frame, from the same address on. Where they overlap, all of `sealed` may be written to; of the
/// frame's ciphertext, what the payload does not cover is then overwritten with zeros. `metadata`
/// must be what the sender passed. `info` may be NULL; if it is not, its `struct_size` must be set.
///
/// - `FRAMESEAL_ERROR_SYNTAX`, `FRAMESEAL_ERROR_REPLAY`
/// - `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`: `info->key_id` is set to the key id of the frame
/// - `FRAMESEAL_ERROR_AUTHENTICATION`: discard the frame; `out` may hold ciphertext
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer, length or `struct_size` cannot be right, or
///   `metadata`, `out_len` or `info` overlaps `out` (or `sealed`, where that overlaps `out`), or
///   `out_len` overlaps `info`
///
/// A call that fails leaves no payload in `out`, and leaves `out` as it was but for an
/// authentication failure (ciphertext). Keeps no pointer.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_decryptor_decrypt(
    decryptor: *mut frameseal_decryptor,
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
            metadata: metadata.into(),
            sealed: Span::new(sealed, sealed_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
            info,
        };
        // SAFETY: C promises that pointers are what the header file says.
        unsafe { open(&frame, || lock(decryptor).map(Opener::new)) }
    })
}

/// The keys of a decryptor, for one frame.
struct Opener<'a> {
    /// In a cell, since what opens frames is shared in the ordinary library; here the call has it
    /// to itself, and borrows it once.
    keys: RefCell<Guard<'a, frameseal_decryptor>>,
}

impl<'a> Opener<'a> {
    fn new(keys: Guard<'a, frameseal_decryptor>) -> Self {
        Self {
            keys: RefCell::new(keys),
        }
    }

    fn keys(&self) -> Result<RefMut<'_, Guard<'a, frameseal_decryptor>>, Error> {
        let keys = self.keys.try_borrow_mut();
        keys.map_err(|_| Error::InvalidArgument("in use"))
    }
}

impl Open for Opener<'_> {
    type Facts = Facts;
    type Info = frameseal_open_info;

    fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error> {
        self.keys()?.payload_len(sealed)
    }

    #[inline]
    fn decrypt_to(
        &self,
        metadata: Metadata<'_>,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<Facts, Error> {
        let mut keys = self.keys()?;
        keys.decrypt_to(metadata, sealed, out).map(Facts::from)
    }

    #[inline]
    fn decrypt_within(
        &self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Facts, Error> {
        let mut keys = self.keys()?;
        keys.decrypt_within(metadata, buffer, sealed, out_start)
            .map(Facts::from)
    }
}
