//! Pages that anyone can add to: `golden/*.diff`.

use std::fs;
use std::path::Path;

use scutch_document::{Document, DocumentStage, Origin, Verdict};
use scutch_strip::{Config, Strip};

#[test]
fn golden_pages() {
    let strip = Strip::new(&Config::default(), &[]).expect("shipped rules are valid");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut pages: Vec<_> = fs::read_dir(folder)
        .expect("golden pages")
        .map(|entry| entry.expect("golden page").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "diff"))
        .collect();
    pages.sort();
    assert!(pages.len() > 5);
    let mut wrong = Vec::new();
    for path in pages {
        let diff = fs::read_to_string(&path).expect("golden page");
        let all: Vec<&str> = diff.lines().map(|line| &line[1..]).collect();
        let kept: Vec<&str> = diff.lines().filter_map(|line| line.strip_prefix(' ')).collect();
        let document = Document::new(Origin::default(), all.join("\n"));
        let mut stripped = document.clone();
        if let Verdict::Keep { edits, .. } = strip.judge(&document) {
            stripped.apply("strip", edits).expect("edits fit the text");
        }
        if stripped.text() != kept.join("\n") {
            wrong.push(format!("{}:\n{}", path.display(), stripped.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
