/// Bytes that are enough to tell a language by: more cost time and change little.
const SAMPLE: usize = 600;

/// The language of a text: ISO 639-1 code, 639-3 where there is none; `None` when it cannot be told.
///
/// It is told by the middle of the text: a page begins and ends with what is on every page.
pub fn language(text: &str) -> Option<&'static str> {
    let start = text.floor_char_boundary(text.len().saturating_sub(SAMPLE) / 2);
    let end = text.floor_char_boundary(start + SAMPLE);
    let text = &text[start..end];
    if is_plain_english(text) {
        return Some("en");
    }
    let info = whatlang::detect(text)?;
    if !info.is_reliable() {
        return None;
    }
    let code = info.lang().code();
    Some(SHORT.iter().find(|(long, _)| *long == code).map_or(code, |&(_, short)| short))
}

/// Words that are frequent in English, and in no other language of the Latin script.
#[rustfmt::skip]
const ENGLISH: [&str; 52] = [
    "about", "after", "also", "and", "because", "been", "but", "by", "could", "for", "from", "had", "has",
    "have", "her", "his", "how", "if", "into", "it", "its", "more", "not", "of", "one", "only", "other",
    "our", "out", "over", "said", "should", "than", "that", "the", "their", "them", "there", "these", "they",
    "this", "up", "was", "were", "what", "when", "which", "who", "with", "would", "you", "your",
];

/// The same as numbers, which are compared faster.
const KEYS: [u64; ENGLISH.len()] = {
    let mut keys = [0; ENGLISH.len()];
    let mut at = 0;
    while at < keys.len() {
        keys[at] = key(ENGLISH[at].as_bytes());
        at += 1;
    }
    keys
};

/// A word in lower case as a number; 0 for one that is longer than any of [`ENGLISH`].
const fn key(word: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = 0;
    while at < word.len() && word.len() < 8 {
        key = key << 8 | word[at].to_ascii_lowercase() as u64;
        at += 1;
    }
    key
}

/// Whether these words are so frequent that there is no need to look further: they are a quarter of the
/// words of English sentences and under a sixth of those of 74 other languages (the test below). Most of
/// a crawl is English, and asking for all languages would take most of the time of a run without stages.
fn is_plain_english(text: &str) -> bool {
    let (mut words, mut known) = (0u32, 0u32);
    for word in text.split_ascii_whitespace() {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        words += 1;
        known += u32::from(KEYS.contains(&key(word.as_bytes())));
    }
    words >= 30 && known * 6 >= words
}

/// ISO 639-3 codes that have a shorter one in ISO 639-1.
#[rustfmt::skip]
const SHORT: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences of each language of the measuring data, four at a time: English is seen at once,
    /// nothing else is taken for it.
    #[test]
    #[ignore = "needs SCUTCH_BENCH_DATA"]
    fn the_short_cut_is_for_english_alone() {
        let data = std::env::var_os("SCUTCH_BENCH_DATA").expect("names the measuring data");
        let models = std::path::Path::new(&data).join("multilingual/language-models");
        let (mut english, mut seen) = (0, 0);
        for folder in std::fs::read_dir(models).unwrap().map(Result::unwrap) {
            let name = folder.file_name().into_string().unwrap();
            let file = folder.path().join("testdata/sentences.txt");
            let sentences = std::fs::read_to_string(file).unwrap();
            let sentences: Vec<&str> = sentences.lines().collect();
            for four in sentences.chunks(4) {
                let plain = is_plain_english(&four.join(" "));
                assert!(name == "en" || !plain, "{name}: {four:?}");
                english += u32::from(plain);
                seen += u32::from(name == "en");
            }
        }
        assert!(english * 2 > seen, "{english} of {seen}: not worth it");
    }
}
