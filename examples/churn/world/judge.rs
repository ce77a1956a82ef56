//! What the world, which knows who made every packet, makes of a device's answer.

use frameseal::Error;

use super::changes::Changes;
use super::checks::Checks;
use super::delivery_service::Process;
use super::device::{Device, Fate, Opened};
use super::ledger::{Frame, Ledger, Outcome};
use super::packet::{Maker, Tag};
use super::queue::Millis;

/// A packet that came to a device, and how.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) now: Millis,
    pub(crate) tag: Tag,
    /// The replaying forwarder sent it.
    pub(crate) replayed: bool,
    /// It had waited in the holding buffer.
    pub(crate) held: bool,
}

/// What can be right for a frame of a member, from what the receiver was told.
enum Expected {
    /// The receiver has no epoch yet, or only later ones.
    NotYet,
    /// It was not told of the epoch yet.
    Early,
    /// The epoch has retired; which removal did that, if one did.
    Late(Option<u64>),
    /// The epoch is live, so the frame opens.
    Opens,
}

/// The accounts that an answer goes into.
pub(crate) struct Judge<'w> {
    pub(crate) checks: &'w mut Checks,
    pub(crate) ledger: &'w mut Ledger,
    pub(crate) changes: &'w mut Changes,
    /// How long a receiver accepts old epochs after a removal.
    pub(crate) overlap: Millis,
}

impl Judge<'_> {
    pub(crate) fn judge(&mut self, arrival: Arrival, device: &Device, fate: Fate) {
        match arrival.tag.maker() {
            Maker::Forger => {
                let opened = matches!(fate, Fate::Opened(_));
                self.checks.forged.holds(!opened, || {
                    format!("{} ms: {} accepts a forgery", arrival.now, device.process)
                });
            }
            Maker::Removed(since) => self.forged_by_removed(arrival, device, fate, since),
            Maker::Member(number) => self.of_member(arrival, device, fate, number),
        }
    }

    /// Accepted while the receiver does not know, or accepts old epochs on purpose; never after.
    fn forged_by_removed(&mut self, arrival: Arrival, device: &Device, fate: Fate, since: u64) {
        let opened = matches!(fate, Fate::Opened(_));
        let knows_only_later = device.first_epoch.is_none_or(|first| first >= since);
        let told = device.told_of_removal(since);
        let over = told.is_some_and(|told| arrival.now >= told + self.overlap);
        if over || knows_only_later {
            self.checks.removed_forges.holds(!opened, || {
                let (now, process) = (arrival.now, device.process);
                format!("{now} ms: {process} accepts what was forged, told at {told:?}")
            });
        } else if opened && let Some(change) = self.changes.of_epoch_mut(since) {
            change.forged += 1;
        }
    }

    fn of_member(&mut self, arrival: Arrival, device: &Device, fate: Fate, number: u64) {
        let Some(frame) = self.ledger.frame(number) else {
            // Nothing is under way for so long.
            self.checks.opened.holds(false, || "a settled frame".into());
            return;
        };
        let before = self.ledger.outcome(number, device.process);
        let (Some(before), true) = (before, frame.sender != device.process) else {
            // Replayed to its sender, or to one who was not there when it was sent.
            let opened = matches!(fate, Fate::Opened(_));
            self.checks.replays.holds(!opened, || {
                let (now, process) = (arrival.now, device.process);
                format!("{now} ms: frame {number} is not for {process}")
            });
            return;
        };
        if before >= Outcome::OpenedByReplay {
            return self.again(arrival, device, fate, number);
        }
        let expected = expected(arrival.now, device, frame);
        let outcome = match (fate, &expected) {
            (Fate::Opened(opened), Expected::Opens) => {
                let right = is_right(arrival.now, device, frame, opened);
                self.checks.opened.holds(right, || {
                    let (now, process) = (arrival.now, device.process);
                    format!("{now} ms: {process} takes frame {number} for {opened:?}")
                });
                match (arrival.held, before) {
                    (true, Outcome::HeldFirst) => Outcome::OpenedFirst,
                    (true, _) => Outcome::OpenedHeld,
                    (false, _) if arrival.replayed => Outcome::OpenedByReplay,
                    (false, _) => Outcome::Opened,
                }
            }
            (_, Expected::NotYet) if fate == Fate::Held => Outcome::HeldFirst,
            (_, Expected::NotYet) => Outcome::NotYet,
            (_, Expected::Early) if fate == Fate::Held => Outcome::Held,
            (_, Expected::Early) => Outcome::Early,
            (_, Expected::Late(_)) => Outcome::Late,
            (_, Expected::Opens) => Outcome::Nothing,
        };
        if let Expected::Late(Some(removal)) = expected {
            self.ledger.note_removal(number, device.process, removal);
        }
        if outcome < Outcome::OpenedByReplay {
            let unknown = matches!(fate, Fate::Held | Fate::Refused(Error::UnknownKeyId(_)));
            let right = unknown && !matches!(expected, Expected::Opens);
            self.checks.refused.holds(right, || {
                let (now, process) = (arrival.now, device.process);
                format!("{now} ms: {process} answers {fate:?} to frame {number}")
            });
        }
        // What a replay finds too late was lost before.
        if !(arrival.replayed && outcome < Outcome::OpenedByReplay) {
            self.ledger.note(number, device.process, outcome);
        }
    }

    /// A copy of a frame that was opened.
    fn again(&mut self, arrival: Arrival, device: &Device, fate: Fate, number: u64) {
        let right = matches!(
            fate,
            Fate::Held | Fate::Refused(Error::Replay | Error::UnknownKeyId(_))
        );
        self.checks.replays.holds(right, || {
            let (now, process) = (arrival.now, device.process);
            format!("{now} ms: {process} answers {fate:?} to frame {number} again")
        });
    }
}

fn expected(now: Millis, device: &Device, frame: &Frame) -> Expected {
    match device.first_epoch {
        Some(first) if first <= frame.epoch => {}
        _ => return Expected::NotYet,
    }
    if frame.epoch > device.newest {
        Expected::Early
    } else if device.is_live(now, frame.epoch) {
        Expected::Opens
    } else {
        Expected::Late(device.removal_behind(frame.epoch))
    }
}

fn is_right(now: Millis, device: &Device, frame: &Frame, opened: Opened) -> bool {
    let on_leaf: Option<(Process, u64)> = device.on_leaf(now, frame.epoch, frame.index);
    opened.right_payload
        && opened.epoch == frame.epoch
        && on_leaf.is_some_and(|(process, joined)| {
            process == frame.sender && opened.member == Some((frame.index, joined))
        })
}
