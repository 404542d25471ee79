//! Near duplicates of a corpus: the driver that joins the pure parts of `dedup` with the disk.
//!
//! While documents pass, their sketches are appended to one file and their keys to a [`Sorter`].
//! At the end sorted keys become pairs, pairs that hold become edges, edges the forest whose roots
//! are kept. In memory are eight bytes a document and the sorters' buffers.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use scutch_dedup::{
    BandRow, Config, Edge, Fields, Forest, Near, PRESENT, PairRow, Pairs, Place, Rank, Reason,
    Sketch, meeting,
};
use scutch_document::{Document, Id, Rejection, Row};

use crate::spill::SpillError;
use crate::spill::blob::{Blob, BlobWriter};
use crate::spill::rows::{RowReader, RowWriter};
use crate::spill::sort::{Sorted, Sorter};

/// Pairs that are verified at once, by all threads.
const CHUNK: usize = 1 << 16;

/// What was found out about a document that has copies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearFinding {
    /// The document's place in the corpus.
    pub ordinal: u64,
    /// The document.
    pub id: Id,
    /// Its cluster: the id of the document that is kept.
    pub cluster: Id,
    /// Whether it is that one.
    pub kept: bool,
    /// Where the kept one lies: an index into [`NearFindings::datasets`], or [`PRESENT`].
    pub dataset: u16,
    /// How alike the document and the kept one are; none for the kept one itself.
    pub similarity: Option<f32>,
    /// In which way; says nothing about the kept one itself.
    pub reason: Reason,
    /// Documents of the cluster: of this corpus, and the kept one.
    pub size: u32,
}

impl NearFinding {
    /// The rejection of a document that is not kept.
    pub fn rejection(&self) -> Rejection {
        let similarity = self.similarity.unwrap_or(1.0);
        Rejection::duplicate("dedup", self.reason.name(), self.cluster, similarity)
    }
}

/// An earlier dataset's `index/`, to find copies of what it holds.
pub struct Earlier {
    name: Arc<str>,
    dir: PathBuf,
    sketches: Blob,
    /// Datasets in which the winners of its records lie, by the records' numbers.
    datasets: Vec<Arc<str>>,
}

impl Earlier {
    /// Opens the near part of the index in `dir`, of the dataset that findings call `name`.
    ///
    /// # Errors
    /// When it cannot be read or is no such index.
    pub fn open(name: &str, dir: &Path) -> Result<Self, SpillError> {
        let names = dir.join(DATASETS);
        let text = fs::read_to_string(&names).map_err(SpillError::io(&names))?;
        Ok(Self {
            name: name.into(),
            sketches: Blob::open(&dir.join(SKETCHES))?,
            datasets: text.lines().map(Arc::from).collect(),
            dir: dir.to_owned(),
        })
    }

    /// Names of the datasets that findings may refer to, by their numbers: these datasets, then
    /// those in which the winners of their copies lie.
    pub fn names(earlier: &[Self]) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = earlier.iter().map(|e| e.name.clone()).collect();
        for name in earlier.iter().flat_map(|e| &e.datasets).collect::<BTreeSet<_>>() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// Names of the index' files: sorted keys, sketches, and the names of the datasets it leans on.
const BANDS: &str = "near.bands";
const SKETCHES: &str = "near.sketches";
const DATASETS: &str = "near.datasets";

/// Finds near duplicates among the documents that it observes, and of those in earlier datasets.
pub struct NearPass {
    near: Near,
    dir: PathBuf,
    memory: usize,
    earlier: Vec<Earlier>,
    index: Option<PathBuf>,
    sketches: BlobWriter,
    bands: Sorter<BandRow>,
    documents: u32,
    record: Vec<u8>,
}

impl NearPass {
    /// A pass that spills to `dir` and uses about `memory` bytes, besides eight a document.
    ///
    /// # Errors
    /// When `dir` cannot be written to.
    pub fn new(config: &Config, dir: &Path, memory: usize) -> Result<Self, SpillError> {
        Ok(Self {
            near: Near::new(config),
            dir: dir.to_owned(),
            memory,
            earlier: Vec::new(),
            index: None,
            sketches: BlobWriter::create(&dir.join("near.blob"))?,
            bands: Sorter::new(dir, "bands", memory / 2),
            documents: 0,
            record: Vec::new(),
        })
    }

