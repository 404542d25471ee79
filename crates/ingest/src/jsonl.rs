use std::borrow::Cow;
use std::fmt;
use std::io;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::Config;
use crate::json::{MAX_DEPTH, Object, listed, whole_surrogates};
use crate::record::{Body, EXCERPT, Item, Reader, last_item};
use crate::stream::Stream;

/// One JSON object a line.
pub(crate) struct Jsonl {
    stream: Stream,
    names: Names,
    max_record: usize,
    line: u64,
}

/// Which fields hold what, in the order of preference.
struct Names {
    text: Vec<String>,
    id: Vec<String>,
    url: Vec<String>,
}

impl Jsonl {
    pub(crate) fn new(stream: Stream, config: &Config) -> Self {
        let names =
            Names { text: config.text.clone(), id: config.id.clone(), url: config.url.clone() };
        let max_record = config.max_length();
        Self { stream, names, max_record, line: 0 }
    }
}

/// Whether the first line of `head` is a JSON object with a text, as far as can be seen.
pub(crate) fn begins_with_text(head: &[u8], config: &Config) -> bool {
    let head = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    let line = memchr::memchr(b'\n', head).map_or(head, |end| &head[..end]);
    if line.len() == head.len() && head.len() > EXCERPT / 2 {
        return head.starts_with(b"{\""); // a long line, of which the end is not seen
    }
    serde_json::from_slice::<Fields>(line)
        .is_ok_and(|Fields(mut fields)| take(&mut fields, &config.text, string).is_some())
}

/// Whether `head` begins like an array of objects: records, but not one a line.
pub(crate) fn is_array_of_objects(head: &[u8]) -> bool {
    let head = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    head.strip_prefix(b"[").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"))
}

impl Reader for Jsonl {
    fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            self.line += 1;
            let place = Place { line: self.line, byte: self.stream.offset() };
            let limit = self.max_record.saturating_add(2); // a line break is not counted
            let length = match self.stream.peek_line(limit) {
                Ok(length) => length,
                Err(length) if length > self.max_record => {
                    return Ok(Some(self.skip_large(place, length)));
                }
                Err(length) => {
                    // The last line: the data ends without a line break.
                    let fault = self.stream.take_fault();
                    let raw = self.stream.at_hand();
                    let broken = last_item(fault, &format!(", in {place}"), raw)?;
                    if broken.is_some() {
                        self.stream.consume(length);
                        return Ok(broken);
                    }
                    if length == 0 && !self.stream.resume()? {
                        return Ok(None);
                    }
                    length
                }
            };
            let mut line = &self.stream.at_hand()[..length];
            if place.byte == 0 {
                line = line.strip_prefix(BOM).unwrap_or(line);
            }
            let line = line.trim_ascii();
            let item = (!line.is_empty()).then(|| parse(line, place, &self.names));
            self.stream.consume(length);
            if item.is_some() {
                return Ok(item);
            }
        }
    }

    fn position(&self) -> u64 {
        self.stream.position()
    }
}

impl Jsonl {
    fn skip_large(&mut self, place: Place, length: usize) -> Item {
        let raw = self.stream.at_hand()[..EXCERPT.min(length)].to_vec();
        self.stream.skip_line();
        let (end, max) = (self.stream.offset(), self.max_record);
        let detail = format!("{place} to byte {end}: more than {max} bytes (see input.max_record)");
        Item::broken("too_large", detail, &raw)
    }
}

/// Whether data begins like JSON in UTF-16.
pub(crate) fn is_utf16(head: &[u8]) -> bool {
    matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{', 0, ..] | [0, b'{', ..])
}

/// The mark that some writers put before the first line.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Where a line begins.
#[derive(Clone, Copy)]
struct Place {
    line: u64,
    byte: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} (byte {})", self.line, self.byte)
    }
}

fn parse(line: &[u8], place: Place, names: &Names) -> Item {
    let broken =
        |reason, what: &dyn fmt::Display| Item::broken(reason, format!("{place}: {what}"), line);
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => return broken("invalid_utf8", &error),
    };
    let Fields(mut fields) = match serde_json::from_str(text) {
        Ok(fields) => fields,
        Err(error) => return broken("bad_json", &in_line(&error)),
    };
    if fields.iter().any(|(_, value)| is_too_deep(value.get())) {
        return broken("bad_json", &format_args!("nested deeper than {MAX_DEPTH} levels"));
    }
    let Some(body) = take(&mut fields, &names.text, string) else {
        if let Some(what) = bad_string(&fields, &names.text) {
            return broken("bad_json", &what);
        }
        let found = listed(fields.iter().map(|(name, _)| name.as_ref()));
        let wanted = names.text.join(", ");
        let what = format_args!("no text in {wanted} (see input.text); the fields are {found}");
        return broken("missing_text", &what);
    };
    Item {
        source_id: take(&mut fields, &names.id, string_or_number),
        url: take(&mut fields, &names.url, string),
        meta: to_json(&fields),
        body: Body::Text(body),
    }
}

/// What is wrong with the JSON of a line, of which the number is told elsewhere.
fn in_line(error: &serde_json::Error) -> String {
    error.to_string().replacen("at line 1 column", "at column", 1)
}

fn is_too_deep(json: &str) -> bool {
    if !json.starts_with(['[', '{']) {
        return false;
    }
    let mut depth = 0usize;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => {
                            bytes.next();
                        }
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                if depth >= MAX_DEPTH {
                    return true;
                }
            }
            b']' | b'}' => depth -= 1,
            _ => {}
        }
    }
    false
}

type Field<'a> = (Cow<'a, str>, &'a RawValue);

/// Takes the field out whose name comes first in `names` and whose value `read` understands. Of a
/// name that comes twice the last one counts.
fn take(
    fields: &mut Vec<Field<'_>>,
    names: &[String],
    read: fn(&str) -> Option<String>,
) -> Option<String> {
    names.iter().find_map(|name| {
        let at = fields.iter().rposition(|(key, _)| key == name)?;
        let value = read(fields[at].1.get())?;
        fields.remove(at);
        Some(value)
    })
}

fn string(json: &str) -> Option<String> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok())?
}

/// What is wrong with the first string among `names`: half of a surrogate pair, most often.
fn bad_string(fields: &[Field<'_>], names: &[String]) -> Option<String> {
    names.iter().find_map(|name| {
        let json = fields.iter().rfind(|(key, _)| key == name)?.1.get();
        let error = serde_json::from_str::<String>(json).err()?;
        json.starts_with('"').then(|| format!("in `{name}`: {}", in_line(&error)))
    })
}

fn string_or_number(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => string(json),
        b'-' | b'0'..=b'9' => Some(json.to_owned()),
        _ => None,
    }
}

fn to_json(fields: &[Field<'_>]) -> Option<String> {
    let mut object = Object::default();
    for (key, value) in fields {
        object.push_json(key, &whole_surrogates(value.get()));
    }
    object.finish()
}

/// A JSON object's fields, values unread.
struct Fields<'a>(Vec<Field<'a>>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    fields.push((key, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// A key, borrowed where it holds no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
