//! A small call for the scenarios: who is in it, and its epochs.

use std::time::Duration;

use frameseal::{
    CipherSuite, EncryptionStatus, EpochConfig, EpochId, EpochUpdate, Error, Event, FixedCall,
    FrameStats, GroupTag, Header, KeyId, KidLayout, Member, MemberId, StreamKind, Timestamp,
};

use crate::frames::seal_at;
use crate::kinds::{Alike, Kind, Manager};

pub(crate) const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
pub(crate) const GROUP: GroupTag = GroupTag::new(1);

/// Room for every scenario that is not about room.
pub(crate) type Fixed = FixedCall<16, 16, 16, 4>;

/// Makes two tests of each scenario: one over growing storage, one over fixed.
macro_rules! over_both {
    ($($scenario:ident),+ $(,)?) => {
        #[cfg(feature = "alloc")]
        mod growing {
            $(#[test] fn $scenario() { super::$scenario::<frameseal::Growing>(); })+
        }
        mod fixed {
            $(#[test] fn $scenario() { super::$scenario::<crate::call::Fixed>(); })+
        }
    };
}
pub(crate) use over_both;

/// The same, and a third over the manager for several threads.
macro_rules! over_all {
    ($($scenario:ident),+ $(,)?) => {
        crate::call::over_both!($($scenario),+);
        #[cfg(feature = "std")]
        mod shared {
            $(#[test] fn $scenario() { super::$scenario::<crate::kinds::Shared>(); })+
        }
    };
}
pub(crate) use over_all;

pub(crate) fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn id(epoch: u64) -> EpochId {
    EpochId::new(GROUP, epoch)
}

/// The base key of an epoch: any bytes, other ones for each epoch and group.
pub(crate) fn base_key(epoch: EpochId) -> [u8; 16] {
    let mut key = [0x5a; 16];
    key[..8].copy_from_slice(&epoch.epoch.to_be_bytes());
    key[8..].copy_from_slice(&epoch.group.value().to_be_bytes());
    key
}

/// Names by leaf index, as an MLS engine would list them.
pub(crate) type People<'a> = &'a [(u32, &'a str)];

pub(crate) const ALICE_AND_BOB: People<'static> = &[(0, "alice"), (1, "bob")];
pub(crate) const WITH_CARL: People<'static> = &[(0, "alice"), (1, "bob"), (2, "carl")];

/// Calls `f` with the update of an epoch of these people.
pub(crate) fn with_update<R>(
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

/// Who is on a leaf since an epoch.
pub(crate) fn leaf(index: u32, joined: u64) -> MemberId {
    MemberId::Leaf {
        group: GROUP,
        index,
        joined,
    }
}

/// A frame as anybody who knows the epoch's base key can make it, in the name of any member.
pub(crate) fn insider(epoch: EpochId, index: u32, context: u64, counter: u64) -> Vec<u8> {
    let key_id = KidLayout::STANDARD.key_id(epoch.epoch, index, context);
    let base_key = base_key(epoch);
    let key_id = key_id.unwrap().value();
    seal_at(SUITE, key_id, &base_key, counter, b"room", b"payload")
}

/// The same frame, damaged: as anybody can make it who has no key.
pub(crate) fn forged(epoch: u64, index: u32, context: u64, counter: u64) -> Vec<u8> {
    let mut frame = insider(id(epoch), index, context, counter);
    *frame.last_mut().unwrap() ^= 1;
    frame
}

/// Key id and counter of a frame.
pub(crate) fn nonce_of(frame: &[u8]) -> (u64, u64) {
    let (header, _) = Header::parse(frame).unwrap();
    (header.key_id.value(), header.counter.value())
}

pub(crate) fn kid(epoch: u64, index: u32, context: u64) -> KeyId {
    KidLayout::STANDARD.key_id(epoch, index, context).unwrap()
}

/// A stream that a device of this kind sends.
pub(crate) type Stream<S> = <<S as Kind>::Manager as Manager>::Stream;

/// One member's device.
pub(crate) struct Device<S: Kind> {
    pub(crate) index: u32,
    pub(crate) manager: S::Manager,
    pub(crate) audio: Stream<S>,
}

impl<S: Kind> Device<S> {
    pub(crate) fn new(index: u32) -> Self {
        Self::with_config(index, EpochConfig::new(SUITE))
    }

    pub(crate) fn with_config(index: u32, config: EpochConfig) -> Self {
        let mut manager = S::Manager::new(config).unwrap();
        let audio = manager.open_stream(StreamKind::Independent).unwrap();
        Self {
            index,
            manager,
            audio,
        }
    }

    /// In epoch 1 since time 0.
    pub(crate) fn joined(index: u32, config: EpochConfig, people: People<'_>) -> Self {
        let mut device = Self::with_config(index, config);
        device.add(0, 1, people).unwrap();
        device
    }

    pub(crate) fn add(&mut self, now: u64, epoch: u64, people: People<'_>) -> Result<(), Error> {
        self.add_id(now, id(epoch), people)
    }

    pub(crate) fn add_id(
        &mut self,
        now: u64,
        epoch: EpochId,
        people: People<'_>,
    ) -> Result<(), Error> {
        let listed = people.iter().any(|(index, _)| *index == self.index);
        let own = listed.then_some(self.index);
        with_update(epoch, own, people, |update| {
            self.manager.add_epoch(ms(now), update)
        })
    }

    pub(crate) fn seal(&mut self, now: u64) -> Vec<u8> {
        self.try_seal(now).unwrap()
    }

    pub(crate) fn try_seal(&mut self, now: u64) -> Result<Vec<u8>, Error> {
        self.seal_on(now, self.audio)
    }

    pub(crate) fn seal_on(&mut self, now: u64, stream: Stream<S>) -> Result<Vec<u8>, Error> {
        let mut frame = vec![0; 64];
        let len = self
            .manager
            .encrypt(ms(now), stream, b"room", b"payload", &mut frame)?;
        frame.truncate(len);
        Ok(frame)
    }

    /// The low bits of the epoch, with the standard layout, in which the next frame of a stream is
    /// sealed; it is lost.
    pub(crate) fn sends_in(&mut self, now: u64, stream: Stream<S>) -> u64 {
        nonce_of(&self.seal_on(now, stream).unwrap()).0 & 0xff
    }

    /// Opens a frame; who sent it, and in which epoch.
    pub(crate) fn open(&mut self, now: u64, frame: &[u8]) -> Result<(MemberId, u64), Error> {
        let before = frame;
        let mut frame = before.to_vec();
        match self.manager.decrypt(ms(now), b"room", &mut frame) {
            Ok(received) => {
                assert_eq!(received.payload, b"payload");
                Ok((received.member, received.epoch.epoch))
            }
            Err(error) => {
                assert_eq!(frame, before, "a refused frame stays as it was");
                Err(error)
            }
        }
    }

    /// All events that wait.
    pub(crate) fn events(&mut self, now: u64) -> Vec<Event> {
        std::iter::from_fn(|| self.manager.poll_event(ms(now))).collect()
    }

    pub(crate) fn live(&self) -> Vec<u64> {
        let mut live: Vec<_> = self.manager.live().into_iter().map(|id| id.epoch).collect();
        live.sort_unstable();
        live
    }

    pub(crate) fn level(&mut self, member: MemberId, now: u64) -> EncryptionStatus {
        self.manager.status(member, ms(now)).level
    }

    pub(crate) fn room(&mut self, now: u64) -> EncryptionStatus {
        self.manager.room_status(ms(now)).level
    }

    /// Everything that can be seen from outside, but for counts of frames that were refused.
    pub(crate) fn state(&mut self, now: u64) -> String {
        let members = self.manager.listed();
        let seen: Vec<_> = members
            .iter()
            .map(|member| {
                let stats = self.manager.member_stats(*member);
                let opened = |stats: FrameStats| (stats.opened, stats.last_authenticated);
                let status = self.manager.status(*member, ms(now));
                (*member, status, stats.map(opened))
            })
            .collect();
        let room = self.manager.room_status(ms(now));
        let sending = self.manager.stream_status(self.audio);
        let (live, current) = (self.live(), self.manager.sending_epoch());
        let deadline = self.manager.next_deadline();
        let debug = &self.manager;
        format!("{debug:?} {live:?} {current:?} {sending:?} {seen:?} {room:?} {deadline:?}")
    }
}

/// Alice at 0 and Bob at 1, both in epoch 1 since time 0.
pub(crate) fn pair<S: Kind>() -> (Device<S>, Device<S>) {
    let device = |index| Device::joined(index, EpochConfig::new(SUITE), ALICE_AND_BOB);
    (device(0), device(1))
}

/// The same with Carl at 2.
pub(crate) fn three<S: Kind>() -> [Device<S>; 3] {
    [0, 1, 2].map(|index| Device::joined(index, EpochConfig::new(SUITE), WITH_CARL))
}
