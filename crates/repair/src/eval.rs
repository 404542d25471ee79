//! Scoring edits against gold repairs.
//!
//! A gold file is tab-separated text. `text<TAB>PATH` names the text that the lines after it are
//! about; each of these is `context with the [spun form] in brackets<TAB>must or maybe<TAB>repair;
//! repair…`. Contexts stand in the order of the text, and each is looked for after the one before.
//! `must` marks words that no fluent writer would have written: they count for recall. `maybe` marks
//! places that may be left as they are.

use std::ops::Range;

use scutch_document::Edit;

use crate::problem::Problem;

/// Gold repairs of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gold {
    /// The text's path, as the gold file gives it.
    pub path: String,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    line: usize,
    before: String,
    spun: String,
    behind: String,
    must: bool,
    accepted: Vec<String>,
}

/// A place that must be repaired, in bytes, and the accepted repairs.
pub type Necessary<'g> = (Range<usize>, &'g [String]);

/// How edits fare against gold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Edits that change the text.
    pub edits: usize,
    /// Those among them whose result is accepted.
    pub right: usize,
    /// Places that must be repaired.
    pub must: usize,
    /// Those among them that were.
    pub repaired: usize,
    /// Wrong edits and missed places, for a person to read.
    pub errors: Vec<String>,
}

impl Scores {
    /// The share of edits that are right; 1 where there is none.
    pub fn precision(&self) -> f64 {
        share(self.right, self.edits)
    }

    /// The share of necessary repairs that were made; 1 where there is none.
    pub fn recall(&self) -> f64 {
        share(self.repaired, self.must)
    }

    /// The mean of the two in which precision weighs more.
    pub fn f05(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        let sum = 0.25 * precision + recall;
        if sum == 0.0 { 0.0 } else { 1.25 * precision * recall / sum }
    }

    /// Adds another text's.
    pub fn add(&mut self, other: Self) {
        self.edits += other.edits;
        self.right += other.right;
        self.must += other.must;
        self.repaired += other.repaired;
        self.errors.extend(other.errors);
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

impl Gold {
    /// Reads a gold file.
    ///
    /// # Errors
    /// At the first line that makes no sense.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, Problem> {
        let mut golds: Vec<Self> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let error = |problem: &str| Problem {
                file: file.to_owned(),
                line: number + 1,
                what: problem.to_owned(),
            };
            let fields: Vec<&str> = line.split('\t').collect();
            match (fields.as_slice(), golds.last_mut()) {
                (["text", path], _) => {
                    golds.push(Self { path: (*path).to_owned(), marks: Vec::new() });
                }
                ([context, kind, accepted], Some(gold)) => {
                    let (before, rest) = context.split_once('[').ok_or_else(|| error("no ["))?;
                    let (spun, behind) = rest.split_once(']').ok_or_else(|| error("no ]"))?;
                    let must = match *kind {
                        "must" => true,
                        "maybe" => false,
                        _ => return Err(error("neither `must` nor `maybe`")),
                    };
                    gold.marks.push(Mark {
                        line: number + 1,
                        before: before.to_owned(),
                        spun: spun.to_owned(),
                        behind: behind.to_owned(),
                        must,
                        accepted: accepted.split(';').map(|one| one.trim().to_owned()).collect(),
                    });
                }
                (_, None) => return Err(error("no `text` line before it")),
                _ => return Err(error("not three fields")),
            }
        }
        Ok(golds)
    }

    /// Scores a text's edits. Edits that only flag a place do not count.
    ///
    /// # Errors
    /// When the gold file does not fit the text.
    pub fn score(&self, file: &str, text: &str, edits: &[Edit]) -> Result<Scores, Problem> {
        let marks = self.place(file, text)?;
        let edits: Vec<&Edit> = edits.iter().filter(|edit| !edit.is_flag()).collect();
        let mut scores = Scores {
            edits: edits.len(),
            must: marks.iter().filter(|(_, mark)| mark.must).count(),
            ..Scores::default()
        };
        let (mut m, mut e) = (0, 0);
        while m < marks.len() || e < edits.len() {
            // A group: marks and edits that overlap each other.
            let (m0, e0) = (m, e);
            let start = match (marks.get(m), edits.get(e)) {
                (Some((span, _)), Some(edit)) => span.start.min(edit.start),
                (Some((span, _)), None) => span.start,
                (None, edit) => edit.map_or(0, |edit| edit.start),
            };
            let mut end = start + 1;
            loop {
                if marks.get(m).is_some_and(|(span, _)| span.start < end) {
                    end = end.max(marks[m].0.end);
                    m += 1;
                } else if edits.get(e).is_some_and(|edit| edit.start < end) {
                    end = end.max(edits[e].end);
                    e += 1;
                } else {
                    break;
                }
            }
            score_group(text, start..end, &marks[m0..m], &edits[e0..e], &mut scores);
        }
        Ok(scores)
    }

