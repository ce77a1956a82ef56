//! Sealing a frame to another buffer, which may overlap: the same for an encryptor and a stream.

use core::ops::Range;

use frameseal_core::{Error, Metadata};

use super::buffers::Joined;
use super::metadata;
use super::out::{Out, refuse_overlap};
use super::result::Failure;
use super::span::Span;

/// What can seal a frame, for as long as a call has it to itself.
pub(super) trait Seal {
    fn encrypt(
        &mut self,
        metadata: Metadata<'_>,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error>;

    fn encrypt_within(
        &mut self,
        metadata: Metadata<'_>,
        buffer: &mut [u8],
        payload: Range<usize>,
        out_start: usize,
    ) -> Result<Range<usize>, Error>;

    fn encrypt_in_place(
        &mut self,
        metadata: Metadata<'_>,
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
    pub(super) metadata: Metadata<'a>,
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
    if frame.payload.overlaps(frame.out) {
        let (payload, out) = (frame.payload, frame.out);
        // SAFETY: the promise of the caller.
        let sealed = unsafe { seal_joined(frame.metadata, payload, out, &place, sealer) }?;
        return answer(sealed, place);
    }
    refuse_overlap(frame.out, &[place.span()])?;
    metadata::refuse_overlap(frame.metadata, frame.out)?;
    let mut sealer = sealer()?;
    // SAFETY: the promise of the caller; nothing here writes to the payload.
    let payload = unsafe { frame.payload.as_slice() };
    // SAFETY: the promise of the caller; no byte is shared with the payload or the metadata.
    let out = unsafe { frame.out.as_mut_slice() };
    let sealed = sealer.encrypt(frame.metadata, payload, out);
    let reaching = |needed| reaching_payload(frame.payload, frame.out, needed, &mut sealer);
    let sealed = sealed.map_err(|error| needing(error, reaching));
    sealer.finish();
    answer(sealed, place)
}

/// Seals a frame whose payload and output overlap.
///
/// # Safety
/// As [`seal`].
// A call of its own, so that the other way, which most take, is short; of numbers, which that way
// then need not put into memory. The answer is not written here: it may lie in the metadata, which
// nothing may write to while a function has it as an argument.
#[inline(never)]
unsafe fn seal_joined<S: Seal>(
    metadata: Metadata<'_>,
    payload: Span,
    out: Span,
    place: &Out<usize>,
    sealer: impl FnOnce() -> Result<S, Failure>,
) -> Result<Result<usize, Error>, Failure> {
    let joined = Joined::new(payload, out);
    refuse_overlap(joined.written(), &[place.span()])?;
    metadata::refuse_overlap(metadata, joined.written())?;
    let mut sealer = sealer()?;
    // SAFETY: the promise of the caller; no byte is shared with the metadata.
    let all = unsafe { joined.bytes() };
    let sealed = encrypt_joined(&mut sealer, metadata, &joined, all);
    sealer.finish();
    Ok(sealed)
}

fn encrypt_joined<S: Seal>(
    sealer: &mut S,
    metadata: Metadata<'_>,
    joined: &Joined,
    all: &mut [u8],
) -> Result<usize, Error> {
    let (input, out_start) = (joined.input.clone(), joined.out_start);
    let beyond = input.end > out_start.saturating_add(joined.out_capacity);
    let room = sealer.room(input.len(), beyond);
    if room.is_ok_and(|needed| needed <= joined.out_capacity) {
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

/// Tells C how long the frame is, or has to be.
#[inline(always)]
fn answer(sealed: Result<usize, Error>, place: Out<usize>) -> Result<(), Failure> {
    match sealed {
        Ok(len) => {
            place.set(len);
            Ok(())
        }
        Err(error) => Err(refused(error, place)),
    }
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
