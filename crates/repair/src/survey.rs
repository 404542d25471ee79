//! What a text tells as a whole: its spin rate, which originals its spinner knows, and what its spun
//! forms stand for.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use crate::activity::Activity;
use crate::lattice::{LONGEST_SENTENCE, Lattice, Sentence};
use crate::lexicon::{Family, Lexicon, Link};
use crate::score::Score;
use crate::search::{Search, Site};

/// A share of places that are spun to begin with; the text's own is found from there.
const FIRST_RATE: f64 = 0.7;
/// How much a place that seems to be spun from an original adds to the odds that it was.
const SEEN: f64 = 5.0;
/// How much a place where it stands counts against it: such a place may be a spun form itself.
const STANDS: f64 = 0.5;
/// How far apart two originals of one spun form may be in a single place, for the whole text's sake.
const MOST_FROM_ONE_PLACE: Score = Score(4 * Score::NAT);

/// No phrase is more certain than this to be known to a spinner.
const MOST_KNOWN: f64 = 0.95;

/// What the decoder takes for granted about a text.
#[derive(Debug)]
pub(crate) struct Assumptions {
    /// The probability that the spinner changes a phrase that it knows.
    rate: f64,
    /// How much more the spinner knows of each family's pairs than the lexicon says.
    active: [f64; Family::COUNT],
    /// The probability that the spinner knows an original, where the text tells something of it: by
    /// node in the lexicon.
    known: HashMap<u32, f64, BuildHasherDefault<Spread>>,
    /// By number of the spun form.
    leanings: BTreeMap<usize, Leaning>,
}

/// What the whole text says for the readings of a spun form: for keeping it, and for each original.
#[derive(Debug)]
pub(crate) struct Leaning {
    pub(crate) keep: Score,
    pub(crate) originals: Vec<Score>,
}

/// A hasher for small numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u32(&mut self, number: u32) {
        self.0 = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}

impl Assumptions {
    fn with_rate(rate: f64) -> Self {
        let active = [1.0; Family::COUNT];
        Self { rate, active, known: HashMap::default(), leanings: BTreeMap::new() }
    }

    /// The probability that the original at this node is spun where it stands.
    fn spun(&self, node: u32, lexicon: &Lexicon) -> f64 {
        let known = self.known.get(&node).copied();
        self.rate * known.unwrap_or_else(|| self.coverage(node, lexicon))
    }

    /// The probability that the spinner knows an original, before the original's own places are read.
    fn coverage(&self, node: u32, lexicon: &Lexicon) -> f64 {
        (lexicon.coverage(node) * self.activity(node, lexicon)).min(MOST_KNOWN)
    }

    /// How active the families of an original's pairs are together.
    fn activity(&self, node: u32, lexicon: &Lexicon) -> f64 {
        lexicon.shares(node).iter().zip(self.active).map(|(share, active)| share * active).sum()
    }

    /// Log-probability that the original of a pair is spun and becomes this spun form.
    pub(crate) fn channel(&self, link: &Link, lexicon: &Lexicon) -> Score {
        let node = lexicon.node(link.original);
        let share = self.active[link.family as usize] / self.activity(node, lexicon);
        Score::ln(self.spun(node, lexicon) * share) + link.channel
    }

    /// Log-probability that an original is kept.
    pub(crate) fn kept(&self, node: u32, lexicon: &Lexicon) -> Score {
        Score::ln(1.0 - self.spun(node, lexicon))
    }

    pub(crate) fn leaning(&self, form: usize) -> Option<&Leaning> {
        self.leanings.get(&form)
    }
}

/// Collects what the sentences of a text tell.
pub(crate) struct Survey<'l> {
    lattice: &'l Lattice,
    first: Assumptions,
    /// Nodes of originals that stand in the text, and of those that seem to have been spun.
    stand: Vec<u32>,
    spun: Vec<u32>,
    activity: Activity,
    tallies: BTreeMap<usize, Tally>,
}

impl<'l> Survey<'l> {
    pub(crate) fn new(lattice: &'l Lattice) -> Self {
        Self {
            lattice,
            first: Assumptions::with_rate(FIRST_RATE),
            stand: Vec::new(),
            spun: Vec::new(),
            activity: Activity::default(),
            tallies: BTreeMap::new(),
        }
    }

