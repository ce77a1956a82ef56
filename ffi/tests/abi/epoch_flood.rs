//! Who can send bytes can cost others nothing but time: frames that were forged in every way leave
//! live senders as they were.

use super::capi::*;
use super::device::*;

/// A frame with this header, and a body that was never sealed.
fn forged(key_id: u64, counter: u64) -> Vec<u8> {
    // Key id and counter in as many bytes as they need: RFC 9605 section 4.3.
    let field = |value: u64| {
        let bytes = value.to_be_bytes();
        let skip = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
        if value < 8 {
            (value.to_le_bytes()[0], Vec::new())
        } else {
            let bytes = bytes[skip..].to_vec();
            (0x8 | (bytes.len() - 1).to_le_bytes()[0], bytes)
        }
    };
    let ((key_config, key_bytes), (counter_config, counter_bytes)) =
        (field(key_id), field(counter));
    let mut frame = vec![(key_config << 4) | counter_config];
    frame.extend(key_bytes);
    frame.extend(counter_bytes);
    frame.extend([0x66; 40]);
    frame
}

#[test]
fn a_flood_of_forged_frames_stops_no_live_sender() {
    let people: Vec<u32> = (0..20).collect();
    let mut config = config();
    config.max_cached_keys = 8; // fewer than there are senders
    let alice = Device::with_config(0, &config);
    assert_eq!(alice.add(0, 1, &people), FRAMESEAL_OK);
    let senders: Vec<_> = (1..20).map(|i| Device::in_call(i, &people)).collect();

    let mut random = 0x2545_f491_4f6c_dd1du64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut refusals = [0u32; 32];
    for round in 0..200 {
        for forgery in 0..40u64 {
            let number = next();
            let key_id = match forgery % 5 {
                0 => number,                                           // anything
                1 => ((number % 20) << 8) | 1,                         // a member of the epoch
                2 => ((number % 20) << 8) | (number >> 32 & 0xff),     // of some epoch
                3 => ((number % 40) << 24) | ((number % 20) << 8) | 1, // another stream of theirs
                _ => ((number % 0x1_0000) << 8) | 1,                   // nobody
            };
            let counter = if number % 3 == 0 {
                u64::MAX
            } else {
                number % 500
            };
            let error = alice.decrypt(round, &forged(key_id, counter)).unwrap_err();
            refusals[usize::try_from(error).unwrap()] += 1;
        }
        for sender in &senders {
            let frame = sender.encrypt(round, b"still here").unwrap();
            let (opened, info) = alice.decrypt(round, &frame).unwrap();
            assert_eq!(
                (opened, info.member.index),
                (b"still here".to_vec(), sender.index)
            );
            assert_eq!(info.counter, round);
        }
    }
    for error in [
        FRAMESEAL_ERROR_UNKNOWN_KEY_ID,
        FRAMESEAL_ERROR_AUTHENTICATION,
        FRAMESEAL_ERROR_POLICY,
        FRAMESEAL_ERROR_REPLAY,
    ] {
        assert!(
            refusals[usize::try_from(error).unwrap()] > 0,
            "error {error}"
        );
    }
    for sender in &senders {
        let member = alice.member_at(sender.index).unwrap();
        let stats = alice.member_stats(&member).unwrap();
        assert_eq!(stats.opened, 200);
        assert_eq!(
            alice.status(200, &member).level,
            FRAMESEAL_STATUS_END_TO_END
        );
    }
    assert_eq!(alice.sending_epoch(), Ok(1));
    assert!(alice.encrypt(200, b"and so do we").is_ok());
}
