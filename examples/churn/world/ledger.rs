//! What became of every frame at every receiver, and why it was lost where it was.

use std::collections::VecDeque;

use super::changes::{Change, Changes};
use super::delivery_service::Process;
use super::queue::Millis;

/// Frames are settled so long after they were sent: the replaying forwarder is done with them.
const SETTLED_AFTER: Millis = 20_000;
/// How long a holding buffer holds a frame.
const HELD_FOR: Millis = 2_000;

/// What is known of one frame at one receiver. The later in this list, the better it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// No copy has come.
    Nothing,
    /// The receiver's process ended first, or it was no member any more.
    Gone,
    /// The receiver was not a member yet, or had not been told of its first epoch.
    NotYet,
    /// Kept until the receiver is told of its first epoch.
    HeldFirst,
    /// It came before the receiver was told of its epoch.
    Early,
    /// It came when its epoch had retired.
    Late,
    /// Early, and kept.
    Held,
    /// Opened, but only because the replaying forwarder brought it again much later.
    OpenedByReplay,
    /// Opened when the receiver's first epoch had come.
    OpenedFirst,
    /// Opened when its epoch had come.
    OpenedHeld,
    Opened,
}

/// Why a frame was lost, for the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Network,
    /// The key change of an add or update.
    Add,
    /// The key change of a removal.
    Removal,
    /// The sender's first epoch, which the receiver had not got yet.
    NewSender,
    NotYet,
    Gone,
}

/// A frame under way.
pub(crate) struct Frame {
    pub(crate) sender: Process,
    pub(crate) index: u32,
    pub(crate) epoch: u64,
    /// Whether it was sent in the first epoch that the sender was in.
    pub(crate) first_epoch: bool,
    pub(crate) sent: Millis,
    outcomes: Vec<(Process, Outcome)>,
    /// Receivers for whom a removal had retired the frame's epoch, and the epoch that did.
    retired_by: Vec<(Process, u64)>,
}

/// Sums over all frames and receivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) frames: u64,
    /// Frames times receivers.
    pub(crate) sent: u64,
    pub(crate) opened: u64,
    /// Of those, frames that had waited for an add or update, for a removal, for a new sender's
    /// first epoch, or for the receiver's own: lost without a holding buffer.
    pub(crate) held: [u64; 4],
    pub(crate) network: u64,
    pub(crate) add: u64,
    pub(crate) removal: u64,
    /// Of those, frames of an epoch that was retired by the removal.
    pub(crate) removal_late: u64,
    pub(crate) new_sender: u64,
    pub(crate) not_yet: u64,
    pub(crate) gone: u64,
}

#[derive(Default)]
pub(crate) struct Ledger {
    frames: VecDeque<Frame>,
    /// The number of the first of them.
    first: u64,
    pub(crate) totals: Totals,
}

impl Ledger {
    /// The number of the next frame.
    pub(crate) fn next_number(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    pub(crate) fn sent(
        &mut self,
        now: Millis,
        sender: (Process, u32),
        epoch: u64,
        first_epoch: bool,
        receivers: impl Iterator<Item = Process>,
    ) {
        self.frames.push_back(Frame {
            sender: sender.0,
            index: sender.1,
            epoch,
            first_epoch,
            sent: now,
            outcomes: receivers
                .map(|process| (process, Outcome::Nothing))
                .collect(),
            retired_by: Vec::new(),
        });
    }

    pub(crate) fn frame(&self, number: u64) -> Option<&Frame> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.frames.get(at)
    }

    pub(crate) fn outcome(&self, number: u64, process: Process) -> Option<Outcome> {
        let frame = self.frame(number)?;
        let at = frame.place_of(process)?;
        Some(frame.outcomes[at].1)
    }

    /// Notes what became of a copy; the best counts.
    pub(crate) fn note(&mut self, number: u64, process: Process, outcome: Outcome) {
        if let Some(frame) = self.frame_mut(number)
            && let Some(at) = frame.place_of(process)
        {
            let known = &mut frame.outcomes[at].1;
            *known = (*known).max(outcome);
        }
    }

    /// A frame came late to a receiver for whom a removal had retired its epoch.
    pub(crate) fn note_removal(&mut self, number: u64, process: Process, removal: u64) {
        if let Some(frame) = self.frame_mut(number) {
            frame.retired_by.push((process, removal));
        }
    }

