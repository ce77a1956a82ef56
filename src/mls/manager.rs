//! The epoch manager: epochs, members, streams and receiving keys of one member of a call.
//!
//! Under `mls/`. This file has the object and the epochs that come; `leaving.rs` those that go,
//! `send.rs` and `receive.rs` what it does with frames, `watch.rs` what it tells.

use core::time::Duration;

use crate::cipher_suite::CipherSuite;
use crate::crypto::Backend;
use crate::error::Error;
use crate::event::Event;
use crate::key_schedule::EpochSecret;
use crate::member::{EpochId, MemberId};
use crate::monitor::MonitorCore;
use crate::stats::FrameStats;
use crate::storage::Storage;
use crate::time::{Clock, Timestamp};

use super::config::{EpochConfig, SendSwitch};
use super::epoch::{Admission, Epoch, Epochs, NEVER, Unheard};
use super::key_frames::KeyFrameSignal;
use super::roster::{Roster, Serial, Stay};
use super::send::StreamSlot;
use super::sender::Sender;
use super::storage::CallStorage;
use super::stream::Targets;
use super::update::EpochUpdate;

/// A member's side of a call whose keys come from MLS (RFC 9605 §5.2), for one thread.
/// [`EpochManager`](crate::EpochManager) grows, [`fixed::EpochManager`](crate::fixed::EpochManager)
/// has fixed capacities; both are this type. `SharedEpochManager` is for several threads.
///
/// It is fed with an [`EpochUpdate`] for every accepted epoch. It receives with a new epoch at
/// once, sends with it when the others are ready, and wipes the old one after a while; after a
/// removal it sends with the new epoch at once.
///
/// ```
/// use frameseal::{CipherSuite, EpochConfig, EpochManager, EpochUpdate, GroupTag, Member};
/// use frameseal::{StreamKind, Timestamp};
///
/// let suite = CipherSuite::Aes128GcmSha256_128;
/// let members = [
///     Member { index: 0, identity: b"alice" },
///     Member { index: 1, identity: b"bob" },
/// ];
/// # let base_key = [0x42; 16];
/// // From the MLS engine, in every epoch: base_key = MLS-Exporter("SFrame 1.0 Base Key", "", 16).
/// let update = |own_index| EpochUpdate {
///     group: GroupTag::new(1),
///     epoch: 5,
///     base_key: &base_key,
///     own_index: Some(own_index),
///     leaf_count: 2,
///     members: &members,
/// };
/// let now = Timestamp::from_millis(0); // of the application's monotonic clock
/// let mut alice = EpochManager::new(EpochConfig::new(suite))?;
/// alice.add_epoch(now, &update(0))?;
/// let microphone = alice.open_stream(StreamKind::Independent)?;
/// let mut bob = EpochManager::new(EpochConfig::new(suite))?;
/// bob.add_epoch(now, &update(1))?;
///
/// let mut frame = [0; 64];
/// let len = alice.encrypt(now, microphone, b"", b"hello", &mut frame)?;
/// let received = bob.decrypt(now, b"", &mut frame[..len])?;
/// assert_eq!(received.payload, b"hello");
/// assert_eq!(received.epoch.epoch, 5);
/// # Ok::<(), frameseal::Error>(())
/// ```
///
/// # What it cannot know
/// - That another manager has the same key. A second manager for the same member, in another
///   process or on another device with the same leaf, must have other contexts
///   ([`EpochConfig::own_contexts`]).
/// - That it was started again. Counters live as long as the object. A process that starts anew or
///   is restored from a snapshot must not go on in an epoch in which it may have sent: it commits
///   first, and feeds only the new epoch (RFC 9605 §9.1).
///
/// It owns counters, so it cannot be cloned:
///
/// ```compile_fail,E0599
/// # use frameseal::{CipherSuite, EpochConfig, EpochManager};
/// let manager = EpochManager::new(EpochConfig::new(CipherSuite::Aes128GcmSha256_128)).unwrap();
/// let twin = manager.clone();
/// ```
pub struct EpochManagerCore<S: CallStorage> {
    pub(crate) config: EpochConfig,
    pub(crate) clock: Clock,
    pub(crate) epochs: Epochs<S>,
    pub(crate) roster: Roster<S::Members>,
    /// By key id, the epoch's bits first, so that those of an epoch lie together.
    pub(crate) senders: <S::Senders as Storage>::Table<u64, Sender<S>>,
    /// How many of them have their key expanded.
    pub(crate) cached_keys: usize,
    pub(crate) streams: <S::Streams as Storage>::Table<u64, StreamSlot<S>>,
    pub(crate) monitor: MonitorCore<S::Members>,
    /// All contexts below this one are taken.
    pub(crate) lowest_context: u64,
    /// Whether a stream was busy when its key was to be wiped.
    pub(crate) wipe_pending: bool,
    /// When something changes by itself.
    pub(crate) due: Timestamp,
    /// Goes up whenever epochs come, go, or begin to send.
    pub(crate) version: usize,
    /// Epochs that removed a member, while keys are accepted that the member knows.
    pub(super) overlaps: <S::Epochs as Storage>::Table<Serial, EpochId>,
    pub(crate) key_frame: KeyFrameSignal,
    /// The epoch for which it was said that a new one is needed.
    pub(crate) rekey_told: Serial,
    pub(crate) folded_at: Option<Timestamp>,
    /// Of whom frames came that were not taken over yet.
    pub(crate) frames_came: Came,
    /// Whether somebody is in no live epoch any more, of whom something is still remembered.
    pub(super) departed: bool,
}

