//! What a spinner writes, and what stood there before.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use crate::score::Score;
use crate::words::{HashMap, Tokens, hash_phrase, hash_word, join, lower};

/// Most words that a phrase may have.
pub const LONGEST: usize = 6;

/// The weight of what a lexicon does not know: pairs of other spinners, words that they leave.
const DOUBT: f64 = 4.0;

/// Files of the English lexicon that ships: name and text.
const ENGLISH: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/english.rs"));

/// Pairs of spun forms and originals, ready to be looked up word by word.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// What a sequence of words is the beginning or the whole of, by [`hash_phrase`].
    nodes: HashMap<Node>,
    entries: Vec<Entry>,
    /// What a sequence of words is the beginning or the whole of, by [`hash_phrase`].
    heads: HashMap<Head>,
    /// Every word of every phrase.
    words: HashMap<()>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Index of the entry, plus one.
    entry: u32,
    longer: bool,
}

/// An original, or the beginning of one.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    /// The weights of all its pairs.
    mass: f32,
    longer: bool,
}

/// A spun form.
#[derive(Debug)]
pub struct Entry {
    /// In lower case, words parted by single spaces.
    pub spun: Box<str>,
    /// Hashes of its words.
    pub words: Box<[u64]>,
    /// What it may stand for, sorted by text.
    pub originals: Box<[Original]>,
}

/// What a spun form may stand for.
#[derive(Debug)]
pub struct Original {
    /// As it is to be written in the middle of a sentence.
    pub text: Box<str>,
    /// Hashes of its words.
    pub words: Box<[u64]>,
    /// The weight that the file gives, 1 where it gives none.
    pub weight: f32,
    /// [`hash_phrase`] of its words.
    pub phrase: u64,
    /// Log-probability that a spinner knows this original and writes this spun form for it.
    pub channel: Score,
}

/// A line of a lexicon file that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct Error {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl Lexicon {
    /// Reads lexicon files, each given by its name and text.
    ///
    /// A line is `spun form<TAB>original=weight; original=weight…`; the weight may be left out (1).
    /// Empty lines and lines that begin with `#` are passed over. A pair that stands in several
    /// places counts once, with its greatest weight; a weight of 0 takes a pair of another file out.
    ///
    /// # Errors
    /// At the first line that makes no sense.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, Error> {
        let mut pairs: BTreeMap<String, BTreeMap<String, f32>> = BTreeMap::new();
        for &(file, text) in files {
            for (number, line) in text.lines().enumerate() {
                let line = line.trim_end_matches(['\r', ' ']);
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                parse_line(line, &mut pairs).map_err(|problem| Error {
                    file: file.to_owned(),
                    line: number + 1,
                    problem,
                })?;
            }
        }
        Ok(Self::build(&pairs))
    }

    /// The names and texts of the English files that ship.
    pub fn english_files() -> &'static [(&'static str, &'static str)] {
        ENGLISH
    }

    /// The English lexicon that ships.
    pub fn english() -> Self {
        Self::parse(ENGLISH).expect("a test reads the files that ship")
    }

    /// The English lexicon that ships, and a user's own files (name and text) after it.
    ///
    /// # Errors
    /// As [`Lexicon::parse`].
    pub fn english_with(files: &[(String, String)]) -> Result<Self, Error> {
        let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Self::parse(&ENGLISH.iter().copied().chain(own).collect::<Vec<_>>())
    }

    fn build(pairs: &BTreeMap<String, BTreeMap<String, f32>>) -> Self {
        // How much of an original's mass goes to each of its spun forms.
        let mut mass: BTreeMap<&str, f64> = BTreeMap::new();
        for (text, &weight) in pairs.values().flatten() {
            *mass.entry(text).or_default() += f64::from(weight);
        }
        let mut lexicon = Self::default();
        for (spun, originals) in pairs {
            let originals: Box<[Original]> = originals
                .iter()
                .filter(|&(_, &weight)| weight > 0.0)
                .map(|(text, &weight)| {
                    let words = hashes(text);
                    for length in 1..=words.len() {
                        let head = lexicon.heads.entry(hash_phrase(&words[..length])).or_default();
                        if length == words.len() {
                            head.mass = mass[text.as_str()] as f32;
                        } else {
                            head.longer = true;
                        }
                    }
                    lexicon.words.extend(words.iter().map(|&word| (word, ())));
                    let phrase = hash_phrase(&words);
                    let channel = Score::ln(f64::from(weight) / (mass[text.as_str()] + DOUBT));
                    Original { text: text.as_str().into(), words, weight, phrase, channel }
                })
                .collect();
            if originals.is_empty() {
                continue;
            }
            let words = hashes(spun);
            lexicon.words.extend(words.iter().map(|&word| (word, ())));
            lexicon.entries.push(Entry { spun: spun.as_str().into(), words, originals });
            let entry = lexicon.entries.len() as u32;
            let words = &lexicon.entries[entry as usize - 1].words;
            for length in 1..=words.len() {
                let node = lexicon.nodes.entry(hash_phrase(&words[..length])).or_default();
                if length == words.len() {
                    node.entry = entry;
                } else {
                    node.longer = true;
                }
            }
        }
        lexicon
    }

    /// The entries, sorted by spun form.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether a spinner changes or produces this word.
    pub fn is_mutable(&self, word: &str) -> bool {
        self.words.contains_key(&hash_word(&lower(word)))
    }

    /// Whether the spun form may stand for the original; both in lower case.
    pub fn has(&self, spun: &str, original: &str) -> bool {
        let found = self.entries.binary_search_by(|entry| (*entry.spun).cmp(spun));
        found.is_ok_and(|at| self.entries[at].originals.iter().any(|one| *one.text == *original))
    }

    /// The probability that a spinner knows this phrase, given as [`hash_phrase`].
    pub(crate) fn coverage(&self, phrase: u64) -> f64 {
        let mass = self.heads.get(&phrase).map_or(0.0, |head| f64::from(head.mass));
        mass / (mass + DOUBT)
    }

    /// The originals that the words begin with, as [`hash_phrase`].
    pub(crate) fn originals(&self, words: impl Iterator<Item = u64>) -> impl Iterator<Item = u64> {
        let mut phrase = None;
        let mut longer = true;
        words
            .map_while(move |word| {
                if !longer {
                    return None;
                }
                let hash = phrase.map_or(word, |before| join(before, word));
                let head = self.heads.get(&hash)?;
                phrase = Some(hash);
                longer = head.longer;
                Some((head.mass > 0.0).then_some(hash))
            })
            .flatten()
    }

    /// The entries that the words begin with: number of words, and place among
    /// [`entries`](Self::entries), shortest first.
    pub(crate) fn matches(
        &self,
        mut words: impl Iterator<Item = u64>,
    ) -> impl Iterator<Item = (usize, usize)> {
        let mut phrase = None;
        let mut longer = true;
        let mut length = 0;
        std::iter::from_fn(move || {
            while longer && length < LONGEST {
                let word = words.next()?;
                let hash = phrase.map_or(word, |before| join(before, word));
                let node = self.nodes.get(&hash)?;
                phrase = Some(hash);
                longer = node.longer;
                length += 1;
                if node.entry > 0 {
                    return Some((length, node.entry as usize - 1));
                }
            }
            None
        })
    }
}

