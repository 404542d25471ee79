//! Making a model: from ARPA text, from clean text, from several of these mixed.
//!
//! Counts become probabilities by interpolated, modified Kneser-Ney smoothing (Chen and Goodman
//! 1999): each order has a discount for n-grams seen once, twice, and more often.

use std::collections::{BTreeMap, BTreeSet};

use super::{BACKOFF_OFFSET, BEGIN, END, MAGIC, ORDER, STEPS, Table, VERSION, bucket_of};
use crate::score::Score;
use crate::words::{Tokens, hash_word, join};

/// A word that the model has no name for.
const UNKNOWN: &str = "<unk>";

/// Natural logarithms.
#[derive(Debug, Clone, Copy, Default)]
struct Weights {
    probability: f32,
    backoff: f32,
}

/// A model in the making: every n-gram under the hash of its words.
#[derive(Debug, Default)]
pub struct Ngrams {
    /// For each order, what is known of the n-gram.
    orders: [BTreeMap<Key, Weights>; ORDER],
}

/// An n-gram's words, oldest first; unused places are 0.
type Key = [u64; ORDER];

/// Text that cannot be made into a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A line of ARPA text that makes no sense.
    #[error("line {0} of the ARPA text makes no sense")]
    Arpa(usize),
    /// No words at all.
    #[error("there are no words in it")]
    Empty,
}

fn key(words: &[u64]) -> Key {
    let mut key = [0; ORDER];
    key[..words.len()].copy_from_slice(words);
    key
}

