//! Everything that is decided on pages, to compare two builds: `decided PAGES... > FILE`
//!
//! PAGES: JSON lines with a `text` and perhaps a `url`, or with `lines` of `[text, label]`. Each
//! profile decides with its model and without, knowing the other pages of a site and not knowing
//! them. Prints a line for each edit: settings, page, span, rule, the bits of the score.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write, stdout};

use scutch_document::{CorpusStage, Document, Origin, Verdict};
use scutch_strip::{Config, Profile, RepeatedLine, SiteLines, Strip};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(stdout().lock());
    for path in std::env::args().skip(1) {
        let mut documents = Vec::new();
        for line in fs::read_to_string(&path)?.lines() {
            documents.push(document(&serde_json::from_str(line)?));
        }
        let sites = sites(&documents);
        for (profile, model) in
            [(Profile::Footers, false), (Profile::Footers, true), (Profile::Article, true)]
        {
            let strip = Strip::new(&Config { profile, model, ..Config::default() }, &[])?;
            for (i, document) in documents.iter().enumerate() {
                let known = sites.get(&(i as u64)).map(Vec::as_slice);
                for repeated in [Some(&[][..]), known].into_iter().flatten() {
                    let Verdict::Keep { edits, signals } = strip.judge_with(document, repeated)
                    else {
                        continue;
                    };
                    writeln!(out, "{profile:?} {model} {} {i} {signals:?}", repeated.len())?;
                    for edit in edits {
                        let score = edit.score.to_bits();
                        writeln!(out, "{}..{} {} {score:x}", edit.start, edit.end, edit.rule)?;
                    }
                }
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn document(page: &Value) -> Document {
    let text = match page["text"].as_str() {
        Some(text) => text.to_owned(),
        None => {
            let lines = page["lines"].as_array().into_iter().flatten();
            lines.filter_map(|line| line[0].as_str()).collect::<Vec<_>>().join("\n")
        }
    };
    let url = page["url"].as_str().map(str::to_owned);
    Document::new(Origin { url, ..Origin::default() }, text)
}

/// What the pages say about each other's lines, by page.
fn sites(documents: &[Document]) -> BTreeMap<u64, Vec<RepeatedLine>> {
    let stage = SiteLines::new(&Config { repeated: 2, ..Config::default() });
    let mut rows = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        stage.observe(i as u64, document, &mut |row| rows.push(row));
    }
    rows.sort_unstable();
    let mut found: BTreeMap<u64, Vec<RepeatedLine>> = BTreeMap::new();
    stage.decide(&mut rows.into_iter(), &mut |line| {
        found.entry(line.ordinal).or_default().push(line);
    });
    found
}
