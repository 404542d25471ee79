//! Which kinds of spinners had a hand in a text.
//!
//! A lexicon holds the pairs of many spinners, a text those of one. How much of each family the
//! text's spinner knows is found by expectation maximisation: the probability that a place is spun
//! follows from its family's activity, and the activity from how many of the family's originals seem
//! to be spun, beside as many as the lexicon leads to expect.

use crate::lexicon::{Family, Standing};
use crate::survey::{Count, MOST_PLACES, powers};

/// Rounds: with twice as many, simulated spins and the gold texts came out the same.
const ROUNDS: usize = 4;
/// So many originals, spun as expected, are taken for granted.
const PRIOR: f64 = 3.0;
/// Bounds of an activity.
const LEAST: f64 = 0.02;
const MOST: f64 = 2.0;

/// The odds against a place's being spun that seems to be, were all families active: single margins
/// tell no more than this mean.
const ODDS: f64 = 0.15;

/// Places that seem to be spun: number of the original, and family.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    places: Vec<(u32, usize)>,
}

impl Activity {
    /// A place where a pair is better than the text as it is, when all are active.
    pub(crate) fn seen(&mut self, original: u32, family: Family) {
        self.places.push((original, family as usize));
    }

    /// How much more the spinner knows of each family than the lexicon says, given how spinners stand
    /// to the originals, and their places.
    pub(crate) fn estimate<'a>(
        &mut self,
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
        self.places.sort_unstable();
        let mut active = [1.0; Family::COUNT];
        for _ in 0..ROUNDS {
            let mut found = [PRIOR; Family::COUNT];
            let none = active.map(|active| powers(ODDS / (ODDS + active)));
            for places in self.places.chunk_by(|a, b| a == b) {
                let family = places[0].1;
                found[family] += 1.0 - none[family][MOST_PLACES.min(places.len())];
            }
            for (family, active) in active.iter_mut().enumerate() {
                *active = (found[family] / expected[family]).clamp(LEAST, MOST);
            }
        }
        active
    }
}
