//! A call in virtual time, in which everything goes wrong that can: members come, go and crash,
//! commits arrive late, the network loses and reorders, and attackers work against it.
//!
//! Deterministic: the settings, with the seed in them, decide everything; no clock is read. The
//! example `churn` shows such a call, `tests/simulator.rs` runs many.
//!
//! - [`simulation`]: the loop of events, which everything else hangs on
//! - [`delivery_service`], [`population`]: who is in the group, and who comes and goes when
//! - [`device`]: a member's epoch manager, used as an application would; start reading here
//! - [`expected_epochs`], [`oracle`]: what the manager must answer, computed in another way
//! - [`network`], [`attackers`]: what goes wrong
//! - [`judge`], [`ledger`], [`changes`], [`nonces`], [`checks`]: what became of it

pub(crate) mod attackers;
pub(crate) mod changes;
pub(crate) mod checks;
pub(crate) mod delivery_service;
pub(crate) mod device;
pub(crate) mod expected_epochs;
pub(crate) mod judge;
pub(crate) mod ledger;
pub(crate) mod network;
pub(crate) mod nonces;
pub(crate) mod oracle;
pub(crate) mod packet;
pub(crate) mod population;
pub(crate) mod queue;
pub(crate) mod random;
pub(crate) mod settings;
pub(crate) mod simulation;