    /// Also looks for copies of what these datasets hold. Where the winner would be the same in
    /// two of them, the first counts.
    pub fn against(mut self, earlier: Vec<Earlier>) -> Self {
        self.earlier = earlier;
        self
    }

    /// Writes what a later run needs to the folder `index`.
    pub fn with_index(mut self, index: &Path) -> Self {
        self.index = Some(index.to_owned());
        self
    }

    /// Takes a document and its sketch. Ordinals are below 2³² and rise.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn observe(
        &mut self,
        ordinal: u64,
        sketch: Sketch,
        document: &Document,
    ) -> Result<(), SpillError> {
        let rank = Rank::new(document, self.near.config().spin.spun_from);
        let ordinal = u32::try_from(ordinal).ok().filter(|&n| n >= self.documents && n < u32::MAX);
        let Some(ordinal) = ordinal else {
            return Err(SpillError::io(&self.dir)(std::io::Error::other(
                "near duplicates are found among at most 2^32 documents, in their order",
            )));
        };
        self.documents = ordinal + 1;
        Record { ordinal, rank, winner: rank.id, dataset: PRESENT }
            .write(&sketch, &mut self.record);
        let offset = self.sketches.append(&self.record)?;
        self.bands.extend(sketch.keys.iter().map(|&key| BandRow { key, offset }))
    }

    /// Finds the clusters.
    ///
    /// # Errors
    /// When the disk is full or fails, or a spill file or an earlier index is damaged.
    pub fn finish(self) -> Result<NearFindings, SpillError> {
        let Self { near, dir, memory, earlier, index, sketches, bands, documents, .. } = self;
        let (near, index) = (&near, index.as_deref());
        let store = Store { earlier: &earlier, present: sketches.finish()? };
        let datasets = Earlier::names(&earlier);
        let pairs = pairs(bands.finish()?, &earlier, index, &dir, memory / 4)?;
        let edges = verify(near, &store, pairs, &dir, memory / 8)?;
        let findings = cluster(near, &store, edges, documents, &datasets, &dir, memory / 8)?;
        let Some(index) = index else { return Ok(NearFindings { datasets, findings }) };

        // The sketches go into the index with their winners, at the same offsets.
        let names = index.join(DATASETS);
        let text: String = datasets.iter().map(|name| format!("{name}\n")).collect();
        fs::write(&names, text).map_err(SpillError::io(&names))?;
        let mut out = BlobWriter::create(&index.join(SKETCHES))?;
        let mut again = Sorter::new(&dir, "found", memory / 8);
        let mut findings = findings.peekable();
        let mut sketches = store.present.records()?;
        let mut bytes = Vec::new();
        while sketches.next_into(&mut bytes)?.is_some() {
            let Some(mut record) = Record::read(&bytes) else { return Err(not_a_sketch(&dir)) };
            if let Some(found) = findings.next_if(|found| match found {
                Ok(found) => found.ordinal == u64::from(record.ordinal),
                Err(_) => true,
            }) {
                let found = found?;
                record.winner = found.cluster;
                record.dataset = found.dataset;
                record.patch(&mut bytes);
                again.push(found)?;
            }
            out.append(&bytes)?;
        }
        out.close()?;
        Ok(NearFindings { datasets, findings: again.finish()? })
    }
}

/// Findings, sorted by ordinal: one for every document that has a copy.
pub struct NearFindings {
    /// Names of the datasets that findings refer to.
    pub datasets: Vec<Arc<str>>,
    findings: Sorted<NearFinding>,
}

impl Iterator for NearFindings {
    type Item = Result<NearFinding, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.findings.next()
    }
}

