//! Scores a profile on labelled pages: what `scripts/strip_eval.py` runs.
//!
//! `evaluate footers|article BELOW MODEL|rules GOLD [site]`
//!
//! MODEL: a folder with `lexicon.txt`, `first.txt`, `second.txt`; `rules`: no model. GOLD: JSON lines
//! as in the WCXB files. With `site`, lines that stand on several pages of a site count as evidence.
//! Prints one JSON object of counts.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use scutch_document::{CorpusStage, Document, Origin, Verdict};
use scutch_strip::eval::{Score, page};
use scutch_strip::{Config, Profile, RepeatedLine, SiteLines, Strip};
use serde_json::Value;

#[derive(serde::Deserialize)]
struct Gold {
    id: String,
    url: Option<String>,
    ok: bool,
    lines: Vec<(String, Value)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [profile, below, model, gold, rest @ ..] = args.as_slice() else {
        return Err("see the file's first lines for usage".into());
    };
    let below: f32 = below.parse()?;
    let config = Config {
        profile: if profile == "article" { Profile::Article } else { Profile::Footers },
        footers_below: below,
        article_below: below,
        model: false,
        repeated: 2,
        ..Config::default()
    };
    let strip = if model == "rules" {
        Strip::new(&config, &[])?
    } else {
        let read = |name| fs::read_to_string(Path::new(model).join(name));
        let texts = [read("lexicon.txt")?, read("first.txt")?, read("second.txt")?];
        Strip::with_model(&config, &[], texts.each_ref().map(String::as_str))?
    };
    let verbose = rest.iter().any(|arg| arg == "verbose");

    let mut pages = Vec::new();
    for line in fs::read_to_string(gold)?.lines() {
        let page: Gold = serde_json::from_str(line)?;
        if page.ok {
            pages.push(page);
        }
    }
    let documents: Vec<Document> =
        pages.iter().map(|gold| page(origin(gold), &labelled(gold))).collect();
    let repeated = if rest.iter().any(|arg| arg == "site") {
        site_lines(&config, &documents)
    } else {
        BTreeMap::new()
    };

    let mut score = Score::default();
    let (mut lines, mut again) = (0, 0);
    for (i, (gold, document)) in pages.iter().zip(&documents).enumerate() {
        let repeated = repeated.get(&(i as u64)).map_or(&[][..], Vec::as_slice);
        score.add_page_with(&strip, origin(gold), &labelled(gold), repeated);
        let mut stripped = document.clone();
        if let Verdict::Keep { edits, .. } = strip.judge_with(document, repeated) {
            if verbose {
                for edit in &edits {
                    writeln!(
                        stdout(),
                        "{}",
                        serde_json::json!([
                            gold.id,
                            edit.start,
                            edit.rule,
                            edit.score,
                            edit.before
                        ])
                    )?;
                }
            }
            stripped.apply("strip", edits)?;
        }
        let once = Document::new(origin(gold), stripped.text());
        lines += once.text().lines().count();
        if let Verdict::Keep { edits, .. } = strip.judge_with(&once, repeated) {
            again += edits.len();
        }
    }
    let counts = |c: scutch_strip::eval::Counts| [c.kept, c.lost, c.left, c.removed];
    writeln!(
        stdout(),
        "{}",
        serde_json::json!({
            "lines": counts(score.lines), "chars": counts(score.chars),
            "stripped_lines": lines, "stripped_again": again,
        })
    )?;
    Ok(())
}

fn origin(gold: &Gold) -> Origin {
    Origin { url: gold.url.clone(), ..Origin::default() }
}

fn labelled(gold: &Gold) -> Vec<(&str, Option<bool>)> {
    let label = |value: &Value| value.as_u64().map(|label| label == 1);
    gold.lines.iter().map(|(text, value)| (text.as_str(), label(value))).collect()
}

/// What the pages say about each other's lines, by page.
fn site_lines(config: &Config, documents: &[Document]) -> BTreeMap<u64, Vec<RepeatedLine>> {
    let stage = SiteLines::new(config);
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
