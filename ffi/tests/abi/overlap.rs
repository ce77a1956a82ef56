//! Input and output may overlap in any way; nothing else may overlap with what is written.

use std::ptr;

use super::capi::*;
use super::support::*;

const LEN: usize = 23;
const FROM: usize = 60;
const DISTANCE: usize = 50;

#[test]
fn sealing_onto_the_payload_at_any_distance_gives_the_same_frame() {
    for suite in SUITES {
        let expected = Sender::with_key(suite, 0x1234)
            .encrypt(b"metadata", &pattern(LEN))
            .unwrap();
        for start in FROM - DISTANCE..=FROM + DISTANCE {
            // A new one each time, so that the counter is the same.
            let sender = Sender::with_key(suite, 0x1234);
            for capacity in [expected.len(), 100] {
                let sender = if capacity == 100 {
                    &Sender::with_key(suite, 0x1234)
                } else {
                    &sender
                };
                let mut buffer = [0xaa; 256];
                buffer[FROM..FROM + LEN].copy_from_slice(&pattern(LEN));
                let base = buffer.as_mut_ptr();
                let mut len = 0;
                // SAFETY: everything is inside of `buffer`.
                let result = unsafe {
                    frameseal_encryptor_encrypt(
                        sender.0,
                        b"metadata".as_ptr(),
                        8,
                        base.add(FROM),
                        LEN,
                        base.add(start),
                        capacity,
                        &raw mut len,
                    )
                };
                assert_eq!(result, FRAMESEAL_OK, "suite {suite} at {start}");
                assert_eq!(buffer[start..start + len], expected, "{suite} at {start}");
            }
        }
    }
}

#[test]
fn opening_onto_the_frame_at_any_distance_gives_the_payload() {
    for suite in SUITES {
        let frame = Sender::with_key(suite, 0x1234)
            .encrypt(b"metadata", &pattern(LEN))
            .unwrap();
        let tag_len = frameseal_suite_tag_len(suite);
        for start in FROM - DISTANCE..=FROM + DISTANCE {
            let receiver = Receiver::with_key(suite, 0x1234);
            let mut buffer = [0xaa; 256];
            buffer[FROM..FROM + frame.len()].copy_from_slice(&frame);
            let before = buffer;
            let base = buffer.as_mut_ptr();
            let (mut len, mut info) = (0, open_info());
            // SAFETY: everything is inside of `buffer`.
            let result = unsafe {
                frameseal_decryptor_decrypt(
                    receiver.0,
                    b"metadata".as_ptr(),
                    8,
                    base.add(FROM),
                    frame.len(),
                    base.add(start),
                    LEN,
                    &raw mut len,
                    &raw mut info,
                )
            };
            assert_eq!(result, FRAMESEAL_OK, "suite {suite} at {start}");
            assert_eq!(
                buffer[start..start + len],
                pattern(LEN),
                "{suite} at {start}"
            );
            assert_eq!((info.key_id, info.counter), (0x1234, 0));
            assert_eq!(info.payload_len, LEN);
            // Where frame and output overlap, the payload is in one place only; else the frame is
            // as it was. Header and tag stay in any case.
            let overlap = start < FROM + frame.len() && FROM < start + LEN;
            let body = FROM + frame.len() - tag_len - LEN..FROM + frame.len() - tag_len;
            for at in (0..buffer.len()).filter(|at| !(start..start + len).contains(at)) {
                let expected = if overlap && body.contains(&at) {
                    0
                } else {
                    before[at]
                };
                assert_eq!(buffer[at], expected, "{suite} at {start}, byte {at}");
            }
        }
    }
}

