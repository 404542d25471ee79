//! Words that are found on pages more often outside or inside of the main content.

use hashbrown::HashMap;

use crate::Error;
use crate::hashed::Hashed;
use xxhash_rust::xxh3::xxh3_64;

/// Words of a line that are weighed.
const WORDS: usize = 40;

/// Weights of words and of pairs of words; `^` and `$` are the line's start and end.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    words: HashMap<u64, Word, Hashed>,
    pairs: HashMap<u64, f32, Hashed>,
    start: (u64, Word),
    end: (u64, Word),
}

/// What is known of a word.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Word {
    weight: f32,
    has_weight: bool,
    /// Whether it is a function word of some language.
    pub(crate) is_function: bool,
    /// Whether it is the first and the second word of some pair.
    is_first: bool,
    is_second: bool,
}

impl Lexicon {
    /// Reads lines of `key weight`; a key is a word or `first_second`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = |line: &str| Error::Model { message: format!("not a weight: {line}") };
        let mut lexicon = Self::default();
        for word in include_str!("function_words.txt").split_whitespace() {
            lexicon.entry(word).is_function = true;
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (key, weight) = line.split_once(' ').ok_or_else(|| bad(line))?;
            let weight = weight.parse().map_err(|_| bad(line))?;
            match key.split_once('_') {
                None => {
                    let word = lexicon.entry(key);
                    (word.weight, word.has_weight) = (weight, true);
                }
                Some((first, second)) => {
                    lexicon.entry(first).is_first = true;
                    lexicon.entry(second).is_second = true;
                    let pair = pair_hash(word_hash(first.as_bytes()), word_hash(second.as_bytes()));
                    lexicon.pairs.insert(pair, weight);
                }
            }
        }
        let ends = [b"^", b"$"].map(|end| word_hash(end));
        [lexicon.start, lexicon.end] = ends.map(|hash| (hash, lexicon.word(hash)));
        Ok(lexicon)
    }

    fn entry(&mut self, word: &str) -> &mut Word {
        self.words.entry(word_hash(word.as_bytes())).or_default()
    }

    /// Looks up the word with this hash.
    pub(crate) fn word(&self, hash: u64) -> Word {
        self.words.get(&hash).copied().unwrap_or_default()
    }

    /// Sum, least and greatest weight of a line's keys, and the share of keys that are known;
    /// `words` are the hashes of its words, looked up.
    pub(crate) fn weigh(&self, words: &[(u64, Word)]) -> [f32; 4] {
        let (mut sum, mut least, mut greatest, mut known) = (0f32, 0f32, 0f32, 0);
        // What is not known has a weight of 0, which changes nothing: there is no choice to guess.
        let mut add = |weight: f32, is_known: bool| {
            known += u32::from(is_known);
            sum += weight;
            least = least.min(weight);
            greatest = greatest.max(weight);
        };
        let pair = |first: (u64, Word), second: (u64, Word)| {
            let may_be = first.1.is_first && second.1.is_second;
            may_be.then(|| self.pairs.get(&pair_hash(first.0, second.0)))?.copied()
        };
        let words = &words[..words.len().min(WORDS)];
        let mut before = self.start;
        for &word in words {
            add(word.1.weight, word.1.has_weight);
            if let Some(weight) = pair(before, word) {
                add(weight, true);
            }
            before = word;
        }
        if let Some(weight) = pair(before, self.end) {
            add(weight, true);
        }
        let all = 2 * words.len() + 1;
        [sum, least, greatest, known as f32 / all as f32]
    }
}

/// Hash of a word.
pub(crate) fn word_hash(word: &[u8]) -> u64 {
    xxh3_64(word)
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
