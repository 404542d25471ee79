//! Files made on the spot, and what comes out of them.

use std::fs;
use std::io::Write;

use scutch_ingest::{Body, Config, Record, Source, discover, open};

/// All records of one file with this name and content.
pub(crate) fn records(name: &str, content: &[u8]) -> Vec<Record> {
    records_with(name, content, &Config::default())
}

pub(crate) fn records_with(name: &str, content: &[u8], config: &Config) -> Vec<Record> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let sources = discover(&[path]).unwrap();
    read(&sources[0], config)
}

pub(crate) fn read(source: &Source, config: &Config) -> Vec<Record> {
    let records: Vec<Record> = open(source, config).unwrap().collect::<Result<_, _>>().unwrap();
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record.number, number as u64);
        assert_eq!(record.source, source.name);
    }
    records
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 20).write_all(bytes).unwrap();
    out
}

/// The texts of whole records, and the reasons of broken ones.
pub(crate) fn outline(records: &[Record]) -> Vec<String> {
    let body = |record: &Record| match &record.body {
        Body::Text(text) => text.clone(),
        Body::Bytes { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
        Body::Broken { reason, .. } => format!("<{reason}>"),
    };
    records.iter().map(body).collect()
}

/// A WARC record with a right Content-Length.
pub(crate) fn warc(kind: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let mut record = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Target-URI: http://e.org/\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    record.extend(block);
    record.extend(b"\r\n\r\n");
    record
}

pub(crate) fn response(header: &str, body: &[u8]) -> Vec<u8> {
    let block = [format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").as_bytes(), body].concat();
    warc("response", "application/http; msgtype=response", &block)
}

pub(crate) fn wet(text: &str) -> Vec<u8> {
    warc("conversion", "text/plain", text.as_bytes())
}
