//! Frames in the clear, where a manager allows them: those of a member, and our own.

use core::ptr::null;

use frameseal_fuzz::Input;

use crate::capi;
use crate::device::Device;
use crate::group::Group;
use crate::group_trust::Who;
use crate::results::*;
use crate::trust::Door;

/// An hour is the longest.
const DURATIONS: [u64; 6] = [1000, 60_000, 1, 0, 3_600_000, 3_600_001];
const LONGEST: u64 = 3_600_000;
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

impl Device {
    /// How many senders may pass in the clear, at least and at most.
    pub(crate) fn passing(&self, now: u64) -> (usize, usize) {
        let latest = self.epochs.latest;
        let newest = self.epochs.here.last();
        let members = newest.into_iter().flat_map(|newest| {
            let of =
                |(index, joined): (&u32, &u64)| self.trust.of((newest.group, *joined, *index)).door;
            newest.roster.iter().map(of)
        });
        let doors: Vec<Door> = members.chain([self.trust.own]).collect();
        let open = doors.iter().filter(|door| door.is_surely_open(latest));
        let shut = doors.iter().filter(|door| door.is_surely_shut(now));
        (open.count(), doors.len() - shut.count())
    }

    /// Why a door is not opened.
    fn reasons(&self, door: Door, duration: u64) -> Vec<i32> {
        let mut reasons = Vec::new();
        if self.setup.policy == 2 || door.closed {
            reasons.push(PASSTHROUGH_REFUSED);
        }
        if duration > LONGEST {
            reasons.push(INVALID);
        }
        reasons
    }

    /// Whether a frame in the clear may pass, after a call at this time.
    fn check_passed(&self, door: Door, result: i32) {
        let (latest, done) = (self.epochs.latest, self.epochs.done);
        match result {
            OK => assert!(!door.is_surely_shut(done), "nothing was allowed"),
            other => {
                assert_eq!(other, PASSTHROUGH_REFUSED);
                assert!(!door.is_surely_open(latest), "it was allowed");
            }
        }
    }
}

#[track_caller]
fn check_reasons(result: i32, reasons: &[i32]) -> bool {
    let expected = match result {
        OK => reasons.is_empty(),
        other => reasons.contains(&other),
    };
    assert!(expected, "{result}, not {reasons:?}");
    result == OK
}

