use scutch_document::{Fixed, fixed};

use crate::config::Config;
use crate::shingles::Shingles;
use crate::sketch::{Near, Sketch};

/// Why a document is a copy of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// Most of the words are the same: the similarity is the Jaccard similarity of the shingles.
    NearCopy = 0,
    /// The smaller text stands in the larger: the similarity is the share of its shingles.
    ContainedCopy = 1,
    /// The words that a spinner leaves alone are the same: the similarity is the share of them that
    /// stand in both texts in one order, twice their longest common subsequence by the words of both.
    SpunCopy = 2,
    /// Words are changed, broken or left out all over: the similarity is the share of the words that
    /// stand in both texts in one order.
    NoisyCopy = 3,
}

/// Texts that share fewer of their shingles than this are not held against each other word by word.
const FEW: f32 = 0.25;
/// Nor are those of more words: that takes time with their square.
const LONGEST: usize = 4096;

impl Reason {
    /// The reason as it stands in a dataset.
    pub fn name(self) -> &'static str {
        match self {
            Self::NearCopy => "near_copy",
            Self::ContainedCopy => "contained_copy",
            Self::SpunCopy => "spun_copy",
            Self::NoisyCopy => "noisy_copy",
        }
    }
}

impl Fixed for Reason {
    const SIZE: usize = 1;

    fn write(&self, out: &mut Vec<u8>) {
        (*self as u8).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let code = u8::read(bytes)?;
        [Self::NearCopy, Self::ContainedCopy, Self::SpunCopy, Self::NoisyCopy]
            .into_iter()
            .find(|reason| *reason as u8 == code)
    }
}

/// How alike two copies are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// 0 to 1, as `reason` measures it.
    pub similarity: f32,
    /// In which way.
    pub reason: Reason,
}

fixed!(Likeness { similarity: f32, reason: Reason });

impl Near {
    /// The sets by which the text of a sketch is compared.
    pub fn shingles(&self, sketch: &Sketch) -> Shingles {
        Shingles::new(&sketch.words, self.config.near.shingle, &sketch.kept, sketch.spun)
    }

    /// The same out of what [`Sketch::write`] wrote; none where that cannot be.
    pub fn read(&self, bytes: &[u8]) -> Option<Shingles> {
        let (spun, bytes) = bytes.split_first()?;
        let (count, bytes) = bytes.split_first_chunk::<4>()?;
        let (kept, words) = bytes.split_at_checked(4 * u32::from_le_bytes(*count) as usize)?;
        let width = self.config.near.shingle;
        words.len().is_multiple_of(4).then(|| Shingles::new(words, width, kept, *spun == 1))
    }

    /// How alike two texts are, or none if they are no copies.
    pub fn compare(&self, a: &Shingles, b: &Shingles) -> Option<Likeness> {
        let near = &self.config.near;
        // This and the sizes are bounds: no more shingles are shared, and no set is smaller.
        let shared = a.bits().count(&b.shingles);
        let few = near.jaccard.min(FEW);
        let contained = near.containment * near.containment_from as f32;
        if ratio(shared, a.bits().len()) < few && (shared as f32) < contained {
            return self.compare_kept(a, b);
        }
        let (least, most) = sizes(a.bits().len(), b.bits().len());
        if ratio(shared, most) < few && ratio(shared, least) < near.containment {
            return self.compare_kept(a, b);
        }
        let (small, large) = sizes(a.set().len(), b.set().len());
        let shared = in_both(a.set(), b.set());
        found(Reason::NearCopy, ratio(shared, small + large - shared), near.jaccard)
            .or_else(|| {
                (small >= near.containment_from)
                    .then(|| found(Reason::ContainedCopy, ratio(shared, small), near.containment))?
            })
            .or_else(|| self.compare_kept(a, b))
            .or_else(|| (ratio(shared, large) >= FEW).then(|| self.compare_words(a, b))?)
    }

    fn compare_kept(&self, a: &Shingles, b: &Shingles) -> Option<Likeness> {
        let Config { spin, .. } = &self.config;
        let threshold = if a.spun != b.spun { spin.similarity_spun } else { spin.similarity };
        let bound = ratio(2 * a.kept_bits().count(&b.kept), a.kept.len() + b.kept.len());
        let looked_at = !a.kept.is_empty() && !b.kept.is_empty() && bound >= threshold;
        looked_at.then(|| found(Reason::SpunCopy, kept_in_order(a, b), threshold))?
    }

    fn compare_words(&self, a: &Shingles, b: &Shingles) -> Option<Likeness> {
        let near = &self.config.near;
        let (small, large) = sizes(a.words.len(), b.words.len());
        // More than all words, or than all that both have in any order, cannot be.
        let may_be = |shared: usize| ratio(2 * shared, small + large) >= near.in_order;
        let looked_at = small >= near.containment_from
            && large <= LONGEST
            && may_be(small)
            && may_be(in_both(a.sorted_words(), b.sorted_words()));
        looked_at.then(|| found(Reason::NoisyCopy, words_in_order(a, b), near.in_order))?
    }

    /// How alike two texts are, as `reason` measures it.
    pub fn similarity(&self, reason: Reason, a: &Shingles, b: &Shingles) -> f32 {
        let (small, large) = sizes(a.set().len(), b.set().len());
        let shared = in_both(a.set(), b.set());
        match reason {
            Reason::NearCopy => ratio(shared, small + large - shared),
            Reason::ContainedCopy => ratio(shared, small),
            Reason::SpunCopy => kept_in_order(a, b),
            Reason::NoisyCopy => words_in_order(a, b),
        }
    }
}

fn found(reason: Reason, similarity: f32, threshold: f32) -> Option<Likeness> {
    (similarity >= threshold).then_some(Likeness { similarity, reason })
}

/// The share of the words that a spinner leaves alone that stand in both texts in one order.
fn kept_in_order(a: &Shingles, b: &Shingles) -> f32 {
    ratio(2 * a.kept_places().in_common(&b.kept), a.kept.len() + b.kept.len())
}

/// The share of all words that do.
fn words_in_order(a: &Shingles, b: &Shingles) -> f32 {
    ratio(2 * a.places().in_common(&b.words), a.words.len() + b.words.len())
}

/// The smaller one and the larger.
fn sizes(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

/// How many hashes two sorted lists share, each as often as both have it.
fn in_both(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        both += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    both
}
