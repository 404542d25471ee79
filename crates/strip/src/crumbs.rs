//! Breadcrumbs that lost their separators and are glued to a title: `HomeBusinessMarco Rubio speaks`.

use crate::rules::{Action, Rule};

/// Fewest words that must be left of the line.
const LEAST_WORDS: usize = 2;

/// The steps that breadcrumbs are made of.
#[derive(Debug)]
pub(crate) struct Crumbs {
    homes: Vec<String>,
    /// The bytes that they begin with.
    first: Vec<u8>,
    steps: Vec<String>,
}

impl Crumbs {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let words = |action| {
            let mut words: Vec<String> = rules
                .iter()
                .filter(|rule| rule.action == action)
                .flat_map(|rule| rule.start.values().flatten().cloned())
                .collect();
            // Longest first: `World News` before `World`.
            words.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
            words
        };
        let homes = words(Action::CrumbHome);
        let mut first: Vec<u8> = homes.iter().filter_map(|home| home.bytes().next()).collect();
        first.sort_unstable();
        first.dedup();
        Self { homes, first, steps: words(Action::Crumb) }
    }

    /// Length of the breadcrumb that `line` begins with: a first step, further steps, and then the
    /// title, all without a space between them.
    pub(crate) fn find(&self, line: &str) -> Option<usize> {
        self.first.binary_search(line.as_bytes().first()?).ok()?;
        let home = self.homes.iter().find(|home| line.starts_with(home.as_str()))?;
        let mut at = home.len();
        while let Some(step) = self.step(&line[at..]) {
            at += step;
        }
        let title = &line[at..];
        let glued =
            title.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || "\"“«'‘".contains(c));
        (at > home.len()
            && glued
            && title.split_whitespace().take(LEAST_WORDS).count() == LEAST_WORDS)
            .then_some(at)
    }

    /// Length of the step at the start of `rest`, something being glued to its end.
    fn step(&self, rest: &str) -> Option<usize> {
        let step = self.steps.iter().find(|step| {
            rest.strip_prefix(step.as_str()).is_some_and(|after| {
                after.starts_with(|c: char| !c.is_lowercase() && !c.is_whitespace())
            })
        })?;
        Some(step.len())
    }
}
