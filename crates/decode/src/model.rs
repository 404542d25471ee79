//! The language model that encodings are told by: how likely a character is after another one.
//!
//! A cost is -log2 of a probability, in units of 1/12 bit. `scripts/decode_train.py` trains the
//! model and describes its layout.

use std::sync::LazyLock;

use unicode_normalization::char::is_combining_mark;

/// Cost units in a bit.
pub(crate) const UNIT: f32 = 12.0;
/// Classes of characters that are no letters of the language at hand.
const CLASSES: usize = 10;
/// The class of blanks.
pub(crate) const SPACE: u8 = 0;
const LATIN: u8 = 6;
const JUNK: usize = 9;
/// Cost of a character within its class where training never saw it.
const UNSEEN: [u8; CLASSES] = [6, 40, 30, 12, 50, 200, 220, 200, 140, 60];

/// Share of a language's letters beyond ASCII that an encoding may lack, by how often they occur.
const MISSING: f32 = 0.5;
/// Share of all characters that it may lack in any case.
const FEW: f32 = 0.004;
/// Kinds of characters.
const KINDS: usize = 32;
/// The script of what is no letter of any.
const ANY: u8 = 7;
/// Cost of two scripts in one word.
const MIXED: u8 = 96;

/// The model: see [`MODEL`].
pub(crate) struct Model {
    /// Cost of a kind of character after another one: see [`Symbol::kind`].
    kinds: [[u8; KINDS]; KINDS],
    members: Vec<(char, u8)>,
    /// The letters of all languages.
    alphabet: Vec<char>,
    pub(crate) languages: Vec<Language>,
    pub(crate) ideographic: Vec<Ideographic>,
}

/// A language written with letters.
pub(crate) struct Language {
    pub(crate) code: &'static str,
    letters: Vec<char>,
    /// The symbol of each letter of the [`Model::alphabet`], 0 for those that are none of its own.
    symbols: Vec<u8>,
    /// Number of symbols: the classes, then the letters.
    pub(crate) size: usize,
    /// Cost of each symbol.
    pub(crate) single: &'static [u8],
    /// Cost of symbol `b` after symbol `a` at `a * size + b`.
    pub(crate) table: &'static [u8],
}

/// A language with too many characters for pairs.
pub(crate) struct Ideographic {
    pub(crate) code: &'static str,
    /// Cost of each character of the first plane that training saw, in place; 0 for the others.
    chars: Vec<u8>,
}

/// A character as a language's model sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(4))]
pub(crate) struct Symbol {
    /// Its row and column in the table.
    pub(crate) symbol: u8,
    /// What it costs within its class.
    pub(crate) member: u8,
    /// Its case (no letter, lower, upper, caseless), and four times its script.
    pub(crate) kind: u8,
}

/// The embedded model.
pub(crate) static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let mut reader = Reader(include_bytes!("../data/model.bin"));
    let case: [[u8; 4]; 4] = std::array::from_fn(|_| std::array::from_fn(|_| reader.u8()));
    let kind = |a: usize, b: usize| {
        let mixed = a / 4 != b / 4 && a / 4 != ANY.into() && b / 4 != ANY.into();
        case[a % 4][b % 4].saturating_add(if mixed { MIXED } else { 0 })
    };
    let kinds = std::array::from_fn(|a| std::array::from_fn(|b| kind(a, b)));
    let members = (0..reader.u16()).map(|_| (reader.char(), reader.u8())).collect();
    let mut languages: Vec<Language> = (0..reader.u16())
        .map(|_| {
            let code = reader.code();
            let letters: Vec<char> = (0..reader.u8()).map(|_| reader.char()).collect();
            let size = CLASSES + letters.len();
            let single = reader.take(size);
            let table = reader.take(size * size);
            Language { code, letters, symbols: Vec::new(), size, single, table }
        })
        .collect();
    let mut alphabet: Vec<char> =
        languages.iter().flat_map(|language| language.letters.iter().copied()).collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    for language in &mut languages {
        let symbol = |letter| language.letters.binary_search(letter).map_or(0, |at| CLASSES + at);
        language.symbols = alphabet.iter().map(|letter| symbol(letter) as u8).collect();
    }
    let ideographic = (0..reader.u16())
        .map(|_| {
            let code = reader.code();
            let mut chars = vec![0; 1 << 16];
            for _ in 0..reader.u16() {
                let at = usize::from(reader.u16());
                chars[at] = reader.u8();
            }
            Ideographic { code, chars }
        })
        .collect();
    Model { kinds, members, alphabet, languages, ideographic }
});

impl Model {
    /// What it costs that a character follows another one, whatever they are.
    pub(crate) fn kinds(&self, before: Symbol, now: Symbol) -> u8 {
        self.kinds[usize::from(before.kind) % KINDS][usize::from(now.kind) % KINDS]
    }

    /// What it costs that a case follows another one.
    pub(crate) fn cases(&self, before: Symbol, now: Symbol) -> u8 {
        self.kinds[usize::from(before.kind % 4)][usize::from(now.kind % 4)]
    }

    /// How `language` sees `c`.
    pub(crate) fn symbol(&self, language: &Language, c: char) -> Symbol {
        let look = self.look(c);
        // Turkish has its own pair of cases.
        if c == 'İ' && language.letters.binary_search(&'ı').is_err() {
            return Symbol {
                symbol: LATIN,
                member: UNSEEN[usize::from(LATIN)],
                kind: look.other.kind,
            };
        }
        look.by(language)
    }

