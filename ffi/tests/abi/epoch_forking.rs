//! After `fork`, nothing of a call works in the child, and nothing of it hangs.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::capi::*;
use super::device::*;
use super::forking::{in_a_child, in_a_child_that_may_die};

fn code<T>(result: Result<T, frameseal_result>) -> frameseal_result {
    result.map_or_else(|error| error, |_| FRAMESEAL_OK)
}

#[test]
fn a_copied_call_refuses_in_the_child_and_goes_on_in_the_parent() {
    let (alice, bob) = (Device::in_call(0, &[0, 1]), Device::in_call(1, &[0, 1]));
    let frame = bob.encrypt(0, b"frame").unwrap();
    alice.encrypt(0, b"frame").unwrap();
    let member = alice.member_at(1).unwrap();
    let (manager, stream, receiver) = (alice.manager, alice.stream, alice.receiver);
    let forked = FRAMESEAL_ERROR_FORKED;
    let (mut status, mut stats, mut event) = (new_status(), new_stats(), no_event());
    let (mut len, mut number, mut pending, mut plain) = (0, 0, false, 0);
    let mut fresh = ptr::null_mut();
    // Everything that takes a handle, one after the other.
    // SAFETY: live handles, and places for the answers.
    let all = || unsafe {
        let refused = [
            code(alice.encrypt(0, b"frame")),
            code(alice.decrypt(0, &frame)),
            code(alice.open_stream(FRAMESEAL_STREAM_INDEPENDENT)),
            code(alice.member_at(1)),
            code(alice.sending_epoch()),
            code(alice.epoch_stats(1)),
            alice.add(0, 2, &[0, 1]),
            alice.peer_ready(0, 1, 1),
            alice.activate(0, 1),
            frameseal_receiver_open(manager, &raw mut fresh),
            frameseal_receiver_payload_len(receiver, frame.as_ptr(), frame.len(), &raw mut len),
            frameseal_stream_context(stream, &raw mut number),
            frameseal_stream_mark_key_frame(stream),
            frameseal_stream_prepare(stream, 0),
            frameseal_stream_sealed_len(stream, 0, 5, &raw mut len),
            frameseal_epoch_manager_prepare(manager, 0, 1, 0),
            frameseal_epoch_manager_force_rekey(manager),
            frameseal_epoch_manager_status(manager, 0, &raw const member, &raw mut status),
            frameseal_epoch_manager_room_status(manager, 0, &raw mut status),
            frameseal_epoch_manager_member_stats(manager, &raw const member, &raw mut stats),
            frameseal_epoch_manager_set_verified(manager, &raw const member, true),
            frameseal_epoch_manager_set_epoch_verified(manager, &raw const ID),
            frameseal_epoch_manager_poll_event(manager, 0, &raw mut event),
            frameseal_epoch_manager_statuses(manager, 0, ptr::null_mut(), 40, 0, &raw mut len),
            frameseal_epoch_manager_members(manager, ptr::null_mut(), 72, 0, &raw mut len),
            frameseal_epoch_manager_next_deadline(manager, &raw mut pending, &raw mut number),
            frameseal_epoch_manager_allow_passthrough(manager, 0, &raw const member, 1),
            frameseal_epoch_manager_end_passthrough(manager, &raw const member),
            frameseal_epoch_manager_downgrade(manager, &raw const member),
            frameseal_epoch_manager_pass(
                manager,
                0,
                &raw const member,
                ptr::null(),
                0,
                ptr::null(),
                0,
                &raw mut plain,
            ),
            frameseal_epoch_manager_allow_sending_in_the_clear(manager, 0, 1),
            frameseal_epoch_manager_downgrade_sending(manager),
            frameseal_epoch_manager_send_in_the_clear(manager, 0),
        ];
        match refused.iter().position(|result| *result != forked) {
            None => forked,
            Some(at) => 100 + i32::try_from(at).unwrap_or(99),
        }
    };
    assert_eq!(in_a_child(all), forked, "100 and more: which one did not");
    assert_eq!(peek(&alice.encrypt(0, b"frame").unwrap()).1, 1);
    assert!(alice.decrypt(0, &frame).is_ok());

    let new_one = || {
        let mine = Device::in_call(2, &[0, 1, 2]);
        code(mine.encrypt(0, b"frame"))
    };
    assert_eq!(in_a_child(new_one), FRAMESEAL_OK, "a new call works");
}

static ID: frameseal_epoch_id = frameseal_epoch_id {
    group: GROUP,
    epoch: 1,
};

/// Another thread holds the locks of the call most of the time, so in some child they are held for
/// ever.
#[test]
fn the_handles_of_a_copied_call_can_be_freed_in_the_child() {
    let alice = Device::in_call(0, &[0, 1]);
    let stop = AtomicBool::new(false);
    let died = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                alice.room_status(0);
            }
        });
        let died = (0..100).find(|_| freed_in_a_child(&alice) != Some(FRAMESEAL_OK));
        stop.store(true, Ordering::Relaxed);
        died
    });
    assert_eq!(died, None, "no child hangs");
}

/// What the child ends with, unless it is ended by its alarm because a call in it waits.
fn freed_in_a_child(alice: &Device) -> Option<frameseal_result> {
    in_a_child_that_may_die(|| {
        // SAFETY: the child's copies, not used after this.
        unsafe {
            libc::alarm(10);
            frameseal_stream_close(alice.stream);
            frameseal_receiver_close(alice.receiver);
            frameseal_epoch_manager_free(alice.manager);
        }
        FRAMESEAL_OK
    })
}

/// Threads that begin and end take locks of the process for a moment, if a library has such locks; a
/// child that is made in that moment waits for them without end.
#[test]
fn a_child_has_calls_of_its_own_while_threads_of_its_parent_come_and_go() {
    let alice = Device::in_call(0, &[0, 1]);
    let stop = AtomicBool::new(false);
    let died = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    thread::scope(|short| {
                        for _ in 0..8 {
                            short.spawn(|| next_deadline(&alice));
                        }
                    });
                }
            });
        }
        // From a thread that has called nothing yet, so that all of it is new to the child as well.
        let in_a_new_thread = || thread::spawn(called_in_a_child).join().ok().flatten();
        let died = (0..500).find(|_| in_a_new_thread() != Some(FRAMESEAL_OK));
        stop.store(true, Ordering::Relaxed);
        died
    });
    assert_eq!(died, None, "no child hangs");
}

fn called_in_a_child() -> Option<frameseal_result> {
    in_a_child_that_may_die(|| {
        // SAFETY: it ends the child alone.
        unsafe { libc::alarm(10) };
        let mine = Device::in_call(1, &[0, 1]);
        match next_deadline(&mine) {
            FRAMESEAL_OK => code(mine.encrypt(0, b"frame")),
            other => other,
        }
    })
}

fn next_deadline(device: &Device) -> frameseal_result {
    let (mut pending, mut at) = (false, 0);
    // SAFETY: a live handle, and places for the answers.
    unsafe { frameseal_epoch_manager_next_deadline(device.manager, &raw mut pending, &raw mut at) }
}
