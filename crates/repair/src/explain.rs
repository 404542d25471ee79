//! How each replacement came about, for a person to read.

use std::ops::Range;

use crate::repair::{Choice, Decision, Repair};

/// A place that the decoder could change, and everything that it weighed there.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Bytes of the spun form.
    pub span: Range<usize>,
    /// The spun form as it stands there.
    pub before: String,
    /// What is done with it.
    pub choice: Choice,
    /// How much better the best original is than the text as it is, in nats.
    pub margin: f64,
    /// How much better it is than any other replacement, in nats.
    pub gap: f64,
    /// Originals, best first, each with its distance from leaving the text as it is, in nats.
    pub alternatives: Vec<(String, f64)>,
}

/// Explains every place of a text, taken for spun, that the decoder could change.
pub fn explain(repair: &Repair, text: &str) -> Vec<Explanation> {
    let mut explanations = Vec::new();
    repair.decide(text, &mut |sentence, decisions, search| {
        for Decision { site, gap, choice } in decisions {
            let span = &sentence.places[site.place].span;
            let span = sentence.tokens[span.start].start..sentence.tokens[span.end - 1].end;
            let lexicon = repair.lexicon();
            let mut alternatives: Vec<(String, f64)> = search
                .originals(sentence, site.place)
                .map(|(pair, score)| {
                    let text = lexicon.text(lexicon.pairs()[pair].original);
                    (text.to_owned(), (score - site.keep).to_nats())
                })
                .filter(|(_, margin)| *margin > -1e6)
                .collect();
            alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
            explanations.push(Explanation {
                before: text[span.clone()].to_owned(),
                span,
                choice: *choice,
                margin: site.margin().to_nats(),
                gap: gap.to_nats(),
                alternatives,
            });
        }
    });
    explanations
}
