//! For servers, in C: what can be read of a frame without any key, and what cannot be one.

use core::ffi::{CStr, c_char};

use frameseal_core::{CipherSuite, Inspection, Inspector, KeyIdParts, NotSFrame, Verdict};

use super::entry::enter;
use super::growing::{self, Answers, Growing, size_until};
use super::keying::{frameseal_keying, keying};
use super::result::{Failure, frameseal_result, invalid};
use super::span::Span;
use super::suite::frameseal_suite;

/// Whether bytes can be an SFrame frame of a call, and why not.
pub type frameseal_verdict = u32;

/// They can be a frame. That is weak evidence: plain media often looks like it.
pub const FRAMESEAL_VERDICT_POSSIBLE: frameseal_verdict = 1;
/// No frame of any call: the header is cut off or not the shortest one, or no frame of the suite has
/// this length.
pub const FRAMESEAL_VERDICT_SYNTAX: frameseal_verdict = 2;
/// The key id names a leaf that the tree does not have.
pub const FRAMESEAL_VERDICT_NO_SUCH_LEAF: frameseal_verdict = 3;
/// The key id names a context that no stream of the call has.
pub const FRAMESEAL_VERDICT_NO_SUCH_CONTEXT: frameseal_verdict = 4;
/// Impossible, for a reason that this version has no number for.
pub const FRAMESEAL_VERDICT_OTHER: frameseal_verdict = 0;

/// What a server knows of a call. Initialise all of it to zero, then `struct_size` and `keying`, then
/// what else is known.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_inspector {
    /// `sizeof (frameseal_inspector)`.
    pub struct_size: usize,
    /// In MLS mode, contexts are below this number; 0 if that is not known.
    pub contexts: u64,
    /// In MLS mode, how many leaves the tree has, blank ones included; 0 if that is not known. It
    /// must be told when the tree grows, before the new members send.
    pub leaves: u32,
    /// One of the `FRAMESEAL_KEYING_` numbers.
    pub keying: frameseal_keying,
    /// The cipher suite; 0 if that is not known.
    pub suite: frameseal_suite,
    /// With `FRAMESEAL_KEYING_SENDER_KEYS`, the ratchet bits; else 0.
    pub ratchet_bits: u8,
    /// With `FRAMESEAL_KEYING_MLS`, the bits of the epoch, 1 to 16; else 0.
    pub epoch_bits: u8,
    /// With `FRAMESEAL_KEYING_MLS`, the bits of the leaf index, 0 to 32; else 0.
    pub index_bits: u8,
}

/// What the header of a frame says, and how long its parts are. Nothing of it is authenticated:
/// whoever sent the bytes chose it. Set `struct_size` before every call. Numbers that the keying
/// does not have are 0; if the frame is not possible, all are.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_inspection {
    /// `sizeof (frameseal_inspection)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// Which key sealed the frame.
    pub key_id: u64,
    /// Which frame of that key it is.
    pub counter: u64,
    /// Sender keys: the generation.
    pub generation: u64,
    /// Sender keys: the low bits of the ratchet step.
    pub step_bits: u64,
    /// MLS: which stream of its sender.
    pub context: u64,
    /// MLS: the low bits of the epoch's number.
    pub epoch_bits: u64,
    /// MLS: the leaf index of the sender.
    pub index: u32,
    /// One of the `FRAMESEAL_VERDICT_` numbers.
    pub verdict: frameseal_verdict,
    /// Bytes of the header, 1 to 17.
    pub header_len: usize,
    /// Bytes of the whole frame: header, ciphertext and tag.
    pub sealed_len: usize,
    /// Bytes of the payload, exactly, if the suite is known; else 0.
    pub payload_len: usize,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_inspector {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_inspector, index_bits) + 1);
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_inspection {
    const FIRST_SIZE: usize = size_until::<Self>(
        core::mem::offset_of!(frameseal_inspection, payload_len) + size_of::<usize>(),
    );
}

/// Reads a frame, all of it, without a key, and says in `seen->verdict` whether it can be one.
///
/// Use it to drop what is certainly not SFrame and to route what may be. Whether a stream is
/// end-to-end encrypted is for its receivers to say, who have the keys: of random byte strings that
/// are long enough, 99.3 % have a valid header.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: `call` has a number that does not exist, bits that do not
///   belong to its keying, or the size of no such structure, or a pointer or length cannot be right
///
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_inspect(
    call: *const frameseal_inspector,
    sealed: *const u8,
    sealed_len: usize,
    seen: *mut frameseal_inspection,
) -> frameseal_result {
    enter(|| {
        if call.is_null() {
            return Err(invalid("what is known of the call is NULL"));
        }
        // SAFETY: C promises that pointers are what the header file says.
        let call = unsafe { growing::read(call) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(seen) }?;
        let sealed = Span::new(sealed, sealed_len)?;
        let (inspector, suite) = inspector(&call)?;
        // SAFETY: C promises that the bytes can be read; the slice is gone before anything is
        // written.
        let verdict = inspector.inspect(unsafe { sealed.as_slice() });
        answers.update(|seen| seen.tell(&verdict, suite));
        Ok(())
    })
}