/// Merges this corpus' keys with those of the earlier datasets into pairs.
fn pairs(
    bands: Sorted<BandRow>,
    earlier: &[Earlier],
    index: Option<&Path>,
    dir: &Path,
    memory: usize,
) -> Result<Sorted<PairRow>, SpillError> {
    type Source = Box<dyn Iterator<Item = Result<BandRow, SpillError>>>;
    let mut sources: Vec<(u16, Source)> = Vec::new();
    for (i, earlier) in earlier.iter().enumerate() {
        sources.push((i as u16, Box::new(RowReader::open(&earlier.dir.join(BANDS), "bands")?)));
    }
    sources.push((PRESENT, Box::new(bands)));
    let mut heads = Vec::new();
    for (_, source) in &mut sources {
        heads.push(source.next().transpose()?);
    }

    let mut index = index.map(|dir| RowWriter::create(&dir.join(BANDS), "bands")).transpose()?;
    let mut sorter = Sorter::new(dir, "pairs", memory);
    let mut pairs = Pairs::default();
    // The datasets are few: the smallest head is found by looking at all. Where keys meet, the
    // earlier dataset's comes first.
    while let Some((row, i)) = (0..heads.len())
        .filter_map(|i| Some((heads[i]?, i)))
        .min_by_key(|(row, i)| (meeting(row.key), *i))
    {
        let (dataset, source) = &mut sources[i];
        heads[i] = source.next().transpose()?;
        if let (PRESENT, Some(index)) = (*dataset, &mut index) {
            index.push(&row)?;
        }
        let mut result = Ok(());
        pairs.push(row.key, Place::new(*dataset, row.offset), |pair| {
            if result.is_ok() {
                result = sorter.push(pair);
            }
        });
        result?;
    }
    if let Some(index) = index {
        index.finish()?;
    }
    sorter.finish()
}

/// Compares the pairs; those that are copies become edges.
fn verify(
    near: &Near,
    store: &Store<'_>,
    mut pairs: Sorted<PairRow>,
    dir: &Path,
    memory: usize,
) -> Result<Sorted<Edge>, SpillError> {
    let mut edges = Sorter::new(dir, "edges", memory);
    let mut chunk = Vec::new();
    let mut last = None;
    loop {
        chunk.clear();
        while chunk.len() < CHUNK
            && let Some(pair) = pairs.next()
        {
            let pair = pair?;
            if last != Some(pair) {
                chunk.push(pair);
            }
            last = Some(pair);
        }
        if chunk.is_empty() {
            return edges.finish();
        }
        let found: Vec<Vec<Edge>> = chunk
            .par_chunks(256)
            .map(|pairs| verify_some(near, store, pairs))
            .collect::<Result<_, _>>()?;
        edges.extend(found.into_iter().flatten())?;
    }
}

fn verify_some(near: &Near, store: &Store<'_>, pairs: &[PairRow]) -> Result<Vec<Edge>, SpillError> {
    let mut edges = Vec::new();
    let mut bytes = Vec::new();
    let mut first: Option<(Place, Record, Sketch)> = None;
    for pair in pairs {
        if first.as_ref().is_none_or(|(place, ..)| *place != pair.first) {
            let (record, sketch) = store.read(pair.first, &mut bytes)?;
            first = Some((pair.first, record, sketch));
        }
        let Some((_, a, a_sketch)) = &first else { continue };
        let (b, b_sketch) = store.read(pair.second, &mut bytes)?;
        if let Some(likeness) = near.compare(a_sketch, &b_sketch) {
            let (a, b) = ((pair.first, a), (pair.second, &b));
            let (winner, loser) = if a.1.rank < b.1.rank { (a, b) } else { (b, a) };
            edges.push(Edge {
                loser: loser.1.ordinal,
                loser_id: loser.1.rank.id,
                loser_place: loser.0,
                winner_rank: winner.1.rank,
                winner: winner.1.ordinal,
                winner_place: winner.0,
                likeness,
            });
        }
    }
    Ok(edges)
}

