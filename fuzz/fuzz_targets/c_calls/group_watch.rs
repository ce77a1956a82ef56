//! What managers tell of a call: events, statuses, members and deadlines, and what becomes of the
//! events as records and texts.

use core::ptr::{null, null_mut};

use frameseal_fuzz::Input;

use crate::arena::{Grown, UNTOUCHED};
use crate::capi;
use crate::group::Group;
use crate::results::*;

/// No queue is longer.
const MOST_EVENTS: usize = 1000;

impl Group {
    /// Polls until there is no event, after which everything that is due has been done.
    pub(crate) fn poll(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let (now, device) = (self.now, &mut self.devices[at]);
        let manager = device.manager;
        let mut event = Grown::<capi::frameseal_event>::new(input.below(2) == 0);
        if input.below(8) == 0 {
            event.set_size(input.pick(&[0, 8, 5000]));
            // SAFETY: the manager is alive or NULL, and the structure a local.
            let result = unsafe {
                capi::frameseal_epoch_manager_poll_event(manager, now, &raw mut event.known)
            };
            return assert_eq!(result, INVALID);
        }
        for _ in 0..MOST_EVENTS {
            // SAFETY: the same.
            let result = unsafe {
                capi::frameseal_epoch_manager_poll_event(manager, now, &raw mut event.known)
            };
            event.check_behind();
            if manager.is_null() {
                return assert_eq!(result, INVALID);
            }
            assert_eq!(documented("epoch_manager_poll_event", result), OK);
            device.epochs.passed(now);
            let told = event.known;
            check_record(&told, now);
            let id = (told.epoch.group, told.epoch.epoch);
            let which = device.epochs.find(id.0, id.1);
            match told.kind {
                capi::FRAMESEAL_EVENT_NONE => {
                    self.check_deadline(at);
                    return self.check_stats(at);
                }
                capi::FRAMESEAL_EVENT_EPOCH_ADDED => {
                    assert!(which.is_some() && device.added.insert(id), "added once");
                }
                capi::FRAMESEAL_EVENT_EPOCH_RETIRED => {
                    let which = which.expect("an epoch that was added");
                    assert!(device.retired.insert(id), "retired once");
                    if !device.epochs.is_gone(which) {
                        device.epochs.found_gone(which);
                    }
                }
                capi::FRAMESEAL_EVENT_EPOCH_ACTIVATED | capi::FRAMESEAL_EVENT_SEND_CUT_OFF => {
                    assert!(which.is_some());
                }
                kind => assert!((1..=17).contains(&kind)),
            }
        }
        panic!("events without end");
    }

    /// After polling, whatever surely ends has an end that was told.
    fn check_deadline(&self, at: usize) {
        let device = &self.devices[at];
        let (mut pending, mut deadline) = (true, 77);
        // SAFETY: the manager is alive, all places are locals.
        let result = unsafe {
            let (pending, deadline) = (&raw mut pending, &raw mut deadline);
            let manager = device.manager;
            let wrong = capi::frameseal_epoch_manager_next_deadline(manager, null_mut(), deadline);
            assert_eq!(wrong, INVALID);
            capi::frameseal_epoch_manager_next_deadline(manager, pending, deadline)
        };
        assert_eq!(documented("epoch_manager_next_deadline", result), OK);
        assert!(pending || deadline == 77);
        let epochs = &device.epochs;
        for at in (0..epochs.here.len()).filter(|at| epochs.is_here(*at)) {
            let ends = epochs.ends_by(at);
            assert!(
                ends == u64::MAX || (pending && deadline <= ends),
                "an end is told of"
            );
        }
    }

    /// What frames did, as far as each can be counted here.
    fn check_stats(&mut self, at: usize) {
        let device = &mut self.devices[at];
        for at in 0..device.epochs.here.len() {
            let here = &device.epochs.here[at];
            let (group, epoch) = (here.group, here.epoch);
            let id = capi::frameseal_epoch_id { group, epoch };
            let mut stats = Grown::<capi::frameseal_frame_stats>::new(true);
            let before = stats.bytes();
            // SAFETY: as above.
            let result = unsafe {
                capi::frameseal_epoch_manager_epoch_stats(device.manager, &id, &raw mut stats.known)
            };
            stats.check_behind();
            if documented("epoch_manager_epoch_stats", result) == UNKNOWN_EPOCH {
                assert!(stats.bytes() == before);
                if !device.epochs.is_gone(at) {
                    device.epochs.found_gone(at);
                }
            } else {
                assert!(
                    !device.epochs.is_gone(at),
                    "an epoch that must be gone is not"
                );
                let stats = stats.known;
                assert_eq!(
                    (stats.opened, stats.failed_opens),
                    (here.opened, here.failed)
                );
                assert_eq!((stats.passed, stats.injected), (0, 0));
            }
        }
    }

