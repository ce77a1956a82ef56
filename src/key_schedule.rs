//! The key schedule: from a base key to what protects frames, and every label of the protocol.
//!
//! Second layer. All derivations are HKDF (RFC 5869) with the hash of the cipher suite:
//!
//! ```text
//! secret  = Extract("", base_key)                                          RFC 9605 §4.4.2
//! key     = Expand(secret, "SFrame 1.0 Secret key " ‖ be64(KID) ‖ be16(suite), Nk)
//! salt    = Expand(secret, "SFrame 1.0 Secret salt " ‖ be64(KID) ‖ be16(suite), Nn)
//! ratchet = Expand(secret, "SFrame 1.0 Ratchet", Nh)                       RFC 9605 §5.1
//! stream  = Expand(Extract(be32(SSRC), base_key), "SFrame 1.0 RTP Stream", Nh)
//! ```
//!
//! The last one is the per-SSRC key of the RTP payload format (draft-ietf-avtcore-rtp-sframe).

use hkdf::{GenericHkdf, Hkdf, HmacImpl};
use sha2::{Sha256, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cipher_suite::{CipherSuite, MAX_HASH_LEN, MAX_KEY_LEN, NONCE_LEN};
use crate::error::Error;
use crate::header::KeyId;

/// The fewest bytes of a base key. RFC 9605 names no length; 16 bytes are the strength of its
/// weakest cipher. For the 256-bit suites, 32 bytes are advised.
pub const MIN_BASE_KEY_LEN: usize = 16;

// The trailing space of the first two is part of the label (RFC 9605 §4.4.2); the ratchet label
// has none (§5.1).
const KEY_LABEL: &[u8; 22] = b"SFrame 1.0 Secret key ";
const SALT_LABEL: &[u8; 23] = b"SFrame 1.0 Secret salt ";
const RATCHET_LABEL: &[u8; 18] = b"SFrame 1.0 Ratchet";
const STREAM_LABEL: &[u8; 21] = b"SFrame 1.0 RTP Stream";
/// Not of the protocol: names a key in diagnostics, and tells two keys apart, without being one.
const FINGERPRINT_LABEL: &[u8; 22] = b"frameseal fingerprint ";
/// Not of the protocol: the same for a base key of any key id and suite with the same hash.
const BASE_KEY_LABEL: &[u8; 18] = b"frameseal base key";

/// The same for the base key of an epoch, from which many keys come.
const EPOCH_LABEL: &[u8; 27] = b"frameseal epoch fingerprint";

/// A base key: one that was given, or one that was derived from another and has `Nh` bytes. Wiped
/// on drop.
pub struct BaseKey {
    bytes: [u8; MAX_BASE_KEY_LEN],
    len: usize,
}

/// Room for what any suite derives, and for a base key as long as its AEAD key.
const MAX_BASE_KEY_LEN: usize = MAX_KEY_LEN;
const _: () = assert!(MAX_HASH_LEN <= MAX_BASE_KEY_LEN);

impl BaseKey {
    /// A copy of a base key that was given.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when it does not have 16 to 96 bytes, or all are zero.
    pub fn new(base_key: &[u8]) -> Result<Self, Error> {
        check_base_key(base_key)?;
        let mut copy = Self {
            bytes: [0; MAX_BASE_KEY_LEN],
            len: base_key.len(),
        };
        let place = copy.bytes.get_mut(..copy.len).ok_or(LONG_BASE_KEY)?;
        place.copy_from_slice(base_key);
        Ok(copy)
    }

    /// Tells base keys apart without revealing them, whatever key id they are used for.
    pub(crate) fn fingerprint(&self, suite: CipherSuite) -> Result<Fingerprint, Error> {
        let mut fingerprint = [0; 16];
        Secret::extract(suite, &[], self.as_ref()).expand(BASE_KEY_LABEL, &mut fingerprint)?;
        Ok(Fingerprint(fingerprint))
    }

    /// The next base key of a sender that ratchets (RFC 9605 §5.1). It has `Nh` bytes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when `base_key` has fewer than [`MIN_BASE_KEY_LEN`] bytes, or all are
    /// zero.
    pub fn ratchet(suite: CipherSuite, base_key: &[u8]) -> Result<Self, Error> {
        Self::derive(suite, &[], base_key, RATCHET_LABEL)
    }

    /// The base key of one RTP stream (draft-ietf-avtcore-rtp-sframe, per-SSRC keys). It has `Nh`
    /// bytes, and every stream counts its frames for itself.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when `base_key` has fewer than [`MIN_BASE_KEY_LEN`] bytes, or all are
    /// zero.
    pub fn for_ssrc(suite: CipherSuite, base_key: &[u8], ssrc: u32) -> Result<Self, Error> {
        Self::derive(suite, &ssrc.to_be_bytes(), base_key, STREAM_LABEL)
    }

    fn derive(
        suite: CipherSuite,
        salt: &[u8],
        base_key: &[u8],
        label: &[u8],
    ) -> Result<Self, Error> {
        check_base_key(base_key)?;
        let mut derived = Self {
            bytes: [0; MAX_BASE_KEY_LEN],
            len: suite.hash_len(),
        };
        let okm = derived.bytes.get_mut(..derived.len).unwrap_or_default();
        Secret::extract(suite, salt, base_key).expand(label, okm)?;
        Ok(derived)
    }
}

impl AsRef<[u8]> for BaseKey {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Drop for BaseKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for BaseKey {}

impl core::fmt::Debug for BaseKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("BaseKey").finish_non_exhaustive()
    }
}

