//! Sealing a frame to another buffer, which may overlap: the same for an encryptor and a stream.

use core::ops::Range;

use frameseal_core::Error;

use super::buffers::{Buffers, Pair};
use super::metadata;
use super::out::{Out, refuse_overlap};
use super::result::Failure;
use super::span::Span;

/// What can seal a frame, for as long as a call has it to itself.
pub(super) trait Seal {
    fn encrypt(
        &mut self,
        metadata: &[&[u8]],
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error>;

    fn encrypt_within(
        &mut self,
        metadata: &[&[u8]],
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error>;

    fn encrypt_in_place(
        &mut self,
        metadata: &[&[u8]],
        buffer: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, Error>;

    /// Bytes that an output needs which overlaps its payload. With `beyond`, the payload ends
    /// behind the end of the output, so that the end of all memory does not bound the frame.
    fn room(&mut self, payload_len: usize, beyond: bool) -> Result<usize, Error>;

    /// Ends the call's time with it. What is dropped instead, as by a panic, may not be used again.
    fn finish(self)
    where
        Self: Sized,
    {
    }
}

/// The arguments of sealing a frame into a buffer.
pub(super) struct Frame<'a> {
    pub(super) metadata: &'a [&'a [u8]],
    pub(super) payload: Span,
    pub(super) out: Span,
    pub(super) out_len: *mut usize,
}

/// Seals a frame with what `sealer` gives, which is asked when all arguments have been checked.
///
/// # Safety
/// `payload` must be readable, `out` and `out_len` writable, and nobody else may write to the
/// former or use the latter two during the call.
#[inline(always)]
pub(super) unsafe fn seal<S: Seal>(
    frame: &Frame<'_>,
    sealer: impl FnOnce() -> Result<S, Failure>,
) -> Result<(), Failure> {
    // SAFETY: the promise of the caller.
    let place = unsafe { Out::new(frame.out_len) }?;
    let pair = Pair::new(frame.payload, frame.out);
    let written = pair.written();
    refuse_overlap(written, &[place.span()])?;
    metadata::refuse_overlap(frame.metadata, written)?;
    let mut sealer = sealer()?;
    // SAFETY: the promise of the caller; the metadata shares no byte with what is written.
    let sealed = match unsafe { pair.buffers() } {
        Buffers::Apart { input, out } => {
            let sealed = sealer.encrypt(frame.metadata, input, out);
            let reaching = |needed| reaching_payload(frame.payload, frame.out, needed, &mut sealer);
            sealed.map_err(|error| needing(error, reaching))
        }
        Buffers::Joined {
            all,
            input,
            out_start,
            out_capacity,
        } => seal_joined(
            &mut sealer,
            frame.metadata,
            all,
            input,
            out_start,
            out_capacity,
        ),
    };
    sealer.finish();
    match sealed {
        Ok(len) => {
            place.set(len);
            Ok(())
        }
        Err(error) => Err(refused(error, place)),
    }
}

/// Seals a frame whose payload and output overlap; neither is all of the slice.
// A call of its own, so that the other way, which most take, is short.
#[inline(never)]
fn seal_joined<S: Seal>(
    sealer: &mut S,
    metadata: &[&[u8]],
    all: &mut [u8],
    input: Range<usize>,
    out_start: usize,
    out_capacity: usize,
) -> Result<usize, Error> {
    let beyond = input.end > out_start.saturating_add(out_capacity);
    let room = sealer.room(input.len(), beyond);
    if room.is_ok_and(|needed| needed <= out_capacity) {
        return sealer
            .encrypt_within(metadata, all, input, out_start)
            .map(|frame| frame.len())
            .map_err(|error| needing(error, |needed| needed.saturating_sub(out_start)));
    }
    // Refused for sure, with no room: so the errors come in the order that they have for buffers
    // apart.
    let payload = all.get(input).unwrap_or_default();
    sealer
        .encrypt(metadata, payload, &mut [])
        .map_err(|error| needing(error, |needed| room.unwrap_or(needed)))
}

#[cold]
fn refused(error: Error, place: Out<usize>) -> Failure {
    if let Error::BufferTooSmall { needed } = error {
        place.set(needed);
    }
    error.into()
}

/// The size that an output needs which is apart from the payload now, and may not be when it has
/// `needed` bytes.
#[cold]
fn reaching_payload<S: Seal>(payload: Span, out: Span, needed: usize, sealer: &mut S) -> usize {
    let out = out.with_len(needed);
    if !out.overlaps(payload) {
        return needed;
    }
    let beyond = payload.end() > out.end();
    let room = sealer.room(payload.len(), beyond);
    room.unwrap_or(needed)
}

/// The same error, with another size if it is about one.
fn needing(error: Error, size: impl FnOnce(usize) -> usize) -> Error {
    match error {
        Error::BufferTooSmall { needed } => Error::BufferTooSmall {
            needed: size(needed),
        },
        other => other,
    }
}
