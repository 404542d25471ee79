//! The sets by which two texts are compared.

use std::sync::OnceLock;

use crate::order::Places;

/// What two texts are compared by. Sets are made when they are needed: most pairs are told apart by
/// bounds alone.
#[derive(Debug, Default)]
pub struct Shingles {
    /// Hashes of the words, in their order.
    pub(crate) words: Vec<u32>,
    /// Hashes of their shingles.
    pub(crate) shingles: Vec<u32>,
    /// The words that a spinner leaves alone, in their order.
    pub(crate) kept: Vec<u32>,
    /// Whether the document is spun.
    pub(crate) spun: bool,
    set: OnceLock<Vec<u32>>,
    bits: OnceLock<BitSet>,
    kept_bits: OnceLock<BitSet>,
    sorted_words: OnceLock<Vec<u32>>,
    places: OnceLock<Places>,
    kept_places: OnceLock<Places>,
}

impl Shingles {
    /// Of a text's words and of those that a spinner leaves alone, four bytes of hash each.
    pub(crate) fn new(words: &[u8], width: usize, kept: &[u8], spun: bool) -> Self {
        let words = numbers(words);
        let shingles = shingles(&words, width);
        Self { words, shingles, kept: numbers(kept), spun, ..Self::default() }
    }

    /// The word shingles sorted, each once.
    pub(crate) fn set(&self) -> &[u32] {
        self.set.get_or_init(|| {
            let mut set = sorted(&self.shingles);
            set.dedup();
            set
        })
    }

    /// Which lowest bits the word shingles have.
    pub(crate) fn bits(&self) -> &BitSet {
        self.bits.get_or_init(|| BitSet::new(&self.shingles))
    }

    /// Which lowest bits the kept words have.
    pub(crate) fn kept_bits(&self) -> &BitSet {
        self.kept_bits.get_or_init(|| BitSet::new(&self.kept))
    }

    /// The words sorted.
    pub(crate) fn sorted_words(&self) -> &[u32] {
        self.sorted_words.get_or_init(|| sorted(&self.words))
    }

    /// Where its words stand.
    pub(crate) fn places(&self) -> &Places {
        self.places.get_or_init(|| Places::new(&self.words))
    }

    /// Where its kept words stand among themselves.
    pub(crate) fn kept_places(&self) -> &Places {
        self.kept_places.get_or_init(|| Places::new(&self.kept))
    }
}

/// The lowest bits of some hashes: about sixteen bits of room for each.
#[derive(Debug)]
pub(crate) struct BitSet(Vec<u64>);

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

    /// How many of `hashes` may be among its own: all that are, and a few more.
    pub(crate) fn count(&self, hashes: &[u32]) -> usize {
        let has = |hash: &&u32| self.0[self.at(**hash)] & 1 << (**hash % 64) != 0;
        hashes.iter().filter(has).count()
    }

    /// Number of its bits that are set: at most that of the hashes.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

/// Of four bytes each.
fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four)).collect()
}

/// Hashes of all runs of `width` words; of the whole where there are fewer. These live no longer than
/// a run: the sum of the words, which are hashes themselves, each times a power of an odd number, so
/// that order counts.
fn shingles(words: &[u32], width: usize) -> Vec<u32> {
    let width = width.clamp(1, words.len().max(1));
    let mut sums = vec![0u32; words.len() + 1 - width];
    let mut factor = 1u32;
    for place in 0..width {
        for (sum, word) in sums.iter_mut().zip(&words[place..]) {
            *sum = sum.wrapping_add(word.wrapping_mul(factor));
        }
        factor = factor.wrapping_mul(0x85eb_ca6b);
    }
    sums
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
