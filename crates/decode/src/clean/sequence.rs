//! Finding sequences of UTF-8 among characters that are its bytes, read in another encoding.

use super::sloppy::Tables;

/// Marks of quotations.
const QUOTES: &str = "«»‘’‚“”„";

/// A sequence of UTF-8 among the characters of a line.
#[derive(Debug, Clone)]
pub(super) struct Sequence {
    /// Its characters' places in the line.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What it says.
    pub(super) says: String,
    /// Whether all its bytes are there.
    pub(super) whole: bool,
}

/// The sequences that a line holds in an encoding; none where no whole one is among them.
pub(super) fn sequences(
    tables: &Tables,
    encoding: usize,
    chars: &[(usize, char)],
) -> Vec<Sequence> {
    let mut found: Vec<Sequence> = Vec::new();
    let mut opened = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let adjacent = found.last().is_some_and(|last| last.end == at);
        match sequence(tables, encoding, chars, at) {
            // A control is a byte of the next layer, and never stands alone.
            Some(sequence)
                if (adjacent || !sequence.says.starts_with(char::is_control))
                    && !closes(chars, &sequence, &opened) =>
            {
                at = sequence.end;
                found.push(sequence);
            }
            _ => {
                let c = chars[at].1;
                if QUOTES.contains(c) && !opened.contains(&c) {
                    opened.push(c);
                }
                at += 1;
            }
        }
    }
    let sure = |found: &Sequence| {
        // `nÄ\u{fffd}i`: a capital within a word, and a byte lost behind it.
        let first = chars[found.start].1;
        found.whole
            || found.says == "\u{fffd}"
                && chars[found.end - 1].1 == '\u{fffd}'
                && first.is_uppercase()
                && found.start.checked_sub(1).is_some_and(|at| chars[at].1.is_lowercase())
    };
    let whole = found.iter().filter(|sequence| sure(sequence)).count();
    // A lost byte is believed where others are whole; French and Portuguese `à` also on its own.
    found.retain(|sequence| {
        sequence.whole || whole > 0 || (encoding == 0 && sequence.says.starts_with('à'))
    });
    found
}

/// Whether a sequence may be the end of a word and of a quotation (`“ĐÃ”`, `«\u{a0}à\u{a0}»`) that
/// one of the marks before it, `opened`, begins.
fn closes(chars: &[(usize, char)], found: &Sequence, opened: &[char]) -> bool {
    let next = chars.get(found.end).map_or(' ', |&(_, c)| c);
    let before = found.start.checked_sub(1).map_or(' ', |at| chars[at].1);
    let inner = chars[found.start..found.end].iter().map(|&(_, c)| c);
    let word: Vec<char> = inner.clone().take_while(|c| c.is_alphabetic()).collect();
    let mut tail = inner.skip(word.len());
    let openers = match tail.clone().find(|&c| QUOTES.contains(c)) {
        Some('’') => "‘‚",
        Some('“') => "„",
        Some('”') => "“„”",
        Some('»') => "«",
        Some(_) => "»",
        None => return false,
    };
    let odd = |pair: &[char]| pair[0].is_lowercase() && pair[1].is_uppercase();
    !word.is_empty()
        && !tail.any(char::is_alphanumeric)
        && !next.is_alphabetic()
        && ![&[before], &word[..]].concat().windows(2).any(odd)
        && opened.iter().any(|&c| openers.contains(c))
}

/// The sequence that begins at `at`.
fn sequence(
    tables: &Tables,
    encoding: usize,
    chars: &[(usize, char)],
    at: usize,
) -> Option<Sequence> {
    let lead = tables.byte(encoding, chars[at].1)?;
    let len = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut bytes = [lead, 0, 0, 0];
    let (mut spaces, mut lost) = (0, 0);
    for (n, byte) in bytes.iter_mut().enumerate().take(len).skip(1) {
        let c = chars.get(at + n)?.1;
        *byte = match c {
            // A no-break space, which a blank has taken the place of.
            ' ' => {
                spaces += 1;
                0xa0
            }
            '\u{fffd}' | '?' | '\u{1a}' => {
                lost += 1;
                0x80
            }
            _ => tables.byte(encoding, c).filter(|byte| (0x80..0xc0).contains(byte))?,
        };
        if lost > 0 && n + 1 < len && lead >= 0xe0 && c == '?' && n == 2 {
            return None;
        }
    }
    let mut end = at + len;
    let here = &bytes[..len];
    let mut says = match std::str::from_utf8(here) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (c, length) = surrogates(tables, encoding, chars, at)?;
            end = at + length;
            c.to_string()
        }
    };
    let meant = says.chars().next()?;
    if lost > 0 {
        if spaces > 0 || lost > 1 {
            return None;
        }
        says = "\u{fffd}".to_owned();
    } else if matches!(meant, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffc}' | '\u{fdd0}'..='\u{fdef}')
    {
        return None;
    }
    if spaces > 0 {
        says = with_space(tables, encoding, chars, at, len, spaces, says)?;
    }
    Some(Sequence { start: at, end, says, whole: spaces == 0 && lost == 0 })
}

/// What a sequence says whose no-break space has become a blank; `None` where the blank is a blank.
fn with_space(
    tables: &Tables,
    encoding: usize,
    chars: &[(usize, char)],
    at: usize,
    len: usize,
    spaces: usize,
    says: String,
) -> Option<String> {
    let next = chars.get(at + len).map(|&(_, c)| c);
    let before = at.checked_sub(1).map(|at| chars[at].1);
    if spaces > 1 {
        return None;
    }
    if says == "à" && next == Some(' ') {
        return Some(says);
    }
    if len > 2 {
        return Some(says);
    }
    let goes_on = next.is_some_and(|c| {
        !c.is_ascii() && tables.byte(encoding, c).is_some_and(|byte| (0xc2..0xf5).contains(&byte))
    });
    match says.as_str() {
        "\u{a0}" => Some(says),
        // `à` is a word: the blank after it may be there for both.
        "à" => {
            let next = next.filter(|c| c.is_lowercase() || goes_on)?;
            let capital = before.is_some_and(char::is_uppercase);
            let glued = next == 's' && chars.get(at + len + 1).is_some_and(|&(_, c)| c == ' ')
                || chars[at + len..].iter().take(4).map(|&(_, c)| c).eq("quel".chars())
                || before.is_some_and(|c| c.is_lowercase())
                    && chars[at + len..]
                        .iter()
                        .take(2)
                        .map(|&(_, c)| c)
                        .any(|c| !c.is_alphabetic());
            (!capital).then(|| if glued { says } else { says + " " })
        }
        _ if goes_on => Some(says),
        _ => {
            let begins = before.is_none_or(|c| !c.is_alphanumeric());
            (begins && next.is_some_and(char::is_lowercase)).then_some(says)
        }
    }
}

/// A character beyond U+FFFF as two surrogates of three bytes each (CESU-8).
fn surrogates(
    tables: &Tables,
    encoding: usize,
    chars: &[(usize, char)],
    at: usize,
) -> Option<(char, usize)> {
    let mut units = [0u16; 2];
    for (unit, start) in units.iter_mut().zip([at, at + 3]) {
        let mut bytes = [0u8; 3];
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = tables.byte(encoding, chars.get(start + n)?.1)?;
        }
        let [0xed, middle @ 0xa0..=0xbf, last @ 0x80..=0xbf] = bytes else { return None };
        *unit = 0xd000 | u16::from(middle & 0x3f) << 6 | u16::from(last & 0x3f);
    }
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((c, 6))
}
