//! Measures several pieces of work side by side, in one process.
//!
//! The speed of a shared machine drifts by tens of percent within seconds, so nothing here is timed
//! alone: in every round each case runs one batch, in turn, and what counts is the ratio of two
//! cases within a round. The median of the ratios is quoted. Time is that of the thread on the
//! processor, so that other processes which take the processor away are not counted.

use std::ops::{Deref, DerefMut, Range};
use std::process::ExitCode;
use std::time::Duration;

use cpu_time::ThreadTime;

#[cfg(feature = "keys")]
pub mod aeads;
pub mod peer;
pub mod plot;

/// One piece of work: prepares a batch, then runs it and says how long that took.
pub struct Case<'a> {
    run: Box<dyn FnMut() -> Duration + 'a>,
    rounds: Vec<f64>,
}

impl<'a> Case<'a> {
    /// `prepare` runs before each batch and is not timed; `work` is called with `0..batch`.
    pub fn new<S: 'a>(
        batch: usize,
        mut state: S,
        mut prepare: impl FnMut(&mut S) + 'a,
        mut work: impl FnMut(&mut S, usize) + 'a,
    ) -> Self {
        let run = move || {
            prepare(&mut state);
            let start = ThreadTime::now();
            for index in 0..batch {
                work(&mut state, index);
            }
            start.elapsed() / u32::try_from(batch).expect("a batch is small")
        };
        Self {
            run: Box::new(run),
            rounds: Vec::new(),
        }
    }

    /// Nanoseconds for one piece of work, the median over the rounds.
    #[must_use]
    pub fn nanoseconds(&self) -> f64 {
        median(self.rounds.clone())
    }

    /// How many times as long as the other one this takes, the median of the rounds' ratios.
    #[must_use]
    pub fn ratio_to(&self, other: &Self) -> f64 {
        median(self.pairs(other).map(|(a, b)| a / b).collect())
    }

    /// How many nanoseconds longer than the other one this takes, the median over the rounds.
    #[must_use]
    pub fn excess_over(&self, other: &Self) -> f64 {
        median(self.pairs(other).map(|(a, b)| a - b).collect())
    }

    fn pairs(&self, other: &Self) -> impl Iterator<Item = (f64, f64)> {
        self.rounds
            .iter()
            .copied()
            .zip(other.rounds.iter().copied())
    }
}

/// Runs all cases in turn, `rounds` times, after two rounds that are not counted.
pub fn interleave(cases: &mut [&mut Case<'_>], rounds: usize) {
    for round in 0..rounds + 2 {
        for case in &mut *cases {
            let time = (case.run)().as_nanos() as f64;
            if round >= 2 {
                case.rounds.push(time);
            }
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What a run is checked against.
#[derive(Default)]
pub struct Limits {
    exceeded: Vec<String>,
}

impl Limits {
    /// Notes what was exceeded, if this does not hold.
    pub fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.exceeded.push(what());
        }
    }

    /// Prints what was exceeded; a failure if the run is strict.
    #[must_use]
    pub fn report(self, strict: bool) -> ExitCode {
        if self.exceeded.is_empty() {
            println!("\nAll limits hold.");
            return ExitCode::SUCCESS;
        }
        println!("\nLimits exceeded:");
        for line in &self.exceeded {
            println!("  {line}");
        }
        if strict {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

/// Enough frames that the clock does not matter, few enough that they fit the cache.
#[must_use]
pub fn batch(size: usize) -> usize {
    (400_000 / size).clamp(4, 512)
}

/// Fewer rounds for large frames.
#[must_use]
pub fn rounds_for(rounds: usize, size: usize) -> usize {
    if size >= 100_000 {
        rounds.min(31)
    } else {
        rounds
    }
}

/// A payload with room for header and tag around it.
#[must_use]
pub fn padded(size: usize) -> Vec<u8> {
    vec![0x5a; size + 64]
}

/// Bytes that begin at a multiple of 64 and, where they can, lie within one page: an access across
/// the end of a page takes some ten nanoseconds more, and chance shall not choose who makes one.
pub struct Buffer {
    bytes: Vec<u8>,
    place: Range<usize>,
}

impl Buffer {
    /// As [`padded`].
    #[must_use]
    pub fn padded(size: usize) -> Self {
        let len = size + 64;
        const PAGE: usize = 4096;
        let mut refused = Vec::new();
        loop {
            let bytes = vec![0x5a; len + 63];
            let start = bytes.as_ptr().align_offset(64);
            let in_page = (bytes.as_ptr().addr() + start) % PAGE;
            if in_page + len <= PAGE || len > PAGE {
                let place = start..start + len;
                return Self { bytes, place };
            }
            // Kept until another one is found, which so lies elsewhere.
            refused.push(bytes);
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.place.clone()]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.place.clone()]
    }
}
