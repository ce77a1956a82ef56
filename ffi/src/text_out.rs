//! Text that is written to memory of the caller: ended by a zero byte, as C wants it.

use frameseal_core::Error;

use super::out::{Out, refuse_overlap};
use super::result::Failure;
use super::span::Span;

/// A buffer for text, and the place for its length without the zero byte.
pub(super) struct TextOut {
    out: Span,
    len: Out<usize>,
}

impl TextOut {
    /// # Safety
    /// Both must be writable, and nobody else may use them during the call.
    pub(super) unsafe fn new(
        out: *mut core::ffi::c_char,
        capacity: usize,
        len: *mut usize,
    ) -> Result<Self, Failure> {
        let out = Span::new(out.cast(), capacity)?;
        // SAFETY: the promise of the caller.
        let len = unsafe { Out::new(len) }?;
        refuse_overlap(out, &[len.span()])?;
        Ok(Self { out, len })
    }

    /// Writes the text, which has no zero byte in it. If the buffer is too small, the length is told
    /// that it needs, the zero byte included.
    ///
    /// # Safety
    /// As [`Self::new`]; no other reference to the buffer may be in use.
    pub(super) unsafe fn tell(self, text: &str) -> Result<(), Failure> {
        let needed = text.len().saturating_add(1);
        // SAFETY: the promise of the caller.
        let out = unsafe { self.out.as_mut_slice() };
        let Some((end, to)) = out.get_mut(..needed).and_then(<[u8]>::split_last_mut) else {
            self.len.set(needed);
            return Err(Error::BufferTooSmall { needed }.into());
        };
        to.copy_from_slice(text.as_bytes());
        *end = 0;
        self.len.set(text.len());
        Ok(())
    }
}
