//! Damaged files: what is whole comes out, the rest is one broken record, and nothing panics.

use std::sync::Arc;

use crate::common::{bzip2, gzip, lz4, outline, records, records_with, wet, zstd};
use arrow::array::{
    ArrayRef, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use proptest::prelude::*;
use scutch_ingest::{Body, Config, Record};

fn is_broken(record: &Record) -> bool {
    matches!(record.body, Body::Broken { .. })
}

/// Cuts a file of texts `0`, `1`, … at every byte: the first ones come out, in order, and a broken one
/// last unless the cut is where a whole file could end.
fn cut_everywhere(name: &str, content: &[u8], texts: &[&str]) {
    assert_eq!(outline(&records(name, content)), texts);
    let mut most = 0;
    for length in 0..content.len() {
        let records = records(name, &content[..length]);
        let outline = outline(&records);
        let whole = outline.len() - usize::from(records.last().is_some_and(is_broken));
        assert_eq!(outline[..whole], texts[..whole], "{name} cut at {length}");
        assert!(whole >= most || whole == 0, "{name} cut at {length} loses records");
        most = most.max(whole);
    }
}

#[test]
fn a_cut_file_yields_what_is_whole() {
    let texts: Vec<String> = (0..4).map(|n| format!("text number {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let lines: Vec<_> = texts.iter().map(|text| format!("{{\"text\":\"{text}\"}}\n")).collect();
    let records: Vec<_> = texts.iter().map(|text| wet(text)).collect();
    cut_everywhere("a.wet", &records.concat(), &texts);
    type Compress = fn(&[u8]) -> Vec<u8>;
    let codecs: [(_, Compress); 4] = [("gz", gzip), ("zst", zstd), ("bz2", bzip2), ("lz4", lz4)];
    for (ending, compress) in codecs {
        let members: Vec<_> = records.iter().map(|record| compress(record)).collect();
        cut_everywhere(&format!("a.wet.{ending}"), &members.concat(), &texts);
        cut_everywhere(&format!("a.wet.{ending}"), &compress(&records.concat()), &texts);
        cut_everywhere(&format!("a.jsonl.{ending}"), &compress(lines.concat().as_bytes()), &texts);
    }
}

#[test]
fn a_cut_member_says_where_the_file_broke() {
    let (first, second) = (gzip(&wet("first")), gzip(&wet("second")));
    let cut = first.len() + 60;
    let content = [first, second].concat();
    let records = records("a.wet.gz", &content[..cut]);
    let Body::Broken { reason: "clipped", detail, .. } = &records[1].body else {
        panic!("{:?}", records[1].body)
    };
    assert!(detail.contains(&format!("at byte {cut} of the file")), "{detail}");
}

#[test]
fn a_damaged_member_is_not_trusted() {
    let (first, mut second) = (gzip(&wet("first")), gzip(&wet("second")));
    let checksum = second.len() - 8;
    second[checksum] ^= 1;
    let content = [first, second].concat();
    assert_eq!(outline(&records("a.wet.gz", &content)), ["first", "<corrupt>"]);
}

#[test]
fn reading_goes_on_after_a_damaged_member() {
    let members = ["first", "second", "third"].map(|text| gzip(&wet(text)));
    let second = members[0].len()..members[0].len() + members[1].len();
    for at in second {
        let mut content = members.concat();
        content[at] ^= 0xff;
        let outline = outline(&records("a.wet.gz", &content));
        let [first, middle @ .., third] = &outline[..] else { panic!("{outline:?}") };
        assert_eq!([first, third], ["first", "third"], "byte {at}");
        assert!(middle.len() <= 1, "byte {at}: {outline:?}"); // not all bytes of a header matter
    }
}

#[test]
fn a_decompression_bomb_is_capped() {
    let config = Config { max_ratio: 100, max_record: 1 << 30, ..Config::default() };
    for content in [gzip(&vec![b' '; 80 << 20]), zstd(&vec![b' '; 80 << 20])] {
        assert_eq!(outline(&records_with("a.jsonl.gz", &content, &config)), ["<bomb>"]);
        assert_eq!(outline(&records_with("a.txt.gz", &content, &config)), ["<bomb>"]);
    }
    let config = Config { max_size: 1000, ..Config::default() };
    assert_eq!(outline(&records_with("a.txt", &gzip(&[b'x'; 2000]), &config)), ["<bomb>"]);
}

#[test]
fn nested_json_is_bounded() {
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let line = |depth| format!("{{\"text\":\"t\",\"x\":{}}}\n", deep(depth));
    assert_eq!(outline(&records("a.jsonl", line(50).as_bytes())), ["t"]);
    assert_eq!(outline(&records("a.jsonl", line(1_000_000).as_bytes())), ["<bad_json>"]);
}

/// Parquet with columns of several types, three rows in each of two row groups.
fn parquet_file(compression: parquet::basic::Compression) -> Vec<u8> {
    let texts = ["a", "b\u{e9}", "c", "d", "e", "f"];
    let columns: [(&str, ArrayRef); 5] = [
        ("n", Arc::new(Int64Array::from_iter(0..6))),
        ("content", Arc::new(StringArray::from_iter_values(texts))),
        (
            "score",
            Arc::new(Float64Array::from_iter((0..6).map(|n| (n != 1).then_some(f64::from(n))))),
        ),
        ("id", Arc::new(StringArray::from_iter_values((0..6).map(|n| format!("row-{n}"))))),
        ("raw", Arc::new(BinaryArray::from_iter_values([b"\xff"; 6]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_max_row_group_row_count(Some(3))
        .set_compression(compression)
        .build();
    let mut out = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

#[test]
fn empty_cells_without_end_are_a_bomb() {
    let text =
        ("text".to_owned(), Arc::new(StringArray::from_iter_values(vec!["a"; 2000])) as ArrayRef);
    let empty: ArrayRef = Arc::new(Int64Array::new_null(2000));
    let columns = (0..200).map(|n| (format!("c{n}"), empty.clone())).chain([text]);
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert_eq!(records("a.parquet", &file).len(), 2000);
    let config = Config { max_size: 201_000, ..Config::default() };
    let records = records_with("a.parquet", &file, &config);
    assert!((900..1000).contains(&records.len()), "{}", records.len());
    assert_eq!(outline(&records[records.len() - 1..]), ["<bomb>"]);
}

#[test]
fn times_of_any_zone_are_kept_as_utc() {
    let times = |zone: &str| {
        let times = TimestampMillisecondArray::from(vec![Some(1_700_000_000_123), None]);
        Arc::new(times.with_timezone(zone)) as ArrayRef
    };
    let columns = [
        ("text", Arc::new(StringArray::from_iter_values(["a", "b"])) as ArrayRef),
        ("here", times("Europe/Berlin")),
        ("utc", times("UTC")),
    ];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true))).unwrap();
    let mut file = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let records = records("a.parquet", &file);
    let time = "2023-11-14T22:13:20.123Z";
    let meta = format!(r#"{{"here":"{time}","utc":"{time}"}}"#);
    assert_eq!(records[0].meta.as_deref(), Some(&*meta));
    assert_eq!(records[1].meta, None);
}

#[test]
fn parquet_that_is_nested_without_end_is_one_broken_record() {
    let nested = |depth: usize| {
        let groups = "required group a { ".repeat(depth);
        let ends = "}".repeat(depth);
        let schema = format!(
            "message m {{ optional binary text (UTF8); {groups} optional int32 n; {ends} }}"
        );
        let schema = parquet::schema::parser::parse_message_type(&schema).unwrap();
        let mut file = Vec::new();
        let writer = parquet::file::writer::SerializedFileWriter::new(
            &mut file,
            Arc::new(schema),
            Arc::default(),
        );
        writer.unwrap().close().unwrap();
        file
    };
    assert!(records("a.parquet", &nested(99)).is_empty());
    let records = records("a.parquet", &nested(1000));
    let [Body::Broken { reason: "corrupt", detail, .. }] = &[records[0].body.clone()] else {
        panic!("{records:?}");
    };
    assert!(detail.contains("nested deeper than 100"), "{detail}");

    // The footer's length, and the magic number of an encrypted one.
    let whole = nested(1);
    for (from_end, bytes, reason) in [
        (8, &b"\xff\xff\xff\x7f"[..], "<corrupt>"),
        (4, b"PARE", "<unsupported>"),
        (4, b"part", "<clipped>"),
    ] {
        let mut file = whole.clone();
        let at = file.len() - from_end;
        file[at..at + 4].copy_from_slice(bytes);
        assert_eq!(outline(&self::records("a.parquet", &file)), [reason]);
    }
}

#[test]
fn parquet_rows_are_records() {
    for compression in [
        parquet::basic::Compression::UNCOMPRESSED,
        parquet::basic::Compression::SNAPPY,
        parquet::basic::Compression::ZSTD(Default::default()),
        parquet::basic::Compression::LZ4_RAW,
    ] {
        let content = parquet_file(compression);
        let records = records("a.parquet", &content);
        assert_eq!(outline(&records), ["a", "b\u{e9}", "c", "d", "e", "f"]);
        assert_eq!(records[3].source_id.as_deref(), Some("row-3"));
        assert_eq!(records[0].meta.as_deref(), Some(r#"{"n":0,"score":0.0,"raw":"ff"}"#));
        assert_eq!(records[1].meta.as_deref(), Some(r#"{"n":1,"raw":"ff"}"#));
    }
    let content = parquet_file(parquet::basic::Compression::UNCOMPRESSED);
    let config = Config { text: vec!["raw".to_owned()], ..Config::default() };
    assert!(
        matches!(&records_with("x", &content, &config)[5].body, Body::Bytes { bytes, .. } if bytes == b"\xff")
    );
    let config = Config { text: vec!["none".to_owned()], ..Config::default() };
    let missing = records_with("a.parquet", &content, &config);
    assert_eq!(outline(&missing), ["<missing_text>"]);
    let Body::Broken { detail, .. } = &missing[0].body else { panic!("{missing:?}") };
    assert!(detail.contains("the columns are n, content, score, id, raw"), "{detail}");
    assert!(detail.contains("none of its "), "{detail}");
    let config = Config { text: vec!["n".to_owned()], ..Config::default() };
    let missing = records_with("a.parquet", &content, &config);
    let Body::Broken { detail, .. } = &missing[0].body else { panic!("{missing:?}") };
    assert!(detail.ends_with("n is Int64"), "{detail}");
    for length in 0..content.len() {
        let reasons = outline(&records("a.parquet", &content[..length]));
        assert!(["<clipped>", "<corrupt>"].contains(&reasons[0].as_str()), "cut at {length}");
    }
}

#[test]
fn a_parquet_column_of_nulls_is_left_out() {
    let text: ArrayRef = Arc::new(StringArray::from_iter_values(["a"]));
    let nothing: ArrayRef = Arc::new(arrow::array::NullArray::new(1));
    let columns = [("text", text, false), ("nothing", nothing, true)];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut content = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut content, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert_eq!(records("a.parquet", &content)[0].meta, None);
}

#[test]
fn damaged_parquet_is_read_to_its_end() {
    let content = parquet_file(parquet::basic::Compression::SNAPPY);
    for at in 0..content.len() {
        for flip in [1, 0xff] {
            let mut damaged = content.clone();
            damaged[at] ^= flip;
            assert!(records("a.parquet", &damaged).len() <= 7);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_on_any_bytes(
        content in proptest::collection::vec(any::<u8>(), 0..300),
        name in "a\\.(txt|json|jsonl|warc|parquet|html)(\\.gz|\\.zst|\\.bz2)?",
    ) {
        records(&name, &content);
    }

    #[test]
    fn any_mix_of_pieces_of_warc_is_read_to_the_end(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("WARC/1.0\r\n".to_owned()), Just("WARC/".to_owned()), Just("\r\n".to_owned()),
                Just("\n".to_owned()), Just("WARC-Type: response\r\n".to_owned()),
                Just("WARC-Type: conversion\n".to_owned()), Just("HTTP/1.1 200 OK\r\n".to_owned()),
                Just("Content-Type: application/http\r\n".to_owned()),
                Just("Transfer-Encoding: chunked\r\n".to_owned()),
                (0u64..400).prop_map(|n| format!("Content-Length: {n}\r\n")),
                Just("Content-Length: 18446744073709551615\r\n".to_owned()),
                "[ -~\n]{0,40}", "[0-9a-f]{1,8}\r\n",
            ],
            0..40,
        ),
        max_record in prop_oneof![Just(10u64), Just(1 << 20)],
    ) {
        let config = Config { max_record, ..Config::default() };
        let content = [wet("first"), pieces.concat().into_bytes(), b"\n".to_vec(), wet("last")].concat();
        let outline = outline(&records_with("a.warc", &content, &config));
        prop_assert_eq!(outline[0].as_str(), "first");
    }

    #[test]
    fn damaged_archives_are_read_to_the_end(at in 0usize..600, flip in 1u8..) {
        type Compress = fn(&[u8]) -> Vec<u8>;
        for compress in [gzip as Compress, zstd, bzip2, lz4] {
            let mut content = [compress(&wet("first")), compress(&wet("second"))].concat();
            let at = at % content.len();
            content[at] ^= flip;
            let records = records("a.wet.x", &content);
            prop_assert!(records.len() <= 3);
        }
    }
}
