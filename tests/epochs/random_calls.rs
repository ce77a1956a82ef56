//! Calls of random operations, against a model: every frame opens exactly where it must, and no key
//! seals two frames with one counter.

use std::collections::{BTreeSet, VecDeque};

use frameseal::{
    CallStorage, Counter, EpochConfig, EpochId, EpochManagerCore, EpochUpdate, Error, GroupTag,
    Header, KeyId, KidLayout, Member, SendSwitch, StreamId, StreamKind,
};

use crate::call::{SUITE, base_key, ms, over_both, seconds};
use crate::model::{Commit, Model, Roster, Settings, Truth};
use crate::random::Random;

over_both!(a_random_call_does_what_the_model_does);

const PEOPLE: usize = 5;
const STEPS: usize = 4000;
const NAMES: [&[u8]; PEOPLE] = [b"alice", b"bob", b"carl", b"dave", b"eve"];

struct Device<S: CallStorage> {
    person: usize,
    manager: EpochManagerCore<S>,
    model: Model,
    streams: Vec<StreamId>,
    /// How much of the log has come.
    read: usize,
}

struct World<S: CallStorage> {
    random: Random,
    now: u64,
    settings: Settings,
    /// What the delivery service has accepted.
    log: Vec<Commit>,
    devices: Vec<Device<S>>,
    frames: VecDeque<(Truth, Vec<u8>)>,
    /// Which key, by epoch and key id, has sealed which counter.
    sealed: BTreeSet<(EpochId, KeyId, u64)>,
    opened: usize,
    refused: usize,
}

