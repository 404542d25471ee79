//! Lexicon files: text that a person writes, as pairs.

use std::borrow::Cow;

use super::{Family, LONGEST};
use crate::problem::Problem;
use crate::words::{Tokens, lower};

/// The weight of a pair that is given none.
const GUESS: f32 = 0.2;

/// The pairs of all files, each once and sorted, as [`Lexicon::parse`](super::Lexicon::parse) takes
/// them.
pub(crate) fn pairs<'t>(files: &[(&str, &'t str)]) -> Result<Vec<Pair<'t>>, Problem> {
    let mut pairs = Vec::new();
    for &(file, text) in files {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_end_matches(['\r', ' ']);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            parse_line(line, Family::of(file), &mut pairs).map_err(|what| Problem {
                file: file.to_owned(),
                line: number + 1,
                what,
            })?;
        }
    }
    Ok(merge(pairs))
}

/// A pair as a file gives it.
#[derive(Debug)]
pub(crate) struct Pair<'t> {
    /// In lower case.
    pub(crate) spun: Cow<'t, str>,
    pub(crate) original: Cow<'t, str>,
    pub(crate) weight: f32,
    pub(crate) family: Family,
}

/// Each pair once, sorted: with its greatest weight, or not at all where one weight is 0.
fn merge(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by(|a, b| {
        let zero_first = (a.weight != 0.0).cmp(&(b.weight != 0.0));
        (&a.spun, &a.original)
            .cmp(&(&b.spun, &b.original))
            .then(zero_first)
            .then(b.weight.total_cmp(&a.weight))
    });
    pairs.dedup_by(|later, first| later.spun == first.spun && later.original == first.original);
    pairs.retain(|pair| pair.weight > 0.0);
    pairs
}

fn parse_line<'t>(line: &'t str, family: Family, pairs: &mut Vec<Pair<'t>>) -> Result<(), String> {
    let (spun, originals) =
        line.split_once('\t').ok_or("no tab between the spun form and its originals")?;
    let spun = phrase(spun, true)?;
    let before = pairs.len();
    for original in originals.split(';').map(str::trim).filter(|original| !original.is_empty()) {
        let (text, weight) = match original.rsplit_once('=') {
            None => (original, GUESS),
            Some((text, weight)) => {
                let weight: f32 = weight
                    .trim()
                    .parse()
                    .ok()
                    .filter(|weight| (0.0..=1e6).contains(weight))
                    .ok_or_else(|| format!("`{weight}` is not a weight"))?;
                (text.trim(), weight)
            }
        };
        let original = phrase(text, false)?;
        if lower(&original) == spun {
            return Err(format!("`{spun}` stands for itself"));
        }
        pairs.push(Pair { spun: spun.clone(), original, weight, family });
    }
    if pairs.len() == before { Err("no original".to_owned()) } else { Ok(()) }
}

/// The phrase with single spaces, if it consists of a few words.
fn phrase(text: &str, in_lower_case: bool) -> Result<Cow<'_, str>, String> {
    let plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b' ' | b'\'' | b'-'));
    let plain = plain && !text.contains("  ") && text.starts_with(|c: char| c.is_alphabetic());
    let text = if plain && text.ends_with(|c: char| c.is_alphabetic()) {
        Cow::Borrowed(text)
    } else {
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        if words.is_empty() || Tokens::new(&text).count() != words.len() {
            return Err(format!("`{text}` is not a sequence of words"));
        }
        Cow::Owned(if in_lower_case { lower(&text) } else { text })
    };
    if text.split(' ').count() > LONGEST {
        return Err(format!("`{text}` has more than {LONGEST} words"));
    }
    Ok(text)
}
