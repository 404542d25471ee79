use std::cmp::Ordering;

use scutch_document::{Document, Id, fixed};

/// The present dataset, as opposed to the earlier ones that it is compared with.
pub const PRESENT: u16 = u16::MAX;

/// Which of two copies of the present dataset to keep: the smaller rank. Documents that are not spun
/// come first, then less spun ones, longer ones, and the smallest id.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// How spun it is; 0 when it is not. Never negative nor NaN.
    pub spun: f32,
    /// `u64::MAX` less the text's bytes: longer texts rank first.
    pub shortness: u64,
    /// The document.
    pub id: Id,
}

impl Rank {
    /// Its signal `spun_score` counts from `spun_from` on.
    pub fn new(document: &Document, spun_from: f64) -> Self {
        Self {
            spun: spun_score(document, spun_from),
            shortness: u64::MAX - document.text().len() as u64,
            id: document.origin.id,
        }
    }

    fn key(&self) -> (u32, u64, Id) {
        // The bits of floats that are not negative sort as the floats do.
        (self.spun.to_bits(), self.shortness, self.id)
    }
}

/// The document's `spun_score`; 0 where it is below `spun_from`.
pub(crate) fn spun_score(document: &Document, spun_from: f64) -> f32 {
    let score = document.signals.get("spun_score").copied().unwrap_or(0.0);
    if score >= spun_from && score > 0.0 { score as f32 } else { 0.0 }
}

fixed!(Rank { spun: f32, shortness: u64, id: Id });

impl Eq for Rank {}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
