//! Undoing edits gives back the text; two passes composed do what the two passes did.

use proptest::prelude::*;
use scutch_document::{Document, Edit, EditError, Origin, compose, undo};

/// Edits of `text` at the places that `cuts` name: (skip, length, replacement), in characters.
fn edits_of(stage: &'static str, text: &str, cuts: &[(usize, usize, String)]) -> Vec<Edit> {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut at = 0;
    let mut edits: Vec<Edit> = Vec::new();
    for (skip, length, after) in cuts {
        let start = at + skip;
        let end = start + length;
        if end >= bounds.len() {
            break;
        }
        edits.push(Edit::replace(
            stage,
            "rule",
            text,
            bounds[start]..bounds[end],
            after.clone(),
            1.0,
        ));
        at = end;
    }
    edits
}

fn cuts() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    prop::collection::vec((0usize..4, 0usize..4, "[a-cé👉]{0,3}"), 0..8)
}

proptest! {
    #[test]
    fn undo_gives_back_the_text(text in "\\PC{0,40}", a in cuts(), b in cuts()) {
        let mut document = Document::new(Origin::default(), text.clone());
        let first = edits_of("one", document.text(), &a);
        document.apply("one", first).unwrap();
        let second = edits_of("two", document.text(), &b);
        document.apply("two", second).unwrap();
        prop_assert_eq!(document.restored().unwrap(), text);
    }

    #[test]
    fn composed_passes_do_what_two_passes_did(text in "[a-zé]{0,30}", a in cuts(), b in cuts()) {
        let first = edits_of("one", &text, &a);
        let mut twice = Document::new(Origin::default(), text.clone());
        twice.apply("one", first.clone()).unwrap();
        let mut second = edits_of("two", twice.text(), &b);
        twice.apply("two", second.clone()).unwrap();
        for edit in &mut second {
            edit.stage = "one".into();
        }
        let mut once = Document::new(Origin::default(), text.clone());
        once.apply("one", compose(&text, &first, &second).unwrap()).unwrap();
        prop_assert_eq!(once.text(), twice.text());
        prop_assert_eq!(undo(once.text(), once.edits()).unwrap(), text);
    }
}

#[test]
fn edits_that_do_not_fit_change_nothing() {
    let mut document = Document::new(Origin::default(), "White Home");
    let edit = |start, end, before: &str| Edit {
        stage: "repair".into(),
        rule: "lexicon".into(),
        start,
        end,
        before: before.into(),
        after: "House".into(),
        score: 1.0,
    };
    let home = edit(6, 10, "Home");
    for (edits, error) in [
        (vec![edit(6, 10, "Home!")], EditError::Mismatch { start: 6 }),
        (vec![edit(6, 99, "Home")], EditError::Mismatch { start: 6 }),
        (vec![home.clone(), home.clone()], EditError::Order { start: 6 }),
    ] {
        assert_eq!(document.apply("repair", edits), Err(error));
        assert_eq!(document.text(), "White Home");
    }
    document.apply("repair", vec![home]).unwrap();
    assert_eq!(document.text(), "White House");
    let again = vec![edit(0, 5, "White")];
    assert!(matches!(document.apply("repair", again), Err(EditError::Twice { .. })));
}
