//! Writing an original in the place of a spun form: capitals, possessives, articles.

use crate::words::{Case, Token};

/// The original as it is to stand in place of `span`.
pub(crate) fn render(text: &str, span: &[Token], original: &str) -> String {
    let (Some(first), Some(last)) = (span.first(), span.last()) else { return String::new() };
    let capitals = span.iter().filter(|token| token.case == Case::Title).count();
    let each = capitals > 0 && !first.opens && (capitals == span.len() || span.len() == 1);
    let mut out = String::with_capacity(original.len() + 4);
    for (n, word) in original.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let capital = if n == 0 {
            first.case == Case::Title
        } else {
            each && span.len() > 1 && !is_small(word)
        };
        if capital { push_capitalised(&mut out, word) } else { out.push_str(word) }
    }
    if last.possessive() {
        let tail = &text[last.stem_end..last.end];
        let apostrophe = tail.trim_end_matches(['s', 'S']);
        out.push_str(if out.ends_with('s') { apostrophe } else { tail });
    }
    out
}

fn push_capitalised(out: &mut String, word: &str) {
    let mut chars = word.chars();
    out.extend(chars.next().into_iter().flat_map(char::to_uppercase));
    out.push_str(chars.as_str());
}

/// Words that a title leaves small.
fn is_small(word: &str) -> bool {
    matches!(word, "a" | "an" | "the" | "of" | "in" | "on" | "to" | "and" | "for" | "at" | "by")
}

/// The article that belongs before `next`, in the case of `article`; `None` where it fits already
/// or is none.
pub(crate) fn article(article: &str, next: &str) -> Option<&'static str> {
    let (before_vowels, other) = match article {
        "a" => (false, "an"),
        "A" => (false, "An"),
        "an" => (true, "a"),
        "An" | "AN" => (true, "A"),
        _ => return None,
    };
    (begins_with_vowel_sound(next) != before_vowels).then_some(other)
}

fn begins_with_vowel_sound(word: &str) -> bool {
    let word = word.to_lowercase();
    const CONSONANT: [&str; 12] = [
        "uni", "unanim", "use", "usual", "usur", "util", "eu", "ewe", "one", "once", "ubiq", "uto",
    ];
    const VOWEL: [&str; 5] = ["hour", "honest", "honor", "honour", "heir"];
    const NOT_UNI: [&str; 3] = ["unin", "unim", "unid"];
    if VOWEL.iter().any(|begin| word.starts_with(begin)) {
        return true;
    }
    let exempt = NOT_UNI.iter().any(|begin| word.starts_with(begin));
    if !exempt && CONSONANT.iter().any(|begin| word.starts_with(begin)) {
        return false;
    }
    word.starts_with(['a', 'e', 'i', 'o', 'u', 'é'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Tokens;

    #[test]
    fn originals_are_written_as_the_spun_form_was() {
        for (text, original, expected) in [
            ("in keeping with", "according to", "according to"),
            ("In keeping with", "according to", "According to"),
            ("the Nationwide Safety", "national security", "National Security"),
            ("authorities’s", "government", "government’s"),
            ("agency's", "companies", "companies'"),
            ("the Overseas", "foreign", "Foreign"),
        ] {
            let tokens: Vec<Token> = Tokens::new(text).collect();
            let from = usize::from(text.starts_with("the "));
            assert_eq!(render(text, &tokens[from..], original), expected);
        }
    }

    #[test]
    fn articles_follow_the_sound() {
        for (before, next, expected) in [
            ("an", "finish", Some("a")),
            ("a", "end", Some("an")),
            ("a", "hour", Some("an")),
            ("A", "unusual", Some("An")),
            ("an", "university", Some("a")),
            ("a", "university", None),
            ("the", "end", None),
        ] {
            assert_eq!(article(before, next), expected, "{before} {next}");
        }
    }
}