    /// What all languages see alike in `c`.
    pub(crate) fn look(&self, c: char) -> Look {
        let low = folded(c);
        let class = class(low);
        let seen = self.members.binary_search_by_key(&low, |&(member, _)| member);
        let member = seen.map_or(UNSEEN[class], |at| self.members[at].1);
        let kind = case(c, low) | script(c) << 2;
        Look {
            letter: self.alphabet.binary_search(&low).ok(),
            other: Symbol { symbol: class as u8, member, kind },
        }
    }
}

/// A character before any language is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Its place in the alphabet.
    letter: Option<usize>,
    /// What it is where it is no letter of the language.
    pub(crate) other: Symbol,
}

impl Look {
    /// How `language` sees it.
    pub(crate) fn by(self, language: &Language) -> Symbol {
        match self.letter.map_or(0, |at| language.symbols[at]) {
            0 => self.other,
            symbol => Symbol { symbol, member: 0, ..self.other },
        }
    }
}

impl Language {
    /// Whether it has letters beyond ASCII.
    pub(crate) fn has_letters(&self) -> bool {
        let letters = self.letters.iter().zip(&self.single[CLASSES..]);
        let share = |cost: u8| (-f32::from(cost) / UNIT).exp2();
        letters.filter(|(c, _)| !c.is_ascii()).map(|(_, &cost)| share(cost)).sum::<f32>() > FEW
    }

    /// Whether `chars` can write it, but for its rare letters.
    pub(crate) fn is_written_in(&self, chars: &[char]) -> bool {
        let (mut own, mut missing) = (0.0, 0.0);
        for (letter, &cost) in self.letters.iter().zip(&self.single[CLASSES..]) {
            if !letter.is_ascii() {
                let share = (-f32::from(cost) / UNIT).exp2();
                own += share;
                missing += if chars.contains(letter) { 0.0 } else { share };
            }
        }
        missing <= f32::max(own * MISSING, FEW)
    }
}

impl Ideographic {
    /// The cost of a character beyond ASCII.
    pub(crate) fn cost(&self, c: char) -> f32 {
        if let Some(&seen) = self.chars.get(c as usize).filter(|&&seen| seen > 0) {
            return f32::from(seen);
        }
        let korean = self.code == "ko";
        let bits = match c {
            '\u{fffd}' => 50.0,
            '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' => 26.0,
            '\u{ac00}'..='\u{d7a3}' if korean => 13.0,
            '\u{4e00}'..='\u{9fff}' if !korean => 15.0,
            '\u{3040}'..='\u{30ff}' if self.code == "ja" => 12.0,
            '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}' => 13.0,
            '\u{ff61}'..='\u{ff9f}' => 11.0,
            _ => 18.0,
        };
        bits * UNIT
    }
}

/// A letter without its case.
fn folded(c: char) -> char {
    if c == 'İ' {
        return 'i';
    }
    let mut low = c.to_lowercase();
    match (low.next(), low.next()) {
        (Some(low), None) => low,
        _ => c,
    }
}

fn is_letter(c: char) -> bool {
    (c.is_alphabetic() && !matches!(c, 'ª' | 'º' | 'µ')) || is_combining_mark(c)
}

fn case(c: char, low: char) -> u8 {
    if !is_letter(c) {
        0
    } else if low != c {
        2
    } else if c.to_uppercase().next() != Some(c) {
        1
    } else {
        3
    }
}

/// Latin, Greek, Cyrillic, Hebrew, Arabic, Thai, the others; [`ANY`] for what goes with all of them.
fn script(c: char) -> u8 {
    match c {
        _ if !is_letter(c) => ANY,
        '\u{300}'..='\u{36f}' => ANY,
        ..'\u{370}' | '\u{1e00}'..'\u{1f00}' => 0,
        ..'\u{400}' => 1,
        ..'\u{530}' => 2,
        '\u{590}'..'\u{600}' => 3,
        '\u{600}'..'\u{780}' | '\u{fb50}'..'\u{ff00}' => 4,
        '\u{e00}'..'\u{e80}' => 5,
        _ => 6,
    }
}

fn class(c: char) -> usize {
    match c {
        ' ' | '\t' | '\n' | '\r' => SPACE.into(),
        '0'..='9' => 1,
        '.' | ',' | ';' | ':' | '!' | '?' => 2,
        '-' | '\'' => 3,
        'a'..='z' | 'A'..='Z' => 6,
        '\u{21}'..='\u{7e}' => 4,
        _ if "«»“”„‘’‚‹›–—…•·°§©®™€£¥½¼¾±×÷¿¡ªº¹²³†‡‰¢¤¨´¸¯¦¶¬µ\u{a0}\u{ad}№‐―′″\u{200b}\u{200e}\u{200f}\u{200c}\u{200d}"
            .contains(c) => 5,
        '\0'..='\u{9f}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' => JUNK,
        _ if is_letter(c) => match c {
            ..'\u{250}' | '\u{1e00}'..'\u{1f00}' => 6,
            _ => 7,
        },
        _ => 8,
    }
}

struct Reader(&'static [u8]);

impl Reader {
    fn take(&mut self, len: usize) -> &'static [u8] {
        let (head, tail) = self.0.split_at(len);
        self.0 = tail;
        head
    }

    fn u8(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from(self.u8()) | u16::from(self.u8()) << 8
    }

    fn char(&mut self) -> char {
        let code = u32::from(self.u16()) | u32::from(self.u16()) << 16;
        char::from_u32(code).unwrap_or_default()
    }

    fn code(&mut self) -> &'static str {
        let code = std::str::from_utf8(self.take(8)).unwrap_or_default();
        code.trim_end_matches('\0')
    }
}
