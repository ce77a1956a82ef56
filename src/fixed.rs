//! The types of this crate with a capacity that is fixed when they are compiled: no allocator.
//!
//! They are the same types as the growing ones, over arrays: the same rules, the same errors, and
//! [`Error::Capacity`](crate::Error::Capacity) when all places are taken. Place them in a `static`
//! or on the stack; moving one copies its keys, and what it was moved from is not wiped.
//!
//! ```
//! use frameseal::{CipherSuite, KeyId, fixed};
//!
//! let suite = CipherSuite::Aes128CtrHmacSha256_80;
//! let mut sender = fixed::Encryptor::<1>::new(suite);
//! sender.add_key(KeyId::new(7), &[0x42; 16])?;
//! sender.use_key(KeyId::new(7))?;
//! // Eight senders, each with a replay window of 64 * 64 = 4,096 counters.
//! let config = frameseal::ReceiveConfig::for_suite(suite)
//!     .with_replay(frameseal::ReplayProtection::Window(4096));
//! let mut receiver = fixed::Decryptor::<8, 64>::with_config(suite, config);
//! receiver.add_key(KeyId::new(7), &[0x42; 16])?;
//!
//! let mut buffer = [0; 64];
//! let len = sender.encrypt(b"", b"frame", &mut buffer)?;
//! assert_eq!(receiver.decrypt(b"", &mut buffer[..len])?.payload, b"frame");
//! # Ok::<(), frameseal::Error>(())
//! ```

use crate::storage::Fixed;

/// An encryptor with room for `N` key ids, those of removed keys included.
pub type Encryptor<const N: usize> = crate::EncryptorCore<Fixed<N>>;

/// A decryptor with room for `N` key ids, those of removed keys included, and for `64 * W`
/// counters in the replay window of each. `W` is a power of two.
pub type Decryptor<const N: usize, const W: usize = 16> = crate::DecryptorCore<Fixed<N, W>>;

/// A key ring with room for `N` key ids in each direction.
pub type KeyRing<const N: usize, const W: usize = 16> = crate::KeyRingCore<Fixed<N, W>>;

/// A monitor with room for `N` members.
pub type Monitor<const N: usize> = crate::MonitorCore<Fixed<N>>;

/// An epoch manager with room for `E` epochs at once, `M` members, `R` streams that are received in
/// all live epochs together, each with a window of `64 * W` counters, and `T` streams that are sent.
/// `W` is a power of two.
pub type EpochManager<
    const E: usize,
    const M: usize,
    const R: usize,
    const T: usize,
    const W: usize = 16,
> = crate::EpochManagerCore<crate::FixedCall<E, M, R, T, W>>;
