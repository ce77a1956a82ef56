//! After `fork`, a copied encryptor seals nothing: its parent goes on with the same counters.

use std::ptr;
#[cfg(target_os = "linux")]
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::capi::*;
use super::support::*;

/// Runs `body` in a child process; the number that it returned.
pub(crate) fn in_a_child(body: impl FnOnce() -> frameseal_result) -> frameseal_result {
    in_a_child_that_may_die(body).expect("the child died")
}

/// The same; `None` when the child was ended by a signal.
pub(crate) fn in_a_child_that_may_die(
    body: impl FnOnce() -> frameseal_result,
) -> Option<frameseal_result> {
    // SAFETY: the child only runs `body`, which takes no lock that another thread could hold but
    // the allocator's, and that one the C library takes care of; then it ends.
    match unsafe { libc::fork() } {
        0 => {
            let answer = body();
            // SAFETY: ends the child without running anything else.
            unsafe { libc::_exit(answer) }
        }
        child => waited_for(child),
    }
}

/// The number that a child ends with.
fn waited_for(child: libc::pid_t) -> Option<frameseal_result> {
    assert!(child > 0, "no child was made");
    let mut status = 0;
    // SAFETY: our own child and a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    libc::WIFEXITED(status).then_some(libc::WEXITSTATUS(status))
}

fn code<T>(result: Result<T, frameseal_result>) -> frameseal_result {
    result.map_or_else(|error| error, |_| FRAMESEAL_OK)
}

#[test]
fn a_copied_encryptor_refuses_in_the_child_and_goes_on_in_the_parent() {
    let sender = Sender::with_key(GCM, 7);
    sender.encrypt(b"", b"frame").unwrap();
    let forked = FRAMESEAL_ERROR_FORKED;
    assert_eq!(in_a_child(|| code(sender.encrypt(b"", b"frame"))), forked);
    let in_place = || {
        let (mut buffer, mut at, mut len) = ([0; 64], 0, 0);
        // SAFETY: a live handle, a buffer, and places for the answers.
        unsafe {
            frameseal_encryptor_encrypt_in_place(
                sender.0,
                ptr::null(),
                0,
                buffer.as_mut_ptr(),
                64,
                20,
                10,
                &raw mut at,
                &raw mut len,
            )
        }
    };
    assert_eq!(in_a_child(in_place), forked);
    let mut answer = 0;
    // SAFETY: a live handle and a place for the answer.
    let reserve = || unsafe { frameseal_encryptor_reserve(sender.0, 7, 5, &raw mut answer) };
    assert_eq!(in_a_child(reserve), forked);
    // SAFETY: a live handle.
    let confirm = || unsafe { frameseal_encryptor_confirm(sender.0, 7, 5) };
    assert_eq!(in_a_child(confirm), forked);
    let mut len = 0;
    // SAFETY: a live handle and a place for the answer.
    let sealed_len = || unsafe { frameseal_encryptor_sealed_len(sender.0, 5, &raw mut len) };
    assert_eq!(in_a_child(sealed_len), forked);
    // Nor anything else: another thread may have held the lock when the process forked.
    assert_eq!(in_a_child(|| sender.add_key(8, &BASE_KEY)), forked);
    assert_eq!(in_a_child(|| sender.use_key(7)), forked);

    assert_eq!(sender.encrypt(b"", b"frame").unwrap()[0], 0x71);
}

#[test]
fn a_grandchild_refuses_too_and_a_new_encryptor_works_in_a_child() {
    let sender = Sender::with_key(GCM, 7);
    let grandchild = || in_a_child(|| code(sender.encrypt(b"", b"frame")));
    assert_eq!(in_a_child(grandchild), FRAMESEAL_ERROR_FORKED);
    let new_one = || {
        let mine = Sender::with_key(GCM, 8);
        code(mine.encrypt(b"", b"frame"))
    };
    assert_eq!(in_a_child(new_one), FRAMESEAL_OK);
    let and_its_child = || {
        let mine = Sender::with_key(GCM, 8);
        in_a_child(|| code(mine.encrypt(b"", b"frame")))
    };
    assert_eq!(in_a_child(and_its_child), FRAMESEAL_ERROR_FORKED);
}

