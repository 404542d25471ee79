//! Inputs to sources.

#![allow(clippy::unwrap_used, reason = "a test may end with its own mistakes")]

use std::fs;
use std::path::{Path, PathBuf};

use scutch_ingest::{Config, discover};

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
