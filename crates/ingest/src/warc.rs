//! WARC, WET and WAT files: records of a header and a block, of any version of the format.

use std::io;

use memchr::memmem;

use crate::Config;
use crate::http::{self, get, media_type};
use crate::json::Object;
use crate::record::{Body, EXCERPT, Item, Kind, Reader, last_item};
use crate::stream::{Damage, Stream};

/// Bytes of the longest header.
const MAX_HEADER: usize = 64 << 10;
/// Bytes after a block that show whether a record, or the end, follows.
const LOOK_AHEAD: usize = 64;
/// Header fields that are kept as `meta`; id and address have places of their own.
const KEPT: [&str; 8] = [
    "warc-type",
    "warc-date",
    "warc-identified-content-language",
    "warc-payload-digest",
    "warc-refers-to",
    "warc-segment-number",
    "warc-trec-id",
    "warc-truncated",
];

pub(crate) struct Warc {
    stream: Stream,
    max_record: u64,
}

/// A record's header.
struct Head {
    /// Its bytes, with the empty line at its end.
    length: usize,
    fields: Vec<(String, String)>,
    kind: String,
    /// Bytes of the block that follows.
    block: u64,
}

impl Head {
    /// Whether the record counts as one; the other types hold no page.
    fn is_page(&self) -> bool {
        matches!(self.kind.as_str(), "response" | "resource" | "conversion" | "continuation")
    }
}

/// Something that is no record: why, and how many bytes of it are known to be none.
struct Trouble {
    reason: &'static str,
    what: String,
    skip: u64,
}

impl Trouble {
    fn new(reason: &'static str, what: impl Into<String>, skip: usize) -> Self {
        Self { reason, what: what.into(), skip: skip as u64 }
    }
}

impl Warc {
    pub(crate) fn new(stream: Stream, config: &Config) -> Self {
        Self { stream, max_record: config.max_record }
    }

    /// The header that begins here.
    fn head(&mut self) -> Result<Head, Trouble> {
        if !begins_record(self.stream.peek(LOOK_AHEAD)) {
            return Err(Trouble::new("bad_warc", "no record begins here", 0));
        }
        let mut wanted = 1024;
        let length = loop {
            let at_hand = self.stream.peek(wanted);
            let shown = &at_hand[..at_hand.len().min(MAX_HEADER)];
            if let Some((_, rest)) = http::split_header(shown) {
                break shown.len() - rest.len();
            }
            if shown.len() == MAX_HEADER {
                return Err(Trouble::new("bad_warc", "a header without an end", MAX_HEADER));
            }
            if shown.len() < wanted {
                return Err(Trouble::new("clipped", "the file ends in a header", shown.len()));
            }
            wanted = shown.len() * 2;
        };
        let header = &self.stream.at_hand()[..length];
        if let Some(at) = find_record(header, false) {
            return Err(Trouble::new("bad_warc", "a header without an end", at));
        }
        let fields = http::fields(header);
        let Some(kind) = get(&fields, "warc-type").map(str::to_ascii_lowercase) else {
            return Err(Trouble::new("bad_warc", "WARC-Type is missing", length));
        };
        match get(&fields, "content-length").and_then(|length| length.parse().ok()) {
            Some(block) => Ok(Head { length, fields, kind, block }),
            None => Err(Trouble::new("bad_warc", "Content-Length is missing or no number", length)),
        }
    }

