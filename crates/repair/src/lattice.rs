//! The decoder: which original words, given the spun ones, are the most probable.
//!
//! A sentence becomes a lattice: each word may be kept, each spun form replaced by one of its
//! originals. A path's score is the language model's log-probability of what it writes, plus the
//! channel's (how probable it is that a spinner makes of it what stands there). A beam search runs
//! forward over the lattice, and once more backward over what it kept: so each edge knows the best
//! whole path through it, and a decision its distance from every alternative.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::lexicon::{Entry, Family, Lexicon, Original};
use crate::lm::{Context, END, Model, Word};
use crate::score::Score;
use crate::words::{Case, HashMap, Kind, Token, hash_word, lower};

/// Most tokens that are decoded at once.
pub(crate) const LONGEST_SENTENCE: usize = 100;

/// A state that is further than this behind the best one at its place is given up.
const WIDTH: Score = Score(4 * Score::NAT);

/// A replacement whose channel is less probable than this is not tried.
const LEAST: Score = Score(-8 * Score::NAT);

/// No phrase is more certain than this to be known to a spinner.
const MOST_KNOWN: f64 = 0.95;

/// What the decoder takes for granted about a text.
#[derive(Debug, Clone)]
pub(crate) struct Assumptions {
    /// The probability that the spinner changes a phrase that it knows.
    pub(crate) rate: f64,
    /// How much more the spinner knows of each family's pairs than the lexicon says.
    pub(crate) active: [f64; Family::COUNT],
    /// The probability that the spinner knows a phrase, where the text tells something of it.
    pub(crate) known: HashMap<f64>,
    /// What the whole text says for an original of a spun form: by places in the lexicon.
    pub(crate) leaning: BTreeMap<(usize, Option<usize>), Score>,
}

impl Assumptions {
    /// With a spin rate and no leaning.
    pub(crate) fn with_rate(rate: f64) -> Self {
        let active = [1.0; Family::COUNT];
        Self { rate, active, known: HashMap::default(), leaning: BTreeMap::new() }
    }

    /// The probability that a phrase is spun where it stands.
    fn spun(&self, phrase: u64, lexicon: &Lexicon) -> f64 {
        let known = self.known.get(&phrase).copied();
        self.rate * known.unwrap_or_else(|| self.coverage(phrase, lexicon))
    }

    /// The probability that the spinner knows a phrase, before the phrase's own places are read.
    pub(crate) fn coverage(&self, phrase: u64, lexicon: &Lexicon) -> f64 {
        (lexicon.coverage(phrase) * self.activity(phrase, lexicon)).min(MOST_KNOWN)
    }

    /// How active the families of a phrase's pairs are together.
    fn activity(&self, phrase: u64, lexicon: &Lexicon) -> f64 {
        lexicon.shares(phrase).iter().zip(self.active).map(|(share, active)| share * active).sum()
    }

    /// The probability that an original is spun and becomes this spun form.
    fn channel(&self, original: &Original, lexicon: &Lexicon) -> Score {
        let share = self.active[original.family as usize] / self.activity(original.phrase, lexicon);
        Score::ln(self.spun(original.phrase, lexicon) * share) + original.channel
    }

    fn leaning(&self, entry: usize, original: Option<usize>) -> Score {
        self.leaning.get(&(entry, original)).copied().unwrap_or_default()
    }
}

/// A place where something may be replaced.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its tokens, as places in the sentence.
    pub(crate) span: Range<usize>,
    /// The spun form's place in the lexicon.
    pub(crate) entry: usize,
    /// Score of the best path that keeps the spun form.
    pub(crate) keep: Score,
    /// For each original, the score of the best path through it.
    pub(crate) originals: Vec<Score>,
    /// Score of the best path that writes something else here than the chosen original does.
    pub(crate) rival: Score,
    /// The original that lies on the best path of all, if one does.
    pub(crate) chosen: Option<usize>,
}

/// A decoded sentence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decoded {
    /// From left to right; they may overlap.
    pub(crate) sites: Vec<Site>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Keep,
    /// The other form of the article.
    Article(Word),
    Replace {
        site: usize,
        original: usize,
    },
}

