//! `scutch eval`: precision, recall and F of a stage on a labelled set.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use scutch_document::{Document, Origin};
use scutch_ingest::Body;
use scutch_pipeline::{Config, Stage, Stages};
use serde::Deserialize;

use crate::Outcome;
use crate::args::{Common, Profile, Task};
use crate::commands::{Usage, load_config, pool, read_file, read_text, write_out};

pub(super) fn eval(
    common: &Common,
    task: Task,
    gold: &Path,
    profile: Option<Profile>,
) -> Result<Outcome> {
    let mut config = load_config(common)?;
    match (task, profile) {
        (Task::Strip, Some(profile)) => config.strip.profile = profile.into(),
        (_, Some(_)) => bail!(Usage("--profile goes with `eval strip`".to_owned())),
        _ => {}
    }
    let table = pool(common)?.install(|| match task {
        Task::Decode => decode(&config, gold),
        Task::Strip => strip(&config, gold),
        Task::Dedup => dedup(&config, gold),
        Task::Repair => repair(&config, gold),
    })?;
    write_out(table.as_bytes())
}

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

fn strip(config: &Config, gold: &Path) -> Result<String> {
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
    for source in scutch_ingest::discover(&[gold.to_owned()], &config)? {
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

fn repair(config: &Config, gold: &Path) -> Result<String> {
    let config = Config { stages: vec![Stage::Repair], ..config.clone() };
    let stages = Stages::new(&config)?;
    let name = gold.display().to_string();
    let mut all = scutch_repair::eval::Scores::default();
    for gold_text in scutch_repair::eval::Gold::parse(&name, &read_text(&gold.to_owned())?)? {
        let path = beside(gold, &gold_text.path)
            .with_context(|| format!("{name} names {}, which is not there", gold_text.path))?;
        let text = read_text(&path)?;
        let mut document = Document::new(Origin::default(), text.clone());
        if let Err(why) = stages.filter(Stage::Repair, &mut document) {
            bail!("{}: {}: {}", path.display(), why.reason, why.detail);
        }
        all.add(gold_text.score(&name, &text, document.edits())?);
    }
    let mut out = String::from(
        "| edits | right | must | repaired | precision | recall | F0.5 |\n|---|---|---|---|---|---|---|\n",
    );
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {:.3} | {:.3} | {:.3} |",
        all.edits,
        all.right,
        all.must,
        all.repaired,
        all.precision(),
        all.recall(),
        all.f05()
    );
    for error in &all.errors {
        let _ = writeln!(out, "- {error}");
    }
    Ok(out)
}

/// A path that a gold file names: as it stands, or below one of the gold file's folders.
fn beside(gold: &Path, named: &str) -> Option<PathBuf> {
    let here = PathBuf::from(named);
    let gold = gold.canonicalize().ok()?;
    std::iter::once(here)
        .chain(gold.ancestors().skip(1).map(|folder| folder.join(named)))
        .find(|path| path.is_file())
}

fn decode(_config: &Config, _gold: &Path) -> Result<String> {
    let _ = read_file;
    Ok(String::new())
}
fn dedup(_config: &Config, _gold: &Path) -> Result<String> {
    Ok(String::new())
}
