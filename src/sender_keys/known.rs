//! Which sender keys are here: what a holding buffer asks before it keeps a frame.
//!
//! Fourth layer. Key ids are unique only for each sender, so there is one holding buffer for each.

use super::participant::SenderKeysCore;
use super::receiving_chain::ReceivingChainCore;
use crate::header::KeyId;
use crate::holding::KnownKeys;
use crate::storage::Storage;

impl<S: Storage> KnownKeys for ReceivingChainCore<S> {
    /// Whether there is nothing to wait for: only a generation that is newer than all that are here
    /// can still come.
    fn is_known(&self, key_id: KeyId) -> bool {
        self.ratchet_bits().parts(key_id).generation <= self.status().generation
    }
}

/// The keys of one member, who may not be here yet; see [`SenderKeysCore::keys_of`].
#[derive(Debug)]
pub struct KeysOf<'a, S: Storage, C: Storage = S> {
    keys: &'a SenderKeysCore<S, C>,
    member: u64,
}

impl<S: Storage, C: Storage> SenderKeysCore<S, C> {
    /// The keys of one member, for the [`HoldingBuffer`](crate::HoldingBuffer) in which this
    /// member's frames wait. Frames wait for a member who was not added yet, and for a newer
    /// generation.
    ///
    /// ```
    /// # use frameseal::{CipherSuite, Error, HoldingBuffer, HoldingConfig, RatchetBits, SenderKeys};
    /// # use frameseal::Timestamp;
    /// # let (suite, bits, now) = (
    /// #     CipherSuite::Aes128GcmSha256_128,
    /// #     RatchetBits::STANDARD,
    /// #     Timestamp::from_millis(0),
    /// # );
    /// # const ALICE: u64 = 1;
    /// # let mut alice = SenderKeys::new(suite);
    /// # alice.start_sending(bits, 0, &[0x42; 16])?;
    /// # let mut buffer = [0; 64];
    /// # let len = alice.encrypt(b"camera", b"an early frame", &mut buffer)?;
    /// # let frame = &mut buffer[..len];
    /// let mut bob = SenderKeys::new(suite);
    /// let mut of_alice = HoldingBuffer::new(HoldingConfig::for_suite(suite));
    ///
    /// match bob.decrypt(now, ALICE, b"camera", frame) {
    ///     Err(Error::UnknownKeyId(_) | Error::UnknownMember) => {
    ///         // What is refused here is lost, as it would be without a buffer.
    ///         let _ = of_alice.hold(now, &bob.keys_of(ALICE), b"camera", frame);
    ///     }
    ///     _ => {} // play it, or drop it
    /// }
    /// // Some milliseconds later her key comes.
    /// bob.add_member(now, ALICE, bits, 0, 0, &[0x42; 16])?;
    /// while let Some(mut held) = of_alice.poll_frame(now, &bob.keys_of(ALICE)) {
    ///     let (metadata, sealed) = held.split_mut();
    ///     assert_eq!(bob.decrypt(now, ALICE, metadata, sealed)?.payload, b"an early frame");
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn keys_of(&self, member: u64) -> KeysOf<'_, S, C> {
        KeysOf { keys: self, member }
    }
}

impl<S: Storage, C: Storage> KnownKeys for KeysOf<'_, S, C> {
    /// As for the member's [`ReceivingChainCore`]; nothing is known of a member who is not here.
    fn is_known(&self, key_id: KeyId) -> bool {
        let chain = self.keys.member(self.member);
        chain.is_some_and(|chain| chain.is_known(key_id))
    }
}
