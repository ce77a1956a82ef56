//! What every call answers: one number for each kind of error, which never changes its meaning.

use core::ffi::{CStr, c_char};

use frameseal_core::Error;

/// What a call answers: `FRAMESEAL_OK`, or one of the `FRAMESEAL_ERROR_` numbers.
///
/// The numbers keep their meaning in later versions, which may add further ones: treat a number
/// that you do not know as an error.
pub type frameseal_result = i32;

/// The call did what it is for.
pub const FRAMESEAL_OK: frameseal_result = 0;
/// The bytes are not an SFrame frame. (RFC 9605 sections 4.2, 4.3)
pub const FRAMESEAL_ERROR_SYNTAX: frameseal_result = 1;
/// No key with this key id is here. A frame may be tried again when the key has come.
pub const FRAMESEAL_ERROR_UNKNOWN_KEY_ID: frameseal_result = 2;
/// The frame does not authenticate: forged, damaged, or with other metadata, key or cipher suite.
/// It must be discarded.
pub const FRAMESEAL_ERROR_AUTHENTICATION: frameseal_result = 3;
/// The frame was accepted before, or is older than the replay window.
pub const FRAMESEAL_ERROR_REPLAY: frameseal_result = 4;
/// The key has used its last counter, 2^64 - 1; a new key is needed.
pub const FRAMESEAL_ERROR_COUNTER_EXHAUSTED: frameseal_result = 5;
/// The key's counters are durable, and none that is confirmed is left: reserve, store, confirm,
/// and try again.
pub const FRAMESEAL_ERROR_RESERVATION_NEEDED: frameseal_result = 6;
/// The key has protected as many frames or bytes as its limits allow; a new key is needed.
pub const FRAMESEAL_ERROR_USAGE_LIMIT: frameseal_result = 7;
/// Another base key is, or was, in use under this key id.
pub const FRAMESEAL_ERROR_KEY_ID_IN_USE: frameseal_result = 8;
/// There is no key to send with: none was chosen, or there is no epoch to send in, or one that we
/// are no member of.
pub const FRAMESEAL_ERROR_NO_SENDING_KEY: frameseal_result = 9;
/// A limit is reached: all contexts for streams are taken, or a holding buffer holds as much as it
/// may. Tables of keys grow and never answer this, but those of objects that were placed in memory
/// of the application (`FRAMESEAL_NO_ALLOC`).
pub const FRAMESEAL_ERROR_CAPACITY: frameseal_result = 10;
/// The buffer that is written to is too small; the size that it needs was written out, or there is a
/// function that tells it.
pub const FRAMESEAL_ERROR_BUFFER_TOO_SMALL: frameseal_result = 11;
/// There is too little room in front of the payload for the header; the room that is needed was
/// written out.
pub const FRAMESEAL_ERROR_HEADROOM_TOO_SMALL: frameseal_result = 12;
/// A policy that was chosen by name forbids it, such as `FRAMESEAL_STOP_KEY_ON_FORGERY`.
pub const FRAMESEAL_ERROR_POLICY: frameseal_result = 13;
/// An argument can never be right: a NULL or misaligned pointer, a length or offset beyond its
/// buffer, memory that overlaps where it must not, an id or flag that does not exist, a base key
/// of fewer than 16 bytes or of zeros.
pub const FRAMESEAL_ERROR_INVALID_ARGUMENT: frameseal_result = 14;
/// The object was made in a process of which this one is a fork. Free it and make a new one, with a
/// new base key or key id. Every function that takes an encryptor, sender keys, an epoch manager, a
/// stream or a receiver can answer this.
pub const FRAMESEAL_ERROR_FORKED: frameseal_result = 15;
/// A fault inside the library, which was contained; or the system refused to install the fork
/// guard. Nothing was sealed or opened.
pub const FRAMESEAL_ERROR_INTERNAL: frameseal_result = 16;
/// Another base key was added for an epoch that is here: two histories of the group exist, and
/// nothing may be sent until the application knows which one is right.
pub const FRAMESEAL_ERROR_EPOCH_FORK: frameseal_result = 17;
/// The epoch is not newer than the newest one, and not here any more.
pub const FRAMESEAL_ERROR_EPOCH_TOO_OLD: frameseal_result = 18;
/// The epoch is not here.
pub const FRAMESEAL_ERROR_UNKNOWN_EPOCH: frameseal_result = 19;
/// Nobody with this number, or on this leaf, is a member.
pub const FRAMESEAL_ERROR_UNKNOWN_MEMBER: frameseal_result = 20;
/// Sending or receiving in the clear is not allowed, or not any more.
pub const FRAMESEAL_ERROR_PASSTHROUGH_REFUSED: frameseal_result = 21;
/// The generation of sender keys is not newer than the newest one. (RFC 9605 section 5.1)
pub const FRAMESEAL_ERROR_GENERATION_TOO_OLD: frameseal_result = 22;
/// A frame that was to be held has nothing to wait for: its key has come since, or its epoch or
/// generation is here and has no such key. Decrypt it once more, and drop it if that fails.
pub const FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR: frameseal_result = 23;

