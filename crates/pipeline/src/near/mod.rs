//! Near duplicates of a corpus: the driver that joins the pure parts of `dedup` with the disk.
//!
//! While documents pass, their sketches are appended to one file and their keys dealt out to
//! partitions. At the end each partition is sorted and its keys become pairs; pairs that hold become
//! edges, edges the forest whose roots are kept. In memory are eleven bytes a document, a partition of
//! the keys, and the sorters' buffers.
//!
//! The keys are kept, for a later run: [`write_index`] picks those of the published documents.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scutch_dedup::{Config, KEY_BITS, Meeting, Near, PairRow, Place, Rank, Sketch, meet};
use scutch_document::{Document, fixed};

use crate::spill::SpillError;
use crate::spill::blob::BlobWriter;
use crate::spill::packed::{Packed, PackedWriter};
use crate::spill::parts::{Parts, PartsWriter};
use crate::spill::sort::{Sorted, Sorter};

mod clusters;
mod compare;
mod finding;
mod index;

pub use finding::NearFinding;
pub use index::{Earlier, Sketches, write_index};

use clusters::Clusters;
use compare::{Documents, compare};

/// Partitions of the keys, by their uppermost bits.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 8;
/// The bit of a key's row that says that the document only asks with it.
const ASKS: u32 = 1 << 31;

/// Finds near duplicates among the documents that it observes, and of those in earlier datasets.
pub struct NearPass {
    near: Near,
    dir: PathBuf,
    memory: usize,
    earlier: Vec<Earlier>,
    keep_keys: bool,
    sketches: BlobWriter,
    keys: PartsWriter,
    ranks: Sorter<Ranked>,
    offsets: Vec<[u8; 5]>,
    record: Vec<u8>,
}

impl NearPass {
    /// A pass that spills to `dir` and uses about `memory` bytes, besides what each document takes.
    ///
    /// # Errors
    /// When `dir` cannot be written to.
    pub fn new(config: &Config, dir: &Path, memory: usize) -> Result<Self, SpillError> {
        Ok(Self {
            near: Near::new(config),
            dir: dir.to_owned(),
            memory,
            earlier: Vec::new(),
            keep_keys: false,
            sketches: BlobWriter::create(&dir.join("near.blob"))?,
            keys: PartsWriter::create(&dir.join("keys.blob"), PARTS, memory / 4)?,
            ranks: Sorter::new(dir, "ranks", memory / 4),
            offsets: Vec::new(),
            record: Vec::new(),
        })
    }

    /// Also looks for copies of what these datasets hold, the first of them first.
    pub fn against(mut self, earlier: Vec<Earlier>) -> Self {
        self.earlier = earlier;
        self
    }

    /// Leaves the keys in the folder that it spills to, for [`write_index`].
    pub fn keep_keys(mut self) -> Self {
        self.keep_keys = true;
        self
    }