/// Whose frames are to be looked at, by the key of the sender's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    None,
    One(u64),
    Many,
}

impl<S: CallStorage> EpochManagerCore<S> {
    /// A manager without epochs.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when the configuration contradicts itself.
    pub fn new(config: EpochConfig) -> Result<Self, Error> {
        config.check()?;
        // A window that does not fit is refused here, not at the first frame.
        S::Senders::window(config.receive.replay)?;
        let monitor = MonitorCore::new(config.policy).with_stale_after(config.stale_after);
        Ok(Self {
            config,
            clock: Clock::default(),
            epochs: Epochs::new(),
            roster: Roster::new(),
            senders: S::Senders::table(),
            cached_keys: 0,
            streams: S::Streams::table(),
            monitor,
            lowest_context: 0,
            wipe_pending: false,
            due: NEVER,
            version: 0,
            overlaps: S::Epochs::table(),
            key_frame: KeyFrameSignal::default(),
            rekey_told: 0,
            folded_at: None,
            frames_came: Came::None,
            departed: false,
        })
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.config.suite
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &EpochConfig {
        &self.config
    }

    /// Which implementation computes the AEAD of received frames.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.config.receive.backend.serving(self.config.suite)
    }

    /// Adds an epoch. Frames of it are opened from now on; when sending moves to it is what
    /// [`EpochConfig::send_switch`] says, but at once if a member was removed or the group was made
    /// anew. The first epoch sends at once.
    ///
    /// The same epoch with the same key again changes nothing. An older epoch whose low-order bits
    /// are the same is removed (RFC 9605 §5.2). Costs one extract and one expand, and a walk through
    /// the members, with no cryptography for each.
    ///
    /// Who was removed from the group gets no base key and drops the manager.
    ///
    /// # Errors
    /// - [`Error::Fork`] when the epoch is here with another key
    /// - [`Error::EpochTooOld`] when it is not newer than all that were added before
    /// - [`Error::InvalidArgument`] when one of the last 64 epochs had the same base key: its counters
    ///   would start again
    /// - [`Error::InvalidArgument`] when the base key has not exactly `Nk` bytes or is all zeros; members
    ///   are out of order, have an index beyond the leaf count, or an identity that is empty or too
    ///   long; our own index is none of theirs; or something does not fit the key ids
    /// - [`Error::Capacity`] when there are more members than places
    ///
    /// After an error nothing has changed.
    pub fn add_epoch(&mut self, now: Timestamp, update: &EpochUpdate<'_>) -> Result<(), Error> {
        let now = self.clock.advance(now);
        update.check(self.config.suite.key_len())?;
        let layout = self.config.layout_for(update.leaf_count)?;
        if let Some(own) = update.own_index {
            layout.key_id(update.epoch, own, self.config.own_contexts.end - 1)?;
        }
        let secret = EpochSecret::new(self.config.suite, update.base_key)?;
        let Admission::New { new_group } = self.epochs.admit(update.id(), secret.fingerprint)?
        else {
            return Ok(());
        };
        let changes = self.roster.changes(update, new_group);
        self.roster.check_room(changes)?;
        let serial = self.epochs.next_serial()?;

        self.update(now);
        let first = self.epochs.current.is_none();
        let lost_sending = self.make_room(now, layout.low_bits(update.epoch), changes);
        let removal = changes.left > 0 && !first;
        let others = self.others(update);
        let at_once = first || removal || lost_sending || others == 0;
        let (from, by) = if at_once {
            (Duration::ZERO, Duration::ZERO)
        } else {
            self.config.send_switch.delays()
        };
        let epoch = Epoch {
            id: update.id(),
            layout,
            own_index: update.own_index,
            secret: S::ptr(secret),
            added: now,
            send_from: now.due_after(from),
            send_by: now.due_after(by),
            retire_at: NEVER,
            unready: others,
            stats: FrameStats::default(),
            unheard: S::lock(Unheard::default()),
        };
        self.epochs.insert(serial, epoch)?;
        self.roster.apply(update, changes, serial, new_group);
        self.monitor.set_unverified(self.roster.unverified());
        self.monitor.push(Event::EpochAdded(update.id()));
        if removal {
            self.cut_off(now, serial, update.id());
        }
        self.update(now);
        Ok(())
    }

