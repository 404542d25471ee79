//! Every archive and every file of the measuring data is read to its end.

use std::collections::BTreeMap;
use std::path::Path;

use scutch_ingest::{Body, Config, Kind, discover, html_to_text};

/// How many records of each kind, or reason, each file holds.
type Counts = BTreeMap<String, BTreeMap<&'static str, usize>>;

/// Reads every file below a folder of the measuring data.
fn count(folder: &str) -> Counts {
    let data = std::env::var("SCUTCH_BENCH_DATA").expect("names the folder of the measuring data");
    let mut counts = Counts::new();
    for source in discover(&[Path::new(&data).join(folder)]).unwrap() {
        let counts = counts.entry(source.name.to_string()).or_default();
        for record in crate::common::read(&source, &Config::default()) {
            let kind = match record.body {
                Body::Text(_) => "text",
                Body::Bytes { bytes, kind: Kind::Html, .. } => {
                    assert!(!html_to_text(&String::from_utf8_lossy(&bytes)).contains("\n\n\n"));
                    "html"
                }
                Body::Bytes { .. } => "plain",
                Body::Broken { reason, .. } => reason,
            };
            *counts.entry(kind).or_default() += 1;
        }
    }
    counts
}

#[test]
#[ignore = "needs SCUTCH_BENCH_DATA"]
fn every_archive() {
    let counts = count("warc");
    let of = |name: &str| counts[name].iter().map(|(&kind, &n)| (kind, n)).collect::<Vec<_>>();
    for ending in ["", ".gz"] {
        let of = |name| of(&format!("cc-whirlwind/whirlwind.warc{name}{ending}"));
        assert_eq!(of(""), [("html", 1)]);
        assert_eq!(of(".wet"), [("plain", 1)]);
        assert_eq!(of(".wat"), []);
    }
    for ending in ["", ".gz", ".lz4"] {
        let of = |name| of(&format!("resiliparse-warc/tests/data/{name}.warc{ending}"));
        assert_eq!(of("warcfile"), [("html", 16)]);
        assert_eq!(of("block-sized-records"), []);
    }
    assert_eq!(of("resiliparse-warc/tests/data/clipped.warc.gz"), [("clipped", 1)]);
    assert_eq!(of("resiliparse-warc/tests/data/clueweb-quirk.warc.gz"), [("html", 29)]);
}

#[test]
#[ignore = "needs SCUTCH_BENCH_DATA"]
fn every_file_of_every_encoding() {
    for (name, counts) in count("charset/tests") {
        let kinds: Vec<_> = counts.into_iter().collect();
        assert!(matches!(kinds[..], [("plain" | "html", 1)]), "{name}: {kinds:?}");
    }
}
