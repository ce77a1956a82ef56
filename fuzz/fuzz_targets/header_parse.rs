//! `Header::parse` on any bytes, beside a reading of RFC 9605 §4.3 that is as plain as can be.
#![no_main]

use frameseal_core::{Counter, Header, KeyId, SyntaxError};
use frameseal_fuzz::Input;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let parsed = Header::parse(bytes);
    assert_eq!(parsed, plain_parse(bytes));
    if let Ok((header, len)) = parsed {
        assert_eq!(header.encode().as_bytes(), &bytes[..len], "one encoding");
        assert_eq!(header.encoded_len(), len);
        // What follows the header is not looked at: an exact copy, and one with other bytes behind.
        let exact = bytes[..len].to_vec();
        assert_eq!(Header::parse(&exact), parsed);
        for filler in [0x00, 0xff] {
            let longer = [exact.as_slice(), &[filler; 20]].concat();
            assert_eq!(Header::parse(&longer), parsed);
        }
    }

    // The other way round: any two values survive, and no prefix of theirs is a header.
    let mut input = Input::new(bytes);
    let shifts = input.byte();
    let key_id = KeyId::new(input.number() >> (8 * (shifts & 7)));
    let counter = Counter::new(input.number() >> (8 * (shifts >> 5)));
    let header = Header::new(key_id, counter);
    let encoded = header.encode();
    assert_eq!(
        Header::parse(encoded.as_bytes()),
        Ok((header, header.encoded_len()))
    );
    assert_eq!(encoded.as_bytes().len(), header.encoded_len());
    let cut = &encoded.as_bytes()[..encoded.as_bytes().len() - 1];
    assert!(Header::parse(cut).is_err());
});

/// Field by field and byte by byte.
fn plain_parse(bytes: &[u8]) -> Result<(Header, usize), SyntaxError> {
    let config = *bytes.first().ok_or(SyntaxError::Empty)?;
    let mut at = 1;
    let kid = plain_field(config >> 4, bytes, &mut at);
    let ctr = plain_field(config & 15, bytes, &mut at);
    if at > bytes.len() {
        return Err(SyntaxError::TruncatedHeader);
    }
    match (kid, ctr) {
        (Some(kid), Some(ctr)) => Ok((Header::new(KeyId::new(kid), Counter::new(ctr)), at)),
        _ => Err(SyntaxError::NonMinimalHeader),
    }
}

/// `None` when the value is in a longer form than it needs. `at` moves behind the field, also when
/// that is behind the end.
fn plain_field(half: u8, bytes: &[u8], at: &mut usize) -> Option<u64> {
    if half < 8 {
        return Some(half.into());
    }
    let len = usize::from(half - 8) + 1;
    let field = bytes.iter().skip(*at).take(len);
    let value = field.fold(0u64, |sum, byte| sum * 256 + u64::from(*byte));
    *at += len;
    let needed = match value {
        0..=7 => 0,
        _ => (1..8).find(|len| value < 1 << (8 * len)).unwrap_or(8),
    };
    (needed == len).then_some(value)
}
