//! What will happen, in order of virtual time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Milliseconds of virtual time since the call began. No clock is read anywhere.
pub(crate) type Millis = u64;

/// Events to come. Those of the same millisecond happen in the order in which they were planned.
pub(crate) struct Queue<E> {
    waiting: BinaryHeap<Planned<E>>,
    planned: u64,
}

struct Planned<E> {
    at: Millis,
    number: u64,
    event: E,
}

impl<E> Queue<E> {
    pub(crate) fn new() -> Self {
        Self {
            waiting: BinaryHeap::new(),
            planned: 0,
        }
    }

    pub(crate) fn plan(&mut self, at: Millis, event: E) {
        let number = self.planned;
        self.planned += 1;
        self.waiting.push(Planned { at, number, event });
    }

    pub(crate) fn next(&mut self) -> Option<(Millis, E)> {
        let Planned { at, event, .. } = self.waiting.pop()?;
        Some((at, event))
    }
}

impl<E> Ord for Planned<E> {
    /// The earliest is the greatest, as the heap wants it.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl<E> PartialOrd for Planned<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Planned<E> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<E> Eq for Planned<E> {}
