//! How sender keys are set up, in C: one structure, filled with the defaults first.

use core::time::Duration;

use frameseal_core::{ChainConfig, CipherSuite, SendConfig};

use super::backend::{FRAMESEAL_BACKEND_DEFAULT, frameseal_backend};
use super::decryptor::{frameseal_decryptor_config, receive_config};
use super::encryptor::{frameseal_encryptor_config, send_config};
use super::entry::enter;
use super::growing::{Growing, fill, size_until};
use super::result::{Failure, frameseal_result};
use super::suite::frameseal_suite;

/// How sender keys are set up. Let `frameseal_sender_keys_config_init` fill in the defaults, then
/// change what shall be different. All times are in milliseconds.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_sender_keys_config {
    /// `sizeof (frameseal_sender_keys_config)`.
    pub struct_size: usize,
    /// The cipher suite of all frames.
    pub suite: frameseal_suite,
    /// Must be 0.
    pub reserved: u16,
    /// `FRAMESEAL_REPLAY_PROTECTION_OFF` and `FRAMESEAL_STOP_KEY_ON_FORGERY`, or 0, the default.
    pub flags: u32,
    /// Frames that may be sealed with the key of one step; 0, the default, for 2^32.
    pub max_frames: u64,
    /// Bytes that may be sealed with the key of one step, counted as in
    /// `frameseal_encryptor_config`; 0, the default, for 2^38.
    pub max_bytes: u64,
    /// Failed opens of one key that raise the forgery alarm; 0, the default, for the number that
    /// `frameseal_decryptor_config` names.
    pub failed_opens: u64,
    /// How long a ratchet step is kept for late frames after a later one authenticated; 2,000 by
    /// default.
    pub retain_ms: u64,
    /// How long a generation is kept after a newer one was added: as long as the sender may take to
    /// switch, and frames to arrive; 10,000 by default.
    pub retain_generation_ms: u64,
    /// Counters that the replay window of each key covers, as in `frameseal_decryptor_config`; 0,
    /// the default, for 1,024.
    pub replay_window: u32,
    /// The most steps that a frame may be ahead, which are the derivations that one forged frame
    /// can cost; 32 by default.
    pub max_forward: u32,
    /// The most superseded steps of one sender that are kept; 8 by default.
    pub max_retained: u32,
    /// The most generations of one sender that are kept beside the newest; 2 by default.
    pub max_old_generations: u32,
    /// Which implementation computes the AEAD: one of the `FRAMESEAL_BACKEND_` numbers, or 0 for the
    /// default.
    pub backend: frameseal_backend,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_sender_keys_config {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_sender_keys_config, backend) + 4);
}

/// Fills `*config` with the defaults for a suite, `struct_size` included.
///
/// `struct_size` is `sizeof (frameseal_sender_keys_config)`; nothing beyond it is written.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the suite is not registered, or the pointer or size cannot
///   be right
///
/// A call that fails leaves `*config` as it was. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_config_init(
    config: *mut frameseal_sender_keys_config,
    struct_size: usize,
    suite: frameseal_suite,
) -> frameseal_result {
    enter(|| {
        let suite = CipherSuite::try_from(suite)?;
        let defaults = in_c(suite, &ChainConfig::for_suite(suite), struct_size);
        // SAFETY: C promises that the structure has the size that it says.
        unsafe { fill(config, struct_size, &defaults) }
    })
}

/// The structure that means this configuration, of which the keys' part has the defaults.
fn in_c(
    suite: CipherSuite,
    config: &ChainConfig,
    struct_size: usize,
) -> frameseal_sender_keys_config {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    frameseal_sender_keys_config {
        struct_size,
        suite: suite.id(),
        reserved: 0,
        flags: 0,
        max_frames: 0,
        max_bytes: 0,
        failed_opens: 0,
        retain_ms: millis(config.retain),
        retain_generation_ms: millis(config.retain_generation),
        replay_window: 0,
        max_forward: config.max_forward,
        max_retained: config.max_retained,
        max_old_generations: config.max_old_generations,
        backend: FRAMESEAL_BACKEND_DEFAULT,
    }
}

/// The configuration that the structure means.
pub(super) fn sender_keys_config(
    config: &frameseal_sender_keys_config,
) -> Result<(CipherSuite, SendConfig, ChainConfig), Failure> {
    if config.reserved != 0 {
        return Err(super::result::invalid("a reserved field is set"));
    }
    let suite = CipherSuite::try_from(config.suite)?;
    let send = send_config(&frameseal_encryptor_config {
        struct_size: 0,
        max_frames: config.max_frames,
        max_bytes: config.max_bytes,
        backend: config.backend,
    })?;
    let receive = receive_config(
        suite,
        &frameseal_decryptor_config {
            struct_size: 0,
            replay_window: config.replay_window,
            flags: config.flags,
            failed_opens: config.failed_opens,
            backend: config.backend,
        },
    )?;
    let chain = ChainConfig::for_suite(suite)
        .with_receive(receive)
        .with_max_forward(config.max_forward)
        .with_retained_steps(config.max_retained, Duration::from_millis(config.retain_ms))
        .with_old_generations(
            config.max_old_generations,
            Duration::from_millis(config.retain_generation_ms),
        );
    Ok((suite, send, chain))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_c_are_those_of_the_core() {
        for suite in CipherSuite::ALL {
            let defaults = ChainConfig::for_suite(suite);
            let same = sender_keys_config(&in_c(suite, &defaults, 0)).unwrap();
            assert_eq!(same, (suite, SendConfig::standard(), defaults));
        }
    }

    #[test]
    fn every_field_reaches_the_core() {
        let suite = CipherSuite::Aes128GcmSha256_128;
        let defaults = in_c(suite, &ChainConfig::for_suite(suite), 0);
        let changes: &[&dyn Fn(&mut frameseal_sender_keys_config)] = &[
            &|_| {},
            &|c| c.suite = 1,
            &|c| c.flags = super::super::FRAMESEAL_REPLAY_PROTECTION_OFF,
            &|c| c.flags = super::super::FRAMESEAL_STOP_KEY_ON_FORGERY,
            &|c| c.max_frames = 1,
            &|c| c.max_bytes = 1,
            &|c| c.failed_opens = 1,
            &|c| c.retain_ms = 1,
            &|c| c.retain_generation_ms = 1,
            &|c| c.replay_window = 64,
            &|c| c.max_forward = 1,
            &|c| c.max_retained = 1,
            &|c| c.max_old_generations = 1,
            #[cfg(feature = "aws-lc")]
            &|c| c.backend = super::super::FRAMESEAL_BACKEND_AWS_LC,
        ];
        let mut seen = Vec::new();
        for change in changes {
            let mut config = defaults;
            change(&mut config);
            let made = sender_keys_config(&config).unwrap();
            assert!(!seen.contains(&made), "{config:?}");
            seen.push(made);
        }
        let mut config = defaults;
        config.reserved = 1;
        assert!(sender_keys_config(&config).is_err());
    }
}
