use scutch_document::Document;
use xxhash_rust::xxh3::xxh3_64;

use crate::bands;
use crate::config::Config;
use crate::minhash;
use crate::rank::spun_score;
use crate::words::words;

/// Number of the first band of the spin-proof keys.
const SPIN_BAND: usize = 64;

/// Words from one word that a spinner leaves alone to the next, at most: more say nothing.
const HEAVIEST: usize = 32;

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
    /// Hashes of the shingles of the words that a spinner leaves alone, sorted, each once: of the
    /// names and numbers outside the lexicon or, where these are too few, of all words outside it.
    pub spin: Vec<u32>,
    /// Weight of each of them: words of the text, changeable ones included, from the shingle's first
    /// word to its second. So a list of names weighs no more than a sentence of its length.
    pub weights: Vec<u8>,
    /// Whether the document's `spun_score` says that it is spun.
    pub spun: bool,
    /// Keys by which it meets its copies: the band in the top byte, 32 bits of MinHash below, and 24
    /// bits of the document's id.
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
        let (text, id) = (document.text(), document.origin.id);
        // Hashes of all words, eight bytes each, so that a shingle is a slice.
        let mut all = Vec::with_capacity(2 * text.len());
        let mut kept = Chosen::default();
        let mut names = Chosen::default();
        words(text, |word, span| {
            let hash = xxh3_64(word.as_bytes());
            let place = all.len() / 8;
            all.extend_from_slice(&hash.to_le_bytes());
            if spin.enabled && !mutable(word) {
                kept.push(hash, place);
                if text[span].starts_with(|c: char| c.is_uppercase() || c.is_numeric()) {
                    names.push(hash, place);
                }
            }
        });

        let mut keys = Vec::with_capacity(near.bands + spin.bands);
        minhash::keys(shingles(&all, near.key_shingle), near.bands, near.rows, |i, key| {
            keys.push(bands::key(i, key, id));
        });
        let mut sketch = Sketch { shingles: set(&all, near.shingle), ..Sketch::default() };
        sketch.spun = spun_score(document, spin.spun_from) > 0.0;
        let foreign = 8.0 * kept.places.len() as f32 > spin.foreign * all.len() as f32;
        let kept = if names.places.len() < spin.from { kept } else { names };
        if kept.places.len() >= spin.from && !foreign {
            (sketch.spin, sketch.weights) = kept.weighted(spin.shingle);
            let hashes = shingles(&kept.hashes, spin.shingle);
            minhash::keys(hashes, spin.bands, spin.rows, |i, key| {
                keys.push(bands::key(i + SPIN_BAND, key, id));
            });
        }
        sketch.keys = keys;
        sketch
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
                (!a.spin.is_empty() && !b.spin.is_empty()).then(|| {
                    likeness(
                        Reason::SpunCopy,
                        if a.spun || b.spun { spin.jaccard_spun } else { spin.jaccard },
                    )
                })?
            })
    }

    /// How alike two texts are, as `reason` measures it.
    pub fn similarity(&self, reason: Reason, a: &Sketch, b: &Sketch) -> f32 {
        let (shared, a, b) = match reason {
            Reason::NearCopy | Reason::ContainedCopy => {
                (shared(&a.shingles, &b.shingles, |_, _| 1), a.shingles.len(), b.shingles.len())
            }
            Reason::SpunCopy => (
                shared(&a.spin, &b.spin, |i, j| a.weights[i].min(b.weights[j]).into()),
                a.weights.iter().copied().map(usize::from).sum(),
                b.weights.iter().copied().map(usize::from).sum(),
            ),
        };
        let whole = if reason == Reason::ContainedCopy { a.min(b) } else { a + b - shared };
        shared as f32 / whole.max(1) as f32
    }
}

impl Sketch {
    /// Writes all but the keys.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.shingles.len() as u32).to_le_bytes());
        out.extend_from_slice(&(self.spin.len() as u32).to_le_bytes());
        for hash in self.shingles.iter().chain(&self.spin) {
            out.extend_from_slice(&hash.to_le_bytes());
        }
        out.extend_from_slice(&self.weights);
        out.push(self.spun.into());
    }

    /// Reads what [`Self::write`] wrote; none when it cannot have.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (count, bytes) = bytes.split_first_chunk::<4>()?;
        let (spun, bytes) = bytes.split_first_chunk::<4>()?;
        let (count, spun) =
            (u32::from_le_bytes(*count) as usize, u32::from_le_bytes(*spun) as usize);
        let (&flag, bytes) = bytes.split_last()?;
        let (shingles, bytes) = bytes.split_at_checked(4 * count)?;
        let (spin, weights) = bytes.split_at_checked(4 * spun)?;
        let numbers = |bytes: &[u8]| {
            bytes.as_chunks::<4>().0.iter().map(|hash| u32::from_le_bytes(*hash)).collect()
        };
        (weights.len() == spun).then(|| Self {
            shingles: numbers(shingles),
            spin: numbers(spin),
            weights: weights.to_vec(),
            spun: flag == 1,
            keys: Vec::new(),
        })
    }
}

/// Some words of a text.
#[derive(Default)]
struct Chosen {
    /// Eight bytes of hash a word, so that a shingle is a slice.
    hashes: Vec<u8>,
    /// Each word's place among all words.
    places: Vec<usize>,
}

impl Chosen {
    fn push(&mut self, hash: u64, place: usize) {
        self.hashes.extend_from_slice(&hash.to_le_bytes());
        self.places.push(place);
    }

    /// The set of shingles, with their weights.
    fn weighted(&self, width: usize) -> (Vec<u32>, Vec<u8>) {
        let gaps = self.places.windows(2).map(|pair| (pair[1] - pair[0]).min(HEAVIEST));
        let hashes = shingles(&self.hashes, width).map(|hash| hash as u32);
        let mut rows: Vec<_> = hashes.zip(gaps.chain([1])).collect();
        rows.sort_unstable();
        rows.dedup_by(|next, first| {
            let same = next.0 == first.0;
            first.1 = if same { (first.1 + next.1).min(255) } else { first.1 };
            same
        });
        rows.into_iter().map(|(hash, weight)| (hash, weight as u8)).unzip()
    }
}

/// Hashes of all runs of `width` words; of the whole where there are fewer. `words` holds eight
/// bytes a word.
pub(crate) fn shingles(words: &[u8], width: usize) -> impl Iterator<Item = u64> {
    let width = (8 * width.max(1)).min(words.len()).max(8);
    words.windows(width).step_by(8).map(xxh3_64)
}

fn set(words: &[u8], width: usize) -> Vec<u32> {
    let mut out: Vec<u32> = shingles(words, width).map(|hash| hash as u32).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Sum of the weights of the hashes in both of two sorted sets.
fn shared(a: &[u32], b: &[u32], weight: impl Fn(usize, usize) -> usize) -> usize {
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
