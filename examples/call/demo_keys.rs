//! Stands in for the key management of a call. **For the demonstration only.**
//!
//! All base keys come from one seed that is printed in this file, so that a run can be repeated. A
//! real call gets a fresh base key for each sender from its key management, over a channel that
//! the forwarder cannot read: MLS (RFC 9605 §5.2), or sender keys over an end-to-end encrypted
//! signalling channel (§5.1).

use frameseal::KeyId;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::participant::StreamId;

const SEED: &[u8] = b"frameseal demo seed: everybody knows it, so it protects nothing";

/// Streams of one participant that the key ids have room for.
pub(crate) const MAX_STREAMS: usize = 8;

/// A base key, and the key id that names it on the wire.
pub(crate) struct DemoKey {
    pub(crate) key_id: KeyId,
    pub(crate) base_key: Zeroizing<[u8; 32]>,
}

/// Which set of keys the call uses. Everybody rolls to new keys when somebody is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    First,
    AfterRemoval,
}

/// The key of one stream of one participant.
///
/// Each has a base key and a key id of its own, as RFC 9605 §4.4.1 asks. The key id is generation
/// (1 bit), participant (4 bits, from 1 on) and stream (3 bits), so it takes one byte in a header.
pub(crate) fn key(generation: Generation, stream: StreamId) -> crate::Result<DemoKey> {
    let generation = match generation {
        Generation::First => 0,
        Generation::AfterRemoval => 1,
    };
    let participant = u64::try_from(stream.participant + 1)?;
    let key_id = (generation << 7) | (participant << 3) | u64::try_from(stream.stream)?;
    let mut base_key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, SEED)
        .expand(&key_id.to_be_bytes(), &mut *base_key)
        .map_err(|error| error.to_string())?;
    Ok(DemoKey {
        key_id: KeyId::new(key_id),
        base_key,
    })
}
