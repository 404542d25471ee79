use scutch_document::{CorpusStage, Document, fixed};
use xxhash_rust::xxh3::xxh3_64;

use crate::lines::lines;
use crate::links::site;
use crate::rules::LINE_LIMIT;
use crate::text::Scanner;

/// Hash of a line's normal form (case, digits and punctuation do not matter); never 0, which is the
/// mark of the page itself.
pub(crate) fn hash(normal: &str) -> u64 {
    xxh3_64(normal.as_bytes()).max(1)
}

/// That a line stands on a page of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineRow {
    /// Hash of the registrable domain.
    pub site: u64,
    /// Hash of the line's normal form; 0 in the one row that stands for the page itself.
    pub line: u64,
    /// The document.
    pub ordinal: u64,
}

/// A line of a document that stands on other pages of its site too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepeatedLine {
    /// The document.
    pub ordinal: u64,
    /// Hash of the line's normal form.
    pub line: u64,
    /// On how many pages of the site the line stands.
    pub count: u32,
    /// How many pages the site has.
    pub pages: u32,
}

fixed!(LineRow { site: u64, line: u64, ordinal: u64 });

fixed!(RepeatedLine { ordinal: u64, line: u64, count: u32, pages: u32 });

/// Counts on how many pages of its site each line stands.
///
/// A site is a registrable domain (public-suffix list) of the documents' `url`; documents without
/// one are not observed.
#[derive(Debug, Clone)]
pub struct SiteLines {
    least: u32,
}

impl SiteLines {
    /// Reports lines that stand on at least `config.repeated` pages of their site.
    pub fn new(config: &crate::Config) -> Self {
        Self { least: config.repeated.max(2) }
    }
}

impl CorpusStage for SiteLines {
    type Row = LineRow;
    type Finding = RepeatedLine;

    fn observe(&self, ordinal: u64, document: &Document, emit: &mut dyn FnMut(LineRow)) {
        let Some(site) = document.origin.url.as_deref().and_then(site) else { return };
        let site = xxh3_64(site.as_bytes());
        let mut scanner = Scanner::new();
        let lines = lines(document.text(), 0..document.text().len());
        let mut hashes: Vec<u64> =
            lines.map(|line| hash(scanner.normalise(line.text, LINE_LIMIT))).collect();
        hashes.push(0);
        hashes.sort_unstable();
        hashes.dedup();
        for line in hashes {
            emit(LineRow { site, line, ordinal });
        }
    }

    fn decide(&self, rows: &mut dyn Iterator<Item = LineRow>, emit: &mut dyn FnMut(RepeatedLine)) {
        let mut group: Option<(u64, u64)> = None;
        let mut ordinals: Vec<u64> = Vec::new();
        let mut pages = 0;
        let mut close = |group: Option<(u64, u64)>, ordinals: &mut Vec<u64>| {
            let count = u32::try_from(ordinals.len()).unwrap_or(u32::MAX);
            match group {
                Some((_, 0)) => pages = count,
                Some((_, line)) if count >= self.least => {
                    for &ordinal in ordinals.iter() {
                        emit(RepeatedLine { ordinal, line, count, pages });
                    }
                }
                _ => {}
            }
            ordinals.clear();
        };
        for row in rows {
            if group != Some((row.site, row.line)) {
                close(group, &mut ordinals);
                group = Some((row.site, row.line));
            }
            ordinals.push(row.ordinal);
        }
        close(group, &mut ordinals);
    }
}
