//! What must happen, counted: each attempt is compared with the one result that is right.
//!
//! An attack that succeeds is a failed check, and so is one that fails in another way than it
//! must; a check without attempts proves nothing and fails too.

use std::io::{self, Write};

use frameseal::Error;

/// Attempts of one kind.
pub(crate) struct Check {
    what: String,
    right: usize,
    attempts: usize,
    first_wrong: Option<String>,
}

/// All checks of a run.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) checks: usize,
    pub(crate) failed: usize,
}

impl Check {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            right: 0,
            attempts: 0,
            first_wrong: None,
        }
    }

    /// The attempt must be refused, with exactly this error; it got `error`, or succeeded.
    pub(crate) fn refused(&mut self, error: Option<Error>, expected: Error) {
        self.count(match error {
            Some(error) if error == expected => Ok(()),
            Some(error) => Err(format!("refused as \"{error}\", not \"{expected}\"")),
            None => Err(format!("succeeded instead of \"{expected}\"")),
        });
    }

    /// The attempt must succeed.
    pub(crate) fn holds(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.count(if holds { Ok(()) } else { Err(otherwise()) });
    }

    fn count(&mut self, outcome: Result<(), String>) {
        self.attempts += 1;
        match outcome {
            Ok(()) => self.right += 1,
            Err(wrong) => {
                self.first_wrong.get_or_insert(wrong);
            }
        }
    }

    /// Prints one line, with `result` for what every attempt came to.
    pub(crate) fn finish(
        self,
        out: &mut dyn Write,
        verdict: &mut Verdict,
        result: &str,
    ) -> io::Result<()> {
        let good = self.right == self.attempts && self.attempts > 0;
        let mark = if good { "ok" } else { "FAILED" };
        let count = format!("{} of {}", self.right, self.attempts);
        writeln!(out, "  {mark:2}  {:49} {count:>14}  {result}", self.what)?;
        if let Some(wrong) = &self.first_wrong {
            writeln!(out, "      the first that was wrong: {wrong}")?;
        }
        verdict.checks += 1;
        verdict.failed += usize::from(!good);
        Ok(())
    }
}

impl Verdict {
    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0 && self.checks > 0
    }
}
