//! Sealing and opening compared with the crate `aes-gcm`.

use alloc::vec::Vec;

use aes_gcm::aead::{AeadInOut, KeyInit};
use frameseal_kernel::{Aad, Aes128Gcm, Aes256Gcm, Error};

use super::random::Random;

/// The same key twice: ours, and that of the reference.
pub(crate) enum Pair {
    Aes128(Aes128Gcm, aes_gcm::Aes128Gcm),
    Aes256(Aes256Gcm, aes_gcm::Aes256Gcm),
}

macro_rules! ours {
    ($pair:expr, $key:ident => $call:expr) => {
        match $pair {
            Pair::Aes128($key, _) => $call,
            Pair::Aes256($key, _) => $call,
        }
    };
}

impl Pair {
    pub(crate) fn new(key: &[u8]) -> Self {
        match key.len() {
            16 => {
                let key: &[u8; 16] = key.try_into().unwrap();
                Self::Aes128(Aes128Gcm::new(key).unwrap(), KeyInit::new(key.into()))
            }
            _ => {
                let key: &[u8; 32] = key.try_into().unwrap();
                Self::Aes256(Aes256Gcm::new(key).unwrap(), KeyInit::new(key.into()))
            }
        }
    }

    pub(crate) fn random(random: &mut Random) -> Self {
        let key: [u8; 32] = random.array();
        Self::new(if random.one_in(2) { &key } else { &key[..16] })
    }

    pub(crate) fn seal_in_place(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        body: &mut [u8],
    ) -> [u8; 16] {
        ours!(self, key => key.seal_in_place(nonce, aad, body)).unwrap()
    }

    pub(crate) fn seal(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        from: &[u8],
        to: &mut [u8],
    ) -> [u8; 16] {
        ours!(self, key => key.seal(nonce, aad, from, to)).unwrap()
    }

    pub(crate) fn open_in_place(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        body: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), Error> {
        ours!(self, key => key.open_in_place(nonce, aad, body, tag))
    }

    pub(crate) fn open(
        &self,
        nonce: &[u8; 12],
        aad: Aad<'_>,
        from: &[u8],
        to: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), Error> {
        ours!(self, key => key.open(nonce, aad, from, to, tag))
    }

    pub(crate) fn reference(&self, nonce: &[u8; 12], aad: &[u8], body: &mut [u8]) -> [u8; 16] {
        match self {
            Self::Aes128(_, key) => key.encrypt_inout_detached(nonce.into(), aad, body.into()),
            Self::Aes256(_, key) => key.encrypt_inout_detached(nonce.into(), aad, body.into()),
        }
        .unwrap()
        .into()
    }
}

/// Room for one operation, used again for each.
pub(crate) struct Desk {
    plaintext: Vec<u8>,
    expected: Vec<u8>,
    aad: Vec<u8>,
    from: Vec<u8>,
    to: Vec<u8>,
}

/// Bytes around every body, to see that nothing else is written.
const MARGIN: usize = 128;
const UNTOUCHED: u8 = 0xa7;

/// One operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) body: usize,
    pub(crate) aad: usize,
    /// Where the body begins, after a multiple of 64.
    pub(crate) at: usize,
    /// Where it goes, if that is another place.
    pub(crate) to: Option<usize>,
}

impl Desk {
    /// For bodies of up to `body` bytes, and that much associated data.
    pub(crate) fn new(body: usize, aad: usize) -> Self {
        Self {
            plaintext: vec![0; body],
            expected: vec![0; body],
            aad: vec![0; aad],
            from: vec![0; body + 64 + 2 * MARGIN],
            to: vec![0; body + 64 + 2 * MARGIN],
        }
    }

