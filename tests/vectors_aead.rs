//! The official vectors of the bare AES-CTR-HMAC AEADs (RFC 9605 §4.5.1), through `hazmat`.
//!
//! They pin the AEAD without header and key schedule: if a frame vector fails and these pass, the
//! fault is above the AEAD.
#![cfg(feature = "hazmat")]

#[path = "../src/test_vectors.rs"]
mod test_vectors;

use frameseal::hazmat::Aead;
use frameseal::{Backend, CipherSuite, Error};
use test_vectors::records;

#[test]
fn all_6_ctr_hmac_vectors_are_sealed_and_opened_as_published() {
    let records = records(include_str!("vectors/aead.txt"));
    let ids: Vec<u64> = records.iter().map(|r| r.number("cipher_suite")).collect();
    assert_eq!(ids, [1, 2, 3, 6, 7, 8]);
    for record in &records {
        let id = u16::try_from(record.number("cipher_suite")).unwrap();
        let suite = CipherSuite::try_from(id).unwrap();
        let (key, aad, plaintext) = (record.bytes("key"), record.bytes("aad"), record.bytes("pt"));
        // An AEAD key is the AES key and then the HMAC key.
        assert_eq!(
            key,
            [record.bytes("enc_key"), record.bytes("auth_key")].concat()
        );
        let nonce = record.bytes("nonce").try_into().unwrap();
        let published = record.bytes("ct");
        let (ciphertext, published_tag) = published.split_at(plaintext.len());

        let aead = Aead::new(suite, Backend::RustCrypto, &key).unwrap();
        let mut body = plaintext.clone();
        let mut tag = vec![0; suite.tag_len()];
        aead.seal_in_place(&nonce, aad.as_slice(), &mut body, &mut tag)
            .unwrap();
        assert_eq!(body, ciphertext, "{suite}");
        assert_eq!(tag, published_tag, "{suite}");

        aead.open_in_place(&nonce, aad.as_slice(), &mut body, published_tag)
            .unwrap();
        assert_eq!(body, plaintext, "{suite}");

        for bit in 0..8 * tag.len() {
            let mut wrong = tag.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let mut body = ciphertext.to_vec();
            let opened = aead.open_in_place(&nonce, aad.as_slice(), &mut body, &wrong);
            assert_eq!(opened, Err(Error::Authentication));
            assert_eq!(body, ciphertext, "left as it was");
        }
    }
}

#[test]
fn the_tag_length_is_part_of_the_code() {
    // RFC 9605 §4.5.1: with equal keys, the tag of one suite is no prefix of another's.
    for siblings in [[1, 2, 3], [6, 7, 8]] {
        let tags = siblings.map(|id| {
            let suite = CipherSuite::try_from(id).unwrap();
            let aead = Aead::new(suite, Backend::RustCrypto, &vec![7; suite.key_len()]).unwrap();
            let mut tag = vec![0; suite.tag_len()];
            aead.seal_in_place(&[1; 12], b"", &mut [0; 20], &mut tag)
                .unwrap();
            tag
        });
        assert_ne!(tags[0][..4], tags[1][..4]);
        assert_ne!(tags[0][..4], tags[2][..4]);
        assert_ne!(tags[1][..4], tags[2][..4]);
    }
}

#[test]
fn keys_and_tags_of_other_lengths_are_refused() {
    for suite in CipherSuite::ALL {
        let refused = |key_len: usize| {
            let made = Aead::new(suite, Backend::RustCrypto, &vec![0; key_len]);
            matches!(made, Err(Error::InvalidArgument(_)))
        };
        for len in [0, suite.key_len() - 1, suite.key_len() + 1] {
            assert!(refused(len), "{suite} with {len} bytes");
        }
        let aead = Aead::new(suite, Backend::RustCrypto, &vec![0; suite.key_len()]).unwrap();
        for len in [0, suite.tag_len() - 1, suite.tag_len() + 1] {
            let (mut body, mut tag) = ([3; 20], vec![9; len]);
            let sealed = aead.seal_in_place(&[0; 12], b"", &mut body, &mut tag);
            assert!(matches!(sealed, Err(Error::InvalidArgument(_))));
            let opened = aead.open_in_place(&[0; 12], b"", &mut body, &tag);
            assert!(matches!(opened, Err(Error::InvalidArgument(_))));
            assert_eq!((body, tag), ([3; 20], vec![9; len]), "nothing is written");
        }
    }
}
