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
mod base_keys;
mod configuration;
#[cfg(unix)]
mod forking;
mod keys;
mod outputs;
mod overlap;
mod support;
mod threads;
