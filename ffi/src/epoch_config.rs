//! How a call with MLS is set up, in C: one structure, filled with the defaults first.

use core::time::Duration;

use frameseal_core::{CipherSuite, EpochConfig, KidLayout, Policy, SendSwitch};

use super::backend::{FRAMESEAL_BACKEND_DEFAULT, frameseal_backend};
use super::decryptor::{
    FRAMESEAL_REPLAY_PROTECTION_OFF, FRAMESEAL_STOP_KEY_ON_FORGERY, frameseal_decryptor_config,
    receive_config,
};
use super::encryptor::{frameseal_encryptor_config, send_config};
use super::entry::enter;
use super::growing::{Growing, fill, size_until};
use super::result::{Failure, frameseal_result, invalid};
use super::suite::frameseal_suite;

/// What a call insists on.
pub type frameseal_policy = u32;

/// End-to-end encryption by default. The application may let single senders pass in the clear for a
/// while, which the status shows. Keys that a removed member knows are accepted for 2 more seconds.
pub const FRAMESEAL_POLICY_STANDARD: frameseal_policy = 1;
/// End-to-end encryption or nothing: no passthrough in either direction, no suite whose tags have
/// fewer than 80 bits, no sending in an epoch that is older than a day, and no overlap after a
/// removal.
pub const FRAMESEAL_POLICY_STRICT: frameseal_policy = 2;

/// When sending moves to a new epoch. A removal moves it at once, whatever is chosen.
pub type frameseal_send_switch = u32;

/// When all members have acknowledged the epoch (`frameseal_epoch_manager_peer_ready`), or after
/// `send_by_ms` at the latest.
pub const FRAMESEAL_SEND_WHEN_READY: frameseal_send_switch = 1;
/// After `send_by_ms`, whatever was acknowledged.
pub const FRAMESEAL_SEND_AFTER: frameseal_send_switch = 2;
/// At the first key frame of a stream with key frames after `send_from_ms`, or after `send_by_ms`
/// at the latest; streams without key frames after `send_from_ms`. At once when all members have
/// acknowledged it.
pub const FRAMESEAL_SEND_AT_KEY_FRAME: frameseal_send_switch = 3;
/// When the application says so (`frameseal_epoch_manager_activate`), and never by itself.
pub const FRAMESEAL_SEND_WHEN_TOLD: frameseal_send_switch = 4;

/// Opens frames of our own leaf as well, as for a test call with oneself.
pub const FRAMESEAL_LOOPBACK: u32 = 4;
/// Gives each epoch the fewest index bits for its leaf count (RFC 9605 section 5.2), instead of
/// `index_bits`. All members must do the same.
pub const FRAMESEAL_INDEX_BITS_BY_LEAVES: u32 = 8;

/// How a call with MLS is set up. Let `frameseal_epoch_config_init` fill in the defaults, then
/// change what shall be different. All times are in milliseconds.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_epoch_config {
    /// `sizeof (frameseal_epoch_config)`.
    pub struct_size: usize,
    /// The cipher suite of all frames.
    pub suite: frameseal_suite,
    /// Bits of a key id for the epoch, 1 to 16; 8 by default. All members use the same.
    pub epoch_bits: u8,
    /// Bits of a key id for the leaf index, 0 to 32; 16 by default. All members use the same.
    pub index_bits: u8,
    /// `FRAMESEAL_LOOPBACK`, `FRAMESEAL_INDEX_BITS_BY_LEAVES`, `FRAMESEAL_REPLAY_PROTECTION_OFF`
    /// and `FRAMESEAL_STOP_KEY_ON_FORGERY`, or 0, the default.
    pub flags: u32,
    /// One of the `FRAMESEAL_POLICY_` numbers.
    pub policy: frameseal_policy,
    /// One of the `FRAMESEAL_SEND_` numbers; `FRAMESEAL_SEND_WHEN_READY` by default.
    pub send_switch: frameseal_send_switch,
    /// From when on sending may move, with `FRAMESEAL_SEND_AT_KEY_FRAME`; 0 by default.
    pub send_from_ms: u64,
    /// When sending moves at the latest; 2,000 by default. Not used by `FRAMESEAL_SEND_WHEN_TOLD`.
    pub send_by_ms: u64,
    /// How long frames of an epoch are accepted after sending moved on; 10,000 by default.
    pub retire_after_ms: u64,
    /// How long frames of older epochs are accepted after a removal: by default 2,000, and 0 under
    /// `FRAMESEAL_POLICY_STRICT`, which takes nothing else.
    pub removal_overlap_ms: u64,
    /// The first context that this manager gives to its streams; 0 by default. A second manager for
    /// the same member must have other contexts.
    pub own_contexts_start: u64,
    /// Behind the last of these contexts; 16 by default.
    pub own_contexts_end: u64,
    /// Contexts that are accepted of each member: those below this number; 16 by default.
    pub streams_per_member: u64,
    /// After how long without a frame a status expires; 10,000 by default.
    pub stale_after_ms: u64,
    /// Frames that may be sealed with one key; 0, the default, for 2^32.
    pub max_frames: u64,
    /// Bytes that may be sealed with one key, counted as in `frameseal_encryptor_config`; 0, the
    /// default, for 2^38.
    pub max_bytes: u64,
    /// Failed opens of one key that raise the forgery alarm; 0, the default, for the number that
    /// `frameseal_decryptor_config` names.
    pub failed_opens: u64,
    /// Counters that the replay window of each key covers, as in `frameseal_decryptor_config`; 0,
    /// the default, for 1,024.
    pub replay_window: u32,
    /// Epochs that may be live at once; 256 by default. The oldest one retires for a new one.
    pub max_epochs: u32,
    /// Receiving keys that are kept expanded; 4,096 by default. A key beyond it is derived again
    /// when it is needed; its replay window stays.
    pub max_cached_keys: u32,
    /// Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
    /// default.
    pub backend: frameseal_backend,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_epoch_config {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_epoch_config, backend) + 4);
}

