//! What users and crawls get wrong: it is refused in a line, or it does no harm.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::common::{files, refuse, run, scutch, stdout, succeed};
use crate::crawl::root;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Flips a bit in the middle of a file.
fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

/// Reasons of the rejected records, and the number of documents.
fn outcome(dataset: &Path) -> (Vec<String>, usize) {
    let dataset = scutch_dataset::Dataset::open(dataset).unwrap();
    let mut reasons: Vec<_> = dataset.rejected().unwrap().map(|row| row.unwrap().reason).collect();
    reasons.sort();
    (reasons, dataset.documents().unwrap().count())
}

#[test]
fn absurd_numbers_in_a_config() {
    let temp = tempfile::tempdir().unwrap();
    let config = temp.path().join("my.toml");
    for (section, key, value) in [
        ("dedup.near", "keys", "0"),
        ("dedup.near", "keys", "1_000_000_000_000"),
        ("dedup.near", "key_every", "0"),
        ("dedup.near", "shingle", "0x7fffffffffffffff"),
        ("dedup.near", "jaccard", "nan"),
        ("dedup.spin", "similarity", "-0.5"),
        ("decode", "sample", "0"),
        ("decode", "max_malformed", "inf"),
        ("input", "max_record", "0"),
        ("input", "max_record", "-1"),
        ("strip", "repeated", "0"),
        ("repair", "beam", "0"),
        ("repair", "margin", "-inf"),
        ("repair.gate", "window", "9223372036854775807"),
        ("output", "zstd_level", "99"),
        ("output", "part_mib", "0"),
    ] {
        std::fs::write(&config, format!("# mine\n\n[{section}]\n{key} = {value}\n")).unwrap();
        let mut command = scutch(["config", "check"]);
        command.arg(&config);
        refuse(&mut command, 2, &["my.toml:4: "]);
    }
}

#[test]
fn absurd_numbers_of_threads_and_bytes() {
    let temp = tempfile::tempdir().unwrap();
    for option in [["--threads", "0"], ["--threads", "65535"], ["--memory", "1"]] {
        let mut command = run(root().join("tests/samples"), temp.path().join("out"));
        command.args(option);
        refuse(&mut command, 2, &[option[0]]);
    }
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let temp = tempfile::tempdir().unwrap();
    let partial = temp.path().join("out.partial");
    std::fs::create_dir(&partial).unwrap();
    let lock = std::fs::File::create(partial.join("lock")).unwrap();
    lock.lock().unwrap();
    for resume in [&[][..], &["--resume"]] {
        let mut command = run(root().join("tests/samples"), temp.path().join("out"));
        command.args(resume);
        refuse(&mut command, 1, &["another run", "out.partial"]);
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_another_one_overtook_does_not_begin() {
    let temp = tempfile::tempdir().unwrap();
    let (config, lexicon) = (temp.path().join("my.toml"), temp.path().join("slow.tsv"));
    std::fs::write(&config, "[repair]\nlexicon = [\"slow.tsv\"]\n").unwrap();
    assert!(Command::new("mkfifo").arg(&lexicon).status().unwrap().success());
    let mut command = run(root().join("tests/samples"), temp.path().join("out"));
    command.arg("--config").arg(&config).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Once it reads its lexicon it has seen that there is no output.
    let mut pipe = std::fs::File::options().write(true).open(&lexicon).unwrap();
    std::fs::create_dir(temp.path().join("out")).unwrap();
    pipe.write_all(b"spun\toriginal\n").unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("exists already: choose another --output"), "{}", said(&output));
    assert!(!temp.path().join("out.partial").exists());
}

#[test]
fn every_flipped_bit_is_noticed_and_named() {
    let temp = tempfile::tempdir().unwrap();
    let (whole, hurt) = (temp.path().join("whole"), temp.path().join("hurt"));
    succeed(run(root().join("tests/samples"), &whole));
    let whole = files(&whole);
    for (path, _) in whole.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        for (path, bytes) in &whole {
            std::fs::create_dir_all(hurt.join(path).parent().unwrap()).unwrap();
            std::fs::write(hurt.join(path), bytes).unwrap();
        }
        damage(&hurt.join(path));
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut verify = scutch(["verify"]);
        verify.arg(&hurt);
        refuse(&mut verify, 1, &[name]);
        if path.starts_with("index") {
            let mut again = run(root().join("tests/samples"), temp.path().join("again"));
            again.arg("--against").arg(&hurt);
            refuse(&mut again, 1, &[name, "damaged"]);
        }
    }
}

