//! One member's device: a manager, a stream and a receiver of C that free themselves.

use std::ptr;

use super::capi::*;
use super::support::GCM;

pub(crate) const GROUP: u64 = 7;
pub(crate) const NAMES: [&[u8]; 4] = [b"alice", b"bob", b"carol", b"mallory"];

pub(crate) struct Device {
    pub(crate) manager: *mut frameseal_epoch_manager,
    pub(crate) stream: *mut frameseal_stream,
    pub(crate) receiver: *mut frameseal_receiver,
    pub(crate) index: u32,
}

// The handles may be used on any thread: that is what is tested.
// SAFETY: the functions promise it.
unsafe impl Send for Device {}
// SAFETY: the functions promise it.
unsafe impl Sync for Device {}

pub(crate) fn config() -> frameseal_epoch_config {
    config_for(GCM, FRAMESEAL_POLICY_STANDARD).unwrap()
}

pub(crate) fn config_for(suite: u16, policy: u32) -> Result<frameseal_epoch_config, i32> {
    let mut config = std::mem::MaybeUninit::zeroed();
    let size = size_of::<frameseal_epoch_config>();
    // SAFETY: a place of that size.
    match unsafe { frameseal_epoch_config_init(config.as_mut_ptr(), size, suite, policy) } {
        // SAFETY: filled.
        FRAMESEAL_OK => Ok(unsafe { config.assume_init() }),
        error => Err(error),
    }
}

pub(crate) fn id(epoch: u64) -> frameseal_epoch_id {
    frameseal_epoch_id {
        group: GROUP,
        epoch,
    }
}

pub(crate) fn base_key(epoch: u64) -> [u8; 16] {
    let mut key = [0x5a; 16];
    key[..8].copy_from_slice(&epoch.to_be_bytes());
    key
}

pub(crate) fn no_event() -> frameseal_event {
    frameseal_event {
        struct_size: size_of::<frameseal_event>(),
        kind: u32::MAX,
        level: u32::MAX,
        reason: u32::MAX,
        reserved: u32::MAX,
        epoch: id(u64::MAX),
        member: frameseal_member_id::default(),
        key_id: u64::MAX,
        count: u64::MAX,
        at_ms: u64::MAX,
    }
}

pub(crate) fn received_info() -> frameseal_received_info {
    frameseal_received_info {
        struct_size: size_of::<frameseal_received_info>(),
        key_id: u64::MAX,
        counter: u64::MAX,
        member: frameseal_member_id::default(),
        context: u64::MAX,
        epoch: id(u64::MAX),
        payload_len: usize::MAX,
    }
}

pub(crate) fn new_status() -> frameseal_status {
    frameseal_status {
        struct_size: size_of::<frameseal_status>(),
        level: u32::MAX,
        reason: u32::MAX,
    }
}

pub(crate) fn new_stats() -> frameseal_frame_stats {
    frameseal_frame_stats {
        struct_size: size_of::<frameseal_frame_stats>(),
        opened: u64::MAX,
        failed_opens: u64::MAX,
        replayed: u64::MAX,
        passed: u64::MAX,
        injected: u64::MAX,
        last_authenticated_ms: u64::MAX,
        has_last_authenticated: u8::MAX,
    }
}

pub(crate) fn checked<T>(result: frameseal_result, value: T) -> Result<T, frameseal_result> {
    if result == FRAMESEAL_OK {
        Ok(value)
    } else {
        Err(result)
    }
}

impl Device {
    /// Without an epoch.
    pub(crate) fn new(index: u32) -> Self {
        Self::with_config(index, &config())
    }

