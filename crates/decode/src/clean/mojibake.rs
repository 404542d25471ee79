//! UTF-8 that was read in another encoding.
//!
//! A line is searched for characters whose bytes, in some encoding, form a sequence of UTF-8. They
//! are repaired when the language model (see `scripts/decode_train.py`) finds the line so much
//! likelier afterwards that chance cannot explain it.

use scutch_document::Edit;

use super::sloppy::{Mask, Shape, TABLES, Tables};
use crate::STAGE;
use crate::bytes::ascii_len;
use crate::model::{Language, Look, MODEL, UNIT};

/// Bits that a repair must save, for a line.
const GAIN: f32 = 13.0;
/// Bits in favour of Latin-1's letters read in windows-1252: nothing is as common.
const USUAL: f32 = 6.0;
/// Characters on each side of a sequence by which it is judged.
const AROUND: usize = 3;
/// Bytes of a line on both sides of a suspicion that are looked at, at most twice as many.
const LONG: usize = 1 << 14;
/// Characters of a line that are looked at, at most, to judge it.
const JUDGED: usize = 400;

/// Rule `mojibake`: one layer of misread UTF-8 is taken off.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut done = 0;
    while let Some(at) = suspicion(&text[done..]) {
        let at = done + at;
        // A line is judged as a whole, unless it is a very long one.
        let bytes = text.as_bytes();
        let near = text.floor_char_boundary(done.max(at.saturating_sub(LONG)));
        let start = memchr::memrchr(b'\n', &bytes[near..at]).map_or(near, |n| near + n + 1);
        let far = text.ceil_char_boundary(at + LONG);
        let end = match memchr::memchr(b'\n', &bytes[at..far]) {
            Some(n) => at + n,
            None => memchr::memchr2(b' ', b'\n', &bytes[far..text.len().min(far + LONG)])
                .map_or(text.ceil_char_boundary(far + LONG), |n| far + n),
        };
        line(text, start..end, &mut edits);
        done = end;
    }
    edits
}

/// Where the first character stands that, with the next one, may be misread UTF-8.
fn suspicion(text: &str) -> Option<usize> {
    let tables = &*TABLES;
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut before = Shape::default();
    loop {
        if bytes.get(at)?.is_ascii() {
            if before.begins != 0 && bytes[at] == b' ' && text[..at].ends_with('Ã') {
                return Some(at - 'Ã'.len_utf8());
            }
            before = Shape::default();
            at += ascii_len(&bytes[at..]);
        }
        let (code, len) = match bytes[at..] {
            [] => return None,
            [a, b, ..] if a < 0xe0 => (usize::from(a & 0x1f) << 6 | usize::from(b & 0x3f), 2),
            [a, b, c, ..] if a < 0xf0 => {
                let [a, b, c] = [a & 0xf, b & 0x3f, c & 0x3f].map(usize::from);
                (a << 12 | b << 6 | c, 3)
            }
            _ => (0, 4),
        };
        let shape = tables.shape(code);
        let on = before.begins & if code == 0xfffd { Mask::MAX } else { shape.goes_on };
        if on != 0 && before.letter.is_odd(shape.letter) {
            return text[..at].char_indices().next_back().map(|(at, _)| at);
        }
        before = Shape { begins: shape.begins | on, ..shape };
        at += len;
    }
}

/// The encodings in which two neighbours may be misread UTF-8.
fn suspects(chars: &[(usize, char)]) -> Mask {
    let mut found = 0;
    for pair in chars.windows(2) {
        let [first, second] = [pair[0].1, pair[1].1];
        let begins = TABLES.shape(first as usize).begins;
        found |= match second {
            '\u{fffd}' => begins,
            ' ' if first == 'Ã' => 1,
            _ => begins & TABLES.shape(second as usize).goes_on,
        };
    }
    found
}

