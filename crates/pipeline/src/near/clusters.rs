//! Edges to clusters: a kept document and its copies.

use std::iter::Peekable;
use std::path::Path;

use rayon::prelude::*;
use scutch_dedup::{Edge, Forest, Likeness, Near, PRESENT, Place, Reason};
use scutch_document::{Id, fixed};

use super::compare::{Documents, old};
use super::finding::NearFinding;
use super::index::Earlier;
use crate::spill::SpillError;
use crate::spill::rows::{RowReader, RowWriter};
use crate::spill::sort::{Sorted, Sorter};

/// Members that are looked at at once.
const CHUNK: usize = 1 << 12;

/// What clusters are found with.
pub(super) struct Clusters<'a> {
    pub(super) near: &'a Near,
    pub(super) sketches: &'a Documents,
    pub(super) earlier: &'a [Earlier],
    pub(super) dir: &'a Path,
}

impl Clusters<'_> {
    /// Decides which of `documents` documents are kept, and what became of those that have copies.
    pub(super) fn find(
        &self,
        edges: Sorted<Edge>,
        documents: u32,
        memory: usize,
    ) -> Result<Sorted<NearFinding>, SpillError> {
        let mut forest = Forest::new(documents);
        let mut members = Sorter::new(self.dir, "members", memory);
        for edge in edges {
            let edge = edge?;
            if let Some(kept) = forest.take(&edge) {
                members.push(Member { kept, edge })?;
            }
        }
        drop(forest);
        // A cluster's size stands in the finding of each member, and it may be of any size: the
        // members are read twice, the first time to count them.
        let path = self.dir.join("members.rows");
        let mut writer = RowWriter::create(&path, "members")?;
        for member in members.finish()? {
            writer.push(&member?)?;
        }
        writer.finish()?;
        let open = || RowReader::<Member>::open(&path, "members");
        let mut sizes = Sizes { members: open()?.peekable(), of: None };
        let mut members = open()?;
        let mut findings = Sorter::new(self.dir, "findings", memory);
        loop {
            let chunk: Vec<Member> = members.by_ref().take(CHUNK).collect::<Result<_, _>>()?;
            if chunk.is_empty() {
                break;
            }
            for (member, similarity) in chunk.iter().zip(self.similarities(&chunk)?) {
                let Member { kept, edge } = *member;
                let (size, cluster, first) = sizes.of(member)?;
                if first && kept.is_present() {
                    findings.push(NearFinding {
                        ordinal: kept.number.into(),
                        id: cluster,
                        cluster,
                        kept: true,
                        dataset: PRESENT,
                        likeness: Likeness { similarity: 1.0, reason: Reason::NearCopy },
                        size,
                    })?;
                }
                findings.push(NearFinding {
                    ordinal: edge.copy.into(),
                    id: edge.copy_id,
                    cluster,
                    kept: false,
                    dataset: kept.dataset,
                    likeness: Likeness { similarity, ..edge.likeness },
                    size,
                })?;
            }
        }
        drop((sizes, members));
        std::fs::remove_file(&path).map_err(SpillError::io(&path))?;
        findings.finish()
    }

    /// How alike each of some members is to the document that is kept in its stead.
    fn similarities(&self, members: &[Member]) -> Result<Vec<f32>, SpillError> {
        let mut far: Vec<Place> =
            members.iter().filter(|it| it.is_far()).map(|it| it.kept).collect();
        far.dedup();
        let old = old(self.near, self.earlier, far)?;
        let similarity = |member: &Member| {
            let Member { kept, edge } = *member;
            if !member.is_far() {
                return Ok(edge.likeness.similarity);
            }
            let mut bytes = Vec::new();
            let (_, copy) = self.sketches.read(self.near, edge.copy, &mut bytes)?;
            let read;
            let (_, kept) = match old.get(&kept) {
                Some(known) => known,
                None => {
                    read = self.sketches.read(self.near, kept.number, &mut bytes)?;
                    &read
                }
            };
            Ok(self.near.similarity(edge.likeness.reason, kept, &copy))
        };
        members.par_iter().map(similarity).collect()
    }
}

/// Reads ahead to tell the size of each member's cluster.
struct Sizes {
    members: Peekable<RowReader<Member>>,
    of: Option<(Place, u32, Id)>,
}

impl Sizes {
    /// The size of the next member's cluster, its name, and whether the member is its first.
    fn of(&mut self, member: &Member) -> Result<(u32, Id, bool), SpillError> {
        if let Some((_, size, name)) = self.of.filter(|(kept, ..)| *kept == member.kept) {
            return Ok((size, name, false));
        }
        let mut size = 1;
        while let Some(next) =
            self.members.next_if(|next| next.as_ref().map_or(true, |next| next.kept == member.kept))
        {
            next?;
            size += 1;
        }
        // The best of the copies points to the kept document itself.
        let name = member.edge.better_id;
        self.of = Some((member.kept, size, name));
        Ok((size, name, true))
    }
}

/// A copy, sorted by the document that is kept in its stead and by its own rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    kept: Place,
    edge: Edge,
}

impl Member {
    /// Whether it points to the kept document by way of others.
    fn is_far(&self) -> bool {
        self.kept != self.edge.better
    }
}

fixed!(Member { kept: Place, edge: Edge });
