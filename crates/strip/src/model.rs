//! The line model: words, then trees on a line and its neighbours, then trees on the scores around it.

use crate::Error;
use crate::lexicon::Lexicon;
use crate::page::Page;
use crate::rules::{Rules, SHIPPED};
use crate::second::Second;
use crate::training::feature_names;
use crate::trees::{BATCH, Trees};

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
    names: Vec<String>,
    first: Trees,
    second: Trees,
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
        let (names, of_first) = feature_names(rules.rules());
        Ok(Self {
            lexicon: Lexicon::parse(lexicon)?,
            rules: rules.rules().len(),
            first: Trees::parse(first, &names[..of_first])?,
            second: Trees::parse(second, &names)?,
            names,
        })
    }

    /// Scores the lines of the page, 0 (boilerplate) to 1 (content), and calls `low` with each line
    /// whose log-odds are below its `limit`, its score, and the two groups of features that spoke
    /// loudest against it. `twice`: where the first trees are not sure, the second ones decide.
    pub(crate) fn judge(
        &self,
        page: &Page<'_>,
        twice: bool,
        limit: impl Fn(usize) -> f32,
        mut low: impl FnMut(usize, f32, String),
    ) {
        let margin = if twice { MARGIN } else { 0.0 };
        let lines: Vec<usize> = (0..page.len()).collect();
        let (mut rows, mut batch) = (Vec::new(), Vec::new());
        let mut first = Vec::with_capacity(lines.len());
        for lines in lines.chunks(BATCH) {
            rows.clear();
            for &i in lines {
                page.features(i, &mut rows);
            }
            self.first.score(&rows, &mut batch);
            for ((&i, row), &score) in lines.iter().zip(self.first.rows(&rows)).zip(&batch) {
                first.push(sigmoid(score));
                if score < limit(i) - margin {
                    low(i, sigmoid(score), self.reason(self.first.explain(row)));
                }
            }
        }
        if !twice {
            return;
        }
        let unsure: Vec<usize> =
            lines.into_iter().filter(|&i| (logit(first[i]) - limit(i)).abs() <= margin).collect();
        let second = Second::new(page, &first);
        for lines in unsure.chunks(BATCH) {
            rows.clear();
            for &i in lines {
                page.features(i, &mut rows);
                second.features(i, &mut rows);
            }
            self.second.score(&rows, &mut batch);
            for ((&i, row), &score) in lines.iter().zip(self.second.rows(&rows)).zip(&batch) {
                if score < limit(i) {
                    low(i, sigmoid(score), self.reason(self.second.explain(row)));
                }
            }
        }
    }

    /// The two groups of features that moved a score down most.
    fn reason(&self, moved: Vec<f32>) -> String {
        let mut groups: Vec<(&str, f32)> = Vec::new();
        for (name, moved) in self.names.iter().zip(moved) {
            let group = name.split('.').next().unwrap_or(name);
            match groups.iter_mut().find(|(known, _)| *known == group) {
                Some((_, sum)) => *sum += moved,
                None => groups.push((group, moved)),
            }
        }
        groups.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)));
        let loud: Vec<&str> = groups
            .iter()
            .filter(|(_, moved)| *moved < 0.0)
            .take(2)
            .map(|(group, _)| *group)
            .collect();
        format!("model:{}", loud.join("+"))
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The log-odds of a probability.
pub(crate) fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}
