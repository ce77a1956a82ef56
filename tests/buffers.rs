//! Where frames may lie in buffers: every overlap works, what cannot work is refused with the
//! exact size that is missing, and nothing outside the written range is touched.

use core::ops::Range;

use frameseal::{CipherSuite, DecryptionKey, EncryptionKey, Error, KeyId, MAX_HEADER_LEN};

/// One with a short tag and CTR-HMAC, one with GCM.
const SUITES: [CipherSuite; 2] = [
    CipherSuite::Aes128CtrHmacSha256_32,
    CipherSuite::Aes256GcmSha512_128,
];
/// Around one and several blocks of 16 bytes, and of the 240 bytes of the short way through GCM.
const SIZES: [usize; 14] = [0, 1, 5, 15, 16, 17, 31, 33, 64, 100, 239, 241, 1_100, 2_500];
/// A key id of four bytes, so that the first header has five.
const KID: KeyId = KeyId::new(0x0123_4567);
const HEADER_LEN: usize = 5;
const META: &[u8; 4] = b"meta";
const FILL: u8 = 0xee;

fn sender(suite: CipherSuite) -> EncryptionKey {
    EncryptionKey::new(suite, KID, &[0x42; 16]).unwrap()
}

fn receiver(suite: CipherSuite) -> DecryptionKey {
    DecryptionKey::new(suite, KID, &[0x42; 16]).unwrap()
}

fn payload(len: usize) -> Vec<u8> {
    (1..=len).map(|at| (at % 239).to_le_bytes()[0]).collect()
}

/// The first frame of `sender`, sealed from buffer to buffer.
fn sealed(suite: CipherSuite, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![FILL; payload.len() + suite.max_overhead()];
    let len = sender(suite).encrypt(META, payload, &mut out).unwrap();
    assert_eq!(len, HEADER_LEN + payload.len() + suite.tag_len());
    assert!(out[len..].iter().all(|byte| *byte == FILL), "too much");
    out.truncate(len);
    out
}

/// Calls `check` with every suite and size: the payload, and its first frame.
fn for_every_frame(check: impl Fn(CipherSuite, &[u8], &[u8])) {
    for suite in SUITES {
        for len in SIZES {
            let payload = payload(len);
            check(suite, &payload, &sealed(suite, &payload));
        }
    }
}

/// `content` at `at` in a buffer of `len` filled bytes.
fn buffer_with(content: &[u8], at: usize, len: usize) -> Vec<u8> {
    let mut buffer = vec![FILL; len];
    buffer[at..at + content.len()].copy_from_slice(content);
    buffer
}

/// Fails if the buffers differ anywhere outside the ranges.
fn assert_untouched(before: &[u8], after: &[u8], but: &[Range<usize>]) {
    assert_eq!(before.len(), after.len());
    for at in (0..before.len()).filter(|at| !but.iter().any(|range| range.contains(at))) {
        assert_eq!(before[at], after[at], "byte {at}");
    }
}

/// Where the output begins, from far before the input to far behind it.
const OFFSETS: core::ops::RangeInclusive<isize> = -70..=70;
/// Where the input begins, so that every offset is in the buffer.
const AT: usize = 70;

#[test]
fn encrypting_within_a_buffer_works_for_every_overlap() {
    for_every_frame(|suite, payload, frame| {
        for offset in OFFSETS {
            let start = AT.checked_add_signed(offset).unwrap();
            let before = buffer_with(payload, AT, AT + 70 + frame.len() + 3);
            let mut buffer = before.clone();
            let input = AT..AT + payload.len();
            let written = sender(suite)
                .encrypt_within(META, &mut buffer, input, start)
                .unwrap();
            assert_eq!(written, start..start + frame.len());
            assert_eq!(buffer[written.clone()], *frame, "{suite}, offset {offset}");
            assert_untouched(&before, &buffer, &[written]);
        }
    });
}

