//! The holding buffer of C: the handle, and its limits. How frames go in and come out is in
//! [`super::holding_frames`].

use core::time::Duration;
use std::sync::{Mutex, MutexGuard};

use frameseal_core::{
    CipherSuite, HoldingBuffer, HoldingConfig, HoldingStats, KidLayout, MAX_HELD_FRAMES, Timestamp,
};

use super::entry::{enter, enter_or};
use super::growing::{self, Answers, Growing, size_until};
use super::kept::Kept;
use super::out::{Out, object, refuse_overlap};
use super::owned::{give, take_back};
use super::result::{Failure, frameseal_result, invalid};
use super::suite::frameseal_suite;

/// Frames that came before their key wait here, if the application wants that: it holds copies of
/// frames and metadata, and no key. Opaque.
///
/// What waits has not authenticated, and anybody can send it. So only frames whose key is not here
/// yet are taken; each sender has a quota, so that a forger who names one sender takes no places from
/// another; when there is no place the new frame is refused, never an older one dropped; and all is
/// dropped when its time is over.
///
/// - Made by `frameseal_holding_buffer_new`, owned by the application, freed by it with
///   `frameseal_holding_buffer_free`. One for each object that opens its frames; with sender keys,
///   one for each member, since their key ids are unique for each sender only.
/// - Every function may be called from any thread; calls on one buffer wait for each other.
/// - Time is what the application says, in milliseconds of a clock that is not set back.
/// - After `fork`, the child's copy still works, if no other thread was inside a call on it when the
///   process forked.
#[derive(Debug)]
pub struct frameseal_holding_buffer {
    buffer: Kept<Mutex<HoldingBuffer>>,
}

impl frameseal_holding_buffer {
    /// The buffer, for one call; not after a call that panicked inside.
    pub(super) fn lock(&self) -> Result<MutexGuard<'_, HoldingBuffer>, Failure> {
        self.buffer.lock().map_err(|_| Failure::Internal)
    }
}

/// The most frames that a holding buffer is made for.
pub const FRAMESEAL_MAX_HELD_FRAMES: u32 = 65_536;

const _: () = assert!(FRAMESEAL_MAX_HELD_FRAMES as usize == MAX_HELD_FRAMES);

/// What a holding buffer takes. Bytes are those of frames and their metadata together. Initialise
/// all of it to zero, then `struct_size`, then what shall not be the default.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_holding_config {
    /// `sizeof (frameseal_holding_config)`.
    pub struct_size: usize,
    /// Bytes in all; 0 for the default, 4 MiB.
    pub max_bytes: u64,
    /// Bytes of one sender, and so the most that one frame and its metadata have; 0 for the default,
    /// 512 KiB.
    pub sender_bytes: u64,
    /// How long a frame is held, in milliseconds; 0 for the default, 2,000.
    pub max_age_ms: u64,
    /// Frames in all, at most `FRAMESEAL_MAX_HELD_FRAMES`; 0 for the default, 1,024.
    pub max_frames: u32,
    /// Frames of one sender; 0 for the default, 128.
    pub sender_frames: u32,
    /// With the `epoch_bits` of a `frameseal_epoch_config`, 1 to 16, quotas are for each leaf and
    /// epoch of MLS; 0 for a quota for each key id, which is what a call with
    /// `FRAMESEAL_INDEX_BITS_BY_LEAVES` needs, whose epochs have other bits of index each.
    pub epoch_bits: u8,
    /// With the `index_bits` of a `frameseal_epoch_config`, 0 to 32; 0 if `epoch_bits` is.
    pub index_bits: u8,
}

/// What a holding buffer holds and has done. Set `struct_size` before the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_holding_stats {
    /// `sizeof (frameseal_holding_stats)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// Frames that wait now.
    pub frames: u64,
    /// Bytes that wait now, metadata included.
    pub bytes: u64,
    /// Frames that were taken in.
    pub held: u64,
    /// Frames that came out when their key had come, or that
    /// `frameseal_holding_buffer_drop_next` dropped.
    pub released: u64,
    /// Frames that were dropped because their key did not come in time.
    pub expired: u64,
    /// Frames that were refused because a limit was reached.
    pub refused: u64,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_holding_config {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_holding_config, index_bits) + 1);
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_holding_stats {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_holding_stats, refused) + 8);
}

impl frameseal_holding_stats {
    fn tell(&mut self, stats: HoldingStats) {
        self.frames = stats.frames as u64;
        self.bytes = stats.bytes as u64;
        self.held = stats.held;
        self.released = stats.released;
        self.expired = stats.expired;
        self.refused = stats.refused;
    }
}

/// Makes an empty holding buffer. `config` may be NULL for the defaults; it is read during the call
/// only. What is shorter than the tag of the suite is not held.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, there are bits that do not
///   exist or too many frames, `config` has the size of no such structure, or a pointer cannot be
///   right
///
/// On success the caller owns `*buffer`, until `frameseal_holding_buffer_free`. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_new(
    suite: frameseal_suite,
    config: *const frameseal_holding_config,
    buffer: *mut *mut frameseal_holding_buffer,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let place = unsafe { Out::new(buffer) }?;
        // SAFETY: the same.
        let config = unsafe { growing::read(config) }?;
        let suite = CipherSuite::try_from(suite)?;
        let buffer = Kept::new(Mutex::new(HoldingBuffer::new(holding_config(
            suite, &config,
        )?)));
        give(place, frameseal_holding_buffer { buffer });
        Ok(())
    })
}

