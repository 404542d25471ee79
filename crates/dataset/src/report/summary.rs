use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::Array;
use scutch_document::Id;

use crate::batches::{Batches, Columns, Select};
use crate::{EditRow, Error, Table, TableRow};

/// Bars of the histogram of spun scores.
pub(super) const SCORES: usize = 20;
/// And how much each is wide, in nats a word; what is beyond them counts to the first and the last.
pub(super) const SCORE_STEP: f64 = 0.025;
/// Bars of the histogram of lengths: one for each power of two of characters.
pub(super) const LENGTHS: usize = 33;
/// Examples of a rule at most.
const EXAMPLES: usize = 3;
/// Groups shown at most.
const GROUPS: usize = 10;

/// What the report shows, gathered in one pass over each table, in bounded memory.
#[derive(Default)]
pub(super) struct Summary {
    pub(super) chars: u64,
    pub(super) words: u64,
    pub(super) edited: u64,
    pub(super) scores: [u64; SCORES],
    pub(super) unscored: u64,
    pub(super) lengths: Vec<u64>,
    pub(super) encodings: Counter,
    pub(super) languages: Counter,
    pub(super) sites: Counter,
    /// Largest first: size, then the kept record and its address or source.
    pub(super) groups: Vec<Group>,
    /// By stage and rule.
    pub(super) rules: BTreeMap<(String, String), Rule>,
    /// By stage and reason: the record with the smallest id.
    pub(super) reasons: BTreeMap<(String, String), Reason>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    /// Negative, so that the natural order is largest first.
    pub(super) rank: i64,
    pub(super) kept: Id,
    pub(super) place: String,
}

/// What a rule did.
#[derive(Default)]
pub(super) struct Rule {
    pub(super) count: u64,
    pub(super) removed: u64,
    pub(super) written: u64,
    /// Those with the smallest ids.
    pub(super) examples: Vec<Example>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Example {
    pub(super) id: Id,
    pub(super) seq: u64,
    pub(super) before: String,
    pub(super) after: String,
}

/// A reason's first record.
pub(super) struct Reason {
    pub(super) id: Id,
    pub(super) place: String,
    pub(super) detail: String,
}

impl Summary {
    pub(super) fn gather(dir: &Path) -> Result<Self, Error> {
        let mut summary = Self { lengths: vec![0; LENGTHS], ..Self::default() };
        summary.documents(dir)?;
        summary.edits(dir)?;
        summary.rejected(dir)?;
        Ok(summary)
    }

    fn documents(&mut self, dir: &Path) -> Result<(), Error> {
        let wanted = [
            "id",
            "source",
            "url",
            "encoding",
            "language",
            "n_chars",
            "n_words",
            "n_edits",
            "spun_score",
            "cluster_size",
        ];
        for batch in Batches::open(dir, Table::Documents, Some(wanted.to_vec()), Select::All)? {
            let batch = batch?;
            let columns = Columns { batch: &batch, path: dir };
            let (url, source) = (columns.text("url")?, columns.text("source")?);
            let (encoding, language) = (columns.text("encoding")?, columns.text("language")?);
            let (chars, words) = (columns.ints("n_chars")?, columns.ints("n_words")?);
            let edits = columns.ints("n_edits")?;
            let (score, size) = (columns.doubles("spun_score")?, columns.ints("cluster_size")?);
            for (i, id) in columns.ids("id")?.into_iter().enumerate() {
                let n_chars = chars.value(i) as u64;
                self.chars += n_chars;
                self.words += words.value(i) as u64;
                self.edited += u64::from(edits.value(i) > 0);
                // 0, 1, 2..3, 4..7, ...
                let power = (u64::BITS - n_chars.leading_zeros()) as usize;
                self.lengths[power.min(LENGTHS - 1)] += 1;
                if score.is_valid(i) {
                    let bin = (score.value(i).max(0.0) / SCORE_STEP) as usize;
                    self.scores[bin.min(SCORES - 1)] += 1;
                } else {
                    self.unscored += 1;
                }
                let name = |known: bool, value| if known { value } else { "unknown" };
                self.encodings.add(name(encoding.is_valid(i), encoding.value(i)));
                self.languages.add(name(language.is_valid(i), language.value(i)));
                if url.is_valid(i) {
                    self.sites.add(site(url.value(i)));
                }
                if size.is_valid(i) {
                    let place = if url.is_valid(i) { url.value(i) } else { source.value(i) };
                    let rank = -size.value(i);
                    keep_first(
                        &mut self.groups,
                        GROUPS,
                        Group { rank, kept: id, place: head(place).to_owned() },
                    );
                }
            }
        }
        Ok(())
    }

