//! What is known about one member: evidence, statistics, and what was told about them.
//!
//! Fourth layer, under `monitor.rs`.

use core::time::Duration;

use crate::event::Event;
use crate::member::MemberId;
use crate::passthrough::Passthrough;
use crate::stats::FrameStats;
use crate::status::{Circumstances, Evidence, Failing, Status};
use crate::time::{Timestamp, soonest};

/// Replayed frames that are worth an event; single ones are what retransmission makes.
const BURST: u64 = 16;
/// The same thing is not told again sooner.
pub(crate) const TELL_AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct MemberRecord {
    pub(crate) evidence: Evidence,
    pub(crate) stats: FrameStats,
    pub(crate) door: Passthrough,
    /// Whether the first frame has been told of.
    heard_told: bool,
    status_told: Option<(Status, Timestamp)>,
    replays_told: u64,
    replays_told_at: Option<Timestamp>,
    /// What receivers on other threads saw fail.
    #[cfg(feature = "std")]
    pub(crate) noted: noted::Noted,
}

impl MemberRecord {
    /// Takes in what frames did since the last time.
    ///
    /// `exclusive`: nobody who was removed has the key of these frames.
    pub(crate) fn absorb(&mut self, more: &FrameStats, failing: Option<Failing>, exclusive: bool) {
        let evidence = &mut self.evidence;
        self.stats.add(more);
        if more.opened > 0 {
            evidence.authenticated = evidence.authenticated.max(more.last_authenticated);
            if exclusive {
                evidence.exclusive = evidence.exclusive.max(more.last_authenticated);
            }
            self.door.close();
        }
        // Failures before the last frame that authenticated, on whatever stream of the member, say
        // nothing any more.
        let counts = |failing: Failing| failing.after(evidence.authenticated);
        let before = evidence.failing.and_then(counts);
        evidence.failing = match (before, failing.and_then(counts)) {
            (Some(before), Some(more)) => Some(before.and(more)),
            (before, more) => before.or(more),
        };
        if failing.is_some() {
            evidence.no_key = false;
        }
    }

    /// So many frames did not authenticate.
    pub(crate) fn failed(&mut self, run: Failing, count: u64) {
        let failed = FrameStats {
            failed_opens: count,
            ..FrameStats::default()
        };
        self.absorb(&failed, Some(run), false);
    }

    /// A frame came whose key is not here. That is no failed open.
    pub(crate) fn had_no_key(&mut self, now: Timestamp) {
        self.failed(Failing::at(now), 0);
        self.evidence.no_key = true;
    }

    pub(crate) fn passed(&mut self, now: Timestamp) {
        self.stats.passed = self.stats.passed.saturating_add(1);
        self.evidence.passed = Some(now);
    }

    /// Whether the member was heard, and nobody was told.
    pub(crate) fn is_unheard_of(&self) -> bool {
        !self.heard_told && self.evidence.authenticated.is_some()
    }

    /// The next thing to tell about this member.
    pub(crate) fn next_event(&mut self, member: MemberId, at: Circumstances) -> Option<Event> {
        if self.is_unheard_of() {
            self.heard_told = true;
            return Some(Event::MemberFirstHeard(member));
        }
        let replays = self.stats.replayed.saturating_sub(self.replays_told);
        if replays >= BURST && past(self.replays_told_at, at.now) {
            self.replays_told = self.stats.replayed;
            self.replays_told_at = Some(at.now);
            let count = replays;
            return Some(Event::ReplayBurst { member, count });
        }
        let status = self.evidence.status(at);
        if tell(&mut self.status_told, status, at.now) {
            return Some(Event::StatusChanged { member, status });
        }
        None
    }

    /// When there is something to tell, or the status changes, if nothing happens.
    pub(crate) fn deadline(&self, at: Circumstances) -> Option<Timestamp> {
        let evidence = &self.evidence;
        let failed = evidence.failing.map(|failing| failing.last);
        let ahead = |time: Option<Timestamp>| time.filter(|time| *time > at.now);
        let stale = |time: Option<Timestamp>| ahead(time.map(|time| time.plus(at.stale_after)));
        let replays = self.stats.replayed.saturating_sub(self.replays_told);
        soonest([
            stale(evidence.authenticated),
            stale(evidence.passed),
            stale(failed),
            ahead(self.door.until()),
            pending(self.status_told, evidence.status(at), at.now),
            (replays >= BURST).then(|| again(self.replays_told_at, at.now)),
        ])
    }
}

/// When the same thing may be told again.
pub(crate) fn again(told_at: Option<Timestamp>, now: Timestamp) -> Timestamp {
    told_at.map_or(now, |told_at| told_at.plus(TELL_AGAIN))
}

