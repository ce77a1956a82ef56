//! The timeline: a line for each change of the group.

use std::io::{self, Write};

use crate::world::changes::Change;
use crate::world::delivery_service::Kind;
use crate::world::queue::Millis;

pub(crate) fn heading(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\nEpochs. \"moved\": when the first and the last member sent in it. \"lost\": frames times \
         receivers, lost\nto this change of key; \"newcomer\": first frames of who came, before \
         others had the epoch; \"waited\":\nheld until the epoch came, and opened; \"forged\": by \
         who left, accepted during the overlap.\n"
    )?;
    writeln!(
        out,
        " time  epoch  what                          members  moved              lost newcomer waited forged"
    )
}

pub(crate) fn show(out: &mut dyn Write, change: &Change) -> io::Result<()> {
    let (minutes, seconds) = (change.at / 60_000, change.at % 60_000 / 1_000);
    writeln!(
        out,
        "{minutes:>2}:{seconds:02} {:>6}  {:28} {:>8}  {:16} {:>6} {:>8} {:>6} {:>6}",
        change.epoch,
        what(change),
        change.members,
        moved(change),
        or_dash(change.lost),
        or_dash(change.lost_of_new),
        or_dash(change.held),
        or_dash(change.forged),
    )
}

fn what(change: &Change) -> String {
    let who =
        |process: Option<usize>| process.map_or_else(String::new, |process| format!("{process}"));
    let (added, removed) = (who(change.added), who(change.removed));
    match change.kind {
        Kind::Start => "the call begins".into(),
        Kind::Join => format!("+ no. {added} joins"),
        Kind::Leave => format!("- no. {removed} leaves"),
        Kind::Update => "  keys are renewed".into(),
        Kind::Return => format!("± no. {removed} crashed, back as {added}"),
        Kind::Evict => format!("- no. {removed} crashed, is removed"),
    }
}

/// From when until when sending moved, behind the change.
fn moved(change: &Change) -> String {
    let after = |at: Millis| (at - change.at) as f64 / 1_000.0;
    match (change.sent_from, change.sent_by) {
        (Some(from), Some(by)) => format!("+{:.1} to +{:.1} s", after(from), after(by)),
        _ => "-".into(),
    }
}

fn or_dash(count: u64) -> String {
    if count == 0 {
        "-".into()
    } else {
        count.to_string()
    }
}
