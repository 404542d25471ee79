use scutch_document::{Id, fixed};

use crate::compare::{Likeness, Reason};
use crate::meet::Place;

/// A document of the present dataset is a copy of a better one.
///
/// Sorted, the edges of the best documents come first, and of one document's edges the one to the
/// document that it is most like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The copy: its place in the order of ranks.
    pub copy_rank: u32,
    /// The copy's number.
    pub copy: u32,
    /// The copy's id.
    pub copy_id: Id,
    /// The better document.
    pub better: Place,
    /// Its place in the order of ranks; its number where it is of an earlier dataset.
    pub better_rank: u32,
    /// Its id.
    pub better_id: Id,
    /// How alike they are.
    pub likeness: Likeness,
}

impl Edge {
    fn key(&self) -> (u32, Reason, u32, u16, u32) {
        // The bits of floats that are not negative sort as the floats do.
        let unlike = !self.likeness.similarity.to_bits();
        (self.copy_rank, self.likeness.reason, unlike, self.better.dataset, self.better_rank)
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

fixed!(Edge {
    copy_rank: u32,
    copy: u32,
    copy_id: Id,
    better: Place,
    better_rank: u32,
    better_id: Id,
    likeness: Likeness,
});

/// Clusters: every document that is a copy of better ones points to the one of them that it is most
/// like, and these pointers lead to the document that is kept.
///
/// This is a union-find whose unions are directed by rank. Other than in connected components, a
/// poor document that is a copy of two good ones, which are no copies of each other, does not cost
/// us one of those two.
#[derive(Debug)]
pub struct Forest {
    /// For each rank, where the kept document lies; that of [`Self::ROOT`] where it is kept itself.
    roots: Vec<Root>,
}

/// A [`Place`] in six bytes.
type Root = [u16; 3];

impl Forest {
    const ROOT: Root = [u16::MAX; 3];

    /// For `documents` documents, all of them kept so far.
    pub fn new(documents: u32) -> Self {
        Self { roots: vec![Self::ROOT; documents as usize] }
    }

    /// Takes the next of the sorted edges: the document that is kept in the copy's stead, unless an
    /// earlier edge decided that.
    pub fn take(&mut self, edge: &Edge) -> Option<Place> {
        // What ranks before the copy is decided: its edges came before.
        let of_better = edge.better.is_present().then(|| self.roots[edge.better_rank as usize]);
        let root = of_better.filter(|root| *root != Self::ROOT).unwrap_or_else(|| {
            let Place { dataset, number } = edge.better;
            [dataset, (number >> 16) as u16, number as u16]
        });
        let own = &mut self.roots[edge.copy_rank as usize];
        (*own == Self::ROOT).then(|| {
            *own = root;
            let [dataset, high, low] = root;
            Place { dataset, number: u32::from(high) << 16 | u32::from(low) }
        })
    }
}
