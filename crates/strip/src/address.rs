use crate::lexicon::word_hash;
use crate::text::Scanner;

/// Words of a page's address.
#[derive(Debug, Default)]
pub(crate) struct Address {
    pub(crate) path: Vec<u32>,
    pub(crate) host: Vec<u32>,
}

impl Address {
    pub(crate) fn new(url: Option<&str>) -> Self {
        let mut address = Self::default();
        let Some(url) = url else { return address };
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut scanner = Scanner::new();
        for (text, words) in [(path, &mut address.path), (host, &mut address.host)] {
            words.extend(
                scanner
                    .normalise(text, 400)
                    .split(' ')
                    .filter(|word| {
                        word.len() > 2 && !matches!(*word, "www" | "com" | "html" | "org" | "net")
                    })
                    .map(|word| word_hash(word.as_bytes()) as u32),
            );
            words.sort_unstable();
            words.dedup();
        }
        address
    }
}
