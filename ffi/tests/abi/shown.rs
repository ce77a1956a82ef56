//! What a product and a server can show without a key: codes, inspections, the inventory.

use std::ffi::{CStr, c_char};
use std::ptr;

use frameseal_core::{CipherSuite, Keying, KidLayout, VisibleConfig, VisibleMetadata};

use super::capi::*;
use super::device::{Device, checked};
use super::participant::Participant;
use super::support::*;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;

/// Calls what writes text, with room for exactly so many bytes.
fn text(
    room: usize,
    call: impl FnOnce(*mut c_char, usize, *mut usize) -> frameseal_result,
) -> Result<String, (i32, usize)> {
    let (mut out, mut len) = (vec![0xaa_u8; room], 99);
    let result = call(out.as_mut_ptr().cast(), room, &raw mut len);
    if result != FRAMESEAL_OK {
        assert!(out.iter().all(|byte| *byte == 0xaa));
        return Err((result, len));
    }
    let text = CStr::from_bytes_until_nul(&out).unwrap().to_str().unwrap();
    assert_eq!(text.len(), len);
    Ok(text.to_owned())
}

fn party(name: &'static [u8], key: &'static [u8]) -> frameseal_identity {
    let slice = |bytes: &'static [u8]| frameseal_slice {
        data: bytes.as_ptr(),
        len: bytes.len(),
    };
    frameseal_identity {
        name: slice(name),
        public_key: slice(key),
    }
}

fn pair_code(
    one: &frameseal_identity,
    other: &frameseal_identity,
    digits: u32,
    room: usize,
) -> Result<String, (i32, usize)> {
    text(room, |out, capacity, len| {
        // SAFETY: identities, a buffer and a place for the length.
        unsafe { frameseal_verification_code_for_pair(one, other, digits, out, capacity, len) }
    })
}

#[test]
fn both_sides_of_a_pair_show_the_same_digits() {
    let alice = party(b"alice", &[0xa1; 32]);
    let bob = party(b"bob", &[0xb0; 32]);
    let here = pair_code(&alice, &bob, 30, 31).unwrap();
    assert_eq!(here, "621535217984106416844229030386");
    assert_eq!(pair_code(&bob, &alice, 30, 64), Ok(here.clone()));
    let long = pair_code(&alice, &bob, 60, 61).unwrap();
    assert!(long.len() == 60 && long.starts_with(&here));
    let small = (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, 31);
    assert_eq!(pair_code(&alice, &bob, 30, 30), Err(small));
    for wrong in [party(b"", &[1; 32]), party(b"x", &[1; 31]), alice] {
        assert_eq!(pair_code(&alice, &wrong, 30, 64), Err((INVALID, 99)));
    }
    assert_eq!(pair_code(&alice, &bob, 31, 64), Err((INVALID, 99)));
}

#[test]
fn the_code_of_an_epoch_is_that_of_its_authenticator() {
    let code = |authenticator: &[u8], digits, room| {
        text(room, |out, capacity, len| {
            let (bytes, bytes_len) = (authenticator.as_ptr(), authenticator.len());
            // SAFETY: a slice, a buffer and a place for the length.
            unsafe {
                frameseal_verification_code_for_epoch(bytes, bytes_len, digits, out, capacity, len)
            }
        })
    };
    let one = code(&[1; 32], 30, 31).unwrap();
    assert!(one.bytes().all(|byte| byte.is_ascii_digit()));
    assert_ne!(code(&[2; 32], 30, 31), Ok(one.clone()));
    assert!(code(&[1; 32], 60, 61).unwrap().starts_with(&one));
    for len in [0, 31, 65] {
        assert_eq!(code(&vec![1; len], 30, 31), Err((INVALID, 99)));
    }
}

fn unknown_call(keying: u32) -> frameseal_inspector {
    frameseal_inspector {
        struct_size: size_of::<frameseal_inspector>(),
        contexts: 0,
        leaves: 0,
        keying,
        suite: 0,
        ratchet_bits: 0,
        epoch_bits: 0,
        index_bits: 0,
    }
}

