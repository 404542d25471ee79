//! UTF-8 that was read in another encoding.
//!
//! A line is searched for characters whose bytes, in some encoding, form a sequence of UTF-8. They
//! are repaired when the language model (see `scripts/decode_train.py`) finds the line so much
//! likelier afterwards that chance cannot explain it.

use scutch_document::Edit;

use super::add;
use super::reading::bits;
use super::sequence::{Sequence, sequences};
use super::sloppy::{Letter, Mask, Shape, TABLES};
use crate::STAGE;
use crate::bytes::ascii_len;

/// Bits that a repair must save, for a line.
const GAIN: f32 = 13.0;
/// Bits that it must save for each sequence: small gains do not add up to evidence.
const EACH: f32 = 4.0;
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
    // Whether that is a capital within a word.
    let mut inside = false;
    loop {
        if bytes.get(at)?.is_ascii() {
            if before.begins != 0 && bytes[at] == b' ' && text[..at].ends_with('Ã') {
                return Some(at - 'Ã'.len_utf8());
            }
            at += ascii_len(&bytes[at..]);
            let letter =
                if bytes[at - 1].is_ascii_lowercase() { Letter::Lower } else { Letter::None };
            before = Shape { letter, ..Shape::default() };
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
        if on != 0 && (inside || before.letter.is_odd(shape.letter)) {
            return text[..at].char_indices().next_back().map(|(at, _)| at);
        }
        inside = before.letter == Letter::Lower && shape.letter == Letter::Upper;
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

fn line(text: &str, span: std::ops::Range<usize>, edits: &mut Vec<Edit>) {
    let chars: Vec<(usize, char)> =
        text[span.clone()].char_indices().map(|(at, c)| (span.start + at, c)).collect();
    let offset = |at: usize| chars.get(at).map_or(span.end, |&(offset, _)| offset);
    let mut best: Option<(f32, Vec<Sequence>)> = None;
    let suspects = suspects(&chars);
    for encoding in (0..TABLES.len()).filter(|encoding| suspects >> encoding & 1 == 1) {
        let found = sequences(&TABLES, encoding, &chars);
        if !telling(&chars, &found) || !convincing(&chars, &found) {
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
        add(edits, text, Edit::replace(STAGE, "mojibake", text, place, says, score));
    }
}

/// Whether repairing the sequences tells the reader anything.
///
/// U+FFFD for the three letters of a misread one (`cï¿½nd`) does not bring back what was lost. It
/// is clearer only where they would pass for words.
fn telling(chars: &[(usize, char)], found: &[Sequence]) -> bool {
    let blank =
        |at: Option<usize>| at.and_then(|at| chars.get(at)).is_none_or(|&(_, c)| c.is_whitespace());
    let is_word = |found: &Sequence| blank(found.start.checked_sub(1)) && blank(Some(found.end));
    found.iter().any(|sequence| sequence.says != "\u{fffd}" || !sequence.whole)
        || !found.is_empty() && found.iter().all(is_word)
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
        let inner = &chars[sequence.start..sequence.end];
        inner.len() == 2 && inner.iter().all(|&(_, c)| c.is_alphabetic())
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
    // `Ã’s`, `С…`: a letter and a mark where one may stand.
    let marked = short && found[0].says.contains(char::is_alphabetic) && {
        let next = chars.get(found[0].end).map_or(' ', |&(_, c)| c);
        let before = found[0].start.checked_sub(1).map_or(' ', |at| chars[at].1);
        match chars[found[0].end - 1].1 {
            '’' => next.is_lowercase(),
            '…' | '®' => !next.is_alphabetic() && !before.is_lowercase(),
            _ => false,
        }
    };
    let others = (0..chars.len()).filter(|&at| is_other(at)).count();
    inside && !marked && !(short && others > 2)
}

/// Bits that the line needs less when the sequences say what they seem to say; none where each
/// saves hardly any.
fn gain(chars: &[(usize, char)], found: &[Sequence]) -> f32 {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut done = 0;
    let mut judged = 0.0;
    for sequence in found {
        judged += 1.0;
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
    let gain = bits(&before) - bits(&after);
    if gain > EACH * judged { gain } else { 0.0 }
}
