//! Configurations and updates that cannot be right are refused, and nothing has changed then.

use std::ptr;

use super::capi::*;
use super::device::*;
use super::support::GCM;

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;

fn make(config: *const frameseal_epoch_config) -> frameseal_result {
    let mut manager = ptr::null_mut();
    // SAFETY: a configuration, or what must be refused, and a place for a handle.
    let result = unsafe { frameseal_epoch_manager_new(config, &raw mut manager) };
    assert_eq!(manager.is_null(), result != FRAMESEAL_OK);
    // SAFETY: NULL, or not used any more.
    unsafe { frameseal_epoch_manager_free(manager) };
    result
}

fn made_with(change: impl FnOnce(&mut frameseal_epoch_config)) -> frameseal_result {
    let mut config = config();
    change(&mut config);
    make(&config)
}

#[test]
fn the_defaults_are_taken_and_an_empty_configuration_is_not() {
    for suite in 1..=8 {
        let standard = config_for(suite, FRAMESEAL_POLICY_STANDARD).unwrap();
        assert_eq!(make(&standard), FRAMESEAL_OK);
        let short_tag = [2, 3, 7, 8].contains(&suite);
        match config_for(suite, FRAMESEAL_POLICY_STRICT) {
            Ok(strict) => {
                assert!(!short_tag);
                assert_eq!(
                    (make(&strict), strict.removal_overlap_ms),
                    (FRAMESEAL_OK, 0)
                );
            }
            Err(error) => assert!(short_tag && error == INVALID),
        }
    }
    assert_eq!(config_for(0, 1).map(|_| ()), Err(INVALID));
    assert_eq!(config_for(9, 1).map(|_| ()), Err(INVALID));
    assert_eq!(config_for(GCM, 0).map(|_| ()), Err(INVALID));
    assert_eq!(config_for(GCM, 3).map(|_| ()), Err(INVALID));
    assert_eq!(make(ptr::null()), INVALID);
    // SAFETY: integers only, for which zero is valid.
    let mut empty: frameseal_epoch_config = unsafe { std::mem::zeroed() };
    empty.struct_size = size_of::<frameseal_epoch_config>();
    assert_eq!(make(&empty), INVALID);
}

#[test]
fn numbers_that_do_not_exist_and_contradictions_are_refused() {
    let changes: &[&dyn Fn(&mut frameseal_epoch_config)] = &[
        &|c| c.struct_size -= 1,
        &|c| c.struct_size = 4097,
        &|c| c.suite = 9,
        &|c| c.epoch_bits = 0,
        &|c| c.epoch_bits = 17,
        &|c| c.index_bits = 33,
        &|c| c.flags = 16,
        &|c| c.policy = 3,
        &|c| c.policy = FRAMESEAL_POLICY_STRICT, // with the overlap of the other
        &|c| c.send_switch = 0,
        &|c| c.send_switch = 5,
        &|c| c.own_contexts_start = 16,
        &|c| c.own_contexts_start = 17,
        &|c| c.own_contexts_end = (1 << 40) + 1,
        &|c| c.streams_per_member = u64::MAX,
        &|c| c.replay_window = FRAMESEAL_MAX_REPLAY_WINDOW + 1,
        &|c| (c.flags, c.replay_window) = (FRAMESEAL_REPLAY_PROTECTION_OFF, 64),
        &|c| c.max_epochs = 0,
        &|c| c.max_cached_keys = 0,
        &|c| c.backend = 4,
    ];
    for (at, change) in changes.iter().enumerate() {
        assert_eq!(made_with(change), INVALID, "change {at}");
    }
    assert_eq!(made_with(|c| c.own_contexts_end = 1 << 40), FRAMESEAL_OK);
    let times = |c: &mut frameseal_epoch_config| {
        (c.send_by_ms, c.retire_after_ms) = (u64::MAX, u64::MAX);
        (c.stale_after_ms, c.removal_overlap_ms) = (0, u64::MAX);
    };
    assert_eq!(made_with(times), FRAMESEAL_OK);
}

#[test]
fn the_configuration_of_a_newer_program_is_filled_and_taken_as_far_as_it_is_known() {
    #[repr(C)]
    struct Newer {
        known: frameseal_epoch_config,
        added: [u64; 2],
        behind: u64,
    }
    let mut newer = Newer {
        known: config(),
        added: [u64::MAX; 2],
        behind: u64::MAX,
    };
    let size = size_of::<frameseal_epoch_config>() + 16;
    let place: *mut frameseal_epoch_config = (&raw mut newer).cast();
    // SAFETY: a place of that size.
    let result =
        unsafe { frameseal_epoch_config_init(place, size, GCM, FRAMESEAL_POLICY_STANDARD) };
    assert_eq!(result, FRAMESEAL_OK);
    assert_eq!((newer.added, newer.behind), ([0; 2], u64::MAX));
    assert_eq!(newer.known.struct_size, size);
    assert_eq!(make((&raw const newer).cast()), FRAMESEAL_OK);
    newer.added[1] = 1;
    assert_eq!(make((&raw const newer).cast()), INVALID, "we cannot do it");

    for size in [0, 8, size_of::<frameseal_epoch_config>() - 1, 4097] {
        newer.known.max_epochs = 77;
        let place: *mut frameseal_epoch_config = (&raw mut newer).cast();
        // SAFETY: the size must be refused.
        let result = unsafe { frameseal_epoch_config_init(place, size, GCM, 1) };
        assert_eq!((result, newer.known.max_epochs), (INVALID, 77));
    }
}

