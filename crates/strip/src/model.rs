//! The line model: words, then trees on a line and its neighbours, then trees on the scores around it.

use std::collections::BTreeSet;

use crate::Error;
use crate::lexicon::Lexicon;
use crate::page::Page;
use crate::rules::{Rules, SHIPPED};
use crate::second::Second;
use crate::training::feature_names;
use crate::trees::{Block, LANES, Lane, Moved, Trees, group_of};

/// The second trees are asked about lines that the first ones put within this many log-odds of the
/// limit.
const MARGIN: f32 = 3.0;

/// Lines that are explained together.
const BATCH: usize = 16;
/// Unsure lines of which is remembered where the first trees put them, should an explanation be
/// asked for. Beyond, they are put there once more.
const HELD: usize = 10_000;
/// The group of the feature that is the first trees' score.
const FIRST: &str = "first";

/// The model that ships; see `model/README.md` for what it was trained on.
#[derive(Debug)]
pub(crate) struct Model {
    /// Weights of words.
    pub(crate) lexicon: Lexicon,
    /// How many rules the features speak of: the shipped ones.
    pub(crate) rules: usize,
    first: Trees,
    second: Trees,
    /// The groups of features in which a score is explained, by name.
    groups: Vec<String>,
    /// That of the first trees' scores.
    scores: Option<usize>,
}

/// Where lines are scored.
#[derive(Debug)]
pub(crate) struct Desk {
    first: Block,
    second: Block,
    gone: Gone,
    /// Where the first trees put the unsure lines.
    held: Vec<u8>,
}

/// Lines that go, each with its score, and where the trees put them: the second ones only if they
/// were asked.
#[derive(Debug, Default)]
struct Gone {
    lines: Vec<(usize, f32)>,
    first: Vec<u8>,
    second: Vec<u8>,
    moved: Vec<Moved>,
}

impl Model {
    pub(crate) fn shipped() -> Result<Self, Error> {
        Self::parse([
            include_str!("../model/lexicon.txt"),
            include_str!("../model/first.txt"),
            include_str!("../model/second.txt"),
        ])
    }

    /// Reads the lexicon, the first and the second trees.
    pub(crate) fn parse([lexicon, first, second]: [&str; 3]) -> Result<Self, Error> {
        let rules = Rules::new(&SHIPPED)?;
        let [of_first, of_second] = feature_names(rules.rules());
        let names = of_first.all().chain(of_second.all());
        let groups: BTreeSet<&str> = names.map(|name| group_of(name)).collect();
        let groups: Vec<String> = groups.into_iter().map(str::to_owned).collect();
        Ok(Self {
            lexicon: Lexicon::parse(lexicon)?,
            rules: rules.rules().len(),
            first: Trees::parse(first, &of_first, &groups)?,
            second: Trees::parse(second, &of_second, &groups)?,
            scores: groups.iter().position(|group| group == FIRST),
            groups,
        })
    }

    /// Room to judge pages at.
    pub(crate) fn desk(&self) -> Desk {
        let (first, second) = (self.first.block(), self.second.block());
        Desk { first, second, gone: Gone::default(), held: Vec::new() }
    }

