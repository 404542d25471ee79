//! What a spinner writes, and what stood there before.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::score::Score;
use crate::words::{HashMap, Tokens, hash_phrase, hash_word, join, lower};

/// Most words that a phrase may have.
pub const LONGEST: usize = 8;

/// The weight of what a lexicon does not know: pairs of other spinners, words that they leave.
const DOUBT: f64 = 4.0;

/// The weight from which a pair is more than a guess.
pub(crate) const LIKELY: f32 = 1.0;

/// The weight of a pair that is given none.
const GUESS: f32 = 0.2;

/// What kind of spinner a pair is typical of. A text tells which kinds had a hand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// The most widespread spinners, as a person vouches; users' own files too.
    Known,
    /// Any other that draws on a thesaurus.
    General,
    /// Those that draw on bad translations.
    Translated,
    /// Those of papers, which torture terms of art.
    Tortured,
}

impl Family {
    /// Number of families.
    pub(crate) const COUNT: usize = 4;

    /// The family of a file's pairs, by the file's name.
    fn of(file: &str) -> Self {
        match file.rsplit(['/', '\\']).next() {
            Some("words.tsv" | "phrases.tsv") => Self::General,
            Some("translated.tsv") => Self::Translated,
            Some("tortured.tsv") => Self::Tortured,
            _ => Self::Known,
        }
    }
}

/// Files of the English lexicon that ships: name and text.
pub(crate) const ENGLISH: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/english.rs"));

/// Pairs of spun forms and originals, ready to be looked up word by word.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// What a sequence of words is the beginning or the whole of, by [`hash_phrase`].
    nodes: HashMap<Node>,
    entries: Vec<Entry>,
    /// What a sequence of words is the beginning or the whole of, by [`hash_phrase`].
    heads: HashMap<Head>,
    /// The words that a likely pair changes or puts in their place.
    mutable: HashMap<()>,
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
    /// The weights of all its pairs, by family.
    masses: [f32; Family::COUNT],
    longer: bool,
}

impl Head {
    fn mass(&self) -> f32 {
        self.masses.iter().sum()
    }
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
    /// How sure the pair is.
    pub weight: f32,
    /// Whose it is.
    pub family: Family,
    /// [`hash_phrase`] of its words.
    pub phrase: u64,
    /// Log-probability that a spinner that changes this original writes this spun form.
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
    /// A line is `spun form<TAB>original=weight; original=weight…`. The weight may be left out where
    /// the pair is a guess (0.2); 4 is for pairs that spinners are known for.
    /// Empty lines and lines that begin with `#` are passed over. A pair that stands in several
    /// places counts once, with its greatest weight; a weight of 0 takes a pair of another file out.
    ///
    /// # Errors
    /// At the first line that makes no sense.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, Error> {
        let mut pairs = Vec::new();
        for &(file, text) in files {
            for (number, line) in text.lines().enumerate() {
                let line = line.trim_end_matches(['\r', ' ']);
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                parse_line(line, Family::of(file), &mut pairs).map_err(|problem| Error {
                    file: file.to_owned(),
                    line: number + 1,
                    problem,
                })?;
            }
        }
        Ok(Self::build(merge(pairs)))
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

