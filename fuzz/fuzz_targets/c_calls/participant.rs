//! One participant of a call with sender keys: its handle, and what the model knows of it.

use core::ptr::{null, null_mut};
use std::collections::BTreeMap;

use frameseal_fuzz::Input;

use crate::capi;
use crate::chain::{Chain, Keep};
use crate::results::{INVALID, OK};

/// With what somebody sends now.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    pub(crate) which: usize,
    pub(crate) step: usize,
    /// The counter of the next frame.
    pub(crate) counter: u64,
}

pub(crate) struct Participant {
    pub(crate) handle: *mut capi::frameseal_sender_keys,
    pub(crate) own: Option<Own>,
    pub(crate) last: Option<(u32, u64)>,
    pub(crate) announced: Option<(u64, Vec<u8>)>,
    pub(crate) members: BTreeMap<u64, Chain>,
    pub(crate) latest: u64,
    pub(crate) done: u64,
    pub(crate) keep: Keep,
    pub(crate) max_frames: u64,
}

impl Participant {
    pub(crate) fn new(suite: u16, input: &mut Input<'_>) -> Self {
        let size = size_of::<capi::frameseal_sender_keys_config>();
        let mut config = core::mem::MaybeUninit::<capi::frameseal_sender_keys_config>::zeroed();
        let mut handle = null_mut();
        // SAFETY: locals, of integers, for which zero is valid.
        let config = unsafe {
            let place = config.as_mut_ptr();
            assert_eq!(
                capi::frameseal_sender_keys_config_init(place, 8, suite),
                INVALID
            );
            assert_eq!(
                capi::frameseal_sender_keys_config_init(place, size, 0),
                INVALID
            );
            assert_eq!(
                capi::frameseal_sender_keys_config_init(null_mut(), size, suite),
                INVALID
            );
            assert_eq!((*place).struct_size, 0);
            assert_eq!(
                capi::frameseal_sender_keys_config_init(place, size, suite),
                OK
            );
            let mut config = config.assume_init();
            config.retain_ms = input.pick(&[2000, 0, 500]);
            config.retain_generation_ms = input.pick(&[10_000, 0, 2000]);
            config.max_forward = input.pick(&[32, 2]);
            config.max_retained = input.pick(&[8, 0, 1]);
            config.max_old_generations = input.pick(&[2, 0, 1]);
            config.max_frames = input.pick(&[0, 0, 5]);
            let mut other = config;
            match input.below(16) {
                0 => other.flags = 4,
                1 => other.struct_size = 8,
                2 => other.reserved = 1,
                3 => other.backend = 9,
                _ => {}
            }
            if other.flags != 0
                || other.struct_size == 8
                || other.reserved != 0
                || other.backend != 0
            {
                assert_eq!(
                    capi::frameseal_sender_keys_new(&other, &raw mut handle),
                    INVALID
                );
            }
            assert_eq!(
                capi::frameseal_sender_keys_new(null(), &raw mut handle),
                INVALID
            );
            assert_eq!(
                capi::frameseal_sender_keys_new(&config, null_mut()),
                INVALID
            );
            assert!(handle.is_null());
            assert_eq!(
                capi::frameseal_sender_keys_new(&config, &raw mut handle),
                OK
            );
            config
        };
        Self {
            handle,
            own: None,
            last: None,
            announced: None,
            members: BTreeMap::new(),
            latest: 0,
            done: 0,
            keep: Keep {
                forward: config.max_forward.into(),
                retained: config.max_retained.into(),
                retain_ms: config.retain_ms,
                generations: config.max_old_generations as usize,
                generation_ms: config.retain_generation_ms,
            },
            max_frames: config.max_frames,
        }
    }

    pub(crate) fn said(&mut self, now: u64) {
        self.latest = self.latest.max(now);
    }

    pub(crate) fn passed(&mut self, now: u64) {
        self.said(now);
        self.done = self.done.max(now);
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        // SAFETY: made above, and freed here only; NULL is allowed.
        unsafe {
            capi::frameseal_sender_keys_free(self.handle);
            capi::frameseal_sender_keys_free(null_mut());
        }
    }
}
