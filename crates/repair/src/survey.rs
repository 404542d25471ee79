//! What a text tells as a whole: its spin rate, which originals its spinner knows, and what its spun
//! forms stand for.

use crate::activity::Activity;
use crate::lattice::{LONGEST_SENTENCE, Sentence, TRIED};
use crate::lexicon::{Family, Lexicon, Standing};
use crate::roster::Roster;
use crate::score::Score;
use crate::search::{Search, Site};

/// A share of places that are spun to begin with; the text's own is found from there.
const FIRST_RATE: f64 = 0.7;
/// How much a place that seems to be spun from an original adds to the odds that it was.
const SEEN: f64 = 3.0;
/// How much a place where it stands counts against it: such a place may be a spun form itself.
const STANDS: f64 = 0.3;
/// How far apart two originals of one spun form may be in a single place, for the whole text's sake.
const MOST_FROM_ONE_PLACE: Score = Score(4 * Score::NAT);

/// No phrase is more certain than this to be known to a spinner.
const MOST_KNOWN: f64 = 0.98;

/// Numbers of what a text draws on.
#[derive(Debug, Default)]
pub(crate) struct Rosters {
    /// Originals that stand in it or may have stood.
    pub(crate) originals: Roster,
    /// Spun forms.
    pub(crate) forms: Roster,
}

impl Rosters {
    /// How spinners stand to the originals.
    pub(crate) fn standings(&self, lexicon: &Lexicon) -> Vec<Standing> {
        self.originals.members().iter().map(|&original| lexicon.standing(original)).collect()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, lexicon: &Lexicon) {
        self.originals.clear(lexicon.originals());
        self.forms.clear(lexicon.entries().len());
    }
}

/// What the decoder takes for granted about a text.
#[derive(Debug)]
pub(crate) struct Assumptions {
    /// The probability that the spinner changes a phrase that it knows.
    rate: f64,
    /// How much more the spinner knows of each family's pairs than the lexicon says.
    active: [f64; Family::COUNT],
    ln_active: [Score; Family::COUNT],
    /// By the originals' numbers.
    known: Vec<Known>,
    /// By the spun forms' numbers: what the places of one tell together, if there are several.
    leanings: Vec<Option<Leaning>>,
}

/// Log-probabilities of an original.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// It is spun where it stands, over the mean activity of its pairs' families.
    pub(crate) spun: Score,
    /// It is kept where it stands.
    pub(crate) kept: Score,
}

/// What is said for the readings of a spun form: for keeping it, and for each original that is tried.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leaning {
    pub(crate) keep: Score,
    pub(crate) originals: [Score; TRIED],
}

impl Assumptions {
    /// What is taken for granted before a text is read.
    pub(crate) fn first() -> Self {
        Self::new(FIRST_RATE, [1.0; Family::COUNT])
    }

    fn new(rate: f64, active: [f64; Family::COUNT]) -> Self {
        let (known, leanings) = Default::default();
        Self { rate, active, ln_active: active.map(Score::ln), known, leanings }
    }

    /// What is known of an original whose places change the odds that the spinner knows it by this
    /// factor.
    #[inline(never)]
    pub(crate) fn know(&self, standing: &Standing, told: f64) -> Known {
        let active = standing.mean(&self.active);
        let coverage = (standing.coverage * active).min(MOST_KNOWN);
        let rest = 1.0 - coverage;
        let spun = self.rate * (coverage * told) / (rest + coverage * told);
        Known { spun: Score::ln(spun / active), kept: Score::ln(1.0 - spun) }
    }

    /// Takes in what has come since the survey.
    pub(crate) fn extend(&mut self, rosters: &Rosters, lexicon: &Lexicon) {
        for &original in &rosters.originals.members()[self.known.len()..] {
            self.known.push(self.know(&lexicon.standing(original), 1.0));
        }
        self.leanings.resize(rosters.forms.members().len(), None);
    }

    /// Log-probability that an original is spun and a pair of this family chosen.
    pub(crate) fn spun(&self, original: u32, family: Family) -> Score {
        self.known[original as usize].spun + self.ln_active[family as usize]
    }

    /// How much less this family is at work in the text than the lexicon says.
    pub(crate) fn idleness(&self, family: Family) -> Score {
        (-self.ln_active[family as usize]).max(Score::ZERO)
    }

    /// Log-probability that an original is kept.
    #[inline(never)]
    pub(crate) fn kept(&self, original: u32) -> Score {
        self.known[original as usize].kept
    }

    pub(crate) fn leaning(&self, form: u32) -> Option<&Leaning> {
        self.leanings[form as usize].as_ref()
    }
}

