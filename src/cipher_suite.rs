//! The cipher suites of the IANA "SFrame Cipher Suites" registry.
//!
//! Bottom of the layers: everything else asks a suite for its sizes. The ids 1 to 5 are those of
//! RFC 9605 §8.1, the ids 6 to 8 the AES-256 suites registered after it. The suite is agreed out
//! of band and never travels in a frame (RFC 9605 §4.5).

use crate::error::Error;
use crate::header::MAX_HEADER_LEN;

/// A registered cipher suite: which AEAD and which hash protect the frames (RFC 9605 §4.5).
///
/// The suites that end in `_64` and `_32` have short tags. A forged frame passes a tag of 32 bits
/// once in 2^32 tries; RFC 9605 §7.5 says when that can be acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum CipherSuite {
    /// AES-128 in counter mode, HMAC-SHA-256 cut to 80 bits.
    Aes128CtrHmacSha256_80 = 0x0001,
    /// AES-128 in counter mode, HMAC-SHA-256 cut to 64 bits.
    Aes128CtrHmacSha256_64 = 0x0002,
    /// AES-128 in counter mode, HMAC-SHA-256 cut to 32 bits.
    Aes128CtrHmacSha256_32 = 0x0003,
    /// AES-128-GCM, tag of 128 bits, keys by HKDF-SHA-256.
    Aes128GcmSha256_128 = 0x0004,
    /// AES-256-GCM, tag of 128 bits, keys by HKDF-SHA-512.
    Aes256GcmSha512_128 = 0x0005,
    /// AES-256 in counter mode, HMAC-SHA-512 cut to 80 bits.
    Aes256CtrHmacSha512_80 = 0x0006,
    /// AES-256 in counter mode, HMAC-SHA-512 cut to 64 bits.
    Aes256CtrHmacSha512_64 = 0x0007,
    /// AES-256 in counter mode, HMAC-SHA-512 cut to 32 bits.
    Aes256CtrHmacSha512_32 = 0x0008,
}

/// Bytes of a nonce, the same for every suite (`Nn`).
pub const NONCE_LEN: usize = 12;

/// The longest tag of any suite, in bytes (the largest `Nt`).
pub const MAX_TAG_LEN: usize = 16;

/// The longest AEAD key of any suite, in bytes (the largest `Nk`).
pub(crate) const MAX_KEY_LEN: usize = 96;

/// The longest hash output of any suite, in bytes (the largest `Nh`).
pub(crate) const MAX_HASH_LEN: usize = 64;

impl CipherSuite {
    /// All registered suites, in the order of their ids.
    pub const ALL: [Self; 8] = [
        Self::Aes128CtrHmacSha256_80,
        Self::Aes128CtrHmacSha256_64,
        Self::Aes128CtrHmacSha256_32,
        Self::Aes128GcmSha256_128,
        Self::Aes256GcmSha512_128,
        Self::Aes256CtrHmacSha512_80,
        Self::Aes256CtrHmacSha512_64,
        Self::Aes256CtrHmacSha512_32,
    ];

    /// The registered id.
    #[must_use]
    pub const fn id(self) -> u16 {
        self as u16
    }

