//! Rules as data: phrases and patterns, with the lines that they must and must not match.

use std::collections::BTreeMap;

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, Match, StartKind};
use regex::{RegexSet, RegexSetBuilder};
use serde::Deserialize;

use crate::Error;
use crate::kinds::is_unspaced;
use crate::text::Scanner;

/// The rules that ship: file name and contents.
pub(crate) const SHIPPED: [(&str, &str); 4] = [
    ("footers.toml", include_str!("../../../config/rules/footers.toml")),
    ("hints.toml", include_str!("../../../config/rules/hints.toml")),
    ("sections.toml", include_str!("../../../config/rules/sections.toml")),
    ("breadcrumbs.toml", include_str!("../../../config/rules/breadcrumbs.toml")),
];

/// No phrase is looked for beyond this many bytes of a line.
pub(crate) const LINE_LIMIT: usize = 1_000;
/// Patterns are tried on lines of up to this many bytes.
const PATTERN_LIMIT: usize = 200;

/// Bytes of a phrase that are looked at before it is looked for.
const BEGINNING: usize = 4;
/// Words of bits for them.
const BEGINNINGS: usize = 128;

/// What a matching line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is not part of the document.
    Drop,
    /// It is not part of the document, and opens a block of which the following lines are part as
    /// long as they are short.
    Open,
    /// It is a field or a button of a form, and goes with the head of the form or with other fields.
    Field,
    /// It is the head of links or of openings of other pages, and goes if such a run follows.
    Head,
    /// It is as good as a web address where a run of links stands.
    Link,
    /// It may or may not be part of the document: evidence for the model.
    Hint,
    /// At the start of a line, with further steps and a title glued to it, it is a breadcrumb.
    CrumbHome,
    /// It is a further step of such a breadcrumb.
    Crumb,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

/// A rule as it stands in a file of rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, as it stands in edits.
    pub name: String,
    /// What it finds, for a person.
    pub about: String,
    /// What a matching line means.
    pub action: Action,
    /// Lines of more words never match.
    #[serde(default = "twelve")]
    pub max_words: usize,
    /// Phrases that are the whole line, by language. Case, punctuation and spaces do not matter; a
    /// digit stands for any digit.
    #[serde(default)]
    pub line: BTreeMap<String, Vec<String>>,
    /// Phrases that a line begins with, by language.
    #[serde(default)]
    pub start: BTreeMap<String, Vec<String>>,
    /// Phrases anywhere in a line, by language.
    #[serde(default)]
    pub any: BTreeMap<String, Vec<String>>,
    /// Regular expressions for the line, by language; `any` for all languages.
    #[serde(default)]
    pub pattern: BTreeMap<String, Vec<String>>,
    /// Lines that the rule must match.
    pub matches: Vec<String>,
    /// Lines that it must not match.
    pub spares: Vec<String>,
}

fn twelve() -> usize {
    12
}

/// Rules ready to be matched.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    /// Phrases that a line begins with or consists of, and for each its rule and whether it must be
    /// the whole line. Such a search ends where no phrase goes on.
    heads: AhoCorasick,
    head_rules: Vec<(u8, bool)>,
    /// Phrases anywhere.
    inner: AhoCorasick,
    inner_rules: Vec<u8>,
    /// How they begin. Where words stand apart, they are looked for only at such words.
    beginnings: [u64; BEGINNINGS],
    patterns: RegexSet,
    pattern_rules: Vec<u8>,
}

