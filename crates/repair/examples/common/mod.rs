//! What the examples read: LEXICON (a folder of lexicon files) and MODEL (a file) from the
//! environment, where they name others than those that ship, and texts from JSON lines.

#![allow(clippy::unwrap_used, dead_code, reason = "tools for the terminal; none needs all of it")]

use std::{env, fs};

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
