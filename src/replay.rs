//! The replay window: which counters of one key have been accepted (RFC 9605 §9.3).
//!
//! Third layer, under `decryption_key.rs`. The window covers the highest counter that was accepted
//! and those just below it (RFC 3711 §3.3.2). It is asked before a frame is opened and changed
//! only after the frame has authenticated, so forged frames cannot move it.

use crate::error::Error;
use crate::header::Counter;

/// Whether a key refuses counters that it has accepted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayProtection {
    /// Accepts each counter once, and none that is this many or more below the highest accepted
    /// one. Rounded up to a power of two, at least 64. Takes a bit of memory for each counter and
    /// key.
    Window(u32),
    /// Accepts any counter any number of times. For applications that have their own protection;
    /// RFC 9605 §7.5 counts on replay protection where tags are short.
    Off,
}

impl ReplayProtection {
    /// The window that is used when none is given: 1,024 counters, for frames. Per-packet use
    /// wants 4,096 or more.
    pub const DEFAULT: Self = Self::Window(1024);
}

impl Default for ReplayProtection {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// One bit for each counter of a window: an array, or with `alloc` a boxed slice.
pub trait WindowBits: sealed::Sealed {
    /// The bits in words; the number of words is a power of two.
    #[doc(hidden)]
    fn words(&self) -> &[u64];
    #[doc(hidden)]
    fn words_mut(&mut self) -> &mut [u64];
}

mod sealed {
    pub trait Sealed {}
    impl<const W: usize> Sealed for [u64; W] {}
    #[cfg(feature = "alloc")]
    impl Sealed for alloc::boxed::Box<[u64]> {}
}

impl<const W: usize> WindowBits for [u64; W] {
    fn words(&self) -> &[u64] {
        const { assert!(W.is_power_of_two(), "a window has a power of two of words") };
        self
    }

    fn words_mut(&mut self) -> &mut [u64] {
        self
    }
}

#[cfg(feature = "alloc")]
impl WindowBits for alloc::boxed::Box<[u64]> {
    fn words(&self) -> &[u64] {
        self
    }

    fn words_mut(&mut self) -> &mut [u64] {
        self
    }
}

/// Words for a window of at least so many counters.
pub(crate) fn words_for(counters: u32) -> usize {
    (counters.div_ceil(64) as usize).next_power_of_two()
}

/// Counters of a window of so many words, as far as they can be asked for.
pub(crate) const fn fixed_counters(words: usize) -> u32 {
    let counters = (words as u64).saturating_mul(64);
    if counters > u32::MAX as u64 {
        return u32::MAX;
    }
    #[allow(clippy::cast_possible_truncation, reason = "compared above")]
    let counters = counters as u32;
    counters
}

/// The zeroed bits of a window with room for `64 * W` counters; `None` without protection.
pub(crate) fn fixed_bits<const W: usize>(
    protection: ReplayProtection,
) -> Result<Option<[u64; W]>, Error> {
    match protection {
        ReplayProtection::Off => Ok(None),
        ReplayProtection::Window(counters) if words_for(counters) <= W => Ok(Some([0; W])),
        ReplayProtection::Window(_) => Err(Error::InvalidArgument(
            "the replay window is larger than the fixed one",
        )),
    }
}

/// Counters `highest - size + 1 ..= highest`, a bit each: counter `c` is bit `c mod size`.
#[derive(Debug)]
pub(crate) struct ReplayWindow<B> {
    bits: B,
    /// How many words of `bits` are in use; a power of two.
    words: usize,
    /// `None` before the first frame: then every counter is new.
    highest: Option<u64>,
}

/// What is wrong with a counter that cannot be accepted. Not the whole error: that has three words,
/// through which every frame would go on its way out of the lock.
#[derive(Debug)]
pub(crate) struct Replayed;

impl From<Replayed> for Error {
    fn from(_: Replayed) -> Self {
        Self::Replay
    }
}

impl<B: WindowBits> ReplayWindow<B> {
    /// A window of at least so many counters, as far as the zeroed `bits` reach.
    pub(crate) fn new(bits: B, counters: u32) -> Self {
        let words = words_for(counters).min(bits.words().len());
        Self {
            bits,
            words,
            highest: None,
        }
    }

    /// The highest counter that was accepted.
    pub(crate) fn highest(&self) -> Option<Counter> {
        self.highest.map(Counter::new)
    }

    /// Whether the counter could be accepted.
    ///
    /// # Errors
    /// When it was accepted before or lies below the window.
    #[inline]
    pub(crate) fn check(&self, counter: Counter) -> Result<(), Replayed> {
        let Some(highest) = self.highest else {
            return Ok(());
        };
        let counter = counter.value();
        let Some(behind) = highest.checked_sub(counter) else {
            return Ok(());
        };
        if behind >= self.size() || self.word(counter) & bit(counter) != 0 {
            return Err(Replayed);
        }
        Ok(())
    }

