//! What a character is: one look into a table for nearly all of them.

use std::sync::LazyLock;

/// Kinds of characters that the counts and the normal form of a line can tell apart.
pub(crate) mod kind {
    /// Space, tab, carriage return.
    pub(crate) const SPACE: u8 = 0;
    /// Other white space.
    pub(crate) const BLANK: u8 = 1;
    /// `a` to `z`.
    pub(crate) const ASCII_LOWER: u8 = 2;
    /// Other lower case.
    pub(crate) const LOWER: u8 = 3;
    /// `A` to `Z`.
    pub(crate) const ASCII_UPPER: u8 = 4;
    /// Other upper case.
    pub(crate) const UPPER: u8 = 5;
    /// Letters without case.
    pub(crate) const LETTER: u8 = 6;
    /// Letters of scripts without spaces between words.
    pub(crate) const UNSPACED: u8 = 7;
    /// Digits and other numbers.
    pub(crate) const DIGIT: u8 = 8;
    /// Full stop, exclamation and question mark.
    pub(crate) const STOP: u8 = 9;
    /// Ends of sentences that need no space behind them.
    pub(crate) const WIDE_STOP: u8 = 10;
    /// Commas.
    pub(crate) const COMMA: u8 = 11;
    /// `|`, `·`, `•`, `›`, `»`, `/` between words.
    pub(crate) const SEPARATOR: u8 = 12;
    /// Braces, semicolons, equals signs and the like.
    pub(crate) const CODE: u8 = 13;
    /// Signs of currencies.
    pub(crate) const CURRENCY: u8 = 14;
    /// Opening quotes.
    pub(crate) const QUOTE: u8 = 15;
    /// Apostrophes, and what joins or hyphenates without being seen: they do not end a word.
    pub(crate) const JOINER: u8 = 16;
    /// Marks of the scripts that write vowels with them: they belong to the word.
    pub(crate) const VOWEL: u8 = 17;
    /// Everything else.
    pub(crate) const MARK: u8 = 18;
    /// How many kinds there are.
    pub(crate) const COUNT: usize = 19;
    /// A bit besides the kind: the normal form is not what the kind says.
    pub(crate) const ODD: u8 = 0x80;
}

/// Characters in the table: up to where Chinese characters begin.
const TABLE: usize = 0x3400;

static KINDS: LazyLock<Box<[u8; TABLE]>> = LazyLock::new(|| {
    let mut kinds = Box::new([kind::MARK; TABLE]);
    for (c, kind) in (0u32..).zip(kinds.iter_mut()) {
        if let Some(c) = char::from_u32(c) {
            *kind = find(c);
        }
    }
    kinds
});

/// Looks up kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds(&'static [u8; TABLE]);

impl Kinds {
    pub(crate) fn new() -> Self {
        Self(&KINDS)
    }

    /// The kind of an ASCII character.
    pub(crate) fn of_ascii(self, byte: u8) -> u8 {
        self.0[usize::from(byte)]
    }

    /// The kind of a character, with [`kind::ODD`] where it has to be.
    pub(crate) fn of(self, c: char) -> u8 {
        match self.0.get(c as usize) {
            Some(&kind) => kind,
            None if matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}') => {
                kind::UNSPACED
            }
            None => find(c),
        }
    }
}

fn find(c: char) -> u8 {
    let same = || c.to_lowercase().eq([c]);
    match c {
        ' ' | '\t' | '\r' => kind::SPACE,
        'a'..='z' => kind::ASCII_LOWER,
        'A'..='Z' => kind::ASCII_UPPER,
        '.' | '!' | '?' => kind::STOP,
        ',' | '，' | '、' | '،' => kind::COMMA,
        '|' | '/' | '>' | '·' | '•' | '›' | '»' | '｜' | '→' => kind::SEPARATOR,
        '{' | '}' | ';' | '=' | '<' | '_' | '\\' | '`' => kind::CODE,
        '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' => kind::CURRENCY,
        '"' | '“' | '”' | '„' | '«' | '「' => kind::QUOTE,
        '。' | '！' | '？' => kind::WIDE_STOP,
        '।' => kind::WIDE_STOP | kind::ODD, // in the range of vowel signs
        '\'' | '\u{2019}' | '\u{200d}' | '\u{200c}' | '\u{ad}' => kind::JOINER,
        '\0'..='\x7f' if !c.is_ascii_digit() => kind::MARK,
        _ if c.is_alphabetic() => {
            let letter = if is_unspaced(c) {
                kind::UNSPACED
            } else if c.is_lowercase() {
                kind::LOWER
            } else if c.is_uppercase() {
                kind::UPPER
            } else {
                kind::LETTER
            };
            // Numerals that are letters too, and letters that have a lower case.
            let odd = c.is_numeric() || !(c.is_lowercase() || same());
            if odd { letter | kind::ODD } else { letter }
        }
        _ if c.is_numeric() => kind::DIGIT,
        _ if c.is_whitespace() => kind::BLANK,
        _ if is_mark(c) => kind::VOWEL,
        _ => kind::MARK,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{eb1}'..='\u{ecd}'
        | '\u{f71}'..='\u{fbc}' | '\u{102b}'..='\u{109d}' | '\u{17b4}'..='\u{17d3}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{670}')
}

/// Whether words of the character's script are written without spaces between them.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether the character is a picture: an emoji, an arrow, a dingbat, a box or a bullet.
pub(crate) fn is_picture(c: char) -> bool {
    matches!(c, '\u{2022}' | '\u{2023}' | '\u{2043}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e000}'..='\u{f8ff}')
}
