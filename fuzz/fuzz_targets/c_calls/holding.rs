//! The model of a holding buffer: its limits, its times, and in which order frames come out. What is
//! done with it is in `group_held.rs`.

use core::ptr::{null, null_mut};

use frameseal_fuzz::Input;

use crate::arena::Grown;
use crate::capi;
use crate::device::Setup;
use crate::frames::Arrival;
use crate::results::*;

/// A frame that waits for its key.
pub(crate) struct Waiting {
    pub(crate) arrival: Arrival,
    pub(crate) key_id: u64,
    pub(crate) arrived: u64,
}

impl Waiting {
    fn size(&self) -> u64 {
        (self.arrival.bytes.len() + self.arrival.metadata.len()) as u64
    }
}

pub(crate) struct Holding {
    pub(crate) handle: *mut capi::frameseal_holding_buffer,
    limits: capi::frameseal_holding_config,
    /// In order of arrival.
    pub(crate) waiting: Vec<Waiting>,
    /// This clock is never set back.
    now: u64,
    held: u64,
    released: u64,
    expired: u64,
    refused: u64,
}

impl Holding {
    pub(crate) fn new(setup: Setup, input: &mut Input<'_>) -> Self {
        let choice = input.byte();
        let low = |bit: u8, limit| if choice >> bit & 1 == 1 { limit } else { 0 };
        let mut config = capi::frameseal_holding_config {
            struct_size: size_of::<capi::frameseal_holding_config>(),
            max_bytes: low(0, 300),
            sender_bytes: low(1, 150),
            max_age_ms: low(2, 500),
            max_frames: low(3, 2) as u32,
            sender_frames: low(4, 1) as u32,
            epoch_bits: 0,
            index_bits: 0,
        };
        if low(5, 1) == 1 {
            (config.epoch_bits, config.index_bits) = (setup.epoch_bits, setup.index_bits);
        }
        let mut handle = null_mut();
        // SAFETY: locals.
        unsafe {
            let mut other = config;
            other.max_frames = capi::FRAMESEAL_MAX_HELD_FRAMES + 1;
            let refused = |suite, config: *const _, place| {
                assert_eq!(
                    capi::frameseal_holding_buffer_new(suite, config, place),
                    INVALID
                );
            };
            refused(setup.suite, &other, &raw mut handle);
            refused(9, null(), &raw mut handle);
            refused(setup.suite, &config, null_mut());
            assert!(handle.is_null());
            let made = capi::frameseal_holding_buffer_new(setup.suite, &config, &raw mut handle);
            assert_eq!(made, OK);
        }
        let or = |limit: u64, default| if limit == 0 { default } else { limit };
        config.max_bytes = or(config.max_bytes, 4 << 20);
        config.sender_bytes = or(config.sender_bytes, 512 << 10);
        config.max_age_ms = or(config.max_age_ms, 2000);
        config.max_frames = or(config.max_frames.into(), 1024) as u32;
        config.sender_frames = or(config.sender_frames.into(), 128) as u32;
        Self {
            handle,
            limits: config,
            waiting: Vec::new(),
            now: 0,
            held: 0,
            released: 0,
            expired: 0,
            refused: 0,
        }
    }

    /// The time to say in the next call, which drops what has waited too long.
    pub(crate) fn at(&mut self, now: u64) -> u64 {
        self.now = self.now.max(now);
        self.now
    }

    /// What that call did first.
    pub(crate) fn passed(&mut self) {
        let before = self.waiting.len();
        let (now, age) = (self.now, self.limits.max_age_ms);
        self.waiting
            .retain(|waiting| now < waiting.arrived.saturating_add(age));
        self.expired += (before - self.waiting.len()) as u64;
    }

    fn sender(&self, key_id: u64) -> u64 {
        match self.limits.epoch_bits {
            0 => key_id,
            bits => key_id & ((1 << (bits + self.limits.index_bits)) - 1),
        }
    }

    /// A frame that has a reason to wait was given to it.
    pub(crate) fn offered(&mut self, arrival: Arrival, key_id: u64, result: i32) {
        let sender = self.sender(key_id);
        let new = Waiting {
            arrival,
            key_id,
            arrived: self.now,
        };
        let sum = |of: &mut dyn Iterator<Item = &Waiting>| {
            of.fold((0, new.size()), |(frames, bytes), waiting| {
                (frames + 1, bytes + waiting.size())
            })
        };
        let all = sum(&mut self.waiting.iter());
        let theirs = |waiting: &&Waiting| self.sender(waiting.key_id) == sender;
        let theirs = sum(&mut self.waiting.iter().filter(theirs));
        let fits = all.0 < self.limits.max_frames
            && all.1 <= self.limits.max_bytes
            && theirs.0 < self.limits.sender_frames
            && theirs.1 <= self.limits.sender_bytes;
        assert_eq!(result, if fits { OK } else { CAPACITY }, "the limits");
        if fits {
            self.waiting.push(new);
            self.held += 1;
        } else {
            self.refused += 1;
        }
    }

    /// This one came out.
    pub(crate) fn release(&mut self, at: usize) -> Waiting {
        self.released += 1;
        self.waiting.remove(at)
    }

    /// Wipes all, now and then.
    pub(crate) fn clear(&mut self) {
        // SAFETY: the handle is alive.
        assert_eq!(
            unsafe { capi::frameseal_holding_buffer_clear(self.handle) },
            OK
        );
        self.waiting.clear();
    }

    /// Compares with what the buffer says of itself.
    pub(crate) fn check(&mut self) {
        let mut stats = Grown::<capi::frameseal_holding_stats>::new(true);
        let (mut pending, mut deadline) = (true, 77);
        // SAFETY: the handle is alive, and the places are locals.
        unsafe {
            let polled = capi::frameseal_holding_buffer_poll(self.handle, self.now);
            assert_eq!(polled, OK);
            let told = capi::frameseal_holding_buffer_stats(self.handle, &raw mut stats.known);
            assert_eq!(told, OK);
            let told = capi::frameseal_holding_buffer_next_deadline(
                self.handle,
                &raw mut pending,
                &raw mut deadline,
            );
            assert_eq!(told, OK);
        }
        stats.check_behind();
        self.passed();
        let stats = stats.known;
        let bytes: u64 = self.waiting.iter().map(Waiting::size).sum();
        assert_eq!(
            (stats.frames, stats.bytes),
            (self.waiting.len() as u64, bytes)
        );
        assert_eq!((stats.held, stats.released), (self.held, self.released));
        assert_eq!((stats.expired, stats.refused), (self.expired, self.refused));
        let first = self.waiting.first();
        let expected = first.map_or(77, |first| first.arrived + self.limits.max_age_ms);
        assert_eq!((pending, deadline), (first.is_some(), expected));
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        // SAFETY: made above, and freed here only; NULL is allowed.
        unsafe {
            capi::frameseal_holding_buffer_free(self.handle);
            capi::frameseal_holding_buffer_free(null_mut());
        }
    }
}
