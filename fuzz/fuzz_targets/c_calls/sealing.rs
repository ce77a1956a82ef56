//! One call that seals a frame, whichever object does it: where its buffers lie, what may be wrong
//! with its arguments, and what must be true of memory afterwards.

use frameseal_fuzz::{Input, payload};

use crate::arena::{Arena, SIZE, UNTOUCHED, WORD, overlap, union};
use crate::metadata::{self, Given};
use crate::results::{BUFFER_TOO_SMALL, HEADROOM_TOO_SMALL, INVALID, OK};

/// The arguments of an `_encrypt` or `_encrypt_slices` function.
pub(crate) struct SealCall<'a> {
    pub(crate) metadata: &'a Given,
    pub(crate) payload: (*const u8, usize),
    pub(crate) out: (*mut u8, usize),
    pub(crate) out_len: *mut usize,
}

/// Those of an `_encrypt_in_place` function.
pub(crate) struct InPlaceCall<'a> {
    pub(crate) metadata: &'a Given,
    pub(crate) buffer: (*mut u8, usize),
    pub(crate) payload: (usize, usize),
    pub(crate) frame_offset: *mut usize,
    pub(crate) frame_len: *mut usize,
}

/// What became of it.
pub(crate) struct Sealed {
    /// Never BUFFER_TOO_SMALL or HEADROOM_TOO_SMALL, and INVALID only if the arguments were right:
    /// all of that was checked.
    pub(crate) result: i32,
    pub(crate) frame: Vec<u8>,
    pub(crate) metadata: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

/// Seals with `call`; `sealed_len` is what the object says of a payload of so many bytes. `None`
/// when the call was one that must be refused, and was.
pub(crate) fn seal(
    arena: &mut Arena,
    input: &mut Input<'_>,
    sealed_len: &mut dyn FnMut(usize) -> Result<usize, i32>,
    call: &mut dyn FnMut(&SealCall<'_>) -> i32,
) -> Option<Sealed> {
    let metadata = input.pick(&metadata::ALL).to_vec();
    let mut given = Given::read(input, &metadata);
    let size = usize::from(input.byte());
    let plain = payload(size, u64::from(input.byte()));
    let told = sealed_len(size);
    let room = told.unwrap_or(size + 33);
    let from = 320 + input.below(64);
    // Apart, the same place, before, inside, behind.
    let to = match input.below(6) {
        0 => from,
        1 => from.saturating_sub(input.below(64)),
        2 => from + input.below(64),
        3 => from + size,
        _ => 640,
    };
    let capacity = match input.below(8) {
        0 => room.saturating_sub(1 + input.below(20)),
        1 => 0,
        2..=4 => room,
        _ => room + input.below(40),
    }
    .min(SIZE - to);
    arena.write(from, &plain);
    let before = arena.copy();
    let mut own = UNTOUCHED;
    let kind = input.below(64);
    match kind {
        5 => given.place(arena.at(to), 7),
        6 => given.too_many(),
        _ => {}
    }
    let mut args = SealCall {
        metadata: &given,
        payload: (arena.at(from), size),
        out: (arena.at(to), capacity),
        out_len: &raw mut own,
    };
    let wrong = match kind {
        0 => {
            args.out_len = core::ptr::null_mut();
            true
        }
        1 => {
            args.payload = (core::ptr::null(), size + 1);
            true
        }
        2 => {
            args.out.1 = usize::MAX >> input.below(2);
            true
        }
        3 => {
            // A place for the length inside of the output.
            let inside = to.next_multiple_of(WORD);
            args.out_len = arena.at(inside.min(SIZE - WORD)).cast();
            overlap(&(inside..inside + WORD), &(to..to + capacity))
        }
        4 => {
            args.out_len = args.out_len.wrapping_byte_add(1);
            true
        }
        5 => capacity > 0,
        6 => true,
        _ => false,
    };
    let elsewhere = args.out_len != &raw mut own;
    if elsewhere && !wrong {
        return None;
    }
    let other_metadata = args.metadata.as_whole().0 == arena.at(to).cast_const();
    if other_metadata && !wrong {
        return None;
    }
    let mut result = call(&args);
    let after = arena.copy();
    if wrong {
        assert_eq!((result, own), (INVALID, UNTOUCHED), "wrong arguments");
        assert!(after == before, "a call that is refused writes nothing");
        return None;
    }
    let mut frame = Vec::new();
    match result {
        OK => {
            assert_eq!(Ok(own), told, "the length that was told before");
            assert!(own <= capacity);
            frame = after[to..to + own].to_vec();
            let mut expected = before;
            expected[to..to + own].copy_from_slice(&frame);
            assert!(after == expected, "only the frame is written");
        }
        BUFFER_TOO_SMALL => {
            let told = told.expect("a frame that only lacks room has a length");
            let mut place = to;
            let mut capacity = capacity;
            // What is told suffices, at the latest when it was asked with buffers that overlap:
            // then a payload which goes on behind the output needs room for the longest header and tag.
            for _ in 0..2 {
                assert!(
                    own > capacity && own != UNTOUCHED,
                    "the size that is needed"
                );
                assert!(
                    arena.copy() == before,
                    "a call that fails leaves all as it was"
                );
                let (payload, out) = (from..from + size, place..place + capacity);
                let beyond = overlap(&payload, &out) && payload.end > out.end;
                assert!(
                    own == told || (beyond && own <= size + 33),
                    "no more than that"
                );
                if place + own > SIZE {
                    place = 640;
                }
                capacity = own;
                args.out = (arena.at(place), capacity);
                own = UNTOUCHED;
                result = call(&args);
                let was_apart = !overlap(&payload, &out);
                let joined = overlap(&payload, &(place..place + capacity));
                if result != BUFFER_TOO_SMALL || !(was_apart && joined) {
                    break;
                }
            }
            assert_eq!((result, own), (OK, told), "the size suffices");
            frame = arena.copy()[place..place + own].to_vec();
        }
        _ => {
            assert_eq!(own, UNTOUCHED);
            assert!(after == before, "a call that fails leaves all as it was");
        }
    }
    Some(Sealed {
        result,
        frame,
        metadata,
        payload: plain,
    })
}

/// The same with the payload where the frame will be.
pub(crate) fn seal_in_place(
    arena: &mut Arena,
    input: &mut Input<'_>,
    call: &mut dyn FnMut(&InPlaceCall<'_>) -> i32,
) -> Option<Sealed> {
    let metadata = input.pick(&metadata::ALL).to_vec();
    let mut given = Given::read(input, &metadata);
    let size = usize::from(input.byte());
    let plain = payload(size, u64::from(input.byte()));
    let (head, tail) = (
        input.pick(&[17, 17, 30, 5, 1, 0]),
        input.pick(&[16, 16, 40, 9, 0]),
    );
    let start = 64 + input.below(8);
    let place = start + head;
    arena.write(place, &plain);
    let before = arena.copy();
    let (mut at, mut len) = (UNTOUCHED, UNTOUCHED);
    let kind = input.below(64);
    if kind == 4 {
        given.place(arena.at(start), 5);
    }
    let mut args = InPlaceCall {
        metadata: &given,
        buffer: (arena.at(start), head + size + tail),
        payload: (head, size),
        frame_offset: &raw mut at,
        frame_len: &raw mut len,
    };
    let wrong = match kind {
        0 => {
            args.frame_offset = core::ptr::null_mut();
            true
        }
        1 => {
            args.frame_len = args.frame_offset;
            true
        }
        2 => {
            args.payload.0 = usize::MAX - input.below(3);
            size > 2
        }
        3 => {
            args.buffer = (core::ptr::null_mut(), head + size + tail);
            head + size + tail > 0
        }
        4 => head + size + tail > 0,
        5 => {
            args.frame_len = arena.at(start.next_multiple_of(WORD)).cast();
            head + size + tail > WORD
        }
        _ => false,
    };
    let changed = args.frame_len != &raw mut len || args.payload.0 != head;
    if !wrong && (changed || args.metadata.as_whole().0 == arena.at(start).cast_const()) {
        return None;
    }
    let mut result = call(&args);
    let mut after = arena.copy();
    if wrong {
        assert_eq!((result, at, len), (INVALID, UNTOUCHED, UNTOUCHED));
        assert!(after == before, "a call that is refused writes nothing");
        return None;
    }
    // Too little room on one side, then on the other, then none.
    let mut buffer = start..start + head + size + tail;
    for _ in 0..2 {
        match result {
            HEADROOM_TOO_SMALL => {
                assert!(at > args.payload.0 && at <= 17 && len == UNTOUCHED);
                assert!(after == before, "a call that fails leaves all as it was");
                buffer.start = place - at;
            }
            BUFFER_TOO_SMALL => {
                assert!(len > buffer.len() && at == UNTOUCHED);
                assert!(len <= place - buffer.start + size + 16, "no more than that");
                assert!(after == before, "a call that fails leaves all as it was");
                buffer.end = buffer.start + len;
            }
            _ => break,
        }
        (at, len) = (UNTOUCHED, UNTOUCHED);
        args.buffer = (arena.at(buffer.start), buffer.len());
        args.payload.0 = place - buffer.start;
        result = call(&args);
        after = arena.copy();
    }
    let mut frame = Vec::new();
    if result == OK {
        let sealed = buffer.start + at..buffer.start + at + len;
        assert!(buffer.start <= sealed.start && sealed.end <= buffer.end);
        assert!(union(&sealed, &(place..place + size)) == sealed);
        frame = after[sealed.clone()].to_vec();
        let mut expected = before;
        expected[sealed].copy_from_slice(&frame);
        assert!(after == expected, "only the frame is written");
    } else {
        assert!(result != HEADROOM_TOO_SMALL && result != BUFFER_TOO_SMALL);
        assert_eq!((at, len), (UNTOUCHED, UNTOUCHED));
        assert!(after == before, "a call that fails leaves all as it was");
    }
    Some(Sealed {
        result,
        frame,
        metadata,
        payload: plain,
    })
}