/// Tells keys apart without revealing them: derived from base key, key id and suite.
///
/// It is compared inside the library; shown in diagnostics, it is cut to 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// What diagnostics show, as a number: its 8 hexadecimal digits are those of `Display`.
    #[must_use]
    pub const fn shown(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl core::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0
            .iter()
            .take(4)
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// What protects the frames of one key id. Wiped on drop.
pub(crate) struct FrameSecrets {
    pub(crate) key: Zeroizing<[u8; MAX_KEY_LEN]>,
    pub(crate) salt: Zeroizing<[u8; NONCE_LEN]>,
    pub(crate) fingerprint: Fingerprint,
}

impl FrameSecrets {
    /// Derives key and salt (RFC 9605 §4.4.2).
    pub(crate) fn derive(
        suite: CipherSuite,
        key_id: KeyId,
        base_key: &[u8],
    ) -> Result<Self, Error> {
        check_base_key(base_key)?;
        let secret = Secret::extract(suite, &[], base_key);
        let mut fingerprint = [0; 16];
        secret.expand(
            &label::<22, 32>(FINGERPRINT_LABEL, key_id, suite),
            &mut fingerprint,
        )?;
        Self::expand(suite, key_id, &secret, Fingerprint(fingerprint))
    }

    /// The same for a key id of an epoch whose base key is extracted already (RFC 9605 §5.2): two
    /// expands. The fingerprint is that of the epoch.
    pub(crate) fn of_epoch(key_id: KeyId, epoch: &EpochSecret) -> Result<Self, Error> {
        Self::expand(epoch.suite, key_id, &epoch.secret, epoch.fingerprint)
    }

    fn expand(
        suite: CipherSuite,
        key_id: KeyId,
        secret: &Secret,
        fingerprint: Fingerprint,
    ) -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; MAX_KEY_LEN]);
        let mut salt = Zeroizing::new([0; NONCE_LEN]);
        let key_bytes = key.get_mut(..suite.key_len()).unwrap_or_default();
        secret.expand(&label::<22, 32>(KEY_LABEL, key_id, suite), key_bytes)?;
        secret.expand(&label::<23, 33>(SALT_LABEL, key_id, suite), &mut *salt)?;
        Ok(Self {
            key,
            salt,
            fingerprint,
        })
    }
}

const LONG_BASE_KEY: Error =
    Error::InvalidArgument("a base key that is kept has 96 bytes or fewer");

/// The base key of an epoch, extracted once for all key ids of it (RFC 9605 §4.4.2, §5.2). Wiped on
/// drop.
pub(crate) struct EpochSecret {
    pub(crate) suite: CipherSuite,
    pub(crate) fingerprint: Fingerprint,
    secret: Secret,
}

impl EpochSecret {
    pub(crate) fn new(suite: CipherSuite, base_key: &[u8]) -> Result<Self, Error> {
        check_base_key(base_key)?;
        let secret = Secret::extract(suite, &[], base_key);
        let mut fingerprint = [0; 16];
        secret.expand(EPOCH_LABEL, &mut fingerprint)?;
        Ok(Self {
            suite,
            fingerprint: Fingerprint(fingerprint),
            secret,
        })
    }
}

impl core::fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EpochSecret")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

fn check_base_key(base_key: &[u8]) -> Result<(), Error> {
    if base_key.len() < MIN_BASE_KEY_LEN {
        return Err(Error::InvalidArgument(
            "a base key must have 16 bytes or more",
        ));
    }
    // What a buffer holds that was wiped, or never filled: anybody has that key.
    if base_key.iter().fold(0, |any, byte| any | byte) == 0 {
        return Err(Error::InvalidArgument("a base key must not be all zeros"));
    }
    Ok(())
}

/// `text ‖ be64(KID) ‖ be16(suite)`; `OUT` is `TEXT + 10`.
fn label<const TEXT: usize, const OUT: usize>(
    text: &[u8; TEXT],
    key_id: KeyId,
    suite: CipherSuite,
) -> [u8; OUT] {
    const { assert!(OUT == TEXT + 10) };
    let mut label = [0; OUT];
    let kid = key_id.value().to_be_bytes();
    let bytes = text.iter().chain(&kid);
    for (to, from) in label.iter_mut().zip(bytes) {
        *to = *from;
    }
    if let Some(end) = label.last_chunk_mut() {
        *end = suite.id().to_be_bytes();
    }
    label
}

/// An HKDF pseudorandom key, by the hash of the suite. Its HMAC states are wiped on drop.
enum Secret {
    Sha256(Hkdf<Sha256>),
    Sha512(Hkdf<Sha512>),
}

