use std::sync::OnceLock;

use crate::config::Config;
use crate::sketch::{Near, Sketch};

/// Words from one word that a spinner leaves alone to the next, at most: more say nothing.
const HEAVIEST: u64 = 32;

/// The sets by which two texts are compared.
#[derive(Debug, Default)]
pub struct Shingles {
    /// Hashes of the word shingles, in their order.
    words: Vec<u32>,
    /// The same sorted, each once: made when it is needed, for most pairs are told apart without.
    set: OnceLock<Vec<u32>>,
    /// Which lowest bits of the hashes there are.
    bits: OnceLock<BitSet>,
    kept: Kept,
}

/// Shingles of the words that a spinner leaves alone.
#[derive(Debug, Default)]
struct Kept {
    /// Their hashes, sorted, each once.
    hashes: Vec<u32>,
    /// Weight of each: words of the text, changeable ones included, from the shingle's first word to
    /// its second. So a list of names weighs no more than a sentence of its length.
    weights: Vec<u8>,
    spun: bool,
}

/// Why a document is a copy of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// Most of the words are the same: the similarity is the Jaccard similarity of the shingles.
    NearCopy = 0,
    /// The smaller text stands in the larger: the similarity is the share of its shingles.
    ContainedCopy = 1,
    /// The words that a spinner leaves alone are the same: the similarity is the weighted Jaccard
    /// similarity (Ruzicka) of their shingles.
    SpunCopy = 2,
}

impl Reason {
    /// The reason as it stands in a dataset.
    pub fn name(self) -> &'static str {
        match self {
            Self::NearCopy => "near_copy",
            Self::ContainedCopy => "contained_copy",
            Self::SpunCopy => "spun_copy",
        }
    }

    /// The reason whose number is `code`.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::NearCopy,
            1 => Self::ContainedCopy,
            _ => Self::SpunCopy,
        }
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

impl Near {
    /// The sets by which the text of a sketch is compared.
    pub fn shingles(&self, sketch: &Sketch) -> Shingles {
        let Sketch { words, kept, gaps, spun, .. } = sketch;
        self.sets(words, kept, gaps, *spun)
    }

    /// The same out of what [`Sketch::write`] wrote; none where that cannot be.
    pub fn read(&self, bytes: &[u8]) -> Option<Shingles> {
        let (spun, bytes) = bytes.split_first()?;
        let (count, bytes) = bytes.split_first_chunk::<4>()?;
        let count = u32::from_le_bytes(*count) as usize;
        let (gaps, bytes) = bytes.split_at_checked(count)?;
        let (kept, words) = bytes.split_at_checked(4 * count)?;
        words.len().is_multiple_of(4).then(|| self.sets(words, kept, gaps, *spun == 1))
    }

    fn sets(&self, words: &[u8], kept: &[u8], gaps: &[u8], spun: bool) -> Shingles {
        let Config { near, spin, .. } = &self.config;
        let weights = gaps.iter().map(|&gap| u64::from(gap).min(HEAVIEST));
        let mut rows: Vec<u64> = hashes(kept, spin.shingle)
            .into_iter()
            .zip(weights)
            .map(|(hash, weight)| u64::from(hash) << 32 | weight)
            .collect();
        rows.sort_unstable();
        let of_one = rows.chunk_by(|a, b| a >> 32 == b >> 32);
        let weight = |rows: &[u64]| rows.iter().map(|row| row & 0xff).sum::<u64>().min(255);
        let (hashes, weights) = of_one.map(|of| ((of[0] >> 32) as u32, weight(of) as u8)).unzip();
        let kept = Kept { hashes, weights, spun };
        Shingles { words: self::hashes(words, near.shingle), kept, ..Shingles::default() }
    }

    /// How alike two texts are, or none if they are no copies.
    pub fn compare(&self, a: &Shingles, b: &Shingles) -> Option<Likeness> {
        let near = &self.config.near;
        // These are bounds: no more shingles are shared, and no set is smaller.
        let shared = b.words.iter().filter(|hash| a.bits().has(**hash)).count();
        let (least, most) = sizes(a.bits().len(), b.bits().len());
        if ratio(shared, most) < near.jaccard && ratio(shared, least) < near.containment {
            return self.compare_kept(&a.kept, &b.kept);
        }
        let (small, large) = sizes(a.set().len(), b.set().len());
        let shared = shared_weight(a.set(), b.set(), |_, _| 1);
        found(Reason::NearCopy, ratio(shared, small + large - shared), near.jaccard)
            .or_else(|| {
                (small >= near.containment_from)
                    .then(|| found(Reason::ContainedCopy, ratio(shared, small), near.containment))?
            })
            .or_else(|| self.compare_kept(&a.kept, &b.kept))
    }

