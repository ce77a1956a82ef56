//! An encryptor and a decryptor of C that free themselves, with calls that take slices.

use std::ptr;

use super::capi::*;

pub(crate) const BASE_KEY: [u8; 32] = [0x42; 32];
pub(crate) const SUITES: std::ops::RangeInclusive<u16> = 1..=8;
pub(crate) const GCM: u16 = FRAMESEAL_AES_128_GCM_SHA256_128;

pub(crate) struct Sender(pub(crate) *mut frameseal_encryptor);
pub(crate) struct Receiver(pub(crate) *mut frameseal_decryptor);

// The handles may be used on any thread: that is what is tested.
// SAFETY: the functions promise it.
unsafe impl Send for Sender {}
// SAFETY: the functions promise it.
unsafe impl Sync for Sender {}
// SAFETY: the functions promise it.
unsafe impl Send for Receiver {}
// SAFETY: the functions promise it.
unsafe impl Sync for Receiver {}

impl Sender {
    pub(crate) fn new(suite: u16) -> Self {
        let mut handle = ptr::null_mut();
        // SAFETY: a place for a handle.
        let result = unsafe { frameseal_encryptor_new(suite, &raw mut handle) };
        assert_eq!(result, FRAMESEAL_OK);
        Self(handle)
    }

    /// With a key that is in use.
    pub(crate) fn with_key(suite: u16, key_id: u64) -> Self {
        let sender = Self::new(suite);
        assert_eq!(sender.add_key(key_id, &BASE_KEY), FRAMESEAL_OK);
        assert_eq!(sender.use_key(key_id), FRAMESEAL_OK);
        sender
    }

    pub(crate) fn add_key(&self, key_id: u64, key: &[u8]) -> frameseal_result {
        // SAFETY: a live handle and a slice.
        unsafe { frameseal_encryptor_add_key(self.0, key_id, key.as_ptr(), key.len()) }
    }

    pub(crate) fn use_key(&self, key_id: u64) -> frameseal_result {
        // SAFETY: a live handle.
        unsafe { frameseal_encryptor_use_key(self.0, key_id) }
    }

    pub(crate) fn encrypt(&self, metadata: &[u8], payload: &[u8]) -> Result<Vec<u8>, i32> {
        let mut out = vec![0; payload.len() + FRAMESEAL_MAX_HEADER_LEN + FRAMESEAL_MAX_TAG_LEN];
        let mut len = 0;
        // SAFETY: a live handle, slices, and a place for the length.
        let result = unsafe {
            frameseal_encryptor_encrypt(
                self.0,
                metadata.as_ptr(),
                metadata.len(),
                payload.as_ptr(),
                payload.len(),
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
            )
        };
        out.truncate(len);
        if result == FRAMESEAL_OK {
            Ok(out)
        } else {
            Err(result)
        }
    }
}

impl Receiver {
    pub(crate) fn new(suite: u16) -> Self {
        let mut handle = ptr::null_mut();
        // SAFETY: a place for a handle.
        let result = unsafe { frameseal_decryptor_new(suite, &raw mut handle) };
        assert_eq!(result, FRAMESEAL_OK);
        Self(handle)
    }

    pub(crate) fn with_key(suite: u16, key_id: u64) -> Self {
        let receiver = Self::new(suite);
        assert_eq!(receiver.add_key(key_id, &BASE_KEY), FRAMESEAL_OK);
        receiver
    }

    pub(crate) fn with_config(suite: u16, config: &frameseal_decryptor_config) -> Self {
        let mut handle = ptr::null_mut();
        // SAFETY: a configuration and a place for a handle.
        let result = unsafe { frameseal_decryptor_new_with_config(suite, config, &raw mut handle) };
        assert_eq!(result, FRAMESEAL_OK);
        Self(handle)
    }

    pub(crate) fn add_key(&self, key_id: u64, key: &[u8]) -> frameseal_result {
        // SAFETY: a live handle and a slice.
        unsafe { frameseal_decryptor_add_key(self.0, key_id, key.as_ptr(), key.len()) }
    }

    pub(crate) fn decrypt(
        &self,
        metadata: &[u8],
        sealed: &[u8],
    ) -> Result<(Vec<u8>, frameseal_open_info), i32> {
        let mut out = vec![0; sealed.len()];
        let (mut len, mut info) = (0, open_info());
        // SAFETY: a live handle, slices, and places for the answers.
        let result = unsafe {
            frameseal_decryptor_decrypt(
                self.0,
                metadata.as_ptr(),
                metadata.len(),
                sealed.as_ptr(),
                sealed.len(),
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
                &raw mut info,
            )
        };
        out.truncate(len);
        if result == FRAMESEAL_OK {
            Ok((out, info))
        } else {
            Err(result)
        }
    }

    /// For closures on other threads, which would take the pointer alone along.
    pub(crate) fn handle(&self) -> *mut frameseal_decryptor {
        self.0
    }

    pub(crate) fn status(&self, key_id: u64) -> Result<frameseal_receiving_key_status, i32> {
        let mut status = frameseal_receiving_key_status {
            struct_size: size_of::<frameseal_receiving_key_status>(),
            highest_counter: 0,
            opened: 0,
            failed_opens: 0,
            replayed: 0,
            fingerprint: 0,
            active: 0,
            has_highest_counter: 0,
        };
        // SAFETY: a live handle and a structure that says its size.
        match unsafe { frameseal_decryptor_key_status(self.0, key_id, &raw mut status) } {
            FRAMESEAL_OK => Ok(status),
            error => Err(error),
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // SAFETY: not used after this.
        unsafe { frameseal_encryptor_free(self.0) };
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: not used after this.
        unsafe { frameseal_decryptor_free(self.0) };
    }
}

pub(crate) fn open_info() -> frameseal_open_info {
    frameseal_open_info {
        struct_size: size_of::<frameseal_open_info>(),
        key_id: u64::MAX,
        counter: u64::MAX,
        payload_len: usize::MAX,
    }
}

/// Bytes that differ from their neighbours, so that a wrong place shows.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 37 + 11).to_le_bytes()[0]).collect()
}
