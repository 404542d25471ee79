//! The stage: reads the gate, decodes what is spun, decides place by place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use scutch_document::{Document, DocumentStage, Edit, Signals, Verdict, compose};
use serde::{Deserialize, Serialize};

use crate::activity::Activity;
use crate::gate::{self, Gate, Outcome, SIGNAL, rounded};
use crate::lattice::{Assumptions, Decoded, LONGEST_SENTENCE, Lattice, Site, mutable};
use crate::lexicon::{Entry, LIKELY, Lexicon};
use crate::lm::{Model, Word};
use crate::score::Score;
use crate::words::{Case, Token, Tokens};
use crate::{numbers, surface};

/// The stage's name.
pub const STAGE: &str = "repair";

/// How spun text is restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// When a text counts as spun.
    pub gate: gate::Config,
    /// How much better a replacement must be than the text as it is, in nats.
    pub margin: f64,
    /// How much better it must be than any other replacement, in nats.
    pub gap: f64,
    /// Whether places that cannot be decided are marked.
    pub flags: bool,
    /// States that the decoder keeps at each word.
    pub beam: usize,
    /// Lexicon files to read beside those that ship.
    pub lexicon: Vec<PathBuf>,
    /// A language model to use instead of the one that ships.
    pub model: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            gate: gate::Config::default(),
            margin: 1.7,
            gap: 0.3,
            flags: true,
            beam: 4,
            lexicon: Vec::new(),
            model: None,
        }
    }
}

/// Gives spun text its words back.
#[derive(Debug)]
pub struct Repair {
    config: Config,
    gate: Gate,
    lexicon: Arc<Lexicon>,
    model: Arc<Model>,
    /// The words of all originals, as the model knows them.
    words: Vec<Vec<Vec<Word>>>,
    /// The originals of each entry that are tried.
    ranks: Vec<Vec<u16>>,
}

/// A share of places that are spun to begin with; the text's own is found from there.
const FIRST_RATE: f64 = 0.7;
/// How much a place that seems to be spun from an original adds to the odds that it was.
const SEEN: f64 = 5.0;
/// How much a place where it stands counts against it: such a place may be a spun form itself.
const STANDS: f64 = 0.5;
/// How far apart two originals of one spun form may be in a single place, for the whole text's sake.
const MOST_FROM_ONE_PLACE: Score = Score(4 * Score::NAT);
/// So many tokens tell enough about a text.
const SURVEYED: usize = 10_000;
/// Originals of one spun form that are tried.
const TRIED: usize = 6;
/// A margin that is as good as any: the beam has lost the text as it is.
const MOST: f64 = 50.0;
/// A text is decoded anew until nothing changes, at most so often.
const ROUNDS: usize = 4;

/// Tokens, rule, what is to stand there (`None` where that is undecided), score.
type Change = (Range<usize>, Cow<'static, str>, Option<String>, f32);

/// A decision about a place.
pub(crate) struct Decision<'a> {
    pub(crate) site: &'a Site,
    /// The best original.
    pub(crate) original: usize,
    pub(crate) outcome: Choice,
}

/// What is done with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It is replaced.
    Repaired,
    /// A replacement is more probable than the text as it is, but not by enough.
    Undecided,
    /// The text as it is is the more probable.
    Kept,
}

impl Repair {
    /// The stage with its lexicon and model.
    pub fn new(config: &Config, lexicon: Arc<Lexicon>, model: Arc<Model>) -> Self {
        let gate = Gate::new(&config.gate, &lexicon, &model);
        let words: Vec<Vec<Vec<Word>>> = lexicon
            .entries()
            .iter()
            .map(|entry| {
                let originals = entry.originals.iter();
                originals
                    .map(|one| one.words.iter().map(|&word| model.word(word)).collect())
                    .collect()
            })
            .collect();
        let ranks = lexicon
            .entries()
            .iter()
            .zip(&words)
            .map(|(entry, words)| ranked(entry, words))
            .collect();
        Self { config: config.clone(), gate, lexicon, model, words, ranks }
    }

    /// The gate that it begins with.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The lexicon that it draws on.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The edits of a text that is spun, whatever the gate says.
    pub fn restore(&self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.decide(text, &mut |sentence, decisions| {
            self.write(text, sentence, decisions, &mut edits);
        });
        edits
    }

    /// Decodes the text twice: once to learn about it as a whole, once to decide.
    pub(crate) fn decide(&self, text: &str, take: &mut dyn FnMut(&[Token], Vec<Decision>)) {
        let lattice = self.lattice();
        let assumed = self.survey(text, &lattice);
        each_sentence(text, |tokens| {
            let decoded = lattice.decode(text, tokens, &assumed);
            let decisions = decoded.sites.iter().filter_map(|site| self.judge_site(tokens, site));
            take(tokens, decisions.collect());
        });
    }

