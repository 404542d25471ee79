//! Scores against labelled pairs.

use std::collections::BTreeSet;
use std::convert::Infallible;

use crate::meet::{Meeting, Place, meet, meet_twice};
use crate::rank::Rank;
use crate::sketch::{Near, Sketch};

/// Pairs that were judged, against what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    /// Duplicates that were found.
    pub right: usize,
    /// Pairs that were found and are none.
    pub wrong: usize,
    /// Duplicates that were not found.
    pub missed: usize,
}

impl Score {
    /// Counts a pair.
    pub fn add(&mut self, duplicate: bool, found: bool) {
        match (duplicate, found) {
            (true, true) => self.right += 1,
            (false, true) => self.wrong += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    /// Share of the found pairs that are duplicates.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Share of the duplicates that were found.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// Harmonic mean of the two.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// All pairs of copies among a few documents, in memory: as places in `sketches`, the smaller first.
pub fn copies(near: &Near, sketches: &[(Rank, Sketch)]) -> BTreeSet<(usize, usize)> {
    let mut keys: Vec<(u32, Rank, usize, bool)> = Vec::new();
    for (i, (rank, sketch)) in sketches.iter().enumerate() {
        keys.extend(sketch.keys.iter().map(|key| (key.value, *rank, i, key.posted)));
    }
    keys.sort_unstable();
    let mut pairs = Vec::new();
    for of_one in keys.chunk_by(|a, b| a.0 == b.0) {
        let meeting = |&(_, _, i, posted): &_| Meeting { place: Place::present(i as u32), posted };
        let group: Vec<Meeting> = of_one.iter().map(meeting).collect();
        meet(of_one[0].0, &group, |pair| pairs.push(Ok::<_, Infallible>(pair)));
    }
    pairs.sort_unstable();
    let mut candidates: BTreeSet<_> = meet_twice(pairs.into_iter())
        .flatten()
        .map(|pair| (pair.first.number as usize, pair.second as usize))
        .collect();
    let shingles: Vec<_> = sketches.iter().map(|(_, sketch)| near.shingles(sketch)).collect();
    candidates.retain(|&(a, b)| near.compare(&shingles[a], &shingles[b]).is_some());
    candidates
}

#[cfg(test)]
mod tests {
    use scutch_document::{Document, Id, Origin};

    use super::*;
    use crate::config::Config;
    use crate::mutable::Mutable;

    #[test]
    fn finds_the_copies_and_scores_them() {
        let near = Near::new(&Config::default());
        let mutable = Mutable::new(|_| false);
        let texts =
            ["one two three four five six", "ONE two, three four five six", "seven eight nine ten"];
        let sketches: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| {
                let origin = Origin { id: Id(i as u128), ..Origin::default() };
                let document = Document::new(origin, *text);
                (Rank::new(&document, 0.1), near.sketch(&document, &mutable))
            })
            .collect();
        let found = copies(&near, &sketches);
        assert_eq!(found, BTreeSet::from([(0, 1)]));
        let mut score = Score::default();
        for (pair, duplicate) in [((0, 1), true), ((0, 2), false), ((1, 2), true)] {
            score.add(duplicate, found.contains(&pair));
        }
        assert_eq!((score.precision(), score.recall()), (1.0, 0.5));
    }
}