#[test]
fn bad_json_lines_are_rows() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("in.jsonl");
    let deep = 100_000;
    let mut lines: Vec<Vec<u8>> = [
        &b"{\"text\":\"bad url\",\"url\":\"http://\xff\"}"[..],
        b"{\"text\":\"bad \xff text\"}",
        b"{\"text\":\"lone \\ud800 surrogate\"}",
        b"{\"text\":null}",
        b"[]",
        b"\0\0\0",
        b"",
        b"{\"text\":\"  \"}",
        b"{\"text\":\"nul \\u0000 within\"}",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    lines.push(format!("{{\"text\":\"x\",\"y\":{}", "[".repeat(deep)).into_bytes());
    lines.push(format!("{{\"text\":\"x\",\"y\":{}{}}}", "[".repeat(deep), "]".repeat(deep)).into());
    lines.push(b"{\"text\":\"clipped".to_vec());
    std::fs::write(&input, lines.join(&b'\n')).unwrap();
    let out = temp.path().join("out");
    succeed(run(&input, &out));
    let (reasons, documents) = outcome(&out);
    let counts = [("bad_json", 6), ("empty", 1), ("invalid_utf8", 2), ("missing_text", 1)];
    let expected: Vec<_> = counts.into_iter().flat_map(|(why, n)| vec![why; n]).collect();
    assert_eq!(reasons, expected);
    assert_eq!(documents, 1, "the line with a NUL within");
}

#[test]
fn deep_html_keeps_its_text() {
    let temp = tempfile::tempdir().unwrap();
    let deep = 100_000;
    let page = format!("{}words within{}", "<div><b>".repeat(deep), "</b></div>".repeat(deep));
    std::fs::write(temp.path().join("page.html"), page).unwrap();
    let out = temp.path().join("out");
    succeed(run(temp.path().join("page.html"), &out));
    let mut restore = scutch(["restore"]);
    restore.arg(&out);
    assert!(stdout(restore).contains("words within"));
}

#[test]
fn bombs_and_clipped_archives_are_rows() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("in");
    std::fs::create_dir(&input).unwrap();
    let config = temp.path().join("my.toml");
    std::fs::write(&config, "[input]\nmax_size = 100\n").unwrap();
    let line = "{\"text\":\"a line of some length\"}\n";
    let packed = zstd(line.repeat(50).as_bytes());
    std::fs::write(input.join("bomb.jsonl.zst"), &packed).unwrap();
    let whole = zstd(line.as_bytes());
    std::fs::write(input.join("clipped.txt.zst"), &whole[..whole.len() - 4]).unwrap();
    std::fs::write(input.join("empty.txt"), "").unwrap();
    std::fs::write(input.join("empty.txt.gz"), "").unwrap();
    std::fs::write(input.join("empty.jsonl"), "").unwrap();
    std::fs::write(input.join("empty.warc"), "").unwrap();
    std::fs::write(input.join("empty.parquet"), "").unwrap();
    let out = temp.path().join("out");
    let mut command = run(&input, &out);
    command.arg("--config").arg(&config);
    succeed(command);
    let (reasons, _) = outcome(&out);
    for reason in ["bomb", "clipped", "empty"] {
        assert!(reasons.iter().any(|found| found == reason), "{reason} is not in {reasons:?}");
    }
}

