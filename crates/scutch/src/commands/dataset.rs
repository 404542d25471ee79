//! `scutch restore`, `verify`, `diff`, `report`.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use scutch_dataset::Dataset;
use serde_json::json;

use crate::Outcome;
use crate::args::Restore;
use crate::commands::inspect::resolve;
use crate::commands::write_out;
use crate::talk::Talk;

pub(super) fn restore(args: &Restore) -> Result<Outcome> {
    let dataset = Dataset::open(&args.dataset)?;
    if let Some(id) = &args.id {
        return write_out(dataset.restore(resolve(&dataset, id)?)?.as_bytes());
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for restored in dataset.restore_all()? {
        let restored = restored?;
        let origin = &restored.origin;
        let line = json!({
            "id": origin.id.to_string(),
            "source": &*origin.source,
            "record": origin.record,
            "source_id": origin.source_id,
            "url": origin.url,
            "text": restored.text,
        });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

pub(super) fn verify(path: &Path, talk: &Talk) -> Result<Outcome> {
    let problems = scutch_dataset::verify(path)?;
    for problem in &problems {
        talk.warn(&problem.to_string());
    }
    if problems.is_empty() {
        talk.note(&format!("{}: whole, and as its manifest says", path.display()));
        return Ok(Outcome::Done);
    }
    Ok(Outcome::NotWell)
}

pub(super) fn diff(a: &Path, b: &Path, talk: &Talk) -> Result<Outcome> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failed = Ok(());
    let mut differences = 0u64;
    scutch_dataset::diff(a, b, |difference| {
        differences += 1;
        if failed.is_ok() {
            failed = writeln!(out, "{difference}");
        }
    })?;
    failed?;
    out.flush()?;
    if differences == 0 {
        talk.note("no difference");
        return Ok(Outcome::Done);
    }
    Ok(Outcome::NotWell)
}

pub(super) fn report(path: &Path) -> Result<Outcome> {
    write_out(scutch_dataset::report(&Dataset::open(path)?)?.as_bytes())
}
