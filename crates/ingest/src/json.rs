//! Writing the `meta` of a record.

use std::borrow::Cow;
use std::fmt::Write;

/// Nesting that every reader of JSON can follow (`serde_json` itself stops at 128).
pub(crate) const MAX_DEPTH: usize = 100;

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

/// JSON in which no escape is half of a surrogate pair: no reader that goes by the standard takes such
/// JSON, so each becomes a replacement character.
pub(crate) fn whole_surrogates(json: &str) -> Cow<'_, str> {
    let mut whole = Cow::Borrowed(json);
    let mut from = 0;
    while let Some(at) = json[from..].find('\\').map(|at| from + at) {
        from = at + 2;
        let unit = |at: usize| {
            let digits = json.get(at..)?.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => from = at + 12,
            (Some(0xd800..=0xdfff), _) => whole.to_mut().replace_range(at..at + 6, "\\ufffd"),
            _ => {}
        }
    }
    whole
}

/// Names of fields or columns, for a message: not all where there are very many, nor the whole of one
/// that is very long.
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const NAMES: usize = 20;
    const LENGTH: usize = 64;
    if names.len() == 0 {
        return "none".to_owned();
    }
    let more = names.len().saturating_sub(NAMES);
    let short = |name: &'a str| &name[..name.floor_char_boundary(LENGTH)];
    let mut list = names.take(NAMES).map(short).collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(list, " and {more} more"); // writing to a string cannot fail
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_nothing_else() {
        let cases = [
            (r#""\ud83d\ude00 \\ud83d \u0041""#, r#""\ud83d\ude00 \\ud83d \u0041""#),
            (r#""\ud800""#, r#""\ufffd""#),
            (
                r#"["\udc00\ud83d","\uD800\ud83d\ude00"]"#,
                r#"["\ufffd\ufffd","\ufffd\ud83d\ude00"]"#,
            ),
        ];
        for (json, whole) in cases {
            assert_eq!(whole_surrogates(json), whole);
            assert!(serde_json::from_str::<serde_json::Value>(&whole_surrogates(json)).is_ok());
        }
    }

    #[test]
    fn a_list_of_names_stays_short() {
        let names: Vec<String> = (0..1000).map(|i| format!("{i}{}", "é".repeat(100))).collect();
        let list = listed(names.iter().map(String::as_str));
        assert!(list.ends_with(" and 980 more") && list.len() < 2000, "{list}");
        assert_eq!(listed(["a", "b"].into_iter()), "a, b");
    }
}
