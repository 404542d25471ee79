//! The features of a page's lines: what the first trees read.
//!
//! The same code names the features and computes them, for training and for serving.

use crate::facts::{Begin, End};
use crate::page::Page;
use crate::rules::{Action, Rule};
use crate::series::{log, signed_log, to_span};

/// Takes features as they come: their values, or their names.
pub(crate) trait Sink {
    /// The next feature. The part of the name before the dot is its group.
    fn put(&mut self, name: impl FnOnce() -> String, value: f32);
}

impl Sink for Vec<f32> {
    fn put(&mut self, _: impl FnOnce() -> String, value: f32) {
        self.push(value);
    }
}

impl Sink for Vec<String> {
    fn put(&mut self, name: impl FnOnce() -> String, _: f32) {
        self.push(name());
    }
}

/// Puts a feature with a name that is formatted only when names are asked for.
macro_rules! put {
    ($sink:expr, $name:literal, $value:expr) => {
        $sink.put(|| format!($name), $value as f32)
    };
}
pub(crate) use put;

/// What stands for "no such line".
pub(crate) const NONE: f32 = -1.0;
/// Offsets of the neighbours that are looked at one by one.
const NEAR: [isize; 6] = [-3, -2, -1, 1, 2, 3];

impl Page<'_> {
    /// The features of line `i`, before those that speak [of a rule](Self::of_rule) and those of the
    /// [`whole`](Self::whole) page.
    pub(crate) fn features(&self, i: usize, out: &mut impl Sink) {
        self.own(i, out);
        self.near(i, out);
        self.place(i, out);
    }

    fn own(&self, i: usize, out: &mut impl Sink) {
        let line = self.lines[i];
        let of_chars = |n: u32| n as f32 / line.chars.clamp(1, 1_000) as f32;
        let of_words = |n: u16| f32::from(n) / line.words.max(1) as f32;
        put!(out, "length.chars", self.length[i]);
        put!(out, "length.words", line.words.min(200));
        put!(
            out,
            "length.word_length",
            (line.letters + line.digits) as f32 / line.words.max(1) as f32
        );
        put!(out, "case.uppers", line.uppers as f32 / line.letters.max(1) as f32);
        put!(out, "case.capitals", of_words(line.capitals));
        put!(out, "digits.digits", of_chars(line.digits.into()));
        put!(out, "punctuation.marks", of_chars(line.marks.into()));
        put!(out, "punctuation.commas", line.commas.min(20));
        put!(out, "punctuation.sentences", line.sentences.min(20));
        put!(out, "punctuation.separators", line.separators.min(20));
        put!(out, "punctuation.code", of_chars(line.code.into()));
        put!(out, "length.unspaced", of_chars(line.unspaced.into()));
        put!(out, "case.glued", line.glued.min(10));
        put!(out, "digits.currency", line.currency.min(5));
        put!(out, "punctuation.quotes", line.quotes.min(10));
        put!(out, "punctuation.begins", begin(line.begins));
        put!(out, "punctuation.ends", end(line.ends));
        put!(out, "wording.hangs", u8::from(line.hangs));
        put!(out, "punctuation.picture", u8::from(line.picture));
        put!(out, "wording.function", self.function[i]);
        put!(out, "wording.function_count", line.function_words.min(40));
        put!(out, "links.count", (line.links.known + line.links.mails).min(10));
        put!(out, "links.share", of_chars(line.links.chars));
        put!(out, "wording.sum", line.lexicon[0]);
        put!(out, "wording.mean", self.tone[i]);
        put!(out, "wording.least", line.lexicon[1]);
        put!(out, "wording.greatest", line.lexicon[2]);
        put!(out, "wording.known", line.lexicon[3]);
        put!(out, "repeated_here.twins", self.twins[i].0.min(20));
        put!(out, "repeated_here.first", u8::from(self.twins[i].1));
        put!(out, "topic.in_prose", self.in_prose[i].unwrap_or(NONE));
        let known = !self.address.path.is_empty();
        let (of_line, of_path) = self.in_path(i);
        put!(out, "topic.of_line", if known { of_line } else { NONE });
        put!(out, "topic.of_path", if known { of_path } else { NONE });
        put!(out, "topic.host", self.in_host(i));
        put!(
            out,
            "place.after_title",
            match self.title {
                Some(title) => signed_log(i as f32 - title as f32),
                None => -20.0,
            }
        );
    }

    fn near(&self, i: usize, out: &mut impl Sink) {
        for step in NEAR {
            let at = i.checked_add_signed(step).filter(|at| *at < self.len());
            let line = at.map(|at| self.lines[at]);
            put!(out, "lengths_around.chars{step:+}", at.map_or(NONE, |at| self.length[at]));
            put!(out, "punctuation_around.ends{step:+}", line.map_or(NONE, |line| end(line.ends)));
            put!(out, "wording_around.words{step:+}", at.map_or(0.0, |at| self.tone[at]));
            if step.abs() == 1 {
                put!(
                    out,
                    "wording_around.function{step:+}",
                    at.map_or(NONE, |at| self.function[at])
                );
                put!(
                    out,
                    "phrases_around.hint{step:+}",
                    line.map_or(NONE, |line| f32::from(line.rules != 0))
                );
                put!(
                    out,
                    "punctuation_around.begins{step:+}",
                    line.map_or(NONE, |line| begin(line.begins))
                );
            }
        }
        for reach in [3, 10, 30] {
            let (from, to) = self.window(i, reach);
            let n = (to - from) as f32;
            put!(
                out,
                "prose_around.prose_{reach}",
                self.prose_chars.over(from, to) / self.chars.over(from, to).max(1.0)
            );
            put!(out, "lengths_around.chars_{reach}", self.log_chars.over(from, to) / n);
            put!(out, "wording_around.words_{reach}", self.lexicon.over(from, to) / n);
            put!(out, "phrases_around.hints_{reach}", self.hints.over(from, to) / n);
            put!(out, "punctuation_around.stops_{reach}", self.stops.over(from, to) / n);
            put!(out, "wording_around.function_{reach}", self.functions.over(from, to) / n);
            if reach == 10 {
                put!(out, "repeats_around.repeats_{reach}", self.repeats.over(from, to) / n);
                put!(out, "links_around.links_{reach}", self.links.over(from, to) / n);
            }
        }
        let (from, to) = self.window(i, 8);
        let n = (to - from) as f32;
        let mean = self.log_chars.over(from, to) / n;
        let square = self.length_squares.over(from, to) / n;
        put!(out, "lengths_around.spread", (square - mean * mean).max(0.0).sqrt());
        put!(out, "lengths_around.longer", self.length[i] - mean);
        for reach in [5, 15, 40] {
            let (from, to) = self.window(i, reach);
            put!(
                out,
                "topic_around.familiar_{reach}",
                self.familiar.over(from, to) / (to - from) as f32
            );
        }
        for reach in [5, 15] {
            let (from, to) = self.window(i, reach);
            let n = (to - from) as f32;
            put!(out, "digits_around.digits_{reach}", self.digits.over(from, to) / n);
            put!(out, "case_around.capitals_{reach}", self.capitals.over(from, to) / n);
            put!(
                out,
                "wording_around.words_before_{reach}",
                self.lexicon.over(from, i) / (i - from).max(1) as f32
            );
            put!(
                out,
                "wording_around.words_after_{reach}",
                self.lexicon.over(i + 1, to) / (to - i - 1).max(1) as f32
            );
            put!(
                out,
                "lengths_around.chars_before_{reach}",
                self.log_chars.over(from, i) / (i - from).max(1) as f32
            );
            put!(
                out,
                "lengths_around.chars_after_{reach}",
                self.log_chars.over(i + 1, to) / (to - i - 1).max(1) as f32
            );
        }
    }

    /// The features of line `i` that speak of a rule: the same for all lines of a page where it matches
    /// none.
    pub(crate) fn of_rule(&self, rule: usize, i: usize, out: &mut impl Sink) {
        let name = &self.rules[rule].name;
        put!(out, "{name}.matched", (self.lines[i].rules >> rule & 1) as u8);
        if !is_crumb(&self.rules[rule]) {
            let (before, after) = self.landmarks.around(rule, i);
            put!(out, "below_{name}.lines", before);
            put!(out, "above_{name}.lines", after);
        }
    }

    fn place(&self, i: usize, out: &mut impl Sink) {
        let n = self.len();
        put!(out, "place.from_start", log(i as u32));
        put!(out, "place.from_end", log((n - 1 - i) as u32));
        put!(out, "place.relative", i as f32 / n as f32);
        let (before, after) = (self.before.of(i), self.after.of(i));
        put!(out, "far_from_prose.prose_before", before.map_or(NONE, |at| log((i - at) as u32)));
        put!(out, "far_from_prose.prose_after", after.map_or(NONE, |at| log((at - i) as u32)));
        put!(out, "far_from_prose.prose_before_chars", before.map_or(NONE, |at| self.length[at]));
        put!(out, "far_from_prose.prose_after_chars", after.map_or(NONE, |at| self.length[at]));
        let run_from = before.map_or(0, |at| at + 1);
        let run_to = after.unwrap_or(n);
        put!(
            out,
            "far_from_prose.gap",
            if self.prose[i] { 0.0 } else { log((run_to - run_from) as u32) }
        );
        put!(
            out,
            "far_from_prose.gap_chars",
            self.log_chars.over(run_from, run_to) / (run_to - run_from).max(1) as f32
        );
        put!(
            out,
            "far_from_prose.gap_words",
            self.lexicon.over(run_from, run_to) / (run_to - run_from).max(1) as f32
        );
        put!(
            out,
            "far_from_prose.gap_hints",
            self.hints.over(run_from, run_to) / (run_to - run_from).max(1) as f32
        );
        let all = self.prose_chars.over(0, n).max(1.0);
        put!(out, "far_from_prose.mass_before", self.prose_chars.over(0, i) / all);
        put!(out, "far_from_prose.mass_after", self.prose_chars.over(i + 1, n) / all);
        for (name, span) in [("tight", self.tight), ("loose", self.loose)] {
            put!(out, "far_from_prose.{name}", to_span(i, span));
            put!(out, "far_from_prose.{name}_mass", self.prose_chars.over(span.0, span.1) / all);
        }
    }

    /// The features that all lines of the page share.
    pub(crate) fn whole(&self, out: &mut impl Sink) {
        let n = self.len();
        let count = n.max(1) as f32;
        put!(out, "page.lines", log(n as u32));
        put!(out, "page.prose_lines", log(self.prose_lines));
        put!(out, "page.prose", self.prose_chars.over(0, n) / self.chars.over(0, n).max(1.0));
        put!(out, "page.chars", self.log_chars.over(0, n) / count);
        put!(out, "page.words", self.lexicon.over(0, n) / count);
        put!(out, "page.hints", self.hints.over(0, n) / count);
        put!(out, "page.stops", self.stops.over(0, n) / count);
        put!(out, "page.repeats", self.repeats.over(0, n) / count);
        put!(out, "page.function", self.functions.over(0, n) / count);
        for (rule, [lines, chars]) in self.rules.iter().zip(&self.matched) {
            if is_crumb(rule) {
                continue;
            }
            let name = &rule.name;
            put!(out, "{name}_page.lines", *lines);
            put!(out, "{name}_page.chars", *chars);
        }
    }

    /// What a line looks like, for finding others that look alike.
    pub(crate) fn shape(&self, i: usize) -> u32 {
        let line = self.lines[i];
        let length = (self.length[i] * 1.5) as u32;
        let digits =
            u32::from(line.digits > 0) + u32::from(u32::from(line.digits) * 3 > line.chars);
        let hint = line.rules.trailing_zeros() & 31;
        length << 16
            | (begin(line.begins) as u32) << 12
            | (end(line.ends) as u32) << 8
            | digits << 5
            | hint
    }
}

/// Whether it is never the rule of a whole line.
fn is_crumb(rule: &Rule) -> bool {
    matches!(rule.action, Action::Crumb | Action::CrumbHome)
}

fn begin(begin: Begin) -> f32 {
    match begin {
        Begin::Bullet => 0.0,
        Begin::Digit => 1.0,
        Begin::Other => 2.0,
        Begin::Upper => 3.0,
        Begin::Lower => 4.0,
    }
}

/// How a line ends, from broken off to finished.
pub(crate) fn end(end: End) -> f32 {
    match end {
        End::Other => 0.0,
        End::Cut => 1.0,
        End::Comma => 2.0,
        End::Colon => 3.0,
        End::Stop => 4.0,
    }
}
