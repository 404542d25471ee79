//! `mojibake FILE.json...`: runs ftfy's cases; with `--clean FILE.txt...` counts edits on right text,
//! with `--json FILE.json` prints what becomes of each case, a JSON string a line.
#![allow(clippy::print_stdout, reason = "a report on stdout is what it is for")]

use scutch_decode::{Clean, Config, LineEnds, Policy};
use scutch_document::{Document, Edit, Origin};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // ftfy's `fixed-encoding`: mojibake and C1 controls alone.
    let clean = Clean::new(&Config {
        entities: false,
        nfc: false,
        line_ends: LineEnds::Keep,
        controls: Policy::Keep,
        zero_width: Policy::Keep,
        ..Config::default()
    });
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.first().is_some_and(|first| first == "--clean") {
        return falsely(&clean, &paths[1..]);
    }
    if paths.first().is_some_and(|first| first == "--json") {
        return repaired(&clean, &paths[1..]);
    }
    for path in paths {
        let cases: Vec<serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let mut right = 0;
        for case in &cases {
            let text = case["original"].as_str().unwrap_or_default();
            let expected = case.get("fixed-encoding").unwrap_or(&case["fixed"]).as_str();
            let mut document = Document::new(Origin::default(), text);
            document.apply("decode", clean.edits(text))?;
            let plain = document.text().replace(['“', '”'], "\"").replace(['‘', '’'], "'");
            if expected == Some(document.text()) || case["fixed"].as_str() == Some(&plain) {
                right += 1;
            } else {
                println!(
                    "{text:?}\n  is {:?}\n  not {:?}",
                    document.text(),
                    expected.unwrap_or_default()
                );
            }
        }
        println!("{path}: {right} of {}", cases.len());
    }
    Ok(())
}

fn repaired(clean: &Clean, paths: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    for path in paths {
        let cases: Vec<serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        for case in &cases {
            let text = case["original"].as_str().unwrap_or_default();
            let mut document = Document::new(Origin::default(), text);
            document.apply("decode", clean.edits(text))?;
            println!("{}", serde_json::to_string(document.text())?);
        }
    }
    Ok(())
}

fn falsely(clean: &Clean, paths: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let mut count = 0;
    for path in paths {
        let text = std::fs::read_to_string(path)?;
        for edit in clean.edits(&text) {
            if edit.rule.contains("mojibake") {
                count += 1;
                let Edit { before, after, start, end, .. } = &edit;
                let near = &text[text.floor_char_boundary(start.saturating_sub(12))
                    ..text.floor_char_boundary((end + 12).min(text.len()))];
                println!("{path}: {before:?} -> {after:?} in {near:?}");
            }
        }
    }
    println!("{count} mojibake edits");
    Ok(())
}
