//! What a document says of its own encoding: byte order marks, `<meta>`, the XML declaration.

use crate::codec::Codec;

/// Bytes that are searched for a declaration; browsers search 1024, real pages put scripts first.
const PRESCAN: usize = 4096;

/// The encoding that a byte order mark shows, and the mark's length.
pub(crate) fn bom(bytes: &[u8]) -> Option<(Codec, usize)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some((Codec::Utf8, 3)),
        [0xff, 0xfe, 0, 0, ..] => Some((Codec::Utf32 { big: false }, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((Codec::Utf32 { big: true }, 4)),
        [0xff, 0xfe, ..] => Some((Codec::Web(encoding_rs::UTF_16LE), 2)),
        [0xfe, 0xff, ..] => Some((Codec::Web(encoding_rs::UTF_16BE), 2)),
        _ => None,
    }
}

/// The label that an XML declaration or a `<meta>` element gives.
pub(crate) fn label(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(PRESCAN)];
    xml(head).or_else(|| meta(head))
}

fn xml(head: &[u8]) -> Option<&str> {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let declaration = head[start..].strip_prefix(b"<?xml")?;
    let end = memchr::memchr(b'>', declaration)?;
    value(&declaration[..end], b"encoding")
}

fn meta(head: &[u8]) -> Option<&str> {
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at + 1..];
        if rest.starts_with(b"!--") {
            let end = memchr::memmem::find(rest, b"-->")?;
            rest = &rest[end..];
        } else if rest.len() > 4 && rest[..4].eq_ignore_ascii_case(b"meta") {
            let end = memchr::memchr(b'>', rest)?;
            if let Some(label) = value(&rest[4..end], b"charset") {
                return Some(label);
            }
            rest = &rest[end..];
        }
    }
    None
}

/// The value that follows `name =` in a tag, quoted or not.
fn value<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let mut rest = tag;
    loop {
        let at = rest.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
        rest = &rest[at + name.len()..];
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
        let end = value
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || b"\"';?/>".contains(byte))
            .unwrap_or(value.len());
        return std::str::from_utf8(&value[..end]).ok().filter(|label| !label.is_empty());
    }
}