    fn edits(&mut self, dir: &Path) -> Result<(), Error> {
        for batch in Batches::open(dir, Table::Edits, None, Select::All)? {
            for row in EditRow::read(&batch?, dir)? {
                let EditRow { id, seq, edit } = row;
                let key = (edit.stage.into_owned(), edit.rule.into_owned());
                let rule = self.rules.entry(key).or_default();
                rule.count += 1;
                if edit.before != edit.after {
                    rule.removed += edit.before.len() as u64;
                    rule.written += edit.after.len() as u64;
                }
                let last = rule.examples.last().map(|last| (last.id, last.seq));
                if rule.examples.len() < EXAMPLES || last.is_some_and(|last| (id, seq) < last) {
                    let [before, after] = [edit.before, edit.after].map(|s| head(&s).to_owned());
                    keep_first(&mut rule.examples, EXAMPLES, Example { id, seq, before, after });
                }
            }
        }
        Ok(())
    }

    fn rejected(&mut self, dir: &Path) -> Result<(), Error> {
        let wanted = ["id", "source", "record", "stage", "reason", "detail", "duplicate_of"];
        for batch in Batches::open(dir, Table::Rejected, Some(wanted.to_vec()), Select::All)? {
            let batch = batch?;
            let columns = Columns { batch: &batch, path: dir };
            let (stage, reason) = (columns.text("stage")?, columns.text("reason")?);
            let (source, record) = (columns.text("source")?, columns.ints("record")?);
            let (detail, of) = (columns.text("detail")?, columns.text("duplicate_of")?);
            for (i, id) in columns.ids("id")?.into_iter().enumerate() {
                let key = (stage.value(i).to_owned(), reason.value(i).to_owned());
                if self.reasons.get(&key).is_none_or(|known| id < known.id) {
                    let place = format!("{} #{}", source.value(i), record.value(i));
                    let mut detail = head(detail.value(i)).to_owned();
                    if of.is_valid(i) {
                        detail = format!("{detail} kept: {}", of.value(i)).trim().to_owned();
                    }
                    self.reasons.insert(key, Reason { id, place, detail });
                }
            }
        }
        Ok(())
    }
}

/// Keeps the `limit` smallest, sorted.
fn keep_first<T: Ord>(kept: &mut Vec<T>, limit: usize, item: T) {
    let at = kept.partition_point(|other| *other < item);
    if at < limit {
        kept.insert(at, item);
        kept.truncate(limit);
    }
}

/// As much of a text as the report may show: a huge one must not be held.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(4096)]
}

/// The host of an address, as far as a report needs it.
fn site(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    host.split(':').next().unwrap_or(host)
}

/// Counts names in bounded memory.
///
/// Exact up to [`Counter::LIMIT`] names; beyond, Misra and Gries (1982): each count falls short by
/// at most [`Counter::short`].
#[derive(Default)]
pub(super) struct Counter {
    counts: BTreeMap<String, u64>,
    pub(super) short: u64,
}

impl Counter {
    const LIMIT: usize = 1 << 15;

    fn add(&mut self, name: &str) {
        let name = head(name);
        if let Some(n) = self.counts.get_mut(name) {
            *n += 1;
        } else if self.counts.len() < Self::LIMIT {
            self.counts.insert(name.to_owned(), 1);
        } else {
            self.short += 1;
            self.counts.retain(|_, n| {
                *n -= 1;
                *n > 0
            });
        }
    }

    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    /// The largest, largest first; equal ones by name.
    pub(super) fn top(&self, limit: usize) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self.counts.iter().map(|(name, n)| (name.clone(), *n)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(limit);
        all
    }
}