    /// A process ended, and what it held with it.
    pub(crate) fn ended(&mut self, now: Millis, process: Process) {
        let frames = self.frames.iter_mut().rev();
        for frame in frames.take_while(|frame| now < frame.sent + HELD_FOR) {
            if let Some(at) = frame.place_of(process)
                && frame.outcomes[at].1 == Outcome::Held
            {
                frame.outcomes[at].1 = Outcome::Gone;
            }
        }
    }

    fn frame_mut(&mut self, number: u64) -> Option<&mut Frame> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.frames.get_mut(at)
    }

    /// Closes the accounts of frames that nothing can become of any more. `arrived` is told for
    /// each of their copies that came to a member of both epochs whether it was lost to an add.
    pub(crate) fn settle(
        &mut self,
        now: Millis,
        changes: &mut Changes,
        mut arrived: impl FnMut(&Frame, Process, bool),
    ) {
        while let Some(frame) = self.frames.front()
            && frame.sent + SETTLED_AFTER <= now
        {
            let Some(frame) = self.frames.pop_front() else {
                return;
            };
            self.first += 1;
            self.totals.frames += 1;
            for (process, outcome) in &frame.outcomes {
                let change = changes.of_epoch(frame.epoch);
                let cause = cause(&frame, *process, *outcome, change);
                self.totals.add(*outcome, cause, &frame, change);
                let blamed = frame.retired_by(*process).unwrap_or(frame.epoch);
                changes.note(&frame, *outcome, cause, blamed);
                if *outcome > Outcome::HeldFirst {
                    arrived(&frame, *process, cause == Some(Cause::Add));
                }
            }
        }
    }
}

/// Why a frame was lost, if it was.
fn cause(
    frame: &Frame,
    receiver: Process,
    outcome: Outcome,
    change: Option<&Change>,
) -> Option<Cause> {
    let of_change = match change {
        Some(change) if change.kind.is_removal() => Cause::Removal,
        _ => Cause::Add,
    };
    match outcome {
        Outcome::Nothing | Outcome::OpenedByReplay => Some(Cause::Network),
        Outcome::Gone => Some(Cause::Gone),
        Outcome::NotYet | Outcome::HeldFirst => Some(Cause::NotYet),
        Outcome::Early | Outcome::Held if frame.first_epoch => Some(Cause::NewSender),
        Outcome::Early | Outcome::Held => Some(of_change),
        Outcome::Late if frame.retired_by(receiver).is_some() => Some(Cause::Removal),
        Outcome::Late => Some(Cause::Add),
        Outcome::OpenedFirst | Outcome::OpenedHeld | Outcome::Opened => None,
    }
}

impl Frame {
    fn place_of(&self, process: Process) -> Option<usize> {
        self.outcomes
            .binary_search_by_key(&process, |(process, _)| *process)
            .ok()
    }

    fn retired_by(&self, process: Process) -> Option<u64> {
        let mut all = self.retired_by.iter();
        all.find(|(other, _)| *other == process)
            .map(|(_, epoch)| *epoch)
    }
}

impl Totals {
    fn add(
        &mut self,
        outcome: Outcome,
        cause: Option<Cause>,
        frame: &Frame,
        change: Option<&Change>,
    ) {
        self.sent += 1;
        match cause {
            None => self.opened += 1,
            Some(Cause::Network) => self.network += 1,
            Some(Cause::Add) => self.add += 1,
            Some(Cause::Removal) => {
                self.removal += 1;
                self.removal_late += u64::from(outcome == Outcome::Late);
            }
            Some(Cause::NewSender) => self.new_sender += 1,
            Some(Cause::NotYet) => self.not_yet += 1,
            Some(Cause::Gone) => self.gone += 1,
        }
        if outcome == Outcome::OpenedFirst {
            self.held[3] += 1;
        }
        if outcome == Outcome::OpenedHeld {
            let removal = change.is_some_and(|change| change.kind.is_removal());
            let for_what = match (frame.first_epoch, removal) {
                (true, _) => 2,
                (false, true) => 1,
                (false, false) => 0,
            };
            self.held[for_what] += 1;
        }
    }
}
