//! The counter of a sending key: the one place that hands out numbers for nonces.
//!
//! Third layer, under `encryption_key.rs`. A number is handed out once (RFC 9605 §9.1). A counter
//! is volatile, for a key that lives as long as the process, or durable: then only numbers are
//! handed out that the application has stored as used before (`reserve`, store, `confirm`), so a
//! process that dies at any moment can go on behind them.

use crate::error::Error;
use crate::header::{Counter, KeyId};

/// Options in parts, so that four of them take 32 bytes: with many keys in turn, every line of the
/// cache counts.
#[derive(Debug)]
pub(crate) struct SendingCounter {
    next: u64,
    confirmed: u64,
    reserved: u64,
    /// 2^64 - 1 has been used: there is no next number.
    is_spent: bool,
    /// Only what was confirmed may be handed out.
    is_durable: bool,
    is_confirmed: bool,
    is_reserved: bool,
}

impl SendingCounter {
    /// Starts at 0, volatile.
    pub(crate) const fn volatile() -> Self {
        Self {
            next: 0,
            confirmed: 0,
            reserved: 0,
            is_spent: false,
            is_durable: false,
            is_confirmed: false,
            is_reserved: false,
        }
    }

    /// Hands out nothing, ever.
    pub(crate) const fn spent() -> Self {
        let mut counter = Self::volatile();
        counter.is_spent = true;
        counter
    }

    /// Starts behind `last`, durable, with nothing confirmed.
    pub(crate) fn durable_after(last: Counter) -> Self {
        let mut counter = Self::volatile();
        counter.resume_after(last);
        counter
    }

    /// The number of the next frame, which this does not use up.
    #[inline(always)]
    pub(crate) fn peek(&self, key_id: KeyId) -> Result<Counter, Error> {
        if self.is_spent {
            return Err(Error::CounterExhausted(key_id));
        }
        if self.is_durable
            && self
                .confirmed()
                .is_none_or(|confirmed| self.next > confirmed)
        {
            return Err(Error::ReservationNeeded(key_id));
        }
        Ok(Counter::new(self.next))
    }

    /// Uses up the number that `peek` showed.
    #[inline(always)]
    pub(crate) fn advance(&mut self) {
        self.go_behind(self.next);
    }

    /// The next number, whether it may be used now or not.
    pub(crate) fn next(&self) -> Option<Counter> {
        (!self.is_spent).then_some(Counter::new(self.next))
    }

    /// Asks for `count` further numbers and makes the counter durable; the last of them, to be
    /// stored. Never answers less than before.
    pub(crate) fn reserve(&mut self, count: u64, key_id: KeyId) -> Result<Counter, Error> {
        let more = count
            .checked_sub(1)
            .ok_or(Error::InvalidArgument("a reservation of no counter"))?;
        let next = self.next().ok_or(Error::CounterExhausted(key_id))?.value();
        let first = match self.confirmed() {
            Some(confirmed) if confirmed >= next => confirmed
                .checked_add(1)
                .ok_or(Error::CounterExhausted(key_id))?,
            _ => next,
        };
        let last = first.saturating_add(more);
        // Never less than an earlier answer: what is stored last must cover what was confirmed.
        let last = self.reserved().map_or(last, |earlier| earlier.max(last));
        self.is_durable = true;
        (self.reserved, self.is_reserved) = (last, true);
        Ok(Counter::new(last))
    }

    /// Lets the counter hand out everything up to `last`, which has been stored.
    pub(crate) fn confirm(&mut self, last: Counter) -> Result<(), Error> {
        if self.reserved() < Some(last.value()) {
            return Err(Error::InvalidArgument("this counter was not reserved"));
        }
        // As long as nothing is confirmed, the number is 0.
        self.confirmed = self.confirmed.max(last.value());
        self.is_confirmed = true;
        Ok(())
    }

    /// Never hands out `last` or anything before it, and becomes durable.
    pub(crate) fn resume_after(&mut self, last: Counter) {
        if self.next <= last.value() {
            self.go_behind(last.value());
        }
        self.is_durable = true;
    }

    /// The last number that was stored; a durable counter hands out nothing beyond it.
    #[inline(always)]
    fn confirmed(&self) -> Option<u64> {
        self.is_confirmed.then_some(self.confirmed)
    }

