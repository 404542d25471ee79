//! The report: one self-contained page about a dataset, without scripts.

mod html;
mod summary;
mod svg;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use html::{bars, escape, number, share, short, size, snippet};
use summary::{Counter, LENGTHS, SCORE_STEP, SCORES, Summary};
use svg::Bin;

use crate::counts::Tally;
use crate::{Dataset, Error, Manifest};

/// Rows of a table at most.
const ROWS: usize = 20;

/// Renders the report of a sealed dataset, the page that its `report.html` holds.
///
/// # Errors
/// When a table cannot be read.
pub fn report(dataset: &Dataset) -> Result<String, Error> {
    render(dataset.dir(), dataset.manifest())
}

/// The report of the tables in `dir`; of the manifest, only what is known before sealing.
pub(crate) fn render(dir: &Path, manifest: &Manifest) -> Result<String, Error> {
    let summary = Summary::gather(dir)?;
    let sections = [
        head(manifest, &summary),
        flow(manifest, &summary),
        edits(manifest, &summary),
        texts(manifest, &summary),
        groups(manifest, &summary),
        inputs(manifest),
    ];
    Ok(format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=Content-Security-Policy \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Dataset report</title>\n<style>\n{}</style>\n{}\n</html>\n",
        include_str!("report.css"),
        sections.concat(),
    ))
}

fn head(manifest: &Manifest, summary: &Summary) -> String {
    let counts = &manifest.counts;
    let tiles = [
        ("input records", manifest.records()),
        ("documents", counts.documents),
        ("rejected", counts.rejected_total()),
        ("edits", counts.edits_total()),
        ("words", summary.words),
        ("characters", summary.chars),
    ];
    let mut out = format!(
        "<h1>Dataset report</h1><p class=soft>scutch {}</p><div class=tiles>",
        env!("CARGO_PKG_VERSION")
    );
    for (name, n) in tiles {
        // Writing to a string cannot fail, here and below.
        let _ = write!(out, "<div><b>{}</b>{name}</div>", number(n));
    }
    out + "</div>\n"
}

fn flow(manifest: &Manifest, summary: &Summary) -> String {
    let records = manifest.records();
    let mut reasons = ranked(&manifest.counts.rejected);
    let others = split_tail(&mut reasons);
    let mut bands: Vec<_> = reasons.iter().map(|(key, n)| (key.join(" · "), *n)).collect();
    bands.extend((others > 0).then(|| ("other reasons".to_owned(), others)));
    let mut out = format!(
        "<h2>Where the records went</h2>{}",
        svg::flow(records, manifest.counts.documents, &bands)
    );
    if !reasons.is_empty() {
        out.push_str(
            "<table><tr><th>stage<th>reason<th class=n>records<th class=n>share\
             <th>for example",
        );
        for (key, n) in &reasons {
            let [stage, reason] = [&key[0], &key[1]].map(|name| snippet(name));
            let example = summary.reasons.get(&(key[0].clone(), key[1].clone()));
            let example = example.map_or(String::new(), |reason| {
                format!(
                    "<code>{}</code> <span class=soft>{}</span>",
                    snippet(&reason.place),
                    snippet(&reason.detail)
                )
            });
            let _ = write!(
                out,
                "<tr><td class=k>{stage}<td class=k>{reason}<td class=n>{}<td class=n>{}<td>{example}",
                number(*n),
                share(*n, records),
            );
        }
        out.push_str("</table>");
    }
    out + "\n"
}

fn edits(manifest: &Manifest, summary: &Summary) -> String {
    let total = manifest.counts.edits_total();
    let mut out = format!(
        "<h2>What was changed</h2><p>{} edits in {} of {} documents. Each is in \
         <code>edits/</code> with its span, and can be undone.</p>",
        number(total),
        number(summary.edited),
        number(manifest.counts.documents),
    );
    let mut rules = ranked(&manifest.counts.edits);
    let others = split_tail(&mut rules);
    if rules.is_empty() {
        return out + "\n";
    }
    out.push_str(
        "<table><tr><th>stage<th>rule<th class=n>edits<th class=n>taken out<th class=n>put in\
         <th>for example",
    );
    for (key, n) in &rules {
        let Some(rule) = summary.rules.get(&(key[0].clone(), key[1].clone())) else { continue };
        let mut examples = String::new();
        for example in &rule.examples {
            let _ = if example.before == example.after {
                write!(examples, "<div><code>{}</code> flagged</div>", snippet(&example.before))
            } else {
                let (before, after) = (snippet(&example.before), snippet(&example.after));
                write!(examples, "<div><del>{before}</del> <ins>{after}</ins></div>")
            };
        }
        let _ = write!(
            out,
            "<tr><td class=k>{}<td class=k>{}<td class=n>{}<td class=n>{}<td class=n>{}<td>{examples}",
            escape(&key[0]),
            snippet(&key[1]),
            number(*n),
            size(rule.removed),
            size(rule.written),
        );
    }
    out.push_str("</table>");
    if others > 0 {
        let _ = write!(out, "<p class=soft>and {} edits by other rules</p>", number(others));
    }
    out + "\n"
}

