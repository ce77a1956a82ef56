//! For servers: what can be read of a frame without any key.
//!
//! Fourth layer, but only what is known of the wire is under it, no key. A server that forwards frames may route by key
//! id and counter, count what each sender sends, and drop what cannot be a frame; it can never tell
//! what is a frame, since only a key can. No state, no allocation.
//!
//! ```
//! use frameseal::{Inspector, KeyIdParts, Keying, KidLayout, Verdict};
//!
//! let inspector = Inspector::new(Keying::Mls(KidLayout::for_leaves(4, 64)?)).with_leaves(50);
//! // Context 2 of the member at index 2 in epoch 16 (RFC 9605 §5.2), its frame 5.
//! let Verdict::Possible(seen) = inspector.inspect(&[0x95, 0x08, 0x20, 0xaa, 0xbb]) else {
//!     panic!("this can be a frame");
//! };
//! let KeyIdParts::Mls(parts) = seen.parts else { unreachable!() };
//! assert_eq!((parts.context, parts.index, parts.epoch_bits), (2, 2, 0));
//! assert_eq!((seen.counter.value(), seen.header_len, seen.sealed_len), (5, 3, 5));
//! // Index 60, where nobody is.
//! assert!(!inspector.inspect(&[0x95, 0x03, 0xc0, 0xaa, 0xbb]).is_possible());
//! # Ok::<(), frameseal::Error>(())
//! ```

use crate::cipher_suite::CipherSuite;
use crate::error::SyntaxError;
use crate::header::{Counter, Header, KeyId};
use crate::keying::{KeyIdParts, Keying};

/// What the header of a frame says, and how long its parts are.
///
/// Nothing of it is authenticated: whoever sent the bytes chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// Which key sealed the frame.
    pub key_id: KeyId,
    /// Which frame of that key it is.
    pub counter: Counter,
    /// What the key id says in the keying of the call.
    pub parts: KeyIdParts,
    /// Bytes of the header, 1 to 17.
    pub header_len: usize,
    /// Bytes of the whole frame: header, ciphertext and tag.
    pub sealed_len: usize,
}

impl Inspection {
    /// Reads the header at the start of `bytes`, which are one frame.
    ///
    /// # Errors
    /// As [`Header::parse`].
    pub fn read(bytes: &[u8], keying: Keying) -> Result<Self, SyntaxError> {
        let (header, header_len) = Header::parse(bytes)?;
        Ok(Self {
            key_id: header.key_id,
            counter: header.counter,
            parts: keying.parts(header.key_id),
            header_len,
            sealed_len: bytes.len(),
        })
    }

    /// Bytes of the payload, exactly, when the suite is known: SFrame adds no padding.
    ///
    /// # Errors
    /// [`SyntaxError::ShorterThanTag`] and [`SyntaxError::TooLong`] when no frame of the suite has
    /// this length.
    pub fn payload_len(&self, suite: CipherSuite) -> Result<usize, SyntaxError> {
        let len = self
            .sealed_len
            .checked_sub(self.header_len)
            .and_then(|body| body.checked_sub(suite.tag_len()))
            .ok_or(SyntaxError::ShorterThanTag)?;
        if len as u64 > suite.max_payload_len() {
            return Err(SyntaxError::TooLong);
        }
        Ok(len)
    }
}

/// Whether bytes can be an SFrame frame of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// They can be a frame, and this is what it would say. **That is weak evidence**, see
    /// [`Inspector`].
    Possible(Inspection),
    /// They cannot, whatever the key. That is certain.
    Impossible(NotSFrame),
}

/// Why bytes cannot be an SFrame frame of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotSFrame {
    /// No frame of any call: the header is cut off or not the shortest one (RFC 9605 §4.3), or no
    /// frame of the suite has this length.
    Syntax(SyntaxError),
    /// The key id names a leaf that the tree does not have.
    NoSuchLeaf(u32),
    /// The key id names a context that no stream of the call has.
    NoSuchContext(u64),
}

impl Verdict {
    /// Whether the bytes can be a frame.
    #[must_use]
    pub const fn is_possible(&self) -> bool {
        matches!(self, Self::Possible(_))
    }
}

/// Tells what cannot be a frame of a call, without a key.
///
/// SFrame has no magic number and next to no redundancy, so plain media often looks like it. Of
/// random byte strings that are long enough, 99.3 % (`(4081/4096)^2`) have a valid header. What an
/// inspector knows of the call lowers that, but not far, since half of all first bytes carry a key
/// id from 0 to 7, which is the member at index 0 in MLS: with 50 leaves and one context under
/// [`KidLayout::STANDARD`](crate::KidLayout::STANDARD), 57 % still pass. Real media is not random:
/// an Annex B start code (`00 00 00 01`) is the valid header of key id 0 and counter 0, always.
///
/// So use it to drop what is certainly not SFrame and to route what may be. Whether a stream is
/// end-to-end encrypted is for its receivers to say, who have the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspector {
    keying: Keying,
    suite: Option<CipherSuite>,
    leaves: Option<u32>,
    contexts: Option<u64>,
}

impl Inspector {
    /// For calls with this keying.
    #[must_use]
    pub const fn new(keying: Keying) -> Self {
        Self {
            keying,
            suite: None,
            leaves: None,
            contexts: None,
        }
    }

    /// The same, which also knows the suite: what is shorter than its tag is no frame.
    #[must_use]
    pub const fn with_suite(mut self, suite: CipherSuite) -> Self {
        self.suite = Some(suite);
        self
    }

    /// The same, which also knows how many leaves the MLS tree has, blank ones included. It must be
    /// told when the tree grows, before the new members send.
    #[must_use]
    pub const fn with_leaves(mut self, leaves: u32) -> Self {
        self.leaves = Some(leaves);
        self
    }

    /// The same, which also knows that contexts in MLS mode are below this number.
    #[must_use]
    pub const fn with_contexts(mut self, contexts: u64) -> Self {
        self.contexts = Some(contexts);
        self
    }

    /// Reads a frame and says whether it can be one.
    pub fn inspect(&self, bytes: &[u8]) -> Verdict {
        match self.check(bytes) {
            Ok(inspection) => Verdict::Possible(inspection),
            Err(reason) => Verdict::Impossible(reason),
        }
    }

    fn check(&self, bytes: &[u8]) -> Result<Inspection, NotSFrame> {
        let seen = Inspection::read(bytes, self.keying).map_err(NotSFrame::Syntax)?;
        if let Some(suite) = self.suite {
            seen.payload_len(suite).map_err(NotSFrame::Syntax)?;
        }
        if let KeyIdParts::Mls(parts) = seen.parts {
            if self.leaves.is_some_and(|leaves| parts.index >= leaves) {
                return Err(NotSFrame::NoSuchLeaf(parts.index));
            }
            if self.contexts.is_some_and(|count| parts.context >= count) {
                return Err(NotSFrame::NoSuchContext(parts.context));
            }
        }
        Ok(seen)
    }
}

impl core::fmt::Display for NotSFrame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "not an SFrame frame: {reason}"),
            Self::NoSuchLeaf(index) => write!(f, "there is no leaf {index}"),
            Self::NoSuchContext(context) => write!(f, "there is no context {context}"),
        }
    }
}
