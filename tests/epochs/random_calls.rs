//! Calls of random operations, against a model: every frame opens exactly where it must, and no key
//! seals two frames with one counter.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use frameseal::{
    CallStorage, EncryptionStatus, EpochConfig, EpochId, EpochManagerCore, FixedCall, GroupTag,
    KeyId, KidLayout, SendSwitch, StreamId,
};

use crate::call::{SUITE, ms, seconds};
use crate::model::{Commit, Model, Settings};
use crate::model_frames::Truth;
use crate::random::Random;

#[cfg(feature = "alloc")]
#[test]
fn a_random_call_does_what_the_model_does() {
    run::<frameseal::Growing>();
}

/// With room for all who leave within an overlap.
#[test]
fn a_random_call_over_fixed_storage_does_what_the_model_does() {
    run::<FixedCall<16, 64, 64, 4>>();
}

pub(crate) const PEOPLE: usize = 5;
const STEPS: usize = 4000;

pub(crate) struct Device<S: CallStorage> {
    pub(crate) person: usize,
    pub(crate) manager: EpochManagerCore<S>,
    pub(crate) model: Model,
    pub(crate) streams: Vec<StreamId>,
    /// How much of the log has come.
    pub(crate) read: usize,
}

pub(crate) struct World<S: CallStorage> {
    pub(crate) random: Random,
    pub(crate) now: u64,
    pub(crate) settings: Settings,
    /// What the delivery service has accepted.
    pub(crate) log: Vec<Commit>,
    pub(crate) devices: Vec<Device<S>>,
    pub(crate) frames: VecDeque<(Truth, Vec<u8>)>,
    /// Which key, by epoch and key id, has sealed which counter.
    pub(crate) sealed: BTreeSet<(EpochId, KeyId, u64)>,
    pub(crate) opened: usize,
    pub(crate) refused: usize,
    /// Which levels were seen, in the lists of statuses and without.
    levels: BTreeSet<EncryptionStatus>,
}

fn run<S: CallStorage>() {
    for (seed, epoch_bits, switch) in [
        (1, 4, SendSwitch::WhenReady(seconds(2))),
        (2, 8, SendSwitch::After(seconds(3))),
        (3, 3, SendSwitch::AtKeyFrame(seconds(1), seconds(4))),
        (4, 4, SendSwitch::WhenTold),
        (5, 2, SendSwitch::AtKeyFrame(seconds(0), seconds(6))),
    ] {
        let mut world = World::<S>::new(seed, epoch_bits, switch);
        for step in 0..STEPS {
            world.step(step);
        }
        // That something happened at all.
        assert!(world.opened > 100, "{} opened, seed {seed}", world.opened);
        assert!(world.refused > 100, "{} refused", world.refused);
        assert!(world.sealed.len() > 100, "{} sealed", world.sealed.len());
        for level in [
            EncryptionStatus::Unknown,
            EncryptionStatus::Stale,
            EncryptionStatus::OverlapAfterRemoval,
            EncryptionStatus::EndToEnd,
        ] {
            assert!(world.levels.contains(&level), "{level:?}, seed {seed}");
        }
    }
}

impl<S: CallStorage> World<S> {
    fn new(seed: u64, epoch_bits: u32, switch: SendSwitch) -> Self {
        let mut random = Random::new(seed);
        let settings = Settings {
            layout: KidLayout::new(epoch_bits, 3).unwrap(),
            switch,
            max_epochs: 16,
            contexts: (0, 3),
            streams_per_member: 4,
        };
        // The first person has two devices, with contexts of their own, one of which the others
        // do not accept.
        let people = (0..PEOPLE).map(|person| (person, (0, 3)));
        let devices = people
            .chain([(0, (3, 5))])
            .map(|(person, contexts)| {
                let settings = Settings {
                    contexts,
                    max_epochs: random.pick(&[2, 5, 16]),
                    ..settings
                };
                let config = EpochConfig::new(SUITE)
                    .with_layout(settings.layout)
                    .with_send_switch(switch)
                    .with_max_epochs(settings.max_epochs)
                    .with_max_cached_keys(random.pick(&[1, 3, 4096]))
                    .with_contexts(contexts.0..contexts.1, settings.streams_per_member);
                Device {
                    person,
                    manager: EpochManagerCore::new(config).unwrap(),
                    model: Model::new(settings, person),
                    streams: Vec::new(),
                    read: 0,
                }
            })
            .collect();
        let mut world = Self {
            random,
            now: 1000,
            settings,
            log: Vec::new(),
            devices,
            frames: VecDeque::new(),
            sealed: BTreeSet::new(),
            opened: 0,
            refused: 0,
            levels: BTreeSet::new(),
        };
        let roster = (0u32..).zip(0..PEOPLE - 1).collect();
        world.accept(EpochId::new(GroupTag::new(1), 0), roster);
        world
    }

