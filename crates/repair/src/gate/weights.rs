//! What each phrase tells about a text: log P(phrase | spun) / P(phrase | clean).

use crate::lexicon::{Lexicon, NONE};
use crate::lm::Model;
use crate::score::Score;

/// The weight of a phrase that tells nothing, or is only the beginning of one.
pub(crate) const NO_WEIGHT: i16 = i16::MIN;

/// How often a spinner is taken to change what it can.
const RATE: f64 = 0.5;
/// Added to frequencies, lest rare phrases decide alone.
const FLOOR: f64 = 1e-7;
/// No phrase tells more than this.
const MOST: Score = Score(4 * Score::NAT);

/// Weighs every phrase of the lexicon, in the order of its nodes.
pub(crate) fn weigh(lexicon: &Lexicon, model: &Model) -> Vec<i16> {
    let hashes = lexicon.hashes();
    let frequency = |words: &[u32]| {
        let words: Vec<u64> = words.iter().map(|&word| hashes[word as usize]).collect();
        model.phrase(&words).exp()
    };
    let originals: Vec<f64> =
        (0..lexicon.originals() as u32).map(|number| frequency(lexicon.words(number))).collect();
    let mut weights = vec![NO_WEIGHT; lexicon.trie().len()];
    let by_node = lexicon.originals_by_node();
    for ((node, &original), weight) in (0..).zip(&by_node).zip(&mut weights) {
        // What spinning adds to each spun form, and which phrases it takes away from.
        // Only the families that most spinners draw on can take away: a text of another is as rare as
        // its originals are frequent (`helium` = he).
        let left = if original == NONE {
            1.0
        } else {
            let standing = lexicon.standing(original);
            let [known, general, ..] = standing.shares;
            1.0 - RATE * standing.coverage * (known + general)
        };
        if let Some(form) = lexicon.form(node) {
            let clean = frequency(&lexicon.trie().path(node));
            let links = &lexicon.pairs()[lexicon.pairs_of(form)];
            let gained = links.iter().map(|link| {
                let known = lexicon.standing(link.original).coverage;
                known * originals[link.original as usize] * link.channel.exp()
            });
            let ratio = (left * clean + RATE * gained.sum::<f64>() + FLOOR) / (clean + FLOOR);
            *weight = Score::ln(ratio).clamp(-MOST, MOST).0 as i16;
        } else if original != NONE {
            *weight = Score::ln(left).0 as i16;
        }
    }
    weights
}