    /// The registered name, for example `AES_128_GCM_SHA256_128`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes128CtrHmacSha256_80 => "AES_128_CTR_HMAC_SHA256_80",
            Self::Aes128CtrHmacSha256_64 => "AES_128_CTR_HMAC_SHA256_64",
            Self::Aes128CtrHmacSha256_32 => "AES_128_CTR_HMAC_SHA256_32",
            Self::Aes128GcmSha256_128 => "AES_128_GCM_SHA256_128",
            Self::Aes256GcmSha512_128 => "AES_256_GCM_SHA512_128",
            Self::Aes256CtrHmacSha512_80 => "AES_256_CTR_HMAC_SHA512_80",
            Self::Aes256CtrHmacSha512_64 => "AES_256_CTR_HMAC_SHA512_64",
            Self::Aes256CtrHmacSha512_32 => "AES_256_CTR_HMAC_SHA512_32",
        }
    }

    /// `Nh`: bytes of the hash output, and of a ratcheted base key.
    #[must_use]
    pub const fn hash_len(self) -> usize {
        match self {
            Self::Aes128CtrHmacSha256_80
            | Self::Aes128CtrHmacSha256_64
            | Self::Aes128CtrHmacSha256_32
            | Self::Aes128GcmSha256_128 => 32,
            Self::Aes256GcmSha512_128
            | Self::Aes256CtrHmacSha512_80
            | Self::Aes256CtrHmacSha512_64
            | Self::Aes256CtrHmacSha512_32 => 64,
        }
    }

    /// `Nka`: bytes of the AES key inside the AEAD key of a CTR-HMAC suite; `None` for GCM.
    #[must_use]
    pub const fn ctr_key_len(self) -> Option<usize> {
        match self {
            Self::Aes128CtrHmacSha256_80
            | Self::Aes128CtrHmacSha256_64
            | Self::Aes128CtrHmacSha256_32 => Some(16),
            Self::Aes256CtrHmacSha512_80
            | Self::Aes256CtrHmacSha512_64
            | Self::Aes256CtrHmacSha512_32 => Some(32),
            Self::Aes128GcmSha256_128 | Self::Aes256GcmSha512_128 => None,
        }
    }

    /// `Nk`: bytes of the AEAD key. An MLS exporter is asked for this many (RFC 9605 §5.2).
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128CtrHmacSha256_80
            | Self::Aes128CtrHmacSha256_64
            | Self::Aes128CtrHmacSha256_32 => 48,
            Self::Aes128GcmSha256_128 => 16,
            Self::Aes256GcmSha512_128 => 32,
            Self::Aes256CtrHmacSha512_80
            | Self::Aes256CtrHmacSha512_64
            | Self::Aes256CtrHmacSha512_32 => MAX_KEY_LEN,
        }
    }

    /// `Nn`: bytes of the nonce, 12.
    #[must_use]
    pub const fn nonce_len(self) -> usize {
        NONCE_LEN
    }

    /// `Nt`: bytes of the tag, which end every frame.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::Aes128CtrHmacSha256_80 | Self::Aes256CtrHmacSha512_80 => 10,
            Self::Aes128CtrHmacSha256_64 | Self::Aes256CtrHmacSha512_64 => 8,
            Self::Aes128CtrHmacSha256_32 | Self::Aes256CtrHmacSha512_32 => 4,
            Self::Aes128GcmSha256_128 | Self::Aes256GcmSha512_128 => MAX_TAG_LEN,
        }
    }

    /// The most bytes that encryption ever adds to a frame: the longest header and the tag.
    ///
    /// A sealed frame is `1 + |KID| + |CTR| + Nt` bytes longer than its payload (RFC 9605
    /// appendix B). [`Encryptor::sealed_len`](crate::EncryptorCore::sealed_len) says how long the
    /// next one really is.
    #[must_use]
    pub const fn max_overhead(self) -> usize {
        MAX_HEADER_LEN + self.tag_len()
    }

    /// The most payload bytes that one frame may have.
    ///
    /// Counter mode: 2^32 blocks of 16 bytes, after which the block counter would repeat
    /// (RFC 9605 §4.5.1). GCM: 2^36 - 32 bytes (RFC 5116 §5.1).
    #[must_use]
    pub const fn max_payload_len(self) -> u64 {
        match self.ctr_key_len() {
            Some(_) => 1 << 36,
            None => (1 << 36) - 32,
        }
    }
}

impl TryFrom<u16> for CipherSuite {
    type Error = Error;

    /// Finds the suite with a registered id.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for the reserved id 0, private-use and unassigned ids.
    fn try_from(id: u16) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.id() == id)
            .ok_or(Error::InvalidArgument("not a registered cipher suite id"))
    }
}

impl core::fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

impl core::str::FromStr for CipherSuite {
    type Err = Error;

    /// Finds the suite with a registered name.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when no suite has exactly this name.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.name() == name)
            .ok_or(Error::InvalidArgument("not a registered cipher suite name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_are_those_of_the_registry() {
        // id, Nh, Nka, Nk, Nn, Nt
        let registry = [
            (1, 32, Some(16), 48, 12, 10),
            (2, 32, Some(16), 48, 12, 8),
            (3, 32, Some(16), 48, 12, 4),
            (4, 32, None, 16, 12, 16),
            (5, 64, None, 32, 12, 16),
            (6, 64, Some(32), 96, 12, 10),
            (7, 64, Some(32), 96, 12, 8),
            (8, 64, Some(32), 96, 12, 4),
        ];
        for (id, nh, nka, nk, nn, nt) in registry {
            let suite = CipherSuite::try_from(id).unwrap();
            assert_eq!(suite.id(), id);
            assert_eq!(suite.hash_len(), nh, "{suite}");
            assert_eq!(suite.ctr_key_len(), nka, "{suite}");
            assert_eq!(suite.key_len(), nk, "{suite}");
            assert_eq!(suite.nonce_len(), nn, "{suite}");
            assert_eq!(suite.tag_len(), nt, "{suite}");
            assert_eq!(suite.name().parse(), Ok(suite));
        }
    }

    #[test]
    fn reserved_unassigned_and_private_ids_are_refused() {
        for id in [0, 9, 0x00ff, 0xefff, 0xf000, 0xffff] {
            assert!(matches!(
                CipherSuite::try_from(id),
                Err(Error::InvalidArgument(_))
            ));
        }
        assert!("AES_128_GCM".parse::<CipherSuite>().is_err());
    }
}
