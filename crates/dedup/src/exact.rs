use scutch_document::{CorpusStage, Document, Id, Row};
use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_seed};

use crate::config::Config;
use crate::fields::Fields;
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

/// What a later run needs to know of a document to find its exact copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactKey {
    /// xxh3 of the text's words.
    pub hash: u128,
    /// The document.
    pub id: Id,
}

impl ExactKey {
    /// The row of a document of the `dataset`th earlier one.
    pub fn row(self, dataset: u16) -> ExactRow {
        ExactRow { hash: self.hash, dataset, shortness: 0, id: self.id, ordinal: 0 }
    }
}

/// An exact copy that is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactFinding {
    /// The copy.
    pub ordinal: u64,
    /// Dataset of the document that is kept: one of the earlier ones, or [`PRESENT`].
    pub dataset: u16,
    /// The document that is kept.
    pub winner_id: Id,
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
        chunk.extend_from_slice(word);
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

impl Row for ExactRow {
    const SIZE: usize = 50;

    fn write(&self, out: &mut [u8]) {
        out[..16].copy_from_slice(&self.hash.to_le_bytes());
        out[16..18].copy_from_slice(&self.dataset.to_le_bytes());
        out[18..26].copy_from_slice(&self.shortness.to_le_bytes());
        out[26..42].copy_from_slice(&self.id.0.to_le_bytes());
        out[42..50].copy_from_slice(&self.ordinal.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            hash: u128::from_le_bytes(fields.take()),
            dataset: u16::from_le_bytes(fields.take()),
            shortness: u64::from_le_bytes(fields.take()),
            id: Id(u128::from_le_bytes(fields.take())),
            ordinal: u64::from_le_bytes(fields.take()),
        }
    }
}

impl Row for ExactKey {
    const SIZE: usize = 32;

    fn write(&self, out: &mut [u8]) {
        out[..16].copy_from_slice(&self.hash.to_le_bytes());
        out[16..32].copy_from_slice(&self.id.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            hash: u128::from_le_bytes(fields.take()),
            id: Id(u128::from_le_bytes(fields.take())),
        }
    }
}

impl Row for ExactFinding {
    const SIZE: usize = 26;

    fn write(&self, out: &mut [u8]) {
        out[..8].copy_from_slice(&self.ordinal.to_le_bytes());
        out[8..10].copy_from_slice(&self.dataset.to_le_bytes());
        out[10..26].copy_from_slice(&self.winner_id.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            ordinal: u64::from_le_bytes(fields.take()),
            dataset: u16::from_le_bytes(fields.take()),
            winner_id: Id(u128::from_le_bytes(fields.take())),
        }
    }
}
