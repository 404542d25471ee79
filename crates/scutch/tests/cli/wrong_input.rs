//! Wrong input gets one clear line and the right exit code.

use std::process::Command;

use crate::common::{refuse, run, scutch};
use crate::crawl::root;

/// It must fail with `code` and say one line with all of `words`.
fn refuses(mut command: Command, code: i32, words: &[&str]) {
    let said = refuse(&mut command, code, words);
    assert_eq!(said.trim_end().lines().count(), 1, "{command:?}: {said}");
}

#[test]
fn missing_file() {
    let temp = tempfile::tempdir().unwrap();
    refuses(run("no/such/file.jsonl", temp.path().join("out")), 1, &["no/such/file.jsonl"]);
    assert!(!temp.path().join("out.partial").exists());
}

#[test]
fn output_that_exists() {
    let temp = tempfile::tempdir().unwrap();
    refuses(run(root().join("tests/samples"), temp.path()), 1, &["exists", "--output"]);
}

#[test]
fn config_with_a_typo() {
    let temp = tempfile::tempdir().unwrap();
    let config = temp.path().join("my.toml");
    std::fs::write(&config, "# mine\n\n[strip]\nprofil = \"article\"\n").unwrap();
    let mut command = run(root().join("tests/samples"), temp.path().join("out"));
    command.arg("--config").arg(&config);
    refuses(command, 2, &["my.toml:4", "`profil`", "did you mean `profile`?"]);

    std::fs::write(&config, "[strip]\nprofile = \"everything\"\n").unwrap();
    let mut command = scutch(["config", "check"]);
    command.arg(&config);
    refuses(command, 2, &["my.toml:2", "everything", "footers"]);
}

#[test]
fn config_that_names_a_missing_file() {
    let temp = tempfile::tempdir().unwrap();
    let config = temp.path().join("my.toml");
    std::fs::write(&config, "[strip]\nrules = [\"mine/site.toml\"]\n").unwrap();
    let mut command = scutch(["config", "check"]);
    command.arg(&config);
    refuses(command, 2, &["mine/site.toml"]);
}

#[test]
fn unknown_stage() {
    let temp = tempfile::tempdir().unwrap();
    let mut command = run(root().join("tests/samples"), temp.path().join("out"));
    command.args(["--stages", "decode,stripe"]);
    refuses(command, 2, &["`stripe`", "did you mean `strip`?", "repair"]);
}

#[cfg(unix)]
#[test]
fn path_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let temp = tempfile::tempdir().unwrap();
    let crawl = temp.path().join("crawl");
    std::fs::create_dir(&crawl).unwrap();
    let path = crawl.join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt"));
    if std::fs::write(&path, "text").is_err() {
        eprintln!("skipped: this file system refuses such names");
        return;
    }
    refuses(run(&path, temp.path().join("out")), 1, &["UTF-8", "caf"]);
    refuses(run(&crawl, temp.path().join("out")), 1, &["UTF-8", "caf"]);
}

#[cfg(unix)]
#[test]
fn unreadable_folder() {
    use std::os::unix::fs::PermissionsExt;
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("page.txt"), "text").unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o000)).unwrap();
    let root_reads_all = std::fs::read_dir(&folder).is_ok();
    if root_reads_all {
        eprintln!("skipped: this user may read every folder");
    } else {
        refuses(run(temp.path(), temp.path().join("out")), 1, &["closed", "mend that"]);
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_made() {
    refuses(run(root().join("tests/samples"), "/proc/1/out"), 1, &["/proc/1/out.partial"]);
    let mut command = scutch(["dedup", "--jsonl"]);
    command.arg(root().join("README.md")).env("TMPDIR", "/proc/1");
    refuses(command, 1, &["temporary folder", "TMPDIR"]);
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk() {
    let mut command = scutch(["decode"]);
    command.arg(root().join("tests/samples").read_dir().unwrap().next().unwrap().unwrap().path());
    command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    refuses(command, 1, &["No space left"]);
}

#[test]
fn dataset_that_is_none() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("file");
    std::fs::write(&file, "").unwrap();
    for command in ["verify", "inspect", "restore", "report"] {
        for path in [temp.path(), &file, &temp.path().join("nothing")] {
            let mut command = scutch([command]);
            command.arg(path);
            refuses(command, 1, &["not a dataset", "manifest.json"]);
        }
    }
    let mut command = run(&file, temp.path().join("out"));
    command.arg("--against").arg(temp.path().join("nothing"));
    refuses(command, 1, &["nothing", "not a dataset"]);
}