    pub(crate) fn with_config(index: u32, config: &frameseal_epoch_config) -> Self {
        let mut device = Self {
            manager: ptr::null_mut(),
            stream: ptr::null_mut(),
            receiver: ptr::null_mut(),
            index,
        };
        // SAFETY: a configuration and a place for a handle.
        let result = unsafe { frameseal_epoch_manager_new(config, &raw mut device.manager) };
        assert_eq!(result, FRAMESEAL_OK);
        device.stream = device.open_stream(FRAMESEAL_STREAM_INDEPENDENT).unwrap();
        // SAFETY: a live handle and a place for a handle.
        let result = unsafe { frameseal_receiver_open(device.manager, &raw mut device.receiver) };
        assert_eq!(result, FRAMESEAL_OK);
        device
    }

    /// In epoch 1 with these people.
    pub(crate) fn in_call(index: u32, people: &[u32]) -> Self {
        let device = Self::new(index);
        assert_eq!(device.add(0, 1, people), FRAMESEAL_OK);
        device
    }

    /// For closures on other threads, which would take the pointer alone along.
    pub(crate) fn handle(&self) -> *mut frameseal_epoch_manager {
        self.manager
    }

    pub(crate) fn open_stream(&self, kind: u32) -> Result<*mut frameseal_stream, i32> {
        let mut stream = ptr::null_mut();
        // SAFETY: a live handle and a place for a handle.
        let result = unsafe { frameseal_stream_open(self.manager, kind, &raw mut stream) };
        checked(result, stream)
    }

    /// Adds an epoch with the people on these leaves, named in order.
    pub(crate) fn add(&self, now: u64, epoch: u64, people: &[u32]) -> frameseal_result {
        self.add_with(now, epoch, people, |_| {})
    }

    pub(crate) fn add_with(
        &self,
        now: u64,
        epoch: u64,
        people: &[u32],
        change: impl FnOnce(&mut frameseal_epoch_update),
    ) -> frameseal_result {
        let members: Vec<_> = people
            .iter()
            .map(|index| {
                let name = NAMES[*index as usize % 4];
                frameseal_member {
                    index: *index,
                    identity: name.as_ptr(),
                    identity_len: name.len(),
                }
            })
            .collect();
        let key = base_key(epoch);
        let mut update = frameseal_epoch_update {
            struct_size: size_of::<frameseal_epoch_update>(),
            group: GROUP,
            epoch,
            base_key: key.as_ptr(),
            base_key_len: key.len(),
            members: members.as_ptr(),
            member_count: members.len(),
            leaf_count: people.last().map_or(0, |last| last + 1),
            own_index: self.index,
        };
        change(&mut update);
        // SAFETY: a live handle; `change` only breaks what must be refused.
        unsafe { frameseal_epoch_manager_add_epoch(self.manager, now, &raw const update) }
    }

    pub(crate) fn encrypt(&self, now: u64, payload: &[u8]) -> Result<Vec<u8>, i32> {
        encrypt(self.stream, now, payload)
    }

