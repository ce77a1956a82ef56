//! Writes JSON (RFC 8259), for the few records that this crate gives to other programs.
//!
//! Bottom of the layers, with the feature `json`. Flat objects of texts, numbers and truth values,
//! and lists of such objects: too little to bring in a serialisation library for.

use alloc::string::{String, ToString};

/// One object that is being written, field by field.
#[derive(Debug)]
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    pub(crate) fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        push_text(&mut self.0, value);
        self
    }

    /// Numbers are written in full; a reader of up to 2^53 - 1 may round larger ones.
    pub(crate) fn number(self, name: &str, value: u64) -> Self {
        self.raw(name, &value.to_string())
    }

    /// `null` for none.
    pub(crate) fn optional(self, name: &str, value: Option<u64>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self.raw(name, "null"),
        }
    }

    pub(crate) fn truth(self, name: &str, value: bool) -> Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    pub(crate) fn list(mut self, name: &str, objects: impl Iterator<Item = Self>) -> Self {
        self.name(name);
        let mut separator = '[';
        for object in objects {
            self.0.push(separator);
            self.0.push_str(&object.finish());
            separator = ',';
        }
        if separator == '[' {
            self.0.push(separator);
        }
        self.0.push(']');
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn raw(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.0.push_str(value);
        self
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_text(&mut self.0, name);
        self.0.push(':');
    }
}

/// A string with what must be escaped (RFC 8259 §7).
fn push_text(to: &mut String, text: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            '\0'..='\x1f' => {
                let low = HEX.get(c as usize & 15).copied().unwrap_or_default();
                to.push_str(if c < '\x10' { "\\u000" } else { "\\u001" });
                to.push(low);
            }
            _ => to.push(c),
        }
    }
    to.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_reads_what_was_written() {
        let every_char: String = (0..0x2100u32).filter_map(char::from_u32).collect();
        let inner = || Object::new().truth("yes", true).truth("no", false);
        let text = Object::new()
            .text(&every_char, &every_char)
            .number("large", u64::MAX)
            .optional("none", None)
            .optional("some", Some(0))
            .list("two", [inner(), Object::new()].into_iter())
            .list("no", core::iter::empty())
            .finish();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({
            &every_char: every_char,
            "large": u64::MAX,
            "none": null,
            "some": 0,
            "two": [{"yes": true, "no": false}, {}],
            "no": [],
        });
        assert_eq!(read, expected);
    }
}
