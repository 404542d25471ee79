use serde::{Deserialize, Serialize};

use crate::keys::Counts;

/// Settings of the search for duplicates. `docs/dedup.md` argues the defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether to look for texts whose words are the same.
    pub exact: bool,
    /// Copies with some words changed, added or left out.
    pub near: NearConfig,
    /// Copies that went through an article spinner.
    pub spin: SpinConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self { exact: true, near: NearConfig::default(), spin: SpinConfig::default() }
    }
}

/// Settings for copies with some words changed, added or left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NearConfig {
    /// Whether to look for them, and for spun copies.
    pub enabled: bool,
    /// Words a shingle of the set by which two texts are compared.
    pub shingle: usize,
    /// Two texts are copies when the Jaccard similarity of their shingles reaches this.
    pub jaccard: f32,
    /// Or when this share of the smaller one's shingles stands in the other.
    pub containment: f32,
    /// Or when this share of the words stands in both in the same order: what is left where errors of
    /// character recognition, or changes, are spread over all of a text.
    pub in_order: f32,
    /// Shingles that a text must have for `containment` and `in_order` to count.
    pub containment_from: usize,
    /// Words a shingle of the set from which keys are drawn.
    pub key_shingle: usize,
    /// Keys by which a text looks for better ones, at least.
    pub keys: usize,
    /// And one for so many words of a long text.
    pub key_every: usize,
    /// Keys under which it is found itself, at least: one that has the share c of its key shingles
    /// finds it by two of them with probability 1 - (1 - c)^posted - posted c (1 - c)^(posted - 1).
    pub posted: usize,
    /// And one for so many words of a long text, so that what is contained in it finds it.
    pub posted_every: usize,
}

impl NearConfig {
    pub(crate) fn counts(&self) -> Counts {
        let Self { keys, key_every, posted, posted_every, .. } = *self;
        Counts { keys, key_every, posted, posted_every }
    }
}

impl Default for NearConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            shingle: 3,
            jaccard: 0.25,
            containment: 0.6,
            in_order: 0.55,
            containment_from: 60,
            key_shingle: 6,
            keys: 14,
            key_every: 24,
            posted: 6,
            posted_every: 50,
        }
    }
}

/// Settings for copies that went through an article spinner: they are compared by the words that it
/// leaves alone, names and numbers outside the lexicon or, where a text has too few, all words outside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpinConfig {
    /// Whether to look for them.
    pub enabled: bool,
    /// From this `spun_score` on a document is spun: one that is not is kept before it.
    pub spun_from: f64,
    /// Two texts are spun copies when this share of these words stands in both in the same order.
    pub similarity: f32,
    /// Or this, where the spun score of one of the two, not of both, says that it is spun.
    pub similarity_spun: f32,
    /// Names and numbers that a text must have, or words outside the lexicon, to be looked at.
    pub from: usize,
    /// Share of words outside the lexicon from which on a text is not in its language, and is not
    /// looked at.
    pub foreign: f32,
    /// Words a shingle of the set from which keys are drawn.
    pub key_shingle: usize,
    /// Keys by which a text looks for better ones, at least, as in `near`.
    pub keys: usize,
    /// And one for so many of these words in a long text.
    pub key_every: usize,
    /// Keys under which it is found itself, at least.
    pub posted: usize,
    /// And one for so many of these words in a long text.
    pub posted_every: usize,
}

impl SpinConfig {
    pub(crate) fn counts(&self) -> Counts {
        let Self { keys, key_every, posted, posted_every, .. } = *self;
        Counts { keys, key_every, posted, posted_every }
    }
}

impl Default for SpinConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            spun_from: 0.1,
            similarity: 0.8,
            similarity_spun: 0.6,
            from: 8,
            foreign: 0.6,
            key_shingle: 2,
            keys: 16,
            key_every: 5,
            posted: 8,
            posted_every: 10,
        }
    }
}