/// A short English text for a verdict, for logs.
///
/// Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_verdict_text(verdict: frameseal_verdict) -> *const c_char {
    text(verdict).as_ptr()
}

fn text(verdict: frameseal_verdict) -> &'static CStr {
    match verdict {
        FRAMESEAL_VERDICT_POSSIBLE => c"can be a frame",
        FRAMESEAL_VERDICT_SYNTAX => c"not an SFrame frame",
        FRAMESEAL_VERDICT_NO_SUCH_LEAF => c"there is no such leaf",
        FRAMESEAL_VERDICT_NO_SUCH_CONTEXT => c"there is no such context",
        _ => c"unknown verdict",
    }
}

/// The inspector that the structure means, and its suite.
fn inspector(call: &frameseal_inspector) -> Result<(Inspector, Option<CipherSuite>), Failure> {
    let keying = keying(
        call.keying,
        call.ratchet_bits,
        call.epoch_bits,
        call.index_bits,
    )?;
    let mut inspector = Inspector::new(keying);
    let mut suite = None;
    if call.suite > 0 {
        let known = CipherSuite::try_from(call.suite)?;
        inspector = inspector.with_suite(known);
        suite = Some(known);
    }
    if call.leaves > 0 {
        inspector = inspector.with_leaves(call.leaves);
    }
    if call.contexts > 0 {
        inspector = inspector.with_contexts(call.contexts);
    }
    Ok((inspector, suite))
}

impl frameseal_inspection {
    /// Nothing, as a structure of this size.
    const fn none(struct_size: usize, verdict: frameseal_verdict) -> Self {
        Self {
            struct_size,
            key_id: 0,
            counter: 0,
            generation: 0,
            step_bits: 0,
            context: 0,
            epoch_bits: 0,
            index: 0,
            verdict,
            header_len: 0,
            sealed_len: 0,
            payload_len: 0,
        }
    }

    fn tell(&mut self, verdict: &Verdict, suite: Option<CipherSuite>) {
        let size = self.struct_size;
        match verdict {
            Verdict::Possible(seen) => {
                *self = Self::none(size, FRAMESEAL_VERDICT_POSSIBLE);
                self.tell_seen(seen, suite);
            }
            Verdict::Impossible(NotSFrame::Syntax(_)) => {
                *self = Self::none(size, FRAMESEAL_VERDICT_SYNTAX);
            }
            Verdict::Impossible(NotSFrame::NoSuchLeaf(_)) => {
                *self = Self::none(size, FRAMESEAL_VERDICT_NO_SUCH_LEAF);
            }
            Verdict::Impossible(NotSFrame::NoSuchContext(_)) => {
                *self = Self::none(size, FRAMESEAL_VERDICT_NO_SUCH_CONTEXT);
            }
            Verdict::Impossible(_) => *self = Self::none(size, FRAMESEAL_VERDICT_OTHER),
        }
    }

    fn tell_seen(&mut self, seen: &Inspection, suite: Option<CipherSuite>) {
        self.key_id = seen.key_id.value();
        self.counter = seen.counter.value();
        self.header_len = seen.header_len;
        self.sealed_len = seen.sealed_len;
        self.payload_len = suite.map_or(0, |suite| seen.payload_len(suite).unwrap_or(0));
        match seen.parts {
            KeyIdParts::SenderKeys(parts) => {
                self.generation = parts.generation;
                self.step_bits = parts.step_bits;
            }
            KeyIdParts::Mls(parts) => {
                self.context = parts.context;
                self.index = parts.index;
                self.epoch_bits = parts.epoch_bits;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_keep_their_numbers_and_have_texts() {
        let verdicts = [
            FRAMESEAL_VERDICT_POSSIBLE,
            FRAMESEAL_VERDICT_SYNTAX,
            FRAMESEAL_VERDICT_NO_SUCH_LEAF,
            FRAMESEAL_VERDICT_NO_SUCH_CONTEXT,
        ];
        for (verdict, number) in verdicts.into_iter().zip(1..) {
            assert_eq!(verdict, number);
            assert_ne!(text(verdict), text(FRAMESEAL_VERDICT_OTHER));
            assert_ne!(text(verdict), text(verdict - 1));
        }
        assert_eq!(text(5), text(FRAMESEAL_VERDICT_OTHER));
    }
}
