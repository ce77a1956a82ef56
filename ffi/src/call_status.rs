//! How well a member or the call is protected, as numbers that keep their meaning.

use core::ffi::{CStr, c_char};

use frameseal_core::{
    EncryptionStatus, FrameStats, Monitor, Policy, Status, StatusReason, Timestamp,
};

use super::growing::{Growing, size_until};

/// How well media is protected. The larger, the better; later versions may add numbers in between.
pub type frameseal_encryption_status = u32;

/// Frames come and do not authenticate, or the sending key is older than the policy allows.
pub const FRAMESEAL_STATUS_BROKEN: frameseal_encryption_status = 10;
/// Frames pass with transport encryption only: servers can read them.
pub const FRAMESEAL_STATUS_TRANSPORT_ONLY: frameseal_encryption_status = 20;
/// Nothing has authenticated yet.
pub const FRAMESEAL_STATUS_UNKNOWN: frameseal_encryption_status = 30;
/// Nothing has authenticated for a while.
pub const FRAMESEAL_STATUS_STALE: frameseal_encryption_status = 40;
/// End-to-end encrypted, but with keys that a member has who was removed, and who can forge the
/// others with them: until the overlap ends, and until frames with newer keys came.
pub const FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL: frameseal_encryption_status = 50;
/// End-to-end encrypted: only members have the keys.
pub const FRAMESEAL_STATUS_END_TO_END: frameseal_encryption_status = 60;
/// End-to-end encrypted, and the identities were compared.
pub const FRAMESEAL_STATUS_END_TO_END_VERIFIED: frameseal_encryption_status = 70;

/// Why a status is what it is.
pub type frameseal_status_reason = u32;

/// Frames authenticate.
pub const FRAMESEAL_REASON_AUTHENTICATED: frameseal_status_reason = 1;
/// Frames authenticate, and the identity was compared.
pub const FRAMESEAL_REASON_VERIFIED: frameseal_status_reason = 2;
/// No frame came.
pub const FRAMESEAL_REASON_NOTHING_RECEIVED: frameseal_status_reason = 3;
/// Frames passed in the clear, as the application allowed.
pub const FRAMESEAL_REASON_PASSTHROUGH: frameseal_status_reason = 4;
/// Frames came that do not authenticate.
pub const FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE: frameseal_status_reason = 5;
/// Frames came whose key is not here.
pub const FRAMESEAL_REASON_NO_KEY: frameseal_status_reason = 6;
/// Frames authenticated, but none of late.
pub const FRAMESEAL_REASON_SILENT: frameseal_status_reason = 7;
/// A removed member has keys that are still accepted, or that the latest frames were sealed with.
pub const FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS: frameseal_status_reason = 8;
/// We send in the clear ourselves, as the application allowed.
pub const FRAMESEAL_REASON_SENDING_IN_THE_CLEAR: frameseal_status_reason = 9;
/// The epoch is older than the policy allows.
pub const FRAMESEAL_REASON_EPOCH_TOO_OLD: frameseal_status_reason = 10;
/// A reason that this version has no number for.
pub const FRAMESEAL_REASON_OTHER: frameseal_status_reason = 0;

/// A status with its reason. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_status {
    /// `sizeof (frameseal_status)`. Fields that a later version adds are not touched by an earlier
    /// library: initialise them.
    pub struct_size: usize,
    /// How well it is protected: one of the `FRAMESEAL_STATUS_` numbers.
    pub level: frameseal_encryption_status,
    /// Why: one of the `FRAMESEAL_REASON_` numbers.
    pub reason: frameseal_status_reason,
}

/// What frames of one member, or of one epoch, did. Set `struct_size` before every call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct frameseal_frame_stats {
    /// `sizeof (frameseal_frame_stats)`. Fields that a later version adds are not touched by an
    /// earlier library: initialise them.
    pub struct_size: usize,
    /// Frames that authenticated and were opened.
    pub opened: u64,
    /// Frames that did not authenticate.
    pub failed_opens: u64,
    /// Frames refused as replayed or too old.
    pub replayed: u64,
    /// Frames that passed in the clear, as the application allowed.
    pub passed: u64,
    /// Frames that a server put in, byte for byte as the application allowed.
    pub injected: u64,
    /// When a frame last authenticated, if `has_last_authenticated`; else 0.
    pub last_authenticated_ms: u64,
    /// 1 when a frame has authenticated, else 0.
    pub has_last_authenticated: u8,
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_status {
    const FIRST_SIZE: usize =
        size_until::<Self>(core::mem::offset_of!(frameseal_status, reason) + 4);
}

