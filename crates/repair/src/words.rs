//! Words: where they stand, what they hash to, what may be done to them.

mod letters;

use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use letters::Letters;

/// What kind of thing a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters and apostrophes: what a lexicon knows.
    Word,
    /// A run of digits, perhaps with separators, perhaps glued to a word by them (`three,715`).
    Number,
    /// Anything else that stays as it is: hyphenated words, addresses, names of files, code.
    Fixed,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// No capital at the beginning.
    Lower,
    /// One capital, at the beginning.
    Title,
    /// More than one letter and all of them capitals.
    Upper,
    /// Capitals in other places.
    Mixed,
}

/// A token: a piece between spaces, without the punctuation around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// The byte after the token, without a possessive `'s`.
    pub stem_end: usize,
    /// The byte after the token.
    pub end: usize,
    /// Tells the word, in lower case and without a possessive `'s`, from all others.
    pub(crate) key: u64,
    /// What it is.
    pub kind: Kind,
    /// How it is written.
    pub case: Case,
    /// Whether nothing but a single space stands between it and the token before.
    pub joined: bool,
    /// Whether a sentence (or a clause after `;` or `:`) begins here.
    pub opens: bool,
}

impl Token {
    /// The hash of the word in lower case, without a possessive `'s`; a compound counts as its last
    /// part, a number as [`NUMBER_WORD`].
    pub fn hash(&self, text: &str) -> u64 {
        let stem = &text[self.start..self.stem_end];
        match self.kind {
            Kind::Word => hash_any(stem),
            Kind::Number => *NUMBER,
            Kind::Fixed => hash_any(last_part(stem)),
        }
    }

    /// As [`Self::hash`], with the possessive `'s`: what it counts as in a language model.
    pub fn hash_whole(&self, text: &str) -> u64 {
        if self.possessive() { hash_any(&text[self.start..self.end]) } else { self.hash(text) }
    }

    /// As its key, but of all parts of a compound.
    pub(crate) fn whole(&self, text: &str) -> u64 {
        if self.kind == Kind::Fixed { key(&text[self.start..self.end]) } else { self.key }
    }

    /// Whether it ends in a possessive `'s`.
    pub fn possessive(&self) -> bool {
        self.stem_end != self.end
    }
}

/// Bytes of a number that a lexicon may know (`12 months`).
const LONGEST_NUMBER: usize = 4;

/// What every number counts as in a language model.
pub const NUMBER_WORD: &str = "<num>";

static NUMBER: LazyLock<u64> = LazyLock::new(|| hash_word(NUMBER_WORD));

/// The hash of a word that is in lower case already.
pub fn hash_word(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

/// The hash of a sequence: of what came before, and the next word.
pub fn join(before: u64, word: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&before.to_le_bytes());
    bytes[8..].copy_from_slice(&word.to_le_bytes());
    xxh3_64(&bytes)
}

/// The hash of a sequence of words.
pub fn hash_phrase(words: &[u64]) -> u64 {
    words.iter().copied().reduce(join).unwrap_or_default()
}

/// Goes through the tokens of a text, from left to right and in linear time.
pub struct Tokens<'t> {
    text: &'t str,
    at: usize,
    opens: bool,
}

