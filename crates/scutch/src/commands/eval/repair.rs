//! Spans with accepted repairs.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use scutch_document::{Document, Origin};
use scutch_pipeline::{Config, Stage, Stages};

use crate::commands::read_text;

/// Scores the edits of the texts that a gold file names.
pub(super) fn score(config: &Config, gold: &Path) -> Result<String> {
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
