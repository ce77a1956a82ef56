//! Published vectors.

use alloc::vec::Vec;

use frameseal_kernel::{Aad, Error};

use super::against::Pair;

/// One record of the file: its fields, in a fixed order.
struct Vector {
    valid: bool,
    key: Vec<u8>,
    nonce: [u8; 12],
    aad: Vec<u8>,
    pt: Vec<u8>,
    ct: Vec<u8>,
    tag: [u8; 16],
}

fn bytes(text: &str) -> Vec<u8> {
    let digits = text.as_bytes();
    assert!(digits.len().is_multiple_of(2));
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn field<'a>(lines: &mut impl Iterator<Item = &'a str>, name: &str) -> &'a str {
    let (found, value) = lines.next().unwrap().split_once('=').unwrap();
    assert_eq!(found.trim(), name);
    value.trim()
}

fn vectors(file: &str) -> Vec<Vector> {
    let mut lines = file
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .peekable();
    let mut vectors = Vec::new();
    while lines.peek().is_some() {
        vectors.push(Vector {
            valid: field(&mut lines, "valid") == "1",
            key: bytes(field(&mut lines, "key")),
            nonce: bytes(field(&mut lines, "nonce")).try_into().unwrap(),
            aad: bytes(field(&mut lines, "aad")),
            pt: bytes(field(&mut lines, "pt")),
            ct: bytes(field(&mut lines, "ct")),
            tag: bytes(field(&mut lines, "tag")).try_into().unwrap(),
        });
    }
    vectors
}

/// All of them, sealed and opened.
pub(crate) fn published_vectors() {
    let vectors = vectors(include_str!("../vectors/gcm.txt"));
    assert_eq!(vectors.iter().filter(|vector| vector.valid).count(), 174);
    assert_eq!(vectors.iter().filter(|vector| !vector.valid).count(), 54);
    for vector in vectors {
        let pair = Pair::new(&vector.key);
        let aad = Aad::from(vector.aad.as_slice());
        let mut body = vector.ct.clone();
        let opened = pair.open_in_place(&vector.nonce, aad, &mut body, &vector.tag);
        if !vector.valid {
            assert_eq!(opened, Err(Error::Authentication));
            assert_eq!(body, vector.ct);
            continue;
        }
        assert_eq!(
            opened,
            Ok(()),
            "key {:02x?}, tag {:02x?}",
            vector.key,
            vector.tag
        );
        assert_eq!(body, vector.pt);
        let tag = pair.seal_in_place(&vector.nonce, aad, &mut body);
        assert_eq!(body, vector.ct);
        assert_eq!(tag, vector.tag);
    }
}