impl Ngrams {
    /// Reads ARPA text. n-grams longer than [`ORDER`] are passed over.
    ///
    /// # Errors
    /// At the first line that makes no sense, and when there is no n-gram.
    pub fn from_arpa<'l>(lines: impl Iterator<Item = &'l str>) -> Result<Self, Error> {
        let mut ngrams = Self::default();
        let mut order = 0;
        for (number, line) in lines.enumerate() {
            let line = line.trim();
            if let Some(section) = line.strip_prefix('\\') {
                order = section.strip_suffix("-grams:").map_or(0, |n| n.parse().unwrap_or(0));
                continue;
            }
            if line.is_empty() || order == 0 || order > ORDER {
                continue;
            }
            let mut fields = line.split_ascii_whitespace();
            let mut next = || fields.next().ok_or(Error::Arpa(number + 1));
            let log10 = |field: &str| -> Result<f32, Error> {
                let value: f32 = field.parse().map_err(|_| Error::Arpa(number + 1))?;
                Ok(value * std::f32::consts::LN_10)
            };
            let probability = log10(next()?)?;
            let mut words = [0; ORDER];
            for word in &mut words[..order] {
                *word = hash_word(next()?);
            }
            let backoff = fields.next().map_or(Ok(0.0), log10)?;
            ngrams.orders[order - 1].insert(words, Weights { probability, backoff });
        }
        if ngrams.orders[0].is_empty() { Err(Error::Empty) } else { Ok(ngrams) }
    }

    /// Counts the n-grams of clean text, one or more sentences a line, and smooths them. Words seen
    /// fewer than `least` times count as unknown.
    ///
    /// # Errors
    /// When there is no word.
    pub fn from_text<'l>(
        lines: impl Iterator<Item = &'l str> + Clone,
        least: u32,
    ) -> Result<Self, Error> {
        let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
        for line in lines.clone() {
            each_word(line, |word| *seen.entry(word).or_default() += 1);
        }
        if seen.is_empty() {
            return Err(Error::Empty);
        }
        let (begin, end, unknown) = (hash_word(BEGIN), hash_word(END), hash_word(UNKNOWN));
        seen.insert(end, least);
        let mut counts: [BTreeMap<Key, u32>; ORDER] = Default::default();
        let mut sentence = Vec::new();
        let mut count = |sentence: &mut Vec<u64>| {
            if sentence.len() > 1 {
                sentence.push(end);
                for (n, counts) in counts.iter_mut().enumerate() {
                    for window in sentence.windows(n + 1) {
                        *counts.entry(key(window)).or_default() += 1;
                    }
                }
            }
            sentence.clear();
            sentence.push(begin);
        };
        for line in lines {
            count(&mut sentence);
            each_token(line, |word, opens| {
                if opens {
                    count(&mut sentence);
                }
                let known = seen.get(&word).is_some_and(|&times| times >= least);
                sentence.push(if known { word } else { unknown });
            });
        }
        count(&mut sentence);
        Ok(Self::smooth(counts, begin))
    }

    fn smooth(mut counts: [BTreeMap<Key, u32>; ORDER], begin: u64) -> Self {
        // Below the highest order an n-gram counts as often as it has different words before it.
        for n in (0..ORDER - 1).rev() {
            let mut before: BTreeMap<Key, u32> = BTreeMap::new();
            for longer in counts[n + 1].keys() {
                *before.entry(key(&longer[1..=n + 1])).or_default() += 1;
            }
            for (ngram, count) in &mut counts[n] {
                if ngram[0] != begin {
                    *count = before.get(ngram).copied().unwrap_or(1);
                }
            }
        }
        counts[0].remove(&key(&[begin]));
        let mut ngrams = Self::default();
        let total: u64 = counts[0].values().map(|&count| u64::from(count)).sum();
        for n in 0..ORDER {
            let discounts = discounts(counts[n].values());
            let discount = |count: u32| discounts[count.min(3) as usize - 1];
            // For each context, its n-grams' counts and discounts.
            let mut contexts: BTreeMap<Key, (u64, f64)> = BTreeMap::new();
            if n > 0 {
                for (ngram, &count) in &counts[n] {
                    let context = contexts.entry(key(&ngram[..n])).or_default();
                    context.0 += u64::from(count);
                    context.1 += discount(count);
                }
                for (context, &(mass, taken)) in &contexts {
                    let backoff = (taken / mass as f64).ln() as f32;
                    ngrams.set_backoff(&context[..n], backoff);
                }
            }
            let mut found = Vec::with_capacity(counts[n].len());
            for (ngram, &count) in &counts[n] {
                let probability = if n == 0 {
                    f64::from(count) / total as f64
                } else {
                    let (mass, taken) = contexts[&key(&ngram[..n])];
                    let kept = (f64::from(count) - discount(count)).max(0.0) / mass as f64;
                    let shorter = f64::from(ngrams.log(&ngram[1..=n])).exp();
                    kept + taken / mass as f64 * shorter
                };
                found.push((*ngram, probability.ln() as f32));
            }
            for (ngram, probability) in found {
                ngrams.orders[n].entry(ngram).or_default().probability = probability;
            }
        }
        ngrams
    }

    /// Natural logarithm of the last word's probability after the others.
    fn log(&self, words: &[u64]) -> f32 {
        if let Some(weights) = self.orders[words.len() - 1].get(&key(words)) {
            return weights.probability;
        }
        if words.len() == 1 {
            return -17.0;
        }
        let context = &words[..words.len() - 1];
        let backoff = self.orders[context.len() - 1].get(&key(context));
        backoff.map_or(0.0, |weights| weights.backoff) + self.log(&words[1..])
    }

    /// Sets a context's backoff weight; adds the context where it is no n-gram itself.
    fn set_backoff(&mut self, context: &[u64], backoff: f32) {
        let n = context.len() - 1;
        let probability = if n == 0 { -99.0 } else { self.log(context) };
        let weights = self.orders[n].entry(key(context));
        weights.or_insert(Weights { probability, backoff }).backoff = backoff;
    }

    /// The linear mixture of models with their shares: every n-gram that one of them holds.
    pub fn mix(models: &[(Self, f64)]) -> Self {
        let mut mixed = Self::default();
        for n in 0..ORDER {
            for (model, _) in models {
                for ngram in model.orders[n].keys() {
                    if mixed.orders[n].contains_key(ngram) {
                        continue;
                    }
                    let probability: f64 = models
                        .iter()
                        .map(|(model, share)| share * f64::from(model.log(&ngram[..=n])).exp())
                        .sum();
                    let probability = probability.max(1e-9).ln() as f32;
                    mixed.orders[n].insert(*ngram, Weights { probability, backoff: 0.0 });
                }
            }
        }
        mixed.normalise();
        mixed
    }

    /// Keeps at most so many n-grams of each order above the first: those whose loss would change
    /// the probabilities most (Seymore and Rosenfeld 1996).
    pub fn prune(&mut self, most: [usize; ORDER - 1]) {
        for n in (1..ORDER).rev() {
            let needed: BTreeSet<Key> = match self.orders.get(n + 1) {
                Some(longer) => longer.keys().map(|ngram| key(&ngram[..=n])).collect(),
                None => Default::default(),
            };
            let mut kept: Vec<(f64, Key)> = self.orders[n]
                .iter()
                .map(|(ngram, weights)| {
                    let context = &ngram[..n];
                    let backoff = self.orders[n - 1].get(&key(context));
                    let shorter =
                        backoff.map_or(0.0, |weights| weights.backoff) + self.log(&ngram[1..=n]);
                    let joint = f64::from(self.joint(context) + weights.probability).exp();
                    let loss = joint * f64::from((weights.probability - shorter).abs());
                    (if needed.contains(ngram) { f64::MAX } else { loss }, *ngram)
                })
                .collect();
            kept.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for (_, ngram) in kept.drain(most[n - 1].min(kept.len())..) {
                self.orders[n].remove(&ngram);
            }
        }
        self.normalise();
    }

    fn joint(&self, words: &[u64]) -> f32 {
        (1..=words.len()).map(|n| self.log(&words[..n])).filter(|log| *log > -50.0).sum()
    }

    /// Sets the backoff weights so that the probabilities after each context add up to 1.
    fn normalise(&mut self) {
        for n in 1..ORDER {
            let mut sums: BTreeMap<Key, (f64, f64)> = BTreeMap::new();
            for (ngram, weights) in &self.orders[n] {
                let sum = sums.entry(key(&ngram[..n])).or_default();
                sum.0 += f64::from(weights.probability).exp();
                sum.1 += f64::from(self.log(&ngram[1..=n])).exp();
            }
            for weights in self.orders[n - 1].values_mut() {
                weights.backoff = 0.0;
            }
            for (context, (seen, shorter)) in sums {
                let backoff = ((1.0 - seen).max(1e-4) / (1.0 - shorter).max(1e-4)).ln() as f32;
                self.set_backoff(&context[..n], backoff);
            }
        }
    }

    /// The model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        for (n, ngrams) in self.orders.iter().enumerate() {
            let mut sorted: Vec<(u64, Weights)> = ngrams
                .iter()
                .map(|(ngram, &weights)| {
                    let hash = ngram[..=n].iter().copied().reduce(join).unwrap_or_default();
                    (hash, weights)
                })
                .collect();
            sorted.sort_by_key(|&(hash, _)| hash);
            let mut at = 0;
            let table = Table::layout(n, sorted.len(), &mut at);
            out.extend((sorted.len() as u32).to_le_bytes());
            let mut begun = 0;
            for bucket in 0..=table.buckets as usize {
                while begun < sorted.len() && bucket_of(sorted[begun].0, table.buckets) < bucket {
                    begun += 1;
                }
                out.extend((begun as u32).to_le_bytes());
            }
            for bucket in sorted
                .chunk_by(|a, b| bucket_of(a.0, table.buckets) == bucket_of(b.0, table.buckets))
            {
                out.extend(bucket.iter().flat_map(|&(hash, _)| (hash as u16).to_le_bytes()));
                out.extend(bucket.iter().map(|(_, weights)| steps(-weights.probability, 0)));
                if n + 1 < ORDER {
                    let backoffs = bucket.iter().map(|(_, weights)| weights.backoff);
                    out.extend(backoffs.map(|backoff| steps(-backoff, BACKOFF_OFFSET)));
                }
            }
        }
        out
    }
}