    /// Members besides ourselves.
    fn others(&self, update: &EpochUpdate<'_>) -> u32 {
        let own = usize::from(update.own_index.is_some());
        u32::try_from(update.members.len().saturating_sub(own)).unwrap_or(u32::MAX)
    }

    /// A member says that it has an epoch. When all have said so, sending moves to it, with
    /// [`SendSwitch::WhenReady`] and [`SendSwitch::AtKeyFrame`].
    ///
    /// # Errors
    /// [`Error::UnknownEpoch`] when it is not live, [`Error::UnknownMember`] for our own leaf and
    /// when nobody is on the leaf in it.
    pub fn peer_ready(&mut self, index: u32, epoch: EpochId, now: Timestamp) -> Result<(), Error> {
        let now = self.tick(now);
        let missing = Error::UnknownEpoch(epoch);
        let serial = self.epochs.find(epoch).ok_or(missing)?;
        let own = self.epochs.get(serial).and_then(|epoch| epoch.own_index);
        let there = self.roster.find(index, serial).is_some();
        if own == Some(index) || !there {
            return Err(Error::UnknownMember);
        }
        if let Some(before) = self.roster.acknowledge(index, serial) {
            self.epochs.acknowledged(before, serial);
        }
        // Whoever has an epoch has those before it, so one of them may be complete now.
        let waits = matches!(
            self.config.send_switch,
            SendSwitch::WhenTold | SendSwitch::After(_)
        );
        if !waits && let Some(complete) = self.epochs.complete() {
            self.epochs.send_now(complete, now);
            self.update(now);
        }
        Ok(())
    }

    /// The application decides that sending moves to this epoch now.
    ///
    /// # Errors
    /// [`Error::UnknownEpoch`] when it is not live, [`Error::EpochTooOld`] when sending has moved
    /// past it: it never moves back.
    pub fn activate(&mut self, epoch: EpochId, now: Timestamp) -> Result<(), Error> {
        let now = self.tick(now);
        let missing = Error::UnknownEpoch(epoch);
        let serial = self.epochs.find(epoch).ok_or(missing)?;
        if Some(serial) < self.epochs.current {
            return Err(Error::EpochTooOld(epoch));
        }
        self.epochs.send_now(serial, now);
        self.update(now);
        Ok(())
    }

