use std::cmp::Ordering;

use scutch_dedup::{Fields, Reason};
use scutch_document::{Id, Rejection, Row};

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
