//! Where the many keys of an encryptor or decryptor live: growing on the heap, or in an array of
//! fixed capacity.
//!
//! Fourth layer, under `encryptor.rs` and `decryptor.rs`, which are written once over the traits
//! here and behave the same over both. A full table is an error, never an eviction.

use crate::error::Error;
use crate::replay::{ReplayProtection, WindowBits, fixed_bits, fixed_counters};
use crate::table::{FixedTable, Table};

/// How an encryptor, decryptor or key ring stores its keys: [`Growing`] or [`Fixed`].
pub trait Storage: sealed::Sealed {
    #[doc(hidden)]
    type Table<K: Copy + Ord, T>: Table<K, T>;
    /// Holds a key where it will stay.
    #[doc(hidden)]
    type Cell<T>: core::ops::DerefMut<Target = T>;
    #[doc(hidden)]
    type Window: WindowBits;
    /// The replay protection where the application chooses none: what there is room for.
    #[doc(hidden)]
    const REPLAY: ReplayProtection;

    #[doc(hidden)]
    fn table<K: Copy + Ord, T>() -> Self::Table<K, T>;
    #[doc(hidden)]
    fn cell<T>(content: T) -> Self::Cell<T>;
    /// The zeroed bits of a window.
    #[doc(hidden)]
    fn window(protection: ReplayProtection) -> Result<Option<Self::Window>, Error>;
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize, const W: usize> Sealed for super::Fixed<N, W> {}
    #[cfg(feature = "alloc")]
    impl Sealed for super::Growing {}
}

/// Room for `N` keys, in place, each with a window of `64 * W` counters. Nothing is allocated; `W`
/// is a power of two.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<const N: usize, const W: usize = 16>;

impl<const N: usize, const W: usize> Storage for Fixed<N, W> {
    type Table<K: Copy + Ord, T> = FixedTable<K, T, N>;
    type Cell<T> = InTable<T>;
    type Window = [u64; W];
    const REPLAY: ReplayProtection = ReplayProtection::Window(fixed_counters(W));

    fn table<K: Copy + Ord, T>() -> Self::Table<K, T> {
        FixedTable::new()
    }

    fn cell<T>(content: T) -> InTable<T> {
        InTable(content)
    }

    fn window(protection: ReplayProtection) -> Result<Option<[u64; W]>, Error> {
        fixed_bits(protection)
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct InTable<T>(T);

impl<T> InTable<T> {
    pub(crate) fn new(content: T) -> Self {
        Self(content)
    }
}

impl<T> core::ops::Deref for InTable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> core::ops::DerefMut for InTable<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[cfg(feature = "alloc")]
pub use growing::Growing;

#[cfg(feature = "alloc")]
mod growing {
    use alloc::boxed::Box;
    use alloc::vec;

    use super::{Error, ReplayProtection, Storage};
    use crate::replay::words_for;
    use crate::table::GrowingTable;

    /// As many keys as are added, each in a box of its own: when the table moves or grows, no copy
    /// of a key stays behind.
    #[derive(Clone, Copy, Debug)]
    pub struct Growing;

    impl Storage for Growing {
        type Table<K: Copy + Ord, T> = GrowingTable<K, T>;
        type Cell<T> = Box<T>;
        type Window = Box<[u64]>;
        const REPLAY: ReplayProtection = ReplayProtection::DEFAULT;

        fn table<K: Copy + Ord, T>() -> GrowingTable<K, T> {
            GrowingTable::new()
        }

        fn cell<T>(content: T) -> Box<T> {
            Box::new(content)
        }

        fn window(protection: ReplayProtection) -> Result<Option<Box<[u64]>>, Error> {
            Ok(match protection {
                ReplayProtection::Off => None,
                ReplayProtection::Window(counters) => {
                    Some(vec![0; words_for(counters)].into_boxed_slice())
                }
            })
        }
    }
}
