//! After `fork`, a copied encryptor seals nothing: its parent goes on with the same counters.

use std::ptr;

use super::capi::*;
use super::support::*;

/// Runs `body` in a child process; the number that it returned.
fn in_a_child(body: impl FnOnce() -> frameseal_result) -> frameseal_result {
    // SAFETY: the child only runs `body`, which takes no lock that another thread could hold but
    // the allocator's, and that one the C library takes care of; then it ends.
    match unsafe { libc::fork() } {
        0 => {
            let answer = body();
            // SAFETY: ends the child without running anything else.
            unsafe { libc::_exit(answer) }
        }
        child => {
            assert!(child > 0, "fork failed");
            let mut status = 0;
            // SAFETY: our own child and a place for its status.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert!(libc::WIFEXITED(status), "the child died: {status}");
            libc::WEXITSTATUS(status)
        }
    }
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

/// `fork` without the handlers of the C library, as `_Fork` and `clone` are.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_was_copied_without_fork_refuses_too() {
    let sender = Sender::with_key(GCM, 7);
    sender.encrypt(b"", b"frame").unwrap();
    let none = 0usize;
    // SAFETY: no stack of its own and no shared memory, so it returns twice, as `fork` does.
    let child = unsafe {
        let signal = usize::try_from(libc::SIGCHLD).unwrap_or(0);
        libc::syscall(libc::SYS_clone, signal, none, none, none, none)
    };
    if child == 0 {
        let refused = code(sender.encrypt(b"", b"frame"));
        // SAFETY: ends the child without running anything else.
        unsafe { libc::_exit(refused) }
    }
    let child = libc::pid_t::try_from(child).unwrap();
    assert!(child > 0, "clone failed");
    let mut status = 0;
    // SAFETY: our own child and a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(libc::WIFEXITED(status), "the child died: {status}");
    assert_eq!(libc::WEXITSTATUS(status), FRAMESEAL_ERROR_FORKED);
    assert!(sender.encrypt(b"", b"frame").is_ok(), "the parent goes on");
}
