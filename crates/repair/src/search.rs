//! The decoder: which original words, given the spun ones, are the most probable.
//!
//! A path's score is the language model's log-probability of what it writes, plus the channel's (how
//! probable it is that a spinner makes of it what stands there). A search runs forward over the
//! sentence's graph, and once more backward: so each edge knows the best whole path through it, and
//! a decision its distance from every alternative.

use crate::change::change;
use crate::graph::{BEGIN, END};
use crate::lattice::{Place, Sentence, Step};
use crate::lexicon::{LONGEST, NONE};
use crate::score::Score;
use crate::survey::Assumptions;

/// How far a state has come in this search.
#[derive(Debug, Clone, Copy)]
struct Progress {
    score: Score,
    /// Best score from here to the end.
    rest: Score,
    /// The arc that it is best reached by; [`NONE`] where it was not reached.
    back: u32,
}

impl Default for Progress {
    fn default() -> Self {
        Self { score: Score::WORST, rest: Score::WORST, back: NONE }
    }
}

/// The decoder's memory, used again for each sentence.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// For each edge, how probable it is that what it writes became what stands there.
    channels: Vec<Score>,
    /// For each edge, the score of the best path through it.
    through: Vec<Score>,
    progress: Vec<Progress>,
    /// For each place what replaces it on the best path.
    chosen: Vec<Option<Chosen>>,
}

/// A replacement: its edge and its pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chosen {
    pub(crate) edge: usize,
    pub(crate) pair: usize,
}

/// A place that was decoded.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its number in the sentence.
    pub(crate) place: usize,
    /// What replaces it on the best path of all, if anything does.
    pub(crate) chosen: Option<Chosen>,
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

impl Search {
    /// Decodes a sentence under what is assumed about its text.
    pub(crate) fn decode(&mut self, sentence: &Sentence, assumed: &Assumptions) {
        self.chosen.clear();
        if sentence.places.is_empty() {
            return;
        }
        self.weigh(sentence, assumed);
        self.forward(sentence);
        self.choose(sentence);
        self.backward(sentence);
    }

    /// The channel of each edge.
    fn weigh(&mut self, sentence: &Sentence, assumed: &Assumptions) {
        self.channels.clear();
        self.channels.extend(sentence.edges.iter().map(|edge| match edge.step {
            Step::Replace { .. } => assumed.spun(edge.original, edge.family) + edge.channel,
            Step::Keep if edge.original != NONE => assumed.kept(edge.original),
            Step::Keep | Step::Article => edge.channel,
        }));
        for place in &sentence.places {
            let Some(leaning) = assumed.leaning(place.number) else { continue };
            for (channel, lean) in
                self.channels[place.edges.clone()].iter_mut().zip(leaning.originals)
            {
                *channel += lean;
            }
            if place.span.len() == 1 {
                self.channels[sentence.edges_at(place.span.start).start] += leaning.keep;
            }
        }
    }

    /// Goes forward: the best path to each state; the earliest of equals.
    fn forward(&mut self, sentence: &Sentence) {
        let graph = &sentence.graph;
        self.progress.clear();
        self.progress.resize(graph.states, Progress::default());
        self.progress[BEGIN as usize].score = Score::ZERO;
        for (number, arc) in (0..).zip(&graph.arcs) {
            let cost = self.channels[arc.edge as usize] + arc.gain();
            let score = self.progress[arc.from as usize].score + cost;
            let there = &mut self.progress[arc.to as usize];
            if score > there.score {
                there.score = score;
                there.back = number;
            }
        }
    }

    /// Goes backward: the best path through each edge.
    fn backward(&mut self, sentence: &Sentence) {
        self.through.clear();
        self.through.resize(self.channels.len(), Score::WORST);
        self.progress[END as usize].rest = Score::ZERO;
        for arc in sentence.graph.arcs.iter().rev() {
            let cost = self.channels[arc.edge as usize] + arc.gain();
            let rest = cost + self.progress[arc.to as usize].rest;
            let from = &mut self.progress[arc.from as usize];
            from.rest = from.rest.max(rest);
            let best = &mut self.through[arc.edge as usize];
            *best = (*best).max(from.score + rest);
        }
    }

    /// Notes the edges on the best path that replace something.
    fn choose(&mut self, sentence: &Sentence) {
        self.chosen.resize(sentence.places.len(), None);
        let mut here = END;
        while let Some(arc) = sentence.graph.arcs.get(self.progress[here as usize].back as usize) {
            let edge = arc.edge as usize;
            if let Step::Replace { place, pair } = sentence.edges[edge].step {
                self.chosen[place as usize] = Some(Chosen { edge, pair: pair as usize });
            }
            here = arc.from;
        }
    }

    /// The edges on the best path of the sentence decoded last that replace something.
    pub(crate) fn replacements(&self) -> impl Iterator<Item = usize> {
        self.chosen.iter().flatten().map(|chosen| chosen.edge)
    }

    /// The places of the sentence decoded last, from left to right.
    pub(crate) fn sites<'a>(&'a self, sentence: &'a Sentence) -> impl Iterator<Item = Site> + 'a {
        let keep = |at: usize| self.through[sentence.edges_at(at).start];
        let best = self.progress.get(END as usize).map_or(Score::WORST, |end| end.score);
        sentence.places.iter().enumerate().map(move |(number, place)| {
            let chosen = self.chosen[number];
            Site {
                place: number,
                chosen,
                keep: place.span.clone().map(keep).min().unwrap_or(Score::WORST),
                best: if chosen.is_some() {
                    best
                } else {
                    let through = self.through[place.edges.clone()].iter().copied();
                    through.max().unwrap_or(Score::WORST)
                },
            }
        })
    }

    /// Scores of the best paths through the edges that replace a place of the sentence decoded last.
    pub(crate) fn through(&self, place: &Place) -> &[Score] {
        &self.through[place.edges.clone()]
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
            Step::Keep | Step::Article => None,
        })
    }

    /// In the sentence decoded last, how much better the chosen original is than any other way to
    /// replace the words: than any replacement that overlaps it and writes something else.
    pub(crate) fn gap(&self, sentence: &Sentence, site: &Site) -> Score {
        let number = site.place;
        let Some(chosen) = site.chosen else { return site.best - Score::WORST };
        let places = &sentence.places;
        let span = &places[number].span;
        let own = change(sentence, span, chosen.edge);
        let mut best = Score::WORST;
        let near = |at: usize| places[at].span.start + LONGEST >= span.start;
        let before = (0..number).rev().take_while(|&at| near(at));
        let behind = (number..places.len()).take_while(|&at| places[at].span.start < span.end);
        for other in before.chain(behind).filter(|&at| places[at].span.end > span.start) {
            let other = &places[other];
            for (edge, &score) in other.edges.clone().zip(self.through(other)) {
                if score > best && !change(sentence, &other.span, edge).agrees(&own) {
                    best = score;
                }
            }
        }
        site.best - best
    }
}