    fn build(pairs: Vec<Pair>) -> Self {
        let mut lexicon = Self::default();
        // How much of an original's mass goes to each of its spun forms.
        for pair in &pairs {
            let words = hashes(&pair.original);
            for length in 1..=words.len() {
                let head = lexicon.heads.entry(hash_phrase(&words[..length])).or_default();
                if length == words.len() {
                    head.masses[pair.family as usize] += pair.weight;
                } else {
                    head.longer = true;
                }
            }
        }
        for group in pairs.chunk_by(|a, b| a.spun == b.spun) {
            let originals = group.iter().map(|pair| {
                let words = hashes(&pair.original);
                let phrase = hash_phrase(&words);
                let mass = lexicon.heads.get(&phrase).map_or(pair.weight, Head::mass);
                let channel = Score::ln(f64::from(pair.weight) / f64::from(mass));
                let text = pair.original.as_ref().into();
                let &Pair { weight, family, .. } = pair;
                Original { text, words, weight, family, phrase, channel }
            });
            let originals: Box<[Original]> = originals.collect();
            let words = hashes(&group[0].spun);
            let entry = lexicon.entries.len() as u32 + 1;
            for length in 1..=words.len() {
                let node = lexicon.nodes.entry(hash_phrase(&words[..length])).or_default();
                if length == words.len() {
                    node.entry = entry;
                } else {
                    node.longer = true;
                }
            }
            for original in originals.iter().filter(|one| one.is_likely()) {
                let changed = changed(&words, &original.words);
                lexicon.mutable.extend(changed.map(|&word| (word, ())));
            }
            lexicon.entries.push(Entry { spun: group[0].spun.as_ref().into(), words, originals });
        }
        lexicon
    }

    /// The entries, sorted by spun form.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether a spinner is likely to change or to produce this word: names, numbers and rare words
    /// are what it leaves alone.
    pub fn is_mutable(&self, word: &str) -> bool {
        self.mutable.contains_key(&hash_word(&lower(word)))
    }

    /// Whether the spun form may stand for the original; both in lower case.
    pub fn has(&self, spun: &str, original: &str) -> bool {
        let found = self.entries.binary_search_by(|entry| (*entry.spun).cmp(spun));
        found.is_ok_and(|at| self.entries[at].originals.iter().any(|one| *one.text == *original))
    }

    /// The probability that a spinner knows this phrase, given as [`hash_phrase`].
    pub(crate) fn coverage(&self, phrase: u64) -> f64 {
        let mass = self.heads.get(&phrase).map_or(0.0, |head| f64::from(head.mass()));
        mass / (mass + DOUBT)
    }

    /// What share of a phrase's weights is whose.
    pub(crate) fn shares(&self, phrase: u64) -> [f64; Family::COUNT] {
        let Some(head) = self.heads.get(&phrase) else { return [0.0; Family::COUNT] };
        let mass = f64::from(head.mass()).max(f64::MIN_POSITIVE);
        head.masses.map(|one| f64::from(one) / mass)
    }

    /// The originals that the words begin with: number of words, and [`hash_phrase`].
    pub(crate) fn originals(
        &self,
        words: impl Iterator<Item = u64>,
    ) -> impl Iterator<Item = (usize, u64)> {
        let mut phrase = None;
        let mut longer = true;
        words
            .enumerate()
            .map_while(move |(before, word)| {
                if !longer {
                    return None;
                }
                let hash = phrase.map_or(word, |begun| join(begun, word));
                let head = self.heads.get(&hash)?;
                phrase = Some(hash);
                longer = head.longer;
                Some((head.mass() > 0.0).then_some((before + 1, hash)))
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

/// A pair as a file gives it.
#[derive(Debug)]
struct Pair<'t> {
    spun: Cow<'t, str>,
    original: Cow<'t, str>,
    weight: f32,
    family: Family,
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

impl Original {
    /// Whether most spinners of the web may be taken to know the pair.
    fn is_likely(&self) -> bool {
        matches!(self.family, Family::Known | Family::General) && self.weight >= LIKELY
    }
}

/// The words of either phrase that do not stand at the same end of the other.
fn changed<'w>(mut a: &'w [u64], mut b: &'w [u64]) -> impl Iterator<Item = &'w u64> {
    while let (Some((x, rest_a)), Some((y, rest_b))) = (a.split_first(), b.split_first())
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    while let (Some((x, rest_a)), Some((y, rest_b))) = (a.split_last(), b.split_last())
        && x == y
    {
        (a, b) = (rest_a, rest_b);
    }
    a.iter().chain(b)
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
            ("a b c d e f g h i\tj", "more than"),
            ("home\t,", "not a sequence"),
        ] {
            let error = Lexicon::parse(&[("own.tsv", text)]).unwrap_err().to_string();
            assert!(error.starts_with("own.tsv:") && error.contains(problem), "{error}");
        }
    }
}
