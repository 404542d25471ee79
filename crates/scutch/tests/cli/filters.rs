//! Stages as Unix filters: text in, text out; JSON lines in, JSON lines out.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::{refuse, scutch, stdout};
use crate::crawl::root;

fn sample() -> String {
    let path = root().join("tests/samples/000_f6aa39ef8e112418.txt");
    std::fs::read_to_string(path).unwrap()
}

/// What a command prints when it reads `input`.
fn pipe(mut command: Command, input: &[u8]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn text_in_text_out() {
    let stripped = pipe(scutch(["strip"]), sample().as_bytes());
    assert!(!stripped.contains("bdphone") && stripped.contains("White Home"));
    assert_eq!(stripped, pipe(scutch(["strip", "-"]), sample().as_bytes()));
    let mut command = scutch(["strip"]);
    command.arg(root().join("tests/samples/000_f6aa39ef8e112418.txt"));
    assert_eq!(stripped, stdout(command));

    let repaired = pipe(scutch(["repair"]), stripped.as_bytes());
    assert!(repaired.contains("White House") && !repaired.contains("White Home"));

    let (bytes, _, _) =
        encoding_rs::SHIFT_JIS.encode("これは日本語の文章です。文字コードを調べる。");
    let decoded = pipe(scutch(["decode"]), &bytes);
    assert_eq!(decoded, "これは日本語の文章です。文字コードを調べる。");
    assert_eq!(pipe(scutch(["decode"]), "It was â€œfineâ€\u{9d}.".as_bytes()), "It was “fine”.");
}

#[test]
fn what_cannot_be_decoded_is_told() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("page.txt");
    let text = "Ein schöner Tag für alle Gäste. ".repeat(20);
    std::fs::write(&path, [text.as_bytes(), b"\xff", text.as_bytes()].concat()).unwrap();
    let mut command = scutch(["decode"]);
    let output = command.arg(&path).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("page.txt: 1 malformed sequences"), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{text}\u{fffd}{text}"));
}

#[test]
fn json_lines_keep_their_fields_and_explain_their_edits() {
    let text = sample();
    let line = serde_json::json!({"zeta": [1, null], "id": "a", "text": text, "alpha": {"b": 1}});
    let input = format!("{line}\n\n{}\n", serde_json::json!({"id": "b", "text": "Nothing here."}));
    for stage in ["decode", "strip", "repair"] {
        let output = pipe(scutch([stage, "--jsonl"]), input.as_bytes());
        let documents: Vec<Value> =
            output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(documents.len(), 2, "{output}");
        let keys: Vec<&str> =
            documents[0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys[..4], ["zeta", "id", "text", "alpha"]);
        assert_eq!(documents[0]["zeta"], serde_json::json!([1, null]));
        assert_eq!(documents[1]["text"], "Nothing here.");
        assert_eq!(documents[1]["edits"], serde_json::json!([]));
        let edits: Vec<scutch_document::Edit> =
            serde_json::from_value(documents[0]["edits"].clone()).unwrap();
        assert!(edits.iter().all(|edit| edit.stage == stage));
        assert_eq!(edits.is_empty(), stage == "decode", "{stage}");
        let now = documents[0]["text"].as_str().unwrap();
        assert_eq!(scutch_document::undo(now, &edits).unwrap(), text, "{stage}");
    }
}

