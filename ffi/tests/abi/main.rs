//! The C functions, called as C calls them, with good and with bad arguments.
//!
//! The library has no Rust interface (see `ffi/Cargo.toml`), so its sources are taken in as a
//! module here. `tests/c.sh` tests the built library from C.
#![allow(missing_docs, reason = "tests")]

#[path = "../../src/lib.rs"]
#[allow(
    unreachable_pub,
    unused_imports,
    reason = "a library that is taken in as a module"
)]
mod capi;

mod arguments;
mod audit;
mod base_keys;
mod configuration;
mod device;
mod epoch_arguments;
mod epoch_flood;
#[cfg(unix)]
mod epoch_forking;
mod epoch_overlap;
mod epoch_threads;
mod epoch_watching;
mod epochs;
#[cfg(unix)]
mod forking;
#[cfg(unix)]
mod freed_in_a_child;
mod held_too_large;
mod holding;
mod key_sealing;
mod keys;
mod lists;
mod monitor;
mod outputs;
mod overlap;
mod participant;
mod sender_keys;
mod shown;
mod support;
mod threads;
