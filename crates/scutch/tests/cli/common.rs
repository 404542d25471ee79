//! What these tests share.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A `scutch` command.
pub(crate) fn scutch<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scutch"));
    command.args(args);
    command
}

/// Runs it; it must succeed.
pub(crate) fn succeed(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs it; it must fail with `code` and name all of `words`. Gives what it said.
pub(crate) fn refuse(command: &mut Command, code: i32, words: &[&str]) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{command:?} says {said:?} without {word:?}");
    }
    said
}

/// A run of `input` into `output`.
pub(crate) fn run(input: impl AsRef<Path>, output: impl AsRef<Path>) -> Command {
    let mut command = scutch(["run", "-q", "--input"]);
    command.arg(input.as_ref()).arg("--output").arg(output.as_ref());
    command
}

/// What it printed.
pub(crate) fn stdout(command: Command) -> String {
    String::from_utf8(succeed(command).stdout).unwrap()
}

/// Every file below `dir` with its bytes, by relative path.
pub(crate) fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.insert(path.strip_prefix(dir).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}
