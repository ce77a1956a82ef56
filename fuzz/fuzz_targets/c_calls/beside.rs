//! What stands beside a call: the monitor, the inspector, what servers see, codes to compare.

use core::ptr::{null, null_mut};
use std::collections::BTreeMap;

use frameseal_fuzz::Input;

use crate::arena::{Grown, UNTOUCHED};
use crate::capi;
use crate::results::*;

/// A function that writes text: nothing into too small a buffer, and all into one of the size that
/// it told, with a zero byte behind it.
pub(crate) fn check_text(
    write: impl Fn(*mut u8, usize, *mut usize) -> i32,
    is_right: impl Fn(&str) -> bool,
) {
    let mut needed = UNTOUCHED;
    let mut out = vec![0x5a_u8; 8192];
    assert_eq!(write(out.as_mut_ptr(), 8192, null_mut()), INVALID);
    assert_eq!(write(null_mut(), 0, &raw mut needed), BUFFER_TOO_SMALL);
    assert!(needed > 1 && needed < out.len());
    let mut len = UNTOUCHED;
    assert_eq!(
        write(out.as_mut_ptr(), needed - 1, &raw mut len),
        BUFFER_TOO_SMALL
    );
    assert_eq!(len, needed);
    assert!(
        out.iter().all(|byte| *byte == 0x5a),
        "a call that fails leaves all as it was"
    );
    assert_eq!(write(out.as_mut_ptr(), needed, &raw mut len), OK);
    assert_eq!((len + 1, out[len]), (needed, 0));
    assert!(out[needed..].iter().all(|byte| *byte == 0x5a));
    assert!(is_right(core::str::from_utf8(&out[..len]).expect("text")));
}

/// What was shown of one member.
#[derive(Default)]
struct Shown {
    opened: u64,
    replayed: u64,
    failed: u64,
    verified: bool,
}

/// A monitor and what it was shown.
pub(crate) fn monitor(input: &mut Input<'_>) {
    let policy = 1 + input.below(2) as u32;
    let mut monitor = null_mut();
    let mut members: BTreeMap<u64, Shown> = BTreeMap::new();
    let mut now = 0;
    // SAFETY: the handle is alive until the end, all other pointers are NULL or to locals.
    unsafe {
        assert_eq!(capi::frameseal_monitor_new(3, 0, &raw mut monitor), INVALID);
        assert_eq!(capi::frameseal_monitor_new(policy, 0, null_mut()), INVALID);
        assert!(monitor.is_null());
        assert_eq!(capi::frameseal_monitor_new(policy, 0, &raw mut monitor), OK);
        for _ in 0..48 {
            if input.is_empty() {
                break;
            }
            let member = input.below(3) as u64;
            let there = members.contains_key(&member);
            let expected = if there { OK } else { UNKNOWN_MEMBER };
            match input.below(8) {
                0 | 1 => {
                    assert_eq!(
                        capi::frameseal_monitor_add_member(null_mut(), member),
                        INVALID
                    );
                    assert_eq!(capi::frameseal_monitor_add_member(monitor, member), OK);
                    members.entry(member).or_default();
                }
                2 => {
                    let result = capi::frameseal_monitor_remove_member(monitor, member);
                    assert_eq!(documented("monitor_remove_member", result), expected);
                    members.remove(&member);
                }
                3 => now += input.pick(&[1, 100, 1999, 2000, 10_000]),
                4 => {
                    let result = capi::frameseal_monitor_allow_passthrough(
                        monitor,
                        now,
                        member,
                        input.pick(&[1000, 3_600_001]),
                    );
                    let result = documented("monitor_allow_passthrough", result);
                    let heard = members.get(&member).is_some_and(|shown| shown.opened > 0);
                    let refused = policy == 2 || heard;
                    assert!(result != OK || (there && !refused), "passthrough: {result}");
                }
                5 => {
                    let verified = input.below(3) > 0;
                    let result = capi::frameseal_monitor_set_verified(monitor, member, verified);
                    assert_eq!(documented("monitor_set_verified", result), expected);
                    if let Some(shown) = members.get_mut(&member) {
                        shown.verified = verified;
                    }
                }
                _ => {
                    let what = input.pick(&[0, 0, 1, 2, 3, 4, 11, 14]);
                    let result = capi::frameseal_monitor_observe(monitor, now, member, what, 5);
                    assert_eq!(documented("monitor_observe", result), expected);
                    if let Some(shown) = members.get_mut(&member) {
                        match what {
                            OK => shown.opened += 1,
                            REPLAY => shown.replayed += 1,
                            // Not a frame is one that does not authenticate.
                            AUTHENTICATION | SYNTAX => shown.failed += 1,
                            _ => {}
                        }
                    }
                }
            }
            let mut status = Grown::<capi::frameseal_status>::new(true);
            let mut stats = Grown::<capi::frameseal_frame_stats>::new(true);
            let place = &raw mut status.known;
            assert_eq!(
                capi::frameseal_monitor_status(monitor, now, member, place),
                OK
            );
            let result =
                capi::frameseal_monitor_member_stats(monitor, member, &raw mut stats.known);
            status.check_behind();
            stats.check_behind();
            match members.get(&member) {
                Some(shown) => {
                    assert_eq!(result, OK);
                    let told = (
                        stats.known.opened,
                        stats.known.replayed,
                        stats.known.failed_opens,
                    );
                    assert_eq!(told, (shown.opened, shown.replayed, shown.failed));
                    let heard = shown.opened > 0;
                    assert!(heard || status.known.level <= capi::FRAMESEAL_STATUS_UNKNOWN);
                    let unverified =
                        status.known.level < capi::FRAMESEAL_STATUS_END_TO_END_VERIFIED;
                    assert!(unverified || shown.verified);
                }
                None => {
                    assert_eq!(result, UNKNOWN_MEMBER);
                    assert_eq!(status.known.level, capi::FRAMESEAL_STATUS_UNKNOWN);
                }
            }
            monitor_statuses(monitor, now, &members);
        }
        capi::frameseal_monitor_free(monitor);
        capi::frameseal_monitor_free(null_mut());
    }
}

