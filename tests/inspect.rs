//! The blind inspector of servers: it agrees with the parser, never panics, and the shares of
//! random bytes that it lets pass are those that its documentation states.
#![cfg(feature = "alloc")]

#[path = "support/random.rs"]
mod random;

use frameseal::{
    CipherSuite, Encryptor, Header, Inspection, Inspector, KeyId, KeyIdParts, Keying, KidLayout,
    NotSFrame, RatchetBits, StepParts, SyntaxError, Verdict,
};
use proptest::prelude::*;
use random::Random;

/// One inspector for each way of keying, with everything known that can be.
fn keyings() -> [Keying; 6] {
    [
        Keying::Plain,
        Keying::SenderKeys(RatchetBits::new(1).unwrap()),
        Keying::SenderKeys(RatchetBits::new(32).unwrap()),
        Keying::Mls(KidLayout::STANDARD),
        Keying::Mls(KidLayout::new(1, 0).unwrap()),
        Keying::Mls(KidLayout::new(16, 32).unwrap()),
    ]
}

fn possible(verdict: Verdict) -> Inspection {
    match verdict {
        Verdict::Possible(inspection) => inspection,
        Verdict::Impossible(reason) => panic!("{reason}"),
    }
}

#[test]
fn a_sealed_frame_is_read_as_it_was_made() {
    let layout = KidLayout::STANDARD;
    let mut random = Random::new(1);
    for suite in CipherSuite::ALL {
        let key_id = layout.key_id(0x1234, 49, 3).unwrap();
        let mut sender = Encryptor::new(suite);
        sender.add_key(key_id, &[1; 16]).unwrap();
        sender.use_key(key_id).unwrap();
        let inspector = Inspector::new(Keying::Mls(layout))
            .with_suite(suite)
            .with_leaves(50)
            .with_contexts(4);
        for counter in 0..300 {
            let payload_len = random.below(400);
            let payload = random.bytes(payload_len);
            let mut buffer = [0; 500];
            let len = sender.encrypt(b"", &payload, &mut buffer).unwrap();
            let seen = possible(inspector.inspect(&buffer[..len]));
            assert_eq!((seen.key_id, seen.counter.value()), (key_id, counter));
            assert_eq!(seen.parts, KeyIdParts::Mls(layout.parts(key_id)));
            assert_eq!(seen.sealed_len, len);
            assert_eq!(seen.payload_len(suite), Ok(payload.len()));
            assert_eq!(
                seen.header_len + payload.len() + suite.tag_len(),
                seen.sealed_len
            );
        }
    }
}

#[test]
fn generation_and_step_of_a_sender_are_read() {
    // Generation 5 with R = 3, at step 12, which is 4 modulo 8.
    let key_id = KeyId::new((5 << 3) + 4);
    let header = Header::new(key_id, 7.into()).encode();
    let seen = possible(
        Inspector::new(Keying::SenderKeys(RatchetBits::new(3).unwrap())).inspect(header.as_ref()),
    );
    let expected = KeyIdParts::SenderKeys(StepParts {
        generation: 5,
        step_bits: 4,
    });
    assert_eq!(seen.parts, expected);
    let plain = possible(Inspector::new(Keying::Plain).inspect(header.as_ref()));
    assert_eq!((plain.key_id, plain.parts), (key_id, KeyIdParts::Plain));
}

#[test]
fn what_cannot_be_a_frame_is_named_with_its_reason() {
    let layout = KidLayout::STANDARD;
    let inspector = Inspector::new(Keying::Mls(layout))
        .with_suite(CipherSuite::Aes128GcmSha256_128)
        .with_leaves(50)
        .with_contexts(2);
    let frame = |index, context| {
        let key_id = layout.key_id(1, index, context).unwrap();
        let header = Header::new(key_id, 0.into()).encode();
        [header.as_ref(), &[0; 16]].concat()
    };
    assert!(inspector.inspect(&frame(49, 1)).is_possible());
    let cases: [(&[u8], NotSFrame); 8] = [
        (&[], NotSFrame::Syntax(SyntaxError::Empty)),
        (&[0xff], NotSFrame::Syntax(SyntaxError::TruncatedHeader)),
        (&[0x80, 7], NotSFrame::Syntax(SyntaxError::NonMinimalHeader)),
        (&[0x08, 7], NotSFrame::Syntax(SyntaxError::NonMinimalHeader)),
        (&[0; 16], NotSFrame::Syntax(SyntaxError::ShorterThanTag)),
        (&frame(50, 0), NotSFrame::NoSuchLeaf(50)),
        (&frame(0, 2), NotSFrame::NoSuchContext(2)),
        (&frame(65_535, 7), NotSFrame::NoSuchLeaf(65_535)),
    ];
    for (bytes, reason) in cases {
        assert_eq!(inspector.inspect(bytes), Verdict::Impossible(reason));
        assert!(!reason.to_string().is_empty());
    }
}

#[test]
fn what_is_not_known_of_the_call_excludes_nothing() {
    // The limits of MLS do not touch other keyings, and without them every index passes.
    let header = Header::new(KeyId::new(u64::MAX), 0.into()).encode();
    for keying in keyings() {
        let inspector = Inspector::new(keying);
        assert!(inspector.inspect(header.as_ref()).is_possible());
        let bounded = inspector.with_leaves(1).with_contexts(1);
        let is_mls = matches!(keying, Keying::Mls(_));
        assert_eq!(bounded.inspect(header.as_ref()).is_possible(), !is_mls);
    }
}