/// Makes clusters out of the edges, and a finding for each of their documents.
fn cluster(
    near: &Near,
    store: &Store<'_>,
    edges: Sorted<Edge>,
    documents: u32,
    datasets: &[Arc<str>],
    dir: &Path,
    memory: usize,
) -> Result<Sorted<NearFinding>, SpillError> {
    // Each document's best edge.
    let mut forest = Forest::new(documents);
    let mut best = Sorter::new(dir, "best", memory);
    let mut last = None;
    for edge in edges {
        let edge = edge?;
        if last.replace(edge.loser) != Some(edge.loser) {
            if edge.winner_rank.dataset == PRESENT {
                forest.link(edge.loser, edge.winner);
            }
            best.push(edge)?;
        }
    }
    let mut sizes = vec![1u32; documents as usize];
    let mut trees = Sorter::new(dir, "trees", memory);
    for edge in best.finish()? {
        let edge = edge?;
        let root = forest.root(edge.loser);
        if root != edge.loser {
            sizes[root as usize] += 1;
        }
        let child = edge.winner == root && edge.winner_rank.dataset == PRESENT;
        let depth = if edge.loser == root { 0 } else { 2 - u8::from(child) };
        trees.push(TreeRow { root, depth, edge })?;
    }

    let mut findings = Sorter::new(dir, "findings", memory);
    let mut tree: Option<(u32, Kept)> = None;
    let mut bytes = Vec::new();
    for row in trees.finish()? {
        let TreeRow { root, edge, .. } = row?;
        let size = sizes[root as usize];
        if tree.as_ref().is_none_or(|(at, _)| *at != root) {
            // The tree's first row is the root's own edge to an earlier dataset, or a child's.
            let kept = Kept::of(&edge, store, datasets, &mut bytes)?;
            if kept.dataset == PRESENT {
                findings.push(NearFinding {
                    ordinal: u64::from(root),
                    id: kept.winner,
                    cluster: kept.winner,
                    kept: true,
                    dataset: PRESENT,
                    similarity: None,
                    reason: Reason::NearCopy,
                    size,
                })?;
            }
            tree = Some((root, kept));
        }
        let Some((_, kept)) = &tree else { continue };
        let mut similarity = edge.likeness.similarity;
        if edge.winner_place != kept.place {
            let (_, copy) = store.read(edge.loser_place, &mut bytes)?;
            similarity = near.similarity(edge.likeness.reason, &kept.sketch, &copy);
        }
        findings.push(NearFinding {
            ordinal: u64::from(edge.loser),
            id: edge.loser_id,
            cluster: kept.winner,
            kept: false,
            dataset: kept.dataset,
            similarity: Some(similarity),
            reason: edge.likeness.reason,
            size: size + u32::from(kept.dataset != PRESENT),
        })?;
    }
    findings.finish()
}

/// What stands for a tree.
struct Kept {
    /// The document that is kept.
    winner: Id,
    /// Its dataset, by the run's numbers.
    dataset: u16,
    /// The document that similarities refer to: the winner, or the copy of it that an earlier
    /// dataset remembers.
    place: Place,
    sketch: Sketch,
}

impl Kept {
    /// What the winner of `edge`, the first of its tree, stands for.
    fn of(
        edge: &Edge,
        store: &Store<'_>,
        datasets: &[Arc<str>],
        bytes: &mut Vec<u8>,
    ) -> Result<Self, SpillError> {
        let place = edge.winner_place;
        let (record, sketch) = store.read(place, bytes)?;
        let name = store.earlier.get(usize::from(place.dataset()));
        let name = name.and_then(|earlier| earlier.datasets.get(usize::from(record.dataset)));
        let other = name.and_then(|name| datasets.iter().position(|known| known == name));
        let dataset = other.map_or(place.dataset(), |i| i as u16);
        Ok(Self { winner: record.winner, dataset, place, sketch })
    }
}

/// The sketches of this corpus and of the earlier ones.
struct Store<'a> {
    earlier: &'a [Earlier],
    present: Blob,
}

impl Store<'_> {
    fn read(&self, place: Place, bytes: &mut Vec<u8>) -> Result<(Record, Sketch), SpillError> {
        let earlier = self.earlier.get(usize::from(place.dataset()));
        let blob = earlier.map_or(&self.present, |earlier| &earlier.sketches);
        blob.read(place.offset(), bytes)?;
        let parts = Record::read(bytes).zip(bytes.get(Record::SIZE..).and_then(Sketch::read));
        let Some((mut record, sketch)) = parts else {
            return Err(not_a_sketch(earlier.map_or(Path::new(SKETCHES), |earlier| &earlier.dir)));
        };
        record.rank.dataset = place.dataset();
        Ok((record, sketch))
    }
}

