//! Everything that must hold, with the attempts to break it.

use std::io::{self, Write};

use frameseal::EncryptionStatus;

use crate::check::{Check, Verdict};

/// Every level of a status, the weakest first.
pub(crate) const LEVELS: [EncryptionStatus; 7] = [
    EncryptionStatus::Broken,
    EncryptionStatus::TransportOnly,
    EncryptionStatus::Unknown,
    EncryptionStatus::Stale,
    EncryptionStatus::OverlapAfterRemoval,
    EncryptionStatus::EndToEnd,
    EncryptionStatus::EndToEndVerified,
];

pub(crate) struct Checks {
    pub(crate) commits: Check,
    pub(crate) switches: Check,
    pub(crate) cut_offs: Check,
    pub(crate) opened: Check,
    pub(crate) refused: Check,
    pub(crate) replays: Check,
    pub(crate) forged: Check,
    pub(crate) removed_reads: Check,
    pub(crate) removed_forges: Check,
    pub(crate) clear: Check,
    pub(crate) nonces: Check,
    pub(crate) statuses: Check,
    /// Only where delay or holding buffer cover the lateness of commits.
    pub(crate) covered: Option<Check>,
    pub(crate) levels: Levels,
}

/// How often each level of a status was the right answer, for members and for the room.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Levels {
    members: [u64; LEVELS.len()],
    room: [u64; LEVELS.len()],
}

impl Checks {
    pub(crate) fn new(covered: bool) -> Self {
        Self {
            commits: Check::new("commits taken"),
            switches: Check::new("frames sent in the epoch that is due"),
            cut_offs: Check::new("removals told, with the time of the cut-off"),
            opened: Check::new("frames opened are what a member sent, once"),
            refused: Check::new("frames refused for want of an epoch, and no more"),
            replays: Check::new("frames opened before are not opened again"),
            forged: Check::new("frames forged without keys are refused"),
            removed_reads: Check::new("frames behind a cut-off, tried with old keys"),
            removed_forges: Check::new("frames forged with old keys after the overlap"),
            clear: Check::new("frames in the clear pass only where allowed"),
            nonces: Check::new("pairs of key and nonce are new"),
            statuses: Check::new("status of a member or the room as computed"),
            covered: covered.then(|| Check::new("frames not lost to an add or update")),
            levels: Levels::default(),
        }
    }

    /// A line for each check.
    pub(crate) fn finish(self, out: &mut dyn Write) -> io::Result<Verdict> {
        let mut verdict = Verdict::default();
        for (check, result) in [
            (self.commits, "taken"),
            (self.switches, "right"),
            (self.cut_offs, "told"),
            (self.opened, "right"),
            (self.refused, "right"),
            (self.replays, "refused"),
            (self.forged, "refused"),
            (self.removed_reads, "closed"),
            (self.removed_forges, "refused"),
            (self.clear, "right"),
            (self.nonces, "new"),
            (self.statuses, "right"),
        ] {
            check.finish(out, &mut verdict, result)?;
        }
        if let Some(covered) = self.covered {
            covered.finish(out, &mut verdict, "not lost")?;
        }
        Ok(verdict)
    }
}

impl Levels {
    pub(crate) fn note_member(&mut self, level: EncryptionStatus) {
        self.members[place_of(level)] += 1;
    }

    pub(crate) fn note_room(&mut self, level: EncryptionStatus) {
        self.room[place_of(level)] += 1;
    }

    /// How often members and the room were to have this level.
    pub(crate) fn seen(&self, level: EncryptionStatus) -> (u64, u64) {
        let place = place_of(level);
        (self.members[place], self.room[place])
    }
}

fn place_of(level: EncryptionStatus) -> usize {
    let place = LEVELS.iter().position(|other| *other == level);
    place.expect("all levels are listed")
}
