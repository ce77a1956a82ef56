//! Short slices as numbers of 128 bits, read with two overlapping loads instead of a loop or a call.
//!
//! Under the ciphers. Most frames of audio end in a part of a block, and header and metadata are
//! parts of one.

const BLOCK: usize = 16;

/// The first 16 bytes as a big-endian number; where there are fewer, zeros behind them.
#[inline(always)]
pub(crate) fn from_bytes(bytes: &[u8]) -> u128 {
    let bytes = bytes.get(..BLOCK).unwrap_or(bytes);
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let low = u128::from(u64::from_be_bytes(*last)) << (8 * (BLOCK - bytes.len()));
        return (u128::from(u64::from_be_bytes(*first)) << 64) | (low & u128::from(u64::MAX));
    }
    u128::from(up_to_seven(bytes)) << 64
}

/// The number of bytes that stand behind `bytes` others.
#[inline(always)]
pub(crate) fn behind(bytes: usize, number: u128) -> u128 {
    // Two steps, since one cannot move it by all of its bits.
    let half = 4 * bytes.min(BLOCK);
    (number >> half) >> half
}

#[inline(always)]
fn up_to_seven(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let low = u64::from(u32::from_be_bytes(*last)) << (8 * (8 - bytes.len()));
        return (u64::from(u32::from_be_bytes(*first)) << 32) | (low & u64::from(u32::MAX));
    }
    let in_place = |(byte, shift): (&u8, u32)| u64::from(*byte) << shift;
    let shifts = [56, 48, 40];
    bytes.iter().zip(shifts).map(in_place).sum()
}

/// What stands behind the last whole block of `data`, as [`from_bytes`] of it.
#[inline(always)]
pub(crate) fn of_tail(data: &[u8]) -> u128 {
    let tail_len = data.len() % BLOCK;
    match data.last_chunk::<BLOCK>() {
        Some(_) if tail_len == 0 => 0,
        Some(last) => u128::from_be_bytes(*last) << (8 * (BLOCK - tail_len)),
        None => from_bytes(data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Byte by byte.
    fn slowly(bytes: &[u8]) -> u128 {
        let mut block = [0; BLOCK];
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = *from;
        }
        u128::from_be_bytes(block)
    }

    #[test]
    fn slices_of_every_length_are_the_numbers_that_begin_with_them() {
        let bytes: Vec<u8> = (0..80).map(|byte| byte ^ 0xa5).collect();
        for len in 0..=bytes.len() {
            for start in 0..=bytes.len() - len {
                let part = &bytes[start..start + len];
                assert_eq!(from_bytes(part), slowly(part), "{start} {len}");
                let tail = &part[len / BLOCK * BLOCK..];
                assert_eq!(of_tail(part), slowly(tail), "tail of {start} {len}");
            }
        }
    }
}