/// What is taken from n-grams seen once, twice, and more often; half of a count where too few are seen.
fn discounts<'c>(counts: impl Iterator<Item = &'c u32>) -> [f64; 3] {
    let mut seen = [0.0; 4];
    for &count in counts {
        if let Some(seen) = seen.get_mut(count as usize - 1) {
            *seen += 1.0;
        }
    }
    let share = seen[0] / (seen[0] + 2.0 * seen[1]);
    [1, 2, 3].map(|count: u8| {
        let (these, more) = (seen[usize::from(count) - 1], seen[usize::from(count)]);
        let discount = f64::from(count) - f64::from(count + 1) * share * more / these;
        if discount > 0.0 { discount } else { 0.5 }
    })
}

fn steps(nats: f32, offset: i64) -> u8 {
    let steps = (f64::from(nats) * STEPS as f64).round() as i64 + offset;
    steps.clamp(0, 255) as u8
}

fn each_word(line: &str, mut word: impl FnMut(u64)) {
    each_token(line, |hash, _| word(hash));
}

/// The words of a line as the model counts them, and whether a sentence begins with them.
fn each_token(line: &str, mut word: impl FnMut(u64, bool)) {
    for token in Tokens::new(line) {
        word(token.hash_whole(line), token.opens);
    }
}

const _: () = assert!(Score::NAT % STEPS == 0);