impl<'t> Tokens<'t> {
    /// The tokens of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, opens: true }
    }

    /// Goes to the next letter or digit. Says whether only one space was passed; `None` at the end.
    #[inline]
    fn skip_gap(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let from = self.at;
        loop {
            let &byte = bytes.get(self.at)?;
            if byte.is_ascii_alphanumeric() {
                break;
            }
            if byte.is_ascii() {
                self.opens |= matches!(byte, b'.' | b'!' | b'?' | b':' | b';' | b'\n');
                self.at += 1;
                continue;
            }
            let c = self.text[self.at..].chars().next()?;
            if c.is_alphanumeric() {
                break;
            }
            self.opens |= matches!(c, '…' | '•' | '\u{2028}' | '\u{2029}');
            self.at += c.len_utf8();
        }
        Some(self.at == from + 1 && bytes[from] == b' ')
    }

    /// The token at `start`, which begins with a letter or digit.
    #[inline(always)]
    fn token(&self, start: usize) -> Token {
        let bytes = self.text.as_bytes();
        let Some(word) = Letters::read(&bytes[start..]) else { return self.odd_token(start) };
        let end = start + word.count;
        let plain = match bytes.get(end) {
            None | Some(b' ' | b'\n' | b'\t') => true,
            Some(b',' | b'.' | b';' | b':' | b'!' | b'?' | b')' | b'"') => {
                bytes.get(end + 1).is_none_or(u8::is_ascii_whitespace)
            }
            _ => false,
        };
        if !plain {
            return self.odd_token(start);
        }
        Token {
            start,
            stem_end: end,
            end,
            key: word.key,
            kind: Kind::Word,
            case: word.case,
            joined: false,
            opens: false,
        }
    }

    /// A token that is more than a few ASCII letters.
    #[inline(never)]
    fn odd_token(&self, start: usize) -> Token {
        let rest = &self.text[start..];
        let ascii = rest.bytes().position(|byte| ENDS[usize::from(byte)]).unwrap_or(rest.len());
        let length = match rest.as_bytes().get(ascii) {
            Some(byte) if !byte.is_ascii() => rest.find(parts).unwrap_or(rest.len()),
            _ => ascii,
        };
        let mut piece = &rest[..length];
        // A very long piece stays whole: cutting it at each slash would read it anew each time.
        if piece.contains('/')
            && length < 256
            && !piece.contains("://")
            && !piece.starts_with("www.")
        {
            piece = piece.split('/').next().unwrap_or(piece);
        }
        let piece = if piece.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            piece
        } else {
            piece.trim_end_matches(|c: char| !c.is_alphanumeric())
        };
        let kind = kind_of(piece);
        let stem = match kind {
            Kind::Word => POSSESSIVES.iter().find_map(|tail| piece.strip_suffix(tail)),
            _ => None,
        };
        let stem = stem.filter(|stem| !stem.is_empty()).unwrap_or(piece);
        let word = if kind == Kind::Fixed { last_part(stem) } else { stem };
        Token {
            start,
            stem_end: start + stem.len(),
            end: start + piece.len(),
            key: if kind == Kind::Number && word.len() > LONGEST_NUMBER {
                *NUMBER
            } else {
                key(word)
            },
            kind,
            case: case_of(stem),
            joined: false,
            opens: false,
        }
    }
}

/// A compound counts as its last part: `high-level talks` as `level talks`.
fn last_part(compound: &str) -> &str {
    compound.rsplit('-').next().unwrap_or(compound)
}

/// Whether an ASCII byte ends a token wherever it stands ([`parts`]), or the byte is none.
static ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = matches!(byte as u8, b'\t'..=b'\r' | b' ' | b'|' | b'(' | b')' | b'"');
        ends[byte] = ascii || byte > 127;
        byte += 1;
    }
    ends
};

/// What kind of token a piece of text is that begins with a letter or digit.
fn kind_of(piece: &str) -> Kind {
    let (mut letters, mut apostrophes, mut others) = (0, 0, 0);
    for c in piece.chars() {
        match c {
            'a'..='z' | 'A'..='Z' => letters += 1,
            '\'' | '’' => apostrophes += 1,
            c if c.is_numeric() => return Kind::Number,
            c if c.is_alphabetic() => letters += 1,
            _ => others += 1,
        }
    }
    if others == 0 && apostrophes <= 1 && letters > 0 { Kind::Word } else { Kind::Fixed }
}

/// Single letters with full stops between them.
fn is_abbreviation(piece: &str) -> bool {
    piece.len() < 10 && piece.split('.').all(|part| part.chars().count() == 1)
}

const POSSESSIVES: [&str; 4] = ["'s", "’s", "'S", "’S"];

