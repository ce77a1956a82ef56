//! What is printed before and after the timeline.

use std::io::{self, Write};

use crate::check::Verdict;
use crate::world::checks::LEVELS;
use crate::world::device::SUITE;
use crate::world::ledger::Totals;
use crate::world::settings::Settings;
use crate::world::simulation::Outcomes;

/// The settings in words.
pub(crate) fn opening(out: &mut dyn Write, settings: &Settings) -> io::Result<()> {
    let Settings {
        members,
        length,
        seed,
        delay,
        spread,
        change_every,
        faults,
        ..
    } = settings;
    writeln!(
        out,
        "A call of {members} with end-to-end encryption: SFrame (RFC 9605), {SUITE}, keys from MLS \
         epochs\n{} minutes of virtual time, seed {seed}; a join or leave every {} s, crashes and \
         updates between\nEvery member sends 5 frames of 100 bytes a second to every other one",
        length / 60_000,
        change_every / 1_000,
    )?;
    writeln!(
        out,
        "Network: {} % lost, half of that sent again; up to {} ms late, {} % twice, {} % out of order",
        faults.lost / 10,
        faults.jitter,
        faults.duplicated / 10,
        faults.reordered / 10,
    )?;
    let moves = if settings.acknowledge {
        format!("when all have it, or after {delay} ms")
    } else {
        format!("after {delay} ms")
    };
    let holding = if settings.holding {
        "frames that come before their epoch are held"
    } else {
        "no holding buffer"
    };
    writeln!(
        out,
        "Epochs arrive up to {spread} ms late; sending moves {moves}, after a removal at once; {holding}"
    )
}

/// What became of all frames, of the attacks, and what the status was.
pub(crate) fn accounts(out: &mut dyn Write, outcomes: &Outcomes) -> io::Result<()> {
    frames(out, &outcomes.totals)?;
    writeln!(out, "\nAttacks")?;
    let forged_in_overlap: u64 = {
        let changes = outcomes.changes.all();
        changes.iter().map(|change| change.forged).sum()
    };
    let rows = [
        ("frames forged without keys", outcomes.forged),
        ("frames sent again by the forwarder", outcomes.replayed),
        (
            "frames forged with a removed member's keys",
            outcomes.forged_by_removed,
        ),
        ("  accepted before or in the overlap", forged_in_overlap),
        (
            "frames read with them, of senders before their cut-off",
            outcomes.read_before_cut_off,
        ),
    ];
    for (what, count) in rows {
        writeln!(out, "  {what:55} {:>13}", grouped(count))?;
    }
    let (keys, intervals) = outcomes.nonces;
    writeln!(
        out,
        "\nSending keys of {} processes: {}, whose counters make {} intervals without gap or overlap",
        outcomes.processes,
        grouped(keys as u64),
        grouped(intervals as u64)
    )?;
    statuses(out, outcomes)
}

fn frames(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    let Totals {
        sent,
        not_yet,
        gone,
        held,
        ..
    } = *totals;
    let to_members = sent - not_yet - gone;
    writeln!(
        out,
        "\n{} frames, each for all others: frames times receivers",
        grouped(totals.frames)
    )?;
    let rows = [
        ("for members of their epoch", to_members),
        ("  opened", totals.opened),
        ("    after waiting for an add or update", held[0]),
        ("    after waiting for a removal", held[1]),
        ("    after waiting for the sender's first epoch", held[2]),
        ("  lost in the network", totals.network),
        (
            "  lost to the change of key at an add or update",
            totals.add,
        ),
        ("  lost to the change of key at a removal", totals.removal),
        (
            "    of these, its epoch had been retired",
            totals.removal_late,
        ),
        ("  lost in the sender's first epoch", totals.new_sender),
    ];
    for (what, count) in rows {
        let share = count as f64 * 100.0 / (to_members as f64).max(1.0);
        writeln!(out, "  {what:55} {:>13} {share:>9.4} %", grouped(count))?;
    }
    let rows = [
        ("for who had no epoch yet", not_yet),
        ("for who left or crashed meanwhile", gone),
    ];
    for (what, count) in rows {
        writeln!(out, "  {what:55} {:>13}", grouped(count))?;
    }
    Ok(())
}

fn statuses(out: &mut dyn Write, outcomes: &Outcomes) -> io::Result<()> {
    writeln!(
        out,
        "\n{:25} {:>14} {:>14}",
        "status, when compared", "of members", "of the room"
    )?;
    for level in LEVELS {
        let (members, room) = outcomes.levels.seen(level);
        let level = format!("{level:?}");
        let (members, room) = (grouped(members), grouped(room));
        writeln!(out, "  {level:23} {members:>14} {room:>14}")?;
    }
    Ok(())
}

pub(crate) fn verdict(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let Verdict { checks, failed } = verdict;
    if verdict.is_good() {
        writeln!(out, "\nOK: all {checks} checks passed")
    } else {
        writeln!(out, "\nFAILED: {failed} of {checks} checks")
    }
}

/// A number with a comma for each thousand.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
