//! What the examples read: LEXICON (a folder of lexicon files) and MODEL (a file) from the
//! environment, where they name others than those that ship, and texts from JSON lines.

#![allow(clippy::unwrap_used, dead_code, reason = "tools for the terminal; none needs all of it")]

use std::ops::Range;
use std::{env, fs};

use scutch_repair::words::Tokens;
use scutch_repair::{Lexicon, Model};

/// The lexicon.
pub(crate) fn lexicon() -> Lexicon {
    let Ok(folder) = env::var("LEXICON") else { return Lexicon::english() };
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let read =
        |path: &std::path::PathBuf| (path.display().to_string(), fs::read_to_string(path).unwrap());
    let files: Vec<(String, String)> = paths.iter().map(read).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
    Lexicon::parse(&files).unwrap()
}

/// The language model.
pub(crate) fn model() -> Model {
    match env::var("MODEL") {
        Ok(path) => Model::from_bytes(&fs::read(path).unwrap()).unwrap(),
        Err(_) => Model::english(),
    }
}

/// The `text` of each line.
pub(crate) fn texts(path: &str) -> Vec<String> {
    let lines = fs::read_to_string(path).unwrap();
    let text = |line| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].take();
    lines.lines().map(|line| text(line).as_str().unwrap().to_owned()).collect()
}

/// An in-context choice: whether the model finds `original` more probable than what stands at `span`,
/// with three words on either side as they stand in the text.
pub(crate) fn prefers(model: &Model, text: &str, span: &Range<usize>, original: &str) -> bool {
    const AROUND: usize = 3;
    let words =
        |text: &str| -> Vec<u64> { Tokens::new(text).map(|token| token.hash(text)).collect() };
    let left = words(&text[text.floor_char_boundary(span.start.saturating_sub(80))..span.start]);
    let left = &left[left.len().saturating_sub(AROUND)..];
    let right = words(&text[span.end..text.ceil_char_boundary(text.len().min(span.end + 80))]);
    let right = &right[..right.len().min(AROUND)];
    let score = |middle: &str| model.phrase(&[left, &words(middle), right].concat());
    score(original) > score(&text[span.clone()])
}
