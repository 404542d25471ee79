//! The decoder: which original words, given the spun ones, are the most probable.
//!
//! A path's score is the language model's log-probability of what it writes, plus the channel's (how
//! probable it is that a spinner makes of it what stands there). A beam search runs forward over the
//! lattice, and once more backward over what it kept: so each edge knows the best whole path through
//! it, and a decision its distance from every alternative.

use std::ops::Range;

use crate::change::change;
use crate::lattice::{LONGEST_SENTENCE, Lattice, Sentence, Step};
use crate::lexicon::{LONGEST, NONE};
use crate::lm::{self, Context};
use crate::score::Score;
use crate::survey::Assumptions;
use crate::words::Kind;

/// A state that is further than this behind the best one at its token is given up.
const WIDTH: Score = Score(2 * Score::NAT);

/// A replacement whose channel is less probable than this is not tried.
const LEAST: Score = Score(-5 * Score::NAT);

/// The channel of the other form of an article.
const ARTICLE: Score = Score(-Score::NAT / 2);

/// The channel of what is not tried.
const CLOSED: Score = Score(i64::MIN);

/// What the language model said about a sentence's paths. It does not depend on what is assumed about
/// the text, so a sentence that is decoded again asks only for what is new.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// The first is the sentence's beginning.
    states: Vec<State>,
    arcs: Vec<Arc>,
    /// For each token, and for the end, the latest of its states.
    latest: Vec<u32>,
}

#[derive(Debug)]
struct State {
    context: Context,
    /// Another state at the same token.
    before: u32,
    /// Its arcs, one for each edge at the token; [`NONE`] before it was ever expanded.
    arcs: u32,
    /// What the end of the sentence costs, where it stands there.
    end: Score,
}

#[derive(Debug, Clone, Copy)]
struct Arc {
    /// [`NONE`] where the model was not asked yet.
    to: u32,
    gain: Score,
}

/// How far a state has come in this search.
#[derive(Debug, Clone, Copy)]
struct Progress {
    score: Score,
    /// Best score from here to the end.
    rest: Score,
    /// The state and edge that it is best reached by; [`NONE`] where it was not reached.
    back: (u32, u32),
    alive: bool,
}

impl Default for Progress {
    fn default() -> Self {
        let (score, rest) = (Score::ZERO, Score::WORST);
        Self { score, rest, back: (NONE, NONE), alive: true }
    }
}

/// A way that the search went: from, to, edge, cost.
type Trace = (u32, u32, u32, Score);

/// The ways that the search has gone.
#[derive(Debug, Default)]
struct Walk {
    progress: Vec<Progress>,
    /// For each token, its states in the order in which they were reached.
    reached: Vec<Vec<u32>>,
    trail: Vec<Trace>,
}

impl Walk {
    /// Goes from a state and its score over an edge, which has this channel, to the token `to`.
    #[inline]
    fn go(&mut self, from: (u32, Score), edge: usize, channel: Score, to: usize, arc: Arc) {
        let (from, score) = from;
        let cost = channel + arc.gain;
        let score = score + cost;
        let there = &mut self.progress[arc.to as usize];
        let first = there.back.0 == NONE;
        if first {
            self.reached[to].push(arc.to);
        }
        if first || score > there.score {
            there.score = score;
            there.back = (from, edge as u32);
        }
        self.trail.push((from, arc.to, edge as u32, cost));
    }
}

/// The decoder's memory, used again for each sentence.
#[derive(Debug, Default)]
pub(crate) struct Search {
    channels: Vec<Score>,
    through: Vec<Score>,
    walk: Walk,
    alive: Vec<u32>,
    order: Vec<(Score, usize)>,
    /// Where the arcs of each state that is alive begin, and its context.
    fronts: Vec<(u32, Context)>,
    /// Arcs that the model is asked about, and their edges.
    walkers: Vec<(u32, u32)>,
    steps: Vec<lm::Step>,
    longer: Vec<usize>,
    next: Vec<lm::Step>,
    /// For each place the pair on the best path, and the score of that.
    chosen: Vec<Option<(usize, Score)>>,
}

/// A place that was decoded.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its number in the sentence.
    pub(crate) place: usize,
    /// The pair that lies on the best path of all, if one does.
    pub(crate) chosen: Option<usize>,
    /// Score of the best path that keeps the spun form.
    pub(crate) keep: Score,
    /// Score of the best path through the chosen pair; where there is none, through any.
    pub(crate) best: Score,
}

