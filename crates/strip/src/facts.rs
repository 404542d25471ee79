//! What one line tells by itself: one pass over its characters, one over its words.

use crate::kinds::is_picture;
use crate::lexicon::{Lexicon, Word, word_hash};
use crate::links::{Links, links};
use crate::rules::{LINE_LIMIT, Rules};
use crate::sites::hash;
use crate::text::{Count, Scanner};
use crate::vocabulary::Vocabulary;

/// Fewest characters of a line of prose.
const PROSE_CHARS: u32 = 80;
/// Words of a line that are remembered for comparisons within the page.
const KEPT_WORDS: usize = 60;

/// A line's own evidence. Counts are of the first [`LINE_LIMIT`] bytes, but for `chars` and the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Characters of the whole line.
    pub(crate) chars: u32,
    /// Words.
    pub(crate) words: u16,
    pub(crate) letters: u16,
    pub(crate) uppers: u16,
    pub(crate) digits: u16,
    /// Characters that are neither letter, digit nor space.
    pub(crate) marks: u16,
    pub(crate) commas: u16,
    /// Ends of sentences within the line.
    pub(crate) sentences: u16,
    /// `|`, `·`, `•`, `›`, `»`, `/` between words.
    pub(crate) separators: u16,
    /// Braces, semicolons, equals signs and the like.
    pub(crate) code: u16,
    /// Letters of scripts without spaces.
    pub(crate) unspaced: u16,
    /// Words that begin with a capital.
    pub(crate) capitals: u16,
    /// Lower case directly followed by upper case: words glued together.
    pub(crate) glued: u16,
    pub(crate) currency: u16,
    pub(crate) quotes: u16,
    /// Function words of many languages.
    pub(crate) function_words: u16,
    /// How the line begins and ends.
    pub(crate) begins: Begin,
    pub(crate) ends: End,
    /// Whether the last word is a function word.
    pub(crate) hangs: bool,
    /// Whether it begins or ends with a picture.
    pub(crate) picture: bool,
    pub(crate) links: Links,
    /// Bits of the rules that it matched.
    pub(crate) rules: u64,
    /// Sum, least and greatest of the weights of its words, and how many of them are known.
    pub(crate) lexicon: [f32; 4],
    /// Hash of its normal form.
    pub(crate) hash: u64,
    /// Number of its normal form, and its content words, in the page's vocabulary.
    pub(crate) form: u32,
    pub(crate) vocabulary: (u32, u32),
    /// How many of these words stand in the address' path, and in its host.
    pub(crate) in_address: [u8; 2],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Begin {
    #[default]
    Other,
    Lower,
    Upper,
    Digit,
    Bullet,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum End {
    #[default]
    Other,
    /// A full stop, question or exclamation mark, closing quotes and brackets aside.
    Stop,
    Colon,
    Comma,
    /// `…` or `...`.
    Cut,
}

impl Facts {
    /// Whether the line is surely running text by its form.
    pub(crate) fn is_prose(&self) -> bool {
        let long = self.chars >= PROSE_CHARS || u32::from(self.unspaced) >= PROSE_CHARS / 3;
        long && matches!(self.ends, End::Stop | End::Colon)
            && self.links.chars * 2 < u32::from(self.letters)
    }
}

/// The buffers that lines are read with.
#[derive(Debug)]
pub(crate) struct Scratch {
    scanner: Scanner,
    /// Of the line's words, the hashes and whether they are longer than two bytes; the hashes and
    /// what the lexicon knows.
    hashes: Vec<(u64, bool)>,
    words: Vec<(u64, Word)>,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { scanner: Scanner::new(), hashes: Vec::new(), words: Vec::new() }
    }

    /// The normal form of the line that was read last.
    pub(crate) fn normal(&self) -> &str {
        self.scanner.normal()
    }
}

/// Reads lines.
pub(crate) struct Reader<'s, 'a> {
    rules: &'a Rules,
    lexicon: Option<&'a Lexicon>,
    pub(crate) scratch: &'s mut Scratch,
    /// Of all lines read so far.
    pub(crate) vocabulary: Vocabulary<'a>,
}

