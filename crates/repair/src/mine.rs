//! Learning new pairs from a spun copy and its original.
//!
//! The two texts are aligned word by word: words that occur once in both, in the same order, are
//! anchors (patience diff, Bram Cohen); between two anchors the same is done again, and short
//! stretches are aligned by their longest common subsequence. What differs between two places
//! that agree is a proposal. Proposals are for a person to accept: a pair is worth something when
//! several documents of several sites show it, and always in the same direction.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::lexicon::Lexicon;
use crate::words::{Kind, Token, Tokens, lower};

/// Words that a proposal's side may have.
const LONGEST: usize = 5;
/// Stretches up to this length on both sides are aligned exactly.
const EXACT: usize = 80;
/// Contexts that are kept as examples.
const EXAMPLES: usize = 3;

/// Collects evidence from pairs of texts.
#[derive(Debug, Default)]
pub struct Miner {
    pairs: BTreeMap<(String, String), Evidence>,
}

#[derive(Debug, Default)]
struct Evidence {
    count: usize,
    documents: usize,
    sites: BTreeSet<String>,
    contexts: Vec<String>,
}

/// A pair to be accepted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The spun form, in lower case.
    pub spun: String,
    /// What the original has there, in lower case.
    pub original: String,
    /// How often the one stands for the other.
    pub count: usize,
    /// In how many pairs of documents.
    pub documents: usize,
    /// On how many sites.
    pub sites: usize,
    /// How often it is the other way round.
    pub reverse: usize,
    /// Whether the lexicon has it already.
    pub known: bool,
    /// A few places, as they stand in spun copies.
    pub contexts: Vec<String>,
}

/// What a proposal must have to be worth a person's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Least {
    /// Pairs of documents that show it.
    pub documents: usize,
    /// Sites that show it.
    pub sites: usize,
}

impl Default for Least {
    fn default() -> Self {
        Self { documents: 2, sites: 1 }
    }
}

impl Miner {
    /// Aligns a spun copy, found on `site`, with its original, and notes what differs.
    pub fn add(&mut self, site: &str, spun: &str, original: &str) {
        let (a, b) = (words(spun), words(original));
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        for (x, y) in differences(&a, &b).into_iter().flat_map(|(x, y)| at_breaks(&a, x, &b, y)) {
            let sides = (phrase(spun, &a[x.clone()]), phrase(original, &b[y]));
            let (Some(from), Some(to)) = sides else { continue };
            if from == to {
                continue;
            }
            let context = context(spun, &a, x);
            let evidence = self.pairs.entry((from.clone(), to.clone())).or_default();
            evidence.count += 1;
            if seen.insert((from, to)) {
                evidence.documents += 1;
                evidence.sites.insert(site.to_owned());
            }
            if evidence.contexts.len() < EXAMPLES {
                evidence.contexts.push(context);
            }
        }
    }

    /// The pairs with enough evidence, most frequent first. A pair that is found at least a third as
    /// often the other way round is no spinner's doing and is left out.
    pub fn proposals(&self, least: &Least, lexicon: &Lexicon) -> Vec<Proposal> {
        let mut proposals: Vec<Proposal> = self
            .pairs
            .iter()
            .filter(|(_, evidence)| {
                evidence.documents >= least.documents && evidence.sites.len() >= least.sites
            })
            .map(|((spun, original), evidence)| {
                let reverse = self.pairs.get(&(original.clone(), spun.clone()));
                Proposal {
                    spun: spun.clone(),
                    original: original.clone(),
                    count: evidence.count,
                    documents: evidence.documents,
                    sites: evidence.sites.len(),
                    reverse: reverse.map_or(0, |evidence| evidence.count),
                    known: lexicon.has(spun, original),
                    contexts: evidence.contexts.clone(),
                }
            })
            .filter(|proposal| proposal.reverse * 3 < proposal.count)
            .collect();
        proposals.sort_by_key(|proposal| std::cmp::Reverse(proposal.count));
        proposals
    }
}

fn words(text: &str) -> Vec<Token> {
    Tokens::new(text).collect()
}

/// The words as a lexicon would write them, if it could.
fn phrase(text: &str, tokens: &[Token]) -> Option<String> {
    let joined = tokens.iter().skip(1).all(|token| token.joined);
    let plain = tokens.iter().all(|token| token.kind == Kind::Word);
    if tokens.is_empty() || tokens.len() > LONGEST || !joined || !plain {
        return None;
    }
    let words: Vec<String> =
        tokens.iter().map(|token| lower(&text[token.start..token.stem_end])).collect();
    Some(words.join(" "))
}

