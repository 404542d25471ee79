//! Tells spun text from clean text, without looking at what the words mean.
//!
//! A document's score is the mean, over its words, of log P(phrase | spun) / P(phrase | clean):
//! spun forms count for, words that a spinner would have changed count against. Both probabilities
//! come from the lexicon and the language model's idea of how often a phrase is used.

use std::ops::Range;

use scutch_document::{Document, DocumentStage, Signals, Verdict};
use serde::{Deserialize, Serialize};

use crate::lexicon::{LONGEST, Lexicon};
use crate::lm::Model;
use crate::score::Score;
use crate::words::{Case, HashMap, Kind, Tokens, hash_phrase, join};

/// The signal that the gate sets.
pub const SIGNAL: &str = "spun_score";

/// When a text counts as spun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Score, in nats a word, from which a text is repaired.
    pub spun: f64,
    /// Score from which a text is called suspicious.
    pub suspicious: f64,
    /// Score of the most telling stretch of `window` words from which a text is called suspicious.
    pub suspicious_window: f64,
    /// Words in a window.
    pub window: usize,
    /// Fewer words than this are never called spun.
    pub least_words: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { spun: 0.09, suspicious: 0.06, suspicious_window: 0.45, window: 100, least_words: 60 }
    }
}

/// What the gate makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not spun.
    Clean,
    /// More spun forms than usual: marked, not touched.
    Suspicious,
    /// Spun: its words are to be restored.
    Spun,
}

/// A text's scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Number of tokens.
    pub words: usize,
    /// Nats a word over the whole text and fifty words that tell nothing.
    pub score: f64,
    /// Nats a word over the most telling window; the whole text's where that is shorter.
    pub window: f64,
}

/// The gate: cheap, and all that most documents ever see of this crate.
#[derive(Debug)]
pub struct Gate {
    config: Config,
    /// By [`hash_phrase`]: what a phrase tells, and whether a longer one begins with it.
    phrases: HashMap<Phrase>,
    /// A bit for each hash that may begin a phrase.
    first: Box<[u64; 1024]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Phrase {
    weight: Option<Score>,
    longer: bool,
}

/// How often a spinner is taken to change what it can.
const RATE: f64 = 0.6;
/// Added to frequencies, lest rare phrases decide alone.
const FLOOR: f64 = 1e-7;
/// A text is read as if so many words that tell nothing stood behind it: a short one must tell more.
const SHORT: f64 = 50.0;
/// No phrase tells more than this, in nats.
const MOST: f64 = 4.0;

impl Gate {
    /// Weighs every phrase of the lexicon.
    pub fn new(config: &Config, lexicon: &Lexicon, model: &Model) -> Self {
        let frequency = |words: &[u64]| model.phrase(words).to_nats().exp();
        // What spinning adds to each spun form, and which phrases it takes away from.
        let mut phrases = HashMap::default();
        let mut gate = Self {
            config: config.clone(),
            phrases: HashMap::default(),
            first: Box::new([0; 1024]),
        };
        for entry in lexicon.entries() {
            for original in &entry.originals {
                let kept = (1.0 - RATE * lexicon.coverage(original.phrase)).ln();
                gate.add(&mut phrases, &original.words, kept);
            }
        }
        for entry in lexicon.entries() {
            let clean = frequency(&entry.words);
            let kept = (1.0 - RATE * lexicon.coverage(hash_phrase(&entry.words))) * clean;
            let gained: f64 = entry
                .originals
                .iter()
                .map(|original| {
                    let known = lexicon.coverage(original.phrase);
                    known * frequency(&original.words) * original.channel.to_nats().exp()
                })
                .sum();
            let ratio = (kept + RATE * gained + FLOOR) / (clean + FLOOR);
            gate.add(&mut phrases, &entry.words, ratio.ln().clamp(-MOST, MOST));
        }
        gate.phrases = phrases;
        gate
    }

    fn add(&mut self, phrases: &mut HashMap<Phrase>, words: &[u64], weight: f64) {
        self.first[words[0] as usize >> 6 & 1023] |= 1 << (words[0] & 63);
        for length in 1..=words.len() {
            let phrase = phrases.entry(hash_phrase(&words[..length])).or_default();
            if length == words.len() {
                phrase.weight = Some(Score::nats(weight));
            } else {
                phrase.longer = true;
            }
        }
    }