/// Fills `*config` with the defaults for a suite under a policy, `struct_size` included.
///
/// `struct_size` is `sizeof (frameseal_epoch_config)`; nothing beyond it is written.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, the policy does not exist or
///   does not take the suite, or the pointer or size cannot be right
///
/// A call that fails leaves `*config` as it was. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_epoch_config_init(
    config: *mut frameseal_epoch_config,
    struct_size: usize,
    suite: frameseal_suite,
    policy: frameseal_policy,
) -> frameseal_result {
    enter(|| {
        let policy = known_policy(policy)?;
        let known = CipherSuite::try_from(suite)?;
        policy.check_suite(known)?;
        let defaults = EpochConfig::new(known).with_policy(policy);
        // SAFETY: C promises that the structure has the size that it says.
        unsafe { fill(config, struct_size, &in_c(&defaults, struct_size)) }
    })
}

/// The structure that means this configuration, of which the keys' part has the defaults.
fn in_c(config: &EpochConfig, struct_size: usize) -> frameseal_epoch_config {
    let (send_switch, from, by) = match config.send_switch {
        SendSwitch::WhenReady(by) => (FRAMESEAL_SEND_WHEN_READY, Duration::ZERO, by),
        SendSwitch::After(by) => (FRAMESEAL_SEND_AFTER, Duration::ZERO, by),
        SendSwitch::AtKeyFrame(from, by) => (FRAMESEAL_SEND_AT_KEY_FRAME, from, by),
        _ => (FRAMESEAL_SEND_WHEN_TOLD, Duration::ZERO, Duration::ZERO),
    };
    frameseal_epoch_config {
        struct_size,
        suite: config.suite.id(),
        epoch_bits: u8::try_from(config.layout.epoch_bits()).unwrap_or(0),
        index_bits: u8::try_from(config.layout.index_bits()).unwrap_or(0),
        flags: 0,
        policy: match config.policy {
            Policy::Strict => FRAMESEAL_POLICY_STRICT,
            _ => FRAMESEAL_POLICY_STANDARD,
        },
        send_switch,
        send_from_ms: millis(from),
        send_by_ms: millis(by),
        retire_after_ms: millis(config.retire_after),
        removal_overlap_ms: millis(config.removal_overlap),
        own_contexts_start: config.own_contexts.start,
        own_contexts_end: config.own_contexts.end,
        streams_per_member: config.streams_per_member,
        stale_after_ms: millis(config.stale_after),
        max_frames: 0,
        max_bytes: 0,
        failed_opens: 0,
        replay_window: 0,
        max_epochs: u32::try_from(config.max_epochs).unwrap_or(u32::MAX),
        max_cached_keys: u32::try_from(config.max_cached_keys).unwrap_or(u32::MAX),
        backend: FRAMESEAL_BACKEND_DEFAULT,
    }
}

