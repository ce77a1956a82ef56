//! The epoch manager for several threads: the application changes epochs, media threads seal and
//! open.
//!
//! Under `mls/`, with `std`. What happens to every frame takes no lock that another stream or
//! sender needs for long: a stream has its own, a sender's window has its own, and the table of
//! senders is locked for reading only while a sender is looked up. Changes of epoch lock it for
//! writing, for as long as they take, which is in `docs/performance.md`, and so do questions about
//! status and events, which look at every sender. No lock is held while a frame is sealed or
//! opened, but that of the stream which seals it, and nobody waits for that one. A stream of frames
//! does not look into the table each time (`near.rs`).
//!
//! Locks are always taken in this order: the call, then a stream or a sender, then the side notes.

mod near;
mod receiver;
mod stream;

pub use receiver::EpochReceiver;
pub use stream::SharedStream;

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;
use std::boxed::Box;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::vec::Vec;

use crate::by_key::ByKey;
use crate::cipher_suite::CipherSuite;
use crate::error::Error;
use crate::event::Event;
use crate::header::KeyId;
use crate::member::{EpochId, MemberId};
use crate::monitor::Plain;
use crate::passthrough::InjectedFrames;
use crate::stats::FrameStats;
use crate::status::Status;
use crate::strangers::Strangers;
use crate::time::{Clock, Timestamp};
use crate::visible_metadata::VisibleConfig;

use super::config::EpochConfig;
use super::manager::{EpochManagerCore, is_member};
use super::sender::SenderState;
use super::storage::SharedCall;
use super::stream::StreamKind;
use super::update::EpochUpdate;
use near::Near;

type Core = EpochManagerCore<SharedCall>;
type State = SenderState<Box<[u64]>>;

/// An [`EpochManager`](crate::EpochManager) for several threads: every method takes `&self`, and
/// clones are handles to the same call. Its rules are those of [`EpochManagerCore`].
///
/// ```
/// use std::thread;
/// # use frameseal::{CipherSuite, EpochConfig, EpochUpdate, Error, GroupTag, Member};
/// use frameseal::{SharedEpochManager, StreamKind, Timestamp};
///
/// # let suite = CipherSuite::Aes128GcmSha256_128;
/// # let people = [Member { index: 0, identity: b"alice" }, Member { index: 1, identity: b"bob" }];
/// # let update = |own| EpochUpdate {
/// #     group: GroupTag::new(1), epoch: 5, base_key: &[7; 16], own_index: Some(own),
/// #     leaf_count: 2, members: &people,
/// # };
/// # let now = Timestamp::from_millis(0);
/// let alice = SharedEpochManager::new(EpochConfig::new(suite))?;
/// alice.add_epoch(now, &update(0))?;
/// let bob = SharedEpochManager::new(EpochConfig::new(suite))?;
/// bob.add_epoch(now, &update(1))?;
///
/// let mut camera = alice.open_stream(StreamKind::KeyFrames)?; // owns a context and a counter
/// let sealed = thread::spawn(move || {
///     let mut frame = vec![0; 64];
///     let len = camera.encrypt(now, b"", b"a picture", &mut frame)?;
///     frame.truncate(len);
///     Ok::<_, Error>(frame)
/// });
/// let mut frame = sealed.join().unwrap()?;
/// let receiver = bob.receiver(); // one for each thread, or one for all
/// let opened = thread::spawn(move || {
///     let received = receiver.decrypt(now, b"", &mut frame)?;
///     Ok::<_, Error>(received.payload.to_vec())
/// });
/// assert_eq!(opened.join().unwrap()?, b"a picture");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct SharedEpochManager {
    call: Arc<Call>,
}

/// What all handles, streams and receivers of a call have in common.
struct Call {
    signs: Signs,
    near: ByKey<Near>,
    core: RwLock<Core>,
    notes: Mutex<Notes>,
}

/// What every frame asks, to be read without the lock of the core; apart from everything that frames
/// write to.
#[repr(align(128))]
struct Signs {
    suite: CipherSuite,
    /// That of the core.
    version: AtomicUsize,
    /// The time that the core has reached, in milliseconds.
    reached: AtomicU64,
}

/// What receivers have seen and have no place for in the table; taken over when somebody asks.
#[derive(Default)]
struct Notes {
    unknown: Option<(KeyId, u64)>,
    strangers: Strangers,
}

impl SharedEpochManager {
    /// As [`EpochManagerCore::new`].
    ///
    /// # Errors
    /// As there.
    pub fn new(config: EpochConfig) -> Result<Self, Error> {
        let core = Core::new(config)?;
        let call = Call {
            signs: Signs {
                suite: core.suite(),
                version: AtomicUsize::new(core.version),
                reached: AtomicU64::new(core.clock.latest().as_millis()),
            },
            near: ByKey::default(),
            core: RwLock::new(core),
            notes: Mutex::default(),
        };
        Ok(Self {
            call: Arc::new(call),
        })
    }