    /// Who is there, and how well they are protected.
    pub(crate) fn look(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let (now, device) = (self.now, &mut self.devices[at]);
        let manager = device.manager;
        let mut sending = capi::frameseal_epoch_id::default();
        let mut room = Grown::<capi::frameseal_status>::new(true);
        // SAFETY: the manager is alive or NULL, all places are locals.
        let (result, sends) = unsafe {
            assert_eq!(
                capi::frameseal_epoch_manager_member_at(manager, 0, null_mut()),
                INVALID
            );
            let none =
                capi::frameseal_epoch_manager_status(manager, now, null(), &raw mut room.known);
            assert_eq!(none, INVALID);
            let status = &raw mut room.known;
            let result = capi::frameseal_epoch_manager_room_status(manager, now, status);
            (
                result,
                capi::frameseal_epoch_manager_sending_epoch(manager, &raw mut sending),
            )
        };
        if manager.is_null() {
            return assert_eq!((result, sends), (INVALID, INVALID));
        }
        assert_eq!(result, OK);
        room.check_behind();
        device.epochs.passed(now);
        let Some((least, most)) = device.epochs.sending() else {
            return assert_eq!(sends, UNKNOWN_EPOCH);
        };
        assert_eq!(documented("epoch_manager_sending_epoch", sends), OK);
        let sends = device.epochs.find(sending.group, sending.epoch);
        assert!(
            sends.is_some_and(|sends| least <= sends && sends <= most),
            "where sending is"
        );
        self.check_members(at, input);
    }

    fn check_members(&mut self, at: usize, input: &mut Input<'_>) {
        let (now, device) = (self.now, &self.devices[at]);
        let manager = device.manager;
        let newest = device.epochs.here.last().expect("an epoch");
        let expected = &self.history[newest.which].members;
        let capacity = input.below(8);
        let mut entries = [const { core::mem::MaybeUninit::zeroed() }; 8];
        let size = size_of::<capi::frameseal_present_member>();
        let (mut count, place) = (UNTOUCHED, entries.as_mut_ptr());
        // SAFETY: the manager is alive, all places are locals of at least that capacity.
        let result = unsafe {
            let place = place.cast::<capi::frameseal_present_member>();
            let count = &raw mut count;
            let wrong = capi::frameseal_epoch_manager_members(manager, place, 7, capacity, count);
            assert_eq!(wrong, INVALID);
            capi::frameseal_epoch_manager_members(manager, place, size, capacity, count)
        };
        documented("epoch_manager_members", result);
        assert_eq!(count, expected.len());
        assert_eq!(result == OK, count <= capacity);
        for (entry, (index, identity)) in entries.iter().zip(expected) {
            // SAFETY: written by the call, or zero, which is valid.
            let entry: &capi::frameseal_present_member = unsafe { entry.assume_init_ref() };
            if result != OK {
                assert_eq!(entry.identity_len, 0, "nothing else is written");
                continue;
            }
            let known = (entry.member.index, &entry.identity[..entry.identity_len]);
            assert_eq!(known, (*index, &identity[..]));
            assert_eq!(entry.member.joined, newest.roster[index]);
        }
        let index = input.below(8) as u32;
        let mut member = capi::frameseal_member_id::default();
        let mut status = Grown::<capi::frameseal_status>::new(true);
        // SAFETY: as above.
        let result =
            unsafe { capi::frameseal_epoch_manager_member_at(manager, index, &raw mut member) };
        let joined = newest.roster.get(&index);
        let expected = if joined.is_some() { OK } else { UNKNOWN_MEMBER };
        assert_eq!(documented("epoch_manager_member_at", result), expected);
        let Some(joined) = joined else { return };
        assert_eq!(
            (member.index, member.joined, member.group),
            (index, *joined, newest.group)
        );
        // SAFETY: as above.
        let result = unsafe {
            let status = &raw mut status.known;
            capi::frameseal_epoch_manager_status(manager, now, &member, status)
        };
        assert_eq!(result, OK);
        status.check_behind();
        // Of whom nothing ever opened, nothing is end-to-end encrypted.
        let heard = device
            .opened
            .iter()
            .any(|at| self.frames.all[*at].origin.leaf == index);
        assert!(heard || status.known.level <= capi::FRAMESEAL_STATUS_UNKNOWN);
        let own = newest.own == Some(index);
        assert!(!own || status.known.level == capi::FRAMESEAL_STATUS_UNKNOWN);
    }
}

/// Every event becomes a record that names nobody, and JSON in a buffer of the size that was told.
fn check_record(event: &capi::frameseal_event, now: u64) {
    let mut event = *event;
    event.struct_size = size_of::<capi::frameseal_event>();
    let mut record = Grown::<capi::frameseal_audit_record>::new(false);
    // SAFETY: locals.
    let made = unsafe { capi::frameseal_audit_record_of_event(&event, now, &raw mut record.known) };
    if event.kind == capi::FRAMESEAL_EVENT_NONE {
        return assert_eq!(made, INVALID);
    }
    assert_eq!(documented("audit_record_of_event", made), OK);
    assert_eq!(record.known.kind, event.kind);
    let write = |out: *mut u8, capacity, len: *mut usize| {
        // SAFETY: the same.
        let result =
            unsafe { capi::frameseal_audit_record_json(&record.known, out.cast(), capacity, len) };
        documented("audit_record_json", result)
    };
    crate::beside::check_text(write, |text| text.starts_with('{') && text.ends_with('}'));
}
