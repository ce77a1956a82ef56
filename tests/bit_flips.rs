//! Whatever is changed in a frame or its metadata, the frame is refused with the right kind of
//! error, no plaintext is shown, nothing is remembered, and the true frame still opens.

#[path = "support/backends.rs"]
mod backends;

use backends::{backends_of, leaves_zeros};
use frameseal::{
    Backend, CipherSuite, Counter, Error, KeyId, ReceiveConfig, SendConfig, SyntaxError, fixed,
};

/// A key id and a counter of two bytes each, so that flips reach every part of a header.
const KID: KeyId = KeyId::new(0x0321);
const CTR: u64 = 0x0245;
const HEADER_LEN: usize = 5;
const BASE_KEY: [u8; 16] = [0x42; 16];
const META: [u8; 19] = *b"metadata of a frame";
/// Around one block, and the ways through GCM, which part at 240 bytes and, with the kernel, at
/// 8,192.
const SIZES: [usize; 9] = [0, 1, 15, 16, 33, 100, 240, 300, 8193];
const FILL: u8 = 0xee;

/// A frame as it was sent, and a receiver that has not seen it.
struct Attack {
    suite: CipherSuite,
    backend: Backend,
    payload: Vec<u8>,
    frame: Vec<u8>,
    receiver: fixed::Decryptor<1>,
    /// Failed opens that the receiver must have counted.
    failures: u64,
}

impl Attack {
    fn new(suite: CipherSuite, backend: Backend, len: usize) -> Self {
        let config = SendConfig::standard().with_backend(backend);
        let mut sender = fixed::Encryptor::<1>::with_config(suite, config);
        let last = Counter::new(CTR - 1);
        sender.resume_key_after(KID, &BASE_KEY, last).unwrap();
        let last = sender.reserve(KID, 1).unwrap();
        sender.confirm(KID, last).unwrap();
        sender.use_key(KID).unwrap();
        let payload: Vec<u8> = (1..=len).map(|at| (at % 239).to_le_bytes()[0]).collect();
        let mut frame = vec![FILL; sender.sealed_len(len).unwrap()];
        sender.encrypt(&META, &payload, &mut frame).unwrap();

        let config = ReceiveConfig::for_suite(suite).with_backend(backend);
        let mut receiver = fixed::Decryptor::with_config(suite, config);
        receiver.add_key(KID, &BASE_KEY).unwrap();
        Self {
            suite,
            backend,
            payload,
            frame,
            receiver,
            failures: 0,
        }
    }

    /// What a receiver must answer to bytes that are not the frame, by RFC 9605 §4.3 alone.
    fn expected(&self, bytes: &[u8]) -> Error {
        let header = match parse(bytes) {
            Ok(header) => header,
            Err(reason) => return Error::Syntax(reason),
        };
        if bytes.len() - header.len < self.suite.tag_len() {
            return Error::Syntax(SyntaxError::ShorterThanTag);
        }
        if header.key_id != KID.value() {
            return Error::UnknownKeyId(KeyId::new(header.key_id));
        }
        Error::Authentication
    }

    /// What is left of bytes that were refused where they are.
    fn left(&self, bytes: &[u8], expected: Error) -> Vec<u8> {
        let mut left = bytes.to_vec();
        if expected == Error::Authentication {
            let body = parse(bytes).unwrap().len..bytes.len() - self.suite.tag_len();
            if leaves_zeros(self.backend, body.len()) {
                left[body].fill(0);
            }
        }
        left
    }

    /// Tries the bytes in all three ways.
    fn is_refused(&mut self, bytes: &[u8], metadata: &[u8]) {
        let expected = self.expected(bytes);
        let (backend, len) = (self.backend, self.payload.len());
        let about = format!("{}, {backend:?}, {len} bytes", self.suite);
        let left = self.left(bytes, expected);

        let mut buffer = bytes.to_vec();
        let opened = self.receiver.decrypt(metadata, &mut buffer);
        assert_eq!(opened, Err(expected), "{about}");
        assert_eq!(buffer, left, "{about}: in place");

        let mut buffer = [&[FILL; 9], bytes].concat();
        let end = buffer.len();
        let opened = self
            .receiver
            .decrypt_within(metadata, &mut buffer, 9..end, 0);
        assert_eq!(opened, Err(expected), "{about}");
        assert_eq!(buffer, [&[FILL; 9], &left[..]].concat(), "{about}: within");

        let mut out = vec![FILL; bytes.len()];
        let opened = self.receiver.decrypt_to(metadata, bytes, &mut out);
        assert_eq!(opened, Err(expected), "{about}");
        let filled = |bytes: &[u8]| bytes.iter().all(|byte| *byte == FILL);
        if expected == Error::Authentication {
            self.failures += 3;
            let header = parse(bytes).unwrap();
            let body = &bytes[header.len..bytes.len() - self.suite.tag_len()];
            let (written, rest) = out.split_at(body.len());
            assert!(written == body || written.iter().all(|byte| *byte == 0));
            assert!(filled(rest), "{about}: apart");
        } else {
            assert!(filled(&out), "{about}: apart");
        }
    }

