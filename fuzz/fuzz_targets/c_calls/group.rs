//! A call with keys from MLS: two to four devices, the history of their group, and the commands
//! that change it. What frames do is in `group_frames.rs`, what managers tell in `group_watch.rs`.

use core::ptr::{null, null_mut};

use frameseal_fuzz::Input;

use crate::arena::Arena;
use crate::capi;
use crate::device::{Device, Setup};
use crate::epochs::Epoch;
use crate::frames::Frames;
use crate::results::*;

/// Who sealed a frame: which epoch of the history, which leaf, and which stream of it.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) which: usize,
    pub(crate) leaf: u32,
    pub(crate) context: u64,
}

pub(crate) struct Group {
    pub(crate) devices: Vec<Device>,
    pub(crate) history: Vec<Epoch>,
    pub(crate) frames: Frames<Origin>,
    pub(crate) arena: Arena,
    pub(crate) now: u64,
    /// Goes up whenever somebody else comes to a leaf.
    versions: u8,
}

const LEAVES: u32 = 6;
/// Steps of the clock, around the times that configurations have.
const STEPS: [u64; 10] = [0, 1, 100, 499, 500, 1500, 2000, 3000, 10_000, 86_400_000];

impl Group {
    pub(crate) fn open(input: &mut Input<'_>) -> Self {
        // Those with tags of at least 64 bits, so that no forgery is right by chance.
        let suite = input.pick(&[4, 1, 2, 5, 6, 7]);
        let policy = if input.below(3) == 0 && suite != 2 && suite != 7 {
            2
        } else {
            1
        };
        let setup = Setup {
            suite,
            policy,
            epoch_bits: input.pick(&[8, 1, 2, 16]),
            index_bits: input.pick(&[16, 3, 8]),
        };
        let count = 2 + input.below(3) as u32;
        let mut group = Self {
            devices: Vec::new(),
            history: Vec::new(),
            frames: Frames::new(),
            arena: Arena::new(),
            now: input.pick(&[0, 1000]),
            versions: 0,
        };
        let members = (0..count)
            .map(|leaf| (leaf, vec![b'm', leaf as u8]))
            .collect();
        group.commit(1, 1, members);
        for leaf in 0..count {
            let mut device = Device::new(setup, leaf, input);
            device.open_receiver();
            group.devices.push(device);
        }
        // Two inputs of three start in the middle of a call.
        if input.below(3) > 0 {
            for at in 0..group.devices.len() {
                group.deliver(at, 0);
                group.devices[at].open_stream(&mut Input::new(&[at as u8 % 2]));
            }
        }
        group
    }

    /// The clock goes on, or is set back.
    pub(crate) fn pass_time(&mut self, input: &mut Input<'_>) {
        self.now = match input.below(16) {
            0 => self.now.saturating_sub(input.pick(&STEPS)),
            // A day is rare.
            1 => self.now.saturating_add(input.pick(&STEPS)),
            _ => self.now.saturating_add(input.pick(&STEPS[..9])),
        };
    }

    fn commit(&mut self, group: u64, epoch: u64, members: Vec<(u32, Vec<u8>)>) {
        let mut base_key = vec![0x6b; 96];
        base_key[..8].copy_from_slice(&(self.history.len() as u64).to_le_bytes());
        self.history.push(Epoch {
            group,
            epoch,
            base_key,
            members,
        });
    }

    /// The group goes on: somebody comes, leaves, or is another one from now on.
    pub(crate) fn change(&mut self, input: &mut Input<'_>) {
        let last = self.history.last().expect("the first epoch").clone();
        let (mut group, mut epoch) = (last.group, last.epoch + input.pick(&[1, 1, 1, 2, 5]));
        let mut members = last.members;
        let leaf = input.below(LEAVES as usize) as u32;
        let there = members.iter().position(|(index, _)| *index == leaf);
        match (input.below(8), there) {
            (0..=2, _) => {}
            (3 | 4, Some(at)) if members.len() > 2 => {
                members.remove(at);
            }
            (5, Some(at)) => {
                self.versions += 1;
                members[at].1 = vec![self.versions; 1 + usize::from(self.versions) % 32];
            }
            (6, _) => {
                (group, epoch) = (group + 1, input.below(4) as u64);
            }
            (_, None) => {
                self.versions += 1;
                members.push((leaf, vec![self.versions; 32]));
                members.sort();
            }
            _ => {}
        }
        self.commit(group, epoch, members);
    }

