//! Which kinds of spinners had a hand in a text.
//!
//! A lexicon holds the pairs of many spinners, a text those of one. How much of each family the
//! text's spinner knows is found by expectation maximisation: the probability that a place is spun
//! follows from its margin and its family's activity, and the activity from how many of the
//! family's originals seem to be spun, beside as many as the lexicon leads to expect.

use std::collections::BTreeMap;

use crate::lexicon::{Family, Lexicon, Original};
use crate::score::Score;

/// Rounds, enough for two decimals.
const ROUNDS: usize = 8;
/// So many originals, spun as expected, are taken for granted.
const PRIOR: f64 = 3.0;
/// Bounds of an activity.
const LEAST: f64 = 0.02;
const MOST: f64 = 2.0;

/// Places that seem to be spun: phrase of the original, family, probability against its being so.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    places: Vec<(u64, usize, f64)>,
}

impl Activity {
    /// A place where a pair is better than the text as it is, by `margin`, when all are active.
    pub(crate) fn seen(&mut self, original: &Original, margin: Score) {
        self.places.push((original.phrase, original.family as usize, odds_against(margin)));
    }

    /// How much more the spinner knows of each family than the lexicon says. `counts` holds, for
    /// each original, where it stands and where it seems to be spun.
    pub(crate) fn estimate(
        mut self,
        counts: &BTreeMap<u64, (u32, u32)>,
        rate: f64,
        lexicon: &Lexicon,
    ) -> [f64; Family::COUNT] {
        let mut expected = [PRIOR; Family::COUNT];
        for (&phrase, &(stands, spun)) in counts {
            let missed = (0..(stands + spun).min(50)).fold(1.0, |left, _| left * (1.0 - rate));
            let known = lexicon.coverage(phrase) * (1.0 - missed);
            for (sum, share) in expected.iter_mut().zip(lexicon.shares(phrase)) {
                *sum += known * share;
            }
        }
        self.places.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        let mut active = [1.0; Family::COUNT];
        for _ in 0..ROUNDS {
            let mut found = [PRIOR; Family::COUNT];
            for head in self.places.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                let family = head[0].1;
                let none = |odds: f64| odds / (odds + active[family]);
                found[family] += 1.0 - head.iter().map(|&(_, _, odds)| none(odds)).product::<f64>();
            }
            for (family, active) in active.iter_mut().enumerate() {
                *active = (found[family] / expected[family]).clamp(LEAST, MOST);
            }
        }
        active
    }
}

/// exp(-margin), from products alone: libraries differ in the last digit of `exp`.
fn odds_against(margin: Score) -> f64 {
    const HALVINGS: u32 = 20;
    let step = margin.to_nats().max(0.0) / f64::from(1 << HALVINGS);
    (0..HALVINGS).fold(1.0 / (1.0 + step), |power, _| power * power)
}
