//! What comes out of files of every format.

use crate::common::{
    brotli, bzip2, gzip, lz4, outline, records, records_with, response, warc, wet, zstd,
};
use scutch_ingest::{Body, Config, Format, Kind};

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
fn a_bad_line_says_where_and_what_was_looked_for() {
    let detail = |line: &[u8]| match &records("a.jsonl", line)[0].body {
        Body::Broken { detail, .. } => detail.clone(),
        other => panic!("{other:?}"),
    };
    let told = detail(b"{\"title\":\"t\",\"article\":\"a\"}\n");
    assert!(told.contains("no text in text, content"), "{told}");
    assert!(told.contains("the fields are title, article"), "{told}");
    let told = detail(b"{}\n");
    assert!(told.ends_with("the fields are none"), "{told}");
    let told = detail(br#"{"text":"half \ud83d of a pair"}"#);
    assert!(
        told.starts_with("line 1 (byte 0): in `text`: ") && !told.contains("no text"),
        "{told}"
    );
    // One line number, the file's.
    let told = detail(b"{\"text\":oops}\n");
    assert!(told.starts_with("line 1 (byte 0): ") && told.ends_with(" at column 9"), "{told}");
}

#[test]
fn lines_in_utf_16_are_one_broken_record_that_says_so() {
    let lines = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
    let little: Vec<u8> = lines.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = lines.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in
        [[&b"\xff\xfe"[..], &little].concat(), [&b"\xfe\xff"[..], &big].concat(), little, big]
    {
        let records = records("a.jsonl", &bytes);
        let [Body::Broken { reason: "unsupported", detail, raw }] = &[records[0].body.clone()]
        else {
            panic!("{records:?}");
        };
        assert!(detail.contains("UTF-16") && *raw == bytes, "{detail}");
        assert_eq!(records.len(), 1);
    }
}

#[test]
fn meta_is_json_for_every_reader() {
    let line = br#"{"text":"t","a":"\ud83d","b":{"c":"\ude00 \ud83d\ude00"}}"#;
    let meta = records("a.jsonl", line)[0].meta.clone().unwrap();
    let meta: serde_json::Value = serde_json::from_str(&meta).unwrap();
    assert_eq!(meta, serde_json::json!({"a": "\u{fffd}", "b": {"c": "\u{fffd} \u{1f600}"}}));
}

#[test]
fn every_compression_is_read_to_its_last_member() {
    type Compress = fn(&[u8]) -> Vec<u8>;
    let codecs: [(_, Compress); 4] = [("gz", gzip), ("zst", zstd), ("bz2", bzip2), ("lz4", lz4)];
    for (ending, compress) in codecs {
        let mut content = compress(b"{\"text\":\"a\"}\n{\"text\"");
        content.extend(compress(b":\"b\"}\n"));
        content.extend(compress(b""));
        content.extend(compress(b"{\"text\":\"c\"}\n"));
        assert_eq!(outline(&records(&format!("x.jsonl.{ending}"), &content)), ["a", "b", "c"]);
        // The bytes tell the compression, not the ending.
        assert_eq!(outline(&records("x.jsonl", &content)), ["a", "b", "c"]);
    }
    assert_eq!(outline(&records("x.jsonl.gz", b"{\"text\":\"a\"}")), ["a"]);
    // Padding, as tapes and block devices leave it.
    let padded = [gzip(b"{\"text\":\"a\"}"), vec![0; 1000]].concat();
    assert_eq!(outline(&records("x.jsonl.gz", &padded)), ["a"]);
    for (name, content) in [("x.jsonl.xz", &b"\xfd7zXZ\0"[..]), ("x.tar.gz", b""), ("x.zip", b"PK")]
    {
        assert_eq!(outline(&records(name, content)), ["<unsupported>"]);
    }
    assert_eq!(outline(&records("x.txt.gz", b"\0\x01\x02\x03\x04\x05\x06\x07\x08")), ["<corrupt>"]);
}

#[test]
fn a_response_is_a_page() {
    let content = [
        warc("warcinfo", "application/warc-fields", b"software: x"),
        warc("request", "application/http", b"GET / HTTP/1.1\r\n\r\n"),
        response("Content-Type: Text/HTML; Charset=\"windows-1252\"", b"<p>caf\xe9"),
        wet("caf\u{e9}"),
        warc("resource", "text/plain;charset=latin1", b"x"),
        warc("metadata", "application/json", b"{}"),
        response("Content-Type: image/png", b"\x89PNG"),
    ];
    let records = records("a.warc", &content.concat());
    let bytes = |bytes: &[u8], kind, charset: &str| Body::Bytes {
        bytes: bytes.to_vec(),
        kind,
        charset: Some(charset.to_owned()),
    };
    assert_eq!(records.len(), 4);
    assert_eq!(records[0].body, bytes(b"<p>caf\xe9", Kind::Html, "windows-1252"));
    assert_eq!(records[0].source_id.as_deref(), Some("urn:x:1"));
    assert_eq!(records[0].url.as_deref(), Some("http://e.org/"));
    let meta: serde_json::Value =
        serde_json::from_str(records[0].meta.as_deref().unwrap()).unwrap();
    assert_eq!(meta["warc-type"], "response");
    assert_eq!(meta["http-status"], 200);
    assert_eq!(records[1].body, bytes("caf\u{e9}".as_bytes(), Kind::Plain, "utf-8"));
    assert_eq!(records[2].body, bytes(b"x", Kind::Plain, "latin1"));
    assert!(matches!(&records[3].body, Body::Broken { reason: "not_text", .. }));
}

#[test]
fn encodings_of_a_body_are_taken_off_where_they_are_there() {
    let page = b"<html>one two three";
    let chunked = b"7;x=y\r\n<html>o\r\nc\r\nne two three\r\n0\r\n\r\n";
    let gzipped = gzip(page);
    let mut chunked_gzip = format!("{:x}\r\n", gzipped.len()).into_bytes();
    chunked_gzip.extend(&gzipped);
    chunked_gzip.extend(b"\r\n0\r\n\r\n");
    for (header, body) in [
        ("X: y", &page[..]),
        ("Transfer-Encoding: chunked", chunked),
        ("Transfer-Encoding: chunked", page),
        ("Content-Encoding: gzip", &gzipped),
        ("Content-Encoding: gzip", page),
        ("Content-Encoding: br", &brotli(page)),
        ("Content-Encoding: br", page),
        ("Content-Encoding: deflate", &gzipped[10..gzipped.len() - 8]),
        ("Content-Encoding: zstd, gzip", &gzip(&zstd(page))),
        ("Transfer-Encoding: chunked\r\nContent-Encoding: x-gzip", &chunked_gzip),
    ] {
        let records = records("a.warc", &response(header, body));
        let expected = Body::Bytes { bytes: page.to_vec(), kind: Kind::Html, charset: None };
        assert_eq!(records[0].body, expected, "{header}");
    }
    let broken = response("Transfer-Encoding: chunked", b"5\r\nhello\r\n5\r\nwor");
    assert_eq!(outline(&records("a.warc", &broken)), ["<clipped>"]);
    let bomb = gzip(&vec![0; 1 << 20]);
    let config = Config { max_record: 1 << 16, ..Config::default() };
    let broken = response("Content-Encoding: gzip", &bomb);
    assert_eq!(outline(&records_with("a.warc", &broken, &config)), ["<bomb>"]);
}

#[test]
fn a_wrong_length_costs_one_record() {
    let with_length = |length: &str| {
        let record = String::from_utf8(wet("second record")).unwrap();
        record.replace("Content-Length: 13", &format!("Content-Length: {length}"))
    };
    for length in ["5", "30", "100", "99999999999", "-1", "x", ""] {
        let content = [wet("first"), with_length(length).into_bytes(), wet("third")].concat();
        assert_eq!(
            outline(&records("a.wet", &content)),
            ["first", "<bad_warc>", "third"],
            "{length}"
        );
    }
    let no_header_end = b"WARC/1.0\r\nWARC-Type: conversion\r\n".to_vec();
    let content = [b"garbage\r\n".to_vec(), wet("first"), no_header_end, wet("third")].concat();
    let lines = ["<bad_warc>", "first", "<bad_warc>", "third"];
    assert_eq!(outline(&records("a.wet", &content)), lines);
    // What it holds is not known; it may be a page.
    let untyped = String::from_utf8(wet("second")).unwrap().replace("WARC-Type", "X-Type");
    let content = [wet("first"), untyped.into_bytes(), wet("third")].concat();
    assert_eq!(outline(&records("a.wet", &content)), ["first", "<bad_warc>", "third"]);
}

#[test]
fn too_large_a_record_costs_no_other() {
    let config = Config { max_record: 100, ..Config::default() };
    let large = "x".repeat(1 << 20);
    let content = [wet("first"), wet(&large), wet("third")].concat();
    let outline_of = |name, content: &[u8]| outline(&records_with(name, content, &config));
    assert_eq!(outline_of("a.wet", &content), ["first", "<too_large>", "third"]);
    let lines = format!("{{\"text\":\"a\"}}\n{{\"text\":\"{large}\"}}\n{{\"text\":\"b\"}}");
    assert_eq!(outline_of("a.jsonl", lines.as_bytes()), ["a", "<too_large>", "b"]);
    assert_eq!(outline_of("a.txt", large.as_bytes()), ["<too_large>"]);
    assert_eq!(outline_of("a.txt.gz", &gzip(large.as_bytes())), ["<too_large>"]);
}

#[test]
fn json_is_jsonl_where_its_first_line_is_a_record() {
    let lines = b"{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
    assert_eq!(outline(&records("a.json", lines)), ["a", "b"]);
    for document in ["{\n  \"text\": \"a\"\n}\n", "{\"x\":1}\n{\"x\":2}\n"] {
        assert_eq!(outline(&records("a.json", document.as_bytes())), [document]);
    }
    for array in ["[{\"text\":\"a\"}]", " [\n  {\n \"text\": \"a\"}]"] {
        assert_eq!(outline(&records("a.json", array.as_bytes())), ["<unsupported>"], "{array}");
    }
}

#[test]
fn formats_and_fields_are_configurable() {
    let config = Config {
        formats: [("dump".to_owned(), Format::Jsonl)].into(),
        text: vec!["abstract".to_owned(), "title".to_owned()],
        ..Config::default()
    };
    let lines = b"{\"title\":\"t\",\"abstract\":\"a\"}\n{\"title\":\"t\",\"abstract\":null}\n";
    let records = records_with("a.dump.gz", &gzip(lines), &config);
    assert_eq!(outline(&records), ["a", "t"]);
    assert_eq!(records[0].meta.as_deref(), Some("{\"title\":\"t\"}"));
    assert_eq!(records[1].meta.as_deref(), Some("{\"abstract\":null}"));
}

#[test]
fn first_bytes_tell_what_an_ending_does_not() {
    assert_eq!(outline(&records("part-0001", &wet("text"))), ["text"]);
    assert_eq!(outline(&records("part-0001", &gzip(&wet("text")))), ["text"]);
}
