//! What the cleaning stage promises, whatever the text is.

use proptest::prelude::*;
use scutch_decode::{Clean, Config};
use scutch_document::{Document, DocumentStage, Edit, Origin, Verdict};

fn cleaned(text: &str) -> Document {
    let mut document = Document::new(Origin::default(), text);
    let stage = Clean::new(&Config::default());
    match stage.judge(&document) {
        Verdict::Keep { edits, .. } => document.apply(stage.name(), edits).expect("valid edits"),
        Verdict::Reject(rejection) => panic!("{rejection:?}"),
    }
    document
}

/// Edits that a second pass would make; an entity that an entity held is decoded once only.
fn changes(text: &str) -> Vec<Edit> {
    let mut edits = Clean::new(&Config { entities: false, ..Config::default() }).edits(text);
    edits.retain(|edit| !edit.is_flag());
    edits
}

/// Text with the things that the rules look for.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[a-z]{1,8} ",
        "[Â-ÿ]{1,4}",
        "[\u{80}-\u{bf}]{1,3}",
        "[а-яё]{1,6} ",
        "[\u{300}-\u{345}]{1,3}",
        "(&amp;|&eacute;|&#233;|&#x80;|&bogus;)",
        "(Ã©|â€œ|â€™|Â |ï¿½|Ð°|Ã\u{192}Â©|√©|РєР°Рє)",
        "[\r\n\0\u{feff}\u{200b}\u{200d}\u{202e}]{1,2}",
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn undo_gives_back_the_text(text in text()) {
        prop_assert_eq!(cleaned(&text).restored().expect("edits belong to the text"), text);
    }

    #[test]
    fn clean_text_stays(text in text()) {
        let once = cleaned(&text);
        prop_assert_eq!(changes(once.text()), Vec::new());
    }
}

#[test]
fn rules_leave_their_names() {
    let cases = [
        ("donâ€™t", "don’t", "mojibake"),
        ("fish &amp; chips", "fish & chips", "entity"),
        ("a\r\nb", "a\nb", "line_end"),
        ("a\0b", "ab", "control"),
        ("a\u{200b}b", "ab", "zero_width"),
        ("wait\u{85}", "wait…", "c1"),
        ("e\u{301}", "é", "nfc"),
        ("a\u{fffd}b", "a\u{fffd}b", "malformed"),
    ];
    for (text, expected, rule) in cases {
        let document = cleaned(text);
        assert_eq!(document.text(), expected);
        let rules: Vec<_> = document.edits().iter().map(|edit| edit.rule.as_ref()).collect();
        assert_eq!(rules, [rule], "{text:?}");
    }
}

#[test]
fn entities_are_decoded_once_and_markup_stays() {
    for (text, expected) in [
        ("&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"),
        ("5 &lt; 6 &#x2014; caf&eacute; &#146;", "5 < 6 — café ’"),
        ("<b>fish &amp; chips</b>", "<b>fish &amp; chips</b>"),
        ("AT&T; a & b; &bogus; &#0; &#xD800;", "AT&T; a & b; &bogus; &#0; &#xD800;"),
    ] {
        assert_eq!(cleaned(text).text(), expected);
    }
}

#[test]
fn hostile_lines_take_linear_time_and_space() {
    for piece in ["Ã©", "â€œ x", "├┐", "é\u{301}", "Ã\u{192}Â©", "&amp;", "\r", "\u{fffd}a", "Ð Ñ"]
    {
        let text = piece.repeat(30_000);
        let document = cleaned(&text);
        assert_eq!(document.restored().expect("edits belong to the text").len(), text.len());
    }
}

#[test]
fn edits_all_over_a_long_text_are_joined() {
    let cases = [
        ("a\r", "a\n", "line_end"),
        ("a line\r\n", "a line\n", "line_end"),
        ("a\0b\u{200b}", "ab", "control+zero_width"),
        ("&amp; ", "& ", "entity"),
        ("e\u{301} ", "é ", "nfc"),
        ("a\u{fffd}", "a\u{fffd}", "malformed"),
        ("wait\u{85} ", "wait… ", "c1"),
    ];
    for (piece, expected, rules) in cases {
        let text = piece.repeat(200_000);
        let document = cleaned(&text);
        assert!(document.text() == expected.repeat(200_000), "{rules}");
        assert!(document.restored().expect("edits belong to the text") == text, "{rules}");
        let edits = document.edits();
        assert!((65_536..80_000).contains(&edits.len()), "{rules}: {} edits", edits.len());
        assert_eq!(
            edits[edits.len() - 1].rule.split('+').collect::<std::collections::BTreeSet<_>>(),
            rules.split('+').collect()
        );
        // No single one takes much.
        assert!(edits.iter().all(|edit| edit.before.len() < 8192), "{rules}");
    }
}
