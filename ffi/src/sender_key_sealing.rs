//! Base keys sealed to each participant, in C: for a delivery service that carries them and can
//! neither read nor make them.

use frameseal_core::sender_keys::sealing::{
    self, Envelope, MAX_ID_LEN, SEALED_KEY_OVERHEAD, SealingPublicKey, SealingSecretKey,
};
use frameseal_core::{CipherSuite, Error, JoinerKey, RatchetBits, SendingChain};

use super::entry::enter;
use super::growing::{self, Growing, size_until};
use super::metadata::frameseal_slice;
use super::out::{Out, object, refuse_overlap};
use super::result::{Failure, frameseal_result, invalid};
use super::sender_keys::{KeyOut, frameseal_sender_keys, ratchet_bits};
use super::span::Span;
use super::suite::frameseal_suite;

/// Bytes of a sealing key, secret or public (X25519, RFC 7748), and of the randomness of a call.
pub const FRAMESEAL_SEALING_KEY_LEN: usize = 32;
/// The longest id of a call or participant in a `frameseal_key_envelope`, in bytes.
pub const FRAMESEAL_MAX_ENVELOPE_ID_LEN: usize = 255;
/// Bytes that a sealed base key has more than the base key in it.
pub const FRAMESEAL_SEALED_KEY_OVERHEAD: usize = 65;

const _: () = assert!(FRAMESEAL_MAX_ENVELOPE_ID_LEN == MAX_ID_LEN);
const _: () = assert!(FRAMESEAL_SEALED_KEY_OVERHEAD == SEALED_KEY_OVERHEAD);

/// What a sealed base key is for. Both sides must say the same; the ids are the application's, of up
/// to `FRAMESEAL_MAX_ENVELOPE_ID_LEN` bytes each. Initialise all of it to zero, then `struct_size`,
/// then the rest.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_key_envelope {
    /// `sizeof (frameseal_key_envelope)`.
    pub struct_size: usize,
    /// The call. It must differ between any two calls.
    pub call: frameseal_slice,
    /// Whose base key it is, and who seals it.
    pub sender: frameseal_slice,
    /// To whom.
    pub recipient: frameseal_slice,
    /// The ratchet bits of the sender's key ids.
    pub ratchet_bits: u32,
    /// The suite of the sender's frames.
    pub suite: frameseal_suite,
    /// Must be 0.
    pub reserved: u16,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers, and structures of integers and raw pointers.
unsafe impl Growing for frameseal_key_envelope {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_key_envelope, reserved) + 2);
}

/// Makes a participant's key pair from `FRAMESEAL_SEALING_KEY_LEN` secret random bytes, as
/// `DeriveKeyPair` of RFC 9180. The secret key is written to `secret_key`, the public key to
/// `public_key`; both have room for exactly `FRAMESEAL_SEALING_KEY_LEN` bytes.
///
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: a length is another one, a pointer cannot be right, or
///   places that are written to overlap each other or `random`
///
/// The secret key is the caller's: store it where secrets are, and wipe it when you need it no more.
/// The others must know from elsewhere whose public key is whose. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sealing_key_pair(
    random: *const u8,
    random_len: usize,
    secret_key: *mut u8,
    secret_key_len: usize,
    public_key: *mut u8,
    public_key_len: usize,
) -> frameseal_result {
    enter(|| {
        let random = Span::new(random, random_len)?;
        let secret_place = Span::new(secret_key, secret_key_len)?;
        let public_place = Span::new(public_key, public_key_len)?;
        refuse_overlap(random, &[secret_place, public_place])?;
        // SAFETY: C promises that the bytes can be read and do not change during the call.
        let pair = SealingSecretKey::from_random(unsafe { key_bytes(random) }?);
        // SAFETY: C promises that nobody else uses them; none of the three overlaps another.
        let (secret, public) =
            unsafe { (secret_place.as_mut_slice(), public_place.as_mut_slice()) };
        if secret.len() != FRAMESEAL_SEALING_KEY_LEN || public.len() != FRAMESEAL_SEALING_KEY_LEN {
            return Err(invalid("a sealing key has 32 bytes"));
        }
        secret.copy_from_slice(pair.as_bytes());
        public.copy_from_slice(pair.public_key().as_bytes());
        Ok(())
    })
}

