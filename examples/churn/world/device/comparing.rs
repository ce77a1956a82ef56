//! After every call: what the manager says about everybody and the room, beside what the oracle
//! says.

use super::{Device, at, id_of, key_of};
use crate::world::checks::Checks;
use crate::world::oracle::{Expected, MemberKey, Statuses, UNHEARD};
use crate::world::queue::Millis;

/// In a large call, everybody's status is compared after so many calls of a device.
const EVERYBODY_AFTER: u32 = 8;
/// Up to so many members, after every call.
const SMALL: usize = 16;

impl Device {
    /// After every call: the member whom it was about, by name, and the room. Everybody in a small
    /// call; in a large one that would be more work than the call, so every few times.
    pub(super) fn compare_touched(
        &mut self,
        now: Millis,
        member: Option<MemberKey>,
        checks: &mut Checks,
    ) {
        if let Some(member) = member {
            let status = self.manager.status(id_of(member), at(now));
            let expected = self.oracle.status(now, member);
            self.compare(
                now,
                Some(member),
                (status.level, status.reason),
                expected,
                checks,
            );
        }
        self.calls = self.calls.wrapping_add(1);
        if self.members <= SMALL || self.calls.is_multiple_of(EVERYBODY_AFTER) {
            return self.compare_everyone(now, checks);
        }
        let expected = self.oracle.take_statuses(now);
        self.compare_room(now, &expected, checks);
        self.oracle.give_back(expected);
    }

    pub(super) fn compare_everyone(&mut self, now: Millis, checks: &mut Checks) {
        let mut listed = core::mem::take(&mut self.listed);
        let known = self.manager.statuses(at(now));
        listed.extend(
            known.filter_map(|(member, status)| {
                Some((key_of(member)?, (status.level, status.reason)))
            }),
        );
        // The manager lists them in no order, and none of whom it knows nothing.
        listed.sort_unstable_by_key(|(member, _)| *member);
        let mut known = listed.iter().peekable();
        let expected = self.oracle.take_statuses(now);
        for (member, expected) in &expected.members {
            while let Some((stranger, _)) = known.next_if(|(other, _)| other < member) {
                self.found_stranger(now, *stranger, checks);
            }
            let status = known.next_if(|(other, _)| other == member);
            let status = status.map_or(UNHEARD, |(_, status)| *status);
            self.compare(now, Some(*member), status, *expected, checks);
            checks.levels.note_member(expected.0);
        }
        for (stranger, _) in known {
            self.found_stranger(now, *stranger, checks);
        }
        self.compare_room(now, &expected, checks);
        self.oracle.give_back(expected);
        listed.clear();
        self.listed = listed;
    }

    fn compare_room(&mut self, now: Millis, expected: &Statuses, checks: &mut Checks) {
        let room = self.manager.room_status(at(now));
        self.compare(now, None, (room.level, room.reason), expected.room, checks);
        checks.levels.note_room(expected.room.0);
    }

    /// The manager listed somebody who is in no epoch.
    fn found_stranger(&self, now: Millis, stranger: MemberKey, checks: &mut Checks) {
        checks.statuses.holds(false, || {
            let process = self.process;
            format!("{now} ms, process {process}: {stranger:?} is nobody's name")
        });
    }

    /// The status of a member, or of the room.
    fn compare(
        &self,
        now: Millis,
        whose: Option<MemberKey>,
        status: Expected,
        expected: Expected,
        checks: &mut Checks,
    ) {
        checks.statuses.holds(status == expected, || {
            let process = self.process;
            format!("{now} ms, process {process}: {whose:?} is {status:?}, not {expected:?}")
        });
    }
}