fn parse_line(
    line: &str,
    pairs: &mut BTreeMap<String, BTreeMap<String, f32>>,
) -> Result<(), String> {
    let (spun, originals) =
        line.split_once('\t').ok_or("no tab between the spun form and its originals")?;
    let spun = phrase(&lower(spun))?;
    if originals.split(';').all(|original| original.trim().is_empty()) {
        return Err("no original".to_owned());
    }
    let pairs = pairs.entry(spun.clone()).or_default();
    for original in originals.split(';').map(str::trim).filter(|original| !original.is_empty()) {
        let (text, weight) = match original.rsplit_once('=') {
            None => (original, 1.0),
            Some((text, weight)) => {
                let weight: f32 = weight
                    .trim()
                    .parse()
                    .ok()
                    .filter(|weight| (0.0..=1e6).contains(weight))
                    .ok_or_else(|| format!("`{weight}` is not a weight"))?;
                (text, weight)
            }
        };
        let text = phrase(text)?;
        if lower(&text) == spun {
            return Err(format!("`{spun}` stands for itself"));
        }
        match pairs.entry(text) {
            Slot::Vacant(slot) => {
                slot.insert(weight);
            }
            Slot::Occupied(mut slot) => {
                let other = *slot.get();
                let out = weight == 0.0 || other == 0.0;
                slot.insert(if out { 0.0 } else { other.max(weight) });
            }
        }
    }
    Ok(())
}

/// The phrase with single spaces, if it consists of a few words.
fn phrase(text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let tokens = Tokens::new(&text).count();
    if words.is_empty() || tokens != words.len() {
        return Err(format!("`{text}` is not a sequence of words"));
    }
    if words.len() > LONGEST {
        return Err(format!("`{text}` has more than {LONGEST} words"));
    }
    Ok(text)
}

fn hashes(phrase: &str) -> Box<[u64]> {
    phrase.split(' ').map(|word| hash_word(&lower(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_well_formed() {
        let lexicon = Lexicon::parse(ENGLISH);
        assert!(lexicon.is_ok_and(|lexicon| lexicon.entries().len() > 100));
    }

    #[test]
    fn longer_phrases_are_found_beside_shorter_ones() {
        let text = "in keeping\tin line\nin keeping with\taccording to=2; in line with\n";
        let lexicon = Lexicon::parse(&[("t", text)]).unwrap();
        let words = ["in", "keeping", "with", "him"].map(hash_word);
        let found: Vec<_> = lexicon.matches(words.into_iter()).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].0, 3);
        assert_eq!(&*lexicon.entries()[found[1].1].originals[0].text, "according to");
        assert!(lexicon.is_mutable("Keeping") && !lexicon.is_mutable("him"));
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, problem) in [
            ("home house", "no tab"),
            ("# x\nhome\t", "no original"),
            ("home\thouse=-1", "not a weight"),
            ("home\thome", "itself"),
            ("a b c d e f g\th", "more than"),
            ("home\t,", "not a sequence"),
        ] {
            let error = Lexicon::parse(&[("own.tsv", text)]).unwrap_err().to_string();
            assert!(error.starts_with("own.tsv:") && error.contains(problem), "{error}");
        }
    }
}
