//! A language model: n-grams with backoff, in about four bytes each.
//!
//! The file holds, for each order, the n-grams sorted by hash into buckets of sixteen; within a
//! bucket an n-gram is known by sixteen bits of its hash. One look-up in 4,000 mistakes an n-gram
//! that is not there for one that is. Logarithms are kept in steps of 1/16. A bucket's hashes,
//! probabilities and backoff weights lie side by side: a look-up touches two or three cache lines.

pub mod build;

use std::borrow::Cow;
use std::hint::black_box;
use std::num::NonZeroU64;

use crate::score::Score;
use crate::words::{hash_word, join};

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
const UNKNOWN: Steps = Steps(-16 * STEPS as i32);

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
#[derive(Debug, Default)]
struct Table {
    count: usize,
    buckets: u64,
    offsets: usize,
    entries: usize,
    /// Bytes of an n-gram.
    size: usize,
    /// The file's index in a quarter of the space, so that more of it stays in the cache.
    groups: Vec<Group>,
}

/// Where the buckets of a group begin.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Group {
    /// Where the first one would begin, were all that are before the middle of average size.
    begin: i32,
    /// How far behind or before that the others begin, were they of average size. Hashes spread
    /// evenly: a number that is too large is eight standard deviations away.
    beyond: [i8; GROUP],
}

/// Prints that are compared at once.
const LANES: usize = 8;

/// Buckets of a group: as many as fit into half a cache line.
const GROUP: usize = 28;

/// A logarithm as the file holds it: in steps of 1/[`STEPS`] nat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Steps(i32);

impl From<Steps> for Score {
    fn from(steps: Steps) -> Self {
        Self(i64::from(steps.0) * (Self::NAT / STEPS))
    }
}

/// What is known of an n-gram.
#[derive(Debug, Clone, Copy)]
struct Found {
    probability: Steps,
    backoff: Steps,
}

/// A bucket's place in the file.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    begin: usize,
    count: usize,
}

/// A step on a path through words: one or more of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// What stands before, and after the step what stands before the next word.
    pub(crate) context: Context,
    /// Where its words begin and end.
    pub(crate) words: (u32, u32),
    /// The logarithm of their probability.
    pub(crate) gain: Score,
}

/// An n-gram that is looked up.
#[derive(Debug, Clone, Copy)]
struct Lookup {
    key: u64,
    place: Place,
}

/// The n-grams of steps that are taken together, of two words and of three.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    pairs: Vec<Lookup>,
    triples: Vec<Lookup>,
}

/// A word, looked up once for all the contexts that it is tried in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Word {
    hash: u64,
    probability: Steps,
    backoff: Steps,
}

impl Word {
    /// The logarithm of its probability in any place.
    pub fn probability(&self) -> Score {
        self.probability.into()
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
    /// The last two words, where the model knows a word behind them.
    pair: Option<NonZeroU64>,
    last_backoff: Steps,
    pair_backoff: Steps,
}

impl Context {
    /// The logarithm of the word's probability, and the next context: given the hash of the last two
    /// words, and what is known of these and of the last three.
    #[inline]
    fn move_on(
        &self,
        word: &Word,
        pair: u64,
        two: Option<Found>,
        three: Option<Found>,
    ) -> (Score, Self) {
        // An n-gram that is the beginning of no longer one leaves nothing to back off from.
        let extends = two.filter(|found| found.backoff != Steps(0));
        let next = Self {
            last: word.hash,
            pair: extends.and_then(|_| NonZeroU64::new(pair)),
            last_backoff: word.backoff,
            pair_backoff: extends.map_or(Steps(0), |found| found.backoff),
        };
        let steps = match (three, two) {
            (Some(three), _) => three.probability.0,
            (_, Some(two)) => self.pair_backoff.0 + two.probability.0,
            _ => self.pair_backoff.0 + self.last_backoff.0 + word.probability.0,
        };
        (Steps(steps).into(), next)
    }

