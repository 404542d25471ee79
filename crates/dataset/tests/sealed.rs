//! A sealed dataset says what it holds; damage is found and named.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod common;

use std::fs;
use std::path::Path;

use scutch_dataset::{
    Dataset, Difference, Error, Fate, Input, Manifest, Options, Table, Writer, diff, publish, seal,
    verify,
};
use scutch_document::{Document, Edit, Id};

/// The files that `verify` complains of.
fn blamed(dir: &Path) -> Vec<String> {
    verify(dir).unwrap().into_iter().map(|problem| problem.path).collect()
}

#[test]
fn verify_names_every_file_that_is_changed_cut_missing_or_extra() {
    let dir = tempfile::tempdir().unwrap();
    // Something else than a table, as the pipeline's index is.
    fs::create_dir(dir.path().join("index")).unwrap();
    fs::write(dir.path().join("index/near"), "rows").unwrap();
    common::build(dir.path(), common::options());
    assert_eq!(blamed(dir.path()), [""; 0]);

    let files = common::files(dir.path());
    assert_eq!(files.len(), 9);
    for (name, bytes) in &files {
        let path = dir.path().join(name);
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            assert_eq!(blamed(dir.path()), [name.as_str()], "byte {at} flipped");
        }
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(blamed(dir.path()), [name.as_str()], "cut in half");
        fs::remove_file(&path).unwrap();
        if name == "manifest.json" {
            assert!(matches!(verify(dir.path()), Err(Error::NotDataset { .. })));
        } else {
            assert_eq!(blamed(dir.path()), [name.as_str()], "missing");
        }
        fs::write(&path, bytes).unwrap();
    }
    fs::write(dir.path().join("edits/notes.txt"), "mine").unwrap();
    assert_eq!(blamed(dir.path()), ["edits/notes.txt"]);
}

#[test]
fn reading_damaged_tables_is_an_error_and_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    common::build(dir.path(), common::options());
    for (name, bytes) in common::files(dir.path()) {
        if !name.ends_with(".parquet") {
            continue;
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 41) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(dir.path().join(&name), changed).unwrap();
            let dataset = Dataset::open(dir.path()).unwrap();
            // Some bytes matter to nobody; whatever the answer is, it comes.
            let _ = dataset.documents().map(|rows| rows.for_each(drop));
            let _ = dataset.rejected().map(|rows| rows.for_each(drop));
            let _ = dataset.clusters().map(|rows| rows.for_each(drop));
            let _ = dataset.restore_all().map(|texts| texts.for_each(drop));
        }
        fs::write(dir.path().join(&name), bytes).unwrap();
    }
}

#[test]
fn verify_finds_edits_that_do_not_lead_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), common::options()).unwrap();
    let lie = Edit::replace("repair", "lexicon", "was", 0..3, "is", 1.0);
    writer.document(&Document::resume(common::origin(0), "text", vec![lie]), None).unwrap();
    common::seal(dir.path(), writer.finish().unwrap());
    let problems = verify(dir.path()).unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.contains(&common::origin(0).id.to_string()));
}

#[test]
fn a_lost_record_does_not_pass() {
    let dir = tempfile::tempdir().unwrap();
    let counts = common::write(dir.path(), common::options());
    let inputs = vec![Input { records: 15, ..Input::default() }];
    let error = seal(dir.path(), Manifest { inputs, counts, ..Manifest::default() }).unwrap_err();
    assert!(matches!(error, Error::Counts { records: 15, documents: 10, rejected: 4 }));
    assert!(!dir.path().join("manifest.json").exists());
}

#[test]
fn the_manifest_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let counts = common::build(dir.path(), common::options());
    let dataset = Dataset::open(dir.path()).unwrap();
    let manifest = dataset.manifest();
    assert_eq!((manifest.records(), &manifest.counts), (14, &counts));
    let rows: Vec<_> =
        manifest.outputs.iter().filter_map(|file| Some((file.path.as_str(), file.rows?))).collect();
    let part = |table| format!("{table}/part-00000.parquet");
    let expected = [("clusters", 2), ("documents", 10), ("edits", 20), ("rejected", 4)];
    assert_eq!(
        rows,
        expected.map(|(table, n)| (part(table), n)).each_ref().map(|(p, n)| (p.as_str(), *n))
    );
}