    /// The last number of the widest block that was ever asked for.
    fn reserved(&self) -> Option<u64> {
        self.is_reserved.then_some(self.reserved)
    }

    #[inline(always)]
    fn go_behind(&mut self, number: u64) {
        match number.checked_add(1) {
            Some(next) => self.next = next,
            None => self.is_spent = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: KeyId = KeyId::new(3);

    fn take(counter: &mut SendingCounter) -> Result<u64, Error> {
        let taken = counter.peek(ID)?;
        counter.advance();
        Ok(taken.value())
    }

    #[test]
    fn the_last_counter_is_handed_out_once() {
        let mut counter = SendingCounter::durable_after(Counter::new(u64::MAX - 2));
        assert_eq!(counter.reserve(100, ID), Ok(Counter::new(u64::MAX)));
        counter.confirm(Counter::new(u64::MAX)).unwrap();
        assert_eq!(take(&mut counter), Ok(u64::MAX - 1));
        assert_eq!(take(&mut counter), Ok(u64::MAX));
        for _ in 0..3 {
            assert_eq!(take(&mut counter), Err(Error::CounterExhausted(ID)));
            assert_eq!(counter.reserve(1, ID), Err(Error::CounterExhausted(ID)));
        }
        let mut spent = SendingCounter::durable_after(Counter::new(u64::MAX));
        assert_eq!(take(&mut spent), Err(Error::CounterExhausted(ID)));
    }

    #[test]
    fn a_durable_counter_hands_out_only_what_is_confirmed() {
        let mut counter = SendingCounter::volatile();
        assert_eq!(take(&mut counter), Ok(0));
        assert_eq!(counter.reserve(2, ID), Ok(Counter::new(2)));
        assert_eq!(take(&mut counter), Err(Error::ReservationNeeded(ID)));
        assert_eq!(counter.reserve(2, ID), Ok(Counter::new(2)), "asked again");
        assert!(counter.confirm(Counter::new(3)).is_err(), "never reserved");
        counter.confirm(Counter::new(2)).unwrap();
        assert_eq!(take(&mut counter), Ok(1));
        // The next block may be asked for while this one is in use.
        assert_eq!(counter.reserve(5, ID), Ok(Counter::new(7)));
        assert_eq!(take(&mut counter), Ok(2));
        assert_eq!(take(&mut counter), Err(Error::ReservationNeeded(ID)));
        counter.confirm(Counter::new(7)).unwrap();
        assert_eq!(take(&mut counter), Ok(3));
        counter.confirm(Counter::new(2)).unwrap();
        assert_eq!(
            take(&mut counter),
            Ok(4),
            "confirming late takes nothing back"
        );
    }

    #[test]
    fn whatever_is_stored_last_covers_all_that_was_confirmed() {
        let mut counter = SendingCounter::volatile();
        let large = counter.reserve(100, ID).unwrap();
        let small = counter.reserve(10, ID).unwrap();
        counter.confirm(large).unwrap();
        counter.confirm(small).unwrap();
        let mut used = 0;
        while let Ok(taken) = take(&mut counter) {
            used = taken;
        }
        assert!(
            used <= small.value(),
            "{used} was used, {small} stored last"
        );
    }

    #[test]
    fn an_empty_reservation_is_refused_and_changes_nothing() {
        let mut counter = SendingCounter::volatile();
        assert!(matches!(
            counter.reserve(0, ID),
            Err(Error::InvalidArgument(_))
        ));
        assert_eq!(take(&mut counter), Ok(0), "still volatile");
        assert!(counter.confirm(Counter::new(0)).is_err());
    }

    #[test]
    fn resuming_never_goes_back() {
        let mut counter = SendingCounter::volatile();
        for _ in 0..5 {
            take(&mut counter).unwrap();
        }
        counter.resume_after(Counter::new(2));
        assert_eq!(counter.next(), Some(Counter::new(5)));
        assert_eq!(take(&mut counter), Err(Error::ReservationNeeded(ID)));
        counter.resume_after(Counter::new(9));
        assert_eq!(counter.next(), Some(Counter::new(10)));
        counter.resume_after(Counter::new(u64::MAX));
        assert_eq!(counter.next(), None);
        counter.resume_after(Counter::new(1));
        assert_eq!(counter.next(), None, "the end stays the end");
    }
}
