//! Base keys sealed to each participant, for a delivery service that carries them and can neither
//! read nor make them (feature `hpke`).
//!
//! Under `sender_keys/`, on RFC 9180: mode auth, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! AES-128-GCM. Every participant has a key pair, and knows whose public key is whose from elsewhere.
//!
//! ```text
//! message = version(1 byte: 1) ‖ be64(generation) ‖ be64(step) ‖ enc(32) ‖ ct(base key + 16)
//! info    = "frameseal sender key 1"
//! aad     = vec(call) ‖ vec(sender id) ‖ vec(sender's public key)
//!           ‖ vec(recipient id) ‖ vec(recipient's public key)
//!           ‖ be64(generation) ‖ be64(step) ‖ R(1 byte) ‖ be16(cipher suite)
//! vec(x)  = be16(length of x) ‖ x
//! ```
//!
//! What holds a message to one call, sender, recipient, generation, step, `R` and suite is all in
//! `aad`, so a message that is moved, renamed or changed does not authenticate.
//!
//! What it does not do (RFC 9180 §9.1.1, §9.7.4):
//!
//! - **No forward secrecy against the recipient's key.** Whoever gets a recipient's secret key opens
//!   every message that was ever sealed to it, and with the base keys in them the frames. Keep a key
//!   pair no longer than a call, where that is possible.
//! - **A stolen recipient key forges senders to that recipient** (key-compromise impersonation):
//!   whoever has it makes messages that open there as anybody's. Nobody else is deceived.
//!
//! ```
//! use frameseal::sender_keys::sealing::{Envelope, SealingSecretKey, open, seal};
//! use frameseal::{CipherSuite, RatchetBits, ReceivingChain, SendingChain};
//!
//! # let random = |byte| [byte; 32];
//! let (suite, bits) = (CipherSuite::Aes128GcmSha256_128, RatchetBits::STANDARD);
//! let alice = SealingSecretKey::from_random(&random(1));
//! let bob = SealingSecretKey::from_random(&random(2));
//! let (from, to) = (alice.public_key(), bob.public_key());
//! let envelope = Envelope { call: b"call 7", sender: b"alice", recipient: b"bob", suite, bits };
//!
//! let mut chain = SendingChain::new(suite, bits, 3, &[0x42; 16])?;
//! chain.ratchet()?;
//! let mut message = [0; 256];
//! let len = seal(&envelope, &alice, &to, &chain.joiner_key(), &random(3), &mut message)?;
//!
//! let key = open(&envelope, &bob, &from, None, &message[..len])?;
//! assert_eq!((key.generation, key.step), (3, 1));
//! let base_key = key.base_key.as_ref();
//! let receiver = ReceivingChain::new(suite, bits, key.generation, key.step, base_key)?;
//! # Ok::<(), frameseal::Error>(())
//! ```

mod aad;
mod auth_mode;
mod keys;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

pub use keys::{SealingPublicKey, SealingSecretKey};

use aad::Aad;
use auth_mode::{Given, KEY_LEN, TAG_LEN, open_auth, seal_auth};

use super::ratchet_bits::RatchetBits;
use super::sending_chain::JoinerKey;
use crate::cipher_suite::CipherSuite;
use crate::error::Error;
use crate::key_schedule::{BaseKey, MIN_BASE_KEY_LEN};

/// The longest id of a call or participant in an [`Envelope`], in bytes.
pub const MAX_ID_LEN: usize = 255;

/// Bytes that a sealed message has more than the base key in it: version, generation, step, an
/// ephemeral public key and a tag.
pub const SEALED_KEY_OVERHEAD: usize = PREFIX_LEN + KEY_LEN + TAG_LEN;

const VERSION: u8 = 1;
const INFO: &[u8; 22] = b"frameseal sender key 1";
const EPHEMERAL_LABEL: &[u8; 22] = b"frameseal ephemeral 1 ";
/// Version, generation, step.
const PREFIX_LEN: usize = 17;

/// What a sealed base key is for, besides generation, step and the two public keys. Both sides must
/// say the same; the ids are the application's, of up to [`MAX_ID_LEN`] bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The call. It must differ between any two calls.
    pub call: &'a [u8],
    /// Whose base key it is, and who seals it.
    pub sender: &'a [u8],
    /// To whom.
    pub recipient: &'a [u8],
    /// The suite of the sender's frames.
    pub suite: CipherSuite,
    /// The ratchet bits of the sender's key ids.
    pub bits: RatchetBits,
}

/// A base key that was opened: what a [`ReceivingChain`](crate::ReceivingChain) is made from, or
/// given as a new generation.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenedKey {
    /// The generation.
    pub generation: u64,
    /// The ratchet step in it, counted in full.
    pub step: u64,
    /// The base key of this step.
    pub base_key: BaseKey,
}

