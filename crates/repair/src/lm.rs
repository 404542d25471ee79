//! A language model: n-grams with backoff, in about four bytes each.
//!
//! The file holds, for each order, the n-grams sorted by hash into buckets of sixteen; within a
//! bucket an n-gram is known by sixteen bits of its hash. One look-up in 4,000 mistakes an n-gram
//! that is not there for one that is. Logarithms are kept in steps of 1/16. A bucket's hashes,
//! probabilities and backoff weights lie side by side: a look-up touches two or three cache lines.

pub mod build;

use std::borrow::Cow;

use crate::score::Score;
use crate::words::{hash_word, join};

/// The English model that ships; `model/ORIGIN.md` says what it was made from.
pub(crate) static ENGLISH: &[u8] = include_bytes!("../model/en.lm");

const MAGIC: &[u8; 8] = b"SCUTCHLM";
const VERSION: u32 = 1;
/// n-grams in a bucket, on average.
const BUCKET: u64 = 16;
/// Longest n-gram.
pub const ORDER: usize = 3;
/// Steps of a stored logarithm in a nat.
const STEPS: i64 = 16;
/// A backoff weight may be a little above 1.
const BACKOFF_OFFSET: i64 = 32;
/// The logarithm of the probability of a word that the model does not know.
const UNKNOWN: Score = Score(-16 * Score::NAT);

/// Begins each sentence.
pub const BEGIN: &str = "<s>";
/// Ends each sentence.
pub const END: &str = "</s>";

/// Probabilities of words after up to two other words.
#[derive(Debug)]
pub struct Model {
    bytes: Cow<'static, [u8]>,
    tables: [Table; ORDER],
}

/// Where an order's parts begin in the file.
#[derive(Debug, Clone, Copy, Default)]
struct Table {
    count: usize,
    buckets: u64,
    offsets: usize,
    entries: usize,
    /// Bytes of an n-gram.
    size: usize,
}

/// What is known of an n-gram.
#[derive(Debug, Clone, Copy)]
struct Found {
    probability: Score,
    backoff: Score,
}

/// A word, looked up once for all the contexts that it is tried in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    hash: u64,
    probability: Score,
    backoff: Score,
}

impl Word {
    /// The logarithm of its probability in any place.
    pub fn probability(&self) -> Score {
        self.probability
    }
}

/// A file that is not a language model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a language model: {0}")]
pub struct Error(&'static str);

/// The words before the next one, as far as the model looks back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The last word.
    last: u64,
    /// The last two words, where the model knows them.
    pair: Option<u64>,
    last_backoff: Score,
    pair_backoff: Score,
}

impl Context {
    /// Tells contexts apart that the model treats alike.
    pub(crate) fn key(&self) -> u64 {
        self.pair.unwrap_or(self.last)
    }
}