    /// Seals, compares, opens, compares, and looks at the bytes around.
    pub(crate) fn run(&mut self, random: &mut Random, pair: &Pair, shape: Shape) {
        let nonce: [u8; 12] = random.array();
        let plaintext = &mut self.plaintext[..shape.body];
        random.fill(plaintext);
        let aad = &mut self.aad[..shape.aad];
        random.fill(aad);
        let expected = &mut self.expected[..shape.body];
        expected.copy_from_slice(plaintext);
        let tag = pair.reference(&nonce, aad, expected);

        // Any number of pieces, empty ones too.
        let mut cuts: [usize; 3] = core::array::from_fn(|_| random.below(aad.len() + 1));
        if random.one_in(2) {
            cuts = [aad.len(); 3];
        }
        cuts.sort_unstable();
        let rest = [&aad[cuts[1]..cuts[2]], &aad[cuts[2]..]];
        let (first, second) = (&aad[..cuts[0]], &aad[cuts[0]..cuts[1]]);
        let pieces = if first.len() <= 16 && random.one_in(2) {
            // What stands behind the length does not count.
            let mut block: [u8; 16] = random.array();
            block[..first.len()].copy_from_slice(first);
            Aad::behind(u128::from_be_bytes(block), first.len(), second, &rest)
        } else {
            Aad::new(first, second, &rest)
        };

        let len = shape.body;
        let from = placed(&mut self.from, shape.at, len);
        let to = placed(&mut self.to, shape.to.unwrap_or(0), len);
        from[MARGIN..MARGIN + len].copy_from_slice(plaintext);
        let (sealed, sealed_tag) = if shape.to.is_some() {
            let tag = pair.seal(
                &nonce,
                pieces,
                &from[MARGIN..MARGIN + len],
                &mut to[MARGIN..MARGIN + len],
            );
            assert_eq!(&from[MARGIN..MARGIN + len], plaintext, "input of {shape:?}");
            (&mut *to, tag)
        } else {
            let tag = pair.seal_in_place(&nonce, pieces, &mut from[MARGIN..MARGIN + len]);
            (&mut *from, tag)
        };
        assert!(
            sealed[MARGIN..MARGIN + len] == *expected,
            "sealed {shape:?}"
        );
        assert_eq!(sealed_tag, tag, "tag of {shape:?}");
        around(sealed, len, shape);

        if shape.to.is_some() {
            let (input, output) = (&to[MARGIN..MARGIN + len], &mut from[..]);
            output[MARGIN..MARGIN + len].fill(UNTOUCHED);
            let opened = pair.open(
                &nonce,
                pieces,
                input,
                &mut output[MARGIN..MARGIN + len],
                &tag,
            );
            assert_eq!(opened, Ok(()), "opening {shape:?}");
            assert!(input == &*expected, "input of {shape:?}");
            around(to, len, shape);
        } else {
            let opened = pair.open_in_place(&nonce, pieces, &mut from[MARGIN..MARGIN + len], &tag);
            assert_eq!(opened, Ok(()), "opening {shape:?}");
        }
        assert!(from[MARGIN..MARGIN + len] == *plaintext, "opened {shape:?}");
        around(from, len, shape);
    }
}

/// The part of `room` for `len` bytes with their margins, so that the bytes begin `at` bytes after
/// a multiple of 64.
fn placed(room: &mut [u8], at: usize, len: usize) -> &mut [u8] {
    let begin = (at.wrapping_sub(room.as_ptr() as usize + MARGIN)) % 64;
    let place = &mut room[begin..begin + len + 2 * MARGIN];
    place.fill(UNTOUCHED);
    place
}

fn around(place: &[u8], len: usize, shape: Shape) {
    assert!(place[..MARGIN] == [UNTOUCHED; MARGIN], "before {shape:?}");
    assert!(
        place[MARGIN + len..] == [UNTOUCHED; MARGIN],
        "behind {shape:?}"
    );
}

