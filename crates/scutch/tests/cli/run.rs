//! `scutch run`: what the samples become, the same bytes whatever the machine does, nothing lost.

use std::path::Path;

use crate::common::{files, scutch, stdout, succeed};
use crate::crawl::{crawl, root};
use serde_json::Value;

fn run_on(input: &Path, output: &Path, more: &[&str]) {
    let mut command = scutch(["run", "--quiet", "--input"]);
    command.arg(input).arg("--output").arg(output).args(more);
    succeed(command);
}

fn manifest(dataset: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(dataset.join("manifest.json")).unwrap()).unwrap()
}

/// The texts of a dataset's documents by source, as `restore` (`edited` false) or as they are now.
fn documents(dataset: &Path) -> Vec<(String, String)> {
    scutch_dataset::Dataset::open(dataset)
        .unwrap()
        .documents()
        .unwrap()
        .map(|document| {
            let document = document.unwrap();
            (document.origin.source.to_string(), document.text)
        })
        .collect()
}

#[test]
fn the_samples_become_what_the_readme_says() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    run_on(&root().join("tests/samples"), &out, &[]);
    let documents = documents(&out);
    assert_eq!(documents.len(), 3);
    for (source, text) in &documents {
        let original = std::fs::read_to_string(root().join("tests/samples").join(source)).unwrap();
        if source.starts_with("000_") {
            let lines: Vec<_> = text.lines().collect();
            // 19 paragraphs and the byline.
            let paragraphs = lines.iter().filter(|line| line.len() > 150).count();
            assert_eq!(paragraphs, 19, "{text}");
            for gone in ["👉", "👇", "bdphone", "dailyadvice", "…"] {
                assert!(!text.contains(gone), "{gone} is still there");
            }
            for repaired in
                ["White House", "National Security Adviser", "Middle East", "ccording to"]
            {
                assert!(text.contains(repaired), "{repaired} is missing in {text}");
            }
        } else {
            for paragraph in original.lines().filter(|line| line.len() > 60) {
                assert!(text.contains(paragraph), "{source} lost {paragraph:?}");
            }
        }
    }
    let dataset = scutch_dataset::Dataset::open(&out).unwrap();
    let clean: Vec<_> = dataset
        .documents()
        .unwrap()
        .map(Result::unwrap)
        .filter(|document| !document.origin.source.starts_with("000_"))
        .map(|document| document.origin.id)
        .collect();
    for edit in dataset.edits().unwrap().map(Result::unwrap) {
        assert!(!(clean.contains(&edit.id) && edit.edit.stage == "repair"), "{edit:?}");
    }
}

#[test]
fn restore_gives_back_the_decoded_text() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    run_on(&root().join("tests/samples"), &out, &[]);
    let mut command = scutch(["restore"]);
    command.arg(&out);
    let mut seen = 0;
    for line in stdout(command).lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        let source = document["source"].as_str().unwrap();
        let original = std::fs::read_to_string(root().join("tests/samples").join(source)).unwrap();
        assert_eq!(document["text"].as_str().unwrap(), original, "{source}");
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn nothing_about_the_machine_shows() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("crawl");
    crawl(&input);
    let reference = temp.path().join("reference");
    run_on(&input, &reference, &["--threads", "1"]);
    let expected = files(&reference);
    assert!(expected.len() >= 8, "{:?}", expected.keys());

    let check = |name: &str, mut command: std::process::Command| {
        let out = temp.path().join(name);
        command.arg("--output").arg(&out);
        succeed(command);
        let found = files(&out);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{name}");
        for (path, bytes) in &found {
            assert!(*bytes == expected[path], "{} differs: {name}", path.display());
        }
    };
    for threads in ["2", "7"] {
        let mut command = scutch(["run", "-q", "--threads", threads, "--input"]);
        command.arg(&input);
        check(&format!("threads-{threads}"), command);
    }
    for memory in ["64MiB", "1MiB"] {
        let mut command = scutch(["run", "-q", "--memory", memory, "--input"]);
        command.arg(&input);
        check(&format!("memory-{memory}"), command);
    }
    let mut command = scutch(["run", "-q", "--input", "crawl"]);
    command.current_dir(temp.path());
    check("elsewhere", command);

    // Named one by one, in two orders.
    let mut orders = Vec::new();
    for order in ["there", "back"] {
        let mut parts = vec![input.join("pages"), input.join("pages.jsonl")];
        if order == "back" {
            parts.reverse();
        }
        let out = temp.path().join(order);
        let mut command = scutch(["run", "-q", "--input"]);
        command.args(parts).arg("--output").arg(&out);
        succeed(command);
        orders.push(files(&out));
    }
    assert!(orders[0] == orders[1], "the order of the inputs shows");
}

