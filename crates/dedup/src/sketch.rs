use scutch_document::Document;

use crate::config::Config;
use crate::keys::{Drawn, Key, keys};
use crate::mutable::Mutable;
use crate::rank::spun_score;
use crate::words::words;

/// Words at the begin of a text that tell its language, with one in eight of the others.
const SAMPLE: usize = 64;
/// Words that a spinner leaves alone, of one text, at most: comparing takes time with their square.
const MOST_KEPT: usize = 2048;
/// 2^64 by the golden ratio: spreads those over the text (Fibonacci hashing: Knuth, TAOCP 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Near duplicates: makes sketches and compares them.
#[derive(Debug, Clone)]
pub struct Near {
    pub(crate) config: Config,
}

/// What is left of a text for finding and comparing its copies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch {
    /// Its words, four bytes of hash each, in their order.
    pub words: Vec<u8>,
    /// Of the words that a spinner leaves alone, in their order: the names and numbers outside the
    /// lexicon or, where these are too few, all words outside it. Four bytes each as well, and no
    /// more than of 2,048 words.
    pub kept: Vec<u8>,
    /// Whether the document's `spun_score` says that it is spun.
    pub spun: bool,
    /// Keys in which it meets its copies.
    pub keys: Vec<Key>,
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

    /// The sketch of a document's text. `mutable` are the words that a spinner changes or writes.
    pub fn sketch(&self, document: &Document, mutable: &Mutable) -> Sketch {
        let Config { near, spin, .. } = &self.config;
        let text = document.text();
        let mut all = Vec::with_capacity(text.len());
        let mut names = Vec::new();
        let mut sample = Sample::default();
        words(text, |word, span| {
            let full = word.hash();
            let hash = (full as u32).to_le_bytes();
            let place = all.len() / 4;
            all.extend_from_slice(&hash);
            let named = is_named(text, span.start);
            let sampled = place < SAMPLE || (place as u64).wrapping_mul(GOLDEN) >> 61 == 0;
            if spin.enabled && (named || sampled) {
                let mutable = mutable.has(word.bytes(), full);
                if sampled {
                    sample.add(mutable);
                }
                if named && !mutable {
                    names.extend_from_slice(&hash);
                }
            }
        });
        let mut sketch = Sketch {
            keys: keys(&all, near.key_shingle, near.counts(), Drawn::Words),
            spun: spun_score(document, spin.spun_from) > 0.0,
            ..Sketch::default()
        };
        if spin.enabled && all.len() >= 4 * spin.from && sample.outside() <= spin.foreign {
            let mut kept = names;
            if kept.len() < 4 * spin.from {
                kept.clear();
                words(text, |word, _| {
                    let hash = word.hash();
                    if !mutable.has(word.bytes(), hash) {
                        kept.extend_from_slice(&(hash as u32).to_le_bytes());
                    }
                });
            }
            if kept.len() >= 4 * spin.from {
                sketch.keys.extend(keys(&kept, spin.key_shingle, spin.counts(), Drawn::Kept));
                kept.truncate(4 * MOST_KEPT);
                sketch.kept = kept;
            }
        }
        sketch.words = all;
        sketch
    }
}

impl Sketch {
    /// Writes all but the keys, as [`Near::read`] takes it.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(self.spun.into());
        out.extend_from_slice(&(self.kept.len() as u32 / 4).to_le_bytes());
        out.extend_from_slice(&self.kept);
        out.extend_from_slice(&self.words);
    }
}

/// Whether the word at this place begins with a capital letter or a digit.
#[inline]
fn is_named(text: &str, start: usize) -> bool {
    let first = text.as_bytes()[start];
    if first.is_ascii() {
        return first.is_ascii_uppercase() || first.is_ascii_digit();
    }
    text[start..].starts_with(|c: char| c.is_uppercase() || c.is_numeric())
}

/// Tells from some words of a text whether it is in the lexicon's language.
#[derive(Default)]
struct Sample {
    words: u32,
    outside: u32,
}

impl Sample {
    fn add(&mut self, mutable: bool) {
        self.words += 1;
        self.outside += u32::from(!mutable);
    }

    /// Share of the words that stand outside the lexicon.
    fn outside(&self) -> f32 {
        self.outside as f32 / self.words.max(1) as f32
    }
}
