//! The line model: words, then trees on a line and its neighbours, then trees on the scores around it.

use crate::Error;
use crate::lexicon::Lexicon;
use crate::page::Page;
use crate::rules::{Rules, SHIPPED};
use crate::second::Second;
use crate::training::feature_names;
use crate::trees::{Block, LANES, Lane, Names, Trees};

/// The second trees are asked about lines that the first ones put within this many log-odds of the
/// limit.
const MARGIN: f32 = 3.0;

/// Lines whose explanations are held at a time.
const BATCH: usize = 128;
/// The group of the feature that is the first trees' score.
const FIRST: usize = 0;

/// The model that ships; see `model/README.md` for what it was trained on.
#[derive(Debug)]
pub(crate) struct Model {
    /// Weights of words.
    pub(crate) lexicon: Lexicon,
    /// How many rules the features speak of: the shipped ones.
    pub(crate) rules: usize,
    first: Pass,
    second: Pass,
    /// The groups of features in which a score is explained.
    groups: Vec<String>,
}

/// Trees, and the number of features that they read.
#[derive(Debug)]
struct Pass {
    trees: Trees,
    features: usize,
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
        let mut groups = vec!["first".to_owned()]; // at FIRST
        Ok(Self {
            lexicon: Lexicon::parse(lexicon)?,
            rules: rules.rules().len(),
            first: Pass::parse(first, of_first, &mut groups)?,
            second: Pass::parse(second, of_second, &mut groups)?,
            groups,
        })
    }

    /// Scores the lines of the page, 0 (boilerplate) to 1 (content), and calls `low` with each line
    /// whose log-odds are below its `limit`, its score, and the two groups of features that spoke
    /// loudest against it. Where the first trees are not sure, the second ones decide.
    pub(crate) fn judge(
        &self,
        page: &Page<'_>,
        limit: impl Fn(usize) -> f32,
        mut low: impl FnMut(usize, f32, String),
    ) {
        let lines: Vec<usize> = (0..page.len()).collect();
        let mut first = Vec::with_capacity(page.len());
        let mut unsure = Vec::new();
        let mut shared = Vec::new();
        page.whole(&mut shared);
        let of_first = |i: usize, out: &mut Lane<'_>| page.features(i, out);
        self.first.score(&lines, &shared, of_first, |i, score, explain| {
            first.push(sigmoid(score));
            if score < limit(i) - MARGIN {
                let mut moved = vec![0.0; self.groups.len()];
                explain(&mut moved);
                low(i, sigmoid(score), self.reason(&moved));
            } else if score <= limit(i) + MARGIN {
                unsure.push(i);
            }
        });
        if unsure.is_empty() {
            return;
        }
        let second = Second::new(page, &first);
        for lines in unsure.chunks(BATCH) {
            let mut gone = Vec::new();
            let of_second = |i: usize, out: &mut Lane<'_>| second.features(i, out);
            self.second.score(lines, &[], of_second, |i, score, explain| {
                if score < limit(i) {
                    let mut moved = vec![0.0; self.groups.len()];
                    explain(&mut moved);
                    moved[FIRST] = 0.0; // the first trees speak for themselves
                    gone.push((i, score, moved));
                }
            });
            let lines: Vec<usize> = gone.iter().map(|(i, ..)| *i).collect();
            let mut gone = gone.into_iter();
            self.first.score(&lines, &shared, of_first, |_, _, explain| {
                if let Some((i, score, mut moved)) = gone.next() {
                    explain(&mut moved);
                    low(i, sigmoid(score), self.reason(&moved));
                }
            });
        }
    }

    /// The two groups of features that moved a line's score down most.
    fn reason(&self, moved: &[f32]) -> String {
        let groups = self.groups.iter().map(String::as_str).zip(moved.iter().copied());
        let mut loud: [(&str, f32); 2] = [("", 0.0); 2];
        for group in groups.filter(|(_, moved)| *moved < 0.0) {
            let louder = |other: &(&str, f32)| {
                group.1.total_cmp(&other.1).then(group.0.cmp(other.0)).is_lt()
            };
            if louder(&loud[0]) {
                loud = [group, loud[0]];
            } else if louder(&loud[1]) {
                loud[1] = group;
            }
        }
        match loud {
            [(first, _), ("", _)] => format!("model:{first}"),
            [(first, _), (second, _)] => format!("model:{first}+{second}"),
        }
    }
}

impl Pass {
    fn parse(trees: &str, names: Vec<String>, groups: &mut Vec<String>) -> Result<Self, Error> {
        let names = Names::new(names, groups);
        Ok(Self { trees: Trees::parse(trees, &names)?, features: names.len() })
    }

    /// Calls `each` with every one of the `lines`, its log-odds, and what adds up by how much each
    /// group of features moved them. All lines have the `shared` features after their own.
    fn score(
        &self,
        lines: &[usize],
        shared: &[f32],
        features: impl Fn(usize, &mut Lane<'_>),
        mut each: impl FnMut(usize, f32, &dyn Fn(&mut [f32])),
    ) {
        let mut block = Block::new(self.features, shared);
        for lines in lines.chunks(LANES) {
            for (lane, &i) in lines.iter().enumerate() {
                features(i, &mut block.lane(lane));
            }
            let scores = self.trees.score(&mut block);
            for (lane, (&i, score)) in lines.iter().zip(scores).enumerate() {
                each(i, score, &|moved| self.trees.explain(&block, lane, moved));
            }
        }
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The log-odds of a probability.
pub(crate) fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}