    /// The places of a text that must be repaired.
    ///
    /// # Errors
    /// As [`Gold::score`].
    pub fn necessary(&self, file: &str, text: &str) -> Result<Vec<Necessary<'_>>, Problem> {
        let marks = self.place(file, text)?.into_iter().filter(|(_, mark)| mark.must);
        Ok(marks.map(|(span, mark)| (span, &*mark.accepted)).collect())
    }

    fn place(&self, file: &str, text: &str) -> Result<Vec<(Range<usize>, &Mark)>, Problem> {
        let mut done = 0;
        let mut placed = Vec::with_capacity(self.marks.len());
        for mark in &self.marks {
            let context = format!("{}{}{}", mark.before, mark.spun, mark.behind);
            let start = text
                .match_indices(&context)
                .map(|(at, _)| at + mark.before.len())
                .find(|&at| at >= done)
                .ok_or_else(|| Problem {
                    file: file.to_owned(),
                    line: mark.line,
                    what: format!("`{context}` is not in the text after the context before it"),
                })?;
            done = start + mark.spun.len();
            placed.push((start..done, mark));
        }
        Ok(placed)
    }
}

/// Scores marks and edits that overlap: right is what one accepted repair of each mark would give.
fn score_group(
    text: &str,
    span: Range<usize>,
    marks: &[(Range<usize>, &Mark)],
    edits: &[&Edit],
    scores: &mut Scores,
) {
    const MOST: usize = 4096;
    let must = marks.iter().filter(|(_, mark)| mark.must).count();
    let mut got = String::new();
    let mut done = span.start;
    for edit in edits {
        got.push_str(&text[done..edit.start]);
        got.push_str(&edit.after);
        done = edit.end;
    }
    got.push_str(&text[done..span.end]);
    let mut accepted = vec![String::new()];
    let mut done = span.start;
    for (place, mark) in marks {
        let between = &text[done..place.start];
        done = place.end;
        let as_it_is = (!mark.must).then_some(&mark.spun);
        accepted = accepted
            .iter()
            .flat_map(|begun| {
                let repairs = mark.accepted.iter().chain(as_it_is);
                repairs.map(move |repair| format!("{begun}{between}{repair}"))
            })
            .take(MOST)
            .collect();
    }
    for begun in &mut accepted {
        begun.push_str(&text[done..span.end]);
    }
    let right = accepted.iter().any(|one| same(one, &got));
    if right && !edits.is_empty() {
        scores.right += edits.len();
        scores.repaired += must;
    } else if must > 0 || !edits.is_empty() {
        let wanted = if marks.is_empty() { &text[span.clone()] } else { &accepted[0] };
        let verdict = if edits.is_empty() { "missed" } else { "wrong" };
        scores.errors.push(format!(
            "{verdict}\t{}\t{}\t{wanted}\t{}",
            &text[span.clone()],
            if edits.is_empty() { "" } else { &got },
            around(text, span)
        ));
    }
}

/// Alike but for the case of the first letter and the form of an article or apostrophe.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace('’', "'");
    plain(a) == plain(b) || strip_article(&plain(a)) == strip_article(&plain(b))
}

fn strip_article(text: &str) -> &str {
    text.strip_prefix("an ").or_else(|| text.strip_prefix("a ")).unwrap_or(text)
}

fn around(text: &str, span: Range<usize>) -> String {
    let start = text.floor_char_boundary(span.start.saturating_sub(30));
    let end = text.ceil_char_boundary((span.end + 30).min(text.len()));
    text[start..end].replace('\n', " ")
}
