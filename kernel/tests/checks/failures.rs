//! What is forged is refused, and bytes are as they were.

use frameseal_kernel::{Aad, Aes128Gcm, Error};

use super::against::Pair;
use super::random::Random;

/// Where another way is taken, before and after.
const LENGTHS: [usize; 20] = [
    0, 1, 15, 16, 17, 20, 32, 33, 47, 48, 49, 160, 287, 288, 289, 700, 2_047, 2_048, 2_049, 5_000,
];

struct Frame {
    pair: Pair,
    nonce: [u8; 12],
    aad: [u8; 40],
    aad_len: usize,
    body: alloc::vec::Vec<u8>,
    tag: [u8; 16],
}

impl Frame {
    fn new(random: &mut Random, len: usize) -> Self {
        let pair = Pair::random(random);
        let (nonce, aad, aad_len) = (random.array(), random.array(), random.below(41));
        let mut body = vec![0; len];
        random.fill(&mut body);
        let tag = pair.seal_in_place(&nonce, Aad::from(&aad[..aad_len]), &mut body);
        Self {
            pair,
            nonce,
            aad,
            aad_len,
            body,
            tag,
        }
    }

    /// In place and apart.
    fn is_refused(&self, what: &str) {
        let aad = Aad::from(&self.aad[..self.aad_len]);
        let mut body = self.body.clone();
        let opened = self
            .pair
            .open_in_place(&self.nonce, aad, &mut body, &self.tag);
        assert_eq!(opened, Err(Error::Authentication), "{what}, {}", body.len());
        assert!(body == self.body, "as it was after {what}, {}", body.len());
        let mut output = vec![0x5a; body.len()];
        let opened = self
            .pair
            .open(&self.nonce, aad, &body, &mut output, &self.tag);
        assert_eq!(opened, Err(Error::Authentication), "{what}, {}", body.len());
        assert!(body == self.body, "input after {what}, {}", body.len());
        assert!(output.iter().all(|byte| *byte == 0), "zeros after {what}");
    }

    fn opens(&self) {
        let aad = Aad::from(&self.aad[..self.aad_len]);
        let mut body = self.body.clone();
        let opened = self
            .pair
            .open_in_place(&self.nonce, aad, &mut body, &self.tag);
        assert_eq!(opened, Ok(()), "{}", body.len());
    }
}

/// Each bit of the tag, of the nonce and of the associated data, and bits of the body: all of them
/// up to 64 bytes, above that one in `sparse`.
pub(crate) fn every_forged_bit_is_refused(seed: u64, sparse: usize) {
    let mut random = Random::new(seed);
    for len in LENGTHS {
        let mut frame = Frame::new(&mut random, len);
        frame.opens();
        for bit in 0..128 {
            frame.tag[bit / 8] ^= 1 << (bit % 8);
            frame.is_refused("a forged tag");
            frame.tag[bit / 8] ^= 1 << (bit % 8);
        }
        for bit in 0..96 {
            frame.nonce[bit / 8] ^= 1 << (bit % 8);
            frame.is_refused("a forged nonce");
            frame.nonce[bit / 8] ^= 1 << (bit % 8);
        }
        for bit in 0..8 * frame.aad_len {
            frame.aad[bit / 8] ^= 1 << (bit % 8);
            frame.is_refused("forged associated data");
            frame.aad[bit / 8] ^= 1 << (bit % 8);
        }
        for bit in 0..8 * len {
            if len <= 64 || random.one_in(sparse) {
                frame.body[bit / 8] ^= 1 << (bit % 8);
                frame.is_refused("a forged body");
                frame.body[bit / 8] ^= 1 << (bit % 8);
            }
        }
        frame.opens();
    }
}

/// Bytes that move between associated data, body and padding change the lengths, and these are
/// authenticated.
pub(crate) fn moved_ends_are_refused(seed: u64) {
    let mut random = Random::new(seed);
    for len in LENGTHS {
        let mut frame = Frame::new(&mut random, len);
        frame.body.push(0);
        frame.is_refused("a zero at the end");
        frame.body.pop();
        if frame.body.pop().is_some() {
            frame.is_refused("a byte less");
        }
        let mut frame = Frame::new(&mut random, len);
        if frame.aad_len < 40 {
            frame.aad[frame.aad_len] = 0;
            frame.aad_len += 1;
            frame.is_refused("a zero behind the associated data");
        }
    }
}

/// Input and output of different lengths: refused, and nothing written.
pub(crate) fn lengths_that_differ_are_refused() {
    let key = Aes128Gcm::new(&[1; 16]).unwrap();
    let (nonce, aad) = ([2; 12], Aad::from(b"header"));
    let mut output = [7; 20];
    assert_eq!(
        key.seal(&nonce, aad, &[3; 19], &mut output),
        Err(Error::Length)
    );
    assert_eq!(
        key.open(&nonce, aad, &[3; 21], &mut output, &[0; 16]),
        Err(Error::Length)
    );
    assert_eq!(output, [7; 20]);
}
