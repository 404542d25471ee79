//! A sentence's graph: the ways through its lattice that are worth following.
//!
//! A beam search asks the language model about each way on from the best states at each token. What
//! the model says does not depend on what is assumed about the text, so that a sentence's graph is
//! built once and searched as often as the assumptions change.

use crate::lattice::{Edge, Lattice, Sentence};
use crate::lexicon::NONE;
use crate::lm::{self, Context};
use crate::score::Score;

/// A state that is further than this behind the best one at its token is given up.
const WIDTH: Score = Score(5 * Score::NAT / 2);

/// A step is not taken if it begins further than this behind the best state at its token, its
/// channel counted in.
const REACH: Score = Score(5 * Score::NAT);

/// The states where a sentence begins and ends.
pub(crate) const BEGIN: u32 = 0;
pub(crate) const END: u32 = 1;

/// The ways through a sentence.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// By the token where they begin. Each lies on a way from [`BEGIN`] to [`END`].
    pub(crate) arcs: Vec<Arc>,
    pub(crate) states: usize,
    /// The edges on the best way before anything is known of the text, from the last to the first.
    pub(crate) best: Vec<u32>,
}

/// From a state over an edge of the lattice to another state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arc {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) edge: u32,
    /// What the language model says, in steps of a [`Score`].
    gain: i32,
}

impl Arc {
    pub(crate) fn gain(&self) -> Score {
        Score(self.gain.into())
    }
}

/// What the model knows of the words before a token.
#[derive(Debug)]
struct State {
    context: Context,
    /// Score of the best way to it.
    score: Score,
    /// The arc at that way's end; [`NONE`] where there is none.
    back: u32,
    /// Another state at the same token, which was there before.
    before: u32,
}

/// The memory for building a graph, used again for each sentence.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    states: Vec<State>,
    /// For each token, the latest of its states.
    latest: Vec<u32>,
    /// States at a token that are followed.
    beam: Vec<u32>,
    /// State and edge of each step.
    walkers: Vec<(u32, u32)>,
    steps: Vec<lm::Step>,
    lookups: lm::Lookups,
    live: Vec<bool>,
}

impl Builder {
    /// Builds the graph of a sentence that was read, with the `beam` best states at each token.
    pub(crate) fn build(&mut self, lattice: &Lattice, sentence: &mut Sentence, beam: usize) {
        let n = sentence.tokens.len();
        sentence.graph.arcs.clear();
        sentence.graph.best.clear();
        if sentence.places.is_empty() {
            return;
        }
        self.latest.clear();
        self.latest.resize(n + 1, NONE);
        self.states.clear();
        let context = lattice.model.begin();
        self.states.push(State { context, score: Score::ZERO, back: NONE, before: NONE });
        self.states.push(State { context, score: Score::WORST, back: NONE, before: NONE });
        self.latest[0] = BEGIN;
        for at in 0..=n {
            self.thin(at, beam);
            self.walk(lattice, sentence, at);
            self.arrive(sentence);
        }
        self.trace(&mut sentence.graph);
        self.prune(&mut sentence.graph);
    }

    /// Chooses the states at a token that are followed; the earliest of equals.
    fn thin(&mut self, at: usize, beam: usize) {
        self.beam.clear();
        let mut next = self.latest[at];
        let mut best = Score::WORST;
        while let Some(state) = self.states.get(next as usize) {
            self.beam.push(next);
            best = best.max(state.score);
            next = state.before;
        }
        if self.beam.len() == 1 {
            return;
        }
        let score = |state: &u32| self.states[*state as usize].score;
        self.beam.retain(|state| score(state) >= best - WIDTH);
        self.beam.reverse();
        if self.beam.len() > beam {
            self.beam.sort_by_key(|state| -score(state));
            self.beam.truncate(beam);
        }
    }

    /// Takes each edge at a token from each state that is followed.
    fn walk(&mut self, lattice: &Lattice, sentence: &Sentence, at: usize) {
        self.walkers.clear();
        self.steps.clear();
        let scores = self.beam.iter().map(|&state| self.states[state as usize].score);
        let best = scores.max().unwrap_or(Score::WORST);
        for edge in sentence.edges_at(at) {
            let words = sentence.written(edge);
            let least = best - REACH - sentence.edges[edge].first;
            for &from in &self.beam {
                if self.states[from as usize].score < least {
                    continue;
                }
                let context = self.states[from as usize].context;
                self.walkers.push((from, edge as u32));
                self.steps.push(lm::Step { context, words, gain: Score::ZERO });
            }
        }
        lattice.model.take(&mut self.steps, sentence.all_words(), &mut self.lookups);
    }

    /// Notes where the steps have led.
    fn arrive(&mut self, sentence: &mut Sentence) {
        let Sentence { edges, graph, .. } = sentence;
        for number in 0..self.walkers.len() {
            let (from, edge) = self.walkers[number];
            let step = &self.steps[number];
            let Edge { to, first, .. } = edges[edge as usize];
            let (gain, context) = (trusted(step.gain), step.context);
            let score = self.states[from as usize].score + first + gain;
            let Some(state) = self.state(to as usize, context, score) else { continue };
            let there = &mut self.states[state as usize];
            if score > there.score {
                there.score = score;
                there.back = graph.arcs.len() as u32;
            }
            graph.arcs.push(Arc { from, to: state, edge, gain: gain.0 as i32 });
        }
    }

    /// The state at a token that the model treats as this context; none where it would be new and
    /// would not be followed.
    fn state(&mut self, at: usize, context: Context, score: Score) -> Option<u32> {
        let Some(latest) = self.latest.get_mut(at) else { return Some(END) };
        let mut state = *latest;
        let mut best = Score::WORST;
        while let Some(found) = self.states.get(state as usize) {
            if found.context.key() == context.key() {
                return Some(state);
            }
            best = best.max(found.score);
            state = found.before;
        }
        if score < best - WIDTH {
            return None;
        }
        state = self.states.len() as u32;
        self.states.push(State { context, score: Score::WORST, back: NONE, before: *latest });
        *latest = state;
        Some(state)
    }

    /// Notes the best way.
    fn trace(&self, graph: &mut Graph) {
        let mut here = END;
        while let Some(arc) = graph.arcs.get(self.states[here as usize].back as usize) {
            graph.best.push(arc.edge);
            here = arc.from;
        }
    }

    /// Leaves out what does not lead to the end.
    fn prune(&mut self, graph: &mut Graph) {
        graph.states = self.states.len();
        self.live.clear();
        self.live.resize(graph.states, false);
        self.live[END as usize] = true;
        for arc in graph.arcs.iter().rev() {
            self.live[arc.from as usize] |= self.live[arc.to as usize];
        }
        graph.arcs.retain(|arc| self.live[arc.to as usize]);
    }
}

/// What a log-probability of the language model counts for beside the channel's: neighbouring
/// n-grams share their surprises, so that the model is surer of itself than it may be.
fn trusted(gain: Score) -> Score {
    Score(gain.0 * 13 / 20)
}
