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
//! let mut receiver = fixed::Decryptor::<8, 64>::new(suite);
//! receiver.add_key(KeyId::new(7), &[0x42; 16])?;
//!
//! let mut buffer = [0; 64];
//! let len = sender.encrypt(b"", b"frame", &mut buffer)?;
//! assert_eq!(receiver.decrypt(b"", &mut buffer[..len])?.payload, b"frame");
//! # Ok::<(), frameseal::Error>(())
//! ```

use crate::holding::FixedFrames;
use crate::storage::Fixed;

/// An encryptor with room for `N` key ids, those of removed keys included.
pub type Encryptor<const N: usize> = crate::EncryptorCore<Fixed<N>>;

/// A decryptor with room for `N` key ids, those of removed keys included, and for `64 * W`
/// counters in the replay window of each. `W` is a power of two.
///
/// `new` makes the windows as large as that. With `with_config` they are what the configuration
/// says, by default 1,024 counters whatever `W` is; a key whose window has no room is refused.
pub type Decryptor<const N: usize, const W: usize = 16> = crate::DecryptorCore<Fixed<N, W>>;

/// A key ring with room for `N` key ids in each direction, and windows as those of [`Decryptor`].
pub type KeyRing<const N: usize, const W: usize = 16> = crate::KeyRingCore<Fixed<N, W>>;

/// A holding buffer with room for `FRAMES` frames of at most `BYTES` bytes each, metadata included.
pub type HoldingBuffer<const FRAMES: usize, const BYTES: usize> =
    crate::HoldingBufferCore<FixedFrames<FRAMES, BYTES>>;

/// The receiving side of one sender key, with room for `N` keys: one for each generation that is
/// held and one for each step that is kept behind. Of a full one, the oldest step makes room. It
/// takes about 1 kB, and with `W = 16` 800 bytes more for each place.
///
/// ```
/// use frameseal::{CipherSuite, RatchetBits, SendingChain, Timestamp, fixed};
///
/// let (suite, bits) = (CipherSuite::Aes128GcmSha256_128, RatchetBits::new(4)?);
/// let mut alice = SendingChain::new(suite, bits, 0, &[0x42; 16])?;
/// let mut bob = fixed::ReceivingChain::<4>::new(suite, bits, 0, 0, &[0x42; 16])?;
/// alice.ratchet()?;
/// let mut buffer = [0; 64];
/// let len = alice.encrypt(b"", b"frame", &mut buffer)?;
/// let opened = bob.decrypt(Timestamp::from_millis(5), b"", &mut buffer[..len])?;
/// assert_eq!((opened.payload.as_ref(), opened.step), (b"frame".as_ref(), 1));
/// # Ok::<(), frameseal::Error>(())
/// ```
pub type ReceivingChain<const N: usize, const W: usize = 16> =
    crate::ReceivingChainCore<Fixed<N, W>>;

/// The sender keys of one participant, with room for `N` other members and for `STEPS` keys of
/// each, as in [`ReceivingChain`].
///
/// ```
/// use frameseal::{CipherSuite, RatchetBits, Timestamp, fixed};
///
/// let (suite, bits) = (CipherSuite::Aes128GcmSha256_128, RatchetBits::STANDARD);
/// let now = Timestamp::from_millis(5);
/// let mut alice = fixed::SenderKeys::<2>::new(suite);
/// alice.start_sending(bits, 0, &[0x0a; 16])?;
/// let mut bob = fixed::SenderKeys::<2>::new(suite);
/// bob.add_member(now, 1, bits, 0, 0, &[0x0a; 16])?;
///
/// let mut buffer = [0; 64];
/// let len = alice.encrypt(b"", b"frame", &mut buffer)?;
/// assert_eq!(bob.decrypt(now, 1, b"", &mut buffer[..len])?.payload, b"frame");
/// # Ok::<(), frameseal::Error>(())
/// ```
pub type SenderKeys<const N: usize, const STEPS: usize = 4, const W: usize = 16> =
    crate::SenderKeysCore<Fixed<N, W>, Fixed<STEPS, W>>;

/// A monitor with room for `N` members.
pub type Monitor<const N: usize> = crate::MonitorCore<Fixed<N>>;

/// An epoch manager with room for `E` epochs at once, `M` members, `R` streams that are received in
/// all live epochs together, each with room for a window of `64 * W` counters, and `T` streams that are
/// sent. `W` is a power of two; the window is that of [`EpochConfig::receive`](crate::EpochConfig),
/// by default 1,024 counters, so with a `W` below 16 a smaller one must be chosen by
/// [`EpochConfig::with_keys`](crate::EpochConfig::with_keys).
///
/// ```
/// use frameseal::{CipherSuite, EpochConfig, fixed};
///
/// // 4 epochs, 16 members, 32 streams received, 2 sent.
/// let config = EpochConfig::new(CipherSuite::Aes128GcmSha256_128);
/// let call = fixed::EpochManager::<4, 16, 32, 2>::new(config)?;
/// # Ok::<(), frameseal::Error>(())
/// ```
pub type EpochManager<
    const E: usize,
    const M: usize,
    const R: usize,
    const T: usize,
    const W: usize = 16,
> = crate::EpochManagerCore<crate::FixedCall<E, M, R, T, W>>;
