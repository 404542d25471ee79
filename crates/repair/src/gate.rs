//! Tells spun text from clean text, without looking at what the words mean.
//!
//! A document's score is the mean, over its words, of log P(phrase | spun) / P(phrase | clean):
//! spun forms count for, words that a spinner would have changed count against. Both probabilities
//! come from the lexicon and the language model's idea of how often a phrase is used. One form cannot
//! make a text spun by standing there often: a manual of automata repeats its subject, a spinner
//! changes a little of everything.

mod weights;

use std::sync::Arc;

use scutch_document::{Document, DocumentStage, Signals, Verdict};
use serde::{Deserialize, Serialize};

use crate::english::WEIGHTS;
use crate::lexicon::{LONGEST, Lexicon, NONE};
use crate::lm::Model;
use crate::score::Score;
use crate::words::{Case, Kind, Tokens};
use weights::NO_WEIGHT;
pub(crate) use weights::weigh;

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
        Self { spun: 0.05, suspicious: 0.04, suspicious_window: 0.45, window: 100, least_words: 60 }
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
    /// Nats a word over the whole text and a hundred words that tell nothing.
    pub score: f64,
    /// Nats a word over the most telling window; the whole text's where that is shorter.
    pub window: f64,
}

/// The gate: cheap, and all that most documents ever see of this crate.
#[derive(Debug)]
pub struct Gate {
    config: Config,
    lexicon: Arc<Lexicon>,
    /// What each phrase tells, in steps of a [`Score`].
    weights: Vec<i16>,
}

/// A text is read as if so many words that tell nothing stood behind it: a short one must tell more.
const SHORT: usize = 100;

/// What all places of one form may tell together, a word of the text; one place may always tell its own.
const MOST_OF_ONE: Score = Score(6);

impl Gate {
    /// Weighs every phrase of the lexicon.
    pub fn new(config: &Config, lexicon: Arc<Lexicon>, model: &Model) -> Self {
        let weights = if lexicon.ships && model.ships() {
            WEIGHTS.as_chunks().0.iter().map(|&bytes| i16::from_le_bytes(bytes)).collect()
        } else {
            weigh(&lexicon, model)
        };
        Self { config: config.clone(), lexicon, weights }
    }

    /// Reads a text once, from left to right.
    pub fn read(&self, text: &str) -> Reading {
        let mut window = Window::new(self.config.window.max(1));
        let mut total = Score::ZERO;
        let mut words = 0usize;
        let mut told = Vec::new();
        let mut ahead = Ahead::new(text, &self.lexicon);
        loop {
            let next = ahead.next();
            let Some(&(first, _)) = next.first() else { break };
            let (length, weight, node) =
                if first == NONE { (1, 0, NONE) } else { self.longest(next) };
            if weight > 0 {
                told.push((node, weight));
            }
            let weight = Score(i64::from(weight));
            total += weight;
            words += length;
            window.push(weight);
            for _ in 1..length {
                window.push(Score::ZERO);
            }
            ahead.pass(length);
        }
        let length = words + SHORT;
        let score = (total - repeated(told, MOST_OF_ONE * length as i64)).to_nats() / length as f64;
        Reading { words, score, window: window.best().unwrap_or(score) }
    }

    /// Whether it has the words that a text must have to be called spun.
    pub(crate) fn is_long(&self, text: &str) -> bool {
        Tokens::new(text).take(self.config.least_words).count() == self.config.least_words
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

    /// The longest phrase that the words begin with: number of words, what it tells, its node.
    #[inline]
    fn longest(&self, words: &[(u32, bool)]) -> (usize, i16, u32) {
        let mut node = words[0].0;
        let mut best = (1, 0, NONE);
        let mut length = 1;
        loop {
            let weight = self.weights[node as usize];
            if weight != NO_WEIGHT {
                best = (length, weight, node);
            }
            match words.get(length) {
                Some(&(word, true)) if word != NONE => {
                    node = self.lexicon.trie().child(node, word);
                }
                _ => return best,
            }
            if node == NONE {
                return best;
            }
            length += 1;
        }
    }
}

/// What forms tell beyond `most`, given the places of each and what a place tells.
fn repeated(mut places: Vec<(u32, i16)>, most: Score) -> Score {
    places.sort_unstable();
    let mut beyond = Score::ZERO;
    for places in places.chunk_by(|a, b| a.0 == b.0) {
        let one = i64::from(places[0].1);
        beyond += (Score(one * places.len() as i64) - most.max(Score(one))).max(Score::ZERO);
    }
    beyond
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

/// More than what [`rounded`] takes or adds.
pub(crate) const ROUNDING: f64 = 1e-4;

/// Four decimals: what a person can read, and the same on every machine.
pub(crate) fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

/// The next tokens: a word's number ([`NONE`] for what is in no phrase), and whether nothing but a
/// single space stands before it.
struct Ahead<'t> {
    tokens: Tokens<'t>,
    lexicon: &'t Lexicon,
    read: [(u32, bool); 128],
    begin: usize,
    end: usize,
}

impl<'t> Ahead<'t> {
    fn new(text: &'t str, lexicon: &'t Lexicon) -> Self {
        Self { tokens: Tokens::new(text), lexicon, read: [(NONE, false); 128], begin: 0, end: 0 }
    }

    /// At least [`LONGEST`] of them, if there are as many.
    #[inline]
    fn next(&mut self) -> &[(u32, bool)] {
        if self.end - self.begin < LONGEST {
            self.fill();
        }
        &self.read[self.begin..self.end]
    }

    fn fill(&mut self) {
        self.read.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        while self.end < self.read.len() {
            let Some(token) = self.tokens.next() else { break };
            // Others are never spun.
            let plain = token.kind == Kind::Word && matches!(token.case, Case::Lower | Case::Title);
            let word = if plain { self.lexicon.word(token.key) } else { NONE };
            self.read[self.end] = (word, token.joined);
            self.end += 1;
        }
    }

    #[inline]
    fn pass(&mut self, tokens: usize) {
        self.begin += tokens;
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
        self.at = if self.at + 1 == self.ring.len() { 0 } else { self.at + 1 };
        self.seen += 1;
        if self.seen >= self.ring.len() {
            self.best = self.best.max(self.sum);
        }
    }

    fn best(&self) -> Option<f64> {
        (self.seen >= self.ring.len()).then(|| self.best.to_nats() / self.ring.len() as f64)
    }
}
