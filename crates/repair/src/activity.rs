//! Which kinds of spinners had a hand in a text.
//!
//! A lexicon holds the pairs of many spinners, a text those of one. How much of each family the
//! text's spinner knows is found by expectation maximisation: the probability that a place is spun
//! follows from its margin and its family's activity, and the activity from how many of the
//! family's originals seem to be spun, beside as many as the lexicon leads to expect.

use crate::lexicon::{Family, Standing};
use crate::score::Score;
use crate::survey::{Count, MOST_PLACES, powers};

/// Rounds: with twice as many, simulated spins and the gold texts came out the same.
const ROUNDS: usize = 4;
/// So many originals, spun as expected, are taken for granted.
const PRIOR: f64 = 3.0;
/// Bounds of an activity.
const LEAST: f64 = 0.02;
const MOST: f64 = 2.0;

/// Places that seem to be spun: number of the original, family, probability against its being so.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    places: Vec<(u32, usize, f64)>,
}

impl Activity {
    /// A place where a pair is better than the text as it is, by `margin`, when all are active.
    pub(crate) fn seen(&mut self, original: u32, family: Family, margin: Score) {
        self.places.push((original, family as usize, (-margin.max(Score::ZERO)).exp()));
    }

    /// How much more the spinner knows of each family than the lexicon says, given how spinners stand
    /// to the originals, and their places.
    pub(crate) fn estimate<'a>(
        mut self,
        originals: impl Iterator<Item = (&'a Standing, &'a Count)>,
        rate: f64,
    ) -> [f64; Family::COUNT] {
        let mut expected = [PRIOR; Family::COUNT];
        let missed = powers(1.0 - rate);
        for (standing, count) in originals {
            let missed = missed[MOST_PLACES.min((count.stands + count.spun) as usize)];
            let known = standing.coverage * (1.0 - missed);
            for (sum, share) in expected.iter_mut().zip(standing.shares) {
                *sum += known * share;
            }
        }
        self.places.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        let mut active = [1.0; Family::COUNT];
        for _ in 0..ROUNDS {
            let mut found = [PRIOR; Family::COUNT];
            for head in self.places.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                let family = head[0].1;
                // Not the least of numbers, which processors are slow at.
                let none = |odds: f64| odds / (odds + active[family]);
                let none = |all: f64, &(_, _, odds): &_| (all * none(odds)).max(f64::EPSILON);
                found[family] += 1.0 - head.iter().fold(1.0, none);
            }
            for (family, active) in active.iter_mut().enumerate() {
                *active = (found[family] / expected[family]).clamp(LEAST, MOST);
            }
        }
        active
    }
}
