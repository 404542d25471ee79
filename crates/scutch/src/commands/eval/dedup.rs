//! Pairs of documents.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use scutch_dedup::Rank;
use scutch_dedup::eval::{Score, copies};
use scutch_document::{Document, Id, Origin};
use scutch_pipeline::{Config, Stage, Stages};
use serde::Deserialize;

use crate::commands::read_text;

/// Two texts, and whether a person called them duplicates.
#[derive(Deserialize)]
struct Pair {
    a: String,
    b: String,
    duplicate: bool,
}

/// `GOLD.jsonl`: a [`Pair`] a line. `GOLD.truth`: two ids a line, the duplicates among the documents of
/// `GOLD.train`, which has an id, a space and a text a line.
pub(super) fn score(config: &Config, gold: &Path) -> Result<String> {
    let config = Config { stages: vec![Stage::Dedup], ..config.clone() };
    let stages = Stages::new(&config)?;
    let near = stages.near.as_ref().zip(stages.mutable.as_ref());
    let (near, mutable) = near.context("near-duplicate detection is switched off")?;
    let sketch = |id: usize, text: &str| {
        let document = Document::new(Origin { id: Id(id as u128), ..Origin::default() }, text);
        (Rank::new(&document, near.config().spin.spun_from), near.sketch(&document, mutable))
    };
    let mut score = Score::default();
    if gold.extension().is_some_and(|extension| extension == "truth") {
        let documents = read_text(&gold.with_extension("train"))?;
        let documents: Vec<_> = documents.lines().filter_map(|line| line.split_once(' ')).collect();
        let sketches: Vec<_> =
            documents.iter().enumerate().map(|(i, (_, text))| sketch(i, text)).collect();
        let pair = |a, b| if a < b { (a, b) } else { (b, a) };
        let mut found: BTreeSet<_> = copies(near, &sketches)
            .into_iter()
            .map(|(a, b)| pair(documents[a].0, documents[b].0))
            .collect();
        let truth = read_text(&gold.to_owned())?;
        for (a, b) in truth.lines().filter_map(|line| line.split_once(' ')) {
            score.add(true, found.remove(&pair(a.trim(), b.trim())));
        }
        score.wrong = found.len();
    } else {
        for (number, line) in read_text(&gold.to_owned())?.lines().enumerate() {
            let place = || format!("{}, line {}", gold.display(), number + 1);
            let pair: Pair = serde_json::from_str(line).with_context(place)?;
            let ((_, a), (_, b)) = (sketch(0, &pair.a), sketch(1, &pair.b));
            score.add(
                pair.duplicate,
                near.compare(&near.shingles(&a), &near.shingles(&b)).is_some(),
            );
        }
    }
    Ok(format!(
        "| right | wrong | missed | precision | recall | F1 |\n|---|---|---|---|---|---|\n\
         | {} | {} | {} | {:.3} | {:.3} | {:.3} |\n",
        score.right,
        score.wrong,
        score.missed,
        score.precision(),
        score.recall(),
        score.f1()
    ))
}
