//! Reading the header of a frame without any key: what a forwarder does.

use frameseal_core::{Error, Header};

use super::entry::enter;
use super::out::Out;
use super::result::frameseal_result;
use super::span::Span;

/// The header of a frame: readable by everybody, and claimed by whoever sent the bytes until the
/// frame has authenticated.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_header {
    /// The key that sealed the frame (KID).
    pub key_id: u64,
    /// The number of the frame under that key (CTR).
    pub counter: u64,
    /// Bytes of the header, 1 to 17.
    pub len: usize,
}

/// Reads the header at the start of `data`. Needs no key.
///
/// Use the values to route or to look for a key, never to decide anything else: they are not
/// authenticated.
///
/// - `FRAMESEAL_ERROR_SYNTAX`: the bytes do not begin with an SFrame header
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_header_peek(
    data: *const u8,
    len: usize,
    header: *mut frameseal_header,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let out = unsafe { Out::new(header) }?;
        let data = Span::new(data, len)?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let bytes = unsafe { data.as_slice() };
        let (header, len) = Header::parse(bytes).map_err(Error::from)?;
        out.set(frameseal_header {
            key_id: header.key_id.value(),
            counter: header.counter.value(),
            len,
        });
        Ok(())
    })
}