#[test]
fn decrypting_within_a_buffer_works_for_every_overlap() {
    for_every_frame(|suite, payload, frame| {
        for offset in OFFSETS {
            let start = AT.checked_add_signed(offset).unwrap();
            let before = buffer_with(frame, AT, AT + 70 + frame.len() + 3);
            let mut buffer = before.clone();
            let input = AT..AT + frame.len();
            let mut receiver = receiver(suite);
            let opened = receiver
                .decrypt_within(META, &mut buffer, input.clone(), start)
                .unwrap();
            assert_eq!(opened.payload, payload, "{suite}, offset {offset}");
            let written = start..start + payload.len();
            assert_eq!(buffer[written.clone()], *payload, "not where it was asked");
            // No second copy: what is left of the ciphertext's place is zero, and only that.
            let body = AT + HEADER_LEN..AT + HEADER_LEN + payload.len();
            for at in body.clone().filter(|at| !written.contains(at)) {
                assert_eq!(buffer[at], 0, "{suite}, offset {offset}, byte {at}");
            }
            assert_untouched(&before, &buffer, &[body, written]);
        }
    });
}

#[test]
fn headroom_and_tailroom_that_just_suffice_are_enough() {
    for_every_frame(|suite, payload, frame| {
        for (front, back) in [(0, 0), (0, 9), (9, 0), (MAX_HEADER_LEN, 16)] {
            let at = front + HEADER_LEN;
            let before = buffer_with(payload, at, front + frame.len() + back);
            let mut buffer = before.clone();
            let written = sender(suite)
                .encrypt_in_place(META, &mut buffer, at..at + payload.len())
                .unwrap();
            assert_eq!(written, front..front + frame.len());
            assert_eq!(buffer[written.clone()], *frame);
            assert_untouched(&before, &buffer, &[written]);
        }
    });
}

#[test]
fn decrypting_writes_the_payload_and_nothing_else() {
    for_every_frame(|suite, payload, frame| {
        let mut buffer = frame.to_vec();
        let opened = receiver(suite).decrypt(META, &mut buffer).unwrap();
        assert_eq!(opened.payload, payload);
        let body = HEADER_LEN..HEADER_LEN + payload.len();
        assert_untouched(frame, &buffer, &[body]);

        for more in [0, 1, 20] {
            let before = vec![FILL; payload.len() + more];
            let mut out = before.clone();
            let mut receiver = receiver(suite);
            let opened = receiver.decrypt_to(META, frame, &mut out).unwrap();
            assert_eq!(opened.payload, payload);
            let written = 0..payload.len();
            assert_eq!(out[written.clone()], *payload);
            assert_untouched(&before, &out, &[written]);
        }
    });
}

#[test]
fn a_sender_refuses_every_smaller_buffer_with_the_size_it_needs() {
    for_every_frame(|suite, payload, frame| {
        let mut sender = sender(suite);
        let before = sender.status();
        let len = payload.len();
        for size in 0..frame.len() {
            let needed = frame.len();
            let mut out = vec![FILL; size];
            let refused = sender.encrypt(META, payload, &mut out);
            assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
            assert!(out.iter().all(|byte| *byte == FILL));
        }
        for room in 0..HEADER_LEN {
            let unchanged = buffer_with(payload, room, room + frame.len());
            let mut buffer = unchanged.clone();
            let refused = sender.encrypt_in_place(META, &mut buffer, room..room + len);
            let needed = HEADER_LEN;
            assert_eq!(refused, Err(Error::HeadroomTooSmall { needed }));
            assert_eq!(buffer, unchanged);
        }
        for missing in 1..=suite.tag_len() {
            let needed = 2 + frame.len();
            let at = 2 + HEADER_LEN;
            let unchanged = buffer_with(payload, at, needed - missing);
            let mut buffer = unchanged.clone();
            let refused = sender.encrypt_in_place(META, &mut buffer, at..at + len);
            assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
            assert_eq!(buffer, unchanged);

            let refused = sender.encrypt_within(META, &mut buffer, at..at + len, 2);
            assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
            assert_eq!(buffer, unchanged);
        }
        assert_eq!(sender.status(), before);
        let mut out = vec![FILL; frame.len()];
        assert_eq!(sender.encrypt(META, payload, &mut out), Ok(frame.len()));
        assert_eq!(out, frame);
    });
}