struct Edge {
    to: usize,
    step: Step,
    channel: Score,
}

struct State {
    context: Context,
    score: Score,
    /// Best score from here to the end.
    rest: Score,
    alive: bool,
    /// The arc that it is best reached by.
    back: usize,
}

struct Arc {
    from: (usize, usize),
    to: (usize, usize),
    edge: usize,
    cost: Score,
}

/// The decoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lattice<'a> {
    pub(crate) lexicon: &'a Lexicon,
    pub(crate) model: &'a Model,
    /// The words of all originals, as the model knows them: by entry and original.
    pub(crate) words: &'a [Vec<Vec<Word>>],
    /// The originals of each entry that are tried.
    pub(crate) ranks: &'a [Vec<u16>],
    /// States kept at each place.
    pub(crate) beam: usize,
}

impl Lattice<'_> {
    /// Decodes a sentence of at most [`LONGEST_SENTENCE`] tokens.
    pub(crate) fn decode(&self, text: &str, tokens: &[Token], assumed: &Assumptions) -> Decoded {
        let (edges, mut sites) = self.edges(tokens, assumed);
        if sites.is_empty() {
            return Decoded::default();
        }
        let kept: Vec<Word> =
            tokens.iter().map(|token| self.model.word(model_hash(text, token))).collect();
        let end = self.model.word(hash_word(END));
        let n = tokens.len();
        let mut states: Vec<Vec<State>> = (0..=n).map(|_| Vec::new()).collect();
        let mut arcs: Vec<Arc> = Vec::new();
        states[0].push(State {
            context: self.model.begin(),
            score: Score::ZERO,
            rest: Score::WORST,
            alive: true,
            back: usize::MAX,
        });
        for at in 0..n {
            self.thin(&mut states[at]);
            let possessive: Vec<Option<Word>> =
                edges[at].iter().map(|edge| self.possessive(tokens, &sites, edge)).collect();
            for from in 0..states[at].len() {
                if !states[at][from].alive {
                    continue;
                }
                let (context, score) = (states[at][from].context, states[at][from].score);
                for (number, edge) in edges[at].iter().enumerate() {
                    let mut cost = edge.channel;
                    let mut context = context;
                    let words = match &edge.step {
                        Step::Keep => std::slice::from_ref(&kept[at]),
                        Step::Article(word) => std::slice::from_ref(word),
                        &Step::Replace { site, original } => {
                            &self.words[sites[site].entry][original]
                        }
                    };
                    for (place, word) in words.iter().enumerate() {
                        let last = place + 1 == words.len();
                        let word = possessive[number].as_ref().filter(|_| last).unwrap_or(word);
                        let (gain, next) = self.model.next(&context, word);
                        cost += gain;
                        context = next;
                    }
                    if edge.to == n {
                        cost += self.model.next(&context, &end).0;
                    }
                    let score = score + cost;
                    let there = &mut states[edge.to];
                    let back = arcs.len();
                    let to = match there
                        .iter_mut()
                        .position(|state| state.context.key() == context.key())
                    {
                        Some(to) => {
                            if score > there[to].score {
                                there[to].score = score;
                                there[to].back = back;
                            }
                            to
                        }
                        None => {
                            let rest = Score::WORST;
                            there.push(State { context, score, rest, alive: true, back });
                            there.len() - 1
                        }
                    };
                    arcs.push(Arc { from: (at, from), to: (edge.to, to), edge: number, cost });
                }
            }
        }

        // Backward, and the best path through each edge.
        for state in &mut states[n] {
            state.rest = Score::ZERO;
        }
        let mut through: Vec<Vec<Score>> =
            edges.iter().map(|edges| vec![Score::WORST; edges.len()]).collect();
        for arc in arcs.iter().rev() {
            let to = &states[arc.to.0][arc.to.1];
            if !to.alive || to.rest == Score::WORST {
                continue;
            }
            let rest = arc.cost + to.rest;
            let from = &mut states[arc.from.0][arc.from.1];
            from.rest = from.rest.max(rest);
            let whole = from.score + rest;
            let best = &mut through[arc.from.0][arc.edge];
            *best = (*best).max(whole);
        }

        // The best path.
        let mut decoded = Decoded::default();
        let mut best = 0;
        for (number, state) in states[n].iter().enumerate() {
            if state.score > states[n][best].score {
                best = number;
            }
        }
        let mut here = (n, best);
        while here.0 > 0 {
            let arc = &arcs[states[here.0][here.1].back];
            if let Step::Replace { site, original } = edges[arc.from.0][arc.edge].step {
                sites[site].chosen = Some(original);
            }
            here = arc.from;
        }
        for (at, edges) in edges.iter().enumerate() {
            for (edge, &score) in edges.iter().zip(&through[at]) {
                if let Step::Replace { site, original } = edge.step {
                    sites[site].originals[original] = score;
                }
            }
        }
        let keeps: Vec<Score> = through.iter().map(|scores| scores[0]).collect();
        for number in 0..sites.len() {
            sites[number].keep =
                keeps[sites[number].span.clone()].iter().copied().min().unwrap_or(Score::WORST);
            sites[number].rival = self.rival(tokens, &sites, number);
        }
        decoded.sites = sites;
        decoded
    }

    /// The last word of a replacement that takes over a possessive `'s`.
    fn possessive(&self, tokens: &[Token], sites: &[Site], edge: &Edge) -> Option<Word> {
        let Step::Replace { site, original } = edge.step else { return None };
        if !tokens[edge.to - 1].possessive() {
            return None;
        }
        let text = &sites[site].entry(self.lexicon).originals[original].text;
        let word = lower(text.rsplit(' ').next().unwrap_or(text));
        let tail = if word.ends_with('s') { "'" } else { "'s" };
        Some(self.model.word(hash_word(&(word + tail))))
    }

    /// For each token the edges that begin there, the first of which keeps it.
    fn edges(&self, tokens: &[Token], assumed: &Assumptions) -> (Vec<Vec<Edge>>, Vec<Site>) {
        let mut sites: Vec<Site> = Vec::new();
        let mut edges = Vec::with_capacity(tokens.len());
        let (a, an) = (hash_word("a"), hash_word("an"));
        for (at, token) in tokens.iter().enumerate() {
            let mut here = vec![Edge { to: at + 1, step: Step::Keep, channel: Score::ZERO }];
            if token.kind == Kind::Word {
                let spun = assumed.spun(token.hash, self.lexicon);
                here[0].channel = Score::ln(1.0 - spun);
            }
            if token.hash == a || token.hash == an {
                let other = if token.hash == a { an } else { a };
                here.push(Edge {
                    to: at + 1,
                    step: Step::Article(self.model.word(other)),
                    channel: Score(-512),
                });
            }
            for (length, entry) in self.lexicon.matches(mutable(&tokens[at..])) {
                let site = sites.len();
                let originals = &self.lexicon.entries()[entry].originals;
                sites.push(Site {
                    span: at..at + length,
                    entry,
                    keep: Score::WORST,
                    originals: vec![Score::WORST; originals.len()],
                    rival: Score::WORST,
                    chosen: None,
                });
                for &number in &self.ranks[entry] {
                    let number = number as usize;
                    let original = &originals[number];
                    let leaning = assumed.leaning(entry, Some(number));
                    let channel = assumed.channel(original, self.lexicon) + leaning;
                    if channel < LEAST {
                        continue;
                    }
                    let step = Step::Replace { site, original: number };
                    here.push(Edge { to: at + length, step, channel });
                }
                if length == 1 {
                    here[0].channel += assumed.leaning(entry, None);
                }
            }
            edges.push(here);
        }
        (edges, sites)
    }

    /// The best score of a replacement that overlaps a site's chosen one and writes something else.
    fn rival(&self, tokens: &[Token], sites: &[Site], number: usize) -> Score {
        let site = &sites[number];
        let Some(chosen) = site.chosen else { return Score::WORST };
        let own = self.change(tokens, site, chosen);
        let near =
            |other: &&Site| other.span.start < site.span.end && site.span.start < other.span.end;
        let first = sites[..number]
            .iter()
            .rposition(|other| other.span.start + crate::lexicon::LONGEST < site.span.start);
        let last = sites[number..].iter().position(|other| other.span.start >= site.span.end);
        sites[first.map_or(0, |at| at + 1)..last.map_or(sites.len(), |at| number + at)]
            .iter()
            .filter(near)
            .flat_map(|other| {
                other
                    .originals
                    .iter()
                    .enumerate()
                    .map(move |(original, &score)| (other, original, score))
            })
            .filter(|&(other, original, _)| !self.change(tokens, other, original).agrees(&own))
            .map(|(_, _, score)| score)
            .max()
            .unwrap_or(Score::WORST)
    }

    /// What a replacement changes, without the words at both ends that it leaves.
    fn change(&self, tokens: &[Token], site: &Site, original: usize) -> Change<'_> {
        let mut words = &*self.lexicon.entries()[site.entry].originals[original].words;
        let mut span = site.span.clone();
        while !span.is_empty() && words.first() == Some(&tokens[span.start].hash) {
            words = &words[1..];
            span.start += 1;
        }
        while !span.is_empty() && words.last() == Some(&tokens[span.end - 1].hash) {
            words = &words[..words.len() - 1];
            span.end -= 1;
        }
        Change { span, words }
    }

    /// Keeps the best states, and of those the ones that may still be on the best path; the
    /// earliest of equals.
    fn thin(&self, states: &mut [State]) {
        let mut order: Vec<usize> = (0..states.len()).collect();
        order.sort_by_key(|&number| (-states[number].score, number));
        let Some(&first) = order.first() else { return };
        let least = states[first].score - WIDTH;
        for (rank, &number) in order.iter().enumerate() {
            states[number].alive = rank < self.beam && states[number].score >= least;
        }
    }
}

