//! Every counter that was ever used, as intervals for each base key and key id: a nonce is made of
//! nothing else (RFC 9605 §4.4.3), so a counter that comes twice is a nonce that comes twice.

use std::collections::HashMap;

#[derive(Default)]
pub(crate) struct Nonces {
    /// By base key and key id.
    used: HashMap<([u8; 16], u64), Intervals>,
}

/// The first and the last counter of each, in ascending order.
type Intervals = Vec<(u64, u64)>;

impl Nonces {
    /// Notes a counter; false when it was there before.
    pub(crate) fn note(&mut self, base_key: [u8; 16], key_id: u64, counter: u64) -> bool {
        let intervals = self.used.entry((base_key, key_id)).or_default();
        let at = intervals.partition_point(|(_, last)| *last < counter);
        if intervals
            .get(at)
            .is_some_and(|(first, _)| *first <= counter)
        {
            return false;
        }
        match at
            .checked_sub(1)
            .and_then(|before| intervals.get_mut(before))
        {
            Some((_, last)) if *last + 1 == counter => *last = counter,
            _ => intervals.insert(at, (counter, counter)),
        }
        true
    }

    /// Keys by key id, and the intervals of counters in all of them.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.used.len(), self.used.values().map(Vec::len).sum())
    }
}
