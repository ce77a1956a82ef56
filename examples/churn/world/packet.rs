//! What travels: sealed frames, genuine or not, with a number by which the world knows them.
//!
//! The number is in the metadata of the frame, as a sequence number would be, so it is
//! authenticated with it. The library gives it no meaning.

/// Bytes of a frame of audio.
pub(crate) const FRAME_LEN: usize = 100;

/// A number of the world: who made a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag(pub(crate) u64);

/// Who made a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// A member, as its frame of this number in the whole call.
    Member(u64),
    /// Somebody without any key.
    Forger,
    /// A removed member with its old keys; the first epoch without it.
    Removed(u64),
}

const FORGER: u64 = 1 << 63;
const REMOVED: u64 = 1 << 62;

impl Tag {
    pub(crate) const FORGED: Self = Self(FORGER);

    pub(crate) fn by_removed(since_epoch: u64) -> Self {
        Self(REMOVED | since_epoch)
    }

    pub(crate) fn maker(self) -> Maker {
        if self.0 & FORGER != 0 {
            Maker::Forger
        } else if self.0 & REMOVED != 0 {
            Maker::Removed(self.0 & !REMOVED)
        } else {
            Maker::Member(self.0)
        }
    }

    pub(crate) fn metadata(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(crate) fn of_metadata(metadata: &[u8]) -> Self {
        Self(u64::from_be_bytes(metadata.try_into().unwrap_or_default()))
    }

    /// What a member sends in the frame of this number.
    pub(crate) fn payload(self) -> [u8; FRAME_LEN] {
        let bytes = (self.0 ^ 0x5555_5555_5555_5555).to_le_bytes();
        core::array::from_fn(|i| bytes[i % 8].wrapping_add(i.to_le_bytes()[0]))
    }
}

/// A frame on its way.
pub(crate) struct Packet {
    pub(crate) tag: Tag,
    pub(crate) content: Vec<u8>,
    /// Of a frame in the clear: the leaf index of its sender, which a server says.
    pub(crate) clear_from: Option<u32>,
}
