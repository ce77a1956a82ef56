//! What can go wrong, each kind with what the caller needs to act on it.
//!
//! Under every layer. Errors are small `Copy` values; they hold no secret and nothing of a frame but
//! its key id. [`Error::Syntax`], [`Error::UnknownKeyId`] and [`Error::Authentication`] are the three
//! kinds that the W3C's encoded transforms and libwebrtc report.

use crate::header::KeyId;
use crate::member::EpochId;

/// Why a call was refused.
///
/// A refused call changes no state but counters of failures. The buffer is as it was, with three
/// exceptions: after [`Error::Authentication`], `decrypt_to` leaves ciphertext, and long frames of
/// `Backend::AwsLc` zeros; zeros are also left when another thread was faster with the same frame,
/// or its key went meanwhile ([`Error::Replay`] from a `SharedDecryptor` or `EpochReceiver`).
/// Plaintext is never left in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not an SFrame frame (RFC 9605 §4.2, §4.3).
    Syntax(SyntaxError),
    /// No key with this key id; the frame may be tried again when the key has come
    /// (RFC 9605 §4.4.4).
    UnknownKeyId(KeyId),
    /// The frame does not authenticate: forged, damaged, or with other metadata, key or cipher
    /// suite. One kind for all, by intention (RFC 9605 §4.4.4). The frame must be discarded.
    Authentication,
    /// This counter was accepted before, or is older than the replay window (RFC 9605 §9.3).
    Replay,
    /// The key has used its last counter, 2^64 - 1; a new key is needed (RFC 9605 §9.1).
    CounterExhausted(KeyId),
    /// The key's counters are durable, and none that is confirmed is left: `reserve`, store the
    /// answer, `confirm`, and try again (RFC 9605 §9.1).
    ReservationNeeded(KeyId),
    /// The key has protected as many frames or bytes as its
    /// [`UsageLimits`](crate::UsageLimits) allow; a new key is needed.
    UsageLimit(KeyId),
    /// Another key is, or was, in use under this key id, or the same key serves the other
    /// direction (RFC 9605 §4.4.1).
    KeyIdInUse(KeyId),
    /// There is no key to send with: none was chosen, or there is no epoch to send in, or one that we
    /// are no member of.
    NoSendingKey,
    /// The table of keys is full; it has this many places. Of a holding buffer: the limit that is
    /// reached, in frames or bytes.
    Capacity(usize),
    /// The buffer that is written to is too small.
    BufferTooSmall {
        /// Bytes that it must have.
        needed: usize,
    },
    /// There is too little room in front of the payload for the header of the next frame.
    HeadroomTooSmall {
        /// Bytes that must lie in front of the payload.
        needed: usize,
    },
    /// A policy that was chosen by name forbids it, such as
    /// [`ForgeryPolicy::StopKey`](crate::ForgeryPolicy::StopKey).
    Policy(KeyId),
    /// Another base key was added for an epoch that is here: two histories of the group exist, and
    /// nothing may be sent until the application knows which one is right.
    Fork(EpochId),
    /// This epoch is not newer than the newest one, and not here any more.
    EpochTooOld(EpochId),
    /// This generation of sender keys is not newer than the newest one (RFC 9605 §5.1).
    GenerationTooOld(u64),
    /// This epoch is not here.
    UnknownEpoch(EpochId),
    /// Nobody with this number, or on this leaf, is a member.
    UnknownMember,
    /// Sending or receiving in the clear is not allowed, or not any more.
    PassthroughRefused,
    /// A frame that was to be held has nothing to wait for: its key has come since, or its epoch or
    /// generation is here and has no such key. It is to be decrypted once more, and dropped if that
    /// fails.
    NothingToWaitFor,
    /// An argument can never be right; the text says which and why.
    InvalidArgument(&'static str),
}

/// In what way bytes are not an SFrame frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyntaxError {
    /// There is no byte at all.
    Empty,
    /// The header says that it is longer than what there is.
    TruncatedHeader,
    /// A key id or counter is written in more bytes than it needs (RFC 9605 §4.3).
    NonMinimalHeader,
    /// After the header, fewer bytes are left than the tag has.
    ShorterThanTag,
    /// Longer than a frame of the suite can be; see
    /// [`CipherSuite::max_payload_len`](crate::CipherSuite::max_payload_len).
    TooLong,
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "not an SFrame frame: {reason}"),
            Self::UnknownKeyId(id) => write!(f, "unknown key id {id}"),
            Self::Authentication => f.write_str("the frame does not authenticate"),
            Self::Replay => f.write_str("the frame was received before or is too old"),
            Self::CounterExhausted(id) => write!(f, "the counter of key id {id} is exhausted"),
            Self::ReservationNeeded(id) => {
                write!(f, "key id {id} has no confirmed counter left")
            }
            Self::UsageLimit(id) => write!(f, "the key of key id {id} reached its usage limit"),
            Self::KeyIdInUse(id) => write!(f, "key id {id} belongs to another key"),
            Self::NoSendingKey => f.write_str("there is no key to send with"),
            Self::Capacity(places) => write!(f, "no room is left, the limit is {places}"),
            Self::BufferTooSmall { needed } => {
                write!(f, "buffer too small, {needed} bytes are needed")
            }
            Self::HeadroomTooSmall { needed } => {
                write!(f, "headroom too small, {needed} bytes are needed")
            }
            Self::Policy(id) => write!(f, "refused by policy for key id {id}"),
            Self::Fork(id) => write!(f, "another key for epoch {}", id.epoch),
            Self::EpochTooOld(id) => write!(f, "epoch {} is too old", id.epoch),
            Self::GenerationTooOld(generation) => {
                write!(
                    f,
                    "generation {generation} is not newer than the newest one"
                )
            }
            Self::UnknownEpoch(id) => write!(f, "unknown epoch {}", id.epoch),
            Self::UnknownMember => f.write_str("not a member"),
            Self::PassthroughRefused => f.write_str("sending or receiving in the clear is refused"),
            Self::NothingToWaitFor => f.write_str("there is no key to wait for"),
            Self::InvalidArgument(what) => write!(f, "invalid argument: {what}"),
        }
    }
}

impl core::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::TruncatedHeader => "the header is cut off",
            Self::NonMinimalHeader => "a header field is longer than needed",
            Self::ShorterThanTag => "shorter than its tag",
            Self::TooLong => "longer than a frame can be",
        })
    }
}

impl core::error::Error for Error {}
impl core::error::Error for SyntaxError {}

impl From<SyntaxError> for Error {
    fn from(reason: SyntaxError) -> Self {
        Self::Syntax(reason)
    }
}
