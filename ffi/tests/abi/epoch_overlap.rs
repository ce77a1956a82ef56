//! Input and output of streams and receivers overlap at every distance.

use std::ptr;

use super::capi::*;
use super::device::*;
use super::support::pattern;

const LEN: usize = 50;
const REACH: usize = 80;

/// Seals `buffer[from..][..LEN]` to `buffer[to..][..capacity]`.
fn seal(
    device: &Device,
    buffer: &mut [u8],
    from: usize,
    to: usize,
    capacity: usize,
) -> (frameseal_result, usize) {
    assert!(from + LEN <= buffer.len() && to + capacity <= buffer.len());
    let base = buffer.as_mut_ptr();
    let mut len = usize::MAX;
    // SAFETY: a live handle, and everything inside of the buffer.
    let result = unsafe {
        frameseal_stream_encrypt(
            device.stream,
            0,
            ptr::null(),
            0,
            base.wrapping_add(from),
            LEN,
            base.wrapping_add(to),
            capacity,
            &raw mut len,
        )
    };
    (result, len)
}

#[test]
fn a_frame_is_sealed_and_opened_at_every_distance() {
    let payload = pattern(LEN);
    let mut buffer = vec![0; 400];
    let expected_len = {
        let device = Device::in_call(1, &[0, 1]);
        let (result, len) = seal(&device, &mut buffer, 0, 200, 200);
        assert_eq!(result, FRAMESEAL_OK);
        len
    };
    let expected = {
        let device = Device::in_call(1, &[0, 1]);
        buffer[..LEN].copy_from_slice(&payload);
        assert_eq!(seal(&device, &mut buffer, 0, 200, 200).0, FRAMESEAL_OK);
        buffer[200..200 + expected_len].to_vec()
    };
    let whole = LEN + 17 + 16;
    for to in 100 - REACH..=100 + REACH {
        // Where the payload ends behind the output, there must be room for every header.
        let beyond = to < 100 + LEN && 100 < to + whole && 100 + LEN > to + expected_len;
        let capacity = if beyond { whole } else { expected_len };
        let device = Device::in_call(1, &[0, 1]);
        buffer.fill(0xaa);
        buffer[100..100 + LEN].copy_from_slice(&payload);
        let before = buffer.clone();
        let (result, needed) = seal(&device, &mut buffer, 100, to, expected_len - 1);
        assert_eq!(result, FRAMESEAL_ERROR_BUFFER_TOO_SMALL, "to {to}");
        assert!(needed == expected_len || needed == whole, "to {to}");
        assert_eq!(buffer, before, "left as it was, to {to}");
        let sealed = seal(&device, &mut buffer, 100, to, capacity);
        assert_eq!(sealed, (FRAMESEAL_OK, expected_len), "to {to}");
        assert_eq!(
            buffer[to..to + expected_len],
            expected,
            "the first counter, to {to}"
        );
    }

    for to in 100 - REACH..=100 + REACH {
        let alice = Device::in_call(0, &[0, 1]);
        buffer.fill(0xaa);
        buffer[100..100 + expected_len].copy_from_slice(&expected);
        let before = buffer.clone();
        let base = buffer.as_mut_ptr();
        let mut len = usize::MAX;
        let mut open = |capacity| {
            // SAFETY: a live handle, and everything inside of the buffer.
            let result = unsafe {
                frameseal_receiver_decrypt(
                    alice.receiver,
                    0,
                    ptr::null(),
                    0,
                    base.wrapping_add(100),
                    expected_len,
                    base.wrapping_add(to),
                    capacity,
                    &raw mut len,
                    ptr::null_mut(),
                )
            };
            (result, len)
        };
        let refused = open(LEN - 1);
        assert_eq!(refused, (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, LEN), "to {to}");
        assert!(buffer == before, "left as it was, to {to}");
        assert_eq!(open(LEN), (FRAMESEAL_OK, LEN), "to {to}");
        assert_eq!(buffer[to..to + LEN], payload, "to {to}");
    }
}

#[test]
fn where_the_payload_ends_behind_the_output_there_must_be_room_for_every_header() {
    let device = Device::in_call(1, &[0, 1]);
    let whole = LEN + 17 + 16;
    let mut buffer = vec![0; 400];
    buffer[140..140 + LEN].copy_from_slice(&pattern(LEN));
    let before = buffer.clone();
    // The output ends in the payload.
    let refused = seal(&device, &mut buffer, 140, 100, whole - 1);
    assert_eq!(refused, (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, whole));
    assert_eq!(buffer, before);
    let (result, len) = seal(&device, &mut buffer, 140, 100, whole);
    assert_eq!(result, FRAMESEAL_OK);
    assert!(len < whole && buffer[100] == 0x90, "the first counter");
}

