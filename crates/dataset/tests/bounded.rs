//! Memory does not depend on the number of rows, and only by a few times on the largest.
//!
//! `SCUTCH_TEST_ROWS=1000000 cargo test --release -p scutch-dataset --test bounded -- --nocapture`
//! prints the figures for a million rows.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail so")]
#![allow(clippy::print_stdout, reason = "figures to read")]

mod common;

use std::fs;

use scutch_dataset::{Dataset, Writer, verify};
use scutch_document::{Document, Edit};

/// The largest memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn many_rows_and_one_huge_document() {
    let rows = std::env::var("SCUTCH_TEST_ROWS").map_or(100_000, |rows| rows.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path(), common::options()).unwrap();
    for n in 0..rows {
        let mut document = Document::new(common::origin(n), "a\0b");
        let edit = Edit::replace("repair", "lexicon", "a\0b", 0..1, "c", 1.0);
        document.apply("repair", vec![edit]).unwrap();
        writer.document(&document, None).unwrap();
    }
    let small = peak();
    let line = "A line of thirty-two characters.\n";
    let huge = Document::new(common::origin(rows), line.repeat((30 << 20) / line.len()));
    writer.document(&huge, None).unwrap();
    common::seal(dir.path(), writer.finish().unwrap());
    let written = peak();
    assert_eq!(verify(dir.path()).unwrap(), []);
    let restored = Dataset::open(dir.path()).unwrap().restore(huge.origin.id).unwrap();
    assert_eq!(restored, huge.text());
    println!("peak: {small} MiB after the rows, {written} MiB sealed, {} MiB verified", peak());
    assert!(small < 100, "{small} MiB for rows of a few bytes");
    assert!(peak() < 400, "{} MiB with a document of 30 MiB", peak());
}
