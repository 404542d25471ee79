//! Text that was decoded wrongly and stored, and text that only looks so.

use scutch_decode::{Clean, Config, LineEnds, Policy};
use scutch_document::{Document, Origin};

#[derive(serde::Deserialize)]
struct Case {
    original: String,
    fixed: String,
    #[serde(rename = "fixed-encoding")]
    fixed_encoding: Option<String>,
    /// `fail` for what ftfy knows it gets wrong.
    #[serde(default)]
    expect: String,
}

/// Only what ftfy calls fixing the encoding.
fn repaired(text: &str) -> String {
    let clean = Clean::new(&Config {
        entities: false,
        nfc: false,
        line_ends: LineEnds::Keep,
        controls: Policy::Keep,
        zero_width: Policy::Keep,
        ..Config::default()
    });
    let mut document = Document::new(Origin::default(), text);
    document.apply("decode", clean.edits(text)).expect("valid edits");
    document.text().to_owned()
}

/// ftfy's cases, and our own in `cases/mojibake.json`, to which anyone can add.
#[test]
fn cases_in_files() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folder = std::fs::read_dir(tests.join("ftfy")).expect("the folder of cases");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.push(tests.join("cases/mojibake.json"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in paths {
        let json = std::fs::read_to_string(&path).expect("readable");
        let cases: Vec<Case> = serde_json::from_str(&json).expect("a list of cases");
        for case in cases.into_iter().filter(|case| case.expect != "fail") {
            count += 1;
            let expected = case.fixed_encoding.unwrap_or(case.fixed);
            let found = repaired(&case.original);
            if found != expected {
                wrong.push((case.original, found, expected));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 151, "{count} cases");
}

#[test]
fn right_text_stays() {
    for text in [
        "Він прийшов у Київ, і це було добре.",
        "L’été, à « Saint-Étienne » : 25 °C ± 2.",
        "Ångström × 5 µm ¶ §3 — „Größe“ kostet 10 €.",
        "Ђорђе је рекао „Здраво“ њој.",
        "╔══╗ ║ok║ ╚══╝ √2 ≈ 1,41 ∞",
        "ÇA VA ? OUI… À BIENTÔT®",
        "Ο άνθρωπος είπε «ναι».",
        "日本語の文章です。 한국어 문장입니다. 中文句子。",
    ] {
        assert_eq!(repaired(text), text);
    }
}
