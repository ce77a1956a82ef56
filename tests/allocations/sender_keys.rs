//! Sender keys (RFC 9605 §5.1): frames allocate nothing, and with a fixed capacity neither does a
//! ratchet, a roll or a member.

use core::ops::Range;

use frameseal::{
    CipherSuite, Error, Metadata, RatchetBits, ReceivingChainCore, SenderKeysCore, SendingChain,
    Storage, Timestamp, fixed,
};

use super::{
    BASE_KEY, META, Receiver, Sender, calls, receiving_allocates_nothing, sending_allocates_nothing,
};

/// With these, the key id is that of the other tests.
const BITS: RatchetBits = RatchetBits::STANDARD;
const GENERATION: u64 = 0x12;
const STEP: u64 = 0x34;
const ALICE: u64 = 1;

fn now() -> Timestamp {
    Timestamp::from_millis(1000)
}

impl Sender for SendingChain {
    sender_methods!();

    fn make(suite: CipherSuite) -> Self {
        Self::new(suite, BITS, GENERATION, &BASE_KEY).unwrap()
    }
}

impl<S: Storage, C: Storage> Sender for SenderKeysCore<S, C> {
    sender_methods!();

    fn make(suite: CipherSuite) -> Self {
        let mut keys = Self::new(suite);
        keys.start_sending(BITS, GENERATION, &BASE_KEY).unwrap();
        keys
    }
}

impl<S: Storage> Receiver for ReceivingChainCore<S> {
    fn make(suite: CipherSuite) -> Self {
        Self::new(suite, BITS, GENERATION, STEP, &BASE_KEY).unwrap()
    }

    fn in_place(&mut self, meta: Metadata<'_>, sealed: &mut [u8]) -> Result<usize, Error> {
        self.decrypt(now(), meta, sealed)
            .map(|opened| opened.payload.len())
    }

    fn apart(&mut self, meta: Metadata<'_>, sealed: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        self.decrypt_to(now(), meta, sealed, out)
            .map(|opened| opened.payload.len())
    }

    fn within(&mut self, meta: Metadata<'_>, buffer: &mut [u8]) -> Result<usize, Error> {
        let sealed = 0..buffer.len();
        self.decrypt_within(now(), meta, buffer, sealed, 1)
            .map(|opened| opened.payload.len())
    }
}

impl<S: Storage, C: Storage> Receiver for SenderKeysCore<S, C> {
    fn make(suite: CipherSuite) -> Self {
        let mut keys = Self::new(suite);
        let key = [0x43; 16];
        keys.add_member(now(), 2, BITS, GENERATION, STEP, &key)
            .unwrap();
        keys.add_member(now(), ALICE, BITS, GENERATION, STEP, &BASE_KEY)
            .unwrap();
        keys
    }

    fn in_place(&mut self, meta: Metadata<'_>, sealed: &mut [u8]) -> Result<usize, Error> {
        self.decrypt(now(), ALICE, meta, sealed)
            .map(|opened| opened.payload.len())
    }

    fn apart(&mut self, meta: Metadata<'_>, sealed: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        self.decrypt_to(now(), ALICE, meta, sealed, out)
            .map(|opened| opened.payload.len())
    }

    fn within(&mut self, meta: Metadata<'_>, buffer: &mut [u8]) -> Result<usize, Error> {
        let sealed = 0..buffer.len();
        self.decrypt_within(now(), ALICE, meta, buffer, sealed, 1)
            .map(|opened| opened.payload.len())
    }
}

#[test]
fn sender_keys_of_fixed_capacity_allocate_nothing_for_frames() {
    sending_allocates_nothing::<SendingChain>();
    sending_allocates_nothing::<fixed::SenderKeys<2>>();
    receiving_allocates_nothing::<fixed::ReceivingChain<4>>();
    receiving_allocates_nothing::<fixed::SenderKeys<2>>();
}

#[cfg(feature = "alloc")]
#[test]
fn growing_sender_keys_allocate_nothing_for_frames() {
    sending_allocates_nothing::<frameseal::SenderKeys>();
    receiving_allocates_nothing::<frameseal::ReceivingChain>();
    receiving_allocates_nothing::<frameseal::SenderKeys>();
}

/// A frame of `sender` with the last byte changed, so that it does not authenticate.
#[cfg(feature = "alloc")]
fn forged(sender: &mut SendingChain) -> Vec<u8> {
    let mut frame = vec![0; sender.sealed_len(20).unwrap()];
    sender.apart(&[7; 20], &mut frame).unwrap();
    *frame.last_mut().unwrap() ^= 1;
    frame
}

#[cfg(feature = "alloc")]
#[test]
fn a_repeated_forged_candidate_allocates_once() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let mut sender = <SendingChain as Sender>::make(suite);
    let key = sender.joiner_key().base_key.as_ref().to_vec();
    let mut receiver = frameseal::ReceivingChain::new(suite, BITS, GENERATION, 0, &key).unwrap();
    sender.ratchet().unwrap();
    let mut forged = forged(&mut sender);
    let mut attempt = || {
        let opened = receiver.in_place(Metadata::from(&META), &mut forged);
        assert_eq!(opened, Err(Error::Authentication));
    };
    assert!(calls(&mut attempt) > 0, "the candidate");
    assert_eq!(calls(|| (0..100).for_each(|_| attempt())), 0);
}

#[test]
fn sender_keys_of_fixed_capacity_allocate_nothing_even_for_keys() {
    for suite in CipherSuite::ALL {
        let mut sender = <SendingChain as Sender>::make(suite);
        let made = calls(|| {
            let mut receiver =
                fixed::ReceivingChain::<4>::new(suite, BITS, GENERATION, 0, &BASE_KEY).unwrap();
            let mut buffer = [0; 64];
            for _ in 0..10 {
                sender.ratchet().unwrap();
                sender.ratchet().unwrap();
                let range: Range<usize> = 0..sender.apart(&[7; 20], &mut buffer).unwrap();
                let opened = receiver.in_place(Metadata::from(&META), &mut buffer[range]);
                assert_eq!(opened, Ok(20));
            }
            sender.roll(GENERATION + 1, &[9; 16]).unwrap();
            receiver
                .add_generation(now(), GENERATION + 1, 0, &[9; 16])
                .unwrap();
            receiver.poll(Timestamp::from_millis(20_000));
            assert_eq!(receiver.status().steps, 1);

            let mut keys = fixed::SenderKeys::<2>::new(suite);
            keys.start_sending(BITS, 0, &[8; 16]).unwrap();
            keys.ratchet().unwrap();
            keys.roll(1, &[7; 16]).unwrap();
            keys.add_member(now(), ALICE, BITS, 0, 0, &BASE_KEY)
                .unwrap();
            keys.remove_member(ALICE).unwrap();
        });
        assert_eq!(made, 0, "{suite}");
    }
}
