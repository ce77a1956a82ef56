//! Tables: what is kept for each key id, epoch or member, growing or with a fixed capacity.
//!
//! Third layer, under `storage.rs`. A full table is an error, never an eviction. An entry of a
//! fixed table stays where it was put until it is removed, so that a key in it is wiped where it
//! is.

use crate::error::Error;

/// Entries by a key, such as a key id.
pub trait Table<K: Copy + Ord, T> {
    fn get(&self, key: K) -> Option<&T>;
    /// Also remembers the place, so that asking for the same key again, or for the one behind it,
    /// is cheap.
    fn get_mut(&mut self, key: K) -> Option<&mut T>;
    /// The entry with the lowest key from this one on.
    fn first_from(&self, key: K) -> Option<(K, &T)>;
    /// Adds an entry whose key is not there yet.
    fn insert(&mut self, key: K, entry: T) -> Result<(), Error>;
    fn remove(&mut self, key: K) -> bool;
    /// Drops the entries with keys from `first` to `last` for which `keep` is false.
    fn retain(&mut self, first: K, last: K, keep: impl FnMut(K, &mut T) -> bool);
    /// Drops the entries for which `keep` is false; looks at them in no order.
    fn retain_all(&mut self, keep: impl FnMut(K, &mut T) -> bool);
    /// How many more entries would fit.
    fn room(&self) -> usize;
    /// Says that so many entries will be added.
    fn reserve(&mut self, more: usize);
    /// Whether one more entry would fit.
    fn check_room(&self) -> Result<(), Error>;
    /// In the order of the keys.
    fn iter<'a>(&'a self) -> impl Iterator<Item = (K, &'a T)>
    where
        T: 'a;
    /// In no order.
    fn iter_mut<'a>(&'a mut self) -> impl Iterator<Item = (K, &'a mut T)>
    where
        T: 'a;
}

/// `N` places, and a list of them that is sorted by key. What it costs to find none is what it
/// costs to find one.
#[derive(Debug)]
pub struct FixedTable<K, T, const N: usize> {
    entries: [Option<(K, T)>; N],
    /// Every place once: the taken ones sorted by key, then the free ones.
    order: [usize; N],
    len: usize,
    /// Where the entry was that was asked for last.
    last: usize,
}

impl<K: Copy + Ord, T, const N: usize> FixedTable<K, T, N> {
    pub(crate) fn new() -> Self {
        Self {
            entries: [const { None }; N],
            order: core::array::from_fn(|place| place),
            len: 0,
            last: 0,
        }
    }

    #[inline]
    fn is_at(&self, place: usize, key: K) -> bool {
        matches!(self.entries.get(place), Some(Some((found, _))) if *found == key)
    }

    /// The taken places, in the order of their keys.
    fn sorted(&self) -> &[usize] {
        self.order.get(..self.len).unwrap_or_default()
    }

    fn entry(&self, place: usize) -> Option<&(K, T)> {
        self.entries.get(place)?.as_ref()
    }

    fn key(&self, place: usize) -> Option<K> {
        self.entry(place).map(|(key, _)| *key)
    }

    /// Where in the order a key is, or would be.
    fn find(&self, key: K) -> Result<usize, usize> {
        let sorted = self.sorted();
        sorted.binary_search_by(|place| self.key(*place).cmp(&Some(key)))
    }

    /// The place at which the entry with this key is.
    fn place(&self, key: K) -> Option<usize> {
        self.order.get(self.find(key).ok()?).copied()
    }

    /// Drops entries where they are, so that a key in one of them is wiped where it is.
    fn drop_unless(&mut self, mut keep: impl FnMut(K, &mut T) -> bool) {
        for place in &mut self.entries {
            if let Some((key, entry)) = place
                && !keep(*key, entry)
            {
                *place = None;
            }
        }
        // Stable, so that those who stay remain sorted.
        let mut kept = 0;
        for at in 0..self.len {
            let (Some(place), Some(other)) = (self.order.get(at), self.order.get(kept)) else {
                break;
            };
            let (place, other) = (*place, *other);
            if self.entry(place).is_none() {
                continue;
            }
            for (at, place) in [(at, other), (kept, place)] {
                if let Some(changed) = self.order.get_mut(at) {
                    *changed = place;
                }
            }
            kept += 1;
        }
        self.len = kept;
    }
}