/// The list of all statuses agrees with each of them, and no size but the one that it tells will do.
///
/// # Safety
/// The monitor must be alive.
unsafe fn monitor_statuses(
    monitor: *const capi::frameseal_monitor,
    now: u64,
    members: &BTreeMap<u64, Shown>,
) {
    let mut entries = [const { core::mem::MaybeUninit::zeroed() }; 4];
    let place = entries.as_mut_ptr().cast();
    let size = size_of::<capi::frameseal_member_status>();
    let mut needed = UNTOUCHED;
    let ask = |capacity, count: &mut usize| {
        // SAFETY: the promise of the caller; there is room for so many.
        let result =
            unsafe { capi::frameseal_monitor_statuses(monitor, now, place, size, capacity, count) };
        documented("monitor_statuses", result)
    };
    let first = ask(0, &mut needed);
    assert_eq!(first == OK, needed == 0);
    assert!(needed <= members.len());
    let mut count = UNTOUCHED;
    if needed > 0 {
        let less = (ask(needed - 1, &mut count), count);
        assert_eq!(
            (first, less),
            (BUFFER_TOO_SMALL, (BUFFER_TOO_SMALL, needed))
        );
    }
    assert_eq!((ask(needed, &mut count), count), (OK, needed));
    let mut told = Vec::new();
    for entry in &entries[..needed] {
        // SAFETY: written by the call.
        let entry: &capi::frameseal_member_status = unsafe { entry.assume_init_ref() };
        let member = entry.member;
        assert_eq!(member.kind, capi::FRAMESEAL_MEMBER_APPLICATION);
        assert!(members.contains_key(&member.number) && !told.contains(&member.number));
        told.push(member.number);
        let mut status = Grown::<capi::frameseal_status>::new(true);
        let to = &raw mut status.known;
        // SAFETY: the promise of the caller, and a local.
        let result = unsafe { capi::frameseal_monitor_status(monitor, now, member.number, to) };
        let status = status.known;
        assert_eq!(
            (result, status.level, status.reason),
            (OK, entry.level, entry.reason)
        );
    }
    for (number, shown) in members {
        assert!(
            shown.opened == 0 || told.contains(number),
            "somebody is missing"
        );
    }
}

