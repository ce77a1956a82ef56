//! All frames that were sealed in this world, and what happens to them on the way.

use std::collections::HashSet;

use frameseal_fuzz::Input;

use crate::metadata;
use crate::opening::header;
use crate::sealing::Sealed;

pub(crate) struct Frame<O> {
    pub(crate) bytes: Vec<u8>,
    pub(crate) metadata: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) key_id: u64,
    pub(crate) counter: u64,
    /// Who sealed it, with what.
    pub(crate) origin: O,
}

pub(crate) struct Frames<O> {
    pub(crate) all: Vec<Frame<O>>,
    /// Base key, key id and counter of each: never twice.
    nonces: HashSet<(Vec<u8>, u64, u64)>,
}

/// A frame as it arrives.
pub(crate) struct Arrival {
    pub(crate) at: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) metadata: Vec<u8>,
    /// Frame and metadata are as they were sealed.
    pub(crate) genuine: bool,
}

impl<O> Frames<O> {
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            nonces: HashSet::new(),
        }
    }

    /// Takes in a frame that was sealed under this base key.
    pub(crate) fn add(&mut self, sealed: Sealed, base_key: &[u8], origin: O) {
        let seen = header(&sealed.frame).expect("a sealed frame begins with a header");
        let nonce = (base_key.to_vec(), seen.key_id, seen.counter);
        assert!(self.nonces.insert(nonce), "a nonce is never used twice");
        self.all.push(Frame {
            bytes: sealed.frame,
            metadata: sealed.metadata,
            payload: sealed.payload,
            key_id: seen.key_id,
            counter: seen.counter,
            origin,
        });
    }

    /// One of them, mostly a late one, and mostly as it is.
    pub(crate) fn arrive(&self, input: &mut Input<'_>) -> Option<Arrival> {
        let back = input.below(24);
        let at = self
            .all
            .len()
            .checked_sub(1 + back % self.all.len().max(1))?;
        let frame = &self.all[at];
        let (mut bytes, mut metadata) = (frame.bytes.clone(), frame.metadata.clone());
        match input.below(12) {
            0 => {
                let place = input.up_to(bytes.len() - 1);
                bytes[place] ^= 1 << input.below(8);
            }
            1 => bytes.truncate(input.up_to(bytes.len())),
            2 => {
                let more = 1 + input.below(5);
                bytes.extend(input.bytes(more));
            }
            3 => metadata = input.pick(&metadata::ALL).to_vec(),
            4 => metadata.push(0),
            5 => {
                // The header of another frame in front of this one's body.
                let other = &self.all[input.below(self.all.len().min(256))];
                let (own, theirs) = (header(&bytes)?.len, header(&other.bytes)?.len);
                bytes = [&other.bytes[..theirs], &bytes[own..]].concat();
            }
            _ => {}
        }
        let genuine = bytes == frame.bytes && metadata == frame.metadata;
        Some(Arrival {
            at,
            bytes,
            metadata,
            genuine,
        })
    }
}
