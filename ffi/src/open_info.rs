//! What C is told of a frame that a decryptor opened: the same in the library without an allocator.

use frameseal_core::{Counter, KeyId, Opened};

use super::growing::Growing;
use super::opening::{OpenFacts, OpenInfo};

/// What was authenticated with a frame. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_open_info {
    /// `sizeof (frameseal_open_info)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// The key that sealed the frame. Also written on `FRAMESEAL_ERROR_UNKNOWN_KEY_ID`, and then it
    /// is a claim of whoever sent the bytes.
    pub key_id: u64,
    /// The number of the frame under that key.
    pub counter: u64,
    /// Bytes of the payload.
    pub payload_len: usize,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_open_info {
    const FIRST_SIZE: usize =
        (size_of::<usize>().next_multiple_of(align_of::<u64>()) + 16 + size_of::<usize>())
            .next_multiple_of(align_of::<u64>());
}

/// [`Opened`] without the reference.
pub(super) struct Facts {
    key_id: KeyId,
    counter: Counter,
    payload_len: usize,
}

impl From<Opened<'_>> for Facts {
    #[inline]
    fn from(opened: Opened<'_>) -> Self {
        Self {
            key_id: opened.key_id,
            counter: opened.counter,
            payload_len: opened.payload.len(),
        }
    }
}

impl OpenFacts<frameseal_open_info> for Facts {
    fn payload_len(&self) -> usize {
        self.payload_len
    }

    fn tell(&self, info: &mut frameseal_open_info) {
        info.key_id = self.key_id.value();
        info.counter = self.counter.value();
        info.payload_len = self.payload_len;
    }
}

impl OpenInfo for frameseal_open_info {
    fn tell_unknown(&mut self, key_id: KeyId) {
        self.key_id = key_id.value();
    }
}
