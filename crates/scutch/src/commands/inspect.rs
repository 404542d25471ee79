//! `scutch inspect`.

use std::fmt::Write;
use std::io::IsTerminal;

use anyhow::{Result, bail};
use scutch_dataset::{Dataset, DocumentRow, Fate, History, RejectedRow};
use scutch_document::{Id, Origin};

use scutch_pipeline::{Config, Stage, Stages};
use scutch_repair::Choice;

use crate::Outcome;
use crate::args::{Common, Inspect};
use crate::commands::show::{self, Pen, visible};
use crate::commands::{load_config, write_out};

/// Beyond this many nats nothing is in doubt, and the number says no more.
const SURE: f64 = 50.0;
/// Alternatives that are shown for a place.
const MOST_ALTERNATIVES: usize = 5;
/// Documents that the overview lists.
const LISTED: usize = 20;

pub(super) fn inspect(common: &Common, args: &Inspect) -> Result<Outcome> {
    let colour = match args.color {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => std::io::stdout().is_terminal(),
    };
    let pen = Pen { colour };
    let dataset = Dataset::open(&args.dataset)?;
    let out = match &args.id {
        None => overview(&dataset, pen)?,
        Some(prefix) => one(common, &dataset, prefix, pen, args.full)?,
    };
    write_out(out.as_bytes())
}

/// The documents with the most edits, and why the others were rejected.
fn overview(dataset: &Dataset, pen: Pen) -> Result<String> {
    let mut most: Vec<(u64, Id, String)> = Vec::new();
    let mut documents = 0u64;
    for row in dataset.documents()? {
        let row = row?;
        documents += 1;
        if row.n_edits == 0 {
            continue;
        }
        let spun = row.spun_score.map_or(String::new(), |score| format!("{score:.2}"));
        let start: String = visible(&row.text).chars().take(48).collect();
        let line = format!("{:>6}  {spun:>5}  {}  {start}…", row.n_edits, name(&row.origin));
        most.push((u64::MAX - row.n_edits, row.origin.id, line));
        if most.len() >= 2 * LISTED {
            most.sort();
            most.truncate(LISTED);
        }
    }
    most.sort();
    most.truncate(LISTED);
    let mut out = String::new();
    let edited = if most.is_empty() { "none was edited" } else { "those with the most edits:" };
    let _ = writeln!(out, "{}", pen.bold(&format!("documents: {documents}; {edited}")));
    if !most.is_empty() {
        let titles = format!("{:32}  {:>6}  {:>5}  source", "id", "edits", "spun");
        let _ = writeln!(out, "{}", pen.dim(&titles));
    }
    for (_, id, line) in most {
        let _ = writeln!(out, "{id}  {line}");
    }
    let mut reasons = std::collections::BTreeMap::<(String, String), (u64, Id)>::new();
    for row in dataset.rejected()? {
        let row = row?;
        let entry = reasons.entry((row.stage, row.reason)).or_insert((0, row.origin.id));
        entry.0 += 1;
        entry.1 = entry.1.min(row.origin.id);
    }
    if !reasons.is_empty() {
        let _ = writeln!(out, "{}", pen.bold("rejected, with an example of each reason:"));
    }
    for ((stage, reason), (n, id)) in reasons {
        let _ = writeln!(out, "{id}  {n:>6}  {stage}: {reason}");
    }
    Ok(out)
}

fn name(origin: &Origin) -> String {
    visible(&format!("{} #{}", origin.source, origin.record))
}

/// What happened to one record.
fn one(common: &Common, dataset: &Dataset, prefix: &str, pen: Pen, full: bool) -> Result<String> {
    let id = resolve(dataset, prefix)?;
    let History { fate, steps } = dataset.history(id)?;
    let row = match fate {
        Fate::Rejected(row) => return rejected(dataset, &row, pen),
        Fate::Document(row) => row,
    };
    let mut out = String::new();
    let _ = writeln!(out, "{}", pen.bold(&format!("{id}  {}", name(&row.origin))));
    let facts = [
        ("url", row.origin.url.clone()),
        ("encoding", row.encoding.clone()),
        ("language", row.language.clone()),
        ("spun score", row.spun_score.map(|score| format!("{score:.3}"))),
        ("cluster", row.cluster.map(|cluster| cluster.to_string())),
    ];
    for (what, fact) in facts {
        if let Some(fact) = fact {
            let _ = writeln!(out, "{}", pen.dim(&format!("{what}: {}", visible(&fact))));
        }
    }
    for step in &steps {
        let title = format!("{}: {} edits", step.edits[0].stage, step.edits.len());
        let _ = writeln!(out, "{}", pen.bold(&title));
        out.push_str(&show::stage(&step.text, &step.edits, pen, full));
        if full && step.edits[0].stage == scutch_repair::STAGE {
            alternatives(&mut out, common, &step.text, pen)?;
        }
    }
    if steps.is_empty() {
        let _ = writeln!(out, "untouched");
        out.push_str(&show::stage(&row.text, &[], pen, true));
    }
    Ok(out)
}