    /// Nothing but failures was noted, and the frame opens, once.
    fn the_frame_still_opens(mut self) {
        let status = self.receiver.key_status(KID).unwrap();
        assert_eq!(status.highest_counter, None);
        assert_eq!((status.opened, status.replayed), (0, 0));
        assert_eq!(status.failed_opens, self.failures);
        let mut frame = self.frame.clone();
        let opened = self.receiver.decrypt(&META, &mut frame).unwrap();
        assert_eq!(opened.payload, self.payload);
        assert_eq!(opened.counter, Counter::new(CTR));
        let again = self.receiver.decrypt(&META, &mut self.frame);
        assert_eq!(again, Err(Error::Replay));
    }
}

/// A header as read by the letter of the specification.
struct Parsed {
    key_id: u64,
    len: usize,
}

/// RFC 9605 §4.3, byte by byte.
fn parse(bytes: &[u8]) -> Result<Parsed, SyntaxError> {
    let (config, mut rest) = bytes.split_first().ok_or(SyntaxError::Empty)?;
    let mut fields = [0; 2];
    let mut minimal = true;
    for (field, half) in fields.iter_mut().zip([config >> 4, config & 0x0f]) {
        if half & 8 == 0 {
            *field = u64::from(half & 7);
            continue;
        }
        let len = usize::from(half & 7) + 1;
        let (value, after) = rest
            .split_at_checked(len)
            .ok_or(SyntaxError::TruncatedHeader)?;
        *field = value
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        minimal &= match value {
            [byte] => *byte > 7,
            _ => value[0] != 0,
        };
        rest = after;
    }
    if !minimal {
        return Err(SyntaxError::NonMinimalHeader);
    }
    Ok(Parsed {
        key_id: fields[0],
        len: bytes.len() - rest.len(),
    })
}

/// A new attack on a frame of every suite, backend and size.
fn attacks() -> impl Iterator<Item = Attack> {
    CipherSuite::ALL.into_iter().flat_map(|suite| {
        backends_of(suite).iter().flat_map(move |backend| {
            let gcm = suite.ctr_key_len().is_none();
            SIZES
                .into_iter()
                .filter(move |len| gcm || *len <= 1000)
                .map(move |len| Attack::new(suite, *backend, len))
        })
    })
}

fn with_bit_flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

#[test]
fn no_frame_opens_with_any_bit_flipped() {
    for mut attack in attacks() {
        assert_eq!(attack.frame[0], 0x99, "two extended fields of two bytes");
        let bits = attack.frame.len() * 8;
        // Of a long body, one bit in several bytes.
        let (start, end) = (HEADER_LEN * 8 + 64, bits.saturating_sub(16 * 8 + 64));
        let skipped = |bit: usize| {
            let long = attack.payload.len() > 1000;
            long && (start..end).contains(&bit) && !bit.is_multiple_of(331)
        };
        for bit in Vec::from_iter((0..bits).filter(|bit| !skipped(*bit))) {
            let flipped = with_bit_flipped(&attack.frame, bit);
            attack.is_refused(&flipped, &META);
        }
        attack.the_frame_still_opens();
    }
}

#[test]
fn flips_in_a_header_are_refused_with_every_kind_of_error() {
    let attack = Attack::new(CipherSuite::Aes128GcmSha256_128, Backend::RustCrypto, 1);
    let kinds: Vec<Error> = (0..HEADER_LEN * 8)
        .map(|bit| attack.expected(&with_bit_flipped(&attack.frame, bit)))
        .collect();
    let unknown = |kind: &Error| matches!(kind, Error::UnknownKeyId(_));
    let syntax = |kind: &Error| matches!(kind, Error::Syntax(_));
    assert!(kinds.iter().any(unknown));
    assert!(kinds.iter().any(syntax));
    assert!(kinds.contains(&Error::Authentication));
}

#[test]
fn no_frame_opens_with_any_bit_of_its_metadata_flipped() {
    for mut attack in attacks() {
        let frame = attack.frame.clone();
        for bit in 0..META.len() * 8 {
            attack.is_refused(&frame, &with_bit_flipped(&META, bit));
        }
        attack.is_refused(&frame, b"");
        attack.is_refused(&frame, &META[1..]);
        attack.is_refused(&frame, &META[..META.len() - 1]);
        attack.is_refused(&frame, &[META.as_slice(), &[0]].concat());
        attack.the_frame_still_opens();
    }
}

#[test]
fn no_frame_opens_when_it_is_cut_or_extended() {
    for mut attack in attacks() {
        let frame = attack.frame.clone();
        for cut in 1..=20.min(frame.len()) {
            attack.is_refused(&frame[..frame.len() - cut], &META);
        }
        for more in 1..=20 {
            for byte in [0x00, 0xff] {
                let extended = [frame.as_slice(), &vec![byte; more]].concat();
                attack.is_refused(&extended, &META);
            }
        }
        attack.the_frame_still_opens();
    }
}

#[test]
fn bytes_moved_between_metadata_and_frame_do_not_authenticate() {
    // The lengths of both parts are authenticated, not only their concatenation (RFC 9605 §4.5.1).
    for mut attack in attacks().filter(|attack| attack.payload.len() > 1) {
        let (header, rest) = attack.frame.split_at(HEADER_LEN);
        let metadata = [META.as_slice(), &rest[..1]].concat();
        let frame = [header, &rest[1..]].concat();
        attack.is_refused(&frame, &metadata);
        attack.the_frame_still_opens();
    }
}
