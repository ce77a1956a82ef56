//! Opening a frame to another buffer, which may overlap: the same for a decryptor and a receiver.

use core::ops::Range;

use frameseal_core::{Error, KeyId, Metadata};

use super::buffers::Joined;
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
        metadata: Metadata<'_>,
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<Self::Facts, Error>;

    fn decrypt_within(
        &self,
        metadata: Metadata<'_>,
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
    pub(super) metadata: Metadata<'a>,
    pub(super) sealed: Span,
    pub(super) out: Span,
    pub(super) out_len: *mut usize,
    pub(super) info: *mut I,
}

/// Where C is told about the payload.
struct Places<I> {
    len: Out<usize>,
    info: Option<Answers<I>>,
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
    let len = unsafe { Out::new(frame.out_len) }?;
    let info = if frame.info.is_null() {
        None
    } else {
        // SAFETY: the same.
        Some(unsafe { Answers::new(frame.info) }?)
    };
    let places = Places { len, info };
    if frame.sealed.overlaps(frame.out) {
        // SAFETY: the promise of the caller.
        let opened =
            unsafe { open_joined(frame.metadata, frame.sealed, frame.out, &places, opener) };
        return places.answer(opened?);
    }
    places.refuse_overlap(frame.out, frame.metadata)?;
    let opener = opener()?;
    // SAFETY: the promise of the caller; nothing here writes to the frame.
    let sealed = unsafe { frame.sealed.as_slice() };
    // SAFETY: the promise of the caller; no byte is shared with the frame or the metadata.
    let out = unsafe { frame.out.as_mut_slice() };
    places.answer(opener.decrypt_to(frame.metadata, sealed, out))
}

/// Opens a frame that overlaps its output.
///
/// # Safety
/// As [`open`].
// A call of its own, so that the other way is short; of numbers, which that way then need not put
// into memory. The answers are not written here: they may lie in the metadata, which nothing may write
// to while a function has it as an argument.
#[inline(never)]
unsafe fn open_joined<O: Open>(
    metadata: Metadata<'_>,
    sealed: Span,
    out: Span,
    places: &Places<O::Info>,
    opener: impl FnOnce() -> Result<O, Failure>,
) -> Result<Result<O::Facts, Error>, Failure> {
    let joined = Joined::new(sealed, out);
    places.refuse_overlap(joined.written(), metadata)?;
    let opener = opener()?;
    // SAFETY: the promise of the caller; no byte is shared with the metadata.
    let all = unsafe { joined.bytes() };
    Ok(decrypt_joined(&opener, metadata, &joined, all))
}

fn decrypt_joined<O: Open>(
    opener: &O,
    metadata: Metadata<'_>,
    joined: &Joined,
    all: &mut [u8],
) -> Result<O::Facts, Error> {
    let input = joined.input.clone();
    let sealed = all.get(input.clone()).unwrap_or_default();
    if opener.payload_len(sealed)? <= joined.out_capacity {
        return opener.decrypt_within(metadata, all, input, joined.out_start);
    }
    // Refused for sure, with no room: so the errors come in the order that they have for buffers
    // apart.
    opener.decrypt_to(metadata, sealed, &mut [])
}

impl<I: OpenInfo> Places<I> {
    /// Refuses metadata, and places, that share memory with what is written to.
    #[inline(always)]
    fn refuse_overlap(&self, written: Span, metadata: Metadata<'_>) -> Result<(), Failure> {
        match &self.info {
            Some(info) => refuse_overlap(written, &[self.len.span(), info.span()])?,
            None => refuse_overlap(written, &[self.len.span()])?,
        }
        metadata::refuse_overlap(metadata, written)
    }

    /// Tells C about the payload, or what is missing.
    #[inline(always)]
    fn answer<F: OpenFacts<I>>(self, opened: Result<F, Error>) -> Result<(), Failure> {
        match opened {
            Ok(opened) => {
                if let Some(info) = self.info {
                    info.update(|info| opened.tell(info));
                }
                self.len.set(opened.payload_len());
                Ok(())
            }
            Err(error) => Err(self.refused(error)),
        }
    }

    #[cold]
    fn refused(self, error: Error) -> Failure {
        match error {
            Error::BufferTooSmall { needed } => self.len.set(needed),
            Error::UnknownKeyId(key_id) => {
                if let Some(info) = self.info {
                    info.update(|info| info.tell_unknown(key_id));
                }
            }
            _ => {}
        }
        error.into()
    }
}
