//! The lock of what seals frames: calls take turns, and nearly always only one thread calls.
//!
//! Beside `kept.rs`, for an encryptor and a stream. Each is made for one thread; the lock is there
//! because two that are inside at once would seal two frames with one nonce. It costs every frame one
//! locked operation, where the system's locks cost two. The price is paid by those who wait: nobody
//! wakes them, they look again every now and then. So that nobody waits for long because others call
//! again and again, one at a time of those that have waited for about a millisecond goes first. Where threads are expected to meet, the system's lock is the better one.

use core::fmt::{Debug, Formatter};
use core::hint::spin_loop;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering};

use spin::mutex::{SpinMutex, SpinMutexGuard};

use super::result::Failure;

/// A value that is given to one call at a time, and to none after one that panicked.
pub(super) struct Turns<T> {
    lock: SpinMutex<Value<T>>,
    /// Whether a call has waited for long: the others let it go first. A hint, which nobody trusts for
    /// longer than [`STEP_BACK`] pauses.
    hurried: AtomicBool,
}

struct Value<T> {
    value: T,
    /// Whether a call had it and never gave it back.
    lost: bool,
}

/// So many pauses are short; together they take some tens of microseconds.
const SHORT: u32 = 200;
/// For so many pauses a call lets another one go first: long enough for that one to look again from a
/// nap, and to run.
const STEP_BACK: u32 = SHORT + 3;
/// After so many pauses a call has waited for long.
const LONG: u32 = SHORT + 10;

impl<T> Turns<T> {
    pub(super) const fn new(value: T) -> Self {
        let lost = false;
        Self {
            lock: SpinMutex::new(Value { value, lost }),
            hurried: AtomicBool::new(false),
        }
    }

    /// The value, when no other call has it. Fails after a call that did not give it back.
    #[inline(always)]
    pub(super) fn take(&self) -> Result<Turn<'_, T>, Failure> {
        let inside = match self.look() {
            Some(inside) => inside,
            None => self.wait(pause),
        };
        if inside.lost {
            return Err(Failure::Internal);
        }
        let given_back = false;
        Ok(Turn { inside, given_back })
    }

    /// Does something with the value, when no other call has it.
    #[inline]
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Result<R, Failure> {
        let mut turn = self.take()?;
        let answer = f(&mut turn);
        turn.give_back();
        Ok(answer)
    }

    /// The value, if no other call has it or has waited for it for long.
    #[inline(always)]
    fn look(&self) -> Option<SpinMutexGuard<'_, Value<T>>> {
        if self.hurried.load(Ordering::Relaxed) {
            return None;
        }
        self.lock.try_lock()
    }

    /// Looks again after each pause, of which this is the number.
    #[cold]
    #[inline(never)]
    fn wait(&self, mut pause: impl FnMut(u32)) -> SpinMutexGuard<'_, Value<T>> {
        let mut pauses = 0;
        while pauses < LONG {
            pause(pauses);
            pauses += 1;
            // Who shall go first may not be running, or may never have come back.
            let found = if pauses < STEP_BACK {
                self.look()
            } else {
                self.lock.try_lock()
            };
            if let Some(inside) = found {
                return inside;
            }
        }
        // One at a time, and then the next one. Short pauses again, in which it finds the end of the
        // frame of another one.
        let mut hurrying = false;
        pauses = 0;
        loop {
            hurrying = hurrying || !self.hurried.swap(true, Ordering::Relaxed);
            pause(pauses);
            pauses = pauses.saturating_add(1);
            if let Some(inside) = self.lock.try_lock() {
                if hurrying {
                    self.hurried.store(false, Ordering::Relaxed);
                }
                return inside;
            }
        }
    }

    /// Whether no call has the value.
    pub(super) fn is_free(&self) -> bool {
        self.lock.try_lock().is_some()
    }
}

/// Moments at first, in which another processor ends most frames; then longer ones, so that whoever
/// has the value can run, also with a lower priority.
fn pause(number: u32) {
    if number < SHORT {
        for _ in 0..8 {
            spin_loop();
        }
    } else {
        nap();
    }
}

/// Sleeps for some tens of microseconds, as a system call: in the C library's function a thread can be
/// cancelled, and to unwind from there would end the process. Rust's own ways to wait without it
/// allocate, and do not work in a thread that is ending.
#[cfg(all(
    any(target_os = "linux", target_os = "android"),
    any(target_pointer_width = "64", target_arch = "arm", target_arch = "x86")
))]
fn nap() {
    let time: [libc::c_long; 2] = [0, 20_000];
    let none = core::ptr::null_mut::<libc::c_long>();
    // SAFETY: seconds and nanoseconds to read, and no place for what is left of them.
    unsafe { libc::syscall(libc::SYS_nanosleep, time.as_ptr(), none) };
}

/// Elsewhere by the function: a waiting thread can be cancelled where that can be.
#[cfg(not(all(
    any(target_os = "linux", target_os = "android"),
    any(target_pointer_width = "64", target_arch = "arm", target_arch = "x86")
)))]
fn nap() {
    std::thread::sleep(core::time::Duration::from_micros(20));
}

impl<T> Debug for Turns<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

/// The value of a [`Turns`]. Dropped without [`Self::give_back`], as by a panic, it lets others go on,
/// but none of them gets the value: it may be half changed.
#[must_use]
pub(super) struct Turn<'a, T> {
    inside: SpinMutexGuard<'a, Value<T>>,
    given_back: bool,
}

impl<T> Turn<'_, T> {
    #[inline(always)]
    pub(super) fn give_back(mut self) {
        self.given_back = true;
    }
}

