//! Pointers and lengths that cannot be right are refused before anything else happens.

use std::ptr;

use super::capi::*;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;

fn encrypt(
    sender: *mut frameseal_encryptor,
    (metadata, metadata_len): (*const u8, usize),
    (payload, payload_len): (*const u8, usize),
    (out, out_capacity): (*mut u8, usize),
    out_len: *mut usize,
) -> frameseal_result {
    // SAFETY: what is not valid is what must be refused.
    unsafe {
        frameseal_encryptor_encrypt(
            sender,
            metadata,
            metadata_len,
            payload,
            payload_len,
            out,
            out_capacity,
            out_len,
        )
    }
}

fn decrypt(
    receiver: *const frameseal_decryptor,
    (metadata, metadata_len): (*const u8, usize),
    (sealed, sealed_len): (*const u8, usize),
    (out, out_capacity): (*mut u8, usize),
    out_len: *mut usize,
    info: *mut frameseal_open_info,
) -> frameseal_result {
    // SAFETY: what is not valid is what must be refused.
    unsafe {
        frameseal_decryptor_decrypt(
            receiver,
            metadata,
            metadata_len,
            sealed,
            sealed_len,
            out,
            out_capacity,
            out_len,
            info,
        )
    }
}

const NOTHING: (*const u8, usize) = (ptr::null(), 0);

#[test]
fn null_with_a_length_is_refused_and_without_one_is_empty() {
    let sender = Sender::with_key(GCM, 7);
    let receiver = Receiver::with_key(GCM, 7);
    let mut buffer = [0; 64];
    let out = (buffer.as_mut_ptr(), buffer.len());
    let null = (ptr::null(), 1);
    let mut len = 99;
    let place = &raw mut len;
    assert_eq!(encrypt(sender.0, null, NOTHING, out, place), INVALID);
    assert_eq!(encrypt(sender.0, NOTHING, null, out, place), INVALID);
    let no_room = (ptr::null_mut(), 1);
    assert_eq!(encrypt(sender.0, NOTHING, NOTHING, no_room, place), INVALID);
    assert_eq!(
        encrypt(sender.0, NOTHING, NOTHING, out, ptr::null_mut()),
        INVALID
    );
    assert_eq!(
        encrypt(ptr::null_mut(), NOTHING, NOTHING, out, place),
        INVALID
    );
    assert_eq!(len, 99, "answers are written only on success");

    assert_eq!(
        encrypt(sender.0, NOTHING, NOTHING, out, place),
        FRAMESEAL_OK
    );
    assert_eq!(
        buffer[0], 0x70,
        "key id 7, and none of the calls above counted"
    );
    let frame = (buffer.as_ptr(), len);
    let info = ptr::null_mut();
    let (dec, empty) = (receiver.0, (ptr::null_mut(), 0));
    assert_eq!(decrypt(dec, null, frame, empty, place, info), INVALID);
    assert_eq!(decrypt(dec, NOTHING, null, empty, place, info), INVALID);
    assert_eq!(decrypt(dec, NOTHING, frame, no_room, place, info), INVALID);
    assert_eq!(
        decrypt(dec, NOTHING, frame, empty, ptr::null_mut(), info),
        INVALID
    );
    assert_eq!(
        decrypt(ptr::null(), NOTHING, frame, empty, place, info),
        INVALID
    );
    assert_eq!(
        decrypt(dec, NOTHING, NOTHING, empty, place, info),
        FRAMESEAL_ERROR_SYNTAX
    );
    // An empty payload needs no room at all.
    assert_eq!(
        decrypt(dec, NOTHING, frame, empty, place, info),
        FRAMESEAL_OK
    );
    assert_eq!(len, 0);
}

#[test]
fn lengths_that_no_memory_has_are_refused() {
    let sender = Sender::with_key(GCM, 7);
    let mut buffer = [0; 64];
    let (start, mut len) = (buffer.as_mut_ptr(), 0);
    for huge in [usize::MAX, isize::MAX.unsigned_abs() + 1] {
        let out = (start, 64);
        assert_eq!(
            encrypt(sender.0, (start, huge), NOTHING, out, &raw mut len),
            INVALID
        );
        assert_eq!(
            encrypt(sender.0, NOTHING, (start, huge), out, &raw mut len),
            INVALID
        );
        assert_eq!(
            encrypt(sender.0, NOTHING, NOTHING, (start, huge), &raw mut len),
            INVALID
        );
        // SAFETY: must be refused.
        let key = unsafe { frameseal_encryptor_add_key(sender.0, 1, start, huge) };
        assert_eq!(key, INVALID);
        // SAFETY: must be refused.
        let sealed = unsafe { frameseal_encryptor_sealed_len(sender.0, huge, &raw mut len) };
        assert_eq!(sealed, INVALID);
    }
}

