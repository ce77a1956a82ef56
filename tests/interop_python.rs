//! Interoperation with the independent implementation in `tests/interop`: all eight suites, frames
//! both ways, and the committed vector files made again.
//!
//! Needs `python3` (or what `FRAMESEAL_PYTHON` names) with the package `cryptography`. Without
//! them the tests say that they were skipped; with `FRAMESEAL_REQUIRE_PYTHON=1` they fail instead.

#[path = "support/frames.rs"]
mod frames;
#[path = "support/random.rs"]
mod random;
#[path = "../src/test_vectors.rs"]
mod test_vectors;

use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use frameseal::{CipherSuite, DecryptionKey, KeyId};
use random::Random;
use test_vectors::records;

const FRAMES: usize = 400;
const PAYLOADS: [usize; 12] = [0, 1, 15, 16, 17, 20, 100, 160, 241, 1200, 5000, 20_000];
const METADATA: [usize; 6] = [0, 1, 14, 47, 300, 5000];

struct Frame {
    suite: CipherSuite,
    base_key: Vec<u8>,
    kid: u64,
    ctr: u64,
    metadata: Vec<u8>,
    payload: Vec<u8>,
}

/// Frames over all suites and sizes, the same for the same seed.
fn random_frames(seed: u64) -> Vec<Frame> {
    let mut random = Random::new(seed);
    let suites = CipherSuite::ALL.into_iter().cycle().take(FRAMES);
    suites
        .map(|suite| {
            let key_len = 16 + random.below(65);
            let (metadata_len, payload_len) = (random.pick(&METADATA), random.pick(&PAYLOADS));
            Frame {
                suite,
                base_key: random.bytes(key_len),
                kid: random.header_value(),
                ctr: random.header_value(),
                metadata: random.bytes(metadata_len),
                payload: random.bytes(payload_len),
            }
        })
        .collect()
}

impl Frame {
    fn seal(&self) -> Vec<u8> {
        let Self {
            metadata, payload, ..
        } = self;
        frames::seal_at(
            self.suite,
            self.kid,
            &self.base_key,
            self.ctr,
            metadata,
            payload,
        )
    }

    /// A record of the input that `sframe.py` reads, without its last fields.
    fn record(&self) -> String {
        format!(
            "cipher_suite = {}\nbase_key = {}\nkid = {}\nctr = {}\nmetadata = {}\n",
            self.suite.id(),
            hex(&self.base_key),
            self.kid,
            self.ctr,
            hex(&self.metadata),
        )
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Runs `sframe.py` with these arguments and this input; what it prints. `None`: cannot run here.
fn sframe_py(arguments: &[&str], input: &str) -> Option<String> {
    let python = env::var("FRAMESEAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let usable = Command::new(&python)
        .args([
            "-c",
            "import cryptography, sys; sys.exit(sys.version_info < (3, 10))",
        ])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !usable {
        let required = env::var("FRAMESEAL_REQUIRE_PYTHON").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "{python} 3.10 with the package cryptography is required"
        );
        println!("skipped: no {python} 3.10 with the package cryptography");
        return None;
    }
    let mut child = Command::new(&python)
        .arg("tests/interop/sframe.py")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Written on another thread: the child prints while it reads, and pipes are short.
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "sframe.py {arguments:?} failed");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn python_opens_every_frame_that_rust_seals() {
    let frames = random_frames(1);
    let input: String = frames
        .iter()
        .map(|frame| format!("{}sealed = {}\n\n", frame.record(), hex(&frame.seal())))
        .collect();
    let Some(output) = sframe_py(&["open"], &input) else {
        return;
    };
    let answers = records(&output);
    assert_eq!(answers.len(), FRAMES);
    for (frame, answer) in frames.iter().zip(&answers) {
        assert_eq!(answer.number("ctr"), frame.ctr);
        assert_eq!(answer.bytes("payload"), frame.payload, "{}", frame.suite);
    }
}

#[test]
fn rust_opens_every_frame_that_python_seals() {
    let frames = random_frames(2);
    let input: String = frames
        .iter()
        .map(|frame| format!("{}payload = {}\n\n", frame.record(), hex(&frame.payload)))
        .collect();
    let Some(output) = sframe_py(&["seal"], &input) else {
        return;
    };
    let answers = records(&output);
    assert_eq!(answers.len(), FRAMES);
    for (frame, answer) in frames.iter().zip(&answers) {
        let mut sealed = answer.bytes("sealed");
        assert_eq!(sealed, frame.seal(), "{}", frame.suite);
        let key_id = KeyId::new(frame.kid);
        let mut key = DecryptionKey::new(frame.suite, key_id, &frame.base_key).unwrap();
        let opened = key.decrypt(frame.metadata.as_slice(), &mut sealed).unwrap();
        assert_eq!(opened.payload, frame.payload);
        assert_eq!(opened.counter.value(), frame.ctr);
    }
}

#[test]
fn python_refuses_what_was_changed_on_the_way() {
    let frames = random_frames(3);
    let input: String = frames
        .iter()
        .enumerate()
        .map(|(i, frame)| {
            let mut sealed = frame.seal();
            let len = sealed.len();
            sealed[len - 1 - i % frame.suite.tag_len()] ^= 1 << (i % 8);
            format!("{}sealed = {}\n\n", frame.record(), hex(&sealed))
        })
        .collect();
    let Some(output) = sframe_py(&["open"], &input) else {
        return;
    };
    let refused = "refused = does not authenticate";
    assert_eq!(
        output.lines().filter(|line| *line == refused).count(),
        FRAMES
    );
    assert!(!output.contains("payload"));
}

#[test]
fn the_committed_vector_files_are_what_python_makes() {
    let files = [
        ("frames", "independent.txt"),
        ("long", "independent_long.txt"),
        ("keys", "independent_keys.txt"),
        ("ratchet", "ratchet.txt"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    for (set, file) in files {
        let Some(made) = sframe_py(&["vectors", set], "") else {
            return;
        };
        let committed = std::fs::read_to_string(folder.join(file)).unwrap();
        // Not `assert_eq`, which would print both files.
        assert!(made == committed, "tests/vectors/{file} is not up to date");
    }
}

#[test]
fn python_verifies_the_official_vectors_too() {
    let files =
        ["header", "aead", "sframe", "per_ssrc"].map(|name| format!("tests/vectors/{name}.txt"));
    let arguments: Vec<&str> = ["check"]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    let Some(output) = sframe_py(&arguments, "") else {
        return;
    };
    for (file, count) in files.iter().zip([289, 6, 8, 8]) {
        assert!(
            output.contains(&format!("{file}: {count} records, wrong: none")),
            "{output}"
        );
    }
}