/// Whether the character ends a token wherever it stands.
fn parts(c: char) -> bool {
    c.is_whitespace() || matches!(c, '—' | '–' | '…' | '|' | '“' | '”' | '(' | ')' | '"')
}

/// A word as lexicons and models hold it: in lower case, with straight apostrophes.
pub fn lower(word: &str) -> String {
    word.to_lowercase().replace('’', "'")
}

/// The hash of a word in any case: [`hash_word`] of [`lower`].
pub(crate) fn hash_any(word: &str) -> u64 {
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        hash_word(word)
    } else {
        hash_word(&lower(word))
    }
}

/// What tells a word in any case from others within a run; cheaper than [`hash_any`].
///
/// Up to eight ASCII letters are their own key. Those of longer words are folded into it, eight at a
/// time; other words are hashed.
pub(crate) fn key(word: &str) -> u64 {
    let letters = |word: &str| {
        let read = Letters::read(word.as_bytes()).filter(|read| read.count == word.len());
        read.map(|read| read.key)
    };
    letters(word).unwrap_or_else(|| {
        let lower = lower(word);
        letters(&lower).unwrap_or_else(|| hash_word(&lower))
    })
}

fn case_of(word: &str) -> Case {
    let bytes = word.as_bytes();
    if bytes.iter().all(u8::is_ascii_lowercase) {
        return Case::Lower;
    }
    let mut chars = word.chars().filter(|c| c.is_alphabetic());
    let first = chars.next().is_some_and(char::is_uppercase);
    let (mut upper, mut lower) = (0, 0);
    for c in chars {
        if c.is_uppercase() {
            upper += 1;
        } else {
            lower += 1;
        }
    }
    match (first, upper, lower) {
        (false, 0, _) => Case::Lower,
        (true, 0, _) => Case::Title,
        (true, _, 0) => Case::Upper,
        _ => Case::Mixed,
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline(always)]
    fn next(&mut self) -> Option<Token> {
        let single_space = self.skip_gap()?;
        let mut token = self.token(self.at);
        // An abbreviation's last full stop does not end a sentence.
        let abbreviation =
            token.kind == Kind::Fixed && is_abbreviation(&self.text[token.start..token.end]);
        token.opens = self.opens;
        token.joined = single_space && !token.opens;
        self.at = token.end;
        self.opens = false;
        if abbreviation && self.text.as_bytes().get(self.at) == Some(&b'.') {
            self.at += 1;
        }
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        Tokens::new(text)
            .map(|token| {
                let mark = if token.opens {
                    "|"
                } else if token.joined {
                    ""
                } else {
                    ","
                };
                format!("{mark}{}:{:?}", &text[token.start..token.stem_end], token.kind)
            })
            .collect()
    }

    #[test]
    fn tokens_of_a_sentence() {
        assert_eq!(
            shown("He said: “it’s a high-level talk”, not 2,282 at www.a.com/b. Trump’s U.S. trip"),
            [
                "|He:Word",
                "said:Word",
                "|it:Word",
                "a:Word",
                "high-level:Fixed",
                "talk:Word",
                ",not:Word",
                "2,282:Number",
                "at:Word",
                "www.a.com/b:Fixed",
                "|Trump:Word",
                "U.S:Fixed",
                "trip:Word",
            ]
        );
    }

    #[test]
    fn words_hash_alike_however_they_are_written() {
        for (a, b) in [("House", "house"), ("UNDER", "under"), ("don’t", "don't"), ("Été", "été")]
        {
            let read = |text| Tokens::new(text).next().map(|token| (token.hash(text), token.key));
            assert_eq!(read(a), read(b), "{a} {b}");
        }
    }

    proptest::proptest! {
        #[test]
        fn tokens_are_in_order_and_on_boundaries(text: String) {
            let mut done = 0;
            for token in Tokens::new(&text) {
                assert!(token.start >= done && token.start < token.stem_end && token.stem_end <= token.end);
                assert!(text.get(token.start..token.stem_end).is_some());
                assert!(text.get(token.start..token.end).is_some());
                done = token.end;
            }
        }
    }
}
