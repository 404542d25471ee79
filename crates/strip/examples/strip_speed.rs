//! Megabytes of text a second, on one core: `speed PAGES...`
//!
//! PAGES: JSON lines with a `text`, or with `lines` of `[text, label]`. Each profile is timed with
//! and without the model, best of three.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};

use scutch_document::{Document, DocumentStage, Origin, Verdict};
use scutch_strip::{Config, Profile, Strip};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let mut documents = Vec::new();
        for line in fs::read_to_string(&path)?.lines() {
            let page: Value = serde_json::from_str(line)?;
            let text = match page["text"].as_str() {
                Some(text) => text.to_owned(),
                None => page["lines"]
                    .as_array()
                    .map(|lines| {
                        lines
                            .iter()
                            .filter_map(|line| line[0].as_str())
                            .collect::<Vec<_>>()
                            .join("\n")
                    })
                    .unwrap_or_default(),
            };
            documents.push(Document::new(Origin::default(), text));
        }
        let bytes: usize = documents.iter().map(|document| document.text().len()).sum();
        writeln!(stdout(), "{path}: {} documents, {:.1} MB", documents.len(), bytes as f64 / 1e6)?;
        for (name, profile, model) in [
            ("footers, rules", Profile::Footers, false),
            ("footers, rules and model", Profile::Footers, true),
            ("article", Profile::Article, true),
        ] {
            let strip = Strip::new(&Config { profile, model, ..Config::default() }, &[])?;
            let mut best = f64::INFINITY;
            let mut edits = 0;
            for _ in 0..3 {
                let start = processor_seconds()?;
                edits = documents
                    .iter()
                    .map(|document| match strip.judge(document) {
                        Verdict::Keep { edits, .. } => edits.len(),
                        Verdict::Reject(_) => 0,
                    })
                    .sum();
                best = best.min(processor_seconds()? - start);
            }
            writeln!(
                stdout(),
                "  {name:26} {:6.1} MB/s  {edits} edits",
                bytes as f64 / 1e6 / best
            )?;
        }
    }
    Ok(())
}

fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}