impl Rules {
    /// Compiles files of rules. A rule with the name of an earlier one replaces it.
    pub(crate) fn new(files: &[(&str, &str)]) -> Result<Self, Error> {
        let mut rules: Vec<Rule> = Vec::new();
        for (name, text) in files {
            let file: File = toml::from_str(text).map_err(|error| Error::Rules {
                file: (*name).to_owned(),
                message: error.to_string(),
            })?;
            for rule in file.rule {
                match rules.iter_mut().find(|known| known.name == rule.name) {
                    Some(known) => *known = rule,
                    None => rules.push(rule),
                }
            }
        }
        if rules.len() > 64 {
            return Err(Error::TooMany { rules: rules.len() });
        }
        let (mut heads, mut head_rules) = (Vec::new(), Vec::new());
        let (mut inner, mut inner_rules) = (Vec::new(), Vec::new());
        let mut beginnings = [0; BEGINNINGS];
        let (mut patterns, mut pattern_rules) = (Vec::new(), Vec::new());
        for (i, rule) in rules.iter().enumerate() {
            if matches!(rule.action, Action::CrumbHome | Action::Crumb) {
                continue; // case and glue matter there: see `Crumbs`
            }
            let i = i as u8;
            for (phrases, whole) in [(&rule.line, true), (&rule.start, false)] {
                for text in phrases.values().flatten() {
                    heads.push(phrase(rule, text)?);
                    head_rules.push((i, whole));
                }
            }
            for text in rule.any.values().flatten() {
                let phrase = phrase(rule, text)?;
                let bit = beginning(phrase.as_bytes());
                beginnings[bit / 64] |= 1 << (bit % 64);
                // Of these it is not known what follows on them and the space.
                if phrase.len() + 1 < BEGINNING {
                    beginnings = [u64::MAX; BEGINNINGS];
                }
                inner.push(phrase);
                inner_rules.push(i);
            }
            for pattern in rule.pattern.values().flatten() {
                patterns.push(pattern.as_str());
                pattern_rules.push(i);
            }
        }
        let failed = |error: &dyn std::fmt::Display| Error::Pattern { message: error.to_string() };
        let heads = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .start_kind(StartKind::Anchored)
            .build(&heads)
            .map_err(|error| failed(&error))?;
        let inner = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .start_kind(StartKind::Both)
            .build(&inner)
            .map_err(|error| failed(&error))?;
        let patterns = RegexSetBuilder::new(&patterns)
            .size_limit(1 << 24)
            .dfa_size_limit(1 << 24)
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self {
            rules,
            heads,
            head_rules,
            inner,
            inner_rules,
            beginnings,
            patterns,
            pattern_rules,
        })
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that `line`, which the scanner has read, matches, as bits.
    pub(crate) fn matched(&self, line: &str, scanner: &Scanner) -> u64 {
        let words = scanner.words();
        let mut matched = 0u64;
        let mut add = |rule: u8| {
            if words <= self.rules[rule as usize].max_words {
                matched |= 1 << rule;
            }
        };
        let normal = scanner.normal().trim_matches(' ');
        overlapping(&self.heads, Input::new(normal).anchored(Anchored::Yes), |found| {
            let (rule, whole) = self.head_rules[found.pattern().as_usize()];
            if found.end() == normal.len() || (!whole && ends_word(normal, found.end())) {
                add(rule);
            }
        });
        let mut inner = |found: Match| {
            if ends_word(normal, found.end()) && starts_word(normal, found.start()) {
                add(self.inner_rules[found.pattern().as_usize()]);
            }
        };
        if scanner.unspaced {
            overlapping(&self.inner, Input::new(normal), &mut inner);
        } else {
            for start in scanner.starts().filter(|&at| self.may_begin(scanner.normal(), at)) {
                let input = Input::new(normal).range(start - 1..).anchored(Anchored::Yes);
                overlapping(&self.inner, input, &mut inner);
            }
        }
        if line.len() <= PATTERN_LIMIT && self.patterns.is_match(line) {
            for found in &self.patterns.matches(line) {
                add(self.pattern_rules[found]);
            }
        }
        matched
    }

    /// Whether a phrase may begin at a byte of a normal form: it begins like one.
    fn may_begin(&self, normal: &str, at: usize) -> bool {
        let bit = beginning(&normal.as_bytes()[at..]);
        self.beginnings[bit / 64] >> (bit % 64) & 1 != 0
    }

    /// The bits of all rules with this action.
    pub(crate) fn with_action(&self, action: Action) -> u64 {
        self.rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.action == action)
            .fold(0, |bits, (i, _)| bits | 1 << i)
    }

    /// The name of the first rule among `bits`.
    pub(crate) fn name(&self, bits: u64) -> Option<&str> {
        self.rules.get(bits.trailing_zeros() as usize).map(|rule| rule.name.as_str())
    }
}

/// Calls `found` with all matches.
fn overlapping(phrases: &AhoCorasick, input: Input<'_>, mut found: impl FnMut(Match)) {
    let mut state = OverlappingState::start();
    while phrases.try_find_overlapping(input.clone(), &mut state).is_ok()
        && let Some(next) = state.get_match()
    {
        found(next);
    }
}

/// The bit of what begins like this.
fn beginning(bytes: &[u8]) -> usize {
    let mut start = [b' '; BEGINNING];
    for (start, &byte) in start.iter_mut().zip(bytes) {
        *start = byte;
    }
    let hash = u32::from_le_bytes(start).wrapping_mul(0x9e37_79b1);
    (hash >> 16) as usize % (64 * BEGINNINGS)
}

/// A phrase in its normal form.
fn phrase(rule: &Rule, text: &str) -> Result<String, Error> {
    let mut scanner = Scanner::new();
    let phrase = scanner.normalise(text, LINE_LIMIT).trim();
    if phrase.is_empty() {
        return Err(Error::EmptyPhrase { rule: rule.name.clone() });
    }
    Ok(phrase.to_owned())
}

fn ends_word(normal: &str, at: usize) -> bool {
    normal[at..].chars().next().is_none_or(|c| c == ' ' || is_unspaced(c))
        || normal[..at].chars().next_back().is_some_and(is_unspaced)
}

fn starts_word(normal: &str, at: usize) -> bool {
    normal[..at].chars().next_back().is_none_or(|c| c == ' ' || is_unspaced(c))
        || normal[at..].chars().next().is_some_and(is_unspaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crumbs::Crumbs;

    /// The promise to whoever writes a rule: its examples are run.
    #[test]
    fn examples_hold() {
        let rules = Rules::new(&SHIPPED).expect("shipped rules are valid");
        let crumbs = Crumbs::new(rules.rules());
        let mut scanner = Scanner::new();
        let mut wrong = Vec::new();
        for (i, rule) in rules.rules().iter().enumerate() {
            let mut matches = |line: &str| {
                scanner.read(line);
                match rule.action {
                    Action::CrumbHome => crumbs.find(line).is_some(),
                    _ => rules.matched(line, &scanner) & 1 << i != 0,
                }
            };
            for line in &rule.matches {
                if !matches(line) {
                    wrong.push(format!("{} must match {line:?}", rule.name));
                }
            }
            for line in &rule.spares {
                if matches(line) {
                    wrong.push(format!("{} must not match {line:?}", rule.name));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}
