//! When somebody comes or goes, and when somebody falls over: drawn from the seed before anything
//! happens, so that the same happens in a call with other delays or holding buffers.

use super::queue::Millis;
use super::random::Random;
use super::settings::Settings;

/// Between two updates, and between two crashes.
const UPDATE_EVERY: Millis = 35_000;
const CRASH_EVERY: Millis = 40_000;

/// Something that a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Somebody joins, or leaves when the call is larger than it should be.
    JoinOrLeave,
    Update,
    /// A process dies without a word. The person comes back, or is removed, so much later.
    Crash {
        back: bool,
        after: Millis,
    },
}

/// All steps of a call, in order of time.
pub(crate) fn plan(settings: &Settings) -> Vec<(Millis, Step)> {
    let mut random = Random::of(settings.seed, "population");
    let mut steps = Vec::new();
    let mut at = settings.change_every;
    while at < settings.length {
        steps.push((at, Step::JoinOrLeave));
        at += settings.change_every;
    }
    let spread = |random: &mut Random, every: Millis| every / 2 + random.below(every);
    let mut at = spread(&mut random, UPDATE_EVERY);
    while at < settings.length {
        steps.push((at, Step::Update));
        at += spread(&mut random, UPDATE_EVERY);
    }
    let mut at = spread(&mut random, CRASH_EVERY);
    while at < settings.length {
        let back = random.chance(500);
        let after = if back { 1_000 } else { 5_000 } + random.below(9_000);
        steps.push((at, Step::Crash { back, after }));
        at += spread(&mut random, CRASH_EVERY);
    }
    steps.sort_by_key(|(at, _)| *at);
    steps
}