/// The configuration that the structure means.
pub(super) fn epoch_config(config: &frameseal_epoch_config) -> Result<EpochConfig, Failure> {
    const KEYS: u32 = FRAMESEAL_REPLAY_PROTECTION_OFF | FRAMESEAL_STOP_KEY_ON_FORGERY;
    const KNOWN: u32 = KEYS | FRAMESEAL_LOOPBACK | FRAMESEAL_INDEX_BITS_BY_LEAVES;
    if config.flags & !KNOWN != 0 {
        return Err(invalid("an unknown flag"));
    }
    let suite = CipherSuite::try_from(config.suite)?;
    let layout = KidLayout::new(config.epoch_bits.into(), config.index_bits.into())?;
    let receive = receive_config(
        suite,
        &frameseal_decryptor_config {
            struct_size: 0,
            replay_window: config.replay_window,
            flags: config.flags & KEYS,
            failed_opens: config.failed_opens,
            backend: config.backend,
        },
    )?;
    let send = send_config(&frameseal_encryptor_config {
        struct_size: 0,
        max_frames: config.max_frames,
        max_bytes: config.max_bytes,
        backend: config.backend,
    })?;
    let mut made = EpochConfig::new(suite)
        .with_policy(known_policy(config.policy)?)
        .with_layout(layout)
        .with_send_switch(send_switch(config)?)
        .with_overlaps(
            Duration::from_millis(config.retire_after_ms),
            Duration::from_millis(config.removal_overlap_ms),
        )
        .with_contexts(
            config.own_contexts_start..config.own_contexts_end,
            config.streams_per_member,
        )
        .with_stale_after(Duration::from_millis(config.stale_after_ms))
        .with_max_epochs(usize::try_from(config.max_epochs).unwrap_or(usize::MAX))
        .with_max_cached_keys(usize::try_from(config.max_cached_keys).unwrap_or(usize::MAX))
        .with_keys(send, receive);
    if config.flags & FRAMESEAL_LOOPBACK != 0 {
        made = made.with_loopback();
    }
    if config.flags & FRAMESEAL_INDEX_BITS_BY_LEAVES != 0 {
        made = made.with_index_bits_by_leaves();
    }
    Ok(made)
}

pub(super) fn known_policy(policy: frameseal_policy) -> Result<Policy, Failure> {
    match policy {
        FRAMESEAL_POLICY_STANDARD => Ok(Policy::Standard),
        FRAMESEAL_POLICY_STRICT => Ok(Policy::Strict),
        _ => Err(invalid("an unknown policy")),
    }
}

fn send_switch(config: &frameseal_epoch_config) -> Result<SendSwitch, Failure> {
    let from = Duration::from_millis(config.send_from_ms);
    let by = Duration::from_millis(config.send_by_ms);
    match config.send_switch {
        FRAMESEAL_SEND_WHEN_READY => Ok(SendSwitch::WhenReady(by)),
        FRAMESEAL_SEND_AFTER => Ok(SendSwitch::After(by)),
        FRAMESEAL_SEND_AT_KEY_FRAME => Ok(SendSwitch::AtKeyFrame(from, by)),
        FRAMESEAL_SEND_WHEN_TOLD => Ok(SendSwitch::WhenTold),
        _ => Err(invalid("an unknown time for sending to move")),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_c_are_those_of_the_core() {
        for suite in CipherSuite::ALL {
            for policy in [Policy::Standard, Policy::Strict] {
                let defaults = EpochConfig::new(suite).with_policy(policy);
                let same = epoch_config(&in_c(&defaults, 0)).unwrap();
                assert_eq!(same, defaults);
            }
        }
    }

    #[test]
    fn every_field_reaches_the_core() {
        let defaults = EpochConfig::new(CipherSuite::Aes128GcmSha256_128);
        let changed = |change: &dyn Fn(&mut frameseal_epoch_config)| {
            let mut config = in_c(&defaults, 0);
            change(&mut config);
            epoch_config(&config).unwrap()
        };
        let changes: &[&dyn Fn(&mut frameseal_epoch_config)] = &[
            &|c| c.suite = 1,
            &|c| c.epoch_bits = 7,
            &|c| c.index_bits = 15,
            &|c| c.flags = FRAMESEAL_LOOPBACK,
            &|c| c.flags = FRAMESEAL_INDEX_BITS_BY_LEAVES,
            &|c| c.flags = FRAMESEAL_REPLAY_PROTECTION_OFF,
            &|c| c.flags = FRAMESEAL_STOP_KEY_ON_FORGERY,
            &|c| c.policy = FRAMESEAL_POLICY_STRICT,
            &|c| c.send_switch = FRAMESEAL_SEND_AFTER,
            &|c| c.send_switch = FRAMESEAL_SEND_WHEN_TOLD,
            &|c| c.send_switch = FRAMESEAL_SEND_AT_KEY_FRAME,
            &|c| (c.send_switch, c.send_from_ms) = (FRAMESEAL_SEND_AT_KEY_FRAME, 1),
            &|c| c.send_by_ms = 1,
            &|c| c.retire_after_ms = 1,
            &|c| c.removal_overlap_ms = 1,
            &|c| c.own_contexts_start = 1,
            &|c| c.own_contexts_end = 1,
            &|c| c.streams_per_member = 1,
            &|c| c.stale_after_ms = 1,
            &|c| c.max_frames = 1,
            &|c| c.max_bytes = 1,
            &|c| c.failed_opens = 1,
            &|c| c.replay_window = 64,
            &|c| c.max_epochs = 1,
            &|c| c.max_cached_keys = 1,
            #[cfg(feature = "aws-lc")]
            &|c| c.backend = super::super::FRAMESEAL_BACKEND_AWS_LC,
        ];
        let mut seen = vec![defaults.clone()];
        for change in changes {
            let config = changed(*change);
            assert!(!seen.contains(&config), "{config:?}");
            seen.push(config);
        }
    }
}
