//! What comes out of files of every format.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use scutch_ingest::{Body, Config, Kind, Record, Source, discover, open};

/// All records of one file with this name and content.
fn records(name: &str, content: &[u8]) -> Vec<Record> {
    records_with(name, content, &Config::default())
}

fn records_with(name: &str, content: &[u8], config: &Config) -> Vec<Record> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let sources = discover(&[path], config).unwrap();
    read(&sources[0], config)
}

fn read(source: &Source, config: &Config) -> Vec<Record> {
    let records: Vec<Record> = open(source, config).unwrap().collect::<Result<_, _>>().unwrap();
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record.number, number as u64);
        assert_eq!(record.source, source.name);
    }
    records
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The texts of whole records, and the reasons of broken ones.
fn outline(records: &[Record]) -> Vec<String> {
    let body = |record: &Record| match &record.body {
        Body::Text(text) => text.clone(),
        Body::Bytes { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
        Body::Broken { reason, .. } => format!("<{reason}>"),
    };
    records.iter().map(body).collect()
}

#[test]
fn a_text_file_is_one_record_of_bytes() {
    let records = records("a.txt", b"one\ntw\xffo\n");
    let body = Body::Bytes { bytes: b"one\ntw\xffo\n".to_vec(), kind: Kind::Plain, charset: None };
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].body, body);
}

#[test]
fn jsonl_keeps_other_fields_in_order() {
    let lines = "\u{feff}{\"z\":1.50,\"text\":\"a\\nb\",\"id\":7,\"a\":{\"b\":[null]},\"url\":\"u\"}\r\n\r\n{\"content\":\"c\"}";
    let records = records("a.jsonl", lines.as_bytes());
    assert_eq!(outline(&records), ["a\nb", "c"]);
    assert_eq!(records[0].source_id.as_deref(), Some("7"));
    assert_eq!(records[0].url.as_deref(), Some("u"));
    assert_eq!(records[0].meta.as_deref(), Some(r#"{"z":1.50,"a":{"b":[null]}}"#));
    assert_eq!(records[1].meta, None);
}

#[test]
fn a_bad_line_is_a_broken_record_and_no_more() {
    let lines = b"{\"text\":\"a\"}\n{oops\n{\"title\":\"t\"}\n{\"text\":\"\xff\"}\n[1]\n{\"text\":3}\n{\"text\":\"b\"}\n";
    let outline = outline(&records("a.jsonl", lines));
    let broken = ["<bad_json>", "<missing_text>", "<invalid_utf8>", "<bad_json>", "<missing_text>"];
    assert_eq!(outline[0], "a");
    assert_eq!(outline[1..6], broken);
    assert_eq!(outline[6], "b");
}

#[test]
fn every_compression_is_read_to_its_last_member() {
    type Compress = fn(&[u8]) -> Vec<u8>;
    for (ending, compress) in
        [("gz", gzip as Compress), ("zst", zstd as Compress), ("bz2", bzip2 as Compress)]
    {
        let mut content = compress(b"{\"text\":\"a\"}\n{\"text\"");
        content.extend(compress(b":\"b\"}\n"));
        content.extend(compress(b""));
        content.extend(compress(b"{\"text\":\"c\"}\n"));
        assert_eq!(outline(&records(&format!("x.jsonl.{ending}"), &content)), ["a", "b", "c"]);
        // The bytes tell the compression, not the ending.
        assert_eq!(outline(&records("x.jsonl", &content)), ["a", "b", "c"]);
    }
    assert_eq!(outline(&records("x.jsonl.gz", b"{\"text\":\"a\"}")), ["a"]);
}

#[test]
fn names_are_relative_and_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for file in ["p/a/x.txt", "p/b/x.txt", "p/b/sub/y.txt", ".hidden", "p/.git/z"] {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), file).unwrap();
    }
    let names = |inputs: &[PathBuf]| {
        let sources = discover(inputs, &Config::default()).unwrap();
        sources.iter().map(|source| source.name.to_string()).collect::<Vec<_>>()
    };
    let at = |path: &str| root.join(path);
    assert_eq!(names(&[at("")]), ["p/a/x.txt", "p/b/sub/y.txt", "p/b/x.txt"]);
    assert_eq!(names(&[at("p/a"), at("p/b")]), ["a/x.txt", "b/x.txt", "sub/y.txt"]);
    assert_eq!(names(&[at("p/b"), at("p/a")]), ["a/x.txt", "b/x.txt", "sub/y.txt"]);
    assert_eq!(names(&[at("p/a/x.txt"), at("p/a"), at("p/../p/a/x.txt")]), ["x.txt"]);
    assert_eq!(names(&[at("p/*/x.txt")]), ["a/x.txt", "b/x.txt"]);
    assert_eq!(names(&[at("p/**/y.txt")]), ["b/sub/y.txt"]);
    assert_eq!(names(&[at("p/b*")]), ["b/sub/y.txt", "b/x.txt"]);
    assert_eq!(names(&[at(".hidden")]), [".hidden"]);
    for missing in [at("nothing"), at("p/*.csv"), at("p/.git/*.x")] {
        assert!(discover(&[Path::new(&missing).to_owned()], &Config::default()).is_err());
    }
}
