//! One call that seals a frame, whichever object does it: where its buffers lie, what may be wrong
//! with its arguments, and what must be true of memory afterwards.

use core::ops::Range;

use frameseal_fuzz::{Input, payload};

use crate::arena::{Arena, SIZE, UNTOUCHED, WORD, overlap, union};
use crate::capi;
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

/// How long frames of an object are.
pub(crate) struct Lengths<'a> {
    /// What it says of the next frame, with a payload of so many bytes.
    pub(crate) of_frame: &'a mut dyn FnMut(usize) -> Result<usize, i32>,
    pub(crate) suite: u16,
    /// It is a stream, whose next header may be longer when its epoch changes.
    pub(crate) stream: bool,
}

/// How much room an output needs, by the comments of the functions.
struct Room {
    payload: Range<usize>,
    sealed_len: usize,
    most: usize,
}

impl Room {
    /// The bytes that an output needs which begins at `to` and has `capacity` bytes. With a stream,
    /// if the payload goes on behind it, as it is or when it is as large as the frame, there must be
    /// room for the longest header and tag.
    fn needed(&self, to: usize, capacity: usize) -> usize {
        let given = to..to + capacity;
        let out = match overlap(&self.payload, &given) {
            true => given,
            false => to..to + self.sealed_len,
        };
        match overlap(&self.payload, &out) && self.payload.end > out.end {
            true => self.most,
            false => self.sealed_len,
        }
    }
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

/// Seals with `call`. `None` when the call was one that must be refused, and was.
pub(crate) fn seal(
    arena: &mut Arena,
    input: &mut Input<'_>,
    lengths: Lengths<'_>,
    call: &mut dyn FnMut(&SealCall<'_>) -> i32,
) -> Option<Sealed> {
    let metadata = input.pick(&metadata::ALL).to_vec();
    let mut given = Given::read(input, &metadata);
    let size = usize::from(input.byte());
    let plain = payload(size, u64::from(input.byte()));
    let told = (lengths.of_frame)(size);
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
            // More than half of memory, so that it does not matter where the rest of the arguments lie.
            args.out.1 = input.pick(&[usize::MAX, usize::MAX / 2 + 1]);
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
    let room = told.map(|sealed_len| Room {
        payload: from..from + size,
        sealed_len,
        most: match lengths.stream {
            true => size + capi::frameseal_max_overhead(lengths.suite),
            false => sealed_len,
        },
    });
    match result {
        OK => {
            assert_eq!(Ok(own), told, "the length that was told before");
            let needed = room.map(|room| room.needed(to, capacity));
            assert!(needed.is_ok_and(|needed| needed <= capacity));
            frame = after[to..to + own].to_vec();
            let mut expected = before;
            expected[to..to + own].copy_from_slice(&frame);
            assert!(after == expected, "only the frame is written");
        }
        BUFFER_TOO_SMALL => {
            let room = room.expect("a frame that only lacks room has a length");
            let needed = own;
            assert_eq!(needed, room.needed(to, capacity), "the size that is needed");
            assert!(needed > capacity && after == before, "and nothing else");
            let less = needed - 1;
            // With one byte less the payload may end behind the output, or now end in front.
            if room.needed(to, less) > less {
                own = UNTOUCHED;
                args.out.1 = less;
                let again = (call(&args), own);
                assert_eq!(again, (BUFFER_TOO_SMALL, room.needed(to, less)));
                assert!(arena.copy() == before, "one byte less is too little");
            }
            own = UNTOUCHED;
            args.out.1 = needed;
            result = call(&args);
            assert_eq!((result, own), (OK, room.sealed_len), "the size suffices");
            frame = arena.copy()[to..to + own].to_vec();
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
    lengths: Lengths<'_>,
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
    let told = (lengths.of_frame)(size);
    let tag = capi::frameseal_suite_tag_len(lengths.suite);
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
    // Too little room on one side, then on the other, then none. Each size that is told is needed to
    // the byte, and suffices.
    let mut buffer = start..start + head + size + tail;
    for _ in 0..2 {
        let told = match (result, told) {
            (HEADROOM_TOO_SMALL, Ok(told)) => {
                let header = told - size - tag;
                assert!(header > args.payload.0, "there is room");
                buffer.start = place - header;
                (result, header, UNTOUCHED)
            }
            (BUFFER_TOO_SMALL, Ok(_)) => {
                let needed = args.payload.0 + size + tag;
                assert!(needed > buffer.len(), "there is room");
                buffer.end = buffer.start + needed;
                (result, UNTOUCHED, needed)
            }
            _ => break,
        };
        assert_eq!(
            (result, at, len),
            told,
            "the size that is needed, and nothing else"
        );
        assert!(after == before, "a call that fails leaves all as it was");
        let less = match result {
            HEADROOM_TOO_SMALL => buffer.start + 1..buffer.end,
            _ => buffer.start..buffer.end - 1,
        };
        for given in [less, buffer.clone()] {
            assert_eq!((result, at, len), told, "one byte less is too little");
            (at, len) = (UNTOUCHED, UNTOUCHED);
            args.buffer = (arena.at(given.start), given.len());
            args.payload.0 = place - given.start;
            result = call(&args);
        }
        assert_ne!(result, told.0, "the size suffices");
        after = arena.copy();
    }
    let mut frame = Vec::new();
    if result == OK {
        let sealed = buffer.start + at..buffer.start + at + len;
        assert!(buffer.start <= sealed.start && sealed.end <= buffer.end);
        assert_eq!(Ok(len), told, "the length that was told before");
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
