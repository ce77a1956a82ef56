//! The counter of a sending key: the one place that hands out numbers for nonces.
//!
//! Third layer, under `encryption_key.rs`. A number is handed out once (RFC 9605 §9.1). A counter
//! is volatile, for a key that lives as long as the process, or durable: then only numbers are
//! handed out that the application has stored as used before (`reserve`, store, `confirm`), so a
//! process that dies at any moment can go on behind them.

use crate::error::Error;
use crate::header::{Counter, KeyId};

#[derive(Debug)]
pub(crate) struct SendingCounter {
    /// The next number; `None` when 2^64 - 1 has been used.
    next: Option<u64>,
    durable: Option<Durable>,
}

/// What a durable counter may hand out.
#[derive(Debug, Default)]
struct Durable {
    /// The last number that was stored; nothing beyond it is handed out.
    confirmed: Option<u64>,
    /// The last number of the widest block that was ever asked for.
    reserved: Option<u64>,
}

impl SendingCounter {
    /// Starts at 0, volatile.
    pub(crate) const fn volatile() -> Self {
        Self {
            next: Some(0),
            durable: None,
        }
    }

    /// Hands out nothing, ever.
    pub(crate) const fn spent() -> Self {
        Self {
            next: None,
            durable: None,
        }
    }

    /// Starts behind `last`, durable, with nothing confirmed.
    pub(crate) fn durable_after(last: Counter) -> Self {
        Self {
            next: last.value().checked_add(1),
            durable: Some(Durable::default()),
        }
    }

    /// The number of the next frame, which this does not use up.
    #[inline(always)]
    pub(crate) fn peek(&self, key_id: KeyId) -> Result<Counter, Error> {
        let next = self.next.ok_or(Error::CounterExhausted(key_id))?;
        if let Some(durable) = &self.durable
            && durable.confirmed.is_none_or(|confirmed| next > confirmed)
        {
            return Err(Error::ReservationNeeded(key_id));
        }
        Ok(Counter::new(next))
    }

    /// Uses up the number that `peek` showed.
    #[inline(always)]
    pub(crate) fn advance(&mut self) {
        self.next = self.next.and_then(|next| next.checked_add(1));
    }

    /// The next number, whether it may be used now or not.
    pub(crate) fn next(&self) -> Option<Counter> {
        self.next.map(Counter::new)
    }

    /// Asks for `count` further numbers and makes the counter durable; the last of them, to be
    /// stored. Never answers less than before.
    pub(crate) fn reserve(&mut self, count: u64, key_id: KeyId) -> Result<Counter, Error> {
        let more = count
            .checked_sub(1)
            .ok_or(Error::InvalidArgument("a reservation of no counter"))?;
        let next = self.next.ok_or(Error::CounterExhausted(key_id))?;
        let confirmed = self.durable.as_ref().and_then(|durable| durable.confirmed);
        let first = match confirmed {
            Some(confirmed) if confirmed >= next => confirmed
                .checked_add(1)
                .ok_or(Error::CounterExhausted(key_id))?,
            _ => next,
        };
        let last = first.saturating_add(more);
        let durable = self.durable.get_or_insert_default();
        // Never less than an earlier answer: what is stored last must cover what was confirmed.
        let last = durable.reserved.map_or(last, |earlier| earlier.max(last));
        durable.reserved = Some(last);
        Ok(Counter::new(last))
    }

    /// Lets the counter hand out everything up to `last`, which has been stored.
    pub(crate) fn confirm(&mut self, last: Counter) -> Result<(), Error> {
        match &mut self.durable {
            Some(durable) if durable.reserved >= Some(last.value()) => {
                durable.confirmed = durable.confirmed.max(Some(last.value()));
                Ok(())
            }
            _ => Err(Error::InvalidArgument("this counter was not reserved")),
        }
    }

    /// Never hands out `last` or anything before it, and becomes durable.
    pub(crate) fn resume_after(&mut self, last: Counter) {
        // `None` is the end, so it is the larger of the two.
        if let Some(next) = self.next
            && next <= last.value()
        {
            self.next = last.value().checked_add(1);
        }
        self.durable.get_or_insert_default();
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