impl<'s, 'a> Reader<'s, 'a> {
    pub(crate) fn new(
        rules: &'a Rules,
        lexicon: Option<&'a Lexicon>,
        vocabulary: Vocabulary<'a>,
        scratch: &'s mut Scratch,
    ) -> Self {
        Self { rules, lexicon, scratch, vocabulary }
    }

    pub(crate) fn read(&mut self, line: &str) -> Facts {
        let mut facts = shape(line, &mut self.scratch.scanner);
        facts.hash = hash(self.scratch.normal());
        if let Some(lexicon) = self.lexicon {
            self.read_words(lexicon, &mut facts);
        }
        facts.links = links(line);
        facts.rules = self.rules.matched(line, &self.scratch.scanner);
        facts
    }

    /// What only the model asks for.
    fn read_words(&mut self, lexicon: &Lexicon, facts: &mut Facts) {
        let from = self.vocabulary.len();
        let Scratch { scanner, hashes, words: known } = &mut *self.scratch;
        let words = scanner.spans().map(|span| &scanner.normal().as_bytes()[span]);
        hashes.clear();
        hashes.extend(words.map(|word| (word_hash(word), word.len() > 2)));
        // Looked up one after the other, so that none has to wait for another.
        known.clear();
        known.extend(hashes.iter().map(|&(hash, _)| (hash, lexicon.word(hash))));
        for (i, (&(hash, word), &(_, is_long))) in known.iter().zip(&*hashes).enumerate() {
            facts.hangs = word.is_function;
            facts.function_words += u16::from(word.is_function);
            if !word.is_function && is_long && i < KEPT_WORDS {
                let [path, host] = self.vocabulary.add(hash as u32);
                facts.in_address[0] += u8::from(path);
                facts.in_address[1] += u8::from(host);
            }
        }
        facts.form = self.vocabulary.form(facts.hash);
        facts.vocabulary = (from, self.vocabulary.len());
        facts.lexicon = lexicon.weigh(known);
    }
}

fn shape(line: &str, scanner: &mut Scanner) -> Facts {
    let (head, tail) = line.split_at(line.floor_char_boundary(LINE_LIMIT));
    let counts = scanner.read(head);
    let of = |count| counts.of(count) as u16; // of at most LINE_LIMIT bytes
    let mut facts = Facts {
        chars: counts.chars() + tail.chars().count() as u32,
        words: scanner.words() as u16,
        letters: of(Count::Letters),
        uppers: of(Count::Uppers),
        digits: of(Count::Digits),
        marks: of(Count::Marks),
        commas: of(Count::Commas),
        sentences: of(Count::Sentences),
        separators: of(Count::Separators),
        code: of(Count::Code),
        unspaced: of(Count::Unspaced),
        capitals: of(Count::Capitals),
        glued: of(Count::Glued),
        currency: of(Count::Currency),
        quotes: of(Count::Quotes),
        ..Facts::default()
    };
    facts.begins = match line.chars().next().unwrap_or(' ') {
        c if c.is_lowercase() => Begin::Lower,
        c if c.is_alphabetic() => Begin::Upper,
        c if c.is_numeric() => Begin::Digit,
        '-' | '*' | '–' | '—' | '•' | '·' | '+' | '#' => Begin::Bullet,
        _ => Begin::Other,
    };
    let closed = line.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '*', '」']);
    facts.ends = match closed.chars().next_back().unwrap_or(' ') {
        '…' => End::Cut,
        '.' if closed.ends_with("...") => End::Cut,
        '.' | '!' | '?' | '。' | '！' | '？' | '।' | '؟' | '։' | '።' | '۔' | '။' | '។' => {
            End::Stop
        }
        ':' | '：' | ';' => End::Colon,
        ',' | '，' => End::Comma,
        _ => End::Other,
    };
    facts.picture = line.starts_with(is_picture) || line.ends_with(is_picture);
    facts
}