#[test]
fn a_bad_line_is_named_and_the_others_go_on() {
    let input = "\u{feff}{\"text\": \"One.\"}\n{\"text\": 3}\nnot json\n{\"text\": \"Two.\"}\n\
                 {\"text\": \"half \\ud83d of a pair\"}\n{\"body\": \"text\"}\n";
    let mut child = scutch(["strip", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    let said = String::from_utf8(output.stderr).unwrap();
    for what in [
        "line 2: `text`: invalid type: integer `3`, expected a string; left out\n",
        "line 3: expected ident at column 2; left out\n",
        "line 5: `text`: ",
        "line 6: there is no `text`; left out\n",
    ] {
        assert!(said.contains(what), "{said}");
    }

    let lines: Vec<u8> = "\u{feff}{}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("in.jsonl");
    std::fs::write(&path, lines).unwrap();
    let mut command = scutch(["strip", "--jsonl"]);
    refuse(command.arg(&path), 1, &["in.jsonl is UTF-16", "`scutch decode`"]);
    let mut command = scutch(["dedup", "-q", "--jsonl"]);
    refuse(command.arg(&path), 1, &["in.jsonl, record 0: ", "UTF-16", "`scutch decode`"]);
}

#[test]
fn a_line_that_a_run_would_not_read_is_named_and_left_out() {
    let temp = tempfile::tempdir().unwrap();
    let config = temp.path().join("my.toml");
    std::fs::write(&config, "[input]\nmax_record = 1024\n").unwrap();
    let line = |length: usize| {
        let around = r#"{"text":""}"#.len();
        format!("{{\"text\":\"{}\"}}\n", "a".repeat(length - around))
    };
    let lines = temp.path().join("in.jsonl");
    std::fs::write(&lines, [line(1024), line(1025), line(9_000_000), line(20)].concat()).unwrap();
    for stage in ["decode", "strip", "repair"] {
        let mut command = scutch([stage, "--jsonl", "--config"]);
        let output = command.arg(&config).arg(&lines).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        for word in ["in.jsonl, line 2: more than 1024 bytes", "line 3", "input.max_record"] {
            assert!(said.contains(word), "{said}");
        }
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    }
    for words in [&["strip"][..], &["repair"], &["decode", "--detect"]] {
        let mut command = scutch(words);
        command.arg("--config").arg(&config).arg(&lines);
        refuse(&mut command, 1, &["in.jsonl: more than 1024 bytes (see input.max_record)"]);
    }
}

#[test]
fn detection_prints_path_encoding_and_confidence() {
    let temp = tempfile::tempdir().unwrap();
    let (bytes, _, _) = encoding_rs::KOI8_R
        .encode("Вчера вечером в городе прошёл сильный дождь, и многие улицы оказались под водой.");
    let path = temp.path().join("page.txt");
    std::fs::write(&path, bytes).unwrap();
    let mut command = scutch(["decode", "--detect"]);
    command.arg(&path).arg(root().join("README.md"));
    let output = stdout(command);
    let lines: Vec<Vec<&str>> = output.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines[0][..2], [path.to_str().unwrap(), "KOI8-R"]);
    assert_eq!(lines[1][1], "UTF-8");
    for line in lines {
        let confidence: f32 = line[2].parse().unwrap();
        assert!((0.0..=1.0).contains(&confidence));
    }
}

#[test]
fn other_fields_are_kept_as_they_were_written() {
    let line = r#"{"z":12345678901234567890123,"a":1.10,"text":"x","e":1e400,"s":"\ud800\u0041"}"#;
    let out = pipe(scutch(["decode", "--jsonl"]), line.as_bytes());
    assert_eq!(out.trim_end(), line.replace('}', r#","edits":[]}"#));
}

#[test]
fn detection_goes_on_after_a_file_that_is_missing() {
    let mut command = scutch(["decode", "--detect", "no-such-file"]);
    command.arg(root().join("README.md"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no-such-file"));
    assert!(String::from_utf8(output.stdout).unwrap().contains("README.md\tUTF-8\t"));
}

#[test]
fn detection_reads_standard_input() {
    let detected = pipe(scutch(["decode", "--detect"]), "caf\u{e9}".as_bytes());
    assert!(detected.starts_with("-\tUTF-8\t"), "{detected}");
}

#[test]
fn copies_among_json_lines() {
    let text = sample();
    let changed = text.replacen("February 15", "February 16", 1);
    let other =
        std::fs::read_to_string(root().join("tests/samples/003_8e9a2609f1a46fa1.txt")).unwrap();
    let input: String = [("a", &text), ("b", &other), ("c", &changed), ("d", &text)]
        .iter()
        .map(|(id, text)| format!("{}\n", serde_json::json!({"id": id, "text": text})))
        .collect();
    let output = pipe(scutch(["dedup", "--jsonl"]), input.as_bytes());
    let rows: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    assert_eq!(rows[1]["cluster"], Value::Null);
    assert_eq!(rows[1]["kept"], true);
    let kept: Vec<bool> = [0, 2, 3].map(|n: usize| rows[n]["kept"].as_bool().unwrap()).to_vec();
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1, "{output}");
    assert!(rows[0]["cluster"] == rows[2]["cluster"] && rows[0]["cluster"] == rows[3]["cluster"]);
    assert!(!rows[0]["cluster"].is_null());
    for row in rows.iter().filter(|row| row["kept"] == false) {
        assert!(row["duplicate_of"].is_string());
        assert!(row["similarity"].as_f64().unwrap() > 0.9, "{row}");
    }
}
