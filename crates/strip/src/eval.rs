//! Scores of kept lines against labels.

use scutch_document::{Document, Origin};

use crate::{RepeatedLine, Strip};

/// Counts over labelled lines; counts of many pages add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Content that was kept.
    pub kept: u64,
    /// Content that was dropped.
    pub lost: u64,
    /// Boilerplate that was kept.
    pub left: u64,
    /// Boilerplate that was dropped.
    pub removed: u64,
}

/// The same counts by line and by character.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Every line counts once.
    pub lines: Counts,
    /// Every line counts as often as it has characters.
    pub chars: Counts,
}

impl Counts {
    fn add(&mut self, content: bool, kept: bool, weight: u64) {
        *match (content, kept) {
            (true, true) => &mut self.kept,
            (true, false) => &mut self.lost,
            (false, true) => &mut self.left,
            (false, false) => &mut self.removed,
        } += weight;
    }

    /// Of what was kept, the share that is content.
    pub fn precision(&self) -> f64 {
        share(self.kept, self.left)
    }

    /// Of the content, the share that was kept.
    pub fn recall(&self) -> f64 {
        share(self.kept, self.lost)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.kept, self.lost + self.left)
    }

    /// Of the boilerplate, the share that was removed.
    pub fn removed_share(&self) -> f64 {
        share(self.removed, self.left)
    }
}

fn share(part: u64, rest: u64) -> f64 {
    if part + rest == 0 { 0.0 } else { part as f64 / (part + rest) as f64 }
}

impl Score {
    /// Adds one labelled line: whether it is content, and whether it was kept.
    pub fn add(&mut self, line: &str, content: bool, kept: bool) {
        self.lines.add(content, kept, 1);
        self.chars.add(content, kept, line.chars().count() as u64);
    }

    /// Adds a page: its lines with their labels (`true`: content, `None`: leave out), stripped as
    /// one document.
    pub fn add_page(&mut self, strip: &Strip, origin: Origin, lines: &[(&str, Option<bool>)]) {
        self.add_page_with(strip, origin, lines, &[]);
    }

    /// As [`Self::add_page`], with what the corpus says about the page's lines.
    pub fn add_page_with(
        &mut self,
        strip: &Strip,
        origin: Origin,
        lines: &[(&str, Option<bool>)],
        repeated: &[RepeatedLine],
    ) {
        let document = page(origin, lines);
        let kept = strip.kept(&document, repeated);
        let mut kept = kept.iter().peekable();
        let mut at = 0;
        for (line, label) in lines {
            let stays = kept.next_if(|span| span.start == at).is_some();
            if let Some(content) = *label {
                self.add(line, content, stays);
            }
            at += line.len() + 1;
        }
    }
}

/// A labelled page as a document: its lines, joined.
pub fn page(origin: Origin, lines: &[(&str, Option<bool>)]) -> Document {
    let lines: Vec<String> = lines.iter().map(|(line, _)| line.replace('\n', " ")).collect();
    Document::new(origin, lines.join("\n"))
}