#[test]
fn sealing_again_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let counts = common::build(dir.path(), common::options());
    let files = common::files(dir.path());
    common::seal(dir.path(), counts);
    assert_eq!(common::files(dir.path()), files);
}

/// `tests/format-1` was written by the first version of this layout; it must stay readable.
#[test]
fn datasets_of_format_1_are_read() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format-1");
    assert_eq!(verify(&dir).unwrap(), []);
    let dataset = Dataset::open(&dir).unwrap();
    let texts: Vec<_> = dataset.restore_all().unwrap().map(|text| text.unwrap().text).collect();
    let decoded = (0..10).map(|n| common::document(n).restored().unwrap());
    let copies = [10, 12].map(|n| common::rejected(n).text.unwrap());
    assert_eq!(texts, decoded.chain(copies).collect::<Vec<_>>());
    let first = dataset.document(common::origin(0).id).unwrap().unwrap();
    assert_eq!(first.signals["q_upper"], 0.25);
    assert_eq!(dataset.clusters().unwrap().filter(Result::is_ok).count(), 2);
}

#[test]
fn publishing_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let (work, target) = (dir.path().join("out.partial"), dir.path().join("out"));
    fs::create_dir(&work).unwrap();
    common::build(&work, common::options());
    publish(&work, &target).unwrap();
    assert_eq!(blamed(&target), [""; 0]);
    fs::create_dir(&work).unwrap();
    assert!(matches!(publish(&work, &target), Err(Error::Exists { .. })));
}

#[test]
fn a_newer_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("manifest.json"), r#"{"format": 99}"#).unwrap();
    assert!(matches!(Dataset::open(dir.path()), Err(Error::Format { found: 99, .. })));
}

#[test]
fn diff_tells_what_became_of_records_and_which_settings_changed() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    common::build(a.path(), common::options());

    let mut writer = Writer::create(b.path(), common::options()).unwrap();
    for n in 0..9 {
        let mut document = common::document(n);
        match n {
            2 => document = Document::new(document.origin, "another text"),
            3 => document.language = None,
            _ => {}
        }
        let cluster = (n == 1).then_some((Id(1 << 64 | 7), 2));
        writer.document(&document, cluster).unwrap();
    }
    // 9 became a copy, 13 is gone, 20 is new.
    for n in [9, 10, 11, 12, 20] {
        let mut rejected = common::rejected(n);
        if n == 9 {
            rejected.rejection = common::rejected(10).rejection;
        }
        writer.reject(&rejected).unwrap();
    }
    let counts = writer.finish().unwrap();
    let inputs =
        vec![Input { records: 14, name: "crawl/a.warc.gz".to_owned(), ..Input::default() }];
    let config = serde_json::json!({"dedup": {"threshold": 0.8}});
    seal(b.path(), Manifest { inputs, counts, config, ..Manifest::default() }).unwrap();

    let mut found = Vec::new();
    diff(a.path(), b.path(), |difference| found.push(difference)).unwrap();
    let id = |n| common::origin(n).id;
    let copy = "rejected: dedup/near_copy".to_owned();
    let expected = [
        Difference::Setting {
            name: "config.dedup.threshold".to_owned(),
            a: "0.7".to_owned(),
            b: "0.8".to_owned(),
        },
        Difference::Text { id: id(2) },
        Difference::Columns { id: id(3), names: vec!["language"] },
        Difference::Fate { id: id(9), a: "document".to_owned(), b: copy.clone() },
        Difference::OnlyInA { id: id(13), fate: "rejected: decode/binary".to_owned() },
        Difference::OnlyInB { id: id(20), fate: copy },
    ];
    assert_eq!(found, expected);

    found.clear();
    diff(a.path(), a.path(), |difference| found.push(difference)).unwrap();
    assert_eq!(found, []);
}

