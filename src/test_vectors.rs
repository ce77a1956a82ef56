//! Reads the vector files of `tests/vectors` (see the README there) for the unit tests; the
//! integration tests include the same file.

use std::collections::BTreeMap;

/// One vector: its fields by name, as text.
#[derive(Debug)]
pub(crate) struct Record(BTreeMap<String, String>);

impl Record {
    /// A field that is a decimal number of up to 64 bits.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.text(name).parse().expect("a decimal number")
    }

    /// A field that is a byte string in hexadecimal digits.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let text = self.text(name);
        assert!(text.len().is_multiple_of(2), "whole bytes in {name}");
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
            .collect()
    }

    /// A field as it is written.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("no field {name}"))
    }
}

/// All records of a file: `name = value` lines, a blank line between records, `#` for comments.
pub(crate) fn records(file: &str) -> Vec<Record> {
    let mut records = vec![BTreeMap::new()];
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once('=') {
            Some((name, value)) => {
                let fields = records.last_mut().expect("there is always one");
                let earlier = fields.insert(name.trim().to_owned(), value.trim().to_owned());
                assert!(earlier.is_none(), "{name} twice in one record");
            }
            None => {
                assert!(line.trim().is_empty(), "unreadable line: {line}");
                records.push(BTreeMap::new());
            }
        }
    }
    records
        .into_iter()
        .filter(|fields| !fields.is_empty())
        .map(Record)
        .collect()
}
