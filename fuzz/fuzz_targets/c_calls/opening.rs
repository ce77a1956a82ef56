//! One call that opens a frame, whichever object does it: where its buffers lie, what may be wrong
//! with its arguments, and what must be true of memory afterwards.

use frameseal_fuzz::Input;

use crate::arena::{Arena, Grown, SIZE, UNTOUCHED, WORD, overlap, union};
use crate::capi;
use crate::metadata::Given as Metadata;
use crate::results::{AUTHENTICATION, BUFFER_TOO_SMALL, INVALID, OK, SYNTAX, UNKNOWN_KEY_ID};

/// The arguments of a `_decrypt` or `_decrypt_slices` function.
pub(crate) struct OpenCall<'a, I> {
    pub(crate) metadata: &'a Metadata,
    pub(crate) sealed: (*const u8, usize),
    pub(crate) out: (*mut u8, usize),
    pub(crate) out_len: *mut usize,
    pub(crate) info: *mut I,
}

/// What all structures that tell of a frame have.
pub(crate) trait Info: Copy {
    fn key_id(&mut self) -> &mut u64;
    fn payload_len(&self) -> usize;
}

impl Info for capi::frameseal_received_info {
    fn key_id(&mut self) -> &mut u64 {
        &mut self.key_id
    }

    fn payload_len(&self) -> usize {
        self.payload_len
    }
}

impl Info for capi::frameseal_step_info {
    fn key_id(&mut self) -> &mut u64 {
        &mut self.key_id
    }

    fn payload_len(&self) -> usize {
        self.payload_len
    }
}

/// What became of it; all that is true of any frame was checked. Never BUFFER_TOO_SMALL.
pub(crate) struct Opened<I> {
    pub(crate) result: i32,
    pub(crate) payload: Vec<u8>,
    /// On success, if it was asked for.
    pub(crate) info: Option<I>,
}

/// A frame as it is given to the library.
pub(crate) struct Given<'a> {
    pub(crate) frame: &'a [u8],
    pub(crate) metadata: &'a [u8],
    /// The payload that must not appear unless it opens.
    pub(crate) secret: &'a [u8],
    /// What `payload_len` said of it.
    pub(crate) payload_len: Option<usize>,
}

/// How many bytes of payload a frame has, by `ask`, a `_payload_len` function; `None` if it is too
/// short for a frame.
pub(crate) fn payload_len(
    suite: u16,
    frame: &[u8],
    ask: impl Fn(*const u8, usize, *mut usize) -> i32,
) -> Option<usize> {
    let mut told = UNTOUCHED;
    let (data, len) = (frame.as_ptr(), frame.len());
    assert_eq!(ask(data, len, core::ptr::null_mut()), INVALID);
    assert_eq!(ask(core::ptr::null(), len + 1, &raw mut told), INVALID);
    let result = ask(data, len, &raw mut told);
    let around = |header: capi::frameseal_header| header.len + capi::frameseal_suite_tag_len(suite);
    let expected = header(frame).and_then(|header| len.checked_sub(around(header)));
    match expected {
        Some(expected) => assert_eq!((result, told), (OK, expected)),
        None => assert_eq!((result, told), (SYNTAX, UNTOUCHED)),
    }
    expected
}

