//! How a key id carries generation and ratchet step (RFC 9605 §5.1).
//!
//! Under `sender_keys/`, usable without any key.

use crate::error::Error;
use crate::header::KeyId;

/// `R`: how many low bits of a key id carry the ratchet step (RFC 9605 §5.1). The application
/// chooses it for each sender, and the receivers of that sender must know it.
///
/// Frames of at most `2^R` steps can be told apart at any time. A receiver follows up to `2^(R-1)`
/// steps forward and opens late frames of the others, so with `R = 1` there are no late frames.
///
/// A frame that comes later than that has the key id of a step forward: it is tried with that key
/// and counted as a failed open of the steps ahead. With `R = 1` these are all late frames, so with
/// [`ForgeryPolicy::StopKey`](crate::ForgeryPolicy::StopKey), choose more bits, or allow for more
/// failed opens than there can be late and repeated frames between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RatchetBits(u32);

/// What a key id says in a call with sender keys. Until the frame has authenticated, it is a claim
/// of whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct StepParts {
    /// The generation.
    pub generation: u64,
    /// The low `R` bits of the ratchet step.
    pub step_bits: u64,
}

impl RatchetBits {
    /// `R = 0`: the key id is the generation, and the sender never ratchets.
    pub const NONE: Self = Self(0);

    /// `R = 8`. Generation 0 costs up to 1 byte of a frame, later ones 2 and more.
    pub const STANDARD: Self = Self(8);

    /// `R`, 1 to 32.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for other numbers; a sender that never ratchets says
    /// [`Self::NONE`].
    pub const fn new(bits: u32) -> Result<Self, Error> {
        if bits == 0 || bits > 32 {
            return Err(Error::InvalidArgument(
                "1 to 32 bits of ratchet step are possible",
            ));
        }
        Ok(Self(bits))
    }

    /// `R`.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The last generation that fits a key id: 2^(64-R) - 1.
    #[must_use]
    pub const fn max_generation(self) -> u64 {
        u64::MAX >> self.0
    }

    /// The key id of a step, which is used again every `2^R` steps, each time with another key.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the generation does not fit; nothing is ever cut off. With
    /// [`Self::NONE`], when the step is not 0.
    pub const fn key_id(self, generation: u64, step: u64) -> Result<KeyId, Error> {
        if generation > self.max_generation() {
            return Err(Error::InvalidArgument(
                "the generation does not fit the key id",
            ));
        }
        if self.0 == 0 && step != 0 {
            return Err(NO_RATCHET);
        }
        Ok(KeyId::new((generation << self.0) | (step & self.mask())))
    }

    /// Reads a key id; every key id has these parts.
    #[must_use]
    pub const fn parts(self, key_id: KeyId) -> StepParts {
        StepParts {
            generation: key_id.value() >> self.0,
            step_bits: key_id.value() & self.mask(),
        }
    }

    /// How many steps forward from `step` these step bits point: 0 to 2^R - 1.
    pub(super) const fn forward(self, step: u64, step_bits: u64) -> u64 {
        step_bits.wrapping_sub(step) & self.mask()
    }

    /// The most steps forward that are still told apart from steps back: 2^(R-1).
    pub(super) const fn max_forward(self) -> u64 {
        (1 << self.0) >> 1
    }

    /// The most steps back that no step forward is mistaken for, when up to `forward` are followed.
    pub(super) const fn max_behind(self, forward: u64) -> u64 {
        self.mask().saturating_sub(forward)
    }

    const fn mask(self) -> u64 {
        (1 << self.0) - 1
    }
}

pub(super) const NO_RATCHET: Error =
    Error::InvalidArgument("a sender without ratchet bits never ratchets");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_in_the_low_bits_and_wraps() {
        let bits = RatchetBits::new(3).unwrap();
        let cases = [
            (0, 0, 0),
            (0, 7, 7),
            (0, 8, 0),
            (5, 4, 44),
            (5, 12, 44),
            (5, u64::MAX, 47),
            (u64::MAX >> 3, 1, u64::MAX - 6),
        ];
        for (generation, step, expected) in cases {
            let key_id = bits.key_id(generation, step).unwrap();
            assert_eq!(key_id, KeyId::new(expected), "{generation} {step}");
            let parts = StepParts {
                generation,
                step_bits: step % 8,
            };
            assert_eq!(bits.parts(key_id), parts);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_not_cut_off() {
        for bits in [0, 33, 63, 64, u32::MAX] {
            assert!(RatchetBits::new(bits).is_err(), "{bits}");
        }
        for bits in 1..=32 {
            let bits = RatchetBits::new(bits).unwrap();
            let last = bits.max_generation();
            assert_eq!(bits.parts(bits.key_id(last, 1).unwrap()).generation, last);
            assert!(bits.key_id(last + 1, 0).is_err());
        }
    }

    #[test]
    fn without_ratchet_bits_the_key_id_is_the_generation() {
        let none = RatchetBits::NONE;
        assert_eq!(none.key_id(u64::MAX, 0), Ok(KeyId::new(u64::MAX)));
        assert_eq!(none.key_id(1, 1), Err(NO_RATCHET));
        assert_eq!(none.parts(KeyId::new(9)).generation, 9);
        assert_eq!((none.max_forward(), none.max_behind(0)), (0, 0));
    }

    #[test]
    fn steps_forward_and_back_never_overlap() {
        for bits in [1, 2, 8, 32] {
            let bits = RatchetBits::new(bits).unwrap();
            let forward = bits.max_forward();
            assert_eq!(forward + bits.max_behind(forward) + 1, 1 << bits.bits());
        }
        let bits = RatchetBits::new(2).unwrap();
        let forward = [0, 1, 2, 3].map(|step_bits| bits.forward(6, step_bits));
        assert_eq!(forward, [2, 3, 0, 1]);
    }
}
