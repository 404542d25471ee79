//! What a text tells as a whole: its spin rate, which originals its spinner knows, and what its spun
//! forms stand for.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use crate::activity::Activity;
use crate::lattice::{LONGEST_SENTENCE, Lattice, Sentence, Tried};
use crate::lexicon::{Family, Lexicon, Standing};
use crate::score::Score;
use crate::search::{Search, Site};

/// A share of places that are spun to begin with; the text's own is found from there.
const FIRST_RATE: f64 = 0.7;
/// How much a place that seems to be spun from an original adds to the odds that it was.
const SEEN: f64 = 5.0;
/// How much a place where it stands counts against it: such a place may be a spun form itself.
const STANDS: f64 = 0.4;
/// How far apart two originals of one spun form may be in a single place, for the whole text's sake.
const MOST_FROM_ONE_PLACE: Score = Score(4 * Score::NAT);

/// No phrase is more certain than this to be known to a spinner.
const MOST_KNOWN: f64 = 0.98;

/// What the decoder takes for granted about a text.
#[derive(Debug)]
pub(crate) struct Assumptions {
    /// The probability that the spinner changes a phrase that it knows.
    rate: f64,
    ln_rate: Score,
    /// How much more the spinner knows of each family's pairs than the lexicon says.
    active: [f64; Family::COUNT],
    ln_active: [Score; Family::COUNT],
    /// No original that is covered less is known more surely than [`MOST_KNOWN`].
    uncapped: Score,
    /// The originals that the text tells something of, by node in the lexicon.
    known: HashMap<u32, Known, BuildHasherDefault<Spread>>,
    /// By number of the spun form.
    leanings: BTreeMap<usize, Leaning>,
    /// For each word the log-probability that it is kept, if there is such a table.
    kept: Vec<Score>,
}

/// Log-probabilities of an original.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// It is spun where it stands, over the mean activity of its pairs' families.
    spun: Score,
    /// It is kept where it stands.
    kept: Score,
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
    /// What is taken for granted before a text is read.
    pub(crate) fn first() -> Self {
        Self::with_rate(FIRST_RATE)
    }

    /// Puts the log-probabilities that words are kept into a table.
    pub(crate) fn tabulate(&mut self, lexicon: &Lexicon) {
        let words = 0..lexicon.hashes().len() as u32;
        self.kept = words.map(|word| self.kept(word, lexicon)).collect();
    }

    fn with_rate(rate: f64) -> Self {
        Self {
            rate,
            ln_rate: Score::ln(rate),
            active: [1.0; Family::COUNT],
            ln_active: [Score::ZERO; Family::COUNT],
            uncapped: Score::ln(MOST_KNOWN),
            known: HashMap::default(),
            leanings: BTreeMap::new(),
            kept: Vec::new(),
        }
    }

    fn activate(&mut self, active: [f64; Family::COUNT]) {
        self.active = active;
        self.ln_active = active.map(Score::ln);
        self.uncapped = Score::ln(MOST_KNOWN / active.into_iter().fold(1.0, f64::max));
    }

    /// The probability that the spinner knows an original, before the original's own places are read.
    fn coverage(&self, standing: &Standing) -> f64 {
        (standing.coverage * standing.mean(&self.active)).min(MOST_KNOWN)
    }

    /// The spinner knows the original with this probability.
    fn know(&mut self, node: u32, probability: f64, standing: &Standing) {
        let spun = self.rate * probability;
        let kept = Score::ln(1.0 - spun);
        let spun = Score::ln(spun / standing.mean(&self.active));
        self.known.insert(node, Known { spun, kept });
    }

    /// Log-probability that the original of a pair is spun and becomes this spun form.
    #[inline]
    pub(crate) fn channel(&self, tried: &Tried, lexicon: &Lexicon) -> Score {
        let spun = match self.known.get(&tried.node) {
            Some(known) => known.spun,
            // The mean activity is in both of coverage and share.
            None if tried.coverage <= self.uncapped => self.ln_rate + tried.coverage,
            None => {
                let standing = lexicon.standing(tried.node);
                Score::ln(self.rate * self.coverage(&standing) / standing.mean(&self.active))
            }
        };
        spun + self.ln_active[tried.family as usize] + tried.channel
    }

    /// Log-probability that a word is kept.
    #[inline]
    pub(crate) fn kept(&self, word: u32, lexicon: &Lexicon) -> Score {
        if let Some(&kept) = self.kept.get(word as usize) {
            return kept;
        }
        let known = self.known.get(&word).map(|known| known.kept);
        known.unwrap_or_else(|| Score::ln(1.0 - self.rate * self.coverage(&lexicon.standing(word))))
    }

    pub(crate) fn leaning(&self, form: usize) -> Option<&Leaning> {
        self.leanings.get(&form)
    }
}

