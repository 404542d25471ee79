//! What a replacement changes, and whether two of them write the same.

use std::ops::Range;

use crate::lattice::Sentence;
use crate::lm::Word;

/// What an edge that replaces the words of `span` changes, without the words at both ends that it
/// leaves.
pub(crate) fn change<'s>(sentence: &'s Sentence, span: &Range<usize>, edge: usize) -> Change<'s> {
    let mut words = sentence.words(edge);
    let mut before = sentence.kept(span);
    let mut start = span.start;
    while let (Some((one, rest)), Some((other, others))) =
        (before.split_first(), words.split_first())
        && one == other
    {
        (before, words) = (rest, others);
        start += 1;
    }
    while let (Some((one, rest)), Some((other, others))) = (before.split_last(), words.split_last())
        && one == other
    {
        (before, words) = (rest, others);
    }
    Change { span: start..start + before.len(), words }
}

/// Tokens, and the words that are written in their place.
#[derive(PartialEq)]
pub(crate) struct Change<'s> {
    span: Range<usize>,
    words: &'s [Word],
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