/// Any bytes and any numbers, for functions that keep nothing.
pub(crate) fn stateless(input: &mut Input<'_>) {
    // A code takes thousands of hashes, so it is rare.
    match input.below(16) {
        0..=6 => inspect(input),
        7..=13 => visible(input),
        14 => epoch_code(input),
        _ => code(input),
    }
}

/// An inspector finds in a header what the layout says.
fn inspect(input: &mut Input<'_>) {
    let (epoch_bits, index_bits) = (input.byte() % 18, input.byte() % 34);
    let keying = input.below(5) as u32;
    let suite = u16::from(input.byte() % 10);
    let call = capi::frameseal_inspector {
        struct_size: size_of::<capi::frameseal_inspector>(),
        contexts: input.pick(&[0, 2]),
        leaves: input.pick(&[0, 5]),
        keying,
        suite,
        ratchet_bits: if keying == 2 { input.byte() % 34 } else { 0 },
        epoch_bits: if keying == 3 { epoch_bits } else { 0 },
        index_bits: if keying == 3 { index_bits } else { 0 },
    };
    let len = input.below(64);
    let bytes = input.bytes(len);
    let mut seen = Grown::<capi::frameseal_inspection>::new(true);
    let before = seen.bytes();
    let data = bytes.as_ptr();
    // SAFETY: the input, and locals.
    let result = unsafe {
        assert_eq!(
            capi::frameseal_inspect(&call, data, bytes.len(), null_mut()),
            INVALID
        );
        let none = capi::frameseal_inspect(null(), data, bytes.len(), &raw mut seen.known);
        assert_eq!(none, INVALID);
        capi::frameseal_inspect(&call, data, bytes.len(), &raw mut seen.known)
    };
    seen.check_behind();
    let known = match keying {
        1 => true,
        2 => call.ratchet_bits <= 32,
        3 => (1..=16).contains(&epoch_bits) && index_bits <= 32,
        _ => false,
    };
    if !known || suite > 8 {
        assert_eq!(documented("inspect", result), INVALID);
        return assert!(seen.bytes() == before);
    }
    assert_eq!(result, OK);
    let header = crate::opening::header(bytes);
    let seen = seen.known;
    if seen.verdict != capi::FRAMESEAL_VERDICT_POSSIBLE {
        return assert_eq!((seen.key_id, seen.counter, seen.header_len), (0, 0, 0));
    }
    let header = header.expect("a possible frame begins with a header");
    assert_eq!((seen.key_id, seen.counter), (header.key_id, header.counter));
    assert_eq!(
        (seen.header_len, seen.sealed_len),
        (header.len, bytes.len())
    );
    if suite > 0 {
        let tag = capi::frameseal_suite_tag_len(suite);
        assert_eq!(seen.payload_len + header.len + tag, bytes.len());
    }
    if keying == 3 {
        let rest = seen.key_id >> epoch_bits;
        assert_eq!(seen.epoch_bits, seen.key_id & ((1 << epoch_bits) - 1));
        assert_eq!(u64::from(seen.index), rest & ((1 << index_bits) - 1));
        assert_eq!(seen.context, rest >> index_bits);
        assert!(call.contexts == 0 || seen.context < call.contexts);
        assert!(call.leaves == 0 || seen.index < call.leaves);
    }
}