impl Secret {
    /// An empty salt stands for `Nh` zero bytes (RFC 5869 §2.2).
    fn extract(suite: CipherSuite, salt: &[u8], base_key: &[u8]) -> Self {
        fn extract<H: HmacImpl>(salt: &[u8], base_key: &[u8]) -> GenericHkdf<H> {
            let (mut prk, hkdf) = GenericHkdf::extract(Some(salt), base_key);
            prk.as_mut_slice().zeroize();
            hkdf
        }
        if suite.hash_len() == 32 {
            Self::Sha256(extract(salt, base_key))
        } else {
            Self::Sha512(extract(salt, base_key))
        }
    }

    fn expand(&self, info: &[u8], okm: &mut [u8]) -> Result<(), Error> {
        /// Whole blocks of the hash, as many as `okm` needs. Their number is a constant, so that
        /// the compiler can see that the block counter of HKDF, a byte, does not overflow.
        fn expand<H: HmacImpl, const LEN: usize>(
            hkdf: &GenericHkdf<H>,
            info: &[u8],
            okm: &mut [u8],
        ) -> bool {
            let mut blocks = Zeroizing::new([0; LEN]);
            let done = hkdf.expand(info, &mut *blocks).is_ok();
            for (to, from) in okm.iter_mut().zip(&*blocks) {
                *to = *from;
            }
            done
        }
        let done = match (self, okm.len()) {
            (Self::Sha256(hkdf), 0..=32) => expand::<_, 32>(hkdf, info, okm),
            (Self::Sha256(hkdf), 33..=64) => expand::<_, 64>(hkdf, info, okm),
            (Self::Sha512(hkdf), 0..=64) => expand::<_, 64>(hkdf, info, okm),
            (Self::Sha512(hkdf), 65..=128) => expand::<_, 128>(hkdf, info, okm),
            _ => false,
        };
        // Never taken: the longest outputs are 48 and 96 bytes.
        if done {
            Ok(())
        } else {
            Err(Error::InvalidArgument("HKDF output too long"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{Record, records};

    /// `sframe_secret` of the vectors is the pseudorandom key itself, which HKDF keeps inside.
    fn extracted(suite: CipherSuite, base_key: &[u8]) -> Vec<u8> {
        if suite.hash_len() == 32 {
            Hkdf::<Sha256>::extract(Some(&[]), base_key).0.to_vec()
        } else {
            Hkdf::<Sha512>::extract(Some(&[]), base_key).0.to_vec()
        }
    }

    fn suite(record: &Record) -> CipherSuite {
        CipherSuite::try_from(record.number("cipher_suite") as u16).unwrap()
    }

    #[test]
    fn labels_secrets_keys_and_salts_are_those_of_the_official_vectors() {
        let records = records(include_str!("../tests/vectors/sframe.txt"));
        assert_eq!(records.len(), 8);
        for record in &records {
            let (suite, kid) = (suite(record), KeyId::new(record.number("kid")));
            assert_eq!(
                label::<22, 32>(KEY_LABEL, kid, suite).as_slice(),
                record.bytes("sframe_key_label")
            );
            assert_eq!(
                label::<23, 33>(SALT_LABEL, kid, suite).as_slice(),
                record.bytes("sframe_salt_label")
            );
            let base_key = record.bytes("base_key");
            assert_eq!(extracted(suite, &base_key), record.bytes("sframe_secret"));
            let derived = FrameSecrets::derive(suite, kid, &base_key).unwrap();
            assert_eq!(derived.key[..suite.key_len()], record.bytes("sframe_key"));
            assert_eq!(derived.salt.as_slice(), record.bytes("sframe_salt"));
        }
    }

    #[test]
    fn a_base_key_below_sixteen_bytes_is_refused() {
        let suite = CipherSuite::Aes128GcmSha256_128;
        for len in 0..MIN_BASE_KEY_LEN {
            let short = vec![1; len];
            assert!(FrameSecrets::derive(suite, KeyId::new(0), &short).is_err());
            assert!(BaseKey::ratchet(suite, &short).is_err());
            assert!(BaseKey::for_ssrc(suite, &short, 1).is_err());
        }
        for len in [16, 32, 64, 500] {
            assert!(FrameSecrets::derive(suite, KeyId::new(0), &vec![1; len]).is_ok());
        }
    }

    #[test]
    fn fingerprints_differ_by_base_key_key_id_and_suite_and_show_little() {
        let derive = |suite, kid, byte| {
            FrameSecrets::derive(suite, KeyId::new(kid), &[byte; 16])
                .unwrap()
                .fingerprint
        };
        let one = derive(CipherSuite::Aes128GcmSha256_128, 1, 1);
        assert_eq!(one, derive(CipherSuite::Aes128GcmSha256_128, 1, 1));
        assert_ne!(one, derive(CipherSuite::Aes128GcmSha256_128, 2, 1));
        assert_ne!(one, derive(CipherSuite::Aes128GcmSha256_128, 1, 2));
        assert_ne!(one, derive(CipherSuite::Aes128CtrHmacSha256_80, 1, 1));
        assert_eq!(format!("{one}").len(), 8);
        assert_eq!(format!("{one}"), format!("{:08x}", one.shown()));
    }
}