impl Model {
    /// Reads a model file.
    ///
    /// # Errors
    /// When the bytes are not a model of this version, or not all of one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::open(Cow::Owned(bytes.to_vec()))
    }

    /// The English model that ships.
    pub fn english() -> Self {
        Self::open(Cow::Borrowed(ENGLISH)).expect("a test reads the file that ships")
    }

    fn open(bytes: Cow<'static, [u8]>) -> Result<Self, Error> {
        let header = bytes.get(..12).ok_or(Error("too short"))?;
        if &header[..8] != MAGIC {
            return Err(Error("it begins otherwise"));
        }
        if header[8..] != VERSION.to_le_bytes() {
            return Err(Error("another version of the format"));
        }
        let mut tables = [Table::default(); ORDER];
        let mut at = 12;
        for (n, table) in tables.iter_mut().enumerate() {
            let count = read_u32(&bytes, at).ok_or(Error("it is cut off"))?;
            *table = Table::layout(n, count as usize, &mut at);
        }
        if at != bytes.len() {
            return Err(Error("its length is wrong"));
        }
        for table in &tables {
            let mut before = 0;
            for bucket in 0..=table.buckets as usize {
                let offset = read_u32(&bytes, table.offsets + 4 * bucket).unwrap_or(0) as usize;
                if offset < before || offset > table.count {
                    return Err(Error("its index is damaged"));
                }
                before = offset;
            }
        }
        Ok(Self { bytes, tables })
    }

    /// Looks a word up by its hash.
    pub fn word(&self, hash: u64) -> Word {
        let found = self.find(0, hash);
        let (probability, backoff) =
            found.map_or((UNKNOWN, Score::ZERO), |found| (found.probability, found.backoff));
        Word { hash, probability, backoff }
    }

    /// What a sentence begins with.
    pub fn begin(&self) -> Context {
        let last = self.word(hash_word(BEGIN));
        Context {
            last: last.hash,
            pair: None,
            last_backoff: last.backoff,
            pair_backoff: Score::ZERO,
        }
    }

    /// The logarithm of the word's probability after `context`, and the context for the next word.
    pub fn next(&self, context: &Context, word: &Word) -> (Score, Context) {
        let pair = join(context.last, word.hash);
        let two = self.find(1, pair);
        let next = Context {
            last: word.hash,
            pair: two.map(|_| pair),
            last_backoff: word.backoff,
            pair_backoff: two.map_or(Score::ZERO, |found| found.backoff),
        };
        if let Some(before) = context.pair
            && let Some(three) = self.find(2, join(before, word.hash))
        {
            return (three.probability, next);
        }
        let shorter = match two {
            Some(found) => found.probability,
            None => context.last_backoff + word.probability,
        };
        (context.pair_backoff + shorter, next)
    }

    /// The logarithm of the probability that these words follow each other, in any place.
    pub fn phrase(&self, words: &[u64]) -> Score {
        let mut score = Score::ZERO;
        let mut context =
            Context { last: 0, pair: None, last_backoff: Score::ZERO, pair_backoff: Score::ZERO };
        for &word in words {
            let (gain, next) = self.next(&context, &self.word(word));
            score += gain;
            context = next;
        }
        score
    }

    /// The n-gram of `n + 1` words that hashes to `key`.
    fn find(&self, n: usize, key: u64) -> Option<Found> {
        let table = &self.tables[n];
        let bucket = bucket_of(key, table.buckets);
        let range = self.bytes.get(table.offsets + 4 * bucket..)?.first_chunk::<8>()?;
        let first = u32::from_le_bytes([range[0], range[1], range[2], range[3]]) as usize;
        let last = u32::from_le_bytes([range[4], range[5], range[6], range[7]]) as usize;
        let begin = table.entries + table.size * first;
        let bucket = self.bytes.get(begin..begin + table.size * (last - first))?;
        let (prints, weights) = bucket.split_at(2 * (last - first));
        let print = (key as u16).to_le_bytes();
        let at = prints.as_chunks::<2>().0.iter().position(|&found| found == print)?;
        let nats = |steps: u8| i64::from(steps) * (Score::NAT / STEPS);
        let offset = BACKOFF_OFFSET * (Score::NAT / STEPS);
        Some(Found {
            probability: Score(-nats(weights[at])),
            backoff: weights
                .get(last - first + at)
                .map_or(Score::ZERO, |&steps| Score(offset - nats(steps))),
        })
    }
}

impl Table {
    /// Where the parts of a table of `count` n-grams lie that begins at `at`; moves `at` behind it.
    fn layout(n: usize, count: usize, at: &mut usize) -> Self {
        let buckets = (count as u64 / BUCKET).max(1);
        let offsets = *at + 4;
        let entries = offsets + 4 * (buckets as usize + 1);
        let size = if n + 1 < ORDER { 4 } else { 3 };
        *at = entries + size * count;
        Self { count, buckets, offsets, entries, size }
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn bucket_of(key: u64, buckets: u64) -> usize {
    ((u128::from(key) * u128::from(buckets)) >> 64) as usize
}
