use regex::{RegexSet, RegexSetBuilder};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::Error;

/// Regular expressions of rules.
#[derive(Debug)]
pub(crate) struct Patterns {
    /// Those that begin where the line begins: by themselves, they are mostly through after a word.
    anchored: Set,
    /// The others have to be looked for all over a line, but not in one without any of the bytes that
    /// they need.
    others: Set,
    needed: Bytes,
}

/// A set of bytes.
type Bytes = [bool; 256];

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
        let mut all = [false; 256];
        for &(pattern, rule) in patterns {
            let parsed = regex_syntax::parse(pattern).map_err(|error| failed(&error))?;
            let is_anchored = parsed.properties().look_set_prefix().contains(Look::Start);
            if is_anchored {
                anchored.push((pattern, rule));
            } else {
                others.push((pattern, rule));
                all = union(all, needed(&parsed).unwrap_or([true; 256]));
            }
        }
        Ok(Self { anchored: Set::new(&anchored)?, others: Set::new(&others)?, needed: all })
    }

    /// Calls `found` with the rule of each pattern that `line` matches.
    pub(crate) fn matched(&self, line: &str, mut found: impl FnMut(u8)) {
        self.anchored.matched(line, &mut found);
        if line.bytes().any(|byte| self.needed[usize::from(byte)]) {
            self.others.matched(line, &mut found);
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

    fn matched(&self, line: &str, found: &mut impl FnMut(u8)) {
        if self.patterns.is_match(line) {
            self.patterns.matches(line).into_iter().for_each(|i| found(self.rules[i]));
        }
    }
}

/// Bytes of which every match has at least one, if there are such.
fn needed(pattern: &Hir) -> Option<Bytes> {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(literal) => {
            literal.0.iter().map(|&byte| range(byte, byte)).min_by_key(frequency)
        }
        // The first bytes of characters are in the order of the characters.
        HirKind::Class(Class::Unicode(class)) => {
            let first = |c: char| c.encode_utf8(&mut [0; 4]).as_bytes()[0];
            let ranges = class.ranges().iter();
            ranges.map(|chars| range(first(chars.start()), first(chars.end()))).reduce(union)
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().map(|bytes| range(bytes.start(), bytes.end())).reduce(union)
        }
        HirKind::Repetition(repetition) if repetition.min == 0 => None,
        HirKind::Repetition(repetition) => needed(&repetition.sub),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(needed).min_by_key(frequency),
        HirKind::Alternation(choices) => {
            choices.iter().map(needed).reduce(|a, b| Some(union(a?, b?)))?
        }
    }
}

/// Roughly how often a byte of the set stands in text.
fn frequency(bytes: &Bytes) -> usize {
    let of = |byte: u8| match byte {
        b' ' => 1_000,
        b'a'..=b'z' => 100,
        b'A'..=b'Z' | b'.' | b',' | b'-' => 10,
        _ => 1,
    };
    (0..=255).filter(|&byte| bytes[usize::from(byte)]).map(of).sum()
}

fn range(first: u8, last: u8) -> Bytes {
    std::array::from_fn(|byte| (usize::from(first)..=usize::from(last)).contains(&byte))
}

fn union(a: Bytes, b: Bytes) -> Bytes {
    std::array::from_fn(|byte| a[byte] || b[byte])
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::Pattern { message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_part_of_a_pattern_is_needed() {
        let of = |pattern: &str| {
            let bytes = needed(&regex_syntax::parse(pattern).expect("a pattern"))?;
            Some((0..=255).filter(|&byte: &u8| bytes[usize::from(byte)]).collect::<Vec<u8>>())
        };
        assert_eq!(of(r"said\s*:$"), Some(b":".to_vec()));
        assert_eq!(of(r"(?:t\.me|bit\.ly)/[^ ]+$"), Some(b"/".to_vec()));
        assert_eq!(of("[a-z]+(?-u:[0-2]){2}"), Some(b"012".to_vec()));
        assert_eq!(of("[★☆⭐]{3,}|(?:«|x{1,2})"), Some(vec![b'x', 0xc2, 0xe2]));
        assert_eq!(of("a*|b"), None);
        assert_eq!(of("^$"), None);
    }
}
