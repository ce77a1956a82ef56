//! The three ways of keying a call, as far as a key id tells.
//!
//! Fourth layer, values only: the widths of the fields of a key id. What a key id says depends on who made it: the application
//! (RFC 9605 §5), a sender that ratchets (§5.1), or MLS (§5.2).

use crate::header::KeyId;
use crate::kid_layout::{KidLayout, KidParts};
use crate::sender_keys::{RatchetBits, StepParts};

/// How the key ids of a call are made; all who take part agree on it out of band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keying {
    /// The application numbers its keys as it likes.
    Plain,
    /// Every sender has keys of its own, with ratchet steps inside generations (RFC 9605 §5.1).
    SenderKeys(RatchetBits),
    /// Epochs of an MLS group (RFC 9605 §5.2).
    Mls(KidLayout),
}

/// What a key id says. Until the frame has authenticated, these are claims of whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyIdParts {
    /// A number of the application.
    Plain,
    /// Generation and ratchet step (RFC 9605 §5.1).
    SenderKeys(StepParts),
    /// Epoch, sender index and context (RFC 9605 §5.2).
    Mls(KidParts),
}

impl Keying {
    /// Reads a key id; every key id has some parts.
    #[must_use]
    pub const fn parts(self, key_id: KeyId) -> KeyIdParts {
        match self {
            Self::Plain => KeyIdParts::Plain,
            Self::SenderKeys(bits) => KeyIdParts::SenderKeys(bits.parts(key_id)),
            Self::Mls(layout) => KeyIdParts::Mls(layout.parts(key_id)),
        }
    }

    /// `plain`, `sender-keys` or `mls`: a stable name for logs and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::SenderKeys(_) => "sender-keys",
            Self::Mls(_) => "mls",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_those_of_the_keying() {
        let key_id = KeyId::new(0x0123_4567);
        let bits = RatchetBits::STANDARD;
        let layout = KidLayout::STANDARD;
        let cases = [
            (Keying::Plain, KeyIdParts::Plain),
            (
                Keying::SenderKeys(bits),
                KeyIdParts::SenderKeys(bits.parts(key_id)),
            ),
            (Keying::Mls(layout), KeyIdParts::Mls(layout.parts(key_id))),
        ];
        for (keying, parts) in cases {
            assert_eq!(keying.parts(key_id), parts);
        }
    }
}
