//! What C is told of a key, by every object that has keys: the same in the library without an
//! allocator.

use frameseal_core::{Counter, ReceivingKeyStatus, SendingKeyStatus};

use super::growing::Growing;

/// How far a sending key has come. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_sending_key_status {
    /// `sizeof (frameseal_sending_key_status)`. Fields that a later version adds are not touched by
    /// an earlier library: initialise them.
    pub struct_size: usize,
    /// The counter of the next frame; 0 when `exhausted`.
    pub next_counter: u64,
    /// Frames sealed.
    pub frames: u64,
    /// Bytes sealed, counted as in `frameseal_encryptor_config`.
    pub bytes: u64,
    /// Names the key in logs without revealing it: print it with 8 hexadecimal digits.
    pub fingerprint: u32,
    /// 1 when the key is there, 0 when it was removed and only its counter is remembered.
    pub active: u8,
    /// 1 when the last counter, 2^64 - 1, was used, else 0.
    pub exhausted: u8,
}

/// What a receiving key has seen. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_receiving_key_status {
    /// `sizeof (frameseal_receiving_key_status)`. Fields that a later version adds are not touched
    /// by an earlier library: initialise them.
    pub struct_size: usize,
    /// The highest counter that was accepted, if `has_highest_counter`; else 0.
    pub highest_counter: u64,
    /// Frames opened.
    pub opened: u64,
    /// Frames that named this key and did not authenticate.
    pub failed_opens: u64,
    /// Frames refused as replayed or too old.
    pub replayed: u64,
    /// Names the key in logs without revealing it: print it with 8 hexadecimal digits.
    pub fingerprint: u32,
    /// 1 when the key is there, 0 when it was removed and only its window is remembered.
    pub active: u8,
    /// 0 before the first frame and without replay protection, else 1.
    pub has_highest_counter: u8,
}

const COUNTERS: usize = size_of::<usize>().next_multiple_of(align_of::<u64>());

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_sending_key_status {
    const FIRST_SIZE: usize = COUNTERS + 3 * 8 + 8;
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_receiving_key_status {
    const FIRST_SIZE: usize = COUNTERS + 4 * 8 + 8;
}

impl frameseal_sending_key_status {
    pub(super) fn tell(&mut self, key: &SendingKeyStatus) {
        self.next_counter = key.next_counter.map_or(0, Counter::value);
        self.frames = key.frames;
        self.bytes = key.bytes;
        self.fingerprint = key.fingerprint.shown();
        self.active = key.active.into();
        self.exhausted = key.next_counter.is_none().into();
    }
}

impl frameseal_receiving_key_status {
    pub(super) fn tell(&mut self, key: &ReceivingKeyStatus) {
        self.highest_counter = key.highest_counter.map_or(0, Counter::value);
        self.opened = key.opened;
        self.failed_opens = key.failed_opens;
        self.replayed = key.replayed;
        self.fingerprint = key.fingerprint.shown();
        self.active = key.active.into();
        self.has_highest_counter = key.highest_counter.is_some().into();
    }
}
