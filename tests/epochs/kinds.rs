//! The three kinds of epoch manager under one trait, so that one scenario runs over all of them:
//! growing, fixed, and for several threads.
//!
//! A scenario that is generic over [`Kind`] runs over all. One that is generic over
//! `frameseal::CallStorage` runs over the first two and has all their methods.

use core::fmt::Debug;
use core::time::Duration;

use frameseal::{
    CallStorage, EpochConfig, EpochId, EpochManagerCore, EpochUpdate, Error, Event, FrameStats,
    InjectedFrames, MemberId, Plain, Received, SendingKeyStatus, Status, StreamId, StreamKind,
    Timestamp,
};

/// Names a kind of manager: `frameseal::Growing`, a `frameseal::FixedCall`, or [`Shared`].
pub(crate) trait Kind {
    type Manager: Manager;
}

impl<S: CallStorage> Kind for S {
    type Manager = EpochManagerCore<S>;
}

/// The manager for several threads, here on one.
#[cfg(feature = "std")]
pub(crate) struct Shared;

#[cfg(feature = "std")]
impl Kind for Shared {
    type Manager = shared::Handles;
}

/// Declares methods that all managers have under the same name, and passes them on.
macro_rules! alike {
    ($(fn $name:ident(&mut self $(, $arg:ident: $type:ty)*) $(-> $result:ty)?;)+) => {
        /// What all managers do under the same names.
        pub(crate) trait Alike: Debug {
            $(fn $name(&mut self $(, $arg: $type)*) $(-> $result)?;)+
        }

        impl<S: CallStorage> Alike for EpochManagerCore<S> {
            $(fn $name(&mut self $(, $arg: $type)*) $(-> $result)? {
                Self::$name(self $(, $arg)*)
            })+
        }

        #[cfg(feature = "std")]
        impl Alike for shared::Handles {
            $(fn $name(&mut self $(, $arg: $type)*) $(-> $result)? {
                self.manager.$name($($arg),*)
            })+
        }
    };
}

alike! {
    fn peer_ready(&mut self, index: u32, epoch: EpochId, now: Timestamp) -> Result<(), Error>;
    fn activate(&mut self, epoch: EpochId, now: Timestamp) -> Result<(), Error>;
    fn prepare(&mut self, now: Timestamp, index: u32, context: u64) -> Result<(), Error>;
    fn sending_epoch(&mut self) -> Option<EpochId>;
    fn member_at(&mut self, index: u32) -> Option<MemberId>;
    fn status(&mut self, member: MemberId, now: Timestamp) -> Status;
    fn room_status(&mut self, now: Timestamp) -> Status;
    fn member_stats(&mut self, member: MemberId) -> Option<FrameStats>;
    fn epoch_stats(&mut self, epoch: EpochId) -> Option<FrameStats>;
    fn set_verified(&mut self, member: MemberId, verified: bool) -> Result<(), Error>;
    fn set_epoch_verified(&mut self, epoch: EpochId) -> Result<(), Error>;
    fn force_rekey(&mut self);
    fn allow_passthrough(
        &mut self, now: Timestamp, member: MemberId, duration: Duration
    ) -> Result<(), Error>;
    fn end_passthrough(&mut self, member: MemberId) -> Result<(), Error>;
    fn downgrade(&mut self, member: MemberId) -> Result<(), Error>;
    fn pass(
        &mut self, now: Timestamp, member: MemberId, frame: &[u8], injected: InjectedFrames<'_>
    ) -> Result<Plain, Error>;
    fn allow_sending_in_the_clear(&mut self, now: Timestamp, duration: Duration) -> Result<(), Error>;
    fn downgrade_sending(&mut self) -> Result<(), Error>;
    fn send_in_the_clear(&mut self, now: Timestamp) -> Result<(), Error>;
    fn poll_event(&mut self, now: Timestamp) -> Option<Event>;
    fn next_deadline(&mut self) -> Option<Timestamp>;
}

/// An epoch manager of any kind.
pub(crate) trait Manager: Alike + Sized {
    /// Names a stream that we send.
    type Stream: Copy + Debug + PartialEq;

