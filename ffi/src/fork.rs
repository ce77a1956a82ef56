//! Noticing that the process was forked: the child has copies of all counters, and would seal its
//! frames with the nonces of its parent (RFC 9605 §9.1).
//!
//! A handler that runs in every child moves a number on; an encryptor remembers the number that
//! it was made under. It sees `fork`, not a bare `clone` system call that goes around the C
//! library, nor a snapshot of a virtual machine.

use core::sync::atomic::{AtomicUsize, Ordering};

use super::result::Failure;

/// How many forks lie between this process and the one that loaded the library.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// The generation that an object was made in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Birth(usize);

impl Birth {
    /// Makes sure that forks are noticed from now on.
    pub(super) fn now() -> Result<Self, Failure> {
        watch()?;
        Ok(Self(GENERATION.load(Ordering::Relaxed)))
    }

    /// Fails in a child of the process that the object was made in.
    #[inline]
    pub(super) fn check(self) -> Result<(), Failure> {
        // Relaxed: a child starts with the one thread that ran the handler.
        if GENERATION.load(Ordering::Relaxed) == self.0 {
            Ok(())
        } else {
            Err(Failure::Forked)
        }
    }
}

#[cfg(unix)]
fn watch() -> Result<(), Failure> {
    use core::sync::atomic::AtomicBool;

    static WATCHING: AtomicBool = AtomicBool::new(false);

    extern "C" fn in_the_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }

    // No lock, which a child could inherit locked. Two threads may both come here first, and then
    // each fork counts as two.
    if !WATCHING.load(Ordering::Acquire) {
        // SAFETY: the handler only touches an atomic, so it may run between `fork` and `exec`.
        if unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) } != 0 {
            return Err(Failure::Internal);
        }
        WATCHING.store(true, Ordering::Release);
    }
    Ok(())
}

/// Other systems do not copy processes.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn watch() -> Result<(), Failure> {
    Ok(())
}