/// What else the repair weighed at each place, by the lexicon and model of the present config.
fn alternatives(out: &mut String, common: &Common, text: &str, pen: Pen) -> Result<()> {
    let config = Config { stages: vec![Stage::Repair], ..load_config(common)? };
    let stages = Stages::new(&config)?;
    let Some(repair) = &stages.repair else { return Ok(()) };
    let _ = writeln!(out, "{}", pen.bold("alternatives, in nats over leaving the text as it is:"));
    for place in scutch_repair::explain::explain(repair, text) {
        let mark = match place.choice {
            Choice::Kept => continue,
            Choice::Repaired => "→",
            Choice::Undecided => "?",
        };
        let weighed: Vec<String> = place
            .alternatives
            .iter()
            .take(MOST_ALTERNATIVES)
            .map(|(original, nats)| format!("{} {:+.1}", visible(original), nats.min(SURE)))
            .collect();
        let before = visible(&place.before);
        let _ = writeln!(out, "  {:>7}  {before} {mark} {}", place.span.start, weighed.join(", "));
    }
    Ok(())
}

/// Why a record was rejected, and beside it the one that was kept in its stead.
fn rejected(dataset: &Dataset, row: &RejectedRow, pen: Pen) -> Result<String> {
    let mut out = String::new();
    let title = format!("{}  {}", row.origin.id, name(&row.origin));
    let _ = writeln!(out, "{}", pen.bold(&title));
    let _ = writeln!(out, "rejected by {}: {}", row.stage, row.reason);
    if !row.detail.is_empty() {
        let _ = writeln!(out, "{}", visible(&row.detail));
    }
    let mut kept = None;
    if let Some(other) = &row.duplicate_of {
        let alike = row.similarity.map_or(String::new(), |s| format!(", similarity {s:.3}"));
        let _ = writeln!(out, "a copy of: {other}{alike}");
        kept = keeper(dataset, other)?;
        if let Some(kept) = kept.as_ref().map(|kept| kept.origin.id.to_string())
            && kept != *other
        {
            let _ = writeln!(out, "which is a copy of: {kept}");
        }
    }
    match (&row.text, &row.raw, kept) {
        (Some(text), _, Some(kept)) => out.push_str(&show::side_by_side(text, &kept.text, pen)),
        (Some(text), _, None) => out.push_str(&show::stage(text, &[], pen, true)),
        (None, Some(raw), _) => {
            let start: String = raw.escape_ascii().take(400).map(char::from).collect();
            let _ = writeln!(out, "{} bytes: {start}", raw.len());
        }
        (None, None, _) => {}
    }
    Ok(out)
}

/// The document that is kept in the stead of a copy of `id`: an exact copy may name a near one.
fn keeper(dataset: &Dataset, id: &str) -> Result<Option<DocumentRow>> {
    let Ok(id) = id.parse() else { return Ok(None) };
    if let Some(kept) = dataset.document(id)? {
        return Ok(Some(kept));
    }
    let next = dataset.rejected_record(id)?.and_then(|row| row.duplicate_of?.parse().ok());
    Ok(next.map(|next| dataset.document(next)).transpose()?.flatten())
}

/// The one id that begins with `prefix`.
pub(super) fn resolve(dataset: &Dataset, prefix: &str) -> Result<Id> {
    if prefix.len() == 32
        && let Ok(id) = prefix.parse()
    {
        return Ok(id);
    }
    let found = dataset.ids(&prefix.to_ascii_lowercase(), 2)?;
    match found[..] {
        [id] => Ok(id),
        [] => bail!("{}: no record's id begins with `{prefix}`", dataset.dir().display()),
        _ => bail!("several records' ids begin with `{prefix}`: give more digits"),
    }
}
