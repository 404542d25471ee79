use std::cmp::Ordering;

use scutch_dedup::Likeness;
use scutch_document::{Id, Rejection, fixed};

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
    /// Where the kept one lies: one of the earlier datasets, or [`scutch_dedup::PRESENT`].
    pub dataset: u16,
    /// How alike the document and the kept one are; says nothing about the kept one itself.
    pub likeness: Likeness,
    /// Documents of the cluster: of this corpus, and the kept one.
    pub size: u32,
}

impl NearFinding {
    /// The rejection of a document that is not kept.
    pub fn rejection(&self) -> Rejection {
        let Likeness { similarity, reason } = self.likeness;
        Rejection::duplicate("dedup", reason.name(), self.cluster, similarity)
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

fixed!(NearFinding {
    ordinal: u64,
    id: Id,
    cluster: Id,
    kept: bool,
    dataset: u16,
    likeness: Likeness,
    size: u32,
});