    /// The epoch that all sending is in; streams that wait for a key frame come to it then.
    #[must_use]
    pub fn sending_epoch(&self) -> Option<EpochId> {
        let epoch = self.epochs.get(self.epochs.current?)?;
        Some(epoch.id)
    }

    /// The epochs that are live, in no order.
    pub fn live_epochs(&self) -> impl Iterator<Item = EpochId> {
        self.epochs.iter().map(|(_, epoch)| epoch.id)
    }

    /// Everybody who is a member in the newest epoch, with the identity that was given.
    pub fn members(&self) -> impl Iterator<Item = (MemberId, &[u8])> {
        let newest = self.epochs.newest().map(|(_, epoch)| epoch.id.group);
        let group = newest.unwrap_or_default();
        self.roster
            .iter()
            .map(move |(index, stay, identity)| (member_id(group, index, stay), identity))
    }

    /// Whether this is a member of the newest epoch.
    #[must_use]
    pub fn is_member(&self, member: MemberId) -> bool {
        let newest = self.epochs.newest();
        newest.is_some_and(|(serial, epoch)| is_member(&self.roster, epoch, serial, member))
    }

    /// Who is on a leaf in the newest epoch.
    #[must_use]
    pub fn member_at(&self, index: u32) -> Option<MemberId> {
        let (serial, epoch) = self.epochs.newest()?;
        let stay = self.roster.find(index, serial)?;
        Some(member_id(epoch.id.group, index, stay))
    }

    /// When the epoch that sends becomes too old for the policy, if that is to come.
    fn too_old_at(&self, now: Timestamp) -> Timestamp {
        let sending = self
            .epochs
            .current
            .and_then(|serial| self.epochs.get(serial));
        let max_age = self.config.policy.max_key_age();
        let at = sending
            .zip(max_age)
            .map(|(epoch, age)| epoch.added.plus(age));
        at.filter(|at| *at > now).unwrap_or(NEVER)
    }

    /// Lets time pass.
    #[inline]
    pub(crate) fn tick(&mut self, now: Timestamp) -> Timestamp {
        let now = self.clock.advance(now);
        if now >= self.due {
            self.update(now);
        }
        now
    }

    /// Does what is due.
    pub(crate) fn update(&mut self, now: Timestamp) {
        let could_move_to = self.epochs.eligible;
        let moved_to = self.epochs.advance(now, self.config.retire_after);
        if let Some(epoch) = moved_to.and_then(|moved_to| self.epochs.get(moved_to)) {
            self.monitor.push(Event::EpochActivated(epoch.id));
        }
        self.want_key_frame(could_move_to, moved_to);
        while let Some(expired) = self.epochs.expired(now) {
            self.retire(expired, now);
        }
        if core::mem::take(&mut self.departed) {
            self.forget_departed();
        }
        if self.wipe_pending {
            self.wipe_streams();
        }
        self.free_contexts();
        // A deadline that a frame let pass is none for whoever polls.
        self.watch_age(now);
        self.due = self.epochs.deadline().min(self.too_old_at(now));
        self.version = self.version.wrapping_add(1);
    }

    pub(crate) fn targets(&self) -> Targets {
        Targets {
            current: self.epochs.current,
            eligible: self.epochs.eligible,
        }
    }
}

pub(crate) fn is_member<S: CallStorage>(
    roster: &Roster<S::Members>,
    epoch: &Epoch<S>,
    serial: Serial,
    member: MemberId,
) -> bool {
    let MemberId::Leaf {
        group,
        index,
        joined,
    } = member
    else {
        return false;
    };
    group == epoch.id.group
        && roster
            .find(index, serial)
            .is_some_and(|stay| stay.joined == joined)
}

pub(crate) fn member_id(group: crate::member::GroupTag, index: u32, stay: Stay) -> MemberId {
    MemberId::Leaf {
        group,
        index,
        joined: stay.joined,
    }
}

impl<S: CallStorage> core::fmt::Debug for EpochManagerCore<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EpochManager")
            .field("suite", &self.config.suite)
            .field("live_epochs", &self.epochs.len())
            .field("members", &self.roster.count())
            .finish_non_exhaustive()
    }
}