    fn step(&mut self, step: usize) {
        self.now += self.random.pick(&[0, 0, 1, 20, 50, 300]);
        if self.random.below(200) == 0 {
            self.now += 7000;
        }
        let device = self.random.below(self.devices.len());
        match self.random.below(32) {
            0 if self.random.below(2) == 0 => self.commit(),
            0..=5 => self.deliver(device),
            6 => self.deliver_again(device),
            7 => self.acknowledge(device),
            8 => self.activate(device),
            9 => self.open_stream(device),
            10 => self.close_stream(device),
            11 => self.mark_key_frame(device),
            12..=19 => self.seal(device),
            20..=27 => self.open(device),
            28 => self.open_forged(device),
            29 => self.open_hostile(device),
            30 => {
                let now = self.time();
                let Device { manager, model, .. } = &mut self.devices[device];
                while manager.poll_event(ms(now)).is_some() {}
                model.tick(now);
            }
            _ => {
                let now = self.time();
                let Device { manager, model, .. } = &mut self.devices[device];
                let _ = manager.room_status(ms(now));
                model.tick(now);
            }
        }
        self.compare(device, step);
        if step.is_multiple_of(4) {
            self.compare_statuses(device, step);
        }
    }

    /// The time, or one that has been.
    pub(crate) fn time(&mut self) -> u64 {
        match self.random.below(20) {
            0 => self.now.saturating_sub(self.random.next() % 5000),
            _ => self.now,
        }
    }

    fn compare(&self, device: usize, step: usize) {
        let Device { manager, model, .. } = &self.devices[device];
        let live: BTreeSet<_> = manager.live_epochs().collect();
        assert_eq!(live, model.live(), "step {step}");
        assert_eq!(manager.sending_epoch(), model.sending(), "step {step}");
        for index in 0..8 {
            let member = manager.member_at(index);
            assert_eq!(member, model.member_at(index), "step {step}");
        }
    }

    /// The list of statuses says what the status of each says: of members, of those who are in an
    /// older epoch only, and of those who are in none.
    fn compare_statuses(&mut self, device: usize, step: usize) {
        let now = self.time();
        let Device { manager, model, .. } = &mut self.devices[device];
        model.tick(now);
        let epochs = model.history.len().saturating_sub(20)..model.history.len();
        let members: BTreeSet<_> = epochs
            .flat_map(|order| (0..8).map(move |index| (order, index)))
            .filter_map(|(order, index)| model.member(order, index))
            .collect();
        let each: BTreeMap<_, _> = members
            .into_iter()
            .map(|member| (member, manager.status(member, ms(now))))
            .collect();
        let list: Vec<_> = manager.statuses(ms(now)).collect();
        let by_member: BTreeMap<_, _> = list.iter().copied().collect();
        assert_eq!(by_member.len(), list.len(), "somebody twice, step {step}");
        for (member, status) in &each {
            match by_member.get(member) {
                Some(listed) => assert_eq!(listed, status, "{member:?}, step {step}"),
                None => assert_eq!(status.level, EncryptionStatus::Unknown, "{member:?}"),
            }
        }
        for member in by_member.keys() {
            assert!(each.contains_key(member), "who is {member:?}? step {step}");
        }
        self.levels.extend(each.values().map(|status| status.level));
    }
}