    /// The cipher suite.
    #[must_use]
    pub fn suite(&self) -> CipherSuite {
        self.call.signs.suite
    }

    /// As [`EpochManagerCore::add_epoch`]. When it returns, no frame is begun any more in an epoch
    /// that sending left; one that another thread is sealing at that moment is finished.
    ///
    /// # Errors
    /// As there.
    pub fn add_epoch(&self, now: Timestamp, update: &EpochUpdate<'_>) -> Result<(), Error> {
        self.call.change(|core| core.add_epoch(now, update))
    }

    /// As [`EpochManagerCore::peer_ready`].
    ///
    /// # Errors
    /// As there.
    pub fn peer_ready(&self, index: u32, epoch: EpochId, now: Timestamp) -> Result<(), Error> {
        self.call.change(|core| core.peer_ready(index, epoch, now))
    }

    /// As [`EpochManagerCore::activate`].
    ///
    /// # Errors
    /// As there.
    pub fn activate(&self, epoch: EpochId, now: Timestamp) -> Result<(), Error> {
        self.call.change(|core| core.activate(epoch, now))
    }

    /// Opens a stream, which can go to another thread. It is closed when it is dropped.
    ///
    /// # Errors
    /// As [`EpochManagerCore::open_stream`].
    pub fn open_stream(&self, kind: StreamKind) -> Result<SharedStream, Error> {
        SharedStream::open(&self.call, kind)
    }

    /// A receiver, which can go to another thread; all receivers share keys and windows.
    #[must_use]
    pub fn receiver(&self) -> EpochReceiver {
        EpochReceiver::new(&self.call)
    }

    /// As [`EpochManagerCore::prepare`].
    ///
    /// # Errors
    /// As there.
    pub fn prepare(&self, now: Timestamp, index: u32, context: u64) -> Result<(), Error> {
        self.call.change(|core| core.prepare(now, index, context))
    }

    /// As [`EpochManagerCore::sending_epoch`].
    #[must_use]
    pub fn sending_epoch(&self) -> Option<EpochId> {
        self.call.read().sending_epoch()
    }

    /// As [`EpochManagerCore::member_at`].
    #[must_use]
    pub fn member_at(&self, index: u32) -> Option<MemberId> {
        self.call.read().member_at(index)
    }

    /// Calls `f` for everybody who is a member in the newest epoch, with the identity that was
    /// given. `f` must not call this manager.
    pub fn for_each_member(&self, mut f: impl FnMut(MemberId, &[u8])) {
        for (member, identity) in self.call.read().members() {
            f(member, identity);
        }
    }

    /// As [`EpochManagerCore::status`].
    #[must_use]
    pub fn status(&self, member: MemberId, now: Timestamp) -> Status {
        self.call.ask(|core| core.status(member, now))
    }

    /// As [`EpochManagerCore::statuses`]; it allocates the list.
    #[must_use]
    pub fn statuses(&self, now: Timestamp) -> Vec<(MemberId, Status)> {
        self.call.ask(|core| core.statuses(now).collect())
    }

    /// As [`EpochManagerCore::room_status`].
    #[must_use]
    pub fn room_status(&self, now: Timestamp) -> Status {
        self.call.ask(|core| core.room_status(now))
    }

    /// As [`EpochManagerCore::member_stats`]; no media thread waits for it.
    #[must_use]
    pub fn member_stats(&self, member: MemberId) -> Option<FrameStats> {
        let core = self.call.read();
        let mut stats = core.member_stats(member)?;
        // What was not taken over yet.
        let noted = core.monitor.noted(Some(member));
        stats.failed_opens = stats.failed_opens.saturating_add(noted);
        Some(stats)
    }

    /// As [`EpochManagerCore::epoch_stats`]; no media thread waits for it.
    #[must_use]
    pub fn epoch_stats(&self, epoch: EpochId) -> Option<FrameStats> {
        self.call.read().epoch_stats(epoch)
    }

    /// As [`EpochManagerCore::set_verified`].
    ///
    /// # Errors
    /// As there.
    pub fn set_verified(&self, member: MemberId, verified: bool) -> Result<(), Error> {
        self.call.ask(|core| core.set_verified(member, verified))
    }

    /// As [`EpochManagerCore::set_epoch_verified`].
    ///
    /// # Errors
    /// As there.
    pub fn set_epoch_verified(&self, epoch: EpochId) -> Result<(), Error> {
        self.call.ask(|core| core.set_epoch_verified(epoch))
    }

    /// As [`EpochManagerCore::force_rekey`].
    pub fn force_rekey(&self) {
        self.call.ask(Core::force_rekey);
    }

    /// As [`EpochManagerCore::allow_passthrough`].
    ///
    /// # Errors
    /// As there.
    pub fn allow_passthrough(
        &self,
        now: Timestamp,
        member: MemberId,
        duration: Duration,
    ) -> Result<(), Error> {
        self.call
            .ask(|core| core.allow_passthrough(now, member, duration))
    }

