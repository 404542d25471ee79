use std::ops::Range;

use crate::words::words;

/// The parts of two texts that consist of shingles (runs of `width` words) found in both: spans of
/// each, in order, joined where they overlap or only space and punctuation lies between.
pub fn shared_spans(a: &str, b: &str, width: usize) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (a, b) = (Shingled::new(a, width), Shingled::new(b, width));
    (a.spans_in(&b), b.spans_in(&a))
}

struct Shingled {
    width: usize,
    words: Vec<Range<usize>>,
    /// Hash of the shingle that begins at each word, in the text's order.
    hashes: Vec<u64>,
    sorted: Vec<u64>,
}

impl Shingled {
    fn new(text: &str, width: usize) -> Self {
        let mut spans = Vec::new();
        let mut bytes = Vec::new();
        words(text, |word, span| {
            spans.push(span);
            bytes.extend_from_slice(&(word.hash() as u32).to_le_bytes());
        });
        let mut hashes = Vec::with_capacity(spans.len());
        crate::keys::shingles(&bytes, width, |hash| hashes.push(hash));
        let mut sorted = hashes.clone();
        sorted.sort_unstable();
        Self { width: width.clamp(1, spans.len().max(1)), words: spans, hashes, sorted }
    }

    fn spans_in(&self, other: &Self) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        let mut covered = 0; // words up to here lie in the last span
        for (i, hash) in self.hashes.iter().enumerate() {
            if other.sorted.binary_search(hash).is_err() {
                continue;
            }
            let end = self.words[i + self.width - 1].end;
            match out.last_mut() {
                Some(last) if i <= covered => last.end = end,
                _ => out.push(self.words[i].start..end),
            }
            covered = i + self.width;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_what_both_have() {
        let a = "One two three four, five six. Seven!";
        let b = "zero one two three 4 five six seven";
        let (in_a, in_b) = shared_spans(a, b, 3);
        let texts = |text: &str, spans: &[Range<usize>]| -> Vec<String> {
            spans.iter().map(|span| text[span.clone()].to_owned()).collect()
        };
        assert_eq!(texts(a, &in_a), ["One two three", "five six. Seven"]);
        assert_eq!(texts(b, &in_b), ["one two three", "five six seven"]);
    }

    #[test]
    fn nothing_shared() {
        assert_eq!(shared_spans("", "", 3), (vec![], vec![]));
        assert_eq!(shared_spans("a b c d", "e f", 3), (vec![], vec![]));
    }
}
