//! WARC, WET and WAT files: records of a header and a block, of any version of the format.

use std::io;

use memchr::memmem;

use crate::Config;
use crate::http::{self, get, media_type};
use crate::json::Object;
use crate::record::{Body, EXCERPT, Item, Kind, Reader, last_item};
use crate::stream::{Damage, Fault, Stream};

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

impl Warc {
    pub(crate) fn new(stream: Stream, config: &Config) -> Self {
        Self { stream, max_record: config.max_record }
    }

    /// The length of the header that begins here, with its empty line; `Err` of what is at hand when
    /// it has no end.
    fn header_length(&mut self) -> Result<usize, usize> {
        let mut wanted = 1024;
        loop {
            let at_hand = self.stream.peek(wanted);
            let (length, shown) = (at_hand.len(), &at_hand[..at_hand.len().min(MAX_HEADER)]);
            if let Some((_, rest)) = http::split_header(shown) {
                return Ok(shown.len() - rest.len());
            }
            if length < wanted || length >= MAX_HEADER {
                return Err(length.min(MAX_HEADER));
            }
            wanted = length * 2;
        }
    }

    /// Passes over what is no record: `skip` bytes at hand, then everything up to the next record or
    /// the end.
    fn broken(
        &mut self,
        reason: &'static str,
        what: &str,
        skip: usize,
    ) -> io::Result<Option<Item>> {
        let start = self.stream.offset();
        let mut raw = Vec::new();
        let mut pass = |stream: &mut Stream, length: usize| {
            let room = EXCERPT - raw.len();
            raw.extend_from_slice(&stream.at_hand()[..length.min(room)]);
            stream.consume(length);
        };
        pass(&mut self.stream, skip);
        let mut at_line_start = true;
        loop {
            let at_hand = self.stream.peek(EXCERPT);
            let length = at_hand.len();
            if let Some(at) = find_record(at_hand, at_line_start) {
                pass(&mut self.stream, at);
                break;
            }
            if length < EXCERPT {
                pass(&mut self.stream, length);
                break;
            }
            // The last bytes may be the beginning of a record.
            pass(&mut self.stream, length - LOOK_AHEAD);
            at_line_start = false;
        }
        let place = format!("bytes {start} to {}", self.stream.offset());
        if self.stream.at_hand().is_empty() {
            let place = format!(", in {place}: {what}");
            if let Some(item) = last_item(self.stream.take_fault(), &place, &raw)? {
                return Ok(Some(item));
            }
        }
        Ok(Some(Item::broken(reason, format!("{place}: {what}"), &raw)))
    }
}

impl Reader for Warc {
    fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            while let Some(b'\r' | b'\n') = self.stream.peek(1).first() {
                self.stream.consume(1);
            }
            if self.stream.at_hand().is_empty() {
                let place = format!(", at byte {} of what it holds", self.stream.offset());
                return last_item(self.stream.take_fault(), &place, &[]);
            }
            if !begins_record(self.stream.peek(LOOK_AHEAD)) {
                return self.broken("bad_warc", "no record begins here", 0);
            }
            let header = match self.header_length() {
                Ok(length) => length,
                Err(length) if length == MAX_HEADER => {
                    return self.broken("bad_warc", "a header without an end", length);
                }
                Err(length) => return self.broken("clipped", "the file ends in a header", length),
            };
            if let Some(at) = find_record(&self.stream.at_hand()[..header], false) {
                return self.broken("bad_warc", "a header without an end", at);
            }
            let fields = http::fields(&self.stream.at_hand()[..header]);
            let kind = get(&fields, "warc-type").unwrap_or_default().to_ascii_lowercase();
            let Some(length) = get(&fields, "content-length").and_then(|n| n.parse::<u64>().ok())
            else {
                return self.broken("bad_warc", "no Content-Length, or not a number", header);
            };
            let is_page = matches!(kind.as_str(), "response" | "resource" | "conversion");
            let is_page = is_page || kind == "continuation";

            // Whether the length is right shows in what follows the block.
            let shown = usize::try_from(length.min(self.max_record)).unwrap_or(usize::MAX);
            let end = header.saturating_add(shown);
            let at_hand = self.stream.peek(end.saturating_add(LOOK_AHEAD));
            let whole = at_hand.len() >= end && length <= self.max_record;
            if !whole || !begins_anew(&at_hand[end..]) {
                let block = &at_hand[header..at_hand.len().min(end)];
                if let Some(at) = find_record(block, false) {
                    let what = format!("Content-Length {length} is wrong: a record begins before");
                    return self.broken("bad_warc", &what, header + at);
                }
                if whole {
                    let what = format!("Content-Length {length} is wrong: no record follows");
                    return self.broken("bad_warc", &what, end);
                }
                if at_hand.len() < end {
                    let what = format!("the file ends in a block of {length} bytes");
                    let rest = at_hand.len();
                    return self.broken("clipped", &what, rest);
                }
                let item = self.skip_large(header, length, is_page)?;
                if item.is_some() {
                    return Ok(item);
                }
                continue;
            }
            if self.stream.is_corrupt()
                && find_record(&self.stream.at_hand()[end..], true).is_none()
            {
                // Damaged data goes on for a while as garbage, so the last record is not trusted.
                return self.broken("corrupt", "the record before the damage", end);
            }
            let item = is_page.then(|| {
                page(&kind, &fields, &self.stream.at_hand()[header..end], self.max_record)
                    .unwrap_or_else(|Damage { reason, detail }| {
                        let detail = format!("record at byte {}: {detail}", self.stream.offset());
                        Item::broken(reason, detail, &self.stream.at_hand()[header..end])
                    })
            });
            self.stream.consume(end);
            if let Some(mut item) = item {
                describe(&mut item, &fields);
                return Ok(Some(item));
            }
        }
    }

    fn position(&self) -> u64 {
        self.stream.position()
    }
}

impl Warc {
    /// Passes over a record that is too large to be read.
    fn skip_large(
        &mut self,
        header: usize,
        length: u64,
        is_page: bool,
    ) -> io::Result<Option<Item>> {
        let start = self.stream.offset();
        let at_hand = self.stream.at_hand();
        let raw = at_hand[header..at_hand.len().min(header + EXCERPT)].to_vec();
        self.stream.consume(header);
        let skipped = self.stream.skip(length);
        let place = format!("bytes {start} to {}", self.stream.offset());
        if skipped < length {
            let place = format!(", in {place}: a block of {length} bytes");
            let fault = self.stream.take_fault().unwrap_or_else(|| {
                let detail = "the file ends too early".to_owned();
                Fault::Damage(Damage { reason: "clipped", detail })
            });
            return last_item(Some(fault), &place, &raw);
        }
        let detail = format!("{place}: larger than {} bytes (see max_record)", self.max_record);
        Ok(is_page.then(|| Item::broken("too_large", detail, &raw)))
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
fn page(
    kind: &str,
    fields: &[(String, String)],
    block: &[u8],
    max_record: u64,
) -> Result<Item, Damage> {
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

/// Id and address from the record's header.
fn describe(item: &mut Item, fields: &[(String, String)]) {
    let bare = |name| {
        let value = get(fields, name)?.trim_start_matches('<').trim_end_matches('>');
        (!value.is_empty()).then(|| value.to_owned())
    };
    item.source_id = bare("warc-record-id");
    item.url = bare("warc-target-uri");
}
