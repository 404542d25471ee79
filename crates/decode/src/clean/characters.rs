//! Line ends, control characters, direction marks, zero-width characters.

use scutch_document::Edit;

use super::add;
use crate::{Config, LineEnds, Policy, STAGE};

/// Rules `line_end`, `c1`, `control`, `bidi`, `zero_width`, where they remove or replace.
pub(super) fn edits(text: &str, config: &Config) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut at = 0;
    while let Some(found) = suspect(&text.as_bytes()[at..]) {
        at += found;
        let Some(c) = text[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        match class(text, at, c) {
            Some("line_end") if config.line_ends == LineEnds::Lf => {
                let end = if text[end..].starts_with('\n') { end + 1 } else { end };
                add(&mut edits, text, Edit::replace(STAGE, "line_end", text, at..end, "\n", 1.0));
            }
            Some("control") if config.mojibake && c1(c).is_some() => {
                let c = c1_in(text, at, c).map(String::from).unwrap_or_default();
                add(&mut edits, text, Edit::replace(STAGE, "c1", text, at..end, c, 1.0));
            }
            Some(rule) if policy(rule, config) == Policy::Remove => match edits.last_mut() {
                Some(last) if last.rule == rule && last.end == at => {
                    last.before.push(c);
                    last.end = end;
                }
                _ => add(&mut edits, text, Edit::replace(STAGE, rule, text, at..end, "", 1.0)),
            },
            _ => {}
        }
        at = end;
    }
    edits
}

/// Rule `malformed`, and the others where they only mark.
pub(super) fn flags(text: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let found = "\u{fffd}";
    for at in memchr::memmem::find_iter(text.as_bytes(), found) {
        match edits.last_mut() {
            Some(last) if last.end == at => {
                last.before.push_str(found);
                last.after.push_str(found);
                last.end += found.len();
            }
            _ => {
                let flag = Edit::flag(STAGE, "malformed", text, at..at + found.len(), 1.0);
                add(&mut edits, text, flag);
            }
        }
    }
    edits
}

fn policy(rule: &str, config: &Config) -> Policy {
    match rule {
        "control" => config.controls,
        "bidi" => config.bidi,
        "zero_width" => config.zero_width,
        _ => Policy::Keep,
    }
}

/// The offset of the first byte that may begin a character of these rules.
fn suspect(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let (chunks, _) = bytes[at..].as_chunks::<32>();
        let quiet = |chunk: &&[u8; 32]| !chunk.iter().fold(false, |any, &b| any | is_suspect(b));
        at += 32 * chunks.iter().take_while(quiet).count();
        at += bytes[at..].iter().position(|&byte| is_suspect(byte))?;
        let innocent = match bytes[at..] {
            [0xc2, next, ..] => next >= 0xa0,
            [0xd8, next, ..] => next != 0x9c,
            [0xe2, next, ..] => next > 0x81,
            [0xef, next, ..] => next != 0xbb,
            _ => false,
        };
        if !innocent {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether a character of these rules may begin with `byte`.
fn is_suspect(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') & (byte != b'\n')
        | (byte == 0x7f)
        | (byte == 0xc2)
        | (byte == 0xd8)
        | (byte == 0xe2)
        | (byte == 0xef)
}

fn class(text: &str, at: usize, c: char) -> Option<&'static str> {
    match c {
        '\r' => Some("line_end"),
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Some("control"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("bidi")
        }
        '\u{200b}' | '\u{2060}' | '\u{feff}' => Some("zero_width"),
        '\u{200c}' | '\u{200d}' => {
            let joined = text[..at].chars().next_back().is_some_and(joins)
                && text[at + c.len_utf8()..].chars().next().is_some_and(joins);
            (!joined).then_some("zero_width")
        }
        _ => None,
    }
}

/// Whether a joiner beside `c` means something: scripts that join letters, and emoji. Beside another
/// invisible character it means nothing, or a run of them would shrink with every cleaning.
fn joins(c: char) -> bool {
    let invisible = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c > '\u{58f}' && !c.is_whitespace() && !invisible
}

/// The character that a C1 control was meant to be: windows-1252's, or within a word Mac Roman's
/// where that reads better (`tur\u{92}stico`).
fn c1_in(text: &str, at: usize, c: char) -> Option<char> {
    let windows = c1(c)?;
    let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
    let is_letter = |c: Option<char>| c.is_some_and(char::is_lowercase);
    if windows.is_alphabetic()
        || !is_letter(before.chars().next_back())
        || !is_letter(after.chars().next())
    {
        return Some(windows);
    }
    let byte = [u8::try_from(c).ok()?];
    let mac = encoding_rs::MACINTOSH.decode_without_bom_handling(&byte).0.chars().next()?;
    let reads = |c: char| {
        let head: Vec<char> =
            before.chars().rev().take_while(|c| c.is_alphabetic()).take(8).collect();
        let tail = after.chars().take_while(|c| c.is_alphabetic()).take(8);
        let word: Vec<char> = head.into_iter().rev().chain([c]).chain(tail).chain([' ']).collect();
        super::reading::bits(&word)
    };
    Some(if mac.is_lowercase() && reads(mac) + 4.0 < reads(windows) { mac } else { windows })
}

/// The windows-1252 character that a C1 control was meant to be.
pub(super) fn c1(c: char) -> Option<char> {
    let byte = [u8::try_from(c).ok().filter(|byte| (0x80..0xa0).contains(byte))?];
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
    text.chars().next().filter(|c| !c.is_control())
}