    /// A device is told the next epoch that it lacks, or another one.
    pub(crate) fn update(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let here = &self.devices[at].epochs.here;
        let next = here.last().map_or(0, |here| here.which + 1);
        let which = match input.below(8) {
            0 => input.below(self.history.len()),
            1 => self.history.len() - 1,
            _ => next.min(self.history.len() - 1),
        };
        match input.below(8) {
            0 => self.wrong_update(at, which, input),
            1 => self.fork(at, which),
            _ => self.deliver(at, which),
        }
    }

    fn call_add(&mut self, at: usize, update: &capi::frameseal_epoch_update) -> i32 {
        // SAFETY: the manager is alive or NULL, and the update and what it points to are the
        // caller's.
        unsafe {
            capi::frameseal_epoch_manager_add_epoch(self.devices[at].manager, self.now, update)
        }
    }

    fn deliver(&mut self, at: usize, which: usize) {
        let epoch = self.history[which].clone();
        let members = in_c(&epoch.members);
        let update = self.update_of(at, &epoch, &members);
        let result = documented("epoch_manager_add_epoch", self.call_add(at, &update));
        let (now, device) = (self.now, &mut self.devices[at]);
        if device.manager.is_null() {
            return assert_eq!(result, INVALID);
        }
        let own = (update.own_index != capi::FRAMESEAL_RECEIVE_ONLY).then_some(update.own_index);
        let epochs = &mut device.epochs;
        let newest = epochs.here.last().map(|here| (here.group, here.epoch));
        if newest.is_none_or(|newest| newest < (epoch.group, epoch.epoch)) {
            assert_eq!(result, OK, "a newer epoch is taken");
            return epochs.add(which, &epoch, own, now);
        }
        epochs.said(now);
        match epochs.find(epoch.group, epoch.epoch) {
            Some(known) if epochs.is_here(known) => {
                assert_eq!(result, OK, "the same again changes nothing");
            }
            Some(known) if result == OK => assert!(!epochs.is_gone(known)),
            Some(known) => {
                assert_eq!(result, EPOCH_TOO_OLD);
                epochs.found_gone(known);
            }
            None => assert_eq!(result, EPOCH_TOO_OLD, "nothing older comes later"),
        }
    }

    /// The update of an epoch as the device's MLS engine would tell it.
    fn update_of(
        &self,
        at: usize,
        epoch: &Epoch,
        members: &[capi::frameseal_member],
    ) -> capi::frameseal_epoch_update {
        let device = &self.devices[at];
        let own = epoch.members.iter().any(|(index, _)| *index == device.leaf);
        let key_len = capi::frameseal_suite_key_len(device.setup.suite);
        capi::frameseal_epoch_update {
            struct_size: size_of::<capi::frameseal_epoch_update>(),
            group: epoch.group,
            epoch: epoch.epoch,
            base_key: epoch.base_key.as_ptr(),
            base_key_len: key_len,
            members: members.as_ptr(),
            member_count: members.len(),
            leaf_count: LEAVES,
            own_index: if own {
                device.leaf
            } else {
                capi::FRAMESEAL_RECEIVE_ONLY
            },
        }
    }

    /// The same epoch with another key, or another epoch with the same key.
    fn fork(&mut self, at: usize, which: usize) {
        let mut epoch = self.history[which].clone();
        let members = in_c(&epoch.members);
        let epochs = &self.devices[at].epochs;
        let known = epochs.find(epoch.group, epoch.epoch);
        let newest = epochs
            .here
            .last()
            .map(|here| (here.group, here.epoch, here.which));
        let here = known.is_some_and(|known| epochs.is_here(known));
        let reused = known.is_none();
        if reused {
            // Under another number, for which the counters would start again.
            let Some((group, number, used)) = newest else {
                return;
            };
            (epoch.group, epoch.epoch) = (group, number + 1);
            epoch.base_key = self.history[used].base_key.clone();
        } else {
            epoch.base_key[15] ^= 1;
        }
        let update = self.update_of(at, &epoch, &members);
        let result = documented("epoch_manager_add_epoch", self.call_add(at, &update));
        let device = &mut self.devices[at];
        if device.manager.is_null() || reused {
            return assert_eq!(result, INVALID);
        }
        device.epochs.said(self.now);
        assert!(result == EPOCH_FORK || (!here && result == EPOCH_TOO_OLD));
    }

