//! Small datasets to test with.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scutch_dataset::{ClusterRow, Config, Counts, Input, Manifest, Options, Rejected, Writer};
use scutch_document::{Document, Edit, Id, Origin, Rejection};

pub(crate) fn origin(n: u64) -> Origin {
    Origin {
        id: Id(u128::from(n) << 64 | 7),
        source: "crawl/a.warc.gz".into(),
        record: n,
        source_id: n.is_multiple_of(2).then(|| format!("record {n}")),
        url: Some(format!("https://www.site{}.example/{n}", n % 3)),
        meta: n.is_multiple_of(3).then(|| r#"{"k":"v"}"#.to_owned()),
    }
}

/// A document from which `strip` took its last line and in which `repair` changed a word.
pub(crate) fn document(n: u64) -> Document {
    let text = format!("Residence {n} was painted pale.\nRead more\n");
    let mut document = Document::new(origin(n), text.as_str());
    let start = text.find("Read").unwrap();
    let line = Edit::replace("strip", "teaser", &text, start..text.len(), "", 0.9);
    document.apply("strip", vec![line]).unwrap();
    let stripped = document.text().to_owned();
    let word = Edit::replace("repair", "lexicon", &stripped, 0..9, "House", 0.75);
    document.apply("repair", vec![word]).unwrap();
    document.encoding = Some("windows-1252".to_owned());
    document.language = Some("en".to_owned());
    document.signals.insert("spun_score", 0.5);
    document.signals.insert("q_upper", 0.25);
    document
}

pub(crate) fn rejected(n: u64) -> Rejected {
    let duplicate = n.is_multiple_of(2);
    Rejected {
        origin: origin(n),
        rejection: if duplicate {
            Rejection::duplicate("dedup", "near_copy", Id(1 << 64 | 7), 0.875)
        } else {
            Rejection::new("decode", "binary", "NUL bytes, no text")
        },
        text: duplicate.then(|| format!("a copy, {n}\n")),
        raw: (!duplicate).then(|| vec![0, 255, 254, n as u8]),
        encoding: duplicate.then(|| "UTF-8".to_owned()),
    }
}

pub(crate) fn options() -> Options {
    Options::new(&Config::default(), vec!["q_upper", "q_never_set"]).unwrap()
}

/// Every file below `dir`, by its path.
pub(crate) fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            out.extend(
                files(&path).into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)),
            );
        } else {
            out.insert(name, fs::read(path).unwrap());
        }
    }
    out
}

/// Seals what was written, as if it had come from one file.
pub(crate) fn seal(dir: &Path, counts: Counts) {
    let records = counts.documents + counts.rejected_total();
    let input = Input { name: "crawl/a.warc.gz".to_owned(), bytes: 9, records, ..Input::default() };
    let config = serde_json::json!({"dedup": {"threshold": 0.7}});
    let manifest = Manifest { inputs: vec![input], config, counts, ..Manifest::default() };
    scutch_dataset::seal(dir, manifest).unwrap();
}

/// A whole dataset: ten documents, four rejected records, one group.
pub(crate) fn build(dir: &Path, options: Options) -> Counts {
    let counts = write(dir, options);
    seal(dir, counts.clone());
    counts
}

/// The tables alone.
pub(crate) fn write(dir: &Path, options: Options) -> Counts {
    let mut writer = Writer::create(dir, options).unwrap();
    for n in 0..10 {
        writer.document(&document(n), (n == 1).then_some((Id(1 << 64 | 7), 2))).unwrap();
    }
    for n in 10..14 {
        writer.reject(&rejected(n)).unwrap();
    }
    let cluster = Id(1 << 64 | 7);
    writer.cluster(&ClusterRow { id: cluster, cluster, kept: true, similarity: None }).unwrap();
    let copy = Id(10 << 64 | 7);
    writer
        .cluster(&ClusterRow { id: copy, cluster, kept: false, similarity: Some(0.875) })
        .unwrap();
    writer.finish().unwrap()
}
