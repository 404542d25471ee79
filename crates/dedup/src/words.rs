use std::ops::Range;

/// Bytes after which a word is cut (at the next chance, below twice as many): text without any space must not become one giant word.
const LONGEST: usize = 256;

/// Hands the words of `text` to `take`, one by one: in lower case, with their span of the text.
///
/// A word is a run of letters and digits; everything else separates. In scripts that are written
/// without spaces every character is a word.
pub(crate) fn words(text: &str, mut take: impl FnMut(&[u8], Range<usize>)) {
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
                    take(word.get(), start..at);
                    word.len = 0;
                }
                at += 1;
            }
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            let alone = unspaced(c);
            let letter = alone || c.is_alphanumeric();
            if word.len > 0 && (alone || !letter) {
                take(word.get(), start..at);
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
                take(word.get(), start..at);
                word.len = 0;
            }
        }
        if word.len >= LONGEST {
            take(word.get(), start..at);
            word.len = 0;
        }
    }
    if word.len > 0 {
        take(word.get(), start..bytes.len());
    }
}

/// A word in the making.
struct Word {
    bytes: [u8; 2 * LONGEST],
    len: usize,
}

impl Word {
    /// Adds the first `len` of eight bytes.
    fn push(&mut self, bytes: [u8; 8], len: usize) {
        if let Some(room) = self.bytes[self.len..].first_chunk_mut() {
            *room = bytes;
            self.len += len;
        }
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
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

/// Eight bytes in lower case, and how many of the first are ASCII letters or digits. The uppermost
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
    let out = ascii | ((letter & TOP) >> 2);
    (out.to_le_bytes(), none.trailing_zeros() as usize / 8)
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
        words(text, |word, _| out.push(String::from_utf8_lossy(word).into_owned()));
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
        fn eight_bytes_at_once_are_as_one_by_one(bytes: [u8; 8]) {
            let count = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let (lower, run) = run(bytes);
            prop_assert_eq!(run, count);
            prop_assert_eq!(&lower[..run], &bytes[..run].to_ascii_lowercase()[..]);
        }

        #[test]
        fn spans_are_in_order_and_hold_the_word(text in "\\PC*") {
            let mut done = 0;
            words(&text, |word, span| {
                assert!(done <= span.start && span.start < span.end);
                assert_eq!(text[span.clone()].to_lowercase().len(), word.len());
                done = span.end;
            });
        }
    }
}