/// The share of byte strings of 17 bytes and more that pass, exactly: the halves of the first byte
/// and the leading bytes of both fields, each combination counted once, as passed and all.
fn share_that_passes(inspector: Inspector, kid_bytes: usize) -> f64 {
    // Key ids of more bytes than `kid_bytes` are refused whatever those are, but for contexts.
    let mut sum = 0.0;
    for config in 0..=255u8 {
        let kid_len = if config & 0x80 == 0 {
            0
        } else {
            usize::from(config >> 4 & 7) + 1
        };
        let tried = kid_len.min(kid_bytes);
        let mut passed = 0u32;
        let all = 1u32 << (8 * tried);
        for lead in 0..all {
            let mut bytes = [0x55; 17];
            bytes[0] = config & 0xf0;
            bytes[1..=tried].copy_from_slice(&lead.to_be_bytes()[4 - tried..]);
            passed += u32::from(inspector.inspect(&bytes).is_possible());
        }
        let counter_len = if config & 8 == 0 { 0 } else { (config & 7) + 1 };
        let counter_share = match counter_len {
            0 => 1.0,
            1 => 248.0 / 256.0,
            _ => 255.0 / 256.0,
        };
        sum += f64::from(passed) / f64::from(all) * counter_share;
    }
    sum / 256.0
}

#[test]
fn nearly_all_random_bytes_look_like_a_frame() {
    let share = share_that_passes(Inspector::new(Keying::Plain), 1);
    assert!((share - (4081.0f64 / 4096.0).powi(2)).abs() < 1e-12);
    assert_eq!((share * 1000.0).round(), 993.0, "99.3 % as documented");
}

#[test]
fn knowing_the_call_excludes_less_than_half_of_random_bytes() {
    let inspector = Inspector::new(Keying::Mls(KidLayout::STANDARD))
        .with_leaves(50)
        .with_contexts(1);
    let share = share_that_passes(inspector, 2);
    assert_eq!((share * 100.0).round(), 57.0, "57 % as documented, {share}");
    // The exact figure again, by drawing.
    let mut random = Random::new(7);
    let draws = 20_000;
    let passed = (0..draws)
        .filter(|_| inspector.inspect(&random.bytes(40)).is_possible())
        .count();
    let drawn = passed as f64 / f64::from(draws);
    assert!(
        (drawn - share).abs() < 0.02,
        "{drawn} drawn, {share} counted"
    );
}

#[test]
fn an_annex_b_start_code_looks_like_a_frame() {
    for keying in keyings() {
        let inspector = Inspector::new(keying).with_leaves(2).with_contexts(1);
        let seen = possible(inspector.inspect(&[0, 0, 0, 1, 0x67, 0x42]));
        assert_eq!((seen.key_id.value(), seen.counter.value()), (0, 0));
    }
}

fn any_keying() -> impl Strategy<Value = Keying> {
    prop_oneof![
        Just(Keying::Plain),
        (1..=32u32).prop_map(|bits| Keying::SenderKeys(RatchetBits::new(bits).unwrap())),
        (1..=16u32, 0..=32u32).prop_map(|(e, s)| Keying::Mls(KidLayout::new(e, s).unwrap())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn it_never_panics_and_agrees_with_the_parser(
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
        keying in any_keying(),
        leaves in any::<Option<u32>>(),
        contexts in any::<Option<u64>>(),
        suite in proptest::option::of(proptest::sample::select(CipherSuite::ALL.as_slice())),
    ) {
        let mut inspector = Inspector::new(keying);
        if let Some(leaves) = leaves { inspector = inspector.with_leaves(leaves); }
        if let Some(contexts) = contexts { inspector = inspector.with_contexts(contexts); }
        if let Some(suite) = suite { inspector = inspector.with_suite(suite); }
        match (Header::parse(&bytes), inspector.inspect(&bytes)) {
            (Ok((header, len)), Verdict::Possible(seen)) => {
                prop_assert_eq!((seen.key_id, seen.counter), (header.key_id, header.counter));
                prop_assert_eq!((seen.header_len, seen.sealed_len), (len, bytes.len()));
                prop_assert_eq!(seen.parts, keying.parts(header.key_id));
                if let Some(suite) = suite {
                    prop_assert_eq!(seen.payload_len(suite), Ok(bytes.len() - len - suite.tag_len()));
                }
            }
            // Refused for what is known of the call, never for the header.
            (Ok((header, len)), Verdict::Impossible(reason)) => match reason {
                NotSFrame::Syntax(syntax) => {
                    prop_assert_eq!(syntax, SyntaxError::ShorterThanTag);
                    prop_assert!(suite.is_some_and(|suite| bytes.len() < len + suite.tag_len()));
                }
                NotSFrame::NoSuchLeaf(index) => prop_assert!(index >= leaves.unwrap()),
                NotSFrame::NoSuchContext(context) => {
                    prop_assert!(context >= contexts.unwrap());
                    prop_assert!(matches!(keying.parts(header.key_id), KeyIdParts::Mls(_)));
                }
                other => prop_assert!(false, "{:?}", other),
            },
            (Err(expected), Verdict::Impossible(NotSFrame::Syntax(reason))) => {
                prop_assert_eq!(reason, expected);
            }
            (parsed, verdict) => prop_assert!(false, "{:?} and {:?}", parsed, verdict),
        }
    }
}