fn context(text: &str, tokens: &[Token], span: Range<usize>) -> String {
    let first = &tokens[span.start.saturating_sub(4)];
    let last = &tokens[(span.end + 3).min(tokens.len() - 1)];
    text[first.start..last.end].split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Stretches that differ between two places that agree: in `a`, and in `b`.
fn differences(a: &[Token], b: &[Token]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut matched = Vec::new();
    let mut open = vec![(0..a.len(), 0..b.len())];
    while let Some((x, y)) = open.pop() {
        if x.is_empty() || y.is_empty() {
            continue;
        }
        if x.len() <= EXACT && y.len() <= EXACT {
            common_subsequence(a, b, x, y, &mut matched);
            continue;
        }
        let anchors = anchors(a, b, &x, &y);
        let mut from = (x.start, y.start);
        for &(i, j) in &anchors {
            open.push((from.0..i, from.1..j));
            from = (i + 1, j + 1);
        }
        if !anchors.is_empty() {
            open.push((from.0..x.end, from.1..y.end));
        }
        matched.extend(anchors);
    }
    matched.sort_unstable();
    let mut found = Vec::new();
    for pair in matched.windows(2) {
        let ((i, j), (k, l)) = (pair[0], pair[1]);
        if k > i + 1 && l > j + 1 {
            found.push((i + 1..k, j + 1..l));
        }
    }
    found
}

/// Cuts both sides at their punctuation, if that gives as many pieces on both.
fn at_breaks(
    a: &[Token],
    x: Range<usize>,
    b: &[Token],
    y: Range<usize>,
) -> Vec<(Range<usize>, Range<usize>)> {
    let pieces = |tokens: &[Token], range: Range<usize>| {
        let mut pieces = Vec::new();
        let mut from = range.start;
        for (at, token) in tokens.iter().enumerate().take(range.end).skip(range.start + 1) {
            if !token.joined {
                pieces.push(from..at);
                from = at;
            }
        }
        pieces.push(from..range.end);
        pieces
    };
    let (in_a, in_b) = (pieces(a, x), pieces(b, y));
    if in_a.len() == in_b.len() { in_a.into_iter().zip(in_b).collect() } else { Vec::new() }
}

/// Words that occur once in both stretches, as far as they come in the same order.
fn anchors(a: &[Token], b: &[Token], x: &Range<usize>, y: &Range<usize>) -> Vec<(usize, usize)> {
    let once = |tokens: &[Token], range: &Range<usize>| {
        let mut places: BTreeMap<u64, Option<usize>> = BTreeMap::new();
        for at in range.clone() {
            places.entry(tokens[at].key).and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    };
    let (in_a, in_b) = (once(a, x), once(b, y));
    let mut shared: Vec<(usize, usize)> =
        in_a.iter().filter_map(|(hash, place)| Some(((*place)?, (*in_b.get(hash)?)?))).collect();
    shared.sort_unstable();
    // Longest run that ascends in `b` too (patience sorting).
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; shared.len()];
    for (number, &(_, j)) in shared.iter().enumerate() {
        let pile = piles.partition_point(|&top| shared[top].1 < j);
        before[number] = pile.checked_sub(1).map(|pile| piles[pile]);
        if pile == piles.len() {
            piles.push(number);
        } else {
            piles[pile] = number;
        }
    }
    let mut run = Vec::with_capacity(piles.len());
    let mut here = piles.last().copied();
    while let Some(number) = here {
        run.push(shared[number]);
        here = before[number];
    }
    run.reverse();
    run
}

/// The longest common subsequence of two short stretches.
fn common_subsequence(
    a: &[Token],
    b: &[Token],
    x: Range<usize>,
    y: Range<usize>,
    matched: &mut Vec<(usize, usize)>,
) {
    let width = y.len() + 1;
    let mut lengths = vec![0u16; (x.len() + 1) * width];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            let here = i * width + j;
            lengths[here] = if a[x.start + i].key == b[y.start + j].key {
                lengths[here + width + 1] + 1
            } else {
                lengths[here + width].max(lengths[here + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < x.len() && j < y.len() {
        let here = i * width + j;
        if a[x.start + i].key == b[y.start + j].key {
            matched.push((x.start + i, y.start + j));
            i += 1;
            j += 1;
        } else if lengths[here + width] >= lengths[here + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_become_proposals_in_one_direction() {
        let mut miner = Miner::default();
        let original = "The minister held a phone call with his office, according to the paper.";
        let spun =
            "The minister held a telephone name with his workplace, in keeping with the paper.";
        miner.add("a.com", spun, original);
        miner.add("b.com", &format!("{spun} More."), &format!("{original} More."));
        let lexicon = Lexicon::parse(&[("t", "workplace\toffice\n")]).unwrap();
        let proposals = miner.proposals(&Least { documents: 2, sites: 2 }, &lexicon);
        let found: Vec<(&str, &str, bool)> =
            proposals.iter().map(|p| (&*p.spun, &*p.original, p.known)).collect();
        assert_eq!(
            found,
            [
                ("in keeping with", "according to", false),
                ("telephone name", "phone call", false),
                ("workplace", "office", true),
            ]
        );
        miner.add("c.com", original, spun);
        assert!(miner.proposals(&Least::default(), &lexicon).is_empty());
    }
}
