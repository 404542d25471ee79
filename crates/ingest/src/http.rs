//! An HTTP response as a WARC record holds it.

use std::borrow::Cow;
use std::io::Read;

use memchr::memchr;

use crate::decompress::Codec;
use crate::stream::{Damage, inflate};

/// A response, its body free of transfer and content encodings.
pub(crate) struct Response<'a> {
    pub(crate) status: Option<u16>,
    pub(crate) content_type: String,
    pub(crate) body: Cow<'a, [u8]>,
}

/// Takes a response apart. Line ends may be LF; an encoding that the header names but the body does
/// not show was taken off by whoever wrote the archive.
pub(crate) fn parse(mut block: &[u8], max: u64) -> Result<Response<'_>, Damage> {
    loop {
        let Some((header, body)) = split_header(block) else {
            return Err(bad("a header without an end"));
        };
        let status = status(header);
        // Interim responses come before the final one.
        if status.is_some_and(|status| (100..200).contains(&status)) && body.starts_with(b"HTTP/") {
            block = body;
            continue;
        }
        let fields = fields(header);
        let field = |name| get(&fields, name).unwrap_or_default();
        let mut body = Cow::Borrowed(body);
        if field("transfer-encoding").to_ascii_lowercase().contains("chunked")
            && let Some(joined) = join_chunks(&body)?
        {
            if joined.len() as u64 > max {
                return Err(Damage {
                    reason: "too_large",
                    detail: format!("a body of {} bytes (see input.max_record)", joined.len()),
                });
            }
            body = Cow::Owned(joined);
        }
        for encoding in field("content-encoding").rsplit(',') {
            body = decompress(encoding.trim(), body, max)?;
        }
        return Ok(Response { status, content_type: field("content-type").to_owned(), body });
    }
}

fn bad(detail: &str) -> Damage {
    Damage { reason: "bad_http", detail: detail.to_owned() }
}

/// The header's bytes and what follows the empty line after it.
pub(crate) fn split_header(block: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let next = from + memchr(b'\n', &block[from..])? + 1;
        for end in [&b"\n"[..], b"\r\n"] {
            if block[next..].starts_with(end) {
                return Some((&block[..next], &block[next + end.len()..]));
            }
        }
        from = next;
    }
}

/// The fields of a header after its first line: names in lower case, continuation lines joined.
pub(crate) fn fields(header: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.split(|&byte| byte == b'\n').skip(1) {
        let text = String::from_utf8_lossy(line);
        if let (Some(b' ' | b'\t'), Some((_, value))) = (line.first(), fields.last_mut()) {
            value.push(' ');
            value.push_str(text.trim());
        } else if let Some((name, value)) = text.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

/// The first field of this (lower-case) name.
pub(crate) fn get<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// A media type in lower case, and its charset.
pub(crate) fn media_type(content_type: &str) -> (String, Option<String>) {
    let mut parts = content_type.split(';');
    let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    (media, charset)
}

fn status(header: &[u8]) -> Option<u16> {
    let line = header.split(|&byte| byte == b'\n').next()?;
    let code = line.split(|&byte| byte == b' ').filter(|part| !part.is_empty()).nth(1)?;
    std::str::from_utf8(code.trim_ascii()).ok()?.parse().ok()
}

/// A chunked body in one piece; None when it is not chunked after all. A body that ends after a whole
/// chunk is accepted without the last, empty one.
fn join_chunks(body: &[u8]) -> Result<Option<Vec<u8>>, Damage> {
    let mut joined = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let Some((size, after)) = chunk_size(rest) else {
            if rest.len() == body.len() {
                return Ok(None);
            }
            let at = body.len() - rest.len();
            return Err(bad(&format!("chunked transfer breaks at byte {at} of the body")));
        };
        if size == 0 {
            break;
        }
        let Some((chunk, after)) = after.split_at_checked(size) else {
            let at = body.len() - rest.len();
            let detail = format!("the chunk at byte {at} of the body is cut short");
            return Err(Damage { reason: "clipped", detail });
        };
        joined.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
    }
    Ok(Some(joined))
}

/// A chunk's size, and what follows its line.
fn chunk_size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = memchr(b'\n', &bytes[..bytes.len().min(1024)])?;
    let line = bytes[..end].strip_suffix(b"\r")?;
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((size, &bytes[end + 1..]))
}

fn decompress<'a>(encoding: &str, body: Cow<'a, [u8]>, max: u64) -> Result<Cow<'a, [u8]>, Damage> {
    let encoding = encoding.to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" if Codec::of_magic(&body) == Codec::Gzip => {
            inflate(body.into_owned(), max).map(Cow::Owned)
        }
        "zstd" if Codec::of_magic(&body) == Codec::Zstd => {
            inflate(body.into_owned(), max).map(Cow::Owned)
        }
        _ if looks_like_text(&body) => Ok(body),
        "deflate" => inflate_deflate(&body, max).map(Cow::Owned),
        "br" => {
            let decoder = brotli::Decompressor::new(&body[..], 4096);
            read_capped(decoder, max).map(Cow::Owned)
        }
        "compress" | "x-compress" => {
            let detail = format!("content encoding {encoding} is not supported");
            Err(Damage { reason: "unsupported", detail })
        }
        _ => Ok(body),
    }
}

/// Whether an encoding was taken off already.
fn looks_like_text(body: &[u8]) -> bool {
    !body.contains(&0) && std::str::from_utf8(body).is_ok()
}

/// `deflate` is zlib data by the standard, and raw deflate data by custom.
fn inflate_deflate(body: &[u8], max: u64) -> Result<Vec<u8>, Damage> {
    let zlib = read_capped(flate2::read::ZlibDecoder::new(body), max);
    zlib.or_else(|damage| {
        let raw = read_capped(flate2::read::DeflateDecoder::new(body), max);
        raw.map_err(|_| damage)
    })
}

fn read_capped(decoder: impl Read, max: u64) -> Result<Vec<u8>, Damage> {
    let mut out = Vec::new();
    match decoder.take(max.saturating_add(1)).read_to_end(&mut out) {
        Err(error) => {
            let detail = format!("the body's content encoding is damaged: {error}");
            Err(Damage { reason: "corrupt", detail })
        }
        Ok(n) if n as u64 > max => {
            let detail = format!("the body grows to more than {max} bytes (see input.max_record)");
            Err(Damage { reason: "bomb", detail })
        }
        Ok(_) => Ok(out),
    }
}