impl<K: Copy + Ord, T, const N: usize> Table<K, T> for FixedTable<K, T, N> {
    fn get(&self, key: K) -> Option<&T> {
        self.entry(self.place(key)?).map(|(_, entry)| entry)
    }

    #[inline]
    fn get_mut(&mut self, key: K) -> Option<&mut T> {
        if !self.is_at(self.last, key) {
            self.last = self.place(key)?;
        }
        match self.entries.get_mut(self.last) {
            Some(Some((_, entry))) => Some(entry),
            _ => None,
        }
    }

    fn first_from(&self, key: K) -> Option<(K, &T)> {
        let at = self.find(key).unwrap_or_else(|at| at);
        let (found, entry) = self.entry(*self.sorted().get(at)?)?;
        Some((*found, entry))
    }

    fn insert(&mut self, key: K, entry: T) -> Result<(), Error> {
        let Err(at) = self.find(key) else {
            return Ok(());
        };
        // The first free place moves to where the key belongs, the others make room.
        let moved = self.order.get_mut(at..=self.len);
        let moved = moved.ok_or(Error::Capacity(N))?;
        let mut carried = moved.last().copied().unwrap_or_default();
        if let Some(free) = self.entries.get_mut(carried) {
            *free = Some((key, entry));
        }
        for place in moved {
            core::mem::swap(place, &mut carried);
        }
        self.len += 1;
        Ok(())
    }

    fn remove(&mut self, key: K) -> bool {
        let Ok(at) = self.find(key) else {
            return false;
        };
        let Some(moved) = self.order.get_mut(at..self.len) else {
            return false;
        };
        let mut carried = moved.first().copied().unwrap_or_default();
        // Dropped where it is, so that a key in it is wiped where it is.
        if let Some(taken) = self.entries.get_mut(carried) {
            *taken = None;
        }
        for place in moved.iter_mut().rev() {
            core::mem::swap(place, &mut carried);
        }
        self.len -= 1;
        true
    }

    fn retain(&mut self, first: K, last: K, mut keep: impl FnMut(K, &mut T) -> bool) {
        self.drop_unless(|key, entry| !(first..=last).contains(&key) || keep(key, entry));
    }

    fn retain_all(&mut self, keep: impl FnMut(K, &mut T) -> bool) {
        self.drop_unless(keep);
    }

    fn room(&self) -> usize {
        N.saturating_sub(self.len)
    }

    fn reserve(&mut self, _: usize) {}

    fn check_room(&self) -> Result<(), Error> {
        if self.room() > 0 {
            Ok(())
        } else {
            Err(Error::Capacity(N))
        }
    }

    fn iter<'a>(&'a self) -> impl Iterator<Item = (K, &'a T)>
    where
        T: 'a,
    {
        let sorted = self.sorted().iter();
        sorted.filter_map(|place| self.entry(*place).map(|(key, entry)| (*key, entry)))
    }

    fn iter_mut<'a>(&'a mut self) -> impl Iterator<Item = (K, &'a mut T)>
    where
        T: 'a,
    {
        self.entries
            .iter_mut()
            .flatten()
            .map(|(key, entry)| (*key, entry))
    }
}

#[cfg(feature = "alloc")]
pub(crate) use growing::GrowingTable;

#[cfg(feature = "alloc")]
mod growing {
    use alloc::vec::Vec;

    use super::{Error, Table};

    /// As many places as are asked for, sorted by key.
    #[derive(Debug)]
    pub struct GrowingTable<K, T> {
        entries: Vec<(K, T)>,
        /// Where the entry was that was asked for last.
        last: usize,
    }

    impl<K: Copy + Ord, T> GrowingTable<K, T> {
        pub(crate) const fn new() -> Self {
            Self {
                entries: Vec::new(),
                last: 0,
            }
        }

        fn find(&self, key: K) -> Result<usize, usize> {
            self.entries.binary_search_by_key(&key, |(found, _)| *found)
        }

