//! Who comes, who goes, and who falls over: drawn from the seed before anything happens, so that
//! the same people do the same in a call with other settings.

use super::delivery_service::Kind;
use super::queue::Millis;
use super::random::Random;
use super::settings::Settings;

/// Between two updates, and between two crashes.
const UPDATE_EVERY: Millis = 35_000;
const CRASH_EVERY: Millis = 40_000;

/// Something that a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Change(Kind),
    /// A process dies without a word. The person comes back, or is removed, so much later.
    Crash { back: bool, after: Millis },
}

/// All steps of a call, in order of time.
pub(crate) fn plan(settings: &Settings) -> Vec<(Millis, Step)> {
    let mut random = Random::of(settings.seed, "population");
    let mut steps = Vec::new();
    let mut at = settings.change_every;
    let mut joins = true;
    while at < settings.length {
        let kind = if joins { Kind::Join } else { Kind::Leave };
        steps.push((at, Step::Change(kind)));
        // In turns, so that the call keeps its size.
        joins = !joins;
        at += settings.change_every;
    }
    let spread = |random: &mut Random, every: Millis| every / 2 + random.below(every);
    let mut at = spread(&mut random, UPDATE_EVERY);
    while at < settings.length {
        steps.push((at, Step::Change(Kind::Update)));
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