    fn lattice(&self) -> Lattice<'_> {
        Lattice {
            lexicon: &self.lexicon,
            model: &self.model,
            words: &self.words,
            ranks: &self.ranks,
            beam: self.config.beam.max(1),
        }
    }

    /// The text's spin rate, and what its spun forms stand for on the whole.
    fn survey(&self, text: &str, lattice: &Lattice) -> Assumptions {
        let mut assumed = Assumptions::with_rate(FIRST_RATE);
        // How often each original stands in the text, and how often it seems to have been spun.
        let mut counts: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
        let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
        let mut activity = Activity::default();
        let mut surveyed = 0;
        each_sentence(text, |tokens| {
            surveyed += tokens.len();
            if surveyed > SURVEYED {
                return;
            }
            let Decoded { sites } = lattice.decode(text, tokens, &assumed);
            for site in &sites {
                if let Some(number) = site.chosen {
                    let original = &site.entry(&self.lexicon).originals[number];
                    counts.entry(original.phrase).or_default().1 += 1;
                    activity.seen(original, site.margin(number));
                }
                tallies.entry(site.entry).or_default().add(site);
            }
            let mut replaced = [false; LONGEST_SENTENCE];
            for site in sites.iter().filter(|site| site.chosen.is_some()) {
                replaced[site.span.clone()].fill(true);
            }
            for at in 0..tokens.len() {
                for (length, phrase) in self.lexicon.originals(mutable(&tokens[at..])) {
                    if !replaced[at..at + length].contains(&true) {
                        counts.entry(phrase).or_default().0 += 1;
                    }
                }
            }
        });
        // The rate is that of originals which seem to be spun at least once.
        let (mut kept, mut spun) = (0.5, 2.0);
        for &(stands, replaced) in counts.values().filter(|&&(_, replaced)| replaced > 0) {
            kept += f64::from(stands);
            spun += f64::from(replaced);
        }
        let rate = (spun / (spun + kept)).clamp(0.2, 0.95);
        assumed = Assumptions::with_rate(rate);
        assumed.active = activity.estimate(&counts, rate, &self.lexicon);
        for (phrase, (stands, replaced)) in counts {
            // Each place where an original stands speaks against the spinner's knowing it.
            let known = assumed.coverage(phrase, &self.lexicon);
            let seen = if replaced > 0 { SEEN } else { 1.0 };
            let stands = f64::from(stands.min(50));
            let odds = known / (1.0 - known) * seen * power(1.0 - rate * STANDS, stands);
            assumed.known.insert(phrase, odds / (1.0 + odds));
        }
        for (entry, tally) in tallies.into_iter().filter(|(_, tally)| tally.places > 1) {
            for (original, score) in tally.leaning() {
                assumed.leaning.insert((entry, original), score);
            }
        }
        assumed
    }

    fn judge_site<'s>(&self, tokens: &[Token], site: &'s Site) -> Option<Decision<'s>> {
        let Some(original) = site.chosen else {
            let ranked = site.originals.iter().enumerate();
            let (original, _) =
                ranked.max_by_key(|&(number, score)| (score, usize::MAX - number))?;
            return Some(Decision { site, original, outcome: Choice::Kept });
        };
        let first = &tokens[site.span.start];
        // A capital in the middle of a sentence is a name more often than not.
        let name = first.case == Case::Title && !first.opens;
        // So is a pair that nobody has vouched for a mistake.
        let guess = site.entry(&self.lexicon).originals[original].weight < LIKELY;
        let extra = if name { 1.0 } else { 0.0 } + if guess { 1.5 } else { 0.0 };
        let needed = Score::nats(self.config.margin + extra);
        let sure =
            site.margin(original) >= needed && site.gap(original) >= Score::nats(self.config.gap);
        let outcome = if sure { Choice::Repaired } else { Choice::Undecided };
        Some(Decision { site, original, outcome })
    }

    /// Turns a sentence's decisions into edits.
    fn write(&self, text: &str, tokens: &[Token], decisions: Vec<Decision>, edits: &mut Vec<Edit>) {
        let mut found: Vec<Change> = Vec::new();
        for decision in decisions.iter().filter(|decision| decision.outcome != Choice::Kept) {
            let site = decision.site;
            let original = &site.entry(&self.lexicon).originals[decision.original];
            let after = (decision.outcome == Choice::Repaired)
                .then(|| surface::render(text, &tokens[site.span.clone()], &original.text));
            let score = site.margin(decision.original).to_nats().min(MOST) as f32;
            if after.is_some() || self.config.flags {
                let rule = if after.is_some() { "lexicon" } else { "undecided" };
                found.push((site.span.clone(), Cow::Borrowed(rule), after, score));
            }
        }
        for (span, rule, after) in numbers::find(text, tokens) {
            let free = |other: &Range<usize>| other.end <= span.start || span.end <= other.start;
            if found.iter().all(|(other, ..)| free(other)) {
                found.push((span, Cow::Borrowed(rule), Some(after), 10.0));
            }
        }
        found.sort_by_key(|(span, ..)| span.start);
        let mut done = 0;
        for (mut span, rule, after, score) in found {
            let Some(mut after) = after else {
                let bytes = tokens[span.start].start..tokens[span.end - 1].end;
                edits.push(Edit::flag(STAGE, rule, text, bytes, score));
                done = span.end;
                continue;
            };
            if span.start > done && tokens[span.start].joined {
                let before = &tokens[span.start - 1];
                if let Some(article) = surface::article(&text[before.start..before.end], &after) {
                    after = format!("{article} {after}");
                    span.start -= 1;
                }
            }
            done = span.end;
            let bytes = tokens[span.start].start..tokens[span.end - 1].end;
            let (bytes, after) = narrow(text, bytes, &after);
            edits.push(Edit::replace(STAGE, rule, text, bytes, after, score));
        }
    }
}

