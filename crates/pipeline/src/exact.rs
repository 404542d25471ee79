//! Exact copies of a corpus: in it, and of what earlier datasets hold.
//!
//! `exact.keys` of an index holds the sorted upper halves of the hashes of the published documents,
//! packed, with their rows in `documents/`, where their ids stand.

use std::collections::VecDeque;

use scutch_dedup::{ExactFinding, ExactRow, PRESENT};
use scutch_document::{Id, fixed};

use crate::Error;
use crate::bits::Bits;
use crate::run::Run;
use crate::spill::packed::{Packed, PackedWriter};
use crate::spill::rows::{RowReader, RowWriter};
use crate::spill::sort::{Sorted, Sorter};

/// The keys in a dataset's index.
pub(crate) const KEYS: &str = "exact.keys";
/// What they are.
pub(crate) const KIND: &str = "exact keys 2: 64 bits of xxh3 of the words";
/// The first row of each hash, kept for the index.
const FIRSTS: &str = "exact.rows";
/// Documents whose ids are looked up at once.
const CHUNK: usize = 1 << 16;

/// A record that is an exact copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExactCopy {
    /// The record.
    pub(crate) ordinal: u64,
    /// Dataset of the document that is kept: one of the earlier ones, or [`PRESENT`].
    pub(crate) dataset: u16,
    /// The document that is kept.
    pub(crate) winner: Id,
}

impl Run<'_> {
    /// Finds the exact copies, notes the first text of each hash for the index, and tells which
    /// records are copies.
    pub(crate) fn exact_copies(&self, rows: Sorter<ExactRow>) -> Result<Bits, Error> {
        let Some(stage) = &self.stages.exact else { return Ok(Bits::default()) };
        let earlier = self.against.iter().map(|one| one.exact()).collect::<Result<_, _>>()?;
        let mut firsts = RowWriter::create(&self.spill.join(FIRSTS), "exact")?;
        let mut last = None;
        let rows = Meeting { rows: rows.finish()?, earlier, last: None, ready: VecDeque::new() };
        let rows = rows.map(|row| {
            let row = row?;
            if row.dataset == PRESENT && last != Some(row.hash) {
                firsts.push(&row)?;
            }
            last = Some(row.hash);
            Ok(row)
        });
        let found = self.decide("exact-found", stage, rows)?;
        firsts.finish()?;
        let mut copies = Bits::default();
        let named = self.named(found)?.map(|copy| {
            let copy: ExactCopy = copy?;
            copies.set(copy.ordinal);
            Ok(copy)
        });
        self.keep("exact", named)?;
        Ok(copies)
    }

    /// The copies in their order, with the ids of what is kept in their stead.
    fn named(&self, mut found: Sorted<ExactFinding>) -> Result<Sorted<ExactCopy>, Error> {
        let mut copies = Sorter::new(&self.spill, "exact-copies", self.memory / 8);
        loop {
            let chunk: Vec<ExactFinding> = found.by_ref().take(CHUNK).collect::<Result<_, _>>()?;
            if chunk.is_empty() {
                return Ok(copies.finish()?);
            }
            for of_one in chunk.chunk_by(|a, b| a.dataset == b.dataset) {
                let dataset = of_one[0].dataset;
                let mut rows: Vec<u64> = of_one.iter().map(|finding| finding.winner).collect();
                rows.dedup();
                let mut ids = match self.against.get(usize::from(dataset)) {
                    Some(earlier) => earlier.ids(&rows)?.into_iter(),
                    None => Vec::new().into_iter(),
                };
                for of_winner in of_one.chunk_by(|a, b| a.winner == b.winner) {
                    let winner = ids.next().unwrap_or(of_winner[0].winner_id);
                    let copy =
                        |it: &ExactFinding| ExactCopy { ordinal: it.ordinal, dataset, winner };
                    copies.extend(of_winner.iter().map(copy))?;
                }
            }
        }
    }

    /// Writes the hashes of the published documents, which are the rows of `documents/` in their
    /// order, to the index.
    pub(crate) fn index_exact(&self, published: &Bits) -> Result<(), Error> {
        if self.stages.exact.is_none() {
            return Ok(());
        }
        let rows = published.ranks();
        let mut firsts = RowReader::<ExactRow>::open(&self.spill.join(FIRSTS), "exact")?;
        let mut index = PackedWriter::create(&self.index.join(KEYS), KIND, rows.len())?;
        while let Some(first) = firsts.next_row()? {
            if let Some(row) = rows.get(first.ordinal) {
                index.push(first.key(), row)?;
            }
        }
        Ok(index.finish()?)
    }
}

/// The sorted rows of the corpus, and before those of one hash the rows of earlier datasets that have it.
struct Meeting {
    rows: Sorted<ExactRow>,
    earlier: Vec<Packed>,
    last: Option<u128>,
    ready: VecDeque<ExactRow>,
}

impl Meeting {
    fn meet(&mut self, row: ExactRow) -> Result<(), Error> {
        for (dataset, earlier) in self.earlier.iter_mut().enumerate() {
            let ready = &mut self.ready;
            earlier.numbers(row.key(), |at| ready.push_back(row.earlier(dataset as u16, at)))?;
        }
        Ok(())
    }
}

impl Iterator for Meeting {
    type Item = Result<ExactRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            let row = match self.rows.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error.into())),
            };
            if self.last.replace(row.hash) != Some(row.hash)
                && let Err(error) = self.meet(row)
            {
                return Some(Err(error));
            }
            self.ready.push_back(row);
        }
        self.ready.pop_front().map(Ok)
    }
}

fixed!(ExactCopy { ordinal: u64, dataset: u16, winner: Id });