fn visible(input: &mut Input<'_>) {
    let keying = input.below(5) as u32;
    let suite = u16::from(input.byte() % 10);
    let config = capi::frameseal_visible_config {
        struct_size: size_of::<capi::frameseal_visible_config>(),
        clear_bytes: input.below(3),
        passthrough_senders: input.below(3),
        keying,
        suite,
        ratchet_bits: if keying == 2 { 8 } else { 0 },
        epoch_bits: if keying == 3 { 8 } else { 0 },
        index_bits: 0,
    };
    let line = input.below(20);
    let mut item = Grown::<capi::frameseal_visible_item>::new(true);
    let before = item.bytes();
    // SAFETY: locals.
    let result = unsafe { capi::frameseal_visible_item_at(&config, line, &raw mut item.known) };
    item.check_behind();
    let known = (1..=3).contains(&keying) && (1..=8).contains(&suite);
    if !known || line >= capi::frameseal_visible_item_count() {
        assert_eq!(result, INVALID);
        assert!(item.bytes() == before);
    } else {
        assert_eq!(
            (
                documented("visible_item_at", result),
                item.known.id as usize
            ),
            (OK, line + 1)
        );
    }
    if known {
        let write = |out: *mut u8, capacity, len: *mut usize| {
            // SAFETY: locals.
            let result =
                unsafe { capi::frameseal_visible_json(&config, out.cast(), capacity, len) };
            documented("visible_json", result)
        };
        check_text(write, |text| text.starts_with('{') && text.ends_with('}'));
    }
}

/// The code of an epoch, whose short form begins the long one.
fn epoch_code(input: &mut Input<'_>) {
    let size = input.below(70);
    let authenticator = input.bytes(size);
    let code = |digits, capacity| {
        let (mut out, mut len) = ([0x5a_u8; 61], UNTOUCHED);
        let (data, size, to) = (authenticator.as_ptr(), authenticator.len(), &raw mut len);
        // SAFETY: locals, and the input.
        let result = unsafe {
            let out = out.as_mut_ptr().cast();
            capi::frameseal_verification_code_for_epoch(data, size, digits, out, capacity, to)
        };
        (documented("verification_code_for_epoch", result), out, len)
    };
    let untouched = [0x5a; 61];
    let long = capi::FRAMESEAL_LONG_CODE_DIGITS;
    if !(32..=64).contains(&authenticator.len()) {
        return assert_eq!(code(long, 61), (INVALID, untouched, UNTOUCHED));
    }
    assert_eq!(code(31, 61), (INVALID, untouched, UNTOUCHED));
    for capacity in [0, 60] {
        assert_eq!(code(long, capacity), (BUFFER_TOO_SMALL, untouched, 61));
    }
    let (result, long, len) = code(long, 61);
    assert_eq!((result, len, long[60]), (OK, 60, 0));
    assert!(long[..60].iter().all(u8::is_ascii_digit));
    let (result, short, len) = code(capi::FRAMESEAL_CODE_DIGITS, 31);
    assert_eq!((result, len, short[30], short[31]), (OK, 30, 0, 0x5a));
    assert_eq!(short[..30], long[..30]);
}

/// The code of a pair is the same from both sides, and the short one begins the long one.
fn code(input: &mut Input<'_>) {
    let (one, other) = (input.bytes(40), [7; 40]);
    let identity = |name: &'static [u8], key: &[u8]| capi::frameseal_identity {
        name: slice(name),
        public_key: slice(key),
    };
    let (one, other) = (identity(b"alice", one), identity(b"bob", &other));
    let code = |one: &capi::frameseal_identity, other: &capi::frameseal_identity, digits| {
        let (mut out, mut len) = ([0x5a_u8; 61], UNTOUCHED);
        // SAFETY: locals, and the input.
        let result = unsafe {
            let to = out.as_mut_ptr().cast();
            capi::frameseal_verification_code_for_pair(one, other, digits, to, 61, &raw mut len)
        };
        (documented("verification_code_for_pair", result), out, len)
    };
    let (result, long, len) = code(&one, &other, capi::FRAMESEAL_LONG_CODE_DIGITS);
    if one.public_key.len < 32 {
        return assert_eq!((result, long, len), (INVALID, [0x5a; 61], UNTOUCHED));
    }
    assert_eq!((result, len, long[60]), (OK, 60, 0));
    assert!(long[..60].iter().all(u8::is_ascii_digit));
    let (result, short, len) = code(&other, &one, capi::FRAMESEAL_CODE_DIGITS);
    assert_eq!((result, len, short[30], short[31]), (OK, 30, 0, 0x5a));
    assert_eq!(short[..30], long[..30]);
}

fn slice(bytes: &[u8]) -> capi::frameseal_slice {
    let (data, len) = (bytes.as_ptr(), bytes.len());
    capi::frameseal_slice { data, len }
}
