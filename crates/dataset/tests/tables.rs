//! What is written is read back; equal calls give equal bytes.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod common;

use std::collections::BTreeMap;

use proptest::prelude::*;
use scutch_dataset::{Dataset, Error, Options, Rejected, Writer};
use scutch_document::{Document, Edit, Id, Origin, Rejection};

#[test]
fn equal_calls_give_equal_bytes() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let counts = common::build(a.path(), common::options());
    assert_eq!(counts, common::build(b.path(), common::options()));
    assert_eq!(common::files(a.path()), common::files(b.path()));
}

#[test]
fn some_rows_as_they_were_before_a_stage() {
    let dir = tempfile::tempdir().unwrap();
    common::build(dir.path(), common::options());
    let dataset = Dataset::open(dir.path()).unwrap();
    for (stage, text) in
        [("repair", "Residence # was painted pale.\n"), ("none", "House # was painted pale.\n")]
    {
        for rows in [vec![], vec![0], vec![3, 4, 9], (0..10).collect()] {
            let found = dataset.before(stage, rows.clone()).unwrap();
            let expected: Vec<_> = rows
                .iter()
                .map(|&n| (common::origin(n), text.replace('#', &n.to_string())))
                .collect();
            let found: Vec<_> = found.into_iter().map(|row| (row.origin, row.text)).collect();
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn every_column_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let counts = common::build(dir.path(), common::options());
    assert_eq!((counts.documents, counts.rejected_total(), counts.edits_total()), (10, 4, 20));
    assert_eq!(counts.rejected["dedup"]["near_copy"], 2);
    assert_eq!(counts.edits["repair"]["lexicon"], 10);

    let dataset = Dataset::open(dir.path()).unwrap();
    for (n, row) in dataset.documents().unwrap().enumerate() {
        let (row, document) = (row.unwrap(), common::document(n as u64));
        assert_eq!(row.origin, document.origin);
        assert_eq!(row.text, document.text());
        assert_eq!((row.encoding, row.language), (document.encoding, document.language));
        assert_eq!(row.n_chars, "House 0 was painted pale.\n".len() as u64);
        assert_eq!((row.n_words, row.n_edits), (5, 2));
        assert_eq!(row.spun_score, Some(0.5));
        assert_eq!(row.cluster_size, (n == 1).then_some(2));
        assert_eq!(row.signals, BTreeMap::from([("q_upper".to_owned(), 0.25)]));
    }
    let rejected: Vec<_> = dataset.rejected().unwrap().map(Result::unwrap).collect();
    assert_eq!(rejected[0].duplicate_of, Some(Id(1 << 64 | 7).to_string()));
    assert_eq!(rejected[0].similarity, Some(0.875));
    assert_eq!(rejected[1].raw, Some(vec![0, 255, 254, 11]));
    assert_eq!(rejected[1].reason, "binary");
    let clusters: Vec<_> = dataset.clusters().unwrap().map(Result::unwrap).collect();
    assert_eq!((clusters[0].kept, clusters[1].similarity), (true, Some(0.875)));
}

#[test]
fn restoring_gives_the_decoded_text() {
    let dir = tempfile::tempdir().unwrap();
    common::build(dir.path(), common::options());
    let dataset = Dataset::open(dir.path()).unwrap();
    let all: Vec<_> = dataset.restore_all().unwrap().map(Result::unwrap).collect();
    let texts: Vec<_> = all.iter().map(|restored| restored.text.clone()).collect();
    let mut expected: Vec<_> =
        (0..10).map(|n| format!("Residence {n} was painted pale.\nRead more\n")).collect();
    expected.extend(["a copy, 10\n".to_owned(), "a copy, 12\n".to_owned()]);
    assert_eq!(texts, expected);
    for restored in all {
        assert_eq!(dataset.restore(restored.origin.id).unwrap(), restored.text);
    }
    assert!(matches!(dataset.restore(common::origin(11).id), Err(Error::NoText { .. })));
    assert!(matches!(dataset.restore(Id(99)), Err(Error::UnknownId { .. })));
}

#[test]
fn a_table_without_rows_has_a_file_with_its_schema() {
    let dir = tempfile::tempdir().unwrap();
    let counts = Writer::create(dir.path(), common::options()).unwrap().finish().unwrap();
    assert_eq!(common::files(dir.path()).len(), 4);
    common::seal(dir.path(), counts);
    let dataset = Dataset::open(dir.path()).unwrap();
    assert_eq!(dataset.documents().unwrap().count(), 0);
    assert_eq!(dataset.clusters().unwrap().count(), 0);
}

#[test]
fn parts_are_cut_by_content() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { part_bytes: 400, row_group_bytes: 200, ..common::options() };
    common::build(dir.path(), options);
    let names: Vec<_> = common::files(dir.path()).into_keys().collect();
    assert!(names.contains(&"documents/part-00001.parquet".to_owned()), "{names:?}");
    let dataset = Dataset::open(dir.path()).unwrap();
    let records: Vec<_> =
        dataset.documents().unwrap().map(|row| row.unwrap().origin.record).collect();
    assert_eq!(records, (0..10).collect::<Vec<_>>());
    assert_eq!(dataset.restore_all().unwrap().filter(Result::is_ok).count(), 12);
}

#[test]
fn a_signal_without_a_column_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), common::options()).unwrap();
    let mut document = common::document(0);
    document.signals.insert("q_typo", 1.0);
    assert!(matches!(writer.document(&document, None), Err(Error::Signal { .. })));
}

