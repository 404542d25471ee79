//! The crawled samples: what is to go, goes, and nothing else.

use scutch_document::{Document, DocumentStage, Edit, Origin, Verdict};
use scutch_strip::{Config, Strip};

fn strip(text: &str) -> (Document, Vec<Edit>) {
    let strip = Strip::new(&Config::default(), &[]).expect("shipped rules are valid");
    let mut document = Document::new(Origin::default(), text);
    let Verdict::Keep { edits, .. } = strip.judge(&document) else { panic!("rejected") };
    document.apply("strip", edits.clone()).expect("edits fit the text");
    assert_eq!(document.restored().expect("edits can be undone"), text);
    (document, edits)
}

#[test]
fn spun_sample_loses_its_tail() {
    let text = include_str!("../../../tests/samples/000_f6aa39ef8e112418.txt");
    let (document, edits) = strip(text);
    let kept: Vec<&str> = text.lines().take(20).collect();
    assert_eq!(document.text(), kept.join("\n"));
    let count = |rule: &str| edits.iter().filter(|edit| edit.rule == rule).count();
    assert_eq!((count("link_run"), count("teaser_run"), edits.len()), (12, 6, 19));
}

#[test]
fn clean_samples_stay() {
    for text in [
        include_str!("../../../tests/samples/003_8e9a2609f1a46fa1.txt"),
        include_str!("../../../tests/samples/004_8795b68136b604a4.txt"),
    ] {
        assert_eq!(strip(text).1, []);
    }
}
