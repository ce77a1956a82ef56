//! When an encoder is asked for a key frame: after sending moved, and when it lets streams move.
//!
//! Under `mls/`, a part of the epoch manager.

use core::time::Duration;

use crate::table::Table;
use crate::time::Timestamp;

use super::manager::EpochManagerCore;
use super::roster::Serial;
use super::send::StreamSlot;
use super::storage::{CallStorage, Lock};
use super::stream::StreamKind;

/// An encoder is not asked for key frames more often.
const INTERVAL: Duration = Duration::from_millis(500);

/// Whether an encoder should make a key frame.
#[derive(Debug, Default)]
pub(crate) struct KeyFrameSignal {
    /// The epoch that streams should come to with it.
    wanted: Option<Serial>,
    told_at: Option<Timestamp>,
}

impl KeyFrameSignal {
    /// When it may be told.
    pub(crate) fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        self.wanted?;
        Some(self.told_at.map_or(now, |at| at.plus(INTERVAL)))
    }
}

impl<S: CallStorage> EpochManagerCore<S> {
    /// Asks for a key frame after sending moved, unless all streams that have key frames moved with
    /// one; and when such streams may move, so that they need not wait for one.
    pub(crate) fn want_key_frame(
        &mut self,
        could_move_to: Option<Serial>,
        moved_to: Option<Serial>,
    ) {
        let may_move_to = self.epochs.eligible;
        if let Some(moved_to) = moved_to
            && self.key_frame_streams_behind(moved_to) != Some(false)
        {
            self.key_frame.wanted = Some(moved_to);
        }
        if may_move_to > could_move_to.max(moved_to)
            && let Some(may_move_to) = may_move_to
            && self.key_frame_streams_behind(may_move_to) == Some(true)
        {
            self.key_frame.wanted = Some(may_move_to);
        }
    }

    /// Whether a key frame is to be asked for now.
    pub(crate) fn take_key_frame_wanted(&mut self, now: Timestamp) -> bool {
        let due = self.key_frame.deadline(now).is_some_and(|at| at <= now);
        let Some(wanted) = self.key_frame.wanted.filter(|_| due) else {
            return false;
        };
        self.key_frame.wanted = None;
        // They may have moved meanwhile, with a key frame of their own accord.
        if self.key_frame_streams_behind(wanted) == Some(false) {
            return false;
        }
        self.key_frame.told_at = Some(now);
        true
    }

    /// Whether a stream with key frames that has sent has not come to this epoch with one; `None` if
    /// there is no stream with key frames. One that is sealing a frame is not waited for, and counts
    /// as one that has not.
    fn key_frame_streams_behind(&mut self, serial: Serial) -> Option<bool> {
        let mut behind = None;
        for (_, slot) in self.streams.iter_mut() {
            if let StreamSlot::Open(open) = slot
                && open.kind == StreamKind::KeyFrames
            {
                let this = open.core.try_with(|core| core.is_behind(serial));
                behind = Some(behind.unwrap_or(false) || this.unwrap_or(true));
            }
        }
        behind
    }
}
