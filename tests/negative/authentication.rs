//! Frames that were changed on the way: every single bit, the tag's length, the metadata.

use frameseal::{Error, Header, SyntaxError};

use crate::frames::pattern;
use crate::receiver::{KEY_ID, METADATA, PAYLOAD, for_each, refuse};

/// What a receiver that holds one key must say to bytes that are no good frame of it.
fn expected(bytes: &[u8], tag_len: usize) -> Error {
    match Header::parse(bytes) {
        Err(reason) => Error::Syntax(reason),
        Ok((_, len)) if bytes.len() - len < tag_len => Error::Syntax(SyntaxError::ShorterThanTag),
        Ok((header, _)) if header.key_id != KEY_ID => Error::UnknownKeyId(header.key_id),
        Ok(_) => Error::Authentication,
    }
}

#[test]
fn every_flipped_bit_of_a_frame_is_refused() {
    for_each(|suite, alice, bob| {
        for payload in [&[][..], &PAYLOAD[..21]] {
            let sealed = alice.seal(METADATA, payload);
            for bit in 0..8 * sealed.len() {
                let mut flipped = sealed.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                refuse(bob, METADATA, &flipped, expected(&flipped, suite.tag_len()));
            }
        }
    });
}

#[test]
fn a_flipped_bit_anywhere_in_a_long_frame_is_refused() {
    for_each(|suite, alice, bob| {
        let payload = pattern(1, 5000);
        let sealed = alice.seal(METADATA, &payload);
        let tag_start = sealed.len() - suite.tag_len();
        for at in (5..tag_start)
            .step_by(611)
            .chain(tag_start - 1..sealed.len())
        {
            let mut flipped = sealed.clone();
            flipped[at] ^= 0x04;
            refuse(bob, METADATA, &flipped, Error::Authentication);
        }
    });
}

#[test]
fn every_flipped_bit_of_the_metadata_is_refused() {
    for_each(|_, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        for bit in 0..8 * METADATA.len() {
            let mut flipped = METADATA.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            refuse(bob, &flipped, &sealed, Error::Authentication);
        }
    });
}

#[test]
fn metadata_of_any_length_is_authenticated_to_its_last_byte() {
    for_each(|_, alice, bob| {
        for len in [1, 47, 48, 300, 512, 513, 5000, 100_000] {
            let metadata = pattern(2, len);
            let sealed = alice.seal(&metadata, PAYLOAD);
            for at in [0, len / 2, len - 1] {
                let mut changed = metadata.clone();
                changed[at] ^= 0x80;
                refuse(bob, &changed, &sealed, Error::Authentication);
            }
            refuse(bob, &metadata[..len - 1], &sealed, Error::Authentication);
            refuse(
                bob,
                &[&metadata[..], &[0]].concat(),
                &sealed,
                Error::Authentication,
            );
        }
    });
}

#[test]
fn metadata_that_is_missing_or_added_is_refused() {
    for_each(|_, alice, bob| {
        let with = alice.seal(METADATA, PAYLOAD);
        refuse(bob, b"", &with, Error::Authentication);
        let without = alice.seal(b"", PAYLOAD);
        refuse(bob, METADATA, &without, Error::Authentication);
        refuse(bob, &[0], &without, Error::Authentication);
    });
}

#[test]
fn a_byte_that_moves_between_metadata_and_ciphertext_is_refused() {
    for_each(|_, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        let (header, body) = sealed.split_at(5);
        let longer = [METADATA, &body[..1]].concat();
        refuse(
            bob,
            &longer,
            &[header, &body[1..]].concat(),
            Error::Authentication,
        );
        let (shorter, last) = METADATA.split_at(METADATA.len() - 1);
        refuse(
            bob,
            shorter,
            &[header, last, body].concat(),
            Error::Authentication,
        );
    });
}

#[test]
fn a_tag_that_is_cut_or_extended_is_refused() {
    for_each(|suite, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        for cut in 1..=suite.tag_len() + 1 {
            refuse(
                bob,
                METADATA,
                &sealed[..sealed.len() - cut],
                Error::Authentication,
            );
        }
        for behind in [&[0][..], &[0xff], b"trailing garbage that nobody sealed"] {
            refuse(
                bob,
                METADATA,
                &[&sealed, behind].concat(),
                Error::Authentication,
            );
        }
        // The whole frame again, or its tag again.
        refuse(
            bob,
            METADATA,
            &[&sealed[..], &sealed].concat(),
            Error::Authentication,
        );
        let tag = &sealed[sealed.len() - suite.tag_len()..];
        refuse(
            bob,
            METADATA,
            &[&sealed[..], tag].concat(),
            Error::Authentication,
        );
    });
}

#[test]
fn a_tag_of_one_repeated_byte_is_refused() {
    for_each(|suite, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        for byte in [0x00, 0xff, 0x80] {
            let mut forged = sealed.clone();
            forged[sealed.len() - suite.tag_len()..].fill(byte);
            refuse(bob, METADATA, &forged, Error::Authentication);
        }
    });
}

#[test]
fn the_tag_of_another_frame_is_refused() {
    for_each(|suite, alice, bob| {
        let (one, two) = (alice.seal(METADATA, PAYLOAD), alice.seal(METADATA, PAYLOAD));
        let tag_start = one.len() - suite.tag_len();
        let spliced = [&one[..tag_start], &two[tag_start..]].concat();
        refuse(bob, METADATA, &spliced, Error::Authentication);
        let spliced = [&one[..5], &two[5..]].concat();
        refuse(bob, METADATA, &spliced, Error::Authentication);
    });
}
