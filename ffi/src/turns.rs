//! The lock of what seals frames: calls take turns, and nearly always only one thread calls.
//!
//! Beside `kept.rs`, for an encryptor and a stream. Each is made for one thread; the lock is there
//! because two that are inside at once would seal two frames with one nonce. It costs every frame one
//! locked operation, where the system's locks cost two. Who came first is first, so that no thread
//! waits for long because another one calls again and again. The price is paid by those who wait for
//! longer than some tens of microseconds: nobody wakes them, they look again every now and then. Where
//! threads are expected to meet, the system's lock is the better one.

use core::cell::Cell;
use core::fmt::{Debug, Formatter};
use core::hint::spin_loop;
use core::ops::{Deref, DerefMut};
use core::time::Duration;
use std::thread;

use spin::RelaxStrategy;
use spin::mutex::{TicketMutex, TicketMutexGuard};

use super::result::Failure;

/// A value that is given to one call at a time, in the order in which they came, and to none after one
/// that panicked.
pub(super) struct Turns<T, R = Pauses>(TicketMutex<Value<T>, R>);

struct Value<T> {
    value: T,
    /// Whether a call had it and never gave it back.
    lost: bool,
}

impl<T, R: RelaxStrategy> Turns<T, R> {
    pub(super) const fn new(value: T) -> Self {
        let lost = false;
        Self(TicketMutex::new(Value { value, lost }))
    }

    /// The value, when no other call has it. Fails after a call that did not give it back.
    #[inline(always)]
    pub(super) fn take(&self) -> Result<Turn<'_, T>, Failure> {
        let inside = match self.0.try_lock() {
            Some(inside) => inside,
            None => self.wait(),
        };
        if inside.lost {
            return Err(Failure::Internal);
        }
        let given_back = false;
        Ok(Turn { inside, given_back })
    }

    /// Does something with the value, when no other call has it.
    #[inline]
    pub(super) fn with<A>(&self, f: impl FnOnce(&mut T) -> A) -> Result<A, Failure> {
        let mut turn = self.take()?;
        let answer = f(&mut turn);
        turn.give_back();
        Ok(answer)
    }

    #[cold]
    #[inline(never)]
    fn wait(&self) -> TicketMutexGuard<'_, Value<T>> {
        NUMBER.set(0);
        self.0.lock()
    }

    /// Whether no call has the value, or waits for it.
    pub(super) fn is_free(&self) -> bool {
        !self.0.is_locked()
    }
}

thread_local! {
    /// The number of the next pause of this thread, which waits for one lock at a time.
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

/// How a call waits between two looks: at first for moments, in which another processor ends most
/// frames; then for longer, so that whoever has the value can run, also with a lower priority.
pub(super) struct Pauses;

impl RelaxStrategy for Pauses {
    fn relax() {
        /// Some tens of microseconds.
        const SHORT: u32 = 200;
        let number = NUMBER.get();
        NUMBER.set(number.saturating_add(1));
        if number < SHORT {
            for _ in 0..8 {
                spin_loop();
            }
        } else {
            // Unlike a sleep, no place where a thread can be cancelled, which would end the process.
            thread::park_timeout(Duration::from_micros(20));
        }
    }
}

impl<T, R> Debug for Turns<T, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

/// The value of a [`Turns`]. Dropped without [`Self::give_back`], as by a panic, it lets others go on,
/// but none of them gets the value: it may be half changed.
#[must_use]
pub(super) struct Turn<'a, T> {
    inside: TicketMutexGuard<'a, Value<T>>,
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
    use core::sync::atomic::{AtomicU32, Ordering};
    use std::panic::catch_unwind;

    #[test]
    fn no_two_threads_have_the_value_at_once() {
        const TIMES: u64 = 20_000;
        let turns: Turns<_> = Turns::new((0, 0));
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

    /// Pauses that say how many there were.
    struct Told;

    static TOLD: AtomicU32 = AtomicU32::new(0);

    impl RelaxStrategy for Told {
        fn relax() {
            TOLD.fetch_add(1, Ordering::Relaxed);
            Pauses::relax();
        }
    }

    #[test]
    fn who_waits_is_next_also_after_long_pauses() {
        let turns = Turns::<_, Told>::new(1);
        thread::scope(|scope| {
            for pauses in [1, 1_000] {
                let turn = turns.take();
                assert!(!turns.is_free());
                TOLD.store(0, Ordering::Relaxed);
                let waiting = scope.spawn(|| turns.with(|value| *value += 1));
                while TOLD.load(Ordering::Relaxed) < pauses {
                    thread::yield_now();
                }
                let before = turn.map(|turn| {
                    let value = *turn;
                    turn.give_back();
                    value
                });
                // Behind the one that waited, however fast this thread is.
                let after = turns.with(|value| *value);
                assert!(matches!((before, after), (Ok(before), Ok(after)) if after == before + 1));
                assert!(matches!(waiting.join(), Ok(Ok(()))));
            }
        });
        assert!(turns.is_free());
    }

    /// A sleep would be a place to be cancelled at, and unwinding from there ends the process.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_waits_is_not_cancelled_there() {
        use std::os::unix::thread::JoinHandleExt;

        /// Of this test alone.
        struct Counted;
        static COUNTED: AtomicU32 = AtomicU32::new(0);
        impl RelaxStrategy for Counted {
            fn relax() {
                COUNTED.fetch_add(1, Ordering::Relaxed);
                Pauses::relax();
            }
        }

        static TURNS: Turns<i32, Counted> = Turns::new(1);
        let turn = TURNS.take();
        let waiting = thread::spawn(|| TURNS.with(|value| *value += 1));
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_cancel(waiting.as_pthread_t()) }, 0);
        while COUNTED.load(Ordering::Relaxed) < 1_000 {
            thread::yield_now();
        }
        assert!(turn.map(Turn::give_back).is_ok());
        assert!(matches!(waiting.join(), Ok(Ok(()))));
        assert!(matches!(TURNS.with(|value| *value), Ok(2)));
    }

    #[test]
    fn nobody_gets_what_a_panic_may_have_left_half_done() {
        let turns: Turns<_> = Turns::new(1);
        let panicked = catch_unwind(AssertUnwindSafe(|| turns.with(|_| panic!("inside"))));
        assert!(panicked.is_err());
        assert!(turns.is_free());
        for _ in 0..2 {
            assert!(matches!(turns.with(|value| *value), Err(Failure::Internal)));
        }
    }
}