#[test]
fn misaligned_handles_and_places_are_refused() {
    let sender = Sender::with_key(GCM, 7);
    let mut buffer = [0; 64];
    let out = (buffer.as_mut_ptr(), buffer.len());
    let mut len = [0usize; 2];
    let crooked_place = len.as_mut_ptr().wrapping_byte_add(1);
    assert_eq!(
        encrypt(sender.0, NOTHING, NOTHING, out, crooked_place),
        INVALID
    );
    let crooked_handle = sender.0.wrapping_byte_add(1);
    assert_eq!(
        encrypt(crooked_handle, NOTHING, NOTHING, out, len.as_mut_ptr()),
        INVALID
    );
    assert_eq!(len, [0, 0]);
}

#[test]
fn a_range_outside_of_the_buffer_is_refused_in_place() {
    let sender = Sender::with_key(GCM, 7);
    let mut buffer = [0; 64];
    let (mut at, mut len) = (1, 2);
    for (offset, payload_len) in [(65, 0), (20, 45), (usize::MAX, 2), (2, usize::MAX)] {
        // SAFETY: the buffer is there; the range is what must be refused.
        let result = unsafe {
            frameseal_encryptor_encrypt_in_place(
                sender.0,
                ptr::null(),
                0,
                buffer.as_mut_ptr(),
                buffer.len(),
                offset,
                payload_len,
                &raw mut at,
                &raw mut len,
            )
        };
        assert_eq!(result, INVALID);
    }
    assert_eq!((at, len, buffer), (1, 2, [0; 64]));
}

#[test]
fn freeing_null_does_nothing() {
    // SAFETY: NULL is allowed.
    unsafe { frameseal_encryptor_free(ptr::null_mut()) };
    // SAFETY: NULL is allowed.
    unsafe { frameseal_decryptor_free(ptr::null_mut()) };
}

#[test]
fn metadata_comes_in_at_most_sixteen_pieces_that_mean_their_concatenation() {
    let (sender, receiver) = (Sender::with_key(GCM, 7), Receiver::with_key(GCM, 7));
    let bytes = pattern(100);
    let piece = |range: std::ops::Range<usize>| frameseal_slice {
        data: bytes[range.clone()].as_ptr(),
        len: range.len(),
    };
    let empty = frameseal_slice {
        data: ptr::null(),
        len: 0,
    };
    let mut pieces = [empty; 17];
    pieces[0] = piece(0..33);
    pieces[9] = piece(33..34);
    pieces[15] = piece(34..100);
    let mut out = [0; 64];
    let mut seal = |count: usize, pieces: *const frameseal_slice| {
        let mut len = 0;
        // SAFETY: a live handle, slices, and a place for the length.
        let result = unsafe {
            frameseal_encryptor_encrypt_slices(
                sender.0,
                pieces,
                count,
                b"frame".as_ptr(),
                5,
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
            )
        };
        (result, out[..len].to_vec())
    };
    assert_eq!(seal(17, pieces.as_ptr()).0, INVALID);
    assert_eq!(seal(1, ptr::null()).0, INVALID);
    let bad = frameseal_slice {
        data: ptr::null(),
        len: 1,
    };
    assert_eq!(seal(1, &raw const bad).0, INVALID);

    let (result, frame) = seal(16, pieces.as_ptr());
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!(receiver.decrypt(&bytes, &frame).unwrap().0, b"frame");
    let (result, frame) = seal(0, ptr::null());
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!(receiver.decrypt(b"", &frame).unwrap().0, b"frame");

    let frame = sender.encrypt(&bytes, b"frame").unwrap();
    let (mut out, mut len) = ([0; 64], 0);
    // SAFETY: a live handle, slices, and a place for the length.
    let result = unsafe {
        frameseal_decryptor_decrypt_slices(
            receiver.0,
            pieces.as_ptr(),
            16,
            frame.as_ptr(),
            frame.len(),
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
            ptr::null_mut(),
        )
    };
    assert_eq!((result, &out[..len]), (FRAMESEAL_OK, b"frame".as_slice()));
}
