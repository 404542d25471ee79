//! Dumps what `scripts/strip_train.py` trains on: see there.
//!
//! `features names`
//! `features keys PAGES`
//! `features rows PAGES LEXICON [SCORES]`
//!
//! `names` are those of the features for the first trees and for the second, a line each. With SCORES of
//! the first trees, `rows` are the features for the second.
//!
//! PAGES: JSON lines `{"url", "lines": [text, ...]}`. Rows are written to stdout as little-endian
//! f32, SCORES is a file of them.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write, stdout};

use scutch_strip::training::Trainer;

#[derive(serde::Deserialize)]
struct Page {
    url: Option<String>,
    lines: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut out = BufWriter::new(stdout().lock());
    match args.as_slice() {
        ["names"] => {
            for names in Trainer::new("")?.names() {
                writeln!(out, "{}", names.join(" "))?;
            }
        }
        ["keys", pages] => {
            let trainer = Trainer::new("")?;
            for page in read(pages)? {
                let lines: Vec<&str> = page.lines.iter().map(String::as_str).collect();
                let mut keys = vec![String::new(); lines.len()];
                trainer.keys(&lines, |i, key| {
                    keys[i].push_str(key);
                    keys[i].push(' ');
                });
                for keys in keys {
                    writeln!(out, "{}", keys.trim_end())?;
                }
            }
        }
        ["rows", pages, lexicon, scores @ ..] => {
            let trainer = Trainer::new(&fs::read_to_string(lexicon)?)?;
            let scores = match scores {
                [] => None,
                [file, ..] => Some(floats(&fs::read(file)?)),
            };
            let mut at = 0;
            for page in read(pages)? {
                let lines: Vec<&str> = page.lines.iter().map(String::as_str).collect();
                let own = scores.as_ref().map(|scores| &scores[at..at + lines.len()]);
                at += lines.len();
                for value in trainer.features(page.url.as_deref(), &lines, own) {
                    out.write_all(&value.to_le_bytes())?;
                }
            }
        }
        _ => return Err("see the file's first lines for usage".into()),
    }
    out.flush()?;
    Ok(())
}

fn read(path: &str) -> Result<Vec<Page>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}
