//! A child may free its copies of handles whatever another thread was doing when the process forked:
//! also half way through a change, when an entry of a table is in it twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::capi::*;
use super::device::{Device, config};
use super::forking::in_a_child_that_may_die;
use super::participant::{BITS, Participant};
use super::support::{BASE_KEY, GCM, Receiver, Sender};

/// Entries, so that changing the first of them moves many.
const MANY: u32 = 4_000;

/// Forks so often while another thread makes changes, and frees in the child. Which child died, or
/// waited until its alarm.
fn first_that_dies(children: usize, change: impl Fn(u32) + Sync, free: impl Fn()) -> Option<usize> {
    let (begun, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            for time in (1..).take_while(|_| !stop.load(Ordering::Relaxed)) {
                change(time);
                begun.store(true, Ordering::Relaxed);
            }
        });
        while !begun.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        let dies = |_: &usize| {
            let ended = in_a_child_that_may_die(|| {
                // SAFETY: ends the child if it waits for ever.
                unsafe { libc::alarm(10) };
                free();
                FRAMESEAL_OK
            });
            ended != Some(FRAMESEAL_OK)
        };
        let first = (0..children).find(dies);
        stop.store(true, Ordering::Relaxed);
        first
    })
}

#[test]
fn sender_keys_whose_members_come_and_go() {
    let keys = Participant::new();
    for member in 0..MANY {
        let added = keys.add_member(100 + u64::from(member), BITS, 0, 0, &BASE_KEY);
        assert_eq!(added, FRAMESEAL_OK);
    }
    let come_and_go = |_| {
        assert_eq!(keys.add_member(1, BITS, 0, 0, &BASE_KEY), FRAMESEAL_OK);
        // SAFETY: a live handle.
        let removed = unsafe { frameseal_sender_keys_remove_member(keys.handle(), 1) };
        assert_eq!(removed, FRAMESEAL_OK);
    };
    // SAFETY: the child's copy, not used after this.
    let free = || unsafe { frameseal_sender_keys_free(keys.0) };
    assert_eq!(first_that_dies(60, come_and_go, free), None);
}

#[test]
fn an_encryptor_whose_keys_come() {
    let sender = Sender::new(GCM);
    for key_id in 0..MANY {
        assert_eq!(sender.add_key(u64::from(key_id) << 32, &BASE_KEY), 0);
    }
    let come = |time: u32| {
        let key_id = u64::from(u32::MAX - time);
        assert_eq!(sender.add_key(key_id, &BASE_KEY), FRAMESEAL_OK);
    };
    // SAFETY: the child's copy, not used after this.
    let free = || unsafe { frameseal_encryptor_free(sender.0) };
    assert_eq!(first_that_dies(60, come, free), None);
}

#[test]
fn a_decryptor_whose_keys_come_and_go() {
    const KEYS: u64 = 200;
    let receiver = Receiver::new(GCM);
    let add = |key_id| assert_eq!(receiver.add_key(key_id, &BASE_KEY), FRAMESEAL_OK);
    (0..KEYS).for_each(add);
    let go_and_come = |_| {
        for key_id in 0..KEYS {
            // SAFETY: a live handle.
            let forgotten = unsafe { frameseal_decryptor_forget_key(receiver.handle(), key_id) };
            assert_eq!(forgotten, FRAMESEAL_OK);
        }
        (0..KEYS).for_each(add);
    };
    // SAFETY: the child's copy, not used after this.
    let free = || unsafe { frameseal_decryptor_free(receiver.0) };
    // Its keys are in a tree, where a change takes less long than to move many entries.
    assert_eq!(first_that_dies(300, go_and_come, free), None);
}

#[test]
fn a_call_whose_senders_are_prepared() {
    let mut config = config();
    config.max_cached_keys = MANY;
    let people: Vec<_> = (0..MANY).collect();
    let alice = Device::with_config(0, &config);
    // From the last member on, so that each comes before all others; then in a new epoch.
    let prepare = |time: u32| {
        let index = MANY - 1 - (time - 1) % (MANY - 1);
        if index == MANY - 1 {
            let epoch = u64::from(time / (MANY - 1)) + 1;
            assert_eq!(alice.add(0, epoch, &people), FRAMESEAL_OK);
        }
        // SAFETY: a live handle.
        let prepared = unsafe { frameseal_epoch_manager_prepare(alice.handle(), 0, index, 0) };
        assert_eq!(prepared, FRAMESEAL_OK);
    };
    // SAFETY: the child's copies, not used after this.
    let free = || unsafe {
        frameseal_stream_close(alice.stream);
        frameseal_receiver_close(alice.receiver);
        frameseal_epoch_manager_free(alice.manager);
    };
    assert_eq!(first_that_dies(60, prepare, free), None);
}
