use scutch_document::{Id, Row};

use crate::bands::Place;
use crate::fields::Fields;
use crate::rank::Rank;
use crate::sketch::{Likeness, Reason};

/// A document of the present dataset is a copy of a better one.
///
/// Sorted, the first edge of each loser leads to the better document that it is most like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The copy: its place in the corpus.
    pub loser: u32,
    /// Its id.
    pub loser_id: Id,
    /// Where its sketch lies.
    pub loser_place: Place,
    /// Rank of the better one.
    pub winner_rank: Rank,
    /// Its place in its corpus.
    pub winner: u32,
    /// Where its sketch lies.
    pub winner_place: Place,
    /// How alike they are.
    pub likeness: Likeness,
}

impl Edge {
    fn key(&self) -> (u32, Reason, u32, Rank, Place) {
        // The bits of floats that are not negative sort as the floats do.
        let unlike = !self.likeness.similarity.to_bits();
        (self.loser, self.likeness.reason, unlike, self.winner_rank, self.winner_place)
    }
}

impl Eq for Edge {}

impl PartialOrd for Edge {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Edge {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl Row for Edge {
    const SIZE: usize = 75;

    fn write(&self, out: &mut [u8]) {
        out[..4].copy_from_slice(&self.loser.to_le_bytes());
        out[4..12].copy_from_slice(&self.loser_place.to_bits().to_le_bytes());
        out[12..14].copy_from_slice(&self.winner_rank.dataset.to_le_bytes());
        out[14..18].copy_from_slice(&self.winner_rank.spun.to_le_bytes());
        out[18..26].copy_from_slice(&self.winner_rank.shortness.to_le_bytes());
        out[26..42].copy_from_slice(&self.winner_rank.id.0.to_le_bytes());
        out[42..46].copy_from_slice(&self.winner.to_le_bytes());
        out[46..54].copy_from_slice(&self.winner_place.to_bits().to_le_bytes());
        out[54..58].copy_from_slice(&self.likeness.similarity.to_le_bytes());
        out[58] = self.likeness.reason as u8;
        out[59..75].copy_from_slice(&self.loser_id.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            loser: u32::from_le_bytes(fields.take()),
            loser_place: Place::from_bits(u64::from_le_bytes(fields.take())),
            winner_rank: Rank {
                dataset: u16::from_le_bytes(fields.take()),
                spun: f32::from_le_bytes(fields.take()),
                shortness: u64::from_le_bytes(fields.take()),
                id: Id(u128::from_le_bytes(fields.take())),
            },
            winner: u32::from_le_bytes(fields.take()),
            winner_place: Place::from_bits(u64::from_le_bytes(fields.take())),
            likeness: Likeness {
                similarity: f32::from_le_bytes(fields.take()),
                reason: Reason::from_code(fields.take::<1>()[0]),
            },
            loser_id: Id(u128::from_le_bytes(fields.take())),
        }
    }
}

/// Clusters: every document that is a copy of better ones points to the one of them that it is most
/// like. A tree is a cluster; its root, which is a copy of no better document, is kept.
///
/// This is a union-find whose unions are directed by rank. Other than in connected components, a
/// poor document that is a copy of two good ones, which are no copies of each other, does not cost
/// us one of those two; and since a parent always ranks before its children, a later dataset never
/// changes what an earlier one kept.
#[derive(Debug)]
pub struct Forest {
    parents: Vec<u32>,
}

impl Forest {
    /// `documents` trees of one document each.
    pub fn new(documents: u32) -> Self {
        Self { parents: (0..documents).collect() }
    }

    /// Makes `winner` the parent of `loser`.
    pub fn link(&mut self, loser: u32, winner: u32) {
        self.parents[loser as usize] = winner;
    }

    /// The root of `document`'s tree.
    pub fn root(&mut self, document: u32) -> u32 {
        let mut at = document;
        loop {
            let parent = self.parents[at as usize];
            if parent == at {
                return at;
            }
            let next = self.parents[parent as usize];
            self.parents[at as usize] = next;
            at = next;
        }
    }
}