    /// Tells contexts apart that the model treats alike.
    pub(crate) fn key(&self) -> u64 {
        self.pair.map_or(self.last, NonZeroU64::get)
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

    /// As [`Self::from_bytes`], without a copy.
    pub(crate) fn open(bytes: Cow<'static, [u8]>) -> Result<Self, Error> {
        let header = bytes.get(..12).ok_or(Error("too short"))?;
        if &header[..8] != MAGIC {
            return Err(Error("it begins otherwise"));
        }
        if header[8..] != VERSION.to_le_bytes() {
            return Err(Error("another version of the format"));
        }
        let mut tables: [Table; ORDER] = Default::default();
        let mut at = 12;
        for (n, table) in tables.iter_mut().enumerate() {
            let count = read_u32(&bytes, at).ok_or(Error("it is cut off"))?;
            *table = Table::layout(n, count as usize, &mut at);
        }
        if at != bytes.len() {
            return Err(Error("its length is wrong"));
        }
        for table in &mut tables {
            table.index(&bytes).ok_or(Error("its index is damaged"))?;
        }
        Ok(Self { bytes, tables })
    }

    /// Whether it lies inside the program: only the one that ships does.
    pub(crate) fn ships(&self) -> bool {
        matches!(self.bytes, Cow::Borrowed(_))
    }

    /// Looks a word up by its hash.
    pub fn word(&self, hash: u64) -> Word {
        let found = self.find(0, hash);
        let (probability, backoff) =
            found.map_or((UNKNOWN, Steps(0)), |found| (found.probability, found.backoff));
        Word { hash, probability, backoff }
    }

    /// What a sentence begins with.
    pub fn begin(&self) -> Context {
        let last = self.word(hash_word(BEGIN));
        Context { last: last.hash, pair: None, last_backoff: last.backoff, pair_backoff: Steps(0) }
    }

    /// The logarithm of the word's probability after `context`, and the context for the next word.
    pub fn next(&self, context: &Context, word: &Word) -> (Score, Context) {
        let pair = join(context.last, word.hash);
        let two = self.find(1, pair);
        let three = match (context.pair, two) {
            (Some(before), Some(_)) => self.find(2, join(before.get(), word.hash)),
            _ => None,
        };
        context.move_on(word, pair, two, three)
    }

    /// Takes steps that do not depend on each other, over these words: finds each one's gain, and
    /// moves its context on. All n-grams are touched, one right after the other, before the first is
    /// read: so the memory's delays overlap.
    pub(crate) fn take(&self, steps: &mut [Step], words: &[Word], lookups: &mut Lookups) {
        let Lookups { pairs, triples } = lookups;
        pairs.clear();
        triples.clear();
        let words = |step: &Step| &words[step.words.0 as usize..step.words.1 as usize];
        for step in &*steps {
            let mut last = step.context.last;
            let mut before = step.context.pair;
            for word in words(step) {
                let pair = join(last, word.hash);
                pairs.push(Lookup { key: pair, place: self.place(1, pair) });
                if let Some(before) = before {
                    let key = join(before.get(), word.hash);
                    triples.push(Lookup { key, place: self.place(2, key) });
                }
                (last, before) = (word.hash, NonZeroU64::new(pair));
            }
        }
        self.touch(pairs.iter().chain(&*triples));
        let (mut pairs, mut triples) = (pairs.iter(), triples.iter());
        for step in steps {
            let mut before = step.context.pair.is_some();
            for (word, pair) in words(step).iter().zip(&mut pairs) {
                let two = self.read(1, &pair.place, pair.key);
                let triple = if before { triples.next() } else { None };
                // Where the model knows three words, it knows the last two; others are not looked for.
                let three = match (step.context.pair, two, triple) {
                    (Some(_), Some(_), Some(triple)) => self.read(2, &triple.place, triple.key),
                    _ => None,
                };
                let (gain, context) = step.context.move_on(word, pair.key, two, three);
                step.gain += gain;
                step.context = context;
                before = true;
            }
        }
    }

    /// The logarithm of the probability that these words follow each other, in any place.
    pub fn phrase(&self, words: &[u64]) -> Score {
        let mut score = Score::ZERO;
        let mut context =
            Context { last: 0, pair: None, last_backoff: Steps(0), pair_backoff: Steps(0) };
        for &word in words {
            let (gain, next) = self.next(&context, &self.word(word));
            score += gain;
            context = next;
        }
        score
    }

    /// The n-gram of `n + 1` words that hashes to `key`.
    fn find(&self, n: usize, key: u64) -> Option<Found> {
        self.read(n, &self.place(n, key), key)
    }

    /// Where the bucket of an n-gram of `n + 1` words lies.
    #[inline]
    fn place(&self, n: usize, key: u64) -> Place {
        let table = &self.tables[n];
        let bucket = bucket_of(key, table.buckets);
        let (first, last) = (table.start(bucket), table.start(bucket + 1));
        Place { begin: table.entries + table.size * first, count: last - first }
    }

    /// Brings the buckets near.
    fn touch<'l>(&self, lookups: impl Iterator<Item = &'l Lookup>) {
        let byte = |at: usize| self.bytes.get(at).copied().unwrap_or_default();
        let both = |at: &Place| byte(at.begin) ^ byte(at.begin + 2 * at.count);
        black_box(lookups.fold(0, |touched, one| touched ^ both(&one.place)));
    }

