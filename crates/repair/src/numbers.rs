//! Numbers whose first part a spinner has written out, or whose word it has put into digits.

use std::ops::Range;

use crate::words::{Case, Kind, Token};

const WORDS: [(&str, &str); 12] = [
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
];

/// Words for 2 that are more than one word; the last of them is glued to the digits.
const PAIRS: [(&str, &str); 2] = [("a", "pair"), ("a", "couple")];

/// Words after which a lone digit was a word before, if a plural follows.
const BEFORE: [&str; 20] = [
    "the", "these", "those", "all", "our", "their", "his", "her", "its", "other", "of", "between",
    "with", "about", "least", "first", "last", "next", "into", "only",
];

/// The word for a number from one to twelve in digits: language models know it better.
pub(crate) fn word_for(digits: &str) -> Option<&'static str> {
    WORDS.iter().find(|(_, number)| *number == digits).map(|(word, _)| *word)
}

/// Finds such numbers in a sentence: the tokens, the rule's name, and what is to stand there.
pub(crate) fn find(text: &str, tokens: &[Token]) -> Vec<(Range<usize>, &'static str, String)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Number {
            continue;
        }
        let piece = &text[token.start..token.end];
        if let Some((word, rest)) = piece.find([',', '.']).map(|cut| piece.split_at(cut)) {
            let word = word.to_lowercase();
            if !is_tail(rest) {
                continue;
            }
            if let Some((_, digits)) = WORDS.iter().find(|(name, _)| *name == word) {
                found.push((at..at + 1, "number", format!("{digits}{rest}")));
            } else if word == "of" && at >= 2 && token.joined && tokens[at - 1].joined {
                let lower = |token: &Token| text[token.start..token.end].to_lowercase();
                let pair = (lower(&tokens[at - 2]), lower(&tokens[at - 1]));
                if PAIRS.contains(&(&pair.0, &pair.1)) {
                    found.push((at - 2..at + 1, "number", format!("2{rest}")));
                }
            }
        } else if let [digit @ b'2'..=b'9'] = piece.as_bytes()
            && at > 0
            && token.joined
            && BEFORE
                .contains(&text[tokens[at - 1].start..tokens[at - 1].end].to_lowercase().as_str())
            && tokens.get(at + 1).is_some_and(|next| is_plural(text, next))
        {
            found.push((at..at + 1, "digit", WORDS[usize::from(digit - b'1')].0.to_owned()));
        }
    }
    found
}

/// Groups of three digits after commas, or a decimal part.
fn is_tail(rest: &str) -> bool {
    let (whole, decimals) = rest.split_once('.').map_or((rest, None), |(a, b)| (a, Some(b)));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let groups = whole.is_empty()
        || whole.starts_with(',')
            && whole[1..].split(',').all(|part| part.len() == 3 && digits(part));
    groups && decimals.is_none_or(|part| !part.is_empty() && digits(part))
}

fn is_plural(text: &str, token: &Token) -> bool {
    let word = &text[token.start..token.end];
    token.kind == Kind::Word
        && token.joined
        && token.case == Case::Lower
        && (word.ends_with('s') && word.len() > 3
            || matches!(word, "men" | "women" | "people" | "children" | "countries"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Tokens;

    fn fixed(text: &str) -> String {
        let tokens: Vec<Token> = Tokens::new(text).collect();
        let mut out = text.to_owned();
        for (span, _, after) in find(text, &tokens).into_iter().rev() {
            out.replace_range(tokens[span.start].start..tokens[span.end - 1].end, &after);
        }
        out
    }

    #[test]
    fn spun_numbers() {
        for (spun, original) in [
            ("a pair of,282 men", "2,282 men"),
            ("three,715,001 and five.03.", "3,715,001 and 5.03."),
            ("Ten,000 people", "10,000 people"),
            ("the 2 leaders met", "the two leaders met"),
            ("at 2 places, 2 of,282 and one,71", "at 2 places, 2 of,282 and one,71"),
            ("the 2 of them; February 2", "the 2 of them; February 2"),
        ] {
            assert_eq!(fixed(spun), original);
        }
    }
}
