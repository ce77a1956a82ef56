//! Verification codes: equal to an independent implementation's, the same on both sides, different
//! for everything that differs.
//!
//! The tests that run the Python script need `python3` (or what `FRAMESEAL_PYTHON` names) and say
//! that they were skipped without it; with `FRAMESEAL_REQUIRE_PYTHON=1` they fail instead.

#[path = "../src/test_vectors.rs"]
mod test_vectors;

use std::collections::BTreeSet;
use std::env;
use std::process::{Command, Stdio};

use frameseal::{CodeLength, Error, Identity, VERIFICATION_VERSION, VerificationCode};
use test_vectors::{Record, records};

const VECTORS: &str = include_str!("vectors/verification.txt");

fn epoch(authenticator: &[u8], length: CodeLength) -> VerificationCode {
    VerificationCode::for_epoch(authenticator, length).unwrap()
}

fn pair(one: (&[u8], &[u8]), other: (&[u8], &[u8]), length: CodeLength) -> VerificationCode {
    let [one, other] = [one, other].map(|(name, public_key)| Identity { name, public_key });
    VerificationCode::for_pair(one, other, length).unwrap()
}

/// Both codes of a record, the pair in both orders.
fn check(record: &Record) {
    assert_eq!(record.number("version"), u64::from(VERIFICATION_VERSION));
    for (length, field) in [
        (CodeLength::Thirty, "digits_30"),
        (CodeLength::Sixty, "digits_60"),
    ] {
        let codes = match record.text("kind") {
            "epoch" => vec![epoch(&record.bytes("authenticator"), length)],
            "pair" => {
                let [name_1, key_1] = ["name_1", "public_key_1"].map(|name| record.bytes(name));
                let [name_2, key_2] = ["name_2", "public_key_2"].map(|name| record.bytes(name));
                let (one, other) = ((&*name_1, &*key_1), (&*name_2, &*key_2));
                vec![pair(one, other, length), pair(other, one, length)]
            }
            other => panic!("unknown kind {other}"),
        };
        for code in codes {
            assert_eq!(code.digits(), record.text(field), "{record:?}");
        }
    }
}

#[test]
fn all_13_codes_are_those_of_the_independent_implementation() {
    let records = records(VECTORS);
    let of_kind = |kind| records.iter().filter(|r| r.text("kind") == kind).count();
    assert_eq!((of_kind("epoch"), of_kind("pair")), (6, 7));
    records.iter().for_each(check);
}

#[test]
fn the_committed_file_is_what_python_makes() {
    let python = env::var("FRAMESEAL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&python)
        .arg("tests/interop/verification.py")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output();
    let Ok(output) = output else {
        let required = env::var("FRAMESEAL_REQUIRE_PYTHON").is_ok_and(|value| value == "1");
        assert!(!required, "{python} is required");
        println!("skipped: no {python}");
        return;
    };
    assert!(output.status.success(), "verification.py failed");
    // Not `assert_eq`, which would print both files.
    let same = String::from_utf8(output.stdout).unwrap() == VECTORS;
    assert!(same, "tests/vectors/verification.txt is not up to date");
}

#[test]
fn thirty_digits_are_the_beginning_of_sixty() {
    let authenticator = [7; 32];
    let thirty = epoch(&authenticator, CodeLength::Thirty);
    let sixty = epoch(&authenticator, CodeLength::Sixty);
    assert_eq!((thirty.digits().len(), sixty.digits().len()), (30, 60));
    assert!(sixty.digits().starts_with(thirty.digits()));
    assert_ne!(thirty, sixty, "they are not the same code");
    assert_eq!((thirty.bits(), sixty.bits()), (99, 199));
}

#[test]
fn a_code_is_shown_in_groups_of_five() {
    let sixty = epoch(&[7; 32], CodeLength::Sixty);
    let shown = sixty.to_string();
    assert_eq!(shown.len(), 60 + 11);
    assert!(shown.split(' ').all(|group| group.len() == 5));
    assert_eq!(shown.replace(' ', ""), sixty.digits());
    let groups: Vec<&str> = sixty.groups().collect();
    assert_eq!(groups.join(" "), shown);
    assert_eq!(
        epoch(&[7; 32], CodeLength::Thirty).groups().count(),
        6,
        "no group of zeros behind the shown ones"
    );
}

#[test]
fn whatever_differs_changes_the_code() {
    let (key_a, key_b) = ([1; 32], [2; 32]);
    let mut other_key = key_a;
    other_key[31] ^= 1;
    let thirty = CodeLength::Thirty;
    let codes = [
        pair((b"alice", &key_a), (b"bob", &key_b), thirty),
        pair((b"alice", &other_key), (b"bob", &key_b), thirty),
        pair((b"alicf", &key_a), (b"bob", &key_b), thirty),
        // The keys have changed places: each name has the other's key.
        pair((b"alice", &key_b), (b"bob", &key_a), thirty),
        // The same bytes behind one another, cut at other places.
        pair(
            (b"alic", &[&b"e"[..], &key_a].concat()),
            (b"bob", &key_b),
            thirty,
        ),
        // An authenticator is not a key.
        epoch(&key_a, thirty),
        epoch(&key_b, thirty),
    ];
    let distinct: BTreeSet<&str> = codes.iter().map(|code| code.digits()).collect();
    assert_eq!(distinct.len(), codes.len());
}

#[test]
fn what_no_engine_exports_is_refused_as_an_authenticator() {
    for len in [0, 1, 16, 31, 65, 128] {
        let code = VerificationCode::for_epoch(&vec![1; len], CodeLength::Thirty);
        assert!(matches!(code, Err(Error::InvalidArgument(_))), "{len}");
    }
    // The hashes of the registered MLS suites (RFC 9420 §17.1).
    for len in [32, 48, 64] {
        epoch(&vec![1; len], CodeLength::Thirty);
    }
}

#[test]
fn a_pair_with_an_empty_name_a_short_key_or_itself_is_refused() {
    let identity = |name, public_key| Identity { name, public_key };
    let good = identity(b"alice".as_slice(), [1; 32].as_slice());
    for bad in [
        identity(b"", &[2; 32]),
        identity(b"bob", &[]),
        identity(b"bob", &[2; 31]),
        good,
    ] {
        for (one, other) in [(good, bad), (bad, good)] {
            let code = VerificationCode::for_pair(one, other, CodeLength::Thirty);
            assert!(matches!(code, Err(Error::InvalidArgument(_))), "{bad:?}");
        }
    }
}

#[test]
fn digits_are_evenly_spread() {
    // 60 codes, 3,600 digits: each of the ten within a quarter of 360, five standard deviations.
    // The inputs are fixed, so this passes always or never.
    let mut counts = [0u32; 10];
    for i in 0..60 {
        let code = epoch(&[i; 32], CodeLength::Sixty);
        for digit in code.digits().bytes() {
            counts[usize::from(digit - b'0')] += 1;
        }
    }
    assert!(counts.iter().all(|n| (270..=450).contains(n)), "{counts:?}");
}