    /// Takes a sentence into account.
    pub(crate) fn add(&mut self, search: &mut Search, sentence: &mut Sentence, beam: usize) {
        let lexicon = &self.lattice.lexicon;
        let sites = search.decode(self.lattice, sentence, &self.first, beam);
        let mut replaced = [false; LONGEST_SENTENCE];
        for site in &sites {
            let place = &sentence.places[site.place];
            if let Some(pair) = site.chosen {
                let link = &lexicon.pairs()[pair];
                let node = lexicon.node(link.original);
                self.spun.push(node);
                self.activity.seen(node, link.family, site.margin());
                replaced[place.span.clone()].fill(true);
            }
            let pairs = lexicon.pairs_of(place.form);
            let tally = self.tallies.entry(place.form).or_default();
            tally.originals.resize(pairs.len(), Score::ZERO);
            let scores = search.originals(sentence, site.place);
            tally.add(site, scores.map(|(pair, score)| (pair - pairs.start, score)));
        }
        let stand = sentence.originals.iter();
        let stand = stand.filter(|(span, _)| !replaced[span.clone()].contains(&true));
        self.stand.extend(stand.map(|(_, node)| *node));
    }

    /// What the text tells.
    pub(crate) fn finish(mut self) -> Assumptions {
        let counts = counts(&mut self.stand, &mut self.spun);
        // The rate is that of originals which seem to be spun at least once.
        let (mut kept, mut spun) = (0.5, 2.0);
        for count in counts.iter().filter(|count| count.spun > 0) {
            kept += f64::from(count.stands);
            spun += f64::from(count.spun);
        }
        let rate = (spun / (spun + kept)).clamp(0.2, 0.95);
        let lexicon = &self.lattice.lexicon;
        let mut assumed = Assumptions::with_rate(rate);
        assumed.active = self.activity.estimate(&counts, rate, lexicon);
        for count in counts {
            // Each place where an original stands speaks against the spinner's knowing it.
            let known = assumed.coverage(count.node, lexicon);
            let seen = if count.spun > 0 { SEEN } else { 1.0 };
            let left = power(1.0 - rate * STANDS, count.stands.min(50));
            let odds = known / (1.0 - known) * seen * left;
            assumed.known.insert(count.node, odds / (1.0 + odds));
        }
        let tallies = self.tallies.into_iter().filter(|(_, tally)| tally.places > 1);
        assumed.leanings = tallies.map(|(form, tally)| (form, tally.leaning())).collect();
        assumed
    }
}

/// How often an original stands in a text, and how often it seems to have been spun.
#[derive(Debug)]
pub(crate) struct Count {
    /// Its node in the lexicon.
    pub(crate) node: u32,
    pub(crate) stands: u32,
    pub(crate) spun: u32,
}

/// The counts of all nodes, ascending.
fn counts(stand: &mut [u32], spun: &mut [u32]) -> Vec<Count> {
    stand.sort_unstable();
    spun.sort_unstable();
    let (mut stand, mut spun) = (&*stand, &*spun);
    let mut counts = Vec::new();
    while let Some(&node) = stand.first().into_iter().chain(spun.first()).min() {
        let times = |nodes: &mut &[u32]| {
            let (these, rest) = nodes.split_at(nodes.partition_point(|&other| other == node));
            *nodes = rest;
            these.len() as u32
        };
        counts.push(Count { node, stands: times(&mut stand), spun: times(&mut spun) });
    }
    counts
}

/// What the places of one spun form say together.
#[derive(Debug, Default)]
struct Tally {
    places: i64,
    keep: Score,
    /// For each original, how far it is above one that was not tried at any place.
    originals: Vec<Score>,
}

impl Tally {
    fn add(&mut self, site: &Site, scores: impl Iterator<Item = (usize, Score)> + Clone) {
        let best = scores.clone().map(|(_, score)| score).max().unwrap_or(Score::WORST);
        let best = best.max(site.keep);
        let fall = |score: Score| (score - best).max(-MOST_FROM_ONE_PLACE);
        self.places += 1;
        self.keep += fall(site.keep);
        for (number, score) in scores {
            self.originals[number] += fall(score) + MOST_FROM_ONE_PLACE;
        }
    }

    /// For each reading, how far it is behind the best one in the mean.
    fn leaning(&self) -> Leaning {
        let untried = MOST_FROM_ONE_PLACE * self.places;
        let sums = || self.originals.iter().map(|&sum| sum - untried);
        let best = sums().fold(self.keep, Score::max);
        let behind = |sum: Score| Score((sum - best).0 / self.places);
        Leaning { keep: behind(self.keep), originals: sums().map(behind).collect() }
    }
}

/// `base` to a whole number, by products alone.
fn power(base: f64, times: u32) -> f64 {
    (0..times).fold(1.0, |product, _| product * base)
}