/// Tokens, and the words that are written in their place.
#[derive(PartialEq)]
struct Change<'l> {
    span: Range<usize>,
    words: &'l [u64],
}

impl Change<'_> {
    /// Whether both write the same where they overlap, as far as that can be told word by word.
    fn agrees(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let word_by_word = |change: &Self| change.span.len() == change.words.len();
        if !word_by_word(self) || !word_by_word(other) {
            return false;
        }
        let (start, end) =
            (self.span.start.max(other.span.start), self.span.end.min(other.span.end));
        start >= end
            || self.words[start - self.span.start..end - self.span.start]
                == other.words[start - other.span.start..end - other.span.start]
    }
}

/// The hashes of the words that the tokens begin with, as far as a spun form may reach.
pub(crate) fn mutable(tokens: &[Token]) -> impl Iterator<Item = u64> {
    let mut closed = false;
    tokens.iter().enumerate().map_while(move |(number, token)| {
        let fits = token.kind == Kind::Word
            && matches!(token.case, Case::Lower | Case::Title)
            && (number == 0 || token.joined)
            && !closed;
        closed = token.possessive(); // nothing goes on behind a possessive
        fits.then_some(token.hash)
    })
}

/// What the token counts as in the language model.
fn model_hash(text: &str, token: &Token) -> u64 {
    if token.kind == Kind::Number
        && let Some(word) = crate::numbers::word_for(&text[token.start..token.end])
    {
        return hash_word(word);
    }
    if token.possessive() { hash_word(&lower(&text[token.start..token.end])) } else { token.hash }
}

impl Site {
    /// How much better the best original is than leaving the text as it is.
    pub(crate) fn margin(&self, original: usize) -> Score {
        self.originals[original] - self.keep
    }

    /// How much better the chosen original is than any other way to replace the words.
    pub(crate) fn gap(&self, original: usize) -> Score {
        self.originals[original] - self.rival
    }

    /// The lexicon's entry for it.
    pub(crate) fn entry<'l>(&self, lexicon: &'l Lexicon) -> &'l Entry {
        &lexicon.entries()[self.entry]
    }
}
