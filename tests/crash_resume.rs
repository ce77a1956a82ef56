//! A sender that is killed at any moment, again and again, and resumes: no frame that ever left a
//! process may repeat a counter (RFC 9605 §9.1).
//!
//! The test binary runs itself as the sender: it resumes from a state file, reserves, stores,
//! confirms, encrypts and writes each sealed frame to its pipe at once. It aborts itself at a step
//! that the seed names, or its parent kills it. The parent keeps every frame of every life and
//! hands them to a checker. A sender that confirms before it has stored must be caught.
//!
//! A killed process loses nothing that it gave to the operating system, so what a power cut would
//! lose is not tested; that is why the sender syncs its file before it renames it.

use core::fmt::Write as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use frameseal::{CipherSuite, Counter, EncryptionKey, Error, Header, KeyId, fixed};

#[path = "support/random.rs"]
mod random;
use random::Random;

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const KID: KeyId = KeyId::new(0x1234);
const KEY: [u8; 16] = [0x42; 16];
/// Holds the seed, the step to die at, `careful` or `careless`, and the state file.
const ORDERS: &str = "CRASH_RESUME_ORDERS";

/// Where a sender dies, if it gets so far.
struct Life {
    steps_left: usize,
    /// The pipe to the parent.
    out: io::Stdout,
}

impl Life {
    fn step(&mut self, name: &str) {
        if self.steps_left == 0 {
            self.tell("died", name);
            std::process::abort();
        }
        self.steps_left -= 1;
    }

    /// One line in one write, so that it arrives whole or not at all. The test harness writes to
    /// the same pipe, and may be in the middle of a line.
    fn tell(&mut self, what: &str, value: &str) {
        let line = format!("\n{what} {value}\n");
        self.out.write_all(line.as_bytes()).unwrap();
        self.out.flush().unwrap();
    }
}

/// Both kinds of objects that resume.
enum Sender {
    Key(EncryptionKey),
    Table(fixed::Encryptor<1>),
}

impl Sender {
    fn start(in_table: bool, stored: Option<Counter>) -> Result<Self, Error> {
        if !in_table {
            let key = match stored {
                Some(last) => EncryptionKey::resume_after(SUITE, KID, &KEY, last),
                None => EncryptionKey::new(SUITE, KID, &KEY),
            };
            return key.map(Self::Key);
        }
        let mut table = fixed::Encryptor::new(SUITE);
        match stored {
            Some(last) => table.resume_key_after(KID, &KEY, last)?,
            None => table.add_key(KID, &KEY)?,
        }
        table.use_key(KID)?;
        Ok(Self::Table(table))
    }

    fn reserve(&mut self, count: u64) -> Result<Counter, Error> {
        match self {
            Self::Key(key) => key.reserve(count),
            Self::Table(table) => table.reserve(KID, count),
        }
    }

    fn confirm(&mut self, last: Counter) -> Result<(), Error> {
        match self {
            Self::Key(key) => key.confirm(last),
            Self::Table(table) => table.confirm(KID, last),
        }
    }

    fn encrypt(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Key(key) => key.encrypt(b"", b"frame", out),
            Self::Table(table) => table.encrypt(b"", b"frame", out),
        }
    }
}

#[test]
#[ignore = "the process that the other tests kill"]
fn sender_process() {
    let Ok(orders) = std::env::var(ORDERS) else {
        return;
    };
    let mut orders = orders.splitn(4, ' ');
    let mut order = || orders.next().unwrap();
    let mut random = Random::new(order().parse().unwrap());
    let mut life = Life {
        steps_left: order().parse().unwrap(),
        out: io::stdout(),
    };
    let careless = order() == "careless";
    let state = PathBuf::from(order());

    life.step("at the start");
    let stored = load(&state);
    life.step("after reading");
    let mut sender = Sender::start(random.below(2) == 0, stored).unwrap();
    let mut frame = [0; 64];
    for _ in 0..40 {
        life.step("before reserving");
        let last = sender.reserve(1 + random.next() % 6).unwrap();
        life.step("after reserving");
        if careless {
            sender.confirm(last).unwrap();
            send(&mut sender, &mut frame, &mut life);
        }
        store(&state, last, &mut life);
        life.step("after storing");
        sender.confirm(last).unwrap();
        life.step("after confirming");
        // Until none is left, or not even so long.
        for _ in 0..=random.below(8) {
            if !send(&mut sender, &mut frame, &mut life) {
                break;
            }
        }
    }
}

/// Whether there was a counter for another frame.
fn send(sender: &mut Sender, frame: &mut [u8], life: &mut Life) -> bool {
    let len = match sender.encrypt(frame) {
        Ok(len) => len,
        Err(Error::ReservationNeeded(_)) => return false,
        Err(error) => panic!("{error}"),
    };
    life.step("after encrypting");
    let mut hex = String::new();
    for byte in &frame[..len] {
        write!(hex, "{byte:02x}").unwrap();
    }
    life.tell("frame", &hex);
    life.step("after sending");
    true
}

