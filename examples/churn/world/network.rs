//! A bad network, as layers that can be put together in any order: each does one bad thing, with
//! a seed of its own, and hands the rest to the layer below.
//!
//! A layer is asked when the copies of one packet arrive. No copy is a lost packet.

use super::queue::Millis;
use super::random::Random;

/// What carries packets to one receiver.
pub(crate) trait Link {
    /// Sends a packet at `at`; adds the times at which copies of it arrive.
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>);
}

/// The bottom: everything arrives, after the same time.
pub(crate) struct Wire {
    pub(crate) takes: Millis,
}

/// Up to `most` later, each packet for itself.
pub(crate) struct Jitter<L> {
    pub(crate) below: L,
    pub(crate) random: Random,
    pub(crate) most: Millis,
}

/// Loses packets.
pub(crate) struct Loss<L> {
    pub(crate) below: L,
    pub(crate) random: Random,
    pub(crate) per_mille: u64,
}

/// Sends some packets twice.
pub(crate) struct Duplication<L> {
    pub(crate) below: L,
    pub(crate) random: Random,
    pub(crate) per_mille: u64,
}

/// Keeps some packets back until `by` later, behind those that were sent after them.
pub(crate) struct Reordering<L> {
    pub(crate) below: L,
    pub(crate) random: Random,
    pub(crate) per_mille: u64,
    pub(crate) by: Millis,
}

/// Sends some of the lost packets again, when the receiver can have missed them.
pub(crate) struct Retransmission<L> {
    pub(crate) below: L,
    pub(crate) random: Random,
    pub(crate) per_mille: u64,
    pub(crate) after: Millis,
}

impl Link for Wire {
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>) {
        arrivals.push(at + self.takes);
    }
}

impl<L: Link> Link for Jitter<L> {
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>) {
        let late = self.random.below(self.most + 1);
        self.below.send(at + late, arrivals);
    }
}

impl<L: Link> Link for Loss<L> {
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>) {
        if !self.random.chance(self.per_mille) {
            self.below.send(at, arrivals);
        }
    }
}

impl<L: Link> Link for Duplication<L> {
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>) {
        self.below.send(at, arrivals);
        if self.random.chance(self.per_mille) {
            self.below.send(at, arrivals);
        }
    }
}

impl<L: Link> Link for Reordering<L> {
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>) {
        let kept = self.random.chance(self.per_mille);
        self.below
            .send(at + if kept { self.by } else { 0 }, arrivals);
    }
}

impl<L: Link> Link for Retransmission<L> {
    fn send(&mut self, at: Millis, arrivals: &mut Vec<Millis>) {
        let before = arrivals.len();
        self.below.send(at, arrivals);
        if arrivals.len() == before && self.random.chance(self.per_mille) {
            self.below.send(at + self.after, arrivals);
        }
    }
}

/// How bad the network is.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    /// Of a thousand packets.
    pub(crate) lost: u64,
    /// Up to so much later.
    pub(crate) jitter: Millis,
    /// Of a thousand packets.
    pub(crate) duplicated: u64,
    /// Of a thousand packets.
    pub(crate) reordered: u64,
    /// Of a thousand lost packets.
    pub(crate) retransmitted: u64,
}

impl Faults {
    /// 2 % loss, half of which is sent again; 200 ms of jitter; 1 % twice; 1 % out of order.
    pub(crate) fn usual() -> Self {
        Self {
            lost: 20,
            jitter: 200,
            duplicated: 10,
            reordered: 10,
            retransmitted: 500,
        }
    }

    /// All of them in one link.
    pub(crate) fn link(&self, seed: u64) -> impl Link + use<> {
        let wire = Wire { takes: 20 };
        let below = Jitter {
            below: wire,
            random: Random::of(seed, "jitter"),
            most: self.jitter,
        };
        let below = Reordering {
            below,
            random: Random::of(seed, "reordering"),
            per_mille: self.reordered,
            by: 300,
        };
        let below = Loss {
            below,
            random: Random::of(seed, "loss"),
            per_mille: self.lost,
        };
        let below = Retransmission {
            below,
            random: Random::of(seed, "retransmission"),
            per_mille: self.retransmitted,
            after: 150,
        };
        Duplication {
            below,
            random: Random::of(seed, "duplication"),
            per_mille: self.duplicated,
        }
    }
}
