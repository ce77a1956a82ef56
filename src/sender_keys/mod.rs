//! Sender keys (RFC 9605 §5.1): every sender has a base key of its own, which it hands to the
//! others over a channel that is end-to-end encrypted.
//!
//! Fourth layer. A key id says which key a frame was sealed with, in two numbers:
//!
//! ```text
//!    64-R bits        R bits
//!  <------------>  <--------->
//! +---------------+-----------+
//! |  Generation   |   Step    |    KID = (generation << R) + (step mod 2^R)
//! +---------------+-----------+
//! ```
//!
//! - **ratchet**: when somebody joins, the sender derives the next base key from its present one
//!   and counts the step up. Receivers see the step in the key id and follow; the joiner is given
//!   the new key and cannot compute an earlier one.
//! - **roll**: when somebody leaves, the sender begins a new generation with a new base key, which
//!   it announces, hands to everybody but the one who left, and then rolls to.
//!
//! | one sender | all of a call |
//! |---|---|
//! | [`SendingChain`], [`ReceivingChain`](crate::ReceivingChain) | [`SenderKeys`](crate::SenderKeys) |
//!
//! Key ids are unique only for each sender, so whoever receives must know from elsewhere, such as
//! the stream, whose frame it is (RFC 9605 §5.1).
//!
//! ```
//! use frameseal::{CipherSuite, RatchetBits, SenderKeys, Timestamp};
//!
//! # let (now, base_key) = (Timestamp::from_millis(1000), [0x42; 16]);
//! # let mut buffer = [0; 64];
//! let (suite, bits) = (CipherSuite::Aes128GcmSha256_128, RatchetBits::STANDARD);
//! let mut alice = SenderKeys::new(suite);
//! alice.start_sending(bits, 0, &base_key)?;
//! let mut bob = SenderKeys::new(suite);
//! bob.add_member(now, 1, bits, 0, 0, &base_key)?; // Alice is number 1
//!
//! // Carol joins: Alice ratchets, Bob follows by himself, Carol gets the new key only.
//! alice.ratchet()?;
//! let joiner_key = alice.joiner_key()?;
//! let (generation, step) = (joiner_key.generation, joiner_key.step);
//! let mut carol = SenderKeys::new(suite);
//! carol.add_member(now, 1, bits, generation, step, joiner_key.base_key.as_ref())?;
//!
//! let len = alice.encrypt(b"", b"a frame", &mut buffer)?;
//! let mut copy = buffer;
//! let opened = bob.decrypt(now, 1, b"", &mut buffer[..len])?;
//! assert_eq!((opened.payload.as_ref(), opened.step), (b"a frame".as_ref(), 1));
//! assert_eq!(carol.decrypt(now, 1, b"", &mut copy[..len])?.payload, b"a frame");
//! # Ok::<(), frameseal::Error>(())
//! ```

mod chain_config;
mod directions;
mod known;
mod opened_step;
mod participant;
mod ratchet_bits;
mod receiving_chain;
#[cfg(feature = "hpke")]
pub mod sealing;
mod sending_chain;
mod steps;

pub use chain_config::ChainConfig;
pub use known::KeysOf;
pub use opened_step::{OpenedStep, ReceivingChainStatus};
pub use participant::SenderKeysCore;
pub use ratchet_bits::{RatchetBits, StepParts};
pub use receiving_chain::ReceivingChainCore;
pub use sending_chain::{JoinerKey, SendingChain};
