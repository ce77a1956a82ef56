//! GHASH (NIST SP 800-38D §6.4), by the crate `polyval`.
//!
//! Under `gcm.rs`. POLYVAL is GHASH with the bytes of every block, of the key and of the result in
//! the opposite order (RFC 8452, appendix A). Blocks are turned here while they are copied, as
//! numbers, which costs less than to copy them first and turn the copies.

use polyval::hazmat::FieldElement;
use polyval::universal_hash::UniversalHash;
use polyval::{Block, Polyval};
use zeroize::optimization_barrier;

use crate::number;

const BLOCK: usize = 16;

/// A block of GHASH's input, in POLYVAL's order of bytes.
pub(crate) type Turned = Block;

/// The block that is this number, big-endian.
#[inline(always)]
pub(crate) fn turned(number: u128) -> Turned {
    number.to_le_bytes().into()
}

/// Turns `data` to the start of `to`, the last block filled up with zeros; as many blocks as `to`
/// has room for.
#[inline(always)]
pub(crate) fn turn(data: &[u8], to: &mut [Turned]) {
    let (whole, _) = data.as_chunks::<BLOCK>();
    for (place, block) in to.iter_mut().zip(whole) {
        *place = turned(u128::from_be_bytes(*block));
    }
    turn_tail(data, to);
}

/// The same, for a room of a constant size and data of a few blocks: the loop is over the room, so that
/// the compiler unrolls it, whatever it knows of the data.
#[inline(always)]
pub(crate) fn turn_short(data: &[u8], to: &mut [Turned]) {
    let (whole, _) = data.as_chunks::<BLOCK>();
    for (at, place) in to.iter_mut().enumerate() {
        let Some(block) = whole.get(at) else { break };
        *place = turned(u128::from_be_bytes(*block));
    }
    turn_tail(data, to);
}

#[inline(always)]
fn turn_tail(data: &[u8], to: &mut [Turned]) {
    if !data.len().is_multiple_of(BLOCK)
        && let Some(place) = to.get_mut(data.len() / BLOCK)
    {
        *place = turned(number::of_tail(data));
    }
}

/// Powers of H, with an accumulator that stays at zero: each frame works on a copy.
pub(crate) struct HashKey(Polyval);

impl HashKey {
    pub(crate) fn new(h: &[u8; BLOCK]) -> Self {
        let h = FieldElement::from(*h).reverse().mulx();
        Self(Polyval::new(&h.into()))
    }

    #[inline(always)]
    pub(crate) fn start(&self) -> Hash {
        Hash(self.0.clone())
    }

    /// Overwrites the powers with those of zero, once for each key: the wiping that `polyval` offers
    /// would run for each frame.
    pub(crate) fn wipe(&mut self) {
        *self = Self::new(&[0; BLOCK]);
        optimization_barrier(self);
    }
}

/// GHASH of what came so far.
pub(crate) struct Hash(Polyval);

impl Hash {
    #[inline(always)]
    pub(crate) fn update(&mut self, blocks: &[Turned]) {
        self.0.update(blocks);
    }

    /// All of `data`, the last block filled up with zeros.
    pub(crate) fn update_padded(&mut self, data: &[u8]) {
        const AT_ONCE: usize = 16;
        let mut turned = [Turned::default(); AT_ONCE];
        for part in data.chunks(AT_ONCE * BLOCK) {
            turn(part, &mut turned);
            let blocks = part.len().div_ceil(BLOCK);
            self.update(turned.get(..blocks).unwrap_or_default());
        }
    }

    /// Of these blocks and nothing behind them, as a big-endian number: so it comes back in registers.
    // Not inlined: its callers then only pass on where the copy of the powers is. With the code below
    // in their midst the compiler moves that copy, in larger pieces than it was just written in, for
    // which the processor waits.
    #[inline(never)]
    pub(crate) fn of_run(&mut self, run: &[Turned]) -> u128 {
        self.update(run);
        u128::from_le_bytes(self.0.finalize_reset().into())
    }

    #[inline(always)]
    pub(crate) fn finish(self) -> u128 {
        u128::from_le_bytes(self.0.finalize().into())
    }
}