#[test]
fn every_record_comes_out_once() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("crawl");
    crawl(&input);
    for stages in
        ["none", "decode", "dedup", "strip", "repair", "dedup,strip", "decode,dedup,strip,repair"]
    {
        let out = temp.path().join(stages);
        run_on(&input, &out, &["--stages", stages]);
        let inputs = manifest(&out)["inputs"].as_array().unwrap().clone();
        let records: u64 = inputs.iter().map(|input| input["records"].as_u64().unwrap()).sum();
        let dataset = scutch_dataset::Dataset::open(&out).unwrap();
        let documents = dataset.documents().unwrap().count();
        let rejected = dataset.rejected().unwrap().count();
        // 3 samples, russian, picture, empty; 120 pages and 3 times 2 bad lines.
        assert_eq!(documents + rejected, 6 + 126, "--stages {stages}");
        assert_eq!(records, 132, "{inputs:?}");
        let mut command = scutch(["verify"]);
        command.arg(&out);
        succeed(command);
    }
}

#[test]
fn copies_are_found_and_explained() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("crawl");
    crawl(&input);
    let out = temp.path().join("out");
    run_on(&input.join("pages.jsonl"), &out, &[]);
    let dataset = scutch_dataset::Dataset::open(&out).unwrap();
    let mut reasons = std::collections::BTreeMap::<String, usize>::new();
    for row in dataset.rejected().unwrap() {
        let row = row.unwrap();
        if row.stage == "dedup" {
            assert!(row.duplicate_of.is_some() && row.similarity.is_some(), "{row:?}");
        }
        *reasons.entry(row.reason).or_default() += 1;
    }
    // Twelve equal pages and twelve that differ in one word: one of each is kept.
    assert_eq!(reasons.get("exact_copy"), Some(&11), "{reasons:?}");
    assert_eq!(reasons.get("near_copy"), Some(&11), "{reasons:?}");
}

/// An exact copy may be a copy of a near copy: `inspect` goes on to the document that is kept.
#[test]
fn inspect_leads_to_the_document_that_is_kept() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("crawl");
    std::fs::create_dir(&input).unwrap();
    let sample = root().join("tests/samples/003_8e9a2609f1a46fa1.txt");
    let text = std::fs::read_to_string(sample).unwrap();
    let longer = format!("{text}\nMore talks are to follow within a week.\n");
    for (name, text) in [("a.txt", &longer), ("b.txt", &text), ("c.txt", &text)] {
        std::fs::write(input.join(name), text).unwrap();
    }
    let out = temp.path().join("out");
    run_on(&input, &out, &[]);
    let dataset = scutch_dataset::Dataset::open(&out).unwrap();
    let kept = dataset.documents().unwrap().next().unwrap().unwrap().origin;
    assert_eq!(&*kept.source, "a.txt");
    for row in dataset.rejected().unwrap().map(Result::unwrap) {
        let mut inspect = scutch(["inspect"]);
        inspect.arg(&out).arg(row.origin.id.to_string());
        let said = stdout(inspect);
        assert!(said.contains(&format!("a copy of: {}", kept.id)), "{}: {said}", row.reason);
    }
}

#[test]
fn an_unfinished_run_is_not_overwritten() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::create_dir(temp.path().join("out.partial")).unwrap();
    let mut command = scutch(["run", "-q", "--input"]);
    command.arg(root().join("tests/samples")).arg("--output").arg(temp.path().join("out"));
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("--resume") && said.contains("out.partial"), "{said}");
}
