//! The SFrame header: who sealed a frame (key id) and which of its frames it is (counter).
//!
//! Bottom of the layers, usable without any key: a forwarder reads it to route, a receiver to find
//! the key. Until the frame has authenticated, the values are claims of whoever sent the bytes.
//!
//! ```text
//!  0 1 2 3 4 5 6 7
//! +-+-+-+-+-+-+-+-+---------------------------+---------------------------+
//! |X|  K  |Y|  C  |   KID, if X = 1 (length   |   CTR, if Y = 1 (length   |
//! |               |   K + 1, big-endian)      |   C + 1, big-endian)      |
//! +-+-+-+-+-+-+-+-+---------------------------+---------------------------+
//! ```
//!
//! With X = 0 the field K is the key id itself, 0 to 7; so with Y and C (RFC 9605 §4.3).

use crate::error::SyntaxError;
use crate::number;

/// The longest header: the config byte, 8 bytes of key id, 8 of counter.
pub const MAX_HEADER_LEN: usize = 17;

const EXTENDED_KID: u8 = 0x80;
const EXTENDED_CTR: u8 = 0x08;
/// Values up to this one are written in the config byte (RFC 9605 §4.3).
const MAX_SHORT: u64 = 7;

/// Names the key that sealed a frame (`KID`, RFC 9605 §4.3). The application or MLS assigns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KeyId(u64);

/// Which frame of its key this is (`CTR`, RFC 9605 §4.3): 0 for the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Counter(u64);