    /// Brings a record's block to hand, and finds out by what follows whether its length is right.
    /// Returns the record's length; None when it is too large and no page.
    fn block(&mut self, head: &Head) -> Result<Option<usize>, Trouble> {
        let length = head.block;
        let shown = usize::try_from(length.min(self.max_record)).unwrap_or(usize::MAX);
        let end = head.length.saturating_add(shown);
        let at_hand = self.stream.peek(end.saturating_add(LOOK_AHEAD));
        let is_whole = length <= self.max_record && at_hand.len() >= end;
        if is_whole && begins_anew(&at_hand[end..]) {
            let is_last = find_record(&at_hand[end..], true).is_none();
            if is_last && self.stream.is_tainted(end) {
                return Err(Trouble::new("corrupt", "the last record before the damage", end));
            }
            return Ok(Some(end));
        }
        let block = &at_hand[head.length..at_hand.len().min(end)];
        if let Some(at) = find_record(block, false) {
            let what = format!("Content-Length {length} is wrong: a record begins before");
            return Err(Trouble::new("bad_warc", what, head.length + at));
        }
        if is_whole {
            let what = format!("Content-Length {length} is wrong: no record follows");
            return Err(Trouble::new("bad_warc", what, end));
        }
        if at_hand.len() < end {
            let what = format!("the file ends in a block of {length} bytes");
            return Err(Trouble::new("clipped", what, at_hand.len()));
        }
        let skip = length.saturating_add(head.length as u64);
        if head.is_page() {
            let what = format!("more than {} bytes (see input.max_record)", self.max_record);
            return Err(Trouble { reason: "too_large", what, skip });
        }
        self.stream.skip(skip);
        Ok(None)
    }

    /// Passes over what is no record, up to the next one or the end.
    fn pass_over(&mut self, trouble: Trouble) -> io::Result<Item> {
        let start = self.stream.offset();
        let at_hand = self.stream.at_hand();
        let kept = usize::try_from(trouble.skip).unwrap_or(EXCERPT).min(EXCERPT);
        let mut raw = at_hand[..kept.min(at_hand.len())].to_vec();
        self.stream.skip(trouble.skip);
        let mut at_line_start = true;
        loop {
            let at_hand = self.stream.peek(EXCERPT);
            let next = find_record(at_hand, at_line_start);
            let passed = match next {
                Some(at) => at,
                None if at_hand.len() < EXCERPT => at_hand.len(),
                None => at_hand.len() - LOOK_AHEAD, // the rest may be the beginning of a record
            };
            raw.extend_from_slice(&at_hand[..passed.min(EXCERPT - raw.len())]);
            self.stream.consume(passed);
            if next.is_some() || self.stream.at_hand().is_empty() {
                break;
            }
            at_line_start = false;
        }
        let place = format!("bytes {start} to {}: {}", self.stream.offset(), trouble.what);
        if self.stream.at_hand().is_empty() {
            let place = format!(", in {place}");
            if let Some(item) = last_item(self.stream.take_fault(), &place, &raw)? {
                return Ok(item);
            }
        }
        Ok(Item::broken(trouble.reason, place, &raw))
    }
}

impl Reader for Warc {
    fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            while let Some(b'\r' | b'\n') = self.stream.peek(1).first() {
                self.stream.consume(1);
            }
            if self.stream.at_hand().is_empty() {
                let place = format!(", after byte {} of what it holds", self.stream.offset());
                let item = last_item(self.stream.take_fault(), &place, &[])?;
                if item.is_none() && self.stream.resume()? {
                    continue;
                }
                return Ok(item);
            }
            let head = match self.head() {
                Ok(head) => head,
                Err(trouble) => return self.pass_over(trouble).map(Some),
            };
            let mut item = match self.block(&head) {
                Ok(None) => continue,
                Ok(Some(end)) if !head.is_page() => {
                    self.stream.consume(end);
                    continue;
                }
                Ok(Some(end)) => {
                    let block = &self.stream.at_hand()[head.length..end];
                    let item = page(&head, block, self.max_record);
                    let item = item.unwrap_or_else(|Damage { reason, detail }| {
                        let detail = format!("record at byte {}: {detail}", self.stream.offset());
                        Item::broken(reason, detail, block)
                    });
                    self.stream.consume(end);
                    item
                }
                Err(trouble) => self.pass_over(trouble)?,
            };
            let bare = |name| {
                let value = get(&head.fields, name)?;
                let value =
                    value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).unwrap_or(value);
                (!value.is_empty()).then(|| value.to_owned())
            };
            item.source_id = bare("warc-record-id");
            item.url = bare("warc-target-uri");
            return Ok(Some(item));
        }
    }

    fn position(&self) -> u64 {
        self.stream.position()
    }
}

