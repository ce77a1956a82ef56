//! The command line.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::PathBuf;

use frameseal::CipherSuite;
use lexopt::prelude::*;

use crate::demo_keys::MAX_STREAMS;
use crate::participant::NAMES;

const DEFAULT_SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const DEFAULT_PARTICIPANTS: usize = 3;
/// From the folder of the crate, so that the example runs from anywhere.
const DEFAULT_INPUTS: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/media/video.ivf"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/media/audio.opus"),
];
const DEFAULT_OUTPUT: &str = "target/call";

pub(crate) enum Command {
    Help,
    Call(Args),
}

pub(crate) struct Args {
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) participants: usize,
    pub(crate) suite: CipherSuite,
    pub(crate) output: PathBuf,
}

impl Command {
    pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut args = Args {
            inputs: Vec::new(),
            participants: DEFAULT_PARTICIPANTS,
            suite: DEFAULT_SUITE,
            output: DEFAULT_OUTPUT.into(),
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(Self::Help),
                Short('i') | Long("input") => args.inputs.push(parser.value()?.into()),
                Short('n') | Long("participants") => {
                    args.participants = participants(&parser.value()?)?;
                }
                Short('s') | Long("suite") => args.suite = suite(&parser.value()?)?,
                Short('o') | Long("output") => args.output = parser.value()?.into(),
                other => return Err(other.unexpected()),
            }
        }
        if args.inputs.is_empty() {
            args.inputs = DEFAULT_INPUTS.map(PathBuf::from).to_vec();
        }
        if args.inputs.len() > MAX_STREAMS {
            return Err(format!("--input: at most {MAX_STREAMS} files").into());
        }
        Ok(Self::Call(args))
    }
}

fn participants(value: &OsStr) -> Result<usize, lexopt::Error> {
    let text = value.to_string_lossy();
    let most = NAMES.len();
    match text.parse() {
        Ok(number) if (2..=most).contains(&number) => Ok(number),
        _ => Err(format!("--participants {text}: a call here has 2 to {most}").into()),
    }
}

/// Finds a suite by its registered name or id.
fn suite(value: &OsStr) -> Result<CipherSuite, lexopt::Error> {
    let text = value.to_string_lossy();
    let id = match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16),
        None => text.parse(),
    };
    let found = match id {
        Ok(id) => CipherSuite::try_from(id),
        Err(_) => text.to_uppercase().parse(),
    };
    found.map_err(|_| {
        format!(
            "--suite {text}: no such cipher suite; there are\n{}",
            suites()
        )
        .into()
    })
}

/// A line for each suite.
fn suites() -> String {
    let lines = CipherSuite::ALL.map(|suite| {
        let tag = suite.tag_len();
        format!(
            "  {:#06x}  {:26}  tag of {tag} bytes",
            suite.id(),
            suite.name()
        )
    });
    lines.join("\n")
}

pub(crate) fn print_help(out: &mut impl Write) -> io::Result<()> {
    let most = NAMES.len();
    let suites = suites();
    writeln!(
        out,
        "\
A call with end-to-end encryption (SFrame, RFC 9605) through a forwarder without keys.

Usage: cargo run --release --example call -- [options]

  -i, --input FILE        a media file: IVF (VP8, VP9, AV1) or Ogg/Opus, told by its content;
                          may be given up to {MAX_STREAMS} times
                          (default: examples/media/video.ivf and audio.opus)
  -n, --participants N    2 to {most} (default {DEFAULT_PARTICIPANTS})
  -s, --suite NAME_OR_ID  the cipher suite (default {DEFAULT_SUITE})
  -o, --output DIR        where the decrypted files go (default {DEFAULT_OUTPUT})
  -h, --help              this text

Cipher suites:
{suites}

Exit code: 0 when everything was as it must be, 1 when a check failed, 2 when an option or an
input file is wrong."
    )
}