fn inspect(call: &frameseal_inspector, sealed: &[u8]) -> Result<frameseal_inspection, i32> {
    let mut seen = frameseal_inspection {
        struct_size: size_of::<frameseal_inspection>(),
        key_id: 99,
        counter: 99,
        generation: 99,
        step_bits: 99,
        context: 99,
        epoch_bits: 99,
        index: 99,
        verdict: 99,
        header_len: 99,
        sealed_len: 99,
        payload_len: 99,
    };
    // SAFETY: structures that say their sizes, and a slice.
    let result = unsafe { frameseal_inspect(call, sealed.as_ptr(), sealed.len(), &raw mut seen) };
    assert!(result == FRAMESEAL_OK || seen.verdict == 99);
    checked(result, seen)
}

#[test]
fn a_server_reads_what_the_header_says_in_each_keying() {
    let frame = Sender::with_key(GCM, 0x123).encrypt(b"", b"frame").unwrap();
    let mut call = unknown_call(FRAMESEAL_KEYING_PLAIN);
    let seen = inspect(&call, &frame).unwrap();
    assert_eq!((seen.verdict, seen.key_id, seen.counter), (1, 0x123, 0));
    assert_eq!(
        (seen.header_len, seen.sealed_len, seen.payload_len),
        (3, frame.len(), 0)
    );
    call.suite = GCM;
    assert_eq!(inspect(&call, &frame).unwrap().payload_len, 5);
    let short = inspect(&call, &frame[..10]).unwrap();
    assert_eq!((short.verdict, short.key_id), (FRAMESEAL_VERDICT_SYNTAX, 0));

    let alice = Participant::sending(&BASE_KEY);
    assert_eq!(
        (alice.roll(3, &[2; 16]), alice.ratchet()),
        (FRAMESEAL_OK, FRAMESEAL_OK)
    );
    let mut call = unknown_call(FRAMESEAL_KEYING_SENDER_KEYS);
    call.ratchet_bits = 8;
    let seen = inspect(&call, &alice.encrypt(b"x").unwrap()).unwrap();
    assert_eq!((seen.generation, seen.step_bits, seen.index), (3, 1, 0));

    let device = Device::in_call(5, &[0, 5]);
    let frame = device.encrypt(0, b"x").unwrap();
    let mut call = unknown_call(FRAMESEAL_KEYING_MLS);
    (call.epoch_bits, call.index_bits) = (8, 16);
    let seen = inspect(&call, &frame).unwrap();
    assert_eq!((seen.index, seen.epoch_bits, seen.context), (5, 1, 0));
    call.leaves = 5;
    let verdict = inspect(&call, &frame).unwrap().verdict;
    assert_eq!(verdict, FRAMESEAL_VERDICT_NO_SUCH_LEAF);
    (call.leaves, call.contexts) = (6, 1);
    assert_eq!(
        inspect(&call, &frame).unwrap().verdict,
        FRAMESEAL_VERDICT_POSSIBLE
    );
    // Context 1 of the leaf in epoch 1.
    let other = [0xb0, 0x01, 0x00, 0x05, 0x01, 0xee];
    let verdict = inspect(&call, &other).unwrap().verdict;
    assert_eq!(verdict, FRAMESEAL_VERDICT_NO_SUCH_CONTEXT);
}

#[test]
fn what_is_known_of_a_call_must_fit_together() {
    let changes: &[&dyn Fn(&mut frameseal_inspector)] = &[
        &|c| c.struct_size -= 1,
        &|c| c.keying = 0,
        &|c| c.keying = 4,
        &|c| c.suite = 9,
        &|c| c.ratchet_bits = 1,
        &|c| c.epoch_bits = 1,
        &|c| c.index_bits = 1,
        &|c| c.keying = FRAMESEAL_KEYING_MLS,
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut call = unknown_call(FRAMESEAL_KEYING_PLAIN);
        change(&mut call);
        let seen = inspect(&call, &[0; 40]).map(|_| ());
        assert_eq!(seen, Err(INVALID), "change {at}");
    }
}

fn visible_config() -> frameseal_visible_config {
    frameseal_visible_config {
        struct_size: size_of::<frameseal_visible_config>(),
        clear_bytes: 10,
        passthrough_senders: 0,
        keying: FRAMESEAL_KEYING_MLS,
        suite: GCM,
        ratchet_bits: 0,
        epoch_bits: 8,
        index_bits: 16,
    }
}

