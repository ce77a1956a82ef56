//! A call with MLS keys in which everything goes wrong that can, in virtual time.
//!
//! Members join, leave, crash and come back; every epoch arrives late; the network loses, delays,
//! reorders and repeats; a forger, removed members and a replaying forwarder work against it. Every
//! frame is accounted for, and everything that the library answers is compared with what it must
//! answer.
//!
//! ```text
//! cargo run --release --example churn
//! cargo run --release --example churn -- --members 50 --minutes 30 --holding --svg churn.svg
//! ```
//!
//! To learn the library, read `world/device.rs`: it is what an application has to do around an
//! `EpochManager`. Epochs come from `world/delivery_service.rs`, where a real call has MLS.

mod args;
#[path = "../call/check.rs"]
#[allow(dead_code, reason = "used by the world, and by the example `call`")]
mod check;
mod plot;
mod report;
mod timeline;
mod world;

use std::io::{self, Write};
use std::process::ExitCode;

use args::{Args, Command};
use world::simulation;

type Result<T> = core::result::Result<T, Box<dyn core::error::Error>>;

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let done = match Command::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => args::print_help(&mut out)
            .map(|()| true)
            .map_err(Into::into),
        Ok(Command::Churn(args)) => run(&args, &mut out),
        Err(error) => Err(format!("{error}\n--help shows the options").into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // Whoever reads the output has seen enough, as `head` does.
            if !is_broken_pipe(&*error) {
                eprintln!("error: {error}");
            }
            ExitCode::from(2)
        }
    }
}

/// The whole call; whether everything was as it must be.
fn run(args: &Args, out: &mut dyn Write) -> Result<bool> {
    report::opening(out, &args.settings)?;
    timeline::heading(out)?;
    let mut shown = Ok(());
    let outcomes = simulation::run(&args.settings, &mut |change| {
        if shown.is_ok() {
            shown = timeline::show(out, change);
        }
    });
    shown?;
    report::accounts(out, &outcomes)?;
    if let Some(path) = &args.svg {
        let plot = plot::draw(&args.settings, &outcomes);
        std::fs::write(path, plot).map_err(|error| format!("{}: {error}", path.display()))?;
        writeln!(out, "\nFrames lost around each change: {}", path.display())?;
    }
    writeln!(out, "\nChecks")?;
    let verdict = outcomes.checks.finish(out)?;
    report::verdict(out, &verdict)?;
    Ok(verdict.is_good())
}

fn is_broken_pipe(error: &(dyn core::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