#[test]
fn a_receiver_refuses_every_smaller_buffer_with_the_size_it_needs() {
    for_every_frame(|suite, payload, frame| {
        let mut receiver = receiver(suite);
        let before = receiver.status();
        for size in 0..payload.len() {
            let mut out = vec![FILL; size];
            let refused = receiver.decrypt_to(META, frame, &mut out);
            let needed = payload.len();
            assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
            assert!(out.iter().all(|byte| *byte == FILL));
        }
        for beyond in 1..40 {
            let needed = frame.len() + beyond;
            let Some(start) = needed.checked_sub(payload.len()) else {
                continue;
            };
            let mut buffer = frame.to_vec();
            let refused = receiver.decrypt_within(META, &mut buffer, 0..frame.len(), start);
            assert_eq!(refused, Err(Error::BufferTooSmall { needed }));
            assert_eq!(buffer, frame);
        }
        assert_eq!(receiver.status(), before);
        let mut out = vec![FILL; payload.len()];
        let opened = receiver.decrypt_to(META, frame, &mut out).unwrap();
        assert_eq!(opened.payload, payload);
    });
}

/// Ranges that are not in a buffer of 100 bytes.
fn wrong_ranges() -> Vec<Range<usize>> {
    let ends = [
        (50, 49),
        (100, 0),
        (0, 101),
        (100, 101),
        (101, 101),
        (101, 100),
        (0, usize::MAX),
        (usize::MAX, usize::MAX),
        (usize::MAX, 0),
        (usize::MAX - 1, usize::MAX),
    ];
    ends.into_iter().map(|(start, end)| start..end).collect()
}

fn is_invalid<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::InvalidArgument(_)))
}

#[test]
fn ranges_that_are_not_in_the_buffer_are_refused() {
    for suite in SUITES {
        let (mut sender, mut receiver) = (sender(suite), receiver(suite));
        let before = (sender.status(), receiver.status());
        let mut buffer = [FILL; 100];
        for range in wrong_ranges() {
            for start in [0, 10, 99, 100, usize::MAX] {
                let within = sender.encrypt_within(META, &mut buffer, range.clone(), start);
                assert!(is_invalid(&within), "{range:?}");
                let within = receiver.decrypt_within(META, &mut buffer, range.clone(), start);
                assert!(is_invalid(&within), "{range:?}");
            }
            let in_place = sender.encrypt_in_place(META, &mut buffer, range.clone());
            assert!(is_invalid(&in_place), "{range:?}");
        }
        assert_eq!(buffer, [FILL; 100]);
        assert_eq!((sender.status(), receiver.status()), before);
    }
}

#[test]
fn output_that_would_begin_beyond_the_buffer_is_refused() {
    for_every_frame(|suite, payload, frame| {
        let (mut sender, mut receiver) = (sender(suite), receiver(suite));
        let before = (sender.status(), receiver.status());
        let far = [usize::MAX, usize::MAX - 1, usize::MAX - frame.len()];
        for start in far.into_iter().chain([frame.len() + 1, frame.len() + 99]) {
            let unchanged = buffer_with(payload, 0, frame.len());
            let mut buffer = unchanged.clone();
            let within = sender.encrypt_within(META, &mut buffer, 0..payload.len(), start);
            assert!(within.is_err(), "{start}");
            assert_eq!(buffer, unchanged);

            let mut buffer = frame.to_vec();
            let within = receiver.decrypt_within(META, &mut buffer, 0..frame.len(), start);
            assert!(within.is_err(), "{start}");
            assert_eq!(buffer, frame);
        }
        assert_eq!((sender.status(), receiver.status()), before);
    });
}

#[test]
fn an_empty_payload_may_lie_anywhere_with_room_around_it() {
    for suite in SUITES {
        let frame = sealed(suite, &[]);
        for at in HEADER_LEN..60 {
            let mut buffer = [FILL; 100];
            let mut sender = sender(suite);
            let written = sender.encrypt_in_place(META, &mut buffer, at..at).unwrap();
            assert_eq!(buffer[written], frame);
        }
        // An empty range at the very end of the buffer is one as well.
        let mut buffer = vec![FILL; frame.len()];
        let end = buffer.len()..buffer.len();
        let written = sender(suite).encrypt_within(META, &mut buffer, end, 0);
        assert_eq!(written, Ok(0..frame.len()));
        assert_eq!(buffer, frame);
    }
}