#[test]
fn history_shows_each_stage_the_text_that_it_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { row_group_bytes: 100, ..common::options() };
    common::build(dir.path(), options);
    let dataset = Dataset::open(dir.path()).unwrap();
    let history = dataset.history(common::origin(4).id).unwrap();
    let steps: Vec<_> = history
        .steps
        .iter()
        .map(|step| (step.edits[0].stage.as_ref(), step.edits.len(), step.text.as_str()))
        .collect();
    let expected = [
        ("strip", 1, "Residence 4 was painted pale.\nRead more\n"),
        ("repair", 1, "Residence 4 was painted pale.\n"),
    ];
    assert_eq!(steps, expected);
    assert!(matches!(history.fate, Fate::Document(row) if row.text.starts_with("House 4")));
    let history = dataset.history(common::origin(11).id).unwrap();
    assert!(matches!(history.fate, Fate::Rejected(row) if row.reason == "binary"));
    assert!(matches!(dataset.history(Id(0)), Err(Error::UnknownId { .. })));
}

#[test]
fn hostile_text_stays_text_in_the_report_and_the_card() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), common::options()).unwrap();
    let attack = "<script>alert('\"&\0')</script>\u{202e}";
    let mut origin = common::origin(0);
    origin.url = Some(format!("http://{attack}/"));
    origin.source = attack.into();
    let mut document = Document::new(origin, attack);
    let edit = Edit::replace("strip", attack, attack, 0..attack.len(), "<img src=x>", 1.0);
    document.apply("strip", vec![edit]).unwrap();
    document.encoding = Some(attack.to_owned());
    writer.document(&document, Some((Id(5), 3))).unwrap();
    let mut rejected = common::rejected(1);
    rejected.rejection.reason = "a|b<script>\0\n# Licence: mine".into();
    rejected.rejection.detail = attack.to_owned();
    writer.reject(&rejected).unwrap();
    common::seal(dir.path(), writer.finish().unwrap());
    let files = common::files(dir.path());
    let report = std::str::from_utf8(&files["report.html"]).unwrap();
    for forbidden in ["<script", "<img", "\0"] {
        assert!(!report.contains(forbidden), "{forbidden:?}");
    }
    assert!(report.contains("&lt;script&gt;alert(&#39;&quot;&amp;<u>00</u>"));
    // In a drawing, an element of HTML would end it.
    let drawings = report.split("<svg").skip(1).map(|rest| rest.split("</svg>").next().unwrap());
    assert!(drawings.into_iter().all(|drawing| !drawing.contains("<u>")));
    let card = std::str::from_utf8(&files["README.md"]).unwrap();
    assert!(card.contains("a\\|b\\<script\\>  # Licence: mine"));
}

#[test]
fn the_card_and_the_metadata_tell_what_every_column_is() {
    let dir = tempfile::tempdir().unwrap();
    common::build(dir.path(), common::options());
    let files = common::files(dir.path());
    let card = std::str::from_utf8(&files["README.md"]).unwrap();
    let croissant: serde_json::Value = serde_json::from_slice(&files["croissant.json"]).unwrap();
    for (table, records) in Table::ALL.into_iter().zip(croissant["recordSet"].as_array().unwrap()) {
        let (_, section) = card.split_once(&format!("\n## {}\n", table.name())).unwrap();
        let rows = section.lines().skip_while(|line| !line.starts_with('|')).skip(2);
        let rows: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
        let fields = records["field"].as_array().unwrap();
        // Croissant has no type for bytes, the card has.
        let rows: Vec<&str> = rows.into_iter().filter(|row| !row.contains("| blob")).collect();
        assert_eq!(rows.len(), fields.len(), "{card}");
        for (row, field) in rows.iter().zip(fields) {
            let (name, what) =
                (field["name"].as_str().unwrap(), field["description"].as_str().unwrap());
            assert!(
                row.starts_with(&format!("| `{name}` |")) && row.ends_with(&format!("| {what} |"))
            );
        }
    }
}
