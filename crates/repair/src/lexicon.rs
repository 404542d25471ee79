//! What a spinner writes, and what stood there before.

mod flat;
mod parse;
mod trie;

use flat::{Reader, Texts, Writer};
use parse::Pair;

pub(crate) use trie::NONE;
use trie::{Trie, Vocabulary};

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::score::Score;
use crate::words::{hash_any, key};

/// Most words that a phrase may have.
pub const LONGEST: usize = 8;

/// The weight of what a lexicon does not know: pairs of other spinners, words that they leave.
const DOUBT: f64 = 4.0;

/// The weight from which most spinners may be taken to know a pair.
const LIKELY: f32 = 1.2;

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
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Known, Self::General, Self::Translated, Self::Tortured];

    /// The family of a file's pairs, by the file's name.
    pub(crate) fn of(file: &str) -> Self {
        match file.rsplit(['/', '\\']).next() {
            Some("words.tsv" | "phrases.tsv" | "others.tsv") => Self::General,
            Some("translated.tsv") => Self::Translated,
            Some("tortured.tsv") => Self::Tortured,
            _ => Self::Known,
        }
    }
}

/// Pairs of spun forms and originals, ready to be looked up word by word.
///
/// Flat arrays throughout: the lexicon that ships is compiled when the program is built, and read
/// in a few milliseconds when it starts.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// Every word of every phrase, and its hash.
    vocabulary: Vocabulary,
    hashes: Vec<u64>,
    /// Every phrase, spun or original.
    trie: Trie,
    /// For each node, the number of the spun form that ends there, counted from 1; 0 where none does.
    forms: Vec<u32>,
    /// For each original, the weights of all its pairs, by family.
    masses: Vec<Masses>,
    /// For each word, 1 where a likely pair changes it or puts it in another's place.
    mutable: Vec<u32>,
    /// The spun forms, sorted, and where their pairs begin.
    spun: Texts,
    first_pair: Vec<u32>,
    pairs: Vec<Link>,
    /// The originals, their nodes, and where their words begin.
    originals: Texts,
    nodes: Vec<u32>,
    first_word: Vec<u32>,
    words: Vec<u32>,
    /// Whether it is the one that ships, unchanged.
    pub(crate) ships: bool,
}

/// A pair, seen from its spun form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    /// The original's number.
    pub(crate) original: u32,
    /// How sure the pair is.
    pub(crate) weight: f32,
    /// Whose it is.
    pub(crate) family: Family,
    /// Log-probability that a spinner that changes this original writes this spun form.
    pub(crate) channel: Score,
}

/// The weights of all pairs of an original, by family.
#[derive(Debug, Clone, Copy, Default)]
struct Masses([f32; Family::COUNT]);

impl Masses {
    fn sum(&self) -> f32 {
        self.0.iter().sum()
    }
}

/// How spinners stand to an original.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// The probability that a spinner knows it.
    pub(crate) coverage: f64,
    /// What share of the weights of its pairs is whose.
    pub(crate) shares: [f64; Family::COUNT],
}

impl Standing {
    /// The mean, by these shares, of what is given for each family.
    pub(crate) fn mean(&self, given: &[f64; Family::COUNT]) -> f64 {
        self.shares.iter().zip(given).map(|(share, one)| share * one).sum()
    }
}

/// A spun form.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'l> {
    lexicon: &'l Lexicon,
    number: usize,
}

/// What a spun form may stand for.
#[derive(Debug, Clone, Copy)]
pub struct Original<'l> {
    /// As it is to be written in the middle of a sentence.
    pub text: &'l str,
    /// How sure the pair is.
    pub weight: f32,
    /// Whose it is.
    pub family: Family,
}

impl Link {
    /// Whether most spinners of the web may be taken to know the pair.
    fn is_likely(&self) -> bool {
        matches!(self.family, Family::Known | Family::General) && self.weight >= LIKELY
    }
}