/// Collects what the sentences of a text tell: first what they seem to be before anything is known,
/// then what follows from that.
pub(crate) struct Survey<'a> {
    /// How spinners stand to the originals, by their numbers.
    standings: &'a [Standing],
    /// By the originals' numbers.
    counts: Vec<Count>,
    /// By the spun forms' numbers: how many places speak for its readings, and the sums of what they
    /// say.
    sums: Vec<(i64, Leaning)>,
    activity: Activity,
    /// How much more the spinner knows of each family than the lexicon says.
    active: Option<[f64; Family::COUNT]>,
}

/// How often an original stands in a text, and how often it seems to have been spun.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) stands: u32,
    pub(crate) spun: u32,
}

impl<'a> Survey<'a> {
    pub(crate) fn new(rosters: &Rosters, standings: &'a [Standing]) -> Self {
        Self {
            standings,
            counts: vec![Count::default(); standings.len()],
            sums: vec![Default::default(); rosters.forms.members().len()],
            activity: Activity::default(),
            active: None,
        }
    }

    /// Takes a sentence into account as it seems before anything is known.
    pub(crate) fn guess(&mut self, sentence: &Sentence) {
        let best = || sentence.graph.best.iter().map(|&edge| edge as usize);
        for (_, edge) in sentence.replacements(best()) {
            self.activity.seen(edge.original, edge.family);
        }
        self.count(sentence, best());
    }

    /// Takes a sentence into account, under what is assumed about the text.
    pub(crate) fn add(&mut self, search: &mut Search, sentence: &Sentence, assumed: &Assumptions) {
        search.decode(sentence, assumed);
        self.count(sentence, search.replacements());
        for site in search.sites(sentence) {
            self.lean(search, sentence, &site);
        }
    }

    /// Counts the originals that stand there, and those that edges restore.
    fn count(&mut self, sentence: &Sentence, edges: impl Iterator<Item = usize>) {
        let mut replaced = [false; LONGEST_SENTENCE];
        for (place, edge) in sentence.replacements(edges) {
            self.counts[edge.original as usize].spun += 1;
            replaced[place.span.clone()].fill(true);
        }
        for (span, original) in &sentence.originals {
            let stands = !replaced[span.clone()].contains(&true);
            self.counts[*original as usize].stands += u32::from(stands);
        }
    }

    /// Notes what a place says of its spun form.
    #[inline(never)]
    fn lean(&mut self, search: &Search, sentence: &Sentence, site: &Site) {
        let place = &sentence.places[site.place];
        let scores = search.through(place);
        let best = scores.iter().copied().fold(site.keep, Score::max);
        let fall = |score: Score| (score - best).max(-MOST_FROM_ONE_PLACE);
        let (places, sum) = &mut self.sums[place.number as usize];
        *places += 1;
        sum.keep += fall(site.keep);
        for (number, sum) in sum.originals.iter_mut().enumerate() {
            *sum += scores.get(number).map_or(-MOST_FROM_ONE_PLACE, |&score| fall(score));
        }
    }

    /// What the text tells so far; counting begins anew.
    pub(crate) fn finish(&mut self) -> Assumptions {
        // The rate is that of originals which seem to be spun at least once.
        let (mut kept, mut spun) = (0.5, 2.0);
        for count in self.counts.iter().filter(|count| count.spun > 0) {
            kept += f64::from(count.stands);
            spun += f64::from(count.spun);
        }
        let rate = (spun / (spun + kept)).clamp(0.2, 0.98);
        let originals = || self.standings.iter().zip(&self.counts);
        let active = *self.active.get_or_insert_with(|| self.activity.estimate(originals(), rate));
        let mut assumed = Assumptions::new(rate, active);
        let left = powers(1.0 - rate * STANDS);
        let known = originals().map(|(standing, count)| {
            // Each place where an original stands speaks against the spinner's knowing it.
            let left = left[MOST_PLACES.min(count.stands as usize)];
            assumed.know(standing, if count.spun > 0 { SEEN * left } else { left })
        });
        assumed.known = known.collect();
        assumed.leanings = self.sums.iter().map(|(places, sum)| sum.mean(*places)).collect();
        self.counts.fill(Count::default());
        assumed
    }
}

impl Leaning {
    /// How far each reading is behind the best one in the mean of several places, of which this is
    /// the sum.
    fn mean(&self, places: i64) -> Option<Self> {
        let best = self.originals.iter().copied().fold(self.keep, Score::max);
        let behind = |sum: Score| Score((sum - best).0 / places);
        (places > 1)
            .then(|| Self { keep: behind(self.keep), originals: self.originals.map(behind) })
    }
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