/// A short English text for a result, for logs.
///
/// Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_result_text(result: frameseal_result) -> *const c_char {
    text(result).as_ptr()
}

fn text(result: frameseal_result) -> &'static CStr {
    match result {
        FRAMESEAL_OK => c"success",
        FRAMESEAL_ERROR_SYNTAX => c"not an SFrame frame",
        FRAMESEAL_ERROR_UNKNOWN_KEY_ID => c"unknown key id",
        FRAMESEAL_ERROR_AUTHENTICATION => c"the frame does not authenticate",
        FRAMESEAL_ERROR_REPLAY => c"the frame was received before or is too old",
        FRAMESEAL_ERROR_COUNTER_EXHAUSTED => c"the counter of the key is exhausted",
        FRAMESEAL_ERROR_RESERVATION_NEEDED => c"the key has no confirmed counter left",
        FRAMESEAL_ERROR_USAGE_LIMIT => c"the key reached its usage limit",
        FRAMESEAL_ERROR_KEY_ID_IN_USE => c"the key id is in use",
        FRAMESEAL_ERROR_NO_SENDING_KEY => c"there is no key to send with",
        FRAMESEAL_ERROR_CAPACITY => c"a limit is reached",
        FRAMESEAL_ERROR_BUFFER_TOO_SMALL => c"buffer too small",
        FRAMESEAL_ERROR_HEADROOM_TOO_SMALL => c"headroom too small",
        FRAMESEAL_ERROR_POLICY => c"refused by policy",
        FRAMESEAL_ERROR_INVALID_ARGUMENT => c"invalid argument",
        FRAMESEAL_ERROR_FORKED => c"the object is from before a fork",
        FRAMESEAL_ERROR_INTERNAL => c"internal fault",
        FRAMESEAL_ERROR_EPOCH_FORK => c"another key for an epoch that is here",
        FRAMESEAL_ERROR_EPOCH_TOO_OLD => c"the epoch is too old",
        FRAMESEAL_ERROR_UNKNOWN_EPOCH => c"unknown epoch",
        FRAMESEAL_ERROR_UNKNOWN_MEMBER => c"not a member",
        FRAMESEAL_ERROR_PASSTHROUGH_REFUSED => c"sending or receiving in the clear is refused",
        FRAMESEAL_ERROR_GENERATION_TOO_OLD => c"the generation is not newer than the newest one",
        FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR => c"there is no key to wait for",
        _ => c"unknown result",
    }
}

/// Why a call fails, on this side of the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Core(Error),
    Forked,
    Internal,
}

/// An argument that can never be right, and why.
#[cold]
#[inline(never)]
pub(super) const fn invalid(what: &'static str) -> Failure {
    Failure::Core(Error::InvalidArgument(what))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl core::fmt::Display for Failure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            // Texts of this file are ASCII.
            Self::Forked | Self::Internal => f.write_str(text(self.code()).to_str().unwrap_or("")),
        }
    }
}

impl Failure {
    pub(super) fn code(self) -> frameseal_result {
        match self {
            Self::Core(error) => code(error),
            Self::Forked => FRAMESEAL_ERROR_FORKED,
            Self::Internal => FRAMESEAL_ERROR_INTERNAL,
        }
    }
}

