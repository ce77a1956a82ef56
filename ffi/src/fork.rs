//! Noticing that the process was forked: the child has copies of all counters, and would seal its
//! frames with the nonces of its parent (RFC 9605 §9.1).
//!
//! A handler that runs in the child of every `fork` moves a number on; an encryptor remembers the
//! number that it was made under. On Linux there is also a page of memory that the kernel empties
//! in every copy of the process, however it was made (`_Fork`, `clone`). Neither sees a restored
//! snapshot of a virtual machine.

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
        if !mark::is_there() {
            GENERATION.fetch_add(1, Ordering::Relaxed);
            mark::put();
        }
        Ok(Self(GENERATION.load(Ordering::Relaxed)))
    }

    /// Fails in a copy of the process that the object was made in.
    #[inline]
    pub(super) fn check(self) -> Result<(), Failure> {
        // Relaxed: a child starts with the one thread that ran the handler.
        if GENERATION.load(Ordering::Relaxed) == self.0 && mark::is_there() {
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
        mark::prepare();
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

/// A mark in memory that copies of the process do not inherit.
#[cfg(target_os = "linux")]
mod mark {
    use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};

    /// The page, once there is one; never given back.
    static PAGE: AtomicPtr<AtomicU8> = AtomicPtr::new(core::ptr::null_mut());

    /// Whether the mark is there; also where the kernel offers no such page, and `fork` alone is
    /// noticed.
    #[inline]
    pub(super) fn is_there() -> bool {
        let page = PAGE.load(Ordering::Acquire);
        // SAFETY: NULL, or a page that stays mapped, of which the first byte is used, atomically.
        unsafe { page.as_ref() }.is_none_or(|mark| mark.load(Ordering::Relaxed) == 1)
    }

    /// Puts the mark into the page, if there is one.
    pub(super) fn put() {
        // SAFETY: as above.
        if let Some(mark) = unsafe { PAGE.load(Ordering::Acquire).as_ref() } {
            mark.store(1, Ordering::Relaxed);
        }
    }

    /// Asks for the page, once.
    pub(super) fn prepare() {
        if !PAGE.load(Ordering::Acquire).is_null() {
            return;
        }
        let (len, protection) = (4096, libc::PROT_READ | libc::PROT_WRITE);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping, anywhere.
        let page = unsafe { libc::mmap(core::ptr::null_mut(), len, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED {
            return;
        }
        // SAFETY: the mapping that was just made, all of it.
        if unsafe { libc::madvise(page, len, libc::MADV_WIPEONFORK) } != 0 {
            // SAFETY: the same, and nobody else knows of it.
            unsafe { libc::munmap(page, len) };
            return;
        }
        let mark = page.cast::<AtomicU8>();
        // SAFETY: mapped, writable, and large enough; zeros are a valid `AtomicU8`.
        unsafe { &*mark }.store(1, Ordering::Relaxed);
        let (none, order) = (core::ptr::null_mut(), Ordering::AcqRel);
        if PAGE
            .compare_exchange(none, mark, order, Ordering::Acquire)
            .is_err()
        {
            // Another thread was first. SAFETY: this mapping is known here only.
            unsafe { libc::munmap(page, len) };
        }
    }
}

/// Other systems have no such page.
#[cfg(not(target_os = "linux"))]
mod mark {
    pub(super) const fn is_there() -> bool {
        true
    }

    pub(super) const fn put() {}

    #[cfg(unix)]
    pub(super) const fn prepare() {}
}
