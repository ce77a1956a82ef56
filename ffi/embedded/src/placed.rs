//! An object in memory that the caller gives: placed there, used by one call at a time, wiped.
//!
//! C can pass anything as a handle. What can be told apart from an object, is: in front of the keys
//! lies a mark that is made of the kind of the object and of the address where it was placed. Memory
//! in which nothing was placed, a wiped object, an object of the other kind, and a copy of one at
//! another address do not have it, and are refused. A copy of an encryptor would use the same nonces
//! a second time.
//!
//! While a call runs, the mark is another one. So a second call on the same object, from an
//! interrupt or another task, is refused as well, instead of finding keys that are half changed.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicUsize, Ordering};

use frameseal_core::{CipherSuite, Error};
use zeroize::Zeroize;

use super::out::{Out, object, refuse_overlap};
use super::result::{Failure, invalid};
use super::span::Span;
use super::suite::frameseal_suite;

/// The inside of a handle. Any bytes are a valid value of it, so that whatever C passes may be looked
/// at. The mark is in front, at the same place for every kind.
#[repr(C)]
pub(super) struct Placed<T> {
    mark: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> core::fmt::Debug for Placed<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Placed").finish_non_exhaustive()
    }
}

/// A type of handle.
pub(super) trait Handle: Sized {
    type Keys;
    /// Tells the types apart. Odd, so that no mark is 0: the addresses of objects are even.
    const KIND: usize;

    fn placed(&self) -> &Placed<Self::Keys>;
    /// What a new object has, made where it will be.
    fn make(suite: CipherSuite, place: &mut MaybeUninit<Self::Keys>);
}

/// Bytes in which an object finds room, wherever they begin.
pub(super) const fn memory_for<H>() -> usize {
    size_of::<H>() + align_of::<H>() - 1
}

/// Wipes the memory that an object will take, makes one there, and gives C its handle.
///
/// # Safety
/// `memory` must be writable for as long as the object is used, and `handle` during the call; nobody
/// else may use the memory.
pub(super) unsafe fn place<H: Handle>(
    memory: *mut c_void,
    size: usize,
    suite: frameseal_suite,
    handle: *mut *mut H,
) -> Result<(), Failure> {
    // SAFETY: the promise of the caller.
    let answer = unsafe { Out::new(handle) }?;
    if memory.is_null() {
        return Err(invalid("the memory is NULL"));
    }
    let span = Span::new(memory.cast(), size)?;
    refuse_overlap(span, &[answer.span()])?;
    let needed = memory_for::<H>();
    if size < needed {
        return Err(Error::BufferTooSmall { needed }.into());
    }
    let suite = CipherSuite::try_from(suite)?;
    let start = memory.cast::<u8>();
    let gap = span.start().next_multiple_of(align_of::<H>()) - span.start();
    // SAFETY: the gap is smaller than the alignment, for which `needed` has room.
    let pointer = unsafe { start.add(gap) }.cast::<H>();
    // SAFETY: the object's bytes are inside the memory, which nobody else uses.
    unsafe { zero(pointer) };
    // SAFETY: the same, and aligned; zeros are a valid object, in which there are no keys.
    let placed = unsafe { &*pointer }.placed();
    // SAFETY: nobody else knows of the object.
    H::make(suite, unsafe { &mut *placed.value.get() });
    placed.mark.store(idle::<H>(pointer), Ordering::Release);
    answer.set(pointer);
    Ok(())
}

/// Drops the keys, which wipes them, and overwrites all of the object. NULL is nothing.
///
/// # Safety
/// A pointer that is not NULL must be readable and writable as far as an object reaches.
pub(super) unsafe fn wipe<H: Handle>(handle: *mut H) -> Result<(), Failure> {
    if handle.is_null() {
        return Ok(());
    }
    // SAFETY: the promise of the caller.
    let mut keys = unsafe { lock(handle) }?;
    // SAFETY: nobody uses them after this: the mark stays that of an object in use.
    unsafe { core::ptr::drop_in_place(&raw mut *keys) };
    core::mem::forget(keys);
    // SAFETY: the mark says that it is an object, and no reference to it is left.
    unsafe { zero(handle) };
    Ok(())
}

/// # Safety
/// The bytes of an object must be writable there.
unsafe fn zero<H>(object: *mut H) {
    let bytes = object.cast::<MaybeUninit<u8>>();
    // SAFETY: the promise of the caller; any bytes are a `MaybeUninit`.
    unsafe { core::slice::from_raw_parts_mut(bytes, size_of::<H>()) }.zeroize();
}

/// The keys behind a handle, for one call.
///
/// # Safety
/// A pointer that is not NULL must be readable and writable as far as an object reaches, and must
/// not be wiped during the call.
#[inline]
pub(super) unsafe fn lock<'a, H: Handle>(handle: *const H) -> Result<Guard<'a, H>, Failure> {
    // SAFETY: the promise of the caller; any bytes are a valid object.
    let object = unsafe { object(handle) }?;
    let idle = idle::<H>(handle);
    if !exchange(&object.placed().mark, idle, !idle) {
        return Err(invalid("nothing was placed there, or it is in use"));
    }
    Ok(Guard { object, idle })
}

/// The mark of an object that no call uses.
fn idle<H: Handle>(handle: *const H) -> usize {
    handle.addr() ^ H::KIND
}

#[cfg(target_has_atomic = "ptr")]
fn exchange(mark: &AtomicUsize, from: usize, to: usize) -> bool {
    mark.compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed)
        .is_ok()
}

/// Where the processor cannot exchange. What interrupts between the two lines is over, and has put
/// the mark back, before the second one; only tasks that take turns at any moment are not noticed.
#[cfg(not(target_has_atomic = "ptr"))]
fn exchange(mark: &AtomicUsize, from: usize, to: usize) -> bool {
    let free = mark.load(Ordering::Acquire) == from;
    if free {
        mark.store(to, Ordering::Relaxed);
    }
    free
}

/// The keys of an object, until the call that uses them is over.
pub(super) struct Guard<'a, H: Handle> {
    object: &'a H,
    idle: usize,
}

impl<H: Handle> Deref for Guard<'_, H> {
    type Target = H::Keys;

    #[inline]
    fn deref(&self) -> &H::Keys {
        // SAFETY: the mark says that keys are there, and this is the only guard.
        unsafe { (*self.object.placed().value.get()).assume_init_ref() }
    }
}

impl<H: Handle> DerefMut for Guard<'_, H> {
    #[inline]
    fn deref_mut(&mut self) -> &mut H::Keys {
        // SAFETY: the same.
        unsafe { (*self.object.placed().value.get()).assume_init_mut() }
    }
}

impl<H: Handle> Drop for Guard<'_, H> {
    #[inline]
    fn drop(&mut self) {
        self.object
            .placed()
            .mark
            .store(self.idle, Ordering::Release);
    }
}