#[test]
fn updates_that_cannot_be_right_change_nothing() {
    let alice = Device::in_call(0, &[0, 1]);
    alice.events(0);
    let long = [1; 33];
    let people = [0, 2, 3];
    let member = |index, identity_len| frameseal_member {
        index,
        identity: long.as_ptr(),
        identity_len,
    };
    let unordered = [member(0, 5), member(3, 5), member(2, 5)];
    let beyond = [member(0, 5), member(4, 5)];
    let long_name = [member(0, 5), member(1, 33)];
    let huge_name = [member(0, 5), member(1, usize::MAX)];
    let mut no_name = [member(0, 5), member(1, 1)];
    no_name[1].identity = ptr::null();
    let without_us = [member(1, 5), member(2, 5)];
    let lists = [
        &unordered[..],
        &beyond,
        &long_name,
        &huge_name,
        &no_name,
        &without_us,
    ];
    for (at, list) in lists.into_iter().enumerate() {
        let result = alice.add_with(1, 2, &people, |update| {
            update.members = list.as_ptr();
            update.member_count = list.len();
        });
        assert_eq!(result, INVALID, "list {at}");
    }
    let changes: &[&dyn Fn(&mut frameseal_epoch_update)] = &[
        &|u| u.struct_size -= 1,
        &|u| u.struct_size = 4097,
        &|u| u.base_key = ptr::null(),
        &|u| u.base_key_len = 0,
        &|u| u.base_key_len = 15,
        &|u| u.base_key_len = usize::MAX,
        &|u| u.members = ptr::null(),
        &|u| u.members = u.members.wrapping_byte_add(1),
        &|u| u.member_count = usize::MAX,
        &|u| (u.member_count, u.leaf_count) = (usize::MAX / 2, u32::MAX),
        &|u| u.leaf_count = 3,
        &|u| u.leaf_count = (1 << 16) + 1,
        &|u| u.own_index = 1,
    ];
    for (at, change) in changes.iter().enumerate() {
        assert_eq!(
            alice.add_with(1, 2, &people, change),
            INVALID,
            "change {at}"
        );
    }
    assert!(alice.events(1).is_empty());
    assert_eq!(alice.sending_epoch(), Ok(1));
    assert_eq!(alice.add(1, 2, &people), FRAMESEAL_OK, "and the right one");
}

#[test]
fn a_member_without_a_name_is_refused_and_an_update_without_members_is_for_a_receiver() {
    let watcher = Device::new(FRAMESEAL_RECEIVE_ONLY);
    let empty = watcher.add_with(0, 1, &[0], |update| {
        update.members = ptr::null();
        update.member_count = 0;
    });
    assert_eq!(empty, FRAMESEAL_OK);
    let nameless = frameseal_member {
        index: 0,
        identity: ptr::null(),
        identity_len: 0,
    };
    let result = watcher.add_with(0, 2, &[0], |update| update.members = &raw const nameless);
    assert_eq!(result, INVALID);
    assert!(watcher.member_at(0).is_err());
}

#[test]
fn answers_are_written_only_on_success() {
    let alice = Device::in_call(0, &[0, 1]);
    let mut bob = alice.member_at(1).unwrap();
    let (mut status, mut stats) = (new_status(), new_stats());
    status.struct_size -= 1;
    stats.struct_size = 0;
    // SAFETY: live handles; what is not valid is what must be refused.
    unsafe {
        let result =
            frameseal_epoch_manager_status(alice.manager, 0, &raw const bob, &raw mut status);
        assert_eq!((result, status.level), (INVALID, u32::MAX));
        let result = frameseal_epoch_manager_room_status(alice.manager, 0, &raw mut status);
        assert_eq!((result, status.level), (INVALID, u32::MAX));
        let result =
            frameseal_epoch_manager_member_stats(alice.manager, &raw const bob, &raw mut stats);
        assert_eq!((result, stats.opened), (INVALID, u64::MAX));
        let result =
            frameseal_epoch_manager_epoch_stats(alice.manager, &raw const ID, &raw mut stats);
        assert_eq!((result, stats.opened), (INVALID, u64::MAX));
    }
    for kind in [FRAMESEAL_MEMBER_NONE, FRAMESEAL_MEMBER_APPLICATION, 77] {
        bob.kind = kind;
        let mut status = new_status();
        // SAFETY: a live handle; what names no leaf must be refused.
        let result = unsafe {
            frameseal_epoch_manager_status(alice.manager, 0, &raw const bob, &raw mut status)
        };
        assert_eq!((result, status.level), (INVALID, u32::MAX));
    }
    let words = [0u64; 2];
    let mut word = 5;
    let inside = (&raw mut word).cast();
    // SAFETY: places that overlap must be refused.
    let result =
        unsafe { frameseal_epoch_manager_next_deadline(alice.manager, inside, &raw mut word) };
    assert_eq!((result, word), (INVALID, 5));
    let crooked = words.as_ptr().wrapping_byte_add(1).cast();
    // SAFETY: a misaligned epoch must be refused.
    let result = unsafe { frameseal_epoch_manager_activate(alice.manager, 0, crooked) };
    assert_eq!(result, INVALID);
    for kind in [0, 3] {
        assert_eq!(alice.open_stream(kind), Err(INVALID));
    }
}

static ID: frameseal_epoch_id = frameseal_epoch_id {
    group: GROUP,
    epoch: 1,
};
