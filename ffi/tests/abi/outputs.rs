//! Answers are written only on success, but for what an error promises to say.

use std::ptr;

use super::capi::*;
use super::support::*;

#[test]
fn an_unknown_key_id_is_told_and_nothing_else() {
    let frame = Sender::with_key(GCM, 0xabcd)
        .encrypt(b"", b"frame")
        .unwrap();
    let receiver = Receiver::with_key(GCM, 7);
    let (mut out, mut len, mut info) = ([0xaa; 64], 99, open_info());
    // SAFETY: a live handle, slices, and places for the answers.
    let result = unsafe {
        frameseal_decryptor_decrypt(
            receiver.0,
            ptr::null(),
            0,
            frame.as_ptr(),
            frame.len(),
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
            &raw mut info,
        )
    };
    assert_eq!(result, FRAMESEAL_ERROR_UNKNOWN_KEY_ID);
    assert_eq!(info.key_id, 0xabcd);
    assert_eq!((info.counter, info.payload_len), (u64::MAX, usize::MAX));
    assert_eq!((out, len), ([0xaa; 64], 99));
}

#[test]
fn the_needed_size_is_told_and_the_next_try_succeeds() {
    let sender = Sender::with_key(GCM, 7);
    let payload = pattern(100);
    let mut needed = 0;
    // SAFETY: no room is a room of no bytes.
    let result = unsafe {
        frameseal_encryptor_encrypt(
            sender.0,
            ptr::null(),
            0,
            payload.as_ptr(),
            payload.len(),
            ptr::null_mut(),
            0,
            &raw mut needed,
        )
    };
    assert_eq!(result, FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    let mut exact = 0;
    // SAFETY: a live handle and a place for the length.
    let result = unsafe { frameseal_encryptor_sealed_len(sender.0, 100, &raw mut exact) };
    assert_eq!((result, exact), (FRAMESEAL_OK, needed));
    let frame = sender.encrypt(b"", &payload).unwrap();
    assert_eq!(frame.len(), needed);

    let receiver = Receiver::with_key(GCM, 7);
    // SAFETY: a live handle, a slice and a place for the length.
    let result = unsafe {
        frameseal_decryptor_payload_len(receiver.0, frame.as_ptr(), frame.len(), &raw mut exact)
    };
    assert_eq!((result, exact), (FRAMESEAL_OK, 100));
}

#[test]
fn a_structure_of_a_newer_program_keeps_the_fields_that_we_do_not_know() {
    #[repr(C)]
    struct Newer {
        known: frameseal_open_info,
        added: u64,
    }
    let frame = Sender::with_key(GCM, 7).encrypt(b"", b"frame").unwrap();
    let receiver = Receiver::with_key(GCM, 7);
    let mut info = Newer {
        known: open_info(),
        added: 5,
    };
    info.known.struct_size = size_of::<Newer>();
    let (mut out, mut len) = ([0; 64], 0);
    // SAFETY: a live handle, slices, and places for the answers.
    let result = unsafe {
        frameseal_decryptor_decrypt(
            receiver.0,
            ptr::null(),
            0,
            frame.as_ptr(),
            frame.len(),
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
            (&raw mut info).cast(),
        )
    };
    assert_eq!((result, info.added), (FRAMESEAL_OK, 5));
    assert_eq!(info.known.struct_size, size_of::<Newer>());
    assert_eq!((info.known.key_id, info.known.counter), (7, 0));
}

#[test]
fn structures_of_a_size_that_never_was_are_refused_and_the_frame_still_opens() {
    let frame = Sender::with_key(GCM, 7).encrypt(b"", b"frame").unwrap();
    let receiver = Receiver::with_key(GCM, 7);
    for size in [0, 1, size_of::<frameseal_open_info>() - 1, 4097, usize::MAX] {
        let (mut out, mut len, mut info) = ([0; 64], 99, open_info());
        info.struct_size = size;
        // SAFETY: a live handle, slices, and places for the answers.
        let result = unsafe {
            frameseal_decryptor_decrypt(
                receiver.0,
                ptr::null(),
                0,
                frame.as_ptr(),
                frame.len(),
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
                &raw mut info,
            )
        };
        assert_eq!((result, len), (FRAMESEAL_ERROR_INVALID_ARGUMENT, 99));
        assert_eq!((info.key_id, info.counter), (u64::MAX, u64::MAX));
    }
    assert_eq!(receiver.decrypt(b"", &frame).unwrap().0, b"frame");
}

#[test]
fn a_header_is_read_without_a_key() {
    let frame = Sender::with_key(GCM, 0x123).encrypt(b"", b"frame").unwrap();
    let mut header = frameseal_header {
        key_id: 1,
        counter: 1,
        len: 1,
    };
    // SAFETY: a slice and a place for the answer.
    let peek = |len: usize, header: &mut frameseal_header| unsafe {
        frameseal_header_peek(frame.as_ptr(), len, header)
    };
    assert_eq!(peek(2, &mut header), FRAMESEAL_ERROR_SYNTAX);
    assert_eq!((header.key_id, header.counter, header.len), (1, 1, 1));
    assert_eq!(peek(frame.len(), &mut header), FRAMESEAL_OK);
    assert_eq!((header.key_id, header.counter, header.len), (0x123, 0, 3));
    // SAFETY: NULL must be refused.
    let result = unsafe { frameseal_header_peek(frame.as_ptr(), 3, ptr::null_mut()) };
    assert_eq!(result, FRAMESEAL_ERROR_INVALID_ARGUMENT);
}