impl Site {
    /// How much better the best original is than leaving the text as it is.
    pub(crate) fn margin(&self) -> Score {
        self.best - self.keep
    }
}

impl Graph {
    pub(crate) fn clear(&mut self) {
        self.states.clear();
        self.arcs.clear();
        self.latest.clear();
    }

    fn begin(&mut self, lattice: &Lattice, tokens: usize) {
        if self.states.is_empty() {
            self.latest.resize(tokens + 1, NONE);
            self.state(lattice, 0, lattice.model.begin());
        }
    }

    /// An arc to a token that costs `gain` and leads to this context.
    fn arc(&mut self, lattice: &Lattice, at: usize, gain: Score, context: Context) -> Arc {
        let to = self.state(lattice, at, context);
        Arc { to, gain: trusted(gain + self.states[to as usize].end) }
    }

    /// The state at a token that the model treats as this context.
    fn state(&mut self, lattice: &Lattice, at: usize, context: Context) -> u32 {
        let mut state = self.latest[at];
        while let Some(found) = self.states.get(state as usize) {
            if found.context.key() == context.key() {
                return state;
            }
            state = found.before;
        }
        let ends = at + 1 == self.latest.len();
        let end =
            if ends { lattice.model.next(&context, &lattice.end).0 } else { Score::default() };
        self.states.push(State { context, before: self.latest[at], arcs: NONE, end });
        self.latest[at] = self.states.len() as u32 - 1;
        self.latest[at]
    }
}

impl Search {
    /// Decodes a sentence: its sites, from left to right.
    pub(crate) fn decode(
        &mut self,
        lattice: &Lattice,
        sentence: &mut Sentence,
        assumed: &Assumptions,
        beam: usize,
    ) -> Vec<Site> {
        if sentence.places.is_empty() {
            return Vec::new();
        }
        self.weigh(lattice, sentence, assumed);
        let n = sentence.tokens.len();
        sentence.graph.begin(lattice, n);
        self.walk.progress.clear();
        self.walk.progress.resize(sentence.graph.states.len(), Progress::default());
        self.walk.trail.clear();
        self.walk.reached.resize_with(LONGEST_SENTENCE + 1, Vec::new);
        self.walk.reached[..=n].iter_mut().for_each(Vec::clear);
        self.walk.reached[0].push(0);
        for at in 0..n {
            if !self.step(lattice, sentence, at) {
                self.thin(at, beam);
                self.ask(lattice, sentence, at);
                self.advance(sentence, at);
            }
        }
        self.return_from(n);
        self.choose(sentence, n);
        self.sites(sentence)
    }

    /// The channel of each edge.
    fn weigh(&mut self, lattice: &Lattice, sentence: &Sentence, assumed: &Assumptions) {
        let lexicon = &lattice.lexicon;
        let is_first = std::ptr::eq(assumed, &lattice.first);
        self.channels.clear();
        for (at, (token, &number)) in sentence.tokens.iter().zip(&sentence.numbers).enumerate() {
            let original =
                token.kind == Kind::Word && number != NONE && lexicon.is_original(number);
            let kept = if original { assumed.kept(number, lexicon) } else { Score::ZERO };
            self.channels.push(kept);
            let more = sentence.edges_at(at).len() - 1;
            self.channels.extend(std::iter::repeat_n(ARTICLE, more));
        }
        for place in &sentence.places {
            let leaning = assumed.leaning(place.form);
            let first = lexicon.pairs_of(place.form).start;
            for (edge, tried) in place.edges.clone().zip(lattice.tried(place.form)) {
                let mut channel =
                    if is_first { tried.first } else { assumed.channel(tried, lexicon) };
                channel +=
                    leaning.map_or(Score::ZERO, |all| all.originals[tried.pair as usize - first]);
                self.channels[edge] = if channel < LEAST { CLOSED } else { channel };
            }
            if let (1, Some(leaning)) = (place.span.len(), leaning) {
                self.channels[sentence.edges_at(place.span.start).start] += leaning.keep;
            }
        }
    }

