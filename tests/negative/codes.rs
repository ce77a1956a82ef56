//! Message codes over other fields than RFC 9605 §4.5.1 names, made with the right key.
//!
//! Each is a mistake that another implementation could make. Such a frame must be refused, not
//! opened out of tolerance: the layout of the code is what binds lengths, nonce and suite.

use frameseal::{CipherSuite, Error};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

use crate::receiver::{BASE_KEY, CTR, KID, METADATA, PAYLOAD, accept, for_each, refuse};

const HEADER_LEN: usize = 5;

/// What a code is computed over, for one genuine frame.
struct Fields<'a> {
    aad: Vec<u8>,
    ciphertext: &'a [u8],
    nonce: Vec<u8>,
    tag_len: usize,
}

impl Fields<'_> {
    fn lengths(&self, unit: usize) -> [[u8; 8]; 3] {
        let lengths = [self.aad.len(), self.ciphertext.len(), self.tag_len];
        lengths.map(|length| ((length * unit) as u64).to_be_bytes())
    }

    /// `be64(|aad|) ‖ be64(|ct|) ‖ be64(Nt) ‖ nonce ‖ aad ‖ ct`, and the same with one mistake.
    fn messages(&self) -> (Vec<u8>, [(&'static str, Vec<u8>); 7]) {
        let [aad_len, ct_len, tag_len] = self.lengths(1);
        let [aad_bits, ct_bits, tag_bits] = self.lengths(8);
        let (nonce, aad, ct) = (&self.nonce[..], &self.aad[..], self.ciphertext);
        let join = |parts: &[&[u8]]| parts.concat();
        let right = join(&[&aad_len, &ct_len, &tag_len, nonce, aad, ct]);
        let wrong = [
            (
                "lengths swapped",
                join(&[&ct_len, &aad_len, &tag_len, nonce, aad, ct]),
            ),
            (
                "lengths in bits",
                join(&[&aad_bits, &ct_bits, &tag_bits, nonce, aad, ct]),
            ),
            (
                "lengths last",
                join(&[nonce, aad, ct, &aad_len, &ct_len, &tag_len]),
            ),
            ("no tag length", join(&[&aad_len, &ct_len, nonce, aad, ct])),
            ("no nonce", join(&[&aad_len, &ct_len, &tag_len, aad, ct])),
            ("no lengths", join(&[nonce, aad, ct])),
            (
                "no metadata",
                join(&[&aad_len, &ct_len, &tag_len, nonce, &aad[..HEADER_LEN], ct]),
            ),
        ];
        (right, wrong)
    }
}

fn expand(suite: CipherSuite, label: &[u8], len: usize) -> Vec<u8> {
    let info = [label, &KID.to_be_bytes(), &suite.id().to_be_bytes()].concat();
    let mut okm = vec![0; len];
    if suite.hash_len() == 32 {
        Hkdf::<Sha256>::new(None, &BASE_KEY)
            .expand(&info, &mut okm)
            .unwrap();
    } else {
        Hkdf::<Sha512>::new(None, &BASE_KEY)
            .expand(&info, &mut okm)
            .unwrap();
    }
    okm
}

fn code(suite: CipherSuite, key: &[u8], message: &[u8]) -> Vec<u8> {
    if suite.hash_len() == 32 {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
        mac.chain_update(message).finalize().into_bytes().to_vec()
    } else {
        let mac = <Hmac<Sha512> as KeyInit>::new_from_slice(key).unwrap();
        mac.chain_update(message).finalize().into_bytes().to_vec()
    }
}

#[test]
fn a_code_over_other_fields_is_refused() {
    for_each(|suite, alice, bob| {
        let Some(aes_key_len) = suite.ctr_key_len() else {
            return;
        };
        let sealed = alice.seal(METADATA, PAYLOAD);
        let tag_len = suite.tag_len();
        let (before_tag, tag) = sealed.split_at(sealed.len() - tag_len);
        let (header, ciphertext) = before_tag.split_at(HEADER_LEN);
        let salt = expand(suite, b"SFrame 1.0 Secret salt ", 12);
        let counter = [&[0; 4][..], &CTR.to_be_bytes()].concat();
        let fields = Fields {
            aad: [header, METADATA].concat(),
            ciphertext,
            nonce: salt.iter().zip(counter).map(|(a, b)| a ^ b).collect(),
            tag_len,
        };
        let key = expand(suite, b"SFrame 1.0 Secret key ", suite.key_len());
        let auth_key = &key[aes_key_len..];
        let (right, wrong) = fields.messages();
        let right = code(suite, auth_key, &right);
        assert_eq!(
            right[..tag_len],
            *tag,
            "{suite}: the test computes codes as it should"
        );

        for (mistake, message) in wrong {
            let code = code(suite, auth_key, &message);
            assert_ne!(code[..tag_len], *tag, "{mistake}");
            refuse(
                bob,
                METADATA,
                &[before_tag, &code[..tag_len]].concat(),
                Error::Authentication,
            );
        }
        // The right code, but its last bytes, or under the wrong part of the key.
        let last = &right[right.len() - tag_len..];
        refuse(
            bob,
            METADATA,
            &[before_tag, last].concat(),
            Error::Authentication,
        );
        let whole_key = code(suite, &key, &fields.messages().0);
        let forged = [before_tag, &whole_key[..tag_len]].concat();
        refuse(bob, METADATA, &forged, Error::Authentication);
        accept(bob, METADATA, &sealed, PAYLOAD);
    });
}
