//! What an application asks a manager about members, and tells it of them: how well each is
//! protected, whose identity was compared, who is expected to send.

use core::ptr::{null, null_mut};

use frameseal_fuzz::Input;

use crate::arena::{Grown, UNTOUCHED};
use crate::capi;
use crate::device::Device;
use crate::group::Group;
use crate::results::*;
use crate::trust::{Member, id};

/// Whom a call names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// One of the newest epoch.
    Member(Member),
    /// Nobody in it.
    Nobody,
    /// What names no leaf.
    Wrong,
}

impl Who {
    /// What calls on those who are not there answer.
    pub(crate) fn refusal(self) -> Option<i32> {
        match self {
            Self::Member(_) => None,
            Self::Nobody => Some(UNKNOWN_MEMBER),
            Self::Wrong => Some(INVALID),
        }
    }
}

impl Device {
    /// Mostly a member of the newest epoch.
    pub(crate) fn somebody(&self, input: &mut Input<'_>) -> (capi::frameseal_member_id, Who) {
        let (index, kind) = (input.below(7) as u32, input.below(12));
        let Some(newest) = self.epochs.here.last() else {
            return (id((1, 1, index)), Who::Nobody);
        };
        let there = newest.roster.get(&index).copied();
        let member = (newest.group, there.unwrap_or(newest.epoch), index);
        let mut named = id(member);
        match kind {
            0 => named.joined ^= 1,
            1 => named.group += 1,
            2 => {
                named = capi::frameseal_member_id::default();
                (named.kind, named.number) = (capi::FRAMESEAL_MEMBER_APPLICATION, 5);
            }
            3 => named.kind = 9,
            4 => named.kind = capi::FRAMESEAL_MEMBER_NONE,
            _ if there.is_some() => return (named, Who::Member(member)),
            _ => {}
        }
        let wrong = (2..=4).contains(&kind);
        (named, if wrong { Who::Wrong } else { Who::Nobody })
    }

    fn is_own(&self, index: u32) -> bool {
        let newest = self.epochs.here.last();
        newest.is_some_and(|newest| newest.own == Some(index))
    }
}

impl Group {
    pub(crate) fn trust(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        if self.devices[at].manager.is_null() {
            let mut count = UNTOUCHED;
            // SAFETY: NULL is refused.
            let result = unsafe {
                let to = &raw mut count;
                capi::frameseal_epoch_manager_statuses(null(), self.now, null_mut(), 48, 0, to)
            };
            return assert_eq!((result, count), (INVALID, UNTOUCHED));
        }
        match input.below(10) {
            0 | 1 => self.statuses(at),
            2 => self.verify(at, input),
            3 => self.member_stats(at, input),
            4 => self.expect_frames(at, input),
            5 => self.visible_config(at, input),
            6 => self.own_in_the_clear(at, input),
            _ => self.member_in_the_clear(at, input),
        }
    }

