//! The frames of one member: what an application does with the epochs of its engine.

use frameseal::{
    CipherSuite, EpochConfig, EpochId, EpochManager, Error, Received, StreamId, StreamKind,
    Timestamp,
};

use crate::OwnedUpdate;

/// A member that sends one stream, and hears the others.
pub struct Call {
    /// Its epochs.
    pub manager: EpochManager,
    stream: StreamId,
}

impl Call {
    /// A call with the defaults, before the first epoch.
    ///
    /// # Errors
    /// Those of the epoch manager; the same for all that follow.
    pub fn new(suite: CipherSuite) -> Result<Self, Error> {
        Self::with_config(EpochConfig::new(suite))
    }

    /// A call that is set up in another way.
    #[allow(clippy::missing_errors_doc, reason = "as above")]
    pub fn with_config(config: EpochConfig) -> Result<Self, Error> {
        let mut manager = EpochManager::new(config)?;
        let stream = manager.open_stream(StreamKind::Independent)?;
        Ok(Self { manager, stream })
    }

    /// The group entered an epoch.
    #[allow(clippy::missing_errors_doc, reason = "as above")]
    pub fn enter(&mut self, now: Timestamp, update: &OwnedUpdate) -> Result<EpochId, Error> {
        update.lend(|update| self.manager.add_epoch(now, update).map(|()| update.id()))
    }

    /// The next frame, with these bytes as payload.
    #[allow(clippy::missing_errors_doc, reason = "as above")]
    pub fn seal(&mut self, now: Timestamp, payload: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = vec![0; payload.len() + self.manager.suite().max_overhead()];
        let manager = &mut self.manager;
        let len = manager.encrypt(now, self.stream, b"room", payload, &mut sealed)?;
        sealed.truncate(len);
        Ok(sealed)
    }

    /// Somebody's frame; it stays as it was if it does not open.
    #[allow(clippy::missing_errors_doc, reason = "as above")]
    pub fn open<'b>(
        &mut self,
        now: Timestamp,
        sealed: &'b mut [u8],
    ) -> Result<Received<'b>, Error> {
        self.manager.decrypt(now, b"room", sealed)
    }
}