    fn compare_kept(&self, a: &Kept, b: &Kept) -> Option<Likeness> {
        if a.hashes.is_empty() || b.hashes.is_empty() {
            return None;
        }
        let spin = &self.config.spin;
        let threshold = if a.spun != b.spun { spin.jaccard_spun } else { spin.jaccard };
        found(Reason::SpunCopy, a.ruzicka(b), threshold)
    }

    /// How alike two texts are, as `reason` measures it.
    pub fn similarity(&self, reason: Reason, a: &Shingles, b: &Shingles) -> f32 {
        if reason == Reason::SpunCopy {
            return a.kept.ruzicka(&b.kept);
        }
        let (small, large) = sizes(a.set().len(), b.set().len());
        let shared = shared_weight(a.set(), b.set(), |_, _| 1);
        let whole = if reason == Reason::NearCopy { small + large - shared } else { small };
        ratio(shared, whole)
    }
}

fn found(reason: Reason, similarity: f32, threshold: f32) -> Option<Likeness> {
    (similarity >= threshold).then_some(Likeness { similarity, reason })
}

impl Shingles {
    fn set(&self) -> &[u32] {
        self.set.get_or_init(|| {
            let mut set = sorted(&self.words);
            set.dedup();
            set
        })
    }

    fn bits(&self) -> &BitSet {
        self.bits.get_or_init(|| BitSet::new(&self.words))
    }
}

impl Kept {
    /// Weighted Jaccard similarity.
    fn ruzicka(&self, other: &Self) -> f32 {
        let shared = shared_weight(&self.hashes, &other.hashes, |i, j| {
            self.weights[i].min(other.weights[j]).into()
        });
        let sum = |weights: &[u8]| weights.iter().copied().map(usize::from).sum::<usize>();
        ratio(shared, sum(&self.weights) + sum(&other.weights) - shared)
    }
}

/// The lowest bits of some hashes: about sixteen bits of room for each.
#[derive(Debug)]
struct BitSet(Vec<u64>);

impl BitSet {
    fn new(hashes: &[u32]) -> Self {
        let mut set = Self(vec![0; (hashes.len() / 4).max(1).next_power_of_two()]);
        for &hash in hashes {
            let at = set.at(hash);
            set.0[at] |= 1 << (hash % 64);
        }
        set
    }

    fn at(&self, hash: u32) -> usize {
        (hash / 64) as usize & (self.0.len() - 1)
    }

    fn has(&self, hash: u32) -> bool {
        self.0[self.at(hash)] & 1 << (hash % 64) != 0
    }

    /// Number of its bits that are set: at most that of the hashes.
    fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

/// Hashes of all runs of `width` words, of which `words` holds four bytes each; of the whole where
/// there are fewer. These live no longer than a run: the sum of the words, each times a number of its
/// place (multilinear hashing: Carter and Wegman, 1979).
fn hashes(words: &[u8], width: usize) -> Vec<u32> {
    let words: Vec<u64> =
        words.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word).into()).collect();
    let mut factor = 0u64;
    let factors: Vec<u64> = (0..width.clamp(1, words.len().max(1)))
        .map(|_| {
            // Steps of the golden ratio, mixed as in MurmurHash3.
            factor = factor.wrapping_add(0x9e37_79b9_7f4a_7c15);
            (factor ^ factor >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd) | 1
        })
        .collect();
    let hash = |run: &[u64]| {
        let terms = run.iter().zip(&factors).map(|(word, factor)| word.wrapping_mul(*factor));
        (terms.fold(0, u64::wrapping_add) >> 32) as u32
    };
    words.windows(factors.len()).map(hash).collect()
}

/// The hashes sorted, in linear time: they are dealt out by their uppermost bits, to about one each.
fn sorted(hashes: &[u32]) -> Vec<u32> {
    let bits = hashes.len().max(2).ilog2().min(16);
    let bucket = |hash: u32| (hash >> (32 - bits)) as usize;
    let mut ends = vec![0u32; (1 << bits) + 1];
    hashes.iter().for_each(|&hash| ends[bucket(hash) + 1] += 1);
    let mut before = 0;
    for end in &mut ends {
        before += *end;
        *end = before;
    }
    let mut out = vec![0; hashes.len()];
    // Each entry is where its bucket begins, and becomes where it ends.
    for &hash in hashes {
        let at = &mut ends[bucket(hash)];
        out[*at as usize] = hash;
        *at += 1;
    }
    let mut begin = 0;
    for &end in &ends[..1 << bits] {
        out[begin..end as usize].sort_unstable();
        begin = end as usize;
    }
    out
}

/// The smaller one and the larger.
fn sizes(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

/// Sum of the weights of the hashes in both of two sorted sets.
fn shared_weight(a: &[u32], b: &[u32], weight: impl Fn(usize, usize) -> usize) -> usize {
    let (mut i, mut j, mut sum) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            sum += weight(i, j);
        }
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    sum
}
