//! The one pass over a line that everything else reads from.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, mask8x64, u8x64};

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

/// Room for kinds in a table.
const KINDS: usize = 32;
const _: () = assert!(kind::COUNT <= KINDS);

/// What a character of one kind adds when it stands after a character of another.
static ADDS: [[u128; KINDS]; KINDS] = {
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
};

fn adds(before: u8, now: u8) -> u128 {
    ADDS[usize::from(before) % KINDS][usize::from(now) % KINDS]
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

/// Bytes that are read at once where all of them are ASCII.
const BLOCK: usize = 64;

/// Fewer ASCII bytes before others are not worth a block.
const FEW: usize = 12;

/// A block, and sets of its bytes as bits.
struct Block {
    bytes: [u8; BLOCK],
    /// In the normal form, with room to read from anywhere.
    normal: [u8; 2 * BLOCK],
    /// Bytes of characters that are not ASCII; where there are none, the others are right.
    wide: u64,
    lower: u64,
    /// Letters and digits.
    word: u64,
    joiner: u64,
}

impl Block {
    #[inline(always)] // into the code for the processor at hand
    fn new<S: Simd>(simd: S, bytes: [u8; BLOCK]) -> Self {
        let all: u8x64<S> = bytes.simd_into(simd);
        let splat = |byte: u8| u8x64::splat(simd, byte);
        let among = |first: u8, last: u8| (all - splat(first)).simd_le(splat(last - first));
        let (lower, upper, digit) = (among(b'a', b'z'), among(b'A', b'Z'), among(b'0', b'9'));
        let small = upper.select(all | splat(0x20), digit.select(splat(b'0'), all));
        let mut normal = [0; 2 * BLOCK];
        normal[..BLOCK].copy_from_slice(&<[u8; BLOCK]>::from(small));
        let bits = |mask: mask8x64<S>| mask.to_bitmask();
        Self {
            bytes,
            normal,
            wide: bits(all.simd_ge(splat(0x80))),
            lower: bits(lower),
            word: bits(lower | upper | digit),
            joiner: bits(all.simd_eq(splat(b'\''))),
        }
    }
}

/// The lowest `n` bits.
fn below(n: usize) -> u64 {
    u64::MAX.checked_shl(n as u32).map_or(u64::MAX, |above| !above)
}

/// Where a normal form ends.
struct Tail {
    /// Bytes and spaces that are there.
    len: usize,
    spaces: usize,
    /// Whether what follows is another word.
    gap: bool,
}

/// Brings lines into the form that phrases are matched against, and counts on the way: lower-case
/// words with one space between them, one at each end, every digit a `0`.
#[derive(Debug)]
pub(crate) struct Scanner {
    level: Level,
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
            level: Level::new(),
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
        let line = &line[..line.floor_char_boundary(limit)];
        dispatch!(self.level, simd => self.scan::<_, false>(simd, line));
        &self.normal
    }

    /// Reads `line`: its counts. The normal form is there afterwards.
    pub(crate) fn read(&mut self, line: &str) -> Counts {
        dispatch!(self.level, simd => self.scan::<_, true>(simd, line))
    }

    #[inline(always)] // into the code for the processor at hand
    fn scan<S: Simd, const COUNT: bool>(&mut self, simd: S, line: &str) -> Counts {
        // No character has a normal form of more than twice its bytes.
        let room = 2 * line.len() + 2 * BLOCK;
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
            self.spaces.resize(room, 0);
        }
        let mut counts = Counts::default();
        self.unspaced = false;
        let mut tail = Tail { len: 0, spaces: 0, gap: true };
        let mut before = kind::SPACE;
        let mut at = 0;
        while at < line.len() {
            let rest = &line.as_bytes()[at..];
            let n = rest.len().min(BLOCK);
            let block = Block::new(
                simd,
                rest.first_chunk().copied().unwrap_or_else(|| {
                    let mut bytes = [b' '; BLOCK];
                    bytes[..n].copy_from_slice(&rest[..n]);
                    bytes
                }),
            );
            let ascii = n.min(block.wide.trailing_zeros() as usize);
            let mut sum = 0;
            if ascii == n || ascii >= FEW {
                let n = ascii;
                if COUNT {
                    sum = self.count(&block, n, before);
                    before = self.kinds.of_ascii(block.bytes[n - 1]);
                }
                self.take(&block, n, &mut tail);
                at += n;
            } else {
                // To the last character that is not ASCII.
                let to = at + BLOCK - block.wide.leading_zeros() as usize;
                while at < to {
                    let c = line[at..].chars().next().unwrap_or(' ');
                    at += c.len_utf8();
                    let kind = self.kinds.of(c);
                    if COUNT {
                        let now = kind & !kind::ODD;
                        sum += adds(before, now);
                        before = now;
                    }
                    self.take_one(c, kind, &mut tail);
                }
            }
            counts.add(sum);
        }
        self.space(&mut tail);
        self.words = tail.spaces - 1;
        self.normal.clear();
        self.normal.push_str(std::str::from_utf8(&self.bytes[..tail.len]).unwrap_or(" "));
        counts
    }

    /// What the first `n` bytes of an ASCII block add to the counts, after a character of the kind
    /// `before`.
    #[inline(always)]
    fn count(&self, block: &Block, n: usize, before: u8) -> u128 {
        let lower = block.lower & below(n);
        // Small letters are letters, whatever stands before them.
        let mut sum = u128::from(lower.count_ones()) * adds(kind::SPACE, kind::ASCII_LOWER);
        let mut others = !block.lower & below(n);
        while others != 0 {
            let at = others.trailing_zeros() as usize;
            let before = match at.checked_sub(1) {
                Some(before) => self.kinds.of_ascii(block.bytes[before]),
                None => before,
            };
            sum += adds(before, self.kinds.of_ascii(block.bytes[at]));
            others &= others - 1;
        }
        sum
    }

    /// Adds the first `n` bytes of an ASCII block to the normal form.
    #[inline(always)]
    fn take(&mut self, block: &Block, n: usize, tail: &mut Tail) {
        let gaps = !(block.word | block.joiner) & below(n);
        let mut words = block.word & below(n);
        let mut read = 0;
        while words != 0 {
            let from = words.trailing_zeros() as usize;
            let to = from + (words >> from).trailing_ones() as usize;
            if tail.gap || gaps & below(from) & !below(read) != 0 {
                self.space(tail);
            }
            // What is too much is written over.
            self.bytes[tail.len..tail.len + BLOCK]
                .copy_from_slice(&block.normal[from..from + BLOCK]);
            tail.len += to - from;
            words &= !below(to);
            read = to;
        }
        tail.gap |= gaps & !below(read) != 0;
    }

    /// Adds a character to the normal form.
    #[inline(always)]
    fn take_one(&mut self, c: char, of: u8, tail: &mut Tail) {
        let odd = of & kind::ODD != 0;
        match of {
            kind::JOINER => return,
            kind::ASCII_LOWER..=kind::DIGIT | kind::VOWEL => {}
            _ if odd => {}
            _ => {
                tail.gap = true;
                return;
            }
        }
        if tail.gap {
            self.space(tail);
        }
        self.unspaced |= odd || matches!(of, kind::UNSPACED | kind::VOWEL);
        let out = &mut self.bytes[tail.len..];
        tail.len += match of {
            _ if odd => odd_normal(c, out),
            kind::DIGIT => '0'.encode_utf8(out).len(),
            _ => c.to_ascii_lowercase().encode_utf8(out).len(),
        };
    }

    /// Ends a word.
    #[inline(always)]
    fn space(&mut self, tail: &mut Tail) {
        self.bytes[tail.len] = b' ';
        self.spaces[tail.spaces] = tail.len as u32;
        tail.len += 1;
        tail.spaces += 1;
        tail.gap = false;
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