    /// Goes from a lone state over a lone edge: most tokens have no more. False where they have.
    fn step(&mut self, lattice: &Lattice, sentence: &mut Sentence, at: usize) -> bool {
        let edges = sentence.edges_at(at);
        let &[from] = &*self.walk.reached[at] else { return false };
        let (1, Some(word)) = (edges.len(), sentence.word(edges.start, 0)) else { return false };
        let graph = &mut sentence.graph;
        let state = &graph.states[from as usize];
        if state.arcs == NONE {
            let (gain, context) = lattice.model.next(&state.context, &word);
            let arc = graph.arc(lattice, at + 1, gain, context);
            graph.states[from as usize].arcs = graph.arcs.len() as u32;
            graph.arcs.push(arc);
            self.walk.progress.resize(graph.states.len(), Progress::default());
        }
        let arc = graph.arcs[graph.states[from as usize].arcs as usize];
        let score = self.walk.progress[from as usize].score;
        self.walk.go((from, score), edges.start, self.channels[edges.start], at + 1, arc);
        true
    }

    /// Keeps the best states, and of those the ones that may still be on the best path; the
    /// earliest of equals.
    fn thin(&mut self, at: usize, beam: usize) {
        self.alive.clear();
        let reached = &*self.walk.reached[at];
        if let &[lone] = reached {
            self.alive.push(lone);
            return;
        }
        let score = |state: u32| self.walk.progress[state as usize].score;
        let best = reached.iter().map(|&state| score(state)).max().unwrap_or_default();
        self.alive.extend(reached.iter().filter(|&&state| score(state) >= best - WIDTH));
        if self.alive.len() > beam {
            self.order.clear();
            let scores = self.alive.iter().map(|&state| -score(state));
            self.order.extend(scores.zip(0..));
            self.order.sort_unstable();
            self.order.truncate(beam);
            self.order.sort_unstable_by_key(|&(_, number)| number);
            for place in 0..beam {
                self.alive[place] = self.alive[self.order[place].1];
            }
            self.alive.truncate(beam);
        }
        for &state in reached {
            self.walk.progress[state as usize].alive = false;
        }
        for &state in &self.alive {
            self.walk.progress[state as usize].alive = true;
        }
    }

    /// Asks the language model about the edges from the states that are alive.
    fn ask(&mut self, lattice: &Lattice, sentence: &mut Sentence, at: usize) {
        let edges = sentence.edges_at(at);
        let channels = &self.channels[edges.clone()];
        let Graph { states, arcs, .. } = &mut sentence.graph;
        let mut unknown = false;
        self.fronts.clear();
        for &number in &self.alive {
            let state = &mut states[number as usize];
            if state.arcs == NONE {
                state.arcs = arcs.len() as u32;
                arcs.resize(arcs.len() + edges.len(), Arc { to: NONE, gain: Score::ZERO });
                unknown = true;
            } else if !unknown {
                let mut all = arcs[state.arcs as usize..].iter().zip(channels);
                unknown = all.any(|(arc, channel)| arc.to == NONE && *channel != CLOSED);
            }
            self.fronts.push((state.arcs, state.context));
        }
        if !unknown {
            return;
        }
        self.walkers.clear();
        self.steps.clear();
        for (number, &channel) in channels.iter().enumerate() {
            let edge = edges.start + number;
            let Some(word) = sentence.word(edge, 0).filter(|_| channel != CLOSED) else { continue };
            for &(first, context) in &self.fronts {
                let arc = first + number as u32;
                if sentence.graph.arcs[arc as usize].to == NONE {
                    self.walkers.push((arc, edge as u32));
                    self.steps.push(lm::Step { context, word, gain: Score::ZERO });
                }
            }
        }
        lattice.model.take(&mut self.steps);
        for place in 1..LONGEST {
            self.longer.clear();
            self.next.clear();
            for (number, (&(_, edge), step)) in self.walkers.iter().zip(&self.steps).enumerate() {
                if let Some(word) = sentence.word(edge as usize, place) {
                    self.longer.push(number);
                    self.next.push(lm::Step { word, ..*step });
                }
            }
            if self.next.is_empty() {
                break;
            }
            lattice.model.take(&mut self.next);
            for (&number, next) in self.longer.iter().zip(&self.next) {
                self.steps[number] = *next;
            }
        }
        for (&(arc, edge), step) in self.walkers.iter().zip(&self.steps) {
            let to = sentence.edges[edge as usize].to as usize;
            let answer = sentence.graph.arc(lattice, to, step.gain, step.context);
            sentence.graph.arcs[arc as usize] = answer;
        }
        self.walk.progress.resize(sentence.graph.states.len(), Progress::default());
    }

