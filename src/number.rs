//! Short slices as numbers of 128 bits, read and written with two overlapping accesses instead of a
//! loop or a call.
//!
//! Bottom of the layers, under header and ciphers. Most frames of audio end in a part of a block,
//! and header and metadata are parts of one. What has just been made goes on as a number: a
//! processor waits when it loads bytes that it has stored in other pieces shortly before.

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

/// The other way: writes the first bytes of the number, as many as `to` has, 16 at most.
#[inline(always)]
pub(crate) fn write(number: u128, to: &mut [u8]) {
    let len = to.len().min(BLOCK);
    let Some(to) = to.get_mut(..len) else {
        return;
    };
    let first = number.to_be_bytes();
    // With its last byte where `to` ends.
    let last = behind(BLOCK - len, number).to_be_bytes();
    let written = write_ends::<8>(to, &first, &last)
        || write_ends::<4>(to, &first, &last)
        || write_ends::<2>(to, &first, &last);
    if !written {
        write_ends::<1>(to, &first, &last);
    }
}

/// Writes `N` bytes at the start and `N` at the end, which may overlap, if there are so many.
#[inline(always)]
fn write_ends<const N: usize>(to: &mut [u8], first: &[u8; BLOCK], last: &[u8; BLOCK]) -> bool {
    let (Some(first), Some(last)) = (first.first_chunk::<N>(), last.last_chunk::<N>()) else {
        return false;
    };
    let Some(start) = to.first_chunk_mut() else {
        return false;
    };
    *start = *first;
    if let Some(end) = to.last_chunk_mut() {
        *end = *last;
    }
    true
}

/// The number of bytes that stand behind `bytes` others.
#[inline(always)]
pub(crate) fn behind(bytes: usize, number: u128) -> u128 {
    if bytes < BLOCK {
        number >> (8 * bytes)
    } else {
        0
    }
}

#[inline(always)]
fn up_to_seven(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let low = u64::from(u32::from_be_bytes(*last)) << (8 * (8 - bytes.len()));
        return (u64::from(u32::from_be_bytes(*first)) << 32) | (low & u64::from(u32::MAX));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let low = u64::from(u16::from_be_bytes(*last)) << (8 * (8 - bytes.len()));
        return (u64::from(u16::from_be_bytes(*first)) << 48) | low;
    }
    bytes.first().map_or(0, |byte| u64::from(*byte) << 56)
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

    #[test]
    fn what_is_written_is_read_again_and_nothing_behind_it_changes() {
        let number = u128::from_be_bytes(core::array::from_fn(|at| 0xa0 | at as u8));
        for len in 0..=20 {
            let mut bytes = [0x55; 24];
            write(number, &mut bytes[..len]);
            let expected = &number.to_be_bytes()[..len.min(BLOCK)];
            assert_eq!(&bytes[..len.min(BLOCK)], expected);
            assert!(bytes[len.min(BLOCK)..].iter().all(|byte| *byte == 0x55));
        }
    }
}
