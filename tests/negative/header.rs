//! Bytes that are not a frame (RFC 9605 §4.2, §4.3).

use frameseal::{Error, Header, SyntaxError};

use crate::receiver::{METADATA, PAYLOAD, for_each, refuse};

#[test]
fn no_bytes_at_all_are_not_a_frame() {
    for_each(|_, _, bob| refuse(bob, METADATA, &[], Error::Syntax(SyntaxError::Empty)));
}

#[test]
fn a_header_that_is_cut_off_is_not_a_frame() {
    let cut_off: [&[u8]; 7] = [
        &[0x08],
        &[0x80],
        &[0x88],
        &[0x0c, 0x01],
        &[0x88, 0x01],
        &[0xf0, 1, 2, 3, 4, 5, 6, 7],
        &[0xff; 16],
    ];
    let expected = Error::Syntax(SyntaxError::TruncatedHeader);
    for_each(|_, alice, bob| {
        for bytes in cut_off {
            refuse(bob, METADATA, bytes, expected);
        }
        let sealed = alice.seal(METADATA, PAYLOAD);
        let (_, header_len) = Header::parse(&sealed).unwrap();
        for len in 1..header_len {
            refuse(bob, METADATA, &sealed[..len], expected);
        }
    });
}

#[test]
fn a_body_that_is_shorter_than_the_tag_is_not_a_frame() {
    for_each(|suite, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        let (_, header_len) = Header::parse(&sealed).unwrap();
        for body in 0..suite.tag_len() {
            let expected = Error::Syntax(SyntaxError::ShorterThanTag);
            refuse(bob, METADATA, &sealed[..header_len + body], expected);
        }
        // From here on it has the shape of a frame without payload, and fails as one.
        let shaped = &sealed[..header_len + suite.tag_len()];
        refuse(bob, METADATA, shaped, Error::Authentication);
    });
}

#[test]
fn a_header_in_a_longer_form_than_needed_is_not_a_frame() {
    let longer: [&[u8]; 9] = [
        &[0x80, 0x00],
        &[0x80, 0x07],
        &[0x08, 0x00],
        &[0x08, 0x07],
        &[0x88, 0x07, 0x07],
        &[0x88, 0x08, 0x07],
        &[0x90, 0x00, 0x01],
        &[0x90, 0x00, 0x08],
        &[0x0f, 0x00, 1, 1, 1, 1, 1, 1, 1],
    ];
    for_each(|_, _, bob| {
        for header in longer {
            let frame = [header, &[0x55; 40]].concat();
            let expected = Error::Syntax(SyntaxError::NonMinimalHeader);
            refuse(bob, METADATA, &frame, expected);
        }
    });
}

#[test]
fn a_header_that_was_rewritten_in_a_longer_form_on_the_way_is_refused() {
    for_each(|_, alice, bob| {
        let sealed = alice.seal(METADATA, PAYLOAD);
        let (header, header_len) = Header::parse(&sealed).unwrap();
        let (kid, ctr) = (header.key_id.value(), header.counter.value());
        let body = &sealed[header_len..];
        for kid_len in 2..=8 {
            for ctr_len in 2..=8 {
                let config = 0x88 | (kid_len - 1) << 4 | (ctr_len - 1);
                let kid = &kid.to_be_bytes()[8 - usize::from(kid_len)..];
                let ctr = &ctr.to_be_bytes()[8 - usize::from(ctr_len)..];
                let rewritten = [&[config], kid, ctr, body].concat();
                if rewritten == sealed {
                    continue;
                }
                let expected = Error::Syntax(SyntaxError::NonMinimalHeader);
                refuse(bob, METADATA, &rewritten, expected);
            }
        }
    });
}

#[test]
fn every_short_input_is_refused_without_harm() {
    // All inputs of one and two bytes, and each first byte with many lengths behind it.
    for_each(|_, _, bob| {
        for first in 0..=u8::MAX {
            for second in [0x00, 0x07, 0x08, 0x80, 0xff] {
                for len in [1, 2, 3, 9, 17, 18, 22] {
                    let mut bytes = vec![second; len];
                    bytes[0] = first;
                    let before = bytes.clone();
                    assert!(bob.decrypt(METADATA, &mut bytes).is_err());
                    assert_eq!(bytes, before);
                }
            }
        }
    });
}
