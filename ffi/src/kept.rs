//! What handles keep, and how it ends: also in a child of the process, where a thread that was not
//! copied may have been changing it.
//!
//! What is half changed there must not be dropped: an entry of a table may be in it twice, and
//! would be freed twice. So it stays, not wiped, until the child ends. There is a type for each way
//! to know: by the lock of the whole ([`Kept`]), by a lock of its changes ([`Shared`]), or, where
//! the core has the locks, by being in a child at all ([`OfProcess`]).

use core::mem::ManuallyDrop;
use core::ops::Deref;
use std::sync::{Mutex, PoisonError, TryLockError};

use super::fork::Birth;
use super::result::Failure;
use super::turns::Turns;

/// A lock with the value behind it.
pub(super) trait Lock {
    /// Whether nobody has it; after a panic nobody has.
    fn is_free(&self) -> bool;
}

impl<T> Lock for Mutex<T> {
    fn is_free(&self) -> bool {
        !matches!(self.try_lock(), Err(TryLockError::WouldBlock))
    }
}

impl<T> Lock for Turns<T> {
    fn is_free(&self) -> bool {
        Turns::is_free(self)
    }
}

/// A value behind a lock, dropped only if no call is inside.
///
/// No call is when C frees a handle; but a child inherits the lock as it was when the process
/// forked, and nobody there gives it back.
#[derive(Debug)]
pub(super) struct Kept<L: Lock>(ManuallyDrop<L>);

impl<L: Lock> Kept<L> {
    pub(super) const fn new(lock: L) -> Self {
        Self(ManuallyDrop::new(lock))
    }
}

impl<L: Lock> Deref for Kept<L> {
    type Target = L;

    #[inline]
    fn deref(&self) -> &L {
        &self.0
    }
}

impl<L: Lock> Drop for Kept<L> {
    fn drop(&mut self) {
        if self.0.is_free() {
            // SAFETY: dropped here only, once, and not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.0) };
        }
    }
}

/// A value that several calls use at once, dropped only if none is changing it.
///
/// What the others do, at any moment of theirs, leaves its memory as a drop needs it.
#[derive(Debug)]
pub(super) struct Shared<T> {
    value: ManuallyDrop<T>,
    changing: Mutex<()>,
}

impl<T> Shared<T> {
    pub(super) const fn new(value: T) -> Self {
        Self {
            value: ManuallyDrop::new(value),
            changing: Mutex::new(()),
        }
    }

    /// For every call that makes or frees memory of the value.
    pub(super) fn change<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        // It guards nothing that a panic could leave half done.
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        f(&self.value)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if self.changing.is_free() {
            // SAFETY: dropped here only, once, and not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

/// A value that only the process uses and drops that made it.
#[derive(Debug)]
pub(super) struct OfProcess<T> {
    birth: Birth,
    value: ManuallyDrop<T>,
}

impl<T> OfProcess<T> {
    pub(super) const fn new(birth: Birth, value: T) -> Self {
        Self {
            birth,
            value: ManuallyDrop::new(value),
        }
    }

    /// The value, for one call.
    #[inline]
    pub(super) fn get(&self) -> Result<&T, Failure> {
        self.birth.check()?;
        Ok(&self.value)
    }

    /// For what is made from it, and lives and ends with the same process.
    pub(super) const fn birth(&self) -> Birth {
        self.birth
    }
}

impl<T> Drop for OfProcess<T> {
    fn drop(&mut self) {
        if self.birth.check().is_ok() {
            // SAFETY: dropped here only, once, and not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts how often it is dropped.
    struct Counted<'a>(&'a AtomicUsize);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_nobody_is_inside_of_is_dropped_once() {
        let drops = AtomicUsize::new(0);
        drop(Kept::new(Mutex::new(Counted(&drops))));
        drop(Kept::new(Turns::new(Counted(&drops))));
        drop(Shared::new(Counted(&drops)));
        assert_eq!(drops.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn what_somebody_is_inside_of_stays() {
        let drops = AtomicUsize::new(0);
        let kept = Kept::new(Mutex::new(Counted(&drops)));
        core::mem::forget(kept.lock());
        drop(kept);
        let kept = Kept::new(Turns::new(Counted(&drops)));
        core::mem::forget(kept.take());
        drop(kept);
        let shared = Shared::new(Counted(&drops));
        core::mem::forget(shared.changing.lock());
        drop(shared);
        assert_eq!(drops.load(Ordering::Relaxed), 0);
    }
}
