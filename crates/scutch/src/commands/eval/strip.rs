//! Labelled lines of pages.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use scutch_document::Origin;
use scutch_ingest::Body;
use scutch_pipeline::{Config, Stage, Stages};
use serde::Deserialize;

/// A page as a list of labelled lines: 1 content, 0 boilerplate, anything else left out.
#[derive(Deserialize)]
struct Page {
    url: Option<String>,
    #[serde(default = "yes")]
    ok: bool,
    lines: Vec<(String, serde_json::Value)>,
}

fn yes() -> bool {
    true
}

/// Scores kept lines against their labels.
pub(super) fn score(config: &Config, gold: &Path) -> Result<String> {
    let config = Config { stages: vec![Stage::Strip], ..config.clone() };
    let stages = Stages::new(&config)?;
    let strip = stages.strip.as_ref().context("strip is switched off")?;
    let pages = labelled_pages(gold)?;
    let mut score = scutch_strip::eval::Score::default();
    for page in pages.iter().filter(|page| page.ok) {
        let lines: Vec<(&str, Option<bool>)> = page
            .lines
            .iter()
            .map(|(line, label)| (line.as_str(), label.as_i64().map(|label| label == 1)))
            .collect();
        let origin = Origin { url: page.url.clone(), ..Origin::default() };
        score.add_page(strip, origin, &lines);
    }
    let mut out = String::from(
        "| by | precision | recall | F1 | content kept | boilerplate removed |\n|---|---|---|---|---|---|\n",
    );
    for (by, counts) in [("lines", score.lines), ("characters", score.chars)] {
        let _ = writeln!(
            out,
            "| {by} | {:.3} | {:.3} | {:.3} | {:.2} % | {:.1} % |",
            counts.precision(),
            counts.recall(),
            counts.f1(),
            100.0 * counts.recall(),
            100.0 * counts.removed_share()
        );
    }
    Ok(out)
}

/// Reads the pages through ingest, which knows compression; the labelled lines are "other fields".
fn labelled_pages(gold: &Path) -> Result<Vec<Page>> {
    let config = scutch_ingest::Config {
        text: vec!["id".to_owned()],
        url: Vec::new(),
        id: Vec::new(),
        ..scutch_ingest::Config::default()
    };
    let mut pages = Vec::new();
    for source in scutch_ingest::discover(&[gold.to_owned()])? {
        for record in scutch_ingest::open(&source, &config)? {
            let record = record?;
            let place = || format!("{}, record {}", source.path.display(), record.number);
            match (&record.body, &record.meta) {
                (Body::Text(_), Some(meta)) => {
                    pages.push(serde_json::from_str(meta).with_context(place)?);
                }
                _ => bail!("{}: not a page with `id` and `lines`", place()),
            }
        }
    }
    Ok(pages)
}