fn a_random_call_does_what_the_model_does<S: CallStorage>() {
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
        assert!(world.opened > 200, "{} opened, seed {seed}", world.opened);
        assert!(world.refused > 200, "{} refused", world.refused);
        assert!(world.sealed.len() > 200, "{} sealed", world.sealed.len());
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
            0 => self.commit(),
            1..=3 => self.deliver(device),
            4 => self.deliver_again(device),
            5 | 6 => self.acknowledge(device),
            7 => self.activate(device),
            8 | 9 => self.open_stream(device),
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
    }

    /// The time, or one that has been.
    fn time(&mut self) -> u64 {
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

    fn accept(&mut self, id: EpochId, mut roster: Roster) {
        roster.sort_unstable();
        self.log.push(Commit { id, roster });
    }

    /// Somebody comes, goes, or nobody does; leaves are used again, even at once.
    fn commit(&mut self) {
        let last = self.log.last().unwrap();
        let (mut id, mut roster) = (last.id, last.roster.clone());
        id.epoch += 1;
        match self.random.below(12) {
            0 => id = EpochId::new(GroupTag::new(id.group.value() + 1), self.random.next() % 4),
            // Nobody speaks for a while, or the group went on without a record.
            1 => id.epoch += self.random.pick(&[1, 3, 15, 16]),
            _ => {}
        }
        if roster.len() > 1 && self.random.below(3) == 0 {
            roster.remove(self.random.below(roster.len()));
        }
        for person in 0..PEOPLE {
            let is_here = roster.iter().any(|(_, who)| *who == person);
            if !is_here && self.random.below(3) == 0 {
                let blank = |leaf: &u32| roster.iter().all(|(taken, _)| taken != leaf);
                roster.push(((0..).find(blank).unwrap(), person));
            }
        }
        self.accept(id, roster);
    }

    fn deliver(&mut self, device: usize) {
        // Who is not in it has no key for it, and hears nothing.
        let Device { person, read, .. } = self.devices[device];
        let in_it = |commit: &Commit| commit.roster.iter().any(|(_, who)| *who == person);
        if let Some(ahead) = self.log[read..].iter().position(in_it) {
            self.devices[device].read = read + ahead + 1;
            self.add(device, read + ahead);
        }
    }

    /// What came before comes again.
    fn deliver_again(&mut self, device: usize) {
        let Device { person, read, .. } = self.devices[device];
        if read > 0 {
            let back = self.random.below(read.min(6)) + 1;
            if self.log[read - back]
                .roster
                .iter()
                .any(|(_, who)| *who == person)
            {
                self.add(device, read - back);
            }
        }
    }

    fn add(&mut self, device: usize, commit: usize) {
        let now = self.time();
        let commit = &self.log[commit];
        let Device {
            person,
            manager,
            model,
            ..
        } = &mut self.devices[device];
        let members: Vec<_> = commit
            .roster
            .iter()
            .map(|(index, who)| Member {
                index: *index,
                identity: NAMES[*who],
            })
            .collect();
        let own = commit.roster.iter().find(|(_, who)| who == person);
        let update = EpochUpdate {
            group: commit.id.group,
            epoch: commit.id.epoch,
            base_key: &base_key(commit.id),
            own_index: own.map(|(index, _)| *index),
            leaf_count: 8,
            members: &members,
        };
        let added = manager.add_epoch(ms(now), &update);
        assert_eq!(added, model.add_epoch(now, commit));
        let other_key = [0xee; 16];
        let fork = EpochUpdate {
            base_key: &other_key,
            ..update
        };
        let refused = match added {
            Ok(()) => Error::Fork(commit.id),
            Err(error) => error,
        };
        assert_eq!(manager.add_epoch(ms(now), &fork), Err(refused));
    }

    /// An epoch that the device may have.
    fn some_epoch(&mut self) -> EpochId {
        let last = self.log.len() - 1;
        self.log[last - self.random.below(last.min(5) + 1)].id
    }

    fn acknowledge(&mut self, device: usize) {
        let (now, id) = (self.time(), self.some_epoch());
        for index in [
            self.random.below(8),
            self.random.below(4),
            self.random.below(4),
        ] {
            let index = u32::try_from(index).unwrap();
            let Device { manager, model, .. } = &mut self.devices[device];
            let ready = manager.peer_ready(index, id, ms(now));
            assert_eq!(ready, model.peer_ready(index, id, now), "{index} {id:?}");
        }
    }

    fn activate(&mut self, device: usize) {
        let (now, id) = (self.time(), self.some_epoch());
        let Device { manager, model, .. } = &mut self.devices[device];
        let activated = manager.activate(id, ms(now));
        assert_eq!(activated, model.activate(id, now), "{id:?}");
    }

    fn open_stream(&mut self, device: usize) {
        let kind = self
            .random
            .pick(&[StreamKind::Independent, StreamKind::KeyFrames]);
        let device = &mut self.devices[device];
        let opened = device.manager.open_stream(kind);
        let expected = device.model.open_stream(kind);
        assert_eq!(opened.ok().map(StreamId::context), expected);
        device.streams.extend(opened);
    }

    fn some_stream(&mut self, device: usize) -> Option<StreamId> {
        let streams = &self.devices[device].streams;
        (!streams.is_empty()).then(|| self.random.pick(streams))
    }

    fn close_stream(&mut self, device: usize) {
        if let Some(stream) = self.some_stream(device) {
            let device = &mut self.devices[device];
            device.manager.close_stream(stream).unwrap();
            device.model.close_stream(stream.context());
            device.streams.retain(|other| *other != stream);
        }
    }

    fn mark_key_frame(&mut self, device: usize) {
        if let Some(stream) = self.some_stream(device) {
            let device = &mut self.devices[device];
            device.manager.mark_key_frame(stream).unwrap();
            device.model.mark_key_frame(stream.context());
        }
    }

    fn seal(&mut self, device: usize) {
        let Some(stream) = self.some_stream(device) else {
            return self.open_stream(device);
        };
        let now = self.time();
        let Device { manager, model, .. } = &mut self.devices[device];
        let mut frame = vec![0; 64];
        let sealed = manager.encrypt(ms(now), stream, b"room", b"payload", &mut frame);
        let expected = model.seal(now, stream.context());
        assert_eq!(sealed.map(|_| ()), expected.map(|_| ()));
        let (Ok(len), Ok(truth)) = (sealed, expected) else {
            return;
        };
        frame.truncate(len);
        let (header, _) = Header::parse(&frame).unwrap();
        assert_eq!(
            (header.key_id, header.counter.value()),
            (truth.key_id, truth.counter)
        );
        let pair = (truth.sealed_in.unwrap(), truth.key_id, truth.counter);
        assert!(self.sealed.insert(pair), "{pair:?} a second time");
        self.frames.push_back((truth, frame));
        if self.frames.len() > 300 {
            self.frames.pop_front();
        }
    }

    /// A frame that is under way, a late one, or one that was opened before.
    fn open(&mut self, device: usize) {
        if let Some(last) = self.frames.len().checked_sub(1) {
            let reach = self.random.pick(&[8, 30, 300]);
            let back = self.random.below(reach).min(last);
            let (truth, frame) = self.frames[last - back].clone();
            self.open_and_compare(device, truth, frame);
        }
    }

    /// The same, damaged.
    fn open_forged(&mut self, device: usize) {
        if let Some(last) = self.frames.len().checked_sub(1) {
            let (mut truth, mut frame) = self.frames[last].clone();
            truth.sealed_in = None;
            *frame.last_mut().unwrap() ^= 1 << self.random.below(8);
            self.open_and_compare(device, truth, frame);
        }
    }

    /// Nobody's frame.
    fn open_hostile(&mut self, device: usize) {
        let layout = self.settings.layout;
        let (epoch, context) = (self.random.next(), self.random.next() % 6);
        let index = u32::try_from(self.random.below(8)).unwrap();
        let key_id = layout.key_id(epoch, index, context).unwrap();
        // Below 2^63, so that the model can add to it.
        let counter = self.random.header_value() >> 1;
        let header = Header::new(key_id, Counter::new(counter)).encode();
        let mut frame = header.as_bytes().to_vec();
        frame.extend(self.random.bytes(30));
        let truth = Truth {
            key_id,
            counter,
            sealed_in: None,
        };
        self.open_and_compare(device, truth, frame);
    }

    fn open_and_compare(&mut self, device: usize, truth: Truth, mut frame: Vec<u8>) {
        let now = self.time();
        let Device { manager, model, .. } = &mut self.devices[device];
        let opened = manager.decrypt(ms(now), b"room", &mut frame);
        let opened = opened.map(|received| (received.member, received.epoch));
        assert_eq!(opened, model.open(now, truth), "{truth:?}");
        match opened {
            Ok(_) => self.opened += 1,
            Err(_) => self.refused += 1,
        }
    }
}
