//! An allocator that counts: calls, and bytes that are held, for each thread alone so that tests do
//! not disturb one another.

use core::cell::Cell;
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    // Constant and without a destructor, so that using them allocates nothing.
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(taken: usize, given_back: usize) {
    CALLS.set(CALLS.get() + 1);
    let held = HELD.get() + taken.cast_signed() - given_back.cast_signed();
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: every method hands its arguments to `System` unchanged and answers what `System`
// answers, so all that a `GlobalAlloc` promises is promised by `System`. Counting touches
// thread-local integers: it neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller promises what `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller promises what `System` asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size, layout.size());
        // SAFETY: the caller promises what `System` asks for, and `memory` came from `System`.
        unsafe { System.realloc(memory, layout, new_size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller promises what `System` asks for, and `memory` came from `System`.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Calls of the allocator, frees included, that `work` makes on this thread.
pub(crate) fn calls(work: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    work();
    CALLS.get() - before
}

/// By how many bytes `work` makes what this thread holds larger: at its worst, and in the end.
pub(crate) fn growth(work: impl FnOnce()) -> (isize, isize) {
    let before = HELD.get();
    PEAK.set(before);
    work();
    (PEAK.get() - before, HELD.get() - before)
}

#[test]
fn the_counting_allocator_counts() {
    use core::hint::black_box;
    assert_eq!(calls(|| drop(black_box(Box::new(1u8)))), 2, "made, freed");
    assert_eq!(growth(|| drop(black_box(vec![0u8; 100]))), (100, 0));
    let mut kept: Vec<u8> = Vec::with_capacity(10);
    assert_eq!(growth(|| kept.reserve_exact(30)), (20, 20), "moved");
    assert_eq!(growth(|| drop(kept)), (0, -30));
}