    pub(crate) fn decrypt(
        &self,
        now: u64,
        sealed: &[u8],
    ) -> Result<(Vec<u8>, frameseal_received_info), i32> {
        let (mut out, mut len, mut info) = (vec![0; sealed.len()], 0, received_info());
        // SAFETY: a live handle, slices, and places for the answers.
        let result = unsafe {
            frameseal_receiver_decrypt(
                self.receiver,
                now,
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

    pub(crate) fn member_at(&self, index: u32) -> Result<frameseal_member_id, i32> {
        let mut member = frameseal_member_id::default();
        // SAFETY: a live handle and a place for the answer.
        let result =
            unsafe { frameseal_epoch_manager_member_at(self.manager, index, &raw mut member) };
        checked(result, member)
    }

    pub(crate) fn sending_epoch(&self) -> Result<u64, i32> {
        let mut epoch = id(u64::MAX);
        // SAFETY: a live handle and a place for the answer.
        let result = unsafe { frameseal_epoch_manager_sending_epoch(self.manager, &raw mut epoch) };
        checked(result, epoch.epoch)
    }

    pub(crate) fn status(&self, now: u64, member: &frameseal_member_id) -> frameseal_status {
        let mut status = new_status();
        // SAFETY: a live handle and structures that say their size.
        let result =
            unsafe { frameseal_epoch_manager_status(self.manager, now, member, &raw mut status) };
        assert_eq!(result, FRAMESEAL_OK);
        status
    }

    pub(crate) fn room_status(&self, now: u64) -> frameseal_status {
        let mut status = new_status();
        // SAFETY: a live handle and a structure that says its size.
        let result =
            unsafe { frameseal_epoch_manager_room_status(self.manager, now, &raw mut status) };
        assert_eq!(result, FRAMESEAL_OK);
        status
    }

    pub(crate) fn member_stats(
        &self,
        member: &frameseal_member_id,
    ) -> Result<frameseal_frame_stats, i32> {
        let mut stats = new_stats();
        // SAFETY: a live handle and structures that say their size.
        let result =
            unsafe { frameseal_epoch_manager_member_stats(self.manager, member, &raw mut stats) };
        checked(result, stats)
    }

    pub(crate) fn epoch_stats(&self, epoch: u64) -> Result<frameseal_frame_stats, i32> {
        let (epoch, mut stats) = (id(epoch), new_stats());
        // SAFETY: a live handle and structures that say their size.
        let result = unsafe {
            frameseal_epoch_manager_epoch_stats(self.manager, &raw const epoch, &raw mut stats)
        };
        checked(result, stats)
    }

    /// All events that wait.
    pub(crate) fn events(&self, now: u64) -> Vec<frameseal_event> {
        let mut events = Vec::new();
        loop {
            let mut event = no_event();
            // SAFETY: a live handle and a structure that says its size.
            let result =
                unsafe { frameseal_epoch_manager_poll_event(self.manager, now, &raw mut event) };
            assert_eq!(result, FRAMESEAL_OK);
            if event.kind == FRAMESEAL_EVENT_NONE {
                return events;
            }
            events.push(event);
        }
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        let (mut pending, mut at) = (false, 0);
        // SAFETY: a live handle and places for the answers.
        let result = unsafe {
            frameseal_epoch_manager_next_deadline(self.manager, &raw mut pending, &raw mut at)
        };
        assert_eq!(result, FRAMESEAL_OK);
        pending.then_some(at)
    }

    pub(crate) fn peer_ready(&self, now: u64, index: u32, epoch: u64) -> frameseal_result {
        let epoch = id(epoch);
        // SAFETY: a live handle and an epoch.
        unsafe { frameseal_epoch_manager_peer_ready(self.manager, now, index, &raw const epoch) }
    }

    pub(crate) fn activate(&self, now: u64, epoch: u64) -> frameseal_result {
        let epoch = id(epoch);
        // SAFETY: a live handle and an epoch.
        unsafe { frameseal_epoch_manager_activate(self.manager, now, &raw const epoch) }
    }
}

pub(crate) fn encrypt(
    stream: *mut frameseal_stream,
    now: u64,
    payload: &[u8],
) -> Result<Vec<u8>, i32> {
    let mut out = vec![0; payload.len() + FRAMESEAL_MAX_HEADER_LEN + FRAMESEAL_MAX_TAG_LEN];
    let mut len = 0;
    // SAFETY: a live handle, slices, and a place for the length.
    let result = unsafe {
        frameseal_stream_encrypt(
            stream,
            now,
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

/// The key id and the counter of a frame.
pub(crate) fn peek(frame: &[u8]) -> (u64, u64) {
    let mut header = frameseal_header {
        key_id: 0,
        counter: 0,
        len: 0,
    };
    // SAFETY: a slice and a place for the answer.
    let result = unsafe { frameseal_header_peek(frame.as_ptr(), frame.len(), &raw mut header) };
    assert_eq!(result, FRAMESEAL_OK);
    (header.key_id, header.counter)
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: not used after this; a stream and a receiver may outlive the manager.
        unsafe {
            frameseal_epoch_manager_free(self.manager);
            frameseal_stream_close(self.stream);
            frameseal_receiver_close(self.receiver);
        }
    }
}