/// A zstd frame with one raw block.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    // The magic number; four bytes of content size; a window of 1 MiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x50];
    frame.extend((bytes.len() as u32).to_le_bytes());
    frame.extend(&(((bytes.len() as u32) << 3) | 1).to_le_bytes()[..3]);
    frame.extend(bytes);
    frame
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_pipes_in_folders() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("in");
    std::fs::create_dir_all(input.join("sub")).unwrap();
    std::fs::write(input.join("sub/page.txt"), "one page").unwrap();
    std::os::unix::fs::symlink(&input, input.join("sub/up")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(input.join("socket")).unwrap();
    let out = temp.path().join("out");
    succeed(run(&input, &out));
    assert_eq!(outcome(&out), (Vec::new(), 1));
    refuse(&mut run(input.join("socket"), temp.path().join("no")), 1, &["not a regular file"]);
}

#[cfg(unix)]
#[test]
fn text_does_not_steer_the_terminal() {
    let temp = tempfile::tempdir().unwrap();
    let input = temp.path().join("in.jsonl");
    let line = json!({"text": "\u{1b}[31mred\u{7} \u{9b}31m \u{202e}back", "url": "\u{1b}]8;;x"});
    std::fs::write(&input, format!("{line}\n")).unwrap();
    let out = temp.path().join("out");
    succeed(run(&input, &out));
    // The list, and by the beginning of the only id that document.
    for id in [&[][..], &[""]] {
        let mut inspect = scutch(["inspect"]);
        inspect.arg(&out).args(id);
        let shown = stdout(inspect);
        let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(!shown.contains(|c| steers(c) || c == '\u{202e}'), "{shown:?}");
    }
}

#[test]
fn ids_that_are_none() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    succeed(run(root().join("tests/samples"), &out));
    for command in ["inspect", "restore"] {
        for id in
            ["zz", "é", "00000000000000000000000000000000", "gggggggggggggggggggggggggggggggg"]
        {
            let mut command = scutch([command]);
            command.arg(&out).arg(id);
            refuse(&mut command, 1, &[id, "no record"]);
        }
        let mut command = scutch([command]);
        command.arg(&out).arg("");
        refuse(&mut command, 1, &["several records", "more digits"]);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let temp = tempfile::tempdir().unwrap();
    let text = temp.path().join("long.txt");
    std::fs::write(&text, "a line of text that is long enough\n".repeat(20_000)).unwrap();
    let lines = temp.path().join("long.jsonl");
    let line = json!({"text": "a line of text that is long enough"});
    std::fs::write(&lines, format!("{line}\n").repeat(5_000)).unwrap();
    for (words, file) in
        [(vec!["strip"], &text), (vec!["decode"], &text), (vec!["decode", "--jsonl"], &lines)]
    {
        let mut command = scutch(&words);
        let mut child =
            command.arg(file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", said(&output));
        assert_eq!(said(&output), "", "{words:?}");
    }
}

#[test]
fn nothing_in_nothing_out() {
    for words in [&["decode"][..], &["strip"], &["repair"], &["strip", "--jsonl"]] {
        let mut command = scutch(words);
        command.stdin(Stdio::null());
        assert_eq!(stdout(command), "", "{words:?}");
    }
}

#[test]
fn a_completion_script_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(scutch(["completions", shell])).contains("scutch"), "{shell}");
    }
}

#[test]
fn with_json_asked_for_every_line_on_stderr_is_json() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let samples = root().join("tests/samples");
    let run: Vec<_> = ["run", "--input", samples.to_str().unwrap(), "--output"].into();
    let out = out.to_str().unwrap();
    for words in [
        [&run[..], &[out]].concat(),
        [&run[..], &[out]].concat(), // it exists now
        [&run[..], &[out, "--bogus"]].concat(),
        vec!["verify", out],
        vec!["verify", "no/such/dataset"],
        vec!["strip", "--config", "no/such/config"],
    ] {
        let mut command = scutch(["--log", "json"]);
        command.args(&words);
        let output = command.output().unwrap();
        let said = said(&output);
        assert!(!said.is_empty(), "{words:?}");
        for line in said.lines() {
            let value = serde_json::from_str::<Value>(line);
            let level = value.as_ref().ok().and_then(|value| value["level"].as_str());
            assert!(level.is_some(), "{words:?}: {line}");
        }
    }
}

