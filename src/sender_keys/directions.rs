//! The rule of directions: a base key sends or it receives, never both (RFC 9605 §4.4.1).
//!
//! Under `sender_keys/`. Keys of different steps are the same key if one is ratcheted from the
//! other, so keys of one generation are compared along the chain.

use super::ratchet_bits::RatchetBits;
use super::sending_chain::SendingChain;
use super::steps::MAX_COMPARED;
use crate::cipher_suite::CipherSuite;
use crate::error::Error;
use crate::header::KeyId;
use crate::key_schedule::BaseKey;

/// A generation that is received: its number, the step of its head, and the base key there.
pub(super) type Head<'a> = (u64, u64, &'a BaseKey);

/// Refuses a key that is offered for receiving if it is our own, leads to it, or follows from it.
pub(super) fn check_not_ours(
    own: Option<&SendingChain>,
    bits: RatchetBits,
    generation: u64,
    step: u64,
    base_key: &[u8],
) -> Result<(), Error> {
    let key_id = bits.key_id(generation, step)?;
    let base_key = BaseKey::new(base_key)?;
    match own {
        Some(own) if own.is_ours(generation, step, &base_key)? => Err(Error::KeyIdInUse(key_id)),
        _ => Ok(()),
    }
}

/// Refuses a key that is offered for sending from step 0 on, if it receives or leads to one that
/// does: one walk along its steps, to the last that is received.
pub(super) fn check_never_received<'a, I: Iterator<Item = Head<'a>>>(
    suite: CipherSuite,
    heads: impl Fn() -> I,
    generation: u64,
    base_key: &[u8],
    key_id: KeyId,
) -> Result<(), Error> {
    let mut current = BaseKey::new(base_key)?;
    let given = current.fingerprint(suite)?;
    for (_, _, head) in heads() {
        if head.fingerprint(suite)? == given {
            return Err(Error::KeyIdInUse(key_id));
        }
    }
    let same = || heads().filter(|head| head.0 == generation);
    let last = same().map(|head| head.1).max().unwrap_or(0);
    for step in 1..=last.min(MAX_COMPARED) {
        current = BaseKey::ratchet(suite, current.as_ref())?;
        for (_, _, head) in same().filter(|head| head.1 == step) {
            if head.fingerprint(suite)? == current.fingerprint(suite)? {
                return Err(Error::KeyIdInUse(key_id));
            }
        }
    }
    Ok(())
}
