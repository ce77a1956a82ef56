//! A call with end-to-end encryption, from real media files to files that play.
//!
//! Every participant sends every frame of the inputs as SFrame (RFC 9605) through a forwarder that
//! holds no key. The others decrypt, write the files out and compare them with the inputs. Then
//! the forwarder tampers, and a participant is removed; both must fail to get anything.
//!
//! ```text
//! cargo run --release --example call
//! cargo run --release --example call -- --help
//! ```
//!
//! To learn the library, read `participant.rs`: it is what an application has to do. Keys come
//! from `demo_keys.rs`, where a real call has its key management.

mod args;
mod call;
mod check;
mod demo_keys;
mod forwarder;
mod input;
mod media;
mod participant;
mod recording;
mod removal;
mod report;
mod tampering;

use std::io::{self, Write};
use std::process::ExitCode;

use args::{Args, Command};
use call::Call;
use check::Verdict;

type Result<T> = core::result::Result<T, Box<dyn core::error::Error>>;

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let done = match Command::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => args::print_help(&mut out)
            .map(|()| true)
            .map_err(Into::into),
        Ok(Command::Call(args)) => run(&args, &mut out),
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

/// The whole demonstration; whether everything was as it must be.
fn run(args: &Args, out: &mut dyn Write) -> Result<bool> {
    let inputs = input::read_all(&args.inputs)?;
    let mut verdict = Verdict::default();
    let mut call = Call::new(args, &inputs)?;
    report::opening(out, args, &inputs, &call.participants)?;

    let costs = call.send_everything(out, &mut verdict)?;
    report::forwarder_view(out, &call.forwarder, &call.forwarder_folder())?;
    call.compare_recordings(out, &mut verdict)?;
    tampering::show(&mut call, out, &mut verdict)?;
    removal::show(&mut call, out, &mut verdict)?;

    report::costs(out, &inputs, &costs)?;
    report::verdict(out, &verdict)?;
    Ok(verdict.is_good())
}

fn is_broken_pipe(error: &(dyn core::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
