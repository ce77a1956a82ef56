//! Lists of members: their statuses, and who is in the newest epoch.

use std::ptr;

use super::capi::*;
use super::device::{Device, checked, new_status};

const INVALID: frameseal_result = FRAMESEAL_ERROR_INVALID_ARGUMENT;
const TOO_SMALL: frameseal_result = FRAMESEAL_ERROR_BUFFER_TOO_SMALL;
const STATUS: usize = size_of::<frameseal_member_status>();
const PRESENT: usize = size_of::<frameseal_present_member>();

const NO_STATUS: frameseal_member_status = frameseal_member_status {
    member: frameseal_member_id {
        group: 99,
        joined: 99,
        index: 99,
        kind: 99,
        number: 99,
    },
    level: 99,
    reason: 99,
};

/// What a function with a place for so many entries answered: all places, and the count.
fn filled<T: Copy>(
    none: T,
    capacity: usize,
    fill: impl FnOnce(*mut T, usize, *mut usize) -> frameseal_result,
) -> (frameseal_result, Vec<T>, usize) {
    let (mut entries, mut count) = (vec![none; capacity], 99);
    let result = fill(entries.as_mut_ptr(), capacity, &raw mut count);
    (result, entries, count)
}

fn statuses(
    call: &Device,
    now: u64,
    capacity: usize,
) -> (frameseal_result, Vec<frameseal_member_status>, usize) {
    filled(NO_STATUS, capacity, |entries, capacity, count| {
        let manager = call.manager;
        // SAFETY: a live handle, and room for so many entries and the count.
        unsafe { frameseal_epoch_manager_statuses(manager, now, entries, STATUS, capacity, count) }
    })
}

fn members(call: &Device) -> Result<Vec<(u32, Vec<u8>)>, frameseal_result> {
    let none = frameseal_present_member {
        member: NO_STATUS.member,
        identity: [0xee; FRAMESEAL_MAX_IDENTITY_LEN],
        identity_len: 99,
    };
    let (result, entries, count) = filled(none, 4, |entries, capacity, count| {
        // SAFETY: a live handle, and room for so many entries and the count.
        unsafe { frameseal_epoch_manager_members(call.manager, entries, PRESENT, capacity, count) }
    });
    checked(result, ())?;
    let told = entries.iter().take(count).map(|entry| {
        assert_eq!(Ok(entry.member), call.member_at(entry.member.index));
        let (identity, rest) = entry.identity.split_at(entry.identity_len);
        assert!(rest.iter().all(|byte| *byte == 0));
        (entry.member.index, identity.to_vec())
    });
    Ok(told.collect())
}

#[test]
fn statuses_are_those_of_everybody_who_was_heard() {
    let people = [0, 1, 2];
    let [alice, bob, carol] = people.map(|index| Device::in_call(index, &people));
    assert_eq!(statuses(&bob, 0, 0), (FRAMESEAL_OK, vec![], 0));
    for sender in [&alice, &carol] {
        let frame = sender.encrypt(5, b"hello").unwrap();
        bob.decrypt(5, &frame).unwrap();
    }
    for capacity in [0, 1] {
        let untouched = vec![NO_STATUS; capacity];
        assert_eq!(statuses(&bob, 5, capacity), (TOO_SMALL, untouched, 2));
    }
    for (now, level) in [
        (5, FRAMESEAL_STATUS_END_TO_END),
        (20_000, FRAMESEAL_STATUS_STALE),
    ] {
        let (result, told, count) = statuses(&bob, now, 3);
        assert_eq!((result, count, told[2]), (FRAMESEAL_OK, 2, NO_STATUS));
        let mut heard: Vec<_> = told[..2].iter().map(|entry| entry.member.index).collect();
        heard.sort_unstable();
        assert_eq!(heard, [0, 2]);
        for entry in &told[..2] {
            let alone = bob.status(now, &entry.member);
            assert_eq!((entry.level, entry.reason), (alone.level, alone.reason));
            assert_eq!(entry.level, level);
        }
    }
}

#[test]
fn members_are_those_of_the_newest_epoch_with_their_identities() {
    let bob = Device::new(1);
    assert_eq!(members(&bob), Ok(vec![]), "before the first epoch");
    let named = |people: &[(u32, &[u8])]| {
        let people = people.iter();
        Ok(people
            .map(|(index, name)| (*index, name.to_vec()))
            .collect())
    };
    assert_eq!(bob.add(0, 1, &[0, 1, 3]), FRAMESEAL_OK);
    let expected = named(&[(0, b"alice"), (1, b"bob"), (3, b"mallory")]);
    assert_eq!(members(&bob), expected);
    assert_eq!(bob.add(0, 2, &[0, 1, 2]), FRAMESEAL_OK);
    let expected = named(&[(0, b"alice"), (1, b"bob"), (2, b"carol")]);
    assert_eq!(members(&bob), expected, "also while the old epoch is live");
    assert_eq!(bob.add(0, 3, &[0, 1, 2, 3, 4]), FRAMESEAL_OK);
    assert_eq!(members(&bob), Err(TOO_SMALL));
}

#[test]
fn a_monitor_tells_all_its_members() {
    let mut monitor = ptr::null_mut();
    // SAFETY: a place for a handle, and then a live handle.
    let made = unsafe {
        let made = frameseal_monitor_new(FRAMESEAL_POLICY_STANDARD, 0, &raw mut monitor);
        let added = [7, 8].map(|member| frameseal_monitor_add_member(monitor, member));
        let seen = frameseal_monitor_observe(monitor, 5, 8, FRAMESEAL_OK, 0);
        [made, added[0], added[1], seen]
    };
    assert_eq!(made, [FRAMESEAL_OK; 4]);
    let statuses = |capacity| {
        filled(NO_STATUS, capacity, |entries, capacity, count| {
            // SAFETY: a live handle, and room for so many entries and the count.
            unsafe { frameseal_monitor_statuses(monitor, 5, entries, STATUS, capacity, count) }
        })
    };
    assert_eq!(statuses(1), (TOO_SMALL, vec![NO_STATUS], 2));
    let (result, mut told, count) = statuses(2);
    assert_eq!((result, count), (FRAMESEAL_OK, 2));
    told.sort_unstable_by_key(|entry| entry.member.number);
    for (entry, number) in told.iter().zip([7, 8]) {
        let mut alone = new_status();
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_monitor_status(monitor, 5, number, &raw mut alone) };
        assert_eq!(result, FRAMESEAL_OK);
        let member = (entry.member.kind, entry.member.number);
        assert_eq!(member, (FRAMESEAL_MEMBER_APPLICATION, number));
        assert_eq!((entry.level, entry.reason), (alone.level, alone.reason));
    }
    assert_eq!(told[0].level, FRAMESEAL_STATUS_UNKNOWN);
    assert_eq!(told[1].level, FRAMESEAL_STATUS_END_TO_END);
    // SAFETY: not used after this.
    unsafe { frameseal_monitor_free(monitor) };
}

#[test]
fn sizes_that_no_version_has_are_refused() {
    let bob = Device::in_call(1, &[0, 1]);
    for size in [0, STATUS - 8, STATUS + 1, 8192] {
        let (result, told, count) = filled(NO_STATUS, 1, |entries, capacity, count| {
            let manager = bob.manager;
            // SAFETY: a live handle, and nothing is written.
            unsafe { frameseal_epoch_manager_statuses(manager, 0, entries, size, capacity, count) }
        });
        assert_eq!((result, told, count), (INVALID, vec![NO_STATUS], 99));
    }
}