impl<T> Drop for Turn<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.given_back {
            self.inside.lost = true;
        }
    }
}

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.inside.value
    }
}

impl<T> DerefMut for Turn<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inside.value
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "panics are what is tested")]
mod tests {
    use super::*;
    use core::panic::AssertUnwindSafe;
    use core::time::Duration;
    use std::panic::catch_unwind;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Instant;

    #[test]
    fn no_two_threads_have_the_value_at_once() {
        const TIMES: u64 = 20_000;
        let turns = Turns::new((0, 0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..TIMES {
                        let changed = turns.with(|(first, second)| {
                            assert_eq!(first, second);
                            *first += 1;
                            spin_loop();
                            *second += 1;
                        });
                        assert!(changed.is_ok());
                    }
                });
            }
        });
        let sums = turns.with(|sums| *sums);
        assert!(matches!(sums, Ok(sums) if sums == (4 * TIMES, 4 * TIMES)));
    }

    #[test]
    fn who_waits_long_gets_it_in_the_end() {
        let turns = Turns::new(1);
        let (told, waits) = channel();
        let waited = thread::scope(|scope| {
            let turn = turns.take();
            assert!(!turns.is_free());
            let waiting = scope.spawn(|| {
                let _ = told.send(());
                turns.with(|value| *value)
            });
            let _ = waits.recv();
            thread::sleep(Duration::from_millis(20));
            if let Ok(mut turn) = turn {
                *turn = 2;
                turn.give_back();
            }
            waiting.join()
        });
        assert!(matches!(waited, Ok(Ok(2))));
        assert!(turns.is_free());
    }

    #[test]
    fn who_waits_looks_again_after_each_pause() {
        for last in [3, SHORT, LONG - 1] {
            let turns = Turns::new(1);
            let mut turn = turns.take().ok();
            let mut pauses = Vec::new();
            let inside = turns.wait(|number| {
                pauses.push(number);
                if number == last {
                    drop(turn.take());
                }
            });
            drop(inside);
            assert!(pauses.into_iter().eq(0..=last));
        }
    }

    #[test]
    fn who_has_waited_long_goes_first() {
        let turns = Turns::new(1);
        let mut turn = turns.take().ok();
        let mut pauses = Vec::new();
        let inside = turns.wait(|number| {
            assert_eq!(
                turns.hurried.load(Ordering::Relaxed),
                pauses.len() >= LONG as usize
            );
            pauses.push(number);
            if pauses.len() == LONG as usize + 3 {
                drop(turn.take());
                assert!(turns.look().is_none(), "free, but not for others");
            }
        });
        drop(inside);
        assert!(pauses.into_iter().eq((0..LONG).chain(0..3)));
        assert!(turns.look().is_some());
    }

    #[test]
    fn of_two_that_have_waited_long_one_goes_first_and_then_the_other() {
        for other_leaves in [true, false] {
            let turns = Turns::new(1);
            let mut turn = turns.take().ok();
            turns.hurried.store(true, Ordering::Relaxed);
            let mut pauses = 0;
            let inside = turns.wait(|_| {
                pauses += 1;
                if pauses == LONG + 2 && other_leaves {
                    turns.hurried.store(false, Ordering::Relaxed);
                }
                if pauses == LONG + 3 {
                    assert!(turns.hurried.load(Ordering::Relaxed));
                    drop(turn.take());
                }
            });
            drop(inside);
            assert_eq!(pauses, LONG + 3);
            let left = turns.hurried.load(Ordering::Relaxed);
            assert_ne!(left, other_leaves, "each clears its own");
        }
    }

    #[test]
    fn a_nap_is_a_sleep() {
        let before = Instant::now();
        for _ in 0..10 {
            nap();
        }
        assert!(before.elapsed() >= Duration::from_micros(100));
    }

    #[test]
    fn nobody_lets_another_go_first_forever() {
        let turns = Turns::new(1);
        turns.hurried.store(true, Ordering::Relaxed);
        let mut pauses = 0;
        drop(turns.wait(|_| pauses += 1));
        assert_eq!(pauses, STEP_BACK);
        pauses = 0;
        let inside = turns.wait(|_| {
            pauses += 1;
            if pauses == 3 {
                turns.hurried.store(false, Ordering::Relaxed);
            }
        });
        drop(inside);
        assert_eq!(pauses, 3);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_waits_is_not_cancelled_there() {
        use std::os::unix::thread::JoinHandleExt;

        static TURNS: Turns<i32> = Turns::new(1);
        static HURRIED: &AtomicBool = &TURNS.hurried;
        let turn = TURNS.take();
        let waiting = thread::spawn(|| TURNS.with(|value| *value += 1));
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_cancel(waiting.as_pthread_t()) }, 0);
        let hurries = (0..60_000).any(|_| {
            thread::sleep(Duration::from_millis(1));
            HURRIED.load(Ordering::Relaxed)
        });
        assert!(hurries);
        assert!(turn.map(Turn::give_back).is_ok());
        assert!(matches!(waiting.join(), Ok(Ok(()))));
        assert!(matches!(TURNS.with(|value| *value), Ok(2)));
    }

    #[test]
    fn nobody_gets_what_a_panic_may_have_left_half_done() {
        let turns = Turns::new(1);
        let panicked = catch_unwind(AssertUnwindSafe(|| turns.with(|_| panic!("inside"))));
        assert!(panicked.is_err());
        assert!(turns.is_free());
        for _ in 0..2 {
            assert!(matches!(turns.with(|value| *value), Err(Failure::Internal)));
        }
    }
}
