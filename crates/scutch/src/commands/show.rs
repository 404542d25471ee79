//! A text with its edits drawn into it, for `scutch inspect`.

use std::fmt::Write;
use std::ops::Range;

use scutch_document::Edit;

/// How to draw: colours on a terminal, `[-gone-]{+new+}` elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pen {
    /// Whether to colour.
    pub(crate) colour: bool,
}

impl Pen {
    /// A heading.
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What matters less.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn gone(self, text: &str) -> String {
        if self.colour { self.paint("31;9", text) } else { format!("[-{text}-]") }
    }

    fn added(self, text: &str) -> String {
        if self.colour { self.paint("32", text) } else { format!("{{+{text}+}}") }
    }

    fn flagged(self, text: &str) -> String {
        if self.colour { self.paint("33;4", text) } else { format!("[?{text}?]") }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// One stage's edits drawn into the text that it was given. Lines without an edit are counted, or
/// shown when `full`.
pub(crate) fn stage(text: &str, edits: &[Edit], pen: Pen, full: bool) -> String {
    let mut out = String::new();
    let mut skipped = 0usize;
    let mut edits = edits.iter().peekable();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let last = end == text.len();
        let mut drawn = String::new();
        let mut rules: Vec<&str> = Vec::new();
        let mut done = at;
        while let Some(edit) = edits.next_if(|edit| drawn_at(edit) < end || last) {
            // An edit that began on an earlier line has shown its start there.
            let start = drawn_at(edit).max(done);
            drawn.push_str(&visible(text.get(done..start).unwrap_or_default()));
            if edit.is_flag() {
                drawn.push_str(&pen.flagged(&visible(&edit.before)));
            } else {
                if !edit.before.is_empty() {
                    drawn.push_str(&pen.gone(&visible(edit.before.trim_matches('\n'))));
                }
                if !edit.after.is_empty() {
                    drawn.push_str(&pen.added(&visible(&edit.after)));
                }
            }
            if !rules.contains(&&*edit.rule) {
                rules.push(&edit.rule);
            }
            done = edit.end.max(done);
        }
        if rules.is_empty() {
            if done >= end {
                // Swallowed whole by an edit that began above.
            } else if full {
                let _ = writeln!(out, "  {}", pen.dim(&visible(line.trim_end_matches('\n'))));
            } else {
                skipped += 1;
            }
        } else {
            note_skipped(&mut out, &mut skipped, pen);
            drawn
                .push_str(&visible(text.get(done..end).unwrap_or_default().trim_end_matches('\n')));
            let _ = writeln!(out, "  {drawn}  {}", pen.dim(&format!("← {}", rules.join(", "))));
        }
        at = end;
    }
    note_skipped(&mut out, &mut skipped, pen);
    out
}

/// Where an edit is drawn: one that takes a line with the line break before it, on its own line.
fn drawn_at(edit: &Edit) -> usize {
    edit.start + usize::from(edit.before.starts_with('\n') && edit.before.len() > 1)
}

fn note_skipped(out: &mut String, skipped: &mut usize, pen: Pen) {
    if *skipped > 0 {
        let _ = writeln!(out, "  {}", pen.dim(&format!("… {skipped} unchanged lines")));
        *skipped = 0;
    }
}

/// Hostile text must not steer the terminal: control characters are shown as pictures of themselves.
pub(crate) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '⏎',
            '\t' => '\t',
            '\0'..='\x1f' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
            '\x7f'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// Words a shingle, when two copies are shown beside each other.
const SHINGLE: usize = 3;
/// Characters of a column.
const COLUMN: usize = 56;

/// Two texts beside each other, the words that stand in a shingle of both marked.
pub(crate) fn side_by_side(a: &str, b: &str, pen: Pen) -> String {
    let (shared_a, shared_b) = scutch_dedup::shared_spans(a, b, SHINGLE);
    let left = column("this one", a, &shared_a, pen);
    let right = column("the one that is kept", b, &shared_b, pen);
    let mut out = String::new();
    for row in 0..left.len().max(right.len()) {
        let (text, width) = left.get(row).map_or(("", 0), |(text, width)| (text.as_str(), *width));
        let gap = " ".repeat(COLUMN.saturating_sub(width) + 2);
        let beside = right.get(row).map_or("", |(text, _)| text.as_str());
        let _ = writeln!(out, "{}", format!("{text}{gap}{beside}").trim_end());
    }
    out
}

/// A text in lines of [`COLUMN`] characters, each with its width on the screen.
fn column(title: &str, text: &str, shared: &[Range<usize>], pen: Pen) -> Vec<(String, usize)> {
    let mut lines = vec![(pen.bold(title), title.chars().count())];
    let (mut line, mut width) = (String::new(), 0);
    let mut shared = shared.iter().peekable();
    for paragraph in text.split_inclusive('\n') {
        for word in paragraph.split_whitespace() {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            while shared.next_if(|span| span.end <= start).is_some() {}
            let both = shared.peek().is_some_and(|span| span.start < start + word.len());
            let word = visible(word);
            let mut chars = word.chars().count();
            let drawn = match (both, pen.colour) {
                (true, true) => pen.paint("32", &word),
                (true, false) => {
                    chars += 2;
                    format!("={word}=")
                }
                (false, _) => word,
            };
            if width > 0 && width + 1 + chars > COLUMN {
                lines.push((std::mem::take(&mut line), std::mem::take(&mut width)));
            }
            if width > 0 {
                line.push(' ');
                width += 1;
            }
            line.push_str(&drawn);
            width += chars;
        }
        lines.push((std::mem::take(&mut line), std::mem::take(&mut width)));
    }
    lines
}
