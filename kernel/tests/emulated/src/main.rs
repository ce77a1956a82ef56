//! The checks of `frameseal-kernel` on a machine that is nothing but an emulated processor.
//!
//! The boot sector calls `program` with a letter, which says what to do.
#![no_std]
#![no_main]

#[macro_use]
extern crate alloc;

#[allow(dead_code)]
#[path = "../../checks/mod.rs"]
mod checks;
mod count;
mod machine;

use checks::{against, failures, pages, secrets, vectors};
use frameseal_kernel::{Aes128Gcm, Aes256Gcm, is_available};
use machine::{end, instructions, say};

/// Random operations.
const OPERATIONS: usize = match option_env!("FRAMESEAL_KERNEL_OPERATIONS") {
    Some(text) => match usize::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("not a number"),
    },
    None => 20_000,
};
/// Their seed.
const SEED: u64 = match option_env!("FRAMESEAL_KERNEL_SEED") {
    Some(text) => match u64::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("not a number"),
    },
    None => 1,
};

#[unsafe(no_mangle)]
#[unsafe(link_section = ".text.entry")]
extern "C" fn program(what: u32) -> ! {
    machine::watch_faults();
    match what as u8 {
        b'a' => all(),
        b'r' => {
            check("random operations", || {
                against::random_operations(SEED, OPERATIONS)
            });
        }
        b'c' => count::all(),
        b'n' => none(),
        b'o' => {
            machine::disable_avx512_state();
            none();
        }
        _ => panic!("unknown letter"),
    }
    say!("PASSED");
    end()
}

fn check(name: &str, run: impl FnOnce()) {
    let before = instructions();
    run();
    let millions = (instructions() - before) / 1_000_000;
    say!("ok {name} ({millions} million instructions)");
}

fn all() {
    assert!(is_available());
    check("published vectors", vectors::published_vectors);
    check("sizes", secrets::keys_have_their_size);
    check("wiping", secrets::a_dropped_key_is_wiped);
    check(
        "nothing left of a key",
        secrets::a_call_leaves_nothing_of_the_key,
    );
    check("constant number of instructions", || {
        count::no_secret_changes_it(10);
    });
    check(
        "lengths that differ",
        failures::lengths_that_differ_are_refused,
    );
    check("guard pages", || {
        pages::nothing_outside_is_touched(8, machine::guarded())
    });
    check("limits", || against::limits(4, 70_000));
    check("every length", || against::every_length(2, 1_100, 3));
    check("every length of associated data", || {
        against::every_aad_length(3, 600)
    });
    check("every alignment", || against::every_alignment(5));
    check("moved ends", || failures::moved_ends_are_refused(7));
    check("forged bits", || {
        failures::every_forged_bit_is_refused(6, 500)
    });
    check("a megabyte", || against::megabyte(9));
    check("random operations", || {
        against::random_operations(SEED, OPERATIONS)
    });
}

fn none() {
    assert!(!is_available());
    assert!(Aes128Gcm::new(&[0; 16]).is_none());
    assert!(Aes256Gcm::new(&[0; 32]).is_none());
    say!("ok there is no key");
}