    /// Goes from the states that are alive over all edges.
    fn advance(&mut self, sentence: &Sentence, at: usize) {
        let range = sentence.edges_at(at);
        for (&from, &(first, _)) in self.alive.iter().zip(&self.fronts) {
            let score = self.walk.progress[from as usize].score;
            let arcs = &sentence.graph.arcs[first as usize..][..range.len()];
            let edges = &sentence.edges[range.clone()];
            for (number, (edge, &arc)) in edges.iter().zip(arcs).enumerate() {
                let number = range.start + number;
                let channel = self.channels[number];
                if channel != CLOSED {
                    self.walk.go((from, score), number, channel, edge.to as usize, arc);
                }
            }
        }
    }

    /// Goes backward: the best path through each edge.
    fn return_from(&mut self, n: usize) {
        self.through.clear();
        self.through.resize(self.channels.len(), Score::WORST);
        for &state in &self.walk.reached[n] {
            self.walk.progress[state as usize].rest = Score::ZERO;
        }
        for &(from, to, edge, cost) in self.walk.trail.iter().rev() {
            let to = self.walk.progress[to as usize];
            if !to.alive || to.rest == Score::WORST {
                continue;
            }
            let rest = cost + to.rest;
            let from = &mut self.walk.progress[from as usize];
            from.rest = from.rest.max(rest);
            let best = &mut self.through[edge as usize];
            *best = (*best).max(from.score + rest);
        }
    }

    /// Notes the edges on the best path that replace something; the earliest of equals.
    fn choose(&mut self, sentence: &Sentence, n: usize) {
        self.chosen.clear();
        self.chosen.resize(sentence.places.len(), None);
        let score = |state: &u32| self.walk.progress[*state as usize].score;
        let best = self.walk.reached[n].iter().rev().max_by_key(|state| score(state));
        let mut here = best.copied().unwrap_or_default();
        while here != 0 {
            let (from, edge) = self.walk.progress[here as usize].back;
            let edge = edge as usize;
            if let Step::Replace { place, pair } = sentence.edges[edge].step {
                self.chosen[place as usize] = Some((pair as usize, self.through[edge]));
            }
            here = from;
        }
    }

    fn sites(&self, sentence: &Sentence) -> Vec<Site> {
        let best = |edges: Range<usize>| self.through[edges].iter().copied().max();
        let keep = |at: usize| self.through[sentence.edges_at(at).start];
        let places = sentence.places.iter().zip(&self.chosen).enumerate();
        places
            .map(|(number, (place, chosen))| Site {
                place: number,
                chosen: chosen.map(|(pair, _)| pair),
                keep: place.span.clone().map(keep).min().unwrap_or(Score::WORST),
                best: chosen
                    .map(|(_, score)| score)
                    .or_else(|| best(place.edges.clone()))
                    .unwrap_or(Score::WORST),
            })
            .collect()
    }

    /// The pairs that were tried at a place of the sentence decoded last, and the scores of the best
    /// paths through them.
    pub(crate) fn originals<'a>(
        &'a self,
        sentence: &'a Sentence,
        place: usize,
    ) -> impl Iterator<Item = (usize, Score)> + Clone + 'a {
        let edges = sentence.places[place].edges.clone();
        let scores = &self.through[edges.clone()];
        sentence.edges[edges].iter().zip(scores).filter_map(|(edge, &score)| match edge.step {
            Step::Replace { pair, .. } => Some((pair as usize, score)),
            _ => None,
        })
    }

    /// In the sentence decoded last, how much better the chosen original is than any other way to
    /// replace the words: than any replacement that overlaps it and writes something else.
    pub(crate) fn gap(&self, lattice: &Lattice, sentence: &Sentence, site: &Site) -> Score {
        let number = site.place;
        let Some(chosen) = site.chosen else { return site.best - Score::WORST };
        let places = &sentence.places;
        let span = &places[number].span;
        let own = change(lattice, sentence, span, chosen);
        let mut best = Score::WORST;
        let near = |at: usize| places[at].span.start + LONGEST >= span.start;
        let before = (0..number).rev().take_while(|&at| near(at));
        let behind = (number..places.len()).take_while(|&at| places[at].span.start < span.end);
        for other in before.chain(behind).filter(|&at| places[at].span.end > span.start) {
            for (pair, score) in self.originals(sentence, other) {
                let change = || change(lattice, sentence, &places[other].span, pair);
                if score > best && !change().agrees(&own) {
                    best = score;
                }
            }
        }
        site.best - best
    }
}

/// What a log-probability of the language model counts for beside the channel's: neighbouring
/// n-grams share their surprises, so that the model is surer of itself than it may be.
fn trusted(gain: Score) -> Score {
    Score(gain.0 * 3 / 5)
}
