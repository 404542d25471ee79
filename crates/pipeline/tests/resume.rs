//! An interrupted run goes on to the same bytes.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use scutch_pipeline::{Config, Error, Progress, Quiet, Request, run};

#[path = "../../../tests/support/crawl.rs"]
mod crawl;

/// Presses Ctrl-C when a pass begins.
struct StopAt<'a>(&'static str, &'a AtomicBool);

impl Progress for StopAt<'_> {
    fn begin(&self, pass: &'static str, _: u64) {
        self.1.store(pass == self.0, Ordering::Relaxed);
    }
    fn advance(&self, _: u64, _: u64) {}
    fn end(&self) {}
}

/// Every file of a dataset with its bytes, by its path in the dataset.
fn files(dataset: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dataset.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dataset).unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_bytes() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("crawl");
    crawl::crawl(&input);
    let config = Config::default();
    let request = |name: &str, resume| Request {
        inputs: vec![input.clone()],
        output: temp.path().join(name),
        against: Vec::new(),
        threads: 2,
        memory: 64 << 20,
        resume,
    };
    let stop = AtomicBool::new(false);
    run(&config, &request("whole", false), &Quiet, &stop).unwrap();
    let whole = files(&temp.path().join("whole"));

    for pass in ["read", "strip", "write"] {
        let stop = AtomicBool::new(false);
        let stopped = run(&config, &request(pass, false), &StopAt(pass, &stop), &stop);
        assert!(matches!(stopped, Err(Error::Interrupted)), "{pass}: {stopped:?}");
        assert!(!temp.path().join(pass).exists());

        // Another plan must not go on with what is done.
        if pass != "read" {
            let other = Config { stages: Vec::new(), ..Config::default() };
            let refused = run(&other, &request(pass, true), &Quiet, &AtomicBool::new(false));
            assert!(matches!(refused, Err(Error::CannotResume(_))), "{pass}: {refused:?}");
        }

        run(&config, &request(pass, true), &Quiet, &AtomicBool::new(false)).unwrap();
        let resumed = files(&temp.path().join(pass));
        assert!(resumed == whole, "interrupted in pass {pass}");
        assert!(!temp.path().join(format!("{pass}.partial")).exists());
    }
}

#[test]
fn a_spill_file_that_is_gone_is_told_and_not_taken_for_no_copies() {
    let temp = tempfile::tempdir().unwrap();
    let request = |resume| Request {
        inputs: vec![temp.path().join("a.jsonl")],
        output: temp.path().join("out"),
        against: Vec::new(),
        threads: 1,
        memory: 64 << 20,
        resume,
    };
    std::fs::write(&request(false).inputs[0], "{\"text\":\"one\"}\n{\"text\":\"one\"}\n").unwrap();
    let stop = AtomicBool::new(false);
    let config = Config::default();
    run(&config, &request(false), &StopAt("strip", &stop), &stop).unwrap_err();
    std::fs::remove_file(temp.path().join("out.partial/spill/exact.found")).unwrap();
    let refused = run(&config, &request(true), &Quiet, &AtomicBool::new(false));
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("exact.found") && told.contains("without --resume"), "{told}");
}

#[test]
fn before_anything_is_done_a_resumed_run_begins_anew() {
    let temp = tempfile::tempdir().unwrap();
    let (input, output) = (temp.path().join("a.jsonl"), temp.path().join("out"));
    std::fs::write(&input, "{\"text\":\"one\"}\n").unwrap();
    let config = Config::default();
    let request = Request {
        inputs: vec![input.clone()],
        output: output.clone(),
        against: Vec::new(),
        threads: 1,
        memory: 64 << 20,
        resume: true,
    };
    let stop = AtomicBool::new(false);
    let stopped = run(&config, &request, &StopAt("read", &stop), &stop);
    assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
    // The crawler goes on writing, as it may: this is another plan.
    std::fs::write(&input, "{\"text\":\"one\"}\n{\"text\":\"two\"}\n").unwrap();
    let summary = run(&config, &request, &Quiet, &AtomicBool::new(false)).unwrap();
    assert_eq!(summary.records, 2);

    // A disk that was full at once leaves a folder without a journal. One of somebody else stays.
    std::fs::remove_dir_all(&output).unwrap();
    let partial = temp.path().join("out.partial");
    std::fs::create_dir_all(partial.join("spill")).unwrap();
    std::fs::write(partial.join("journal.new"), "").unwrap();
    std::fs::write(partial.join("mine"), "").unwrap();
    let refused = run(&config, &request, &Quiet, &AtomicBool::new(false));
    assert!(matches!(refused, Err(Error::CannotResume(_))), "{refused:?}");
    std::fs::remove_file(partial.join("mine")).unwrap();
    run(&config, &request, &Quiet, &AtomicBool::new(false)).unwrap();
    assert!(!partial.exists());
}