fn texts(manifest: &Manifest, summary: &Summary) -> String {
    let documents = manifest.counts.documents;
    let mut out = "<h2>The clean documents</h2>".to_owned();
    if documents == 0 {
        return out + "<p>There is none.</p>\n";
    }
    let used = |bins: &[u64]| {
        let first = bins.iter().position(|n| *n > 0).unwrap_or(0);
        let last = bins.iter().rposition(|n| *n > 0).unwrap_or(0);
        first..last + 1
    };
    let lengths = used(&summary.lengths).map(|power| {
        let low = if power == 0 { 0 } else { 1_u64 << (power - 1) };
        let title = match power {
            0 => "no characters".to_owned(),
            _ if power == LENGTHS - 1 => format!("{} characters or more", number(low)),
            _ => format!("{} to {} characters", number(low), number(2 * low - 1)),
        };
        Bin { tick: short(low), title, count: summary.lengths[power] }
    });
    let lengths: Vec<_> = lengths.collect();
    let _ = write!(
        out,
        "<h3>Length in characters</h3>{}",
        svg::histogram("documents by length", &lengths)
    );
    if summary.unscored < documents {
        let scores = summary.scores.iter().enumerate().map(|(i, count)| {
            let low = i as f64 * SCORE_STEP;
            let tick = if i % 4 == 0 { format!("{low:.1}") } else { String::new() };
            let title = match i {
                0 => format!("under {SCORE_STEP}"),
                _ if i == SCORES - 1 => format!("{low:.3} or more"),
                _ => format!("{low:.3} to {:.3}", low + SCORE_STEP),
            };
            Bin { tick, title, count: *count }
        });
        let scores: Vec<_> = scores.collect();
        let _ = write!(
            out,
            "<h3>Spun score</h3>{}<p class=soft>Nats a word; from repair.gate.spun on a text is repaired. \
             Without a score: {}.</p>",
            svg::histogram("documents by spun score", &scores),
            number(summary.unscored),
        );
    }
    let _ = write!(
        out,
        "<div class=columns><div><h3>Languages</h3>{}</div><div><h3>Encodings</h3>{}</div></div>",
        counted("language", &summary.languages, documents),
        counted("encoding", &summary.encodings, documents),
    );
    if summary.sites.len() > 0 {
        let sites = counted("site", &summary.sites, documents);
        let _ = write!(out, "<h3>Sites</h3>{sites}");
    }
    out + "\n"
}

fn groups(manifest: &Manifest, summary: &Summary) -> String {
    let mut out = format!(
        "<h2>Near-duplicates</h2><p>{} records are in near-duplicate groups.</p>",
        number(manifest.counts.clustered)
    );
    if !summary.groups.is_empty() {
        out.push_str("<table><tr><th class=n>records<th>kept<th>where");
        for group in &summary.groups {
            let _ = write!(
                out,
                "<tr><td class=n>{}<td><code>{}</code><td>{}",
                number(group.rank.unsigned_abs()),
                group.kept,
                snippet(&group.place),
            );
        }
        out.push_str("</table>");
    }
    out + "\n"
}

fn inputs(manifest: &Manifest) -> String {
    let bytes = manifest.inputs.iter().map(|input| input.bytes).sum();
    let mut out = format!(
        "<h2>What went in</h2><p>{} files, {}.</p>",
        number(manifest.inputs.len() as u64),
        size(bytes)
    );
    let mut files: Vec<_> = manifest.inputs.iter().collect();
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    if !files.is_empty() {
        out.push_str("<table><tr><th>file<th class=n>records<th class=n>size");
        for file in files.iter().take(ROWS) {
            let _ = write!(
                out,
                "<tr><td>{}<td class=n>{}<td class=n>{}",
                snippet(&file.name),
                number(file.records),
                size(file.bytes),
            );
        }
        out.push_str("</table>");
    }
    if files.len() > ROWS {
        let left = number((files.len() - ROWS) as u64);
        let _ = write!(out, "<p class=soft>and {left} smaller files</p>");
    }
    if !manifest.config.is_null() {
        let config = format!("{:#}", manifest.config);
        let lines: Vec<_> = config.lines().map(escape).collect();
        let _ = write!(
            out,
            "<details><summary>Settings</summary><pre>{}</pre></details>",
            lines.join("\n")
        );
    }
    out + "\n"
}

/// A counter's largest, and what it leaves out.
fn counted(head: &str, counter: &Counter, whole: u64) -> String {
    let mut out = bars(head, &counter.top(ROWS), whole);
    if counter.len() > ROWS {
        let _ = write!(out, "<p class=soft>and {} more</p>", number((counter.len() - ROWS) as u64));
    }
    if counter.short > 0 {
        let short = number(counter.short);
        let _ = write!(out, "<p class=soft>too many to count all: short by {short} at most</p>");
    }
    out
}

/// A tally's names, most frequent first, equal ones by name.
fn ranked(tally: &Tally) -> Vec<([String; 2], u64)> {
    let mut all: Vec<_> = tally
        .iter()
        .flat_map(|(stage, names): (&String, &BTreeMap<String, u64>)| {
            names.iter().map(move |(name, n)| ([stage.clone(), name.clone()], *n))
        })
        .collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all
}

/// Cuts off what does not fit in a table, and returns its sum.
fn split_tail(all: &mut Vec<([String; 2], u64)>) -> u64 {
    let tail = all.split_off(all.len().min(ROWS));
    tail.iter().map(|(_, n)| n).sum()
}
