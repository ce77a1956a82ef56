//! Derived base keys are those of the core, and may replace the key that they come from.

use super::capi::*;
use super::support::*;
use frameseal_core::{BaseKey, CipherSuite};

#[test]
fn they_are_the_ones_of_the_core_and_may_overlap_their_origin() {
    for id in SUITES {
        let suite = CipherSuite::try_from(id).unwrap();
        let ratcheted = BaseKey::ratchet(suite, &BASE_KEY).unwrap();
        let stream = BaseKey::for_ssrc(suite, &BASE_KEY, 0xdead_beef).unwrap();
        for (expected, ssrc) in [(&ratcheted, None), (&stream, Some(0xdead_beef))] {
            let expected = expected.as_ref();
            for from in [0, 5, 64, 100] {
                let mut buffer = [0; 200];
                buffer[from..from + 32].copy_from_slice(&BASE_KEY);
                assert_eq!(
                    derive(&mut buffer, from, ssrc, id, expected.len() - 1),
                    (FRAMESEAL_ERROR_BUFFER_TOO_SMALL, expected.len())
                );
                assert_eq!(buffer[from..from + 32], BASE_KEY, "left as it was");
                assert_eq!(
                    derive(&mut buffer, from, ssrc, id, 64),
                    (FRAMESEAL_OK, expected.len())
                );
                assert_eq!(buffer[..expected.len()], *expected);
            }
        }
    }
    let mut buffer = [0; 200];
    let refused = derive(&mut buffer, 0, None, 9, 64);
    assert_eq!(refused, (FRAMESEAL_ERROR_INVALID_ARGUMENT, 99));
}

/// From `buffer[from..][..32]` to the start of `buffer`.
fn derive(
    buffer: &mut [u8; 200],
    from: usize,
    ssrc: Option<u32>,
    suite: u16,
    capacity: usize,
) -> (frameseal_result, usize) {
    let base = buffer.as_mut_ptr();
    let origin = base.wrapping_add(from);
    let mut len = 99;
    let place = &raw mut len;
    // SAFETY: everything is inside of `buffer`.
    let result = unsafe {
        match ssrc {
            None => frameseal_base_key_ratchet(suite, origin, 32, base, capacity, place),
            Some(ssrc) => {
                frameseal_base_key_for_ssrc(suite, origin, 32, ssrc, base, capacity, place)
            }
        }
    };
    (result, len)
}

#[test]
fn a_short_base_key_is_refused() {
    let mut buffer = [1; 100];
    let base = buffer.as_mut_ptr();
    let mut len = 99;
    // SAFETY: everything is inside of `buffer`.
    let result = unsafe { frameseal_base_key_ratchet(GCM, base, 15, base, 100, &raw mut len) };
    assert_eq!((result, len), (FRAMESEAL_ERROR_INVALID_ARGUMENT, 99));
    let inside = base.wrapping_add(base.align_offset(align_of::<usize>()));
    // SAFETY: the place inside of the output must be refused.
    let result = unsafe { frameseal_base_key_ratchet(GCM, base, 32, base, 100, inside.cast()) };
    assert_eq!(
        (result, buffer),
        (FRAMESEAL_ERROR_INVALID_ARGUMENT, [1; 100])
    );
}
