//! How much an object has room for, and how large that makes it. Other numbers are chosen here; the
//! sizes below must then hold, and the header is written anew.

use super::decryptor::frameseal_decryptor;
use super::encryptor::frameseal_encryptor;
use super::placed::memory_for;

/// Key ids that an encryptor has room for, those of removed keys included.
pub const FRAMESEAL_SENDING_KEYS: usize = 4;
/// Key ids that a decryptor has room for, those of removed keys included, until they are forgotten.
pub const FRAMESEAL_RECEIVING_KEYS: usize = 8;
/// Counters that the replay window of each receiving key covers: one that is this many or more
/// below the highest accepted one is refused.
pub const FRAMESEAL_REPLAY_WINDOW: usize = 1024;

/// Bytes that suffice for an encryptor on every processor, for a static buffer;
/// `frameseal_encryptor_size` says how many it takes on this one.
pub const FRAMESEAL_ENCRYPTOR_SIZE_MAX: usize = 2560;
/// Bytes that suffice for a decryptor on every processor, for a static buffer;
/// `frameseal_decryptor_size` says how many it takes on this one.
pub const FRAMESEAL_DECRYPTOR_SIZE_MAX: usize = 5632;

/// Words of 64 counters in a replay window.
pub(super) const WINDOW_WORDS: usize = FRAMESEAL_REPLAY_WINDOW / 64;

const _: () = assert!(WINDOW_WORDS.is_power_of_two());
const _: () = assert!(memory_for::<frameseal_encryptor>() <= FRAMESEAL_ENCRYPTOR_SIZE_MAX);
const _: () = assert!(memory_for::<frameseal_decryptor>() <= FRAMESEAL_DECRYPTOR_SIZE_MAX);