#[test]
fn output_where_it_would_be_read_or_would_spoil_a_dataset() {
    let temp = tempfile::tempdir().unwrap();
    let crawl = temp.path().join("crawl");
    std::fs::create_dir(&crawl).unwrap();
    std::fs::write(crawl.join("page.txt"), "A page of a few words.").unwrap();
    for output in ["crawl/out", "crawl/new/folders/out", "crawl/../crawl/out"] {
        refuse(
            &mut run(&crawl, temp.path().join(output)),
            2,
            &["--output", "crawl", "choose another"],
        );
    }
    let mut here = run(Path::new("."), Path::new("out"));
    here.current_dir(&crawl);
    refuse(&mut here, 2, &["--output", "choose another"]);
    for pattern in ["crawl/*", "crawl/**", "c*/", "crawl/*/report.html", "*/**/*.parquet"] {
        std::fs::create_dir_all(crawl.join("sub/folder")).unwrap();
        std::fs::write(crawl.join("sub/report.html"), "A page.").unwrap();
        std::fs::write(crawl.join("sub/folder/one.parquet"), "").unwrap();
        let mut glob = run(pattern, "crawl/out");
        glob.current_dir(temp.path());
        refuse(&mut glob, 2, &["--output crawl/out", pattern, "choose another"]);
    }
    std::fs::remove_dir_all(crawl.join("sub")).unwrap();
    assert_eq!(std::fs::read_dir(&crawl).unwrap().count(), 1, "nothing is left behind");

    // Beside the input, or beside its file, is where it belongs.
    let dataset = temp.path().join("clean");
    succeed(run(&crawl, &dataset));
    succeed(run(crawl.join("*.txt"), crawl.join("out")));
    refuse(&mut run(crawl.join("page.txt"), dataset.join("out")), 2, &["the dataset", "clean"]);

    // Nor is a dataset read but for its documents.
    for input in [&crawl, &crawl.join("out")] {
        let words = ["takes in the dataset", "crawl/out", "documents"];
        refuse(&mut run(input, temp.path().join("again")), 2, &words);
    }
    succeed(run(dataset.join("documents"), temp.path().join("again")));
}

#[test]
fn names_of_files_do_not_steer_the_terminal() {
    let temp = tempfile::tempdir().unwrap();
    let crawl = temp.path().join("crawl");
    std::fs::create_dir(&crawl).unwrap();
    std::os::unix::fs::symlink("nowhere", crawl.join("\x1b[2Jgone")).unwrap();
    let said = refuse(&mut run(&crawl, temp.path().join("out")), 1, &["[2Jgone"]);
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn damaged_parquet_is_told_in_rejected_and_nowhere_else() {
    let temp = tempfile::tempdir().unwrap();
    let (whole, hurt) = (temp.path().join("whole"), temp.path().join("hurt"));
    succeed(run(root().join("tests/samples"), &whole));
    let part = std::fs::read(whole.join("documents/part-00000.parquet")).unwrap();
    std::fs::create_dir(&hurt).unwrap();
    for at in (0..part.len()).step_by(5) {
        let mut bytes = part.clone();
        bytes[at] ^= 0xff;
        std::fs::write(hurt.join(format!("{at:06}.parquet")), bytes).unwrap();
    }
    let mut command = run(&hurt, temp.path().join("out"));
    command.args(["--stages", "none", "--log", "json"]);
    let said = said(&succeed(command));
    assert!(said.lines().all(|line| line.starts_with('{')), "{said}");
    let (reasons, _) = outcome(&temp.path().join("out"));
    assert!(reasons.iter().any(|reason| reason == "corrupt"));
}
