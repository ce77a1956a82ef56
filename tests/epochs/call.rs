//! A small call for the scenarios: who is in it, and its epochs.

use std::time::Duration;

use frameseal::{
    CipherSuite, EpochConfig, EpochId, EpochManager, EpochUpdate, Error, Event, GroupTag, Member,
    MemberId, Received, StreamId, StreamKind, Timestamp,
};

pub const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
pub const GROUP: GroupTag = GroupTag::new(1);

pub fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn id(epoch: u64) -> EpochId {
    EpochId::new(GROUP, epoch)
}

/// The base key of an epoch: any bytes, other ones for each epoch and group.
pub fn base_key(epoch: EpochId) -> [u8; 16] {
    let mut key = [0x5a; 16];
    key[..8].copy_from_slice(&epoch.epoch.to_be_bytes());
    key[8..].copy_from_slice(&epoch.group.value().to_be_bytes());
    key
}

/// Names by leaf index, as an MLS engine would list them.
pub type People<'a> = &'a [(u32, &'a str)];

/// Calls `f` with the update of an epoch of these people.
pub fn with_update<R>(
    epoch: EpochId,
    own: Option<u32>,
    people: People<'_>,
    f: impl FnOnce(&EpochUpdate<'_>) -> R,
) -> R {
    let members: Vec<_> = people
        .iter()
        .map(|(index, name)| Member {
            index: *index,
            identity: name.as_bytes(),
        })
        .collect();
    let base_key = base_key(epoch);
    f(&EpochUpdate {
        group: epoch.group,
        epoch: epoch.epoch,
        base_key: &base_key,
        own_index: own,
        leaf_count: people.iter().map(|(index, _)| index + 1).max().unwrap_or(0),
        members: &members,
    })
}

/// One member's device.
pub struct Device {
    pub index: u32,
    pub manager: EpochManager,
    pub audio: StreamId,
}

impl Device {
    pub fn new(index: u32) -> Self {
        Self::with_config(index, EpochConfig::new(SUITE))
    }

    pub fn with_config(index: u32, config: EpochConfig) -> Self {
        let mut manager = EpochManager::new(config).unwrap();
        let audio = manager.open_stream(StreamKind::Independent).unwrap();
        Self {
            index,
            manager,
            audio,
        }
    }

    pub fn add(&mut self, now: u64, epoch: u64, people: People<'_>) -> Result<(), Error> {
        self.add_id(now, id(epoch), people)
    }

    pub fn add_id(&mut self, now: u64, epoch: EpochId, people: People<'_>) -> Result<(), Error> {
        let own = people
            .iter()
            .any(|(index, _)| *index == self.index)
            .then_some(self.index);
        with_update(epoch, own, people, |update| {
            self.manager.add_epoch(ms(now), update)
        })
    }

    pub fn seal(&mut self, now: u64) -> Vec<u8> {
        self.try_seal(now).unwrap()
    }

    pub fn try_seal(&mut self, now: u64) -> Result<Vec<u8>, Error> {
        let mut frame = vec![0; 64];
        let len = self
            .manager
            .encrypt(ms(now), self.audio, b"room", b"payload", &mut frame)?;
        frame.truncate(len);
        Ok(frame)
    }

    /// Opens a frame; who sent it, and in which epoch.
    pub fn open(&mut self, now: u64, frame: &[u8]) -> Result<(MemberId, u64), Error> {
        let mut frame = frame.to_vec();
        let received: Received<'_> = self.manager.decrypt(ms(now), b"room", &mut frame)?;
        assert_eq!(received.payload, b"payload");
        Ok((received.member, received.epoch.epoch))
    }

    /// All events that wait.
    pub fn events(&mut self, now: u64) -> Vec<Event> {
        std::iter::from_fn(|| self.manager.poll_event(ms(now))).collect()
    }
}

/// Alice at 0 and Bob at 1, both in epoch 1 since time 0.
pub fn pair() -> (Device, Device) {
    let mut both = (Device::new(0), Device::new(1));
    both.0.add(0, 1, ALICE_AND_BOB).unwrap();
    both.1.add(0, 1, ALICE_AND_BOB).unwrap();
    both
}

pub const ALICE_AND_BOB: People<'static> = &[(0, "alice"), (1, "bob")];
pub const WITH_CARL: People<'static> = &[(0, "alice"), (1, "bob"), (2, "carl")];

pub fn leaf(index: u32, joined: u64) -> MemberId {
    // The type cannot be made outside of the library by its fields alone, so ask a manager.
    let mut manager = EpochManager::new(EpochConfig::new(SUITE)).unwrap();
    let people = [(index, "anybody")];
    with_update(id(joined), None, &people, |update| {
        manager.add_epoch(ms(0), update).unwrap();
    });
    manager.member_at(index).unwrap()
}