/// Whether a record's first line begins here: `WARC/1.0`.
fn begins_record(bytes: &[u8]) -> bool {
    let Some(version) = bytes.strip_prefix(b"WARC/") else { return false };
    let version = &version[..version.len().min(8)];
    let Some(end) = version.iter().position(|&byte| byte == b'\r' || byte == b'\n') else {
        return false;
    };
    end > 0 && version[..end].iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Whether a block's proper end, a record, its clipped beginning, or the file's end is here.
fn begins_anew(rest: &[u8]) -> bool {
    if rest.starts_with(b"\r\n\r\n") {
        return true;
    }
    let breaks = rest.iter().take_while(|&&byte| byte == b'\r' || byte == b'\n').count();
    let rest = &rest[breaks..];
    begins_record(rest) || (rest.len() < 13 && b"WARC/".starts_with(&rest[..rest.len().min(5)]))
}

/// Where the next record begins.
fn find_record(bytes: &[u8], at_line_start: bool) -> Option<usize> {
    if at_line_start && begins_record(bytes) {
        return Some(0);
    }
    memmem::find_iter(bytes, b"\nWARC/").map(|at| at + 1).find(|&at| begins_record(&bytes[at..]))
}

/// What a record's block holds.
fn page(head: &Head, block: &[u8], max_record: u64) -> Result<Item, Damage> {
    let Head { fields, kind, .. } = head;
    if kind == "continuation" {
        let detail = "segments of a record are not joined".to_owned();
        return Err(Damage { reason: "unsupported", detail });
    }
    let content_type = get(fields, "content-type").unwrap_or_default();
    let mut meta = Object::default();
    for name in KEPT {
        if let Some(value) = get(fields, name).filter(|value| !value.is_empty()) {
            meta.push_string(name, value);
        }
    }
    let is_http = kind == "response"
        && (media_type(content_type).0 == "application/http" || block.starts_with(b"HTTP/"));
    let (body, content_type) = if is_http {
        let response = http::parse(block, max_record)?;
        if let Some(status) = response.status {
            meta.push_json("http-status", &status.to_string());
        }
        if !response.content_type.is_empty() {
            meta.push_string("http-content-type", &response.content_type);
        }
        (response.body, response.content_type)
    } else {
        if !content_type.is_empty() {
            meta.push_string("content-type", content_type);
        }
        (block.into(), content_type.to_owned())
    };
    let (mut media, mut charset) = media_type(&content_type);
    if media.is_empty() {
        let identified = get(fields, "warc-identified-payload-type").unwrap_or_default();
        media = media_type(identified).0;
    }
    if kind == "conversion" {
        charset.get_or_insert_with(|| "utf-8".to_owned());
    }
    let body = match media.as_str() {
        "text/html" | "application/xhtml+xml" => {
            Body::Bytes { bytes: body.into_owned(), kind: Kind::Html, charset }
        }
        "text/plain" => Body::Bytes { bytes: body.into_owned(), kind: Kind::Plain, charset },
        "" => Body::Bytes { kind: sniff(&body), bytes: body.into_owned(), charset },
        _ => Body::Broken {
            reason: "not_text",
            detail: format!("media type {media}"),
            raw: body.into_owned(),
        },
    };
    Ok(Item { meta: meta.finish(), ..body.into() })
}

/// What a body without a media type is.
fn sniff(body: &[u8]) -> Kind {
    let head = body[..body.len().min(1024)].to_ascii_lowercase();
    let is_html = [&b"<!doctype html"[..], b"<html", b"<head", b"<body"];
    if is_html.iter().any(|tag| memmem::find(&head, tag).is_some()) {
        Kind::Html
    } else {
        Kind::Plain
    }
}
