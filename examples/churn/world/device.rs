//! One device: an epoch manager with what an application puts around it, and beside it the record
//! from which the oracle computes what the manager must answer.
//!
//! This file has epochs and sending; `receiving` has frames that come, `comparing` the questions.

mod comparing;
mod receiving;

use core::time::Duration;
use std::rc::Rc;

use frameseal::{
    CipherSuite, EpochConfig, EpochId, EpochManager, EpochUpdate, Error, Event, GroupTag,
    HoldingBuffer, HoldingConfig, KidLayout, Member, MemberId, SendSwitch, StreamId, StreamKind,
    Timestamp,
};

use super::checks::Checks;
use super::delivery_service::{Commit, Process, identity};
use super::oracle::{Expected, MemberKey, Oracle};
use super::packet::{FRAME_LEN, Packet, Tag};
use super::queue::Millis;
use super::settings::Settings;

pub(crate) const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const GROUP: GroupTag = GroupTag::new(1);

pub(crate) struct Device {
    pub(crate) process: Process,
    pub(crate) index: u32,
    manager: EpochManager,
    stream: StreamId,
    holding: Option<HoldingBuffer>,
    pub(crate) oracle: Oracle,
    /// The first epoch and the newest one that it was told of.
    pub(crate) first_epoch: Option<u64>,
    pub(crate) newest: u64,
    /// The epoch of its latest frame.
    pub(crate) sent_in: u64,
    /// When it was told of removals.
    removals: Vec<(u64, Millis)>,
    /// The base keys of its latest epochs, as somebody would keep them who means to use them later.
    base_keys: Vec<(u64, [u8; 16])>,
    /// Until when it is silent.
    pub(crate) silent_until: Millis,
    /// Until when it cannot encrypt.
    pub(crate) clear_until: Millis,
    /// When it is to be woken, if that is planned.
    pub(crate) wakes: Option<Millis>,
    early_acknowledgements: Vec<(u32, u64)>,
    /// How many are in the call, roughly.
    members: usize,
    /// Calls of the manager, after which a status may have changed.
    calls: u32,
    /// Where the manager's answers are put in order.
    listed: Vec<(MemberKey, Expected)>,
    buffer: Vec<u8>,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Opened(Opened),
    /// It waits for its epoch.
    Held,
    Refused(Error),
}

/// A frame that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Whose it is said to be, and of which epoch.
    pub(crate) member: Option<MemberKey>,
    pub(crate) epoch: u64,
    /// Whether it is what a member sends in the frame of this number.
    pub(crate) right_payload: bool,
}

fn at(now: Millis) -> Timestamp {
    Timestamp::from_millis(now)
}

fn id(epoch: u64) -> EpochId {
    EpochId::new(GROUP, epoch)
}

fn key_of(member: MemberId) -> Option<MemberKey> {
    match member {
        MemberId::Leaf { index, joined, .. } => Some((index, joined)),
        _ => None,
    }
}

fn id_of((index, joined): MemberKey) -> MemberId {
    MemberId::Leaf {
        group: GROUP,
        index,
        joined,
    }
}