    /// Checks and records in one step; only for a frame that has authenticated.
    ///
    /// # Errors
    /// As from [`Self::check`], and then nothing is recorded.
    #[inline]
    pub(crate) fn record(&mut self, counter: Counter) -> Result<(), Replayed> {
        self.check(counter)?;
        let counter = counter.value();
        let advance = match self.highest {
            Some(highest) => counter.saturating_sub(highest),
            None => 0,
        };
        if advance == 1 {
            // The next frame in order: the bit that falls out of the window is the one to set.
            if let Some(word) = self.word_mut(counter) {
                *word |= bit(counter);
            }
            self.highest = Some(counter);
            return Ok(());
        }
        // The bits of the counters between the old and the new highest one belong to counters that
        // fall out of the window.
        if advance >= self.size() {
            self.bits.words_mut().fill(0);
        } else {
            self.clear_below(counter, advance);
        }
        if let Some(word) = self.word_mut(counter) {
            *word |= bit(counter);
        }
        self.highest = self.highest.max(Some(counter));
        Ok(())
    }

    /// Clears the bits of the `count` counters that end with `last`.
    #[inline]
    fn clear_below(&mut self, last: u64, count: u64) {
        let mut left = count;
        let mut at = last;
        while left > 0 {
            // Those of them that share a word with `at`, from bit `at` downwards.
            let in_word = (at % 64 + 1).min(left);
            let ones = u64::MAX >> (64 - in_word);
            if let Some(word) = self.word_mut(at) {
                *word &= !(ones << (at % 64 + 1 - in_word));
            }
            left -= in_word;
            at = at.wrapping_sub(in_word);
        }
    }

    #[inline]
    fn size(&self) -> u64 {
        self.words as u64 * 64
    }

    #[inline]
    fn word(&self, counter: u64) -> u64 {
        let index = word_index(counter, self.words);
        self.bits.words().get(index).copied().unwrap_or(u64::MAX)
    }

    #[inline]
    fn word_mut(&mut self, counter: u64) -> Option<&mut u64> {
        let index = word_index(counter, self.words);
        self.bits.words_mut().get_mut(index)
    }
}

#[inline]
fn word_index(counter: u64, words: usize) -> usize {
    // The number of words is a power of two. What a 32-bit target cuts off is masked anyway.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "masked in the next expression"
    )]
    let index = (counter / 64) as usize;
    index & words.wrapping_sub(1)
}

#[inline]
fn bit(counter: u64) -> u64 {
    1 << (counter % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(window: &mut ReplayWindow<[u64; 2]>, counter: u64) -> bool {
        let asked = window.check(Counter::new(counter)).is_ok();
        let recorded = window.record(Counter::new(counter)).is_ok();
        assert_eq!(asked, recorded);
        recorded
    }

    #[test]
    fn each_counter_is_accepted_once_in_any_order() {
        let mut window = ReplayWindow::new([0; 2], 128);
        for counter in [5, 3, 4, 0, 1, 2, 127, 126, 6] {
            assert!(accepts(&mut window, counter), "{counter}");
        }
        for counter in [5, 3, 4, 0, 1, 2, 127, 126, 6] {
            assert!(!accepts(&mut window, counter), "{counter}");
        }
    }

    #[test]
    fn the_window_covers_exactly_its_size() {
        let mut window = ReplayWindow::new([0; 2], 128);
        assert!(accepts(&mut window, 1000));
        assert!(!accepts(&mut window, 1000 - 128));
        assert!(accepts(&mut window, 1000 - 127));
    }

    #[test]
    fn a_window_smaller_than_its_bits_covers_what_was_asked_for() {
        let mut window = ReplayWindow::new([0; 2], 64);
        assert!(accepts(&mut window, 1000));
        assert!(!accepts(&mut window, 1000 - 64));
        assert!(accepts(&mut window, 1000 - 63));
        for counter in (1001..1100).step_by(7) {
            assert!(accepts(&mut window, counter));
            assert!(!accepts(&mut window, counter));
        }
    }

    #[test]
    fn both_ends_of_the_counter_range_work() {
        let mut window = ReplayWindow::new([0; 2], 128);
        assert!(accepts(&mut window, u64::MAX));
        assert!(accepts(&mut window, u64::MAX - 127));
        assert!(!accepts(&mut window, u64::MAX - 128));
        assert!(!accepts(&mut window, u64::MAX));
        assert!(!accepts(&mut window, 0));
        let mut window = ReplayWindow::new([0; 2], 128);
        assert!(accepts(&mut window, 0));
        assert!(!accepts(&mut window, 0));
        assert!(accepts(&mut window, u64::MAX));
    }

    #[test]
    fn so_many_words_are_asked_for_as_so_many_counters() {
        for words in [1, 2, 16, 64, 1 << 25, 1 << 26] {
            assert_eq!(words_for(fixed_counters(words)), words);
        }
        assert_eq!(fixed_counters(16), 1024);
        assert_eq!(fixed_counters(usize::MAX), u32::MAX);
    }

    #[test]
    fn sizes_are_rounded_up_to_powers_of_two() {
        for (counters, words) in [(0, 1), (1, 1), (64, 1), (65, 2), (1000, 16), (1024, 16)] {
            assert_eq!(words_for(counters), words, "{counters} counters");
        }
        assert_eq!(words_for(4096), 64);
    }
}