macro_rules! header_value {
    ($name:ident) => {
        impl $name {
            /// Wraps the number; every `u64` is valid.
            #[must_use]
            pub const fn new(value: u64) -> Self {
                Self(value)
            }

            /// The number.
            #[must_use]
            pub const fn value(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            fn from(value: u64) -> Self {
                Self(value)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
header_value!(KeyId);
header_value!(Counter);

/// A header that was parsed, or that can be written (RFC 9605 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The key that sealed the frame.
    pub key_id: KeyId,
    /// The number of the frame under that key.
    pub counter: Counter,
}

/// The bytes of a header, 1 to 17 of them, on the stack.
#[derive(Clone, Copy, Debug)]
pub struct EncodedHeader {
    bytes: [u8; MAX_HEADER_LEN],
    len: usize,
}

/// The same as a number. A frame's header is made and used within nanoseconds, and a processor waits
/// when it loads bytes that it has just stored in other pieces.
#[derive(Clone, Copy)]
pub(crate) struct HeaderNumber {
    /// The first 16 bytes, big-endian, with zeros behind a shorter header.
    pub(crate) first: u128,
    /// The last byte of a header of 17.
    last: u8,
    pub(crate) len: usize,
}

impl HeaderNumber {
    /// Writes the bytes, as far as `to` goes.
    #[inline(always)]
    pub(crate) fn write(self, to: &mut [u8]) {
        number::write(self.first, to);
        if self.len == MAX_HEADER_LEN
            && let Some(last) = to.get_mut(MAX_HEADER_LEN - 1)
        {
            *last = self.last;
        }
    }
}

impl Header {
    /// A header of the two values.
    #[must_use]
    pub const fn new(key_id: KeyId, counter: Counter) -> Self {
        Self { key_id, counter }
    }

    /// Reads the header at the start of `frame` and says how many bytes it has.
    ///
    /// Needs no key, allocates nothing. The values are not authenticated: use them to route or to
    /// look for a key, never to decide anything else.
    ///
    /// # Errors
    /// [`SyntaxError`] when the bytes end inside the header, or when a value is written in a longer
    /// form than it needs: an encoder must use the shortest one (RFC 9605 §4.3), so a key id and
    /// counter have exactly one encoding.
    ///
    /// ```
    /// use frameseal::{Counter, Header, KeyId};
    ///
    /// let (header, len) = Header::parse(&[0x99, 0x01, 0x23, 0x45, 0x67, 0xb7])?;
    /// assert_eq!(header, Header::new(KeyId::new(0x123), Counter::new(0x4567)));
    /// assert_eq!(len, 5);
    /// # Ok::<(), frameseal::SyntaxError>(())
    /// ```
    #[inline]
    pub fn parse(frame: &[u8]) -> Result<(Self, usize), SyntaxError> {
        let (&config, fields) = frame.split_first().ok_or(SyntaxError::Empty)?;
        let kid_len = extension_len(config >> 4);
        let ctr_len = extension_len(config);
        if fields.len() < kid_len + ctr_len {
            return Err(SyntaxError::TruncatedHeader);
        }
        let key_id = field(config >> 4, kid_len, fields)?;
        let counter = field(config, ctr_len, fields.get(kid_len..).unwrap_or_default())?;
        let header = Self::new(KeyId(key_id), Counter(counter));
        Ok((header, 1 + kid_len + ctr_len))
    }

    /// Writes the shortest encoding (RFC 9605 §4.3).
    #[inline]
    #[must_use]
    pub fn encode(self) -> EncodedHeader {
        let number = self.to_number();
        let mut bytes = [0; MAX_HEADER_LEN];
        number.write(&mut bytes);
        EncodedHeader {
            bytes,
            len: number.len,
        }
    }

    /// The shortest encoding in registers.
    #[inline(always)]
    pub(crate) fn to_number(self) -> HeaderNumber {
        let (kid_config, kid_len) = config_half(self.key_id.0);
        let (ctr_config, ctr_len) = config_half(self.counter.0);
        let config = (kid_config << 4) | ctr_config;
        let len = 1 + kid_len + ctr_len;
        let kid = if kid_len == 0 { 0 } else { self.key_id.0 };
        let ctr = if ctr_len == 0 { 0 } else { self.counter.0 };
        let first = if len <= 8 {
            // As nearly every header: one register.
            let fields = (((u64::from(config) << (8 * kid_len)) | kid) << (8 * ctr_len)) | ctr;
            u128::from(fields << (64 - 8 * len)) << 64
        } else {
            let kid = u128::from(kid) << (120 - 8 * kid_len);
            // Of 17 bytes the last one finds no room.
            let ctr = (u128::from(ctr) << (8 * (17 - len))) >> 8;
            let fields = kid | ctr;
            (u128::from(config) << 120) | fields
        };
        HeaderNumber {
            first,
            last: self.counter.0.to_le_bytes()[0],
            len,
        }
    }

    /// Bytes of the shortest encoding, 1 to 17.
    #[inline]
    #[must_use]
    pub fn encoded_len(self) -> usize {
        1 + config_half(self.key_id.0).1 + config_half(self.counter.0).1
    }
}

impl EncodedHeader {
    /// The bytes.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }
}

impl AsRef<[u8]> for EncodedHeader {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// Bytes that follow the config byte for the half in the low four bits: 0, or 1 to 8.
#[inline]
fn extension_len(half: u8) -> usize {
    if half & EXTENDED_CTR == 0 {
        0
    } else {
        usize::from(half & 7) + 1
    }
}

/// The value of a field whose extension bytes, if any, are the first `len` of `bytes`.
#[inline]
fn field(half: u8, len: usize, bytes: &[u8]) -> Result<u64, SyntaxError> {
    if len == 0 {
        return Ok(u64::from(half & 7));
    }
    let top = first_eight(bytes);
    let value = top >> (64 - 8 * len);
    // Minimal means: above 7 in one byte, and no leading zero byte in several.
    let minimal = if len == 1 {
        value > MAX_SHORT
    } else {
        top >> 56 != 0
    };
    if minimal {
        Ok(value)
    } else {
        Err(SyntaxError::NonMinimalHeader)
    }
}

/// The four config bits of a value and the number of its extension bytes.
#[inline]
fn config_half(value: u64) -> (u8, usize) {
    if value <= MAX_SHORT {
        // At most 7.
        return (value.to_le_bytes()[0], 0);
    }
    let spare = value.leading_zeros() / 8;
    let len = 8 - spare;
    // 1 to 8, so the length less one fits three bits.
    (EXTENDED_CTR | (len - 1).to_le_bytes()[0], len as usize)
}

/// The first 8 bytes, padded with zeros, as a big-endian number.
#[inline]
fn first_eight(bytes: &[u8]) -> u64 {
    if let Some(all) = bytes.first_chunk() {
        return u64::from_be_bytes(*all);
    }
    let mut padded = [0; 8];
    for (to, from) in padded.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_be_bytes(padded)
}

// The two halves of the config byte have the same shape, four bits apart.
const _: () = assert!(EXTENDED_KID >> 4 == EXTENDED_CTR);

#[cfg(test)]
mod tests {
    use super::*;

    fn header(kid: u64, ctr: u64) -> Header {
        Header::new(KeyId(kid), Counter(ctr))
    }

    #[test]
    fn the_examples_of_the_specification_encode_as_given() {
        let cases: [(u64, u64, &[u8]); 8] = [
            (0, 0, &[0x00]),
            (7, 7, &[0x77]),
            (0, 7, &[0x07]),
            (0, 8, &[0x08, 0x08]),
            (8, 0, &[0x80, 0x08]),
            (8, 8, &[0x88, 0x08, 0x08]),
            (0x123, 0x4567, &[0x99, 0x01, 0x23, 0x45, 0x67]),
            (u64::MAX, u64::MAX, &[0xff; 17]),
        ];
        for (kid, ctr, bytes) in cases {
            assert_eq!(header(kid, ctr).encode().as_bytes(), bytes);
            assert_eq!(header(kid, ctr).encoded_len(), bytes.len());
            assert_eq!(Header::parse(bytes), Ok((header(kid, ctr), bytes.len())));
        }
    }

    #[test]
    fn every_pair_of_boundary_values_survives_the_round_trip() {
        let values = || {
            (0..64).flat_map(|bit| {
                let power = 1u64 << bit;
                [power - 1, power, power + 1, u64::MAX - power]
            })
        };
        for kid in values() {
            for ctr in values() {
                let encoded = header(kid, ctr).encode();
                assert_eq!(encoded.as_bytes().len(), header(kid, ctr).encoded_len());
                let mut long = encoded.as_bytes().to_vec();
                assert_eq!(Header::parse(&long), Ok((header(kid, ctr), long.len())));
                long.extend([0xa5; 20]);
                assert_eq!(Header::parse(&long).unwrap().0, header(kid, ctr));
            }
        }
    }

    #[test]
    fn a_header_cut_anywhere_is_refused() {
        assert_eq!(Header::parse(&[]), Err(SyntaxError::Empty));
        for kid in [0, 8, 0x100, u64::MAX] {
            for ctr in [8, 0x1_0000, u64::MAX] {
                let encoded = header(kid, ctr).encode();
                for len in 1..encoded.as_bytes().len() {
                    assert_eq!(
                        Header::parse(&encoded.as_bytes()[..len]),
                        Err(SyntaxError::TruncatedHeader)
                    );
                }
            }
        }
    }

    #[test]
    fn longer_forms_than_needed_are_refused() {
        let cases: [&[u8]; 8] = [
            &[0x80, 0x00],
            &[0x80, 0x07],
            &[0x08, 0x07],
            &[0x88, 0x07, 0x07],
            &[0x88, 0x08, 0x07],
            &[0x90, 0x00, 0x01],
            &[0x90, 0x00, 0x08],
            &[0x0f, 0, 1, 1, 1, 1, 1, 1, 1],
        ];
        for bytes in cases {
            assert_eq!(
                Header::parse(bytes),
                Err(SyntaxError::NonMinimalHeader),
                "{bytes:02x?}"
            );
        }
    }

    #[test]
    fn what_parses_is_written_again_as_the_same_bytes() {
        // Every config byte with extension bytes that vary.
        for config in 0..=u8::MAX {
            for fill in [0x00, 0x01, 0x07, 0x08, 0x80, 0xff] {
                let mut bytes = [fill; MAX_HEADER_LEN];
                bytes[0] = config;
                if let Ok((header, len)) = Header::parse(&bytes) {
                    assert_eq!(header.encode().as_bytes(), &bytes[..len]);
                }
            }
        }
    }
}
