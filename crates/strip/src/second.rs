//! The features that the second trees read: the first trees' scores around a line, and a little of the
//! line and its page.

use hashbrown::HashMap;

use crate::features::{NONE, Sink, end, put};
use crate::hashed::Hashed;
use crate::page::Page;
use crate::series::{Places, Sums, best_span, log, nearest, to_span};

/// The second pass over a page: the scores of the first pass, smoothed and compared.
pub(crate) struct Second<'a> {
    page: &'a Page<'a>,
    scores: &'a [f32],
    sums: Sums,
    weighted: Sums,
    log_chars: Sums,
    lines: (usize, usize),
    chars: (usize, usize),
    sure_before: Places,
    sure_after: Places,
    /// Sums of scores and numbers of lines: by their shape, their normal form, their words.
    shapes: HashMap<u32, (f32, f32), Hashed>,
    twins: Vec<(f32, f32)>,
    words: Vec<(f32, f32)>,
    greatest: f32,
}

impl<'a> Second<'a> {
    /// From the first trees' `scores` of all lines.
    pub(crate) fn new(page: &'a Page<'a>, scores: &'a [f32]) -> Self {
        let n = scores.len();
        let weight = |i: usize| page.length[i];
        let (sure_before, sure_after) = nearest(n, |i| scores[i] > 0.8);
        let mut shapes: HashMap<u32, (f32, f32), Hashed> = HashMap::default();
        let mut twins = vec![(0.0, 0.0); page.vocabulary.forms().max(1)];
        let mut words = vec![(0.0, 0.0); page.vocabulary.different()];
        for (i, &score) in scores.iter().enumerate() {
            let add = |entry: &mut (f32, f32)| {
                entry.0 += score;
                entry.1 += 1.0;
            };
            add(shapes.entry(page.shape(i)).or_default());
            add(&mut twins[page.lines[i].form as usize]);
            for &word in page.words_of(i) {
                add(&mut words[word as usize]);
            }
        }
        Self {
            sums: Sums::new(n, |i| scores[i]),
            weighted: Sums::new(n, |i| scores[i] * weight(i)),
            log_chars: Sums::new(n, weight),
            lines: best_span(n, |i| scores[i] - 0.4),
            chars: best_span(n, |i| (scores[i] - 0.4) * weight(i)),
            sure_before,
            sure_after,
            shapes,
            twins,
            words,
            greatest: scores.iter().copied().fold(0.0, f32::max),
            page,
            scores,
        }
    }

    /// The features of line `i`.
    pub(crate) fn features(&self, i: usize, out: &mut impl Sink) {
        let own = self.scores[i];
        put!(out, "first.own", own);
        for step in [-4isize, -3, -2, -1, 1, 2, 3, 4] {
            let score = i.checked_add_signed(step).and_then(|at| self.scores.get(at));
            put!(out, "neighbours.score{step:+}", score.copied().unwrap_or(NONE));
        }
        for reach in [2, 5, 15, 40] {
            let (from, to) = self.page.window(i, reach);
            put!(out, "neighbours.mean_{reach}", self.sums.over(from, to) / (to - from) as f32);
            put!(
                out,
                "neighbours.weighted_{reach}",
                self.weighted.over(from, to) / self.log_chars.over(from, to).max(0.1)
            );
            put!(
                out,
                "neighbours.before_{reach}",
                if from < i { self.sums.over(from, i) / (i - from) as f32 } else { NONE }
            );
            put!(
                out,
                "neighbours.after_{reach}",
                if i + 1 < to { self.sums.over(i + 1, to) / (to - i - 1) as f32 } else { NONE }
            );
        }
        put!(
            out,
            "neighbours.sure_before",
            self.sure_before.of(i).map_or(NONE, |at| log((i - at) as u32))
        );
        put!(
            out,
            "neighbours.sure_after",
            self.sure_after.of(i).map_or(NONE, |at| log((at - i) as u32))
        );
        for (name, span) in [("lines", self.lines), ("chars", self.chars)] {
            put!(out, "neighbours.in_{name}", to_span(i, span));
        }
        let n = self.scores.len();
        let all = self.weighted.over(0, n).max(0.1);
        put!(out, "neighbours.mass_before", self.weighted.over(0, i) / all);
        put!(out, "neighbours.mass_after", self.weighted.over(i + 1, n) / all);
        let others = |entry: Option<&(f32, f32)>| match entry {
            Some((sum, count)) if *count > 1.5 => (sum - own) / (count - 1.0),
            _ => NONE,
        };
        let alike = self.shapes.get(&self.page.shape(i));
        put!(out, "lines_alike.alike", others(alike));
        put!(out, "lines_alike.alike_count", alike.map_or(0.0, |alike| log(alike.1 as u32)));
        put!(out, "lines_alike.twins", others(self.twins.get(self.page.lines[i].form as usize)));
        let (mut sum, mut count, mut greatest) = (0.0, 0.0, NONE);
        for word in self.page.words_of(i) {
            let mean = others(self.words.get(*word as usize));
            if mean >= 0.0 {
                sum += mean;
                count += 1.0;
                greatest = f32::max(greatest, mean);
            }
        }
        put!(out, "same_words.words", if count > 0.0 { sum / count } else { NONE });
        put!(out, "same_words.words_greatest", greatest);
        self.context(i, out);
    }

    /// What the scores need to be seen with.
    fn context(&self, i: usize, out: &mut impl Sink) {
        let page = self.page;
        let n = page.len();
        put!(out, "length.chars", page.length[i]);
        put!(out, "punctuation.ends", end(page.lines[i].ends));
        put!(out, "wording.mean", page.tone[i]);
        put!(out, "wording.function", page.function[i]);
        put!(out, "topic.in_prose", page.in_prose[i].unwrap_or(NONE));
        put!(out, "topic.of_path", page.in_path(i).1);
        let (from, to) = page.window(i, 10);
        put!(out, "wording_around.words_10", page.lexicon.over(from, to) / (to - from) as f32);
        put!(out, "place.relative", i as f32 / n as f32);
    }

    /// The features that all lines of the page share.
    pub(crate) fn whole(&self, out: &mut impl Sink) {
        let (page, n) = (self.page, self.scores.len());
        for (name, (from, to)) in [("lines", self.lines), ("chars", self.chars)] {
            put!(
                out,
                "neighbours.mass_{name}",
                self.sums.over(from, to) / self.sums.over(0, n).max(0.1)
            );
        }
        let all = self.weighted.over(0, n).max(0.1);
        put!(out, "neighbours.page", self.sums.over(0, n) / n as f32);
        put!(out, "neighbours.page_chars", all / self.log_chars.over(0, n).max(0.1));
        put!(out, "neighbours.greatest", self.greatest);
        put!(out, "page.lines", log(n as u32));
        put!(out, "page.prose", page.prose_chars.over(0, n) / page.chars.over(0, n).max(1.0));
    }
}