        #[inline]
        fn is_at(&self, index: usize, key: K) -> bool {
            matches!(self.entries.get(index), Some((found, _)) if *found == key)
        }
    }

    impl<K: Copy + Ord, T> Table<K, T> for GrowingTable<K, T> {
        fn get(&self, key: K) -> Option<&T> {
            let index = self.find(key).ok()?;
            self.entries.get(index).map(|(_, entry)| entry)
        }

        #[inline]
        fn get_mut(&mut self, key: K) -> Option<&mut T> {
            if !self.is_at(self.last, key) {
                let next = self.last.saturating_add(1);
                self.last = if self.is_at(next, key) {
                    next
                } else {
                    self.find(key).ok()?
                };
            }
            self.entries.get_mut(self.last).map(|(_, entry)| entry)
        }

        fn first_from(&self, key: K) -> Option<(K, &T)> {
            let place = self.entries.partition_point(|(found, _)| *found < key);
            let (found, entry) = self.entries.get(place)?;
            Some((*found, entry))
        }

        fn insert(&mut self, key: K, entry: T) -> Result<(), Error> {
            if let Err(place) = self.find(key) {
                self.entries.insert(place, (key, entry));
            }
            Ok(())
        }

        fn remove(&mut self, key: K) -> bool {
            match self.find(key) {
                Ok(place) => {
                    self.entries.remove(place);
                    true
                }
                Err(_) => false,
            }
        }

        fn retain(&mut self, first: K, last: K, mut keep: impl FnMut(K, &mut T) -> bool) {
            let start = self.entries.partition_point(|(key, _)| *key < first);
            let end = self.entries.partition_point(|(key, _)| *key <= last);
            // What lies outside is not even looked at.
            if start < end {
                self.entries
                    .extract_if(start..end, |(key, entry)| !keep(*key, entry))
                    .for_each(drop);
            }
        }

        fn retain_all(&mut self, mut keep: impl FnMut(K, &mut T) -> bool) {
            self.entries.retain_mut(|(key, entry)| keep(*key, entry));
        }

        fn room(&self) -> usize {
            usize::MAX
        }

        fn reserve(&mut self, more: usize) {
            // Many at once take what they need; a few at a time double the room now and then.
            if more > self.entries.len() / 2 {
                self.entries.reserve_exact(more);
            }
        }

        fn check_room(&self) -> Result<(), Error> {
            Ok(())
        }

