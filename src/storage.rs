//! Where the many keys of an encryptor or decryptor live: growing on the heap, or in an array of
//! fixed capacity.
//!
//! Fourth layer, under `encryptor.rs` and `decryptor.rs`, which are written once over the traits
//! here and behave the same over both. A full table is an error, never an eviction.

use crate::error::Error;
use crate::header::KeyId;
use crate::replay::{ReplayProtection, WindowBits, fixed_bits};

/// How an encryptor, decryptor or key ring stores its keys: [`Growing`] or [`Fixed`].
pub trait Storage: sealed::Sealed {
    #[doc(hidden)]
    type Table<T>: Table<T>;
    /// Holds a key where it will stay.
    #[doc(hidden)]
    type Cell<T>: core::ops::DerefMut<Target = T>;
    #[doc(hidden)]
    type Window: WindowBits;

    #[doc(hidden)]
    fn table<T>() -> Self::Table<T>;
    #[doc(hidden)]
    fn cell<T>(content: T) -> Self::Cell<T>;
    /// The zeroed bits of a window.
    #[doc(hidden)]
    fn window(protection: ReplayProtection) -> Result<Option<Self::Window>, Error>;
}

/// Keys by key id.
#[doc(hidden)]
pub trait Table<T> {
    fn get(&self, key_id: KeyId) -> Option<&T>;
    /// Also remembers the place, so that asking for the same key again is cheap.
    fn get_mut(&mut self, key_id: KeyId) -> Option<&mut T>;
    /// Adds an entry whose key id is not there yet.
    fn insert(&mut self, key_id: KeyId, entry: T) -> Result<(), Error>;
    fn remove(&mut self, key_id: KeyId) -> bool;
    /// Whether one more entry would fit.
    fn check_room(&self) -> Result<(), Error>;
    fn iter_mut<'a>(&'a mut self) -> impl Iterator<Item = (KeyId, &'a mut T)>
    where
        T: 'a;
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
    type Table<T> = FixedTable<T, N>;
    type Cell<T> = InTable<T>;
    type Window = [u64; W];

    fn table<T>() -> Self::Table<T> {
        FixedTable {
            entries: [const { None }; N],
            last: 0,
        }
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

#[doc(hidden)]
#[derive(Debug)]
pub struct FixedTable<T, const N: usize> {
    entries: [Option<(KeyId, T)>; N],
    /// Where the key was that was asked for last.
    last: usize,
}

impl<T, const N: usize> FixedTable<T, N> {
    #[inline]
    fn is_at(&self, index: usize, key_id: KeyId) -> bool {
        matches!(self.entries.get(index), Some(Some((id, _))) if *id == key_id)
    }
}

impl<T, const N: usize> Table<T> for FixedTable<T, N> {
    fn get(&self, key_id: KeyId) -> Option<&T> {
        self.entries
            .iter()
            .flatten()
            .find(|(id, _)| *id == key_id)
            .map(|(_, entry)| entry)
    }

    #[inline]
    fn get_mut(&mut self, key_id: KeyId) -> Option<&mut T> {
        if !self.is_at(self.last, key_id) {
            self.last = (0..N).find(|index| self.is_at(*index, key_id))?;
        }
        match self.entries.get_mut(self.last) {
            Some(Some((_, entry))) => Some(entry),
            _ => None,
        }
    }

    fn insert(&mut self, key_id: KeyId, entry: T) -> Result<(), Error> {
        let free = self.entries.iter_mut().find(|place| place.is_none());
        *free.ok_or(Error::Capacity(N))? = Some((key_id, entry));
        Ok(())
    }

    fn remove(&mut self, key_id: KeyId) -> bool {
        self.entries
            .iter_mut()
            .find(|place| matches!(place, Some((id, _)) if *id == key_id))
            // Dropped where it is, so that a key in it is wiped where it is.
            .map(|place| *place = None)
            .is_some()
    }

    fn check_room(&self) -> Result<(), Error> {
        if self.entries.iter().any(Option::is_none) {
            Ok(())
        } else {
            Err(Error::Capacity(N))
        }
    }

    fn iter_mut<'a>(&'a mut self) -> impl Iterator<Item = (KeyId, &'a mut T)>
    where
        T: 'a,
    {
        self.entries
            .iter_mut()
            .flatten()
            .map(|(id, entry)| (*id, entry))
    }
}

#[cfg(feature = "alloc")]
pub use growing::Growing;

#[cfg(feature = "alloc")]
mod growing {
    use alloc::boxed::Box;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{Error, KeyId, ReplayProtection, Storage, Table};
    use crate::replay::words_for;

    /// As many keys as are added, each in a box of its own: when the table moves or grows, no copy
    /// of a key stays behind.
    #[derive(Clone, Copy, Debug)]
    pub struct Growing;

    impl Storage for Growing {
        type Table<T> = GrowingTable<T>;
        type Cell<T> = Box<T>;
        type Window = Box<[u64]>;

        fn table<T>() -> GrowingTable<T> {
            GrowingTable {
                entries: Vec::new(),
                last: 0,
            }
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

    #[doc(hidden)]
    #[derive(Debug)]
    pub struct GrowingTable<T> {
        /// Sorted by key id.
        entries: Vec<(KeyId, T)>,
        /// Where the key was that was asked for last.
        last: usize,
    }

    impl<T> GrowingTable<T> {
        fn find(&self, key_id: KeyId) -> Result<usize, usize> {
            self.entries.binary_search_by_key(&key_id, |(id, _)| *id)
        }
    }

    impl<T> Table<T> for GrowingTable<T> {
        fn get(&self, key_id: KeyId) -> Option<&T> {
            let index = self.find(key_id).ok()?;
            self.entries.get(index).map(|(_, entry)| entry)
        }

        #[inline]
        fn get_mut(&mut self, key_id: KeyId) -> Option<&mut T> {
            if !matches!(self.entries.get(self.last), Some((id, _)) if *id == key_id) {
                self.last = self.find(key_id).ok()?;
            }
            self.entries.get_mut(self.last).map(|(_, entry)| entry)
        }

        fn insert(&mut self, key_id: KeyId, entry: T) -> Result<(), Error> {
            if let Err(place) = self.find(key_id) {
                self.entries.insert(place, (key_id, entry));
            }
            Ok(())
        }

        fn remove(&mut self, key_id: KeyId) -> bool {
            match self.find(key_id) {
                Ok(place) => {
                    self.entries.remove(place);
                    true
                }
                Err(_) => false,
            }
        }

        fn check_room(&self) -> Result<(), Error> {
            Ok(())
        }

        fn iter_mut<'a>(&'a mut self) -> impl Iterator<Item = (KeyId, &'a mut T)>
        where
            T: 'a,
        {
            self.entries.iter_mut().map(|(id, entry)| (*id, entry))
        }
    }
}
