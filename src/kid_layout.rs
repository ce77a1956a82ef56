//! How a key id carries epoch, sender index and context (RFC 9605 §5.2).
//!
//! Bottom of the layers, usable without any key: a forwarder that knows the layout of a call can tell who
//! sends and for which epoch.
//!
//! ```text
//!   64-S-E bits    S bits   E bits
//!  <-----------> <------> <------>
//! +-------------+--------+-------+
//! | Context ID  | Index  | Epoch |     KID = (context << (S + E)) + (index << E) + (epoch mod 2^E)
//! +-------------+--------+-------+
//! ```

use crate::error::Error;
use crate::header::KeyId;

/// The widths of the fields of a key id in MLS mode (RFC 9605 §5.2). All members of a call use the
/// same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KidLayout {
    epoch_bits: u32,
    index_bits: u32,
}

/// What the fields of a key id say (RFC 9605 §5.2). Until the frame has authenticated, they are
/// claims of whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct KidParts {
    /// Which stream of the sender; 0 when it has only one.
    pub context: u64,
    /// The leaf index of the sender.
    pub index: u32,
    /// The low `E` bits of the epoch's number.
    pub epoch_bits: u64,
}

impl KidLayout {
    /// 8 bits of epoch and 16 of index: 256 epochs at once, 65,536 leaves, and 40 bits of context.
    /// With context 0, a key id takes up to 3 bytes of a frame.
    pub const STANDARD: Self = Self {
        epoch_bits: 8,
        index_bits: 16,
    };

    /// `epoch_bits` (`E`, 1 to 16) and `index_bits` (`S`, 0 to 32), which is sized for the leaves of
    /// the tree, not for the members: after removals an index can be larger than their number.
    ///
    /// An epoch removes the one `2^E` before it (RFC 9605 §5.2). When that one is still sent with,
    /// sending moves at once, so `2^E` epochs should take longer than the send delay: 4 bits last
    /// 16 changes, 8 bits 256.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for widths out of these ranges.
    pub const fn new(epoch_bits: u32, index_bits: u32) -> Result<Self, Error> {
        if epoch_bits == 0 || epoch_bits > 16 || index_bits > 32 {
            return Err(Error::InvalidArgument(
                "1 to 16 bits of epoch and 0 to 32 bits of index are possible",
            ));
        }
        Ok(Self {
            epoch_bits,
            index_bits,
        })
    }

    /// The same epoch bits with the smallest `S` for which `leaves <= 2^S` (RFC 9605 §5.2).
    ///
    /// # Errors
    /// As [`Self::new`].
    pub const fn for_leaves(epoch_bits: u32, leaves: u32) -> Result<Self, Error> {
        let index_bits = match leaves.checked_sub(1) {
            Some(highest) => 32 - highest.leading_zeros(),
            None => 0,
        };
        Self::new(epoch_bits, index_bits)
    }

    /// `E`: bits of the epoch.
    #[must_use]
    pub const fn epoch_bits(self) -> u32 {
        self.epoch_bits
    }

    /// `S`: bits of the sender index.
    #[must_use]
    pub const fn index_bits(self) -> u32 {
        self.index_bits
    }

    /// Bits that are left for the context.
    #[must_use]
    pub const fn context_bits(self) -> u32 {
        64 - self.epoch_bits - self.index_bits
    }

    /// How many leaves have an index.
    #[must_use]
    pub const fn leaves(self) -> u64 {
        1 << self.index_bits
    }

    /// The bits of an epoch that a key id carries.
    #[must_use]
    pub const fn low_bits(self, epoch: u64) -> u64 {
        epoch & mask(self.epoch_bits)
    }

    /// The key id of a sender's stream in an epoch.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when index or context do not fit; nothing is ever cut off.
    pub const fn key_id(self, epoch: u64, index: u32, context: u64) -> Result<KeyId, Error> {
        if index as u64 > mask(self.index_bits) {
            return Err(Error::InvalidArgument("the index does not fit the key id"));
        }
        if context > mask(self.context_bits()) {
            return Err(Error::InvalidArgument(
                "the context does not fit the key id",
            ));
        }
        let high = context << (self.epoch_bits + self.index_bits);
        let middle = (index as u64) << self.epoch_bits;
        Ok(KeyId::new(high | middle | self.low_bits(epoch)))
    }

    /// Reads the fields of a key id; every key id has some.
    #[must_use]
    pub const fn parts(self, key_id: KeyId) -> KidParts {
        let value = key_id.value();
        let index = (value >> self.epoch_bits) & mask(self.index_bits);
        KidParts {
            context: value >> (self.epoch_bits + self.index_bits),
            // At most 32 bits are left.
            #[allow(
                clippy::cast_possible_truncation,
                reason = "masked to 32 bits or fewer"
            )]
            index: index as u32,
            epoch_bits: self.low_bits(value),
        }
    }
}

impl Default for KidLayout {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// So many low bits, at most 63.
const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_the_specification_come_out() {
        // RFC 9605 §5.2, with E = 4 and a group of up to 64.
        let layout = KidLayout::for_leaves(4, 64).unwrap();
        assert_eq!((layout.epoch_bits(), layout.index_bits()), (4, 6));
        let cases = [
            (14, 3, 0, 0x3e),
            (14, 7, 0, 0x7e),
            (14, 20, 0, 0x14e),
            (15, 3, 0, 0x3f),
            (15, 5, 0, 0x5f),
            (16, 2, 2, 0x820),
            (16, 2, 3, 0xc20),
            (17, 33, 0, 0x211),
            (17, 51, 0, 0x331),
        ];
        for (epoch, index, context, expected) in cases {
            let key_id = layout.key_id(epoch, index, context).unwrap();
            assert_eq!(key_id, KeyId::new(expected), "{epoch} {index} {context}");
            let parts = KidParts {
                context,
                index,
                epoch_bits: epoch & 15,
            };
            assert_eq!(layout.parts(key_id), parts);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_not_cut_off() {
        let layout = KidLayout::new(8, 16).unwrap();
        assert!(layout.key_id(u64::MAX, 0xffff, (1 << 40) - 1).is_ok());
        assert!(layout.key_id(0, 0x1_0000, 0).is_err());
        assert!(layout.key_id(0, 0, 1 << 40).is_err());
        for (epoch_bits, index_bits) in [(0, 8), (17, 8), (8, 33), (64, 64), (u32::MAX, 1)] {
            assert!(KidLayout::new(epoch_bits, index_bits).is_err());
        }
    }

    #[test]
    fn the_index_is_sized_by_the_leaves() {
        let sizes = [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (8, 3),
            (9, 4),
            (u32::MAX, 32),
        ];
        for (leaves, bits) in sizes {
            let layout = KidLayout::for_leaves(8, leaves).unwrap();
            assert_eq!(layout.index_bits(), bits, "{leaves} leaves");
            assert!(u64::from(leaves) <= layout.leaves());
        }
    }

    #[test]
    fn parts_and_key_id_are_inverse_at_every_width() {
        for epoch_bits in 1..=16 {
            for index_bits in 0..=32 {
                let layout = KidLayout::new(epoch_bits, index_bits).unwrap();
                for value in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX, 1 << 63] {
                    let parts = layout.parts(KeyId::new(value));
                    let again = layout.key_id(parts.epoch_bits, parts.index, parts.context);
                    assert_eq!(again, Ok(KeyId::new(value)), "{epoch_bits} {index_bits}");
                }
            }
        }
    }
}