/// Collects what the sentences of a text tell.
pub(crate) struct Survey<'l> {
    lattice: &'l Lattice,
    /// What an earlier survey of the text has told.
    before: Option<&'l Assumptions>,
    /// Nodes of originals that stand in the text, and of those that seem to have been spun.
    stand: Vec<u32>,
    spun: Vec<u32>,
    activity: Activity,
    readings: Vec<Reading>,
    falls: Vec<(usize, Score)>,
}

impl<'l> Survey<'l> {
    pub(crate) fn new(lattice: &'l Lattice, before: Option<&'l Assumptions>) -> Self {
        Self {
            lattice,
            before,
            stand: Vec::new(),
            spun: Vec::new(),
            activity: Activity::default(),
            readings: Vec::new(),
            falls: Vec::new(),
        }
    }

    /// Takes a sentence into account.
    pub(crate) fn add(&mut self, search: &mut Search, sentence: &Sentence) {
        let lexicon = &self.lattice.lexicon;
        let assumed = self.before.unwrap_or(&self.lattice.first);
        search.decode(self.lattice, sentence, assumed);
        let mut replaced = [false; LONGEST_SENTENCE];
        for site in search.sites(sentence) {
            let place = &sentence.places[site.place];
            if let Some(pair) = site.chosen {
                let link = &lexicon.pairs()[pair];
                let node = lexicon.node(link.original);
                self.spun.push(node);
                self.activity.seen(node, link.family, site.margin());
                replaced[place.span.clone()].fill(true);
            }
            if self.before.is_some() {
                self.lean(search, sentence, &site);
            }
        }
        let stand = sentence.originals.iter();
        let stand = stand.filter(|(span, _)| !replaced[span.clone()].contains(&true));
        self.stand.extend(stand.map(|(_, node)| *node));
    }

    /// Notes what a place says of its spun form.
    fn lean(&mut self, search: &Search, sentence: &Sentence, site: &Site) {
        let scores = search.originals(sentence, site.place);
        let best = scores.clone().map(|(_, score)| score).fold(site.keep, Score::max);
        let fall = |score: Score| (score - best).max(-MOST_FROM_ONE_PLACE);
        let begin = self.falls.len();
        self.falls.extend(scores.map(|(pair, score)| (pair, fall(score))));
        let falls = begin..self.falls.len();
        let form = sentence.places[site.place].form;
        self.readings.push(Reading { form, keep: fall(site.keep), falls });
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
        let rate = (spun / (spun + kept)).clamp(0.2, 0.98);
        let lexicon = &self.lattice.lexicon;
        let mut assumed = Assumptions::with_rate(rate);
        assumed.activate(match self.before {
            Some(before) => before.active,
            None => self.activity.estimate(&counts, rate, lexicon),
        });
        let left = powers(1.0 - rate * STANDS);
        assumed.known.reserve(counts.len());
        for count in counts {
            // Each place where an original stands speaks against the spinner's knowing it.
            let standing = lexicon.standing(count.node);
            let known = assumed.coverage(&standing);
            let seen = if count.spun > 0 { SEEN } else { 1.0 };
            let left = left[MOST_PLACES.min(count.stands as usize)];
            let odds = known / (1.0 - known) * seen * left;
            assumed.know(count.node, odds / (1.0 + odds), &standing);
        }
        self.readings.sort_by_key(|reading| reading.form);
        for places in self.readings.chunk_by(|a, b| a.form == b.form) {
            if places.len() > 1 {
                let form = places[0].form;
                assumed.leanings.insert(form, leaning(places, &self.falls, lexicon.pairs_of(form)));
            }
        }
        assumed
    }
}

/// What one place says of its spun form: how far each reading is behind the best one there.
#[derive(Debug)]
struct Reading {
    form: usize,
    keep: Score,
    /// For each pair that was tried, among the survey's falls.
    falls: Range<usize>,
}

/// What the places of one spun form say together: for each reading, how far it is behind the best
/// one in the mean.
fn leaning(places: &[Reading], falls: &[(usize, Score)], pairs: Range<usize>) -> Leaning {
    let count = places.len() as i64;
    let mut sums = vec![-MOST_FROM_ONE_PLACE * count; pairs.len()];
    for &(pair, fall) in places.iter().flat_map(|place| &falls[place.falls.clone()]) {
        sums[pair - pairs.start] += fall + MOST_FROM_ONE_PLACE;
    }
    let keep: Score = places.iter().map(|place| place.keep).sum();
    let best = sums.iter().copied().fold(keep, Score::max);
    let behind = |sum: Score| Score((sum - best).0 / count);
    Leaning { keep: behind(keep), originals: sums.into_iter().map(behind).collect() }
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

/// More places of one original than this tell nothing new.
pub(crate) const MOST_PLACES: usize = 50;

/// The powers of `base`, by products alone.
pub(crate) fn powers(base: f64) -> [f64; MOST_PLACES + 1] {
    let mut powers = [1.0; MOST_PLACES + 1];
    for times in 1..=MOST_PLACES {
        powers[times] = powers[times - 1] * base;
    }
    powers
}
