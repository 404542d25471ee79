use regex::{RegexSet, RegexSetBuilder};
use regex_syntax::hir::Look;

use crate::Error;

/// Regular expressions of rules.
#[derive(Debug)]
pub(crate) struct Patterns {
    /// Those that begin where the line begins: by themselves, they are mostly through after a word.
    anchored: Set,
    others: Set,
}

/// Patterns that are tried together, and the rule of each.
#[derive(Debug)]
struct Set {
    patterns: RegexSet,
    rules: Vec<u8>,
}

impl Patterns {
    /// Compiles patterns, each with its rule.
    pub(crate) fn new(patterns: &[(&str, u8)]) -> Result<Self, Error> {
        let (mut anchored, mut others) = (Vec::new(), Vec::new());
        for &(pattern, rule) in patterns {
            let parsed = regex_syntax::parse(pattern).map_err(|error| failed(&error))?;
            let is_anchored = parsed.properties().look_set_prefix().contains(Look::Start);
            if is_anchored { &mut anchored } else { &mut others }.push((pattern, rule));
        }
        Ok(Self { anchored: Set::new(&anchored)?, others: Set::new(&others)? })
    }

    /// Calls `found` with the rule of each pattern that `line` matches.
    pub(crate) fn matched(&self, line: &str, mut found: impl FnMut(u8)) {
        for set in [&self.anchored, &self.others] {
            if set.patterns.is_match(line) {
                set.patterns.matches(line).into_iter().for_each(|i| found(set.rules[i]));
            }
        }
    }
}

impl Set {
    fn new(patterns: &[(&str, u8)]) -> Result<Self, Error> {
        let (texts, rules): (Vec<&str>, Vec<u8>) = patterns.iter().copied().unzip();
        let patterns = RegexSetBuilder::new(texts)
            .size_limit(1 << 24)
            .dfa_size_limit(1 << 24)
            .build()
            .map_err(|error| failed(&error))?;
        Ok(Self { patterns, rules })
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::Pattern { message: error.to_string() }
}
