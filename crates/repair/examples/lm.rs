//! Makes a language model from several sources, as `scripts/lm_build.py` asks for it.
//!
//! usage: lm OUT BIGRAMS TRIGRAMS (arpa|text):SHARE:FILE...

#![allow(clippy::print_stderr, reason = "a tool for the terminal")]

use std::{env, fs};

use scutch_repair::lm::build::Ngrams;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut models = Vec::new();
    for source in &arguments[3..] {
        let mut parts = source.splitn(3, ':');
        let kind = parts.next().unwrap_or_default();
        let share: f64 = parts.next().and_then(|share| share.parse().ok()).expect("a share");
        let path = parts.next().expect("a file");
        let text = fs::read_to_string(path).expect(path);
        let ngrams = match kind {
            "arpa" => Ngrams::from_arpa(text.lines()),
            _ => Ngrams::from_text(text.lines(), 2),
        };
        models.push((ngrams.expect(path), share));
        eprintln!("read {path}");
    }
    let most = [1, 2].map(|n| arguments[n].parse().expect("a number of n-grams"));
    let mut mixed = Ngrams::mix(&models);
    drop(models);
    eprintln!("mixed");
    mixed.prune(most);
    let bytes = mixed.to_bytes();
    eprintln!("{} bytes", bytes.len());
    fs::write(&arguments[0], bytes).expect("written");
}