/// The configuration that the structure means.
fn holding_config(
    suite: CipherSuite,
    config: &frameseal_holding_config,
) -> Result<HoldingConfig, Failure> {
    fn or<T: PartialEq + Default>(value: T, default: T) -> T {
        if value == T::default() {
            default
        } else {
            value
        }
    }
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    if config.max_frames > FRAMESEAL_MAX_HELD_FRAMES {
        return Err(invalid("too many frames"));
    }
    let made = HoldingConfig::for_suite(suite);
    let made = made
        .with_limits(
            or(size(config.max_frames.into()), made.max_frames),
            or(size(config.max_bytes), made.max_bytes),
        )
        .with_sender_limits(
            or(size(config.sender_frames.into()), made.sender_frames),
            or(size(config.sender_bytes), made.sender_bytes),
        )
        .with_max_age(or(Duration::from_millis(config.max_age_ms), made.max_age));
    Ok(match (config.epoch_bits, config.index_bits) {
        (0, 0) => made,
        (epoch_bits, index_bits) => {
            made.with_layout(KidLayout::new(epoch_bits.into(), index_bits.into())?)
        }
    })
}

/// Wipes what waits and frees the buffer; NULL is allowed and does nothing.
///
/// No call on it may be running, and none may follow. Any thread, and also the child of a fork,
/// where the copy is not freed and wiped but stays until the child ends if another thread was inside
/// a call on it when the process forked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_free(buffer: *mut frameseal_holding_buffer) {
    // SAFETY: C promises that it is NULL or owned by the caller and not in use.
    enter_or((), || unsafe { take_back(buffer) });
}

/// Drops the frames whose time is over. Every other call with a time does so too; to be called at
/// `frameseal_holding_buffer_next_deadline`.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_poll(
    buffer: *mut frameseal_holding_buffer,
    now_ms: u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(buffer) }?;
        handle.lock()?.poll(Timestamp::from_millis(now_ms));
        Ok(())
    })
}

/// Tells when the next frame is dropped if its key does not come: `*pending` is set to whether one
/// waits, and if so `*at_ms` to that time.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_next_deadline(
    buffer: *const frameseal_holding_buffer,
    pending: *mut bool,
    at_ms: *mut u64,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let pending_place = unsafe { Out::new(pending) }?;
        // SAFETY: the same.
        let at_place = unsafe { Out::new(at_ms) }?;
        refuse_overlap(pending_place.span(), &[at_place.span()])?;
        let deadline = handle.lock()?.next_deadline();
        pending_place.set(deadline.is_some());
        if let Some(at) = deadline {
            at_place.set(at.as_millis());
        }
        Ok(())
    })
}

/// Wipes all frames, as when a call ends; they are not counted as expired.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_clear(
    buffer: *mut frameseal_holding_buffer,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that the handle is one.
        let handle = unsafe { object(buffer) }?;
        handle.lock()?.clear();
        Ok(())
    })
}

/// Tells what it holds and has done.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a pointer or `struct_size` cannot be right
///
/// Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_holding_buffer_stats(
    buffer: *const frameseal_holding_buffer,
    stats: *mut frameseal_holding_stats,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(buffer) }?;
        // SAFETY: the same.
        let answers = unsafe { Answers::new(stats) }?;
        let found = handle.lock()?.stats();
        answers.update(|stats| stats.tell(found));
        Ok(())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;

    fn zero() -> frameseal_holding_config {
        frameseal_holding_config {
            struct_size: 0,
            max_bytes: 0,
            sender_bytes: 0,
            max_age_ms: 0,
            max_frames: 0,
            sender_frames: 0,
            epoch_bits: 0,
            index_bits: 0,
        }
    }

    #[test]
    fn zero_means_the_defaults_of_the_core() {
        let made = holding_config(SUITE, &zero()).unwrap();
        assert_eq!(made, HoldingConfig::for_suite(SUITE));
    }

    #[test]
    fn every_field_reaches_the_core() {
        let changes: &[&dyn Fn(&mut frameseal_holding_config)] = &[
            &|_| {},
            &|c| c.max_bytes = 1,
            &|c| c.sender_bytes = 1,
            &|c| c.max_age_ms = 1,
            &|c| c.max_frames = 1,
            &|c| c.sender_frames = 1,
            &|c| c.epoch_bits = 1,
            &|c| (c.epoch_bits, c.index_bits) = (1, 1),
        ];
        let mut seen = Vec::new();
        for change in changes {
            let mut config = zero();
            change(&mut config);
            let made = holding_config(SUITE, &config).unwrap();
            assert!(!seen.contains(&made), "{config:?}");
            seen.push(made);
        }
        let mut config = zero();
        config.index_bits = 1;
        assert!(holding_config(SUITE, &config).is_err(), "no bits of epoch");
        let mut config = zero();
        config.max_frames = FRAMESEAL_MAX_HELD_FRAMES + 1;
        assert!(holding_config(SUITE, &config).is_err());
    }
}
