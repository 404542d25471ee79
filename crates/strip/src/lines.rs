use std::ops::Range;

use memchr::memchr_iter;

/// A line of a text that has something on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// The line without its break.
    pub(crate) span: Range<usize>,
    /// Where `text` starts.
    pub(crate) start: usize,
    /// The line without surrounding white space.
    pub(crate) text: &'a str,
}

/// The lines of `text` that are not blank.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = text[start..end].trim_start();
        let first = end - line.len();
        let line = line.trim_end();
        if !line.is_empty() {
            out.push(Line { span: start..end, start: first, text: line });
        }
        start = end + 1;
    }
    out
}

/// Spans that remove whole lines of `text` together with their line breaks.
///
/// `dropped` are spans of lines without their breaks, in order. Blank lines that follow a dropped
/// line go with it; where the end of the text goes, the break before it goes too, so that no blank
/// tail remains.
pub(crate) fn removal_spans(text: &str, dropped: &[Range<usize>]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut out: Vec<Range<usize>> = Vec::with_capacity(dropped.len());
    for span in dropped {
        let blank = text[span.end..].find(|c: char| !c.is_whitespace());
        let end = match blank {
            None => text.len(),
            Some(ahead) => {
                let next = span.end + ahead;
                memchr::memrchr(b'\n', &bytes[span.end..next])
                    .map_or(span.end, |at| span.end + at + 1)
            }
        };
        out.push(span.start..end);
    }
    if out.last().is_some_and(|last| last.end == text.len()) {
        trim_tail(text, dropped, &mut out);
    }
    out
}

/// Makes the run of spans that reaches the end of `text` take the blank lines before it along, and
/// leave a last line break only where `text` has one.
fn trim_tail(text: &str, dropped: &[Range<usize>], spans: &mut [Range<usize>]) {
    let mut first = spans.len() - 1;
    while first > 0 && spans[first - 1].end == spans[first].start {
        first -= 1;
    }
    let kept = text[..spans[first].start].trim_end().len();
    let mut from = 0;
    if kept > 0 {
        // A kept line stands before the run, so there is a break between the two.
        from = kept + memchr::memchr(b'\n', &text.as_bytes()[kept..]).unwrap_or(0);
    }
    if text.ends_with('\n') {
        spans[first].start = if kept > 0 { from + 1 } else { 0 };
        return;
    }
    let last = spans.len() - 1;
    for i in first..=last {
        let end = if i == last { text.len() } else { dropped[i].end };
        spans[i] = from..end;
        from = end;
    }
}