    #[inline(always)]
    fn read(&self, n: usize, place: &Place, key: u64) -> Option<Found> {
        let count = place.count;
        let bucket = self.bytes.get(place.begin..)?;
        let print = (key as u16).to_le_bytes();
        // Whole vectors and no early end. What is found behind the last print is no match.
        let vectors = (2 * count).next_multiple_of(2 * LANES);
        let at = match bucket.get(..vectors) {
            Some(prints) => position(prints.as_chunks().0, print),
            None => bucket.as_chunks().0.iter().position(|stored| *stored == print)?,
        };
        if at >= count {
            return None;
        }
        let steps = |stored: u8| Steps(-i32::from(stored));
        let weights = bucket.get(2 * count..)?;
        let backoff = if n + 1 < ORDER { Some(*weights.get(count + at)?) } else { None };
        Some(Found {
            probability: steps(*weights.get(at)?),
            backoff: backoff.map_or(Steps(0), |it| Steps(steps(it).0 + BACKOFF_OFFSET as i32)),
        })
    }
}

/// Where the first print stands that equals `print`; far behind all if none does.
#[inline]
fn position(vectors: &[[u8; 2 * LANES]], print: [u8; 2]) -> usize {
    // The greatest of numbers that fall from here.
    let mut found = [0; LANES];
    let mut numbers: [i16; LANES] = std::array::from_fn(|lane| i16::MAX - lane as i16);
    for vector in vectors {
        for (lane, stored) in vector.as_chunks::<2>().0.iter().enumerate() {
            let number = if *stored == print { numbers[lane] } else { 0 };
            found[lane] = found[lane].max(number);
            numbers[lane] -= LANES as i16;
        }
    }
    (i16::MAX - found.into_iter().fold(0, i16::max)) as usize
}

impl Table {
    /// Where the parts of a table of `count` n-grams lie that begins at `at`; moves `at` behind it.
    fn layout(n: usize, count: usize, at: &mut usize) -> Self {
        let buckets = (count as u64 / BUCKET).max(1);
        let offsets = *at + 4;
        let entries = offsets + 4 * (buckets as usize + 1);
        let size = if n + 1 < ORDER { 4 } else { 3 };
        *at = entries + size * count;
        Self { count, buckets, offsets, entries, size, ..Self::default() }
    }

    /// Reads the index; `None` where it makes no sense.
    fn index(&mut self, bytes: &[u8]) -> Option<()> {
        let offsets = bytes.get(self.offsets..self.entries)?.as_chunks().0;
        let starts: Vec<u32> = offsets.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect();
        if !starts.is_sorted() || starts.last().is_none_or(|&last| last as usize > self.count) {
            return None;
        }
        let size = BUCKET as i64;
        for starts in starts.chunks(GROUP) {
            let middle = starts.len() / 2;
            let begin = i64::from(starts[middle]) - size * middle as i64;
            let mut beyond = [0; GROUP];
            for ((at, &start), beyond) in (0..).zip(starts).zip(&mut beyond) {
                *beyond = i8::try_from(i64::from(start) - begin - size * at).ok()?;
            }
            self.groups.push(Group { begin: i32::try_from(begin).ok()?, beyond });
        }
        Some(())
    }

    /// Where a bucket begins: n-grams before it.
    #[inline]
    fn start(&self, bucket: usize) -> usize {
        let (group, at) = (&self.groups[bucket / GROUP], bucket % GROUP);
        (group.begin + BUCKET as i32 * at as i32 + i32::from(group.beyond[at])) as usize
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn bucket_of(key: u64, buckets: u64) -> usize {
    ((u128::from(key) * u128::from(buckets)) >> 64) as usize
}
