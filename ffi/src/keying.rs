//! The three ways of keying a call, as C names them: what key ids say.

use frameseal_core::{Keying, KidLayout};

use super::result::{Failure, invalid};
use super::sender_keys::ratchet_bits;

/// How the key ids of a call are made.
pub type frameseal_keying = u32;

/// The application numbers its keys as it likes.
pub const FRAMESEAL_KEYING_PLAIN: frameseal_keying = 1;
/// Every sender has keys of its own, with ratchet steps inside generations (RFC 9605 section 5.1).
pub const FRAMESEAL_KEYING_SENDER_KEYS: frameseal_keying = 2;
/// Epochs of an MLS group (RFC 9605 section 5.2).
pub const FRAMESEAL_KEYING_MLS: frameseal_keying = 3;

/// A keying of C, with those of the three numbers of bits that it has; the others must be 0.
pub(super) fn keying(
    kind: frameseal_keying,
    ratchet: u8,
    epoch: u8,
    index: u8,
) -> Result<Keying, Failure> {
    match (kind, ratchet, epoch, index) {
        (FRAMESEAL_KEYING_PLAIN, 0, 0, 0) => Ok(Keying::Plain),
        (FRAMESEAL_KEYING_SENDER_KEYS, _, 0, 0) => {
            Ok(Keying::SenderKeys(ratchet_bits(ratchet.into())?))
        }
        (FRAMESEAL_KEYING_MLS, 0, ..) => {
            Ok(Keying::Mls(KidLayout::new(epoch.into(), index.into())?))
        }
        _ => Err(invalid("no such keying, or bits that it does not have")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frameseal_core::RatchetBits;

    #[test]
    fn every_keying_comes_from_its_number_and_its_bits() {
        assert_eq!(keying(1, 0, 0, 0), Ok(Keying::Plain));
        let none = Keying::SenderKeys(RatchetBits::NONE);
        assert_eq!(keying(2, 0, 0, 0), Ok(none));
        let standard = Keying::SenderKeys(RatchetBits::STANDARD);
        assert_eq!(keying(2, 8, 0, 0), Ok(standard));
        assert_eq!(keying(3, 0, 8, 16), Ok(Keying::Mls(KidLayout::STANDARD)));
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let wrong = [
            (0, 0, 0, 0),
            (4, 0, 0, 0),
            (1, 1, 0, 0),
            (1, 0, 1, 0),
            (1, 0, 0, 1),
            (2, 33, 0, 0),
            (2, 8, 8, 0),
            (2, 8, 0, 16),
            (3, 0, 0, 16),
            (3, 0, 17, 16),
            (3, 0, 8, 33),
            (3, 8, 8, 16),
        ];
        for (kind, ratchet, epoch, index) in wrong {
            let made = keying(kind, ratchet, epoch, index);
            assert!(made.is_err(), "{kind} {ratchet} {epoch} {index}");
        }
    }
}