    fn new(config: EpochConfig) -> Result<Self, Error>;
    fn add_epoch(&mut self, now: Timestamp, update: &EpochUpdate<'_>) -> Result<(), Error>;
    fn open_stream(&mut self, kind: StreamKind) -> Result<Self::Stream, Error>;
    fn close_stream(&mut self, stream: Self::Stream) -> Result<(), Error>;
    fn prepare_stream(&mut self, now: Timestamp, stream: Self::Stream) -> Result<(), Error>;
    fn mark_key_frame(&mut self, stream: Self::Stream) -> Result<(), Error>;
    fn stream_status(&mut self, stream: Self::Stream) -> Result<Option<SendingKeyStatus>, Error>;
    fn encrypt(
        &mut self,
        now: Timestamp,
        stream: Self::Stream,
        metadata: &[u8],
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error>;
    fn decrypt<'b>(
        &mut self,
        now: Timestamp,
        metadata: &[u8],
        sealed: &'b mut [u8],
    ) -> Result<Received<'b>, Error>;
    fn decrypt_to<'b>(
        &mut self,
        now: Timestamp,
        metadata: &[u8],
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Received<'b>, Error>;
    fn decrypt_within<'b>(
        &mut self,
        now: Timestamp,
        metadata: &[u8],
        buffer: &'b mut [u8],
        sealed: core::ops::Range<usize>,
        out_start: usize,
    ) -> Result<Received<'b>, Error>;
    /// The context that key ids of the stream carry.
    fn context(stream: Self::Stream) -> u64;
    /// Everybody in the newest epoch.
    fn listed(&self) -> Vec<MemberId>;
    fn live(&self) -> Vec<EpochId>;
    /// What `statuses` gives, as a list.
    fn every_status(&mut self, now: Timestamp) -> Vec<(MemberId, Status)>;
}

impl<S: CallStorage> Manager for EpochManagerCore<S> {
    type Stream = StreamId;

    fn new(config: EpochConfig) -> Result<Self, Error> {
        Self::new(config)
    }

    fn add_epoch(&mut self, now: Timestamp, update: &EpochUpdate<'_>) -> Result<(), Error> {
        Self::add_epoch(self, now, update)
    }

    fn open_stream(&mut self, kind: StreamKind) -> Result<StreamId, Error> {
        Self::open_stream(self, kind)
    }

    fn close_stream(&mut self, stream: StreamId) -> Result<(), Error> {
        Self::close_stream(self, stream)
    }

    fn prepare_stream(&mut self, now: Timestamp, stream: StreamId) -> Result<(), Error> {
        Self::prepare_stream(self, now, stream)
    }

    fn mark_key_frame(&mut self, stream: StreamId) -> Result<(), Error> {
        Self::mark_key_frame(self, stream)
    }

    fn stream_status(&mut self, stream: StreamId) -> Result<Option<SendingKeyStatus>, Error> {
        Self::stream_status(self, stream)
    }

    fn encrypt(
        &mut self,
        now: Timestamp,
        stream: StreamId,
        metadata: &[u8],
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        Self::encrypt(self, now, stream, metadata, payload, out)
    }

    fn decrypt<'b>(
        &mut self,
        now: Timestamp,
        metadata: &[u8],
        sealed: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        Self::decrypt(self, now, metadata, sealed)
    }

    fn decrypt_to<'b>(
        &mut self,
        now: Timestamp,
        metadata: &[u8],
        sealed: &[u8],
        out: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        Self::decrypt_to(self, now, metadata, sealed, out)
    }

    fn decrypt_within<'b>(
        &mut self,
        now: Timestamp,
        metadata: &[u8],
        buffer: &'b mut [u8],
        sealed: core::ops::Range<usize>,
        out_start: usize,
    ) -> Result<Received<'b>, Error> {
        Self::decrypt_within(self, now, metadata, buffer, sealed, out_start)
    }

    fn context(stream: StreamId) -> u64 {
        stream.context()
    }

    fn listed(&self) -> Vec<MemberId> {
        self.members().map(|(member, _)| member).collect()
    }

    fn live(&self) -> Vec<EpochId> {
        self.live_epochs().collect()
    }

    fn every_status(&mut self, now: Timestamp) -> Vec<(MemberId, Status)> {
        self.statuses(now).collect()
    }
}

