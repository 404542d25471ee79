//! `scutch dedup`: a run of the dedup stage alone, told line by line.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scutch_dataset::Dataset;
use scutch_document::Id;
use scutch_pipeline::{Request, Stage};
use serde_json::{Value, json};

use crate::Outcome;
use crate::args::{Common, Dedup};
use crate::commands::{load_config, open, threads, until_ctrl_c};
use crate::talk::Talk;

/// What became of a line.
struct Line {
    record: u64,
    id: Id,
    /// The line's own id, or its number.
    name: Value,
    /// The document in whose stead it goes, and how alike they are.
    copy: Option<(Id, Option<f32>)>,
}

pub(super) fn dedup(common: &Common, args: &Dedup, talk: &Talk) -> Result<Outcome> {
    let mut config = load_config(common)?;
    // The repair stage's gate tells which of two copies is spun.
    config.stages = vec![Stage::Dedup, Stage::Repair];
    let temp = tempfile::tempdir().context("cannot make a temporary folder (TMPDIR says where)")?;
    let stop = until_ctrl_c()?;
    let (copy, name) = input(args.file.as_deref(), temp.path())?;
    let request = Request {
        inputs: vec![copy],
        output: temp.path().join("dataset"),
        against: Vec::new(),
        threads: threads(common),
        memory: common.memory,
        resume: false,
    };
    scutch_pipeline::run(&config, &request, &*talk.progress(), &stop)?;

    let (lines, outcome) = lines(&Dataset::open(&request.output)?, &name, talk)?;
    let copies: BTreeMap<Id, Id> =
        lines.iter().filter_map(|line| Some((line.id, line.copy?.0))).collect();
    // A copy of a copy goes in the stead of the one that is kept.
    let root = |mut id: Id| {
        while let Some(next) = copies.get(&id) {
            id = *next;
        }
        id
    };
    let names: BTreeMap<Id, &Value> = lines.iter().map(|line| (line.id, &line.name)).collect();
    let roots: std::collections::BTreeSet<Id> = copies.values().map(|id| root(*id)).collect();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in &lines {
        let own = root(line.id);
        let name = names.get(&own).filter(|_| roots.contains(&own));
        let row = json!({
            "id": line.name,
            "cluster": name,
            "kept": line.copy.is_none(),
            "duplicate_of": line.copy.and(name),
            "similarity": line.copy.and_then(|(_, similarity)| similarity),
        });
        writeln!(out, "{row}")?;
    }
    out.flush()?;
    Ok(outcome)
}

/// A copy of the file, or of standard input, that ingest can read again, and what it is a copy of.
fn input(file: Option<&Path>, temp: &Path) -> Result<(PathBuf, String)> {
    let copy = temp.join("lines.jsonl");
    let (mut from, name) = open(file)?;
    let what = || format!("cannot copy {name} to {} (TMPDIR names another place)", copy.display());
    let mut to = std::fs::File::create(&copy).with_context(what)?;
    std::io::copy(&mut from, &mut to).with_context(what)?;
    Ok((copy, name))
}

/// The lines in their order; bad ones are named and left out.
fn lines(dataset: &Dataset, file: &str, talk: &Talk) -> Result<(Vec<Line>, Outcome)> {
    let mut lines = Vec::new();
    let mut outcome = Outcome::Done;
    let name =
        |source_id: Option<String>, record| source_id.map_or_else(|| json!(record), Value::String);
    for row in dataset.documents()? {
        let origin = row?.origin;
        let name = name(origin.source_id, origin.record);
        lines.push(Line { record: origin.record, id: origin.id, name, copy: None });
    }
    for row in dataset.rejected()? {
        let row = row?;
        let origin = row.origin;
        match row.duplicate_of.and_then(|id| id.parse().ok()) {
            Some(id) => lines.push(Line {
                record: origin.record,
                id: origin.id,
                name: name(origin.source_id, origin.record),
                copy: Some((id, row.similarity)),
            }),
            None => {
                let why = format!("{}; left out", row.detail);
                talk.warn(&format!("{file}, record {}: {}: {why}", origin.record, row.reason));
                outcome = Outcome::NotWell;
            }
        }
    }
    lines.sort_by_key(|line| line.record);
    Ok((lines, outcome))
}
