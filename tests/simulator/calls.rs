//! Whole calls, of two virtual minutes: with every setting that changes what must happen.

use frameseal::{EncryptionStatus as Level, Policy};

use crate::world::changes::Changes;
use crate::world::checks::Levels;
use crate::world::delivery_service::Kind;
use crate::world::ledger::Totals;
use crate::world::settings::Settings;
use crate::world::simulation;

/// What is looked at of a call.
struct Outcomes {
    totals: Totals,
    changes: Changes,
    levels: Levels,
}

/// Runs a call; everything that must hold in every call, holds.
fn run(settings: &Settings) -> Outcomes {
    let outcomes = simulation::run(settings, &mut |_| {});
    let mut text = Vec::new();
    let verdict = outcomes.checks.finish(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    println!("{settings:?}\n{:?}\n{text}", outcomes.totals);
    assert!(verdict.is_good(), "{settings:?}\n{text}");
    assert_accounts_are_complete(&outcomes.totals);
    Outcomes {
        totals: outcomes.totals,
        changes: outcomes.changes,
        levels: outcomes.levels,
    }
}

/// Every frame has one fate at every receiver.
fn assert_accounts_are_complete(totals: &Totals) {
    let Totals {
        sent,
        opened,
        network,
        add,
        removal,
        new_sender,
        not_yet,
        gone,
        ..
    } = *totals;
    let parts = [opened, network, add, removal, new_sender, not_yet, gone];
    assert_eq!(parts.iter().sum::<u64>(), sent);
    assert!(opened > 10_000, "{totals:?}");
    // 2 % lost, half of it sent again.
    let rate = network as f64 / (opened + network) as f64;
    assert!((0.005..0.02).contains(&rate), "{rate}");
}

fn seen(outcomes: &Outcomes, levels: &[Level]) {
    for level in levels {
        let (members, room) = outcomes.levels.seen(*level);
        assert!(members > 0 && room > 0, "{level:?} was never due");
    }
}

#[test]
fn a_send_delay_saves_every_frame_at_adds_and_removals_are_told_apart() {
    for seed in 1..=3 {
        let outcomes = run(&Settings::new(8, 2, seed));
        let totals = outcomes.totals;
        assert_eq!(totals.add, 0);
        assert_eq!(totals.held, [0; 4]);
        // Who was told of a removal sends at once, before others were told.
        assert!(totals.removal > 100 && totals.new_sender > 0, "{totals:?}");
        seen(&outcomes, &[Level::OverlapAfterRemoval, Level::EndToEnd]);
    }
}

#[test]
fn a_holding_buffer_saves_every_frame_at_every_change() {
    for seed in 4..=6 {
        let mut settings = Settings::new(8, 2, seed);
        (settings.delay, settings.holding) = (0, true);
        let totals = run(&settings).totals;
        assert_eq!((totals.add, totals.removal, totals.new_sender), (0, 0, 0));
        // All kinds of waiting: at adds, removals, a sender's first epoch, one's own.
        assert!(totals.held.iter().all(|held| *held > 20), "{totals:?}");
    }
}

#[test]
fn without_delay_and_holding_buffer_adds_lose_frames_and_the_simulator_sees_it() {
    let mut settings = Settings::new(8, 2, 7);
    settings.delay = 0;
    assert!(!settings.covers_changes());
    let totals = run(&settings).totals;
    assert!(totals.add > 100 && totals.removal > 100, "{totals:?}");
}

#[test]
fn a_holding_buffer_beside_the_delay_saves_what_removals_would_lose() {
    let mut settings = Settings::new(8, 2, 8);
    let without = run(&settings).totals;
    settings.holding = true;
    let with = run(&settings).totals;
    assert_eq!((with.add, with.removal, with.new_sender), (0, 0, 0));
    assert_eq!(with.held[0], 0, "the delay covers adds by itself");
    // But for frames that came twice, once early and once not.
    let saved = with.held[1].abs_diff(without.removal);
    assert!(saved * 20 < without.removal, "{with:?} {without:?}");
}

#[test]
fn acknowledgements_move_sending_before_the_delay_and_lose_nothing() {
    let mut settings = Settings::new(8, 2, 9);
    (settings.delay, settings.acknowledge) = (5_000, true);
    let outcomes = run(&settings);
    assert_eq!(outcomes.totals.add, 0);
    let changes = outcomes.changes.all().iter();
    let joins = changes.filter(|change| change.kind == Kind::Join);
    let moved = joins.filter_map(|join| Some(join.sent_by? - join.at));
    let early = moved.filter(|after| *after < 4_000).count();
    assert!(early > 5, "{early}");
}

#[test]
fn strict_calls_have_no_overlap_and_accept_no_forgery_by_who_left() {
    let mut settings = Settings::new(8, 2, 10);
    settings.policy = Policy::Strict;
    let outcomes = run(&settings);
    assert!(outcomes.totals.removal_late > 20, "{:?}", outcomes.totals);
    assert_eq!(outcomes.levels.seen(Level::OverlapAfterRemoval), (0, 0));
}

#[test]
fn members_who_pause_and_old_clients_have_the_status_that_they_should() {
    for seed in 11..=12 {
        let mut settings = Settings::new(7, 2, seed);
        (settings.pauses, settings.mixed_clients) = (true, true);
        let outcomes = run(&settings);
        let levels = [
            Level::Broken,
            Level::TransportOnly,
            Level::Unknown,
            Level::OverlapAfterRemoval,
            Level::EndToEnd,
            Level::EndToEndVerified,
        ];
        seen(&outcomes, &levels);
        // The room is stale only when nobody speaks.
        assert!(outcomes.levels.seen(Level::Stale).0 > 0);
    }
}

#[test]
fn few_cached_keys_and_few_epoch_bits_change_nothing() {
    let mut settings = Settings::new(8, 2, 13);
    // Fewer keys than senders, and epochs that come around after 16.
    (settings.cached_keys, settings.epoch_bits) = (3, 4);
    settings.holding = true;
    let totals = run(&settings).totals;
    assert_eq!((totals.add, totals.removal), (0, 0));
}

#[test]
fn the_same_seed_is_the_same_call_and_another_one_is_not() {
    let mut settings = Settings::new(8, 1, 14);
    let once = run(&settings).totals;
    assert_eq!(run(&settings).totals, once);
    settings.seed = 15;
    assert_ne!(run(&settings).totals, once);
}
