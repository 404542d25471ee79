//! Inputs to sources.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use scutch_ingest::{Error, discover};

fn names(inputs: &[PathBuf]) -> Vec<String> {
    let sources = discover(inputs).unwrap();
    sources.iter().map(|source| source.name.to_string()).collect()
}

#[test]
fn names_are_relative_and_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for file in ["p/a/x.txt", "p/b/x.txt", "p/b/sub/y.txt", ".hidden", "p/.git/z"] {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), file).unwrap();
    }
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
        assert!(discover(&[Path::new(&missing).to_owned()]).is_err());
    }
}

#[test]
fn links_are_followed_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("b")).unwrap();
    fs::write(root.join("b/x.txt"), "x").unwrap();
    symlink(root, root.join("b/loop")).unwrap();
    symlink(root.join("b"), root.join("a")).unwrap();
    symlink(root.join("b/x.txt"), root.join("y.txt")).unwrap();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("z.txt"), "z").unwrap();
    symlink(other.path(), root.join("other")).unwrap();
    assert_eq!(names(&[root.to_owned()]), ["b/x.txt", "other/z.txt"]);
    assert_eq!(names(&[root.join("y.txt")]), ["y.txt"]);

    symlink(root.join("gone"), root.join("c")).unwrap();
    let error = discover(&[root.to_owned()]).unwrap_err();
    assert!(error.to_string().contains("a link to a file that does not exist"), "{error}");
}

#[test]
fn a_matching_link_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("b")).unwrap();
    fs::write(root.join("b/x.txt"), "x").unwrap();
    symlink(root.join("b"), root.join("a")).unwrap();
    assert_eq!(names(&[root.join("**/a")]), ["a/x.txt"]);
    assert_eq!(names(&[root.join("**/a"), root.to_owned()]), ["b/x.txt"]);
}

#[test]
fn names_clash_with_disambiguated_names_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for file in ["1/a/x", "1/b/x", "2/a/x", "3/b/x"] {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), file).unwrap();
    }
    let inputs = ["1/a", "1/b", "2", "3/b/x"].map(|input| root.join(input));
    let expected = ["1/a/x", "1/b/x", "2/a/x", "3/b/x"];
    assert_eq!(names(&inputs), expected);
    let mut reversed = inputs.clone();
    reversed.reverse();
    assert_eq!(names(&reversed), expected);
}

#[test]
fn pipes_are_no_inputs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.txt"), "x").unwrap();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    assert_eq!(names(&[folder.path().to_owned()]), ["x.txt"]);
    for input in [&socket, Path::new("/dev/null"), Path::new("-")] {
        let error = discover(&[input.to_owned()]).unwrap_err();
        assert!(matches!(error, Error::NotAFile { .. }), "{error}");
    }
}

#[test]
fn names_that_are_not_utf8_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(OsStr::from_bytes(b"\xff.txt"));
    fs::write(&path, "x").unwrap();
    for input in [folder.path(), &path] {
        let error = discover(&[input.to_owned()]).unwrap_err();
        assert!(matches!(error, Error::NotUtf8 { .. }), "{error}");
    }
}