impl Device {
    /// A new process, on the leaf that it was added to.
    pub(crate) fn new(settings: &Settings, process: Process, index: u32) -> Self {
        let delay = Duration::from_millis(settings.delay);
        let switch = if settings.acknowledge {
            SendSwitch::WhenReady(delay)
        } else {
            SendSwitch::After(delay)
        };
        let layout = KidLayout::new(settings.epoch_bits, 16).expect("valid widths");
        let config = EpochConfig::new(SUITE)
            .with_policy(settings.policy)
            .with_layout(layout)
            .with_send_switch(switch)
            .with_max_cached_keys(settings.cached_keys);
        let mut manager = EpochManager::new(config).expect("a valid configuration");
        let stream = manager.open_stream(StreamKind::Independent);
        let holding = HoldingConfig::for_suite(SUITE).with_layout(layout);
        Self {
            process,
            index,
            manager,
            stream: stream.expect("the first stream"),
            holding: settings.holding.then(|| HoldingBuffer::new(holding)),
            oracle: Oracle::new(index, settings.rules()),
            first_epoch: None,
            newest: 0,
            sent_in: 0,
            removals: Vec::new(),
            base_keys: Vec::new(),
            silent_until: 0,
            clear_until: 0,
            wakes: None,
            early_acknowledgements: Vec::new(),
            members: settings.members,
            calls: 0,
            listed: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// An accepted commit arrives.
    pub(crate) fn commit(&mut self, now: Millis, commit: &Commit, checks: &mut Checks) {
        let identities: Vec<_> = commit
            .members()
            .map(|(index, process)| (index, identity(process)))
            .collect();
        let members: Vec<_> = identities
            .iter()
            .map(|(index, identity)| Member {
                index: *index,
                identity,
            })
            .collect();
        let update = EpochUpdate {
            group: GROUP,
            epoch: commit.epoch,
            base_key: &commit.base_key,
            own_index: Some(self.index),
            leaf_count: u32::try_from(commit.leaves.len()).unwrap_or(u32::MAX),
            members: &members,
        };
        let added = self.manager.add_epoch(at(now), &update);
        checks
            .commits
            .holds(added.is_ok(), || format!("{commit:?}: {added:?}"));
        self.first_epoch.get_or_insert(commit.epoch);
        self.newest = commit.epoch;
        self.base_keys.push((commit.epoch, commit.base_key));
        if commit.kind.is_removal() {
            self.removals.push((commit.epoch, now));
        }
        self.oracle.told(now, commit);
        for (index, epoch) in core::mem::take(&mut self.early_acknowledgements) {
            self.acknowledged(now, index, epoch, checks);
        }
        let removal = commit.kind.is_removal() && self.first_epoch != Some(commit.epoch);
        self.drain_events(now, removal.then_some(commit.epoch), checks);
        self.compare_everyone(now, checks);
    }

    /// A member says that it has an epoch.
    pub(crate) fn acknowledged(
        &mut self,
        now: Millis,
        index: u32,
        epoch: u64,
        checks: &mut Checks,
    ) {
        match self.manager.peer_ready(index, id(epoch), at(now)) {
            Ok(()) => {
                self.oracle.acknowledged(now, index, epoch);
                self.compare_touched(now, None, checks);
            }
            // Before our own commit: it is told again when that has come.
            Err(Error::UnknownEpoch(_)) if epoch > self.newest => {
                self.early_acknowledgements.push((index, epoch));
            }
            // Of an epoch that has retired, or by one who was gone before.
            Err(_) => {}
        }
    }

    /// Seals the next frame; nothing before the first epoch. It must be in the epoch that the oracle
    /// expects.
    pub(crate) fn seal(&mut self, now: Millis, tag: Tag, checks: &mut Checks) -> Option<Sealed> {
        let epoch = self.oracle.epochs.sending(now)?;
        self.buffer.resize(FRAME_LEN + SUITE.max_overhead(), 0);
        let (metadata, payload) = (tag.metadata(), tag.payload());
        let sealed =
            self.manager
                .encrypt(at(now), self.stream, &metadata, &payload, &mut self.buffer);
        let said = self.manager.sending_epoch();
        checks.switches.holds(said == Some(id(epoch)), || {
            format!("{now} ms: sends in {said:?}, not in {epoch}")
        });
        let content = match sealed {
            Ok(len) => self.buffer[..len].to_vec(),
            Err(error) => {
                checks
                    .switches
                    .holds(false, || format!("{now} ms: {error}"));
                return None;
            }
        };
        self.oracle.sent(now);
        self.compare_touched(now, None, checks);
        let live = self
            .oracle
            .epochs
            .live(now)
            .find(|told| told.epoch == epoch);
        let base_key = live.map(|told| told.base_key).unwrap_or_default();
        Some(Sealed {
            epoch,
            base_key,
            content,
        })
    }

    /// Sends in the clear, as long as the application allowed it.
    pub(crate) fn send_in_the_clear(&mut self, now: Millis, checks: &mut Checks) -> bool {
        let sent = self.manager.send_in_the_clear(at(now)).is_ok();
        checks
            .clear
            .holds(sent, || format!("{now} ms: an old client cannot send"));
        if sent {
            self.oracle.sent_in_the_clear(now);
        }
        self.compare_touched(now, None, checks);
        sent
    }

    /// This process cannot encrypt yet.
    pub(crate) fn begin_in_the_clear(&mut self, now: Millis, until: Millis) {
        self.clear_until = until;
        let duration = Duration::from_millis(until - now);
        let _ = self.manager.allow_sending_in_the_clear(at(now), duration);
    }

    /// The application lets a member who cannot encrypt yet pass.
    pub(crate) fn allow(&mut self, now: Millis, index: u32, until: Millis) {
        let duration = Duration::from_millis(until.saturating_sub(now));
        if let Some(member) = self.oracle.member_at(index)
            && self
                .manager
                .allow_passthrough(at(now), id_of(member), duration)
                .is_ok()
        {
            self.oracle.allow_passthrough(until, member);
        }
    }

    /// Somebody's identity was compared, or everybody's code.
    pub(crate) fn verify(&mut self, now: Millis, who: Option<MemberKey>, checks: &mut Checks) {
        let done = match who {
            Some(member) => {
                self.oracle.verified(member);
                self.manager.set_verified(id_of(member), true)
            }
            None => {
                self.oracle.all_verified();
                self.manager.set_epoch_verified(id(self.newest))
            }
        };
        checks
            .commits
            .holds(done.is_ok(), || format!("{now} ms: verified: {done:?}"));
        self.compare_everyone(now, checks);
    }

    /// Lets an idle device do what is due; when it wants to be woken again.
    pub(crate) fn wake(&mut self, now: Millis, checks: &mut Checks) -> Option<Millis> {
        self.drain_events(now, None, checks);
        self.compare_touched(now, None, checks);
        self.next_deadline(now)
    }

    pub(crate) fn next_deadline(&self, now: Millis) -> Option<Millis> {
        let deadline = self.manager.next_deadline()?;
        Some(deadline.as_millis().max(now + 1))
    }

    /// Polls all events; a cut-off must be among them exactly when a member was removed, with the
    /// time at which we were told.
    fn drain_events(&mut self, now: Millis, cut_off: Option<u64>, checks: &mut Checks) {
        let expected = cut_off.map(|epoch| (id(epoch), at(now)));
        let mut told = None;
        while let Some(event) = self.manager.poll_event(at(now)) {
            if let Event::SendCutOff { epoch, at } = event {
                told = Some((epoch, at));
            }
        }
        if told.is_some() || expected.is_some() {
            checks.cut_offs.holds(told == expected, || {
                format!("{now} ms: cut-off {told:?}, not {expected:?}")
            });
        }
    }

    /// When it was told of this removal.
    pub(crate) fn told_of_removal(&self, epoch: u64) -> Option<Millis> {
        let mut removals = self.removals.iter().rev();
        removals
            .find(|(removal, _)| *removal == epoch)
            .map(|(_, told)| *told)
    }

    /// The first removal behind an epoch that it was told of.
    pub(crate) fn removal_behind(&self, epoch: u64) -> Option<u64> {
        let mut removals = self.removals.iter();
        removals
            .find(|(removal, _)| *removal > epoch)
            .map(|(removal, _)| *removal)
    }

    /// The keys of its latest epochs.
    pub(crate) fn kept_keys(&self) -> &[(u64, [u8; 16])] {
        &self.base_keys[self.base_keys.len().saturating_sub(4)..]
    }

    /// Who is on a leaf in an epoch, as far as it was told, and since when.
    pub(crate) fn on_leaf(&self, now: Millis, epoch: u64, index: u32) -> Option<(Process, u64)> {
        let mut live = self.oracle.epochs.live(now);
        live.find(|told| told.epoch == epoch)?.find(index)
    }

    pub(crate) fn is_live(&self, now: Millis, epoch: u64) -> bool {
        self.oracle.epochs.live(now).any(|told| told.epoch == epoch)
    }
}

/// A frame of this device, ready to be sent.
pub(crate) struct Sealed {
    pub(crate) epoch: u64,
    pub(crate) base_key: [u8; 16],
    pub(crate) content: Vec<u8>,
}

/// A packet that several receivers get.
pub(crate) type SharedPacket = Rc<Packet>;
