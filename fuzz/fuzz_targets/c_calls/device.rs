//! One device of the call: its handles, and what the model knows of it.

use core::ptr::null_mut;
use std::collections::{HashMap, HashSet};

use frameseal_fuzz::Input;

use crate::capi;
use crate::epochs::{Epochs, Times};
use crate::holding::Holding;
use crate::results::{INVALID, OK, documented};
use crate::trust::Trust;

/// What all devices of a call have in common.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) suite: u16,
    pub(crate) policy: u32,
    pub(crate) epoch_bits: u8,
    pub(crate) index_bits: u8,
}

pub(crate) struct Stream {
    pub(crate) handle: *mut capi::frameseal_stream,
    pub(crate) context: u64,
    /// Where it sent last, and how many frames.
    pub(crate) last: Option<(usize, u64)>,
}

pub(crate) struct Device {
    /// NULL when it was freed.
    pub(crate) manager: *mut capi::frameseal_epoch_manager,
    pub(crate) setup: Setup,
    pub(crate) leaf: u32,
    pub(crate) streams: Vec<Stream>,
    pub(crate) receivers: Vec<*mut capi::frameseal_receiver>,
    pub(crate) epochs: Epochs,
    pub(crate) max_frames: u64,
    pub(crate) contexts: u64,
    pub(crate) stop_after: u64,
    pub(crate) window: u64,
    /// Frames that were opened here.
    pub(crate) opened: HashSet<usize>,
    /// The highest counter of each epoch and key id.
    pub(crate) highest: HashMap<(usize, u64), u64>,
    /// Events that were told once.
    pub(crate) added: HashSet<(u64, u64)>,
    pub(crate) retired: HashSet<(u64, u64)>,
    /// Streams that were closed, whose contexts may not be free yet.
    closed: usize,
    pub(crate) holding: Holding,
    pub(crate) trust: Trust,
}

pub(crate) const OWN_CONTEXTS: u64 = 3;

impl Device {
    pub(crate) fn new(setup: Setup, leaf: u32, input: &mut Input<'_>) -> Self {
        let mut config = config(setup);
        config.send_switch = 1 + input.below(4) as u32;
        config.send_from_ms = input.pick(&[0, 500, 3000]);
        config.send_by_ms = input.pick(&[2000, 0, 1000]);
        config.retire_after_ms = input.pick(&[10_000, 0, 1500]);
        if setup.policy == 1 {
            config.removal_overlap_ms = input.pick(&[2000, 0, 500]);
        }
        config.own_contexts_end = OWN_CONTEXTS;
        config.streams_per_member = input.pick(&[16, 2]);
        config.max_frames = input.pick(&[0, 0, 0, 7]);
        config.max_epochs = input.pick(&[256, 256, 2, 1]);
        config.max_cached_keys = input.pick(&[4096, 1]);
        config.replay_window = input.pick(&[0, 64]);
        let stop_after = input.pick(&[0, 0, 2]);
        config.failed_opens = stop_after;
        if stop_after > 0 {
            config.flags |= capi::FRAMESEAL_STOP_KEY_ON_FORGERY;
        }
        let mut manager = null_mut();
        let wrong = input.below(8);
        // SAFETY: all pointers are to locals.
        unsafe {
            let refused = |config: *const _, place| {
                assert_eq!(capi::frameseal_epoch_manager_new(config, place), INVALID);
            };
            match wrong {
                0 => refused(core::ptr::null(), &raw mut manager),
                1 => refused(&config, null_mut()),
                2 => {
                    let mut other = config;
                    match input.below(8) {
                        0 => other.struct_size = input.pick(&[0, 8, 5000]),
                        1 => other.suite = input.pick(&[0, 9, u16::MAX]),
                        2 => other.flags = 1 << 30,
                        3 => other.policy = input.pick(&[0, 3]),
                        4 => other.send_switch = input.pick(&[0, 5]),
                        5 => other.epoch_bits = input.pick(&[0, 17]),
                        6 => other.max_epochs = 0,
                        _ => other.own_contexts_start = OWN_CONTEXTS,
                    }
                    refused(&other, &raw mut manager);
                }
                _ => {}
            }
            assert!(manager.is_null());
            let made = capi::frameseal_epoch_manager_new(&config, &raw mut manager);
            assert_eq!(documented("epoch_manager_new", made), OK);
        }
        Self {
            manager,
            setup,
            leaf,
            streams: Vec::new(),
            receivers: Vec::new(),
            epochs: Epochs::new(Times {
                switch: config.send_switch,
                from: config.send_from_ms,
                by: config.send_by_ms,
                retire_after: config.retire_after_ms,
                overlap: config.removal_overlap_ms,
                max_epochs: config.max_epochs as usize,
                low_mask: (1 << setup.epoch_bits) - 1,
            }),
            max_frames: config.max_frames,
            contexts: config.streams_per_member,
            stop_after,
            window: match config.replay_window {
                0 => 1024,
                window => window.into(),
            },
            opened: HashSet::new(),
            highest: HashMap::new(),
            added: HashSet::new(),
            retired: HashSet::new(),
            closed: 0,
            holding: Holding::new(setup, input),
            trust: Trust::default(),
        }
    }

