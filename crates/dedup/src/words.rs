use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

/// Bytes after which a word is cut (at the next chance, below twice as many): text without any space must not become one giant word.
const LONGEST: usize = 256;

/// Hands the words of `text` to `take`, one by one: in lower case, with their span of the text.
///
/// A word is a run of letters and digits; everything else separates. In scripts that are written
/// without spaces every character is a word.
pub(crate) fn words(text: &str, mut take: impl FnMut(&Word, Range<usize>)) {
    let bytes = text.as_bytes();
    let mut word = Word { bytes: [0; 2 * LONGEST], len: 0 };
    let mut start = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if word.len == 0 {
            start = at;
        }
        if byte.is_ascii() {
            // By far the most frequent case: a word of ASCII alone, eight bytes at once.
            let (lower, run) = run(eight(bytes, at));
            word.push(lower, run);
            at += run;
            if run < 8 && bytes.get(at).is_none_or(u8::is_ascii) {
                if word.len > 0 {
                    take(&word, start..at);
                    word.len = 0;
                }
                at += 1;
            }
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            let alone = unspaced(c);
            let letter = alone || c.is_alphanumeric();
            if word.len > 0 && (alone || !letter) {
                take(&word, start..at);
                word.len = 0;
                start = at;
            }
            at += c.len_utf8();
            if letter {
                c.to_lowercase().for_each(|c| {
                    let mut utf8 = [0; 8];
                    let len = c.encode_utf8(&mut utf8).len();
                    word.push(utf8, len);
                });
            }
            if alone {
                take(&word, start..at);
                word.len = 0;
            }
        }
        if word.len >= LONGEST {
            take(&word, start..at);
            word.len = 0;
        }
    }
    if word.len > 0 {
        take(&word, start..bytes.len());
    }
}

/// A word, in lower case.
pub(crate) struct Word {
    /// Zeros follow up to the eighth byte, at least.
    bytes: [u8; 2 * LONGEST],
    len: usize,
}

impl Word {
    /// Adds the first `len` of eight bytes; the others are 0.
    fn push(&mut self, bytes: [u8; 8], len: usize) {
        if let Some(room) = self.bytes[self.len..].first_chunk_mut() {
            *room = bytes;
            self.len += len;
        }
    }

    /// Its bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// xxh3 of its bytes, or of eight where it has fewer: most words have, and take one way then.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        match self.bytes.first_chunk::<8>() {
            Some(eight) if self.len <= 8 => xxh3_64(eight),
            _ => xxh3_64(self.bytes()),
        }
    }
}

/// The eight bytes from `at` on, zeros after the end.
fn eight(bytes: &[u8], at: usize) -> [u8; 8] {
    let rest = &bytes[at..];
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8];
        eight[..rest.len()].copy_from_slice(rest);
        eight
    })
}

/// The first of eight bytes that are ASCII letters or digits, in lower case, and how many they are. The uppermost
/// bit of each byte is its answer to a question, so that no byte is looked at alone.
fn run(bytes: [u8; 8]) -> ([u8; 8], usize) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = 0x80 * EACH;
    let all = u64::from_le_bytes(bytes);
    let ascii = all & !TOP;
    let lower = ascii | (0x20 * EACH);
    let least = |of: u64, byte: u8| of + u64::from(0x80 - byte) * EACH;
    let letter = least(lower, b'a') & !least(lower, b'z' + 1);
    let digit = least(ascii, b'0') & !least(ascii, b'9' + 1);
    let none = (all | !(letter | digit)) & TOP;
    let bits = none.trailing_zeros() & !7;
    let first = u64::MAX.checked_shl(bits).map_or(u64::MAX, |others| !others);
    let out = (ascii | ((letter & TOP) >> 2)) & first;
    (out.to_le_bytes(), bits as usize / 8)
}

/// Whether the character belongs to a script that is written without spaces between words.
fn unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e01}'..='\u{0eff}'     // Thai, Lao
        | '\u{1000}'..='\u{109f}'   // Burmese
        | '\u{1780}'..='\u{17d3}'   // Khmer
        | '\u{3041}'..='\u{30ff}'   // Hiragana, Katakana
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'   // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'   // half-width Katakana
        | '\u{20000}'..='\u{3fffd}') // Han, further planes
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        words(text, |word, _| out.push(String::from_utf8_lossy(word.bytes()).into_owned()));
        out
    }

    #[test]
    fn letters_and_digits_in_lower_case() {
        assert_eq!(list("It’s 3.5 ÉTÉ, «Straße»!"), ["it", "s", "3", "5", "été", "straße"]);
        assert_eq!(list("東京 2020 오늘은"), ["東", "京", "2020", "오늘은"]);
    }

    #[test]
    fn a_text_without_spaces_is_cut() {
        let cut = list(&"a".repeat(1000));
        assert_eq!(cut.concat().len(), 1000);
        assert!(cut.iter().all(|word| word.len() < 2 * LONGEST));
    }

    proptest! {
        #[test]
        fn the_same_word_has_the_same_hash(a in "[ab]{1,3}|[a-c]{7,10}", before in "\\PC{0,20}") {
            let hash = |text: &str| {
                let mut last = 0;
                words(text, |word, _| last = word.hash());
                last
            };
            prop_assert_eq!(hash(&a), hash(&format!("{before} {a}")));
            prop_assert_ne!(hash(&a), hash(&format!("{a}a")));
        }

        #[test]
        fn eight_bytes_at_once_are_as_one_by_one(bytes: [u8; 8]) {
            let count = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let (lower, run) = run(bytes);
            prop_assert_eq!(run, count);
            prop_assert_eq!(&lower[..run], &bytes[..run].to_ascii_lowercase()[..]);
            prop_assert!(lower[run..].iter().all(|&byte| byte == 0));
        }

        #[test]
        fn spans_are_in_order_and_hold_the_word(text in "\\PC*") {
            let mut done = 0;
            words(&text, |word, span| {
                assert!(done <= span.start && span.start < span.end);
                assert_eq!(text[span.clone()].to_lowercase().len(), word.bytes().len());
                done = span.end;
            });
        }
    }
}