/// A sequence of UTF-8 among the characters of a line.
#[derive(Debug, Clone)]
struct Sequence {
    /// Its characters' places in the line.
    start: usize,
    end: usize,
    /// What it says.
    says: String,
    /// Whether all its bytes are there.
    whole: bool,
}

fn line(text: &str, span: std::ops::Range<usize>, edits: &mut Vec<Edit>) {
    let chars: Vec<(usize, char)> =
        text[span.clone()].char_indices().map(|(at, c)| (span.start + at, c)).collect();
    let offset = |at: usize| chars.get(at).map_or(span.end, |&(offset, _)| offset);
    let mut best: Option<(f32, Vec<Sequence>)> = None;
    let suspects = suspects(&chars);
    for encoding in (0..TABLES.len()).filter(|encoding| suspects >> encoding & 1 == 1) {
        let found = sequences(&TABLES, encoding, &chars);
        if found.is_empty() || !convincing(&chars, &found) {
            continue;
        }
        let usual = encoding == 0 && found.iter().any(|found| "ÂÃ".contains(chars[found.start].1));
        let gain = gain(&chars, &found) + if usual { USUAL } else { 0.0 };
        if gain > GAIN && best.as_ref().is_none_or(|(most, _)| gain > *most) {
            best = Some((gain, found));
        }
    }
    let Some((gain, found)) = best else { return };
    let score = 1.0 - (-gain / 16.0).exp2();
    // Neighbouring sequences are one edit.
    for run in found.chunk_by(|a, b| a.end == b.start) {
        let place = offset(run[0].start)..offset(run[run.len() - 1].end);
        let says: String = run.iter().map(|sequence| sequence.says.as_str()).collect();
        edits.push(Edit::replace(STAGE, "mojibake", text, place, says, score));
    }
}

