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

/// The lines of `text` within `span` that are not blank. The span begins and ends where lines do.
pub(crate) fn lines(text: &str, span: Range<usize>) -> impl Iterator<Item = Line<'_>> {
    let mut start = span.start;
    let breaks = memchr_iter(b'\n', &text.as_bytes()[span.clone()]);
    breaks.map(move |at| span.start + at).chain([span.end]).filter_map(move |end| {
        let span = start..end;
        start = end + 1;
        let line = text[span.clone()].trim_start();
        let start = end - line.len();
        let text = line.trim_end();
        (!text.is_empty()).then_some(Line { span, start, text })
    })
}

/// Cuts `text` behind every `most` lines: spans without the breaks between them.
pub(crate) fn sheets(text: &str, most: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    let breaks = memchr_iter(b'\n', text.as_bytes()).skip(most - 1).step_by(most);
    breaks.chain([text.len()]).map(move |end| {
        let begin = start;
        start = end + 1;
        begin.min(end)..end
    })
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
