//! A participant's sender keys of C that free themselves, with calls that take slices.

use std::ptr;

use super::capi::*;
use super::device::checked;
use super::support::{BASE_KEY, GCM, pattern};

pub(crate) const ALICE: u64 = 1;
pub(crate) const BITS: u32 = FRAMESEAL_STANDARD_RATCHET_BITS;

pub(crate) struct Participant(pub(crate) *mut frameseal_sender_keys);

// The handles may be used on any thread: that is what is tested.
// SAFETY: the functions promise it.
unsafe impl Send for Participant {}
// SAFETY: the functions promise it.
unsafe impl Sync for Participant {}

impl Drop for Participant {
    fn drop(&mut self) {
        // SAFETY: not used after this.
        unsafe { frameseal_sender_keys_free(self.0) };
    }
}

pub(crate) fn keys_config(suite: u16) -> Result<frameseal_sender_keys_config, i32> {
    let mut config = std::mem::MaybeUninit::zeroed();
    let size = size_of::<frameseal_sender_keys_config>();
    // SAFETY: a place of that size.
    match unsafe { frameseal_sender_keys_config_init(config.as_mut_ptr(), size, suite) } {
        // SAFETY: filled.
        FRAMESEAL_OK => Ok(unsafe { config.assume_init() }),
        error => Err(error),
    }
}

pub(crate) fn step_info() -> frameseal_step_info {
    frameseal_step_info {
        struct_size: size_of::<frameseal_step_info>(),
        key_id: u64::MAX,
        counter: u64::MAX,
        generation: u64::MAX,
        step: u64::MAX,
        payload_len: usize::MAX,
    }
}

/// What a joiner is given.
pub(crate) struct JoinerKey {
    pub(crate) generation: u64,
    pub(crate) step: u64,
    pub(crate) base_key: Vec<u8>,
}

impl Participant {
    pub(crate) fn new() -> Self {
        Self::with_config(&keys_config(GCM).unwrap()).unwrap()
    }

    pub(crate) fn with_config(config: &frameseal_sender_keys_config) -> Result<Self, i32> {
        let mut handle = ptr::null_mut();
        // SAFETY: a configuration and a place for a handle.
        let result = unsafe { frameseal_sender_keys_new(config, &raw mut handle) };
        assert_eq!(handle.is_null(), result != FRAMESEAL_OK);
        checked(result, ()).map(|()| Self(handle))
    }

    /// Who sends with this key from generation 0 on.
    pub(crate) fn sending(base_key: &[u8]) -> Self {
        let sender = Self::new();
        assert_eq!(sender.start(BITS, 0, base_key), FRAMESEAL_OK);
        sender
    }

    /// Who knows Alice's first key, `BASE_KEY`.
    pub(crate) fn knowing_alice() -> Self {
        let receiver = Self::new();
        let added = receiver.add_member(ALICE, BITS, 0, 0, &BASE_KEY);
        assert_eq!(added, FRAMESEAL_OK);
        receiver
    }

    /// For closures on other threads, which would take the pointer alone along.
    pub(crate) fn handle(&self) -> *mut frameseal_sender_keys {
        self.0
    }

    pub(crate) fn start(&self, bits: u32, generation: u64, key: &[u8]) -> frameseal_result {
        let (key, len) = (key.as_ptr(), key.len());
        // SAFETY: a live handle and a slice.
        unsafe { frameseal_sender_keys_start_sending(self.0, bits, generation, key, len) }
    }

    pub(crate) fn ratchet(&self) -> frameseal_result {
        // SAFETY: a live handle.
        unsafe { frameseal_sender_keys_ratchet(self.0) }
    }

    pub(crate) fn announce(&self, generation: u64, key: &[u8]) -> frameseal_result {
        // SAFETY: the object is alive, and the key is a slice of its length.
        unsafe { frameseal_sender_keys_announce(self.0, generation, key.as_ptr(), key.len()) }
    }

    pub(crate) fn roll(&self, generation: u64, key: &[u8]) -> frameseal_result {
        // SAFETY: a live handle and a slice.
        unsafe { frameseal_sender_keys_roll(self.0, generation, key.as_ptr(), key.len()) }
    }

