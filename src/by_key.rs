//! What threads that open frames of different senders should not share.
//!
//! Third layer, under the shared decryptor and the shared epoch manager. Even a lock for which nobody
//! waits is written to by everybody who takes it, readers too, and its cache line then moves between
//! the processors: two threads under one lock are hardly faster than one. So there are several, each
//! on a line of its own, and the key id of a frame says which. One for each thread would be better
//! still with many senders on each; but threads would have to be registered, which allocates, and
//! which a child of a process that forked meanwhile would wait for without end.

use crate::header::KeyId;

/// How many there are: few enough for each decryptor to have them.
const PARTS: usize = 8;

/// One of several for each key id.
pub(crate) struct ByKey<T>([Line<T>; PARTS]);

/// Two lines of 64 bytes, since processors fetch them in pairs, or one of 128.
#[derive(Default)]
#[repr(align(128))]
struct Line<T>(T);

impl<T: Default> Default for ByKey<T> {
    fn default() -> Self {
        Self(Default::default())
    }
}

impl<T> ByKey<T> {
    /// The one of this key id. Whoever chooses key ids can choose them to have the same, and makes
    /// threads slower that way, but nothing wrong.
    #[inline]
    pub(crate) fn of(&self, key_id: KeyId) -> &T {
        // Multiplied by 2^64 over the golden ratio, neighbours fall far apart in the upper bits; folded
        // before, for those that differ in upper bits only.
        let folded = key_id.value() ^ (key_id.value() >> 31);
        let part = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PARTS.ilog2());
        let [first, ..] = &self.0;
        let line = usize::try_from(part).ok().and_then(|part| self.0.get(part));
        // It is always there.
        &line.unwrap_or(first).0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|line| &line.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the parts these key ids have.
    fn parts(key_ids: impl Iterator<Item = u64>) -> usize {
        let parts = ByKey::<u8>::default();
        let used = key_ids.map(|key_id| core::ptr::from_ref(parts.of(KeyId::new(key_id))));
        let mut used: Vec<_> = used.collect();
        used.sort_unstable();
        used.dedup();
        used.len()
    }

    #[test]
    fn key_ids_as_calls_have_them_are_spread() {
        // One after another, or by leaf or context above other bits.
        for shift in 0..=56 {
            let few = parts((0..8).map(|index| index << shift));
            assert!(few >= 3, "{few} parts of eight, shift {shift}");
            let all = parts((0..64).map(|index| index << shift));
            assert_eq!(all, PARTS, "shift {shift}");
        }
    }

    #[test]
    fn the_same_key_id_has_the_same_part() {
        assert_eq!(parts([0, 1, 0, 1].into_iter()), 2);
    }

    #[test]
    fn no_two_parts_are_on_one_line() {
        let parts = ByKey::<u8>::default();
        let places: Vec<usize> = parts
            .iter()
            .map(|part| core::ptr::from_ref(part).addr())
            .collect();
        assert_eq!(places.len(), PARTS);
        assert!(places.iter().all(|place| place % 128 == 0));
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 128));
    }
}