    fn wrong_update(&mut self, at: usize, which: usize, input: &mut Input<'_>) {
        let epoch = self.history[which].clone();
        let mut members = in_c(&epoch.members);
        let mut update = self.update_of(at, &epoch, &members);
        let count = members.len();
        match input.below(12) {
            0 => update.struct_size = input.pick(&[0, 8, 5000]),
            1 => update.base_key_len = input.pick(&[0, 15, 17, 31, 33]),
            2 => update.base_key = null(),
            3 => update.members = null(),
            4 => update.member_count = usize::MAX / input.pick(&[1, 8, 24]),
            5 => update.leaf_count = members[count - 1].index,
            6 => update.own_index = LEAVES,
            7 => members[count - 1].index = members[0].index,
            8 => members[0].identity_len = input.pick(&[0, 33, usize::MAX]),
            9 => members[0].identity = null(),
            10 => update.leaf_count = u32::MAX,
            _ => {
                // SAFETY: NULL is refused.
                let result = unsafe {
                    capi::frameseal_epoch_manager_add_epoch(
                        self.devices[at].manager,
                        self.now,
                        null(),
                    )
                };
                return assert_eq!(result, INVALID);
            }
        }
        let result = self.call_add(at, &update);
        assert_eq!(result, INVALID, "a wrong update");
        // Members and key were looked at before the time was, but nobody promises that.
        self.devices[at].epochs.said(self.now);
    }

    /// A member says that it has an epoch, or the application moves sending.
    pub(crate) fn move_sending(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.devices.len());
        let index = input.below(LEAVES as usize) as u32;
        let activates = input.below(2) == 0;
        let device = &mut self.devices[at];
        let (now, manager) = (self.now, device.manager);
        let count = device.epochs.here.len();
        let id = match count {
            0 => capi::frameseal_epoch_id { group: 9, epoch: 9 },
            _ => {
                let here = &device.epochs.here[count - 1 - input.below(count.min(3))];
                let (group, epoch) = (here.group, here.epoch);
                capi::frameseal_epoch_id { group, epoch }
            }
        };
        // SAFETY: the manager is alive or NULL, all else NULL or a local.
        let result = unsafe {
            let no = null_mut();
            assert_eq!(
                capi::frameseal_epoch_manager_activate(no, now, &id),
                INVALID
            );
            assert_eq!(
                capi::frameseal_epoch_manager_peer_ready(manager, now, 0, null()),
                INVALID
            );
            match activates {
                true => capi::frameseal_epoch_manager_activate(manager, now, &id),
                false => capi::frameseal_epoch_manager_peer_ready(manager, now, index, &id),
            }
        };
        if manager.is_null() {
            return assert_eq!(result, INVALID);
        }
        let name = if activates {
            "epoch_manager_activate"
        } else {
            "epoch_manager_peer_ready"
        };
        documented(name, result);
        device.epochs.passed(now);
        let Some(epoch) = device.epochs.find(id.group, id.epoch) else {
            return assert_eq!(result, UNKNOWN_EPOCH);
        };
        if result == UNKNOWN_EPOCH {
            return device.epochs.found_gone(epoch);
        }
        assert!(!device.epochs.is_gone(epoch), "an epoch that must be gone");
        let (least, most) = device.epochs.sending().expect("there is an epoch");
        let here = &device.epochs.here[epoch];
        if activates {
            match result {
                OK => {
                    assert!(epoch >= least, "sending never moves back");
                    device.epochs.activate(epoch, now);
                }
                _ => assert!(result == EPOCH_TOO_OLD && epoch < most),
            }
        } else {
            let there = here.roster.contains_key(&index) && here.own != Some(index);
            assert_eq!(result, if there { OK } else { UNKNOWN_MEMBER });
            if there {
                device.epochs.ready(epoch, index, now);
            }
        }
    }
}

fn in_c(members: &[(u32, Vec<u8>)]) -> Vec<capi::frameseal_member> {
    let in_c = |(index, identity): &(u32, Vec<u8>)| capi::frameseal_member {
        index: *index,
        identity: identity.as_ptr(),
        identity_len: identity.len(),
    };
    members.iter().map(in_c).collect()
}
