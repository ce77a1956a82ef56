//! HMAC (RFC 2104) that starts from kept states: the two padded keys are hashed once for each key,
//! not for each frame.
//!
//! Used by the AEAD of RFC 9605 §4.5.1 alone; the key schedule uses `hkdf`. The compression
//! functions are those of `sha2`; the padding around them is ours because `Hmac` of the crate
//! `hmac` has to be cloned with its buffers for each frame, which costs a third of a short frame.

use sha2::block_api::{compress256, compress512};
use zeroize::Zeroize;

use super::Tag;

/// A hash function of the SHA-2 family, as its compression function (FIPS 180-4).
pub(crate) trait Sha2 {
    type State: Copy + Zeroize;
    type Block: Copy + AsRef<[u8]> + AsMut<[u8]>;
    const INITIAL: Self::State;
    const ZERO: Self::Block;
    const BLOCK_LEN: usize;
    const OUTPUT_LEN: usize;
    /// Bytes of the length field that ends the padding.
    const LENGTH_LEN: usize;

    fn compress(state: &mut Self::State, blocks: &[Self::Block]);
    fn split_blocks(bytes: &[u8]) -> (&[Self::Block], &[u8]);
    /// Writes the words of the state, big-endian, as far as `to` goes.
    fn write_output(state: &Self::State, to: &mut [u8]);
}

pub(crate) struct Sha256;
pub(crate) struct Sha512;

macro_rules! sha2 {
    ($name:ident, $word:ty, $block:literal, $compress:ident, $initial:expr) => {
        impl Sha2 for $name {
            type State = [$word; 8];
            type Block = [u8; $block];
            const INITIAL: Self::State = $initial;
            const ZERO: Self::Block = [0; $block];
            const BLOCK_LEN: usize = $block;
            const OUTPUT_LEN: usize = $block / 2;
            const LENGTH_LEN: usize = $block / 8;

            #[inline]
            fn compress(state: &mut Self::State, blocks: &[Self::Block]) {
                $compress(state, blocks);
            }

            #[inline]
            fn split_blocks(bytes: &[u8]) -> (&[Self::Block], &[u8]) {
                bytes.as_chunks()
            }

            #[inline]
            fn write_output(state: &Self::State, to: &mut [u8]) {
                for (to, word) in to.as_chunks_mut().0.iter_mut().zip(state) {
                    *to = word.to_be_bytes();
                }
            }
        }
    };
}

// The initial values of FIPS 180-4 §5.3.3 and §5.3.5.
sha2!(
    Sha256,
    u32,
    64,
    compress256,
    [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]
);
sha2!(
    Sha512,
    u64,
    128,
    compress512,
    [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ]
);

/// The states after the inner and the outer padded key. Wiped on drop.
pub(crate) struct HmacKey<H: Sha2> {
    inner: H::State,
    outer: H::State,
}

impl<H: Sha2> HmacKey<H> {
    /// The key must not be longer than a block of the hash; what is longer would be cut.
    pub(crate) fn new(key: &[u8]) -> Self {
        debug_assert!(key.len() <= H::BLOCK_LEN);
        Self {
            inner: Self::padded_key(key, 0x36),
            outer: Self::padded_key(key, 0x5c),
        }
    }

    fn padded_key(key: &[u8], pad: u8) -> H::State {
        let mut block = H::ZERO;
        block.as_mut().fill(pad);
        for (to, from) in block.as_mut().iter_mut().zip(key) {
            *to ^= *from;
        }
        let mut state = H::INITIAL;
        H::compress(&mut state, core::slice::from_ref(&block));
        block.as_mut().zeroize();
        state
    }

    /// Starts the code of one message.
    #[inline]
    pub(crate) fn start(&self) -> Mac<'_, H> {
        Mac {
            key: self,
            state: self.inner,
            buffer: H::ZERO,
            used: 0,
            len: H::BLOCK_LEN as u64,
        }
    }
}

impl<H: Sha2> HmacKey<H> {
    /// The code of a message in one piece, the first `len` of `bytes`, with zeros behind it; the
    /// leftmost bytes, as many as a [`Tag`] has. `None` when there is no room for the padding behind
    /// it, up to the end of a block.
    #[inline(always)]
    pub(crate) fn code_of(&self, bytes: &mut [u8], len: usize) -> Option<Tag> {
        let blocks = len.checked_add(H::LENGTH_LEN)? / H::BLOCK_LEN + 1;
        let padded = bytes.get_mut(..blocks.checked_mul(H::BLOCK_LEN)?)?;
        *padded.get_mut(len)? = 0x80;
        let hashed = (H::BLOCK_LEN as u64).wrapping_add(len as u64);
        *padded.last_chunk_mut()? = hashed.wrapping_mul(8).to_be_bytes();
        let mut state = self.inner;
        H::compress(&mut state, H::split_blocks(padded).0);
        Some(self.outer_code(&state))
    }