    /// As [`EpochManagerCore::end_passthrough`].
    ///
    /// # Errors
    /// As there.
    pub fn end_passthrough(&self, member: MemberId) -> Result<(), Error> {
        self.call.ask(|core| core.end_passthrough(member))
    }

    /// As [`EpochManagerCore::downgrade`].
    ///
    /// # Errors
    /// As there.
    pub fn downgrade(&self, member: MemberId) -> Result<(), Error> {
        self.call.ask(|core| core.downgrade(member))
    }

    /// As [`EpochManagerCore::pass`].
    ///
    /// # Errors
    /// As there.
    pub fn pass(
        &self,
        now: Timestamp,
        member: MemberId,
        frame: &[u8],
        injected: InjectedFrames<'_>,
    ) -> Result<Plain, Error> {
        self.call
            .ask(|core| core.pass(now, member, frame, injected))
    }

    /// As [`EpochManagerCore::allow_sending_in_the_clear`].
    ///
    /// # Errors
    /// As there.
    pub fn allow_sending_in_the_clear(
        &self,
        now: Timestamp,
        duration: Duration,
    ) -> Result<(), Error> {
        self.call
            .ask(|core| core.allow_sending_in_the_clear(now, duration))
    }

    /// As [`EpochManagerCore::downgrade_sending`].
    ///
    /// # Errors
    /// As there.
    pub fn downgrade_sending(&self) -> Result<(), Error> {
        self.call.ask(Core::downgrade_sending)
    }

    /// As [`EpochManagerCore::send_in_the_clear`].
    ///
    /// # Errors
    /// As there.
    pub fn send_in_the_clear(&self, now: Timestamp) -> Result<(), Error> {
        self.call.ask(|core| core.send_in_the_clear(now))
    }

    /// As [`EpochManagerCore::poll_event`].
    #[must_use]
    pub fn poll_event(&self, now: Timestamp) -> Option<Event> {
        self.call.ask(|core| core.poll_event(now))
    }

    /// As [`EpochManagerCore::visible_config`].
    #[must_use]
    pub fn visible_config(&self, now: Timestamp) -> VisibleConfig {
        self.call.read().visible_config(now)
    }

    /// As [`EpochManagerCore::next_deadline`]. Frames that other threads seal or open meanwhile can
    /// bring it nearer, also where there was none: ask again every 100 ms, or after frames.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let core = self.call.read();
        // What receivers noted is taken over when somebody asks.
        let noted = lock(&self.call.notes).has_news() || core.monitor.noted(None) > 0;
        let fold = noted.then(|| core.next_fold());
        core.next_deadline().into_iter().chain(fold).min()
    }
}

impl core::fmt::Debug for SharedEpochManager {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.call.read().fmt(f)
    }
}

impl Call {
    /// Changes something; if epochs moved, streams look again.
    fn change<R>(&self, f: impl FnOnce(&mut Core) -> R) -> R {
        let mut core = self.write();
        let done = f(&mut core);
        // Before the lock is given back, so that who asks for the epoch sees the new version.
        self.signs.version.store(core.version, Ordering::Release);
        let reached = core.clock.latest().as_millis();
        self.signs.reached.store(reached, Ordering::Release);
        done
    }

    /// The same, with what receivers have noted.
    fn ask<R>(&self, f: impl FnOnce(&mut Core) -> R) -> R {
        self.change(|core| {
            let mut notes = lock(&self.notes);
            if let Some((key_id, count)) = notes.unknown.take() {
                core.monitor.unknown_key(key_id, count);
            }
            for (member, run) in notes.strangers.take() {
                // Whoever left meanwhile is forgotten.
                let live = |(serial, epoch)| is_member(&core.roster, epoch, serial, member);
                if core.epochs.iter().any(live) {
                    // Before a member was heard, nothing is counted.
                    core.monitor.strangers_failed(member, run, 0);
                }
            }
            drop(notes);
            core.monitor.take_noted();
            f(core)
        })
    }

    /// The core, with everything done that is due.
    fn current(&self, now: Timestamp) -> RwLockReadGuard<'_, Core> {
        let core = self.read();
        if now < core.due {
            return core;
        }
        drop(core);
        self.change(|core| core.tick(now));
        self.read()
    }

    /// That of the core; it changes with every epoch that comes, moves or goes.
    fn version(&self) -> usize {
        self.signs.version.load(Ordering::Acquire)
    }

    /// The time that counts when the caller says that it is `now`.
    fn time(&self, now: Timestamp) -> Timestamp {
        Clock::at_least(self.signs.reached.load(Ordering::Acquire)).at(now)
    }

    // Nothing under these locks can panic, so what a poisoned one guards is whole.

    fn read(&self) -> RwLockReadGuard<'_, Core> {
        self.core.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Core> {
        self.core.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn has_news(&self) -> bool {
        self.unknown.is_some() || self.strangers.has_news()
    }

    fn unknown_key(&mut self, key_id: KeyId) {
        let count = self.unknown.map_or(0, |(_, count)| count);
        self.unknown = Some((key_id, count.saturating_add(1)));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
