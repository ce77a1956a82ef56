//! The checks on this machine. Where it has not the instructions, there is nothing to check but
//! that there is no key; `emulated.sh` runs the same on an emulated machine that has them.
//!
//! `FRAMESEAL_KERNEL_OPERATIONS` is the number of random operations, 200,000 without it.

#[macro_use]
extern crate alloc;

#[allow(dead_code)]
mod checks;

use checks::{against, failures, vectors};
use frameseal_kernel::{Aes128Gcm, Aes256Gcm, is_available};

/// Whether to run; says so when not.
fn here() -> bool {
    if !is_available() {
        eprintln!("skipped: no AVX-512, VAES and VPCLMULQDQ here; see tests/emulated.sh");
    }
    is_available()
}

#[test]
fn there_is_a_key_exactly_where_the_processor_has_the_instructions() {
    let available = cfg!(target_arch = "x86_64") && said_by_std();
    assert_eq!(is_available(), available);
    assert_eq!(Aes128Gcm::new(&[0; 16]).is_some(), available);
    assert_eq!(Aes256Gcm::new(&[0; 32]).is_some(), available);
}

#[cfg(target_arch = "x86_64")]
fn said_by_std() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("aes")
        && is_x86_feature_detected!("vaes")
        && is_x86_feature_detected!("vpclmulqdq")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
}

#[cfg(not(target_arch = "x86_64"))]
fn said_by_std() -> bool {
    false
}

#[test]
fn published_vectors_are_sealed_and_opened() {
    if here() {
        vectors::published_vectors();
    }
}

#[test]
fn random_operations_are_those_of_aes_gcm() {
    if here() {
        let count = std::env::var("FRAMESEAL_KERNEL_OPERATIONS");
        let count = count.map_or(200_000, |count| count.parse().unwrap());
        against::random_operations(1, count);
    }
}

#[test]
fn every_length_is_that_of_aes_gcm() {
    if here() {
        against::every_length(2, 1_100, 12);
        against::every_aad_length(3, 600);
        against::limits(4, 16 * 65_536 + 300);
    }
}

#[test]
fn every_alignment_is_taken() {
    if here() {
        against::every_alignment(5);
    }
}

#[test]
fn what_is_forged_is_refused_and_left_as_it_was() {
    if here() {
        failures::every_forged_bit_is_refused(6, 8);
        failures::moved_ends_are_refused(7);
        failures::lengths_that_differ_are_refused();
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn nothing_is_left_of_a_key() {
    checks::secrets::keys_have_their_size();
    if here() {
        checks::secrets::a_dropped_key_is_wiped();
        if cfg!(debug_assertions) {
            eprintln!("skipped: with debug assertions, vectors are stored; see `--release`");
        } else {
            checks::secrets::a_call_leaves_nothing_of_the_key();
        }
    }
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_slices_is_touched() {
    if here() {
        let regions = [guarded(), guarded(), guarded()];
        checks::pages::nothing_outside_is_touched(8, regions);
    }
}

/// Two pages between two that cannot be touched.
#[cfg(unix)]
fn guarded() -> checks::pages::Guarded {
    // SAFETY: a new mapping, of which the middle is then opened. It is never given back.
    unsafe {
        let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap();
        let (private, none) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, libc::PROT_NONE);
        let start = libc::mmap(core::ptr::null_mut(), 4 * page, none, private, -1, 0);
        assert_ne!(start, libc::MAP_FAILED);
        let start = start.cast::<u8>().add(page);
        let opened = libc::mprotect(start.cast(), 2 * page, libc::PROT_READ | libc::PROT_WRITE);
        assert_eq!(opened, 0);
        checks::pages::Guarded {
            start,
            len: 2 * page,
        }
    }
}
