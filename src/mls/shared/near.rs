//! The senders whose frames came last, for threads that open frames at the same time.
//!
//! Under `mls/shared/`. Whoever looks into the table of senders counts itself among its readers, in a
//! place that all threads write to. A stream of frames need not look each time: what it found is
//! remembered here, one sender for each place of [`ByKey`](crate::by_key::ByKey). The table alone
//! decides: what is remembered counts only until epochs move or something is due, and a key is
//! wiped when the table lets go of it, remembered or not.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};

use crate::frame_key::FrameKey;
use crate::header::KeyId;
use crate::mls::sender::Claim;
use crate::time::Timestamp;

use super::State;

/// A place for one sender.
#[derive(Default)]
pub(super) struct Near {
    /// The key id of who is remembered, to be read without the lock.
    key_id: AtomicU64,
    /// The key id that was looked up last. Who is looked up once is not remembered, so that many
    /// senders in turn do not displace each other with every frame.
    asked: AtomicU64,
    remembered: Mutex<Option<Remembered>>,
}

struct Remembered {
    version: usize,
    until: Timestamp,
    claim: Claim,
    key: Weak<FrameKey>,
    state: Weak<Mutex<State>>,
}

/// A sender that was heard, and how to open its frames.
pub(super) struct Known {
    pub(super) claim: Claim,
    pub(super) key: Arc<FrameKey>,
    pub(super) state: Arc<Mutex<State>>,
}

impl Near {
    /// The sender, if it is remembered and what the table said still counts.
    #[inline]
    pub(super) fn find(&self, key_id: KeyId, version: usize, now: Timestamp) -> Option<Known> {
        if self.key_id.load(Ordering::Relaxed) != key_id.value() {
            return None;
        }
        let place = self.place()?;
        let it = place.as_ref()?;
        let counts = it.claim.key_id == key_id && it.version == version && now < it.until;
        if !counts {
            return None;
        }
        Some(Known {
            claim: it.claim,
            key: it.key.upgrade()?,
            state: it.state.upgrade()?,
        })
    }

    /// Remembers what the table of this version said, if it was asked for the same before.
    pub(super) fn remember(&self, known: &Known, version: usize, until: Timestamp) {
        let key_id = known.claim.key_id.value();
        if self.asked.load(Ordering::Relaxed) != key_id {
            self.asked.store(key_id, Ordering::Relaxed);
            return;
        }
        let Some(mut place) = self.place() else {
            return;
        };
        *place = Some(Remembered {
            version,
            until,
            claim: known.claim,
            key: Arc::downgrade(&known.key),
            state: Arc::downgrade(&known.state),
        });
        self.key_id.store(key_id, Ordering::Relaxed);
    }

    /// Not waited for: the table knows as well.
    fn place(&self) -> Option<MutexGuard<'_, Option<Remembered>>> {
        match self.remembered.try_lock() {
            Ok(place) => Some(place),
            // What is in it is whole: it is replaced as one.
            Err(TryLockError::Poisoned(place)) => Some(place.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ReceiveConfig;
    use crate::crypto::Backend;
    use crate::member::{EpochId, GroupTag, MemberId};
    use crate::mls::roster::Serial;
    use crate::mls::sender::SenderState;
    use crate::{CipherSuite, Error};

    const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
    const NOW: Timestamp = Timestamp::from_millis(10);
    const LATER: Timestamp = Timestamp::from_millis(20);

    fn known(key_id: u64) -> Result<Known, Error> {
        let key_id = KeyId::new(key_id);
        let (group, epoch) = (GroupTag::new(1), 1);
        let config = ReceiveConfig::for_suite(SUITE);
        let key = FrameKey::derive(SUITE, Backend::RustCrypto, key_id, &[7; 16])?;
        Ok(Known {
            claim: Claim {
                serial: Serial::default(),
                key_id,
                member: MemberId::Application(1),
                context: 0,
                epoch: EpochId { group, epoch },
            },
            key: Arc::new(key),
            state: Arc::new(Mutex::new(SenderState::new(&config, None))),
        })
    }

    /// Remembers at version 3, until `LATER`.
    fn with(known: &Known) -> Near {
        let near = Near::default();
        near.remember(known, 3, LATER);
        near.remember(known, 3, LATER);
        near
    }

    #[test]
    fn who_is_looked_up_twice_is_remembered() {
        let bob = known(5).unwrap();
        let near = Near::default();
        let found = |near: &Near| near.find(KeyId::new(5), 3, NOW).is_some();
        near.remember(&bob, 3, LATER);
        assert!(!found(&near), "after once");
        near.remember(&bob, 3, LATER);
        assert!(found(&near), "after twice");
        assert!(near.find(KeyId::new(6), 3, NOW).is_none(), "another");
    }

    #[test]
    fn senders_in_turn_do_not_displace_the_one_who_is_remembered() {
        let (bob, others) = (known(5).unwrap(), [known(6).unwrap(), known(7).unwrap()]);
        let near = with(&bob);
        for _ in 0..3 {
            for other in &others {
                near.remember(other, 3, LATER);
            }
        }
        assert!(near.find(KeyId::new(5), 3, NOW).is_some());
    }

    #[test]
    fn what_the_table_said_counts_until_epochs_move_or_something_is_due() {
        let bob = known(5).unwrap();
        let near = with(&bob);
        let found = |version, now| near.find(KeyId::new(5), version, now).is_some();
        assert!(found(3, NOW));
        assert!(!found(4, NOW), "epochs moved");
        assert!(found(3, Timestamp::from_millis(19)));
        assert!(!found(3, LATER), "something is due");
    }

    #[test]
    fn a_key_or_a_window_that_the_table_dropped_is_gone() {
        for window_too in [false, true] {
            let Known { claim, key, state } = known(5).unwrap();
            let near = with(&Known {
                claim,
                key: Arc::clone(&key),
                state: Arc::clone(&state),
            });
            assert!(near.find(KeyId::new(5), 3, NOW).is_some());
            if window_too {
                drop(state);
            } else {
                drop(key);
            }
            assert!(near.find(KeyId::new(5), 3, NOW).is_none());
        }
    }

    #[test]
    fn who_finds_the_place_taken_asks_the_table() {
        let bob = known(5).unwrap();
        let near = with(&bob);
        let held = near.remembered.lock();
        assert!(near.find(KeyId::new(5), 3, NOW).is_none());
        near.remember(&bob, 3, LATER);
        drop(held);
        assert!(near.find(KeyId::new(5), 3, NOW).is_some());
    }
}
