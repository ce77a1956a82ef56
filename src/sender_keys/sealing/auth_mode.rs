//! Mode auth of RFC 9180, in one call each way, over the HPKE implementation.
//!
//! Under `sender_keys/sealing/`. In place and without an allocator. Both directions check that no
//! shared secret is all zero (RFC 9180 §7.1.4).

use core::convert::Infallible;

use hpke::aead::{AeadTag, AesGcm128};
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use super::{SealingPublicKey, SealingSecretKey};
use crate::error::Error;

pub(super) type Dh = X25519HkdfSha256;

/// Bytes of a secret key, of a public key, and of `enc`.
pub(super) const KEY_LEN: usize = 32;
/// Bytes that a ciphertext has more than its plaintext.
pub(super) const TAG_LEN: usize = 16;

const LOW_ORDER: Error = Error::InvalidArgument("the public key is of low order");

/// `SealAuth` of RFC 9180 §6.1, with the random bytes of the ephemeral key given: `enc ‖ ct`.
pub(super) fn seal_auth(
    sender: &SealingSecretKey,
    recipient: &SealingPublicKey,
    info: &[u8],
    aad: &[u8],
    mut ephemeral: Given,
    plaintext: &[u8],
    out: &mut [u8],
) -> Result<(), Error> {
    let needed = Error::BufferTooSmall {
        needed: plaintext.len().saturating_add(KEY_LEN + TAG_LEN),
    };
    let (enc, rest) = out.split_first_chunk_mut::<KEY_LEN>().ok_or(needed)?;
    let (body, tag) = rest.split_last_chunk_mut::<TAG_LEN>().ok_or(needed)?;
    if body.len() != plaintext.len() {
        return Err(needed);
    }
    body.copy_from_slice(plaintext);
    let mode = OpModeS::Auth((sender.key()?, sender.public_key().key()?));
    let (enc_key, made) =
        hpke::single_shot_seal_inout_detached_with_rng::<AesGcm128, HkdfSha256, Dh>(
            &mode,
            &recipient.key()?,
            info,
            InOutBuf::from(body),
            aad,
            &mut ephemeral,
        )
        .map_err(|_| LOW_ORDER)?;
    if ephemeral.asked_for_more {
        return Err(Error::InvalidArgument("more randomness was needed"));
    }
    *enc = enc_key.to_bytes().into();
    *tag = made.to_bytes().into();
    Ok(())
}

/// `OpenAuth` of RFC 9180 §6.1, of `enc ‖ ct`, into `room`.
pub(super) fn open_auth<'r>(
    recipient: &SealingSecretKey,
    sender: &SealingPublicKey,
    info: &[u8],
    aad: &[u8],
    sealed: &[u8],
    room: &'r mut [u8],
) -> Result<&'r [u8], Error> {
    let refused = Error::Authentication;
    let (enc, rest) = sealed.split_first_chunk::<KEY_LEN>().ok_or(refused)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(refused)?;
    let body = room.get_mut(..ciphertext.len()).ok_or(refused)?;
    body.copy_from_slice(ciphertext);
    let enc: <Dh as Kem>::EncappedKey = Deserializable::from_bytes(enc).map_err(|_| refused)?;
    let tag = AeadTag::<AesGcm128>::from_bytes(tag).map_err(|_| refused)?;
    hpke::single_shot_open_inout_detached::<AesGcm128, HkdfSha256, Dh>(
        &OpModeR::Auth(sender.key()?),
        &recipient.key()?,
        &enc,
        info,
        InOutBuf::from(&mut *body),
        aad,
        &tag,
    )
    .map_err(|_| refused)?;
    Ok(body)
}

/// Random bytes that were given, for an interface that asks for a generator. Wiped on drop.
pub(super) struct Given {
    bytes: Zeroizing<[u8; 32]>,
    used: usize,
    /// They did not suffice, and zeros were handed out: what was made from them is not used.
    pub(super) asked_for_more: bool,
}

impl Given {
    pub(super) fn new(bytes: &[u8; 32]) -> Self {
        Self {
            bytes: Zeroizing::new(*bytes),
            used: 0,
            asked_for_more: false,
        }
    }
}

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for to in dst {
            match self.bytes.get(self.used) {
                Some(byte) => *to = *byte,
                None => {
                    *to = 0;
                    self.asked_for_more = true;
                }
            }
            self.used = self.used.saturating_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for Given {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_vectors::{Record, records};

    fn key(record: &Record, name: &str) -> [u8; 32] {
        record.bytes(name).try_into().unwrap()
    }

    #[test]
    fn the_official_vector_of_this_mode_and_suite_comes_out_both_ways() {
        let records = records(include_str!("../../../tests/vectors/hpke_auth.txt"));
        let [record] = &records[..] else { panic!() };
        let pair = |who: &str| {
            let secret = SealingSecretKey::from_random(&key(record, &format!("ikm_{who}")));
            let public = secret.public_key();
            // As a scalar: the bits that X25519 sets and clears are those of the vector or ours.
            let given = SealingSecretKey::from_bytes(&key(record, &format!("sk_{who}")));
            assert_eq!(given.public_key(), public);
            assert_eq!(public.as_bytes(), &key(record, &format!("pk_{who}")));
            (secret, public)
        };
        let ((sender, from), (recipient, to)) = (pair("s"), pair("r"));
        let (info, aad, pt) = (
            record.bytes("info"),
            record.bytes("aad"),
            record.bytes("pt"),
        );
        let expected = [record.bytes("enc"), record.bytes("ct")].concat();

        let mut sealed = vec![0; pt.len() + KEY_LEN + TAG_LEN];
        let ephemeral = Given::new(&key(record, "ikm_e"));
        seal_auth(&sender, &to, &info, &aad, ephemeral, &pt, &mut sealed).unwrap();
        assert_eq!(sealed, expected);

        let mut room = [0; 64];
        let opened = open_auth(&recipient, &from, &info, &aad, &expected, &mut room);
        assert_eq!(opened, Ok(pt.as_slice()));
    }

    #[test]
    fn given_randomness_is_handed_out_once_and_its_end_is_noticed() {
        let bytes: [u8; 32] = core::array::from_fn(|i| i as u8);
        let mut given = Given::new(&bytes);
        assert_eq!(given.try_next_u32(), Ok(0x0302_0100));
        assert_eq!(given.try_next_u64(), Ok(0x0b0a_0908_0706_0504));
        let mut rest = [0; 20];
        given.try_fill_bytes(&mut rest).unwrap();
        assert_eq!(rest, bytes[12..]);
        assert!(!given.asked_for_more);
        assert_eq!(given.try_next_u32(), Ok(0));
        assert!(given.asked_for_more);
    }
}
