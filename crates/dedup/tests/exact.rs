//! Exact copies: same words, one kept.

use proptest::prelude::*;
use scutch_dedup::{Config, Exact, ExactFinding, ExactRow, PRESENT};
use scutch_document::{CorpusStage, Document, Fixed, Id, Origin};

fn rows(texts: &[(u128, &str)]) -> Vec<ExactRow> {
    let exact = Exact::new(&Config::default());
    let mut rows = Vec::new();
    for (ordinal, (id, text)) in texts.iter().enumerate() {
        let origin = Origin { id: Id(*id), ..Origin::default() };
        exact.observe(ordinal as u64, &Document::new(origin, *text), &mut |row| rows.push(row));
    }
    rows
}

fn decide(mut rows: Vec<ExactRow>) -> Vec<ExactFinding> {
    rows.sort();
    let mut found = Vec::new();
    Exact::new(&Config::default())
        .decide(&mut rows.into_iter(), &mut |finding| found.push(finding));
    found.sort();
    found
}

#[test]
fn the_longest_is_kept_then_the_smallest_id() {
    let found = decide(rows(&[
        (9, "Same words, 12!"),
        (3, "same  words --- 12"),
        (2, "same words 12"),
        (1, "other words 12"),
        (4, "SAME WORDS ... 12"),
        (5, "same words 13"),
    ]));
    let copies: Vec<_> = found.iter().map(|f| (f.ordinal, f.winner_id.0)).collect();
    assert_eq!(copies, [(0, 3), (2, 3), (4, 3)]);
    assert!(found.iter().all(|f| f.dataset == PRESENT && f.winner_id == Id(3)));
}

#[test]
fn texts_without_words_are_compared_as_they_are() {
    assert_eq!(decide(rows(&[(1, "!!!"), (2, "???"), (3, "")])), []);
    assert_eq!(decide(rows(&[(1, "!!!"), (2, "!!!")])).len(), 1);
}

#[test]
fn an_earlier_dataset_comes_first_and_stays() {
    let mut all = rows(&[(1, "a longer text!!!"), (2, "a longer text")]);
    all[1] = all[0].earlier(0, 7);
    let found = decide(all);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].ordinal, found[0].dataset, found[0].winner), (0, 0, 7));
}

proptest! {
    #[test]
    fn order_does_not_show_and_rows_survive_the_disk(
        texts in prop::collection::vec((any::<u128>(), "[ab .]{0,4}"), 0..40),
    ) {
        let texts: Vec<_> = texts.iter().map(|(id, text)| (*id, text.as_str())).collect();
        let forward = rows(&texts);
        let backward: Vec<_> = forward.iter().rev().map(|row| {
            let mut bytes = Vec::new();
            row.write(&mut bytes);
            ExactRow::read(&mut &bytes[..]).unwrap()
        }).collect();
        let found = decide(forward);
        prop_assert_eq!(&found, &decide(backward));
        for finding in found {
            let mut bytes = Vec::new();
            finding.write(&mut bytes);
            prop_assert_eq!(ExactFinding::read(&mut &bytes[..]), Some(finding));
        }
    }
}