    pub(crate) fn joiner_key(&self) -> Result<JoinerKey, i32> {
        let (mut generation, mut step, mut len) = (u64::MAX, u64::MAX, 0);
        let mut base_key = vec![0; FRAMESEAL_MAX_BASE_KEY_LEN];
        // SAFETY: a live handle, a buffer and places for the answers.
        let result = unsafe {
            frameseal_sender_keys_joiner_key(
                self.0,
                &raw mut generation,
                &raw mut step,
                base_key.as_mut_ptr(),
                base_key.len(),
                &raw mut len,
            )
        };
        base_key.truncate(len);
        let key = JoinerKey {
            generation,
            step,
            base_key,
        };
        checked(result, key)
    }

    pub(crate) fn add_member(
        &self,
        member: u64,
        bits: u32,
        generation: u64,
        step: u64,
        key: &[u8],
    ) -> frameseal_result {
        let (key, len) = (key.as_ptr(), key.len());
        // SAFETY: a live handle and a slice.
        unsafe {
            frameseal_sender_keys_add_member(self.0, 0, member, bits, generation, step, key, len)
        }
    }

    pub(crate) fn add_generation(
        &self,
        now: u64,
        member: u64,
        generation: u64,
        key: &[u8],
    ) -> frameseal_result {
        let (key, len) = (key.as_ptr(), key.len());
        // SAFETY: a live handle and a slice.
        unsafe {
            frameseal_sender_keys_add_generation(self.0, now, member, generation, 0, key, len)
        }
    }

    pub(crate) fn encrypt(&self, payload: &[u8]) -> Result<Vec<u8>, i32> {
        let mut out = vec![0; payload.len() + FRAMESEAL_MAX_HEADER_LEN + FRAMESEAL_MAX_TAG_LEN];
        let mut len = 0;
        // SAFETY: a live handle, slices, and a place for the length.
        let result = unsafe {
            frameseal_sender_keys_encrypt(
                self.0,
                b"room".as_ptr(),
                4,
                payload.as_ptr(),
                payload.len(),
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
            )
        };
        out.truncate(len);
        checked(result, out)
    }

    pub(crate) fn decrypt(
        &self,
        now: u64,
        member: u64,
        sealed: &[u8],
    ) -> Result<(Vec<u8>, frameseal_step_info), i32> {
        let (mut out, mut len, mut info) = (pattern(sealed.len()), 0, step_info());
        // SAFETY: a live handle, slices, and places for the answers.
        let result = unsafe {
            frameseal_sender_keys_decrypt(
                self.0,
                now,
                member,
                b"room".as_ptr(),
                4,
                sealed.as_ptr(),
                sealed.len(),
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
                &raw mut info,
            )
        };
        out.truncate(len);
        checked(result, (out, info))
    }

    pub(crate) fn own_key(&self) -> Result<frameseal_own_sender_key, i32> {
        let mut own = frameseal_own_sender_key {
            struct_size: size_of::<frameseal_own_sender_key>(),
            generation: 0,
            step: 0,
            key_id: 0,
            next_counter: 0,
            frames: 0,
            bytes: 0,
            fingerprint: 0,
            ratchet_bits: 0,
            exhausted: 0,
        };
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_sender_keys_own_key(self.0, &raw mut own) };
        checked(result, own)
    }

    pub(crate) fn member_key(&self, member: u64) -> Result<frameseal_member_sender_key, i32> {
        let mut held = frameseal_member_sender_key {
            struct_size: size_of::<frameseal_member_sender_key>(),
            generation: 0,
            step: 0,
            failed_ahead: 0,
            generations: 0,
            steps: 0,
        };
        // SAFETY: a live handle and a structure that says its size.
        let result = unsafe { frameseal_sender_keys_member_key(self.0, member, &raw mut held) };
        checked(result, held)
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        let (mut pending, mut at) = (false, 0);
        // SAFETY: a live handle and places for the answers.
        let result =
            unsafe { frameseal_sender_keys_next_deadline(self.0, &raw mut pending, &raw mut at) };
        assert_eq!(result, FRAMESEAL_OK);
        pending.then_some(at)
    }
}
