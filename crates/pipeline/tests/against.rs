//! Night by night: what an earlier dataset holds is not published again, and findings name it.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use scutch_dataset::Dataset;
use scutch_pipeline::{Config, Error, Quiet, Request, Stage, run};

/// A text of its own for each number.
fn text(number: usize) -> String {
    let word = |at: usize| format!("w{}", (number * 1_000 + at) * 2_654_435_761 % 1_000_003);
    (0..80).map(word).collect::<Vec<_>>().join(" ")
}

fn night(folder: &Path, name: &str, texts: &[String]) -> PathBuf {
    let path = folder.join(format!("{name}.jsonl"));
    let line = |text: &String| format!("{{\"text\":\"{text}\"}}\n");
    std::fs::write(&path, texts.iter().map(line).collect::<String>()).unwrap();
    path
}

fn build(config: &Config, input: PathBuf, against: &[PathBuf]) -> Result<PathBuf, Error> {
    let output = input.with_extension("dataset");
    let (inputs, against, threads, memory) = (vec![input], against.to_vec(), 2, 64 << 20);
    let request = Request { inputs, output, against, threads, memory, resume: false };
    run(config, &request, &Quiet, &AtomicBool::new(false)).map(|_| request.output)
}

/// Ids of the published documents, by their texts.
fn published(dataset: &Path) -> BTreeMap<String, String> {
    let rows = Dataset::open(dataset).unwrap().documents().unwrap().map(Result::unwrap);
    rows.map(|row| (row.text, row.origin.id.to_string())).collect()
}

#[test]
fn exact_copies_of_earlier_nights_are_named() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    // Of each night's fifty texts half were new; those of the second and third also repeat the first's.
    let texts = |numbers: std::ops::Range<usize>| numbers.map(text).collect::<Vec<_>>();
    let mut nights = [texts(0..50), texts(25..75), texts(50..100)];
    nights[0].extend(texts(10..15));
    nights[2].extend(texts(0..5));
    let config = Config { stages: vec![Stage::Dedup], ..Config::default() };
    let mut datasets: Vec<PathBuf> = Vec::new();
    for (n, texts) in nights.iter().enumerate() {
        let input = night(dir, &format!("night{n}"), texts);
        datasets.push(build(&config, input, &datasets).unwrap());
    }
    let kept: Vec<_> = datasets.iter().map(|dataset| published(dataset)).collect();
    assert_eq!(kept.iter().map(BTreeMap::len).collect::<Vec<_>>(), [50, 25, 25]);
    for (n, dataset) in datasets.iter().enumerate() {
        for row in Dataset::open(dataset).unwrap().rejected().unwrap().map(Result::unwrap) {
            assert_eq!(row.reason, "exact_copy");
            let text = row.text.unwrap();
            let of = (0..=n).find(|&of| kept[of].contains_key(&text)).unwrap();
            let id = &kept[of][&text];
            let name = if of == n { id.clone() } else { format!("night{of}.dataset:{id}") };
            assert_eq!(row.duplicate_of, Some(name));
        }
    }
}

#[test]
fn an_index_that_lacks_what_is_needed_is_refused_at_once() {
    let temp = tempfile::tempdir().unwrap();
    let input = |name: &str| night(temp.path(), name, &[text(1)]);
    let mut near = Config { stages: vec![Stage::Dedup], ..Config::default() };
    near.dedup.exact = false;
    let none = Config { stages: Vec::new(), ..Config::default() };
    let whole = Config { stages: vec![Stage::Dedup], ..Config::default() };
    for (name, config, hint) in [("near", near, "exact.keys"), ("none", none, "no index")] {
        let dataset = build(&config, input(name), &[]).unwrap();
        let error = build(&whole, input("again"), &[dataset]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(hint), "{error}");
        assert!(!temp.path().join("again.dataset.partial").exists());
    }
}

#[test]
fn a_dataset_that_is_not_whole_is_refused_at_once() {
    let temp = tempfile::tempdir().unwrap();
    let config = Config { stages: vec![Stage::Dedup], ..Config::default() };
    let build = |name: &str, against: &[PathBuf]| {
        build(&config, night(temp.path(), name, &[text(1)]), against)
    };
    for (name, path) in [("a", "documents/part-00000.parquet"), ("b", "index/exact.keys")] {
        let dataset = build(name, &[]).unwrap();
        let file = dataset.join(path);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[1..]).unwrap();
        let told = build("again", std::slice::from_ref(&dataset)).unwrap_err().to_string();
        assert!(
            told.contains(path) && told.contains("changed; build that dataset again"),
            "{told}"
        );
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
        let told = build("again", &[dataset]).unwrap_err().to_string();
        assert!(
            told.contains(path) && told.contains("missing; build that dataset again"),
            "{told}"
        );
        assert!(!temp.path().join("again.dataset.partial").exists());
    }
}