fn load(state: &Path) -> Option<Counter> {
    let text = match fs::read_to_string(state) {
        Ok(text) => text,
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            return None;
        }
    };
    Some(Counter::new(text.parse().expect("a whole file")))
}

/// Replaces the file in one step: written beside it, synced, renamed.
fn store(state: &Path, last: Counter, life: &mut Life) {
    let beside = state.with_extension("new");
    let mut file = File::create(&beside).unwrap();
    life.step("with an empty file");
    for digit in last.to_string().bytes() {
        file.write_all(&[digit]).unwrap();
        life.step("with a part of the file");
    }
    file.sync_all().unwrap();
    life.step("before renaming");
    fs::rename(&beside, state).unwrap();
}

/// Everything that left the processes of one history, in order.
#[derive(Default)]
struct History {
    frames: Vec<Vec<u8>>,
    /// How often a process died at which step.
    deaths: BTreeMap<String, u32>,
}

impl History {
    /// Every frame of every life, told apart by what makes its nonce: a counter comes once, and
    /// never below an earlier one.
    fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        let mut highest = None;
        for frame in &self.frames {
            let (header, _) = Header::parse(frame).unwrap();
            let stream = (header.key_id, header.counter);
            if !seen.insert(stream) {
                return Err(format!("counter {} came twice", header.counter));
            }
            if highest > Some(stream) {
                return Err(format!("counter {} went back", header.counter));
            }
            highest = Some(stream);
        }
        Ok(())
    }

    /// Takes over what a process says, up to a number of frames if one is given.
    fn listen(&mut self, lines: &mut impl Iterator<Item = io::Result<String>>, frames: usize) {
        let enough = self.frames.len() + frames;
        while (self.frames.len()) < enough {
            let Some(line) = lines.next() else {
                return;
            };
            match line.unwrap().split_once(' ') {
                Some(("frame", hex)) => self.frames.push(bytes(hex)),
                Some(("died", step)) => *self.deaths.entry(step.to_owned()).or_default() += 1,
                // What the test harness prints.
                _ => {}
            }
        }
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}

/// A folder for the state file of one history, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let own = format!("crash_resume-{name}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn start(&self, seed: u64, steps: usize, manner: &str) -> Child {
        let state = self.0.join("state");
        let orders = format!("{seed} {steps} {manner} {}", state.display());
        Command::new(std::env::current_exe().unwrap())
            .args(["sender_process", "--exact", "--ignored", "--nocapture"])
            .env(ORDERS, orders)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies in the build folder and does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Lets a process live until it aborts itself or is done.
fn live(folder: &Folder, seed: u64, steps: usize, manner: &str, history: &mut History) {
    let mut child = folder.start(seed, steps, manner);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    history.listen(&mut lines, usize::MAX / 2);
    let status = child.wait().unwrap();
    // A panic ends the harness with 101. An abort has no exit code, or another one.
    assert_ne!(status.code(), Some(101), "the sender panicked");
}

/// Lets a process live until some frames have come, and kills it while it goes on.
fn kill(folder: &Folder, seed: u64, frames: usize, history: &mut History) {
    let mut child = folder.start(seed, usize::MAX, "careful");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    history.listen(&mut lines, frames);
    child.kill().unwrap();
    // What it had sent before it was hit.
    history.listen(&mut lines, usize::MAX / 2);
    let status = child.wait().unwrap();
    assert_ne!(status.code(), Some(101), "the sender panicked");
}

#[test]
fn a_sender_that_dies_at_any_step_never_repeats_a_counter() {
    let folder = Folder::new("steps");
    let mut history = History::default();
    let mut random = Random::new(1);
    for seed in 0..320 {
        let steps = random.below(60);
        live(&folder, seed, steps, "careful", &mut history);
    }
    history.check().unwrap();
    assert!(history.frames.len() > 1_000, "{}", history.frames.len());
    assert_eq!(history.deaths.values().sum::<u32>(), 320);
    assert_eq!(history.deaths.len(), 11, "{:?}", history.deaths);
}

#[test]
fn a_sender_that_is_killed_from_outside_never_repeats_a_counter() {
    let folder = Folder::new("kills");
    let mut history = History::default();
    let mut random = Random::new(2);
    for seed in 0..80 {
        kill(&folder, seed, random.below(40), &mut history);
    }
    history.check().unwrap();
    assert!(history.frames.len() > 1_000, "{}", history.frames.len());
}

#[test]
fn a_sender_that_confirms_before_it_has_stored_is_caught() {
    let folder = Folder::new("careless");
    let mut history = History::default();
    let mut random = Random::new(3);
    let caught = (0..100).find_map(|seed| {
        live(&folder, seed, random.below(60), "careless", &mut history);
        history.check().err()
    });
    let what = caught.expect("a counter that came twice");
    assert!(what.ends_with("came twice"), "{what}");
}
