use scutch_document::Edit;

use super::add;
use crate::STAGE;

/// Rule `entity`: character references left over in the text, decoded once.
///
/// Lines that hold tags are source code and stay as they are.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    // Start and verdict of the line that was looked at last.
    let mut line = (0, 0, false);
    for at in memchr::memchr_iter(b'&', bytes) {
        let Some((c, len)) = reference(&bytes[at..]) else { continue };
        if at >= line.1 {
            let start =
                memchr::memrchr(b'\n', &bytes[line.1..at]).map_or(line.1, |n| line.1 + n + 1);
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n + 1);
            line = (start, end, is_markup(&bytes[start..end]));
        }
        if !line.2 {
            add(&mut edits, text, Edit::replace(STAGE, "entity", text, at..at + len, c, 1.0));
        }
    }
    edits
}

fn is_markup(line: &[u8]) -> bool {
    memchr::memchr_iter(b'<', line).any(|at| {
        line.get(at + 1).is_some_and(|&next| next.is_ascii_alphabetic() || b"/!?".contains(&next))
    })
}

/// The character that a reference at the beginning of `bytes` stands for, and its length.
fn reference(bytes: &[u8]) -> Option<(char, usize)> {
    let end = memchr::memchr(b';', &bytes[..bytes.len().min(12)])?;
    let name = std::str::from_utf8(&bytes[1..end]).ok()?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']);
            let digits = hex.unwrap_or(number);
            if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            let code = u32::from_str_radix(digits, if hex.is_some() { 16 } else { 10 }).ok()?;
            let c = char::from_u32(code)?;
            super::characters::c1(c).or(Some(c).filter(|c| !c.is_control()))?
        }
        None => NAMES[NAMES.binary_search_by_key(&name, |&(name, _)| name).ok()?].1,
    };
    Some((c, end + 1))
}

include!("entity_names.rs");