    /// The list of all statuses agrees with each of them.
    fn statuses(&mut self, at: usize) {
        let (now, device) = (self.now, &mut self.devices[at]);
        let manager = device.manager;
        let size = size_of::<capi::frameseal_member_status>();
        let mut entries = [const { core::mem::MaybeUninit::zeroed() }; 64];
        let place = entries.as_mut_ptr().cast::<capi::frameseal_member_status>();
        let mut count = UNTOUCHED;
        // SAFETY: the manager is alive, and there is room for so many.
        let ask = |size, capacity, count: &mut usize| unsafe {
            let result =
                capi::frameseal_epoch_manager_statuses(manager, now, place, size, capacity, count);
            documented("epoch_manager_statuses", result)
        };
        assert_eq!(ask(size - 8, 64, &mut count), INVALID);
        assert_eq!(count, UNTOUCHED);
        let first = ask(size, 0, &mut count);
        let needed = count;
        assert_eq!(first == OK, needed == 0);
        if needed > 0 {
            assert_eq!(first, BUFFER_TOO_SMALL);
            let less = (ask(size, needed - 1, &mut count), count);
            assert_eq!(less, (BUFFER_TOO_SMALL, needed));
        }
        assert_eq!((ask(size, needed, &mut count), count), (OK, needed));
        device.epochs.passed(now);
        // SAFETY: written by the call, or zero, which is valid.
        let entry =
            |at: usize| -> capi::frameseal_member_status { unsafe { entries[at].assume_init() } };
        let status = |member: &capi::frameseal_member_id| {
            let mut status = Grown::<capi::frameseal_status>::new(true);
            let to = &raw mut status.known;
            // SAFETY: the manager is alive, the member and the place are locals.
            let result = unsafe { capi::frameseal_epoch_manager_status(manager, now, member, to) };
            assert_eq!(result, OK);
            status.check_behind();
            (status.known.level, status.known.reason)
        };
        let Some(newest) = device.epochs.here.last() else {
            return assert_eq!(needed, 0, "nobody is known");
        };
        let mut told: Vec<Member> = Vec::new();
        for entry in (0..needed).map(entry) {
            let named = entry.member;
            assert_eq!((named.kind, named.number), (capi::FRAMESEAL_MEMBER_LEAF, 0));
            let member = (named.group, named.joined, named.index);
            assert!(!told.contains(&member), "each once");
            told.push(member);
            assert_eq!(status(&named), (entry.level, entry.reason));
            let known = device.trust.of(member);
            if entry.level == capi::FRAMESEAL_STATUS_END_TO_END_VERIFIED {
                assert!(known.verified && known.opened > 0, "verified and heard");
            }
            if entry.level > capi::FRAMESEAL_STATUS_UNKNOWN {
                assert!(known.opened > 0, "better than unknown without a frame");
            }
            if entry.level == capi::FRAMESEAL_STATUS_END_TO_END {
                assert!(!known.verified, "verified");
            }
        }
        for (index, joined) in &newest.roster {
            let member = (newest.group, *joined, *index);
            let unknown = status(&id(member)).0 == capi::FRAMESEAL_STATUS_UNKNOWN;
            assert!(unknown || told.contains(&member), "somebody is missing");
        }
    }

    fn verify(&mut self, at: usize, input: &mut Input<'_>) {
        let device = &mut self.devices[at];
        let manager = device.manager;
        if input.below(3) == 0 {
            let old = input.below(3) == 0;
            let back = usize::from(old).min(device.epochs.here.len().saturating_sub(1));
            let which = device.epochs.here.len().checked_sub(1 + back);
            let epoch = which.map_or((1, 1), |which| {
                let here = &device.epochs.here[which];
                (here.group, here.epoch)
            });
            let (group, epoch) = epoch;
            let epoch = capi::frameseal_epoch_id { group, epoch };
            // SAFETY: the manager is alive, and the epoch a local.
            let result =
                unsafe { capi::frameseal_epoch_manager_set_epoch_verified(manager, &epoch) };
            documented("epoch_manager_set_epoch_verified", result);
            let newest = device.epochs.here.last().filter(|_| back == 0);
            let Some(newest) = newest else {
                return assert_eq!(result, UNKNOWN_EPOCH);
            };
            assert_eq!(result, OK);
            for (index, joined) in &newest.roster {
                let member = (newest.group, *joined, *index);
                device.trust.of_mut(member).verified = true;
            }
            return;
        }
        let (named, who) = device.somebody(input);
        let verified = input.below(4) > 0;
        // SAFETY: the manager is alive, and the member a local.
        let result =
            unsafe { capi::frameseal_epoch_manager_set_verified(manager, &named, verified) };
        documented("epoch_manager_set_verified", result);
        match who {
            Who::Member(member) => {
                assert_eq!(result, OK);
                device.trust.of_mut(member).verified = verified;
            }
            other => assert_eq!(Some(result), other.refusal()),
        }
    }