/// The error that a whole record of sketches at `path` is none.
fn not_a_sketch(path: &Path) -> SpillError {
    SpillError::Kind { path: path.to_owned(), expected: "sketches".to_owned() }
}

/// What stands before a sketch in its file.
struct Record {
    ordinal: u32,
    rank: Rank,
    /// The document that is kept in its stead, or itself.
    winner: Id,
    /// Where that one lies: a line of the index' list of datasets, or [`PRESENT`].
    dataset: u16,
}

impl Record {
    const SIZE: usize = 50;
    const WINNER: usize = 32;

    fn write(&self, sketch: &Sketch, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.ordinal.to_le_bytes());
        out.extend_from_slice(&self.rank.spun.to_le_bytes());
        out.extend_from_slice(&self.rank.shortness.to_le_bytes());
        out.extend_from_slice(&self.rank.id.0.to_le_bytes());
        out.extend_from_slice(&self.winner.0.to_le_bytes());
        out.extend_from_slice(&self.dataset.to_le_bytes());
        sketch.write(out);
    }

    fn patch(&self, bytes: &mut [u8]) {
        bytes[Self::WINNER..Self::SIZE - 2].copy_from_slice(&self.winner.0.to_le_bytes());
        bytes[Self::SIZE - 2..Self::SIZE].copy_from_slice(&self.dataset.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (ordinal, bytes) = bytes.split_first_chunk()?;
        let (spun, bytes) = bytes.split_first_chunk()?;
        let (shortness, bytes) = bytes.split_first_chunk()?;
        let (id, bytes) = bytes.split_first_chunk()?;
        let (winner, bytes) = bytes.split_first_chunk()?;
        let (dataset, _) = bytes.split_first_chunk()?;
        Some(Self {
            ordinal: u32::from_le_bytes(*ordinal),
            rank: Rank {
                dataset: PRESENT,
                spun: f32::from_le_bytes(*spun),
                shortness: u64::from_le_bytes(*shortness),
                id: Id(u128::from_le_bytes(*id)),
            },
            winner: Id(u128::from_le_bytes(*winner)),
            dataset: u16::from_le_bytes(*dataset),
        })
    }
}

/// A document's best edge, sorted by tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct TreeRow {
    root: u32,
    /// 0 for the root's own edge, 1 for its children's, 2 below.
    depth: u8,
    edge: Edge,
}

impl Row for TreeRow {
    const SIZE: usize = 5 + Edge::SIZE;

    fn write(&self, out: &mut [u8]) {
        out[..4].copy_from_slice(&self.root.to_le_bytes());
        out[4] = self.depth;
        self.edge.write(&mut out[5..]);
    }

    fn read(bytes: &[u8]) -> Self {
        let root = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        Self { root, depth: bytes[4], edge: Edge::read(&bytes[5..]) }
    }
}

impl Eq for NearFinding {}

impl PartialOrd for NearFinding {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// There is one finding for an ordinal.
impl Ord for NearFinding {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ordinal.cmp(&other.ordinal)
    }
}

impl Row for NearFinding {
    const SIZE: usize = 52;

    fn write(&self, out: &mut [u8]) {
        out[..8].copy_from_slice(&self.ordinal.to_le_bytes());
        out[8..24].copy_from_slice(&self.id.0.to_le_bytes());
        out[24..40].copy_from_slice(&self.cluster.0.to_le_bytes());
        out[40..42].copy_from_slice(&self.dataset.to_le_bytes());
        out[42..46].copy_from_slice(&self.similarity.unwrap_or(-1.0).to_le_bytes());
        out[46..50].copy_from_slice(&self.size.to_le_bytes());
        out[50] = self.reason as u8;
        out[51] = u8::from(self.kept);
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            ordinal: u64::from_le_bytes(fields.take()),
            id: Id(u128::from_le_bytes(fields.take())),
            cluster: Id(u128::from_le_bytes(fields.take())),
            dataset: u16::from_le_bytes(fields.take()),
            similarity: Some(f32::from_le_bytes(fields.take())).filter(|&s| s >= 0.0),
            size: u32::from_le_bytes(fields.take()),
            reason: Reason::from_code(fields.take::<1>()[0]),
            kept: fields.take() == [1],
        }
    }
}

#[cfg(test)]
mod tests;
