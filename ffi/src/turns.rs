//! The lock of what seals frames: calls take turns, and nearly always only one thread calls.
//!
//! Beside `kept.rs`, for an encryptor and a stream. Each is made for one thread; the lock is there
//! because two that are inside at once would seal two frames with one nonce. It costs every frame one
//! locked operation, where the system's locks cost two. The price is paid by those who wait for longer
//! than some microseconds: nobody wakes them, they look again every now and then. Where threads are
//! expected to meet for longer, the system's lock is the better one.

use core::fmt::{Debug, Formatter};
use core::hint::spin_loop;
use core::ops::{Deref, DerefMut};
use core::time::Duration;
use std::thread;

use spin::mutex::{SpinMutex, SpinMutexGuard};

use super::result::Failure;

/// A value that is given to one call at a time, and to none after one that panicked.
pub(super) struct Turns<T>(SpinMutex<Value<T>>);

struct Value<T> {
    value: T,
    /// Whether a call had it and never gave it back.
    lost: bool,
}

impl<T> Turns<T> {
    pub(super) const fn new(value: T) -> Self {
        let lost = false;
        Self(SpinMutex::new(Value { value, lost }))
    }

    /// The value, when no other call has it. Fails after a call that did not give it back.
    #[inline(always)]
    pub(super) fn take(&self) -> Result<Turn<'_, T>, Failure> {
        let inside = match self.0.try_lock() {
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

    /// Looks again after each pause, of which this is the number.
    #[cold]
    #[inline(never)]
    fn wait(&self, mut pause: impl FnMut(u32)) -> SpinMutexGuard<'_, Value<T>> {
        let mut pauses = 0u32;
        loop {
            pause(pauses);
            pauses = pauses.saturating_add(1);
            if let Some(inside) = self.0.try_lock() {
                return inside;
            }
        }
    }

    /// Whether no call has the value.
    pub(super) fn is_free(&self) -> bool {
        self.0.try_lock().is_some()
    }
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

/// Some microseconds of short pauses, in which another processor ends most frames; then long ones, so
/// that whoever has the value can run, also with a lower priority.
fn pause(number: u32) {
    const SHORT: u32 = 200;
    if number < SHORT {
        for _ in 0..8 {
            spin_loop();
        }
    } else {
        thread::sleep(Duration::from_micros(20));
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "panics are what is tested")]
mod tests {
    use super::*;
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;
    use std::sync::mpsc::channel;

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
        let turns = Turns::new(1);
        let mut turn = turns.take().ok();
        let mut pauses = Vec::new();
        let inside = turns.wait(|number| {
            pauses.push(number);
            if number == 3 {
                drop(turn.take());
            }
        });
        drop(inside);
        assert_eq!(pauses, [0, 1, 2, 3]);
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
