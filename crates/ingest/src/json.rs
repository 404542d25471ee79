//! Writing the `meta` of a record.

use std::fmt::Write;

/// A JSON object that keeps the order of its keys.
#[derive(Debug, Default)]
pub(crate) struct Object(String);

impl Object {
    /// Adds a value that is JSON already.
    pub(crate) fn push_json(&mut self, key: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        push_string(&mut self.0, key);
        self.0.push(':');
        self.0.push_str(json);
    }

    /// Adds a string.
    pub(crate) fn push_string(&mut self, key: &str, value: &str) {
        let mut json = String::with_capacity(value.len() + 2);
        push_string(&mut json, value);
        self.push_json(key, &json);
    }

    /// The object's text; None when it is empty.
    pub(crate) fn finish(mut self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.push('}');
        Some(self.0)
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        json.push_str(&text[plain..at]);
        json.push_str(escape);
        if escape.is_empty() {
            let _ = write!(json, "\\u{byte:04x}"); // writing to a string cannot fail
        }
        plain = at + 1;
    }
    json.push_str(&text[plain..]);
    json.push('"');
}
