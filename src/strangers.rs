//! Frames that failed in the name of members who were not heard yet.
//!
//! Fourth layer, under `monitor.rs`. A member gets a record with the first frame that authenticates;
//! until then a few places for all must do, since anybody can name anybody.

use crate::member::MemberId;
use crate::status::{BROKEN_AFTER, Evidence, Failing};

/// Members of whom no frame has authenticated, and the frames that failed in their name: a few of
/// them, since anybody can send such frames.
#[derive(Debug, Default)]
pub(crate) struct Strangers([Option<Stranger>; 8]);

#[derive(Clone, Copy, Debug)]
struct Stranger {
    member: MemberId,
    run: Failing,
    /// Whether frames failed since [`Strangers::take`] was last asked.
    #[cfg(feature = "std")]
    news: bool,
}

impl Strangers {
    pub(crate) fn failed(&mut self, member: MemberId, run: Failing) {
        let known = self.0.iter_mut().flatten();
        if let Some(known) = { known }.find(|known| known.member == member) {
            known.run = known.run.and(run);
            #[cfg(feature = "std")]
            {
                known.news = true;
            }
            return;
        }
        // An empty place, or that of the one who was not seen for longest. Not of one whose frames
        // go on failing: it would look better than it is.
        let oldest = self
            .0
            .iter_mut()
            .min_by_key(|place| place.map(|it| it.run.last));
        let over = |it: Stranger| run.last.since(it.run.last) > BROKEN_AFTER;
        if let Some(place) = oldest
            && place.is_none_or(over)
        {
            *place = Some(Stranger {
                member,
                run,
                #[cfg(feature = "std")]
                news: true,
            });
        }
    }

    /// Of whom frames failed since this was last asked, and in which run.
    #[cfg(feature = "std")]
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (MemberId, Failing)> {
        let places = self.0.iter_mut().flatten();
        let news = places.filter(|it| it.news);
        news.map(|it| {
            it.news = false;
            (it.member, it.run)
        })
    }

    /// Whether [`Self::take`] has something.
    #[cfg(feature = "std")]
    pub(crate) fn has_news(&self) -> bool {
        self.0.iter().flatten().any(|it| it.news)
    }

    pub(crate) fn evidence(&self, member: MemberId) -> Option<Evidence> {
        self.iter()
            .find(|(other, _)| *other == member)
            .map(|(_, evidence)| evidence)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (MemberId, Evidence)> {
        self.0.iter().flatten().map(|it| {
            let evidence = Evidence {
                failing: Some(it.run),
                ..Evidence::default()
            };
            (it.member, evidence)
        })
    }

    pub(crate) fn forget(&mut self, keep: impl Fn(MemberId) -> bool) {
        for place in &mut self.0 {
            if place.is_some_and(|it| !keep(it.member)) {
                *place = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn other_names_do_not_hide_one_whose_frames_go_on_failing() {
        let mut strangers = Strangers::default();
        for now in (0..10_000).step_by(500) {
            strangers.failed(MemberId::Application(0), Failing::at(at(now)));
            for forged in 1..=20 {
                strangers.failed(MemberId::Application(forged), Failing::at(at(now)));
            }
        }
        let real = strangers.evidence(MemberId::Application(0));
        let run = real.and_then(|evidence| evidence.failing);
        assert_eq!(
            run.map(|run| (run.first, run.last)),
            Some((at(0), at(9500)))
        );
    }

    #[test]
    fn a_name_gives_way_when_its_frames_stopped_failing() {
        let mut strangers = Strangers::default();
        for old in 0..8 {
            strangers.failed(MemberId::Application(old), Failing::at(at(0)));
        }
        let newcomer = MemberId::Application(9);
        strangers.failed(newcomer, Failing::at(at(2000)));
        assert!(strangers.evidence(newcomer).is_none());
        strangers.failed(newcomer, Failing::at(at(2001)));
        assert!(strangers.evidence(newcomer).is_some());
        assert_eq!(strangers.iter().count(), 8);
    }
}
