//! What a replacement changes, and whether two of them write the same.

use std::ops::Range;

use crate::lattice::{Lattice, Sentence};

/// What a replacement changes, without the words at both ends that it leaves.
pub(crate) fn change<'a>(
    lattice: &'a Lattice,
    sentence: &Sentence,
    span: &Range<usize>,
    pair: usize,
) -> Change<'a> {
    let mut words = lattice.lexicon.words(lattice.lexicon.pairs()[pair].original);
    let mut span = span.clone();
    while !span.is_empty() && words.first() == Some(&sentence.numbers[span.start]) {
        words = &words[1..];
        span.start += 1;
    }
    while !span.is_empty() && words.last() == Some(&sentence.numbers[span.end - 1]) {
        words = &words[..words.len() - 1];
        span.end -= 1;
    }
    Change { span, words }
}

/// Tokens, and the words that are written in their place.
#[derive(PartialEq)]
pub(crate) struct Change<'l> {
    span: Range<usize>,
    words: &'l [u32],
}

impl Change<'_> {
    /// Whether both write the same where they overlap, as far as that can be told word by word.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let word_by_word = |change: &Self| change.span.len() == change.words.len();
        if !word_by_word(self) || !word_by_word(other) {
            return false;
        }
        let (start, end) =
            (self.span.start.max(other.span.start), self.span.end.min(other.span.end));
        start >= end
            || self.words[start - self.span.start..end - self.span.start]
                == other.words[start - other.span.start..end - other.span.start]
    }
}
