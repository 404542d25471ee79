//! The line model: words, then trees on a line and its neighbours, then trees on the scores around it.

use crate::Error;
use crate::lexicon::Lexicon;
use crate::page::Page;
use crate::rules::{Rules, SHIPPED};
use crate::second::Second;
use crate::training::feature_names;
use crate::trees::{Block, LANES, Names, Trees};

/// The second trees are asked about lines that the first ones put within this many log-odds of the
/// limit.
const MARGIN: f32 = 3.0;

/// The model that ships; see `model/README.md` for what it was trained on.
#[derive(Debug)]
pub(crate) struct Model {
    /// Weights of words.
    pub(crate) lexicon: Lexicon,
    /// How many rules the features speak of: the shipped ones.
    pub(crate) rules: usize,
    first: Pass,
    second: Pass,
}

/// Trees, and the features that they read.
#[derive(Debug)]
struct Pass {
    names: Names,
    trees: Trees,
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
        Ok(Self {
            lexicon: Lexicon::parse(lexicon)?,
            rules: rules.rules().len(),
            first: Pass::parse(first, of_first)?,
            second: Pass::parse(second, of_second)?,
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
        let mut block = Block::new(self.first.names.len());
        let mut first = Vec::with_capacity(page.len());
        for start in (0..page.len()).step_by(LANES) {
            let lines = start..page.len().min(start + LANES);
            for (lane, i) in lines.clone().enumerate() {
                page.features(i, &mut block.lane(lane));
            }
            for ((lane, i), score) in lines.enumerate().zip(self.first.trees.score(&mut block)) {
                first.push(sigmoid(score));
                if score < limit(i) - MARGIN {
                    low(i, sigmoid(score), self.first.reason(&block, lane));
                }
            }
        }
        let unsure: Vec<usize> =
            (0..page.len()).filter(|&i| (logit(first[i]) - limit(i)).abs() <= MARGIN).collect();
        if unsure.is_empty() {
            return;
        }
        let second = Second::new(page, &first);
        let mut block = Block::new(self.second.names.len());
        for lines in unsure.chunks(LANES) {
            for (lane, &i) in lines.iter().enumerate() {
                second.features(i, &mut block.lane(lane));
            }
            for ((lane, &i), score) in
                lines.iter().enumerate().zip(self.second.trees.score(&mut block))
            {
                if score < limit(i) {
                    low(i, sigmoid(score), self.second.reason(&block, lane));
                }
            }
        }
    }
}

impl Pass {
    fn parse(trees: &str, names: Vec<String>) -> Result<Self, Error> {
        let names = Names::new(names);
        Ok(Self { trees: Trees::parse(trees, &names)?, names })
    }

    /// The two groups of features that moved a line's score down most.
    fn reason(&self, block: &Block, lane: usize) -> String {
        let moved = self.trees.explain(block, lane);
        let groups = self.names.groups.iter().map(String::as_str).zip(moved);
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

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The log-odds of a probability.
pub(crate) fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}