    /// Scores the lines of the page, 0 (boilerplate) to 1 (content), and calls `low` with each line
    /// whose log-odds are below its `limit`, its score, and the two groups of features that spoke
    /// loudest against it. Where the first trees are not sure, the second ones decide.
    pub(crate) fn judge(
        &self,
        page: &Page<'_>,
        desk: &mut Desk,
        limit: impl Fn(usize) -> f32,
        mut low: impl FnMut(usize, f32, String),
    ) {
        let mut first = Vec::with_capacity(page.len());
        let mut unsure = Vec::with_capacity(page.len());
        let Desk { first: in_first, second: in_second, gone, held } = desk;
        held.clear();
        let mut shared = Vec::new();
        page.whole(&mut shared);
        let rules: Vec<usize> = page.landmarks.rules().collect();
        self.first.begin(in_first, &shared, &rules);
        let of_first = |i: usize, mut out: Lane<'_>| {
            page.features(i, &mut out);
            rules.iter().for_each(|&rule| page.of_rule(rule, i, &mut out));
        };
        score_lines(&self.first, in_first, 0..page.len(), of_first, |i, score, at| {
            first.push(sigmoid(score));
            if score < limit(i) - MARGIN {
                gone.lines.push((i, score));
                gone.first.extend(at.leaves());
                if gone.lines.len() == BATCH {
                    self.explain(gone, &mut low);
                }
            } else if score <= limit(i) + MARGIN {
                if unsure.len() < HELD {
                    held.extend(at.leaves());
                }
                unsure.push(i);
            }
        });
        self.explain(gone, &mut low);
        if unsure.is_empty() {
            return;
        }
        let second = Second::new(page, &first);
        let of_second = |i: usize, mut out: Lane<'_>| second.features(i, &mut out);
        let mut held = held.chunks_exact(self.first.len().max(1));
        shared.clear();
        second.whole(&mut shared);
        self.second.begin(in_second, &shared, &[]);
        score_lines(&self.second, in_second, unsure.iter().copied(), of_second, |i, score, at| {
            let held = held.next();
            if score < limit(i) {
                gone.lines.push((i, score));
                match held {
                    Some(leaves) => gone.first.extend(leaves),
                    None => score_lines(&self.first, in_first, i..=i, of_first, |_, _, at| {
                        gone.first.extend(at.leaves());
                    }),
                }
                gone.second.extend(at.leaves());
                if gone.lines.len() == BATCH {
                    self.explain(gone, &mut low);
                }
            }
        });
        self.explain(gone, &mut low);
    }

    /// Calls `low` with the lines that are `gone`, of which none is left afterwards.
    fn explain(&self, gone: &mut Gone, low: &mut impl FnMut(usize, f32, String)) {
        let Gone { lines, first, second, moved } = gone;
        moved.clear();
        moved.resize(lines.len(), [0.0; 256]);
        self.second.explain(second, moved);
        if let Some(scores) = self.scores {
            moved.iter_mut().for_each(|moved| moved[scores] = 0.0); // the first trees speak for themselves
        }
        self.first.explain(first, moved);
        for ((i, score), moved) in lines.drain(..).zip(moved) {
            low(i, sigmoid(score), self.reason(moved));
        }
        first.clear();
        second.clear();
    }

    /// The two groups of features that moved a line's score down most.
    fn reason(&self, moved: &mut Moved) -> String {
        match [self.loudest(moved), self.loudest(moved)] {
            [first, ""] => format!("model:{first}"),
            [first, second] => format!("model:{first}+{second}"),
        }
    }

    /// The group that moved the score down most, and the first by its name of those that did; takes it
    /// out of `moved`. Empty when there is none.
    fn loudest(&self, moved: &mut Moved) -> &str {
        let moved = &mut moved[..self.groups.len()];
        let mut least = [0.0; 8]; // eight at a time
        for moved in moved.chunks(8) {
            for (least, moved) in least.iter_mut().zip(moved) {
                *least = moved.min(*least);
            }
        }
        let least = least.into_iter().fold(0.0, f32::min);
        match moved.iter().position(|by| *by == least) {
            Some(group) if least < 0.0 => {
                moved[group] = 0.0;
                &self.groups[group]
            }
            _ => "",
        }
    }
}

/// Calls `each` with every one of the `lines` of the page that `block` begins with, its log-odds, and
/// where the trees put it.
fn score_lines(
    trees: &Trees,
    block: &mut Block,
    lines: impl IntoIterator<Item = usize>,
    features: impl Fn(usize, Lane<'_>),
    mut each: impl FnMut(usize, f32, At<'_>),
) {
    let mut lines = lines.into_iter();
    let mut together = Vec::with_capacity(LANES);
    loop {
        together.clear();
        together.extend(lines.by_ref().take(LANES));
        if together.is_empty() {
            return;
        }
        for (lane, &i) in together.iter().enumerate() {
            features(i, block.lane(lane));
        }
        let scores = trees.score(block);
        for (lane, (&i, score)) in together.iter().zip(scores).enumerate() {
            each(i, score, At { block, lane });
        }
    }
}

/// Where trees put a line.
struct At<'a> {
    block: &'a Block,
    lane: usize,
}

impl<'a> At<'a> {
    /// Its leaf in each tree.
    fn leaves(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.block.leaves(self.lane)
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The log-odds of a probability.
pub(crate) fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}