fn code(error: Error) -> frameseal_result {
    match error {
        Error::Syntax(_) => FRAMESEAL_ERROR_SYNTAX,
        Error::UnknownKeyId(_) => FRAMESEAL_ERROR_UNKNOWN_KEY_ID,
        Error::Authentication => FRAMESEAL_ERROR_AUTHENTICATION,
        Error::Replay => FRAMESEAL_ERROR_REPLAY,
        Error::CounterExhausted(_) => FRAMESEAL_ERROR_COUNTER_EXHAUSTED,
        Error::ReservationNeeded(_) => FRAMESEAL_ERROR_RESERVATION_NEEDED,
        Error::UsageLimit(_) => FRAMESEAL_ERROR_USAGE_LIMIT,
        Error::KeyIdInUse(_) => FRAMESEAL_ERROR_KEY_ID_IN_USE,
        Error::NoSendingKey => FRAMESEAL_ERROR_NO_SENDING_KEY,
        Error::Capacity(_) => FRAMESEAL_ERROR_CAPACITY,
        Error::BufferTooSmall { .. } => FRAMESEAL_ERROR_BUFFER_TOO_SMALL,
        Error::HeadroomTooSmall { .. } => FRAMESEAL_ERROR_HEADROOM_TOO_SMALL,
        Error::Policy(_) => FRAMESEAL_ERROR_POLICY,
        Error::InvalidArgument(_) => FRAMESEAL_ERROR_INVALID_ARGUMENT,
        Error::Fork(_) => FRAMESEAL_ERROR_EPOCH_FORK,
        Error::EpochTooOld(_) => FRAMESEAL_ERROR_EPOCH_TOO_OLD,
        Error::UnknownEpoch(_) => FRAMESEAL_ERROR_UNKNOWN_EPOCH,
        Error::UnknownMember => FRAMESEAL_ERROR_UNKNOWN_MEMBER,
        Error::PassthroughRefused => FRAMESEAL_ERROR_PASSTHROUGH_REFUSED,
        Error::GenerationTooOld(_) => FRAMESEAL_ERROR_GENERATION_TOO_OLD,
        Error::NothingToWaitFor => FRAMESEAL_ERROR_NOTHING_TO_WAIT_FOR,
        // A kind that the core has gained and this table has not: an error in any case.
        _ => FRAMESEAL_ERROR_INTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frameseal_core::{EpochId, GroupTag, KeyId, SyntaxError};

    #[test]
    fn every_kind_of_error_has_its_own_number_and_text() {
        let id = KeyId::new(1);
        let epoch = EpochId::new(GroupTag::new(1), 1);
        let kinds = [
            Failure::Core(Error::Syntax(SyntaxError::Empty)),
            Failure::Core(Error::UnknownKeyId(id)),
            Failure::Core(Error::Authentication),
            Failure::Core(Error::Replay),
            Failure::Core(Error::CounterExhausted(id)),
            Failure::Core(Error::ReservationNeeded(id)),
            Failure::Core(Error::UsageLimit(id)),
            Failure::Core(Error::KeyIdInUse(id)),
            Failure::Core(Error::NoSendingKey),
            Failure::Core(Error::Capacity(1)),
            Failure::Core(Error::BufferTooSmall { needed: 1 }),
            Failure::Core(Error::HeadroomTooSmall { needed: 1 }),
            Failure::Core(Error::Policy(id)),
            invalid("an argument"),
            Failure::Forked,
            Failure::Internal,
            Failure::Core(Error::Fork(epoch)),
            Failure::Core(Error::EpochTooOld(epoch)),
            Failure::Core(Error::UnknownEpoch(epoch)),
            Failure::Core(Error::UnknownMember),
            Failure::Core(Error::PassthroughRefused),
            Failure::Core(Error::GenerationTooOld(1)),
            Failure::Core(Error::NothingToWaitFor),
        ];
        // The numbers are part of the ABI: 1, 2, 3, ... in this order, for ever.
        for (kind, number) in kinds.into_iter().zip(1..) {
            assert_eq!(kind.code(), number, "{kind:?}");
            assert_ne!(text(number), text(number - 1));
            assert_ne!(text(number), text(-1), "{kind:?} has a text");
        }
        assert_eq!(text(24), text(-1));
    }
}