// SAFETY: `repr(C)`, begins with a `usize`, integers only.
unsafe impl Growing for frameseal_frame_stats {
    const FIRST_SIZE: usize = size_until::<Self>(
        core::mem::offset_of!(frameseal_frame_stats, has_last_authenticated) + 1,
    );
}

impl frameseal_status {
    pub(super) fn tell(&mut self, status: Status) {
        self.level = level_number(status.level);
        self.reason = reason_number(status.reason);
    }
}

impl frameseal_frame_stats {
    pub(super) fn tell(&mut self, stats: &FrameStats) {
        self.opened = stats.opened;
        self.failed_opens = stats.failed_opens;
        self.replayed = stats.replayed;
        self.passed = stats.passed;
        self.injected = stats.injected;
        self.last_authenticated_ms = stats.last_authenticated.map_or(0, Timestamp::as_millis);
        self.has_last_authenticated = stats.last_authenticated.is_some().into();
    }
}

pub(super) fn level_number(level: EncryptionStatus) -> frameseal_encryption_status {
    match level {
        EncryptionStatus::TransportOnly => FRAMESEAL_STATUS_TRANSPORT_ONLY,
        EncryptionStatus::Unknown => FRAMESEAL_STATUS_UNKNOWN,
        EncryptionStatus::Stale => FRAMESEAL_STATUS_STALE,
        EncryptionStatus::OverlapAfterRemoval => FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL,
        EncryptionStatus::EndToEnd => FRAMESEAL_STATUS_END_TO_END,
        EncryptionStatus::EndToEndVerified => FRAMESEAL_STATUS_END_TO_END_VERIFIED,
        // Also a level that the core has gained and this table has not: never better than it is.
        _ => FRAMESEAL_STATUS_BROKEN,
    }
}

pub(super) fn reason_number(reason: StatusReason) -> frameseal_status_reason {
    match reason {
        StatusReason::Authenticated => FRAMESEAL_REASON_AUTHENTICATED,
        StatusReason::Verified => FRAMESEAL_REASON_VERIFIED,
        StatusReason::NothingReceived => FRAMESEAL_REASON_NOTHING_RECEIVED,
        StatusReason::Passthrough => FRAMESEAL_REASON_PASSTHROUGH,
        StatusReason::DoesNotAuthenticate => FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE,
        StatusReason::NoKey => FRAMESEAL_REASON_NO_KEY,
        StatusReason::Silent => FRAMESEAL_REASON_SILENT,
        StatusReason::RemovedMemberHasKeys => FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS,
        StatusReason::SendingInTheClear => FRAMESEAL_REASON_SENDING_IN_THE_CLEAR,
        StatusReason::EpochTooOld => FRAMESEAL_REASON_EPOCH_TOO_OLD,
        _ => FRAMESEAL_REASON_OTHER,
    }
}

/// The status that C was told with these numbers; `None` if there is none.
pub(super) fn status(
    level: frameseal_encryption_status,
    reason: frameseal_status_reason,
) -> Option<Status> {
    // The core alone makes a status, from what frames did; this one is only told again.
    let mut status = Monitor::new(Policy::Standard).room_status(Timestamp::ZERO);
    status.level = match level {
        FRAMESEAL_STATUS_BROKEN => EncryptionStatus::Broken,
        FRAMESEAL_STATUS_TRANSPORT_ONLY => EncryptionStatus::TransportOnly,
        FRAMESEAL_STATUS_UNKNOWN => EncryptionStatus::Unknown,
        FRAMESEAL_STATUS_STALE => EncryptionStatus::Stale,
        FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL => EncryptionStatus::OverlapAfterRemoval,
        FRAMESEAL_STATUS_END_TO_END => EncryptionStatus::EndToEnd,
        FRAMESEAL_STATUS_END_TO_END_VERIFIED => EncryptionStatus::EndToEndVerified,
        _ => return None,
    };
    status.reason = match reason {
        FRAMESEAL_REASON_AUTHENTICATED => StatusReason::Authenticated,
        FRAMESEAL_REASON_VERIFIED => StatusReason::Verified,
        FRAMESEAL_REASON_NOTHING_RECEIVED => StatusReason::NothingReceived,
        FRAMESEAL_REASON_PASSTHROUGH => StatusReason::Passthrough,
        FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE => StatusReason::DoesNotAuthenticate,
        FRAMESEAL_REASON_NO_KEY => StatusReason::NoKey,
        FRAMESEAL_REASON_SILENT => StatusReason::Silent,
        FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS => StatusReason::RemovedMemberHasKeys,
        FRAMESEAL_REASON_SENDING_IN_THE_CLEAR => StatusReason::SendingInTheClear,
        FRAMESEAL_REASON_EPOCH_TOO_OLD => StatusReason::EpochTooOld,
        _ => return None,
    };
    Some(status)
}

