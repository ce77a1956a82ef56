//! The model of what one device knows of members beside their keys: what their frames did, whether
//! their identity was compared, and who may pass in the clear until when.

use std::collections::BTreeMap;

use crate::capi;

/// Group, the epoch in which they came to the leaf, and the leaf.
pub(crate) type Member = (u64, u64, u32);

/// Whether one sender may pass in the clear.
#[derive(Clone, Copy, Default)]
pub(crate) struct Door {
    /// At the earliest and at the latest.
    until: Option<(u64, u64)>,
    /// Frames of the sender were end-to-end encrypted.
    pub(crate) closed: bool,
}

impl Door {
    pub(crate) fn allow(&mut self, (early, late): (u64, u64), duration: u64) {
        self.until = Some((
            early.saturating_add(duration),
            late.saturating_add(duration),
        ));
    }

    pub(crate) fn end(&mut self) {
        self.until = None;
    }

    pub(crate) fn close(&mut self) {
        (self.until, self.closed) = (None, true);
    }

    pub(crate) fn is_surely_open(&self, latest: u64) -> bool {
        self.until.is_some_and(|(early, _)| latest < early)
    }

    pub(crate) fn is_surely_shut(&self, now: u64) -> bool {
        self.until.is_none_or(|(_, late)| late <= now)
    }
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Known {
    pub(crate) opened: u64,
    pub(crate) failed: u64,
    pub(crate) replayed: u64,
    pub(crate) passed: u64,
    pub(crate) injected: u64,
    pub(crate) verified: bool,
    pub(crate) door: Door,
}

#[derive(Default)]
pub(crate) struct Trust {
    pub(crate) members: BTreeMap<Member, Known>,
    pub(crate) own: Door,
}

impl Trust {
    pub(crate) fn of(&self, member: Member) -> Known {
        self.members.get(&member).copied().unwrap_or_default()
    }

    pub(crate) fn of_mut(&mut self, member: Member) -> &mut Known {
        self.members.entry(member).or_default()
    }
}

pub(crate) fn id((group, joined, index): Member) -> capi::frameseal_member_id {
    capi::frameseal_member_id {
        group,
        joined,
        index,
        kind: capi::FRAMESEAL_MEMBER_LEAF,
        number: 0,
    }
}