/// Seals our own base key, at its present generation and step, to one participant who joins: call
/// `frameseal_sender_keys_ratchet` first. The message, `FRAMESEAL_SEALED_KEY_OVERHEAD` bytes longer
/// than the base key, is written to `out` and its length to `*out_len`; any channel can carry it.
///
/// `secret_key` is ours, `public_key` the recipient's, `random` are secret random bytes, new for
/// every message: `FRAMESEAL_SEALING_KEY_LEN` bytes each. Suite and ratchet bits of the envelope
/// must be those of `keys`.
///
/// - `FRAMESEAL_ERROR_NO_SENDING_KEY`: sending has not begun
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*out_len` is set to the bytes that `out` needs
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the envelope has an id that is too long, another suite or
///   other ratchet bits, or the size of no such structure; the public key is of low order; a key or
///   the randomness has another length; a pointer cannot be right; or `out` overlaps what is read,
///   or `out_len`
///
/// A call that fails leaves no part of the base key in `out`. Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sender_keys_seal_joiner_key(
    keys: *const frameseal_sender_keys,
    envelope: *const frameseal_key_envelope,
    secret_key: *const u8,
    secret_key_len: usize,
    public_key: *const u8,
    public_key_len: usize,
    random: *const u8,
    random_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        // SAFETY: C promises that pointers are what the header file says.
        let handle = unsafe { object(keys) }?;
        let given = Given {
            envelope,
            secret_key: Span::new(secret_key, secret_key_len)?,
            public_key: Span::new(public_key, public_key_len)?,
            random: Span::new(random, random_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        // SAFETY: the same.
        unsafe {
            seal(&given, |suite, bits, seal| {
                let keys = handle.lock()?;
                let own = keys.sending().ok_or(Error::NoSendingKey)?;
                if (own.suite(), own.ratchet_bits()) != (suite, bits) {
                    return Err(invalid("the envelope is for another suite or ratchet bits"));
                }
                seal(&own.joiner_key())
            })
        }
    })
}

/// Seals the base key of a generation, at step 0, to one participant who stays: before
/// `frameseal_sender_keys_roll`. The base key has 16 to `FRAMESEAL_MAX_BASE_KEY_LEN` bytes
/// that are not all zeros.
///
/// Results and rules are those of `frameseal_sender_keys_seal_joiner_key`; the generation must fit
/// the ratchet bits. Nothing is kept. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_base_key_seal(
    envelope: *const frameseal_key_envelope,
    generation: u64,
    base_key: *const u8,
    base_key_len: usize,
    secret_key: *const u8,
    secret_key_len: usize,
    public_key: *const u8,
    public_key_len: usize,
    random: *const u8,
    random_len: usize,
    out: *mut u8,
    out_capacity: usize,
    out_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        let base_key = Span::new(base_key, base_key_len)?;
        let given = Given {
            envelope,
            secret_key: Span::new(secret_key, secret_key_len)?,
            public_key: Span::new(public_key, public_key_len)?,
            random: Span::new(random, random_len)?,
            out: Span::new(out, out_capacity)?,
            out_len,
        };
        refuse_overlap(given.out, &[base_key])?;
        // SAFETY: C promises that pointers are what the header file says.
        unsafe {
            seal(&given, |suite, bits, seal| {
                // A chain that seals no frame.
                let chain = SendingChain::new(suite, bits, generation, base_key.as_slice())?;
                seal(&chain.joiner_key())
            })
        }
    })
}

/// Opens a sealed base key: writes it to `base_key`, its length to `*base_key_len`, and where it
/// belongs to `*generation` and `*step`. Give it to `frameseal_sender_keys_add_member`.
///
/// `secret_key` is ours, `public_key` the sender's, `FRAMESEAL_SEALING_KEY_LEN` bytes each.
/// `last_generation` is the last one that was accepted of this sender, also in an earlier part of
/// the call: only a higher one opens, so that a message which is delivered again does nothing. NULL
/// when there was none.
///
/// - `FRAMESEAL_ERROR_AUTHENTICATION`: the message is cut off, changed, from another sender, or
///   sealed for another envelope or recipient
/// - `FRAMESEAL_ERROR_GENERATION_TOO_OLD`: the generation that the message names is not higher than
///   `*last_generation`; this is found before the message is opened, so anybody may have named it
/// - `FRAMESEAL_ERROR_BUFFER_TOO_SMALL`: `*base_key_len` is set to the bytes that `base_key` needs,
///   at most `FRAMESEAL_MAX_BASE_KEY_LEN`
/// - `FRAMESEAL_ERROR_INVALID_ARGUMENT`: the envelope has an id that is too long, a suite or ratchet
///   bits that do not exist, or the size of no such structure; a key has another length; a pointer
///   cannot be right; or what is written to overlaps
///
/// A call that fails leaves `base_key` as it was. The copy is a secret and the caller's: wipe it.
/// Keeps no pointer. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn frameseal_sealed_key_open(
    envelope: *const frameseal_key_envelope,
    secret_key: *const u8,
    secret_key_len: usize,
    public_key: *const u8,
    public_key_len: usize,
    last_generation: *const u64,
    message: *const u8,
    message_len: usize,
    generation: *mut u64,
    step: *mut u64,
    base_key: *mut u8,
    base_key_capacity: usize,
    base_key_len: *mut usize,
) -> frameseal_result {
    enter(|| {
        let secret_key = Span::new(secret_key, secret_key_len)?;
        let public_key = Span::new(public_key, public_key_len)?;
        let message = Span::new(message, message_len)?;
        let out = Span::new(base_key, base_key_capacity)?;
        // SAFETY: C promises that pointers are what the header file says.
        let places = unsafe { KeyOut::new(generation, step, base_key_len) }?;
        places.refuse_overlap(out)?;
        if !last_generation.is_aligned() {
            return Err(invalid("the last generation is misaligned"));
        }
        // SAFETY: NULL, or aligned, as checked; the rest is the promise of C.
        let last = unsafe { last_generation.as_ref() }.copied();
        let opened = {
            // SAFETY: C promises that everything can be read and does not change during the call;
            // nothing is written before the end of this block.
            let parts = unsafe { EnvelopeParts::read(envelope) }?;
            // SAFETY: the same.
            let ours = SealingSecretKey::from_bytes(unsafe { key_bytes(secret_key) }?);
            // SAFETY: the same.
            let theirs = SealingPublicKey::from_bytes(unsafe { key_bytes(public_key) }?);
            // SAFETY: the same.
            let message = unsafe { message.as_slice() };
            sealing::open(&parts.envelope(), &ours, &theirs, last, message)?
        };
        // SAFETY: C promises that nobody else uses the buffer; all other slices are gone, and it
        // shares no byte with the places.
        let out = unsafe { out.as_mut_slice() };
        places.tell(
            opened.generation,
            opened.step,
            opened.base_key.as_ref(),
            out,
        )
    })
}

/// The arguments that sealing any base key has.
struct Given {
    envelope: *const frameseal_key_envelope,
    secret_key: Span,
    public_key: Span,
    random: Span,
    out: Span,
    out_len: *mut usize,
}

/// Seals the key that `with_key` gives, for this suite and these ratchet bits, to its third
/// argument.
///
/// # Safety
/// Everything must be readable and unchanged, `out` and `out_len` writable and not used by anybody
/// else, during the call.
unsafe fn seal(
    given: &Given,
    with_key: impl FnOnce(
        CipherSuite,
        RatchetBits,
        &mut dyn FnMut(&JoinerKey<'_>) -> Result<usize, Failure>,
    ) -> Result<usize, Failure>,
) -> Result<(), Failure> {
    // SAFETY: the promise of the caller.
    let place = unsafe { Out::new(given.out_len) }?;
    let read = [given.secret_key, given.public_key, given.random];
    for span in read.into_iter().chain([place.span()]) {
        refuse_overlap(given.out, &[span])?;
    }
    // SAFETY: the same.
    let parts = unsafe { EnvelopeParts::read(given.envelope) }?;
    for id in [parts.call, parts.sender, parts.recipient] {
        refuse_overlap(given.out, &[Span::of_slice(id)])?;
    }
    // SAFETY: the same; the output shares no byte with any of them.
    let ours = SealingSecretKey::from_bytes(unsafe { key_bytes(given.secret_key) }?);
    // SAFETY: the same.
    let theirs = SealingPublicKey::from_bytes(unsafe { key_bytes(given.public_key) }?);
    // SAFETY: the same.
    let random = unsafe { key_bytes(given.random) }?;
    // SAFETY: the same.
    let out = unsafe { given.out.as_mut_slice() };
    let envelope = parts.envelope();
    let mut seal =
        |key: &JoinerKey<'_>| Ok(sealing::seal(&envelope, &ours, &theirs, key, random, out)?);
    match with_key(parts.suite, parts.bits, &mut seal) {
        Ok(len) => {
            place.set(len);
            Ok(())
        }
        Err(failure) => {
            if let Failure::Core(Error::BufferTooSmall { needed }) = failure {
                place.set(needed);
            }
            Err(failure)
        }
    }
}

/// An envelope of C, checked.
struct EnvelopeParts<'a> {
    call: &'a [u8],
    sender: &'a [u8],
    recipient: &'a [u8],
    suite: CipherSuite,
    bits: RatchetBits,
}

impl<'a> EnvelopeParts<'a> {
    /// # Safety
    /// A pointer that is not NULL must be to a structure of the size that it says, and the ids in it
    /// must be readable and unchanged for as long as this is used.
    unsafe fn read(pointer: *const frameseal_key_envelope) -> Result<Self, Failure> {
        if pointer.is_null() {
            return Err(invalid("the envelope is NULL"));
        }
        // SAFETY: the promise of the caller.
        let envelope = unsafe { growing::read(pointer) }?;
        if envelope.reserved != 0 {
            return Err(invalid("a reserved field is set"));
        }
        let id = |slice: frameseal_slice| {
            let span = Span::new(slice.data, slice.len)?;
            // SAFETY: the promise of the caller.
            Ok::<&'a [u8], Failure>(unsafe { span.as_slice() })
        };
        Ok(Self {
            call: id(envelope.call)?,
            sender: id(envelope.sender)?,
            recipient: id(envelope.recipient)?,
            suite: CipherSuite::try_from(envelope.suite)?,
            bits: ratchet_bits(envelope.ratchet_bits)?,
        })
    }

    fn envelope(&self) -> Envelope<'a> {
        Envelope {
            call: self.call,
            sender: self.sender,
            recipient: self.recipient,
            suite: self.suite,
            bits: self.bits,
        }
    }
}

/// The bytes of a key, or of randomness.
///
/// # Safety
/// As [`Span::as_slice`].
unsafe fn key_bytes<'a>(span: Span) -> Result<&'a [u8; FRAMESEAL_SEALING_KEY_LEN], Failure> {
    // SAFETY: the promise of the caller.
    let bytes = unsafe { span.as_slice() };
    bytes
        .try_into()
        .map_err(|_| invalid("a sealing key, and randomness, has 32 bytes"))
}