#[test]
fn a_copied_decryptor_still_opens_frames() {
    let frame = Sender::with_key(GCM, 7).encrypt(b"", b"frame").unwrap();
    let receiver = Receiver::with_key(GCM, 7);
    assert_eq!(
        in_a_child(|| code(receiver.decrypt(b"", &frame))),
        FRAMESEAL_OK
    );
    assert!(receiver.decrypt(b"", &frame).is_ok());
}

/// As [`in_a_child`], around the C library and its handlers, as `_Fork` and `clone` are.
#[cfg(target_os = "linux")]
fn in_a_bare_copy(body: impl FnOnce() -> frameseal_result) -> frameseal_result {
    let none = 0usize;
    // SAFETY: no stack of its own and no shared memory, so it returns twice, as `fork` does.
    let child = unsafe {
        let signal = usize::try_from(libc::SIGCHLD).unwrap_or(0);
        libc::syscall(libc::SYS_clone, signal, none, none, none, none)
    };
    if child == 0 {
        let answer = body();
        // SAFETY: ends the child without running anything else.
        unsafe { libc::_exit(answer) }
    }
    waited_for(libc::pid_t::try_from(child).unwrap()).expect("the child died")
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_was_copied_without_fork_refuses_too() {
    let sender = Sender::with_key(GCM, 7);
    sender.encrypt(b"", b"frame").unwrap();
    let refused = in_a_bare_copy(|| code(sender.encrypt(b"", b"frame")));
    assert_eq!(refused, FRAMESEAL_ERROR_FORKED);
    assert!(sender.encrypt(b"", b"frame").is_ok(), "the parent goes on");
}

/// While one thread of a copy makes encryptors, and with the first of them counts as a process of
/// its own, another one tries the inherited encryptor without a pause.
#[cfg(target_os = "linux")]
#[test]
fn a_new_encryptor_never_revives_an_inherited_one() {
    const TRIALS: usize = 1_000;
    let many_copies = || {
        // Made here: this process has one thread, so each copy of it is without held locks.
        let sender = Sender::with_key(GCM, 7);
        let start = Instant::now();
        for trial in 0..TRIALS {
            // Enough on any machine that is not very slow.
            if start.elapsed() > Duration::from_secs(5) {
                break;
            }
            let answer = in_a_bare_copy(|| code(revive(&sender, trial)));
            if answer != FRAMESEAL_OK {
                return answer;
            }
        }
        FRAMESEAL_OK
    };
    assert_eq!(in_a_child(many_copies), FRAMESEAL_OK);
}

/// In a copy: fails with 99 if a frame is sealed with the inherited encryptor.
#[cfg(target_os = "linux")]
fn revive(inherited: &Sender, trial: usize) -> Result<(), frameseal_result> {
    let (running, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let trying = scope.spawn(|| {
            let mut sealed = 0;
            while !stop.load(Ordering::Relaxed) {
                running.store(true, Ordering::Relaxed);
                sealed += usize::from(seals(inherited));
            }
            sealed
        });
        while !running.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        // Another moment of the other thread's turn in each trial.
        pause(trial * 37 % 3_000);
        let made = Sender::new(GCM);
        pause(2_000);
        stop.store(true, Ordering::Relaxed);
        let sealed = trying.join().map_err(|_| 98)?;
        drop(made);
        if sealed == 0 { Ok(()) } else { Err(99) }
    })
}

/// Microseconds, of which no clock is asked.
#[cfg(target_os = "linux")]
fn pause(steps: usize) {
    for step in 0..steps {
        std::hint::black_box(step);
    }
}

/// Whether a frame is sealed; allocates nothing, so as to be quick.
#[cfg(target_os = "linux")]
fn seals(sender: &Sender) -> bool {
    let (mut out, mut len) = ([0; 64], 0);
    // SAFETY: a live handle, a payload, a buffer, and a place for the length.
    let result = unsafe {
        frameseal_encryptor_encrypt(
            sender.0,
            ptr::null(),
            0,
            b"child".as_ptr(),
            5,
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
        )
    };
    result == FRAMESEAL_OK
}
