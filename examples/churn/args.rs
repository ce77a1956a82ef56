//! The command line.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use frameseal::Policy;
use lexopt::prelude::*;

use crate::world::settings::Settings;

const DEFAULT_MEMBERS: usize = 12;
const DEFAULT_MINUTES: u64 = 2;
const DEFAULT_SEED: u64 = 1;
const DEFAULT_DELAY: u64 = 2_000;

pub(crate) enum Command {
    Help,
    Churn(Args),
}

pub(crate) struct Args {
    pub(crate) settings: Settings,
    pub(crate) svg: Option<PathBuf>,
}

impl Command {
    pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut settings = Settings::new(DEFAULT_MEMBERS, DEFAULT_MINUTES, DEFAULT_SEED);
        settings.delay = DEFAULT_DELAY;
        let (mut members, mut minutes) = (DEFAULT_MEMBERS, DEFAULT_MINUTES);
        let mut svg = None;
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(Self::Help),
                Short('n') | Long("members") => {
                    members = number(&parser.value()?, "members", 5, 200)?;
                }
                Short('m') | Long("minutes") => {
                    minutes = number(&parser.value()?, "minutes", 1, 120)?;
                }
                Short('s') | Long("seed") => {
                    settings.seed = number(&parser.value()?, "seed", 0, u64::MAX)?;
                }
                Short('d') | Long("delay") => {
                    settings.delay = number(&parser.value()?, "delay", 0, 8_000)?;
                }
                Long("holding") => settings.holding = true,
                Long("acks") => settings.acknowledge = true,
                Long("strict") => settings.policy = Policy::Strict,
                Long("svg") => svg = Some(parser.value()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        let sized = Settings::new(members, minutes, settings.seed);
        settings.members = sized.members;
        settings.length = sized.length;
        Ok(Self::Churn(Args { settings, svg }))
    }
}

fn number<N>(value: &OsStr, name: &str, least: N, most: N) -> Result<N, lexopt::Error>
where
    N: FromStr + PartialOrd + Copy + core::fmt::Display,
{
    let text = value.to_string_lossy();
    match text.parse() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(format!("--{name} {text}: a number from {least} to {most} is needed").into()),
    }
}

pub(crate) fn print_help(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\
A call with MLS keys (SFrame, RFC 9605 section 5.2) in virtual time: members join, leave and
crash, every epoch arrives late, the network is bad, and attackers work against it.

Usage: cargo run --release --example churn -- [options]

  -n, --members N   5 to 200 (default {DEFAULT_MEMBERS})
  -m, --minutes N   of virtual time, 1 to 120 (default {DEFAULT_MINUTES})
  -s, --seed N      decides everything that is random (default {DEFAULT_SEED})
  -d, --delay MS    how long a member sends with the old epoch after it got a new one, 0 to 8000
                    (default {DEFAULT_DELAY}); epochs arrive up to 1000 ms apart
      --holding     members hold frames that come before their epoch
      --acks        members tell each other which epochs they have, and send with a new one as soon
                    as all have it
      --strict      the strict policy: no overlap after a removal
      --svg PATH    writes a plot of the frames lost around each change
  -h, --help        this text

Exit code: 0 when everything was as it must be, 1 when a check failed, 2 when an option is wrong or
a file cannot be written."
    )
}