#[test]
fn too_little_room_is_refused_alike_with_and_without_overlap() {
    let frame = Sender::with_key(GCM, 7)
        .encrypt(b"", &pattern(LEN))
        .unwrap();
    for start in FROM - DISTANCE..=FROM + DISTANCE {
        let sender = Sender::with_key(GCM, 7);
        let mut buffer = [0xaa; 256];
        buffer[FROM..FROM + LEN].copy_from_slice(&pattern(LEN));
        let before = buffer;
        let base = buffer.as_mut_ptr();
        let mut len = 0;
        // SAFETY: everything is inside of `buffer`.
        let result = unsafe {
            frameseal_encryptor_encrypt(
                sender.0,
                ptr::null(),
                0,
                base.add(FROM),
                LEN,
                base.add(start),
                frame.len() - 1,
                &raw mut len,
            )
        };
        assert_eq!(result, FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        assert_eq!((len, buffer), (frame.len(), before), "at {start}");
        // The refused call used no counter.
        assert_eq!(sender.encrypt(b"", &pattern(LEN)).unwrap(), frame);

        let receiver = Receiver::with_key(GCM, 7);
        buffer[FROM..FROM + frame.len()].copy_from_slice(&frame);
        let before = buffer;
        let base = buffer.as_mut_ptr();
        // SAFETY: everything is inside of `buffer`.
        let result = unsafe {
            frameseal_decryptor_decrypt(
                receiver.0,
                ptr::null(),
                0,
                base.add(FROM),
                frame.len(),
                base.add(start),
                LEN - 1,
                &raw mut len,
                ptr::null_mut(),
            )
        };
        assert_eq!(result, FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
        assert_eq!((len, buffer), (LEN, before), "at {start}");
        assert_eq!(receiver.decrypt(b"", &frame).unwrap().0, pattern(LEN));
    }
}

#[test]
fn a_forged_frame_leaves_an_overlapping_buffer_without_its_payload() {
    let mut frame = Sender::with_key(GCM, 7)
        .encrypt(b"", &pattern(LEN))
        .unwrap();
    *frame.last_mut().unwrap() ^= 1;
    let receiver = Receiver::with_key(GCM, 7);
    for start in FROM - DISTANCE..=FROM + DISTANCE {
        let mut buffer = [0xaa; 256];
        buffer[FROM..FROM + frame.len()].copy_from_slice(&frame);
        let base = buffer.as_mut_ptr();
        let mut len = 99;
        // SAFETY: everything is inside of `buffer`.
        let result = unsafe {
            frameseal_decryptor_decrypt(
                receiver.0,
                ptr::null(),
                0,
                base.add(FROM),
                frame.len(),
                base.add(start),
                60,
                &raw mut len,
                ptr::null_mut(),
            )
        };
        assert_eq!((result, len), (FRAMESEAL_ERROR_AUTHENTICATION, 99));
        let plain = pattern(LEN);
        assert!(
            !buffer.windows(8).any(|window| window == &plain[..8]),
            "at {start}"
        );
    }
}

#[test]
fn metadata_and_answers_may_not_overlap_what_is_written() {
    let (sender, receiver) = (Sender::with_key(GCM, 7), Receiver::with_key(GCM, 7));
    let mut words = [0usize; 64];
    let base = words.as_mut_ptr().cast::<u8>();
    let at = |offset: usize| base.wrapping_add(offset);
    let mut len = 0;
    let out_of_the_way = &raw mut len;
    let seal = |metadata: *const u8, payload: *const u8, place: *mut usize| {
        // SAFETY: everything is inside of `words`.
        unsafe {
            frameseal_encryptor_encrypt(sender.0, metadata, 16, payload, 32, at(128), 64, place)
        }
    };
    let invalid = FRAMESEAL_ERROR_INVALID_ARGUMENT;
    // Metadata: at both edges of the output, inside it, and in the part of the payload that
    // overlaps nothing itself.
    assert_eq!(seal(at(113), at(0), out_of_the_way), invalid);
    assert_eq!(seal(at(191), at(0), out_of_the_way), invalid);
    assert_eq!(seal(at(150), at(0), out_of_the_way), invalid);
    assert_eq!(seal(at(90), at(97), out_of_the_way), invalid);
    assert_eq!(seal(at(112), at(0), out_of_the_way), FRAMESEAL_OK);
    assert_eq!(seal(at(192), at(0), out_of_the_way), FRAMESEAL_OK);
    // Reading the same bytes twice is no harm.
    assert_eq!(seal(at(0), at(0), out_of_the_way), FRAMESEAL_OK);
    // The place for the length.
    assert_eq!(seal(at(0), at(0), at(128).cast()), invalid);
    assert_eq!(seal(at(0), at(0), at(184).cast()), invalid);

    let open = |metadata: *const u8, place: *mut usize, info: *mut frameseal_open_info| {
        // SAFETY: everything is inside of `words`.
        unsafe {
            frameseal_decryptor_decrypt(
                receiver.0,
                metadata,
                16,
                base,
                40,
                at(128),
                64,
                place,
                info,
            )
        }
    };
    // SAFETY: inside of `words`.
    unsafe {
        at(176)
            .cast::<usize>()
            .write(size_of::<frameseal_open_info>());
    }
    assert_eq!(open(at(130), out_of_the_way, ptr::null_mut()), invalid);
    assert_eq!(open(at(0), at(128).cast(), ptr::null_mut()), invalid);
    assert_eq!(open(at(0), out_of_the_way, at(176).cast()), invalid);
    // SAFETY: inside of `words`.
    unsafe {
        at(256)
            .cast::<usize>()
            .write(size_of::<frameseal_open_info>());
    }
    assert_eq!(open(at(0), at(264).cast(), at(256).cast()), invalid);
    // Now nothing overlaps, and the frame is looked at.
    let looked_at = open(at(0), out_of_the_way, at(256).cast());
    assert_ne!(looked_at, invalid);
}

#[test]
fn in_place_needs_headroom_and_tailroom_and_says_how_much() {
    let payload = pattern(LEN);
    let expected = Sender::with_key(GCM, 0x1234)
        .encrypt(b"", &payload)
        .unwrap();
    let header_len = expected.len() - LEN - 16;
    let sender = Sender::with_key(GCM, 0x1234);
    let mut buffer = vec![0xaa; 17 + LEN + 16];
    let seal = |buffer: &mut [u8], offset: usize, capacity: usize| {
        let (mut at, mut len) = (usize::MAX, usize::MAX);
        buffer[offset..offset + LEN].copy_from_slice(&payload);
        // SAFETY: the capacity is not larger than the buffer.
        let result = unsafe {
            frameseal_encryptor_encrypt_in_place(
                sender.0,
                ptr::null(),
                0,
                buffer.as_mut_ptr(),
                capacity,
                offset,
                LEN,
                &raw mut at,
                &raw mut len,
            )
        };
        (result, at, len)
    };
    let unset = usize::MAX;
    assert_eq!(
        seal(&mut buffer, header_len - 1, 17 + LEN + 16),
        (FRAMESEAL_ERROR_HEADROOM_TOO_SMALL, header_len, unset)
    );
    assert_eq!(
        seal(&mut buffer, 17, 17 + LEN + 15),
        (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, unset, 17 + LEN + 16)
    );
    let (result, at, len) = seal(&mut buffer, 17, 17 + LEN + 16);
    assert_eq!((result, at), (FRAMESEAL_OK, 17 - header_len));
    assert_eq!(buffer[at..at + len], expected, "the first counter");
}
