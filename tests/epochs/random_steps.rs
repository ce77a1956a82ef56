//! What can happen in a random call; each is done to the manager and to the model, and compared.

use frameseal::{
    CallStorage, Counter, EpochId, EpochUpdate, Error, GroupTag, Header, Member, StreamId,
    StreamKind,
};

use crate::call::{base_key, ms};
use crate::model::{Commit, Roster};
use crate::model_frames::Truth;
use crate::random_calls::{Device, PEOPLE, World};

const NAMES: [&[u8]; PEOPLE] = [b"alice", b"bob", b"carl", b"dave", b"eve"];

impl<S: CallStorage> World<S> {
    pub(crate) fn accept(&mut self, id: EpochId, mut roster: Roster) {
        roster.sort_unstable();
        self.log.push(Commit { id, roster });
    }

    /// Somebody comes, goes, or nobody does; leaves are used again, even at once.
    pub(crate) fn commit(&mut self) {
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

    pub(crate) fn deliver(&mut self, device: usize) {
        // Who is not in it has no key for it, and hears nothing.
        let Device { person, read, .. } = self.devices[device];
        let in_it = |commit: &Commit| commit.roster.iter().any(|(_, who)| *who == person);
        if let Some(ahead) = self.log[read..].iter().position(in_it) {
            self.devices[device].read = read + ahead + 1;
            self.add(device, read + ahead);
        }
    }

    /// What came before comes again.
    pub(crate) fn deliver_again(&mut self, device: usize) {
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

    pub(crate) fn acknowledge(&mut self, device: usize) {
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

    pub(crate) fn activate(&mut self, device: usize) {
        let (now, id) = (self.time(), self.some_epoch());
        let Device { manager, model, .. } = &mut self.devices[device];
        let activated = manager.activate(id, ms(now));
        assert_eq!(activated, model.activate(id, now), "{id:?}");
    }

    pub(crate) fn open_stream(&mut self, device: usize) {
        let kind = self
            .random
            .pick(&[StreamKind::Independent, StreamKind::KeyFrames]);
        let device = &mut self.devices[device];
        let opened = device.manager.open_stream(kind);
        let free = device.model.free_contexts();
        match opened {
            Ok(stream) => {
                assert!(free.contains(&stream.context()), "{stream:?} of {free:?}");
                device.model.open_stream(kind, stream.context());
            }
            Err(error) => assert!(free.is_empty(), "{error} with {free:?} free"),
        }
        device.streams.extend(opened);
    }

    fn some_stream(&mut self, device: usize) -> Option<StreamId> {
        let streams = &self.devices[device].streams;
        (!streams.is_empty()).then(|| self.random.pick(streams))
    }

    pub(crate) fn close_stream(&mut self, device: usize) {
        if let Some(stream) = self.some_stream(device) {
            let device = &mut self.devices[device];
            device.manager.close_stream(stream).unwrap();
            device.model.close_stream(stream.context());
            device.streams.retain(|other| *other != stream);
        }
    }

    pub(crate) fn mark_key_frame(&mut self, device: usize) {
        if let Some(stream) = self.some_stream(device) {
            let device = &mut self.devices[device];
            device.manager.mark_key_frame(stream).unwrap();
            device.model.mark_key_frame(stream.context());
        }
    }

    pub(crate) fn seal(&mut self, device: usize) {
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
    pub(crate) fn open(&mut self, device: usize) {
        if let Some(last) = self.frames.len().checked_sub(1) {
            let reach = self.random.pick(&[8, 30, 300]);
            let back = self.random.below(reach).min(last);
            let (truth, frame) = self.frames[last - back].clone();
            self.open_and_compare(device, truth, frame);
        }
    }

    /// The same, damaged.
    pub(crate) fn open_forged(&mut self, device: usize) {
        if let Some(last) = self.frames.len().checked_sub(1) {
            let (mut truth, mut frame) = self.frames[last].clone();
            truth.sealed_in = None;
            *frame.last_mut().unwrap() ^= 1 << self.random.below(8);
            self.open_and_compare(device, truth, frame);
        }
    }

    /// Nobody's frame.
    pub(crate) fn open_hostile(&mut self, device: usize) {
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
