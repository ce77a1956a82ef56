//! Time as an argument: the library has no clock.
//!
//! Bottom of the layers. Whoever calls says what time it is, so every behaviour that depends on
//! time can be repeated in a test. The clock may start anywhere but must not be set back; where it
//! is all the same, the later time that was seen before counts.

use core::time::Duration;

/// A point of time on the caller's monotonic clock, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The earliest time that there is.
    pub const ZERO: Self = Self(0);

    /// So many milliseconds after the clock's beginning.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the clock's beginning.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time since `earlier`; zero if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The time `after` later, in whole milliseconds; at the most the last one that there is.
    #[must_use]
    pub fn plus(self, after: Duration) -> Self {
        let millis = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// The same for something that must happen: the clock can come that far.
    pub(crate) fn due_after(self, after: Duration) -> Self {
        self.plus(after).min(LAST)
    }
}

/// The last time that a clock comes to. The one behind it stands for "never" where times are
/// compared.
const LAST: Timestamp = Timestamp(u64::MAX - 1);
const NEVER: Timestamp = Timestamp(u64::MAX);

/// The soonest of times that are due, if any of them is.
///
/// A fold over numbers: of an iterator over the options the compiler makes a comparison that looks
/// at the time before it asks whether there is one: harmless, but valgrind reports it to whoever
/// checks a program with it.
pub(crate) fn soonest(times: impl IntoIterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    let sooner = |soonest: Timestamp, time: Option<Timestamp>| soonest.min(time.unwrap_or(NEVER));
    let soonest = times.into_iter().fold(NEVER, sooner);
    (soonest < NEVER).then_some(soonest)
}

/// Remembers the latest time, so that a clock which is set back stands still instead.
#[derive(Debug, Default)]
pub(crate) struct Clock(Timestamp);

impl Clock {
    /// The time that counts when the caller says that it is `now`.
    #[inline]
    pub(crate) fn advance(&mut self, now: Timestamp) -> Timestamp {
        self.0 = self.at(now);
        self.0
    }

    /// The same without remembering it.
    #[inline]
    pub(crate) fn at(&self, now: Timestamp) -> Timestamp {
        self.0.max(now.min(LAST))
    }

    /// One that has reached so many milliseconds.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) fn at_least(millis: u64) -> Self {
        Self(Timestamp::from_millis(millis))
    }

    /// The time that counts.
    pub(crate) fn latest(&self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_stands_still() {
        let mut clock = Clock::default();
        let times = [5, 9, 3, 9, 10].map(|millis| clock.advance(Timestamp::from_millis(millis)));
        assert_eq!(times.map(Timestamp::as_millis), [5, 9, 9, 9, 10]);
        assert_eq!(clock.latest().as_millis(), 10);
    }

    #[test]
    fn the_soonest_time_is_the_least_of_those_that_are_there() {
        let [early, late] = [5, 9].map(Timestamp::from_millis);
        assert_eq!(soonest([None, Some(late), Some(early), None]), Some(early));
        assert_eq!(soonest([Some(late), None]), Some(late));
        assert_eq!(soonest([None, None]), None);
        assert_eq!(soonest([]), None);
    }

    #[test]
    fn sums_and_differences_stay_in_range() {
        let last = Timestamp::from_millis(u64::MAX);
        assert_eq!(last.plus(Duration::MAX), last);
        assert_eq!(Timestamp::ZERO.since(last), Duration::ZERO);
        let later = Timestamp::ZERO.plus(Duration::from_secs(2));
        assert_eq!(later.since(Timestamp::ZERO), Duration::from_secs(2));
    }
}