impl Group {
    pub(crate) fn member_in_the_clear(&mut self, at: usize, input: &mut Input<'_>) {
        let (now, device) = (self.now, &mut self.devices[at]);
        let manager = device.manager;
        let (named, who) = device.somebody(input);
        // Of ourselves nothing is received.
        let newest = device.epochs.here.last();
        let own = newest.and_then(|newest| newest.own);
        let member = match who {
            Who::Member(member) if Some(member.2) != own => Some(member),
            _ => None,
        };
        let refusal = who.refusal().unwrap_or(UNKNOWN_MEMBER);
        let door = member.map(|member| device.trust.of(member).door);
        let door = door.unwrap_or_default();
        let duration = input.pick(&DURATIONS);
        match input.below(6) {
            0 | 1 => {
                // SAFETY: the manager is alive, and the member a local.
                let result = unsafe {
                    let allow = capi::frameseal_epoch_manager_allow_passthrough;
                    assert_eq!(allow(manager, now, null(), duration), INVALID);
                    allow(manager, now, &named, duration)
                };
                documented("epoch_manager_allow_passthrough", result);
                device.epochs.passed(now);
                let mut reasons = device.reasons(door, duration);
                if member.is_none() {
                    reasons.push(refusal);
                }
                if check_reasons(result, &reasons)
                    && let Some(member) = member
                {
                    let time = (device.epochs.done, device.epochs.latest);
                    device.trust.of_mut(member).door.allow(time, duration);
                }
            }
            2 => {
                // SAFETY: the same.
                let result =
                    unsafe { capi::frameseal_epoch_manager_end_passthrough(manager, &named) };
                documented("epoch_manager_end_passthrough", result);
                match member {
                    // Of whom nothing is known, nothing ends.
                    Some(member) if result == OK => device.trust.of_mut(member).door.end(),
                    Some(_) => {
                        assert_eq!(result, UNKNOWN_MEMBER);
                        assert!(door.is_surely_shut(0), "something was allowed");
                    }
                    None => assert!(result == refusal || (who != Who::Wrong && result == OK)),
                }
            }
            3 => {
                // SAFETY: the same.
                let result = unsafe { capi::frameseal_epoch_manager_downgrade(manager, &named) };
                documented("epoch_manager_downgrade", result);
                let mut reasons = Vec::new();
                if device.setup.policy == 2 {
                    reasons.push(PASSTHROUGH_REFUSED);
                }
                if member.is_none() {
                    reasons.push(refusal);
                }
                if check_reasons(result, &reasons)
                    && let Some(member) = member
                {
                    device.trust.of_mut(member).door.closed = false;
                }
            }
            _ => {
                let frame = [SILENCE, [1, 2, 3]][input.below(2)];
                let may_inject = input.below(2) == 0;
                let (data, len) = (SILENCE.as_ptr(), SILENCE.len());
                let injected = [capi::frameseal_slice { data, len }; 17];
                let mut plain = 77;
                // SAFETY: the manager is alive, all else is a local, or refused.
                let result = unsafe {
                    let (data, len, to) = (frame.as_ptr(), frame.len(), &raw mut plain);
                    let injected = injected.as_ptr();
                    let pass = capi::frameseal_epoch_manager_pass;
                    let many = pass(manager, now, &named, data, len, injected, 17, to);
                    assert_eq!((many, plain), (INVALID, 77));
                    let count = usize::from(may_inject);
                    pass(manager, now, &named, data, len, injected, count, to)
                };
                documented("epoch_manager_pass", result);
                if result != INVALID {
                    device.epochs.passed(now);
                }
                let Some(member) = member else {
                    return assert_eq!((result, plain), (refusal, 77));
                };
                if may_inject && frame == SILENCE {
                    let expected = (OK, capi::FRAMESEAL_PLAIN_INJECTED);
                    assert_eq!((result, plain), expected, "it may be put in by a server");
                    device.trust.of_mut(member).injected += 1;
                    return;
                }
                device.check_passed(door, result);
                if result == OK {
                    assert_eq!(plain, capi::FRAMESEAL_PLAIN_PASSTHROUGH);
                    device.trust.of_mut(member).passed += 1;
                } else {
                    assert_eq!(plain, 77);
                }
            }
        }
    }

    pub(crate) fn own_in_the_clear(&mut self, at: usize, input: &mut Input<'_>) {
        let (now, device) = (self.now, &mut self.devices[at]);
        let (manager, door) = (device.manager, device.trust.own);
        match input.below(4) {
            0 => {
                let duration = input.pick(&DURATIONS);
                // SAFETY: the manager is alive.
                let result = unsafe {
                    capi::frameseal_epoch_manager_allow_sending_in_the_clear(manager, now, duration)
                };
                documented("epoch_manager_allow_sending_in_the_clear", result);
                device.epochs.passed(now);
                if check_reasons(result, &device.reasons(door, duration)) {
                    let time = (device.epochs.done, device.epochs.latest);
                    device.trust.own.allow(time, duration);
                }
            }
            1 => {
                // SAFETY: the same.
                let result = unsafe { capi::frameseal_epoch_manager_downgrade_sending(manager) };
                documented("epoch_manager_downgrade_sending", result);
                if device.setup.policy == 2 {
                    return assert_eq!(result, PASSTHROUGH_REFUSED);
                }
                assert_eq!(result, OK);
                device.trust.own.closed = false;
            }
            _ => {
                // SAFETY: the same.
                let result =
                    unsafe { capi::frameseal_epoch_manager_send_in_the_clear(manager, now) };
                documented("epoch_manager_send_in_the_clear", result);
                device.epochs.passed(now);
                device.check_passed(door, result);
            }
        }
    }
}