/// Lengths and places as calls have them, and others: nearly all bodies of at most 1,100 bytes, one in
/// a hundred longer, one in a hundred thousand up to a megabyte.
pub(crate) fn random_operations(seed: u64, count: usize) {
    let mut random = Random::new(seed);
    let mut desk = Desk::new(1 << 20, 700);
    let mut pair = Pair::random(&mut random);
    for _ in 0..count {
        if random.one_in(50) {
            pair = Pair::random(&mut random);
        }
        let shape = Shape {
            body: match random.below(100_000) {
                0 => random.below((1 << 20) + 1),
                1..200 => random.below(20_001),
                200..1_000 => random.below(5_001),
                1_000..40_000 => random.below(1_101),
                _ => random.below(350),
            },
            aad: match random.below(100) {
                0 => random.below(701),
                1..10 => random.below(140),
                _ => random.below(41),
            },
            at: random.below(64),
            to: random.one_in(3).then(|| random.below(64)),
        };
        desk.run(&mut random, &pair, shape);
    }
}

/// Every length up to `last`, with some associated data each.
pub(crate) fn every_length(seed: u64, last: usize, each: usize) {
    let mut random = Random::new(seed);
    let mut desk = Desk::new(last, 40);
    for body in 0..=last {
        let pair = Pair::random(&mut random);
        for _ in 0..each {
            let shape = Shape {
                body,
                aad: random.below(41),
                at: random.below(64),
                to: random.one_in(2).then(|| random.below(64)),
            };
            desk.run(&mut random, &pair, shape);
        }
    }
}

/// Every length of associated data up to `last`, with short bodies.
pub(crate) fn every_aad_length(seed: u64, last: usize) {
    let mut random = Random::new(seed);
    let mut desk = Desk::new(40, last);
    for aad in 0..=last {
        let pair = Pair::random(&mut random);
        for body in [0, 1, 20, 33] {
            let at = random.below(64);
            desk.run(
                &mut random,
                &pair,
                Shape {
                    body,
                    aad,
                    at,
                    to: None,
                },
            );
        }
    }
}

/// Every place of input and output after a multiple of 64.
pub(crate) fn every_alignment(seed: u64) {
    let mut random = Random::new(seed);
    let mut desk = Desk::new(2_100, 40);
    for at in 0..64 {
        let pair = Pair::random(&mut random);
        for body in [20, 47, 100, 160, 289, 700, 2_100] {
            let aad = random.below(20);
            for to in [None, Some(random.below(64)), Some(at)] {
                desk.run(&mut random, &pair, Shape { body, aad, at, to });
            }
        }
    }
}

/// Lengths around each limit at which another way is taken, up to `last`.
pub(crate) fn limits(seed: u64, last: usize) {
    let mut random = Random::new(seed);
    let limits = [
        288,
        288 + 256,
        1_024,
        2_048,
        4_096,
        16 * 256,
        65_536,
        16 * 65_536,
    ];
    let limits = || limits.into_iter().filter(|limit| limit + 300 <= last);
    let mut desk = Desk::new(limits().max().unwrap() + 300, 40);
    for limit in limits() {
        let pair = Pair::random(&mut random);
        let step = if limit > 10_000 { 37 } else { 1 };
        for body in (limit - 40..limit + 300).step_by(step) {
            let (aad, at) = (random.below(41), random.below(64));
            let to = random.one_in(2).then(|| random.below(64));
            desk.run(&mut random, &pair, Shape { body, aad, at, to });
        }
    }
}

/// A little more than a megabyte, where the counter passes 16 bits.
pub(crate) fn megabyte(seed: u64) {
    let mut random = Random::new(seed);
    let mut desk = Desk::new(16 * 65_536 + 300, 40);
    for body in [16 * 65_536 - 48, 16 * 65_536 + 299] {
        let pair = Pair::random(&mut random);
        for to in [None, Some(5)] {
            desk.run(
                &mut random,
                &pair,
                Shape {
                    body,
                    aad: 17,
                    at: 3,
                    to,
                },
            );
        }
    }
}
