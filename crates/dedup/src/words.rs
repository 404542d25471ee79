use std::ops::Range;

/// Bytes after which a word is cut (at the next chance, below twice as many): text without any space must not become one giant word.
const LONGEST: usize = 256;

/// Hands the words of `text` to `take`, one by one: in lower case, with their span of the text.
///
/// A word is a run of letters and digits; everything else separates. In scripts that are written
/// without spaces every character is a word.
pub(crate) fn words(text: &str, mut take: impl FnMut(&str, Range<usize>)) {
    let bytes = text.as_bytes();
    let mut word = String::with_capacity(2 * LONGEST);
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii() {
            let rest = &bytes[at..bytes.len().min(at + LONGEST)];
            let run = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let end = at + run;
            if run > 0 && word.is_empty() && bytes.get(end).is_some_and(|byte| byte.is_ascii()) {
                // By far the most frequent case: a word of ASCII alone.
                let whole = &text[at..end];
                if bytes[at..end].iter().any(u8::is_ascii_uppercase) {
                    word.push_str(whole);
                    word.make_ascii_lowercase();
                    take(&word, at..end);
                    word.clear();
                } else {
                    take(whole, at..end);
                }
                at = end;
            } else if run > 0 {
                if word.is_empty() {
                    start = at;
                }
                let old = word.len();
                word.push_str(&text[at..end]);
                word[old..].make_ascii_lowercase();
                at = end;
            } else {
                if !word.is_empty() {
                    take(&word, start..at);
                    word.clear();
                }
                at += 1;
            }
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            let end = at + c.len_utf8();
            let alone = unspaced(c);
            let letter = alone || c.is_alphanumeric();
            if !word.is_empty() && (alone || !letter) {
                take(&word, start..at);
                word.clear();
            }
            if letter {
                if word.is_empty() {
                    start = at;
                }
                word.extend(c.to_lowercase());
                if alone {
                    take(&word, start..end);
                    word.clear();
                }
            }
            at = end;
        }
        if word.len() >= LONGEST {
            take(&word, start..at);
            word.clear();
        }
    }
    if !word.is_empty() {
        take(&word, start..at);
    }
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
        words(text, |word, _| out.push(word.to_owned()));
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
