//! Sealed sender keys, both ways between this crate and `tests/interop/sealing.py`, which has an
//! HPKE of its own.
//!
//! Needs `python3` (or what `FRAMESEAL_PYTHON` names) with the package `cryptography`. Without
//! them the tests say that they were skipped; with `FRAMESEAL_REQUIRE_PYTHON=1` they fail instead.

use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use frameseal::sender_keys::sealing::{
    Envelope, SEALED_KEY_OVERHEAD, SealingPublicKey, SealingSecretKey, open, seal,
};
use frameseal::{CipherSuite, RatchetBits, SendingChain};

use crate::random::Random;
use crate::test_vectors::records;

const MESSAGES: usize = 64;

/// What `sealing.py` prints for these arguments and this input. `None`: cannot run here.
fn sealing_py(argument: &str, input: &str) -> Option<String> {
    let python = env::var("FRAMESEAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let needs = "import cryptography, sys; sys.exit(sys.version_info < (3, 10))";
    let usable = Command::new(&python)
        .args(["-c", needs])
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
        .args(["tests/interop/sealing.py", argument])
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
    assert!(output.status.success(), "sealing.py {argument} failed");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A sender at some step, and to whom it hands its key.
struct Case {
    ids: [Vec<u8>; 3],
    bits: RatchetBits,
    chain: SendingChain,
    sender: SealingSecretKey,
    recipient: SealingSecretKey,
    random: [u8; 32],
}

/// Cases over all suites, the same for the same seed.
fn cases(seed: u64) -> Vec<Case> {
    let mut random = Random::new(seed);
    let suites = CipherSuite::ALL.into_iter().cycle().take(MESSAGES);
    suites
        .map(|suite| Case::random(suite, &mut random))
        .collect()
}

impl Case {
    fn random(suite: CipherSuite, random: &mut Random) -> Self {
        let bits = 1 + u32::try_from(random.below(32)).unwrap();
        let bits = RatchetBits::new(bits).unwrap();
        let generation = random.next() & bits.max_generation();
        let key_len = 16 + random.below(81);
        let base_key = random.bytes(key_len);
        let mut chain = SendingChain::new(suite, bits, generation, &base_key).unwrap();
        (0..random.below(5)).for_each(|_| chain.ratchet().unwrap());
        let mut bytes = || -> [u8; 32] { random.bytes(32).try_into().unwrap() };
        let (sender, recipient) = (bytes(), bytes());
        Self {
            bits,
            chain,
            sender: SealingSecretKey::from_random(&sender),
            recipient: SealingSecretKey::from_random(&recipient),
            random: bytes(),
            ids: [(); 3].map(|()| {
                let len = random.below(256);
                random.bytes(len)
            }),
        }
    }

    fn envelope(&self) -> Envelope<'_> {
        let [call, sender, recipient] = &self.ids;
        Envelope {
            call,
            sender,
            recipient,
            suite: self.chain.suite(),
            bits: self.bits,
        }
    }

    fn to(&self) -> SealingPublicKey {
        self.recipient.public_key()
    }

    fn seal(&self) -> Vec<u8> {
        let (key, to) = (self.chain.joiner_key(), self.to());
        let mut message = vec![0; key.base_key.as_ref().len() + SEALED_KEY_OVERHEAD];
        let envelope = self.envelope();
        seal(
            &envelope,
            &self.sender,
            &to,
            &key,
            &self.random,
            &mut message,
        )
        .unwrap();
        message
    }

    /// A record of the input that `sealing.py` reads.
    fn record(&self) -> String {
        let [call, sender, recipient] = [0, 1, 2].map(|i| hex(&self.ids[i]));
        let key = self.chain.joiner_key();
        let (suite, bits) = (self.chain.suite().id(), self.bits.bits());
        format!(
            "call = {call}\nsender = {sender}\nrecipient = {recipient}\ncipher_suite = {suite}\n\
             ratchet_bits = {bits}\ngeneration = {}\nstep = {}\nbase_key = {}\nrandom = {}\n\
             sender_secret = {}\nsender_public = {}\n\
             recipient_secret = {}\nrecipient_public = {}\n",
            key.generation,
            key.step,
            hex(key.base_key.as_ref()),
            hex(&self.random),
            hex(self.sender.as_bytes()),
            hex(self.sender.public_key().as_bytes()),
            hex(self.recipient.as_bytes()),
            hex(self.to().as_bytes()),
        )
    }
}

#[test]
fn python_opens_every_key_that_rust_seals() {
    let cases = cases(1);
    let input: String = cases
        .iter()
        .map(|case| format!("{}message = {}\n\n", case.record(), hex(&case.seal())))
        .collect();
    let Some(output) = sealing_py("open", &input) else {
        return;
    };
    let answers = records(&output);
    assert_eq!(answers.len(), MESSAGES);
    for (case, answer) in cases.iter().zip(&answers) {
        let key = case.chain.joiner_key();
        assert_eq!(answer.bytes("base_key"), key.base_key.as_ref());
        let numbers = (answer.number("generation"), answer.number("step"));
        assert_eq!(numbers, (key.generation, key.step));
    }
}

#[test]
fn rust_opens_every_key_that_python_seals_and_makes_the_same_bytes() {
    let cases = cases(2);
    let input: String = cases.iter().map(|case| case.record() + "\n").collect();
    let Some(output) = sealing_py("seal", &input) else {
        return;
    };
    let answers = records(&output);
    assert_eq!(answers.len(), MESSAGES);
    for (case, answer) in cases.iter().zip(&answers) {
        let message = answer.bytes("message");
        assert_eq!(message, case.seal());
        let from = case.sender.public_key();
        let opened = open(&case.envelope(), &case.recipient, &from, None, &message).unwrap();
        let key = case.chain.joiner_key();
        assert_eq!(opened.base_key.as_ref(), key.base_key.as_ref());
        assert_eq!((opened.generation, opened.step), (key.generation, key.step));
    }
}

#[test]
fn python_refuses_what_was_changed_on_the_way() {
    let cases = cases(3);
    let input: String = cases
        .iter()
        .enumerate()
        .map(|(i, case)| {
            let mut message = case.seal();
            let at = 1 + i % (message.len() - 1);
            message[at] ^= 1 << (i % 8);
            format!("{}message = {}\n\n", case.record(), hex(&message))
        })
        .collect();
    let Some(output) = sealing_py("open", &input) else {
        return;
    };
    let refused = output.lines().filter(|line| line.starts_with("refused = "));
    assert_eq!(refused.count(), MESSAGES);
    assert!(!output.contains("base_key"));
}

#[test]
fn the_committed_vectors_are_what_python_makes_and_python_knows_the_official_one() {
    let Some(made) = sealing_py("vectors", "") else {
        return;
    };
    // Not `assert_eq`, which would print both files.
    let same = made == include_str!("../vectors/sealing.txt");
    assert!(same, "tests/vectors/sealing.txt is not up to date");
    let checked = sealing_py("check", "").unwrap();
    assert_eq!(checked, "hpke_auth.txt: right\n");
}