    /// Reads a text once, from left to right.
    pub fn read(&self, text: &str) -> Reading {
        let mut window = Window::new(self.config.window.max(1));
        let mut total = Score::ZERO;
        let mut words = 0usize;
        let mut buffer = Lookahead::new(text);
        while let Some(first) = buffer.get(0) {
            let (length, weight) = match first {
                Some(word) if self.may_begin(word) => self.longest(&mut buffer),
                _ => (1, Score::ZERO),
            };
            total += weight;
            words += length;
            window.push(weight);
            for _ in 1..length {
                window.push(Score::ZERO);
            }
            buffer.advance(length);
        }
        let score = total.to_nats() / (words as f64 + SHORT);
        Reading { words, score, window: window.best().unwrap_or(score) }
    }

    /// What the reading means.
    pub fn outcome(&self, reading: &Reading) -> Outcome {
        let config = &self.config;
        if reading.words < config.least_words {
            Outcome::Clean
        } else if reading.score >= config.spun {
            Outcome::Spun
        } else if reading.score >= config.suspicious || reading.window >= config.suspicious_window {
            Outcome::Suspicious
        } else {
            Outcome::Clean
        }
    }

    fn may_begin(&self, word: u64) -> bool {
        self.first[word as usize >> 6 & 1023] & 1 << (word & 63) != 0
    }

    /// The longest phrase at the buffer's beginning.
    fn longest(&self, buffer: &mut Lookahead) -> (usize, Score) {
        let mut best = (1, Score::ZERO);
        let mut hash = None;
        for length in 1..=LONGEST {
            let Some(Some(word)) = buffer.get(length - 1) else { break };
            if length > 1 && !buffer.joined(length - 1) {
                break;
            }
            let key = hash.map_or(word, |before| join(before, word));
            let Some(phrase) = self.phrases.get(&key) else { break };
            if let Some(weight) = phrase.weight {
                best = (length, weight);
            }
            if !phrase.longer {
                break;
            }
            hash = Some(key);
        }
        best
    }
}

impl DocumentStage for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn signals(&self) -> &'static [&'static str] {
        &[SIGNAL]
    }

    fn judge(&self, document: &Document) -> Verdict {
        let mut signals = Signals::new();
        if crate::is_english(document) {
            signals.insert(SIGNAL, rounded(self.read(document.text()).score));
        }
        Verdict::Keep { edits: Vec::new(), signals }
    }
}

/// Four decimals: what a person can read, and the same on every machine.
pub(crate) fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

/// The next few tokens: a word's hash, `None` for what is no word.
struct Lookahead<'t> {
    tokens: Tokens<'t>,
    ring: [(Option<u64>, bool); 8],
    begin: usize,
    length: usize,
}

const RING: Range<usize> = 0..8;
const _: () = assert!(LONGEST <= RING.end);

impl<'t> Lookahead<'t> {
    fn new(text: &'t str) -> Self {
        Self { tokens: Tokens::new(text), ring: [(None, false); 8], begin: 0, length: 0 }
    }

    fn fill(&mut self, n: usize) -> bool {
        while self.length <= n {
            let Some(token) = self.tokens.next() else { return false };
            let plain = matches!(token.case, Case::Lower | Case::Title); // others are never spun
            let word = (token.kind == Kind::Word && plain).then_some(token.hash);
            self.ring[(self.begin + self.length) % RING.end] = (word, token.joined);
            self.length += 1;
        }
        true
    }

    /// The token `n` places on, if there is one.
    fn get(&mut self, n: usize) -> Option<Option<u64>> {
        self.fill(n).then(|| self.ring[(self.begin + n) % RING.end].0)
    }

    fn joined(&mut self, n: usize) -> bool {
        self.fill(n) && self.ring[(self.begin + n) % RING.end].1
    }

    fn advance(&mut self, n: usize) {
        self.begin = (self.begin + n) % RING.end;
        self.length -= n;
    }
}

/// The best mean over a given number of weights in a row.
struct Window {
    ring: Vec<Score>,
    at: usize,
    sum: Score,
    seen: usize,
    best: Score,
}

impl Window {
    fn new(size: usize) -> Self {
        Self { ring: vec![Score::ZERO; size], at: 0, sum: Score::ZERO, seen: 0, best: Score::WORST }
    }

    fn push(&mut self, weight: Score) {
        self.sum += weight - self.ring[self.at];
        self.ring[self.at] = weight;
        self.at = (self.at + 1) % self.ring.len();
        self.seen += 1;
        if self.seen >= self.ring.len() {
            self.best = self.best.max(self.sum);
        }
    }

    fn best(&self) -> Option<f64> {
        (self.seen >= self.ring.len()).then(|| self.best.to_nats() / self.ring.len() as f64)
    }
}