/// Seals a base key to one participant: a message of [`SEALED_KEY_OVERHEAD`] bytes more than the
/// base key, written to `out`; how many bytes it has.
///
/// `random` are 32 secret random bytes, new for every message. They are mixed with all that is
/// sealed, so that a generator that repeats itself does not repeat a nonce.
///
/// # Errors
/// - [`Error::BufferTooSmall`] with the bytes that `out` needs
/// - [`Error::InvalidArgument`] when an id has more than [`MAX_ID_LEN`] bytes, when the public key
///   is of low order (the shared secret would be all zero, RFC 9180 §7.1.4), or when the generation
///   does not fit the ratchet bits
pub fn seal(
    envelope: &Envelope<'_>,
    sender: &SealingSecretKey,
    recipient: &SealingPublicKey,
    joiner_key: &JoinerKey<'_>,
    random: &[u8; 32],
    out: &mut [u8],
) -> Result<usize, Error> {
    let (generation, step) = (joiner_key.generation, joiner_key.step);
    envelope.bits.key_id(generation, step)?;
    let aad = Aad::new(
        envelope,
        [&sender.public_key(), recipient],
        generation,
        step,
    )?;
    let base_key = joiner_key.base_key.as_ref();
    let len = base_key.len().saturating_add(SEALED_KEY_OVERHEAD);
    let too_small = Error::BufferTooSmall { needed: len };
    let message = out.get_mut(..len).ok_or(too_small)?;
    let (prefix, rest) = message
        .split_first_chunk_mut::<PREFIX_LEN>()
        .ok_or(too_small)?;
    *prefix = write_prefix(generation, step);
    let ephemeral = ephemeral_seed(random, sender, &aad, base_key)?;
    let sealed = seal_auth(
        sender,
        recipient,
        INFO,
        aad.bytes(),
        ephemeral,
        base_key,
        rest,
    );
    if sealed.is_err() {
        message.fill(0);
    }
    sealed?;
    Ok(len)
}

/// Opens a base key that was sealed to us. `last` is the last generation of this sender that was
/// accepted: only a higher one opens.
///
/// # Errors
/// - [`Error::GenerationTooOld`] when the generation that the message names is not higher than
///   `last`; this is found before the message is opened, so anybody may have named it
/// - [`Error::Authentication`] when the message is cut off, changed, of another version, from
///   another sender, to another recipient, or sealed for another call, suite or `R`
/// - [`Error::InvalidArgument`] when an id has more than [`MAX_ID_LEN`] bytes
pub fn open(
    envelope: &Envelope<'_>,
    recipient: &SealingSecretKey,
    sender: &SealingPublicKey,
    last: Option<u64>,
    message: &[u8],
) -> Result<OpenedKey, Error> {
    let (prefix, rest) = message
        .split_first_chunk::<PREFIX_LEN>()
        .ok_or(Error::Authentication)?;
    let (generation, step) = read_prefix(prefix).ok_or(Error::Authentication)?;
    if last.is_some_and(|last| generation <= last) {
        return Err(Error::GenerationTooOld(generation));
    }
    let aad = Aad::new(
        envelope,
        [sender, &recipient.public_key()],
        generation,
        step,
    )?;
    let mut room = Zeroizing::new([0; MAX_BASE_KEY_LEN]);
    let base_key = open_auth(recipient, sender, INFO, aad.bytes(), rest, &mut *room)?;
    if base_key.len() < MIN_BASE_KEY_LEN || envelope.bits.key_id(generation, step).is_err() {
        return Err(Error::Authentication);
    }
    Ok(OpenedKey {
        generation,
        step,
        base_key: BaseKey::new(base_key)?,
    })
}

const MAX_BASE_KEY_LEN: usize = 96;

fn write_prefix(generation: u64, step: u64) -> [u8; PREFIX_LEN] {
    let mut prefix = [VERSION; PREFIX_LEN];
    let bytes = generation
        .to_be_bytes()
        .into_iter()
        .chain(step.to_be_bytes());
    for (to, from) in prefix.iter_mut().skip(1).zip(bytes) {
        *to = from;
    }
    prefix
}

/// Generation and step, of this version.
fn read_prefix(prefix: &[u8; PREFIX_LEN]) -> Option<(u64, u64)> {
    let (version, numbers) = prefix.split_first()?;
    let (generation, rest) = numbers.split_first_chunk()?;
    let step = rest.first_chunk()?;
    let numbers = (u64::from_be_bytes(*generation), u64::from_be_bytes(*step));
    (*version == VERSION).then_some(numbers)
}

/// The seed of the ephemeral key pair: HMAC-SHA256 under `random` of all that is sealed.
///
/// Messages under one ephemeral key and to one recipient would share key and nonce. So they must be
/// the same, byte for byte, to have the same ephemeral key, whatever `random` is.
fn ephemeral_seed(
    random: &[u8; 32],
    sender: &SealingSecretKey,
    aad: &Aad,
    base_key: &[u8],
) -> Result<Given, Error> {
    // Never taken: every length is a key.
    let mut mac = Hmac::<Sha256>::new_from_slice(random).map_err(|_| Error::Authentication)?;
    mac.update(EPHEMERAL_LABEL);
    mac.update(&sender.0);
    mac.update(aad.bytes());
    mac.update(base_key);
    let mut seed = mac.finalize().into_bytes();
    let bytes = Zeroizing::new(<[u8; 32]>::from(seed));
    seed.as_mut_slice().zeroize();
    Ok(Given::new(&bytes))
}
