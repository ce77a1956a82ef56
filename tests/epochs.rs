//! The epoch manager: epochs that come in every order, go in time, and never send twice with one
//! nonce.
//!
//! Most scenarios run over growing storage and over fixed, many also over the manager for several
//! threads; which one is the last part but one of the name of a test.

#[path = "epochs/call.rs"]
mod call;
#[path = "support/frames.rs"]
mod frames;
#[path = "epochs/heap.rs"]
mod heap;
#[path = "epochs/kinds.rs"]
mod kinds;
#[path = "support/random.rs"]
mod random;

#[path = "epochs/allocations.rs"]
mod allocations;
#[path = "epochs/bursts.rs"]
mod bursts;
#[path = "epochs/capacity.rs"]
mod capacity;
#[path = "epochs/changes.rs"]
mod changes;
#[path = "epochs/deadlines.rs"]
mod deadlines;
#[path = "epochs/flood.rs"]
mod flood;
#[path = "epochs/forgeries.rs"]
mod forgeries;
#[path = "epochs/groups.rs"]
mod groups;
#[cfg(feature = "alloc")]
#[path = "epochs/held.rs"]
mod held;
#[path = "epochs/leaving.rs"]
mod leaving;
#[path = "epochs/limits.rs"]
mod limits;
#[path = "epochs/model.rs"]
mod model;
#[path = "epochs/model_frames.rs"]
mod model_frames;
#[path = "epochs/nonces.rs"]
mod nonces;
#[path = "epochs/passthrough.rs"]
mod passthrough;
#[path = "epochs/random_calls.rs"]
mod random_calls;
#[path = "epochs/random_steps.rs"]
mod random_steps;
#[path = "epochs/refusals.rs"]
mod refusals;
#[path = "epochs/status.rs"]
mod status;
#[path = "epochs/streams.rs"]
mod streams;
#[path = "epochs/suites.rs"]
mod suites;
#[path = "epochs/switching.rs"]
mod switching;
#[path = "epochs/told.rs"]
mod told;
#[path = "epochs/verification.rs"]
mod verification;
