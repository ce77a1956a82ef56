//! The changes of the group, each with what happened around it.

use std::rc::Rc;

use super::delivery_service::{Commit, Kind, Process};
use super::ledger::{Cause, Frame, Outcome};
use super::queue::Millis;

/// How far behind a change the profile looks, and in which steps.
pub(crate) const PROFILE_LEN: Millis = 5_000;
pub(crate) const STEP: Millis = 100;
const STEPS: usize = (PROFILE_LEN / STEP) as usize;

/// One new epoch.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) epoch: u64,
    pub(crate) kind: Kind,
    pub(crate) at: Millis,
    pub(crate) added: Option<Process>,
    pub(crate) removed: Option<Process>,
    /// Members after it.
    pub(crate) members: usize,
    /// When the first and the last device began to send in it.
    pub(crate) sent_from: Option<Millis>,
    pub(crate) sent_by: Option<Millis>,
    /// Frames times receivers, lost because of it.
    pub(crate) lost: u64,
    /// The first frames of who came, where they were early.
    pub(crate) lost_of_new: u64,
    /// Frames times receivers that waited in a holding buffer, and were opened.
    pub(crate) held: u64,
    /// Frames that the removed member forged and that were accepted during the overlap.
    pub(crate) forged: u64,
}

/// Frames times receivers by when they were sent behind a change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Step {
    pub(crate) sent: u64,
    pub(crate) network: u64,
    pub(crate) change: u64,
    pub(crate) new_sender: u64,
}

#[derive(Default)]
pub(crate) struct Changes {
    all: Vec<Change>,
    /// Behind adds and updates, and behind removals.
    pub(crate) profiles: [Vec<Step>; 2],
}

impl Changes {
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            profiles: [(); 2].map(|()| vec![Step::default(); STEPS]),
        }
    }

    pub(crate) fn add(&mut self, commit: &Rc<Commit>) {
        self.all.push(Change {
            epoch: commit.epoch,
            kind: commit.kind,
            at: commit.at,
            added: commit.added,
            removed: commit.removed,
            members: commit.members().count(),
            sent_from: None,
            sent_by: None,
            lost: 0,
            lost_of_new: 0,
            held: 0,
            forged: 0,
        });
    }

    pub(crate) fn all(&self) -> &[Change] {
        &self.all
    }

    pub(crate) fn of_epoch(&self, epoch: u64) -> Option<&Change> {
        self.all.get(place_of(epoch)?)
    }

    pub(crate) fn of_epoch_mut(&mut self, epoch: u64) -> Option<&mut Change> {
        self.all.get_mut(place_of(epoch)?)
    }

    /// A device sends its first frame in an epoch.
    pub(crate) fn first_sent(&mut self, now: Millis, epoch: u64) {
        if let Some(change) = self.of_epoch_mut(epoch) {
            change.sent_from.get_or_insert(now);
            change.sent_by = Some(now);
        }
    }

    /// What became of a frame at one receiver, and the epoch that is to blame where it was lost.
    pub(crate) fn note(
        &mut self,
        frame: &Frame,
        outcome: Outcome,
        cause: Option<Cause>,
        blamed: u64,
    ) {
        if !matches!(cause, Some(Cause::NotYet | Cause::Gone)) {
            self.profile(frame, cause, blamed);
        }
        if let Some(change) = self.of_epoch_mut(blamed) {
            change.lost += u64::from(matches!(cause, Some(Cause::Add | Cause::Removal)));
            change.lost_of_new += u64::from(cause == Some(Cause::NewSender));
            change.held += u64::from(outcome == Outcome::OpenedHeld);
        }
    }

    /// A frame belongs to the course of every change that it was sent behind, and its loss to that
    /// of the one that is to blame.
    fn profile(&mut self, frame: &Frame, cause: Option<Cause>, blamed: u64) {
        let before = self.all.partition_point(|change| change.at <= frame.sent);
        let recent = self.all.iter().take(before).rev();
        let recent = recent.take_while(|change| frame.sent < change.at + PROFILE_LEN);
        for change in recent.filter(|change| change.kind != Kind::Start) {
            let profile = &mut self.profiles[usize::from(change.kind.is_removal())];
            let step = usize::try_from((frame.sent - change.at) / STEP);
            if let Some(step) = step.ok().and_then(|step| profile.get_mut(step)) {
                let to_blame = change.epoch == blamed;
                let of_change = matches!(cause, Some(Cause::Add | Cause::Removal));
                step.sent += 1;
                step.network += u64::from(cause == Some(Cause::Network));
                step.change += u64::from(to_blame && of_change);
                step.new_sender += u64::from(to_blame && cause == Some(Cause::NewSender));
            }
        }
    }
}

/// Epochs count from 1, without gaps.
fn place_of(epoch: u64) -> Option<usize> {
    usize::try_from(epoch.checked_sub(1)?).ok()
}