    /// The code, of the state behind the padded message.
    #[inline(always)]
    fn outer_code(&self, inner: &H::State) -> Tag {
        let mut block = H::ZERO;
        let (digest, padding) = block.as_mut().split_at_mut(H::OUTPUT_LEN);
        H::write_output(inner, digest);
        if let Some(mark) = padding.first_mut() {
            *mark = 0x80;
        }
        if let Some(field) = padding.last_chunk_mut() {
            let hashed = (H::BLOCK_LEN + H::OUTPUT_LEN) as u64;
            *field = hashed.wrapping_mul(8).to_be_bytes();
        }
        let mut state = self.outer;
        H::compress(&mut state, core::slice::from_ref(&block));
        let mut tag = Tag::default();
        H::write_output(&state, &mut tag);
        tag
    }
}

impl<H: Sha2> Drop for HmacKey<H> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// The code of a message, in the making.
pub(crate) struct Mac<'k, H: Sha2> {
    key: &'k HmacKey<H>,
    state: H::State,
    /// Bytes that do not fill a block yet; behind `used` it is zero or stale.
    buffer: H::Block,
    used: usize,
    /// Bytes hashed, the padded key included.
    len: u64,
}

impl<H: Sha2> Mac<'_, H> {
    #[inline]
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.len = self.len.wrapping_add(bytes.len() as u64);
        if self.used > 0 {
            let room = H::BLOCK_LEN.saturating_sub(self.used);
            let (now, later) = match bytes.split_at_checked(room) {
                Some(split) => split,
                None => (bytes, [].as_slice()),
            };
            self.put(now);
            if self.used < H::BLOCK_LEN {
                return;
            }
            H::compress(&mut self.state, core::slice::from_ref(&self.buffer));
            self.used = 0;
            bytes = later;
        }
        let (blocks, tail) = H::split_blocks(bytes);
        if !blocks.is_empty() {
            H::compress(&mut self.state, blocks);
        }
        self.put(tail);
    }

    /// Ends the message; the leftmost bytes of its code, as many as a [`Tag`] has.
    #[inline]
    pub(crate) fn finish(mut self) -> Tag {
        Self::pad(&mut self.state, &mut self.buffer, self.used, self.len);
        self.key.outer_code(&self.state)
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let free = self.buffer.as_mut().get_mut(self.used..);
        if let Some(to) = free.and_then(|free| free.get_mut(..bytes.len())) {
            to.copy_from_slice(bytes);
            self.used = self.used.wrapping_add(bytes.len());
        }
    }

    /// The padding of FIPS 180-4 §5.1 behind the `used` bytes of the last block.
    #[inline]
    fn pad(state: &mut H::State, buffer: &mut H::Block, used: usize, len: u64) {
        if let Some((mark, rest)) = buffer
            .as_mut()
            .get_mut(used..)
            .and_then(<[u8]>::split_first_mut)
        {
            *mark = 0x80;
            rest.fill(0);
        }
        if used.saturating_add(1 + H::LENGTH_LEN) > H::BLOCK_LEN {
            H::compress(state, core::slice::from_ref(buffer));
            *buffer = H::ZERO;
        }
        if let Some(field) = buffer.as_mut().last_chunk_mut() {
            *field = len.wrapping_mul(8).to_be_bytes();
        }
        H::compress(state, core::slice::from_ref(buffer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::hmac::{Hmac, KeyInit};

    fn message(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 7) as u8).collect()
    }

    fn compare<H: Sha2, R: KeyInit + ::hmac::Mac>(key_len: usize) {
        let key = message(key_len);
        let kept = HmacKey::<H>::new(&key);
        for len in 0..400 {
            let bytes = message(len);
            let mut reference = <R as KeyInit>::new_from_slice(&key).unwrap();
            reference.update(&bytes);
            let expected = reference.finalize().into_bytes();
            // In one piece, in two at every kind of place, and byte by byte.
            for cut in [0, 1, len / 3, len / 2, len.saturating_sub(1), len] {
                let mut mac = kept.start();
                let (a, b) = bytes.split_at(cut.min(len));
                mac.update(a);
                mac.update(b);
                assert_eq!(mac.finish(), expected[..16], "{len} bytes cut at {cut}");
            }
            let mut mac = kept.start();
            bytes.iter().for_each(|byte| mac.update(&[*byte]));
            assert_eq!(mac.finish(), expected[..16]);
        }
    }

    #[test]
    fn every_length_and_cut_agrees_with_the_hmac_crate() {
        compare::<Sha256, Hmac<sha2::Sha256>>(32);
        compare::<Sha512, Hmac<sha2::Sha512>>(64);
    }
}
