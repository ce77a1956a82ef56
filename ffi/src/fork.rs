//! Noticing that the process was forked: the child has copies of all counters, and would seal its
//! frames with the nonces of its parent (RFC 9605 §9.1).
//!
//! Each process that makes encryptors has a number, in one place that its copies do not inherit: a
//! handler that runs in the child of every `fork` empties it, and on Linux 4.14 and later it lies
//! in a page of memory that the kernel empties in every copy of the process, however it was made
//! (`_Fork`, `clone`). An encryptor remembers the number that it was made under. That number never
//! comes back in a copy: whatever a child puts into the place, nothing that it inherited was made
//! under it. Neither sees a restored snapshot of a virtual machine.

use core::sync::atomic::{AtomicUsize, Ordering};

use super::result::Failure;

/// The next number of a process. Copies inherit it, so that theirs differ from their parent's.
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// The process that an object was made in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Birth {
    /// Where the number of the process is, so that nobody asks again.
    place: &'static AtomicUsize,
    /// Never 0.
    number: usize,
}

impl Birth {
    /// Makes sure that forks are noticed from now on.
    pub(super) fn now() -> Result<Self, Failure> {
        watch()?;
        let place = place::get();
        let number = place.load(Ordering::Acquire);
        if number != 0 {
            return Ok(Self { place, number });
        }
        // One step puts the number there: no thread ever finds the place filled with an old one,
        // and of two threads that come here at once both get the same. Taken from `NEXT` before
        // (hence release and acquire), so no copy that knows the number can be given it again.
        let new = NEXT.fetch_add(1, Ordering::Relaxed);
        let found = place.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire);
        let number = found.map_or_else(|other| other, |_| new);
        Ok(Self { place, number })
    }

    /// Fails in a copy of the process that the object was made in.
    #[inline]
    pub(super) fn check(self) -> Result<(), Failure> {
        // Relaxed: whoever has the object has seen its number or what came after, and a copy of
        // the process starts with one thread and an empty place.
        if self.place.load(Ordering::Relaxed) == self.number {
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
        place::get().store(0, Ordering::Relaxed);
    }

    // No lock, which a child could inherit locked. Two threads may both come here first, and then
    // the handler runs twice for each fork. The place is decided before anybody gets a number.
    if !WATCHING.load(Ordering::Acquire) {
        place::decide();
        // SAFETY: the handler only touches atomics, so it may run between `fork` and `exec`.
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

/// Where the number of the process is; 0 before the first encryptor, and in a fresh copy.
#[cfg(target_os = "linux")]
mod place {
    use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

    /// Where the kernel offers no page that copies do not inherit: `fork` alone is noticed.
    static PLAIN: AtomicUsize = AtomicUsize::new(0);

    /// The page, or `PLAIN`, once that is decided; never given back.
    static PLACE: AtomicPtr<AtomicUsize> = AtomicPtr::new(core::ptr::null_mut());

    #[inline]
    pub(super) fn get() -> &'static AtomicUsize {
        let place = PLACE.load(Ordering::Acquire);
        // SAFETY: NULL, or `PLAIN`, or a page that stays mapped and holds nothing else.
        unsafe { place.as_ref() }.unwrap_or(&PLAIN)
    }

    /// Decides where, once for the process and all its copies.
    pub(super) fn decide() {
        if !PLACE.load(Ordering::Acquire).is_null() {
            return;
        }
        let place = page().unwrap_or((&raw const PLAIN).cast_mut());
        let (none, order) = (core::ptr::null_mut(), Ordering::AcqRel);
        let decided = PLACE.compare_exchange(none, place, order, Ordering::Acquire);
        if decided.is_err() && place.cast_const() != &raw const PLAIN {
            // Another thread was first. SAFETY: this mapping is known here only.
            unsafe { libc::munmap(place.cast(), LEN) };
        }
    }

    /// Rounded up to a whole page by each of the calls below.
    const LEN: usize = 4096;

    fn page() -> Option<*mut AtomicUsize> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping, anywhere; zeros are a valid `AtomicUsize`.
        let page = unsafe { libc::mmap(core::ptr::null_mut(), LEN, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: the mapping that was just made, all of it.
        if unsafe { libc::madvise(page, LEN, libc::MADV_WIPEONFORK) } != 0 {
            // SAFETY: the same, and nobody else knows of it.
            unsafe { libc::munmap(page, LEN) };
            return None;
        }
        Some(page.cast())
    }
}

/// Other systems have no such page.
#[cfg(not(target_os = "linux"))]
mod place {
    use core::sync::atomic::AtomicUsize;

    #[inline]
    pub(super) fn get() -> &'static AtomicUsize {
        static PLAIN: AtomicUsize = AtomicUsize::new(0);
        &PLAIN
    }

    #[cfg(unix)]
    pub(super) const fn decide() {}
}
