use scutch_document::Document;
use xxhash_rust::xxh3::xxh3_64;

use crate::config::Config;
use crate::minhash;
use crate::words::words;

/// Number of the first band of the spin-proof keys.
const SPIN_BAND: usize = 64;

/// Near duplicates: makes sketches and compares them.
#[derive(Debug, Clone)]
pub struct Near {
    config: Config,
}

/// What is left of a text for finding and comparing its copies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch {
    /// Hashes of its word shingles, sorted, each once.
    pub shingles: Vec<u32>,
    /// Hashes of the shingles of the words that a spinner leaves alone, sorted, each once.
    pub spin: Vec<u32>,
    /// Keys by which it meets its copies: the band in the top byte, 56 bits of hash below.
    pub keys: Vec<u64>,
}

/// Why a document is a copy of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// Most of the words are the same: the similarity is the Jaccard similarity of the shingles.
    NearCopy = 0,
    /// The smaller text stands in the larger: the similarity is the share of its shingles.
    ContainedCopy = 1,
    /// The words that a spinner leaves alone are the same: the similarity is the Jaccard similarity
    /// of their shingles.
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
    /// Settings are taken as they are: [`Config::default`] says what is reasonable.
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone() }
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The sketch of a document's text. `mutable` says whether a spinner changes or writes a word,
    /// which is given in lower case.
    pub fn sketch(&self, document: &Document, mutable: &dyn Fn(&str) -> bool) -> Sketch {
        let Config { near, spin, .. } = &self.config;
        let text = document.text();
        // Word hashes as bytes, so that a shingle is a slice.
        let mut all = Vec::with_capacity(text.len() * 3 / 2);
        let mut kept = Vec::with_capacity(if spin.enabled { text.len() / 2 } else { 0 });
        words(text, |word, _| {
            let hash = xxh3_64(word.as_bytes()).to_le_bytes();
            all.extend_from_slice(&hash);
            if spin.enabled && !mutable(word) {
                kept.extend_from_slice(&hash);
            }
        });
        let mut keys = Vec::with_capacity(near.bands + spin.bands);
        minhash::keys(shingles(&all, near.key_shingle), near.bands, near.rows, |band, key| {
            keys.push((band as u64) << 56 | key);
        });
        let mut spun = Vec::new();
        if spin.enabled {
            spun = set(shingles(&kept, spin.shingle));
            if spun.len() < spin.from {
                spun.clear();
            } else {
                let hashes = shingles(&kept, spin.shingle);
                minhash::keys(hashes, spin.bands, spin.rows, |band, key| {
                    keys.push(((band + SPIN_BAND) as u64) << 56 | key);
                });
            }
        }
        Sketch { shingles: set(shingles(&all, near.shingle)), spin: spun, keys }
    }

    /// How alike two texts are, or none if they are no copies.
    pub fn compare(&self, a: &Sketch, b: &Sketch) -> Option<Likeness> {
        let Config { near, spin, .. } = &self.config;
        let smaller = a.shingles.len().min(b.shingles.len());
        let likeness = |reason, threshold| {
            let similarity = self.similarity(reason, a, b);
            (similarity >= threshold).then_some(Likeness { similarity, reason })
        };
        likeness(Reason::NearCopy, near.jaccard)
            .or_else(|| {
                (smaller >= near.containment_from)
                    .then(|| likeness(Reason::ContainedCopy, near.containment))?
            })
            .or_else(|| {
                (!a.spin.is_empty() && !b.spin.is_empty())
                    .then(|| likeness(Reason::SpunCopy, spin.jaccard))?
            })
    }

    /// How alike two texts are, as `reason` measures it.
    pub fn similarity(&self, reason: Reason, a: &Sketch, b: &Sketch) -> f32 {
        let (a, b) = match reason {
            Reason::NearCopy | Reason::ContainedCopy => (&a.shingles, &b.shingles),
            Reason::SpunCopy => (&a.spin, &b.spin),
        };
        let shared = shared(a, b);
        let whole = match reason {
            Reason::ContainedCopy => a.len().min(b.len()),
            Reason::NearCopy | Reason::SpunCopy => a.len() + b.len() - shared,
        };
        shared as f32 / whole.max(1) as f32
    }
}

impl Sketch {
    /// Writes all but the keys.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.shingles.len() as u32).to_le_bytes());
        for hash in self.shingles.iter().chain(&self.spin) {
            out.extend_from_slice(&hash.to_le_bytes());
        }
    }

    /// Reads what [`Self::write`] wrote; none when it cannot have.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (count, hashes) = bytes.split_first_chunk::<4>()?;
        let (hashes, rest) = hashes.as_chunks::<4>();
        if !rest.is_empty() {
            return None;
        }
        let (shingles, spin) = hashes.split_at_checked(u32::from_le_bytes(*count) as usize)?;
        let numbers = |hashes: &[[u8; 4]]| hashes.iter().map(|h| u32::from_le_bytes(*h)).collect();
        Some(Self { shingles: numbers(shingles), spin: numbers(spin), keys: Vec::new() })
    }
}

/// Hashes of all runs of `width` words; of the whole where there are fewer. `words` holds eight
/// bytes a word.
pub(crate) fn shingles(words: &[u8], width: usize) -> impl Iterator<Item = u64> {
    let width = (8 * width.max(1)).min(words.len()).max(8);
    words.windows(width).step_by(8).map(xxh3_64)
}

fn set(hashes: impl Iterator<Item = u64>) -> Vec<u32> {
    let mut out: Vec<u32> = hashes.map(|hash| hash as u32).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Number of hashes in both of two sorted sets.
fn shared(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        count += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    count
}
