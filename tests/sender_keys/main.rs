//! Sender keys (RFC 9605 §5.1) through the public API: chains that ratchet and roll, what is kept
//! and for how long, participants, and what attackers try; a named test for each rule.

#[path = "../support/random.rs"]
mod random;
#[path = "../../src/test_vectors.rs"]
mod test_vectors;

mod attacks;
mod chains;
mod directions;
#[cfg(feature = "hpke")]
mod interop;
mod model;
mod participants;
mod retention;
#[cfg(feature = "hpke")]
mod sealing;
mod vectors;

use frameseal::{CipherSuite, Error, RatchetBits, SendingChain, Timestamp};

/// Both kinds of storage behave the same; the property test runs with both.
#[cfg(feature = "alloc")]
type Chain = frameseal::ReceivingChain;
#[cfg(not(feature = "alloc"))]
type Chain = frameseal::fixed::ReceivingChain<16>;

#[cfg(feature = "alloc")]
type Keys = frameseal::SenderKeys;
#[cfg(not(feature = "alloc"))]
type Keys = frameseal::fixed::SenderKeys<4, 16>;

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KEY: [u8; 16] = [0x42; 16];
const OTHER: [u8; 16] = [0x43; 16];

fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A sender at generation 7, step 0, with `R = 8`, and who receives from it.
fn pair() -> (SendingChain, Chain) {
    let bits = RatchetBits::STANDARD;
    (
        SendingChain::new(SUITE, bits, 7, &KEY).unwrap(),
        Chain::new(SUITE, bits, 7, 0, &KEY).unwrap(),
    )
}

fn ratchet(sender: &mut SendingChain, steps: usize) {
    (0..steps).for_each(|_| sender.ratchet().unwrap());
}

fn seal(sender: &mut SendingChain) -> Vec<u8> {
    let mut frame = vec![0; sender.sealed_len(5).unwrap()];
    let len = sender.encrypt(b"meta", b"frame", &mut frame).unwrap();
    assert_eq!(len, frame.len());
    frame
}

/// Opens a copy of the frame; its generation and step.
fn open(chain: &mut Chain, now: u64, frame: &[u8]) -> Result<(u64, u64), Error> {
    let mut frame = frame.to_vec();
    let opened = chain.decrypt(ms(now), b"meta", &mut frame)?;
    assert_eq!(opened.payload, b"frame");
    Ok((opened.generation, opened.step))
}

fn unknown<T>(key_id: u64) -> Result<T, Error> {
    Err(Error::UnknownKeyId(frameseal::KeyId::new(key_id)))
}