/// The words of either phrase that do not stand at the same end of the other.
fn changed<'w>(mut a: &'w [u32], mut b: &'w [u32]) -> impl Iterator<Item = &'w u32> {
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

impl<'l> Entry<'l> {
    /// The form, in lower case, words parted by single spaces.
    pub fn spun(&self) -> &'l str {
        self.lexicon.spun.get(self.number)
    }

    /// What it may stand for, sorted by text.
    pub fn originals(&self) -> impl ExactSizeIterator<Item = Original<'l>> + use<'l> {
        let lexicon = self.lexicon;
        lexicon.pairs[lexicon.pairs_of(self.number)].iter().map(|link| Original {
            text: lexicon.originals.get(link.original as usize),
            weight: link.weight,
            family: link.family,
        })
    }
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
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, Problem> {
        Ok(Self::compile(&parse::pairs(files)?))
    }

    fn compile(pairs: &[Pair]) -> Self {
        let mut lexicon = Self::default();
        let mut texts: Vec<&str> = pairs.iter().map(|pair| &*pair.original).collect();
        texts.sort_unstable();
        texts.dedup();
        let forms: Vec<&str> =
            pairs.chunk_by(|a, b| a.spun == b.spun).map(|g| &*g[0].spun).collect();

        // Words become numbers.
        let all = || texts.iter().chain(&forms);
        let mut words: Vec<(u64, &str)> =
            all().flat_map(|phrase| phrase.split(' ')).map(|word| (key(word), word)).collect();
        words.sort_unstable();
        words.dedup_by_key(|word| word.0);
        lexicon.hashes = words.iter().map(|(_, word)| hash_any(word)).collect();
        lexicon.vocabulary = Vocabulary::new(words.iter().map(|word| word.0).collect());
        let numbers: Vec<Vec<u32>> = all()
            .map(|phrase| phrase.split(' ').map(|w| lexicon.vocabulary.number(key(w))).collect())
            .collect();
        let phrases: Vec<&[u32]> = numbers.iter().map(|numbers| &**numbers).collect();
        let (trie, mut nodes) = Trie::new(lexicon.vocabulary.len(), &phrases);
        let ends = nodes.split_off(texts.len());

        lexicon.forms = vec![0; trie.len()];
        for (number, &node) in ends.iter().enumerate() {
            lexicon.forms[node as usize] = number as u32 + 1;
        }
        for (text, words) in texts.iter().zip(&numbers) {
            lexicon.originals.push(text);
            lexicon.first_word.push(lexicon.words.len() as u32);
            lexicon.words.extend(words);
        }
        lexicon.first_word.push(lexicon.words.len() as u32);
        forms.iter().for_each(|form| lexicon.spun.push(form));

        // How much of an original's mass goes to each of its spun forms.
        lexicon.masses = vec![Default::default(); texts.len()];
        let original = |pair: &Pair| texts.partition_point(|&text| text < &*pair.original);
        let originals: Vec<usize> = pairs.iter().map(original).collect();
        for (pair, &original) in pairs.iter().zip(&originals) {
            lexicon.masses[original].0[pair.family as usize] += pair.weight;
        }
        for (number, (pair, &original)) in pairs.iter().zip(&originals).enumerate() {
            if number == 0 || pairs[number - 1].spun != pair.spun {
                lexicon.first_pair.push(number as u32);
            }
            let mass = lexicon.masses[original].sum();
            let channel = Score::ln(f64::from(pair.weight) / f64::from(mass));
            let &Pair { weight, family, .. } = pair;
            lexicon.pairs.push(Link { original: original as u32, weight, family, channel });
        }
        lexicon.first_pair.push(pairs.len() as u32);
        lexicon.mutable = vec![0; lexicon.vocabulary.len()];
        for (form, words) in numbers[texts.len()..].iter().enumerate() {
            for link in lexicon.pairs[lexicon.pairs_of(form)].iter().filter(|link| link.is_likely())
            {
                for &word in changed(words, &numbers[link.original as usize]) {
                    lexicon.mutable[word as usize] = 1;
                }
            }
        }
        (lexicon.trie, lexicon.nodes) = (trie, nodes);
        lexicon
    }

    /// The entries, sorted by spun form.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        (0..self.spun.len()).map(|number| Entry { lexicon: self, number })
    }

    /// Whether a spinner is likely to change or to produce this word: names, numbers and rare words
    /// are what it leaves alone.
    pub fn is_mutable(&self, word: &str) -> bool {
        let number = word.starts_with(|first: char| first.is_ascii_digit());
        !number
            && self.mutable.get(self.word(key(word)) as usize).is_some_and(|&mutable| mutable == 1)
    }

    /// Whether the spun form may stand for the original; both in lower case.
    pub fn has(&self, spun: &str, original: &str) -> bool {
        let words: Vec<u32> = spun.split(' ').map(|word| self.word(key(word))).collect();
        let whole = self.walk(words.iter().copied()).find(|&(length, _)| length == words.len());
        whole.and_then(|(_, node)| self.form(node)).is_some_and(|form| {
            self.pairs[self.pairs_of(form)].iter().any(|link| self.text(link.original) == original)
        })
    }

    /// The number of the word with this [`key`], or [`NONE`].
    #[inline]
    pub(crate) fn word(&self, key: u64) -> u32 {
        self.vocabulary.number(key)
    }

    /// By word number, the hashes under which a language model knows the words.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    pub(crate) fn trie(&self) -> &Trie {
        &self.trie
    }

    /// The phrases that the words begin with, whole or not: number of words, and node.
    pub(crate) fn walk(
        &self,
        words: impl Iterator<Item = u32>,
    ) -> impl Iterator<Item = (usize, u32)> {
        words
            .scan(NONE, |node, word| {
                *node = match (*node, word) {
                    (_, NONE) => return None,
                    (NONE, word) => word,
                    (node, word) => self.trie.child(node, word),
                };
                (*node != NONE).then_some(*node)
            })
            .zip(1..)
            .map(|(node, length)| (length, node))
    }

    /// The spun form that ends at this node.
    pub(crate) fn form(&self, node: u32) -> Option<usize> {
        (self.forms[node as usize] as usize).checked_sub(1)
    }

    /// How spinners stand to an original.
    pub(crate) fn standing(&self, original: u32) -> Standing {
        let masses = self.masses[original as usize];
        let mass = f64::from(masses.sum());
        let shares = masses.0.map(|one| f64::from(one) / mass.max(f64::MIN_POSITIVE));
        Standing { coverage: mass / (mass + DOUBT), shares }
    }

    /// The pairs of a spun form.
    pub(crate) fn pairs_of(&self, form: usize) -> Range<usize> {
        self.first_pair[form] as usize..self.first_pair[form + 1] as usize
    }

    /// All pairs, by spun form.
    pub(crate) fn pairs(&self) -> &[Link] {
        &self.pairs
    }

    /// Number of originals.
    pub(crate) fn originals(&self) -> usize {
        self.nodes.len()
    }

    /// An original's text.
    pub(crate) fn text(&self, original: u32) -> &str {
        self.originals.get(original as usize)
    }

    /// An original's words.
    pub(crate) fn words(&self, original: u32) -> &[u32] {
        let original = original as usize;
        &self.words[self.first_word[original] as usize..self.first_word[original + 1] as usize]
    }

    /// For each node the original that ends there, or [`NONE`].
    pub(crate) fn originals_by_node(&self) -> Vec<u32> {
        let mut by_node = vec![NONE; self.trie.len()];
        for (number, &node) in (0..).zip(&self.nodes) {
            by_node[node as usize] = number;
        }
        by_node
    }

    /// The compiled form, in which the one that ships lies in the program.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.vocabulary.write(&mut out);
        out.put(self.hashes.iter().map(|&hash| hash as u32));
        out.put(self.hashes.iter().map(|&hash| (hash >> 32) as u32));
        self.trie.write(&mut out);
        out.put(self.forms.iter().copied());
        for family in 0..Family::COUNT {
            out.put(self.masses.iter().map(|masses| masses.0[family].to_bits()));
        }
        out.put(self.mutable.iter().copied());
        self.spun.write(&mut out);
        out.put(self.first_pair.iter().copied());
        out.put(self.pairs.iter().map(|link| link.original));
        out.put(self.pairs.iter().map(|link| link.weight.to_bits()));
        out.put(self.pairs.iter().map(|link| link.family as u32));
        out.put(self.pairs.iter().map(|link| -link.channel.0 as u32));
        self.originals.write(&mut out);
        out.put(self.nodes.iter().copied());
        out.put(self.first_word.iter().copied());
        out.put(self.words.iter().copied());
        out.0
    }

    /// What [`Self::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &'static [u8]) -> Self {
        let bytes = &mut Reader(bytes);
        let vocabulary = Vocabulary::read(bytes);
        let (low, high) = (bytes.take(u64::from), bytes.take(u64::from));
        let hashes = low.iter().zip(&high).map(|(low, high)| high << 32 | low).collect();
        let trie = Trie::read(bytes);
        let forms = bytes.take(|form| form);
        let families = [(); Family::COUNT].map(|()| bytes.take(f32::from_bits));
        let originals = 0..families[0].len();
        let masses = originals.map(|one| Masses(families.each_ref().map(|all| all[one]))).collect();
        let mutable = bytes.take(|mutable| mutable);
        let spun = Texts::read(bytes);
        let first_pair = bytes.take(|pair| pair);
        let originals = bytes.take(|original| original);
        let weights = bytes.take(f32::from_bits);
        let families = bytes.take(|family| Family::ALL[family as usize % Family::COUNT]);
        let channels = bytes.take(|channel| Score(-i64::from(channel)));
        let pairs = originals.into_iter().zip(weights).zip(families).zip(channels);
        Self {
            vocabulary,
            hashes,
            trie,
            forms,
            masses,
            mutable,
            spun,
            first_pair,
            pairs: pairs
                .map(|(((original, weight), family), channel)| Link {
                    original,
                    weight,
                    family,
                    channel,
                })
                .collect(),
            originals: Texts::read(bytes),
            nodes: bytes.take(|node| node),
            first_word: bytes.take(|word| word),
            words: bytes.take(|word| word),
            ships: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_phrases_are_found_beside_shorter_ones() {
        let text = "in keeping\tin line\nin keeping with\taccording to=2; in line with\n";
        let lexicon = Lexicon::parse(&[("t", text)]).unwrap();
        let words = ["in", "keeping", "with", "him"].map(|word| lexicon.word(key(word)));
        let found: Vec<(usize, u32)> = lexicon.walk(words.into_iter()).collect();
        assert_eq!(found.len(), 3);
        let forms = found.iter().map(|&(_, node)| lexicon.form(node));
        assert_eq!(forms.collect::<Vec<_>>(), [None, Some(0), Some(1)]);
        let first = lexicon.pairs()[lexicon.pairs_of(1)][0];
        assert_eq!(lexicon.text(first.original), "according to");
        assert!(lexicon.has("in keeping", "in line") && !lexicon.has("in", "in line"));
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
