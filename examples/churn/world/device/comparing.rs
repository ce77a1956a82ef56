//! After every call: what the manager says about members and room, beside what the oracle says.

use super::{Device, at, id_of};
use crate::world::checks::Checks;
use crate::world::delivery_service::Process;
use crate::world::oracle::MemberKey;
use crate::world::queue::Millis;
use crate::world::settings::Compare;

/// In a large call, a device compares the status of everyone after so many calls.
const EVERYONE_AFTER: u32 = 500;
/// In a large call, one of so many devices compares after every call.
const DEVICES: Process = 8;

impl Device {
    pub(super) fn compare_touched(
        &mut self,
        now: Millis,
        member: Option<MemberKey>,
        checks: &mut Checks,
    ) {
        self.calls += 1;
        if self.compare == Compare::Everyone || self.calls.is_multiple_of(EVERYONE_AFTER) {
            return self.compare_everyone(now, checks);
        }
        if !self.process.is_multiple_of(DEVICES) {
            return;
        }
        if let Some(member) = member {
            self.compare_member(now, member, checks);
        }
        self.compare_room(now, checks);
    }

    pub(super) fn compare_everyone(&mut self, now: Millis, checks: &mut Checks) {
        let members: Vec<_> = self.oracle.members().collect();
        for member in members {
            self.compare_member(now, member, checks);
        }
        self.compare_room(now, checks);
    }

    pub(super) fn compare_member(&mut self, now: Millis, member: MemberKey, checks: &mut Checks) {
        let status = self.manager.status(id_of(member), at(now));
        let expected = self.oracle.status(now, member);
        checks.levels.note_member(expected.0);
        checks
            .statuses
            .holds((status.level, status.reason) == expected, || {
                let process = self.process;
                format!("{now} ms, process {process}: {member:?} is {status:?}, not {expected:?}")
            });
    }

    pub(super) fn compare_room(&mut self, now: Millis, checks: &mut Checks) {
        let status = self.manager.room_status(at(now));
        let expected = self.oracle.room_status(now);
        checks.levels.note_room(expected.0);
        checks
            .statuses
            .holds((status.level, status.reason) == expected, || {
                let process = self.process;
                format!("{now} ms, process {process}: the room is {status:?}, not {expected:?}")
            });
    }
}
