//! Words that are found on pages more often outside or inside of the main content.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::Error;
use xxhash_rust::xxh3::xxh3_64;

/// Words of a line that are weighed.
const WORDS: usize = 40;

/// Weights of words and of pairs of words; `^` and `$` are the line's start and end.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    weights: HashMap<u64, f32>,
}

impl Lexicon {
    /// Reads lines of `key weight`; a key is a word or `first_second`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = |line: &str| Error::Model { message: format!("not a weight: {line}") };
        let mut weights = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (key, weight) = line.split_once(' ').ok_or_else(|| bad(line))?;
            let key = match key.split_once('_') {
                None => word_hash(key),
                Some((first, second)) => pair_hash(word_hash(first), word_hash(second)),
            };
            weights.insert(key, weight.parse().map_err(|_| bad(line))?);
        }
        Ok(Self { weights })
    }

    /// Sum, least and greatest weight of a line's keys, and the share of keys that are known;
    /// `words` are the hashes of its words.
    pub(crate) fn weigh(&self, words: &[u64]) -> [f32; 4] {
        let (mut sum, mut least, mut greatest, mut known, mut all) = (0f32, 0f32, 0f32, 0, 0);
        let mut add = |key: u64| {
            all += 1;
            if let Some(&weight) = self.weights.get(&key) {
                known += 1;
                sum += weight;
                least = least.min(weight);
                greatest = greatest.max(weight);
            }
        };
        let mut before = *START;
        for &word in words.iter().take(WORDS) {
            add(word);
            add(pair_hash(before, word));
            before = word;
        }
        add(pair_hash(before, *END));
        [sum, least, greatest, known as f32 / all as f32]
    }
}

static START: LazyLock<u64> = LazyLock::new(|| word_hash("^"));
static END: LazyLock<u64> = LazyLock::new(|| word_hash("$"));

/// Hash of a word.
pub(crate) fn word_hash(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

fn pair_hash(first: u64, second: u64) -> u64 {
    (first.rotate_left(23) ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Calls `found` with the keys of a line in its normal form: its words, and pairs of neighbours as
/// `first_second`.
pub(crate) fn keys(normal: &str, key: &mut String, mut found: impl FnMut(&str)) {
    let mut before = "^";
    for word in normal.split(' ').filter(|word| !word.is_empty()).take(WORDS) {
        found(word);
        pair(before, word, key, &mut found);
        before = word;
    }
    pair(before, "$", key, &mut found);
}

fn pair(first: &str, second: &str, key: &mut String, found: &mut impl FnMut(&str)) {
    key.clear();
    key.push_str(first);
    key.push('_');
    key.push_str(second);
    found(key);
}
