//! Frames that failed in the name of members who were not heard yet.
//!
//! Fourth layer, under `monitor.rs`. A member gets a record with the first frame that authenticates;
//! until then a few places for all must do, since anybody can name anybody.

use crate::member::MemberId;
use crate::status::{Evidence, Failing};
use crate::time::Timestamp;

/// Members of whom no frame has authenticated, and the frames that failed in their name: the latest
/// few, since anybody can send such frames.
#[derive(Debug, Default)]
pub(crate) struct Strangers([Option<(MemberId, Failing)>; 8]);

impl Strangers {
    pub(crate) fn failed(&mut self, member: MemberId, now: Timestamp) {
        let failing = Failing::at(now);
        let known = self.0.iter_mut().flatten();
        if let Some((_, run)) = { known }.find(|(other, _)| *other == member) {
            *run = run.and(failing);
            return;
        }
        // An empty place, or that of the one who was not seen for longest.
        let oldest = self
            .0
            .iter_mut()
            .min_by_key(|place| place.map(|(_, run)| run.last));
        if let Some(place) = oldest {
            *place = Some((member, failing));
        }
    }

    pub(crate) fn evidence(&self, member: MemberId) -> Option<Evidence> {
        self.iter()
            .find(|(other, _)| *other == member)
            .map(|(_, evidence)| evidence)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (MemberId, Evidence)> {
        self.0.iter().flatten().map(|(member, failing)| {
            let evidence = Evidence {
                failing: Some(*failing),
                ..Evidence::default()
            };
            (*member, evidence)
        })
    }

    pub(crate) fn forget(&mut self, keep: impl Fn(MemberId) -> bool) {
        for place in &mut self.0 {
            if place.is_some_and(|(member, _)| !keep(member)) {
                *place = None;
            }
        }
    }
}
