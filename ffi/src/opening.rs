//! Opening a frame to another buffer, which may overlap: the same for a decryptor and a receiver.

use core::ops::Range;

use frameseal_core::{Error, KeyId};

use super::buffers::{Buffers, Pair};
use super::growing::{Answers, Growing};
use super::metadata;
use super::out::{Out, refuse_overlap};
use super::result::Failure;
use super::span::Span;

/// What can open frames, on several threads at once.
pub(super) trait Open {
    /// What is known of a frame that was opened.
    type Facts: OpenFacts<Self::Info>;
    /// The structure in which C is told.
    type Info: OpenInfo;

    fn payload_len(&self, sealed: &[u8]) -> Result<usize, Error>;

    fn decrypt_to(
        &self,
        metadata: &[&[u8]],
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<Self::Facts, Error>;

    fn decrypt_within(
        &self,
        metadata: &[&[u8]],
        buffer: &mut [u8],
        sealed: Range<usize>,
        out_start: usize,
    ) -> Result<Self::Facts, Error>;
}

pub(super) trait OpenFacts<I> {
    fn payload_len(&self) -> usize;
    fn tell(&self, info: &mut I);
}

pub(super) trait OpenInfo: Growing {
    /// Tells the key id of a frame whose key is not here.
    fn tell_unknown(&mut self, key_id: KeyId);
}

/// The arguments of opening a frame.
pub(super) struct Frame<'a, I> {
    pub(super) metadata: &'a [&'a [u8]],
    pub(super) sealed: Span,
    pub(super) out: Span,
    pub(super) out_len: *mut usize,
    pub(super) info: *mut I,
}

/// Opens a frame with what `opener` gives, which is asked when all arguments have been checked.
///
/// # Safety
/// `sealed` must be readable, `out` and what the other pointers point to writable, and nobody else
/// may write to the former or use the latter during the call.
#[inline(always)]
pub(super) unsafe fn open<O: Open>(
    frame: &Frame<'_, O::Info>,
    opener: impl FnOnce() -> Result<O, Failure>,
) -> Result<(), Failure> {
    // SAFETY: the promise of the caller.
    let place = unsafe { Out::new(frame.out_len) }?;
    let info = if frame.info.is_null() {
        None
    } else {
        // SAFETY: the same.
        Some(unsafe { Answers::new(frame.info) }?)
    };
    let pair = Pair::new(frame.sealed, frame.out);
    let written = pair.written();
    match &info {
        Some(info) => refuse_overlap(written, &[place.span(), info.span()])?,
        None => refuse_overlap(written, &[place.span()])?,
    }
    metadata::refuse_overlap(frame.metadata, written)?;
    let opener = opener()?;
    // SAFETY: the promise of the caller; the metadata shares no byte with what is written.
    let buffers = unsafe { pair.buffers() };
    match decrypt(&opener, frame.metadata, buffers) {
        Ok(opened) => {
            if let Some(info) = info {
                info.update(|info| opened.tell(info));
            }
            place.set(opened.payload_len());
            Ok(())
        }
        Err(error) => {
            match error {
                Error::BufferTooSmall { needed } => place.set(needed),
                Error::UnknownKeyId(key_id) => {
                    if let Some(info) = info {
                        info.update(|info| info.tell_unknown(key_id));
                    }
                }
                _ => {}
            }
            Err(error.into())
        }
    }
}

#[inline(always)]
fn decrypt<O: Open>(
    opener: &O,
    metadata: &[&[u8]],
    buffers: Buffers<'_>,
) -> Result<O::Facts, Error> {
    match buffers {
        Buffers::Apart { input, out } => opener.decrypt_to(metadata, input, out),
        Buffers::Joined {
            all,
            input,
            out_start,
            out_capacity,
        } => {
            let sealed = all.get(input.clone()).unwrap_or_default();
            if opener.payload_len(sealed)? <= out_capacity {
                return opener.decrypt_within(metadata, all, input, out_start);
            }
            // Refused for sure, with no room: so the errors come in the order that they have for
            // buffers apart.
            opener.decrypt_to(metadata, sealed, &mut [])
        }
    }
}
