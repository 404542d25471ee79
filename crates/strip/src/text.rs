//! The one pass over a line that everything else reads from.

use crate::kinds::{Kinds, kind};

/// What is counted in a line; each is a byte of a sum.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Count {
    Blanks,
    Letters,
    Uppers,
    Digits,
    Marks,
    Commas,
    Sentences,
    Separators,
    Code,
    Unspaced,
    Capitals,
    Glued,
    Currency,
    Quotes,
}

/// Counts of a line, by [`Count`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts([u32; 16]);

impl Counts {
    pub(crate) fn of(&self, count: Count) -> u32 {
        self.0[count as usize]
    }

    /// Characters of any kind.
    pub(crate) fn chars(&self) -> u32 {
        [Count::Blanks, Count::Letters, Count::Digits, Count::Marks]
            .map(|count| self.of(count))
            .iter()
            .sum()
    }

    fn add(&mut self, sum: u128) {
        for (count, more) in self.0.iter_mut().zip(sum.to_le_bytes()) {
            *count += u32::from(more);
        }
    }
}

/// Characters whose counts fit a sum of bytes.
const CHUNK: usize = 255;
/// Room for kinds in a table.
const KINDS: usize = 32;
const _: () = assert!(kind::COUNT <= KINDS);

/// What a character of one kind adds when it stands after a character of another.
static ADDS: [[u128; KINDS]; KINDS] = adds();

const fn adds() -> [[u128; KINDS]; KINDS] {
    let mut adds = [[0; KINDS]; KINDS];
    let mut before = 0;
    while before < kind::COUNT {
        let mut now = 0;
        while now < kind::COUNT {
            adds[before][now] = add(before as u8, now as u8);
            now += 1;
        }
        before += 1;
    }
    adds
}

const fn add(before: u8, now: u8) -> u128 {
    use Count::*;
    const fn one(count: Count) -> u128 {
        1 << (8 * count as u32)
    }
    let in_word = before >= kind::ASCII_LOWER && before <= kind::DIGIT;
    let capital = if in_word { 0 } else { one(Capitals) };
    match now {
        kind::SPACE if before == kind::STOP => one(Blanks) + one(Sentences),
        kind::SPACE | kind::BLANK => one(Blanks),
        kind::ASCII_LOWER | kind::LOWER | kind::LETTER => one(Letters),
        kind::ASCII_UPPER if before == kind::ASCII_LOWER => one(Letters) + one(Uppers) + one(Glued),
        kind::UPPER if before == kind::ASCII_LOWER || before == kind::LOWER => {
            one(Letters) + one(Uppers) + one(Glued)
        }
        kind::ASCII_UPPER | kind::UPPER => one(Letters) + one(Uppers) + capital,
        kind::UNSPACED => one(Letters) + one(Unspaced),
        kind::DIGIT => one(Digits),
        kind::WIDE_STOP => one(Marks) + one(Sentences),
        kind::COMMA => one(Marks) + one(Commas),
        kind::SEPARATOR => one(Marks) + one(Separators),
        kind::CODE => one(Marks) + one(Code),
        kind::CURRENCY => one(Marks) + one(Currency),
        kind::QUOTE => one(Marks) + one(Quotes),
        _ => one(Marks),
    }
}

/// What an ASCII character is in a normal form; 0: nothing.
static NORMAL: [u8; 128] = {
    let mut normal = [b' '; 128];
    let mut c = 0;
    while c < 128 {
        let byte = c as u8;
        if byte.is_ascii_digit() {
            normal[c] = b'0';
        } else if byte.is_ascii_alphabetic() {
            normal[c] = byte.to_ascii_lowercase();
        }
        c += 1;
    }
    normal[b'\'' as usize] = 0;
    normal
};