/// The sequences that a line holds in an encoding; none where no whole one is among them.
fn sequences(tables: &Tables, encoding: usize, chars: &[(usize, char)]) -> Vec<Sequence> {
    let mut found: Vec<Sequence> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let adjacent = found.last().is_some_and(|last| last.end == at);
        match sequence(tables, encoding, chars, at) {
            // A control is a byte of the next layer, and never stands alone.
            Some(sequence) if adjacent || !sequence.says.starts_with(char::is_control) => {
                at = sequence.end;
                found.push(sequence);
            }
            _ => at += 1,
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

/// Whether what stands around the sequences does not speak against them.
fn convincing(chars: &[(usize, char)], found: &[Sequence]) -> bool {
    let is_other =
        |at: usize| chars.get(at).is_some_and(|&(_, c)| !c.is_ascii() && c != '\u{fffd}');
    let alphabetic = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(|&(_, c)| c.is_alphabetic())
    };
    // Characters beyond ASCII that touch a sequence and are part of none.
    let mut touching = 0;
    for (n, sequence) in found.iter().enumerate() {
        let next = found.get(n + 1).map_or(chars.len(), |next| next.start);
        touching += (sequence.end..next).take_while(|&at| is_other(at)).count();
    }
    if touching > found.len() {
        return false;
    }
    // Two letters do not make a sign: `Āø` is a name.
    let letters = |sequence: &Sequence| {
        chars[sequence.start..sequence.end].iter().all(|&(_, c)| c.is_alphabetic())
    };
    if found
        .iter()
        .all(|sequence| letters(sequence) && !sequence.says.contains(char::is_alphabetic))
    {
        return false;
    }
    // A sign on its own (`√π`, `¬´`, `—∞`) is a sign; within a word it is a letter misread.
    let inside = found.iter().any(|sequence| {
        chars[sequence.start].1.is_alphabetic()
            || sequence.end - sequence.start > 2
            || alphabetic(sequence.start.checked_sub(1))
            || alphabetic(Some(sequence.end))
    }) || found.chunk_by(|a, b| a.end == b.start).any(|run| run.len() > 1);
    // One short sequence in a line that has other characters beyond ASCII right may be chance.
    let short = found.len() == 1 && found[0].end - found[0].start == 2;
    // `Ã’s`: a letter and an apostrophe.
    let apostrophe = short
        && chars[found[0].end - 1].1 == '’'
        && chars.get(found[0].end).is_some_and(|&(_, c)| c.is_lowercase());
    let others = (0..chars.len()).filter(|&at| is_other(at)).count();
    inside && !apostrophe && !(short && others > 2)
}

/// Bits that the line needs less when the sequences say what they seem to say.
fn gain(chars: &[(usize, char)], found: &[Sequence]) -> f32 {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut done = 0;
    for sequence in found {
        let from = sequence.start.saturating_sub(AROUND).max(done);
        if from > done {
            before.push(' ');
            after.push(' ');
        }
        for &(_, c) in &chars[from..sequence.start] {
            before.push(c);
            after.push(c);
        }
        before.extend(chars[sequence.start..sequence.end].iter().map(|&(_, c)| c));
        after.extend(sequence.says.chars());
        done = sequence.end;
        let follows = found.iter().find(|next| next.start >= done).map_or(chars.len(), |n| n.start);
        let to = (done + AROUND).min(follows);
        for &(_, c) in &chars[done..to] {
            before.push(c);
            after.push(c);
        }
        done = to;
        if before.len() > JUDGED {
            break;
        }
    }
    bits(&before) - bits(&after)
}

/// Bits that `chars` need in the language that suits them best.
pub(super) fn bits(chars: &[char]) -> f32 {
    let mut steps: Vec<Step> = Vec::with_capacity(chars.len());
    let mut last = ' ';
    let mut before = MODEL.look(last);
    let start = before;
    for &c in chars {
        let c = plain(c);
        let look = MODEL.look(c);
        steps.push(Step::new(last, c, MODEL.cases(before.other, look.other), look));
        (last, before) = (c, look);
    }
    let units = |language: &Language| {
        let mut before = start.by(language);
        let cost = |step: &Step| {
            let now = step.look.by(language);
            let at = usize::from(before.symbol) * language.size + usize::from(now.symbol);
            before = now;
            if step.fixed {
                return step.extra;
            }
            let odd = if now.member > 180 { step.odd } else { 0.0 };
            f32::from(language.table[at]) + f32::from(now.member) + step.extra + odd
        };
        steps.iter().map(cost).sum::<f32>()
    };
    MODEL.languages.iter().map(units).fold(f32::INFINITY, f32::min) / UNIT
}

/// A character after another one, before any language is known.
struct Step {
    look: Look,
    /// Whether `extra` is all that it costs.
    fixed: bool,
    /// Units that it costs in any language.
    extra: f32,
    /// Units more where no language has it.
    odd: f32,
}

impl Step {
    fn new(last: char, c: char, case: u8, look: Look) -> Self {
        let (fixed, bits) = match c {
            '\u{300}'..='\u{36f}' => (true, 10.0),
            '\u{fffd}' => (true, 14.0),
            // Signs come in runs: frames, formulas, emoji.
            _ if c > '\u{2000}' && u32::from(c) >> 8 == u32::from(last) >> 8 => (true, 6.0),
            _ if c > '\u{2e80}' && last.is_ascii_alphabetic() => (false, 8.0),
            _ if c > '\u{2600}' => (true, 18.0),
            _ => (false, f32::from(case) / UNIT),
        };
        let latin = matches!(c, '\u{80}'..'\u{250}') && c.is_alphabetic();
        Self { look, fixed, extra: bits * UNIT, odd: if latin { 12.0 * UNIT } else { 0.0 } }
    }
}

/// What stands for `c` in plain text: pages are full of typography that clean sentences lack.
fn plain(c: char) -> char {
    match c {
        '\u{a0}' => ' ',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '–' | '—' => '-',
        '…' | '™' | '®' => '.',
        _ => c,
    }
}