    fn member_stats(&mut self, at: usize, input: &mut Input<'_>) {
        let device = &mut self.devices[at];
        let (named, who) = device.somebody(input);
        let mut stats = Grown::<capi::frameseal_frame_stats>::new(true);
        let before = stats.bytes();
        // SAFETY: the manager is alive, all else is a local.
        let result = unsafe {
            let to = &raw mut stats.known;
            capi::frameseal_epoch_manager_member_stats(device.manager, &named, to)
        };
        documented("epoch_manager_member_stats", result);
        stats.check_behind();
        if result != OK {
            assert!(stats.bytes() == before);
        }
        let Who::Member(member) = who else {
            // Those who left may still be known.
            let left = who == Who::Nobody && result == OK;
            return assert!(left || Some(result) == who.refusal());
        };
        let known = device.trust.of(member);
        if result == UNKNOWN_MEMBER {
            return assert_eq!((known.opened, known.passed, known.injected), (0, 0, 0));
        }
        let stats = stats.known;
        let told = (stats.opened, stats.passed, stats.injected);
        assert_eq!(told, (known.opened, known.passed, known.injected));
        // What came before the first frame that opened counts for the epoch only.
        assert!(stats.failed_opens <= known.failed && stats.replayed <= known.replayed);
        assert_eq!(stats.has_last_authenticated == 1, known.opened > 0);
        assert!(stats.last_authenticated_ms <= device.epochs.latest);
    }

    fn expect_frames(&mut self, at: usize, input: &mut Input<'_>) {
        let (now, device) = (self.now, &mut self.devices[at]);
        let index = input.pick(&[0, 1, 2, 3, 4, 5, 6, u32::MAX]);
        let context = input.pick(&[0, 0, 1, 2, 15, 16, u64::MAX]);
        // SAFETY: the manager is alive.
        let result =
            unsafe { capi::frameseal_epoch_manager_prepare(device.manager, now, index, context) };
        documented("epoch_manager_prepare", result);
        device.epochs.passed(now);
        let setup = device.setup;
        let mut reasons = Vec::new();
        let newest = device.epochs.here.last();
        if !newest.is_some_and(|newest| newest.roster.contains_key(&index)) {
            reasons.push(UNKNOWN_MEMBER);
        }
        if device.is_own(index) || context >= device.contexts {
            reasons.push(POLICY);
        }
        let room = u32::from(setup.epoch_bits + setup.index_bits);
        if context > u64::MAX >> room || u64::from(index) >= 1 << setup.index_bits {
            reasons.push(INVALID);
        }
        let expected = reasons.is_empty() && result == OK;
        assert!(
            expected || reasons.contains(&result),
            "{result}, not {reasons:?}"
        );
    }

    /// What servers see of the call now.
    fn visible_config(&mut self, at: usize, input: &mut Input<'_>) {
        let (now, device) = (self.now, &mut self.devices[at]);
        let mut config = Grown::<capi::frameseal_visible_config>::new(false);
        let wrong = input.below(8) == 0;
        if wrong {
            config.set_size(8);
        }
        let before = config.bytes();
        let kept = config.known.clear_bytes;
        // SAFETY: the manager is alive, and the place a local.
        let result = unsafe {
            let to = &raw mut config.known;
            capi::frameseal_epoch_manager_visible_config(device.manager, now, to)
        };
        documented("epoch_manager_visible_config", result);
        config.check_behind();
        if wrong {
            assert_eq!(result, INVALID);
            return assert!(config.bytes() == before);
        }
        assert_eq!(result, OK);
        device.epochs.said(now);
        let (told, setup) = (config.known, device.setup);
        assert_eq!(
            (told.clear_bytes, told.keying),
            (kept, capi::FRAMESEAL_KEYING_MLS)
        );
        assert_eq!((told.suite, told.ratchet_bits), (setup.suite, 0));
        assert_eq!(
            (told.epoch_bits, told.index_bits),
            (setup.epoch_bits, setup.index_bits)
        );
        let (least, most) = device.passing(now);
        assert!(
            (least..=most).contains(&told.passthrough_senders),
            "who may pass"
        );
    }
}