/// When a status may be told that has not been; see [`tell`].
pub(crate) fn pending(
    told: Option<(Status, Timestamp)>,
    status: Status,
    now: Timestamp,
) -> Option<Timestamp> {
    match told {
        None => (status != Status::UNKNOWN).then_some(now),
        Some((before, _)) if before == status => None,
        Some((before, _)) if status.level < before.level => Some(now),
        Some((_, at)) => Some(again(Some(at), now)),
    }
}

/// Whether enough time has passed to tell the same thing again.
pub(crate) fn past(told_at: Option<Timestamp>, now: Timestamp) -> bool {
    told_at.is_none_or(|told_at| now.since(told_at) >= TELL_AGAIN)
}

/// Whether a status is to be told now: a weaker one at once, a stronger one not sooner than a
/// second after the last, so that a status which flaps is not told at every frame.
pub(crate) fn tell(told: &mut Option<(Status, Timestamp)>, status: Status, now: Timestamp) -> bool {
    let tell = match told {
        None => status != Status::UNKNOWN,
        Some((before, _)) if *before == status => false,
        Some((before, _)) if status.level < before.level => true,
        Some((_, at)) => now.since(*at) >= TELL_AGAIN,
    };
    if tell {
        *told = Some((status, now));
    }
    tell
}

#[cfg(feature = "std")]
mod noted {
    use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use crate::status::{BROKEN_AFTER, Failing};
    use crate::time::Timestamp;

    /// Frames in the name of a member, on streams that were not heard yet, which did not
    /// authenticate: for threads that can look at the record and not change it. Each number is right
    /// by itself; while two threads write, a run may begin a moment late.
    #[derive(Debug)]
    pub(crate) struct Noted {
        count: AtomicU64,
        first: AtomicU64,
        last: AtomicU64,
    }

    impl Default for Noted {
        fn default() -> Self {
            Self {
                count: AtomicU64::new(0),
                first: AtomicU64::new(u64::MAX),
                last: AtomicU64::new(0),
            }
        }
    }

    impl Noted {
        pub(crate) fn failed(&self, now: Timestamp) {
            let millis = now.as_millis();
            let last = self.last.fetch_max(millis, Relaxed);
            // Behind a pause another run begins.
            if now.since(Timestamp::from_millis(last)) > BROKEN_AFTER {
                self.first.store(millis, Relaxed);
            } else {
                let first = self.first.load(Relaxed);
                // What is late by more than a pause is another run, and the earlier one.
                if first == u64::MAX || Timestamp::from_millis(first).since(now) <= BROKEN_AFTER {
                    self.first.fetch_min(millis, Relaxed);
                }
            }
            self.count.fetch_add(1, Relaxed);
        }

        /// How many were not taken over yet.
        pub(crate) fn count(&self) -> u64 {
            self.count.load(Relaxed)
        }

        /// Takes them over.
        pub(crate) fn take(&mut self) -> Option<(Failing, u64)> {
            let count = core::mem::take(self.count.get_mut());
            let mut run = Failing::at(Timestamp::from_millis(*self.last.get_mut()));
            run.first = run.last.min(Timestamp::from_millis(*self.first.get_mut()));
            *self.first.get_mut() = u64::MAX;
            (count > 0).then_some((run, count))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn run_of(noted: &mut Noted) -> Option<(u64, u64, u64)> {
            let (run, count) = noted.take()?;
            Some((run.first.as_millis(), run.last.as_millis(), count))
        }

        #[test]
        fn failures_are_taken_over_once_as_one_run() {
            let mut noted = Noted::default();
            assert_eq!(run_of(&mut noted), None);
            // Threads do not come in order.
            for now in [500, 100, 900] {
                noted.failed(Timestamp::from_millis(now));
            }
            assert_eq!(noted.count(), 3);
            assert_eq!(run_of(&mut noted), Some((100, 900, 3)));
            assert_eq!((noted.count(), run_of(&mut noted)), (0, None));
            noted.failed(Timestamp::from_millis(1000));
            assert_eq!(run_of(&mut noted), Some((1000, 1000, 1)));
        }

        #[test]
        fn what_a_thread_reports_behind_a_pause_late_is_no_part_of_the_run() {
            let mut noted = Noted::default();
            for now in [9_000, 6_000, 8_500] {
                noted.failed(Timestamp::from_millis(now));
            }
            assert_eq!(run_of(&mut noted), Some((8_500, 9_000, 3)));
        }

        #[test]
        fn behind_a_pause_another_run_begins() {
            let mut noted = Noted::default();
            for now in [100, 2_100, 4_101, 4_200] {
                noted.failed(Timestamp::from_millis(now));
            }
            assert_eq!(run_of(&mut noted), Some((4_101, 4_200, 4)));
        }
    }
}