/// Opens a frame with `call`. `None` when the call was one that must be refused, and was.
pub(crate) fn open<I: Info>(
    arena: &mut Arena,
    input: &mut Input<'_>,
    arrived: Given<'_>,
    call: &mut dyn FnMut(&OpenCall<'_, I>) -> i32,
) -> Option<Opened<I>> {
    let (frame, secret) = (arrived.frame, arrived.secret);
    let mut given = Metadata::read(input, arrived.metadata);
    let from = 300 + input.below(64);
    let to = match input.below(6) {
        0 | 1 => from,
        2 => from.saturating_sub(input.below(64)),
        3 => from + input.below(64),
        _ => 640,
    };
    let mut capacity = match input.below(10) {
        0 => secret.len().saturating_sub(1 + input.below(20)),
        1 => 0,
        2 | 3 => secret.len(),
        _ => frame.len() + input.below(20),
    }
    .min(SIZE - to);
    arena.write(from, frame);
    let before = arena.copy();
    let mut own = UNTOUCHED;
    let mut told = Grown::<I>::new(input.below(2) == 0);
    let ask = input.below(8) != 0;
    let kind = input.below(64);
    match kind {
        5 => given.place(arena.at(to), 3),
        6 => given.too_many(),
        _ => {}
    }
    let mut args = OpenCall {
        metadata: &given,
        sealed: (arena.at(from).cast_const(), frame.len()),
        out: (arena.at(to), capacity),
        out_len: &raw mut own,
        info: if ask {
            &raw mut told.known
        } else {
            core::ptr::null_mut()
        },
    };
    let wrong = match kind {
        0 => {
            args.out_len = core::ptr::null_mut();
            true
        }
        1 => {
            args.sealed = (core::ptr::null(), frame.len() + 1);
            true
        }
        2 => {
            // More than half of memory, so that it does not matter where the rest of the arguments lie.
            args.out.1 = input.pick(&[usize::MAX, usize::MAX / 2 + 1]);
            true
        }
        3 => {
            told.set_size(input.pick(&[0, 8, size_of::<I>() - WORD, 4097]));
            ask
        }
        4 => {
            args.info = args.info.wrapping_byte_add(2);
            ask
        }
        5 => capacity > 0,
        6 => true,
        7 => {
            args.out_len = arena.at(to.next_multiple_of(WORD)).cast();
            capacity > WORD
        }
        8 if ask => {
            args.out_len = args.info.wrapping_byte_add(WORD).cast();
            true
        }
        _ => false,
    };
    let unusual = args.out_len != &raw mut own
        || args.metadata.as_whole().0 == arena.at(to).cast_const()
        || (!ask && !args.info.is_null());
    if !wrong && unusual {
        return None;
    }
    let info_before = told.bytes();
    let mut result = call(&args);
    if result == BUFFER_TOO_SMALL && !wrong {
        let needed = arrived.payload_len;
        let needed = needed.expect("a frame that only lacks room has a length");
        assert!(needed > capacity, "there is room");
        capacity = needed;
        for size in [needed - 1, needed] {
            assert_eq!((result, own), (BUFFER_TOO_SMALL, needed), "one byte less");
            let unchanged = arena.copy() == before && told.bytes() == info_before;
            assert!(unchanged, "a call that fails leaves all as it was");
            args.out.1 = size;
            own = UNTOUCHED;
            result = call(&args);
        }
        assert_ne!(result, BUFFER_TOO_SMALL, "the size suffices");
    }
    let after = arena.copy();
    let info_after = told.bytes();
    told.check_behind();
    if wrong {
        assert_eq!((result, own), (INVALID, UNTOUCHED), "wrong arguments");
        assert!(after == before, "a call that is refused writes nothing");
        assert!(info_after == info_before, "nor to the structure");
        return None;
    }
    let (sealed, out) = (from..from + frame.len(), to..to + capacity);
    let joined = overlap(&sealed, &out);
    let written = if joined { union(&sealed, &out) } else { out };
    let mut payload = Vec::new();
    match result {
        OK => {
            assert!(own <= capacity && Some(own) == arrived.payload_len);
            payload = after[to..to + own].to_vec();
            check_opened(&before, &after, to, own, joined.then_some((sealed, frame)));
            assert!(!ask || told.known.payload_len() == own);
        }
        AUTHENTICATION => {
            assert_eq!(own, UNTOUCHED);
            let outside =
                |memory: &[u8]| [&memory[..written.start], &memory[written.end..]].concat();
            assert!(outside(&before) == outside(&after));
            let appears = |memory: &[u8]| memory.windows(secret.len()).any(|part| part == secret);
            assert!(
                secret.len() < 8 || appears(&before) || !appears(&after),
                "a frame that fails shows nothing"
            );
        }
        _ => {
            assert_eq!(own, UNTOUCHED);
            assert!(after == before, "a call that fails leaves all as it was");
        }
    }
    if result == UNKNOWN_KEY_ID && ask {
        // The key id is told, and nothing else.
        let claimed = header(frame).expect("a header");
        let mut untouched = told.clone();
        assert_eq!(*untouched.known.key_id(), claimed.key_id);
        *untouched.known.key_id() = u64::from_ne_bytes([0x5a; 8]);
        assert!(untouched.bytes() == info_before);
    } else if result != OK {
        assert!(info_after == info_before, "answers only on success");
    }
    Some(Opened {
        result,
        payload,
        info: (result == OK && ask).then_some(told.known),
    })
}

/// After success: the payload, zeros where it does not cover ciphertext, all else as before.
fn check_opened(
    before: &[u8],
    after: &[u8],
    to: usize,
    len: usize,
    joined: Option<(core::ops::Range<usize>, &[u8])>,
) {
    let mut expected = before.to_vec();
    if let Some((sealed, frame)) = joined {
        let body = sealed.start + header(frame).expect("a header").len;
        expected[body..body + len].fill(0);
    }
    expected[to..to + len].copy_from_slice(&after[to..to + len]);
    assert!(after == expected, "only the payload is left");
}

/// What everybody can read of a frame.
pub(crate) fn header(frame: &[u8]) -> Option<capi::frameseal_header> {
    let mut header = capi::frameseal_header {
        key_id: 0,
        counter: 0,
        len: 0,
    };
    // SAFETY: a slice and a local.
    let result = unsafe { capi::frameseal_header_peek(frame.as_ptr(), frame.len(), &mut header) };
    (result == OK).then_some(header)
}
