//! No key and no content in what `Debug` and `Display` print: such text ends in logs.

use std::fmt::Debug;

use frameseal::{
    BaseKey, CipherSuite, DecryptionKey, Decryptor, EncryptionKey, Encryptor, Error, KeyRing,
    Metadata, SharedDecryptor, fixed,
};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::receiver::{Alice, BASE_KEY, KEY_ID, KID};

// Not words, which could be part of any message.
const METADATA: &[u8] = b"Wb7~rY0|";
const PAYLOAD: &[u8] = b"Xj4$nT6^cH1&mD3*";
const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;

/// Asserts that no run of four bytes of `secret` is in the text, in any usual notation.
fn hides(text: &str, secret: &[u8]) {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let dense = dense.to_lowercase();
    for bytes in secret.windows(4) {
        let join = |separator: &str, write: fn(&u8) -> String| {
            bytes.iter().map(write).collect::<Vec<_>>().join(separator)
        };
        let decimal = format!("[{}]", join(",", |byte| byte.to_string()));
        let notations = [
            decimal.trim_matches(['[', ']']).to_owned(),
            join("", |byte| format!("{byte:02x}")),
            join(",", |byte| format!("0x{byte:02x}")),
            join(",", |byte| format!("{byte:02x}")),
        ];
        for notation in notations {
            assert!(!dense.contains(&notation), "{text} shows {bytes:02x?}");
        }
        if bytes.iter().all(u8::is_ascii_graphic) {
            let ascii = String::from_utf8(bytes.to_vec()).unwrap().to_lowercase();
            assert!(!dense.contains(&ascii), "{text} shows {ascii}");
        }
    }
}

fn hides_all(value: &impl Debug, secrets: &[&[u8]]) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in secrets {
            hides(&text, secret);
        }
    }
}

#[test]
fn the_search_finds_secrets_in_every_notation() {
    let shown = |text: String| std::panic::catch_unwind(|| hides(&text, &BASE_KEY)).is_err();
    assert!(shown(format!("{BASE_KEY:?}")));
    assert!(shown(format!("{BASE_KEY:#?}")));
    assert!(shown(format!("{BASE_KEY:02x?}")));
    assert!(shown(format!("{BASE_KEY:#04X?}")));
    assert!(shown(
        BASE_KEY.iter().map(|byte| format!("{byte:02X}")).collect()
    ));
    assert!(shown(format!(
        "key {}",
        String::from_utf8(BASE_KEY.to_vec()).unwrap()
    )));
    assert!(!shown("nothing of it".to_owned()));
}

#[test]
fn keys_and_tables_show_no_key() {
    let info = |label: &[u8]| [label, &KID.to_be_bytes(), &SUITE.id().to_be_bytes()].concat();
    let (mut key, mut salt) = ([0; 16], [0; 12]);
    let secret = Hkdf::<Sha256>::new(None, &BASE_KEY);
    let key_label = info(b"SFrame 1.0 Secret key ");
    secret.expand(&key_label, &mut key).unwrap();
    let salt_label = info(b"SFrame 1.0 Secret salt ");
    secret.expand(&salt_label, &mut salt).unwrap();
    let ratcheted = BaseKey::ratchet(SUITE, &BASE_KEY).unwrap();
    let secrets: [&[u8]; 4] = [&BASE_KEY, &key, &salt, ratcheted.as_ref()];

    hides_all(&ratcheted, &secrets);
    hides_all(
        &EncryptionKey::new(SUITE, KEY_ID, &BASE_KEY).unwrap(),
        &secrets,
    );
    hides_all(
        &DecryptionKey::new(SUITE, KEY_ID, &BASE_KEY).unwrap(),
        &secrets,
    );
    let mut encryptor = Encryptor::new(SUITE);
    encryptor.add_key(KEY_ID, &BASE_KEY).unwrap();
    encryptor.use_key(KEY_ID).unwrap();
    hides_all(&encryptor, &secrets);
    hides_all(&encryptor.key_status(KEY_ID), &secrets);
    let mut decryptor = Decryptor::new(SUITE);
    decryptor.add_key(KEY_ID, &BASE_KEY).unwrap();
    hides_all(&decryptor, &secrets);
    hides_all(&decryptor.key_status(KEY_ID), &secrets);
    let mut decryptor = fixed::Decryptor::<2>::new(SUITE);
    decryptor.add_key(KEY_ID, &BASE_KEY).unwrap();
    hides_all(&decryptor, &secrets);
    let shared = SharedDecryptor::new(SUITE);
    shared.add_key(KEY_ID, &BASE_KEY).unwrap();
    hides_all(&shared, &secrets);
    let mut ring = KeyRing::new(SUITE);
    ring.add_sending_key(KEY_ID, &BASE_KEY).unwrap();
    hides_all(&ring, &secrets);
    hides_all(&ring.add_receiving_key(KEY_ID, &BASE_KEY), &secrets);
}

#[test]
fn errors_show_neither_keys_nor_content() {
    let mut bob = Decryptor::new(SUITE);
    bob.add_key(KEY_ID, &BASE_KEY).unwrap();
    let mut sealed = Alice::new(SUITE).seal(METADATA, PAYLOAD);
    let secrets: [&[u8]; 4] = [&BASE_KEY, PAYLOAD, METADATA, &sealed.clone()[5..]];
    *sealed.last_mut().unwrap() ^= 1;
    let failed = bob.decrypt(METADATA, &mut sealed).map(drop).unwrap_err();
    let refused = bob.add_key(KEY_ID, &[7; 16]).unwrap_err();
    assert_eq!(
        (failed, refused),
        (Error::Authentication, Error::KeyIdInUse(KEY_ID))
    );
    for error in [failed, refused, bob.add_key(KEY_ID, b"short").unwrap_err()] {
        hides_all(&error, &secrets);
        secrets
            .iter()
            .for_each(|secret| hides(&error.to_string(), secret));
    }
}

#[test]
fn an_opened_frame_and_metadata_show_no_content() {
    let mut bob = Decryptor::new(SUITE);
    bob.add_key(KEY_ID, &BASE_KEY).unwrap();
    let mut sealed = Alice::new(SUITE).seal(METADATA, PAYLOAD);
    hides_all(&Metadata::from(METADATA), &[METADATA]);
    let result = bob.decrypt(METADATA, &mut sealed);
    hides_all(&result, &[PAYLOAD]);
}