/// Brings lines into the form that phrases are matched against, and counts on the way: lower-case
/// words with one space between them, one at each end, every digit a `0`.
#[derive(Debug)]
pub(crate) struct Scanner {
    kinds: Kinds,
    /// Longer than what is in use.
    bytes: Vec<u8>,
    /// Where the spaces are, likewise.
    spaces: Vec<u32>,
    normal: String,
    words: usize,
    /// Whether words of the line may be written without spaces between them.
    pub(crate) unspaced: bool,
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self {
            kinds: Kinds::new(),
            bytes: Vec::new(),
            spaces: Vec::new(),
            normal: String::new(),
            words: 0,
            unspaced: false,
        }
    }

    /// The normal form of the line that was read last.
    pub(crate) fn normal(&self) -> &str {
        &self.normal
    }

    /// How many words it has.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Where each of its words begins.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> {
        self.spaces[..self.words].iter().map(|&space| space as usize + 1)
    }

    /// Where each of its words is.
    pub(crate) fn spans(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let spaces = &self.spaces[..=self.words];
        spaces.windows(2).map(|pair| pair[0] as usize + 1..pair[1] as usize)
    }

    /// The normal form of at most `limit` bytes of `line`.
    pub(crate) fn normalise(&mut self, line: &str, limit: usize) -> &str {
        self.scan::<false>(&line[..line.floor_char_boundary(limit)]);
        &self.normal
    }

    /// Reads `line`: its counts. The normal form is there afterwards.
    pub(crate) fn read(&mut self, line: &str) -> Counts {
        self.scan::<true>(line)
    }

    fn scan<const COUNT: bool>(&mut self, line: &str) -> Counts {
        // No character has a normal form of more than twice its bytes.
        let room = 2 * line.len() + 8;
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
            self.spaces.resize(room, 0);
        }
        let mut counts = Counts::default();
        self.unspaced = false;
        let mut before = kind::SPACE;
        self.bytes[0] = b' ';
        self.spaces[0] = 0;
        // Bytes and spaces that are there; whether the last byte is a space.
        let (mut len, mut gaps, mut gap) = (1, 1, true);
        let mut rest = line;
        while !rest.is_empty() {
            let (chunk, tail) = rest.split_at(rest.floor_char_boundary(CHUNK));
            rest = tail;
            let mut sum = 0;
            let mut at = 0;
            while let Some(&byte) = chunk.as_bytes().get(at) {
                if byte.is_ascii() {
                    at += 1;
                    if COUNT {
                        let now = self.kinds.of_ascii(byte);
                        sum += ADDS[usize::from(before) % KINDS][usize::from(now) % KINDS];
                        before = now;
                    }
                    let normal = NORMAL[usize::from(byte)];
                    let (is_gap, is_there) = (normal == b' ', normal != 0);
                    self.bytes[len] = normal;
                    self.spaces[gaps] = len as u32;
                    let push = is_there & !(is_gap & gap);
                    len += usize::from(push);
                    gaps += usize::from(push & is_gap);
                    gap = (is_gap & is_there) | (gap & !is_there);
                    continue;
                }
                let c = chunk[at..].chars().next().unwrap_or(' ');
                let end = at + c.len_utf8();
                let now = self.kinds.of(c);
                let odd = now & kind::ODD != 0;
                let now = now & !kind::ODD;
                if COUNT {
                    sum += ADDS[usize::from(before) % KINDS][usize::from(now) % KINDS];
                    before = now;
                }
                match now {
                    _ if odd => {
                        self.unspaced = true;
                        len += odd_normal(c, &mut self.bytes[len..]);
                        gap = false;
                    }
                    kind::LOWER | kind::UPPER | kind::LETTER | kind::UNSPACED | kind::VOWEL => {
                        self.unspaced |= now == kind::UNSPACED || now == kind::VOWEL;
                        self.bytes[len..len + end - at].copy_from_slice(&chunk.as_bytes()[at..end]);
                        len += end - at;
                        gap = false;
                    }
                    kind::DIGIT => {
                        self.bytes[len] = b'0';
                        len += 1;
                        gap = false;
                    }
                    kind::JOINER => {}
                    _ if gap => {}
                    _ => {
                        self.bytes[len] = b' ';
                        self.spaces[gaps] = len as u32;
                        len += 1;
                        gaps += 1;
                        gap = true;
                    }
                }
                at = end;
            }
            counts.add(sum);
        }
        if !gap {
            self.bytes[len] = b' ';
            self.spaces[gaps] = len as u32;
            len += 1;
            gaps += 1;
        }
        self.words = gaps - 1;
        self.normal.clear();
        self.normal.push_str(std::str::from_utf8(&self.bytes[..len]).unwrap_or(" "));
        counts
    }
}

/// The normal form of a character of an odd kind, and its length.
fn odd_normal(c: char, out: &mut [u8]) -> usize {
    if c.is_numeric() {
        out[0] = b'0';
        return 1;
    }
    c.to_lowercase().fold(0, |len, c| len + c.encode_utf8(&mut out[len..]).len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Characters of many kinds, and any.
    fn line() -> impl Strategy<Value = String> {
        let few = prop::sample::select(
            "aZß İǅⅧⅷ〇ไม่中한éЖ0٣½ .!?。।’'-–·|{€«\t\u{85}\u{ad}".chars().collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![4 => few, 1 => any::<char>()], 0..600)
            .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn normal_forms_are_words_with_spaces_between(line in line()) {
            let mut scanner = Scanner::new();
            scanner.read(&line);
            let normal = scanner.normal().to_owned();
            let words: Vec<&str> = normal.split(' ').filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(normal.trim(), words.join(" "));
            prop_assert!(normal.starts_with(' ') && normal.ends_with(' '));
            prop_assert_eq!(scanner.spans().map(|span| &normal[span]).collect::<Vec<_>>(), words);
            prop_assert_eq!(scanner.normalise(&normal, usize::MAX), &normal);
        }

        #[test]
        fn counts_are_those_of_single_characters(line in line()) {
            let counts = Scanner::new().read(&line);
            prop_assert_eq!(counts.chars(), line.chars().count() as u32);
            let count = |is: fn(char) -> bool| line.chars().filter(|&c| is(c)).count() as u32;
            let unspaced = |c: char| c.is_alphabetic() && crate::kinds::is_unspaced(c);
            prop_assert_eq!(counts.of(Count::Letters), count(char::is_alphabetic));
            prop_assert_eq!(counts.of(Count::Uppers), count(char::is_uppercase));
            prop_assert_eq!(counts.of(Count::Digits), count(|c| c.is_numeric() && !c.is_alphabetic()));
            prop_assert_eq!(counts.of(Count::Unspaced), line.chars().filter(|&c| unspaced(c)).count() as u32);
            let marks = |c: char| {
                !c.is_alphanumeric() && (!c.is_whitespace() || matches!(c, '\n' | '\x0b' | '\x0c'))
            };
            prop_assert_eq!(counts.of(Count::Marks), count(marks));
        }
    }
}