    pub(crate) fn open_stream(&mut self, input: &mut Input<'_>) {
        let kind = input.pick(&[1, 2, 1, 2, 0, 3]);
        let (mut handle, mut context) = (null_mut(), 77);
        // SAFETY: the handle is alive or NULL, and the places are locals.
        unsafe {
            let result = capi::frameseal_stream_open(self.manager, kind, &raw mut handle);
            let result = documented("stream_open", result);
            if self.manager.is_null() || kind == 0 || kind == 3 {
                assert!(result == INVALID && handle.is_null());
                return;
            }
            if result != OK {
                assert!(handle.is_null(), "CAPACITY leaves the place as it was");
                assert!(self.streams.len() + self.closed >= OWN_CONTEXTS as usize);
                return;
            }
            assert_eq!(capi::frameseal_stream_context(handle, null_mut()), INVALID);
            assert_eq!(capi::frameseal_stream_context(handle, &raw mut context), OK);
        }
        let taken = |stream: &Stream| stream.context == context;
        assert!(context < OWN_CONTEXTS && !self.streams.iter().any(taken));
        self.streams.push(Stream {
            handle,
            context,
            last: None,
        });
    }

    pub(crate) fn open_receiver(&mut self) {
        let mut handle = null_mut();
        // SAFETY: as above.
        unsafe {
            let result = capi::frameseal_receiver_open(self.manager, &raw mut handle);
            assert_eq!(
                capi::frameseal_receiver_open(self.manager, null_mut()),
                INVALID
            );
            assert_eq!(result, if self.manager.is_null() { INVALID } else { OK });
        }
        if !handle.is_null() {
            self.receivers.push(handle);
        }
    }

    pub(crate) fn close_something(&mut self, input: &mut Input<'_>) {
        // SAFETY: each handle is taken out of its list, so closed once.
        unsafe {
            match input.below(8) {
                0 => {
                    capi::frameseal_epoch_manager_free(self.manager);
                    self.manager = null_mut();
                }
                1..=4 if !self.streams.is_empty() => {
                    let at = input.below(self.streams.len());
                    capi::frameseal_stream_close(self.streams.swap_remove(at).handle);
                    self.closed += 1;
                }
                _ if self.receivers.len() > 1 => {
                    let at = input.below(self.receivers.len());
                    capi::frameseal_receiver_close(self.receivers.swap_remove(at));
                }
                _ => {
                    capi::frameseal_stream_close(null_mut());
                    capi::frameseal_receiver_close(null_mut());
                    capi::frameseal_epoch_manager_free(null_mut());
                }
            }
        }
    }
}

pub(crate) fn config(setup: Setup) -> capi::frameseal_epoch_config {
    let size = size_of::<capi::frameseal_epoch_config>();
    let mut config = core::mem::MaybeUninit::<capi::frameseal_epoch_config>::zeroed();
    // SAFETY: a local of that size, of integers, for which zero is valid.
    let mut config = unsafe {
        let place = config.as_mut_ptr();
        let (suite, policy) = (setup.suite, setup.policy);
        let wrong = capi::frameseal_epoch_config_init(place, 8, suite, policy);
        assert_eq!((wrong, (*place).struct_size), (INVALID, 0));
        let wrong = capi::frameseal_epoch_config_init(place, size, suite, 9);
        assert_eq!((wrong, (*place).struct_size), (INVALID, 0));
        let made = capi::frameseal_epoch_config_init(place, size, suite, policy);
        assert_eq!(made, OK);
        config.assume_init()
    };
    assert_eq!(config.struct_size, size);
    (config.epoch_bits, config.index_bits) = (setup.epoch_bits, setup.index_bits);
    config
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: made by the functions above, and freed here only, in one of two orders.
        unsafe {
            let first = self.leaf.is_multiple_of(2);
            if first {
                capi::frameseal_epoch_manager_free(self.manager);
            }
            for stream in &self.streams {
                capi::frameseal_stream_close(stream.handle);
            }
            for receiver in &self.receivers {
                capi::frameseal_receiver_close(*receiver);
            }
            if !first {
                capi::frameseal_epoch_manager_free(self.manager);
            }
        }
    }
}
