//! Bodies and associated data that end where the memory ends, or begin where it begins.

use core::slice::from_raw_parts_mut;

use frameseal_kernel::{Aad, Error};

use super::against::Pair;
use super::random::Random;

/// Bytes that can be read and written, with pages before and behind them that cannot.
#[derive(Clone, Copy)]
pub(crate) struct Guarded {
    pub(crate) start: *mut u8,
    pub(crate) len: usize,
}

impl Guarded {
    /// The first or the last bytes.
    fn end(self, at_start: bool, len: usize) -> &'static mut [u8] {
        let offset = if at_start { 0 } else { self.len - len };
        // SAFETY: within the region, which stays there; callers hold one slice of each region.
        unsafe { from_raw_parts_mut(self.start.add(offset), len) }
    }
}

/// Each region takes input, output or associated data.
pub(crate) fn nothing_outside_is_touched(seed: u64, regions: [Guarded; 3]) {
    let mut random = Random::new(seed);
    let lengths = (0..=330).chain([
        511, 512, 600, 1_023, 1_024, 1_100, 2_047, 2_048, 2_049, 4_000,
    ]);
    for len in lengths {
        let pair = Pair::random(&mut random);
        let nonce = random.array();
        for case in 0..8 {
            let [body, output, aad] = regions;
            let body = body.end(case & 1 != 0, len);
            let output = output.end(case & 2 != 0, len);
            let aad_len = match random.below(4) {
                0 => 0,
                1 => random.below(200),
                _ => random.below(17),
            };
            let aad = aad.end(case & 4 != 0, aad_len);
            random.fill(body);
            random.fill(aad);
            let plaintext = body.to_vec();
            let mut expected = plaintext.clone();
            let tag = pair.reference(&nonce, aad, &mut expected);
            let (first, second) = aad.split_at(random.below(aad_len + 1));
            let mut block = [0; 16];
            let aad = match block.get_mut(..first.len()) {
                Some(start) if case & 4 != 0 => {
                    start.copy_from_slice(first);
                    Aad::behind(u128::from_be_bytes(block), first.len(), second, &[])
                }
                _ => Aad::new(first, second, &[]),
            };

            assert_eq!(pair.seal(&nonce, aad, body, output), tag, "{len}");
            assert!(*output == *expected, "{len}");
            assert_eq!(pair.seal_in_place(&nonce, aad, body), tag, "{len}");
            assert!(*body == *expected, "{len}");
            assert_eq!(pair.open(&nonce, aad, body, output, &tag), Ok(()), "{len}");
            assert!(*output == *plaintext, "{len}");
            let mut wrong = tag;
            wrong[15] ^= 1;
            let refused = pair.open_in_place(&nonce, aad, body, &wrong);
            assert_eq!(refused, Err(Error::Authentication), "{len}");
            assert!(*body == *expected, "{len}");
            assert_eq!(pair.open_in_place(&nonce, aad, body, &tag), Ok(()), "{len}");
            assert!(*body == *plaintext, "{len}");
        }
    }
}