impl DocumentStage for Repair {
    fn name(&self) -> &'static str {
        STAGE
    }

    fn signals(&self) -> &'static [&'static str] {
        &[SIGNAL]
    }

    fn judge(&self, document: &Document) -> Verdict {
        if !crate::is_english(document) {
            return Verdict::untouched();
        }
        let reading = self.gate.read(document.text());
        let signals = Signals::from([(SIGNAL, rounded(reading.score))]);
        let mut edits = Vec::new();
        if self.gate.outcome(&reading) == Outcome::Spun {
            edits = self.restore_fully(document.text());
        }
        Verdict::Keep { edits, signals }
    }
}

impl Repair {
    /// Restores until nothing changes any more, so that a second run finds nothing to do.
    fn restore_fully(&self, text: &str) -> Vec<Edit> {
        let mut edits = self.restore(text);
        for _ in 1..ROUNDS {
            let mut document = Document::new(Default::default(), text);
            if document.apply(STAGE, edits.clone()).is_err() {
                return edits;
            }
            let reading = self.gate.read(document.text());
            if self.gate.outcome(&reading) != Outcome::Spun {
                break;
            }
            let mut again = self.restore(document.text());
            again.retain(|edit| !edit.is_flag());
            if again.is_empty() {
                break;
            }
            match compose(text, &edits, &again) {
                Ok(both) => edits = both,
                Err(_) => break,
            }
        }
        edits
    }
}

/// The most probable originals of a spun form, whatever stands around it, in their own order.
fn ranked(entry: &Entry, words: &[Vec<Word>]) -> Vec<u16> {
    let score = |&number: &u16| {
        let words = &words[usize::from(number)];
        let least = words.iter().map(Word::probability).min().unwrap_or_default();
        entry.originals[usize::from(number)].channel + least
    };
    let mut ranks: Vec<u16> = (0..entry.originals.len().min(1 << 10) as u16).collect();
    ranks.sort_by_key(|number| -score(number));
    ranks.truncate(TRIED);
    ranks.sort_unstable();
    ranks
}

/// What the places of one spun form say together.
#[derive(Debug, Default)]
struct Tally {
    places: i64,
    keep: Score,
    originals: Vec<Score>,
}

impl Tally {
    fn add(&mut self, site: &Site) {
        let best = site.originals.iter().copied().chain([site.keep]).max().unwrap_or_default();
        let fall = |score: Score| (score - best).max(-MOST_FROM_ONE_PLACE);
        self.originals.resize(site.originals.len(), Score::ZERO);
        self.places += 1;
        self.keep += fall(site.keep);
        for (sum, &score) in self.originals.iter_mut().zip(&site.originals) {
            *sum += fall(score);
        }
    }

    /// For each reading, how far it is behind the best one in the mean.
    fn leaning(&self) -> impl Iterator<Item = (Option<usize>, Score)> {
        let best = self.originals.iter().copied().chain([self.keep]).max().unwrap_or_default();
        let behind = move |sum: Score| Score((sum - best).0 / self.places);
        let originals = self.originals.iter().enumerate();
        originals
            .map(move |(number, &sum)| (Some(number), behind(sum)))
            .chain([(None, behind(self.keep))])
    }
}

/// `base` to a whole number, by products alone.
fn power(base: f64, times: f64) -> f64 {
    (0..times as u32).fold(1.0, |product, _| product * base)
}

/// Calls `take` with the tokens of each sentence.
pub(crate) fn each_sentence(text: &str, mut take: impl FnMut(&[Token])) {
    let mut sentence: Vec<Token> = Vec::with_capacity(LONGEST_SENTENCE);
    for token in Tokens::new(text) {
        if token.opens || sentence.len() == LONGEST_SENTENCE {
            take(&sentence);
            sentence.clear();
        }
        sentence.push(token);
    }
    take(&sentence);
}

/// Leaves out the words at both ends that stay the same.
fn narrow<'a>(text: &str, span: Range<usize>, after: &'a str) -> (Range<usize>, &'a str) {
    let (mut span, mut after) = (span, after);
    loop {
        let before = &text[span.clone()];
        let (Some((a, _)), Some((b, rest))) = (before.split_once(' '), after.split_once(' '))
        else {
            break;
        };
        if a != b {
            break;
        }
        span.start += a.len() + 1;
        after = rest;
    }
    loop {
        let before = &text[span.clone()];
        let (Some((_, a)), Some((rest, b))) = (before.rsplit_once(' '), after.rsplit_once(' '))
        else {
            break;
        };
        if a != b {
            break;
        }
        span.end -= a.len() + 1;
        after = rest;
    }
    (span, after)
}
