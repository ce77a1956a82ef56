//! The epoch manager: epochs that come in every order, go in time, and never send twice with one
//! nonce.

#[path = "epochs/call.rs"]
mod call;

#[path = "epochs/changes.rs"]
mod changes;
#[path = "epochs/forgeries.rs"]
mod forgeries;
#[path = "epochs/leaving.rs"]
mod leaving;
#[path = "epochs/nonces.rs"]
mod nonces;
#[path = "epochs/passthrough.rs"]
mod passthrough;
#[path = "epochs/told.rs"]
mod told;
