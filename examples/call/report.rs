//! What is printed about the call: who takes part, what the forwarder sees, what it cost.

use core::time::Duration;
use std::io::{self, Write};
use std::path::Path;

use crate::args::Args;
use crate::call::Cost;
use crate::check::Verdict;
use crate::forwarder::{Forwarder, Seen};
use crate::input::Input;
use crate::participant::Participant;

/// Streams of which the forwarder's view is shown; a large call has more.
const SHOWN_STREAMS: usize = 8;

/// Inputs, participants and key ids.
pub(crate) fn opening(
    out: &mut dyn Write,
    args: &Args,
    inputs: &[Input],
    participants: &[Participant],
) -> io::Result<()> {
    writeln!(
        out,
        "A call of {} with end-to-end encryption: SFrame (RFC 9605), {}\n\nInputs",
        participants.len(),
        args.suite
    )?;
    for input in inputs {
        writeln!(
            out,
            "  {:10} {:20} {:>7} frames {:>12} bytes  {}",
            input.label,
            input.media.description.to_string(),
            grouped(input.media.frames.len()),
            grouped(input.media.payload_len()),
            short(&input.path).display()
        )?;
    }
    writeln!(
        out,
        "\nKeys: for demonstration, from a fixed seed; a real call has key management (MLS, sender keys)"
    )?;
    for participant in participants {
        let sends: Vec<String> = inputs
            .iter()
            .zip(participant.sending_key_ids())
            .map(|(input, key_id)| format!("{} with KID {key_id}", input.label))
            .collect();
        writeln!(
            out,
            "  {:10} sends {}; has {} keys to receive",
            participant.name,
            sends.join(", "),
            participant.receiving_key_count()
        )?;
    }
    writeln!(out, "  {:10} has no key", "forwarder")
}

/// The line before the progress of the call.
pub(crate) fn sending(out: &mut dyn Write, frames: usize, receivers: usize) -> io::Result<()> {
    let frames = grouped(frames);
    let plural = if receivers == 1 { "" } else { "s" };
    writeln!(
        out,
        "\nSending {frames} frames, each to {receivers} receiver{plural} through the forwarder"
    )
}

/// All that a server without keys knows.
pub(crate) fn forwarder_view(
    out: &mut dyn Write,
    forwarder: &Forwarder,
    folder: &Path,
) -> io::Result<()> {
    writeln!(out, "\nWhat the forwarder sees: KID, CTR, sizes")?;
    for (key_id, seen) in forwarder.streams().take(SHOWN_STREAMS) {
        writeln!(out, "  KID {key_id:<3} {}", view_of(seen))?;
    }
    let more = forwarder.streams().len().saturating_sub(SHOWN_STREAMS);
    if more > 0 {
        writeln!(out, "  and {more} more streams")?;
    }
    let folder = folder.display();
    writeln!(
        out,
        "  What it could record of one participant, for any player to try: {folder}"
    )
}

fn view_of(seen: &Seen) -> String {
    let mut line = String::new();
    for (counter, size) in &seen.first {
        let shown = format!("CTR {counter}: {} B", grouped(*size));
        line += &format!("{shown:17}");
    }
    let more = seen.frames - seen.first.len();
    let (more, bytes) = (grouped(more), grouped(seen.bytes));
    line + &format!("and {more} more; {bytes} B in all")
}

/// A row for each input, over all who sent and received it.
pub(crate) fn costs(out: &mut dyn Write, inputs: &[Input], costs: &[Cost]) -> io::Result<()> {
    writeln!(
        out,
        "\n{:10} {:>8} {:>13} {:>9} {:>9} {:>11} {:>11}",
        "stream", "frames", "payload B", "added B", "added", "encrypt", "decrypt"
    )?;
    for (input, cost) in inputs.iter().zip(costs) {
        let added = cost.sealed_bytes - cost.payload_bytes;
        writeln!(
            out,
            "{:10} {:>8} {:>13} {:>9} {:>9} {:>11} {:>11}",
            input.label,
            grouped(cost.encrypting.len()),
            grouped(cost.payload_bytes),
            grouped(added),
            percent(added, cost.payload_bytes),
            median(&cost.encrypting),
            median(&cost.decrypting)
        )?;
    }
    let build = if cfg!(debug_assertions) {
        "; this build is not optimised, so the times say nothing"
    } else {
        ""
    };
    writeln!(
        out,
        "All senders together; times for one frame, on one thread, median{build}"
    )
}

pub(crate) fn verdict(out: &mut dyn Write, verdict: &Verdict) -> io::Result<()> {
    let Verdict { checks, failed } = verdict;
    if verdict.is_good() {
        writeln!(out, "\nOK: all {checks} checks passed")
    } else {
        writeln!(out, "\nFAILED: {failed} of {checks} checks")
    }
}

/// The path from the current folder, if it is below it.
fn short(path: &Path) -> &Path {
    std::env::current_dir()
        .ok()
        .and_then(|folder| path.strip_prefix(folder).ok())
        .unwrap_or(path)
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".into();
    }
    format!("{:.1} %", part as f64 * 100.0 / whole as f64)
}

fn median(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    match sorted.get(sorted.len() / 2) {
        Some(time) => format!("{:.2} us", time.as_secs_f64() * 1e6),
        None => "-".into(),
    }
}

/// A number with a comma for each thousand.
fn grouped(number: usize) -> String {
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