        fn iter<'a>(&'a self) -> impl Iterator<Item = (K, &'a T)>
        where
            T: 'a,
        {
            self.entries.iter().map(|(key, entry)| (*key, entry))
        }

        fn iter_mut<'a>(&'a mut self) -> impl Iterator<Item = (K, &'a mut T)>
        where
            T: 'a,
        {
            self.entries.iter_mut().map(|(key, entry)| (*key, entry))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercise(mut table: impl Table<u32, u32>) {
        for key in [5, 1, 9, 3, 7] {
            table.insert(key, key * 10).unwrap();
        }
        for key in [1, 3, 5, 7, 9, 9, 1, 2, 10] {
            let expected = [1, 3, 5, 7, 9].contains(&key).then_some(key * 10);
            assert_eq!(table.get_mut(key).copied(), expected, "{key}");
            assert_eq!(table.get(key).copied(), expected, "{key}");
        }
        let from = [0, 3, 4, 9].map(|key| table.first_from(key).map(|(found, _)| found));
        assert_eq!(from, [Some(1), Some(3), Some(5), Some(9)]);
        assert_eq!(table.first_from(10), None);
        assert!(table.remove(5) && !table.remove(5));
        table.retain(2, 8, |key, _| key == 7);
        let left: Vec<_> = table.iter().map(|(key, value)| (key, *value)).collect();
        assert_eq!(left, [(1, 10), (7, 70), (9, 90)]);
        for (_, value) in table.iter_mut() {
            *value += 1;
        }
        assert_eq!(table.get(7), Some(&71));
    }

    #[test]
    fn both_tables_do_the_same() {
        exercise(FixedTable::<u32, u32, 6>::new());
        #[cfg(feature = "alloc")]
        exercise(GrowingTable::<u32, u32>::new());
    }

    /// Ten thousand random steps, after each of which the table is what the map is.
    fn compare_with_a_map(mut table: impl Table<u32, u32>, places: usize) {
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut draw = |below: u32| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            u32::try_from(random >> 33).unwrap() % below
        };
        let mut map = std::collections::BTreeMap::new();
        for step in 0..10_000 {
            let key = draw(40);
            match draw(16) {
                0..7 => {
                    let fits = map.contains_key(&key) || map.len() < places;
                    assert_eq!(table.insert(key, step).is_ok(), fits);
                    if fits {
                        map.entry(key).or_insert(step);
                    }
                }
                7..13 => assert_eq!(table.remove(key), map.remove(&key).is_some()),
                13 => {
                    let last = key + draw(10);
                    table.retain(key, last, |key, _| key % 3 > 0);
                    map.retain(|it, _| !(key..=last).contains(it) || it % 3 > 0);
                }
                14 => {
                    table.retain_all(|it, _| it % 8 != key % 8);
                    map.retain(|it, _| it % 8 != key % 8);
                }
                _ => {
                    if let Some(value) = table.get_mut(key) {
                        *value += 1;
                    }
                    map.entry(key).and_modify(|value| *value += 1);
                }
            }
            let key = draw(40);
            assert_eq!(table.get_mut(key).copied(), map.get(&key).copied());
            assert_eq!(table.get(key), map.get(&key));
            let next = map.range(key..).next();
            assert_eq!(
                table.first_from(key),
                next.map(|(key, value)| (*key, value))
            );
            assert!(
                table
                    .iter()
                    .eq(map.iter().map(|(key, value)| (*key, value)))
            );
            assert_eq!(table.iter_mut().count(), map.len());
        }
    }

    #[test]
    fn both_tables_do_what_a_map_does() {
        compare_with_a_map(FixedTable::<u32, u32, 12>::new(), 12);
        #[cfg(feature = "alloc")]
        compare_with_a_map(GrowingTable::<u32, u32>::new(), usize::MAX);
    }

    std::thread_local! {
        static COMPARISONS: core::cell::Cell<u32> = const { core::cell::Cell::new(0) };
    }

    /// Counts how often it is compared.
    #[derive(Clone, Copy, Eq)]
    struct Counted(u32);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl PartialOrd for Counted {
        fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Counted {
        fn cmp(&self, other: &Self) -> core::cmp::Ordering {
            COMPARISONS.set(COMPARISONS.get() + 1);
            self.0.cmp(&other.0)
        }
    }

    /// Whoever sends key ids that are not there must not cost a walk through those that are.
    fn look_for_what_is_not_there(mut table: impl Table<Counted, ()>) {
        for key in 0..1000 {
            table.insert(Counted(2 * key), ()).unwrap();
        }
        for key in [0, 1, 998, 999, 1000, 1998, 5000] {
            COMPARISONS.set(0);
            let there = key % 2 == 0 && key < 2000;
            assert_eq!(table.get_mut(Counted(key)).is_some(), there);
            assert_eq!(table.get(Counted(key)).is_some(), there);
            let comparisons = COMPARISONS.get();
            // Two searches of ten or eleven steps, and the places where the last entry was.
            assert!(comparisons <= 26, "{comparisons} for {key}");
        }
    }

    #[test]
    fn looking_for_a_key_that_is_not_there_costs_few_comparisons() {
        look_for_what_is_not_there(FixedTable::<Counted, (), 1000>::new());
        #[cfg(feature = "alloc")]
        look_for_what_is_not_there(GrowingTable::<Counted, ()>::new());
    }

    #[test]
    fn a_full_table_is_an_error_that_loses_nothing() {
        let mut table = FixedTable::<u32, u32, 2>::new();
        table.insert(1, 1).unwrap();
        assert_eq!(table.room(), 1);
        table.insert(2, 2).unwrap();
        assert_eq!(table.insert(3, 3), Err(Error::Capacity(2)));
        assert_eq!((table.get(1), table.get(2)), (Some(&1), Some(&2)));
        assert_eq!(
            (table.room(), table.check_room()),
            (0, Err(Error::Capacity(2)))
        );
    }
}