    /// Takes a document and its sketch. Ordinals are below 2³¹ and rise.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn observe(
        &mut self,
        ordinal: u64,
        sketch: Sketch,
        document: &Document,
    ) -> Result<(), SpillError> {
        let next = self.offsets.len() as u64;
        let number = u32::try_from(ordinal).ok().filter(|&n| ordinal >= next && n < ASKS);
        let Some(number) = number else {
            return Err(SpillError::io(&self.dir)(std::io::Error::other(
                "near duplicates are found among at most 2^31 documents, in their order",
            )));
        };
        let rank = Rank::new(document, self.near.config().spin.spun_from);
        self.ranks.push(Ranked { rank, number })?;
        self.record.clear();
        self.record.extend_from_slice(&rank.id.0.to_le_bytes());
        sketch.write(&mut self.record);
        let [a, b, c, d, e, ..] = self.sketches.append(&self.record)?.to_le_bytes();
        self.offsets.resize(number as usize, [0; 5]);
        self.offsets.push([a, b, c, d, e]);
        sketch.keys.iter().try_for_each(|key| {
            let part = (key.value >> (KEY_BITS - PART_BITS)) as usize;
            let asks = if key.posted { 0 } else { ASKS };
            self.keys.push(part, (u64::from(key.value) << 32) | u64::from(asks | number))
        })
    }

    /// Finds the clusters.
    ///
    /// # Errors
    /// When the disk is full or fails, or a spill file or an earlier index is damaged.
    pub fn finish(self) -> Result<NearFindings, SpillError> {
        let Self { near, dir, memory, earlier, keep_keys, sketches, keys, ranks, offsets, .. } =
            self;
        let documents = offsets.len() as u32;
        let ranks = in_order(ranks.finish()?, offsets.len())?;
        let kept = keep_keys.then(|| index::keep_keys(&dir, near.config(), documents));
        let meeting = Keys { config: near.config(), earlier: &earlier, ranks: &ranks };
        let pairs = Sorter::new(&dir, "pairs", memory / 4);
        let pairs = meeting.pairs(&keys.finish()?, kept.transpose()?, pairs)?;
        let sketches = Documents { sketches: sketches.finish()?, offsets };
        let edges = Sorter::new(&dir, "edges", memory / 8);
        let edges = compare(&near, &sketches, &ranks, &earlier, pairs, edges, memory / 4)?;
        drop(ranks);
        let clusters = Clusters { near: &near, sketches: &sketches, earlier: &earlier, dir: &dir };
        let findings = clusters.find(edges, documents, memory / 8)?;
        Ok(NearFindings { datasets: earlier.into_iter().map(|one| one.name).collect(), findings })
    }
}

/// Each document's place in the order of the ranks.
fn in_order(ranked: Sorted<Ranked>, documents: usize) -> Result<Vec<u32>, SpillError> {
    let mut ranks = vec![u32::MAX; documents];
    for (rank, ranked) in ranked.enumerate() {
        ranks[ranked?.number as usize] = rank as u32;
    }
    Ok(ranks)
}

/// Findings, sorted by ordinal: one for every document that has a copy.
pub struct NearFindings {
    /// Names of the earlier datasets, by their numbers.
    pub datasets: Vec<Arc<str>>,
    findings: Sorted<NearFinding>,
}

impl Iterator for NearFindings {
    type Item = Result<NearFinding, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.findings.next()
    }
}

/// Keys to pairs: this corpus' keys, partition by partition, and those of the earlier datasets.
struct Keys<'a> {
    config: &'a Config,
    earlier: &'a [Earlier],
    ranks: &'a [u32],
}

impl Keys<'_> {
    fn pairs(
        &self,
        keys: &Parts,
        mut kept: Option<PackedWriter>,
        mut pairs: Sorter<PairRow>,
    ) -> Result<Sorted<PairRow>, SpillError> {
        let earlier = self.earlier.iter().map(|one| one.keys(self.config));
        let mut earlier: Vec<Packed> = earlier.collect::<Result<_, _>>()?;
        let mut group = Vec::new();
        for part in 0..PARTS {
            let rows = keys.load(part)?;
            for rows in rows.chunk_by(|a, b| a >> 32 == b >> 32) {
                let key = (rows[0] >> 32) as u32;
                group.clear();
                for (dataset, one) in earlier.iter_mut().enumerate() {
                    let dataset = dataset as u16;
                    let found = |number| Meeting { place: Place { dataset, number }, posted: true };
                    one.numbers(key.into(), |number| group.push(found(number)))?;
                }
                let present = group.len();
                group.extend(rows.iter().map(|&row| Meeting {
                    place: Place::present(row as u32 & !ASKS),
                    posted: row as u32 & ASKS == 0,
                }));
                group[present..].sort_unstable_by_key(|it| self.ranks[it.place.number as usize]);
                if let Some(kept) = &mut kept {
                    let posted = group[present..].iter().filter(|it| it.posted);
                    posted
                        .map(|it| it.place.number)
                        .try_for_each(|it| kept.push(key.into(), it))?;
                }
                let mut result = Ok(());
                meet(key, &group, |pair| {
                    if result.is_ok() {
                        result = pairs.push(pair);
                    }
                });
                result?;
            }
        }
        if let Some(kept) = kept {
            kept.finish()?;
        }
        pairs.finish()
    }
}

/// A document, sorted by its rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    rank: Rank,
    number: u32,
}

fixed!(Ranked { rank: Rank, number: u32 });

#[cfg(test)]
mod tests;