fn line(config: &frameseal_visible_config, at: usize) -> Result<frameseal_visible_item, i32> {
    let mut item = frameseal_visible_item {
        struct_size: size_of::<frameseal_visible_item>(),
        name: ptr::null(),
        text: ptr::null(),
        amount: 99,
        id: 99,
        visible: 99,
        has_amount: 99,
    };
    // SAFETY: structures that say their sizes.
    let result = unsafe { frameseal_visible_item_at(config, at, &raw mut item) };
    assert!(result == FRAMESEAL_OK || item.id == 99);
    checked(result, item)
}

#[test]
fn the_inventory_is_that_of_the_core_line_by_line_and_as_json() {
    let layout = Keying::Mls(KidLayout::STANDARD);
    let core = VisibleConfig::new(CipherSuite::Aes128GcmSha256_128, layout).with_clear_bytes(10);
    let core = VisibleMetadata::new(core);
    let config = visible_config();
    assert_eq!(frameseal_visible_item_count(), core.items().count());
    for (at, expected) in core.items().enumerate() {
        let item = line(&config, at).unwrap();
        // SAFETY: static texts, as the header says.
        let [name, text] = [item.name, item.text].map(|text| unsafe { CStr::from_ptr(text) });
        assert_eq!(name.to_str(), Ok(expected.id.name()));
        assert_eq!(text.to_str(), Ok(expected.text));
        assert_eq!(item.visible == 1, expected.visible);
        let amount = (item.has_amount == 1).then_some(item.amount);
        assert_eq!(amount, expected.amount);
        assert_eq!(usize::try_from(item.id), Ok(at + 1));
    }
    assert_eq!(line(&config, 15).map(|_| ()), Err(INVALID));

    let json = |room| {
        text(room, |out, capacity, len| {
            // SAFETY: a structure that says its size, a buffer and a place for the length.
            unsafe { frameseal_visible_json(&raw const config, out, capacity, len) }
        })
    };
    let expected = core.to_json();
    let needed = expected.len() + 1;
    assert_eq!(json(0), Err((FRAMESEAL_ERROR_BUFFER_TOO_SMALL, needed)));
    assert_eq!(
        json(needed - 1),
        Err((FRAMESEAL_ERROR_BUFFER_TOO_SMALL, needed))
    );
    assert_eq!(json(needed), Ok(expected));
}

#[test]
fn configurations_that_cannot_be_right_are_refused() {
    let changes: &[&dyn Fn(&mut frameseal_visible_config)] = &[
        &|c| c.struct_size -= 1,
        &|c| c.keying = 0,
        &|c| c.suite = 0,
        &|c| c.epoch_bits = 0,
        &|c| c.ratchet_bits = 8,
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut config = visible_config();
        change(&mut config);
        assert_eq!(line(&config, 0).map(|_| ()), Err(INVALID), "change {at}");
        let json = text(4096, |out, capacity, len| {
            // SAFETY: a structure that says its size, a buffer and a place for the length.
            unsafe { frameseal_visible_json(&raw const config, out, capacity, len) }
        });
        assert_eq!(json, Err((INVALID, 99)), "change {at}");
    }
}

#[test]
fn a_manager_fills_in_what_decides() {
    let device = Device::in_call(0, &[0, 1]);
    let member = device.member_at(1).unwrap();
    // SAFETY: a live handle and a member.
    let allowed = unsafe {
        frameseal_epoch_manager_allow_passthrough(device.manager, 0, &raw const member, 1000)
    };
    assert_eq!(allowed, FRAMESEAL_OK);
    let mut config = visible_config();
    (config.keying, config.suite, config.epoch_bits) = (0, 0, 0);
    // SAFETY: a live handle and a structure that says its size.
    let fill = |now, config: &mut frameseal_visible_config| unsafe {
        frameseal_epoch_manager_visible_config(device.manager, now, config)
    };
    assert_eq!(fill(0, &mut config), FRAMESEAL_OK);
    assert_eq!((config.keying, config.suite), (FRAMESEAL_KEYING_MLS, GCM));
    assert_eq!((config.epoch_bits, config.index_bits), (8, 16));
    assert_eq!((config.passthrough_senders, config.clear_bytes), (1, 10));
    assert_eq!(fill(1000, &mut config), FRAMESEAL_OK);
    assert_eq!(config.passthrough_senders, 0);
    config.struct_size = 3;
    assert_eq!(fill(0, &mut config), INVALID);
}
