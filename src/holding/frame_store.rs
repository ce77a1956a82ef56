//! Where held frames lie: each in memory of its own on the heap, or in slots of a fixed size.
//!
//! Under `holding/`, which is written once over the traits here.

use zeroize::Zeroize;

use super::held_frame::Held;
use crate::error::Error;
use crate::metadata::Metadata;

/// Where a holding buffer keeps its frames: [`Growing`](crate::Growing) or [`FixedFrames`].
pub trait FrameStorage: sealed::Sealed {
    #[doc(hidden)]
    type Bytes: FrameBytes;
    #[doc(hidden)]
    type Slots: AsRef<[Slot<Self::Bytes>]> + AsMut<[Slot<Self::Bytes>]>;

    /// Empty slots for so many frames, or as many as there is room for.
    #[doc(hidden)]
    fn slots(frames: usize) -> Self::Slots;
}

/// Room for `FRAMES` frames of at most `BYTES` bytes each, metadata included, in place. Nothing is
/// allocated.
#[derive(Clone, Copy, Debug)]
pub struct FixedFrames<const FRAMES: usize, const BYTES: usize>;

/// A place for one frame. What is not held is wiped.
#[doc(hidden)]
#[derive(Debug)]
pub struct Slot<B> {
    pub(super) held: Option<Held>,
    pub(super) bytes: B,
}

/// The bytes of one frame: metadata, then the sealed frame.
#[doc(hidden)]
pub trait FrameBytes: Send + Sync {
    /// Copies both, or copies nothing; `len` is their length together.
    fn store(&mut self, metadata: Metadata<'_>, sealed: &[u8], len: usize) -> Result<(), Error>;
    /// What was stored, and perhaps more behind it.
    fn bytes(&self) -> &[u8];
    fn bytes_mut(&mut self) -> &mut [u8];
    /// Wipes, and frees what can be freed.
    fn release(&mut self);
}

mod sealed {
    pub trait Sealed {}
    impl<const FRAMES: usize, const BYTES: usize> Sealed for super::FixedFrames<FRAMES, BYTES> {}
    #[cfg(feature = "alloc")]
    impl Sealed for crate::storage::Growing {}
}

impl<const FRAMES: usize, const BYTES: usize> FrameStorage for FixedFrames<FRAMES, BYTES> {
    type Bytes = [u8; BYTES];
    type Slots = [Slot<[u8; BYTES]>; FRAMES];

    fn slots(_frames: usize) -> Self::Slots {
        [const {
            Slot {
                held: None,
                bytes: [0; BYTES],
            }
        }; FRAMES]
    }
}

impl<const BYTES: usize> FrameBytes for [u8; BYTES] {
    fn store(&mut self, metadata: Metadata<'_>, sealed: &[u8], len: usize) -> Result<(), Error> {
        let mut rest = self.get_mut(..len).ok_or(Error::Capacity(BYTES))?;
        for part in metadata.parts().chain(core::iter::once(sealed)) {
            let (here, behind) = rest
                .split_at_mut_checked(part.len())
                .ok_or(Error::Capacity(BYTES))?;
            here.copy_from_slice(part);
            rest = behind;
        }
        Ok(())
    }

    fn bytes(&self) -> &[u8] {
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    fn release(&mut self) {
        self.zeroize();
    }
}

#[cfg(feature = "alloc")]
mod growing {
    use alloc::vec::Vec;

    use zeroize::Zeroize;

    use super::{FrameBytes, FrameStorage, Slot};
    use crate::error::Error;
    use crate::metadata::Metadata;
    use crate::storage::Growing;

    impl FrameStorage for Growing {
        type Bytes = Vec<u8>;
        type Slots = Vec<Slot<Vec<u8>>>;

        fn slots(frames: usize) -> Self::Slots {
            let empty = || Slot {
                held: None,
                bytes: Vec::new(),
            };
            core::iter::repeat_with(empty).take(frames).collect()
        }
    }

    impl FrameBytes for Vec<u8> {
        fn store(
            &mut self,
            metadata: Metadata<'_>,
            sealed: &[u8],
            len: usize,
        ) -> Result<(), Error> {
            self.try_reserve_exact(len)
                .map_err(|_| Error::Capacity(len))?;
            for part in metadata.parts() {
                self.extend_from_slice(part);
            }
            self.extend_from_slice(sealed);
            Ok(())
        }

        fn bytes(&self) -> &[u8] {
            self
        }

        fn bytes_mut(&mut self) -> &mut [u8] {
            self
        }

        fn release(&mut self) {
            self.as_mut_slice().zeroize();
            *self = Self::new();
        }
    }
}