#[cfg(feature = "std")]
mod shared {
    use std::collections::BTreeMap;
    use std::ops::Range;

    use frameseal::{EpochReceiver, SharedEpochManager, SharedStream};

    use super::*;

    /// What an application would have on its threads.
    pub(crate) struct Handles {
        pub(super) manager: SharedEpochManager,
        receiver: EpochReceiver,
        /// By context.
        streams: BTreeMap<u64, SharedStream>,
        /// Every epoch that was accepted.
        added: Vec<EpochId>,
    }

    impl Debug for Handles {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            self.manager.fmt(f)
        }
    }

    impl Handles {
        fn stream(&mut self, context: u64) -> Result<&mut SharedStream, Error> {
            let closed = Error::InvalidArgument("this stream is not open");
            self.streams.get_mut(&context).ok_or(closed)
        }
    }

    impl Manager for Handles {
        type Stream = u64;

        fn new(config: EpochConfig) -> Result<Self, Error> {
            let manager = SharedEpochManager::new(config)?;
            Ok(Self {
                receiver: manager.receiver(),
                manager,
                streams: BTreeMap::new(),
                added: Vec::new(),
            })
        }

        fn add_epoch(&mut self, now: Timestamp, update: &EpochUpdate<'_>) -> Result<(), Error> {
            self.manager.add_epoch(now, update)?;
            let epoch = EpochId::new(update.group, update.epoch);
            if !self.added.contains(&epoch) {
                self.added.push(epoch);
            }
            Ok(())
        }

        fn open_stream(&mut self, kind: StreamKind) -> Result<u64, Error> {
            let stream = self.manager.open_stream(kind)?;
            let context = stream.context();
            self.streams.insert(context, stream);
            Ok(context)
        }

        fn close_stream(&mut self, stream: u64) -> Result<(), Error> {
            self.stream(stream)?;
            self.streams.remove(&stream);
            Ok(())
        }

        fn prepare_stream(&mut self, now: Timestamp, stream: u64) -> Result<(), Error> {
            self.stream(stream)?.prepare(now)
        }

        fn mark_key_frame(&mut self, stream: u64) -> Result<(), Error> {
            self.stream(stream)?.mark_key_frame();
            Ok(())
        }

        fn stream_status(&mut self, stream: u64) -> Result<Option<SendingKeyStatus>, Error> {
            Ok(self.stream(stream)?.status())
        }

        fn encrypt(
            &mut self,
            now: Timestamp,
            stream: u64,
            metadata: &[u8],
            payload: &[u8],
            out: &mut [u8],
        ) -> Result<usize, Error> {
            self.stream(stream)?.encrypt(now, metadata, payload, out)
        }

        fn decrypt<'b>(
            &mut self,
            now: Timestamp,
            metadata: &[u8],
            sealed: &'b mut [u8],
        ) -> Result<Received<'b>, Error> {
            self.receiver.decrypt(now, metadata, sealed)
        }

        fn decrypt_to<'b>(
            &mut self,
            now: Timestamp,
            metadata: &[u8],
            sealed: &[u8],
            out: &'b mut [u8],
        ) -> Result<Received<'b>, Error> {
            self.receiver.decrypt_to(now, metadata, sealed, out)
        }

        fn decrypt_within<'b>(
            &mut self,
            now: Timestamp,
            metadata: &[u8],
            buffer: &'b mut [u8],
            sealed: Range<usize>,
            out_start: usize,
        ) -> Result<Received<'b>, Error> {
            let receiver = &self.receiver;
            receiver.decrypt_within(now, metadata, buffer, sealed, out_start)
        }

        fn context(stream: u64) -> u64 {
            stream
        }

        fn listed(&self) -> Vec<MemberId> {
            let mut listed = Vec::new();
            self.manager
                .for_each_member(|member, _| listed.push(member));
            listed
        }

        fn live(&self) -> Vec<EpochId> {
            let mut live = self.added.clone();
            live.retain(|epoch| self.manager.epoch_stats(*epoch).is_some());
            live
        }

        fn every_status(&mut self, now: Timestamp) -> Vec<(MemberId, Status)> {
            self.manager.statuses(now)
        }
    }
}
