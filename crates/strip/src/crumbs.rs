//! Breadcrumbs that lost their separators and are glued to a title: `HomeBusinessMarco Rubio speaks`.

use crate::rules::{Action, Rule};

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

    /// Length of the breadcrumbs that `line` begins with, a title of two words or more being glued to
    /// them.
    pub(crate) fn find(&self, line: &str) -> Option<usize> {
        let first = line.as_bytes().first()?;
        self.first.binary_search(first).ok()?;
        let mut found = None;
        let mut at = 0;
        let mut end = None;
        while let Some(more) = self.one(&line[at..]) {
            at += more;
            if at >= *end.get_or_insert_with(|| last_but_one(line)) {
                break;
            }
            found = Some(at);
        }
        found
    }

    /// Length of a breadcrumb: a first step, further steps, and then the title, all without a space
    /// between them.
    fn one(&self, line: &str) -> Option<usize> {
        let home = self.homes.iter().find(|home| line.starts_with(home.as_str()))?;
        let mut at = home.len();
        while let Some(step) = self.step(&line[at..]) {
            at += step;
        }
        let glued = line[at..]
            .starts_with(|c: char| c.is_uppercase() || c.is_numeric() || "\"“«'‘".contains(c));
        (at > home.len() && glued).then_some(at)
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

/// Where the last but one word of a line ends: 0 when there is none.
fn last_but_one(line: &str) -> usize {
    let line = line.trim_end();
    line.rfind(char::is_whitespace).map_or(0, |at| line[..at].trim_end().len())
}