#[test]
fn metadata_and_answers_that_overlap_the_output_are_refused() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    let frame = bob.encrypt(0, b"frame").unwrap();
    let mut words = [0u64; 32];
    let base: *mut u8 = words.as_mut_ptr().cast();
    let mut len = 99;
    let invalid = FRAMESEAL_ERROR_INVALID_ARGUMENT;
    // SAFETY: live handles and places inside of `words`; the overlap must be refused.
    unsafe {
        let inside = base.add(8);
        let slice = frameseal_slice {
            data: inside,
            len: 4,
        };
        let place = &raw mut len;
        let own = inside.cast();
        let seal = |metadata, metadata_len, out_len| {
            frameseal_stream_encrypt(
                alice.stream,
                0,
                metadata,
                metadata_len,
                ptr::null(),
                0,
                base,
                64,
                out_len,
            )
        };
        assert_eq!(seal(inside, 4, place), invalid);
        assert_eq!(seal(ptr::null(), 0, own), invalid);
        let pieces = &raw const slice;
        let sealed = frameseal_stream_encrypt_slices(
            alice.stream,
            0,
            pieces,
            1,
            ptr::null(),
            0,
            base,
            64,
            place,
        );
        assert_eq!(sealed, invalid);
        let (sealed, sealed_len) = (frame.as_ptr(), frame.len());
        let open = |metadata, metadata_len, out_len, info| {
            frameseal_receiver_decrypt(
                alice.receiver,
                0,
                metadata,
                metadata_len,
                sealed,
                sealed_len,
                base,
                64,
                out_len,
                info,
            )
        };
        let none = ptr::null_mut();
        assert_eq!(open(inside, 4, place, none), invalid);
        assert_eq!(open(ptr::null(), 0, own, none), invalid);
        let info: *mut frameseal_received_info = inside.cast();
        info.write(received_info());
        assert_eq!(open(ptr::null(), 0, place, info), invalid);
        let mut apart = received_info();
        let in_info = &raw mut apart.payload_len;
        assert_eq!(open(ptr::null(), 0, in_info, &raw mut apart), invalid);
        let opened = frameseal_receiver_decrypt_slices(
            alice.receiver,
            0,
            pieces,
            1,
            sealed,
            sealed_len,
            base,
            64,
            place,
            none,
        );
        assert_eq!(opened, invalid);
    }
    assert_eq!(len, 99);
    assert_eq!(
        peek(&alice.encrypt(0, b"").unwrap()).1,
        0,
        "no counter was used"
    );
    assert!(alice.decrypt(0, &frame).is_ok(), "the frame was not opened");
}

#[test]
fn metadata_in_pieces_means_its_concatenation() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    let piece = |text: &'static [u8]| frameseal_slice {
        data: text.as_ptr(),
        len: text.len(),
    };
    let pieces = [piece(b"ro"), piece(b""), piece(b"om")];
    let (mut frame, mut len) = ([0; 64], 0);
    // SAFETY: live handles, slices, and places for the answers.
    unsafe {
        let result = frameseal_stream_encrypt_slices(
            bob.stream,
            0,
            pieces.as_ptr(),
            3,
            b"hi".as_ptr(),
            2,
            frame.as_mut_ptr(),
            64,
            &raw mut len,
        );
        assert_eq!(result, FRAMESEAL_OK);
    }
    // The device's own metadata is "room".
    assert_eq!(alice.decrypt(0, &frame[..len]).unwrap().0, b"hi");
    let frame = bob.encrypt(0, b"ho").unwrap();
    let (mut out, mut len) = ([0; 64], 0);
    // SAFETY: live handles, slices, and places for the answers.
    let result = unsafe {
        frameseal_receiver_decrypt_slices(
            alice.receiver,
            0,
            pieces.as_ptr(),
            3,
            frame.as_ptr(),
            frame.len(),
            out.as_mut_ptr(),
            64,
            &raw mut len,
            ptr::null_mut(),
        )
    };
    assert_eq!((result, &out[..len]), (FRAMESEAL_OK, b"ho".as_slice()));
}
