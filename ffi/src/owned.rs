//! Objects that C owns: on the heap, from the call that makes one to the call that frees it.
//!
//! Apart from [`super::out`], because the library without an allocator shares that and not this.

use super::out::Out;

/// Gives an object to C, as a handle. C may use every handle on any thread, on several at once, so
/// the object must be `Send` and `Sync`; this is where the compiler checks it for all of them.
pub(super) fn give<T: Send + Sync>(place: Out<*mut T>, object: T) {
    place.set(Box::into_raw(Box::new(object)));
}

/// Takes an object back and drops it; NULL is nothing.
///
/// # Safety
/// A pointer that is not NULL must come from [`give`], not have been taken back, and not be in use
/// by another call.
pub(super) unsafe fn take_back<T>(handle: *mut T) {
    if handle.is_null() || !handle.is_aligned() {
        return;
    }
    // SAFETY: the promise of the caller.
    drop(unsafe { Box::from_raw(handle) });
}