prop_compose! {
    fn any_origin()(
        id in any::<u128>(), source in any::<String>(), record in 0..u64::MAX / 2,
        source_id in any::<Option<String>>(), url in any::<Option<String>>(),
        meta in any::<Option<String>>(),
    ) -> Origin {
        Origin { id: Id(id), source: source.into(), record, source_id, url, meta }
    }
}

prop_compose! {
    /// A document whose edits cut it into pieces and replace every second one.
    fn any_document()(
        origin in any_origin(), pieces in prop::collection::vec((any::<String>(), any::<String>()), 0..5),
        encoding in any::<Option<String>>(), score in any::<f32>(), spun in any::<f64>(),
    ) -> Document {
        let mut text = String::new();
        let mut spans = Vec::new();
        for (kept, replaced) in &pieces {
            text.push_str(kept);
            spans.push(text.len()..text.len() + replaced.len());
            text.push_str(replaced);
        }
        let edits = spans.into_iter().map(|span| Edit::replace("strip", "r\0", &text, span, "\0é", score));
        let edits = edits.collect();
        let mut document = Document::new(origin, text.as_str());
        document.apply("strip", edits).unwrap();
        document.encoding = encoding;
        document.signals.insert("spun_score", spun);
        document
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_rows_come_back(
        documents in prop::collection::vec(any_document(), 0..6),
        rejected in prop::collection::vec(
            (any_origin(), any::<(String, String, Option<String>, Option<Vec<u8>>)>()), 0..4),
        small in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut options = common::options();
        if small {
            options = Options { part_bytes: 1, row_group_bytes: 1, ..options };
        }
        let mut writer = Writer::create(dir.path(), options).unwrap();
        for document in &documents {
            writer.document(document, None).unwrap();
        }
        for (origin, (reason, detail, text, raw)) in &rejected {
            let rejection = Rejection::new("ingest", reason.clone(), detail.clone());
            let (origin, text, raw) = (origin.clone(), text.clone(), raw.clone());
            writer.reject(&Rejected { origin, rejection, text, raw, encoding: None }).unwrap();
        }
        common::seal(dir.path(), writer.finish().unwrap());
        prop_assert_eq!(scutch_dataset::verify(dir.path()).unwrap(), []);

        let dataset = Dataset::open(dir.path()).unwrap();
        let rows: Vec<_> = dataset.documents().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), documents.len());
        for (row, document) in rows.iter().zip(&documents) {
            prop_assert_eq!(&row.origin, &document.origin);
            prop_assert_eq!(&row.text, document.text());
            prop_assert_eq!(&row.encoding, &document.encoding);
        }
        let restored = dataset.restore_all().unwrap().map(Result::unwrap);
        let decoded = documents.iter().map(|document| document.restored().unwrap());
        let rejected_texts = rejected.iter().filter_map(|(_, (_, _, text, _))| text.clone());
        let expected: Vec<_> = decoded.chain(rejected_texts).collect();
        prop_assert_eq!(restored.map(|r| r.text).collect::<Vec<_>>(), expected);
        let rows: Vec<_> = dataset.rejected().unwrap().map(Result::unwrap).collect();
        for (row, (origin, (reason, detail, _, raw))) in rows.iter().zip(&rejected) {
            prop_assert_eq!(&row.origin, origin);
            prop_assert_eq!((&row.reason, &row.detail, &row.raw), (reason, detail, raw));
        }
    }
}
