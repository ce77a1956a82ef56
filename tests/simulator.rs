//! A call in virtual time in which everything goes wrong that can; what must hold, holds.
//!
//! The world is that of the example `churn`. Runs of two virtual minutes are ordinary tests; the
//! full one, of 50 members and 30 minutes, is `tests/simulator.sh`.
#![cfg(feature = "alloc")]

#[path = "../examples/call/check.rs"]
#[allow(dead_code, reason = "used by the world, and by other examples")]
mod check;
#[path = "../examples/churn/plot/mod.rs"]
mod plot;
#[path = "../examples/churn/world/mod.rs"]
#[allow(dead_code, reason = "what only the example shows")]
mod world;

#[path = "simulator/calls.rs"]
mod calls;
#[path = "simulator/parts.rs"]
mod parts;
#[path = "simulator/plots.rs"]
mod plots;
