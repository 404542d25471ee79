//! Candidates: read again, compared, and made edges of where they are copies.

use std::collections::BTreeMap;

use rayon::prelude::*;
use scutch_dedup::{Edge, Near, PairRow, Place, Shingles, meet_twice};
use scutch_document::Id;

use super::index::Earlier;
use crate::spill::SpillError;
use crate::spill::blob::Blob;
use crate::spill::sort::{Sorted, Sorter};

/// Pairs that are compared at once, by all threads: at most, and at least.
const CHUNK: (usize, usize) = (1 << 10, 1 << 16);
/// Bytes of memory that a pair of them may take.
const A_PAIR: usize = 4 << 10;
/// Pairs that one thread compares at once.
const SOME: usize = 256;
/// So many records behind a sketch may have none themselves and hide where it ends.
const LOOK: usize = 16;

/// What is known of this corpus' documents, by their numbers.
pub(super) struct Documents {
    pub(super) sketches: Blob,
    /// Offset of each sketch.
    pub(super) offsets: Vec<[u8; 5]>,
}

/// A document's id, and the sets by which it is compared.
pub(super) type Compared = (Id, Shingles);

impl Documents {
    pub(super) fn read(
        &self,
        near: &Near,
        number: u32,
        bytes: &mut Vec<u8>,
    ) -> Result<Compared, SpillError> {
        let number = number as usize;
        let offset = |&[a, b, c, d, e]: &[u8; 5]| u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
        let at = offset(&self.offsets[number]);
        // A record that has no sketch has no offset.
        let mut behind = self.offsets[number + 1..].iter().take(LOOK).map(offset);
        match behind.find(|&next| next > at) {
            Some(next) => self.sketches.read_before(at, next, bytes)?,
            None => self.sketches.read(at, bytes)?,
        }
        let parts = bytes
            .split_first_chunk()
            .and_then(|(id, rest)| Some((Id(u128::from_le_bytes(*id)), near.read(rest)?)));
        parts.ok_or_else(|| self.sketches.is_no("sketches"))
    }
}

/// Compares the pairs; those that are copies become edges.
pub(super) fn compare(
    near: &Near,
    documents: &Documents,
    ranks: &[u32],
    earlier: &[Earlier],
    pairs: Sorted<PairRow>,
    mut edges: Sorter<Edge>,
    memory: usize,
) -> Result<Sorted<Edge>, SpillError> {
    let room = (memory / A_PAIR).clamp(CHUNK.0, CHUNK.1);
    let mut pairs = meet_twice(pairs).peekable();
    while pairs.peek().is_some() {
        let chunk: Vec<PairRow> = pairs.by_ref().take(room).collect::<Result<_, _>>()?;
        let mut places: Vec<Place> = chunk.iter().map(|pair| pair.first).collect();
        places.dedup();
        let old = old(near, earlier, places)?;
        let found: Vec<Vec<Edge>> = chunk
            .par_chunks(SOME)
            .map(|pairs| compare_some(near, documents, ranks, &old, pairs))
            .collect::<Result<_, _>>()?;
        edges.extend(found.into_iter().flatten())?;
    }
    edges.finish()
}

/// Those of some sorted places, each there once, that lie in earlier datasets.
pub(super) fn old(
    near: &Near,
    earlier: &[Earlier],
    mut places: Vec<Place>,
) -> Result<BTreeMap<Place, Compared>, SpillError> {
    let mut found = BTreeMap::new();
    places.retain(|place| !place.is_present());
    for of_one in places.chunk_by(|a, b| a.dataset == b.dataset) {
        let numbers: Vec<u32> = of_one.iter().map(|place| place.number).collect();
        let sketches = earlier[usize::from(of_one[0].dataset)].sketches(&numbers)?;
        let compared: Vec<Compared> =
            sketches.into_par_iter().map(|(id, sketch)| (id, near.shingles(&sketch))).collect();
        found.extend(of_one.iter().copied().zip(compared));
    }
    Ok(found)
}

fn compare_some(
    near: &Near,
    documents: &Documents,
    ranks: &[u32],
    old: &BTreeMap<Place, Compared>,
    pairs: &[PairRow],
) -> Result<Vec<Edge>, SpillError> {
    let mut edges = Vec::new();
    let mut bytes = Vec::new();
    for pairs in pairs.chunk_by(|a, b| a.first == b.first) {
        let first = pairs[0].first;
        let read;
        let (id, shingles) = match old.get(&first) {
            Some(known) => known,
            None => {
                read = documents.read(near, first.number, &mut bytes)?;
                &read
            }
        };
        let first_rank =
            if first.is_present() { ranks[first.number as usize] } else { first.number };
        for pair in pairs {
            let (other_id, other) = documents.read(near, pair.second, &mut bytes)?;
            let Some(likeness) = near.compare(shingles, &other) else { continue };
            let second_rank = ranks[pair.second as usize];
            let first = (first, first_rank, *id);
            let second = (Place::present(pair.second), second_rank, other_id);
            let first_is_better = !first.0.is_present() || first_rank < second_rank;
            let (better, copy) = if first_is_better { (first, second) } else { (second, first) };
            edges.push(Edge {
                copy_rank: copy.1,
                copy: copy.0.number,
                copy_id: copy.2,
                better: better.0,
                better_rank: better.1,
                better_id: better.2,
                likeness,
            });
        }
    }
    Ok(edges)
}
