use scutch_document::{CorpusStage, Document, Id, fixed};
use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_seed};

use crate::config::Config;
use crate::rank::PRESENT;
use crate::words::words;

/// Exact copies: texts whose words are the same, whatever their case, space and punctuation.
///
/// Kept is a document of an earlier dataset, then the longest, then the one with the smallest id.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exact;

impl Exact {
    /// The stage; `config` has no more to say than whether it runs.
    pub fn new(_config: &Config) -> Self {
        Self
    }
}

/// A document as [`Exact`] sees it. Sorted, the first row of each hash is the one to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactRow {
    /// xxh3 of the text's words.
    pub hash: u128,
    /// Place of its dataset among the earlier ones, or [`PRESENT`].
    pub dataset: u16,
    /// `u64::MAX` less the text's bytes: longer texts sort first.
    pub shortness: u64,
    /// The document.
    pub id: Id,
    /// Its place in its corpus.
    pub ordinal: u64,
}

impl ExactRow {
    /// A document of an earlier dataset whose words are the same: the one in this row of it. Its id
    /// stands there.
    pub fn earlier(self, dataset: u16, row: u32) -> Self {
        Self { dataset, shortness: 0, id: Id(0), ordinal: row.into(), ..self }
    }

    /// The part of the hash that an index has room for. Of 10^8 new texts and as many old ones, two
    /// that differ share it with probability 5 10^-4.
    pub fn key(&self) -> u64 {
        (self.hash >> 64) as u64
    }
}

/// An exact copy that is not kept. Sorted, those of the earlier datasets come first, in the order of
/// the documents that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactFinding {
    /// Dataset of the document that is kept: one of the earlier ones, or [`PRESENT`].
    pub dataset: u16,
    /// That document's place there.
    pub winner: u64,
    /// Its id, if it is of the present dataset.
    pub winner_id: Id,
    /// The copy.
    pub ordinal: u64,
}

impl CorpusStage for Exact {
    type Row = ExactRow;
    type Finding = ExactFinding;

    fn observe(&self, ordinal: u64, document: &Document, emit: &mut dyn FnMut(ExactRow)) {
        emit(ExactRow {
            hash: hash(document.text()),
            dataset: PRESENT,
            shortness: u64::MAX - document.text().len() as u64,
            id: document.origin.id,
            ordinal,
        });
    }

    fn decide(&self, rows: &mut dyn Iterator<Item = ExactRow>, emit: &mut dyn FnMut(ExactFinding)) {
        let mut winner: Option<ExactRow> = None;
        for row in rows {
            match winner.filter(|winner| winner.hash == row.hash) {
                Some(winner) if row.dataset == PRESENT => emit(ExactFinding {
                    ordinal: row.ordinal,
                    dataset: winner.dataset,
                    winner: winner.ordinal,
                    winner_id: winner.id,
                }),
                Some(_) => {}
                None => winner = Some(row),
            }
        }
    }
}

/// 128 bits of xxh3 over the words, joined by spaces; over the text itself where it has none.
fn hash(text: &str) -> u128 {
    const CHUNK: usize = 4096;
    let mut state = Xxh3::new();
    let mut chunk = Vec::with_capacity(CHUNK + 512);
    let mut any = false;
    words(text, |word, _| {
        any = true;
        chunk.extend_from_slice(word.bytes());
        chunk.push(b' ');
        if chunk.len() >= CHUNK {
            state.update(&chunk);
            chunk.clear();
        }
    });
    if !any {
        return xxh3_128_with_seed(text.as_bytes(), 1);
    }
    state.update(&chunk);
    state.digest128()
}

fixed!(ExactRow { hash: u128, dataset: u16, shortness: u64, id: Id, ordinal: u64 });
fixed!(ExactFinding { dataset: u16, winner: u64, winner_id: Id, ordinal: u64 });