/// A short English text for a level of protection, for logs.
///
/// Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_status_text(level: frameseal_encryption_status) -> *const c_char {
    level_text(level).as_ptr()
}

/// A short English text for the reason of a status, for logs.
///
/// Never NULL, also for numbers that do not exist; the text is static, do not free it. Any thread.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn frameseal_status_reason_text(reason: frameseal_status_reason) -> *const c_char {
    reason_text(reason).as_ptr()
}

fn level_text(level: frameseal_encryption_status) -> &'static CStr {
    match level {
        FRAMESEAL_STATUS_BROKEN => c"broken",
        FRAMESEAL_STATUS_TRANSPORT_ONLY => c"transport encryption only",
        FRAMESEAL_STATUS_UNKNOWN => c"unknown",
        FRAMESEAL_STATUS_STALE => c"stale",
        FRAMESEAL_STATUS_OVERLAP_AFTER_REMOVAL => c"overlap after a removal",
        FRAMESEAL_STATUS_END_TO_END => c"end-to-end encrypted",
        FRAMESEAL_STATUS_END_TO_END_VERIFIED => c"end-to-end encrypted and verified",
        _ => c"unknown level",
    }
}

fn reason_text(reason: frameseal_status_reason) -> &'static CStr {
    match reason {
        FRAMESEAL_REASON_AUTHENTICATED => c"frames authenticate",
        FRAMESEAL_REASON_VERIFIED => c"frames authenticate and the identity was compared",
        FRAMESEAL_REASON_NOTHING_RECEIVED => c"no frame came",
        FRAMESEAL_REASON_PASSTHROUGH => c"frames passed in the clear",
        FRAMESEAL_REASON_DOES_NOT_AUTHENTICATE => c"frames do not authenticate",
        FRAMESEAL_REASON_NO_KEY => c"frames came whose key is not here",
        FRAMESEAL_REASON_SILENT => c"no frame authenticated of late",
        FRAMESEAL_REASON_REMOVED_MEMBER_HAS_KEYS => c"a removed member still has keys",
        FRAMESEAL_REASON_SENDING_IN_THE_CLEAR => c"we send in the clear",
        FRAMESEAL_REASON_EPOCH_TOO_OLD => c"the epoch is too old",
        _ => c"unknown reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_keep_their_numbers_and_their_order() {
        use EncryptionStatus as Level;
        // The numbers are part of the ABI.
        let levels = [
            (Level::Broken, 10),
            (Level::TransportOnly, 20),
            (Level::Unknown, 30),
            (Level::Stale, 40),
            (Level::OverlapAfterRemoval, 50),
            (Level::EndToEnd, 60),
            (Level::EndToEndVerified, 70),
        ];
        assert!(
            levels.is_sorted(),
            "the core's order is that of the numbers"
        );
        for (index, (level, number)) in levels.into_iter().enumerate() {
            assert_eq!(level_number(level), number);
            assert_eq!(status(number, 1).map(|it| it.level), Some(level));
            assert_ne!(level_text(number), level_text(0), "{level:?} has a text");
            let others = levels.into_iter().skip(index + 1);
            for (_, other) in others {
                assert_ne!(level_text(number), level_text(other));
            }
        }
    }

    #[test]
    fn reasons_keep_their_numbers() {
        use StatusReason as Reason;
        let reasons = [
            Reason::Authenticated,
            Reason::Verified,
            Reason::NothingReceived,
            Reason::Passthrough,
            Reason::DoesNotAuthenticate,
            Reason::NoKey,
            Reason::Silent,
            Reason::RemovedMemberHasKeys,
            Reason::SendingInTheClear,
            Reason::EpochTooOld,
        ];
        for (reason, number) in reasons.into_iter().zip(1..) {
            assert_eq!(reason_number(reason), number);
            assert_eq!(status(10, number).map(|it| it.reason), Some(reason));
            assert_ne!(reason_text(number), reason_text(0), "{reason:?} has a text");
            assert_ne!(reason_text(number), reason_text(number - 1));
        }
        assert_eq!(reason_text(11), reason_text(0));
        assert_eq!(
            (status(10, 0), status(10, 11), status(11, 1)),
            (None, None, None)
        );
    }
}
